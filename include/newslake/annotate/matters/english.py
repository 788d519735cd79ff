"""What an English task or report is about."""

from __future__ import annotations

import re

_LEADING = re.compile(
    r"(?:(?:to|must|shall|should|will|would|be|has|have|had|and|also|then|officials|ordered|the|a|an|its|their|all|some"
    r"|new|more than|at least|about|up to|another|build|rebuild|complete|finish|open|renovate|construct|expand|upgrade"
    r"|create|launch|start|begin|set up|establish|add|install|repair|clean up|clean|publish|extend|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens of|hundreds of|improve|plant|plan"
    r"|accelerate|speed up|ensure|deliver|put|bring|make|provide|train|raise|cut|reduce|link"
    r"|completion of|construction of|renovation of|opening of|work on|\$?\d[\d.,]*(?:-[a-z]+)?|million|billion|percent"
    r"|kilomet(?:er|re)s?(?: of)?|km(?: of)?|square|hectares?(?: of)?|met(?:er|re)s?(?: of)?|tons?(?: of)?)\b\s*)+",
    re.IGNORECASE,
)
_PREDICATE = re.compile(
    r"[,;:.]\s|\s(?:must|shall|by|before|within|until|at|in (?:20\d\d|[A-Z][a-z]+)|on|this|next|was|were|is|are|has|have|had|will|"
    r"opened|opens|began|begins|started|starts|entered|went|came|reached|that|which|who|so|to|with|for|from|for|ahead|"
    r"near|along|completed|finished|under)\b"
)
_TRAILING = re.compile(
    r"[\s.,;:]*\b(?:project|projects|construction|work|works|program|programme)?[\s.,;:]*$", re.IGNORECASE
)


def english_matter(task: str) -> str:
    """The object of an English task, in small letters, without article, verb, figures and time.

    >>> english_matter("complete construction of a 3.2-kilometer rail spur by the end of 2026.")
    'rail spur'
    >>> english_matter("42 housing estates were renovated"), english_matter("renovate 42 housing estates")
    ('housing estates', 'housing estates')
    """
    text = " ".join(task.split())
    beginning = _LEADING.match(text)
    name = text[beginning.end() if beginning else 0 :]
    predicate = _PREDICATE.search(name)
    name = name[: predicate.start()] if predicate else name
    name = _TRAILING.sub("", name, count=1).strip().lower()
    return name or text.lower()
