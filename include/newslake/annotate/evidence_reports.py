"""Which clauses are plain reports: a named subject, a few words of how and when, a verb, and nothing behind it."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import rjieba

from newslake.annotate.article import Article, Found, Sentence
from newslake.annotate.evidence_times import TIME_WORDS
from newslake.annotate.words.patterns import alternation, kinds_of_words

_UNITS = "公里|千米|平方米|平方公里|立方米|[个座所条家处件户套项栋幢米亩吨人块间辆台批张根盏部处道眼口株棵公顷%％]|万?千瓦时?|兆瓦"
_FIGURE = rf"(?:约|近|超过?|达|共)?(?:[\d.,]+[万亿余多]*(?:个月|{_UNITS})|[一二两三四五六七八九十百]+[座所条家处件户套项栋幢个])(?:点位|小区)?"
_ENDS = re.compile(
    rf"了?(?:使用|运营|运行|开放|迎客|营业|建设|实施|施工|改造)?了?(?:{_FIGURE})?"
    r"|(?:仪式|典礼|活动)?(?:[今昨]天|当天|\d+日)?(?:在[^，。]{2,20})?举[行办]"
    r"|于?(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日|[底初])?|在[^，。]{2,12}(?:镇|村|区|街道|现场)"
)
_CLOSING = "[”’」』）)】\"'… \u3000]*"
_OPENING = re.compile(r"[“‘「『（(【\"' \u3000]*(?:[\d一二三四五六七八九十]+[.、．）)]|[①-⑩])?\s*")
_DATELINE = re.compile(r"^[^，。]{0,24}?(?:日电|[报网社闻]讯】?|讯(?=\s))\s*(?:[（(][^）)]*[）)])?\s*")
_SMALL = re.compile(
    r"(?:[（(][^）)]{0,12}[）)]|提前[近约了]?[\d一二两三四五六七八九十半]+(?:个多?月|天|年|日)|比?(?:原)?(?:计划|工期)提前|[上本]周[一二三四五六七日天]?|第?\d+时)$"
)
_MAKES = frozenset(
    [
        "建成",
        "启用",
        "正式启用",
        "启动",
        "正式启动",
        "启动实施",
        "启动建设",
        "开工建设",
        "开工",
        "开建",
        "新开工",
        "开通",
        "正式开通",
        "交付",
        "交付使用",
        "办结",
        "完成建设",
        "完工",
        "竣工",
        "改造完成",
        "全面建成",
        "全部建成",
        "建成投用",
        "建成开放",
        "建成通车",
        "投用",
        "投入使用",
        "投产",
        "销号",
        "完成销号",
        "验收销号",
    ]
)
_WHO = re.compile(
    r"(?:(?:今年|[上本]周|今年以来|[“”\w]{0,12}(?:[省市区县州旗镇乡村局委办厅署]|街道|社区|集团|公司|学校|政府|中心))|[全我本该各]?[省市区县镇乡村州])?"
)
_NOT_IN_A_NAME = frozenset(("d", "p", "r", "ug", "ul", "uz", "uv", "ud", "y", "e", "o", "t", "uj", "c"))
_JOINS = frozenset(("和", "与", "及", "暨", "至", "以及"))
_NEVER_FIRST = frozenset("其该此这那他她它我你某各每不没未也还又就才再都只若如把被对在从以因由于随有为使让令向待等盼")
_LIKE_AN_END = re.compile(r"[路桥道园馆库站厂渠湖港校院场楼区街闸坝塔井田网段线洞廊亭桩房梯寺庙村镇湾岛山河湖号期]$")
_AGENDA_AT_THE_END = "(?:[^，。的]{0,3}(?:显示|明确|提出|要求|为|是|包括|如下))?$"
_HEADING = re.compile(
    r"[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|第[一二三四五六七八九十]+[章部]|(?:19|20)\d\d年|去年|今年|明年|下一步"
)
_PAST_HEADING = re.compile(r"(?:(?P<year>(?:19|20)\d\d)年|去年|上年).*(?:回顾|总结|情况|工作|成效|成绩|进展)")
_LONGEST_HEADING = 30
_FARTHEST_HEADING = 60  # sentences above
_LONGEST_CLAUSE = 200  # code points; a longer one is no plain report
_CLAUSES_BEFORE = 12  # of a sentence that may govern one, besides its first
_UNITS_OF_ONE = "所座个条家处栋"


class Frame(NamedTuple):
    """What stands around the verb of a plain report.

    Attributes:
        subject_end: where the words of how and when begin, right behind the subject.
        goes_on: no subject stands in the clause: it is that of the clause before.
        is_done: the clause itself says that it has come about.
        is_object: the name stands behind the verb.
    """

    subject_end: int
    goes_on: bool
    is_done: bool
    is_object: bool


def frame_of(text: str, clause: tuple[int, int], told: tuple[int, int], found: Found) -> Frame | None:
    """How a clause reports; null where it holds anything that is not understood.

    >>> words = "备受期待的大桥已正式通车"
    >>> frame_of(words, (0, len(words)), (10, 12), Found())
    Frame(subject_end=7, goes_on=False, is_done=True, is_object=False)
    >>> frame_of("大桥通车仅剩30天", (0, 9), (2, 4), Found()) is None
    True
    """
    start, end = clause
    if end - start > _LONGEST_CLAUSE or not _is_word(text, clause, told):
        return None
    subject_end = before_adverbs(text, start, told[0])
    is_done = any(word in text[subject_end : told[0]] for word in ("已", "昨", "今天", "日前", "近日", "实际", "上周"))
    goes_on = subject_end <= _OPENING.match(text, start, end).end()  # type: ignore[union-attr]
    if _ends().fullmatch(text, told[1], end):
        is_understood = goes_on or is_named(text[start:subject_end])
        return Frame(subject_end, goes_on, is_done, False) if is_understood else None
    if text[told[0] : told[1]] not in _MAKES or not _is_who(text, start, subject_end, found):
        return None
    return Frame(told[0], False, is_done, True) if _is_object(text[told[1] : end]) else None


@cache
def _ends() -> re.Pattern[str]:
    words = kinds_of_words("evidence_words")
    verbs = alternation(word for kind in ("started", "completed") for word in words[kind])
    return re.compile(f"(?:{_ENDS.pattern}|(?:并|、|且)?(?:正式|全面)?{verbs}){_CLOSING}")


def _is_word(text: str, clause: tuple[int, int], told: tuple[int, int]) -> bool:
    """Whether no word reaches over the border of the verb: 召开工作, 交通车站, 桥下马路."""
    start = max(clause[0], told[0] - 12)
    place = start
    for token in rjieba.cut(text[start : min(clause[1], told[1] + 8)], False):
        after = place + len(token)
        if place < told[0] < after and not _is_beside(token[: told[0] - place]):
            return False
        if told[0] <= place < told[1] < after:
            return False
        place = after
    return True


def _is_beside(words: str) -> bool:
    listed = kinds_of_words("evidence_words")
    return words in listed["beside"] or words in listed["completed"]


@cache
def _adverbs() -> re.Pattern[str]:
    words = kinds_of_words("evidence_words")
    verbs = alternation(word for kind in ("started", "completed") for word in words[kind])
    return re.compile(f"(?:{alternation(words['beside'])}|(?:{verbs})(?:并|、|且|和)?|{TIME_WORDS})$")


def before_adverbs(text: str, start: int, end: int) -> int:
    """Where the words of how and when in front of a place begin."""
    while end > start:
        words = text[start:end]
        stripped = words.rstrip(" \u3000”’」』")
        found = _SMALL.search(words) or _adverbs_at_the_end(words)
        if found is None and stripped == words:
            break
        reached = start + (found if isinstance(found, int) else found.start() if found else len(stripped))
        if reached >= end:
            break
        end = reached
    return end


def _adverbs_at_the_end(words: str) -> int | None:
    """Where the longest adverb or time at the end of words begins, if it is none of a name's (新塘, 东城区)."""
    tail = max(0, len(words) - 16)
    return next((place for place in range(tail, len(words)) if _adverbs().match(words, place)), None)


def _is_who(text: str, start: int, end: int, found: Found) -> bool:
    """Whether what stands before verb and object only tells who did it."""
    words = _OPENING.sub("", text[start:end], count=1)
    if _WHO.fullmatch(words):
        return True
    return any(
        one.kind in ("organisation", "place") and one.start >= start and one.end == end for one in found.mentions
    )


def _is_object(words: str) -> bool:
    """Whether words are an object with its figure, and nothing else: 充电桩1200个, “名医下乡”行动."""
    words = re.sub(f"{_CLOSING}$", "", words.removeprefix("了"))
    counted = re.fullmatch(f"(?:{_FIGURE})?(?P<name>.+?)(?P<figure>{_FIGURE})?", words)
    if counted is None:
        return False
    has_figure = counted["figure"] is not None or re.match(_FIGURE, words) is not None
    return is_named(counted["name"]) and (has_figure or "”" in words or is_work(counted["name"]))


def is_named(words: str) -> bool:
    """Whether words end as a name does and hold nothing but names: no adverb, pronoun or preposition.

    >>> is_named("备受期待的白鹭湾大桥"), is_named("白鹭湾大桥再过半年就"), is_named("群众问白鹭湾大桥是否")
    (True, False, False)
    """
    words = re.sub(r"(?:[（(][^）)]*[）)]|[“”‘’「」『』\s])", "", re.split("[：:]", words)[-1])
    words = re.sub("^.*(?:日电|[报网社闻]讯|宣布|获悉|了解到|介绍)", "", words)
    name = re.sub("^.*(?<=[一-鿿]{2})的(?=.{2})|^由.{2,16}(?:承建|建设|实施|负责)的", "", words)
    name = re.sub("^(?:[我全本][省市区县州镇乡村])?(?:首|第?[一二两三四五六七八九十]+)[所座个条家处栋]", "", name)
    while time := _TIME_FIRST.match(name):
        name = name[time.end() :]
    tokens = rjieba.tag(name, False) if name else []
    if not tokens or tokens[0][0] in _NEVER_FIRST or _told_words().search(name):
        return False
    if any(tag in _NOT_IN_A_NAME and word not in _JOINS and not word.endswith("期") for word, tag in tokens[1:]):
        return False
    last, tag = tokens[-1]
    return (
        tag.startswith(("n", "vn", "j", "l", "i", "s", "q", "m", "x", "eng"))
        or is_work(name)
        or _LIKE_AN_END.search(last) is not None
    )


_TIME_FIRST = re.compile(f"(?:{TIME_WORDS}|(?:今年以来|目前|昨[天日]|今[天日]|近日|日前|截至|[上中下]午|，))")


@cache
def _told_words() -> re.Pattern[str]:
    words = kinds_of_words("evidence_words")
    # 希望小学 is a name.
    never = alternation(word for word in (*words["condition"], *words["denied"]) if len(word) > 1)
    return re.compile(f"{alternation(words['completed'])}|{never}(?!小学|中学|学校|大道|广场)")


@cache
def _works() -> re.Pattern[str]:
    nouns = kinds_of_words("project_nouns")["named"]
    return re.compile(
        f"(?:{alternation((*nouns, *kinds_of_words('evidence_words')['work']))}|[路桥道园馆库站厂渠港校院场楼街闸坝塔井线洞廊]|[一二三四五1-5]期)$"
    )


def is_work(words: str) -> bool:
    """Whether words end as a work's, a project's or a programme's name does.

    >>> is_work("白鹭湾大桥"), is_work("龙溪公路二期"), is_work("白鹭湾大桥收费")
    (True, True, False)
    """
    return _works().search(words) is not None


def is_governed(text: str, clauses: list[tuple[int, int]], position: int, subject_end: int, is_dated: bool) -> bool:
    """Whether a condition, question, hope, plan or denial governs a clause: in its own words or those before it.

    Args:
        text: the article's.
        clauses: where the clauses of the sentence begin and end.
        position: the number of the clause.
        subject_end: where its subject ends.
        is_dated: the clause itself gives a time that has passed, or says that it is done: no plan then.
    """
    condition, plan, aside = _openings()
    if text[clauses[-1][1] : clauses[-1][1] + 1] in ("？", "?"):
        return True
    for number in sorted({0, *range(max(0, position - _CLAUSES_BEFORE), position + 1)}):
        start, end = clauses[number]
        is_own = number == position
        begin = _OPENING.match(text, start, end).end()  # type: ignore[union-attr]
        words = _DATELINE.sub("", text[begin : subject_end if is_own else end])
        described = is_own and "的" in words[3:]
        if is_own and "：" in words and _agenda().search(words.rpartition("：")[0]):
            return True
        if not is_own and (
            ("：" in words and _agenda().search(words.rpartition("：")[0])) or _agenda_end().search(words)
        ):
            return True
        if _opens(condition, words) or (is_own and _opens(aside, words) and not described):
            return True
        if _opens(plan, words) and not described and not (is_dated and not is_own):
            return True
    return False


def _opens(openings: frozenset[str], words: str) -> bool:
    """Whether words begin with a word of a list; 将军山 and 要素 begin with none."""
    if any(len(one) > 1 and words.startswith(one) for one in openings):
        return True
    if words[:1] not in openings:
        return False
    return bool(rjieba.cut(words[:8], False)[0] == words[:1])


@cache
def _openings() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words = kinds_of_words("evidence_words")
    return frozenset(words["condition"]), frozenset(words["plan"]), frozenset(words["aside"])


@cache
def _agenda() -> re.Pattern[str]:
    return re.compile(alternation(kinds_of_words("evidence_words")["agenda"]))


@cache
def _agenda_end() -> re.Pattern[str]:
    return re.compile(f"{alternation(kinds_of_words('evidence_words')['agenda'])}{_AGENDA_AT_THE_END}")


def is_under_other_times(article: Article, sentence: Sentence) -> bool:
    """Whether the nearest heading above tells of an earlier year or of what is to be done (2025年工作回顾, 下一步打算)."""
    known = article.published_date or article.event_date
    position = min(sentence.number, len(article.sentences) - 1)
    for above in reversed(article.sentences[max(0, position - _FARTHEST_HEADING) : position]):
        words = article.text[above.start : above.end].strip()
        if (
            len(words) > _LONGEST_HEADING
            or words.endswith(("。", "！", "；", "，"))
            or above.block_no == sentence.block_no
        ):
            continue
        if _HEADING.match(words) and re.search("(?:安排|计划|打算|目标|任务|下一步|展望|思路)$", words):
            return True
        past = _PAST_HEADING.search(words)
        if past is not None:
            return not past["year"] or known is None or int(past["year"]) < known.year
        if re.match("[一二三四五六七八九十]+、", words):
            return False
    return False
