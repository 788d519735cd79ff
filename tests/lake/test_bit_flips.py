"""One bit of a data file is not as it was written: verify names the file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newslake import pipeline
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake.snapshots import complete
from newslake.lake.verify import verify
from newslake.sources import FilesSource

from .faults_corpus import article, write_first, write_then

pytestmark = pytest.mark.lake
FLIPS = 150


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two snapshots, whose tables are not all the same, and documents that are in neither."""
    folder = tmp_path_factory.mktemp("flips")
    articles = folder / "articles"
    articles.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        for write in (write_first, write_then):
            write(articles)
            pipeline.run([FilesSource(name="input", path=articles)])
        (articles / "c.jsonl").write_text(article(5), encoding="utf-8")
        pipeline.acquire(FilesSource(name="input", path=articles))
    return Home(folder / "home")


def data_files(home: Home) -> list[Path]:
    """Every Parquet file of every snapshot and of what was landed, each once, however many names it has."""
    paths = [path for snapshot in complete(home) for path in sorted(snapshot.path.rglob("*.parquet"))]
    paths += sorted(home.raw.rglob("*.parquet"))
    return list({path.stat().st_ino: path for path in reversed(paths)}.values())


@contextmanager
def flipped(path: Path, place: int, bit: int) -> Iterator[None]:
    """A file with another bit, in place: all its names show it."""
    _flip(path, place, bit)
    try:
        yield
    finally:
        _flip(path, place, bit)


def _flip(path: Path, place: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (value,) = file.read(1)
        file.seek(place)
        file.write(bytes([value ^ 1 << bit]))


def chosen(home: Home) -> list[tuple[Path, int, int]]:
    """Spread over all files, at any place of each."""
    chance, files = random.Random("flips"), data_files(home)
    paths = [files[number % len(files)] for number in range(FLIPS)]
    return [(path, chance.randrange(path.stat().st_size), chance.randrange(8)) for path in paths]


def test_verify_names_the_file(lake: Home) -> None:
    flips = chosen(lake)
    assert {path.parts[len(lake.root.parts)] for path, _, _ in flips} == {"raw", "lake"}
    for path, place, bit in flips:
        with flipped(path, place, bit), pytest.raises(LakeError) as found:
            verify(lake)
        # The same file may have a name in an older snapshot, and one in the Delta table.
        named = [Path(line.split(": ")[0]) for line in str(found.value).splitlines() if "changed" in line]
        assert named, f"{path} byte {place} bit {bit}: {found.value}"
        assert all(one.samefile(path) for one in named)
    verify(lake)
