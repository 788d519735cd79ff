"""What a task or a report is about, in words that are the same for both."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from newslake.annotate.matters.english import english_matter
from newslake.annotate.words.patterns import alternation, kinds_of_words, searchable

_MARKS = str.maketrans("", "", "“”‘’「」『』《》〈〉\"' 　")
_FIGURE = (
    r"(?:[约近超逾共计到至]|超过|不少于|不低于|力争)*(?:\d[\d,.]*(?:[-—～~至到]\d[\d.]*)?[%％‰万亿千百多余]*"
    r"|[一二两三四五六七八九十百千万亿]{1,4}(?=[个项条座所家处件批片套公户名]))"
    r"(?:个百分点|平方公里|平方米|立方米|公里|千米|公顷|吨级|标箱|人次|床位|小时|班次|[个项条座所家处件批片套户名亩米吨元人台辆张间场次栋幢年天])?"
    r"(?:美元|元|吨|亩|人|户|米)?(?:以上|以下|以内|左右|余)?"
)
_TIME = (
    r"(?:(?:截至|截止|到|自|从|于|在|至|预计|计划)*(?:(?:20\d\d|今|明|后|去|当|本|前)年(?:年?[底末初中]|以?内|上半年|下半年|[一二三四]季度)?"
    r"|[一二三四]季度|[上下]半年|年[底末内初]|本?月[底末内]|(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日|[底末初中]|[上中下]旬)?|\d{1,2}日"
    r"|[一二两三四五六七八九十\d]+(?:年|个月|周|天|日)(?:之内|以内|内|后)|“?十[一二三四五六七八]五”?(?:期间|末|时期)?|期间|目前|日前|近日|全年|每[周月年天日]|每季度)"
    r"(?:之前|以前|前|内|底|末|起|以来)?[，,]?)"
)
_LEADING_WORDS = (
    r"已经|[，、：；。的了又也都正已再]|[和与及](?![平谐睦])|必须|务必|应当|不断|"
    r"要|将|须|拟|计划|打算|按照|依托|围绕|就是|全部|一批|沿线|沿江|沿河|全长|总投资|名为|一座|一条|一个|一处|一次|首批|这[座条个项家些]|会同|当地|当前|"
    r"(?:我|全|本|该|各|辖)(?:省|市|区|县|州|镇|乡|村|街道)|辖区(?!域)|(?:国家|省|市|区|县)级(?:及?以上)?(?=.{3})"
)
_HEADS = (
    r"中心|平台|体系|机制|制度|大厅|基地|公司|学院|学校|集团|银行|站|委|局|厅|局|所|员|者|费|率|量|条例|办法|方案|规划|计划|意见|"
    r"协会|大学|医院|区|园|路|街|馆|带|开放|高地|示范|项目|工程|工作|业(?!务)|行动|攻坚战"
)
_COUNTED = r"\d[\d,.]*[^\d、，]{1,3}[、，]"
_LONGEST = 200  # code points; a task is a clause, and what lies behind this is not its object
_KIND_OF_A_NAME = re.compile("”(?:专项)?(?:行动|活动|计划|工程|模式|做法)$")
_BOUNDS = ("不少于", "不低于", "不超过")
_LONGEST_FIGURE = 20
_ENDS_A_FIGURE = frozenset(
    "0123456789%％‰万亿千百多余点里米顷级箱次位项条座所家处件批片套户名亩吨元人台辆张间场栋幢年天个上下内右月日底末初旬度期前起来间班"
)
_RELATIVE = re.compile(
    r"[区县市州](?![、域城块位间别政场民级值容属区县镇乡情内外里上下政委人长])(?=.{3})|[区县市](?=人民医院|人民公园)"
)
_PREPOSITION = r"(?:围绕|以|依托|按照|根据|通过|紧扣|立足|针对|借助)"


class _Patterns(NamedTuple):
    leading: re.Pattern[str]
    leading_once: re.Pattern[str]
    manner: re.Pattern[str]
    predicate: re.Pattern[str]
    counted: re.Pattern[str]
    common: tuple[str, ...]


@cache
def _patterns() -> _Patterns:
    words = kinds_of_words("directive_verbs")
    either = frozenset(words["either"])
    verb = alternation(word for word in words["verb"] if word not in either and len(word) > 1)
    verb = f"(?:{verb})(?![制率])|{alternation(word for word in either if len(word) > 1)}(?!{_HEADS})"
    degree = alternation(word for word in words["degree"] if len(word) > 1)
    moved = r"(?:作为|作出|进行|给予|列为|打造成|建设成|融入|纳入|细化到|固化为|形成|摆在|放在|抓在|扛在|(?<!自)(?<!缘)由(?!此))"
    leading = f"(?:{_TIME}|{_FIGURE}的?|(?:对(?![外口接岸标])|把|将|为|在(?![建编校线])|从|给|向)(?=.{{4}})|{degree}|{verb}|{_LEADING_WORDS})"
    return _Patterns(
        leading=re.compile(f"{leading}+"),
        leading_once=re.compile(leading),
        manner=re.compile(f"{_PREPOSITION}[^，]{{2,30}}?(?:{verb})"),
        predicate=re.compile(
            f"(?=[\\d“一-十两今明后去当本前年月上下自从到截至预每期目近全]){_TIME}(?=.)(?!的)|(?=[已全正如顺提基累率只即将均完争逐])"
            r"(?:已经|已|全部|正式|如期|顺利|提前|基本(?=完|建|形)|累计|率先|只(?=[上完建有新])|争取|逐[户一项条个]|即将|将|正在|均(?=[已为完达建投])|完全)"
            f"|{searchable(words['done'])}(?![制率额量权极点的机])|{moved}|{_COUNTED}|(?<=[心馆园场厅站道区院])开放$"
            "|身?[上中](?:下功夫|求突破|见实效|出实招|发力|用力|走在前|求实效)"
        ),
        counted=re.compile(f"(?:{_FIGURE}|{_TIME})$"),
        common=tuple(sorted((*words["common"], *"的、，和与及：；（("), key=len, reverse=True)),
    )


@lru_cache(maxsize=4096)
def matter(task: str, jurisdiction: str | None) -> str:
    """What a task or a report is about: its object without place, verb, figures and common words.

    The same words come out for the setting of a task and for what is reported of it, so that both can be joined.
    Left alone: places inside a name (临江综保区), and verbs that begin one (服务中心).

    Args:
        task: the words of a task or of a report, in one clause.
        jurisdiction: the division the article is about, whose name is left out (澜川市/临江区); null if unknown.

    Returns:
        The matter; where nothing is left of it, the words given, without quotation marks.

    >>> matter("加快建设龙头港铁路专用线等通道项目", "澜川市/临江区")
    '龙头港铁路专用线'
    >>> matter("全长3.2公里的龙头港铁路专用线12月20日建成通车", "澜川市/临江区")
    '龙头港铁路专用线'
    >>> matter("11月底前改造老旧小区42个", None), matter("临江区42个老旧小区改造全部完工", "澜川市/临江区")
    ('老旧小区', '老旧小区')
    >>> matter("build the Beishan rail spur by 2026", None), matter("The Beishan rail spur opened in May", None)
    ('beishan rail spur', 'beishan rail spur')
    """
    if task.isascii() or not re.search("[\u4e00-\u9fff]", task):
        return english_matter(task)
    patterns = _patterns()
    name = _without_tail(patterns, _without_beginning(patterns, task[:_LONGEST].strip(), _places(jurisdiction)))
    name = name.translate(_MARKS)
    return name if len(name) > 1 else task.translate(_MARKS)[:_LONGEST] or task


def _without_beginning(patterns: _Patterns, text: str, places: tuple[str, ...]) -> str:
    """Takes off how it is done, adverbs, verbs, figures and the division's own name, as long as there are any."""
    start = 0
    while True:
        reached = start
        for pattern in (patterns.manner, patterns.leading, _RELATIVE):
            found = pattern.match(text, reached)
            reached = found.end() if found else reached
        reached += next((len(place) for place in places if text.startswith(place, reached)), 0)
        if reached >= len(text) - 1:
            first = patterns.leading_once.match(text, start)
            rest = text[first.end() :] if first and first.end() < len(text) - 1 else ""
            return rest if rest and not rest[0].isdigit() else text[start:]
        if reached == start:
            return text[start:]
        start = reached


def _without_tail(patterns: _Patterns, name: str) -> str:
    """Takes off the predicate, and common words and figures at the end."""
    found = patterns.predicate.search(name, 2)
    if found:
        name = name[: found.start()]
    listed = name.find("等", 2)
    if listed > 0 and not name.startswith(("等级", "等候", "等教育"), listed):
        name = name[:listed]
    name = _KIND_OF_A_NAME.sub("”", name)
    while True:
        ending = (
            next((word for word in patterns.common if name.endswith(word)), "")
            if name.endswith(patterns.common)
            else ""
        )
        if not ending and name[-1:] in _ENDS_A_FIGURE:
            counted = patterns.counted.search(name, max(2, len(name) - _LONGEST_FIGURE))
            ending = counted[0] if counted else ""
        if not ending or len(name) - len(ending) < 2:
            return name
        name = name[: -len(ending)]


@cache
def _places(jurisdiction: str | None) -> tuple[str, ...]:
    """Full names of the divisions, the longest first, each alone and behind those above it."""
    parts = jurisdiction.split("/") if jurisdiction else []
    joined = ["".join(parts[first:last]) for first in range(len(parts)) for last in range(first + 1, len(parts) + 1)]
    return tuple(sorted(joined, key=len, reverse=True))


@cache
def _vague() -> frozenset[str]:
    return frozenset(kinds_of_words("directive_verbs")["vague"])


def is_vague(name: str) -> bool:
    """Whether a matter says nothing by itself (投资, 主体结构), so that the heading's says more.

    >>> is_vague("投资"), is_vague("龙头港铁路专用线")
    (True, False)
    """
    return name in _vague() or len(name) < 2 or name[0].isdigit() or name.startswith(_BOUNDS)
