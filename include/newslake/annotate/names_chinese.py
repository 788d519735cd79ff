"""Chinese personal names beside titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from newslake.annotate.titles import find_title_start, is_title
from newslake.config import reference_lines


def _words(text: str) -> list[str]:
    """The words of a list written in lines, which reads better than one a line."""
    return text.split()


# Read by eye on 265 Chinese news pages, each name and title counted once: of 104 tagged names 102 were right, of 26 found
# by the other two titled rules all; the values are lower because the samples are small. Bare names inherit the errors.
CONFIDENCE = {"tagged": 0.95, "composed": 0.85, "listed": 0.8, "name_first": 0.85, "bare": 0.9}

# Never the last character of a given name here: the word list glues them to names (张三说, 李四在).
_NEVER_GIVEN = frozenset(
    "说称在对到向率赴与和为等的将已曾还就并从把被也因带主出作讲致是了于及或以又均都则要会同给让由至表指率"
)
# Nor a third character of a name that the word list has cut off: one-character verbs, adverbs, words of place and time.
_NEVER_THIRD = _NEVER_GIVEN | frozenset(
    "任当去来走看想接听问答谈笑站坐拿做用打送请叫先正才又再更最很没未不能可须应需必各每此该这那前后中上下内外里间年月日时分签担受获抵离回陪见"
)
# Family names that are function words more often than names when they stand alone.
_OFTEN_FUNCTION_WORDS = frozenset("于时向应曾任连全方成常何解查单代安明平相支时商管关查计项游")
# Words and brands that the word list tags as names.
_NOT_NAMES = frozenset(
    _words(
        "谢谢 贺信 贺电 贺词 柯达 高通 高盛 万达 万科 盛大 金山 华为 方正 雷诺 马自达 白宫 安踏 康师傅 金融 温馨 "
        "安康 文明"
    )
)
_NO_GIVEN_NAME = ("v", "d", "p", "c", "t", "r", "m", "f", "u", "y", "w", "q", "l", "i", "x", "eng")
_SEPARATORS = frozenset("、和及")


@dataclass(frozen=True)
class Found:
    """A person in a text: `start` and `end` span title and name, in code points."""

    start: int
    end: int
    name: str
    title: str | None
    confidence: float


@dataclass(frozen=True)
class Words:
    """The words of one sentence with parts of speech and places, as `segment` gives them."""

    texts: Sequence[str]
    tags: Sequence[str]
    starts: Sequence[int]

    def between(self, first: int, end: int) -> str:
        """The words from `first` up to `end`, white space between them left out."""
        return "".join(self.texts[first:end])

    def is_joined(self, position: int) -> bool:
        """Whether no white space stands before the word."""
        return position > 0 and self.starts[position - 1] + len(self.texts[position - 1]) == self.starts[position]


def find_with_title(words: Words) -> list[Found]:
    """People named with an office in one sentence.

    Title before name (also several names after one title: 副区长张三、李四), or name before title.
    Left alone: surnames without given names (王书记), and titles beside common words (主任会议, 市长热线).

    >>> find_with_title(Words(["区委书记", "王志杰", "讲话"], ["n", "nr", "v"], [0, 4, 7]))
    [Found(start=0, end=7, name='王志杰', title='区委书记', confidence=0.95)]
    >>> find_with_title(Words(["王志杰", "书记", "讲话"], ["nr", "n", "v"], [0, 3, 5]))
    [Found(start=0, end=5, name='王志杰', title='书记', confidence=0.85)]
    >>> find_with_title(Words(["主任", "会议"], ["b", "n"], [0, 2]))
    []
    """
    found: list[Found] = []
    for head, word in enumerate(words.texts):
        if is_title(word):
            found.extend(_names_after(words, head) or _name_before(words, head))
    return found


def _names_after(words: Words, head: int) -> list[Found]:
    """The name that follows a title, and those that follow it in a list."""
    read = _read_name(words, head + 1)
    if read is None:
        return []
    first = find_title_start(words.texts, words.tags, words.starts, head)
    title_end = words.starts[head] + len(words.texts[head])
    title = words.between(first, head + 1)
    name, is_tagged, after = read
    start = words.starts[head + 1]
    if start - title_end > 1:
        return []
    confidence = CONFIDENCE["tagged" if is_tagged else "composed"]
    found = [Found(words.starts[first], start + len(name), name, title, confidence)]
    while after + 1 < len(words.texts) and words.texts[after] in _SEPARATORS:
        read = _read_name(words, after + 1)
        if read is None or not read[1] or (read[2] < len(words.texts) and is_title(words.texts[read[2]])):
            break
        start = words.starts[after + 1]
        found.append(Found(start, start + len(read[0]), read[0], title, CONFIDENCE["listed"]))
        after = read[2]
    return found


def _name_before(words: Words, head: int) -> list[Found]:
    """The name directly before a title. A part of it must be tagged a name: 党·支部 before 书记 is none."""
    for position in range(max(0, head - 2), head):
        read = _read_name(words, position)
        is_tagged = any(tag.startswith("nr") for tag in words.tags[position:head])
        if read is None or read[2] != head or not is_tagged:
            continue
        name, start = read[0], words.starts[position]
        if start + len(name) != words.starts[head] or (position > 0 and is_title(words.texts[position - 1])):
            continue
        end = words.starts[head] + len(words.texts[head])
        return [Found(start, end, name, words.texts[head], CONFIDENCE["name_first"])]
    return []


def _read_name(words: Words, position: int) -> tuple[str, bool, int] | None:
    """Reads a full name that begins with a word: (name, whether the word list tags it a name, next position)."""
    if position >= len(words.texts):
        return None
    word, tag = words.texts[position], words.tags[position]
    if word in _surnames():
        return _compose(words, position)
    if tag == "x" and len(word) == 3 and _is_full_name(word):
        return word, False, position + 1
    if not tag.startswith("nr"):
        return None
    name = word[:-1] if len(word) > 2 and word[-1] in _NEVER_GIVEN else word
    after = position + 1
    if len(word) == (3 if word[:2] in _surnames() else 2) and _continues_name(words, after):
        name += words.texts[after]
        after += 1
    return (name, True, after) if _is_full_name(name) and not _is_foreign(words, after) else None


def may_begin_name(words: pa.StringArray, tags: pa.StringArray) -> pa.BooleanArray:
    """Which words `_read_name` could read a name from, for many words at once.

    >>> may_begin_name(pa.array(["王志杰", "黄", "会议"]), pa.array(["nr", "n", "n"])).to_pylist()
    [True, True, False]
    """
    surnames = pa.array(sorted(_surnames()), pa.string())
    return pc.or_(pc.or_(pc.starts_with(tags, "nr"), pc.equal(tags, "x")), pc.is_in(words, value_set=surnames))


def _continues_name(words: Words, position: int) -> bool:
    """Whether the word is a third character that the word list has cut off: 易炼·红."""
    if position >= len(words.texts):
        return False
    character = words.texts[position]
    return len(character) == 1 and _is_han(character) and character not in _NEVER_THIRD and words.is_joined(position)


def _is_foreign(words: Words, position: int) -> bool:
    """Whether a transliterated name goes on behind what looked like a Chinese one: 梅里·…, 韦斯特韦勒."""
    if position >= len(words.texts):
        return False
    return words.texts[position] in "·・•‧" or (words.tags[position].startswith("nr") and words.is_joined(position))


def _compose(words: Words, position: int) -> tuple[str, bool, int] | None:
    """A name that the word list has cut behind the family name: 黄·玉林, 王·建·国."""
    surname = words.texts[position]
    given, after = "", position + 1
    for word, tag in zip(words.texts[after : after + 2], words.tags[after : after + 2], strict=True):
        if surname in _OFTEN_FUNCTION_WORDS and not tag.startswith("nr"):
            break
        if not _is_han(word) or word in _NEVER_GIVEN or is_title(word):
            break
        if len(given) + len(word) > 2 or (len(word) > 1 and tag.startswith(_NO_GIVEN_NAME)):
            break
        given += word
        after += 1
    is_whole = all(words.is_joined(k) for k in range(position + 1, after)) and not _is_foreign(words, after)
    return (surname + given, False, after) if given and is_whole else None


def _is_full_name(name: str) -> bool:
    """Whether a string is a family name with one or two characters of a given name.

    >>> _is_full_name("王志杰"), _is_full_name("欧阳明"), _is_full_name("王"), _is_full_name("奥巴马")
    (True, True, False, False)
    """
    if not 2 <= len(name) <= 4 or not _is_han(name) or name in _NOT_NAMES or name.startswith("谢谢"):
        return False
    if name[:2] in _surnames():
        return len(name) > 2
    return name[0] in _surnames() and len(name) < 4


def _is_han(text: str) -> bool:
    return all("一" <= character <= "鿿" for character in text)


@cache
def _surnames() -> frozenset[str]:
    return frozenset(reference_lines("surnames"))


def is_glued(character: str) -> bool:
    """Whether the word list may glue this character to the end of a name (张三说)."""
    return character in _NEVER_GIVEN
