"""XML from strangers: no DTD, no entities of its own, and read on where it is not well-formed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.entities import html5
from typing import Any, NamedTuple

from newslake.acquire.listing import ListingFault

_ELEMENT = re.compile(r"<[A-Za-z_]")
_DECLARES = re.compile(r"<!\s*(ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_MARKUP = re.compile(r"<(?:(!--|\?)|!([A-Za-z]*)|[^!?])")
_ENDS = {"!--": "-->", "?": "?>"}
_DOCTYPE_END = re.compile(r"""(?:[^"'\[>]++|"[^"]*+"|'[^']*+')*+([\[>])""")
_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9]*(?::[A-Za-z]+)?)(?:\s[^<>]*)?(?<!/)>")
_CDATA = ("<![CDATA[", "]]>")
_HIDING = re.compile(r"<!--|<!\[CDATA\[")
_ENTITY = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_BOMB = ("xml_declarations", "the XML declares entities or other things of its own, as bombs do")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PAGE = re.compile(
    r"\ufeff?\s*+(?:<\?xml[^>]*+>|<!--(?:(?!-->).)*+-->|\s++)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
MOST_ELEMENTS = 200_000
"""Of a document that is read as a tree: each costs a few hundred bytes, and a feed of 1,000 items has 20,000."""
MOST_ATTRIBUTES = 1_000_000
MOST_ENTITIES = 2_000_000
"""Markup within a feed's texts is often escaped: so many are one every eighth character of the largest feed."""
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


def first_element(text: str) -> int | None:
    """Where the first element begins, behind comments, instructions and a DOCTYPE; None where none does yet.

    A DOCTYPE that only names a DTD, as RSS 0.91 has, is harmless: it is not loaded.

    Raises:
        ListingFault: `xml_declarations`: the text declares entities or other things of its own before it.

    >>> first_element("<?x <a ?><!-- <b --><!DOCTYPE c '<d'><c>"), first_element("<!-- <b")
    (37, None)
    """
    place, start, has_doctype = 0, None, False
    while place >= 0 and (found := _MARKUP.search(text, place)):
        place, declared = found.end(), (found[2] or "").upper()
        if found[1]:
            end = text.find(_ENDS[found[1]], place)
            place = end + len(_ENDS[found[1]]) if end >= 0 else -1
        elif declared == "DOCTYPE":
            doctype = _DOCTYPE_END.match(text, place)
            if has_doctype or (doctype and doctype[1] == "["):
                raise ListingFault(*_BOMB)
            place, has_doctype = doctype.end() if doctype else -1, True
        elif found[2] is None:
            start = found.start()
            break
    # Also where a stricter reader would see no comment or instruction.
    if _DECLARES.search(text, 0, len(text) if start is None else start):
        raise ListingFault(*_BOMB)
    return start


class Parsed(NamedTuple):
    """A document as it was read.

    Attributes:
        text: what was given to the parser.
        is_sound: whether it was well-formed as it came; otherwise some of it may be missing.
    """

    root: Any
    text: str
    is_sound: bool


def parse(text: str, texts: frozenset[str] = frozenset()) -> Parsed:
    """A document, mended where it is not well-formed.

    Args:
        text: the document.
        texts: names of elements, as written, that hold text: where the document is not well-formed, HTML in them is
            taken for text, since it is what most often breaks feeds.

    Raises:
        ListingFault: `xml_declarations`, `too_large` where it is more than a tree should hold, or `malformed_xml`
            where there is no element at all.
    """
    text = without_declaration(_NOT_XML.sub("", text))
    if first_element(text) is None:
        raise ListingFault("malformed_xml", "there is no element in it")
    _refuse_masses(text)
    text = mended(text)
    root = _parsed(text, is_strict=True)
    if root is not None:
        return Parsed(root, text, is_sound=True)
    text = _escaped(text, texts)
    root = _parsed(text, is_strict=False)
    if root is None:
        raise ListingFault("malformed_xml", "there is no element in it")
    return Parsed(root, text, is_sound=False)


class Found:
    """How many entries begin in a text, whether the last one ends, and whether the root does: what a parser that goes on
    after mistakes does not tell.

    Args:
        root: name of the root.
        entries: names of the entries.

    >>> found = Found("a", ("b",))
    >>> found.look("<a><x:b>1</x:b><b>2")
    >>> found.begun, found.is_open, found.is_cut
    (2, True, True)
    """

    def __init__(self, root: str, entries: Sequence[str]) -> None:
        names = "|".join(map(re.escape, entries))
        self._entry = re.compile(rf"<(/?)(?:[^<>\s/:!?]+:)?(?:{names})(?=[\s/>])")
        self._end = re.compile(rf"</(?:[^<>\s/:]+:)?{re.escape(root)}\s*>")
        self.begun, self.is_open, self.is_cut = 0, False, True

    def look(self, piece: str) -> None:
        """Takes the next piece of the text, which cuts no tag."""
        piece = _visible(piece)
        for tag in self._entry.finditer(piece):
            self.is_open = not tag[1]
            self.begun += self.is_open
        if self.is_cut and self._end.search(piece):
            self.is_cut = False

    def broken(self, read: int) -> str | None:
        """Of a text that is not well-formed: what is wrong with it as a list.

        Args:
            read: how many entries the parser saw.
        """
        if self.is_cut:
            return "truncated: it breaks off before its end; what was not whole was left out"
        lost = self.begun - read
        return f"malformed_xml: {lost} entries stand where the XML is too damaged to be read" if lost > 0 else None


def _refuse_masses(text: str) -> None:
    """Refuses what is small as bytes and huge as a tree."""
    most = {"<": MOST_ELEMENTS, "=": MOST_ATTRIBUTES, "&": MOST_ENTITIES}
    if all(text.count(mark) <= allowed for mark, allowed in most.items()):
        return
    outside = _without(text, *_CDATA)
    found = {
        "elements": (sum(1 for _ in _ELEMENT.finditer(outside)), MOST_ELEMENTS),
        "attributes": (outside.count("="), MOST_ATTRIBUTES),
        "entities": (outside.count("&"), MOST_ENTITIES),
    }
    for name, (count, allowed) in found.items():
        if count > allowed:
            raise ListingFault("too_large", f"{count} {name}; {allowed} are allowed")


def _without(text: str, opening: str, closing: str) -> str:
    """A text without what stands between two marks; what is never closed goes to the end.

    By hand, since a regular expression would look for the end again from each beginning.

    >>> _without("a<!-- b -->c<!---->d<!-- e", "<!--", "-->")
    'acd'
    """
    kept, place = [], 0
    while (start := text.find(opening, place)) >= 0:
        kept.append(text[place:start])
        end = text.find(closing, start + len(opening))
        if end < 0:
            return "".join(kept)
        place = end + len(closing)
    return "".join(kept) + text[place:]


def _visible(text: str) -> str:
    """A text without comments and CDATA; one that is never closed hides nothing, since it may be what is damaged.

    >>> _visible("a<!-- <![CDATA[ -->b<![CDATA[ <!-- ]]>c<!-- d")
    'abc<!-- d'
    """
    kept, place = [], 0
    unclosed: set[str] = set()
    for opening in _HIDING.finditer(text):
        mark = opening[0]
        if opening.start() < place or mark in unclosed:
            continue
        closing = _CDATA[1] if mark == _CDATA[0] else _ENDS["!--"]
        end = text.find(closing, opening.end())
        if end < 0:
            unclosed.add(mark)
            continue
        kept.append(text[place : opening.start()])
        place = end + len(closing)
    return "".join(kept) + text[place:]


def root_name(text: str) -> str | None:
    """The name of the first element, without its prefix; None where none begins.

    >>> root_name("<?xml version='1.0'?><!-- a <b> --><s:urlset>"), root_name("words")
    ('urlset', None)

    Raises:
        ListingFault: see `first_element`.
    """
    start = first_element(text)
    found = _ROOT.match(text, start) if start is not None else None
    return found[1] if found else None


def refuse_page(text: str) -> None:
    """Refuses a web page, which is what a wrong address most often gives.

    Raises:
        ListingFault: `not_a_feed`.

    >>> refuse_page("<?xml version='1.0'?><!DOCTYPE html><html>")
    Traceback (most recent call last):
    newslake.acquire.listing.ListingFault: not_a_feed: this is a web page: use kind pages, or the feed's address
    """
    if _PAGE.match(text):
        raise ListingFault("not_a_feed", "this is a web page: use kind pages, or the feed's address")


def without_declaration(text: str) -> str:
    """From the first tag on, without `<?xml …?>`: it names a charset that text has no more."""
    text = text[max(text.find("<"), 0) :]
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text


def _parsed(text: str, is_strict: bool) -> Any:
    """The root; None where the document is not well-formed but should be, or has no element at all.

    Raises:
        ListingFault: see `refuse_excess`.
    """
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", **{**SETTINGS, "recover": not is_strict})
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    finally:
        # Where it is not strict, what was never closed may stand less deep.
        if not is_strict:
            refuse_excess(parser.error_log)


def refuse_excess(log: Any) -> None:
    """Refuses a document that libxml2 has read no further, because something in it is beyond all measure.

    Raises:
        ListingFault: `too_large`: over 256 elements inside each other, or a text of over 10 MB.
    """
    told = next((entry.message for entry in log if entry.type_name == "ERR_RESOURCE_LIMIT"), None)
    if told:
        raise ListingFault("too_large", told.partition(", ")[0])


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


def without_controls(text: str) -> str:
    """A text without the characters that XML does not have."""
    return _NOT_XML.sub("", text)


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
