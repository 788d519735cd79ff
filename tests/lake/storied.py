"""A lake with a history: later versions, articles refined again, copies found, articles refused; one snapshot each."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from newslake import pipeline
from newslake.config import Home
from newslake.sources import FilesSource

from .corpora import first_and_all, write

TOWNS = ("临江区", "澜川市", "青禾镇", "云溪县", "北屏乡", "石桥街道")


def record(number: int, version: int = 0) -> dict[str, str]:
    town, other = TOWNS[number % len(TOWNS)], TOWNS[(number * 5 + version + 1) % len(TOWNS)]
    body = (
        f"{town}召开第{number}次调度会，部署第{number * 7 + version}批老旧小区改造任务。区长林向东说，{number * 7919}号楼"
        f"明年{number % 12 + 1}月前完成改造。\n会议要求，{other}要把责任落到人，第{version + 1}稿清单每{number % 5 + 2}天报送一次。"
    )
    return {
        "url": f"https://e.example/{number}",
        "title": f"{town}第{number}次调度会召开",
        "text": body,
        "published_at": f"2024-{number % 4 + 1:02}-02",
    }


def write_records(folder: Path, name: str, records: list[dict[str, str]], day: int) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    os.utime(path, (1_700_000_000 + 86_400 * day,) * 2)


def tell(home: Path, folder: Path, generated: Callable[[int], Path]) -> Home:
    """Publishes seven snapshots into a home; NEWSLAKE_HOME names it.

    1 articles, copies among them; 2 their originals, which makes them copies; 3 later versions of some, and new ones;
    4 a version between two that are there; 5 all refined again; 6 a refused one; 7 an article that moves to another month.
    """
    articles, texts = generated(100), folder / "texts"
    first, everything = first_and_all(articles)
    sources = [FilesSource(name="input", path=folder / "articles"), FilesSource(name="texts", path=texts)]
    write_records(texts, "a", [record(number) for number in range(10)], day=0)

    def run(**options: datetime) -> None:
        _, published = pipeline.run([] if options else sources, **options)
        assert published["is_new"]

    write(first, articles, folder / "articles")
    run()
    write(everything, articles, folder / "articles")
    run()
    write_records(texts, "c", [record(number, 2) for number in range(4)] + [record(11)], day=2)
    run()
    write_records(texts, "b", [record(number, 1) for number in range(2, 6)], day=1)
    run()
    run(again_since=datetime(2000, 1, 1, tzinfo=UTC))
    write_records(texts, "d", [record(20) | {"published_at": "2099-01-02"}], day=3)
    run()
    write_records(texts, "e", [record(7, 3) | {"published_at": "2024-06-05"}], day=4)
    run()
    return Home(home)


class ThreeSnapshots(NamedTuple):
    """A home with three snapshots, and where its source is."""

    home: Path
    source: FilesSource


def tell_briefly(folder: Path) -> ThreeSnapshots:
    """Publishes three snapshots into `home` in the folder; NEWSLAKE_HOME names it.

    1 six articles; 2 later versions of two, and two more; 3 a refused one.
    """
    source = FilesSource(name="input", path=folder / "in")
    write_records(source.path, "a", [record(number) for number in range(6)], day=0)
    pipeline.run([source])
    write_records(source.path, "b", [record(number, 1) for number in (0, 1)] + [record(6), record(7)], day=1)
    pipeline.run([source])
    write_records(source.path, "c", [record(8) | {"published_at": "2099-01-02"}], day=2)
    pipeline.run([source])
    return ThreeSnapshots(folder / "home", source)
