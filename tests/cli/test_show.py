"""The commands that show what is in the lake: articles, snapshots, refused documents, the report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newslake.config import Home
from newslake.lake import database
from newslake.lake.snapshots import current

from .conftest import Call


def test_show(ask: Call, lake: Home) -> None:
    """By id, by the beginning of an id, by address, by words; with body, blocks and sentences."""
    with database.connect(current(lake)) as connection:
        article_id, url, title = connection.execute(
            "SELECT article_id, url, title FROM articles WHERE title LIKE '%老旧小区改造全部完工%'"
        ).fetchall()[0]
    whole = ask("show", article_id)
    assert (whole[0], whole[2]) == (0, "")
    for text in (article_id, url, "许知夏", "as found", "restored", "paragraph", "sentences"):
        assert text in whole[1]
    assert title in whole[1]
    for wanted in (article_id[:10], url):
        assert ask("show", wanted)[:2] == whole[:2]


def test_every_article_can_be_shown(ask: Call, lake: Home) -> None:
    with database.connect(current(lake)) as connection:
        ids = [row[0] for row in connection.execute("SELECT article_id FROM articles ORDER BY 1").fetchall()]
    for article_id in ids[::4]:
        code, out, _ = ask("show", article_id)
        assert code == 0
        assert article_id in out


def test_show_asks_back(ask: Call) -> None:
    code, out, error = ask("show", "推进会")
    assert (code, out) == (2, "")
    assert "articles match '推进会'; give the article_id of one" in error
    assert len(re.findall(r"^  [0-9a-f]{16}  ", error, re.MULTILINE)) >= 2
    for wanted in ("%%", "' OR 1=1 --", "[bold]", "\\"):
        code, out, error = ask("show", wanted)
        assert (code, out) == (2, "")
        assert "no article" in error


def test_quarantine(ask: Call, lake: Home) -> None:
    code, out, error = ask("quarantine", "list")
    assert (code, error) == (0, "")
    count = current(lake).tables["quarantine"].rows
    assert len(out.splitlines()) == count + 1
    code, out, _ = ask("quarantine", "list", "--reason", "truncated_gzip")
    assert (code, len(out.splitlines())) == (0, 2)
    raw_id, stage, reason = out.splitlines()[1].split()[:3]
    assert (stage, reason) == ("acquire", "truncated_gzip")
    code, out, error = ask("quarantine", "show", raw_id)
    assert (code, error) == (0, "")
    assert "truncated_gzip" in out
    assert raw_id in out
    assert all(mark.isprintable() or mark == "\n" for mark in out)
    assert len(ask("quarantine", "list", "--reason", "no_such_reason")[1].splitlines()) <= 1


def test_every_refused_document_can_be_shown(ask: Call, lake: Home) -> None:
    """Those too whose address is not the place they lie at, since the page tells another."""
    with database.connect(current(lake)) as connection:
        rows = connection.execute("SELECT raw_id, reason FROM quarantine").fetchall()
    assert "published_not_in_future" in {reason for _, reason in rows}
    for raw_id, reason in rows:
        code, out, error = ask("quarantine", "show", raw_id)
        assert (code, error) == (0, "")
        assert reason in out
        assert re.search(r"^places +file:articles/faulty/", out, re.MULTILINE)


@pytest.mark.lake
def test_refused_bytes_at_several_places(call: Call, tmp_path: Path) -> None:
    for name in ("a.txt", "b.html", "c.txt"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    (tmp_path / "in" / "d.txt").write_bytes(b" ")
    assert call("run", "--input", str(tmp_path / "in"), home=tmp_path / "home")[0] == 0
    _, out, _ = call("quarantine", "list", home=tmp_path / "home")
    assert [re.search(r"file:\S+( \+\d more)?", line)[0] for line in out.splitlines()[1:]] == [
        "file:in/a.txt +2 more",
        "file:in/d.txt",
    ]
    _, out, _ = call("quarantine", "show", "e3b0c442", home=tmp_path / "home")
    assert re.search(r"^places +file:in/a\.txt, file:in/b\.html, file:in/c\.txt$", out, re.MULTILINE)
    assert re.search(r"^content_type text/plain$", out, re.MULTILINE)


def test_snapshots(ask: Call, lake: Home) -> None:
    code, out, _ = ask("snapshots", "list")
    assert code == 0
    (line,) = out.splitlines()[1:]
    assert line.split()[:2] == ["000001", "current"]
    assert str(current(lake).tables["articles"].rows) in line.split()


def test_verify_and_report(ask: Call, lake: Home) -> None:
    code, out, error = ask("verify")
    assert (code, error) == (0, "")
    assert re.search(r"\d+ files are as they were published", out)
    assert re.search(r"^\d+ documents = \d+ articles", out, re.MULTILINE)
    assert ask("maintain") == (
        0,
        f"{out}removed 0 unfinished files or folders, 0 staged batches without a plan and 0 Parquet files that nothing names: "
        "0 bytes freed\n",
        "",
    )
    code, out, error = ask("report")
    assert (code, error) == (0, "")
    assert Path(out.strip()).read_text(encoding="utf-8").startswith("<!")
