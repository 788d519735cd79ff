"""Words: Chinese by word list and model, other scripts by rule; columnar over a whole batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newslake.config import reference_lines
from newslake.segment.boundaries import correct
from newslake.tables.sentences import TOKEN

Codes = npt.NDArray[np.uint32]

# Sentences are cut together, a line each: one call costs less than many, and no token crosses a line. The cutter gives an
# object a word, which stay in the processor's cache when they are few: a fifth less time than 200,000 code points a call.
_CODE_POINTS_AT_ONCE, _CODE_POINTS_A_CUT = 400_000, 8_000
_MOST_KNOWN = 500_000
_SPACE, _NEWLINE, _COMMA, _COLON = (ord(mark) for mark in " \n,:")
CONTENT_TAGS = frozenset(
    ("n", "nr", "nrt", "nrfg", "ns", "nt", "nz", "ng", "v", "vn", "vd", "a", "ad", "an", "b", "i", "j", "l", "z", "eng")
)
"""Parts of speech that carry content: nouns and names, verbs, adjectives, idioms, abbreviations, Latin words."""
_HAN_SCRIPTS = frozenset(("Hans", "Hant", "Hani"))

# The dictionary's own rules know ASCII only. For cutting, what behaves alike is shown to it as ASCII.
_ALIKE = ((0xFF10, 0xFF19, "0"), (0xFF21, 0xFF3A, "a"), (0xFF41, 0xFF5A, "a"), (0xC0, 0x24F, "a"), (0x370, 0x52F, "a"))
_WHITE_SPACE = tuple(code for code in range(0x3001) if chr(code).isspace())

# Everything is matched, so that tokens tile the text: white space; U.S.; 1,234.5%; words with inner marks;
# Katakana and Hangul runs; any other sign alone.
_PATTERN = re.compile(
    r"\s|(?:[^\W\d_]\.){2,}|\d+(?:[.,:/]\d+)*%?|[゠-ヿ]+|[぀-ゟ]+|[一-鿿]|\w+(?:[-'’.&]\w+)*|.", re.DOTALL
)


def is_cut_by_dictionary(language: str, script: str) -> bool:
    """Whether an article's words are found by the Chinese dictionary."""
    return language == "zh" or script in _HAN_SCRIPTS


def cut_sentences(texts: Sequence[str], starts: npt.NDArray[np.int64], chinese: Sequence[bool]) -> pa.ListArray:
    """Cuts sentences into tokens.

    Tokens tile their sentence except for white space, and never cross it: each sentence is cut
    as if it stood alone, so the result does not depend on the batch.

    Args:
        texts: sentences without line breaks.
        starts: where each begins in `articles.text`, in code points.
        chinese: whether the dictionary cuts it, per sentence.

    Returns:
        `list<TOKEN>`, one list a sentence.
    """
    pieces = [_cut_lines(texts[a:b], starts[a:b], is_chinese) for a, b, is_chinese in _runs(texts, chinese)]
    if not pieces:
        return pa.array([], pa.list_(TOKEN))
    return pa.concat_arrays(pieces)


def _runs(texts: Sequence[str], chinese: Sequence[bool]) -> Iterator[tuple[int, int, bool]]:
    """Neighbouring sentences that are cut in one call: (first, end, by dictionary)."""
    first, length = 0, 0
    for position, text in enumerate(texts):
        if position > first and (chinese[position] != chinese[first] or length > _CODE_POINTS_AT_ONCE):
            yield first, position, chinese[first]
            first, length = position, 0
        length += len(text)
    if texts:
        yield first, len(texts), chinese[first]


def _cut_lines(texts: Sequence[str], starts: npt.NDArray[np.int64], is_chinese: bool) -> pa.ListArray:
    """Cuts sentences together and finds every token's place from the lengths alone."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    line_starts = np.cumsum(lengths + 1) - (lengths + 1)
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    ends = _ends_chinese(joined, codes) if is_chinese else _ends([_PATTERN.findall(joined)])
    if ends[-1] != len(codes):
        raise AssertionError(f"tokens cover {ends[-1]} of {len(codes)} code points")
    begins = np.concatenate(([0], ends[:-1]))
    first_codes = codes[begins]
    is_word = ~_is_white_space(first_codes)
    words_before = np.cumsum(is_word)[first_codes == _NEWLINE]
    begins, ends = begins[is_word], ends[is_word]
    borders = np.concatenate(([0], words_before, [len(begins)])).astype(np.int32)
    token_text = _pieces(joined, codes, begins, ends)
    tags, is_stop = parts_of_speech(token_text, is_chinese)
    shift = np.repeat(starts - line_starts, np.diff(borders))
    struct = pa.StructArray.from_arrays(
        [
            token_text,
            pa.array((begins + shift).astype(np.int32)),
            pa.array((ends + shift).astype(np.int32)),
            tags,
            is_stop,
            pa.array(np.zeros(len(begins), bool)),
        ],
        fields=list(TOKEN),
    )
    return pa.ListArray.from_arrays(pa.array(borders), struct, type=pa.list_(TOKEN))


def _ends_chinese(text: str, codes: Codes) -> npt.NDArray[np.int64]:
    """Where tokens end by the dictionary, corrected by the model."""
    is_border = np.zeros(len(codes), bool)
    is_border[_ends(_cuts(show_alike(text, codes))) - 1] = True
    return np.flatnonzero(correct(codes, is_border)) + 1


def _cuts(text: str) -> Iterator[list[str]]:
    first = 0
    while first < len(text):
        end = text.find("\n", first + _CODE_POINTS_A_CUT) + 1 or len(text)
        yield _dictionary().cut(text[first:end])
        first = end


def _ends(cuts: Iterable[list[str]]) -> npt.NDArray[np.int64]:
    """Where tokens end that stand one behind the other."""
    return np.cumsum(np.concatenate([np.fromiter(map(len, tokens), np.int64, len(tokens)) for tokens in cuts]))


def show_alike(text: str, codes: Codes) -> str:
    """The text as the cutter is to see it, of the same length.

    Full-width digits and letters, and letters with accents, become ASCII; white space becomes a space; a comma
    between thousands and a colon between hours and minutes become "_", which the dictionary keeps in a number.

    >>> example = "营收１,234.5亿元，9:30开会"
    >>> show_alike(example, np.frombuffer(example.encode("utf-32-le"), np.uint32))
    '营收0_234.5亿元，9_30开会'
    """
    table = _alike_table()
    shown = np.where(codes < len(table), table.take(codes, mode="clip"), codes)
    is_digit = np.zeros(len(codes) + 5, bool)
    is_digit[1 : len(codes) + 1] = (shown >= ord("0")) & (shown <= ord("9"))
    for mark, digits in ((_COMMA, 3), (_COLON, 2)):
        places = np.flatnonzero(codes == mark)
        around = is_digit[places[:, None] + np.arange(digits + 3)]
        is_inside = around[:, 0] & around[:, 2:-1].all(axis=1) & ~around[:, -1]
        shown[places[is_inside]] = ord("_")
    return text if np.array_equal(shown, codes) else shown.tobytes().decode("utf-32-le")


@cache
def _alike_table() -> Codes:
    table = np.arange(1 << 16, dtype=np.uint32)
    for first, last, stand_in in _ALIKE:
        table[first : last + 1] = ord(stand_in)
    table[[*_WHITE_SPACE]] = _SPACE
    table[_NEWLINE] = _NEWLINE
    return table


def _is_white_space(codes: Codes) -> npt.NDArray[np.bool_]:
    """Which code points `str.isspace` calls white space."""
    return _white_space_table().take(codes, mode="clip")


@cache
def _white_space_table() -> npt.NDArray[np.bool_]:
    table = np.zeros(_WHITE_SPACE[-1] + 2, bool)
    table[[*_WHITE_SPACE]] = True
    return table


def _pieces(text: str, codes: Codes, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> pa.StringArray:
    """The pieces of a text that are not white space, without a Python object for each."""
    widths = np.ones(len(codes), np.uint8)
    for first_wider in (0x80, 0x800, 0x10000):
        widths += codes >= first_wider
    places = np.concatenate(([0], np.cumsum(widths, dtype=np.int32)))
    borders = np.concatenate(([0], np.cumsum(places[ends] - places[begins], dtype=np.int32)))
    joined = "".join(text.split()).encode()
    if borders[-1] != len(joined):
        raise AssertionError(f"tokens cover {borders[-1]} of {len(joined)} bytes")
    return pa.StringArray.from_buffers(len(begins), pa.py_buffer(borders.astype(np.int32)), pa.py_buffer(joined))


def parts_of_speech(words: pa.StringArray, is_chinese: bool) -> tuple[pa.StringArray, pa.BooleanArray]:
    """The part of speech of each word, and whether it is a stop word; both without its context, so that they are stable.

    Chinese words carry the tags of the dictionary (n, v, nr, ns …), Latin words `eng`, numbers `m`, marks `w`.
    Stop words are those in seeds/reference/stop_words.txt, and those whose part of speech carries no content.

    >>> tags, is_stop = parts_of_speech(pa.array(["会议", "的", "。", "GDP", "3.5%", "The"]), True)
    >>> tags.to_pylist(), is_stop.to_pylist()
    (['n', 'uj', 'w', 'eng', 'm', 'eng'], [False, True, True, False, True, True])
    """
    encoded = words.dictionary_encode()
    different: list[str] = encoded.dictionary.to_pylist()
    known = _known_parts(is_chinese)
    if new := [word for word in different if word not in known]:
        if len(known) > _MOST_KNOWN:
            known.clear()
            new = different
        tags = _tags_chinese(new) if is_chinese else map(_tag_by_shape, new)
        known.update((word, (tag, _is_stop(word, tag))) for word, tag in zip(new, tags, strict=True))
    parts = [known[word] for word in different]
    tag = pa.array([tag for tag, _ in parts], pa.string())
    stop = pa.array([stop for _, stop in parts], pa.bool_())
    return tag.take(encoded.indices), stop.take(encoded.indices)


@cache
def _known_parts(is_chinese: bool) -> dict[str, tuple[str, bool]]:
    """Parts of speech of words met before, and whether they are stop words; of Chinese texts and others apart."""
    return {}


def _is_stop(word: str, tag: str) -> bool:
    return tag not in CONTENT_TAGS or word.lower() in _stop_words()


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(reference_lines("stop_words"))


def _tag_by_shape(word: str) -> str:
    """`m` with a digit in front, `eng` for letters, `w` for marks."""
    if word[0].isdigit():
        return "m"
    return "eng" if any(character.isalnum() for character in word) else "w"


def _tags_chinese(words: Sequence[str]) -> list[str]:
    """The dictionary's tags; of a word that it cuts further, its last part's.

    Words are tagged together, a line each, which costs half of a call for each.
    """
    rest = [word for word in words if not word.isascii() and any(map(str.isalnum, word))]
    tags = [""]
    for part, tag in _dictionary().tag("\n".join(rest)) if rest else ():
        if part == "\n":
            tags.append("")
        else:
            tags[-1] = tag
    tagged = dict(zip(rest, tags, strict=True)) if rest else {}
    return [tagged[word] if word in tagged else _tag_by_shape(word) for word in words]


@cache
def _dictionary() -> Any:
    """The word list, loaded once a process (about 0.1 s)."""
    import rjieba

    return rjieba
