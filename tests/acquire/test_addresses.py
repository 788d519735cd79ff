"""Addresses that lead inside, however they are spelt: refused before anything is sent."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acquire.server import Server, redirect

from newslake.acquire import addresses, networks
from newslake.acquire.fetch import Fetcher, FetchFailed

FORBIDDEN = [
    *("127.0.0.1", "127.0.0.1.", "127.8.9.10", "127.1", "127.0.1", "2130706433", "017700000001", "0177.0.0.1"),
    *("0x7f000001", "0x7f.0.0.1", "0X7F.1", "127.0.0.01", "00127.0.0.1", "127.0.0.0x1", "383.0.0.1", "6425673729"),
    *("0.0.0.0", "0", "0x", "0.1.2.3", "1.2.3.4.5", "8.8.8", "0x08080808"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "192.0.0.192", "198.18.0.1"),
    *("169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "0xa9.254.43518"),
    *("100.100.100.200", "168.63.129.16", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::ffff:0:127.0.0.1]", "[::ffff:8.8.8.8]", "[::ffff:169.254.169.254]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::808:808]", "[2001:0:7f00:1::1]", "[2001:db8::1]"),
    *("[fe80::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[2606:4700::1111%251]", "[fc00::1]", "[fd00:ec2::254]"),
    *("[fec0::1]", "[ff02::1]", "[100::1]", "[3fff::1]", "[4000::1]", "[5f00::1]"),
    *(
        "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
        "127\uff0e0\uff0e0\uff0e1",
        "127\uff610\uff610\uff611",
        "127。0。0。1",
        "①②⑦.⓪.⓪.①",
        "127.0.0。1",
        "169。254。169。254",
        "\uff10x7f.1",
    ),
    *("news.example:22", "news.example:6379", "9.9.9.9:11211"),
]
"""Hosts for which `forbidden_address` is said."""
NAMES = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "loc\u00adalhost",
    "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",
    "intern.example",
]
"""Names that the name server of the test says to be 127.0.0.1."""
MALFORMED = [
    *(
        "http://news.example@127.0.0.1/",
        "http://127.0.0.1@news.example/",
        "http://a:b@news.example/",
        "http://@127.0.0.1/",
    ),
    *("http://news.example:80@127.0.0.1:80/", "http://news.example@news.example@127.0.0.1/"),
    *(
        "http://news.example\\@127.0.0.1/",
        "http://127.0.0.1\\.news.example/",
        "http:\\\\127.0.0.1\\",
        "http:\\/127.0.0.1",
    ),
    *("http://1.1.1.1 &@2.2.2.2# @127.0.0.1/", "http://127.0.0.1\t/", "http://127.0.0.1\n.news.example/"),
    *(
        "http://news.example/\r\nHost: 127.0.0.1",
        "http://127.0.0.1\0.news.example/",
        "http://127.0.0.1%00.news.example/",
    ),
    *(
        "http://%31%32%37.0.0.1/",
        "http://127%2e0%2e0%2e1/",
        "http://127.0.0.1%2f@news.example/",
        "http://localhost%23/",
    ),
    *(
        "http:127.0.0.1/",
        "http:/127.0.0.1/",
        "http:///127.0.0.1/",
        "//127.0.0.1/",
        "127.0.0.1",
        "",
        "http://",
        "http://.",
    ),
    *(
        "http://localhost../",
        "http://.localhost/",
        "http://[::1/",
        "http://::1/",
        "http://[::1]x/",
        "http://[127.0.0.1]/",
    ),
    *(
        "http://[v1.a]/",
        "http://news.example:0/",
        "http://news.example:65536/",
        "http://news.example:8٠/",
        "http://a:b/",
    ),
    *("http://news.example:+80/", "http://127.0.0.1:80:80/", "http://news.example;127.0.0.1/", "http://①②⑦.⓪.⓪.①\\x/"),
    *(
        "http://xn--a/" + "/" * 8_000,
        "http://\u202e1.0.0.721/",
        "http://\u0661\u0662\u0667.0.0.1/",
        "http://" + "a" * 64 + "/",
    ),
]
OTHER_SCHEMES = [
    *(
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:6379/_INFO",
        "data:text/html,x",
    ),
    *("javascript:alert(1)", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "http+unix://%2Frun%2Fdocker.sock/info"),
    *(
        "view-source:http://127.0.0.1/",
        "jar:http://127.0.0.1!/",
        "ws://127.0.0.1/",
        "s3://bucket/key",
        "blob:http://x/",
    ),
]
CASES = [
    *((f"http://{host}/latest/meta-data/", "forbidden_address") for host in [*FORBIDDEN, *NAMES]),
    *((f"https://{host}/", "forbidden_address") for host in ("127.0.0.1", "[::1]", "localhost", "0x7f.1")),
    *((url, "malformed_url") for url in MALFORMED),
    *((url, "unsupported_scheme") for url in OTHER_SCHEMES),
]


def unwanted(address: str, port: int, seconds: float) -> socket.socket:
    raise AssertionError(f"a connection to {address} was opened")


def loopback(host: str, port: int, seconds: float) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize(("url", "reason"), CASES, ids=lambda value: ascii(value)[:60])
def test_what_leads_inside_is_refused(url: str, reason: str, tmp_path: Path) -> None:
    with (
        Fetcher("newslake/0", tmp_path, 0, resolve=loopback, connect=unwanted) as web,
        pytest.raises(FetchFailed) as caught,
    ):
        web.get(url)
    assert (caught.value.reason, caught.value.is_passing) == (reason, False)
    assert str(caught.value).isprintable()


@pytest.fixture(scope="module")
def outside() -> Iterator[Server]:
    """Stands for a site on the internet: the only host that may be asked."""
    with Server(host="127.0.0.2") as server:
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inside_is_refused(status: int, outside: Server, tmp_path: Path) -> None:
    with Server() as inside, Fetcher("newslake/0", tmp_path, 0, ["127.0.0.2"]) as web:
        outside.pages["/"] = redirect(inside.url("/secret"), status)
        with pytest.raises(FetchFailed, match="forbidden_address"):
            web.get(outside.url("/"))
        assert not inside.connections


@pytest.mark.parametrize(
    ("url", "reason"),
    [(url, reason) for url, reason in CASES if "\n" not in url and "\0" not in url and url.startswith("http://")],
    ids=lambda value: ascii(value)[:60],
)
def test_a_redirect_is_no_way_round(url: str, reason: str, outside: Server, tmp_path: Path) -> None:
    """A reason of its own where a redirect is read more leniently: blanks are percent-encoded there."""
    outside.pages["/"] = redirect(url.rstrip())
    names = {"localhost": ["127.0.0.1"]}
    with (
        Fetcher(
            "newslake/0", tmp_path, 0, ["127.0.0.2"], resolve=lambda host, *_: names.get(host, ["10.0.0.1"])
        ) as web,
        pytest.raises(FetchFailed) as caught,
    ):
        web.get(outside.url("/"))
    assert caught.value.reason in {reason, "malformed_url"}


def test_the_systems_own_names_are_looked_up_and_refused(tmp_path: Path) -> None:
    with (
        Fetcher("newslake/0", tmp_path, 0, connect=unwanted) as web,
        pytest.raises(FetchFailed, match=r"127\.0\.0\.1|::1"),
    ):
        web.get("http://localhost/")


@pytest.mark.parametrize(
    "answers", [["93.184.215.14", "127.0.0.1"], ["2606:4700::1111", "::1"], ["10.0.0.1"], ["junk"]]
)
def test_one_address_inside_among_others_is_enough(answers: list[str], tmp_path: Path) -> None:
    with (
        Fetcher("newslake/0", tmp_path, 0, resolve=lambda *_: answers, connect=unwanted) as web,
        pytest.raises(FetchFailed, match="forbidden_address"),
    ):
        web.get("http://news.example/")


@pytest.mark.parametrize(
    "text", ["9.9.9.9", "1.1.1.1", "223.5.5.5", "2606:4700::1111", "2400:3200::1", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_let_through(text: str) -> None:
    assert networks.is_global(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    ("text", "is_inside"),
    [
        ("10.1.2.3", True),
        ("::1", True),
        ("fd12::1", True),
        ("169.254.169.254", False),
        ("100.100.100.200", False),
        ("fd00:ec2::254", False),
        ("0.0.0.0", False),
        ("fe80::1", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_a_host_allowed_by_name_may_be_inside_but_never_where_credentials_are(text: str, is_inside: bool) -> None:
    target = addresses.parse("http://intern.example/")
    if is_inside:
        assert networks.judged(target, lambda *_: [text], {"intern.example"}, 1) == [text]
    else:
        with pytest.raises(FetchFailed, match="forbidden_address"):
            networks.judged(target, lambda *_: [text], {"intern.example"}, 1)
    with pytest.raises(FetchFailed, match="forbidden_address"):
        networks.judged(addresses.parse("http://other.example/"), lambda *_: [text], {"intern.example"}, 1)


@pytest.mark.parametrize("character", [":", "@", "a:@", "/", "%"])
def test_an_address_without_end_is_refused_at_once(character: str) -> None:
    for url in (f"http://h.example/{character * 1_000_000}", f"http://desk:secret{character * 1_000_000}@h.example/"):
        with pytest.raises(FetchFailed, match="malformed_url") as caught:
            addresses.parse(url)
        assert len(str(caught.value)) < 500
        assert "secret" not in str(caught.value)
