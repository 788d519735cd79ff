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
from notices import TEMPLATES, notice, person

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
