"""The view `sources`: what may be done with whose texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from newslake import config, pipeline
from newslake.lake import database
from newslake.lake.snapshots import current
from newslake.sources import FilesSource, named

DECLARED = """
sources:
  - {{name: harbour, kind: files, path: {folder}, owner: "desk's", language: de, timezone: Europe/Berlin,
     rights: {{licence: "agreement of 2024-03-01", may_publish_text: {may}}}, schedule: "@weekly"}}
  - {{name: quiet, kind: files, path: {folder}, is_enabled: false}}
"""
QUERY = "SELECT * FROM sources ORDER BY source"


@pytest.fixture
def declare(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes sources.yaml; says whether texts may be published."""
    path = tmp_path / "sources.yaml"
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("Hafen gesperrt\n\n今天临江区召开调度会，部署年底前的重点任务。", encoding="utf-8")

    def write(may: str) -> None:
        path.write_text(DECLARED.format(folder=folder, may=may), encoding="utf-8")

    return write


def in_the_lake() -> list[tuple[Any, ...]]:
    with database.connect(current(config.home())) as connection:
        return connection.execute(QUERY).fetchall()


def in_the_file() -> list[tuple[Any, ...]]:
    with duckdb.connect(str(config.home().database), read_only=True) as connection:
        return connection.execute(QUERY).fetchall()


def test_sources_as_they_are_declared_and_as_they_are_stored(declare: Any, tmp_path: Path) -> None:
    declare("true")
    (tmp_path / "b.txt").write_text("今天临江区召开春耕会。", encoding="utf-8")
    pipeline.run([named("harbour"), FilesSource(name="input", path=tmp_path / "b.txt")])
    terms = ("de", "Europe/Berlin", "agreement of 2024-03-01")
    harbour = ("harbour", "files", "desk's", *terms, True, "@weekly", True, 1)
    unknown = ("input", *[None] * 5, False, None, False, 1)
    quiet = ("quiet", "files", *[None] * 4, False, "@daily", False, 0)
    assert in_the_lake() == in_the_file() == [harbour, unknown, quiet]
    pipeline.verify()


def test_rights_that_change_count_for_what_is_stored(declare: Any) -> None:
    declare("true")
    pipeline.run([named("harbour")])
    declare("false")
    assert [row[6] for row in in_the_lake()] == [False, False]
    assert [row[6] for row in in_the_file()] == [True, False]
    _, published = pipeline.run([named("harbour")])
    assert (published["is_new"], [row[6] for row in in_the_file()]) == (False, [False, False])


def test_without_a_file_nothing_may_be_published(declare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    declare("true")
    pipeline.run([named("harbour")])
    monkeypatch.setenv("NEWSLAKE_SOURCES", "/nowhere/sources.yaml")
    assert [(row[0], row[1], row[6]) for row in in_the_lake()] == [("harbour", None, False)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hafen zu.", "de"),
        ("Порт.", "und"),
        ("港口今天关闭。", "zh"),
        ("The harbour was closed today because of the storm that came in from the sea.", "en"),
    ],
)
def test_the_language_of_texts_that_do_not_tell(declare: Any, tmp_path: Path, text: str, language: str) -> None:
    declare("true")
    (tmp_path / "in" / "a.txt").unlink()
    (tmp_path / "in" / "b.jsonl").write_text(f'{{"title": "1", "text": "{text}"}}', encoding="utf-8")
    pipeline.run([named("harbour")])
    with database.connect(current(config.home())) as connection:
        assert connection.execute("SELECT language FROM articles").fetchall() == [(language,)]
