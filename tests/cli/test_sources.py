"""`newslake sources`: what is shown of sources, of mistakes, and of three articles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newslake.config import Home
from newslake.lake import visits

from .conftest import Call

ARTICLE = "市图书馆延长开放时间\n2026-03-02 08:30 来源:河湾晚报\n\n市图书馆自下周起每天开放到晚上九点。读者可以在网上预约座位。\n"
MENDED = "sources: [{name: shelf, kind: files, path: shelf, timezone: Asia/Shanghai, schedule: '@weekly'}]\n"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source `shelf` of four documents, one of them empty, that NEWSLAKE_SOURCES names."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for number in (1, 3, 4):
        (folder / f"{number}.txt").write_text(ARTICLE.replace("九", str(number)), encoding="utf-8")
    (folder / "2.txt").write_text("", encoding="utf-8")
    (tmp_path / "sources.yaml").write_text(MENDED, encoding="utf-8")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(tmp_path / "sources.yaml"))
    return folder


def parts(out: str) -> list[str]:
    """What is said of each document: it begins with its number."""
    return re.split(r"\n(?=\d)", out.rstrip())


def test_three_articles_are_shown_and_nothing_is_stored(call: Call, shelf: Path, tmp_path: Path) -> None:
    code, out, error = call("sources", "test", "shelf", home=tmp_path / "home")
    assert (code, error) == (0, "")
    first, second, third = (part.splitlines() for part in parts(out))
    assert first[0] == "1  市图书馆延长开放时间"
    assert [" ".join(line.split()) for line in first[1:]] == [
        "published 2026-03-02 08:30 Asia/Shanghai",
        "language zh",
        "characters 30",
        "address file:shelf/1.txt",
    ]
    assert second[0].startswith("2  refused, empty: ")
    assert second[1].endswith("file:shelf/2.txt")
    assert third[0].startswith("3  市图书馆")
    assert not list((tmp_path / "home").glob("**/*.parquet"))
    assert visits.last(Home(tmp_path / "home"), "shelf") is None


def test_a_source_without_an_article_ends_with_1(call: Call, shelf: Path, tmp_path: Path) -> None:
    for number in (1, 3, 4):
        (shelf / f"{number}.txt").unlink()
    code, out, error = call("sources", "test", "shelf", home=tmp_path / "home")
    assert (code, error) == (1, "newslake: source shelf: none of these is an article; see docs/sources.md\n")
    assert "refused, empty" in out
    (shelf / "2.txt").unlink()
    code, _, error = call("sources", "test", "shelf", home=tmp_path / "home")
    assert code == 1
    assert "no files with one of" in error


def test_marks_of_a_terminal_are_not_obeyed(call: Call, shelf: Path, tmp_path: Path) -> None:
    (shelf / "1.txt").write_text(ARTICLE.replace("图书馆延", "图书馆\x1b[31m\x07延"), encoding="utf-8")
    _, out, _ = call("sources", "test", "shelf", home=tmp_path / "home")
    assert "市图书馆" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("command", [("test", "shelve"), ("test", "")])
def test_an_unknown_source_is_the_callers_fault(
    call: Call, shelf: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, out, error = call("sources", *command, home=tmp_path / "home")
    assert (code, out) == (2, "")
    assert "there are: shelf" in error
    assert ("did you mean `shelf`?" in error) is (command[1] == "shelve")


def row(out: str) -> dict[str, str]:
    """The row of the only source, by column."""
    head, line = out.splitlines()
    starts = [0, *(i for i in range(2, len(head)) if head[i - 2 : i] == "  " and head[i] != " ")]
    ends = [*starts[1:], max(len(head), len(line))]
    return {head[start:end].strip(): line[start:end].strip() for start, end in zip(starts, ends, strict=True)}


def test_the_list_tells_of_visits(call: Call, shelf: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, error = call("sources", "list", home=home)
    assert (code, error) == (0, "")
    assert row(out) == {
        "name": "shelf",
        "kind": "files",
        "schedule": "@weekly",
        "switched on": "yes",
        "last visit": "never",
        "came of it": "–",
        "pending": "–",
        "documents": "0",
        "next due": "now",
    }
    call("run", home=home)
    told = row(call("sources", "list", home=home)[1])
    assert (told["came of it"], told["pending"], told["documents"]) == ("4 new", "0", "4")
    assert told["last visit"].endswith("UTC")
    assert told["next due"].endswith("00:00 UTC")

    shelf.rename(tmp_path / "elsewhere")
    call("run", home=home)
    out = call("sources", "list", home=home)[1]
    told = row(out.split("\n\n")[0])
    assert (told["came of it"], told["documents"]) == ("failed", "4")
    assert re.search(r"^shelf failed: .*/shelf: no such file or folder", out, re.MULTILINE)
    (tmp_path / "sources.yaml").write_text(MENDED.replace("}]", ", is_enabled: false}]"), encoding="utf-8")
    told = row(call("sources", "list", home=home)[1].split("\n\n")[0])
    assert (told["switched on"], told["next due"]) == ("no", "–")


@pytest.mark.parametrize(
    "content", ["", "[]", '{"began_at": 5}', '{"began_at": "2024-01-01"}', '{"other": 1}', "\udcff"]
)
def test_a_broken_note_of_a_visit_is_none(tmp_path: Path, content: str) -> None:
    note = tmp_path / "state" / "visits" / "shelf.json"
    note.parent.mkdir(parents=True)
    note.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert visits.last(Home(tmp_path), "shelf") is None


def test_check_takes_the_file_in_use_or_another(call: Call, shelf: Path, tmp_path: Path) -> None:
    code, out, error = call("sources", "check", home=tmp_path)
    assert (code, error) == (0, "")
    assert out == f"{tmp_path / 'sources.yaml'}: no mistakes; sources: 1, switched on: 1\n"
    shelf.rename(tmp_path / "elsewhere")
    code, out, error = call("sources", "check", home=tmp_path)
    assert (code, error) == (0, f"note: shelf: nothing is at {shelf} on this machine\n")
    other = tmp_path / "other.yaml"
    other.write_text(MENDED.replace("kind: files", "kind: file").replace("path", "paht"), encoding="utf-8")
    code, out, error = call("sources", "check", str(other), home=tmp_path)
    assert (code, out) == (2, "")
    first, *lines = error.splitlines()
    assert first == f"newslake: {other}: 2 mistakes; see docs/sources.md"
    assert [line.split(":")[0] for line in lines] == ["  line 1", "  line 1"]
    assert "did you mean `files`?" in error
    assert "did you mean `path`?" in error


PATTERNS = r"""contact: crawler@news.example
sources:
  - name: gazette
    kind: pages
    url: https://gazette.example/
    link: '/notices/(?!old)\d+'
    follow: '(.*/)*page=\d+$'
  - name: archive
    kind: warc
    path: crawl
    match: '/(\d\d)/\1/'
  - name: site
    kind: sitemap
    url: https://site.example/sitemap.xml
    is_enabled: false
    match: "[0-9"
"""


def test_check_names_the_line_of_each_bad_expression(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(PATTERNS, encoding="utf-8")
    code, out, error = call("sources", "check", str(path), home=tmp_path)
    assert (code, out) == (2, "")
    first, *lines = error.splitlines()
    assert first == f"newslake: {path}: 3 mistakes; see docs/sources.md"
    for line, beginning, advice in zip(
        lines,
        ("  line 6: gazette: link: ", "  line 11: archive: match: ", "  line 16: site: match: "),
        ("does not look ahead", "no backreferences", "missing ]"),
        strict=True,
    ):
        assert line.startswith(f"{beginning}is not a regular expression of RE2: ")
        assert advice in line
    mended = PATTERNS.replace("(?!old)", "").replace(r"\1", r"\d\d").replace('"[0-9"', "'[0-9]'")
    path.write_text(mended, encoding="utf-8")
    assert call("sources", "check", str(path), home=tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere.yaml"), "File 'nowhere.yaml' does not exist"),
        (("check", "/"), "File '/' is a directory"),
        (("test",), "Missing argument 'NAME'"),
        (("test", "shelf", "more"), "unexpected extra argument"),
        (("show",), "No such command 'show'"),
        (("list", "--nope"), "No such option '--nope'"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(
    call: Call, shelf: Path, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, out, error = call("sources", *arguments, home=tmp_path)
    assert (code, out) == (2, "")
    assert message in error
    assert "Traceback" not in error


def test_help_shows_examples(call: Call, tmp_path: Path) -> None:
    for name in ("list", "check", "test"):
        code, out, _ = call("sources", name, "--help", home=tmp_path)
        assert code == 0
        assert f"newslake sources {name}" in out.split("Examples")[1]
