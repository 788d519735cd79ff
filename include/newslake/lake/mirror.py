"""A home and the store that it mirrors, side by side: what is fetched, what is put, and in which order.

The store has the home's own layout, but for the snapshots, of which it has manifests only. Data files are named by
their content, so a file that is here is never fetched again. The entries of the Delta logs and the manifests are put
once: whoever comes second is overtaken, and nothing of what it prepared is true.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake import purge, snapshots, tombstones
from newslake.lake.delta import DeltaFolder
from newslake.lake.durable import only_one, replace, sync, write_text
from newslake.lake.store import Store, side_by_side
from newslake.tables import PUBLISHED, RAW_DOCUMENTS, RUNS, Table

SNAPSHOTS = "lake/snapshots"
STONES = "tombstones"
_ENTRY = re.compile(r"\d{20}\.json")
_NAMED_BY_SHA256 = re.compile(r"[0-9a-f]{32}")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\..*parquet")


class Overtaken(LakeError):
    """Another publisher's commit is in the store already: what was prepared has to be prepared again, on top of it."""


class Mirror:
    """A home and its store, side by side."""

    def __init__(self, home: Home, store: Store) -> None:
        self.home = home
        self.store = store

    def pull(self) -> None:
        """Fetches the logs, the newest snapshot, and the files that it needs."""
        # The manifest first: the logs, read after it, are never behind it.
        name = self.newer_snapshot()
        manifest = self._manifest(name) if name else None
        with only_one(self.home.state / "land.lock"):
            self.pull_raw()
        side_by_side(self._pull_log, [table for table in PUBLISHED if table is not RAW_DOCUMENTS])
        if manifest:
            self._adopt(manifest)
        self._purge()

    def fetch(self, name: str) -> bool:
        """Fetches an older snapshot; says whether the store has it. The caller holds `publish.lock`."""
        is_there = self.store.get(f"{SNAPSHOTS}/{name}/manifest.json") is not None
        if is_there:
            self._adopt(self._manifest(name))
        return is_there

    def _adopt(self, manifest: str) -> None:
        tables = json.loads(manifest)["tables"]
        for table in PUBLISHED:
            files = tables.get(table.name, {"files": []})["files"]
            self._pull_files(self._folder(table), {file["path"]: file["sha256"] for file in files})
        snapshots.adopt(self.home, manifest, {table.name: self._folder(table) for table in PUBLISHED}, self._empty)

    def newer_snapshot(self) -> str | None:
        """The store's newest snapshot, when it is not the newest here.

        Raises:
            LakeError: the newest here is not in the store.
        """
        here = snapshots.newest(self.home)
        found = self.snapshot_names(here.name if here else "")
        # An old one has expired, or was taken down; then the log goes on from what is here.
        if here and here.name not in found and not (found and self._is_of_log(here)):
            raise LakeError(
                f"{self.store.place(SNAPSHOTS)}/{here.name}: missing, though it is in {here.path}; restore the store "
                "from a backup, or set NEWSLAKE_HOME to a new folder if the store is another lake now"
            )
        return found[-1] if found and not (here and here.name == found[-1]) else None

    def pull_raw(self) -> int:
        """Fetches the log and the files of raw_documents; gives their version. The caller holds `land.lock`.

        Tombstones come first: what is landed on top of these documents has been asked of them.
        """
        self.pull_stones()
        version = self._pull_log(RAW_DOCUMENTS)
        if version >= 0:
            live = DeltaFolder(self.home.raw, RAW_DOCUMENTS).live_files(version)
            self._pull_files(self.home.raw, {path: Path(path).stem for path in live})
        return version

    def snapshot_names(self, start: str = "") -> list[str]:
        """Numbers of the store's snapshots, in order, from `start` on."""
        names = self.store.names(SNAPSHOTS, start)
        return sorted(name.split("/")[0] for name in names if name.endswith("/manifest.json"))

    def _is_of_log(self, snapshot: snapshots.Snapshot) -> bool:
        entry = f"{snapshot.tables[RUNS.name].version:020}.json"
        return not self._differing(self._folder(RUNS) / "_delta_log" / entry)

    def pull_stones(self) -> None:
        """Makes the tombstones here those of the store. The caller holds `land.lock`."""
        place = tombstones.path(self.home)
        here = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
        known = {_stone_key(line): line for line in here}
        wanted = [f"{STONES}/{name}" for name in self.store.names(STONES) if name.endswith(".json")]
        found = {key: known.get(key) or (self.store.get(key) or b"").decode() for key in wanted}
        if set(found) != set(known):
            tombstones.write(self.home, sorted(filter(None, found.values())))

    def push_stones(self) -> None:
        """Puts the tombstones that lie in a new home into the store: of a lake that was moved."""
        place = tombstones.path(self.home)
        for line in place.read_text(encoding="utf-8").splitlines() if place.exists() else ():
            self.store.put_new(_stone_key(line), line.encode())

    def add_stone(self, stone: tombstones.Tombstone) -> None:
        """Puts a tombstone into the store: from then on, nobody lands what it names."""
        line = tombstones.line(stone)
        self.store.put_new(_stone_key(line), line.encode())

    def end_takedown(self, stone: tombstones.Tombstone) -> None:
        """Tells other homes that nothing of it is in the store any more."""
        key = _stone_key(tombstones.line(stone)).replace(".json", ".done")
        self.store.put_new(key, b"")
        self._note_purged([*self._purged(), key])

    def _purge(self) -> None:
        """Removes from this home what other machines have taken down."""
        done = [f"{STONES}/{name}" for name in self.store.names(STONES) if name.endswith(".done")]
        if not set(done) <= set(self._purged()):
            with only_one(self.home.state / "land.lock"):
                purge.purge(self.home)
            self._note_purged(done)

    def _purged(self) -> list[str]:
        place = self.home.root / "purged.txt"
        return place.read_text(encoding="utf-8").splitlines() if place.exists() else []

    def _note_purged(self, keys: Iterable[str]) -> None:
        write_text(self.home.root / "purged.txt", "".join(f"{key}\n" for key in sorted(set(keys))))

    def pull_everything(self) -> None:
        """Fetches all data files that the store has, those that nothing names as well."""
        for table in PUBLISHED:
            names = (Path(name) for name in self.store.names(self.key(table)))
            files = {str(path): path.stem for path in names if path.suffix == ".parquet" and _is_data(path)}
            self._pull_files(self._folder(table), files)

    def problems(self, snapshot: snapshots.Snapshot) -> Iterator[str]:
        """Says which objects that a snapshot needs are missing from the store, or not what was published.

        Every byte is read.
        """
        for name in ("manifest.json", "_SUCCESS"):
            yield from self._differing(snapshot.path / name)
        for table in PUBLISHED:
            state = snapshot.tables[table.name]
            key = self.key(table)
            digests = {f"{key}/{file.path}": file.sha256 for file in state.files}
            if digest := snapshot.manifest["empty"].get(table.name):
                digests[_empty_key(digest)] = digest
            found = side_by_side(self.store.digest, digests)
            for place, digest in zip(digests, found, strict=True):
                if digest is None:
                    yield f"{self.store.place(place)}: missing"
                elif digest != digests[place]:
                    yield f"{self.store.place(place)}: changed: its SHA-256 is not the one in the manifest"
            log = self._folder(table) / "_delta_log"
            entries = [log / f"{version:020}.json" for version in range(state.version + 1)]
            for lines in side_by_side(self._differing, entries):
                yield from lines

    def _differing(self, path: Path) -> list[str]:
        key = str(path.relative_to(self.home.root))
        content = self.store.get(key)
        if content is None:
            return [f"{self.store.place(key)}: missing"]
        is_same = path.exists() and content == path.read_bytes()
        return [] if is_same else [f"{self.store.place(key)}: is not what {path} is; one of them was changed"]

    def push(self, tables: Iterable[Table], known: Mapping[str, Collection[str]] = MappingProxyType({})) -> None:
        """Puts data files, and then the commits that name them, into the store, one table after the other.

        Args:
            tables: in this order.
            known: files of each table that the store has.

        Raises:
            Overtaken: the store has another commit in the place of one of ours.
        """
        entries = {table.name: self._new_entries(table) for table in tables}
        there: dict[str, list[str]] = {}
        for table in tables:
            added = {path for content in entries[table.name].values() for path in _added(content)}
            there[table.name] = self._push_files(table, sorted(added.difference(known.get(table.name, ()))))
        for table in tables:
            for version, content in entries[table.name].items():
                key = f"{self.key(table)}/_delta_log/{version:020}.json"
                if not self.store.put_same(key, content):
                    raise Overtaken(f"{self.store.place(key)}: another publisher made this commit first")
            # What was there without a commit may have been swept before this one named it.
            self._push_files(table, there[table.name])
            if entries[table.name]:
                self._push_checkpoints(table, entries[table.name])
                self._mark(table, max(entries[table.name]))

    def push_snapshot(self, building: Path) -> None:
        """Puts a sealed snapshot, with all that it names, into the store. See `claim`."""
        content = (building / "manifest.json").read_bytes()
        manifest = json.loads(content)
        if manifest["tables"]["raw_documents"]["version"] > self._marked(RAW_DOCUMENTS):
            raise LakeError(f"{self.home.raw}: holds raw documents that are not in {self.store.url}; run again")
        folder = f"{SNAPSHOTS}/{manifest['snapshot']}"
        lost = Overtaken(f"{self.store.place(folder)}: another publisher made this snapshot first")
        if self.store.get(f"{folder}/manifest.json") not in (None, content):
            raise lost
        base = manifest["parent"] and snapshots.Snapshot(self.home.snapshots / manifest["parent"])
        known = {name: {file.path for file in state.files} for name, state in base.tables.items()} if base else {}
        for path in sorted(building.glob(f"*/{snapshots.EMPTY}")):
            empty = path.read_bytes()
            self.store.put_new(_empty_key(sha256(empty).hexdigest()), empty)
        # Every publish appends to `runs`, so who is overtaken notices before anything else is in the store.
        published = [table for table in PUBLISHED if table is not RAW_DOCUMENTS]
        self.push(sorted(published, key=lambda table: table is not RUNS), known)
        if not self.store.put_same(f"{folder}/manifest.json", content):
            raise lost
        self.store.put(f"{folder}/_SUCCESS", (building / "_SUCCESS").read_bytes())

    def _manifest(self, name: str) -> str:
        folder = f"{SNAPSHOTS}/{name}"
        content = self.store.get(f"{folder}/manifest.json") or b""
        seal = f"{sha256(content).hexdigest()}\n".encode()
        # A publisher that died between the two has published: the manifest makes the snapshot.
        if not content or not self._is_sealed(f"{folder}/_SUCCESS", seal):
            raise LakeError(
                f"{self.store.place(folder)}/manifest.json: changed since it was published; restore it from a backup"
            )
        return content.decode()

    def _is_sealed(self, key: str, seal: bytes) -> bool:
        found = self.store.get(key)
        if found is None:
            # A reader may have no right to put anything; then a publisher will do it.
            with suppress(LakeError):
                self.store.put_new(key, seal)
        return found in (None, seal)

    def _empty(self, digest: str, target: Path) -> None:
        self._fetch(_empty_key(digest), target, digest)

    def _pull_log(self, table: Table) -> int:
        """Makes a table's log the store's; gives its newest version, -1 where the store has no such table."""
        log, key = self._folder(table) / "_delta_log", f"{self.key(table)}/_delta_log"
        known, here = self._marked(table), _versions(log)
        if not set(range(known + 1)) <= set(here):
            known = -1
        names = self.store.names(key, f"{known:020}" if known >= 0 else "")
        found = [int(name[:20]) for name in names if _ENTRY.fullmatch(name)]
        if found != list(range(max(known, 0), max(known, 0) + max(len(found), known >= 0))):
            raise LakeError(f"{self.store.place(key)}: commits that were there are missing; restore them from a backup")
        newest = found[-1] if found else -1
        wanted = [version for version in found if version > known]
        # An empty table that is here alone is made over and over otherwise, while others read it.
        beyond = [version for version in here if version > max(newest, 0)]
        if wanted or beyond:
            log.mkdir(parents=True, exist_ok=True)
            _forget_checkpoints(log, known)
            self._take(log, key, wanted)
            for version in reversed(beyond):
                (log / f"{version:020}.json").unlink()
            sync(log)
        self._mark(table, newest)
        return newest

    def _take(self, log: Path, key: str, versions: Iterable[int]) -> None:
        fetched = {version: log / f".writing-{os.getpid()}-{version}" for version in versions}
        side_by_side(lambda version: self.store.digest(f"{key}/{version:020}.json", fetched[version]), fetched)
        for version, temporary in fetched.items():
            replace(temporary, log / f"{version:020}.json")

    def _pull_files(self, folder: Path, files: Mapping[str, str]) -> None:
        """Fetches the files that are not here: path → SHA-256, or how it begins."""
        missing = [path for path in sorted(files) if not (folder / path).exists()]
        for parent in {(folder / path).parent for path in missing}:
            parent.mkdir(parents=True, exist_ok=True)
        key = folder.relative_to(self.home.root)
        side_by_side(lambda path: self._fetch(f"{key}/{path}", folder / path, files[path]), missing)

    def _fetch(self, key: str, target: Path, digest: str) -> None:
        temporary = target.with_name(f".writing-{os.getpid()}-{threading.get_ident()}")
        try:
            found = self.store.digest(key, temporary)
            if found is None:
                raise LakeError(f"{self.store.place(key)}: missing; restore it from a backup")
            if not found.startswith(digest):
                raise LakeError(f"{self.store.place(key)}: changed: its SHA-256 is {found}; restore it from a backup")
            replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def _push_files(self, table: Table, paths: Collection[str]) -> list[str]:
        """Puts data files where they are missing; gives those that were there."""
        folder, key = self._folder(table), self.key(table)
        is_new = side_by_side(lambda path: self.store.put_new(f"{key}/{path}", folder / path), paths)
        return [path for path, is_one in zip(paths, is_new, strict=True) if not is_one]

    def names(self, table: Table, path: str) -> bool:
        """Whether any commit names a file of a table, of those in the store that are not here yet."""
        key = f"{self.key(table)}/_delta_log"
        known = self._marked(table)
        found = self.store.names(key, f"{known:020}.json" if known >= 0 else "")
        return any(path in _added(self.store.get(f"{key}/{name}") or b"") for name in found if _ENTRY.fullmatch(name))

    def _push_checkpoints(self, table: Table, versions: Collection[int]) -> None:
        """Readers of the store then need not open every commit; this home does without."""
        log = self._folder(table) / "_delta_log"
        made = [path for path, version in _checkpoints(log).items() if version in versions]
        for path in [*made, log / "_last_checkpoint"] if made else []:
            self.store.put(f"{self.key(table)}/_delta_log/{path.name}", path.read_bytes())

    def _new_entries(self, table: Table) -> dict[int, bytes]:
        log, known = self._folder(table) / "_delta_log", self._marked(table)
        return {version: (log / f"{version:020}.json").read_bytes() for version in _versions(log) if version > known}

    def _folder(self, table: Table) -> Path:
        return self.home.raw if table is RAW_DOCUMENTS else self.home.delta / table.name

    def key(self, table: Table) -> str:
        """A table's folder in the store."""
        return str(self._folder(table).relative_to(self.home.root))

    def _marked(self, table: Table) -> int:
        """Up to which version the log here is known to be the store's; -1 for none of it."""
        path = self._mark_path(table)
        return int(path.read_text(encoding="ascii")) if path.exists() else -1

    def _mark(self, table: Table, version: int) -> None:
        if version != self._marked(table):
            write_text(self._mark_path(table), str(version))

    def _mark_path(self, table: Table) -> Path:
        return self.home.state / "mirror" / f"{table.name}.txt"


def _is_data(path: Path) -> bool:
    """Whether a Parquet file is one of ours: the log has some of its own."""
    return bool(_NAMED_BY_SHA256.fullmatch(path.stem)) and not path.parts[0].startswith((".", "_"))


def _stone_key(line: str) -> str:
    return f"{STONES}/{sha256(line.encode()).hexdigest()[:32]}.json"


def _versions(log: Path) -> list[int]:
    return sorted(int(path.stem) for path in log.glob("*.json") if _ENTRY.fullmatch(path.name))


def _added(entry: bytes) -> set[str]:
    """Paths of the files that a commit makes live."""
    actions = [json.loads(line) for line in entry.splitlines() if line.strip()]
    return {unquote(action["add"]["path"]) for action in actions if "add" in action}


def _checkpoints(log: Path) -> dict[Path, int]:
    """Files that say what is live at a version, which delta-rs writes now and then."""
    found = ((path, _CHECKPOINT.fullmatch(path.name)) for path in log.glob("*.parquet"))
    return {path: int(match[1]) for path, match in found if match}


def _forget_checkpoints(log: Path, version: int) -> None:
    """Removes checkpoints after a version: they may tell of commits that nobody accepted."""
    found = [path for path, made_at in _checkpoints(log).items() if made_at > version]
    if found:
        (log / "_last_checkpoint").unlink(missing_ok=True)
    for path in found:
        path.unlink()


def _empty_key(digest: str) -> str:
    return f"lake/empty/{digest[:32]}.parquet"
