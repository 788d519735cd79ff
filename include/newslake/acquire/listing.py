"""What feeds, sitemaps and list pages have in common: the addresses they name, and text out of their bytes."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""")
_HEAD_BYTES = 2_048
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252"}
"""What is labelled with the left is often the right, which contains it (as browsers read it: encoding.spec.whatwg.org)."""
_IDEOGRAPHS = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
_CHINA = timezone(timedelta(hours=8))
_ISO_LIKE = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


class Entry(NamedTuple):
    """A page that a listing names.

    Attributes:
        url: absolute, as the listing spells it.
        modified_at: when it changed, says the listing: ISO 8601 in UTC, or None.
        content: the document itself as a JSON record, where the listing holds it.
    """

    url: str
    modified_at: str | None = None
    content: bytes | None = None


class Listing(NamedTuple):
    """What a listing names.

    Attributes:
        entries: pages, in its order.
        listings: further listings, such as the sitemaps of an index.
        notes: lines for the user on what was left out.
    """

    entries: list[Entry]
    listings: list[str]
    notes: list[str]


class ListingFault(Exception):
    """A listing that cannot be read.

    Attributes:
        reason: stable snake_case.
        detail: for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def text_of(content: bytes, charset: str | None) -> str:
    """The text of a listing, whatever charset it says it has.

    Bytes that are valid UTF-8 beyond ASCII are hardly ever anything else, so labels come after it; GB18030 is tried
    last, since most Chinese pages with a wrong label are in it.

    >>> text_of("<?xml version='1.0' encoding='gb2312'?><t>会议</t>".encode(), "iso-8859-1")[-9:]
    '<t>会议</t>'
    >>> text_of("<?xml version='1.0' encoding='utf-8'?><t>会议</t>".encode("gbk"), None)[-9:]
    '<t>会议</t>'
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    declared = _DECLARED.search(content[:_HEAD_BYTES])
    labels = [label.lower() for label in (charset, declared[1].decode("ascii") if declared else None) if label]
    # A server that knows nothing says Latin-1, which fits any bytes.
    labels.sort(key=lambda label: _WIDER.get(label) == "cp1252")
    for label in ("utf-8", *labels, "gb18030"):
        encoding = _WIDER.get(label, label)
        if encoding == "cp1252" and (text := _decoded(content, "gb18030")) and _is_chinese(text):
            return text
        if (text := _decoded(content, encoding)) is not None:
            return text
    return content.decode("utf-8", "replace")


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_chinese(text: str) -> bool:
    """Whether ideographs stand in a row; accented letters misread for them stand alone.

    >>> _is_chinese("今日会议"), _is_chinese("Café résumé à Liège".encode("cp1252").decode("gb18030", "replace"))
    (True, False)
    """
    runs = _IDEOGRAPHS.findall(text)
    return bool(runs) and sum(map(len, runs)) >= 2 * len(runs)


def moment(printed: str | None, zone_name: str | None) -> datetime | None:
    """A point in time as feeds and sitemaps print it (RFC 822, ISO 8601 and their misspellings); None for what is none.

    Args:
        printed: the text.
        zone_name: IANA zone of times without one; UTC when None. It also decides what `CST` means.

    >>> moment("Mon, 08 Jan 2024 10:00:00 CST", "Asia/Shanghai").isoformat()
    '2024-01-08T02:00:00+00:00'
    >>> moment("2024-1-8 9:30", None).isoformat(), moment("yesterday", None), moment("2024-13-45", None)
    ('2024-01-08T09:30:00+00:00', None, None)
    """
    if not printed or not printed.strip():
        return None
    zone = ZoneInfo(zone_name) if zone_name else UTC
    try:
        found = _iso(printed) or _rfc822(printed, is_chinese=bool(zone_name and zone_name.startswith("Asia/")))
        if found is None:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(printed: str) -> datetime | None:
    printed = printed.strip()
    if not printed[:4].isdigit():
        return None
    try:
        return datetime.fromisoformat(printed)
    except ValueError:
        match = _ISO_LIKE.match(printed)
        return datetime(*(int(part or 0) for part in match.groups())) if match else None  # type: ignore[arg-type]


def _rfc822(printed: str, is_chinese: bool) -> datetime | None:
    try:
        found = parsedate_to_datetime(printed)
    except (ValueError, TypeError):
        return None
    # By RFC 822, CST is North America's; in Chinese feeds it is China's.
    return found.replace(tzinfo=_CHINA) if is_chinese and printed.rstrip().endswith("CST") else found


def stamp(printed: str | None, zone_name: str | None) -> str | None:
    """`moment` as text that sorts in time.

    >>> stamp("2024-01-08T10:00:00+08:00", None)
    '2024-01-08T02:00:00Z'
    """
    found = moment(printed, zone_name)
    return f"{found.replace(microsecond=0, tzinfo=None).isoformat()}Z" if found else None
