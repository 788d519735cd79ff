"""Objects of a store, read as `files` reads files: s3:// and others that fsspec knows. Only what is new or was changed.

Whether an object was changed, its size and etag tell, or its size and time where the store has no etags.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from newslake.acquire import stores
from newslake.acquire.documents import Document
from newslake.acquire.files import TYPES, content_type, contents, suffix, tell_of
from newslake.acquire.stores import Item
from newslake.acquire.visit import Visit
from newslake.sources import BucketSource


def read(visit: Visit) -> Iterator[Document]:
    """Reads the objects that are new or were changed, in the order of their keys.

    Args:
        visit: its problems get a line for each object that could not be read; the next visit tries again. Its notes get
            a line on objects that the glob takes and that are of types that are not read.

    Raises:
        SourceError: there is no object of a known type, or the store cannot be reached.
    """
    source = visit.source
    assert isinstance(source, BucketSource)

    others: Counter[str] = Counter()

    def wanted(key: str) -> bool:
        name = Path(key.rsplit("/", 1)[-1])
        is_known = bool(content_type(name))
        is_taken = _matches(source.glob, key)
        # A key that ends so is an empty object by which stores show a folder.
        if is_taken and not is_known and not key.endswith("/"):
            others[suffix(name)] += 1
        return is_known and is_taken

    found = stores.items(visit, None, source.url, wanted, TYPES)
    tell_of(others, visit)
    for item, _ in stores.new(visit, found):
        yield from stores.reading(item, _object(visit, item), visit)


def _object(visit: Visit, item: Item) -> Iterator[Document]:
    """An object's documents; the mark is set before the last is given."""
    waiting: Document | None = None
    with stores.opened(item) as raw:
        for document in contents(raw, item.name, item.place, item.modified_at):
            if waiting:
                yield waiting
            waiting = document
    stores.mark(visit, item)
    if waiting:
        yield waiting


def _matches(pattern: str | None, key: str) -> bool:
    """Whether a key, or the name at its end, fits a glob; all do where there is none.

    >>> _matches("*.html", "news/2024/a.html"), _matches("*/2023/*", "news/2024/a.html"), _matches(None, "a")
    (True, False, True)
    """
    return pattern is None or any(fnmatch.fnmatchcase(one, pattern) for one in (key, key.rsplit("/", 1)[-1]))
