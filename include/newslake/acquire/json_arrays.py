"""A JSON array of any size → its elements, as they are written in it, one after the other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator

from newslake.acquire import streams
from newslake.acquire.streams import Fault

BETWEEN = re.compile(r"[\s,]*")
ELEMENTS = json.JSONDecoder(parse_int=str, parse_float=str)
"""Tells only where an element ends: numbers are not worked out."""
_AFTER_ELEMENTS = " \t\r\n,]"
_LONGEST_WORD = 20
"""An error so near to the end of what was read may only mean that a number or word is not there yet."""


def elements(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The elements of an array that begins with the first part.

    Raises:
        Fault: `undecodable`, `malformed_json`, `truncated`, or `too_large` for an element.

    >>> list(elements([b'[{"id": 1.', b'10}, "a" ,2', b'3]']))
    [b'{"id": 1.10}', b'"a"', b'23']
    """
    text, place, wait_for = "", 0, 0
    is_open = False
    for piece in _decoded(parts):
        text, place = text[place:] + piece, 0
        if not is_open:
            place, is_open = text.index("[") + 1, True
        if len(text) < wait_for:
            continue
        while (found := _element(text, place)) is not None:
            if found[0] < 0:
                return
            yield text[found[0] : found[1]].encode("utf-8", "surrogatepass")
            place = found[1]
        # What is not whole is looked at again when there is twice as much of it: else large ones take for ever.
        wait_for = 2 * (len(text) - place)
        if len(text) - place > streams.DOCUMENT_BYTES:
            raise Fault("too_large", f"an element of over {streams.DOCUMENT_BYTES} characters")
    while (found := _element(text, place)) is not None:
        if found[0] < 0:
            return
        yield text[found[0] : found[1]].encode("utf-8", "surrogatepass")
        place = found[1]
    raise Fault("truncated", "the JSON array breaks off")


def _decoded(parts: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for part in parts:
            yield decoder.decode(part)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise Fault("undecodable", f"the JSON array is not UTF-8: {error.reason}") from None


def _element(text: str, place: int) -> tuple[int, int] | None:
    """Where the next element begins and ends; None where it is not there to its end, (-1, -1) behind the last."""
    between = BETWEEN.match(text, place)
    start = between.end() if between else place
    if start == len(text):
        return None
    if text[start] == "]":
        return -1, -1
    try:
        end = ELEMENTS.raw_decode(text, start)[1]
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated string") or _is_near_end(text, error.pos):
            return None
        raise Fault("malformed_json", f"{error.msg} in the element {text[start : start + 40]!r}") from None
    except RecursionError:
        raise Fault("malformed_json", "an element is nested too deeply") from None
    if end < len(text) and text[end] in _AFTER_ELEMENTS:
        return start, end
    if _is_near_end(text, end):  # A number may go on in the next part.
        return None
    raise Fault("malformed_json", f"no comma behind the element {text[start : start + 40]!r}")


def _is_near_end(text: str, place: int) -> bool:
    return len(text[place:].strip()) <= _LONGEST_WORD
