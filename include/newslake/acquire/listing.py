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
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")
UTF8_SHARE = 4
"""So many sound characters beyond ASCII for each that is none, and it is UTF-8 that was damaged."""
_CHINA = timezone(timedelta(hours=8))
_CENTRAL = timezone(timedelta(hours=-6))
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ].*)?|\d{8}(?:T.*)?", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?!\d)日?", re.ASCII)
_ISO_LIKE = re.compile(
    _DAY.pattern
    + r"(?:\s*[(（]?(?:(?:星期|周)?[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})[)）]?[.,]?)?"
    r"(?:(?:[Tt\s]+|(?<=\D))(\d{1,2})[:：时点](\d{1,2})(?:[:：分](\d{1,2})(?:\.\d+)?秒?)?分?"
    r"\s*(Z|UTC|GMT|CST|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_HALF_OF_DAY = re.compile(r"(?:(?<=[0-9])|\s)([ap])\.?m\b\.?", re.IGNORECASE)
FIRST_YEAR = 1990
"""There was no web before; what says an earlier one means something else, or nothing."""


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
        broken: why some of it could not be read; then it is to be read anew next time.
    """

    entries: list[Entry]
    listings: list[str]
    notes: list[str]
    broken: str | None = None


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
    """The text of a listing, whatever charset it says it has; see `decoded`."""
    return decoded(content, charset)[0]


def decoded(content: bytes, charset: str | None) -> tuple[str, str]:
    r"""The text of a listing and its encoding.

    Bytes that are valid UTF-8 beyond ASCII are hardly ever anything else, so labels come after it; GB18030 is tried
    last, since most Chinese pages with a wrong label are in it. Where no charset fits all bytes, it is the one with the
    fewest that do not.

    >>> text_of("<?xml version='1.0' encoding='gb2312'?><t>会议</t>".encode(), "iso-8859-1")[-9:]
    '<t>会议</t>'
    >>> text_of("<?xml version='1.0' encoding='utf-8'?><t>会议</t>".encode("gbk"), None)[-9:]
    '<t>会议</t>'
    >>> decoded("今日会议".encode("gbk") + b"\xbb<", "gb2312")
    ('今日会议\ufffd<', 'gb18030')
    """
    for mark, encoding in BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    labels = [*labels_of(content, charset), "gb18030"]
    if (text := _decoded(content, "utf-8")) is not None:
        return text, "utf-8"
    text = content.decode("utf-8", "replace")
    # Bytes of other charsets are characters of UTF-8 now and then, never nearly all.
    if len(_BEYOND_ASCII.findall(text)) > UTF8_SHARE * text.count("\ufffd"):
        return text, "utf-8"
    for encoding in labels:
        if encoding == "cp1252" and _is_chinese(text := content.decode("gb18030", "replace")):
            return text, "gb18030"
        if (strict := _decoded(content, encoding)) is not None:
            return strict, encoding
    damaged = [(_decoded(content, encoding, "replace") or "", encoding) for encoding in (*labels, "utf-8")]
    return min(damaged, key=lambda found: found[0].count("\ufffd"))


def labels_of(content: bytes, charset: str | None) -> list[str]:
    """The encodings, of those known here, that the transport and the text's head name; Latin-1 last.

    A server that knows nothing says Latin-1, which fits any bytes.

    >>> labels_of(b"<?xml version='1.0' encoding='GB2312'?>", "iso-8859-1"), labels_of(b"", "zip")
    (['gb18030', 'cp1252'], [])
    """
    declared = _DECLARED.search(content[:_HEAD_BYTES])
    labels = [label.lower() for label in (charset, declared[1].decode("ascii") if declared else None) if label]
    encodings = dict.fromkeys(_WIDER.get(label, label) for label in labels)
    return sorted(filter(_is_encoding, encodings), key=lambda encoding: encoding == "cp1252")


def _is_encoding(label: str) -> bool:
    try:
        b"    ".decode(label, "replace")
    except (LookupError, UnicodeError):
        return False
    return True


def _decoded(content: bytes, encoding: str, errors: str = "strict") -> str | None:
    try:
        return content.decode(encoding, errors)
    except (UnicodeError, LookupError):
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
    found, is_certain = _read(printed, zone_name)
    return found if is_certain else None


def stamp(printed: str | None, zone_name: str | None) -> str | None:
    """`moment` as text that sorts in time; the beginning of the day where the time of day is not understood.

    >>> stamp("2024-01-08T10:00:00+08:00", None), stamp("2024年1月8日 下午3:30", None)
    ('2024-01-08T02:00:00Z', '2024-01-08T00:00:00Z')
    """
    found, _ = _read(printed, zone_name)
    return f"{found.replace(microsecond=0, tzinfo=None).isoformat()}Z" if found else None


def _read(printed: str | None, zone_name: str | None) -> tuple[datetime | None, bool]:
    """The time in UTC, and whether it is more than the day of something that was not understood."""
    printed = (printed or "").strip()
    is_chinese = bool(zone_name and zone_name.startswith("Asia/"))
    half = _HALF_OF_DAY.search(printed)
    bare = printed[: half.start()] + printed[half.end() :] if half else printed
    try:
        found = _iso(bare, is_chinese) if bare[:4].isdigit() else _rfc822(bare, is_chinese)
        is_certain = found is not None and (half is None or 0 < found.hour <= 12)
        if found is None:
            found = _day(bare)
        elif half:
            hour = found.hour % 12 + (12 if half[1] in "Pp" else 0)
            found = found.replace(hour=hour) if is_certain else found.replace(hour=0, minute=0, second=0)
        if found is None or found.year < FIRST_YEAR:
            return None, False
        zone = ZoneInfo(zone_name) if zone_name else UTC
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC), is_certain
    except (ValueError, OverflowError):
        return None, False


def _day(printed: str) -> datetime | None:
    match = _DAY.match(printed)
    return datetime(*map(int, match.groups())) if match else None  # type: ignore[arg-type]


def _iso(printed: str, is_chinese: bool) -> datetime | None:
    """None where anything is left over, such as 下午: nobody knows what it does to the time."""
    if _ISO.fullmatch(printed):
        try:
            return datetime.fromisoformat(printed)
        except ValueError:
            pass
    match = _ISO_LIKE.fullmatch(printed)
    if not match:
        return None
    *parts, zone = match.groups()
    found = datetime(*(int(part or 0) for part in parts))  # type: ignore[arg-type]
    if zone is None:
        return found
    if zone.upper() == "CST":
        return found.replace(tzinfo=_CHINA if is_chinese else _CENTRAL)
    return found.replace(tzinfo=UTC if zone[0] not in "+-" else datetime.strptime(zone, "%z").tzinfo)


def _rfc822(printed: str, is_chinese: bool) -> datetime | None:
    try:
        found = parsedate_to_datetime(printed)
    except (ValueError, TypeError):
        return None
    if printed.endswith("-0000"):
        # By RFC 5322 (3.3), UTC, wherever it was written.
        return found.replace(tzinfo=UTC)
    # By RFC 822, CST is North America's; in Chinese feeds it is China's.
    return found.replace(tzinfo=_CHINA) if is_chinese and printed.endswith("CST") else found
