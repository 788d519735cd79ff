"""Articles made of a text for tests of annotators: segmented as the pipeline does it, one block a line."""

from __future__ import annotations

from newslake.annotate import ANNOTATORS
from newslake.annotate.article import Article, Found, articles_of
from newslake.segment import segment
from newslake.tables import ARTICLES, BLOCKS


def article_of(
    text: str,
    *,
    language: str = "zh",
    source_name: str | None = None,
    title: str | None = None,
    place: str | None = None,
) -> Article:
    """An article of one paragraph a line."""
    blocks: list[dict[str, object]] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        blocks.append(
            {"article_id": "a", "block_no": number, "kind": "paragraph", "text": line, "start": start,
             "end": start + len(line), "published_month": "undated"}
        )  # fmt: skip
        start += len(line) + 1
    row: dict[str, object] = {
        "article_id": "a", "language": language, "script": "Hans" if language == "zh" else "Latn", "text": text,
        "reporters": [], "repairs": [], "published_month": "undated", "source_name": source_name, "title": title,
        "place": place,
    }  # fmt: skip
    articles = ARTICLES.from_rows([row])
    return next(articles_of(articles, segment(articles, BLOCKS.from_rows(blocks))))


def found_up_to(name: str, article: Article) -> Found:
    """What the annotators up to the one of this name find."""
    found = Found()
    for annotator in ANNOTATORS:
        annotator(article, found)
        found.settle()
        if annotator.__name__ == name:
            break
    return found
