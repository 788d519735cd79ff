"""`newslake verify`: silent on a good lake, and by name on every file that is not as it was published."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from newslake import cli, pipeline
from newslake.config import Home
from newslake.lake import database
from newslake.lake.durable import only_one
from newslake.lake.snapshots import Snapshot, current
from newslake.lake.verify import conservation
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED

BODY = "临江区召开调度会，区长林向东部署年底前的重点任务。会议要求，各镇街要把责任落到人，第{}批月底前完成。龙头港铁路专用线建成通车。"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two runs of 2 + 5 documents: 2 articles, an older version, a refused file, a line that stands in
    two files, and the first file again, which by then has another address."""
    folder = tmp_path_factory.mktemp("verify")
    records = [
        {"url": "https://e.example/1", "title": "一", "text": BODY.format("一"), "published_at": "2024-01-02"},
        {"url": "https://e.example/2", "title": "二", "text": BODY.format("二") * 3, "published_at": "2024-02-02"},
        {"url": "https://e.example/1", "title": "一", "text": BODY.format("新"), "published_at": "2024-01-02"},
    ]
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        for number, content in enumerate([lines[0] + lines[1], lines[2], lines[1], ""]):
            path = folder / "in" / (f"{number}.jsonl" if content else "empty.txt")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
            os.utime(path, (1_700_000_000 + number,) * 2)
        pipeline.run([FilesSource(name="input", path=folder / "in" / "0.jsonl")])
        pipeline.run([FilesSource(name="input", path=folder / "in")])
    return Home(folder / "home")


@pytest.fixture
def copy(good: Home, tmp_path: Path) -> Home:
    """A copy to be damaged, with its own database: that names absolute paths."""
    home = Home(Path(shutil.copytree(good.root, tmp_path / "home", symlinks=True)))
    database.write_if_older(home, current(home))
    return home


@pytest.fixture
def verify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Home], tuple[int, str, str]]:
    def call(home: Home) -> tuple[int, str, str]:
        monkeypatch.setenv("NEWSLAKE_HOME", str(home.root))
        monkeypatch.setattr(sys, "argv", ["newslake", "verify"])
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, error = capsys.readouterr()
        return code, out, error

    return call


Verify = Callable[[Home], tuple[int, str, str]]


def flip(path: Path, place: int | None = None) -> Path:
    """Changes one bit of a file, its size and times staying the same."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if place is None else place] ^= 0x80
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return path


def first(folder: Path) -> Path:
    return min(folder.rglob("*.parquet"))


def test_a_good_lake(good: Home, verify: Verify) -> None:
    code, out, error = verify(good)
    assert (code, error) == (0, "")
    files = sum(len(state.files) for state in current(good).tables.values())
    assert out.splitlines() == [
        f"snapshot 000002: {files} files are as they were published",
        "7 documents = 2 articles + 1 superseded versions + 3 exact copies + 1 quarantined",
    ]


def test_conservation_numbers(good: Home) -> None:
    account = conservation(current(good))
    assert (account.articles, account.superseded, account.quarantined, account.missing) == (2, 1, 1, 0)
    assert (account.documents, account.exact_copies) == (7, 3)
    assert replace(account, articles=1).missing == 1


def test_verifying_changes_nothing(copy: Home, verify: Verify) -> None:
    before = {path: path.lstat().st_mtime_ns for path in copy.root.rglob("*")}
    assert verify(copy)[0] == 0
    assert {path: path.lstat().st_mtime_ns for path in copy.root.rglob("*")} == before


@pytest.mark.parametrize("place", [0, None, -1])
@pytest.mark.parametrize("name", [table.name for table in PUBLISHED])
def test_one_changed_byte(copy: Home, verify: Verify, name: str, place: int | None) -> None:
    path = flip(first(copy.current.resolve() / name), place)
    code, out, error = verify(copy)
    assert (code, out) == (1, "")
    assert str(path) in error
    assert "changed" in error
    assert "Traceback" not in error


@pytest.mark.parametrize("name", ["manifest.json", "_SUCCESS"])
@pytest.mark.parametrize(
    "place",
    [0, pytest.param(20, id="middle")],
)
def test_one_changed_byte_of_the_seal(copy: Home, verify: Verify, name: str, place: int) -> None:
    path = copy.current.resolve() / name
    content = bytearray(path.read_bytes())
    content[place] = ord("!")
    path.write_bytes(content)
    code, _, error = verify(copy)
    assert code == 1
    assert str(path.parent / "manifest.json") in error
    assert "_SUCCESS" in error


def test_a_seal_that_is_not_text(copy: Home, verify: Verify) -> None:
    path = flip(copy.current.resolve() / "_SUCCESS", 0)
    code, _, error = verify(copy)
    assert code == 1
    assert str(path) in error


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """One article, so that several tables have no rows and are one empty file each."""
    folder = tmp_path_factory.mktemp("sparse")
    (folder / "a.txt").write_text("临江区召开调度会。会议要求，把责任落到人，月底前完成全部任务。", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run([FilesSource(name="input", path=folder / "a.txt")])
    return Home(folder / "home")


def test_one_changed_byte_of_an_empty_table(sparse: Home, tmp_path: Path, verify: Verify) -> None:
    assert verify(sparse)[0] == 0
    home = Home(Path(shutil.copytree(sparse.root, tmp_path / "home", symlinks=True)))
    path = flip(home.current.resolve() / "article_versions" / "empty.parquet")
    code, _, error = verify(home)
    assert code == 1
    assert str(path) in error


@pytest.mark.parametrize("name", [table.name for table in PUBLISHED])
@pytest.mark.parametrize("where", ["snapshot", "delta"])
def test_a_missing_file(copy: Home, verify: Verify, name: str, where: str) -> None:
    path = first(copy.current.resolve() / name)
    if where == "delta":
        stored = copy.raw if name == "raw_documents" else copy.delta / name
        path = stored / path.relative_to(copy.current.resolve() / name)
    path.unlink()
    code, out, error = verify(copy)
    assert (code, out) == (1, "")
    assert str(path) in error
    assert "missing" in error


@pytest.mark.parametrize("name", ["manifest.json", "_SUCCESS"])
def test_a_missing_seal(copy: Home, verify: Verify, name: str) -> None:
    path = copy.current.resolve() / name
    path.unlink()
    code, _, error = verify(copy)
    assert code == 1
    assert f"{path}: missing" in error


@pytest.mark.parametrize(
    "place",
    [
        "articles/stray.parquet",
        "articles/published_month=2024-01/copy.parquet",
        "runs/.hidden",
        "stray.txt",
        "another/table.parquet",
    ],
)
def test_a_stray_file(copy: Home, verify: Verify, place: str) -> None:
    path = copy.current.resolve() / place
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(first(copy.current.resolve() / "articles"), path)
    code, _, error = verify(copy)
    assert code == 1
    assert f"{path}: not in the manifest" in error


def test_files_exchanged(copy: Home, verify: Verify) -> None:
    """Whole and readable, in each other's place."""
    one, other = sorted((copy.current.resolve() / "articles").rglob("*.parquet"))[:2]
    contents = one.read_bytes(), other.read_bytes()
    one.write_bytes(contents[1])
    other.write_bytes(contents[0])
    code, _, error = verify(copy)
    assert code == 1
    assert str(one) in error
    assert str(other) in error


def test_many_faults_are_counted(copy: Home, verify: Verify) -> None:
    paths = list(copy.current.resolve().rglob("*.parquet"))
    for path in paths:
        path.unlink()
    code, _, error = verify(copy)
    assert code == 1
    assert error.count(": missing") == 10
    assert f"… and {len(paths) - 10} more" in error


@pytest.mark.parametrize("damage", ["delete the newest entry", "delete the log", "break the newest entry"])
def test_a_damaged_delta_log(copy: Home, verify: Verify, damage: str) -> None:
    log = copy.delta / "articles" / "_delta_log"
    if damage == "delete the log":
        shutil.rmtree(log)
    elif damage == "break the newest entry":
        flip(max(log.glob("*.json")), 1)
    else:
        max(log.glob("*.json")).unlink()
    code, _, error = verify(copy)
    assert code == 1
    assert str(copy.delta / "articles") in error
    assert "Traceback" not in error


def test_verifying_makes_no_tables(copy: Home, verify: Verify) -> None:
    shutil.rmtree(copy.raw)
    with contextlib.suppress(Exception):
        verify(copy)
    assert not copy.raw.exists()


def remove(home: Home) -> None:
    home.database.unlink()


def truncate(home: Home) -> None:
    home.database.write_bytes(home.database.read_bytes()[:5_000])


def damage(home: Home) -> None:
    """Every block but the head; DuckDB finds out by its checksums."""
    content = home.database.read_bytes()
    home.database.write_bytes(content[:12_288] + bytes(byte ^ 0xFF for byte in content[12_288:]))


def empty(home: Home) -> None:
    home.database.unlink()
    duckdb.connect(str(home.database)).close()


def show_the_snapshot_before(home: Home) -> None:
    (home.state / "database.txt").unlink()
    database.write_if_older(home, Snapshot(home.snapshots / "000001"))


def show_another_home(home: Home) -> None:
    """As after moving a home."""
    other = home.root.with_name("other")
    shutil.copytree(home.root, other, symlinks=True)
    database.write_if_older(Home(other), current(Home(other)))
    shutil.copy(other / "newslake.duckdb", home.database)


DATABASE_FAULTS = {
    remove: "missing",
    truncate: "cannot be read",
    damage: "cannot be read",
    empty: "has no table raw_documents",
    show_the_snapshot_before: "shows another snapshot than",
    show_another_home: "shows another snapshot than",
}


@pytest.mark.parametrize("harm", DATABASE_FAULTS, ids=lambda harm: harm.__name__)
def test_a_database_that_does_not_show_the_current_snapshot(
    copy: Home, verify: Verify, harm: Callable[[Home], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with what mends it, and that does mend it: a run, though there is nothing new."""
    harm(copy)
    before = copy.database.read_bytes() if copy.database.exists() else None
    code, out, error = verify(copy)
    assert (code, out) == (1, "")
    assert f"{copy.database}: {DATABASE_FAULTS[harm]}" in error
    assert "`newslake run` writes the database again" in error
    assert "Traceback" not in error
    assert (copy.database.read_bytes() if copy.database.exists() else None) == before
    pipeline.plan()
    assert verify(copy)[0] == 0
    with duckdb.connect(str(copy.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(2,)]


def test_a_database_that_somebody_has_open(copy: Home, verify: Verify) -> None:
    code = (
        "import duckdb, sys\nwith duckdb.connect(sys.argv[1]):\n    print('open', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(copy.database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        assert verify(copy)[0] == 0
        reader.kill()


def test_a_publisher_at_work_has_not_written_the_database_yet(copy: Home, verify: Verify) -> None:
    show_the_snapshot_before(copy)
    with only_one(copy.state / "publish.lock"):
        assert verify(copy)[0] == 0
    assert verify(copy)[0] == 1


def test_without_a_lake(tmp_path: Path, verify: Verify, copy: Home) -> None:
    code, out, error = verify(Home(tmp_path / "nowhere"))
    assert (code, out) == (1, "")
    assert "no lake here yet" in error
    assert "newslake run" in error
    assert not (tmp_path / "nowhere").exists()
    copy.current.unlink()
    copy.current.symlink_to("snapshots/000099")
    assert verify(copy)[0] == 1
