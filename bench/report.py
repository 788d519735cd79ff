"""Opens a report in Chromium, page by page: how fast, how large, and what is wrong with it.

    NEWSLAKE_HOME=/tmp/large newslake report
    python bench/report.py /tmp/large/reports [ARTICLES]

prints for every page of the menu, and for some of the articles (20), the milliseconds until it can be used, the bytes of all
that it loads, what the console said, requests to elsewhere, and serious faults that axe finds; then links that lead nowhere,
of all pages. It ends with 1 where something is wrong, or a page needs 2 s or 2 MB.
"""

from __future__ import annotations

import re
import shutil
import sys
from os.path import normpath
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

MOST_BYTES, MOST_MILLISECONDS = 2_000_000, 2_000
READY = "() => !document.getElementById('register-data') || document.documentElement.classList.contains('ready')"


def visit(browser: Browser, folder: Path, path: Path) -> bool:
    """Prints a line for a page, and whether all is well with it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_function(READY)
    milliseconds = round(page.evaluate("performance.now()"))
    wrong += [f"asks for {url}" for url in asked if not url.startswith((folder.as_uri(), "data:"))]
    size = sum(Path(unquote(url.removeprefix("file://"))).stat().st_size for url in asked if url.startswith("file:"))
    # Axe itself asks for the style sheet once more, in vain.
    said = list(wrong)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    said += [f"axe: {one['id']}" for one in found if one["impact"] in ("serious", "critical")]
    print(f"{path.relative_to(folder)!s:32}{milliseconds:6} ms{size:12,} bytes  {'; '.join(said) or 'nothing wrong'}")
    context.close()
    return not said and size < MOST_BYTES and milliseconds < MOST_MILLISECONDS


def broken(folder: Path, pages: list[Path]) -> list[str]:
    """Links within the report that lead nowhere."""
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    ids = {path: set(re.findall(r'\bid="([^"]+)"', text)) for path, text in texts.items()}
    found = []
    for path, text in texts.items():
        for link in set(re.findall(r'<a\b[^>]*\bhref="([^"]*)"', text)):
            file, _, anchor = link.partition("#")
            if re.match(r"https?:", link):
                continue
            target = Path(normpath(path.parent / unquote(file))) if file else path
            is_there = target.exists() and (not anchor or anchor.startswith("?") or anchor in ids.get(target, ()))
            found += [] if is_there else [f"{path.relative_to(folder)}: {link}"]
    return found


def main() -> None:
    """Visits the pages."""
    folder = Path(sys.argv[1]).absolute()
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    articles = sorted((folder / "articles").glob("*.html"), key=lambda path: path.stat().st_size, reverse=True)
    shown = articles[:: max(len(articles) // most, 1)][:most]
    menu = sorted(folder.glob("*.html"))
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        good = [visit(browser, folder, path) for path in (*menu, *shown)]
        browser.close()
    nowhere = broken(folder, [*menu, *articles])
    print(f"{len(menu) + len(articles):,} pages, {len(nowhere)} links that lead nowhere", *nowhere[:20], sep="\n")
    sys.exit(not all(good) or bool(nowhere))


if __name__ == "__main__":
    main()
