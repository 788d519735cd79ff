"""Bytes to text: the charset ladder."""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

import numpy as np

from newslake.clean.charset_hints import EASTERN, NATS_A_WORD, compose_hangul, leans_east, without_code
from newslake.clean.mojibake import Misreading, is_mojibake, is_suspicious, strictly, take_back
from newslake.clean.plausibility import CLEARLY, LEAST_MEAN, score
from newslake.errors import ArticleRejected

MOST_CONTROLS: Final = 0.005
"""Share of control bytes beyond which bytes are not text; text holds a few at most."""

MOST_REPLACED: Final = 0.01
"""Share of undecodable characters, of those beyond ASCII, from which a charset is not believed."""

LEAST_MARGIN: Final = 4.0
"""Nats by which the best reading has to be more plausible than the next: e^4 is about 50 to 1."""

DECLARED: Final = 7.0
"""Nats that a declaration is worth: it is wrong in about one page of a thousand."""

ENOUGH_CHARACTERS: Final = 40
"""Characters beyond ASCII from which a clearly plausible declared reading needs no comparison."""

MOST_COMPARED: Final = 400_000
"""Bytes of a document on which charsets are compared."""

MOST_RARE: Final = 24
LEAST_RARE: Final = -15.5
"""A declared charset may give so many characters, all of them rare (a list of names), where no other fits better."""

_FAMILIES: Final = {
    "utf-8": ("hans", "hant", "ja", "ko", "latin", "other"),
    "gb18030": ("hans", "hant"),
    "big5hkscs": ("hant",),
    "cp932": ("ja",),
    "euc_jp": ("ja",),
    "cp949": ("ko",),
    "cp1252": ("latin",),
}
"""The charsets that are always compared, and the languages written in them. Others are declared or detected."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
    (b"\x7fELF", "ELF"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"PAR1", "Parquet"),
)
_BOM_BYTES: Final = tuple(mark for mark, _ in _BOMS)
_MAGIC_BYTES: Final = tuple(magic for magic, _ in _MAGIC)
_WIDER: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
}
_ALIASES: Final = {
    "x-gbk": "gbk",
    "x-x-big5": "big5",
    "x-sjis": "shift_jis",
    "unicode": "utf-8",
    "utf8mb4": "utf-8",
    "gb2312-80": "gb2312",
}
_NOT_OF_PAGES: Final = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
_VAGUE: Final = frozenset({"cp1252"})
"""What servers send without looking, and what decodes anything: believed only after the other steps."""

_THREE_BYTES: Final = re.compile(rb"[\xe0-\xff]")
_ESCAPE: Final = b"\x1b"
_META: Final = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_META_WITHIN: Final = 8_192
_LINE_CONTROLS: Final = b"\t\n\v\f\r\x1b"
"""Control characters that text may hold."""


class Decoded(NamedTuple):
    """`text`, the charset that gave it, and the step: bom, utf8, http, meta, detected or mojibake.

    After mojibake `charset` also says how the text had been misread, "utf-8 (utf-8 as cp1252)", and
    `misreadings` leads back to the text as found.
    """

    text: str
    charset: str
    charset_source: str
    misreadings: tuple[Misreading, ...] = ()


def decode(data: bytes, http_charset: str | None) -> Decoded:
    """Decodes a document by the first step that fits: BOM, strict UTF-8, HTTP, meta, detection.

    gb2312 and big5 are read as their supersets gb18030 and big5hkscs. A declared charset has to
    decode every byte and to give plausible text (`plausibility`); else all charsets in use are
    compared. Mojibake that was saved as such is taken back where that is exact.

    Args:
        data: the document.
        http_charset: the charset named by the transport, if any.

    Raises:
        ArticleRejected: `empty`, `binary` or `undecodable`.

    >>> decode("会议".encode(), None)[:3]
    ('会议', 'utf-8', 'utf8')
    >>> decode('<meta charset="gb2312">会议'.encode("gbk"), None)[1:3]
    ('gb18030', 'meta')
    >>> decode("市里召开会议，讨论工作".encode("gbk"), "big5")[1:3]
    ('gb18030', 'detected')
    """
    if not data.strip():
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    decoded = _by_mark(data)
    if decoded is None:
        data = data.removeprefix(codecs.BOM_UTF8)
        decoded = _by_zeros(data, http_charset) or _by_utf8(data, http_charset) or _by_comparison(data, http_charset)
    text = decoded.text
    if not text.strip(" \t\r\n\ufeff\u3000\xa0\0"):
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    if is_suspicious(text):
        decoded = _taken_back(decoded)
        text = decoded.text
    if "\ufffd" in text or "锟" in text:
        _refuse_torn(text)
    return decoded


def _taken_back(decoded: Decoded) -> Decoded:
    text, misreadings = take_back(decoded.text)
    if is_mojibake(text):
        raise ArticleRejected("undecodable", "the text was misread earlier, and not all of it can be taken back")
    if not misreadings:
        return decoded
    names = ", ".join(misreading.name for misreading in misreadings)
    return Decoded(text, f"{decoded.charset} ({names})", "mojibake", misreadings)


def _by_mark(data: bytes) -> Decoded | None:
    if not data.startswith(_BOM_BYTES):
        return None
    for mark, charset in _BOMS:
        if data.startswith(mark):
            text = strictly(data[len(mark) :], charset)
            return None if text is None else Decoded(text, charset, "bom")
    return None


def _by_zeros(data: bytes, http_charset: str | None) -> Decoded | None:
    """UTF-16 without a mark: every second byte of its ASCII is zero."""
    if b"\0" not in data or len(data) % 2:
        return None
    even, odd = data[::2].count(0), data[1::2].count(0)
    charset = "utf-16-be" if even > odd else "utf-16-le"
    text = strictly(data, charset)
    if text is None or "\0" in text:
        return None
    reading = score(text, _FAMILIES["utf-8"])
    if reading.mean < LEAST_MEAN:
        return None
    _refuse_binary(text.encode())
    is_declared = known_charset(http_charset) in ("utf-16", charset)
    return Decoded(text, charset, "http" if is_declared else "detected")


def _by_utf8(data: bytes, http_charset: str | None) -> Decoded | None:
    """Strict UTF-8, which no other text passes for, unless it is a few characters long."""
    _refuse_binary(data)
    text = strictly(data, "utf-8")
    if text is None or _escaped(data) is not None:
        return None
    if not text.isascii() and _THREE_BYTES.search(data) is None:
        found = score(text, _FAMILIES["utf-8"])
        if (
            found.characters <= ENOUGH_CHARACTERS
            and _readings(data, http_charset)[0].total > found.total + LEAST_MARGIN
        ):
            return None
    return Decoded(text, "utf-8", "utf8")


def _by_comparison(data: bytes, http_charset: str | None) -> Decoded:
    """The declared charset where it is clearly plausible, else the best reading of all."""
    escaped = _escaped(data)
    if escaped is not None:
        return Decoded(escaped, "iso2022_jp", "detected")
    for charset, source in _declared(data, http_charset).items():
        text = strictly(data, charset) if charset in _FAMILIES and charset not in _VAGUE else None
        if text is not None:
            text = compose_hangul(text) if charset == "cp949" else text
            reading = score(text, _families(charset))
            if reading.characters >= ENOUGH_CHARACTERS and reading.mean >= CLEARLY:
                return Decoded(text, charset, source)
    return _best(data, http_charset)


def _best(data: bytes, http_charset: str | None) -> Decoded:
    readings = _readings(data, http_charset)
    if not readings:
        raise ArticleRejected("undecodable", f"more than {MOST_REPLACED:.0%} of the characters fit no charset")
    best = readings[0]
    declared = _declared(data, http_charset).get(best.charset)
    rare = declared is not None and best.characters <= MOST_RARE and best.mean > LEAST_RARE
    if best.mean < LEAST_MEAN and not rare:
        raise ArticleRejected("undecodable", f"{best.charset} fits best, but the text is implausible in it")
    others = [other for other in readings if other.text != best.text]
    if others and best.total - others[0].total < LEAST_MARGIN:
        raise ArticleRejected("undecodable", f"{best.charset} and {others[0].charset} fit alike")
    text = best.text if len(data) <= MOST_COMPARED else _replacing(data, best.charset)
    return Decoded(text, best.charset, declared or "detected")


class _Candidate(NamedTuple):
    """One reading of the bytes; `total` counts what a declaration is worth."""

    total: float
    mean: float
    characters: int
    charset: str
    text: str


def _readings(data: bytes, http_charset: str | None) -> list[_Candidate]:
    """What the bytes say in each charset in which at most a few do not fit, the most plausible first."""
    from resiliparse.parse.encoding import detect_encoding

    declared = _declared(data, http_charset)
    detected = known_charset(detect_encoding(data[:MOST_COMPARED]))
    found: list[_Candidate] = []
    for charset in dict.fromkeys((*declared, *_FAMILIES, *([detected] if detected else []))):
        text = _replacing(data[:MOST_COMPARED], charset)
        reading = score(text, _families(charset))
        if text.count("\ufffd") > max(MOST_REPLACED * reading.characters, _ends_torn(text)):
            continue
        worth = DECLARED if charset in declared and charset not in _VAGUE else 0.0
        if charset not in _FAMILIES:
            # Charsets of one byte a character decode anything: a few characters are no evidence for them.
            worth = min(worth, 0.4 * reading.characters)
            if charset in EASTERN:
                lean = leans_east(text)
                worth = (worth if lean >= 0 else 0.0) + NATS_A_WORD * lean
        found.append(_Candidate(reading.total + worth, reading.mean, reading.characters, charset, text))
    return sorted(found, reverse=True)


def _replacing(data: bytes, charset: str) -> str:
    text = data.decode(charset, "replace")
    return compose_hangul(text) if charset == "cp949" else text


def _ends_torn(text: str) -> bool:
    return text.endswith("\ufffd")


def _families(charset: str) -> tuple[str, ...]:
    return _FAMILIES.get(charset, ("latin", "other"))


def _declared(data: bytes, http_charset: str | None) -> dict[str, str]:
    """Declared charset → who declares it, the transport before the page."""
    found: dict[str, str] = {}
    for label, source in ((http_charset, "http"), (_meta_charset(data), "meta")):
        charset = known_charset(label)
        if charset is not None:
            found.setdefault(charset, source)
    return found


def _escaped(data: bytes) -> str | None:
    """ISO-2022-JP, which is ASCII with escape sequences."""
    # One byte is looked for first: that is forty times as fast as looking for three.
    return strictly(data, "iso2022_jp") if _ESCAPE in data and b"\x1b$B" in data else None


def _refuse_torn(text: str) -> None:
    """Refuses what was torn before it came here: characters that are question marks for good."""
    text = without_code(text)
    misread = text.count("锟斤拷")  # Once or twice, it is what the text is about.
    torn = text.count("\ufffd") + (misread if misread > 2 else 0)
    beyond_ascii = sum(character > "\x7f" for character in text)
    if torn > MOST_REPLACED * len(text) or (torn >= 3 and torn > 2 * MOST_REPLACED * beyond_ascii):
        raise ArticleRejected("undecodable", f"{torn} of {beyond_ascii} characters beyond ASCII were lost earlier")


def known_charset(label: str | None) -> str | None:
    """The codec that reads what a label names, the superset where one is in use; None if unknown.

    >>> known_charset("GB2312"), known_charset("big5"), known_charset("nonsense")
    ('gb18030', 'big5hkscs', None)
    """
    if not label:
        return None
    label = label.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError):
        return None
    # Codecs such as rot13 or base64 are no charsets, and some that are say nothing of pages.
    if not found._is_text_encoding or found.name in _NOT_OF_PAGES:
        return None
    return _WIDER.get(found.name, found.name)


def _meta_charset(data: bytes) -> str | None:
    match = _META.search(data, 0, _META_WITHIN)
    return match[1].decode("ascii") if match else None


def _refuse_binary(data: bytes) -> None:
    if data.startswith(_MAGIC_BYTES):
        name = next(name for magic, name in _MAGIC if data.startswith(magic))
        raise ArticleRejected("binary", f"the bytes are a {name} file")
    codes = np.frombuffer(data, np.uint8)
    low = codes[codes < 32].tobytes()
    controls = len(low.translate(None, _LINE_CONTROLS)) + (data.count(b"\x7f") if b"\x7f" in data else 0)
    if controls > MOST_CONTROLS * len(data) and controls > 1:
        raise ArticleRejected("binary", f"{controls} of {len(data)} bytes are control characters")
