"""Only what is new, and nothing twice, wherever a run is cut off."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from newslake import config
from newslake.acquire import documents, web
from newslake.errors import SourceError
from newslake.lake import raw, watermarks

from .server import Reply, Server
from .visits import (
    article,
    feed,
    keys,
    put_articles,
    put_feed,
    put_sitemap,
    sitemap,
    start,
    stored,
    visit,
)

KILLS = 20


def test_a_site_of_a_thousand_articles(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(1_000))
        put_sitemap(server, range(1_000))
        first = visit(sitemap(server))
        assert (first["landed"], first["fetched"], first["pending"]) == (1_000, 1_000, 0)
        before = len(server.log)
        second = visit(sitemap(server))
        assert (second["landed"], second["documents"], second["unchanged"]) == (0, 0, 1_000)
        asked = server.log[before:]
        assert len(asked) == 1_001
        assert all(request.status == 304 and "if-none-match" in request.headers for request in asked)
        put_articles(server, range(10), "有更正。")
        put_articles(server, range(1_000, 1_005))
        put_sitemap(server, range(1_005))
        third = visit(sitemap(server))
        assert (third["landed"], third["documents"], third["unchanged"]) == (15, 15, 990)
        rows = stored()
        assert len(rows) == 1_015
        assert len({row["url"] for row in rows}) == 1_005
        assert visit(sitemap(server))["landed"] == 0


@pytest.mark.lake
def test_a_run_that_is_killed_goes_on_where_it_stopped(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9, twenty times in one home: at some number of requests, or some moment after one."""
    moments = random.Random(20240108)
    with Server() as server:
        put_articles(server, range(1_000))
        put_sitemap(server, range(1_000))
        visit(sitemap(server))
        expected = keys(server)
        killed = tmp_path / "killed"
        kills = 0
        while kills < KILLS:
            target = len(server.log) + moments.randrange(1, 90)
            process = start(sitemap(server), killed, chunk_documents=7)
            while process.poll() is None and len(server.log) < target:
                time.sleep(0.001)
            time.sleep(moments.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, "it was done before it was killed"
            kills += 1
        before = len(server.log)
        assert start(sitemap(server), killed, chunk_documents=7).wait() == 0
        assert len(server.log) - before < 1_003, "the last run began anew"
        monkeypatch.setenv("NEWSLAKE_HOME", str(killed))
        assert keys(server) == expected
        assert visit(sitemap(server))["unchanged"] == 1_000


def test_a_listing_that_did_not_change_while_its_pages_did(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(5))
        put_feed(server, [f"{number}.html" for number in range(5)])
        assert visit(feed(server))["landed"] == 5
        server.add("/3.html", article(3, "有更正。"))
        assert visit(feed(server))["landed"] == 1
        assert [request.status for request in server.asked("/feed.xml")] == [200, 304]
        versions = [row for row in stored() if row["url"].endswith("/3.html")]
        assert len(versions) == 2


def test_a_feed_that_moved_on_while_pages_were_pending(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        put_articles(server, range(6))
        server.pages["/1.html"] = server.pages["/2.html"] = Reply(status=404)
        monkeypatch.setattr(web, "SILENT_MOST", 1)
        put_feed(server, ["0.html", "1.html", "2.html"])
        server.pages["/0.html"] = Reply(status=500, headers=(("Retry-After", "1"),))
        landed = visit(feed(server, budget_minutes=0.01))
        assert (landed["landed"], landed["pending"]) == (0, 3)
        assert landed["unreadable"]
        put_articles(server, range(3))
        put_feed(server, ["3.html", "4.html", "5.html"])
        assert visit(feed(server))["landed"] == 6
        assert len(stored()) == 6


def test_old_pages_are_left_alone_unless_the_listing_says_they_changed(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(3))

        def put(modified: str) -> None:
            places = "".join(
                f"<url><loc>{server.url(f'/{n}.html')}</loc><lastmod>{modified if n == 1 else '2020-01-01'}</lastmod></url>"
                for n in range(3)
            )
            server.add("/sitemap.xml", f"<urlset>{places}</urlset>", content_type="application/xml")

        put("2020-01-01")
        assert visit(sitemap(server, recheck_days=0))["landed"] == 3
        assert visit(sitemap(server, recheck_days=0))["unchanged"] == 0
        put("2030-01-01")
        assert visit(sitemap(server, recheck_days=0))["unchanged"] == 1
        assert visit(sitemap(server, recheck_days=0))["unchanged"] == 0
        assert len(server.asked("/0.html")) == 1
        assert len(server.asked("/1.html")) == 2


def test_new_validators_for_the_same_bytes_are_remembered(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html"])
        reply = server.add("/0.html", article(0))
        visit(feed(server))
        server.pages["/0.html"] = Reply(reply.content, headers=(("ETag", '"other"'),))
        assert visit(feed(server))["unchanged"] == 1
        assert visit(feed(server))["unchanged"] == 1
        assert [request.headers.get("if-none-match") for request in server.asked("/0.html")] == [
            None,
            reply.etag,
            '"other"',
        ]


def test_one_page_under_many_spellings(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(1))
        put_feed(
            server,
            [
                "/0.html",
                "/0.html#top",
                "/./0.html",
                "/0.html?utm_source=feed",
                f"HTTP://127.0.0.1:{server.port}/0.html",
            ],
        )
        assert visit(feed(server))["landed"] == 1
        assert [row["url"] for row in stored()] == [server.url("/0.html")]


def test_a_watermark_that_was_lost_costs_requests_and_no_rows(home: Path) -> None:
    with Server() as server:
        put_articles(server, range(4))
        put_sitemap(server, range(4))
        visit(sitemap(server))
        for path in (home / "state" / "raw" / "watermarks" / "site").iterdir():
            path.write_bytes(b"damaged")
        assert visit(sitemap(server))["unchanged"] == 4
        assert len(stored()) == 4


def test_the_watermark_never_runs_ahead_of_the_data(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit fails after the watermark's file was written: the next visit begins before it."""
    with Server() as server:
        put_articles(server, range(4))
        put_sitemap(server, range(4))

        def fails(*_: object) -> int:
            raise OSError("no room")

        with monkeypatch.context() as broken:
            broken.setattr(raw.DeltaFolder, "commit", fails)
            with pytest.raises(OSError, match="no room"):
                visit(sitemap(server))
        assert list((home / "state" / "raw" / "watermarks" / "site").glob("*.json.zst"))
        assert visit(sitemap(server))["landed"] == 4


def test_items_are_not_lost_where_a_visit_ends_among_them(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed's validators are stored after its last item: a 304 would hide the others."""
    real, commits = raw.DeltaFolder.commit, []

    def fails_third(self: raw.DeltaFolder, *others: Any) -> int:
        commits.append(others)
        if len(commits) == 3:
            raise OSError("no room")
        return real(self, *others)

    with Server() as server:
        items = "".join(f"<item><title>会议{number}</title><guid>{number}</guid></item>" for number in range(5))
        server.add("/feed.xml", f"<rss><channel>{items}</channel></rss>", content_type="text/xml")
        with monkeypatch.context() as broken:
            broken.setattr(documents, "CHUNK_DOCUMENTS", 1)
            broken.setattr(raw.DeltaFolder, "commit", fails_third)
            with pytest.raises(OSError, match="no room"):
                visit(feed(server, items="content"))
        assert len(stored()) == 2
        assert visit(feed(server, items="content"))["landed"] == 3
        assert [request.status for request in server.asked("/feed.xml")] == [200, 200]
        visit(feed(server, items="content"))
        assert server.asked("/feed.xml")[-1].status == 304


def test_two_visits_to_one_source_never_run_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermarks, "WAIT_SECONDS", 0.1)
    with Server() as server:
        put_sitemap(server, [])
        held = watermarks.watermark(config.home(), "site", raw.folder(config.home()))
        with held, pytest.raises(SourceError, match="another run is reading it"):
            visit(sitemap(server))
        assert visit(sitemap(server))["documents"] == 0


def test_progress_is_stored_while_nothing_is_new(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long visit that finds nothing new is not begun anew when it is cut off."""
    with Server() as server:
        put_articles(server, range(30))
        put_sitemap(server, range(30))
        visit(sitemap(server))
        before = raw.version(config.home())
        monkeypatch.setattr(documents, "CHUNK_SECONDS", 0.0)
        visit(sitemap(server))
        assert raw.version(config.home()) - before > 20
        assert len(list((home / "state" / "raw" / "watermarks" / "site").iterdir())) == 1
