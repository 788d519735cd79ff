"""What every kind of source gives: bytes with what is known of them, and how they become rows of raw_documents."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

import numpy as np
import pyarrow as pa

from newslake.acquire.answers import Answer
from newslake.acquire.canonical import canonical
from newslake.errors import SourceError
from newslake.tables import RAW_DOCUMENTS

CHUNK_DOCUMENTS = 5_000
CHUNK_BYTES = 16 * 2**20
"""A chunk is landed in one commit and held in memory whole."""
CHUNK_SECONDS = 30.0
"""What was fetched is landed at least so often: a crash costs no more than that."""
PLAIN_TYPE = "application/octet-stream"
SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authenticate", "www-authenticate"})
"""Headers of a response that may hold what identifies us: not kept."""


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes as they came, with what is known of them.

    Attributes:
        url: canonical web address, or `file:<folder>/<path>`.
        content_type: media type without parameters.
        content: the bytes; what came of them where `error` is set.
        fetched_at: when they were fetched; for files, when they were last changed.
        error: why the bytes are incomplete, as `reason: detail`; None when they are whole.
        charset: named by the transport, if any.
        http_status: of the response; None where there was none.
        etag: validator of the response, as sent.
        last_modified: validator of the response, as sent.
        final_url: where redirects led, None where that is the address asked for.
        headers: of the response, in their order.
    """

    url: str
    content_type: str
    content: bytes
    fetched_at: datetime
    error: str | None = None
    charset: str | None = None
    http_status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    final_url: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


def answered(url: str, answer: Answer) -> Document:
    """What a server sent for a page; an answer that is no page has an error."""
    is_page = answer.status < 400
    return Document(
        url,
        answer.content_type or PLAIN_TYPE,
        answer.content,
        answer.fetched_at,
        error=None if is_page else f"http_{answer.status}: the server answered with status {answer.status}",
        charset=answer.charset,
        http_status=answer.status,
        # A page that is not there is asked for without conditions, so that it is seen when it comes.
        etag=answer.etag if is_page else None,
        last_modified=answer.last_modified if is_page else None,
        final_url=answer.final_url if canonical(answer.final_url) != url else None,
        headers=answer.headers,
    )


def chunks(documents: Iterable[Document | None], source: str) -> Iterator[pa.Table]:
    """Tables of RAW_DOCUMENTS, each small enough for one commit; the last may be empty.

    Args:
        documents: None stands for time that went by without a document: what waits may be landed.
        source: its name.

    Raises:
        SourceError: raised by the documents; what came before is given first.
    """
    chunk: list[Document] = []
    size, started = 0, time.monotonic()
    failure: SourceError | None = None
    try:
        for document in documents:
            if document is not None:
                chunk.append(document)
                size += len(document.content)
            is_due = time.monotonic() - started >= CHUNK_SECONDS
            if is_due or len(chunk) >= CHUNK_DOCUMENTS or size >= CHUNK_BYTES:
                yield table(chunk, source)
                chunk, size, started = [], 0, time.monotonic()
    except SourceError as error:
        failure = error
    yield table(chunk, source)
    if failure:
        raise failure


def table(documents: list[Document], source: str) -> pa.Table:
    """RAW_DOCUMENTS, a row a document."""
    contents = [document.content for document in documents]
    columns = {
        "raw_id": [hashlib.sha256(content).hexdigest() for content in contents],
        "source": [source] * len(documents),
        "url": [document.url for document in documents],
        "fetched_at": [document.fetched_at for document in documents],
        "content_type": [document.content_type for document in documents],
        "charset": [document.charset for document in documents],
        "http_status": [document.http_status for document in documents],
        "etag": [document.etag for document in documents],
        "last_modified": [document.last_modified for document in documents],
        "final_url": [document.final_url for document in documents],
        "headers": [_kept(document.headers) for document in documents],
        "error": [document.error for document in documents],
        "bytes": _binary(contents),
        "byte_count": [len(content) for content in contents],
        "fetched_date": [document.fetched_at.date().isoformat() for document in documents],
    }
    return pa.table(columns, schema=RAW_DOCUMENTS.schema)


def _kept(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers if name.lower() not in SECRET_HEADERS]


def _binary(values: list[bytes]) -> pa.BinaryArray:
    """An array of bytes, copied once: pyarrow makes its buffer anew each time it grows."""
    ends = np.fromiter(accumulate(map(len, values), initial=0), np.int32, len(values) + 1)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    return pa.BinaryArray.from_buffers(pa.binary(), len(values), buffers)
