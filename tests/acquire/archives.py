"""Archives to read: WARC and ARC, plain and compressed, and what a visit makes of them."""

from __future__ import annotations

import gzip
import random
from pathlib import Path
from typing import Any

import zstandard

from newslake.acquire import warc
from newslake.acquire.documents import Document
from newslake.acquire.visit import Visit
from newslake.config import Home
from newslake.sources import WarcSource

DATE = "2024-01-02T03:04:05Z"


def page(number: int, characters: int = 300) -> bytes:
    words = "".join(random.Random(number).choices("澜川清堤会议部署港口铁路项目开工年内通车", k=characters))
    return f"<html><head><title>第{number}次会议</title></head><body><p>{words}。</p></body></html>".encode()


def url(number: int) -> str:
    return f"https://news.example/2024/{number}.html"


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    fields = {"Content-Type": "text/html; charset=utf-8", **{name.replace("_", "-"): headers[name] for name in headers}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def record(block: bytes, kind: str = "response", address: str = url(1), length: object = None, **fields: str) -> bytes:
    media_type = "application/http; msgtype=" + kind if block.startswith((b"HTTP/", b"GET ")) else "text/plain"
    named = {
        "WARC-Target-URI": address,
        "WARC-Date": DATE,
        "Content-Type": media_type,
        **{name.replace("_", "-"): fields[name] for name in fields},
    }
    named["Content-Length"] = str(len(block) if length is None else length)
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"WARC/1.0\r\nWARC-Type: {kind}\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def response(number: int, characters: int = 300) -> bytes:
    body = page(number, characters)
    return record(http(body, Content_Length=str(len(body))), address=url(number))


def triple(number: int) -> list[bytes]:
    """What a crawler writes of a page: the request, the response, how it went."""
    request = record(f"GET /2024/{number}.html HTTP/1.1\r\nHost: news.example\r\n\r\n".encode(), "request", url(number))
    return [request, response(number), record(b"fetchTimeMs: 20\r\n", "metadata", url(number))]


def arc_record(number: int) -> bytes:
    block = http(page(number))
    return f"{url(number)} 192.0.2.1 20240102030405 text/html {len(block)}\n".encode() + block + b"\n"


def arc(numbers: range) -> list[bytes]:
    about = b"1 0 Crawler\nURL IP-address Archive-date Content-type Archive-length\n"
    return [
        b"filedesc://a.arc 0.0.0.0 20240102030405 text/plain %d\n%s\n" % (len(about), about),
        *map(arc_record, numbers),
    ]


def joined(records: list[bytes], form: str) -> bytes:
    """An archive file: `.gz` and `.zst` have a member for each record, `one.gz` one for all."""
    if form == "one.gz":
        return gzip.compress(b"".join(records))
    compress = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.ZstdCompressor(write_checksum=True).compress}[form]
    return b"".join(map(compress, records))


def visit(path: Path, watermark: dict[str, Any] | None = None, match: str | None = None) -> Visit:
    source = WarcSource(name="w", path=path, match=match)
    return Visit(source, Home(path.parent / "home"), {} if watermark is None else watermark)


def read(path: Path) -> list[Document]:
    return list(warc.read(visit(path)))


def read_bytes(folder: Path, content: bytes, name: str = "a.warc") -> list[Document]:
    path = folder / name
    path.write_bytes(content)
    return read(path)
