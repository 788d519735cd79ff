"""Bytes that are no text, and text of which too much was lost before it came here."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from newslake.clean.characters import HAN
from newslake.clean.charset_hints import without_code
from newslake.errors import ArticleRejected

MOST_CONTROLS: Final = 0.005
"""Share of control bytes beyond which bytes are not text; text holds a few at most."""

FEW_CONTROLS: Final = 8
"""So many are a slip in any text, if they are not `MANY_CONTROLS` of it."""

MANY_CONTROLS: Final = 0.05
"""Share of control bytes that not even a few bytes of text hold."""

MOST_REPLACED: Final = 0.01
"""Share of undecodable characters, of those beyond ASCII, from which a charset is not believed; one always is."""

QUESTION: Final = "吗呢吧嗎么麼嘛啊呀啦哪谁何"
"""What stands before question marks that ask something."""

LEAST_LOST: Final = 4
"""Question marks in place of ideographs, in runs, from which they are no punctuation."""

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
_MAGIC_BYTES: Final = tuple(magic for magic, _ in _MAGIC)
_LINE_CONTROLS: Final = b"\0\t\n\v\f\r\x1b"
"""Control characters that text may hold; NULs are found by the repairs."""

LOST: Final = re.compile(f"(?<=[{HAN}])(?<![{QUESTION}])[?]{{2,}}(?=[{HAN}])")
"""Question marks in the place of ideographs that a charset could not write."""


def refuse_binary(data: bytes) -> None:
    """Raises `binary` for bytes that are a file of another kind, or hold more control characters than text does."""
    if data.startswith(_MAGIC_BYTES):
        name = next(name for magic, name in _MAGIC if data.startswith(magic))
        raise ArticleRejected("binary", f"the bytes are a {name} file")
    codes = np.frombuffer(data, np.uint8)
    low = codes[codes < 32].tobytes()
    controls = len(low.translate(None, _LINE_CONTROLS)) + (data.count(b"\x7f") if b"\x7f" in data else 0)
    most = max(MOST_CONTROLS * len(data), min(FEW_CONTROLS, MANY_CONTROLS * len(data)), 1)
    if controls > most or data.count(b"\0") > max(most, MANY_CONTROLS * len(data)):
        raise ArticleRejected("binary", f"{controls} of {len(data)} bytes are control characters")


def refuse_torn(text: str) -> None:
    """Raises `undecodable` for text torn before it came here: characters that are question marks for good."""
    text = without_code(text)
    misread = text.count("锟斤拷")  # Once or twice, it is what the text is about.
    torn = text.count("\ufffd") + (misread if misread > 2 else 0)
    beyond_ascii = sum(character > "\x7f" for character in text)
    if (torn > 1 and torn > MOST_REPLACED * len(text)) or (torn >= 3 and torn > 2 * MOST_REPLACED * beyond_ascii):
        raise ArticleRejected("undecodable", f"{torn} of {beyond_ascii} characters beyond ASCII were lost earlier")
    lost = sum(map(len, LOST.findall(text)))
    if lost >= LEAST_LOST and lost > MOST_REPLACED * beyond_ascii:
        raise ArticleRejected("undecodable", f"{lost} question marks stand in place of characters")
    marks = text.count("?")
    if marks >= LEAST_LOST and not beyond_ascii and marks > 0.5 * len("".join(text.split())):
        raise ArticleRejected("undecodable", f"{marks} question marks are most of the text")
