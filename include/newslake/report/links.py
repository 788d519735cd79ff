"""Where a value of the report leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any
from urllib.parse import quote

from newslake.report.answers import Sentence


@dataclass(frozen=True)
class Links:
    """Links between pages.

    Attributes:
        pages: articles that have a page.
        is_single: whether all pages are parts of one.
    """

    pages: frozenset[str]
    is_single: bool = False

    def to(self, target: str, record: Mapping[str, Any] | None = None, root: str = "") -> str | None:
        """The address of a page and anchor; None where there is none.

        Args:
            target: as in `Shown.leads`.
            record: the line whose values are put in.
            root: from the page to the site's folder.

        >>> Links(frozenset()).to("register.html#?body={body}", {"body": "区交通局 & co"})
        'register.html#?body=%E5%8C%BA%E4%BA%A4%E9%80%9A%E5%B1%80%20%26%20co'
        >>> Links(frozenset(), is_single=True).to("register.html"), Links(frozenset()).to("articles/{id}.html", {"id": "a1"})
        ('#page-register', None)
        """
        names = [name for _, name, _, _ in Formatter().parse(target) if name]
        if not target or any((record or {}).get(name) is None for name in names):
            return None
        if target.startswith("articles/"):
            article_id = (record or {}).get(names[0])
            return self.article(article_id, root=root)
        address = target.format_map({name: quote(str((record or {})[name]), safe="") for name in names})
        page, mark, anchor = address.partition("#")
        if self.is_single:
            return f"#{anchor}" if mark else f"#page-{page.removesuffix('.html')}"
        return (root + page if page else "") + mark + anchor

    def article(self, article_id: str | None, anchor: str = "", root: str = "") -> str | None:
        """The address of an article's page, if it has one."""
        return f"{root}articles/{article_id}.html{anchor}" if article_id in self.pages else None

    def sentence(self, one: Sentence, root: str = "") -> str | None:
        """The address of a sentence, if its article has a page."""
        return self.article(one.article_id, one.anchor, root)
