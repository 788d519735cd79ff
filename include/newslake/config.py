"""Where things are: read from the environment when asked, never at import."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from newslake.errors import ConfigError

PROJECT = Path(__file__).resolve().parents[2]
MISREAD_IN_PATHS = "[]%?=\\"
"""Readers of Parquet and Delta take a path with one of these for a pattern, a URL or a partition."""

STORES = ("s3", "gs", "az", "abfss", "file", "memory")
"""Schemes of stores that can hold the lake."""


@dataclass(frozen=True)
class Home:
    """The folder that holds everything newslake writes (`NEWSLAKE_HOME`, default `./data`)."""

    root: Path

    @property
    def raw(self) -> Path:
        """Delta table of raw documents."""
        return self.root / "raw"

    @property
    def delta(self) -> Path:
        """Delta tables of the lake, one folder a table."""
        return self.root / "lake" / "delta"

    @property
    def snapshots(self) -> Path:
        """Numbered snapshots of the lake."""
        return self.root / "lake" / "snapshots"

    @property
    def current(self) -> Path:
        """Symbolic link to the newest snapshot."""
        return self.root / "lake" / "current"

    @property
    def database(self) -> Path:
        """The analysts' DuckDB file."""
        return self.root / "newslake.duckdb"

    @property
    def reports(self) -> Path:
        """Static pages."""
        return self.root / "reports"

    @property
    def state(self) -> Path:
        """Locks, batch plans, staged tables, how far sources were read: nothing that cannot be made again."""
        return self.root / "state"


def home() -> Home:
    """The home named by `NEWSLAKE_HOME`, as an absolute path; it need not exist yet.

    Raises:
        ConfigError: no folder can be there, or readers of files would misread its path.
    """
    root = Path(os.environ.get("NEWSLAKE_HOME") or "data").expanduser().resolve()
    advice = "set NEWSLAKE_HOME to another folder"
    if misread := sorted(set(MISREAD_IN_PATHS) & set(str(root))):
        marks = " ".join(misread)
        raise ConfigError(f"{root}: readers of files misread a path with {marks}; {advice}")
    try:
        nearest = next(path for path in (root, *root.parents) if path.exists())
    except OSError as error:
        raise ConfigError(f"{root}: {error.strerror or error}; {advice}") from None
    if not nearest.is_dir():
        raise ConfigError(f"{root}: {nearest} is a file, not a folder; {advice}")
    return Home(root)


def lake_url() -> str | None:
    """The object store that holds the lake (`NEWSLAKE_LAKE`); None where `NEWSLAKE_HOME` holds it.

    Raises:
        ConfigError: no store can be at this address, or it has a password in it.
    """
    url = os.environ.get("NEWSLAKE_LAKE")
    if not url:
        return None
    parts = urlsplit(url)
    if "@" in parts.netloc or parts.query:
        raise ConfigError(
            f"NEWSLAKE_LAKE: {parts.scheme}://… has credentials or options in it; "
            "say s3://bucket/folder, and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL"
        )
    if parts.scheme not in STORES or not (parts.netloc or parts.path):
        raise ConfigError(f"NEWSLAKE_LAKE={url}: say s3://bucket/folder, or one of {', '.join(STORES)}")
    return url


def sources_path() -> Path:
    """`sources.yaml`: named by `NEWSLAKE_SOURCES`, else the one in `seeds/`."""
    return Path(os.environ.get("NEWSLAKE_SOURCES") or PROJECT / "seeds" / "sources.yaml").resolve()


def rules() -> str:
    """Stands for what decides how a document is refined: the code, the reference lists and the sources' zones."""
    lists = Path(os.environ.get("NEWSLAKE_REFERENCE") or PROJECT / "seeds" / "reference")
    digest = sha256()
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), *sorted(lists.glob("*.txt")), sources_path()]:
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


@cache
def reference_lines(name: str) -> tuple[str, ...]:
    """Entries of `seeds/reference/<name>.txt`: one a line, `#` starts a comment.

    Raises:
        ConfigError: there is no such list.
    """
    path = Path(os.environ.get("NEWSLAKE_REFERENCE") or PROJECT / "seeds" / "reference") / f"{name}.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such reference list") from None
    entries = (line.split("#", 1)[0].strip() for line in lines)
    return tuple(dict.fromkeys(entry for entry in entries if entry))
