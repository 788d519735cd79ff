"""To which policy domain a task belongs."""

from __future__ import annotations

import re
from functools import cache

from newslake.annotate.words.patterns import alternation, kinds_of_words, searchable


@cache
def _words() -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    """A pattern for all words of the list, and the domains of each word."""
    domains: dict[str, list[str]] = {}
    for domain, words in kinds_of_words("domains").items():
        for word in words:
            domains.setdefault(word, []).append(domain)
    latin = alternation(word for word in domains if word.isascii() and word.isalpha())
    others = searchable(word for word in domains if not (word.isascii() and word.isalpha()))
    pattern = re.compile(f"{others}|\\b{latin}\\b" if latin else others)
    return pattern, {word: tuple(named) for word, named in domains.items()}


def domain_of(task: str) -> str | None:
    """The domain of `seeds/reference/domains.txt` whose words occur most often; null for none, and for a tie.

    >>> domain_of("加快建设龙头港铁路专用线"), domain_of("build a kindergarten")
    ('transport', 'education')
    >>> domain_of("确保完成") is None, domain_of("建设学校和医院") is None
    (True, True)
    """
    pattern, domains = _words()
    scores: dict[str, int] = {}
    for word in pattern.findall(task):
        for domain in domains[word]:
            scores[domain] = scores.get(domain, 0) + 1
    if not scores:
        return None
    most = max(scores.values())
    best = [domain for domain, score in scores.items() if score == most]
    return best[0] if len(best) == 1 else None
