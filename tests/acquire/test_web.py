"""What a visit stores and says when a server misbehaves, and that everything else is read all the same."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from newslake import pipeline
from newslake.acquire import web
from newslake.acquire.fetch import Fetcher
from newslake.errors import SourceError

from .server import Page, Reply, Server, endless, in_turn, raw, redirect
from .visits import article, feed, list_pages, put_articles, put_feed, put_sitemap, sitemap, stored, visit

PAGE = article(7).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses and a short time for each page."""
    monkeypatch.setattr(web, "Fetcher", partial(Fetcher, pause_seconds=0.01, fetch_seconds=1.5))


class Case(NamedTuple):
    """A page that is fetched between good ones.

    Attributes:
        page: what the server does.
        stored: the error of its row; None where there is none, "" for a row without error.
        said: what the user is told.
        is_kept: whether it is asked for again.
    """

    page: Page | Callable[[Server], Page]
    stored: str | None = None
    said: str = ""
    is_kept: bool = False


CASES = {
    "slow": Case(raw(HEAD + b"Content-Length: 9\r\n\r\n", 30.0, b"too late!"), said="timeout", is_kept=True),
    "a slow drip": Case(endless(HEAD + b"\r\n", b"x", 0.05), said="timeout", is_kept=True),
    "cut off": Case(raw(HEAD + b"Content-Length: 5000\r\n\r\n" + PAGE), said="truncated_body", is_kept=True),
    "longer than it says": Case(raw(HEAD + b"Content-Length: 20\r\n\r\n" + PAGE), said="truncated_body", is_kept=True),
    "gzip without its end": Case(
        Reply(gzip.compress(PAGE)[:-12], headers=(("Content-Encoding", "gzip"),)), said="truncated_body", is_kept=True
    ),
    "closed at once": Case(raw(), said="connection_failed", is_kept=True),
    "a wrong charset": Case(Reply(article(7).encode("gb18030"), content_type="text/html; charset=utf-8"), stored=""),
    "no content type": Case(raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE), stored=""),
    "429 once": Case(in_turn(Reply(status=429, headers=(("Retry-After", "0"),)), Reply(PAGE)), stored=""),
    "500 then 200": Case(in_turn(Reply(status=500), Reply(PAGE)), stored=""),
    "500 for ever": Case(Reply(status=500), said="server_error", is_kept=True),
    "404": Case(Reply(b"gone", status=404), stored="http_404"),
    "410": Case(Reply(b"gone", status=410), stored="http_410"),
    "401": Case(Reply(b"who?", status=401), stored="http_401"),
    "451": Case(Reply(b"no", status=451), stored="http_451"),
    "a redirect": Case(redirect("/0.html"), stored=""),
    "a loop": Case(redirect("/bad.html"), stored="too_many_redirects", said="too_many_redirects"),
    "to a private address": Case(redirect("http://10.0.0.1/"), said="forbidden_address"),
    "to the metadata service": Case(redirect("http://169.254.169.254/latest/"), said="forbidden_address"),
    "to a file": Case(redirect("file:///etc/hostname"), said="unsupported_scheme"),
    "endless": Case(endless(HEAD + b"\r\n", b"x" * 2**16), stored="too_large", said="too_large"),
    "a gzip bomb": Case(
        Reply(gzip.compress(b"0" * 2**24), headers=(("Content-Encoding", "gzip"),)),
        stored="too_large",
        said="too_large",
    ),
    "no HTTP": Case(raw(b"SSH-2.0-x\r\n\r\n"), said="malformed_response", is_kept=True),
    "304 unasked": Case(Reply(status=304), said="unexpected_status", is_kept=True),
}


@pytest.mark.parametrize("case", CASES)
def test_one_bad_page_among_good_ones(home: Path, case: str) -> None:
    page, error, said, is_kept = CASES[case]
    with Server() as server:
        put_articles(server, range(3))
        server.pages["/bad.html"] = page  # type: ignore[assignment]
        put_feed(server, ["0.html", "bad.html", "1.html", "2.html"])
        landed = visit(feed(server, max_document_bytes=2**20))
        rows = {row["url"].rpartition("/")[2]: row for row in stored()}
        assert {"0.html", "1.html", "2.html"} <= set(rows)
        told = "\n".join(landed["unreadable"] if is_kept else landed["notes"])
        assert bool(landed["unreadable"]) == is_kept
        assert said in told
        assert bool(told) == bool(said)
        assert (landed["failed"], landed["pending"]) == ((1, 1) if is_kept else (0, 0))
        if error is None:
            assert "bad.html" not in rows
        else:
            assert (rows["bad.html"]["error"] or "").partition(":")[0] == error
            assert rows["bad.html"]["fetched_at"] is not None
        # What was wrong is mended: the next visit finds it.
        server.add("/bad.html", PAGE)
        visit(feed(server, max_document_bytes=2**20))
        assert any(row["bytes"] == PAGE and row["error"] is None for row in stored() if row["url"].endswith("bad.html"))


def test_headers_are_kept_and_cookies_are_not(home: Path) -> None:
    with Server() as server:
        headers = (
            ("X-Desk", "江澜".encode().decode("latin-1")),
            ("Set-Cookie", "id=1"),
            ("Last-Modified", "Mon, 08 Jan 2024 00:00:00 GMT"),
        )
        server.pages["/0.html"] = Reply(PAGE, headers=headers)
        server.pages["/1.html"] = redirect("/0.html", status=301)
        put_feed(server, ["0.html", "1.html"])
        visit(feed(server))
        first, second = sorted(stored(), key=lambda row: row["url"])
        names = [header["name"].lower() for header in first["headers"]]
        assert "x-desk" in names
        assert "set-cookie" not in names
        assert (first["http_status"], first["charset"], first["content_type"]) == (200, "utf-8", "text/html")
        assert first["last_modified"] == "Mon, 08 Jan 2024 00:00:00 GMT"
        assert (first["final_url"], second["final_url"]) == (None, server.url("/0.html"))


def test_robots_forbid(home: Path) -> None:
    with Server() as server:
        server.robots("User-agent: *\nDisallow: /1.html")
        put_articles(server, range(3))
        put_feed(server, [f"{number}.html" for number in range(3)])
        landed = visit(feed(server))
        assert (landed["landed"], landed["forbidden"], landed["pending"], landed["unreadable"]) == (2, 1, 0, [])
        assert "forbidden_by_robots" in "\n".join(landed["notes"])
        assert not server.asked("/1.html")
        # The feed moves on; robots.txt is read again a day later, and allows it.
        put_feed(server, ["2.html"])
        for path in (home / "state" / "robots").iterdir():
            path.unlink()
        server.robots("")
        assert visit(feed(server))["forbidden"] == 0
        assert len(stored()) == 3


def test_robots_forbid_the_listing(home: Path) -> None:
    with Server() as server:
        server.robots("User-agent: newslake\nDisallow: /feed")
        put_feed(server, ["0.html"])
        with pytest.raises(SourceError, match="forbidden_by_robots"):
            visit(feed(server))
        assert not server.asked()


@pytest.mark.parametrize("status", [500, 503, 404])
def test_a_listing_that_fails_fails_its_source_and_no_other(home: Path, status: int) -> None:
    with Server() as server:
        put_articles(server, range(3))
        put_sitemap(server, range(3))
        server.pages["/feed.xml"] = Reply(status=status)
        landed, published = pipeline.run([feed(server), sitemap(server)])
        assert [one["landed"] for one in landed] == [0, 3]
        assert str(status) in landed[0]["unreadable"][0]
        assert published["articles"] == 3


def test_pages_that_wait_are_fetched_though_the_listing_fails(home: Path) -> None:
    with Server() as server:
        server.pages["/0.html"] = Reply(status=500)
        put_feed(server, ["0.html"])
        assert visit(feed(server))["pending"] == 1
        put_articles(server, [0])
        server.pages["/feed.xml"] = Reply(b"<html>maintenance</html>")
        with pytest.raises(SourceError, match="not_a_feed"):
            visit(feed(server))
        assert [row["error"] for row in stored()] == [None]


def test_a_page_that_never_works_ends_in_quarantine(home: Path) -> None:
    with Server() as server:
        server.pages["/0.html"] = raw(HEAD + b"Content-Length: 5000\r\n\r\n" + PAGE)
        put_feed(server, ["0.html"])
        for _ in range(web.FAILED_VISITS_MOST - 1):
            assert visit(feed(server))["landed"] == 0
        assert visit(feed(server))["landed"] == 1
        (row,) = stored()
        assert (row["bytes"], row["error"].partition(":")[0]) == (PAGE, "truncated_body")
        _, published = pipeline.run([])
        assert (published["articles"], published["quarantined"]) == (0, 1)


def test_a_host_that_does_not_answer_is_left_alone(home: Path) -> None:
    with Server() as server:
        put_feed(server, [f"{number}.html" for number in range(50)])
        for number in range(50):
            server.pages[f"/{number}.html"] = Reply(status=500)
        landed = visit(feed(server))
        assert (landed["failed"], landed["pending"]) == (web.SILENT_MOST, 50)
        assert len(landed["unreadable"]) == web.TOLD_MOST + 1


def test_a_server_that_wants_to_be_left_alone(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(5))
        server.pages["/1.html"] = Reply(status=429, headers=(("Retry-After", "3600"),))
        put_feed(server, [f"{number}.html" for number in range(5)])
        landed = visit(feed(server))
        assert (landed["landed"], landed["pending"]) == (1, 4)
        assert "rate_limited" in landed["unreadable"][0]
        requests = len(server.log)
        with pytest.raises(SourceError, match="rate_limited"):
            visit(feed(server))
        assert len(server.log) == requests


def test_the_budget_ends_a_visit_and_the_next_goes_on(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(30))
        put_feed(server, [f"{number}.html" for number in range(30)])
        begin = time.monotonic()
        landed = visit(feed(server, delay_seconds=0.1, budget_minutes=1.2 / 60))
        assert time.monotonic() - begin < 30
        assert 0 < landed["landed"] < 30
        assert landed["pending"] == 30 - landed["landed"]
        assert "budget" in landed["unreadable"][0]
        assert visit(feed(server))["landed"] == landed["pending"]


def test_too_few_and_too_many_documents_are_told(home: Path) -> None:
    from newslake.sources import Expected

    with Server() as server:
        put_articles(server, range(3))
        put_feed(server, [f"{number}.html" for number in range(3)])
        assert "fewer than the 4" in visit(feed(server, expected=Expected(min=4)))["notes"][0]
        assert "more than the 2" in visit(feed(server, expected=Expected(max=2)))["notes"][0]
        assert not visit(feed(server, expected=Expected(min=3, max=3)))["notes"]


def test_items_that_are_the_articles(home: Path) -> None:
    with Server() as server:

        def put(*words: str) -> None:
            items = "".join(
                f"<item><title>{word}会议召开</title><guid>{word}</guid><pubDate>Mon, 08 Jan 2024 08:00:00 +0800</pubDate>"
                f"<description>{word}会议今天在江澜市召开，部署港口建设工作。</description></item>"
                for word in words
            )
            server.add("/feed.xml", f"<rss><channel>{items}</channel></rss>", content_type="text/xml")

        put("第一次", "第二次")
        assert visit(feed(server, items="content"))["landed"] == 2
        assert visit(feed(server, items="content"))["documents"] == 0
        put("第二次", "第三次")
        landed = visit(feed(server, items="content"))
        assert (landed["landed"], landed["unchanged"]) == (1, 1)
        assert {request.path for request in server.asked()} == {"/feed.xml"}
        _, published = pipeline.run([])
        assert published["articles"] == 3


def test_late_articles_land_in_their_own_month(home: Path) -> None:
    with Server() as server:
        for number, day in enumerate(("2024-03-05", "2023-11-20", "2024-01-08")):
            dated = article(number).replace("<p>", f"<p>发布时间：{day} 08:00 来源：江澜日报</p><p>", 1)
            server.add(f"/{number}.html", dated)
            put_feed(server, [f"{number}.html"])
            pipeline.run([feed(server)])
        months = sorted(path.name for path in (home / "lake" / "current" / "articles").iterdir())
        assert months == [f"published_month={month}" for month in ("2023-11", "2024-01", "2024-03")]


def test_list_pages_and_the_pages_behind_them(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(6))
        for number in range(3):
            links = f'<a href="{2 * number}.html">甲</a><a href="{2 * number + 1}.html">乙</a><a href="list{number + 1}.html">下一页</a>'
            server.add("/" if number == 0 else f"/list{number}.html", f"<html><body>{links}</body></html>")
        source = list_pages(server, follow=r"/list\d\.html$", list_pages_max=2)
        landed = visit(source)
        assert landed["landed"] == 4
        assert "ends after 2 listings" in landed["notes"][0]
        assert visit(list_pages(server, follow=r"/list\d\.html$"))["landed"] == 2
