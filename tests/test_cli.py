"""Every command with good and wrong arguments: exit codes, messages, no traceback, and nothing changed by a query."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest

from newslake import cli, pipeline
from newslake.config import Home, Source
from newslake.lake import database
from newslake.lake.snapshots import current

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample articles, and some whose titles a spreadsheet or a terminal would act on."""
    folder = tmp_path_factory.mktemp("cli")
    text = "临江区召开调度会，部署年底前的重点任务。\x1b]0;evil\x07\x1b[31m会议要求，把责任落到人。"
    records = [
        {"url": f"https://e.example/{number}", "title": title, "text": f"第{number}次。{text}"}
        for number, title in enumerate(["=SUM(A1)", "+1", "-1", "@cmd", "正常，“标题”"])
    ]
    content = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    (folder / "in.jsonl").write_text(content, encoding="utf-8")
    (folder / "in.jsonl").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSLAKE_HOME", str(folder / "home"))
        pipeline.run(["samples", Source("input", "files", folder / "in.jsonl")])
    return Home(folder / "home")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs the command line as `newslake …` does; an exception that is not an exit is a traceback."""

    def run(*arguments: str, home: Home | Path) -> tuple[int, str, str]:
        monkeypatch.setenv("NEWSLAKE_HOME", str(home.root if isinstance(home, Home) else home))
        monkeypatch.setattr(sys, "argv", ["newslake", *arguments])
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        out, error = capsys.readouterr()
        return code, out, error

    return run


@pytest.fixture
def ask(call: Call, lake: Home) -> Call:
    return lambda *arguments: call(*arguments, home=lake)


def commands(
    group: click.Group = cli.newslake, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())
BY_COMMAND = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)


def test_the_commands_that_design_names() -> None:
    names = {" ".join(path) for path in COMMANDS}
    assert names >= {"run", "query", "show", "verify", "snapshots list", "quarantine list", "quarantine show", "report"}


@BY_COMMAND
def test_help_has_examples(path: tuple[str, ...], ask: Call) -> None:
    code, out, error = ask(*path, "--help")
    assert (code, error) == (0, "")
    assert "Examples:" in out
    assert f"newslake {' '.join(path)}" in out.split("Examples:")[1]
    assert ask(*path, "-h")[1] == out
    command = COMMANDS[path]
    assert command.epilog
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[0] in out


@BY_COMMAND
def test_wrong_options_are_the_callers_fault(path: tuple[str, ...], ask: Call) -> None:
    code, out, error = ask(*path, "--nonsense")
    assert (code, out) == (2, "")
    assert "--nonsense" in error
    assert "--help" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "nonsense"),
        (["query"], "SQL"),
        (["show"], "ARTICLE"),
        (["quarantine", "show"], "RAW_ID"),
        (["snapshots", "nonsense"], "nonsense"),
        (["query", "SELECT 1", "--format", "xml"], "'xml' is not one of"),
        (["query", "SELECT 1", "--format", "parquet"], "--output FILE.parquet"),
        (["query", ""], "the query is empty"),
        (["query", ";"], "the query is empty"),
        (["query", "SELEC 1"], "syntax error"),
        (["query", "SELECT nothing FROM articles"], "nothing"),
        (["query", "FROM article"], "tables: article_versions, articles"),
        (["query", "SELECT error('boom')"], "boom"),
        (["run", "--processes", "0"], "--processes"),
        (["run", "--batch-size", "many"], "--batch-size"),
        (["run", "--input", "gone"], "'gone' does not exist"),
        (["run", "--source", "gone"], "no source 'gone'"),
        (["show", "没有这样的文章"], "give an article_id"),
        (["quarantine", "show", "zz"], "newslake quarantine list"),
        (["verify", "extra"], "extra"),
    ],
)
def test_wrong_calls(ask: Call, arguments: list[str], message: str) -> None:
    code, out, error = ask(*arguments)
    assert (code, out) == (2, "")
    assert message in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "FROM articles"],
        ["show", "x"],
        ["verify"],
        ["report"],
        ["snapshots", "list"],
        ["quarantine", "list"],
        ["quarantine", "show", "0"],
    ],
)
def test_without_a_lake(call: Call, tmp_path: Path, arguments: list[str]) -> None:
    code, out, error = call(*arguments, home=tmp_path / "none")
    assert (code, out) == (1, "")
    assert str(tmp_path / "none") in error
    assert "newslake run" in error
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("arguments", [["verify"], ["run"]])
def test_a_home_that_is_a_file(call: Call, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("x")
    code, _, error = call(*arguments, home=tmp_path / "file")
    assert code == 2
    assert str(tmp_path / "file") in error


NAME = "{name: a, kind: files, path: in"


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("sources: {}", "needs a list"),
        ("", "needs a list"),
        ("a: : b", "not valid YAML"),
        ("sources: [1]", "sources[0]: must be a mapping"),
        ("sources: [{name: a, kind: files}]", "path is missing"),
        ("sources: [{kind: files, path: in}]", "name is missing"),
        (f"sources: [{NAME}, nope: 1}}]", "unknown key 'nope'"),
        ("sources: [{name: a, kind: web, path: in}]", "kind 'web' is not one of: files"),
        (f"sources: [{NAME}, timezone: Mars}}]", "not an IANA zone"),
        (f"sources: [{NAME}, timezone: Asia}}]", "not an IANA zone"),
        (f"sources: [{NAME}}}, {NAME}}}]", "two sources have the same name"),
        (f"sources: [{NAME}, is_enabled: 1}}]", "is_enabled must be true or false, not 1"),
        (f"sources: [{NAME}, owner: [b]}}]", "owner must be a text"),
        ("sources: [{name: A b, kind: files, path: in}]", "may hold only a-z, 0-9, _ and -"),
    ],
)
def test_broken_sources(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: str, message: str) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(yaml)
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    code, out, error = call("run", home=tmp_path / "home")
    assert (code, out) == (2, "")
    assert error.startswith(f"newslake: {path}: ")
    assert "Traceback" not in error
    assert message in error


def test_sources_that_are_not_there(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(tmp_path / "gone.yaml"))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 2
    assert "set NEWSLAKE_SOURCES" in error


@pytest.mark.parametrize(
    "yaml",
    [
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(b'sources: [{name: a, kind: files, path: in, is_enabled: "no"}]', id="switch that is a text"),
        pytest.param(b"sources: [{name: ../a, kind: files, path: in}]", id="name that is a path"),
    ],
)
def test_sources_that_should_be_refused(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yaml: bytes
) -> None:
    (tmp_path / "sources.yaml").write_bytes(yaml)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("x")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(tmp_path / "sources.yaml"))
    monkeypatch.setattr(pipeline, "run", lambda *_: pytest.fail("it was read"))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 2
    assert "sources.yaml" in error


@pytest.mark.lake
def test_a_source_that_cannot_be_read_does_not_stop_the_others(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(
        "临江区召开调度会，部署年底前的重点任务，要求把责任落到人。", encoding="utf-8"
    )
    path = tmp_path / "sources.yaml"
    path.write_text("sources: [{name: a, kind: files, path: gone}, {name: b, kind: files, path: in}]")
    monkeypatch.setenv("NEWSLAKE_SOURCES", str(path))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 1
    assert "gone: no such file or folder" in error
    assert current(Home(tmp_path / "home")).tables["articles"].rows == 1


@pytest.mark.lake
def test_run(call: Call, tmp_path: Path) -> None:
    """Twice: the second run says that nothing is new. Progress goes to stderr, the summary to stdout."""
    folder = tmp_path / "in put"
    folder.mkdir()
    (folder / "a.txt").write_text("临江区召开调度会，部署年底前的重点任务，要求把责任落到人。", encoding="utf-8")
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.txt").symlink_to("/proc/self/mem")
    code, out, error = call("run", "--input", str(folder), "--batch-size", "1", home=tmp_path / "home")
    assert code == 1
    assert f"these files could not be read; the others went on:\n  {folder / 'c.txt'}" in error
    assert "refine: 2/2" in error
    (folder / "c.txt").unlink()
    assert "input: 2 documents read, 2 new, 0 already in the lake" in out
    assert "published snapshot 000001" in out
    assert "1 articles" in out
    assert re.search(r"refused +1 empty +e\.g\. file:in put/b\.txt", out)
    for place in re.findall(r"(?:parquet|duckdb)\s+(\S+)", out):
        assert Path(place.replace("<table>/", "articles/")).exists()
    for line in out.split("next", 1)[1].splitlines():
        assert re.match(r"\s+(\S+/)?newslake (query|show|quarantine) ", line)
    code, out, error = call("run", "--input", str(folder), home=tmp_path / "home")
    assert code == 0
    assert "2 documents read, 0 new, 2 already in the lake" in out
    assert "published nothing new: snapshot 000001 stays as it is" in out


def test_query_formats(ask: Call, tmp_path: Path) -> None:
    sql = "SELECT article_id, title, published_date, reporters, repairs, similarity FROM articles ORDER BY article_id"
    table = ask("query", sql)
    assert (table[0], table[2]) == (0, "")
    data = json.loads(ask("query", sql, "--format", "json")[1])
    lines = list(csv.reader(io.StringIO(ask("query", sql, "--format", "csv")[1])))
    output = tmp_path / "answer.parquet"
    assert ask("query", sql, "--format", "parquet", "--output", str(output))[:2] == (0, "")
    rows = pq.read_table(output).to_pylist()
    assert lines[0] == list(data[0]) == list(rows[0]) == table[1].splitlines()[0].split()
    ids = [row["article_id"] for row in rows]
    assert len(ids) > 60
    assert [row["article_id"] for row in data] == [line[0] for line in lines[1:]] == ids
    assert [str(row["published_date"]) for row in rows] == [str(row["published_date"]) for row in data]
    assert [line.split()[0] for line in table[1].splitlines()[1:]] == ids
    for form in ("table", "csv", "json"):
        path = tmp_path / f"answer.{form}"
        assert ask("query", sql, "--format", form, "--output", str(path))[:2] == (0, "")
        assert path.read_text(encoding="utf-8") == ask("query", sql, "--format", form)[1]


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "DESCRIBE articles",
        "SUMMARIZE runs",
        "VALUES (1)",
        "EXPLAIN FROM articles",
        "EXPLAIN ANALYZE SELECT 1",
        " -- why\nEXPLAIN (FORMAT json) FROM articles",
        "SELECT 1; SELECT 2;",
    ],
)
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_everything_that_reads_is_allowed(ask: Call, sql: str, form: str) -> None:
    code, out, error = ask("query", sql, "--format", form)
    assert (code, error) == (0, "")
    assert out


def test_empty_answers(ask: Call) -> None:
    assert ask("query", "SELECT 1 AS a WHERE false")[:2] == (0, "a\n")
    assert ask("query", "SELECT 1 AS a WHERE false", "--format", "csv")[:2] == (0, "a\n")
    assert ask("query", "SELECT 1 AS a WHERE false", "--format", "json")[:2] == (0, "[]\n")


def test_long_answers_are_cut_and_say_so(ask: Call) -> None:
    out = ask("query", "SELECT range AS n FROM range(201)")[1]
    assert out.splitlines()[-2:] == ["199", "… more than 200 rows; add LIMIT, or --format csv for all of them"]
    assert len(ask("query", "SELECT range AS n FROM range(201)", "--format", "csv")[1].splitlines()) == 202
    assert "more than" not in ask("query", "SELECT range AS n FROM range(200)")[1]


def test_a_spreadsheet_runs_no_cell(ask: Call) -> None:
    out = ask(
        "query",
        "SELECT title, char_count, -1 AS n FROM articles WHERE url LIKE 'https://e.example/%' ORDER BY url",
        "--format",
        "csv",
    )[1]
    cells = [row[0] for row in csv.reader(io.StringIO(out))][1:]
    assert cells == ["'=SUM(A1)", "'+1", "'-1", "'@cmd", "正常，“标题”"]
    assert {row[2] for row in csv.reader(io.StringIO(out))} == {"n", "-1"}
    cells = ask("query", "SELECT chr(9) || 'x' AS a, ' =x' AS b, NULL AS c", "--format", "csv")[1]
    assert cells.splitlines()[1] == "'\tx, =x,"


def test_a_carriage_return_stays_in_its_cell(ask: Call) -> None:
    out = ask("query", "SELECT 'a' || chr(13) || 'b' AS a, chr(13) || '=1' AS b", "--format", "csv")[1]
    assert list(csv.reader(io.StringIO(out, newline=""))) == [["a", "b"], ["a\rb", "'\r=1"]]


REFUSED = (
    "COPY articles TO '{inside}/evil.csv'",
    "COPY articles TO '/tmp/evil.csv'",
    "CREATE TABLE t AS SELECT 1",
    "CREATE OR REPLACE VIEW articles AS SELECT 1",
    "DROP VIEW articles",
    "INSERT INTO articles SELECT * FROM articles",
    "DELETE FROM articles",
    "ATTACH '/tmp/evil.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "RESET threads",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "EXPORT DATABASE '/tmp/evil'",
    "SELECT 1; DROP VIEW articles",
    "FROM read_text('/etc/hostname')",
    "FROM read_text('{inside}/../../../newslake.duckdb')",
    "FROM read_blob('{inside}/../../../state/database.txt')",
    "FROM read_csv('/etc/passwd')",
    "FROM '/etc/passwd'",
    "FROM glob('/etc/*')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM read_csv('https://e.example/x.csv')",
    "SELECT getenv('HOME')",
    "FROM connection",
    "SET lock_configuration = false",
)


def files(home: Home) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in home.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sql", REFUSED)
@pytest.mark.parametrize("form", ["table", "csv"])
def test_a_query_changes_nothing_and_reads_nothing_else(ask: Call, lake: Home, sql: str, form: str) -> None:
    before = files(lake)
    code, out, error = ask("query", sql.format(inside=current(lake).path), "--format", form)
    assert (code, out) == (2, "")
    assert error.startswith("newslake: ")
    assert files(lake) == before
    assert not list(Path("/tmp").glob("evil*"))


@pytest.mark.parametrize("sql", ["COPY (SELECT 1) TO '{inside}/evil.csv'", "CREATE TABLE t AS SELECT 1"])
@pytest.mark.parametrize(
    "explain",
    [
        "EXPLAIN ANALYZE",
        "EXPLAIN (ANALYZE)",
        " -- EXPLAIN SELECT 1\nexplain /* */ analyze",
        "/* /* */ EXPLAIN SELECT 1 -- */ EXPLAIN ANALYZE",
        "EXPLAIN (FORMAT json)",
        "EXPLAIN SELECT 1; EXPLAIN ANALYZE",
    ],
)
def test_explaining_changes_nothing(ask: Call, lake: Home, explain: str, sql: str) -> None:
    before = files(lake)
    code, _, _ = ask("query", f"{explain} {sql.format(inside=current(lake).path)}")
    added = set(files(lake)) - set(before)
    for path in added:
        path.unlink()
    assert not added
    assert code == 2


def test_the_connection_itself_is_locked(lake: Home) -> None:
    """What stands behind the list of statements: files outside the snapshot cannot be read by any of them."""
    import duckdb

    with database.connect(current(lake)) as connection:
        for sql in (
            "FROM read_text('/etc/hostname')",
            "SET lock_configuration = false",
            "COPY (SELECT 1) TO '/tmp/evil.csv'",
            "ATTACH '/tmp/evil.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


BAD_ANSWERS = {
    "two columns of one name": (["SELECT 1 AS a, 2 AS a", "--format", "csv"], "a,a\n1,2\n"),
    "two keys of one name": (
        ["SELECT 1 AS a, 2 AS a", "--format", "json"],
        '[\n  {\n    "a": 1,\n    "a_1": 2\n  }\n]\n',
    ),
    "map whose keys are lists": (["SELECT MAP {[1]: 2} AS m", "--format", "csv"], 'm\n"[([1], 2)]"\n'),
    "map whose keys are numbers": (
        ["SELECT MAP {1: 2} AS m", "--format", "json"],
        '[\n  {\n    "m": {\n      "1": 2\n    }\n  }\n]\n',
    ),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_odd_answers(ask: Call, name: str) -> None:
    arguments, expected = BAD_ANSWERS[name]
    assert ask("query", *arguments)[:2] == (0, expected)


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_an_output_that_cannot_be_written(ask: Call, tmp_path: Path, form: str) -> None:
    path = tmp_path / "gone" / "answer"
    code, _, error = ask("query", "SELECT 1", "--format", form, "--output", str(path))
    assert code == 2
    assert str(path) in error


def test_show(ask: Call, lake: Home) -> None:
    """By id, by the beginning of an id, by address, by words; with body, blocks and sentences."""
    with database.connect(current(lake)) as connection:
        article_id, url, title = connection.execute(
            "SELECT article_id, url, title FROM articles WHERE title LIKE '%老旧小区改造全部完工%'"
        ).fetchall()[0]
    whole = ask("show", article_id)
    assert (whole[0], whole[2]) == (0, "")
    for text in (article_id, url, "许知夏", "as found", "restored", "paragraph", "sentences"):
        assert text in whole[1]
    assert title in whole[1]
    for wanted in (article_id[:10], url):
        assert ask("show", wanted)[:2] == whole[:2]


def test_every_article_can_be_shown(ask: Call, lake: Home) -> None:
    with database.connect(current(lake)) as connection:
        ids = [row[0] for row in connection.execute("SELECT article_id FROM articles ORDER BY 1").fetchall()]
    for article_id in ids[::4]:
        code, out, _ = ask("show", article_id)
        assert code == 0
        assert article_id in out


def test_show_asks_back(ask: Call) -> None:
    code, out, error = ask("show", "推进会")
    assert (code, out) == (2, "")
    assert "articles match '推进会'; give the article_id of one" in error
    assert len(re.findall(r"^  [0-9a-f]{16}  ", error, re.MULTILINE)) >= 2
    for wanted in ("%%", "' OR 1=1 --", "[bold]", "\\"):
        code, out, error = ask("show", wanted)
        assert (code, out) == (2, "")
        assert "no article" in error


def test_quarantine(ask: Call, lake: Home) -> None:
    code, out, error = ask("quarantine", "list")
    assert (code, error) == (0, "")
    count = current(lake).tables["quarantine"].rows
    assert len(out.splitlines()) == count + 1
    code, out, _ = ask("quarantine", "list", "--reason", "truncated_gzip")
    assert (code, len(out.splitlines())) == (0, 2)
    raw_id, stage, reason = out.splitlines()[1].split()[:3]
    assert (stage, reason) == ("acquire", "truncated_gzip")
    code, out, error = ask("quarantine", "show", raw_id)
    assert (code, error) == (0, "")
    assert "truncated_gzip" in out
    assert raw_id in out
    assert all(mark.isprintable() or mark == "\n" for mark in out)
    assert len(ask("quarantine", "list", "--reason", "no_such_reason")[1].splitlines()) <= 1


def test_snapshots(ask: Call, lake: Home) -> None:
    code, out, _ = ask("snapshots", "list")
    assert code == 0
    (line,) = out.splitlines()[1:]
    assert line.split()[:2] == ["000001", "current"]
    assert str(current(lake).tables["articles"].rows) in line.split()


def test_verify_and_report(ask: Call, lake: Home) -> None:
    code, out, error = ask("verify")
    assert (code, error) == (0, "")
    assert re.search(r"\d+ files are as they were published", out)
    assert re.search(r"^\d+ documents = \d+ articles", out, re.MULTILINE)
    code, out, error = ask("report")
    assert (code, error) == (0, "")
    assert Path(out.strip()).read_text(encoding="utf-8").startswith("<!")


def test_nothing_at_all_could_be_read(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is no summary, but the reason is told."""
    landed = {"source": "a", "documents": 0, "landed": 0, "already_known": 0, "unreadable": ["a: no such folder"]}
    monkeypatch.setattr(pipeline, "run", lambda *_: ([landed], {"is_new": False}))
    code, _, error = call("run", home=tmp_path / "home")
    assert code == 1
    assert "a: no such folder" in error


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]])
def test_about(ask: Call, arguments: list[str]) -> None:
    code, out, error = ask(*arguments)
    assert (code, error) == (0, "")
    assert "newslake" in out


def process(lake: Home, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "NEWSLAKE_HOME": str(lake.root), "FORCE_COLOR": "", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "newslake.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


@pytest.mark.parametrize(
    "arguments",
    [["show", "江澜"], ["show", "0"], ["quarantine", "list"], ["snapshots", "list"], ["query", "FROM runs"]],
)
def test_piped_output_has_no_colours(lake: Home, arguments: list[str]) -> None:
    out, error = process(lake, *arguments).communicate()
    assert b"\x1b" not in out
    assert b"\x1b" not in error
    assert b"Traceback" not in error


@pytest.mark.parametrize(
    "arguments",
    [["show", "正常"], ["query", "SELECT text_as_found FROM articles WHERE url LIKE 'https://e.example/%'"]],
)
def test_no_article_commands_the_terminal(ask: Call, arguments: list[str]) -> None:
    code, out, _ = ask(*arguments)
    assert code == 0
    assert "evil" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_reader_that_stops_early(lake: Home) -> None:
    """`newslake query … | head -1`: no traceback, and no fault of the data."""
    with process(lake, "query", "--format", "csv", "SELECT a.text FROM articles a, articles b") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline() == b"text\n"
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)


@pytest.mark.parametrize("arguments", [["verify"], ["--help"], ["query", "SELECT 1"], ["snapshots", "list"]])
def test_a_reader_that_reads_nothing(lake: Home, arguments: list[str]) -> None:
    with process(lake, *arguments) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)
