"""`newslake sources test` and `list` on a web site of the test's own, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acquire.server import Reply, Server

PROJECT = Path(__file__).resolve().parents[2]
PAGE = """<html><head><title>市图书馆第{number}分馆开馆</title></head><body><h1>市图书馆第{number}分馆开馆</h1>
<p>2026-03-02 08:30 来源:河湾晚报</p><p>市图书馆第{number}分馆自下周起每天开放到晚上九点。读者可以在网上预约座位，也可以到服务台办理借书证。</p>
</body></html>"""
PAGES = 6


@pytest.fixture
def site() -> Iterator[Server]:
    """Six pages, the second of which is not there, and three listings that name them."""
    with Server() as server:
        addresses = [server.url(f"/news/{number}.html") for number in range(PAGES)]
        items = "".join(f"<item><title>x</title><link>{address}</link></item>" for address in addresses)
        server.add("/feed.xml", f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>")
        places = "".join(f"<url><loc>{address}</loc></url>" for address in addresses)
        schema = "http://www.sitemaps.org/schemas/sitemap/0.9"
        server.add("/sitemap.xml", f"<urlset xmlns='{schema}'>{places}</urlset>")
        server.add("/list.html", "".join(f"<a href='{address}'>x</a>" for address in addresses))
        for number in range(PAGES):
            if number != 1:
                server.add(f"/news/{number}.html", PAGE.format(number=number))
        yield server


@pytest.fixture
def sources(site: Server, tmp_path: Path) -> Path:
    common = "allow_hosts: [127.0.0.1], delay_seconds: 0, schedule: '@weekly'"
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"""contact: desk@newsroom.example
sources:
  - {{name: feed, kind: feed, url: '{site.url("/feed.xml")}', expected: {{min: 50}}, {common}}}
  - {{name: sitemap, kind: sitemap, url: '{site.url("/sitemap.xml")}', is_enabled: false, {common}}}
  - {{name: pages, kind: pages, url: '{site.url("/list.html")}', link: 'news/\\d', is_enabled: false, {common}}}
  - {{name: inside, kind: feed, url: '{site.url("/feed.xml")}', is_enabled: false}}
""",
        encoding="utf-8",
    )
    return path


def newslake(sources: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSLAKE", "AIRFLOW"))}
    own = {"NEWSLAKE_HOME": str(sources.parent / "home"), "NEWSLAKE_SOURCES": str(sources)}
    return subprocess.run(
        [sys.executable, "-m", "newslake.cli", *arguments],
        env={**inherited, **own, **more, "PYTHONPATH": str(PROJECT / "include")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", ["feed", "sitemap", "pages"])
def test_three_pages_are_fetched_and_none_is_stored(site: Server, sources: Path, name: str) -> None:
    result = newslake(sources, "sources", "test", name)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if line[:1].isdigit()] == [
        "1  市图书馆第0分馆开馆",
        "2  refused, http_404: the server answered with status 404",
        "3  市图书馆第2分馆开馆",
    ]
    asked = [entry.path for entry in site.asked()]
    assert asked[1:] == ["/news/0.html", "/news/1.html", "/news/2.html"]
    assert {"desk@newsroom.example" in entry.headers["user-agent"] for entry in site.log} == {True}
    assert not list((sources.parent / "home").glob("**/*.parquet"))
    assert newslake(sources, "sources", "test", name).stdout == result.stdout, "a trial remembers nothing"


def test_a_trial_keeps_to_the_rules(site: Server, sources: Path) -> None:
    result = newslake(sources, "sources", "test", "inside")
    assert (result.returncode, result.stdout, site.log) == (1, "", [])
    assert "name the host in allow_hosts" in result.stderr
    site.robots("User-agent: *\nDisallow: /news/")
    result = newslake(sources, "sources", "test", "feed")
    assert (result.returncode, result.stdout) == (1, "")
    assert "note: " in result.stderr
    assert "robots" in result.stderr
    assert [entry.path for entry in site.asked()] == ["/feed.xml"]


def test_what_waits_for_the_next_visit_is_listed(site: Server, sources: Path) -> None:
    site.pages["/news/3.html"] = Reply(status=404)
    site.pages["/news/4.html"] = Reply(status=410)
    site.pages["/news/5.html"] = Reply(b"<html><body>", headers=(("Content-Length", "100"),))
    run = newslake(sources, "run")
    listed = newslake(sources, "sources", "list")
    assert listed.returncode == 0, listed.stderr
    feed, *others = [line.split() for line in listed.stdout.splitlines()[1:5]]
    assert feed[:4] == ["feed", "feed", "@weekly", "yes"]
    assert feed[7:11] == ["5", "new", "1", "5"], run.stderr
    assert [line[3] for line in others] == ["no"] * 3
    assert "fewer than the 50 expected" in run.stdout + run.stderr


def test_credentials_come_from_the_environment(site: Server, sources: Path) -> None:
    sources.write_text(sources.read_text().replace("kind: feed", "kind: feed, connection: city_news", 1))
    result = newslake(sources, "sources", "test", "feed")
    assert (result.returncode, site.log) == (2, [])
    assert "AIRFLOW_CONN_CITY_NEWS" in result.stderr
    value = f'{{"host": "127.0.0.1", "port": {site.port}, "extra": {{"headers": {{"X-Key": "hunter2"}}}}}}'
    for command in (("sources", "test", "feed"), ("run",)):
        site.log.clear()
        result = newslake(sources, *command, AIRFLOW_CONN_CITY_NEWS=value)
        assert {entry.headers.get("x-key") for entry in site.asked()} == {"hunter2"}
        assert "hunter2" not in result.stdout + result.stderr
