"""Words: Chinese by word list and model, other scripts by rule; columnar over a whole batch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newslake.config import reference_lines
from newslake.segment.boundaries import correct
from newslake.tables.sentences import TOKEN

Codes = npt.NDArray[np.uint32]

# Sentences are cut together, a line each: one call costs less than many, and no token crosses a line.
# Larger calls were no faster, and hold more memory.
_CODE_POINTS_A_CALL = 200_000
_MOST_KNOWN_TAGS = 500_000
_SPACE, _NEWLINE, _COMMA, _COLON = (ord(mark) for mark in " \n,:")
CONTENT_TAGS = frozenset(
    ("n", "nr", "nrt", "nrfg", "ns", "nt", "nz", "ng", "v", "vn", "vd", "a", "ad", "an", "b", "i", "j", "l", "z", "eng")
)
"""Parts of speech that carry content: nouns and names, verbs, adjectives, idioms, abbreviations, Latin words."""
_HAN_SCRIPTS = frozenset(("Hans", "Hant", "Hani"))

# The dictionary's own rules know ASCII only. For cutting, what behaves alike is shown to it as ASCII.
_ALIKE = ((0xFF10, 0xFF19, "0"), (0xFF21, 0xFF3A, "a"), (0xFF41, 0xFF5A, "a"), (0xC0, 0x24F, "a"), (0x370, 0x52F, "a"))
_WHITE_SPACE = tuple(code for code in range(0x3001) if chr(code).isspace() and code != _NEWLINE)

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
        if position > first and (chinese[position] != chinese[first] or length > _CODE_POINTS_A_CALL):
            yield first, position, chinese[first]
            first, length = position, 0
        length += len(text)
    if texts:
        yield first, len(texts), chinese[first]


def _cut_lines(texts: Sequence[str], starts: npt.NDArray[np.int64], is_chinese: bool) -> pa.ListArray:
    """Cuts sentences in one call and finds every token's place from the lengths alone."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    line_starts = np.concatenate(([0], np.cumsum(lengths[:-1] + 1)))
    joined = "\n".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    tokens = _dictionary().cut(show_alike(joined, codes)) if is_chinese else _PATTERN.findall(joined)
    ends = np.cumsum(np.fromiter(map(len, tokens), np.int64, len(tokens)))
    if (ends[-1] if len(ends) else 0) != len(joined):
        raise AssertionError(f"tokens cover {ends[-1:]} of {len(joined)} code points")
    if is_chinese:
        borders = np.zeros(len(codes), bool)
        borders[ends - 1] = True
        ends = np.flatnonzero(correct(codes, borders)) + 1
    begins = np.concatenate(([0], ends[:-1]))
    first_codes = codes[begins]
    line = np.cumsum(first_codes == _NEWLINE)
    is_word = ~_is_white_space(first_codes)
    begins, ends, line = begins[is_word], ends[is_word], line[is_word]
    token_text = _slice(joined, codes, begins, ends)
    tags, is_stop = parts_of_speech(token_text, is_chinese)
    shift = (starts - line_starts)[line]
    struct = pa.StructArray.from_arrays(
        [
            token_text,
            pa.array(begins + shift, pa.int32()),
            pa.array(ends + shift, pa.int32()),
            tags,
            is_stop,
            pa.array(np.zeros(len(begins), bool)),
        ],
        fields=list(TOKEN),
    )
    borders = np.searchsorted(line, np.arange(len(texts) + 1))
    return pa.ListArray.from_arrays(pa.array(borders, pa.int32()), struct, type=pa.list_(TOKEN))


def show_alike(text: str, codes: Codes) -> str:
    """The text as the cutter is to see it, of the same length.

    Full-width digits and letters, and letters with accents, become ASCII; white space becomes a space; a comma
    between thousands and a colon between hours and minutes become "_", which the dictionary keeps in a number.

    >>> example = "营收１,234.5亿元，9:30开会"
    >>> show_alike(example, np.frombuffer(example.encode("utf-32-le"), np.uint32))
    '营收0_234.5亿元，9_30开会'
    """
    shown = codes.copy()
    for first, last, stand_in in _ALIKE:
        shown[(codes >= first) & (codes <= last)] = ord(stand_in)
    shown[_is_white_space(codes) & (codes != _NEWLINE)] = _SPACE
    is_digit = np.zeros(len(codes) + 5, bool)
    is_digit[1 : len(codes) + 1] = (shown >= ord("0")) & (shown <= ord("9"))
    for mark, digits in ((_COMMA, 3), (_COLON, 2)):
        for place in np.flatnonzero(codes == mark).tolist():
            around = is_digit[place : place + digits + 3]
            if around[0] and around[2 : 2 + digits].all() and not around[2 + digits]:
                shown[place] = ord("_")
    return text if np.array_equal(shown, codes) else shown.tobytes().decode("utf-32-le")


def _is_white_space(codes: Codes) -> npt.NDArray[np.bool_]:
    """Which code points `str.isspace` calls white space."""
    table = _white_space_table()
    return table[np.minimum(codes, len(table) - 1)]


@cache
def _white_space_table() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x3002, bool)
    table[[*_WHITE_SPACE, _NEWLINE]] = True
    return table


def _slice(text: str, codes: Codes, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> pa.StringArray:
    """The pieces of a text between code point offsets, without a Python object for each."""
    widths = 1 + (codes >= 0x80).astype(np.int32) + (codes >= 0x800) + (codes >= 0x10000)
    places = np.concatenate(([0], np.cumsum(widths)))
    whole = pa.py_buffer(text.encode())
    # Borders of tokens and of the white space between them; every second piece is a token.
    borders = np.column_stack((places[begins], places[ends])).ravel()
    borders = np.append(borders, borders[-1:]).astype(np.int32)
    pieces = pa.StringArray.from_buffers(len(borders) - 1, pa.py_buffer(borders), whole)
    return pieces.take(pa.array(np.arange(0, 2 * len(begins), 2)))


def parts_of_speech(words: pa.StringArray, is_chinese: bool) -> tuple[pa.StringArray, pa.BooleanArray]:
    """The part of speech of each word, and whether it is a stop word; both without its context, so that they are stable.

    Chinese words carry the tags of the dictionary (n, v, nr, ns …), Latin words `eng`, numbers `m`, marks `w`.
    Stop words are those in seeds/reference/stop_words.txt, and those whose part of speech carries no content.

    >>> tags, is_stop = parts_of_speech(pa.array(["会议", "的", "。", "GDP", "3.5%", "The"]), True)
    >>> tags.to_pylist(), is_stop.to_pylist()
    (['n', 'uj', 'w', 'eng', 'm', 'eng'], [False, True, True, False, True, True])
    """
    known = words.dictionary_encode()
    different: list[str] = known.dictionary.to_pylist()
    tags = _tags_chinese(different) if is_chinese else [_tag_by_shape(word) for word in different]
    listed = _stop_words()
    stop = [tag not in CONTENT_TAGS or word.lower() in listed for word, tag in zip(different, tags, strict=True)]
    return pa.array(tags, pa.string()).take(known.indices), pa.array(stop, pa.bool_()).take(known.indices)


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

    Words not met before are tagged together, a line each, which costs half of a call for each.
    """
    known = _known_tags()
    if len(known) > _MOST_KNOWN_TAGS:
        known.clear()
    if new := [word for word in words if word not in known]:
        by_shape = [word for word in new if word.isascii() or not any(map(str.isalnum, word))]
        known.update(zip(by_shape, map(_tag_by_shape, by_shape), strict=True))
        rest = [word for word in new if word not in known]
        tags = [""]
        for part, tag in _dictionary().tag("\n".join(rest)) if rest else ():
            if part == "\n":
                tags.append("")
            else:
                tags[-1] = tag
        known.update(zip(rest, tags if rest else (), strict=True))
    return [known[word] for word in words]


@cache
def _known_tags() -> dict[str, str]:
    return {}


@cache
def _dictionary() -> Any:
    """The word list, loaded once a process (about 0.1 s)."""
    import rjieba

    return rjieba
