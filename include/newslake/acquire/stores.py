"""Files of this machine and objects of a store, listed and opened alike; and which of them are new."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast
from urllib.parse import urlsplit

from newslake.acquire.files import readable
from newslake.acquire.visit import Visit
from newslake.errors import ConfigError, SourceError
from newslake.sources.checks import STORES
from newslake.sources.connections import about

MOST_NAME_CHARACTERS = 1_024
"""S3 allows no longer key, in bytes of UTF-8."""
S3_PATIENCE = {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 3, "mode": "standard"}}
"""botocore's own is five attempts of a minute each; the connection's extra `config_kwargs` go before."""
_BOOLEANS = {True: True, False: False, "true": True, "false": False, "True": True, "False": False}
"""In the form of an address, a connection's extra holds texts alone."""
BLOCK_BYTES = 2**20
"""Asked of a store at once."""


class Item(NamedTuple):
    """A file or an object.

    Attributes:
        place: its address, to be printed and stored, never to be opened: `file:` with its folder's name and its path
            below, or the store's own form.
        name: its last part.
        stamp: changes when the content does: size with etag, or with time of change.
        modified_at: when it was changed; UTC.
        open: gives a file that can seek.
    """

    place: str
    name: str
    stamp: str
    modified_at: datetime
    open: Callable[[], BinaryIO]


class Unreadable(Exception):
    """An item, or a whole store, cannot be read now; says why."""


def items(
    visit: Visit, path: Path | None, url: str | None, wanted: Callable[[str], bool], endings: Iterable[str]
) -> list[Item]:
    """What a source has, in the order of names.

    Args:
        visit: its problems get a line for each folder that may not be read.
        path: a file, a folder or a glob; else
        url: an address of a store.
        wanted: whether a file of this name, or an object of this key, is of a kind that the source reads.
        endings: of such names, for the message.

    Raises:
        SourceError: there is nothing, or the store cannot be reached.
    """
    found = list(_remote(visit, url, wanted) if url else _local(visit, cast(Path, path), wanted))
    if not found:
        where = url or readable(cast(Path, path))
        known = " ".join(endings)
        raise SourceError(f"source {visit.source.name}: {where}: no files with one of {known} (also .gz, .zst)")
    return sorted(found, key=lambda item: item.place)


def new(visit: Visit, found: list[Item]) -> Iterator[tuple[Item, Any]]:
    """Items that were not read to their end as they are now, each with what was noted of it on the way.

    Marks of items that are gone are forgotten.
    """
    known = {item.place for item in found}
    marks = visit.watermark.setdefault("items", {})
    for place in [place for place in marks if place not in known]:
        del marks[place]
    for item in found:
        stamp, note = marks.get(item.place, (None, None))
        if stamp != _short(item.stamp):
            yield item, None
        elif note is not None:
            yield item, note


def settled(visit: Visit, *settings: object) -> datetime | None:
    """Has everything read again where settings that decide what is read, or how, are others than at the last visit.

    Args:
        visit: its watermark notes the settings.
        settings: in a form that is the same in each process.

    Returns:
        Since when these settings hold, None where there were no others: the same files say something new since then.
    """
    digest = _short(repr(settings))
    before, since = visit.watermark.get("settings", (digest, None))
    if before != digest:
        visit.watermark["items"] = {}
        since = datetime.now(UTC).replace(microsecond=0).isoformat()
    visit.watermark["settings"] = [digest, since]
    return datetime.fromisoformat(since) if since else None


def mark(visit: Visit, item: Item, note: Any = None) -> None:
    """Notes that an item was read: to its end, or as far as `note` says."""
    visit.watermark.setdefault("items", {})[item.place] = [_short(item.stamp), note]


def _short(stamp: str) -> str:
    return sha256(stamp.encode()).hexdigest()[:16]


def opened(item: Item) -> BinaryIO:
    """The item's bytes.

    Raises:
        Unreadable: it may not be read, or is gone.
    """
    try:
        return item.open()
    except _failures() as error:
        raise Unreadable(f"{item.place}: {_said(error)}") from None


def reading(item: Item, documents: Iterator[Any], visit: Visit) -> Iterator[Any]:
    """Documents of an item; a store that fails meanwhile is told, and the item read again by the next visit."""
    try:
        yield from documents
    except Unreadable as error:
        visit.problems.append(str(error))
    except _failures() as error:
        visit.problems.append(f"{item.place}: {_said(error)}")


def _failures() -> tuple[type[Exception], ...]:
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    return (OSError, BotoCoreError, ClientError)


def _said(error: Exception) -> str:
    text = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return (text or type(error).__name__).splitlines()[0][:200]


def _local(visit: Visit, path: Path, wanted: Callable[[str], bool]) -> Iterator[Item]:
    if path.is_file():
        if wanted(path.name):
            yield from _file(path, path.parent, visit)
    elif path.is_dir():
        for folder, folders, names in os.walk(path, onerror=lambda error: visit.problems.append(_walk_error(error))):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if wanted(name) and not name.startswith("."):
                    yield from _file(Path(folder, name), path.parent, visit)
    elif glob.has_magic(str(path)):
        first = next(number for number, part in enumerate(path.parts) if glob.has_magic(part))
        base = Path(*path.parts[:first])
        for match in base.glob(str(Path(*path.parts[first:]))):
            if wanted(match.name):
                yield from _file(match, base.parent, visit)
    else:
        raise SourceError(f"source {visit.source.name}: {readable(path)}: no such file or folder")


def _walk_error(error: OSError) -> str:
    return f"{readable(Path(error.filename))}: {error.strerror}"


def _file(path: Path, root: Path, visit: Visit) -> Iterator[Item]:
    if not path.is_file():
        return
    try:
        facts = path.stat()
    except OSError as error:
        visit.problems.append(f"{readable(path)}: {error.strerror}")
        return
    changed = datetime.fromtimestamp(int(facts.st_mtime), UTC)
    stamp = f"{facts.st_size} {facts.st_mtime_ns}"
    yield Item(f"file:{readable(path.relative_to(root))}", path.name, stamp, changed, lambda: path.open("rb"))


def _remote(visit: Visit, url: str, wanted: Callable[[str], bool]) -> Iterator[Item]:
    name = getattr(visit.source, "connection", None)
    where = f"source {visit.source.name}: {url}"
    try:
        store, root = _store(url, visit.connection)
        listing = store.find(root, detail=True)
        if not listing and store.isfile(root):
            listing = {root: store.info(root)}
        if not listing and url.startswith("file:") and not store.exists(root):
            raise SourceError(f"{where}: no such file or folder")
    except _failures() as error:
        raise SourceError(f"{where}: {_said(error)}") from None
    except ConfigError as error:
        raise SourceError(f"{where}: {about(name) if name else 'the connection'}: {error}") from None
    except (ValueError, TypeError) as error:
        # What a store's library makes of an endpoint that is no address, or of an option it does not know.
        settings = about(name) if name else "the environment"
        raise SourceError(f"{where}: {_said(error)}; look at the settings of {settings}") from None
    for key in sorted(listing):
        if wanted(key):
            yield _object(store, url.partition("://")[0], key, listing[key])


def _object(store: Any, protocol: str, key: str, facts: Mapping[str, Any]) -> Item:
    moment = facts.get("LastModified") or facts.get("mtime") or facts.get("created") or facts.get("updated")
    changed = _moment(moment)
    etag = facts.get("ETag") or facts.get("etag") or facts.get("md5Hash") or moment
    return Item(
        f"{protocol}://{printable(key if protocol == 'file' else key.lstrip('/'))}",
        key.rsplit("/", 1)[-1],
        f"{facts.get('size')} {etag}",
        changed,
        lambda: cast(BinaryIO, store.open(key, "rb", block_size=BLOCK_BYTES)),
    )


def printable(key: str) -> str:
    r"""A key as text that can be stored and printed: it names an object, and is never a path here.

    >>> print(printable("a/../b\0\u202e.html"))
    a/../b\x00\u202e.html
    """
    text = "".join(one if one.isprintable() and one != "\\" else one.encode("unicode_escape").decode() for one in key)
    if len(text) <= MOST_NAME_CHARACTERS:
        return text
    return f"{text[:MOST_NAME_CHARACTERS]}…{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _moment(value: object) -> datetime:
    """When an object was changed; the beginning of 1970 where the store does not say."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(int(value), UTC)
    if isinstance(value, str):
        try:
            return _moment(datetime.fromisoformat(value))
        except ValueError:
            pass
    return datetime.fromtimestamp(0, UTC)


def _store(url: str, connection: Mapping[str, Any] | None) -> tuple[Any, str]:
    """The store behind an address, and the address as it calls it."""
    import fsspec  # type: ignore[import-untyped]

    protocol, _, rest = url.partition("://")
    # Not http: fsspec would follow any address and redirect there; `feed`, `sitemap` and `pages` check them.
    if protocol not in STORES or "::" in url:
        raise SourceError(f"{url}: must begin with one of {', '.join(f'{one}://' for one in STORES)}")
    try:
        store = fsspec.filesystem(
            protocol, skip_instance_cache=True, use_listings_cache=False, **_options(protocol, connection or {})
        )
    except ImportError as error:
        raise SourceError(f"{url}: the library for it is not installed: {error}") from None
    return store, str(store._strip_protocol(url)) if rest else ""


def _options(protocol: str, connection: Mapping[str, Any]) -> dict[str, Any]:
    """What fsspec wants to know, out of an Airflow connection.

    Raises:
        ConfigError: a value is of the wrong type; says which, and not what it is.

    >>> extra = {"endpoint_url": "http://store.example", "region_name": "eu-1"}
    >>> _options("s3", {"login": "id", "password": "secret", "extra": extra})["client_kwargs"]
    {'endpoint_url': 'http://store.example', 'region_name': 'eu-1'}
    """
    extra = dict(connection.get("extra") or {})
    for name in ("login", "password", "host"):
        _check_text(connection, name)
    login, password, host = (connection.get(name) or None for name in ("login", "password", "host"))
    if protocol not in ("s3", "s3a"):
        named = {"username": login, "password": password, "host": host}
        return {**extra, **{name: value for name, value in named.items() if value}}
    for name in ("endpoint_url", "region_name", "aws_access_key_id", "aws_secret_access_key", "aws_session_token"):
        _check_text(extra, name, "extra ")
    if not _is_endpoint(extra.get("endpoint_url") or "http://none.example"):
        raise ConfigError("extra `endpoint_url` must be an address that begins with https:// or http://")
    if not isinstance(extra.get("config_kwargs", {}), Mapping):
        raise ConfigError("extra `config_kwargs` must be a mapping of botocore's options, in JSON")
    if extra.get("anon") not in (None, *_BOOLEANS):
        raise ConfigError("extra `anon` must be true or false")
    options = {
        "key": login or extra.get("aws_access_key_id"),
        "secret": password or extra.get("aws_secret_access_key"),
        "token": extra.get("aws_session_token"),
        "anon": _BOOLEANS.get(extra.get("anon")),
        "client_kwargs": {name: extra[name] for name in ("endpoint_url", "region_name") if extra.get(name)},
        "config_kwargs": {**S3_PATIENCE, **extra.get("config_kwargs", {})},
    }
    return {name: value for name, value in options.items() if value}


def _check_text(settings: Mapping[str, Any], name: str, where: str = "") -> None:
    value = settings.get(name)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{where}`{name}` must be a text, in quotes, not {type(value).__name__}")


def _is_endpoint(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # Its port is no number, or its brackets hold no address.
        return False
