"""Reading sources: one file a kind. Bytes are kept as they came.

A kind takes a visit and yields documents, and None where time goes by without one. Adding one: a file beside this
one with a function `read`, its name in `KINDS`, and its class in `newslake.sources.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

from newslake.acquire.documents import Document
from newslake.acquire.visit import Visit

__all__ = ["KINDS"]


def _read(kind: str, visit: Visit) -> Iterator[Document | None]:
    """What a kind needs is loaded when a source of it is read."""
    documents: Iterator[Document | None] = import_module(f"{__name__}.{kind}").read(visit)
    return documents


KINDS: dict[str, Callable[[Visit], Iterator[Document | None]]] = {
    kind: partial(_read, kind) for kind in ("files", "feed", "sitemap", "pages", "warc", "dump", "bucket")
}
