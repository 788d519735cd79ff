"""Web archives beside fastwarc, in one process: the same pages with the same facts, and how many cuts pass unseen.

    PYTHONPATH=include python bench/archives.py

Makes an archive of 60 MB of invented pages, compressed record by record as crawlers do, and the same one plain. Takes
the least processor time of five readings. fastwarc gives for each page what newslake gives: address, date, status,
headers, decoded body; `bare` reads only the bodies.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fastwarc import ArchiveIterator

from newslake.acquire import warc
from newslake.acquire.visit import Visit
from newslake.config import Home
from newslake.sources import WarcSource

ARCHIVE_BYTES = 60 * 10**6
PASSES = 5
CUTS = 100
WORDS = "澜川清堤会议部署港口铁路项目开工年内通车责任落实"


def record(kind: str, address: str, block: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-01-02T03:04:05Z\r\nContent-Length: {len(block)}\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nWARC-IP-Address: 192.0.2.1\r\n"
        f"WARC-Target-URI: {address}\r\nWARC-Payload-Digest: sha1:{'A' * 32}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def page(number: int) -> list[bytes]:
    """The three records that a crawler writes of a page: request, response, metadata. 20 to 300 kB."""
    address = f"https://news.example/2024/{number}.html"
    source = random.Random(number)
    lines = ("".join(source.choices(WORDS, k=80)) for _ in range(source.randrange(80, 1_200)))
    body = f"<!doctype html><html><body><p>{'</p><p>'.join(lines)}</p></body></html>".encode()
    head = (
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 02 Jan 2024 03:04:05 GMT\r\nConnection: close\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\nVary: Accept-Encoding\r\n\r\n"
    )
    request = b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"
    return [
        record("request", address, request),
        record("response", address, head.encode() + body),
        record("metadata", address, b"fetchTimeMs: 20\r\n"),
    ]


def write(path: Path, is_compressed: bool) -> int:
    """Writes an archive of ARCHIVE_BYTES; returns its pages."""
    number = 0
    with path.open("wb") as file:
        while file.tell() < ARCHIVE_BYTES:
            for one in page(number):
                file.write(gzip.compress(one, 6) if is_compressed else one)
            number += 1
    return number


def newslake(path: Path) -> tuple[int, int]:
    """Pages, and how many are faulty."""
    documents = warc.read(Visit(WarcSource(name="bench", path=path), Home(path.parent)))
    errors = [document.error for document in documents]
    return errors.count(None), len(errors) - errors.count(None)


def fastwarc(path: Path) -> tuple[int, int]:
    pages = 0
    for one in ArchiveIterator(str(path), auto_decode="all"):
        if one.http_headers is None or one.http_headers.status_code != 200:
            continue
        facts = one.headers["WARC-Target-URI"], one.record_date, one.http_headers.to_tuples(), one.reader.read()
        pages += bool(facts)
    return pages, 0


def bare(path: Path) -> tuple[int, int]:
    return sum(
        bool(one.reader.read()) and one.headers["WARC-Type"] == "response" for one in ArchiveIterator(str(path))
    ), 0


def seconds(read: Callable[[Path], tuple[int, int]], path: Path) -> float:
    found = []
    for _ in range(PASSES):
        start = time.process_time()
        read(path)
        found.append(time.process_time() - start)
    return min(found)


def unseen(read: Callable[[Path], tuple[int, int]], folder: Path, is_compressed: bool) -> int:
    """How many of CUTS archives, cut at random places, are read to the cut without a word."""
    content = b"".join(gzip.compress(one) if is_compressed else one for number in range(3) for one in page(number))
    source = random.Random(1)
    silent = 0
    for _ in range(CUTS):
        path = folder / f"cut.warc{'.gz' if is_compressed else ''}"
        path.write_bytes(content[: source.randrange(1, len(content))])
        try:
            silent += read(path)[1] == 0
        except Exception as error:  # noqa: BLE001 - whatever it raises, it has said something
            print("said", type(error).__name__)
    return silent


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for suffix in (".warc.gz", ".warc"):
            path = Path(name, f"archive{suffix}")
            pages = write(path, suffix.endswith(".gz"))
            assert newslake(path) == (pages, 0)
            assert fastwarc(path)[0] == bare(path)[0] == pages
            took = {read.__name__: seconds(read, path) for read in (newslake, fastwarc, bare)}
            result = {
                "archive": suffix,
                "megabytes": path.stat().st_size / 10**6,
                "pages": pages,
                "seconds": took,
                "speed_to_fastwarc": took["fastwarc"] / took["newslake"],
                "speed_to_bare_fastwarc": took["bare"] / took["newslake"],
                "cuts_unseen": {
                    read.__name__: unseen(read, Path(name), suffix.endswith(".gz")) for read in (newslake, fastwarc)
                },
            }
            print(json.dumps(result))


if __name__ == "__main__":
    main()
