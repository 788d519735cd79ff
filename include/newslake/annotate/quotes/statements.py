"""Where statements begin and end: verbs of saying, quotation marks, and sentences that go on in the same voice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from newslake.annotate.words.patterns import alternation, kinds_of_words

OPENING, CLOSING = "“「", "”」"
MARKS = re.compile(f"[{OPENING}{CLOSING}]")
_CLOSED_BY = {"“": "”", "「": "」"}
ENDS = "。！？!?…"

# Words with which a report goes back to narrating.
_NARRATION = re.compile(
    r"\s*(?:会议|会前|会上|会后|会场|大会|当[天日晚]|当场|随后|接着|据(?:了解|悉|介绍|统计|记者)|记者|与会|参会|参加|出席|截至|活动(?:现场|中|当天|还)|现场"
    r"|图为|此次|此前|调研中|调研期间|座谈中|期间|[区市县省]领导|[区市县省](?:委|政府|人大|政协)[^，。]{0,12}(?:参加|出席|陪同)|\d+月\d+日|来源|（|\(|—|●|■)"
)
_INSTRUCTION = re.compile(
    r"\s*(?:[一二三四五六七八九十]要|[一二三四五六七八九十]是要|要|必须|务必)(?!说|是|不是|么|闻)"
)
_LISTED_SPEECH = re.compile(r"\s*(?:[一二三四五六七八九十]要|[一二三四五六七八九十]是|要|必须|务必|确保|坚持|同时)")


@cache
def verbs() -> re.Pattern[str]:
    """A verb of saying with what follows it: a mark or quotation, or, for some verbs, what was said.

    Groups: `verb` with `mark`; `open`, which needs no mark; `colon` with a `gap`, before a colon and a quotation.
    """
    words = kinds_of_words("verbs_of_saying")
    return re.compile(
        rf"(?:(?P<verb>{alternation(words['said'])})(?:过|了)?(?P<mark>[，,：:][^\S\n]*|(?=[{OPENING}])|(?=[。！？；]|\s*$|\s*\n))"
        rf"|(?P<open>{alternation(words['open'])})(?=[一-鿿\d])"
        rf"|(?P<colon>{alternation(words['colon'])})(?P<gap>[^，。；：！？“”\n]{{0,20}}[：:][^\S\n]*)(?=[{OPENING}]))",
        re.MULTILINE,
    )


@cache
def _beginnings() -> re.Pattern[str]:
    """Where a verb of saying may begin, by its first two characters: other places are passed over at once."""
    words = [word for kind in ("said", "open", "colon") for word in kinds_of_words("verbs_of_saying")[kind]]
    first = "".join(sorted({word[0] for word in words}))
    second = "".join(sorted({word[1:2] for word in words}))
    alone = alternation(word for word in words if len(word) == 1) or "(?!)"
    return re.compile(f"[{re.escape(first)}](?:(?=[{re.escape(second)}])|(?<={alone}))")


def find_verbs(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """What `verbs` finds in a part of a text, in order, no two overlapping."""
    begin, read = _beginnings().search, verbs().match
    while found := begin(text, start, end):
        match = read(text, found.start(), end)
        if match:
            yield match
        start = match.end() if match else found.end()


def closing_mark(text: str, opening: int, end: int) -> int:
    """Where the quotation that opens at a place closes, nested ones counted; -1 where it does not before `end`.

    >>> closing_mark("他说“甲“乙”丙”。", 2, 11)
    8
    """
    depth = 0
    closing = _CLOSED_BY[text[opening]]
    for match in re.compile(f"[{text[opening]}{closing}]").finditer(text, opening, end):
        depth += 1 if match[0] != closing else -1
        if not depth:
            return match.start()
    return -1


def goes_on(text: str, start: int, end: int) -> bool:
    """Whether a sentence behind reported speech still belongs to it, as far as its own words tell.

    >>> [goes_on(text, 0, len(text)) for text in ("要压实责任。", "今年将建成。", "会议还听取了汇报。")]
    [True, True, False]
    """
    return bool(_LISTED_SPEECH.match(text, start, end)) or not _NARRATION.match(text, start, end)


def opens_instruction(text: str, start: int) -> bool:
    """Whether a paragraph begins with what only goes on with an instruction of the paragraph before.

    >>> opens_instruction("要着力守牢底线。", 0), opens_instruction("会议还听取了汇报。", 0)
    (True, False)
    """
    return bool(_INSTRUCTION.match(text, start))
