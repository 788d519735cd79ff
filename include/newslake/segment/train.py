"""Trains the model of `boundaries` on a segmented corpus in CoNLL form, and prints its score on another.

The shipped model was made from the train and dev files of UD_Chinese-GSDSimp
(https://github.com/UniversalDependencies/UD_Chinese-GSDSimp, CC BY-SA 4.0):

    python -m newslake.segment.train zh_gsdsimp-ud-train.conllu zh_gsdsimp-ud-dev.conllu

The same files give the same model, byte for byte.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from newslake.segment.boundaries import (
    HASH_BITS,
    MARGIN,
    MODEL,
    SCALE,
    TYPES,
    Codes,
    Flags,
    correct,
    hashed_pairs,
    padded,
    types_of_characters,
)

PENALTY = 0.1
"""C of the support vector machine; on the dev set .05 scored .9365, .1 .9382, .2 .9388."""
_FORM, _NEWLINE = 1, "\n"


class Feature(NamedTuple):
    """A kind of feature: its table has a row a value, and a column for each place where the value is looked at."""

    rows: int
    offsets: tuple[int, ...]


# Left out because the score did not fall without them: trigrams and longer, and types of characters alone.
FEATURES: Mapping[str, Feature] = {
    "character": Feature(1 << 16, (-1, 0, 1, 2)),
    "pair": Feature(1 << HASH_BITS, (-2, -1, 0, 1)),
    "pair_with_border": Feature(1 << HASH_BITS, (0,)),
    "borders_5_and_types": Feature(32 * len(TYPES) ** 2, (-2,)),
    "borders_7": Feature(128, (-3,)),
    "character_before_borders": Feature(1 << 18, (0,)),
    "character_after_borders": Feature(1 << 18, (-1, 0)),
}
"""Places are counted from the character behind which a border may be.
`boundaries` adds up the same weights, some of them beforehand."""


def read(path: Path) -> list[list[str]]:
    r"""Sentences of a CoNLL file, each as its words.

    >>> import tempfile
    >>> lines = "# text = 他来。\n1\t他\t_\n2\t来\t_\n3\t。\t_\n\n"
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     _ = Path(file.name).write_text(lines, encoding="utf-8")
    ...     read(Path(file.name))
    [['他', '来', '。']]
    """
    sentences: list[list[str]] = [[]]
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if not line:
            sentences.append([])
        elif fields[0].isdigit():
            sentences[-1].append(fields[_FORM].replace(" ", ""))
    return [words for words in sentences if words]


def prepared(sentences: Sequence[Sequence[str]]) -> tuple[Codes, Flags, Flags]:
    """Code points, the word list's borders, and the right ones; a line break behind each sentence."""
    import rjieba

    text = "".join("".join(words) + _NEWLINE for words in sentences)
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    right = [word for words in sentences for word in (*words, _NEWLINE)]
    return codes, _ends(rjieba.cut(text), len(codes)), _ends(right, len(codes))


def _ends(words: Sequence[str], length: int) -> Flags:
    borders = np.zeros(length, bool)
    borders[np.cumsum([len(word) for word in words]) - 1] = True
    return borders


def score(codes: Codes, found: Flags, right: Flags) -> float:
    """F1 of words: both borders right, and none between."""
    is_break = codes == ord(_NEWLINE)
    words = [_words(borders, is_break) for borders in (found, right)]
    common = len(words[0] & words[1])
    return 2 * common / (len(words[0]) + len(words[1]))


def _words(borders: Flags, is_break: Flags) -> set[tuple[int, int]]:
    ends = np.flatnonzero(borders | is_break | np.append(is_break[1:], False))
    starts = np.append(-1, ends[:-1])
    return {pair for pair in zip(starts.tolist(), ends.tolist(), strict=True) if not is_break[pair[1]]}


def fit(codes: Codes, is_border: Flags, right: Flags) -> dict[str, npt.NDArray[np.int16]]:
    """Learns the weights: for each feature a table of its rows by its places, and the bias."""
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    columns, first = [], 0
    for name, values in values_of(codes, is_border):
        for offset in FEATURES[name].offsets:
            columns.append(values[MARGIN + offset :][: len(codes)].astype(np.int64) + first)
            first += FEATURES[name].rows
    is_break = codes == ord(_NEWLINE)
    places = np.column_stack(columns)[~is_break & ~np.append(is_break[1:], False)]
    ones = np.ones(places.size, np.float32)
    borders = np.arange(0, places.size + 1, places.shape[1])
    matrix = csr_matrix((ones, places.ravel(), borders), shape=(len(places), first))
    machine = LinearSVC(C=PENALTY, max_iter=500, tol=1e-3, random_state=0)
    machine.fit(matrix, right[~is_break & ~np.append(is_break[1:], False)])
    return _tables(machine.coef_[0], float(machine.intercept_[0]))


def values_of(codes: Codes, is_border: Flags) -> Iterator[tuple[str, npt.NDArray[np.integer]]]:
    """The value of every feature at every place, from `MARGIN` places before the first to as many behind the last."""
    shown, flags = padded(codes, is_border)
    border = flags.astype(np.uint32)
    types = types_of_characters()[shown].astype(np.uint32)
    pair, pair_with_border = hashed_pairs(shown, flags)
    borders_3 = border[:-2] + border[1:-1] * 2 + border[2:] * 4
    borders_5 = borders_3[:-2] + border[3:-1] * 8 + border[4:] * 16
    borders_2 = border[:-1] + border[1:] * 2
    yield "character", shown
    yield "pair", pair
    yield "pair_with_border", pair_with_border
    yield "borders_5_and_types", borders_5 * len(TYPES) ** 2 + (types[:-1] * len(TYPES) + types[1:])[2:-1]
    yield "borders_7", borders_5[:-2] + border[5:-1] * 32 + border[6:] * 64
    yield "character_before_borders", shown[:-1] * 4 + borders_2
    yield "character_after_borders", shown[1:] * 4 + borders_2


def _tables(learnt: npt.NDArray[np.float64], bias: float) -> dict[str, npt.NDArray[np.int16]]:
    whole = np.clip(np.round(learnt * SCALE), -32_767, 32_767).astype(np.int16)
    tables = {"bias": np.array([round(bias * SCALE)], np.int16)}
    first = 0
    for name, feature in FEATURES.items():
        size = feature.rows * len(feature.offsets)
        tables[name] = np.ascontiguousarray(whole[first : first + size].reshape(len(feature.offsets), -1).T)
        first += size
    return tables


def main(arguments: Sequence[str]) -> None:
    """Writes the model, and prints the word list's score and its own."""
    train, dev = (prepared(read(Path(path))) for path in arguments)
    np.savez_compressed(MODEL, **fit(*train))  # type: ignore[arg-type]
    codes, is_border, right = dev
    print(f"F1 on {arguments[1]}: word list {score(codes, is_border, right):.4f}, ", end="")
    print(f"corrected {score(codes, correct(codes, is_border), right):.4f}; {MODEL} has {MODEL.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
