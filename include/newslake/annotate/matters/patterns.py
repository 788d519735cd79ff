"""Patterns of what stands around the name of a matter: how, when, how many, and what becomes of it."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from newslake.annotate.words.patterns import alternation, kinds_of_words, searchable

_HAN = "一二两三四五六七八九十"
# Not a count: what belongs to a name (2号桥, 110千伏变电站, 318国道, 5G基站).
NUMBER = r"(?<![A-Za-z第])(?>\d[\d,.]*)(?!号|千伏|国道|省道|县道|[A-Za-z])"
_COUNTERS = "个项条座所家处件批片套公户名"
FIGURE = (
    rf"(?:[约近超逾共计到至]|超过|不少于|不低于|力争)*(?:{NUMBER}(?:[-—～~至到]\d[\d.]*)?[%％‰万亿千百多余]*"
    rf"|[一二两三四五六七八九十百千万亿]{{1,4}}(?=[{_COUNTERS}])(?!个月))"
    r"(?:个百分点|平方公里|平方米|立方米|公里|千米|公顷|吨级|标箱|人次|床位|小时|班次|个(?!月)|[项条座所家处件批片套户名亩米吨元人台辆张间场次栋幢年天])?"
    r"(?:美元|元|吨|亩|人|户|米)?(?:以上|以下|以内|左右|余)?"
)
_YEAR = r"(?:20\d\d|二[〇零○][〇零○一二三四五六七八九]{2}|今|明|后|去|当|本|前)年"
_MONTH = rf"(?:{_YEAR})?(?:\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?:份(?!额)|(?:\d{{1,2}}|[{_HAN}]{{1,3}})日|[底末初中]|[上中下]旬)?"
TIME = (
    rf"(?:(?:截至|截止|到|自|从|于|在|至|预计|计划)*(?:{_MONTH}|{_YEAR}(?:年?[底末初中]|以?内|上半年|下半年|第?[一二三四]季度)?"
    rf"|第?[一二三四]季度|[上下]半年|年[底末内初]|本?月[底末内]|\d{{1,2}}日|(?:今[晚日天]|明[晚日天]|当[晚日])?(?:\d{{1,2}}|零|[{_HAN}]{{1,3}})(?:时(?!代|空|尚|间)|点(?=[之以]?前))"
    rf"|(?:用|花|再用)?[{_HAN}\d]+(?:年|个月|周|天|日)(?:左右)?(?:的?时间)|[{_HAN}\d]+(?:年|个月|周|天|日)(?:之内|以内|内|后)"
    r"|“?十[一二三四五六七八]五”?(?:期间|末|时期)?|期间|目前|日前|近日|昨[日天]|全年|每[周月年天日]|每季度)"
    r"(?:之前|以前|前后|前|内|底|末|起|以来)?[，,]?)"
)
_LEADING_WORDS = (
    r"已经|[，、：；。的了又也都正已再]|[和与及](?![平谐睦])|必须|务必|应当|不断|决定|取消|不再(?:实施|建设)|终止|暂停|暂缓|停止|停建|"
    r"要|将|须|拟|计划|打算|按照|依托|围绕|就是|全部|一批|其中|[一二三四五六七八九]是|承诺的|剩余的?|剩下的|其余的?|有(?=[\d一二两三四五六七八九十]+[项个])|沿线|沿江|沿河|全长|总投资|名为|一座|一条|一个|一处|一次|首批|首[座条个所家](?=.{3})|这[座条个项家些]|会同|当地|当前|"
    r"比(?:原(?:定|来)?|去年|上年)(?:的?(?:计划|工期|目标|同期))?(?:提前|增加|多)?(?:近|约|了)?(?:[一二两三四五六七八九十半\d]+(?:年|个?多?月|周|天|日))?|(?:按?照|像)(?:去年|往年|原样|此)|份(?=完成|建成|销号)|"
    r"(?:我|全|本|该|各|辖)(?:省|市|区|县|州|镇|乡|村|街道)(?!级|委|局)|辖区(?!域)|(?:国家|省|市|区|县)级(?:及?以上)?(?=.{3})"
)
_HEADS = (
    r"中心|平台|体系|机制|制度|大厅|基地|公司|学院|学校|集团|银行|站|委|局|厅|局|所|员|者|费|率|量|条例|办法|方案|规划|计划|意见|"
    r"协会|大学|医院|区(?![块域间划人民第体文图少青委政级医中实])|园|路|街|馆|带|开放|高地|示范|项目|工程|工作|业(?!务)|行动|攻坚战"
)
_COUNTED = r"\d[\d,.]*[^\d、，号]{1,3}[、，]"
_PREPOSITION = r"(?:围绕|以|依托|按照|根据|通过|紧扣|立足|针对|借助|向)"
_DECLARED = r"[^，。；]{0,16}?宣[布告](?=.{2})"
_MOVED = r"(?:作为|作出|进行|给予|列为|打造成|建设成|融入|纳入|细化到|固化为|形成|摆在|放在|抓在|扛在|(?<!自)(?<!缘)(?<!理)由(?!此))"
_ADVERBS = (
    r"(?:已经|已(?!有)|全部|正式|如期|顺利|提前|基本(?=完|建|形)|累计|率先|只(?=[上完建有新])|争取|逐[户一项条个]|即将"
    r"|将(?![军领帅士相才])|正在|均(?=[已为完达建投])|完全|相继|陆续|先后|并(?=[通投交启正顺完开实]))"
)
# 达州 and 四达路 are no figures reached.
_REACHES = rf"达(?=[\d{_HAN}百千万亿约到成近超标不])"


class Patterns(NamedTuple):
    """What is taken off the words of a task or report, compiled once.

    Attributes:
        leading: one piece in front of a name: a time, a figure, a preposition, an adverb, a verb.
        declared: who declares it, up to the verb (区政府宣布).
        manner: how it is done, up to the verb (依托龙头港建设…).
        predicate: what comes about; a name ends before it.
        counted: a figure or a time at the end.
        common: words at the end that tell no matter from another, the longest first.
        names: what a name begins with, although its beginning looks like a piece in front of it.
    """

    leading: re.Pattern[str]
    declared: re.Pattern[str]
    manner: re.Pattern[str]
    predicate: re.Pattern[str]
    counted: re.Pattern[str]
    common: tuple[str, ...]
    names: re.Pattern[str]


@cache
def patterns() -> Patterns:
    """The patterns, from `seeds/reference/directive_verbs.txt` and `matter_words.txt`."""
    words = kinds_of_words("directive_verbs")
    either = frozenset(words["either"])
    # 建成 before 为民服务中心 is not 建成为.
    verb = alternation(word for word in words["verb"] if word not in either and len(word) > 1 and word != "建成为")
    verb = f"(?:{verb})(?![制率])|{alternation(word for word in either if len(word) > 1)}(?!{_HEADS})"
    degree = alternation(word for word in words["degree"] if len(word) > 1)
    done = searchable(word for word in words["done"] if word != "达")
    preposition = r"(?:对(?![外口接岸标])|把|将|为|在(?![建编校线])|从|给|向)(?=.{4})"
    phases = [word for word in words["common"] if re.fullmatch("[一二三四五]期", word)]
    return Patterns(
        leading=re.compile(f"{TIME}|{FIGURE}的?|{preposition}|{degree}|{verb}|{_LEADING_WORDS}"),
        declared=re.compile(_DECLARED),
        manner=re.compile(f"{_PREPOSITION}[^，]{{2,30}}?(?:{verb})"),
        predicate=re.compile(
            f"(?=[\\d“一-十两今明后去当本前年月上下自从到截至预每期目近全昨二])(?<![第一-十]){TIME}(?=.)(?!的)"
            f"|(?=[已全正如顺提基累率只即将均完争逐相陆先并]){_ADVERBS}|{_REACHES}"
            f"|{done}(?![制率额量权极点的机])|{_MOVED}|{_COUNTED}|(?<=[心馆园场厅站道区院])开放$"
            "|过半|进展(?=[顺缓迅良平有]|$)|身?[上中](?:下功夫|求突破|见实效|出实招|发力|用力|走在前|求实效)"
        ),
        counted=re.compile(f"(?:{FIGURE}|{TIME})$"),
        common=tuple(
            sorted(
                {*words["common"], *kinds_of_words("matter_words")["part"], *"的、，和与及：；（("} - {*phases, ""},
                key=len,
                reverse=True,
            )
        ),
        names=_names(),
    )


def _names() -> re.Pattern[str]:
    words = kinds_of_words("matter_words")
    before, after = alternation(words["begins_before"]), alternation(words["after"])
    return re.compile(f"{alternation(words['begins_a_name'])}|(?:{before}){after}|[于向从将和都]家")
