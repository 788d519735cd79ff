"""Shared by the tests of the command line: a lake of samples, and its caller."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.sources import FilesSource

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample articles, and some whose titles a spreadsheet or a terminal would act on."""
    folder = tmp_path_factory.mktemp("cli")
    text = "临江区召开调度会，部署年底前的重点任务。\x1b]0;evil\x07\x1b[31m会议要求，把责任落到人。"
    records = [
        {"url": f"https://e.example/{number}", "title": title, "text": f"第{number}次。{text}"}
        for number, title in enumerate(["=SUM(A1)", "+1", "-1", "@cmd", "正常，“标题”"])
    ]
    content = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    (folder / "in.jsonl").write_text(content, encoding="utf-8")
    (folder / "in.jsonl").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run(["samples", FilesSource(name="input", path=folder / "in.jsonl")])
    return Home(folder / "home")


@pytest.fixture
def ask(call: Call, lake: Home) -> Call:
    return lambda *arguments: call(*arguments, home=lake)
