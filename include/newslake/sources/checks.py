"""What a value in `sources.yaml` may be: each check gives the value as the program wants it, or says what is allowed."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newslake.sources import inside, patterns

Check = Callable[[Any], Any]
"""Takes what stands in the file, gives what the source holds; ValueError says what is allowed."""

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
MOST_NAME_CHARACTERS = 64
INPUT = "input"
PASSWORD = re.compile(r"://[^/\s]*@")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
CONNECTION = re.compile(r"[A-Za-z0-9_.-]+")
HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""YAML makes one of an escape such as \\ud83d; it cannot be written as UTF-8."""
VARIABLE = re.compile(r"\$\{?[A-Za-z_]|\{\{")
SECRET_PARAMETER = re.compile(
    r"(.*[._-])?(pass(word|wd|phrase)?|pwd|secret|token|(api|access|subscription)?key|auth(orization)?|jwt|bearer"
    r"|sig(nature)?|credentials?|(access|auth|api|refresh|security)token|clientsecret|session_?id|sid)",
    re.IGNORECASE,
)
"""Parameters of an address whose value lets somebody in; also with words before, as in X-Amz-Signature."""
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]+\]?")
OUR_FIELDS = (
    "url", "title", "deck", "text", "html", "author", "editor", "source_name", "published_at", "place", "language"
)  # fmt: skip
"""What a record can say; `clean/record.py` reads them."""
STORES = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "file", "memory", "hdfs", "sftp")
"""Schemes of stores; http is none, since fsspec would follow any address and redirect."""
NO_CREDENTIALS = (
    "credentials do not belong into this file: name an Airflow connection in `connection` instead, "
    "see docs/sources.md#connections"
)
_short = reprlib.Repr()
_short.maxstring, _short.maxother, _short.maxlevel = 60, 60, 2


def shown(value: object) -> str:
    """A value for a message: cut where it is long or deep, and without what may be a password."""
    return PASSWORD.sub("://…@", _short.repr(value))


def text(value: Any) -> str:
    """A text that is not empty and stands for itself."""
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {shown(value)}; put it in quotes")
    if not value.strip():
        raise ValueError("must not be empty")
    if HALF_CHARACTER.search(value):
        raise ValueError(f"must not hold half a character, as {shown(value)} does")
    if VARIABLE.search(value):
        raise ValueError(f"variables such as $NAME are not filled in here; {NO_CREDENTIALS}")
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


def whole(least: int, most: int) -> Check:
    """A whole number within limits."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least:,} to {most:,}, not {shown(value)}")
        return value

    return check


def number(least: float, most: float) -> Check:
    """A number within limits."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"must be a number from {least:g} to {most:,g}, not {shown(value)}")
        return float(value)

    return check


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}, not {shown(value)}")
        return str(value)

    return check


def name(value: Any) -> str:
    """A source's name: it becomes part of file names."""
    if not isinstance(value, str) or not NAME.fullmatch(value) or len(value) > MOST_NAME_CHARACTERS:
        raise ValueError(
            f"may hold only a-z, 0-9, _ and -, begins with a letter or digit, and has at most {MOST_NAME_CHARACTERS} "
            f"characters, unlike {shown(value)}"
        )
    if value == INPUT:
        raise ValueError(f"must not be {INPUT}: that is what documents of `newslake run --input` are filed under")
    return value


def language(value: Any) -> str:
    """A language tag (BCP 47)."""
    if not isinstance(value, str) or not LANGUAGE.fullmatch(value):
        raise ValueError(f"must be a language tag such as zh, zh-Hant or en, not {shown(value)}")
    return value


def zone(value: Any) -> str:
    """An IANA time zone."""
    try:
        ZoneInfo(text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"must be an IANA zone such as Asia/Shanghai, not {shown(value)}") from None
    return str(value)


def day(value: Any) -> date:
    """A calendar day."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"must be a date such as 2024-01-31, not {shown(value)}") from None


def pattern(value: Any) -> str:
    """A regular expression of RE2; see `patterns`."""
    expression: str = text(value)
    try:
        patterns.finder(expression)
    except ValueError as error:
        raise ValueError(f"{error}; it was {shown(value)}") from None
    return expression


def path(value: Any) -> Path:
    """A path; who reads the file makes it absolute."""
    if "://" in text(value):
        raise ValueError("must be a path, not an address; addresses belong into `url`")
    if "\0" in value:
        raise ValueError("must not hold a NUL character")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError(f"there is no such user's home: {shown(value)}") from None


def _split(value: Any) -> SplitResult:
    if re.search(r"[\s\x00-\x1f]", text(value)):
        raise ValueError("must be an address without spaces")
    # Neither the errors, which quote it, nor the value are shown until it is known to hold no password.
    try:
        parts: SplitResult = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("is not an address: its host or port cannot be read") from None
    if parts.username is not None or any(SECRET_PARAMETER.fullmatch(key) for key, _ in parse_qsl(parts.query)):
        raise ValueError(NO_CREDENTIALS)
    return parts


def web_address(value: Any) -> str:
    """An http or https address without credentials."""
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"must begin with https:// or http:// and a host, unlike {shown(value)}")
    return str(value)


def web_addresses(value: Any) -> tuple[str, ...]:
    """One such address, or a list of them."""
    if not isinstance(value, list):
        return (web_address(value),)
    if not value:
        raise ValueError("must hold at least one address")
    return tuple(web_address(one) for one in value)


def store_address(value: Any) -> str:
    """An address that fsspec can open: s3://bucket/prefix and others."""
    parts = _split(value)
    if parts.scheme in ("http", "https"):
        raise ValueError(
            "must not be a web address: feed, sitemap and pages ask web sites; fetch an archive beforehand"
        )
    if parts.scheme not in STORES or "://" not in value or not (parts.netloc or parts.path.strip("/")):
        schemes = ", ".join(f"{scheme}://" for scheme in STORES)
        raise ValueError(f"must be an address such as s3://bucket/folder, not {shown(value)}; there are: {schemes}")
    return str(value)


def contact(value: Any) -> str:
    """How the owners of a site reach the crawler's: a mail address or a page."""
    if "://" in text(value):
        return web_address(value)
    if not re.fullmatch(r"[^\s@()<>]+@[^\s@()<>]+\.[^\s@()<>]+", value):
        raise ValueError(f"must be a mail address or a web address, not {shown(value)}")
    return str(value)


def hosts(value: Any) -> tuple[str, ...]:
    """A list of host names or addresses, without scheme, port or path."""
    if not isinstance(value, list):
        raise ValueError(f"must be a list of host names, such as [archive.example], not {shown(value)}")
    for one in value:
        if not isinstance(one, str) or not HOST.fullmatch(one):
            raise ValueError(f"must hold host names without scheme, port or path, unlike {shown(one)}")
        if not inside.may_be_allowed(one.strip("[]").lower()):
            raise ValueError(
                f"{shown(one)} can never be allowed: it is where a cloud hands out credentials, link-local, "
                "or no single host"
            )
    return tuple(one.strip("[]").lower() for one in value)


def columns(value: Any) -> dict[str, str]:
    """Names of our fields, each with the name of their column."""
    if not isinstance(value, dict) or not value:
        raise ValueError("must be a mapping of our fields to their columns, such as {title: Headline, text: Body}")
    for ours, theirs in value.items():
        if ours not in OUR_FIELDS:
            raise ValueError(f"{shown(ours)} is not one of our fields: {', '.join(OUR_FIELDS)}")
        if not isinstance(theirs, str) or not theirs:
            raise ValueError(f"{ours} must be the name of a column, not {shown(theirs)}")
    return dict(value)


def connection(value: Any) -> str:
    """The name of an Airflow connection."""
    if not isinstance(value, str) or not CONNECTION.fullmatch(value):
        raise ValueError("must be the name of an Airflow connection (letters, digits, _ . -), and nothing secret")
    return value


def schedule(value: Any) -> str:
    """A cron expression of five fields, or one of its names."""
    from croniter import CroniterError, croniter

    advice = "must be @hourly, @daily, @weekly, @monthly or five cron fields such as '30 6 * * 1-5' (UTC)"
    if not isinstance(value, str) or (not value.startswith("@") and len(value.split()) != 5):
        raise ValueError(f"{advice}, not {shown(value)}")
    try:
        # A day that never comes, such as 31 February, is only noticed when the next one is asked for.
        croniter(value).get_next()
    except (CroniterError, ValueError, KeyError):
        raise ValueError(f"{advice}, not {shown(value)}") from None
    return value
