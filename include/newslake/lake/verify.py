"""Whether a snapshot is what its manifest says, and whether every document is accounted for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import database, described, remote
from newslake.lake.delta import DeltaFolder
from newslake.lake.durable import is_held
from newslake.lake.snapshots import EMPTY, Snapshot, complete, current
from newslake.tables import PUBLISHED

NAMED_BY_SHA256 = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Conservation:
    """documents = articles + superseded + exact_copies + quarantined.

    Attributes:
        documents: raw documents: each place counted, and each time that the same bytes came back to it.
        articles: rows of `articles`.
        superseded: rows of `article_versions`.
        exact_copies: documents whose bytes are those of another document, at another place or another time.
        quarantined: refused documents, byte-identical ones counted once.
    """

    documents: int
    articles: int
    superseded: int
    exact_copies: int
    quarantined: int

    @property
    def missing(self) -> int:
        """Documents that are nowhere; 0 unless something is broken."""
        return self.documents - self.articles - self.superseded - self.exact_copies - self.quarantined

    def __str__(self) -> str:
        return (
            f"{self.documents} documents = {self.articles} articles + {self.superseded} superseded versions"
            f" + {self.exact_copies} exact copies + {self.quarantined} quarantined"
        )


def conservation(snapshot: Snapshot) -> Conservation:
    """Counts every document of a snapshot once."""
    with database.connect(snapshot) as connection:
        row = connection.execute(
            """
            SELECT (SELECT count(*) FROM raw_documents), (SELECT count(*) FROM articles),
                   (SELECT count(*) FROM article_versions),
                   (SELECT count(*) - count(DISTINCT raw_id) FROM raw_documents),
                   (SELECT count(DISTINCT raw_id) FROM quarantine WHERE NOT is_replayed)
            """
        ).fetchall()[0]
    return Conservation(*row)


def verify(home: Home) -> tuple[str, int, Conservation]:
    """Checks the current snapshot: its files against the manifest, its tables against each other, and the database.

    The files of older snapshots and of the Delta tables are read too, each once.
    Where the lake is in an object store, what is there is read as well, every byte.

    Returns:
        The snapshot, number of files checked, and the account of all documents.

    Raises:
        LakeError: names the first ten files that are missing or changed, or what does not add up.
    """
    remote.refresh(home)
    snapshot = current(home)
    problems = [*_file_problems(home, snapshot), *remote.problems(home, snapshot)]
    if problems:
        shown = "\n".join(problems[:10]) + (f"\n… and {len(problems) - 10} more" if len(problems) > 10 else "")
        raise LakeError(
            f"{shown}\nThe raw documents are kept: restore the files, or run `newslake run` into a new home."
        )
    account = conservation(snapshot)
    if account.missing:
        raise LakeError(f"snapshot {snapshot.name}: {account.missing} documents are unaccounted for: {account}")
    if orphans := _orphans(snapshot):
        raise LakeError(f"snapshot {snapshot.name}: " + "; ".join(orphans))
    # A publisher at work has made a new snapshot current a moment before it writes the database.
    if not is_held(home.state / "publish.lock") and (wrong := database.fault(home, current(home))):
        raise LakeError(f"{wrong}; the tables are whole, and the next `newslake run` writes the database again")
    return snapshot.name, sum(len(state.files) for state in snapshot.tables.values()), account


def _file_problems(home: Home, snapshot: Snapshot) -> Iterator[str]:
    expected = {snapshot.path / "manifest.json", snapshot.path / "_SUCCESS"}
    expected |= described.files(snapshot.path)
    yield from described.problems(snapshot.path)
    for table in PUBLISHED:
        if table.name not in snapshot.manifest["tables"]:
            continue
        state = snapshot.tables[table.name]
        linked = snapshot.path / table.name
        stored = home.raw if table.name == "raw_documents" else home.delta / table.name
        for file in state.files:
            expected.add(linked / file.path)
            yield from _check_file(linked / file.path, file.rows, file.sha256)
            if not (stored / file.path).exists():
                yield f"{stored / file.path}: missing from the Delta table"
        if not state.files:
            expected.add(linked / EMPTY)
            yield from _check_file(linked / EMPTY, 0, snapshot.manifest["empty"].get(table.name, ""))
        if wrong := DeltaFolder(stored, table).check_live(state.version, {file.path for file in state.files}):
            yield wrong
    found = {path for path in snapshot.path.rglob("*") if path.is_file()}
    yield from (f"{path}: not in the manifest" for path in sorted(found - expected))
    yield from _problems_elsewhere(home, snapshot, found)


def _problems_elsewhere(home: Home, snapshot: Snapshot, read: Iterable[Path]) -> Iterator[str]:
    """Files of older snapshots and of the Delta tables that are not those just read, however many names they have."""
    done = {path.stat().st_ino for path in read}
    for path, sha256 in [*_older_files(home, snapshot), *_stored_files(home)]:
        if not path.exists():
            yield f"{path}: missing"
        elif path.stat().st_ino not in done:
            done.add(path.stat().st_ino)
            with path.open("rb") as handle:
                if not hashlib.file_digest(handle, "sha256").hexdigest().startswith(sha256):
                    yield f"{path}: changed: its SHA-256 is not the one it was written with"


def _older_files(home: Home, snapshot: Snapshot) -> Iterator[tuple[Path, str]]:
    for older in complete(home):
        if older.path == snapshot.path:
            continue
        for name, state in older.manifest["tables"].items():
            yield from ((older.path / name / file["path"], file["sha256"]) for file in state["files"])
        yield from ((older.path / name / EMPTY, sha256) for name, sha256 in older.manifest.get("empty", {}).items())


def _stored_files(home: Home) -> Iterator[tuple[Path, str]]:
    """Their names begin with their SHA-256."""
    for folder in (home.raw, home.delta):
        yield from (
            (path, path.stem) for path in sorted(folder.rglob("*.parquet")) if NAMED_BY_SHA256.fullmatch(path.stem)
        )


def _check_file(path: Path, rows: int, sha256: str) -> Iterator[str]:
    if not path.exists():
        yield f"{path}: missing"
        return
    with path.open("rb") as handle:
        if hashlib.file_digest(handle, "sha256").hexdigest() != sha256:
            yield f"{path}: changed: its SHA-256 is not the one in the manifest"
            return
    if (found := pq.read_metadata(path).num_rows) != rows:
        yield f"{path}: holds {found} rows, the manifest says {rows}"


def _orphans(snapshot: Snapshot) -> list[str]:
    """References between the tables that lead nowhere."""
    found = []
    with database.connect(snapshot) as connection:
        for table in PUBLISHED:
            for column, target in table.references:
                other, key = target.split(".")
                (count,) = connection.execute(
                    f"SELECT count(*) FROM {table.name} ANTI JOIN (SELECT {key} AS {column} FROM {other}) USING ({column})"
                ).fetchall()[0]
                if count:
                    found.append(f"{count} rows of {table.name} have a {column} that is not in {target}")
    return found
