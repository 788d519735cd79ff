"""Web addresses taken apart: http and https, and spelt plainly, so that nobody else reads another host in them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, urljoin

from newslake.acquire.answers import FetchFailed
from newslake.errors import ConfigError

URL_CHARACTERS = 8_000
"""Longest address asked for: what RFC 9110 (4.1) recommends that servers take."""
DEFAULT_PORTS = {"http": 80, "https": 443}
SHOWN_CHARACTERS = 200
"""Of an address in a message."""
OTHER_PROTOCOLS = frozenset(
    {1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109}
    | {110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530}
    | {531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045}
    | {4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211}
)
"""Ports that speak something else: the "bad ports" of the Fetch standard, and the caches Redis and memcached."""

_UNPLAIN = re.compile(r"[\x00-\x20\x7f\\]")
_SPLIT = re.compile(r"(?i)(?P<scheme>[a-z][a-z0-9+.-]*):(?://(?P<authority>[^/?#]*))?(?P<target>[^#]*)(?:#.*)?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart.

    Attributes:
        host: name in ASCII, lower case, without a final dot; or an IP address without brackets.
        path: path and query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.path


def parse(url: str) -> Target:
    """An address taken apart, if it is spelt plainly.

    Raises:
        FetchFailed: `unsupported_scheme`, `malformed_url`, or `forbidden_address` for a number that is not written
            as four decimal parts, and for ports of other protocols.

    >>> parse("HTTP://News.Example:80/a b".replace(" ", "%20")).url
    'http://news.example/a%20b'
    >>> parse("https://新闻.example/章?题=一#x").url
    'https://xn--efvy88h.example/%E7%AB%A0?%E9%A2%98=%E4%B8%80'
    """
    match = _SPLIT.fullmatch(url) if len(url) <= URL_CHARACTERS and not _UNPLAIN.search(url.strip(" ")) else None
    if match is None:
        raise _malformed(url, "has blanks, control characters or backslashes, is too long, or has no scheme")
    scheme = match["scheme"].lower()
    if scheme not in DEFAULT_PORTS:
        raise FetchFailed("unsupported_scheme", f"{_shown(url)}: only http and https are fetched", is_passing=False)
    authority = match["authority"] or ""
    if "@" in authority:
        raise _malformed(url, "holds a user name or password; name a connection in sources.yaml instead")
    host, port = _host_and_port(url, authority, scheme)
    path = match["target"].strip(" ")
    path = path if path.startswith("/") else f"/{path}"
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise _malformed(url, "holds half a character") from None
    return Target(scheme, host, port, without_dots(quote_from_bytes(data, _KEPT)))


def without_dots(path: str) -> str:
    """The path that a server sees behind `.` and `..` (RFC 3986, 5.2.4), so that robots.txt is asked about that one.

    >>> without_dots("/open/%2E%2e/private/./a?b=/../c"), without_dots("/../a/..")
    ('/private/a?b=/../c', '/')
    """
    path, mark, query = path.partition("?")
    segments = path.split("/")[1:]
    kept: list[str] = []
    for number, segment in enumerate(segments):
        dots = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if dots == "..":
            kept = kept[:-1]
        if dots not in (".", ".."):
            kept.append(segment)
        elif number == len(segments) - 1:
            kept.append("")
    return f"/{'/'.join(kept)}{mark}{query}"


def joined(base: Target, location: bytes) -> Target:
    """Where a redirect leads.

    Args:
        base: what was asked for.
        location: the header's bytes; blanks and bytes beyond ASCII are taken as meant to be percent-encoded.

    Raises:
        FetchFailed: as `parse`.

    >>> joined(parse("http://news.example/a/b"), "../章".encode("gbk")).url
    'http://news.example/%D5%C2'
    """
    text = location.strip().decode("utf-8", "surrogateescape").replace(" ", "%20")
    if _UNPLAIN.search(text):
        raise _malformed(text, "has control characters or backslashes")
    try:
        return parse(text if _SCHEME.match(text) else urljoin(base.url, text))
    except ValueError as error:
        raise _malformed(text, f"is no address ({error})") from None


_KEPT = "/?%:@!$&'()*+,;=-._~[]|"


def _host_and_port(url: str, authority: str, scheme: str) -> tuple[str, int]:
    host, port = authority, ""
    if authority.startswith("["):
        host, bracket, rest = authority[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _malformed(url, "has a broken IPv6 address")
        port = rest[1:]
    elif ":" in authority:
        host, _, port = authority.partition(":")
    if port and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65_536):
        raise _malformed(url, "has no valid port")
    number = int(port) if port else DEFAULT_PORTS[scheme]
    if number in OTHER_PROTOCOLS:
        raise FetchFailed("forbidden_address", f"{_shown(url)}: port {number} is of another protocol", is_passing=False)
    return (_ipv6(url, host) if authority.startswith("[") else _name(url, host)), number


def _ipv6(url: str, host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        raise _malformed(url, "has a broken IPv6 address") from None
    if address.scope_id is not None:
        raise FetchFailed("forbidden_address", f"{_shown(url)}: a zone leads into a local network", is_passing=False)
    return str(address)


def _name(url: str, host: str) -> str:
    """A name in ASCII, or an IPv4 address. What a browser would read as a number has to be written as one."""
    if not host.isascii() and len(host) <= 253:
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise _malformed(url, f"has a host that is no international name ({error})") from None
    host = host.lower().removesuffix(".")
    if not _NAME.fullmatch(host):
        raise _malformed(url, "has no valid host")
    if _NUMERIC.fullmatch(host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            detail = f"{_shown(url)}: a numeric host has to be written as four decimal parts"
            raise FetchFailed("forbidden_address", detail, is_passing=False) from None
    return host


def host_name(host: str) -> str:
    """A host as `Target.host` has it, from a setting: a name, an IP address, or an address on it.

    Raises:
        ConfigError: it is no host.

    >>> host_name("LocalHost"), host_name("::1"), host_name("https://news.example/feed")
    ('localhost', '::1', 'news.example')
    """
    return host_and_port(host)[0]


def host_and_port(host: str) -> tuple[str, int | None]:
    """The same, and the port where the setting states one.

    Raises:
        ConfigError: it is no host.

    >>> host_and_port("news.example:8443"), host_and_port("https://news.example/feed"), host_and_port("http://[::1]:81")
    (('news.example', 8443), ('news.example', None), ('::1', 81))
    """
    if "//" not in host:
        host = f"http://[{host}]" if host.count(":") > 1 and not host.startswith("[") else f"http://{host}"
    try:
        target = parse(host)
    except FetchFailed as failure:
        raise ConfigError(f"{failure.detail}; state a host's name or IP address") from None
    match = _SPLIT.fullmatch(host)
    is_stated = match is not None and re.search(r":\d+$", match["authority"] or "") is not None
    return target.host, target.port if is_stated else None


def _malformed(url: str, what: str) -> FetchFailed:
    return FetchFailed("malformed_url", f"{_shown(url)} {what}", is_passing=False)


def _shown(url: str) -> str:
    """An address for a message: short, printable, and without anything that may be a password."""
    # By hand, since a regular expression would look again from each colon: a link may have millions of them.
    scheme, colon, rest = url.partition(":")
    _, at, behind = rest.rpartition("@")
    plain = f"{scheme}{colon}…@{behind[:SHOWN_CHARACTERS]}" if at else url
    shown = plain[:SHOWN_CHARACTERS]
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)
