"""What was refined and is not published: batches that were stopped, or whose publisher has not had its turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newslake.config import Home
from newslake.errors import UsageError
from newslake.lake import relations, staged
from newslake.lake.delta import DeltaFolder
from newslake.tables import QUARANTINE, RAW_DOCUMENTS

if TYPE_CHECKING:
    import duckdb


@contextmanager
def connect(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory connection whose `quarantine` is what these batches refuse, and `raw_documents` all that is stored.

    Raises:
        UsageError: nothing waits.
    """
    import duckdb

    folders = sorted(path for path in (home.state / "staged").glob("[!.]*") if path.is_dir())
    if not folders:
        raise UsageError(f"{home.state / 'staged'}: no refined batch waits to be published; leave out --stopped")
    raw = DeltaFolder(home.raw, RAW_DOCUMENTS)
    with duckdb.connect() as connection:
        relations.view(
            connection, RAW_DOCUMENTS.name, RAW_DOCUMENTS, [str(raw.path / file) for file in sorted(raw.live_files())]
        )
        connection.register(QUARANTINE.name, staged.dataset(folders, QUARANTINE))
        yield connection
