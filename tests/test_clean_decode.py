"""The charset ladder and what it refuses."""

from __future__ import annotations

import codecs
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.clean.decode import decode, known_charset
from newslake.clean.mojibake import repair_mojibake
from newslake.errors import ArticleRejected

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases" / "decode.jsonl").read_text(encoding="utf-8").splitlines()
]

SIMPLIFIED = "昨天下午，市里召开会议，讨论明年的工作安排，各部门负责人参加了会议。" * 4
TRADITIONAL = "昨天下午，市裡召開會議，討論明年的工作安排，各部門負責人參加了會議。" * 4


def bytes_of(case: dict[str, Any]) -> bytes:
    """The bytes of a case: `hex`, or `text` along a `chain` of charsets to write (">" read, "?>" read with loss)."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    current: Any = case["text"]
    for step in case["chain"]:
        if step.startswith("?>"):
            current = current.decode(step[2:], "replace")
        elif step.startswith(">"):
            # What a charset lacks becomes a control character, as in browsers.
            current = current.decode(step[1:], "as_latin_1")
        else:
            current = current.encode(step)
    return bytes(current)


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("as_latin_1", _as_latin_1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases(case):
    data = bytes_of(case)
    if "refused" in case:
        with pytest.raises(ArticleRejected) as refusal:
            decode(data, case.get("http"))
        assert refusal.value.reason == case["refused"]
    else:
        decoded = decode(data, case.get("http"))
        assert decoded[:3] == (case["expected"], case["charset"], case["charset_source"])


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_mojibake_repair_takes_any_text_and_repeats_nothing(text):
    repaired, misreading = repair_mojibake(text)
    assert (misreading is None) == (repaired == text)
    if misreading is None or "," not in misreading:
        assert repair_mojibake(repaired) == (repaired, None)


@pytest.mark.parametrize(
    ("data", "http_charset", "charset", "source"),
    [
        (SIMPLIFIED.encode("utf-8-sig"), None, "utf-8", "bom"),
        (b"\xff\xfe" + SIMPLIFIED.encode("utf-16-le"), None, "utf-16-le", "bom"),
        (b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"), "gbk", "utf-16-be", "bom"),
        (SIMPLIFIED.encode(), "gbk", "utf-8", "utf8"),
        (SIMPLIFIED.encode("gbk"), "GB2312", "gb18030", "http"),
        (TRADITIONAL.encode("big5"), "big5", "big5hkscs", "http"),
        (b'<meta charset="gbk">' + SIMPLIFIED.encode("gbk"), None, "gb18030", "meta"),
        (
            b'<meta http-equiv=Content-Type content="text/html; charset=big5">' + TRADITIONAL.encode("big5"),
            None,
            "big5hkscs",
            "meta",
        ),
        (b'<meta charset="gbk">' + SIMPLIFIED.encode("gbk"), "iso-8859-1", "gb18030", "meta"),
        (b'<meta charset="gbk">' + SIMPLIFIED.encode("gbk"), "utf-8", "gb18030", "meta"),
        (b'<meta charset="gbk">' + SIMPLIFIED.encode("gbk"), "no-such-charset", "gb18030", "meta"),
        (SIMPLIFIED.encode("gbk"), None, "gb18030", "detected"),
        (TRADITIONAL.encode("big5"), "utf-8", "big5hkscs", "detected"),
    ],
)
def test_the_steps_of_the_ladder(data, http_charset, charset, source):
    decoded = decode(data, http_charset)
    assert decoded.text.endswith((SIMPLIFIED, TRADITIONAL))
    assert decoded[1:3] == (charset, source)


def test_latin_1_is_believed_when_detection_agrees():
    data = "Le conseil a décidé hier d'élargir la rue après l'été, à côté de la forêt.".encode("latin-1")
    assert decode(data, "iso-8859-1")[:3] == (data.decode("latin-1"), "cp1252", "http")


def test_one_torn_character_is_forgiven():
    decoded = decode(SIMPLIFIED.encode()[:-1], None)
    assert decoded.text.startswith(SIMPLIFIED[:-1])
    assert decoded[1:3] == ("utf-8", "detected")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        ("\ufeff \u3000".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        (b"\xff\xd8\xff\xe0 text", "binary"),
        (b"%PDF-1.7 text", "binary"),
        (b"PK\x03\x04 text", "binary"),
        (b"a\0b\0c\0\1\2\3" * 50, "binary"),
        (bytes(range(0x80, 0x100)) * 40, "undecodable"),
    ],
)
def test_what_is_refused(data, reason):
    with pytest.raises(ArticleRejected) as refusal:
        decode(data, None)
    assert refusal.value.reason == reason
    assert refusal.value.detail


def test_a_large_document_is_compared_by_its_beginning():
    data = SIMPLIFIED.encode("gbk") * 8_000
    assert decode(data, "big5")[:3] == (SIMPLIFIED * 8_000, "gb18030", "detected")


def test_small_numbers_are_no_utf_16():
    with pytest.raises(ArticleRejected) as refusal:
        decode(bytes(byte for number in range(400) for byte in (number % 31 + 1, 0)), None)
    assert refusal.value.reason == "binary"


def test_lines_stay_lines_when_a_record_is_taken_back():
    lines = ["会议召开", "plain", "Il a décidé d'élargir la rue", ""]
    misread = "\n".join(lines).encode().decode("latin-1")
    assert repair_mojibake(misread) == ("\n".join(lines), "utf-8 as cp1252")


def test_a_stray_nul_is_left_to_the_repairs():
    assert decode(b"a\0" + b"text " * 100, None).text == "a\0" + "text " * 100


@pytest.mark.parametrize("label", ["rot13", "base64", "hex", "idna", "unicode_escape", "", None, "x" * 200, "utf\0-8"])
def test_labels_that_name_no_charset(label):
    assert known_charset(label) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "gbk", "big5", "latin-1", "junk"]))
def test_any_bytes_are_decoded_or_refused(data, http_charset):
    with contextlib.suppress(ArticleRejected):
        decoded = decode(data, http_charset)
        assert decoded.text.encode()


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_utf_8_comes_back_as_it_was(text):
    assert decode(text.encode("utf-8-sig"), None).text == repair_mojibake(text)[0]
