"""Pages a second and F1 of extraction, beside trafilatura and magic-html where these can be imported, in one run.

    NEWSLAKE_MEASURE_DATA=FOLDER PYTHONPATH=include:tests/quality python bench/pages.py

Takes the least processor time of three passes over the same decoded pages.
"""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable
from statistics import mean

from extraction import half_of, measured_pages, text_score

from newslake.clean.decode import decode
from newslake.clean.extract import extract
from newslake.clean.lines import split_lines
from newslake.errors import ArticleRejected

PASSES = 3
NO_TEXT = ("title", "header", "caption", "comment", "related")


def newslake(html: str) -> list[str]:
    """The lines that are text by their hints alone: what `parse` adds is not part of extraction."""
    try:
        document = extract(html)
    except ArticleRejected:
        return []
    return [line for line, hint in zip(document.lines, document.hints, strict=True) if hint not in NO_TEXT]


def others() -> dict[str, Callable[[str], list[str]]]:
    """The other extractors that are installed."""
    found: dict[str, Callable[[str], list[str]]] = {}
    logging.disable(logging.CRITICAL)
    try:
        import trafilatura

        found["trafilatura"] = lambda html: split_lines(trafilatura.extract(html) or "")
        found["trafilatura fast"] = lambda html: split_lines(trafilatura.extract(html, fast=True) or "")
    except ImportError:
        pass
    try:
        import turbohtml
        from magic_html import GeneralExtractor

        from newslake.clean.page import page_lines

        magic = GeneralExtractor()

        def with_magic(html: str) -> list[str]:
            try:
                body = magic.extract(html)["html"]
            except ValueError:  # Its answer to pages that it cannot read.
                return []
            return [line.text for line in page_lines(turbohtml.parse(body or "<p>"))]

        found["magic-html"] = with_magic
    except ImportError:
        pass
    return found


def text_of(data: bytes) -> str:
    """The page as `clean` decodes it, or as well as it goes: the others take what `clean` refuses."""
    try:
        return decode(data, None).text
    except ArticleRejected:
        return data.decode("utf-8", "replace")


def processor_seconds() -> float:
    """Of this process and of its workers, which are counted when they have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def main() -> None:
    from newslake.clean.careful import close_workers

    pages = measured_pages()
    decoded = [text_of(page["html"]) for page in pages]
    sets = sorted({page["set"] for page in pages})
    print(f"{'extractor':18}{'pages/s':>9}  " + "".join(f"{name:>28}" for name in sets))
    for name, extractor in {"newslake": newslake, **others()}.items():
        seconds = []
        for _ in range(PASSES):
            begin = processor_seconds()
            extracts = [extractor(html) for html in decoded]
            close_workers()
            seconds.append(processor_seconds() - begin)
        cells = []
        for chosen in sets:
            scores = {
                half: [
                    text_score(lines, page["text"])
                    for lines, page in zip(extracts, pages, strict=True)
                    if page["set"] == chosen and half in (half_of(page), "all")
                ]
                for half in ("all", "open", "blind")
            }
            cells.append(f"{mean(scores['all']):.3f} ({mean(scores['open']):.3f}, {mean(scores['blind']):.3f})")
        print(f"{name:18}{len(pages) / min(seconds):9.1f}  " + "".join(f"{cell:>28}" for cell in cells))


if __name__ == "__main__":
    main()
