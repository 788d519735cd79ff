"""Connections outside of Airflow: both forms that Airflow reads, and nothing of their values in what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from newslake import pipeline
from newslake.errors import ConfigError, SourceError
from newslake.sources import BucketSource, FilesSource
from newslake.sources.connections import from_environment, of_source

SECRET = "hunter2"
NOTHING: dict[str, Any] = dict.fromkeys(("type", "host", "port", "schema", "login", "password")) | {"extra": {}}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (
            "https://reader:s%40crét@news.example:8443",
            {"type": "https", "host": "news.example", "port": 8443, "login": "reader", "password": "s@crét"},
        ),
        ("http://https://:key@news.example", {"type": "http", "host": "https://news.example", "password": "key"}),
        (
            "aws://KEY:a%2Fb%2Bc@/?region_name=eu-central-1",
            {"type": "aws", "login": "KEY", "password": "a/b+c", "extra": {"region_name": "eu-central-1"}},
        ),
        (
            "google-cloud-platform://?__extra__=%7B%22headers%22%3A+%7B%22X-Key%22%3A+%22k%22%7D%7D",
            {"type": "google_cloud_platform", "extra": {"headers": {"X-Key": "k"}}},
        ),
        (
            '{"conn_type": "http", "host": "news.example", "login": "a", "password": "b", "port": "81", "extra": "{\\"c\\": 1}"}',
            {"type": "http", "host": "news.example", "login": "a", "password": "b", "port": 81, "extra": {"c": 1}},
        ),
        ('{"extra": {"headers": {"X-Key": "k"}}}', {"extra": {"headers": {"X-Key": "k"}}}),
    ],
)
def test_both_forms_are_read(monkeypatch: pytest.MonkeyPatch, value: str, wanted: dict[str, Any]) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEWS_STORE", f" {value}\n")
    assert from_environment("news_store") == {**NOTHING, **wanted}


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f'{{"password": "{SECRET}"',
        f'{{"password": "{SECRET}", "extra": "{SECRET}"}}',
        f'{{"password": "{SECRET}", "extra": [1]}}',
        f'{{"password": "{SECRET}", "port": "{SECRET}"}}',
        f'{{"password": "{SECRET}", "port": [1]}}',
        f'{{"password": "{SECRET}", "extra": {"[" * 50_000}',
        f"https://a:{SECRET}@[news.example",
        f"https://a:b@news.example:{SECRET}",
        f"https://a:b@news.example/?__extra__={SECRET}",
        f'https://a:b@news.example/?__extra__=[1,"{SECRET}"]',
    ],
)
def test_what_cannot_be_read_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEWS", value)
    with pytest.raises(ConfigError, match="AIRFLOW_CONN_NEWS: neither JSON") as raised:
        from_environment("news")
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("field", ["login", "password", "host", "schema", "conn_type"])
def test_a_field_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NEWS", f'{{"extra": {{"a": "{SECRET}"}}, "{field}": 90210}}')
    with pytest.raises(ConfigError, match=f"AIRFLOW_CONN_NEWS: `{field}` must be a text, in quotes") as raised:
        from_environment("news")
    assert SECRET not in str(raised.value)
    assert "90210" not in str(raised.value)


def test_a_connection_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_NEWS_STORE", raising=False)
    monkeypatch.setenv("NEWSLAKE_HOME", str(tmp_path))
    source = BucketSource(name="a", url="s3://news/", connection="news_store")
    with pytest.raises(ConfigError, match="environment variable AIRFLOW_CONN_NEWS_STORE"):
        of_source(source)
    with pytest.raises(SourceError, match="AIRFLOW_CONN_NEWS_STORE"):
        pipeline.acquire(source)


def test_a_source_without_one_has_none() -> None:
    assert of_source(FilesSource(name="a", path=Path("a"))) is None
    assert of_source(BucketSource(name="a", url="s3://news/")) is None
