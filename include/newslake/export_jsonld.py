"""Spans as W3C Web Annotations (https://www.w3.org/TR/annotation-model/), in JSON-LD, an annotation a line.

Positions count code points of `articles.text`, the restored text of what lies at the source; the quote selector leads
there in any other copy of the text. Terms of our own have the prefix `newslake:`, and are names of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from newslake import __version__
from newslake.report.annotations import Annotation

CONTEXT: Final = ["http://www.w3.org/ns/anno.jsonld", {"newslake": "urn:x-newslake:"}]
AROUND: Final = 32
"""Code points of prefix and suffix."""
PURPOSES: Final = {
    "mentions": "identifying",
    "quotes": "highlighting",
    "directives": "classifying",
    "evidence": "describing",
}
_FORBIDDEN: Final = {code: f"%{code:02X}" for code in (*range(0x21), *b'"<>\\^`{|}', 0x7F)}


def collection(
    snapshot: str, ids: Sequence[str] | None, total: int, found: Iterable[tuple[Mapping[str, Any], Annotation]]
) -> Iterator[str]:
    """A collection with one page, in pieces.

    Args:
        snapshot: its name.
        ids: the articles that were asked for; None for all.
        total: how many annotations follow.
        found: each with its article, which has article_id, version_no, url and text.
    """
    import orjson

    name = _urn("collection", snapshot, *(ids or ()))
    head = {
        "@context": CONTEXT,
        "id": name,
        "type": "AnnotationCollection",
        "label": f"newslake, snapshot {snapshot}",
        "generator": {"id": _urn("software", __version__), "type": "Software", "name": f"newslake {__version__}"},
        "total": total,
    }
    page = {"id": _urn("page", name), "type": "AnnotationPage", "partOf": name, "startIndex": 0}
    head["last"] = page["id"]
    yield orjson.dumps(head).decode()[:-1] + ',"first":' + orjson.dumps(page).decode()[:-1] + ',"items":['
    mark = "\n"
    for article, one in found:
        yield mark + orjson.dumps(annotation(article, one)).decode()
        mark = ",\n"
    yield "\n]}}\n"


def annotation(article: Mapping[str, Any], one: Annotation) -> dict[str, Any]:
    """One Web Annotation.

    Its id is made from the article, its version, the layer and the span: the same row gives the same one.

    >>> article = {"article_id": "a", "version_no": 0, "url": "https://a.example/1", "text": "临江区开会。"}
    >>> made = annotation(article, Annotation("mentions", 1, "place", 0, 3, "临江区", {"level": "district"}))
    >>> made["target"]["source"], made["target"]["selector"][0]["end"], made["body"][1]["newslake:level"]
    ('https://a.example/1', 3, 'district')
    """
    text = article["text"]
    fields = {f"newslake:{name}": _value(value) for name, value in one.fields.items()}
    return {
        "id": _urn("annotation", article["article_id"], article["version_no"], one.layer, one.kind, one.start, one.end),
        "type": "Annotation",
        "motivation": PURPOSES[one.layer],
        "body": [
            {"type": "TextualBody", "purpose": "tagging", "format": "text/plain", "language": "en", "value": one.kind},
            {
                "type": f"newslake:{one.layer}",
                "newslake:article_id": article["article_id"],
                "newslake:kind": one.kind,
                **fields,
            },
        ],
        "target": {
            "type": "SpecificResource",
            "source": iri(article["url"]),
            "selector": [
                {"type": "TextPositionSelector", "start": one.start, "end": one.end},
                {
                    "type": "TextQuoteSelector",
                    "exact": text[one.start : one.end],
                    "prefix": text[max(0, one.start - AROUND) : one.start],
                    "suffix": text[one.end : one.end + AROUND],
                },
            ],
        },
    }


def iri(address: str) -> str:
    """An address with what an IRI may not hold as escapes; Chinese characters may stand there.

    >>> iri("file:in put/要闻.jsonl#line=3"), iri("https://a.example/?a=1&b=%20")
    ('file:in%20put/要闻.jsonl#line=3', 'https://a.example/?a=1&b=%20')
    """
    return address.translate(_FORBIDDEN)


def _urn(*parts: object) -> str:
    return uuid5(NAMESPACE_URL, "\x1f".join(("newslake", *map(str, parts)))).urn


def _value(value: Any) -> Any:
    """Numbers (confidences are stored in single precision), truth values and texts, lists of them, and days as texts."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    if isinstance(value, float):
        return round(value, 6)
    return value if isinstance(value, bool | int | str) else str(value)
