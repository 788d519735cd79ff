"""Pages a second and F1 of extraction, beside trafilatura and magic-html where these can be imported, in one run.

Below, megabytes of pages a second through `clean` and `parse`: from bytes to articles and blocks.

    NEWSLAKE_MEASURE_DATA=FOLDER PYTHONPATH=include:tests/quality python bench/pages.py

Takes the least processor time of three passes over the same decoded pages.
"""

from __future__ import annotations

import logging
import resource
import time
from collections.abc import Callable, Sequence
from statistics import mean
from typing import Any

import pyarrow as pa
from extraction import half_of, measured_pages, raw_documents, text_score

from newslake.clean import clean
from newslake.clean.careful import close_worker
from newslake.clean.decode import decode
from newslake.clean.extract import extract
from newslake.clean.lines import split_lines
from newslake.errors import ArticleRejected
from newslake.parse import parse

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

        from newslake.clean.walk import read_page

        magic = GeneralExtractor()

        def with_magic(html: str) -> list[str]:
            try:
                body = magic.extract(html)["html"]
            except ValueError:  # Its answer to pages that it cannot read.
                return []
            return [line.text for line in read_page(turbohtml.parse(body or "<p>")).lines]

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


def print_rates(pages: Sequence[dict[str, Any]]) -> None:
    """Prints how fast pages become articles and blocks, each set and all of them; decoding and repairs are in it."""
    print(f"\n{'pages':18}{'MB':>9}{'clean MB/s':>12}{'parse MB/s':>12}{'both MB/s':>12}")
    for chosen in (*sorted({page["set"] for page in pages}), None):
        some = [page for page in pages if chosen in (page["set"], None)]
        raw = raw_documents(some)
        megabytes = sum(len(page["html"]) for page in some) / 1e6
        clean_seconds, parse_seconds = zip(*(stage_seconds(raw) for _ in range(PASSES)), strict=True)
        clean_rate, parse_rate = megabytes / min(clean_seconds), megabytes / min(parse_seconds)
        both = megabytes / (min(clean_seconds) + min(parse_seconds))
        print(f"{chosen or 'all':18}{megabytes:9.1f}{clean_rate:12.1f}{parse_rate:12.1f}{both:12.1f}")


def stage_seconds(raw: pa.Table) -> tuple[float, float]:
    """Processor time of `clean` and of `parse`."""
    begin = processor_seconds()
    cleaned, _ = clean(raw)
    close_worker()
    between = processor_seconds()
    parse(cleaned, {})
    return between - begin, processor_seconds() - between


def main() -> None:
    pages = measured_pages()
    decoded = [text_of(page["html"]) for page in pages]
    sets = sorted({page["set"] for page in pages})
    print(f"{'extractor':18}{'pages/s':>9}  " + "".join(f"{name:>28}" for name in sets))
    for name, extractor in {"newslake": newslake, **others()}.items():
        seconds = []
        for _ in range(PASSES):
            begin = processor_seconds()
            extracts = [extractor(html) for html in decoded]
            close_worker()
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

    print_rates(pages)


if __name__ == "__main__":
    main()
