"""The lake in an object store (`NEWSLAKE_LAKE`): this home mirrors it, and shows nothing that the store has not accepted.

Without a store, all of this does nothing. See `mirror` for what is put and fetched.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from newslake import config
from newslake.config import Home
from newslake.errors import ConfigError, LakeError, UsageError
from newslake.lake import database, snapshots
from newslake.lake.durable import StillHeld, only_one, write_text
from newslake.lake.mirror import Mirror
from newslake.lake.mirror import Overtaken as Overtaken
from newslake.lake.store import Store, probe
from newslake.tables import RAW_DOCUMENTS

logger = logging.getLogger(__name__)

TRIES = 20
"""Each loss but a few means that another publisher won, so two that publish at once are through long before."""
LONGEST_PAUSE_SECONDS = 5.0
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_METADATA_ENDPOINT",
    "AWS_SKIP_SIGNATURE",
)
"""One of these says where the credentials of an s3:// store come from."""

Result = TypeVar("Result")


def of(home: Home) -> Store | None:
    """The store that this home mirrors; None where the home itself holds the lake.

    Raises:
        ConfigError: the home belongs to another store, or to none.
        LakeError: the store cannot hold a lake. This is tried once, when the home is new.
    """
    url, note = config.lake_url(), home.root / "store.txt"
    bound = note.read_text(encoding="utf-8").strip() if note.exists() else None
    if url is None and bound is None:
        return None
    if url is None or bound not in (None, url):
        raise ConfigError(
            f"{home.root}: mirrors the lake in {bound}; set NEWSLAKE_LAKE to it, or NEWSLAKE_HOME to another folder"
        )
    _check(url)
    try:
        store = Store(url)
    except OSError as error:
        raise ConfigError(f"NEWSLAKE_LAKE={url}: no such folder, and none can be made there: {error}") from None
    if bound is None:
        if (home.raw / "_delta_log").is_dir() or home.snapshots.is_dir():
            raise ConfigError(
                f"{home.root}: holds a lake of its own, which is not in {url}; set NEWSLAKE_HOME to a new folder. "
                "See docs/operate.md for how to move a lake into a store"
            )
        probe(store)
        Mirror(home, store).push_stones()
        logger.info("%s: puts an object only where there is none, so it can hold a lake", url)
        write_text(note, url)
    return store


def _check(url: str) -> None:
    """What the store's library would say in its own words, or only after it asked the machine's metadata service."""
    parts = urlsplit(url)
    if not parts.netloc and parts.scheme not in ("file", "memory"):
        raise ConfigError(f"NEWSLAKE_LAKE={url}: must look like {parts.scheme}://bucket/folder")
    if parts.scheme != "s3":
        return
    name = next((name for name in ENDPOINTS if os.environ.get(name)), "")
    is_plain = os.environ.get(name, "").lower().startswith("http:")
    if is_plain and os.environ.get("AWS_ALLOW_HTTP", "").lower() not in ("true", "1"):
        raise ConfigError(
            f"{name} begins with http:, so nothing is encrypted; if that is meant, set AWS_ALLOW_HTTP=true"
        )
    if not any(os.environ.get(name) for name in CREDENTIALS):
        raise ConfigError(
            f"NEWSLAKE_LAKE={url}: no AWS_ACCESS_KEY_ID is set; set it and AWS_SECRET_ACCESS_KEY, or, on a machine with "
            "a role, AWS_METADATA_ENDPOINT=http://169.254.169.254"
        )


def pull(home: Home) -> None:
    """Makes the Delta logs and the newest snapshot what they are in the store. The caller holds `publish.lock`."""
    if store := of(home):
        Mirror(home, store).pull()


def refresh(home: Home) -> None:
    """Fetches the newest snapshot for a reader; while a publisher of this home is at work, it is left to that one."""
    if config.lake_url() is None or (store := of(home)) is None:
        return
    with ExitStack() as held:
        try:
            held.enter_context(only_one(home.state / "publish.lock", 0))
        except StillHeld:
            return
        mirror = Mirror(home, store)
        if mirror.newer_snapshot():
            mirror.pull()
            database.write_if_older(home, snapshots.current(home))


def pull_raw(home: Home) -> int | None:
    """Fetches what other machines have landed.

    Returns:
        The version of raw_documents in the store, -1 before the first; None without a store.
    """
    if (store := of(home)) is None:
        return None
    with only_one(home.state / "land.lock"):
        return Mirror(home, store).pull_raw()


def pull_everything(home: Home) -> None:
    """Fetches all data files of the store as well, those that nothing names too; without a store, nothing."""
    if store := of(home):
        with only_one(home.state / "publish.lock"):
            mirror = Mirror(home, store)
            mirror.pull()
            mirror.pull_everything()


def find(home: Home, name: str) -> snapshots.Snapshot:
    """The snapshot of a number, fetched when only the store has it.

    Raises:
        UsageError: neither this home nor the store has one of this number.
    """
    try:
        return snapshots.find(home, name)
    except UsageError:
        is_number = name.isascii() and name.isdigit()
        if not is_number or config.lake_url() is None or (store := of(home)) is None:
            raise
        with only_one(home.state / "publish.lock"):
            if not Mirror(home, store).fetch(f"{int(name):06d}"):
                raise
    return snapshots.find(home, name)


def landing(home: Home, commit: Callable[[], Result], *, is_repeated: bool = True) -> Result:
    """Commits to raw_documents here and in the store, or in neither. The caller holds `land.lock`.

    Args:
        home: where the lake is.
        commit: is called on top of what the others have landed.
        is_repeated: whether it is called again when another machine was faster.

    Raises:
        Overtaken: another machine was faster, and it is not.
    """
    if (store := of(home)) is None:
        return commit()
    mirror = Mirror(home, store)

    def try_once() -> Result:
        mirror.pull_raw()
        done = commit()
        mirror.push([RAW_DOCUMENTS])
        return done

    return again_when_overtaken(try_once) if is_repeated else try_once()


def read_aside(home: Home, path: Path) -> bytes:
    """The bytes of a small file of this home that goes along with raw_documents, of the store's where it is not here.

    Raises:
        FileNotFoundError: it is in neither.
    """
    if not path.exists() and (store := of(home)) and (content := store.get(_aside(home, path))) is not None:
        return content
    return path.read_bytes()


def put_aside(home: Home, path: Path, content: bytes) -> bool:
    """Puts such a file into the store; says whether it, or none of its name, was there. Without a store, always."""
    store = of(home)
    return store is None or store.put_same(_aside(home, path), content)


def drop_aside(home: Home, path: Path) -> None:
    """Removes such a file from the store."""
    if store := of(home):
        store.delete(_aside(home, path))


def _aside(home: Home, path: Path) -> str:
    # Not below `raw/`: who cleans up a Delta table removes what its log does not name.
    return f"aside/{path.relative_to(home.state)}"


def claim(home: Home, building: Path) -> None:
    """Makes a snapshot that is complete but for its number the store's next one. Without a store, it may have it.

    Raises:
        Overtaken: another publisher was first.
    """
    if store := of(home):
        Mirror(home, store).push_snapshot(building)


def problems(home: Home, snapshot: snapshots.Snapshot) -> Iterator[str]:
    """Says what of a snapshot is missing or changed in the store."""
    if config.lake_url() and (store := of(home)):
        yield from Mirror(home, store).problems(snapshot)


def again_when_overtaken(work: Callable[[], Result]) -> Result:
    """Does the work until nobody was faster.

    Raises:
        LakeError: somebody was, TRIES times.
    """
    for number in range(TRIES):
        try:
            return work()
        except Overtaken as error:
            logger.info("%s; trying again on top of it", error)
            last = error
        # Two that fail together should not try again together.
        time.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, 0.1 * 2**number)))
    raise LakeError(f"{last}, {TRIES} times; run again when fewer machines publish at once")
