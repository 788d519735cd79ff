"""Works in 《》, and programmes, mechanisms and slogans that go by a name of their own."""

from __future__ import annotations

import re
from functools import cache

from newslake.annotate.article import Article, Found, Mention
from newslake.annotate.places import leave_out_nested
from newslake.annotate.words.listed_names import ListedNames
from newslake.config import reference_lines

CONFIDENCE = {"work": 0.98, "listed": 0.9, "quoted": 0.8}

_WORK = re.compile(r"《(?P<name>[^《》\n]{1,80}(?:《[^《》\n]{1,80}》[^《》\n]{0,80})*)》")
_QUOTED = re.compile(r"[“「](?P<name>[^“”「」\n]{2,24})[”」]")

_NUMERAL = "一二三四五六七八九十百千万两双零N"
# “三攻坚一盘活”, “十项行动”, “3+N”, “2349”: numerals that count the parts of a programme.
_COUNTS = re.compile(
    rf"^(?:[{_NUMERAL}\d](?!\d)[^，。]{{1,6}}[{_NUMERAL}\d](?!\d)[^，。]{{0,6}}|[{_NUMERAL}\d]+[项张大个条号件网站库篇场轮步链核圈廊带心化率].{{0,8}}"
    rf"|[\dA-Z]+(?:[+＋][\dA-ZNXn]+)+.{{0,6}})$"
)
_NUMBER = re.compile(rf"^(?:[{_NUMERAL}]{{2,5}}|\d{{3,6}})$")
_KIND = re.compile(
    "(?<=.)(?:工程|行动|计划|战略|机制|清单|攻坚战?|保卫战|模式|体系|平台|示范区|城市|经济圈|专项|改革|规划|方案|制度|负责制|责任制|销号制|工作法|办法"
    "|讲堂|夜校|驿站|超市|先锋|联盟|经验|品牌|讲习所|服务站|一条街|走廊|通道|指数|大脑|(?<=..)(?:码|通|办|制|圈|节)|盘棋|张网|件事|经济|革命|家园|快车|套餐|食堂|工坊|小屋|热线|专窗|专线|合伙人|管家|微网格|[一二三四五六七八九十]条)$"
)
_FOLLOWED = re.compile(
    "(?:的)?(?:专项|主题|系列|特色|创新|现代|新型)?(?:改革|建设|行动|工程|战略|计划|机制|模式|创建|活动|攻坚|体系|工作法|工作方法|营商环境|理念|目标|集群|政策|品牌"
    "|试点|倡议|规划|方案|服务|应用|平台|布局|格局|部署|要求|任务|场景|产业|制度|办法|思路|路径|升级版|落地|战役|整治|治理|比拼|清单|农村路|专题|宣传|实践|招聘|驿站|大赛|竞赛|评选|课堂|志愿)"
)
_AFTER_STRONG = re.compile(
    "(?:实施|推进|深化|推行|践行|聚焦|落实|唱好|打好|抓好|开展|打表推进|启动|争创|创建|擦亮|打响|推广|建立|抓实|深入推进|用好|推出|贯彻|做实|念好|下好)$"
)
_AFTER = re.compile(
    "(?:围绕|打造|坚持|创新|探索|建设|按照|构建|完善|健全|做好|组织|开设|形成|推动|以|将|由|把|的|助力|纳入|通过|运用|采取|采用|抓)$"
)
# Direct speech, names of things, and words that are merely stressed.
_SPEECH_BEFORE = re.compile(
    "(?:[：:，,]|说|道|表示|称|强调|指出|问|喊|写着|写道|认为|叫|名为|所谓|称为|称作|誉为|堪称|如同|像|好比|题为|为题|叫做|取名|谓)$"
)
_STRESSED_AFTER = re.compile(
    "字样|一词|二字|两字|三字|四字|两个关键词|关键词|的说法|之称|称号|之一说|式的|般的|的故事|的声音|的人"
)
_PROGRAMME = re.compile("专项|工程|行动|计划|机制|改革|活动|模式|制度")
_LONGEST = 16  # code points of a name; longer ones are sentences
_SPEECH_INSIDE = re.compile(
    "[。！？；…?!;吗呢吧啊呀啦哦嘛]|我|你|他|她|大家|没想到|打一|谢谢|不能|怎么|什么|为什么|可以"
)


def find_works(article: Article, found: Found) -> None:
    """Adds works, documents and initiatives of an article to what was found.

    What is an initiative at one place of the article is one wherever it stands in quotation marks.

    Left alone: speech, irony and stressed words in quotation marks, and what a place or body is called.
    """
    text = article.text
    taken = bytearray(len(text))
    for one in found.of_kind("person", "organisation"):
        taken[one.start : one.end] = b"\1" * (one.end - one.start)
    for match in _WORK.finditer(text):
        found.mentions.append(_mention("work", match.span(), match["name"], "work"))
        taken[match.start() : match.end()] = b"\1" * len(match[0])
    quoted = [match for match in _QUOTED.finditer(text) if not taken[match.start()]]
    names = {match["name"] for match in quoted if is_initiative(text, *match.span())}
    for match in quoted:
        if match["name"] in names:
            found.mentions.append(_mention("initiative", match.span(), match["name"], "quoted"))
            taken[match.start() : match.end()] = b"\1" * len(match[0])
    for start, end in _listed().find(text):
        if not taken[start] and not taken[end - 1]:
            found.mentions.append(_mention("initiative", (start, end), text[start:end], "listed"))
    leave_out_nested(found)


def is_initiative(text: str, start: int, end: int) -> bool:
    """Whether words in quotation marks name a programme, mechanism or slogan, judged by form and surroundings.

    Args:
        text: any text.
        start: of the opening mark.
        end: behind the closing mark.

    >>> [is_initiative(text, text.index("“"), text.index("”") + 1) for text in (
    ...     "推进“三攻坚两提升”改革", "他说，“我们一起干”", "深化“无废城市”建设", "这份“惊喜”来得晚", "“一体化”两个关键词")]
    [True, False, True, False, False]
    """
    name, before, after = text[start + 1 : end - 1], text[max(0, start - 6) : start], text[end : end + 8]
    if name in _listed_names():
        return True
    if _SPEECH_INSIDE.search(name) or _STRESSED_AFTER.match(after) or _SPEECH_BEFORE.search(before):
        return False
    if "，" in name or len(name) > _LONGEST or (name in _figures_of_speech() and not _PROGRAMME.match(after)):
        return False
    score = (
        2 * bool(_COUNTS.match(name))
        + bool(_NUMBER.match(name))
        + 2 * bool(_KIND.search(name))
        + 2 * bool(_FOLLOWED.match(after))
    )
    score += 2 if _AFTER_STRONG.search(before) else int(bool(_AFTER.search(before)))
    return score >= 2


@cache
def _listed_names() -> frozenset[str]:
    return frozenset(reference_lines("initiatives"))


@cache
def _figures_of_speech() -> frozenset[str]:
    return frozenset(reference_lines("figures_of_speech"))


@cache
def _listed() -> ListedNames:
    return ListedNames(_listed_names())


def _mention(kind: str, span: tuple[int, int], name: str, rule: str) -> Mention:
    return Mention(kind=kind, start=span[0], end=span[1], name=name, confidence=CONFIDENCE[rule])
