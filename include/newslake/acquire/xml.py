"""XML from strangers: no DTD, no entities of its own, and read on where it is not well-formed."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any

from newslake.acquire.listing import ListingFault

PROLOG_END = re.compile(r"<[A-Za-z_]")
_DECLARES = re.compile(r"<!\s*(ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_DOCTYPE_END = re.compile(r"[>\[]")
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9]*(?::[A-Za-z]+)?)(?:\s[^<>]*)?(?<!/)>")
_CDATA = ("<![CDATA[", "]]>")
_ENTITY = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CDATA_SECTION = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
MOST_ELEMENTS = 200_000
"""Of a document that is read as a tree: each costs a few hundred bytes, and a feed of 1,000 items has 20,000."""
MOST_ATTRIBUTES = 1_000_000
XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
SETTINGS: dict[str, Any] = {
    "recover": True,
    "resolve_entities": False,
    "load_dtd": False,
    "dtd_validation": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""For lxml. Not huge: libxml2 ends at 256 elements inside each other and at texts of 10 MB."""


def refuse_declarations(beginning: str) -> None:
    """Refuses a document that declares entities or other things of its own.

    A DOCTYPE that only names a DTD, as RSS 0.91 has, is harmless: it is not loaded.

    Raises:
        ListingFault: `xml_declarations`.
    """
    end = PROLOG_END.search(beginning)
    prolog = beginning[: end.start()] if end else beginning
    found = _DECLARES.search(prolog)
    _, *types = _DOCTYPE.split(prolog, maxsplit=2)
    ends = [_DOCTYPE_END.search(kind) for kind in types]
    if found or len(types) > 1 or any(mark and mark[0] == "[" for mark in ends):
        raise ListingFault("xml_declarations", "the XML declares entities or other things of its own, as bombs do")


def parse(text: str, texts: frozenset[str] = frozenset()) -> Any:
    """The root element of a document, mended where it is not well-formed.

    Args:
        text: the document.
        texts: names of elements, as written, that hold text: where the document is not well-formed, HTML in them is
            taken for text, since it is what most often breaks feeds.

    Raises:
        ListingFault: `xml_declarations`, `too_large` where it is more than a tree should hold, or `malformed_xml`
            where there is no element at all.
    """
    refuse_declarations(text)
    _refuse_masses(text)
    text = mended(without_declaration(text))
    root = _parsed(text, is_strict=bool(texts))
    if root is None:
        root = _parsed(_escaped(text, texts), is_strict=False)
    if root is None:
        raise ListingFault("malformed_xml", "there is no element in it")
    return root


def _refuse_masses(text: str) -> None:
    """Refuses what is small as bytes and huge as a tree."""
    if text.count("<") <= MOST_ELEMENTS and text.count("=") <= MOST_ATTRIBUTES:
        return
    outside = _CDATA_SECTION.sub("", text)
    elements = sum(1 for _ in PROLOG_END.finditer(outside))
    if elements > MOST_ELEMENTS or outside.count("=") > MOST_ATTRIBUTES:
        raise ListingFault(
            "too_large", f"{elements} elements; {MOST_ELEMENTS} are allowed, and {MOST_ATTRIBUTES} attributes"
        )


def root_name(text: str) -> str | None:
    """The name of the first element, without its prefix; None where none begins.

    >>> root_name("<?xml version='1.0'?><!-- a <b> --><s:urlset>"), root_name("words")
    ('urlset', None)
    """
    found = _ROOT.search(_COMMENT.sub("", text))
    return found[1] if found else None


def without_declaration(text: str) -> str:
    """From the first tag on, without `<?xml …?>`: it names a charset that text has no more."""
    text = text[max(text.find("<"), 0) :]
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _parsed(text: str, is_strict: bool) -> Any:
    """The root; None where the document is not well-formed but should be, or has no element at all."""
    from lxml import etree

    settings = {**SETTINGS, "recover": not is_strict}
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), etree.XMLParser(encoding="utf-8", **settings))
    except etree.XMLSyntaxError:
        return None


def _escaped(text: str, names: frozenset[str]) -> str:
    """Markup within the named elements becomes text; what is so already, stays.

    >>> _escaped("<a><b x='1'>1<br>2</b><b>&lt;</b><b><![CDATA[<i>]]></b></a>", frozenset({"b"}))
    "<a><b x='1'>1&lt;br>2</b><b>&lt;</b><b><![CDATA[<i>]]></b></a>"
    """
    parts, place = [], 0
    unclosed: set[str] = set()
    for tag in _OPENING.finditer(text):
        name = tag[1]
        if tag.start() < place or name not in names or name in unclosed:
            continue
        end = text.find(f"</{name}", tag.end())
        if end < 0:
            unclosed.add(name)
            continue
        inner = text[tag.end() : end]
        is_text = inner.lstrip().startswith(_CDATA[0])
        parts += [text[place : tag.end()], inner if is_text else inner.replace("<", "&lt;")]
        place = end
    return "".join(parts) + text[place:]


def mended(text: str) -> str:
    r"""Entities of HTML become their characters, and an ampersand that begins none itself, as a reader takes them.

    >>> mended("a&nbsp;b &amp; c & d?x=1&y=2 &#0; <![CDATA[ & &hellip; ]]>")
    'a\xa0b &amp; c &amp; d?x=1&amp;y=2 \ufffd <![CDATA[ & &hellip; ]]>'
    """
    text = _NOT_XML.sub("", text)
    if "&" not in text:
        return text
    outside, *rest = text.split(_CDATA[0])
    parts = [_ENTITY.sub(_replacement, outside)]
    for part in rest:
        inside, end, outside = part.partition(_CDATA[1])
        parts += [_CDATA[0], inside, end, _ENTITY.sub(_replacement, outside)]
    return "".join(parts)


def _replacement(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name in XML_ENTITIES:
        return match[0]
    if name.startswith("#"):
        number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        is_character = number <= 0x10FFFF and not _NOT_XML.match(chr(number))
        return match[0] if is_character else "\ufffd"
    character = html5.get(f"{name};")
    return character if character and character not in "<&" else f"&amp;{name};"
