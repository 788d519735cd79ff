"""Archives, dumps and buckets through `pipeline.acquire`: landed once, with their watermark, also after a kill."""

from __future__ import annotations

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newslake import config, pipeline
from newslake.acquire import KINDS
from newslake.acquire.documents import Document
from newslake.acquire.visit import Visit
from newslake.lake import raw
from newslake.sources import BucketSource, DumpSource, FilesSource, WarcSource

from .archives import response, url
from .sources import put


def landed(home: Path) -> list[tuple[str, str]]:
    """Address and raw_id of every row of raw_documents."""
    import deltalake

    rows = deltalake.DeltaTable(str(raw.folder(config.Home(home)).path)).to_pyarrow_table(columns=["url", "raw_id"])
    return sorted(zip(*rows.to_pydict().values(), strict=True))


def test_each_kind_lands_once(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "archives" / "a.warc.gz", b"".join(gzip.compress(response(number)) for number in range(20)))
    put(tmp_path / "dump.jsonl", b"\n".join(json.dumps({"Body": f"正文{number}"}).encode() for number in range(20)))
    put(tmp_path / "objects" / "a.html", b"<p>a")
    sources = [
        WarcSource(name="archive", path=tmp_path / "archives"),
        DumpSource(name="dump", path=tmp_path / "dump.jsonl", fields={"text": "Body"}),
        BucketSource(name="bucket", url=f"file://{tmp_path / 'objects'}/"),
    ]
    assert [pipeline.acquire(source)["landed"] for source in sources] == [20, 20, 1]
    again = [pipeline.acquire(source) for source in sources]
    assert [(one["documents"], one["unreadable"]) for one in again] == [(0, [])] * 3
    addresses = [address for address, _ in landed(home)]
    assert len(addresses) == 41
    assert url(7) in addresses


RUN = """
import os, signal, sys
from pathlib import Path
from newslake import acquire, pipeline
from newslake.acquire import documents, warc
from newslake.sources import WarcSource

def read(visit):
    for number, document in enumerate(warc.read(visit)):
        if number == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        yield document

documents.CHUNK_DOCUMENTS, warc.MARK_BYTES = 10, 1_000
acquire.KINDS["warc"] = read
print(pipeline.acquire(WarcSource(name="archive", path=Path(sys.argv[1])))["documents"])
"""


@pytest.mark.lake
def test_a_run_that_is_killed_and_run_again_lands_the_same(home: Path, tmp_path: Path) -> None:
    path = put(tmp_path / "a.warc.gz", b"".join(gzip.compress(response(number)) for number in range(100)))
    environment = {**os.environ, "NEWSLAKE_HOME": str(home)}

    def run(killed_at: int) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", RUN, str(path), str(killed_at)]
        return subprocess.run(command, env=environment, capture_output=True, check=False)

    for killed_at in (0, 25, 9, 31):
        assert run(killed_at).returncode == -signal.SIGKILL
    last = run(1_000)
    assert last.returncode == 0, last.stderr
    assert int(last.stdout) < 70, "what was landed before is not read again"
    assert landed(home) == sorted(set(landed(home)))
    assert [address for address, _ in landed(home)] == sorted(url(number) for number in range(100))


def test_a_bug_costs_no_other_source_its_visit(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It stays loud: the traceback is logged, and the source is told as one that could not be read."""

    def broken(visit: Visit) -> Iterator[Document]:
        yield from [][visit.counts["fetched"]]

    monkeypatch.setitem(KINDS, "bucket", broken)
    put(tmp_path / "a.txt", "临江区召开调度会，部署年底前的重点任务，要求把责任落到人。".encode())
    sources = [BucketSource(name="broken", url="s3://news/"), FilesSource(name="fine", path=tmp_path / "a.txt")]
    found, published = pipeline.run(sources)
    assert [one["landed"] for one in found] == [0, 1]
    assert found[0]["unreadable"] == [
        "source broken: a bug, see the traceback above: IndexError: list index out of range"
    ]
    assert published["articles"] == 1
    assert 'yield from [][visit.counts["fetched"]]' in caplog.text


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), MemoryError()])
def test_what_the_machine_lacks_stops_the_run(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def full(visit: Visit) -> Iterator[Document]:
        raise fault
        yield

    monkeypatch.setitem(KINDS, "bucket", full)
    with pytest.raises(type(fault)):
        pipeline.run([BucketSource(name="full", url="s3://news/")])
    fault = ConnectionResetError()
    ((found,), _) = pipeline.run([BucketSource(name="full", url="s3://news/")])
    assert found["unreadable"] == ["source full: a bug, see the traceback above: ConnectionResetError: "]


def test_an_etag_that_cannot_be_sent_back_stops_no_visit(home: Path, tmp_path: Path) -> None:
    """The archive's version of a page is the one that the web's is compared with."""
    from .archives import http, page, record
    from .server import Server
    from .visits import list_pages, visit

    with Server() as server:
        place = server.url("/1.html")
        server.add("/1.html", page(1))
        server.add("/", '<a href="/1.html">1</a>')
        put(tmp_path / "a.warc", record(http(page(2), ETag='"a\rb"'), address=place))
        archive = WarcSource(name="archive", path=tmp_path / "a.warc")
        assert pipeline.acquire(archive)["landed"] == 1
        assert visit(list_pages(server, recheck_days=36_500))["landed"] == 1
