"""Objects of stores: files, memory, and S3 as moto's server speaks it (a process of its own, over HTTP)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import fsspec
import pytest

from newslake.acquire import bucket, stores, warc
from newslake.acquire.visit import Visit
from newslake.config import Home
from newslake.errors import SourceError
from newslake.sources import BucketSource, WarcSource

from .archives import response, url
from .sources import LINES

Put = Callable[[str, bytes], None]
NAMES = ["a.html", "2024/01/b.txt.gz", "2024/01/c.jsonl", "2024/notes.md", "d.HTML"]
CONTENTS = [b"<p>a", gzip.compress("正文".encode()), b"\n".join(LINES), b"no article", b"<p>d"]


class Store:
    """A store's address, how to put into it, and the connection it needs."""

    def __init__(
        self, address: str, put: Put, remove: Callable[[str], None], connection: dict[str, Any] | None
    ) -> None:
        self.address, self.put, self.remove, self.connection = address, put, remove, connection

    def visit(self, watermark: dict[str, Any] | None = None, glob: str | None = None, below: str = "") -> Visit:
        source = BucketSource(name="b", url=self.address + below, glob=glob)
        mark = {} if watermark is None else watermark
        return Visit(source, Home(Path("/nowhere")), mark, connection=self.connection)

    def read(self, watermark: dict[str, Any] | None = None) -> dict[str, bytes]:
        one = self.visit(watermark)
        documents = {document.url.removeprefix(self.address): document.content for document in bucket.read(one)}
        assert one.problems == []
        return documents


@pytest.fixture(params=["file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    kind: str = request.param
    if kind == "file":
        root = tmp_path / "objects"

        def put_file(key: str, content: bytes) -> None:
            (root / key).parent.mkdir(parents=True, exist_ok=True)
            (root / key).write_bytes(content)

        yield Store(f"file://{root}/", put_file, lambda key: (root / key).unlink(), None)
    elif kind == "memory":
        memory = fsspec.filesystem("memory")
        yield Store(
            "memory://objects/", lambda key, content: memory.pipe(f"/objects/{key}", content),
            lambda key: memory.rm(f"/objects/{key}"), None,
        )  # fmt: skip
        memory.rm("/objects", recursive=True)
    else:
        yield from s3_store(request.getfixturevalue("s3")["AWS_ENDPOINT_URL"], request.node.name)


def s3_store(endpoint: str, name: str) -> Iterator[Store]:
    name = "".join(one if one.isalnum() else "-" for one in name).strip("-")[:60]
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="invented",
        aws_secret_access_key="invented",
    )
    client.create_bucket(Bucket=name)

    def put(key: str, content: bytes) -> None:
        client.put_object(Bucket=name, Key=key, Body=content)

    extra = {"endpoint_url": endpoint, "region_name": "us-east-1"}
    connection = {"login": "invented", "password": "invented", "extra": extra}
    yield Store(f"s3://{name}/", put, lambda key: client.delete_object(Bucket=name, Key=key), connection)
    client.close()


def test_objects_are_read_as_files_are(store: Store) -> None:
    for name, content in zip(NAMES, CONTENTS, strict=True):
        store.put(name, content)
    found = store.read()
    assert found["a.html"] == b"<p>a"
    assert found["2024/01/b.txt.gz"].decode() == "正文"
    assert [json.loads(found[f"2024/01/c.jsonl#line={number}"]) for number in (1, 2, 3)] == list(map(json.loads, LINES))
    assert len(found) == 6
    list(bucket.read(every := store.visit()))
    assert [note.partition(" were ")[2] for note in every.notes] == ["left alone: 1 .md"]
    lines = store.visit(glob="*.jsonl")
    urls = [document.url for document in bucket.read(lines)]
    assert urls == [f"{store.address}2024/01/c.jsonl#line={number}" for number in (1, 2, 3)]
    assert lines.notes == []


def test_only_new_and_changed_objects_are_read(store: Store) -> None:
    watermark: dict[str, Any] = {}
    store.put("a.html", b"<p>a")
    store.put("b.html", b"<p>b")
    assert len(store.read(watermark)) == 2
    assert store.read(watermark) == {}
    store.put("b.html", b"<p>changed")
    store.put("c.html", b"<p>c")
    assert store.read(watermark) == {"b.html": b"<p>changed", "c.html": b"<p>c"}
    store.remove("a.html")
    assert store.read(watermark) == {}
    assert len(watermark["items"]) == 2
    store.put("a.html", b"<p>a")
    assert store.read(watermark) == {"a.html": b"<p>a"}


def test_the_watermark_is_never_ahead(store: Store) -> None:
    lines = [b"%d" % number for number in range(10)]
    store.put("a.jsonl", b"\n".join(lines))
    store.put("b.html", b"<p>b")
    watermark: dict[str, Any] = {}
    documents = bucket.read(store.visit(watermark))
    for _ in range(9):
        next(documents)
    assert watermark["items"] == {}
    assert next(documents).content == b"9"
    assert len(watermark["items"]) == 1


ODD_KEYS = [
    "../../up.html",
    "a//b.html",
    "./c.html",
    "%2e%2e%2f.html",
    "空 格+&=?#.html",
    "新闻/ü.html",
    "-rf.html",
    "~.html",
]
ODD_KEYS += [
    "a\0b.html",
    "a\\x00b.html",
    "\x1b[31m.html",
    "x" * 1_000 + ".html",
    "$(touch x).html",
    "*.html",
    "[a].html",
    "\u202egnp.html",
]


def test_odd_keys_of_s3(s3: dict[str, str]) -> None:
    for store in s3_store(s3["AWS_ENDPOINT_URL"], "odd-keys"):
        for key in ODD_KEYS:
            store.put(key, key.encode())
        store.put("folder/", b"")
        watermark: dict[str, Any] = {}
        documents = list(bucket.read(one := store.visit(watermark)))
        assert one.problems == one.notes == []
        assert sorted(document.content.decode() for document in documents) == sorted(ODD_KEYS)
        for document in documents:
            assert document.url.isprintable()
        assert len({document.url for document in documents}) == len(ODD_KEYS)
        assert store.read(watermark) == {}


def test_an_archive_in_a_bucket(store: Store) -> None:
    store.put("crawl/2024/a.warc.gz", b"".join(gzip.compress(response(number)) for number in range(50)))
    store.put("crawl/2024/b.warc", response(50)[:-70])
    one = Visit(WarcSource(name="w", url=f"{store.address}crawl"), Home(Path("/nowhere")), connection=store.connection)
    *documents, fault = warc.read(one)
    assert [document.url for document in documents] == [url(number) for number in range(50)]
    assert fault.url == f"{store.address}crawl/2024/b.warc#offset=0"
    assert str(fault.error).startswith("truncated_warc: at offset 0")
    assert list(warc.read(Visit(one.source, one.home, one.watermark, connection=store.connection))) == []


def test_an_object_that_goes_meanwhile_is_told(store: Store) -> None:
    for name in ("a.html", "b.html", "c.html"):
        store.put(name, b"<p>")
    one = store.visit()
    documents = bucket.read(one)
    next(documents)
    store.remove("b.html")
    assert [document.url for document in documents] == [f"{store.address}c.html"]
    (problem,) = one.problems
    assert problem.startswith(f"{store.address}b.html: ")
    assert f"{store.address}b.html" not in one.watermark["items"]


def test_stores_that_cannot_be_reached() -> None:
    def read(address: str, connection: dict[str, Any] | None = None) -> None:
        source = BucketSource(name="b", url=address)
        list(bucket.read(Visit(source, Home(Path("/nowhere")), connection=connection)))

    extra = {"endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 0}}}
    with pytest.raises(SourceError, match="s3://gone") as raised:
        read("s3://gone/", {"login": "key-id", "password": "hunter2", "extra": extra})
    assert "hunter2" not in str(raised.value)
    for address in (
        "https://files.example/a/",
        "simplecache::s3://a/",
        "github://a:b@c/",
        "zip://a::https://b.example",
    ):
        with pytest.raises(SourceError, match="must begin with one of"):
            read(address)
    with pytest.raises(SourceError, match="no files with one of"):
        read("memory://nothing/")


SECRET = "hunter2"
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no scheme": (
        {"extra": {"endpoint_url": "127.0.0.1:5705"}},
        "`endpoint_url` must be an address that begins with https://",
    ),
    "no host": (
        {"extra": {"endpoint_url": "http:///x"}},
        "`endpoint_url` must be an address that begins with https://",
    ),
    "a number": ({"extra": {"endpoint_url": 5}}, "`endpoint_url` must be a text, in quotes, not int"),
    "no port": ({"extra": {"endpoint_url": "http://127.0.0.1:x"}}, "`endpoint_url` must be an address"),
    "a region": ({"extra": {"region_name": ["a"]}}, "`region_name` must be a text"),
    "text as options": ({"extra": {"config_kwargs": "x"}}, "`config_kwargs` must be a mapping"),
    "an unknown option": ({"extra": {"config_kwargs": {"nope": 1}}}, "nope"),
    "anon": ({"extra": {"anon": "perhaps"}}, "`anon` must be true or false"),
    "a login": ({"login": 5}, "`login` must be a text"),
    "a password": ({"login": "a", "password": 5}, "`password` must be a text"),
    "a key": ({"extra": {"aws_secret_access_key": 5}}, "`aws_secret_access_key` must be a text"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_connection_is_its_sources_failure(name: str) -> None:
    given, told = MISTAKES[name]
    connection = {"login": "a", "password": SECRET, **given}
    source = BucketSource(name="b", url="s3://news/", connection="store")
    with pytest.raises(SourceError) as raised:
        list(bucket.read(Visit(source, Home(Path("/nowhere")), connection=connection)))
    assert str(raised.value).startswith("source b: s3://news/: ")
    assert told in str(raised.value)
    assert "connection 'store' (outside of Airflow: AIRFLOW_CONN_STORE)" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, told in (("gone", "gone: no such file or folder"), ("empty", "empty: no files with one of")):
        with pytest.raises(SourceError, match=told):
            list(bucket.read(Visit(BucketSource(name="b", url=f"file://{tmp_path}/{name}"), Home(tmp_path))))


def test_a_bucket_that_is_not_there(s3: dict[str, str]) -> None:
    extra = {"endpoint_url": s3["AWS_ENDPOINT_URL"]}
    connection = {"login": "invented", "password": "invented", "extra": extra}
    one = Visit(BucketSource(name="b", url="s3://no-such-bucket/"), Home(Path("/nowhere")), connection=connection)
    with pytest.raises(SourceError, match="s3://no-such-bucket/"):
        list(bucket.read(one))


def test_printable_names_stay_distinct() -> None:
    names = ["a" * 2_000 + "x", "a" * 2_000 + "y", "a\0", "a\\x00", "a\\\\x00", "a"]
    assert len({stores.printable(name) for name in names}) == len(names)
