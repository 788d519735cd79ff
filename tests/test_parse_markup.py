"""Metadata in the markup of pages, broken and well-formed."""

from __future__ import annotations

import json
import time

import pytest
import turbohtml
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake.clean.metadata import Metadata, read_metadata, visible_date

ARTICLE = {"@type": "NewsArticle", "headline": "春灌开始", "datePublished": "2024-02-19T18:03:00+08:00"}


def read(html: str) -> Metadata:
    return read_metadata(turbohtml.parse(html))


def linked_data(value: object) -> Metadata:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return read(f'<script type="application/ld+json">{text}</script>')


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        [{"@type": "Organization", "name": "清水日报"}, ARTICLE],
        {"@graph": [{"@type": "WebPage"}, ARTICLE]},
        {"@graph": [[ARTICLE]]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {**ARTICLE, "@type": ["Thing", "ReportageNewsArticle"]},
        json.dumps(ARTICLE, ensure_ascii=False)[:-1] + ",}",
        json.dumps(ARTICLE, ensure_ascii=False)[:-1] + ",,}",
        json.dumps(ARTICLE, ensure_ascii=False) + ";",
        json.dumps(ARTICLE, ensure_ascii=False) + "{}",
        "<!--" + json.dumps(ARTICLE, ensure_ascii=False) + "-->",
        json.dumps(ARTICLE, ensure_ascii=False)[:-1],
        json.dumps({**ARTICLE, "description": "x"}, ensure_ascii=False).replace('"x"', '"he said "x" twice"'),
    ],
)
def test_linked_data_in_every_form_that_sites_write(value: object) -> None:
    found = linked_data(value)
    assert (found.given["title"], found.given["published"]) == ("春灌开始", "2024-02-19T18:03:00+08:00")
    assert found.sources["published"] == "json_ld"


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("李明", "李明"),
        ({"@type": "Person", "name": "李明"}, "李明"),
        ({"name": {"@value": "李明"}}, "李明"),
        ([{"@type": "Person", "name": "李明"}, {"@type": "Person", "name": "赵强"}], "李明、赵强"),
        ({"@type": "Person", "name": ["李明", "赵强"]}, "李明、赵强"),
        ([{"@type": "Organization", "name": "清水日报"}, {"@type": "Person", "name": "李明"}], "李明"),
        ({"@type": "NewsMediaOrganization", "name": "清水日报"}, None),
        ("https://news.example/people/7", None),
        ({"@type": "Person"}, None),
        (7, None),
        (None, None),
    ],
)
def test_authors_are_persons(author: object, expected: str | None) -> None:
    assert linked_data({**ARTICLE, "author": author}).given["author"] == expected


@pytest.mark.parametrize(
    ("html", "expected", "source"),
    [
        ('<meta name="PubDate" content="2024-02-19">', "2024-02-19", "meta"),
        ('<meta name="og:time " content="2024-02-19 18:03:35">', "2024-02-19 18:03:35", "opengraph"),
        ('<meta property="article:published_time" content="2024-02-19T10:03Z">', "2024-02-19T10:03Z", "opengraph"),
        ('<meta name="apub:time" content="2024-02-19 18:03">', "2024-02-19 18:03", "meta"),
        ('<time datetime="2024-02-19">Monday</time>', "2024-02-19", "time_tag"),
        ('<time datetime="2020-01-01"></time><article><time datetime="2024-02-19"></time></article>', "2024-02-19", "time_tag"),
        ('<time datetime="2020-01-01"></time><b itemprop="datePublished">2024-02-19</b>', "2024-02-19", "time_tag"),
        ('<span id="pub_date">2024年02月19日&nbsp;18:03</span>', "2024年02月19日 18:03", "html"),
        ('<div class="x pubTime">2024-02-19 18:03</div>', "2024-02-19 18:03", "html"),
        ('<div class="time">2024-02-19</div><time datetime="soon"></time>', None, None),
    ],
)  # fmt: skip
def test_dates(html: str, expected: str | None, source: str | None) -> None:
    found = read(html)
    assert found.given["published"] == expected
    assert found.sources.get("published") == source


def test_a_date_element_that_holds_the_article_says_nothing() -> None:
    assert visible_date(turbohtml.parse(f'<div id="pubtime">2024-02-19 {"水" * 200}</div>')) is None


def test_an_element_of_a_schema_names_the_author() -> None:
    assert read('<p itemprop="author"><i itemprop="name">李明</i></p>').given["author"] == "李明"


@pytest.mark.parametrize(
    "text", ["[" * 50_000, '"author":[{' * 5_000, '{"@type":"NewsArticle","headline":"' + "\\" * 30_000]
)
def test_hostile_linked_data_is_read_fast(text: str) -> None:
    start = time.process_time()
    linked_data(text)
    assert time.process_time() - start < 2


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_linked_data_is_read(text: str) -> None:
    linked_data(text)
    linked_data('{"@type":"NewsArticle","headline":' + text)


@pytest.mark.parametrize(("publisher", "expected"), [("清水日报", ARTICLE["datePublished"]), ("Wikimedia", None)])
def test_the_start_of_an_encyclopaedia_s_entry_is_no_publication(publisher: str, expected: str | None) -> None:
    found = linked_data({**ARTICLE, "publisher": {"@type": "Organization", "name": publisher}})
    assert found.given["published"] == expected
