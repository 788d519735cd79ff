"""Writes generated news articles as JSON Lines, to measure on.

    python bench/generate.py 10000 /tmp/corpus

writes `articles/00000.jsonl` … (1,000 records a file) and `truth.csv` (what each record copies, and how). The same
number and seed give the same bytes. Every article comes from its own random generator, so that a copy is written by
generating its original again: memory does not grow with the number of articles.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

import opencc

from grammar import Slots, fill, grammar, pick

BLOCK = ("original",) * 75 + ("near",) * 20 + ("exact",) * 4 + ("identical",)
MIRROR_SHARE = 0.3
FIRST_DAY = datetime(2023, 1, 1)
MINUTES = 24 * 365 * 60 * 2
RECORDS_PER_FILE = 1_000

READINGS = dict(
    re.findall(
        r"(\S)(\S+)",
        "區qū 產chǎn 業yè 發fā 經jīng 濟jì 質zhì 網wǎng 記jì 專zhuān 實shí 現xiàn 進jìn 學xué 開kāi 關guān 體tǐ 農nóng 電diàn "
        "務wù 設shè 項xiàng 資zī 標biāo 準zhǔn 與yǔ 對duì 動dòng 種zhǒng 導dǎo 結jié 點diǎn 車chē 場chǎng 機jī 縣xiàn "
        "優yōu 確què 總zǒng 統tǒng 員yuán 紅hóng 陽yáng 鄉xiāng 構gòu",
    )
)
GLOSSED = re.compile(f"[{''.join(READINGS)}]")
ASCII_MARKS = str.maketrans("，（）", ",()")
TO_TRADITIONAL = opencc.OpenCC("s2t")


@dataclass(frozen=True)
class Record:
    """One line of the corpus; `published_at` is ISO 8601 with the zone of Shanghai."""

    url: str
    title: str
    text: str
    published_at: str
    source: str


@dataclass(frozen=True)
class Truth:
    """What a record is: original, near, exact (same text elsewhere) or identical (same bytes)."""

    number: int
    url: str
    kind: str
    copy_of: str
    is_mirror: bool


@dataclass(frozen=True)
class Story:
    """What an article tells, before a publisher prints it. Paragraphs are lists of sentences."""

    topic: str
    title: str
    decks: tuple[str, ...]
    place: str
    paragraphs: tuple[tuple[str, ...], ...]
    subhead: str
    captions: tuple[str, ...]
    at: datetime


@lru_cache(maxsize=4_096)
def _kinds(block: int, seed: int) -> tuple[str, ...]:
    """The kinds of a hundred records. The first hundred starts with originals, since copies point backwards."""
    return BLOCK if block == 0 else tuple(Random(f"{seed}/kinds/{block}").sample(BLOCK, len(BLOCK)))


def kind_of(number: int, seed: int) -> str:
    return _kinds(number // len(BLOCK), seed)[number % len(BLOCK)]


def original_of(number: int, seed: int) -> int:
    """The number of the earlier record that a copy copies; an original is its own."""
    generator = Random(f"{seed}/original/{number}")
    found = number
    while kind_of(found, seed) != "original":
        found = int(generator.random() * number)
    return found


def _story_slots(topic: str, generator: Random) -> Slots:
    """A topic's slots, with the people and places that stay the same throughout one story."""
    slots = dict(grammar()[0][topic])
    for name, pattern in (
        ("cast_city", "{city}"),
        ("cast_county", "{county}"),
        ("cast_body", "{body}"),
        ("cast_company", "{company}"),
        ("cast_leader", "{office}{person}"),
    ):
        slots[name] = (fill(pattern, slots, generator),)
    return slots


def story_of(number: int, seed: int) -> Story:
    """The story of an original: a body of 2,150 to about 3,100 characters."""
    generator = Random(f"{seed}/story/{number}")
    topic = pick(tuple(grammar()[0]), generator)
    slots = _story_slots(topic, generator)
    length = generator.randint(2_150, 2_950)
    paragraphs: list[tuple[str, ...]] = [(fill(pick(slots["lead"], generator), slots, generator),)]
    written = len(paragraphs[0][0])
    while written < length:
        paragraphs.append(tuple(fill("{sentence}", slots, generator) for _ in range(generator.randint(1, 5))))
        written += sum(map(len, paragraphs[-1]))
    return Story(
        topic=topic,
        title=fill("{title}", slots, generator),
        decks=tuple(fill("{deck}", slots, generator) for _ in range(generator.randint(0, 3))),
        place=slots["cast_county"][0],
        paragraphs=tuple(paragraphs),
        subhead=fill("{subhead}", slots, generator),
        captions=tuple(fill("{caption}", slots, generator) for _ in range(generator.randint(0, 2))),
        at=FIRST_DAY + timedelta(minutes=generator.randrange(MINUTES), seconds=generator.randrange(60)),
    )


def edited(story: Story, generator: Random) -> Story:
    """A near copy: two to five sentences written anew, one paragraph dropped, sometimes another headline."""
    slots = _story_slots(story.topic, generator)
    paragraphs = [list(paragraph) for paragraph in story.paragraphs]
    del paragraphs[min(range(1, len(paragraphs)), key=lambda number: sum(map(len, paragraphs[number])))]
    for _ in range(generator.randint(2, 5)):
        paragraph = paragraphs[generator.randrange(1, len(paragraphs))]
        paragraph[generator.randrange(len(paragraph))] = fill("{sentence}", slots, generator)
    title = story.title if generator.random() < 0.5 else fill("{title}", slots, generator)
    later = timedelta(minutes=generator.randint(5, 4_000))
    return replace(story, title=title, paragraphs=tuple(map(tuple, paragraphs)), at=story.at + later)


def page_lines(story: Story, publisher: str, generator: Random) -> list[str]:
    """The lines of a page: headline, header glued together, decks, dateline, body, captions, footer."""
    slots = grammar()[0][story.topic]
    reporters = " ".join(fill("{person}", slots, generator) for _ in range(generator.randint(1, 3)))
    editor, checker = (fill("{person}", slots, generator) for _ in range(2))
    stamp = f"{story.at:%Y-%m-%d %H:%M:%S}"
    header = f"{stamp}来源：{publisher}编辑：{editor}责任编辑：{checker}"
    body = ["".join(paragraph) for paragraph in story.paragraphs]
    body[0] = f"{publisher}讯（记者 {reporters}）{story.at.month}月{story.at.day}日，{body[0]}"
    body.insert(len(body) // 2, story.subhead)
    for caption in story.captions:
        body.insert(generator.randint(1, len(body)), caption)
    footer = [
        "手机版|",
        "关注公众号|",
        f"上一篇：{fill('{title}', slots | {name: ('本地',) for name in ('cast_county', 'cast_city', 'cast_company')}, generator)}",
    ]
    footer.append(f"版权所有 {publisher} 未经授权不得转载")
    return [story.title, header, *story.decks, *body, *footer]


def as_mirror(text: str) -> str:
    """How a mirror site prints it: Traditional, ASCII commas, the reading behind some characters at every occurrence.

    >>> as_mirror("经济，区")
    '經(jīng)濟(jì),區(qū)'
    """
    traditional = TO_TRADITIONAL.convert(text).translate(ASCII_MARKS)
    return GLOSSED.sub(lambda found: f"{found[0]}({READINGS[found[0]]})", traditional)


def _printed(number: int, story: Story, seed: int) -> tuple[Record, bool]:
    """The story as the publisher of this record prints it, and whether on a mirror page."""
    generator = Random(f"{seed}/page/{number}")
    publisher, host = pick(tuple(grammar()[1].items()), generator)
    is_mirror = generator.random() < MIRROR_SHARE
    text, title = "\n".join(page_lines(story, publisher, generator)), story.title
    if is_mirror:
        text, title = as_mirror(text), as_mirror(title)
    url = f"https://{host}/{story.at:%Y%m/%d}/content_{number:08d}.html"
    return Record(url, title, text, f"{story.at:%Y-%m-%dT%H:%M:%S}+08:00", publisher), is_mirror


def record_of(number: int, seed: int) -> tuple[Record, Truth]:
    """The record with this number, made from nothing but the number and the seed."""
    kind, original = kind_of(number, seed), original_of(number, seed)
    story = story_of(original, seed)
    if kind == "near":
        record, is_mirror = _printed(number, edited(story, Random(f"{seed}/edit/{number}")), seed)
    else:
        record, is_mirror = _printed(original, story, seed)
    if kind == "exact":
        elsewhere, _ = _printed(number, replace(story, at=story.at + timedelta(minutes=number % 900 + 1)), seed)
        record = replace(elsewhere, title=record.title, text=record.text)
    copy_of = "" if kind == "original" else _printed(original, story, seed)[0].url
    return record, Truth(number, record.url, kind, copy_of, is_mirror)


def records(count: int, seed: int) -> Iterator[tuple[Record, Truth]]:
    return (record_of(number, seed) for number in range(count))


def write(count: int, folder: Path, seed: int = 1) -> int:
    """Writes the corpus into an empty folder.

    Returns:
        The bytes of JSON Lines written.

    Raises:
        FileExistsError: the folder already holds a corpus.
    """
    articles = folder / "articles"
    articles.mkdir(parents=True)
    size = 0
    stream = records(count, seed)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as truth_file:
        rows = csv.DictWriter(truth_file, list(Truth.__dataclass_fields__))
        rows.writeheader()
        for first in range(0, count, RECORDS_PER_FILE):
            path = articles / f"{first // RECORDS_PER_FILE:05d}.jsonl"
            with path.open("w", encoding="utf-8", newline="\n") as lines:
                for record, truth in (next(stream) for _ in range(min(RECORDS_PER_FILE, count - first))):
                    lines.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
                    rows.writerow(asdict(truth))
            size += path.stat().st_size
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, metavar="N", help="how many articles")
    parser.add_argument("folder", type=Path, metavar="OUT", help="an empty or new folder")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another corpus (default: 1)")
    arguments = parser.parse_args()
    size = write(arguments.count, arguments.folder, arguments.seed)
    print(f"{arguments.count:,} articles, {size / 1e6:,.1f} MB in {arguments.folder / 'articles'}")


if __name__ == "__main__":
    main()
