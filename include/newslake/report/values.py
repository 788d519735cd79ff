"""A value as the report shows it.

What it shows comes from articles, which anybody may have written: marks that steer the text around them are shown as
what they are, a link is made of web addresses only, and a query that can be pasted holds nothing a shell would run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from newslake.report.section import Form

LONGEST_VALUE: Final = 300
"""Longer values are cut on the page; the query has them whole. Titles are at most this long."""

# Control characters, and the marks that reverse or isolate the direction of text.
_STEERING = dict.fromkeys(
    [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd"
) | dict.fromkeys(map(ord, "\t\n\r"), " ")
_HAN, _KANA = re.compile("[㐀-鿿\U00020000-\U0003ffff]"), re.compile("[぀-ヿ]")
# Queries are pasted into shells: no quotation mark, dollar, backtick, backslash, exclamation mark or line break.
_PASTEABLE = re.compile(r"[\w '.,:;/()（），、：《》“”·&+%#@=?~—-]*")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A value as it is shown."""

    text: str
    form: Form = "text"
    share: float | None = None

    @property
    def is_chinese(self) -> bool:
        """Whether a browser should set it in Chinese letter forms."""
        return bool(_HAN.search(self.text)) and not _KANA.search(self.text)


def cell(value: Any, form: Form = "text") -> Cell:
    r"""A value as it is shown; what the page does not state is a dash.

    >>> cell(1234, "number").text, cell(0.125, "share").text, cell(["区长", "书记"]).text, cell(None).text
    ('1,234', '12 %', '区长 · 书记', '–')
    >>> cell("\u202eevil\x00").text
    '�evil�'
    """
    if value is None or value == []:
        return Cell("–", form)
    if form == "share":
        return Cell(f"{percent(value)} %", form, min(max(float(value), 0.0), 1.0))
    if form == "number":
        return Cell(f"{round(value, 1):,}".removesuffix(".0"), form)
    return Cell(clean(" · ".join(map(str, value)) if isinstance(value, list) else str(value)), form)


def clean(text: str) -> str:
    """A text of an article for the page, at most `LONGEST_VALUE` long."""
    text = text.translate(_STEERING)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def percent(share: float) -> str:
    """Whole per cent, but never 0 or 100 for what is neither.

    >>> [percent(share) for share in (0, 0.001, 0.5, 0.999, 1)]
    ['0', '<1', '50', '>99', '100']
    """
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"


def web_address(url: str) -> str | None:
    """The address where it may become a link: http or https, nothing that a browser would run.

    >>> web_address("https://daily.example/1.html"), web_address("javascript:alert(1)"), web_address("file:a/1.txt")
    ('https://daily.example/1.html', None, None)
    """
    return url if _WEB_ADDRESS.fullmatch(url) else None


def is_pasteable(value: object) -> bool:
    """Whether a value can stand in a query that is pasted into a shell.

    >>> is_pasteable("临江日报"), is_pasteable("$(reboot)")
    (True, False)
    """
    return bool(_PASTEABLE.fullmatch(str(value)))


def sql_value(value: object) -> str:
    """A value as SQL.

    >>> sql_value("O'Neil"), sql_value(None), sql_value(3)
    ("'O''Neil'", 'NULL', '3')
    """
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
