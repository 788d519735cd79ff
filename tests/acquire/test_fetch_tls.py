"""Https is verified, and what identifies us goes to one host only."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.acquire.server import Reply, Server, redirect
from tests.acquire.test_fetch import fetcher

from newslake.acquire import connection
from newslake.acquire.addresses import parse
from newslake.acquire.credentials import Credentials
from newslake.acquire.fetch import FetchFailed
from newslake.errors import ConfigError

HOSTS = ["news.example", "other.example"]
SECRET = "geheim-8731"


def certificate(folder: Path, host: str, days: int = 30) -> Path:
    """A file with a key and a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(serialization.Encoding.PEM)
    path = folder / f"{host}.{days}.pem"
    path.write_bytes(pem)
    return path


def serving(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return certificate(tmp_path, "news.example")


@pytest.fixture
def server(good: Path) -> Iterator[Server]:
    with Server(tls=serving(good)) as started:
        started.add("/a", "fine")
        yield started


def place(server: Server, path: str = "/a", host: str = "news.example") -> str:
    return server.url(path).replace("127.0.0.1", host)


def trusting(path: Path, state: Path, **settings: Any) -> Any:
    context = ssl.create_default_context(cafile=str(path))
    return fetcher(state, allow_hosts=HOSTS, resolve=lambda *_: ["127.0.0.1"], tls=context, **settings)


def test_a_verified_page_comes_over_one_connection(
    server: Server, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LATE_SECONDS", 0.0)
    with trusting(good, tmp_path) as web:
        for _ in range(3):
            assert web.get(place(server)).content == b"fine"
    assert server.connections == 1


def test_who_is_not_verified_is_refused(server: Server, good: Path, tmp_path: Path) -> None:
    expired = certificate(tmp_path, "news.example", days=-1)
    with Server(tls=serving(expired)) as old, Server() as plain:
        for path, where in [
            (good, place(server, host="other.example")),
            (expired, place(old)),
            (expired, place(server)),
        ]:
            with trusting(path, tmp_path) as web, pytest.raises(FetchFailed, match="tls_failed"):
                web.get(where)
        with trusting(good, tmp_path) as web, pytest.raises(FetchFailed, match="tls_failed"):
            web.get(place(plain).replace("http:", "https:"))
        by_default = fetcher(tmp_path, allow_hosts=HOSTS, resolve=lambda *_: ["127.0.0.1"])
        with by_default as web, pytest.raises(FetchFailed, match=r"tls_failed.*CERTIFICATE_VERIFY_FAILED"):
            web.get(place(server))
        assert not server.asked() + old.asked() + plain.asked()


def test_a_handshake_without_end_meets_the_deadline(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with fetcher(tmp_path, fetch_seconds=0.3) as web, pytest.raises(FetchFailed, match="timeout"):
            web.get(url)


def answer(listening: socket.socket, context: ssl.SSLContext) -> None:
    """A page without a length to each who asks; only /whole ends with TLS's own goodbye."""
    while True:
        try:
            plain, _ = listening.accept()
        except OSError:
            return
        with context.wrap_socket(plain, server_side=True) as session:
            request = session.recv(65_536)
            if b"/robots.txt" in request:
                session.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                continue
            session.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<p>text")
            if b"/whole" in request:
                with contextlib.suppress(OSError):  # the client does not answer the goodbye
                    session.unwrap()


def test_a_page_that_ends_without_a_goodbye_is_cut_off(good: Path, tmp_path: Path) -> None:
    """Without a length, only the end of the TLS session says that a page is whole."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=answer, args=(listening, serving(good)), daemon=True).start()
        url = f"https://news.example:{listening.getsockname()[1]}"
        with trusting(good, tmp_path) as web:
            assert web.get(f"{url}/whole").content == b"<p>text"
            with pytest.raises(FetchFailed, match="truncated_body") as caught:
                web.get(f"{url}/half")
        listening.shutdown(socket.SHUT_RDWR)
    assert caught.value.content == b"<p>text"


BASIC = "Basic " + base64.b64encode(f"desk:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("connection", "header", "value"),
    [
        ({"host": "news.example", "login": "desk", "password": SECRET}, "authorization", BASIC),
        ({"host": "https://news.example/", "password": SECRET}, "authorization", f"Bearer {SECRET}"),
        ({"host": "NEWS.example", "extra": {"headers": {"X-Key": SECRET}}}, "x-key", SECRET),
    ],
)
def test_credentials_go_to_their_host_only(
    connection: dict[str, Any], header: str, value: str, server: Server, good: Path, tmp_path: Path
) -> None:
    connection = {**connection, "port": server.port}
    with Server() as other, trusting(good, tmp_path, credentials=connection) as web:
        other.add("/b", "theirs")
        server.pages["/to"] = redirect(place(other, "/b", "other.example"))
        assert web.get(place(server, "/to")).content == b"theirs"
        assert server.asked("/to")[0].headers[header] == value
        assert other.asked("/b")[0].headers.get(header) is None


@pytest.mark.parametrize(
    ("host", "port", "sent"),
    [
        ("news.example", None, ["https://news.example/a"]),
        ("https://news.example", None, ["https://news.example/a"]),
        ("news.example:8443", None, ["https://news.example:8443/a"]),
        ("news.example", 8443, ["https://news.example:8443/a"]),
        ("https://news.example:8443/", 8443, ["https://news.example:8443/a"]),
    ],
)
def test_credentials_go_to_one_port(host: str, port: int | None, sent: list[str]) -> None:
    credentials = Credentials({"host": host, "port": port, "password": SECRET})
    asked = ["https://news.example/a", "https://news.example:8443/a", "https://news.example:444/a"]
    assert [url for url in asked if credentials.headers(parse(url))] == sent


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"extra": {"headers": f"X-Key: {SECRET}"}}, "extra `headers` must be a mapping"),
        ({"password": SECRET, "port": SECRET}, "the connection's port is no number"),
    ],
)
def test_a_connection_of_the_wrong_types(connection: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        Credentials({"host": "news.example", **connection})
    assert SECRET not in str(raised.value)


def test_credentials_do_not_follow_to_another_port(tmp_path: Path) -> None:
    with Server() as one, Server() as other:
        connection = {"host": "127.0.0.1", "port": one.port, "password": SECRET}
        one.pages["/to"] = redirect(other.url("/b"))
        other.add("/b", "theirs")
        with fetcher(tmp_path, credentials=connection) as web:
            assert web.get(one.url("/to")).content == b"theirs"
        assert one.asked("/to")[0].headers["authorization"] == f"Bearer {SECRET}"
        assert "authorization" not in other.asked("/b")[0].headers


def test_credentials_are_not_sent_unencrypted_nor_told(tmp_path: Path) -> None:
    connection = {"host": "news.example", "login": "desk", "password": SECRET}
    with fetcher(tmp_path, allow_hosts=[], credentials=connection, resolve=lambda *_: ["127.0.0.1"]) as web:
        with pytest.raises(FetchFailed, match="insecure_credentials") as caught:
            web.get("http://news.example/a")
        assert (caught.value.reason, caught.value.is_passing) == ("insecure_credentials", False)
        assert SECRET not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "connection",
    [
        {"password": SECRET},
        {"host": "not a host", "password": SECRET},
        {"host": "news.example", "password": f"{SECRET}\r\nX: y"},
        {"host": "news.example", "extra": {"headers": {"X Y": SECRET}}},
    ],
)
def test_credentials_that_cannot_work_are_a_mistake_of_the_settings(connection: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        fetcher(tmp_path, credentials=connection)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "start",
    ["http://desk:", "http:\\\\desk:", "http:/desk:", "http://desk:a/", "http://desk:\n", "ftp://desk:", "http://:"],
)
def test_a_user_name_in_an_address_is_neither_used_nor_told(start: str, tmp_path: Path) -> None:
    with fetcher(tmp_path) as web, pytest.raises(FetchFailed, match=r"malformed_url|unsupported_scheme") as caught:
        web.get(f"{start}{SECRET}@127.0.0.1/")
    assert SECRET not in str(caught.value)


def test_a_basic_page_behind_a_login_says_so(server: Server, good: Path, tmp_path: Path) -> None:
    server.pages["/a"] = Reply(b"who are you?", status=401)
    with trusting(good, tmp_path) as web:
        assert web.get(place(server)).status == 401
