"""A few articles whose second run adds, rewrites and refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path


def article(number: int, text: str = "记者从现场了解到，项目进展顺利。区长林向东说，三号楼年底前改造。") -> str:
    record = {
        "url": f"https://e.example/{number}",
        "title": f"第{number}次会议",
        "text": f"第{number}批任务已经下达。{text}",
        "published_at": "2024-05-02",
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def write_first(folder: Path) -> None:
    (folder / "a.jsonl").write_text("".join(map(article, range(3))), encoding="utf-8")
    os.utime(folder / "a.jsonl", (1_700_000_000,) * 2)


def write_then(folder: Path) -> None:
    """A new article, a new version of one, and one that is refused: files are added and rewritten."""
    lines = [article(0, "项目已经完工，验收合格。"), article(3), '{"url": "https://e.example/4", "text": ""}\n']
    (folder / "b.jsonl").write_text("".join(lines), encoding="utf-8")
    os.utime(folder / "b.jsonl", (1_700_000_100,) * 2)
