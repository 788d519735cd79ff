"""Pages that change and change back, errors in between, walls, rules that were mended, budgets that are too short."""

from __future__ import annotations

from pathlib import Path

import pytest

from newslake import config, pipeline
from newslake.acquire import progress, web
from newslake.errors import ConfigError, SourceError
from newslake.lake import raw, visits
from newslake.sources import Expected

from .server import Reply, Request, Server, redirect
from .visits import article, feed, list_pages, put_articles, put_feed, put_sitemap, sitemap, stored, visit


def test_a_page_that_went_back_to_an_earlier_version(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html"])
        first = server.add("/0.html", article(0))
        visit(feed(server))
        second = server.add("/0.html", article(0, "有更正。"))
        visit(feed(server))
        for number, reply in enumerate((first, second, first)):
            server.pages["/0.html"] = reply
            landed = visit(feed(server))
            assert (landed["landed"], landed["unchanged"], landed["notes"]) == (1, 0, [])
            assert len(stored()) == 3 + number
            landed = visit(feed(server))
            assert (landed["landed"], landed["unchanged"]) == (0, 1)
            assert server.asked("/0.html")[-1].headers["if-none-match"] == reply.etag
            assert server.asked("/0.html")[-1].status == 304


def test_items_that_went_back_to_an_earlier_version(home: Path) -> None:
    with Server() as server:
        source = feed(server, items="content")
        for text, count in (("甲", 1), ("乙", 1), ("甲", 1), ("甲", 0), ("乙", 1)):
            item = f"<item><title>会议</title><link>/0.html</link><description>{text}召开会议。</description></item>"
            server.add("/feed.xml", f"<rss><channel>{item}</channel></rss>", content_type="text/xml")
            landed = visit(source)
            assert (landed["documents"], landed["landed"]) == (count, count)
            landed = visit(source)
            assert (landed["documents"], landed["landed"]) == (0, 0)


NOTE = "1 pages go back and forth between versions; the lake keeps the one it shows"


def test_a_page_that_goes_back_and_forth_is_not_stored_for_ever(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html"])
        first, second = (server.add("/0.html", article(0, text)) for text in ("", "有更正。"))
        for number in range(11):
            server.pages["/0.html"] = (first, second)[number % 2]
            landed = visit(feed(server))
            is_over = number > 2 * raw.RETURNS_MOST
            assert (landed["landed"], landed["unchanged"]) == (not is_over, is_over)
            # What the lake shows is the first, again.
            assert landed["notes"] == [NOTE] * (is_over and number % 2)
        server.pages["/0.html"] = second
        for _ in range(2):
            assert visit(feed(server))["notes"] == [NOTE]
        assert server.asked("/0.html")[-1].status == 304
        assert len(stored()) == 1 + 2 * raw.RETURNS_MOST
        server.add("/0.html", article(0, "又有更正。"))
        landed = visit(feed(server))
        assert (landed["landed"], landed["notes"]) == (1, [])


def test_items_that_go_back_and_forth(home: Path) -> None:
    with Server() as server:
        for number in range(10):
            text = "甲乙"[number % 2]
            item = f"<item><title>会议</title><link>/0.html</link><description>{text}召开会议。</description></item>"
            server.add("/feed.xml", f"<rss><channel>{item}</channel></rss>", content_type="text/xml")
            landed = visit(feed(server, items="content"))
            is_over = number > 2 * raw.RETURNS_MOST
            assert landed["landed"] == (not is_over)
            assert landed["notes"] == [NOTE] * (is_over and number % 2)


def test_two_sources_that_are_sent_different_bytes(home: Path) -> None:
    """One has a login and the other has not: neither takes the other's bytes for a change."""
    with Server() as server:
        put_feed(server, ["0.html"])
        sources = [feed(server, name=name) for name in ("reader", "guest")]
        for number in range(4):
            for source in sources:
                server.add("/0.html", article(0, source.name))
                assert visit(source)["landed"] == (number == 0)
        server.add("/0.html", article(0, "有更正。"))
        assert [visit(source)["landed"] for source in sources] == [1, 0]
        server.add("/0.html", article(0, "reader"))
        assert [visit(source)["landed"] for source in sources] == [1, 0]
        assert visit(sources[1])["unchanged"] == 1


def test_an_error_in_between_is_no_version(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html"])
        good = server.add("/0.html", article(0))
        visit(feed(server))
        server.pages["/0.html"] = Reply(b"denied", status=403)
        assert visit(feed(server))["landed"] == 1
        server.pages["/0.html"] = good
        for _ in range(2):
            assert visit(feed(server))["unchanged"] == 1
            assert server.asked("/0.html")[-1].status == 304


def test_an_error_page_with_changing_bytes_is_stored_once(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html"])
        replies = iter(range(100))

        def gone(_: Request) -> Reply:
            return Reply(b"not found, request %d" % next(replies), status=404)

        server.pages["/0.html"] = gone
        landed = [visit(feed(server)) for _ in range(3)]
        assert [(one["landed"], one["unchanged"], one["pending"]) for one in landed] == [
            (1, 0, 0),
            (0, 1, 0),
            (0, 1, 0),
        ]
        server.pages["/0.html"] = Reply(b"gone", status=410)
        assert visit(feed(server))["landed"] == 1
        put_articles(server, [0])
        assert visit(feed(server))["landed"] == 1


def test_error_pages_are_not_what_was_expected(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html", "1.html", "2.html"])
        put_articles(server, [0])
        for _ in range(2):
            assert "1 documents, fewer than the 3" in visit(feed(server, expected=Expected(min=3)))["notes"][0]


def test_pages_that_lead_to_one_wall(home: Path) -> None:
    with Server() as server:
        paths = [f"{number}.html" for number in range(6)]
        put_feed(server, [*paths, "moved.html"])
        for path in paths[:4]:
            server.pages[f"/{path}"] = redirect("/login")
        server.add("/login", "<p>Please log in.</p>")
        put_articles(server, [4, 5, 6])
        server.pages["/moved.html"] = redirect("/6.html")
        landed = visit(feed(server))
        assert (landed["landed"], landed["failed"], landed["pending"]) == (3, 4, 4)
        assert web.TOGETHER_REASON in landed["unreadable"][0]
        put_articles(server, range(4))
        assert visit(feed(server))["landed"] == 4
        assert not any(row["error"] for row in stored())


def test_a_wall_that_stays_ends_in_quarantine(home: Path) -> None:
    with Server() as server:
        put_feed(server, ["0.html", "1.html", "2.html"])
        for number in range(3):
            server.pages[f"/{number}.html"] = redirect("/login")
        server.add("/login", "<p>Please log in.</p>")
        landed = [visit(feed(server))["landed"] for _ in range(web.FAILED_VISITS_MOST + 1)]
        assert landed == [0] * (web.FAILED_VISITS_MOST - 1) + [3, 0]
        assert {row["error"].partition(":")[0] for row in stored()} == {web.TOGETHER_REASON}


def test_redirects_are_not_all_held(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "HELD_MOST", 2)
    with Server() as server:
        put_articles(server, range(6))
        put_feed(server, [f"old{number}.html" for number in range(6)])
        for number in range(6):
            server.pages[f"/old{number}.html"] = redirect(f"/{number}.html")
        assert visit(feed(server))["landed"] == 6


def test_pages_of_a_rule_that_was_mended_are_not_fetched(home: Path) -> None:
    with Server() as server:
        links = "".join(f'<a href="/w{number}.html">x</a>' for number in range(3))
        server.add("/", f'<html>{links}<a href="/right.html">x</a></html>')
        server.add("/right.html", article(0))
        for number in range(3):
            server.pages[f"/w{number}.html"] = Reply(status=500)
        assert visit(list_pages(server, link="html"))["pending"] == 3
        before = len(server.log)
        landed = visit(list_pages(server, link="right"))
        assert landed["pending"] == 0
        assert "3 pages that waited do not fit" in landed["notes"][0]
        assert {request.path for request in server.log[before:]} == {"/", "/right.html"}


def test_an_index_larger_than_the_budget_is_read_on(home: Path) -> None:
    """Each visit reads some of its sitemaps, and some of their pages."""
    count = 8
    with Server() as server:
        put_articles(server, range(count))
        for number in range(count):
            put_sitemap(server, [number], f"/m{number}.xml")
        places = "".join(f"<sitemap><loc>{server.url(f'/m{number}.xml')}</loc></sitemap>" for number in range(count))
        server.add("/sitemap.xml", f"<sitemapindex>{places}</sitemapindex>")
        landed = []
        while len(server.asked("/m7.xml")) == 0 and len(landed) < 20:
            landed.append(visit(sitemap(server, delay_seconds=0.2, budget_minutes=1.6 / 60)))
        assert len(landed) > 1
        assert any(one["landed"] and "listings wait" in "".join(one["unreadable"]) for one in landed)
        assert [len(server.asked(f"/m{number}.xml")) for number in range(count)] == [1] * count
        while visit(sitemap(server))["pending"]:
            pass
        assert len(stored()) == count


def test_addresses_beyond_the_limit_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (web, progress):
        monkeypatch.setattr(module, "PENDING_MOST", 3)
    with Server() as server:
        put_articles(server, range(5))
        put_sitemap(server, range(5))
        landed = visit(sitemap(server))
        assert landed["landed"] == 3
        assert "2 addresses were left out" in landed["notes"][0]
        monkeypatch.undo()
        monkeypatch.setenv("NEWSLAKE_HOME", str(home))
        assert visit(sitemap(server))["landed"] == 2


def test_a_source_without_its_connection_stops_no_other(home: Path) -> None:
    with Server() as server:
        put_articles(server, [0])
        put_feed(server, ["0.html"])
        missing = feed(server, name="missing", connection="nowhere")
        landed, published = pipeline.run([missing, feed(server)])
        assert "source missing: connection 'nowhere' is not set" in landed[0]["unreadable"][0]
        assert (landed[1]["landed"], published["articles"]) == (1, 1)
        note = visits.last(config.home(), "missing")
        assert note
        assert "nowhere" in (note.error or "")

        def not_found() -> None:
            raise ConfigError("connection 'there' is not set")

        with pytest.raises(SourceError, match="source feed: connection 'there'"):
            pipeline.acquire(feed(server), not_found)
        note = visits.last(config.home(), "feed")
        assert note
        assert "there" in (note.error or "")


def test_a_bug_is_noted_too(home: Path) -> None:
    with pytest.raises(ZeroDivisionError), visits.noted(config.home(), "odd"):
        raise ZeroDivisionError("by nothing")
    note = visits.last(config.home(), "odd")
    assert note
    assert note.error == "ZeroDivisionError: by nothing"
    for path in (home / "state" / "visits").iterdir():
        path.unlink()


def test_a_run_tells_notes_once(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever calls `run` has them in what it gives; a task that calls `acquire` has its log."""
    with Server() as server:
        put_articles(server, [0])
        put_feed(server, ["0.html"])
        source = feed(server, expected=Expected(min=2))
        landed, _ = pipeline.run([source])
        assert landed[0]["notes"]
        assert "fewer than" not in caplog.text
        visit(source)
        assert "fewer than the 2" in caplog.text
