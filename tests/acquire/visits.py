"""A site on loopback, sources that read it, and what came of their visits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from newslake import config, pipeline
from newslake.acquire.visit import Landed
from newslake.lake import raw
from newslake.sources import FeedSource, PagesSource, SitemapSource, Source

from .server import Server

PROJECT = Path(__file__).resolve().parents[2]
POLITE = {"delay_seconds": 0, "allow_hosts": ("127.0.0.1",), "contact": "mailto:desk@paper.example"}


def article(number: int, more: str = "") -> str:
    return (
        f"<html><head><title>第{number}次会议召开</title></head><body><h1>第{number}次会议召开</h1>"
        f"<p>本报讯 第{number}次会议今天在江澜市召开，部署港口建设工作。{more}</p></body></html>"
    )


def put_articles(server: Server, numbers: Iterable[int], more: str = "") -> None:
    for number in numbers:
        server.add(f"/{number}.html", article(number, more))


def put_sitemap(server: Server, numbers: Iterable[int], path: str = "/sitemap.xml") -> None:
    places = "".join(f"<url><loc>{server.url(f'/{number}.html')}</loc></url>" for number in numbers)
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
    server.add(path, text, content_type="application/xml")


def put_feed(server: Server, paths: Iterable[str]) -> None:
    items = "".join(f"<item><title>{path}</title><link>{path}</link></item>" for path in paths)
    server.add("/feed.xml", f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="text/xml")


def sitemap(server: Server, **settings: Any) -> SitemapSource:
    return SitemapSource(**{"name": "site", "url": server.url("/sitemap.xml"), **POLITE, **settings})


def feed(server: Server, **settings: Any) -> FeedSource:
    return FeedSource(**{"name": "feed", "url": server.url("/feed.xml"), **POLITE, **settings})


def list_pages(server: Server, **settings: Any) -> PagesSource:
    given = {"name": "pages", "url": (server.url("/"),), "link": r"/\d+\.html$", **POLITE, **settings}
    return PagesSource(**given)


def visit(source: Source) -> Landed:
    return pipeline.acquire(source)


def stored() -> list[dict[str, Any]]:
    """All raw documents."""
    rows: list[dict[str, Any]] = raw.folder(config.home()).open().to_pyarrow_table().to_pylist()
    return rows


def keys(server: Server) -> list[tuple[str, str]]:
    """Paths and raw_ids of what is stored: what two homes can be compared by."""
    return sorted((row["url"].removeprefix(server.origin), row["raw_id"]) for row in stored())


def start(source: Source, home: Path, chunk_documents: int) -> subprocess.Popen[bytes]:
    """A visit in a process of its own."""
    code = (
        "from newslake import pipeline\n"
        "from newslake.acquire import documents\n"
        "from newslake.sources import Expected, FeedSource, Rights, SitemapSource\n"
        f"documents.CHUNK_DOCUMENTS = {chunk_documents}\n"
        f"pipeline.acquire({source!r})\n"
    )
    environment = {**os.environ, "NEWSLAKE_HOME": str(home), "PYTHONPATH": str(PROJECT / "include")}
    return subprocess.Popen([sys.executable, "-c", code], env=environment)
