"""`sources.yaml`: every mistake is named with its line, and what is right is taken as it stands."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from newslake import sources
from newslake.errors import ConfigError
from newslake.sources import KINDS, FeedSource, FilesSource, PagesSource, WebSource
from newslake.sources.keys import keys

SEEDS = Path(__file__).resolve().parents[1] / "seeds" / "sources.yaml"
DOCUMENTATION = Path(__file__).resolve().parents[1] / "docs" / "sources.md"

TEN_MISTAKES = """\
contact: nobody at all
sources:
  - name: harbour
    kind: feed
    url: https://harbour.example/rss
    itmes: pages
  - name: harbour
    kind: sitemap
    url: ftp://news.example/sitemap.xml
    since: 2024-02-30
  - name: gazette
    kind: pages
    url: https://gazette.example/
    link: '(unclosed'
    timezone: Asia/Peking
    schedule: "61 * * * *"
  - name: dump
    kind: dmup
    path: agency.csv
    rights: {licence: own, may_publish: true}
"""


def found(content: str | bytes, folder: Path) -> list[tuple[int, str]]:
    path = folder / "sources.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(problem.line, str(problem)) for problem in sources.problems(path)]


def read_one(entry: str, folder: Path, top: str = "contact: crawler@news.example\n") -> Any:
    path = folder / "sources.yaml"
    path.write_text(f"{top}sources: [{entry}]\n", encoding="utf-8")
    (source,) = sources.read_sources(path).values()
    return source


def test_ten_mistakes_are_named_with_their_lines(tmp_path: Path) -> None:
    wanted = {
        1: "must be a mail address or a web address",
        6: "did you mean `items`?",
        7: "name is taken by the source in line 3",
        9: "must begin with https:// or http://",
        10: "must be a date such as 2024-01-31, not '2024-02-30'",
        14: "is not a regular expression",
        15: "must be an IANA zone such as Asia/Shanghai, not 'Asia/Peking'",
        16: "five cron fields",
        18: "did you mean `dump`?; kinds are: files, feed",
        20: "did you mean `may_publish_text`?; allowed: licence, may_publish_text",
    }
    problems = found(TEN_MISTAKES, tmp_path)
    assert [line for line, _ in problems] == list(wanted)
    for line, message in problems:
        assert message.startswith(f"line {line}: ")
        assert wanted[line] in message
    with pytest.raises(ConfigError, match="10 mistakes") as raised:
        sources.read_sources(tmp_path / "sources.yaml")
    assert all(message in str(raised.value) for _, message in problems)


FEED = "name: a, kind: feed, url: 'https://a.example/'"
FILES = "name: a, kind: files, path: in"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("just a text", "must be a mapping with name and kind"),
        ("{}", "kind is missing; kinds are: files, feed, sitemap, pages, warc, dump, bucket"),
        ("{name: a, kind: files}", "a: needs `path`: file or folder"),
        ("{name: a, kind: files, path: }", "a: needs `path`"),
        ("{name: a, kind: fils, url: x}", "a: needs `path`"),
        ("{name: a, kind: wax, ulr: x}", "kind 'wax' is unknown; kinds are"),
        ("{name: a, kind: RSS}", "kind 'RSS' is unknown, did you mean `feed`?"),
        ("{name: a, kind: bucket, url: 's3:/b'}", "must be an address such as s3://bucket/folder"),
        ("{name: a, kind: [files], path: in}", "kind ['files'] is unknown"),
        ("{name: a, kind: files, path: 'https://a.example/'}", "a: path: must be a path, not an address"),
        ("{name: a, kind: feed}", "a: needs `url`: address of the feed"),
        ("{name: a, kind: pages, url: 'https://a.example/'}", "a: needs `link`"),
        ("{name: a, kind: warc}", "a: needs `path` (a file, folder or glob) or `url`"),
        ("{name: a, kind: warc, path: x, url: 's3://b/x'}", "a: url: path and url exclude each other"),
        ("{name: a, kind: bucket, url: newsroom}", "must be an address such as s3://bucket/folder"),
        ("{name: a, kind: bucket, url: 'https://a.example/b'}", "must not be a web address"),
        ("{name: a, kind: bucket, url: 'simplecache::s3://b/c'}", "there are: s3://, s3a://"),
        (f"{{{FILES}, is_enabled: yes}}", "must be true or false, not 'yes'"),
        ("{name: a, kind: dump, path: x, fields: {headline: H}}", "'headline' is not one of our fields: url, title"),
        ("{name: a, kind: dump, path: x, fields: {title: 1}}", "title must be the name of a column"),
        ("{name: ../a, kind: files, path: in}", "may hold only a-z, 0-9, _ and -"),
        ("{name: input, kind: files, path: in}", "must not be input: that is what documents of"),
        (f"{{name: {'a' * 65}, kind: files, path: in}}", "at most 64 characters"),
        (f"{{{FILES}, match: x}}", "unknown key for this kind (it belongs to sitemap, warc)"),
        (f"{{{FILES}, is_enabled: 'no'}}", "must be true or false, not 'no'"),
        (f"{{{FILES}, language: Chinese}}", "must be a language tag such as zh"),
        (f"{{{FILES}, description: 5}}", "must be a text, not 5"),
        (f"{{{FILES}, owner: ''}}", "must not be empty"),
        (f'{{{FILES}, owner: "x\\uD800"}}', "must not hold half a character, as 'x\\ud800' does"),
        (f"{{{FILES}, rights: internal use}}", "must be a mapping with: licence, may_publish_text"),
        (f"{{{FILES}, expected: {{min: 3, max: 2}}}}", "expected: max: must not be smaller than min, which is 3"),
        (f"{{{FILES}, expected: {{min: many}}}}", "must be a whole number from 0 to 1,000,000,000, not 'many'"),
        (f"{{{FILES}, schedule: daily}}", "must be @hourly, @daily"),
        (f"{{{FILES}, schedule: '0 0 31 2 *'}}", "must be @hourly, @daily"),
        (f"{{{FILES}, schedule: '0 0 * * * *'}}", "must be @hourly, @daily"),
        (f"{{{FILES}, path: again}}", "path is there twice, first in line 2"),
        (f"{{{FEED}, items: all}}", "must be pages or content, not 'all'"),
        (f"{{{FEED}, budget_minutes: true}}", "must be a number from 0.01 to 180, not True"),
        (f"{{{FEED}, allow_hosts: intranet.example}}", "must be a list of host names"),
        (f"{{{FEED}, allow_hosts: ['http://intranet.example']}}", "without scheme, port or path"),
        (f"{{{FEED}, allow_hosts: [10.0.0.8, 169.254.169.254]}}", "can never be allowed"),
        (f"{{{FEED}, allow_hosts: [Metadata.google.internal]}}", "can never be allowed"),
        (f"{{{FEED}, allow_hosts: ['[fe80::1]']}}", "can never be allowed"),
        (f"{{{FEED}, allow_hosts: ['0.0.0.0']}}", "can never be allowed"),
        ("{name: a, kind: feed, url: 'https://a.example:port/'}", "is not an address"),
        ("{name: a, kind: feed, url: 'https:///rss'}", "must begin with https:// or http:// and a host"),
        ("{name: a, kind: feed, url: 'https://a.example/x y'}", "must be an address without spaces"),
        ("{name: a, kind: pages, link: x, url: []}", "must hold at least one address"),
    ],
)
def test_a_mistake_says_what_is_allowed(tmp_path: Path, entry: str, message: str) -> None:
    problems = found(f"contact: a@b.example\nsources: [{entry}]\n", tmp_path)
    assert any(message in told for _, told in problems), problems
    assert {line for line, _ in problems} == {2}


def test_what_stands_below_a_misspelt_key_is_checked_too(tmp_path: Path) -> None:
    problems = found("contcat: nobody\nsource:\n  - name: a\n    kind: files\n", tmp_path)
    assert [line for line, _ in problems] == [1, 1, 2, 3]


@pytest.mark.parametrize("entry", ["{name: a, kind: files, paht: x}", "{name: a, kind: dump, ulr: 's3://b/x'}"])
def test_a_misspelt_key_is_one_mistake(tmp_path: Path, entry: str) -> None:
    ((_, message),) = found(f"sources: [{entry}]", tmp_path)
    assert "did you mean `" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1: the file is empty; it needs a list `sources:`"),
        ("# nothing yet\n", "line 1: the file is empty"),
        ("- a\n", "line 1: the file must be a mapping with: contact, sources"),
        ("contact: a@b.example\n", "line 1: needs a list `sources:`"),
        ("sources: []\nsurces: [1]\n", "line 2: surces: unknown key, did you mean `sources`?"),
        ("sources:\n\t- name: a\n", "line 2: not valid YAML at column 1"),
        ("sources:\n  - name: a\n    schedule: @daily\n", "line 3: not valid YAML at column 15"),
        ('sources:\n  - link: "\\d+"\n', "put regular expressions in single quotes"),
        ("sources:\n  - name: a\n   kind: files\n", "line 3: not valid YAML at column 4"),
        ("sources: [\n", "line 2: not valid YAML"),
        ("sources: []\n---\nsources: []\n", "line 2: not valid YAML"),
        ("sources: []\n# \0\n", "line 2: not valid YAML: U+0000"),
        ("sources: " + "[" * 5_000, "nested too deeply"),
        ("sources: !!python/name:os.system x\n", "line 1: not valid YAML"),
        (f"sources: [{{{FEED}}}]\n", "line 1: contact: a asks web sites"),
        (f"sources: [{{{FEED}}}, {{{FEED.replace('a,', 'b,')}}}]\n", "line 1: contact: a asks web sites"),
    ],
)
def test_a_file_that_cannot_be_taken(tmp_path: Path, content: str, message: str) -> None:
    problems = found(content, tmp_path)
    assert len(problems) == 1, problems
    assert message in problems[0][1]


SECRET = "hunter2"
SECRET_NAMES = (
    *("token", "auth", "sig", "signature", "key", "apikey", "access_token", "accessToken", "password", "pwd"),
    *("X-Amz-Signature", "X-Goog-Credential", "client_secret", "sid"),
)


@pytest.mark.parametrize(
    "line",
    [
        f"url: https://reader:{SECRET}@a.example/rss",
        f"url: https://reader:{SECRET}@[a.example/rss",
        f"url: https://reader:{SECRET}@a.example:x/rss",
        f"url: ftp://reader:{SECRET}@a.example/rss",
        f"url: [https://reader:{SECRET}@a.example/rss]",
        f"url: https://a.example/rss?api_key={SECRET}",
        *(f"url: https://a.example/rss?page=1&{name}={SECRET}" for name in SECRET_NAMES),
        f"connection: https://reader:{SECRET}@a.example",
        f"allow_hosts: [https://reader:{SECRET}@a.example]",
        f"password: {SECRET}",
        f"token: {SECRET}",
        f"headers: {{Authorization: {SECRET}}}",
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    address = "" if line.startswith("url") else "    url: https://a.example/rss\n"
    content = f"contact: a@b.example\nsources:\n  - name: a\n    kind: feed\n{address}    {line}\n"
    problems = found(content, tmp_path)
    assert problems
    assert SECRET not in str(problems)


@pytest.mark.parametrize("value", ["https://$HOST/rss", "https://${HOST}/rss", "https://{{ conn.a.host }}/rss"])
def test_variables_are_not_filled_in(tmp_path: Path, value: str) -> None:
    ((_, message),) = found(f"contact: a@b.example\nsources: [{{name: a, kind: feed, url: '{value}'}}]", tmp_path)
    assert "name an Airflow connection in `connection`" in message


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    feed = read_one(f"{{{FEED}}}", tmp_path)
    assert isinstance(feed, FeedSource)
    assert (feed.kind, feed.items, feed.schedule, feed.is_enabled) == ("feed", "pages", "@daily", True)
    assert (feed.delay_seconds, feed.budget_minutes, feed.recheck_days) == (1.0, 30.0, 30.0)
    assert (feed.allow_hosts, feed.connection, feed.max_document_bytes) == ((), None, 16 * 2**20)
    assert (feed.rights.may_publish_text, feed.expected.min, feed.expected.max) == (False, None, None)
    assert (feed.contact, feed.urls) == ("crawler@news.example", ("https://a.example/",))


def test_values_are_taken_as_they_stand(tmp_path: Path) -> None:
    files = read_one("{name: a, kind: files, path: ../in}", tmp_path, top="")
    assert isinstance(files, FilesSource)
    assert files.path == tmp_path.parent / "in"
    pages = read_one(
        "{name: a, kind: pages, url: ['https://a.example/', 'https://b.example/'], link: '\\d$'}", tmp_path
    )
    assert isinstance(pages, PagesSource)
    assert pages.urls == ("https://a.example/", "https://b.example/")
    sitemap = read_one(
        "{name: a, kind: sitemap, url: 'https://a.example/', since: 2024-02-29, delay_seconds: 2}", tmp_path
    )
    assert (sitemap.since, sitemap.delay_seconds) == (date(2024, 2, 29), 2.0)
    dump = read_one("{name: a, kind: dump, path: d.csv, fields: {title: Headline}}", tmp_path)
    assert (dump.path, dump.fields) == (tmp_path / "d.csv", {"title": "Headline"})


def test_words_that_yaml_once_took_for_switches_are_words(tmp_path: Path) -> None:
    source = read_one("{name: off, kind: files, path: on, language: no, is_enabled: False}", tmp_path)
    assert (source.name, source.path.name, source.language, source.is_enabled) == ("off", "on", "no", False)


def test_a_source_that_is_switched_off_needs_no_contact(tmp_path: Path) -> None:
    assert read_one(f"{{{FEED}, is_enabled: false}}", tmp_path, top="").contact == ""


def test_entries_may_share_keys(tmp_path: Path) -> None:
    content = (
        "sources:\n  - &base\n    name: a\n    kind: files\n    path: a\n    owner: desk\n"
        "  - <<: *base\n    name: b\n    path: b\n    language: Chinese\n"
    )
    ((line, _),) = found(content, tmp_path)
    assert line == 10
    (tmp_path / "sources.yaml").write_text(content.replace("Chinese", "zh"))
    both = sources.read_sources(tmp_path / "sources.yaml")
    assert [(one.owner, one.path.name) for one in both.values() if isinstance(one, FilesSource)] == [
        ("desk", "a"),
        ("desk", "b"),
    ]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_the_file_is_told_not_raised(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=4,
    )
    names = st.sampled_from(sorted({key for kind in KINDS.values() for key in keys(kind)} | {"kind", "nope"}))
    entry = data.draw(st.dictionaries(names, values, max_size=6))
    if data.draw(st.booleans()):
        entry["kind"] = data.draw(st.sampled_from(sorted(KINDS)))
    content = yaml.safe_dump({"sources": [entry]}, allow_unicode=True)
    path = tmp_path_factory.mktemp("any") / "sources.yaml"
    path.write_text(data.draw(st.sampled_from([content, content[: len(content) // 2], content.replace(" ", "\t", 1)])))
    assert all(problem.line >= 1 and problem.message for problem in sources.problems(path))


def examples() -> list[str]:
    """The commented entries of the shipped file, each with its comment signs taken away."""
    parts = re.findall(r"(?:^  # (?:- | {2}).*\n)+", SEEDS.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"^  # ", "  ", part, flags=re.MULTILINE) for part in parts]


def test_the_shipped_file_has_one_example_of_each_other_kind(tmp_path: Path) -> None:
    shipped = sources.read_sources(SEEDS)
    assert [(source.name, source.kind, source.is_enabled) for source in shipped.values()] == [
        ("samples", "files", True)
    ]
    path = tmp_path / "sources.yaml"
    path.write_text("contact: crawler@newsroom.example\nsources:\n" + "".join(examples()), encoding="utf-8")
    assert [source.kind for source in sources.read_sources(path).values()] == [
        kind for kind in KINDS if kind != "files"
    ]


@pytest.mark.parametrize("number", range(6))
def test_each_example_can_be_switched_on_alone(tmp_path: Path, number: int) -> None:
    lines = SEEDS.read_text(encoding="utf-8").replace("# contact:", "contact:")
    example = examples()[number]
    commented = re.sub(r"^  ", "  # ", example, flags=re.MULTILINE)
    assert commented in lines
    path = tmp_path / "sources.yaml"
    path.write_text(lines.replace(commented, example), encoding="utf-8")
    assert len(sources.read_sources(path)) == 2


@pytest.mark.parametrize("kind", [*KINDS.values(), WebSource], ids=lambda kind: kind.__name__)
def test_every_key_is_documented_as_it_is_declared(kind: type) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    missing = [name for name, one in keys(kind).items() if f"| `{name}` | {one.metadata['about']} |" not in text]
    assert missing == []
