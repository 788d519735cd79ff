"""Bytes to text: the charset ladder."""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

from newslake.errors import ArticleRejected

MOST_CONTROLS: Final = 0.005
"""Share of control bytes beyond which bytes are not text; text holds a few at most."""

MOST_REPLACED: Final = 0.01
"""Share of undecodable characters beyond which a charset is not believed."""

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
_VAGUE: Final = frozenset({"cp1252"})
"""What servers send without looking, and what decodes anything: believed only after the other steps."""

_META: Final = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_META_WITHIN: Final = 8_192
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b") + b"\x7f"


class Decoded(NamedTuple):
    """`text`, the charset that gave it, and the step: bom, utf8, http, meta or detected."""

    text: str
    charset: str
    charset_source: str


def decode(data: bytes, http_charset: str | None) -> Decoded:
    """Decodes a document by the first step that fits: BOM, strict UTF-8, HTTP, meta, detection.

    A declared charset that does not decode every byte is passed over; gb2312 and big5 are read as
    their supersets gb18030 and big5hkscs. Detection alone may leave a few characters replaced.

    Args:
        data: the document.
        http_charset: the charset named by the transport, if any.

    Raises:
        ArticleRejected: `empty`, `binary` or `undecodable`.

    >>> decode("会议".encode(), None)
    Decoded(text='会议', charset='utf-8', charset_source='utf8')
    >>> decode('<meta charset="gb2312">会议'.encode("gbk"), None)[1:]
    ('gb18030', 'meta')
    """
    if not data.strip():
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    decoded = _by_mark(data) or _by_declaration(data, http_charset) or _by_detection(data, http_charset)
    text = decoded.text
    if not text.strip(" \t\r\n\ufeff\u3000\xa0\0"):
        raise ArticleRejected("empty", f"{len(data)} bytes, none of them visible")
    return decoded._replace(text=text.replace("\0", "")) if "\0" in text else decoded


def _by_mark(data: bytes) -> Decoded | None:
    for mark, charset in _BOMS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], charset)
            return None if text is None else Decoded(text, charset, "bom")
    return None


def _by_declaration(data: bytes, http_charset: str | None) -> Decoded | None:
    _refuse_binary(data)
    text = _strictly(data, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", "utf8")
    for label, source in ((http_charset, "http"), (_meta_charset(data), "meta")):
        charset = known_charset(label)
        if charset is None or charset in _VAGUE:
            continue
        text = _strictly(data, charset)
        if text is not None:
            return Decoded(text, charset, source)
    return None


def _by_detection(data: bytes, http_charset: str | None) -> Decoded:
    """The charset that detection names, else UTF-8 or GB18030 with bytes torn."""
    from resiliparse.parse.encoding import detect_encoding

    charset = known_charset(detect_encoding(data)) or "utf-8"
    least = 1.0
    for candidate in dict.fromkeys((charset, "utf-8", "gb18030")):
        text = data.decode(candidate, "replace")
        replaced = text.count("\ufffd") / max(1, len(text))
        if replaced <= MOST_REPLACED:
            return Decoded(text, candidate, _vague_source(data, http_charset, candidate) or "detected")
        least = min(least, replaced)
    raise ArticleRejected("undecodable", f"at least {least:.0%} of the characters fit no charset")


def _vague_source(data: bytes, http_charset: str | None, charset: str) -> str | None:
    """Which declaration, not believed by itself, detection has confirmed."""
    if charset in _VAGUE:
        for label, source in ((http_charset, "http"), (_meta_charset(data), "meta")):
            if known_charset(label) == charset:
                return source
    return None


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
    # Codecs such as rot13 or base64 are no charsets.
    if not found._is_text_encoding:
        return None
    return _WIDER.get(found.name, found.name)


def _meta_charset(data: bytes) -> str | None:
    match = _META.search(data, 0, _META_WITHIN)
    return match[1].decode("ascii") if match else None


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        return None


def _refuse_binary(data: bytes) -> None:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            raise ArticleRejected("binary", f"the bytes are a {name} file")
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > MOST_CONTROLS * len(data) and controls > 1:
        raise ArticleRejected("binary", f"{controls} of {len(data)} bytes are control characters")
