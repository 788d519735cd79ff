"""`newslake run`: what it says, and what it makes of wrong sources and inputs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newslake import pipeline
from newslake.acquire.visit import told
from newslake.config import Home
from newslake.lake.snapshots import current

from .conftest import Call

NAME = "{name: a, kind: files, path: in"


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("sources: {}", "line 1: needs a list"),
        ("", "needs a list"),
        ("a: : b", "line 1: not valid YAML at column 4"),
        ("sources: [1]", "sources[0]: must be a mapping"),
        ("sources: [{name: a, kind: files}]", "a: needs `path`"),
        ("sources: [{kind: files, path: in}]", "sources[0]: needs `name`"),
        (f"sources: [{NAME}, nope: 1}}]", "a: nope: unknown key"),
        (
            "sources: [{name: a, kind: web, path: in}]",
            "a: kind 'web' is unknown, did you mean `pages`?; kinds are: files, feed",
        ),
        (f"sources: [{NAME}, timezone: Mars}}]", "must be an IANA zone"),
        (f"sources: [{NAME}, timezone: Asia}}]", "must be an IANA zone"),
        (f"sources: [{NAME}}}, {NAME}}}]", "a: name is taken"),
        (f"sources: [{NAME}, is_enabled: 1}}]", "is_enabled: must be true or false, not 1"),
        (f"sources: [{NAME}, owner: [b]}}]", "owner: must be a text"),
        ("sources: [{name: A b, kind: files, path: in}]", "may hold only a-z, 0-9, _ and -"),
    ],
)
def test_broken_sources(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: str, message: str) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(yaml)
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    code, out, error = call("run", home=tmp_path / "home")
    assert (code, out) == (2, "")
    assert error.startswith(f"newslake: {path}: ")
    assert "Traceback" not in error
    assert message in error


def test_sources_that_are_not_there(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(tmp_path / "gone.yaml"))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 2
    assert "set NEWSLAKE_SOURCES" in error


@pytest.mark.parametrize(
    "yaml",
    [
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(b'sources: [{name: a, kind: files, path: in, is_enabled: "no"}]', id="switch that is a text"),
        pytest.param(b"sources: [{name: ../a, kind: files, path: in}]", id="name that is a path"),
    ],
)
def test_sources_that_should_be_refused(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: bytes
) -> None:
    (tmp_path / "sources.yaml").write_bytes(yaml)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("x")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(tmp_path / "sources.yaml"))
    monkeypatch.setattr(pipeline, "run", lambda *_: pytest.fail("it was read"))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 2
    assert "sources.yaml" in error


@pytest.mark.lake
def test_a_source_that_cannot_be_read_does_not_stop_the_others(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(
        "临江区召开调度会，部署年底前的重点任务，要求把责任落到人。", encoding="utf-8"
    )
    path = tmp_path / "sources.yaml"
    path.write_text("sources: [{name: a, kind: files, path: gone}, {name: b, kind: files, path: in}]")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 1
    assert "gone: no such file or folder" in error
    assert current(Home(tmp_path / "home")).tables["articles"].rows == 1


@pytest.mark.parametrize("name", ["empty", "notes.md", "hidden", "other"])
def test_an_input_without_articles(call: Call, tmp_path: Path, name: str) -> None:
    """It is the call that is at fault, so nothing is done for the other inputs either."""
    for place in ("hidden/.a.txt", "other/b.md", "notes.md", "good/c.txt"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("临江区召开调度会。", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    inputs = ("--input", str(tmp_path / "good"), "--input", str(tmp_path / name))
    code, out, error = call("run", *inputs, home=tmp_path / "home")
    assert (code, out) == (2, "")
    assert str(tmp_path / name) in error
    assert ".html .htm .txt .json .jsonl .csv .tsv .parquet" in error
    assert ".gz" in error
    assert ".zst" in error
    assert "Traceback" not in error
    assert not (tmp_path / "home").exists()


@pytest.mark.lake
def test_run(call: Call, tmp_path: Path) -> None:
    """Twice: the second run says that nothing is new. Progress goes to stderr, the summary to stdout."""
    folder = tmp_path / "in put"
    folder.mkdir()
    (folder / "a.txt").write_text("临江区召开调度会，部署年底前的重点任务，要求把责任落到人。", encoding="utf-8")
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.txt").symlink_to("/proc/self/mem")
    code, out, error = call("run", "--input", str(folder), "--batch-size", "1", home=tmp_path / "home")
    assert code == 1
    assert f"these could not be read; the others went on:\n  {folder / 'c.txt'}" in error
    assert "refine: 2/2" in error
    (folder / "c.txt").unlink()
    assert "input: 2 documents read, 2 new, 0 already in the lake" in out
    assert "published snapshot 000001" in out
    assert "1 articles" in out
    assert re.search(r"refused +1 empty +e\.g\. file:in put/b\.txt", out)
    for place in re.findall(r"(?:parquet|duckdb)\s+(\S+)", out):
        assert Path(place.replace("<table>/", "articles/")).exists()
    for line in out.split("next", 1)[1].splitlines():
        assert re.match(r"\s+(\S+/)?newslake (query|show|quarantine) ", line)
    code, out, error = call("run", "--input", str(folder), home=tmp_path / "home")
    assert code == 0
    assert "2 documents read, 0 new, 2 already in the lake" in out
    assert "published nothing new: snapshot 000001 stays as it is" in out


def test_nothing_at_all_could_be_read(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is no summary, but the reason is told."""
    landed = told("a", unreadable=["a: no such folder"])
    monkeypatch.setattr(pipeline, "run", lambda *_: ([landed], {"is_new": False}))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 1
    assert "a: no such folder" in error


def test_a_link_is_what_it_leads_to(call: Call, tmp_path: Path) -> None:
    """Its own name does not matter, here as where it is read."""
    (tmp_path / "2024.jsonl").write_text('{"text": "临江区召开调度会。"}', encoding="utf-8")
    (tmp_path / "latest").symlink_to("2024.jsonl")
    assert call("run", "--input", str(tmp_path / "latest"), home=tmp_path / "home")[0] == 0
    (tmp_path / "blob").write_text("临江区召开调度会。", encoding="utf-8")
    (tmp_path / "a.txt").symlink_to("blob")
    code, _, error = call("run", "--input", str(tmp_path / "a.txt"), home=tmp_path / "home")
    assert (code, "blob: not one of" in error) == (2, True)
