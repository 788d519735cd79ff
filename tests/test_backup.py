"""A backup that is made while others land and publish, and a home that is put in place from it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from lake import rows
from lake.faults_corpus import article
from lake.processes import finish, start
from newslake import cli, pipeline
from newslake.config import Home
from newslake.errors import LakeError, UsageError
from newslake.lake import backup, snapshots, tombstones
from newslake.lake.durable import only_one
from newslake.lake.verify import verify
from newslake.sources import FilesSource

pytestmark = pytest.mark.lake
BACKUPS = 12


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three articles."""
    path = tmp_path / "articles"
    path.mkdir()
    (path / "0.jsonl").write_text("".join(map(article, range(3))), encoding="utf-8")
    return path


def run(folder: Path) -> None:
    pipeline.run([FilesSource(name="input", path=folder)])


def publish_until(stop: Path, home: Path, folder: Path) -> None:
    """One snapshot after the other, each with new articles and a new version of an old one."""
    os.environ["NEWSLAKE_HOME"] = str(home)
    batch = 1
    while not stop.exists():
        lines = [article(batch * 3 + number) for number in range(3)] + [article(0, f"这是第{batch}次修改后的全文。")]
        (folder / f"{batch}.jsonl").write_text("".join(lines), encoding="utf-8")
        run(folder)
        batch += 1


def restored(copy: Path, home: Path) -> Home:
    """A home from a backup, as docs/deploy.md says: put in its place, then run, which writes what is made again."""
    subprocess.run(["cp", "--archive", copy, home], check=True)
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([])
    return Home(home)


def test_backups_while_others_publish_are_of_one_moment(
    folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    stop = tmp_path / "stop"
    publisher = start(publish_until, stop, home, folder)
    copies: list[tuple[Path, str | None]] = []
    try:
        while len(copies) < BACKUPS:
            target = tmp_path / f"copy {len(copies)}"
            copies.append((target, backup.back_up(Home(home), target).snapshot))
            time.sleep(0.3 * (len(copies) % 3))
    finally:
        stop.touch()
        finish(publisher)
    assert len({name for _, name in copies}) > 2, "nothing was published meanwhile"
    for target, name in (copies[0], copies[BACKUPS // 2], copies[-1]):
        before = rows.digest(snapshots.find(Home(home), str(name)))
        monkeypatch.setenv("NEWSLAKE_HOME", str(target))
        assert rows.of(target) == before
        again = restored(target, tmp_path / f"restored {target.name}")
        newest, _, account = verify(again)
        assert account.missing == 0
        assert int(newest) - int(str(name)) in (0, 1), "a document landed before its backup is published after it"
        run(folder)
        verify(again)
        assert rows.of(again.root) == rows.of(home), "the restored home goes on to where the other one is"


def test_a_restored_home_is_the_same_lake(folder: Path, home: Path, tmp_path: Path) -> None:
    run(folder)
    (home / "tombstones.jsonl").write_text("", encoding="utf-8")
    before = rows.of(home)
    done = backup.back_up(Home(home), tmp_path / "copy")
    assert done.is_linked
    shutil.rmtree(home)
    subprocess.run(["cp", "--archive", tmp_path / "copy", home], check=True)
    name, _, account = verify(Home(home))
    assert (name, account.missing) == (done.snapshot, 0)
    assert rows.of(home) == before
    assert tombstones.path(Home(home)).exists()
    run(folder)
    assert snapshots.current(Home(home)).name == name, "there is nothing new in it"


def test_what_lies_on_another_disk_is_copied(
    folder: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that have two names in the home, in a table and in a snapshot, have two in the copy, and are copied once."""
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("/dev/shm is not another file system here")
    run(folder)
    target = other / f"newslake-backup-{os.getpid()}"
    try:
        done = backup.back_up(Home(home), target)
        assert not done.is_linked
        sizes = {path.stat().st_ino: path.stat().st_size for path in target.rglob("*") if path.is_file()}
        assert (done.bytes, done.files) == (sum(sizes.values()), sum(path.is_file() for path in target.rglob("*")))
        assert rows.of(target) == rows.of(home)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def test_a_backup_holds_only_what_is_finished(folder: Path, home: Path, tmp_path: Path) -> None:
    run(folder)
    (home / "lake" / "snapshots" / ".building-000002-1").mkdir()
    (home / "state" / "staged" / "half").mkdir(parents=True)
    backup.back_up(Home(home), tmp_path / "copy")
    names = {path.name for path in (tmp_path / "copy").rglob("*")}
    assert not names & {".building-000002-1", "half", "publish.lock", "land.lock"}
    assert not list(tmp_path.glob(".copy*"))


def test_a_backup_waits_for_who_publishes(folder: Path, home: Path, tmp_path: Path) -> None:
    run(folder)
    with only_one(home / "state" / "publish.lock"):
        process = start(backup.back_up, Home(home), tmp_path / "copy")
        process.join(2)
        assert process.is_alive()
        assert not (tmp_path / "copy").exists()
    finish(process)
    assert rows.of(tmp_path / "copy") == rows.of(home)


@pytest.mark.parametrize("place", ["inside", "there"])
def test_a_wrong_place_is_refused(place: str, folder: Path, home: Path, tmp_path: Path) -> None:
    run(folder)
    (tmp_path / "there").mkdir()
    target = home / "copy" if place == "inside" else tmp_path / "there"
    with pytest.raises(UsageError, match="lies in the home" if place == "inside" else "there is something already"):
        backup.back_up(Home(home), target)
    assert not (home / "copy").exists()


def test_without_a_lake_there_is_nothing_to_copy(home: Path, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no lake here yet"):
        backup.back_up(Home(home), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_command_tells_what_it_did(folder: Path, home: Path, tmp_path: Path) -> None:
    run(folder)
    result = CliRunner().invoke(cli.newslake, ["backup", str(tmp_path / "copy")])
    assert result.exit_code == 0, result.output
    assert "snapshot 000001" in result.output
    assert "copy the folder to another disk" in result.output
