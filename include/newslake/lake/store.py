"""An object store, as far as the lake needs one: whole objects, put once under a name, listed in order.

What two publishers must not both do is decided by a put that succeeds only where there is no such object yet. Stores
that do not keep to that are refused, see `probe`.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from newslake.errors import ConfigError, LakeError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore

AT_ONCE = 8
"""Requests that run side by side; each holds at most one file of the lake in memory."""
TIMEOUT = timedelta(minutes=5)
"""Of a request: long enough for a file of 50 MB over 2 Mbit/s. One that fails is tried again for up to 3 minutes."""
CONNECT_TIMEOUT = timedelta(seconds=10)
PROBES = 3

Item = TypeVar("Item")
Done = TypeVar("Done")


class StoreUnreachable(LakeError, ConnectionError):
    """The store does not answer, or refuses to: Airflow tries such a task again."""


class Store:
    """The folder of a store that `NEWSLAKE_LAKE` names. Keys are relative to it.

    Args:
        url: as `config.lake_url` gives it. Credentials and endpoints come from the environment (`AWS_…`).

    Raises:
        ConfigError: the URL, or a setting in the environment, is wrong.
    """

    def __init__(self, url: str) -> None:
        from obstore.exceptions import BaseError

        self.url = url.rstrip("/")
        try:
            self._store = _opened(url) if url.startswith("memory:") else _open(url)
        except (BaseError, ValueError) as error:
            raise ConfigError(f"NEWSLAKE_LAKE={url}: {_first_line(error)}") from None

    def place(self, key: str) -> str:
        """The whole address of an object, for messages."""
        return f"{self.url}/{key}"

    def get(self, key: str) -> bytes | None:
        """An object's bytes; None where there is none."""
        import obstore

        try:
            with self._telling(key):
                return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            return None

    def put(self, key: str, content: bytes) -> None:
        """Puts an object, also in another's place."""
        import obstore

        with self._telling(key):
            obstore.put(self._store, key, content, use_multipart=False)

    def put_new(self, key: str, content: bytes | Path) -> bool:
        """Puts an object where there is none; says whether it did."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with self._telling(key):
                obstore.put(self._store, key, content, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def put_same(self, key: str, content: bytes) -> bool:
        """Puts an object where there is none; says whether the one that is there has this content.

        A put whose answer was lost is tried again, and then finds itself there already.
        """
        return self.put_new(key, content) or self.get(key) == content

    def delete(self, key: str) -> None:
        """Removes an object, if it is there."""
        import obstore

        try:
            with self._telling(key):
                obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def names(self, folder: str, start: str = "") -> list[str]:
        """Names below a folder, relative to it, in order, from `start` on."""
        import obstore

        offset = f"{folder}/{start}" if start else None
        with self._telling(folder):
            found = [str(one["path"]) for part in obstore.list(self._store, folder, offset=offset) for one in part]
        return sorted(key.removeprefix(f"{folder}/") for key in found)

    def ages(self, folder: str) -> dict[str, float]:
        """Keys below a folder, each with how many seconds ago it was put last, by the store's own clock."""
        import obstore

        clock = f"probe/{uuid.uuid4().hex}"
        self.put(clock, b"")
        with self._telling(folder):
            now = obstore.head(self._store, clock)["last_modified"]
            found = {str(one["path"]): one for part in obstore.list(self._store, folder) for one in part}
        self.delete(clock)
        return {key: (now - one["last_modified"]).total_seconds() for key, one in sorted(found.items()) if key != clock}

    def digest(self, key: str, target: Path | None = None) -> str | None:
        """SHA-256 of an object, written to a file if one is given; None where there is no such object."""
        import obstore

        digest = hashlib.sha256()
        try:
            with self._telling(key):
                parts = obstore.get(self._store, key).stream(min_chunk_size=2**20)
                for part in parts if target is None else _written(parts, target):
                    digest.update(part)
        except FileNotFoundError:
            return None
        return digest.hexdigest()

    @contextmanager
    def _telling(self, key: str) -> Iterator[None]:
        from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError

        advice = "look at the store, and at AWS_ENDPOINT_URL and the other AWS_… variables, then run again"
        try:
            yield
        except AlreadyExistsError:
            raise
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise LakeError(f"{self.place(key)}: not allowed: {_first_line(error)}; {advice}") from None
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise LakeError(f"{self.url}: there is no such bucket; make it, or mend NEWSLAKE_LAKE") from None
            raise
        except BaseError as error:
            raise StoreUnreachable(f"{self.place(key)}: {_first_line(error)}; {advice}") from None


def _open(url: str) -> ObjectStore:
    from obstore.store import from_url

    if url.startswith("file:"):
        return from_url(url, mkdir=True)
    # With options of our own, the one for plain http is not read from the environment any more.
    is_plain_allowed = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("true", "1")
    options: ClientConfig = {"timeout": TIMEOUT, "connect_timeout": CONNECT_TIMEOUT, "allow_http": is_plain_allowed}
    return from_url(url, client_options=options)


@cache
def _opened(url: str) -> ObjectStore:
    """A store in memory is the same one for a whole process."""
    return _open(url)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].strip()


def _written(parts: Iterable[bytes], target: Path) -> Iterator[bytes]:
    with target.open("wb") as file:
        for part in parts:
            file.write(part)
            yield part


def side_by_side(work: Callable[[Item], Done], items: Iterable[Item]) -> list[Done]:
    """Does some work for each item, AT_ONCE at a time; the first error is raised when all that began has ended."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, items))


def probe(store: Store) -> None:
    """Looks whether the store puts an object only where there is none, also when several try at once.

    OpenStack Swift's S3 API, for one, looks first and puts then: of several at once, more than one succeeds.

    Raises:
        LakeError: it does not; two publishers would overwrite each other's commits there.
    """
    for _ in range(PROBES):
        key = f"probe/{uuid.uuid4().hex}"
        tries = [f"{number}".encode() for number in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(lambda content, key=key: store.put_new(key, content), tries))
        late, kept = store.put_new(key, b"late"), store.get(key)
        store.delete(key)
        # An answer that was lost on its way is asked for again, and then the object is there: nobody seems to have won.
        winners: list[bytes | None] = [content for content, is_put in zip(tries, done, strict=True) if is_put] or [kept]
        if late or winners != [kept] or kept not in tries:
            raise LakeError(
                f"{store.url}: this store puts an object over one that is there already, although it was told not to "
                "(If-None-Match: *), so two publishers could take back each other's commits; use another store"
            )
