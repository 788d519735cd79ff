"""How far each source was read, stored with the batch it belongs to.

The watermark's file is written first, under the next number. The Delta commit of the chunk carries that number as an
application transaction: chunk and watermark become true at once, whenever a process dies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import zstandard

from newslake.config import Home
from newslake.errors import LakeError, SourceError
from newslake.lake import remote
from newslake.lake.delta import DeltaFolder
from newslake.lake.durable import only_one, replace

WAIT_SECONDS = 10.0
"""Long enough for a process that is ending; a visit that goes on has the source for itself."""


class Watermark:
    """A source's watermark, while its visit lasts.

    Attributes:
        value: a JSON object that the visit changes as it goes.
    """

    def __init__(self, home: Home, source: str, folder: DeltaFolder) -> None:
        self._home = home
        self._transaction = f"acquire:{source}"
        self._files = home.state / "raw" / "watermarks" / source
        self._number = self._next = folder.transaction_version(self._transaction) or 0
        self.value = self._read()
        self._stored = _packed(self.value)

    def _read(self) -> dict[str, Any]:
        try:
            packed = remote.read_aside(self._home, self._file(self._number))
            value = orjson.loads(zstandard.ZstdDecompressor().decompressobj().decompress(packed))
        except (FileNotFoundError, zstandard.ZstdError, orjson.JSONDecodeError):
            # Without it the source is read anew; documents that are stored already are not stored again.
            return {}
        return value if isinstance(value, dict) else {}

    def prepare(self) -> tuple[str, int] | None:
        """Writes the value as it is now.

        Returns:
            The transaction that the commit has to carry; None where nothing has changed since the last one.
        """
        content = _packed(self.value)
        if content == self._stored:
            return None
        self._files.mkdir(parents=True, exist_ok=True)
        packed = zstandard.compress(content)
        self._next = self._number + 1
        # A number that a visit on another machine has taken is left to it, whether or not its commit came.
        while not remote.put_aside(self._home, self._file(self._next), packed):
            self._next += 1
        path = self._file(self._next)
        temporary = path.with_name(f".{path.name}")
        temporary.write_bytes(packed)
        replace(temporary, path)
        self._stored = content
        return self._transaction, self._next

    def check(self, folder: DeltaFolder) -> None:
        """Looks whether it is still what this visit began with.

        Raises:
            SourceError: a visit on another machine has stored another one meanwhile.
        """
        if (folder.transaction_version(self._transaction) or 0) != self._number:
            raise SourceError(
                f"source {self._files.name}: another machine is reading it and was faster; "
                "the next run goes on from there"
            )

    def confirm(self) -> None:
        """The commit was made: the number is the newest, and older files go."""
        before, self._number = self._number, self._next
        remote.drop_aside(self._home, self._file(before))
        for path in self._files.glob("*.json.zst"):
            if path != self._file(self._number):
                path.unlink(missing_ok=True)

    def _file(self, number: int) -> Path:
        return self._files / f"{number}.json.zst"


def _packed(value: dict[str, Any]) -> bytes:
    # Not sorted: the order of what is pending is the order in which it is fetched.
    return orjson.dumps(value)


@contextmanager
def watermark(home: Home, source: str, folder: DeltaFolder) -> Iterator[Watermark]:
    """Holds a source's lock, and gives its watermark.

    Raises:
        SourceError: another visit to the source goes on.
    """
    with ExitStack() as held:
        try:
            held.enter_context(only_one(home.state / "raw" / f"{source}.lock", WAIT_SECONDS))
        except LakeError as error:
            raise SourceError(f"source {source}: another run is reading it: {error}") from None
        remote.pull_raw(home)
        yield Watermark(home, source, folder)
