"""One spelling for each web address: what a page is known by, whoever links to it.

Changed are only spellings that RFC 3986 (section 6.2.2) and RFC 5891 call equal, and parameters that say where a
reader came from, or which visit it is: PHPSESSID, JSESSIONID (also behind a `;` in the path) and ASPSESSIONID…. A `sid`
stays, whatever it looks like: it may be a story's. Upper and lower case in the path, a slash at its end, and the order
of other parameters stay, too: servers may give different pages for them.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from newslake.acquire.addresses import without_dots

DEFAULT_PORTS = {"http": 80, "https": 443}
TRACKING = re.compile(
    r"utm_\w+|spm(_id_from)?|scm|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|mc_[ce]id|_hs(enc|mi)|vero_id"
    r"|share_token|share_source|isappinstalled|wfr|bd_vid|hmsr|hmpl|hmcu|hmkw|hmci|tt_from|weibo_id|nsukey|_t_t_t"
)
"""Parameters of campaigns, search engines and sharing, by name."""
FROM = re.compile(r"(single|group)message|timeline|message|wechat|weixin|weibo|qq|qzone|share\w*|rss|feed|baidu|sogou")
"""`from` and `fr` are taken out where the value names a place to share, and left alone otherwise."""
_SESSION = re.compile(r"phpsessid|jsessionid|aspsessionid\w*")
"""Parameters that name a visit: with them, each visit would find each page anew."""
_PATH_SESSION = re.compile(r";jsessionid=[^;/]*", re.IGNORECASE)
_SOUND = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:[/?#]|$)", re.IGNORECASE)
"""An address that is absolute and sound, which nearly all are; the others take longer to judge."""
_LINE_BREAK = re.compile(r" *[\t\r\n][\t\r\n ]*")
_PATH = re.compile(r"[^?#]*")
MOST_CHARACTERS = 2_000
"""Of an address: what search engines and browsers take at least; a longer one is a trap or a mistake."""
SHOWN_CHARACTERS = 200
"""Of an address in a line for people."""
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_PATH_SAFE = "/:@!$&'()*+,;=~%-._"
_QUERY_SAFE = _PATH_SAFE + "?"


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """The canonical spelling of an absolute http or https address; any other is returned without white space around it.

    >>> canonical("HTTPS://News.Example:443/a/../%7eb/%e4%bc%9a?utm_source=x&id=7&from=timeline#top")
    'https://news.example/~b/%E4%BC%9A?id=7'
    >>> canonical("http://news.example/a;jsessionid=1F.n2/b?PHPSESSID=7&id=3")
    'http://news.example/a/b?id=3'
    >>> canonical("http://新闻.example/会议.html?b=2&a=1"), canonical("http://news.example?from=3")
    ('http://xn--efvy88h.example/%E4%BC%9A%E8%AE%AE.html?b=2&a=1', 'http://news.example/?from=3')
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except (ValueError, idna.IDNAError):
        return url
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not host:
        return url
    place = host + (f":{port}" if port not in (None, DEFAULT_PORTS[scheme]) else "")
    query = _query(parts)
    return f"{scheme}://{place}{_path(parts.path)}{'?' + query if query else ''}"


def is_web(url: str) -> bool:
    """Whether an address is one of the web, with a host.

    >>> is_web("https://news.example/"), is_web("mailto:desk@news.example"), is_web("https:///a")
    (True, False, False)
    """
    if _SOUND.match(url):
        return True
    try:
        parts = urlsplit(url.strip())
        return parts.scheme.lower() in DEFAULT_PORTS and bool(parts.hostname)
    except ValueError:
        return False


def absolute(address: str | None, base_url: str) -> str | None:
    """An address seen from a page; None for what is no page of the web, or longer than MOST_CHARACTERS.

    As browsers read it (url.spec.whatwg.org): a line break within it is nobody's wish, a blank is one that was not
    escaped, and a backslash in the path a slash.

    >>> absolute("../2.html", "https://news.example/a/1.html"), absolute("mailto:desk@news.example", "https://news.example/")
    ('https://news.example/2.html', None)
    """
    if not address:
        return None
    address = _LINE_BREAK.sub("", address.strip()).replace(" ", "%20")
    if "\\" in address and (path := _PATH.match(address)):
        address = path[0].replace("\\", "/") + address[path.end() :]
    try:
        if not _SOUND.match(address):
            address = urljoin(base_url, address)
        address.encode("utf-8")
    except ValueError:  # also what cannot be encoded: half of a pair of surrogates
        return None
    return address if len(address) <= MOST_CHARACTERS and is_web(address) else None


def shown(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """An address, or what a server said, as a line for people has it: cut where it is long.

    >>> shown("https://news.example/"), shown("https://news.example/1.html", 12)
    ('https://news.example/', 'https://new…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    host = host.rstrip(".")
    return host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")


def _path(path: str) -> str:
    path = _escaped(path, _PATH_SAFE)
    if ";" in path:
        path = _PATH_SESSION.sub("", path)
    if "/." in path:
        path = without_dots(path)
    return "/" + path.lstrip("/") if path.startswith("//") or not path.startswith("/") else path


def _query(parts: SplitResult) -> str:
    kept = [one for one in parts.query.split("&") if one and not _is_tracking(*one.partition("=")[::2])]
    return _escaped("&".join(kept), _QUERY_SAFE)


def _is_tracking(name: str, value: str) -> bool:
    name = name.lower()
    if name in ("from", "fr"):
        return FROM.fullmatch(value.lower()) is not None
    return bool(TRACKING.fullmatch(name) or _SESSION.fullmatch(name))


def _escaped(text: str, safe: str) -> str:
    """Escapes in capitals and only where they are needed."""

    def spelled(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    text = _ESCAPE.sub(spelled, text)
    # A percent sign that begins no escape is one itself.
    text = re.sub(r"%(?![0-9A-F]{2})", "%25", text)
    return quote(text, safe=safe, errors="surrogatepass")
