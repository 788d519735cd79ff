"""Generated articles, their edited copies and their mirror copies, and notices of one template that are no copies.

All names are invented. A family is an article with its copies; every notice is a family of its own.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc

from newslake.acquire.documents import Document, table
from newslake.annotate import annotate
from newslake.clean import clean
from newslake.deduplicate import cluster
from newslake.fingerprint import fingerprint
from newslake.parse import parse
from newslake.segment import segment

LENGTHS = (80, 120, 200, 350, 600, 1_200, 2_500, 5_000)
EDITED_SHARE = 0.03
FETCHED = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Text:
    """A text to cluster.

    Attributes:
        family: texts with the same one are copies of each other.
        kind: what is counted under one name.
    """

    family: str
    kind: str
    text: str
    is_copy: bool = False


@dataclass
class Score:
    """What was found of some texts.

    Attributes:
        recall: kind → share of its copies that lie in one cluster with their original.
        precision: share of the articles named as originals that are of the copy's family.
        pair_precision: share of the pairs within clusters that are of one family.
        false_share: kind → share of its texts that are marked as copies of another family's.
        found: kind → its copies found, and all of them.
    """

    precision: float = 1.0
    pair_precision: float = 1.0
    recall: dict[str, float] = field(default_factory=dict)
    false_share: dict[str, float] = field(default_factory=dict)
    found: dict[str, tuple[int, int]] = field(default_factory=dict)
    missed: list[tuple[Text, Text]] = field(default_factory=list)
    wrong: list[tuple[Text, Text, float]] = field(default_factory=list)


@cache
def generator_module(name: str) -> ModuleType:
    """A module of the folder bench."""
    folder = str(Path(__file__).resolve().parents[2] / "bench")
    sys.path.insert(0, folder)
    try:
        return __import__(name)
    finally:
        sys.path.remove(folder)


def news(seed: int, length: int) -> str:
    """Paragraphs of generated news, of about `length` characters."""
    grammar = generator_module("grammar")
    generate = generator_module("generate")
    random = Random(f"news/{seed}/{length}")
    topic = grammar.pick(tuple(grammar.grammar()[0]), random)
    slots = generate._story_slots(topic, random)
    paragraphs = [grammar.fill(grammar.pick(slots["lead"], random), slots, random)]
    while sum(map(len, paragraphs)) < length:
        count = random.randint(1, 4) if length > 300 else 1
        paragraphs.append("".join(grammar.fill("{sentence}", slots, random) for _ in range(count)))
    return "\n".join(paragraphs)


WHO = ("The council", "The county", "The harbour board", "The museum", "The water company", "The school", "Residents",
       "A spokesman", "The mayor", "Engineers", "The library", "Farmers", "The hospital", "The railway", "Volunteers",
       "The union", "Shopkeepers", "The ferry company", "Researchers", "Firefighters")  # fmt: skip
DID = ("approved", "opened", "postponed", "criticised", "repaired", "welcomed", "reviewed", "rejected", "extended",
       "presented", "funded", "inspected", "closed", "promised", "replaced", "surveyed", "planned", "restored")  # fmt: skip
OF = ("old", "northern", "disputed", "wooden", "regional", "new", "narrow", "costly", "popular", "small", "annual",
      "coastal", "digital", "shared", "temporary", "public", "historic", "damaged", "empty", "joint")  # fmt: skip
WHAT = ("bridge", "timetable", "budget", "footpath", "market hall", "bus lane", "flood wall", "reading room", "orchard",
        "cycle route", "training centre", "pumping station", "playground", "heating grid", "ferry landing", "archive",
        "sports ground", "nature reserve", "car park", "recycling scheme", "lighthouse", "quarry", "allotments")  # fmt: skip
WHERE = ("in Aldermere", "near Thornwick", "along the Wend", "at Quayside", "on Larch Street", "outside Pellham",
         "in the old town", "across the district", "beside the canal", "at Marrow Cross", "by the station")  # fmt: skip
WHY = ("after months of talks", "despite rising costs", "because the roof leaks", "to shorten queues",
       "following a long dry summer", "before the season begins", "as part of a wider plan", "with help from pupils",
       "while the inquiry goes on", "to the surprise of neighbours", "once the ground has dried")  # fmt: skip


def english(seed: int, length: int) -> str:
    """Paragraphs of generated English news."""
    random = Random(f"english/{seed}/{length}")
    pick = random.choice
    paragraphs: list[str] = []
    while sum(map(len, paragraphs)) < length:
        sentences = []
        for _ in range(random.randint(1, 3)):
            ending = pick((f"{pick(WHY)}", f"{pick(WHERE)}", f"at a cost of {random.randint(2, 990)},000 pounds",
                           f"on {random.randint(1, 28)} {pick(('March', 'June', 'October'))}"))  # fmt: skip
            sentences.append(
                f"{pick(WHO)} {pick(DID)} the {pick(OF)} {pick(WHAT)} {pick(WHERE)} and the {pick(OF)} {pick(WHAT)}, {ending}."
            )
        paragraphs.append(" ".join(sentences))
    return "\n".join(paragraphs)


SURNAMES = "沈顾陆温程邵季莫庄柯焦裴"
GIVEN = "怀远岚予川启宁知澜舟亦衡昭朗庭素"
PLACES = tuple(f"{a}{b}" for a in "临松澜栖望鹭青云石柏" for b in "江川溪岭浦桥坪湾")
WORKS = ("防汛备汛", "招商引资", "安全生产", "森林防火", "项目建设", "乡村振兴", "生态环保", "教育整顿", "信访维稳", "秋粮收购",
         "城市管理", "减税降费", "稳岗就业", "校园安全", "医保征缴", "电商发展")  # fmt: skip
BUREAUS = (
    "财政局",
    "教育局",
    "水利局",
    "商务局",
    "审计局",
    "统计局",
    "林业局",
    "民政局",
    "司法局",
    "交通运输局",
    "应急管理局",
)
POSTS = (
    "会计",
    "出纳",
    "行政文员",
    "电工",
    "护士",
    "质检员",
    "仓库管理员",
    "网格员",
    "讲解员",
    "司机",
    "客服",
    "造价员",
    "焊工",
    "药剂师",
)
FIRMS = ("恒澜", "瑞泊", "盛桥", "鼎浦", "汇川", "远栖", "嘉岭", "博湾", "信柏", "达坪", "启鹭", "宏望")
ROADS = (
    "滨江路",
    "迎宾路",
    "建设路",
    "望江路",
    "学府路",
    "环湖路",
    "长桥街",
    "北门街",
    "松岭大道",
    "港城大道",
    "文昌路",
    "铁西路",
)


def person(random: Random) -> str:
    return random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.randint(1, 2)))


def weather(random: Random) -> str:
    number, pick = random.randint, random.choice
    month, day = number(1, 12), number(1, 27)
    return (
        f"{pick(PLACES)}区气象台{month}月{day}日{number(6, 18)}时发布天气预报：受{pick(('冷空气', '暖湿气流', '副热带高压', '高空槽'))}影响，"
        f"预计今天夜间到明天白天{pick(('多云', '阴', '小雨', '阵雨', '晴'))}转{pick(('多云', '阴', '小雨', '中雨', '晴'))}，"
        f"{pick('东南西北')}风{number(1, 4)}级，气温{number(1, 15)}到{number(16, 36)}摄氏度，相对湿度{number(40, 99)}%。\n"
        f"后天{pick(('多云', '阴', '小雨', '阵雨', '晴'))}，气温{number(1, 15)}到{number(16, 36)}摄氏度，能见度{number(2, 30)}公里。\n"
        "气象部门提醒，近期早晚温差较大，请广大市民注意适时增减衣物，外出注意交通安全，农户要抓住有利天气做好田间管理，并留意最新预报。"
    )


def traffic(random: Random) -> str:
    number, pick = random.randint, random.choice
    road, other = random.sample(ROADS, 2)
    month, day = number(1, 12), number(1, 27)
    return (
        f"因{road}{pick(('雨污管网改造', '路面维修', '电缆入地', '桥梁检测', '燃气管道施工'))}需要，为确保施工期间道路交通安全畅通，"
        f"{pick(PLACES)}区交警大队决定自{month}月{day}日{number(0, 9)}时起至{month}月{day + number(1, 3)}日{number(17, 23)}时止，"
        f"对{road}（{pick(ROADS)}至{pick(ROADS)}段）实行临时交通管制。\n"
        f"管制期间，禁止机动车通行，过往车辆请绕行{other}，{number(100, 199)}路、{number(200, 299)}路公交车临时改道。\n"
        f"请广大交通参与者提前规划出行线路，自觉服从现场交警指挥，按照交通标志标线通行。不便之处，敬请谅解。咨询电话：72{number(100000, 999999)}。"
    )


def recruitment(random: Random) -> str:
    number, pick = random.randint, random.choice
    firm, place = pick(FIRMS), pick(PLACES)
    return (
        f"根据工作需要，{place}{firm}{pick(('物业服务', '文旅发展', '水务', '城投', '公交'))}有限公司现面向社会公开招聘工作人员，有关事项公告如下。\n"
        f"一、招聘岗位：{pick(POSTS)}{number(1, 9)}名，{pick(POSTS)}{number(1, 9)}名，月薪{number(30, 90)}00元。\n"
        f"二、报名条件：具有中华人民共和国国籍，遵守宪法和法律，品行端正，身体健康，年龄在{number(28, 45)}周岁以下，{pick(('大专', '本科', '高中'))}及以上学历，"
        "具备岗位所需的专业知识和工作能力，能吃苦耐劳，服从安排。\n"
        f"三、报名时间：{number(1, 12)}月{number(1, 14)}日至{number(15, 28)}日（工作日）。应聘人员携带身份证、毕业证、学位证原件及复印件到公司综合部报名。\n"
        f"四、录用人员签订劳动合同，试用期{number(1, 3)}个月，依法缴纳社会保险。联系人：{person(random)}，电话：{number(13000000000, 18999999999)}。"
    )


def meeting(random: Random) -> str:
    number, pick = random.randint, random.choice
    place, work = pick(PLACES), pick(WORKS)
    return (
        f"{number(1, 12)}月{number(1, 28)}日，{place}区召开{work}工作会议，传达学习上级有关会议精神，安排部署下一阶段工作。区委书记{person(random)}出席会议并讲话，"
        f"区委副书记、区长{person(random)}主持会议，副区长{person(random)}作工作报告。\n"
        f"会议指出，今年以来全区{work}工作取得明显成效，完成投资{number(2, 90)}.{number(1, 9)}亿元，同比增长{number(2, 19)}.{number(1, 9)}%，但与先进地区相比仍有差距，必须清醒认识存在的问题和不足。\n"
        "会议强调，要提高政治站位，切实增强责任感和紧迫感；要突出工作重点，确保各项任务落到实处；要加强组织领导，严格督查考核，形成齐抓共管的工作合力。\n"
        f"区级有关部门主要负责人，各街道党工委书记，{pick(PLACES)}镇、{pick(PLACES)}镇负责人参加会议。"
    )


def outage(random: Random) -> str:
    """Only the day, the hours and one place differ."""
    return (
        f"因供水主管网改造施工需要，为保障管网安全运行，经研究，定于{random.randint(1, 12)}月{random.randint(1, 28)}日{random.randint(6, 11)}时至"
        f"{random.randint(12, 22)}时对{random.choice(PLACES)}镇部分片区实施计划停水。\n"
        "停水期间，请受影响区域的居民和单位提前做好储水准备，关闭家中用水阀门，以免恢复供水时发生跑水。施工结束后，管网末端和高层用户恢复供水的时间可能稍有延迟，"
        "恢复初期水质可能出现短时浑浊，打开水龙头放水片刻即可正常使用。由此给您带来的不便，敬请谅解。如有疑问，请拨打供水服务热线咨询。"
    )


def appointment(random: Random) -> str:
    """Only names and posts differ."""
    return (
        f"{random.choice(PLACES)}区人民政府任免通知：经区人民政府研究决定，任命{person(random)}为区{random.choice(BUREAUS)}局长，"
        f"{person(random)}为区{random.choice(BUREAUS)}副局长；免去{person(random)}的区{random.choice(BUREAUS)}副局长职务。\n"
        "以上同志的任职试用期按照有关规定执行，试用期满经考核合格的，按规定办理正式任职手续。请有关单位做好工作交接，确保各项工作平稳有序推进，"
        "严格遵守组织人事纪律，自觉接受群众监督。本通知自印发之日起施行。"
    )


TEMPLATES: dict[str, Callable[[Random], str]] = {
    "weather": weather,
    "traffic": traffic,
    "recruitment": recruitment,
    "meeting": meeting,
    "outage": outage,
    "appointment": appointment,
}


def notice(seed: int, kind: str) -> str:
    """A notice of a template."""
    return TEMPLATES[kind](Random(f"{kind}/{seed}"))


def typed_over(text: str, random: Random, share: float = EDITED_SHARE) -> str:
    """A share of the characters, at least one, is replaced, left out or doubled by another one of the text's."""
    characters = list(text)
    places = [place for place, character in enumerate(text) if character != "\n"]
    for place in random.sample(places, max(1, round(share * len(places)))):
        other = characters[random.choice(places)] or "的"
        characters[place] = random.choice((other, other, "", characters[place] + other))
    return "".join(characters)


def shortened(text: str, random: Random) -> str:
    """A paragraph that is not the first is gone; in texts of fewer than three, a sentence."""
    for mark in ("\n", "。", ". "):
        parts = text.split(mark)
        if len([part for part in parts if part.strip()]) >= 3:
            del parts[random.randrange(1, len(parts) - (not parts[-1].strip()))]
            return mark.join(parts)
    return text


CLOSINGS = (
    "声明：本文系转载，目的在于传递更多信息，并不代表本网赞同其观点。如有侵权，请联系删除。",
    "（来源：临江日报 编辑：{name} 审核：{name}）",
    "更多内容请关注“今日临江”微信公众号。",
    "本文转自澜川发布，责任编辑：{name}。",
)
ENGLISH_CLOSINGS = (
    "This article first appeared in the Aldermere Courier.",
    "Follow us for more local news, and sign up for our letter.",
)


def with_footer(text: str, random: Random) -> str:
    """A closing line that the original does not have."""
    is_english = text.isascii()
    return f"{text}\n{random.choice(ENGLISH_CLOSINGS if is_english else CLOSINGS).format(name=person(random))}"


def all_at_once(text: str, random: Random) -> str:
    return with_footer(typed_over(shortened(text, random), random), random)


EDITS: dict[str, Callable[[str, Random], str]] = {
    "edited": typed_over,
    "shortened": shortened,
    "footer": with_footer,
    "all": all_at_once,
}


def mirrored(text: str) -> str:
    """As a mirror prints it: Traditional, with readings behind characters, header run together."""
    generate = generator_module("generate")
    return str(generate.as_mirror(text))


def page(text: str, number: int, *, is_mirror: bool) -> str:
    """A page with title and header above the text."""
    if text.isascii():
        return f"Report of the day, no. {number}\n2024-05-06 10:20:30 Source: Aldermere Courier\n{text}"
    header = "2024-05-06 10:20:30来源：临江日报编辑：沈予远责任编辑：顾知庭"
    title = f"临江区新闻第{number}号"
    return mirrored(f"{title}\n{header}\n{text}") if is_mirror else f"{title}\n{header}\n{text}"


def families(
    seed: int,
    a_length: int,
    notices: int,
    edits: Iterable[str] = (*EDITS, "mirror"),
    kinds: Iterable[str] = tuple(TEMPLATES),
) -> list[Text]:
    """News of all lengths and notices, each with a copy of every kind of edit.

    Args:
        seed: another one, other texts.
        a_length: articles of each language and length.
        notices: of each template.
        edits: names of EDITS, or mirror.
        kinds: names of TEMPLATES.
    """
    originals = [
        (f"{make.__name__}/{length}", make(1_000 * seed + number, length))
        for make in (news, english)
        for length in LENGTHS
        for number in range(a_length)
    ]
    originals += [(kind, notice(100_000 * seed + number, kind)) for kind in kinds for number in range(notices)]
    texts: list[Text] = []
    for number, (kind, text) in enumerate(originals):
        family = f"{kind}/{number}"
        texts.append(Text(family, kind, text))
        for edit in edits:
            if edit == "mirror":
                if not text.isascii():
                    texts.append(Text(family, f"{kind} mirror", text, is_copy=True))
            else:
                changed = EDITS[edit](text, Random(f"{seed}/{edit}/{number}"))
                texts.append(Text(family, f"{kind} {edit}", changed, is_copy=True))
    return texts


def refined(texts: list[Text]) -> tuple[pa.Table, pa.Table]:
    """Articles, with what clustering reads, and fingerprints of texts printed on pages; article_id tells their order."""
    documents = [
        Document(
            f"https://news.example/{number:06d}.txt",
            "text/plain",
            page(text.text, number, is_mirror=text.kind.endswith("mirror")).encode(),
            FETCHED,
        )
        for number, text in enumerate(texts)
    ]
    parts = [_refined(documents[start : start + 500]) for start in range(0, len(documents), 500)]
    articles, prints = (pa.concat_tables(tables) for tables in zip(*parts, strict=True))
    order = pc.sort_indices(articles["url"])
    return articles.take(order), prints.take(order)


def _refined(documents: list[Document]) -> tuple[pa.Table, pa.Table]:
    pages, _ = clean(table(documents, "pages"))
    articles, blocks, _ = parse(pages, {"pages": "Asia/Shanghai"})
    mentions = annotate(articles, segment(articles, blocks))["mentions"]
    columns = ["article_id", "url", "published_date", "published_at"]
    return articles.select(columns), fingerprint(articles, mentions)


def score(texts: list[Text]) -> Score:
    """Refines and clusters texts, and compares with their families."""
    articles, prints = refined(texts)
    if len(articles) != len(texts):
        raise ValueError(f"{len(texts) - len(articles)} generated pages were refused")
    return compare(texts, cluster(articles, prints))


def compare(texts: list[Text], clusters: pa.Table) -> Score:
    """Compares clusters, in the order of the texts, with their families."""
    result = Score()
    rows = clusters.to_pylist()
    place = {row["article_id"]: number for number, row in enumerate(rows)}
    originals = {text.family: number for number, text in enumerate(texts) if not text.is_copy}
    told: list[bool] = []
    found: dict[str, list[bool]] = defaultdict(list)
    false: dict[str, list[bool]] = defaultdict(list)
    members: dict[str, list[str]] = defaultdict(list)
    for text, row in zip(texts, rows, strict=True):
        members[row["cluster_id"]].append(text.family)
        is_false = False
        if row["duplicate_of"]:
            other = texts[place[row["duplicate_of"]]]
            is_false = other.family != text.family
            told.append(not is_false)
            if is_false:
                result.wrong.append((text, other, row["similarity"]))
        false[text.kind].append(is_false)
        if text.is_copy:
            original = originals[text.family]
            is_found = rows[original]["cluster_id"] == row["cluster_id"]
            found[text.kind].append(is_found)
            if not is_found:
                result.missed.append((texts[original], text))
    pairs = [a == b for families in members.values() for a, b in combinations(families, 2)]
    result.precision = sum(told) / max(len(told), 1) if told else 1.0
    result.pair_precision = sum(pairs) / len(pairs) if pairs else 1.0
    result.found = {kind: (sum(values), len(values)) for kind, values in found.items()}
    result.recall = {kind: sum(values) / len(values) for kind, values in found.items()}
    result.false_share = {kind: sum(values) / len(values) for kind, values in false.items()}
    return result
