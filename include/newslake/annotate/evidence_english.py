"""What English articles say became of named matters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from newslake.annotate.article import Article, Evidence, Sentence
from newslake.annotate.evidence_names import CONFIDENCE
from newslake.annotate.matters import matter

REPORT = re.compile(
    r"(?P<subject>[A-Z][\w '’-]{4,80}?) (?:(?:was|were|has been|have been) (?:officially |finally )?"
    r"(?:(?P<completed>completed|opened|finished|commissioned|delivered|put into (?:use|operation)|closed out)"
    r"|(?P<started>started|begun|launched))|(?P<opened>opened) (?:to traffic|to the public|on|in)\b"
    r"|(?P<began>broke ground|got under way))"
)
_SHORTEST = 3
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
# Only a time stands in front of a plain report.
_LEAD = re.compile(r"[\s\"“]*(?:(?:On|In|By|At|Last|This|Yesterday|Today|Earlier)\b[^,]{0,30},\s*)?")
_NO_REPORT = re.compile(
    r"\b(?:if|whether|when|once|after|before|until|unless|as|while|where|that|which|who|not|no|never|how|why|plans?|hopes?|says?|said)\b",
    re.IGNORECASE,
)


def english_evidence(article: Article, sentence: Sentence) -> Iterator[Evidence]:
    """Plain reports of a sentence: a subject at its beginning, and no condition, question or earlier year."""
    known = article.event_date or article.published_date
    words = article.text[sentence.start : sentence.end]
    if words.rstrip().endswith("?") or _is_history(words, article.published_date or known):
        return
    for match in REPORT.finditer(article.text, sentence.start, sentence.end):
        lead = _LEAD.match(article.text, sentence.start, match.end())
        start = lead.end() if lead else sentence.start
        name = matter(article.text[start : match.end("subject")], None)
        subject = article.text[start : match.end("subject")]
        if start > match.end("subject") or "," in subject or _NO_REPORT.search(subject) or len(name) < _SHORTEST:
            continue
        kind = "started" if match["started"] or match["began"] else "completed"
        confidence = CONFIDENCE["beside"]
        yield Evidence(start=start, end=match.end(), kind=kind, matter=name, confidence=confidence, at=known)


def _is_history(words: str, known: date | None) -> bool:
    return known is not None and any(int(year) < known.year for year in _YEAR.findall(words))
