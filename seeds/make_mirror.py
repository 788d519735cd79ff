"""Turns a sample text into the page of a mirror site, as such sites garble it.

The conversion is deterministic:

1. Simplified becomes Traditional (OpenCC `s2t`).
2. Fullwidth commas, colons, semicolons, brackets and plus signs become ASCII.
3. A fixed set of characters (`GLOSSED`) gets its toned pinyin behind it in ASCII brackets, at every
   occurrence; the reading is the first that pypinyin knows, right or wrong.
4. The header line loses its spaces and, where asked, takes the mirror's own time.

Call: `python seeds/make_mirror.py seeds/articles/linjiang_media/20240123_first_meeting.txt PAGE.txt
--published "2024-01-24 02:03:38"`; a page named `.html` is wrapped in the mirror's template.
"""

from __future__ import annotations

import argparse
import re
from functools import cache
from html import escape
from pathlib import Path

from opencc import OpenCC
from pypinyin import Style, pinyin

GLOSSED = frozenset("區經現調質構網協農產業轉機壓鏈體應題縣擬屬億齊")
"""Traditional characters that the mirror glosses; each differs from its Simplified form."""

ASCII_MARKS = str.maketrans({"，": ",", "：": ":", "；": ";", "（": "(", "）": ")", "＋": "+"})
HEADER_LINE = re.compile(r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?)\s*(來源.*)$")

TEMPLATE = """<!DOCTYPE html>
<html lang="zh-TW"><head><meta charset="utf-8"><title>{title}-江瀾之窗</title></head>
<body>
<div id="top"><a href="/">網站首頁</a> | <a href="/news/">新聞</a> | <a href="/about/">關于我們</a></div>
<div class="crumb">當前位置:<a href="/">首頁</a> &gt; <a href="/news/">新聞</a> &gt; 正文</div>
<h1>{title}</h1>
<div class="time">{header}</div>
<div class="content">
{body}
</div>
<div class="prev">上一篇:<a href="/news/1.html">沒有了</a> 下一篇:<a href="/news/3.html">沒有了</a></div>
<div class="foot">版權所有 江瀾之窗 技術支持:江瀾之窗編輯室</div>
</body></html>
"""


@cache
def _converter() -> OpenCC:
    return OpenCC("s2t")


@cache
def first_reading(character: str) -> str:
    """The first reading pypinyin gives, with tone mark.

    >>> first_reading("區")
    'qū'
    """
    return str(pinyin(character, style=Style.TONE, heteronym=True)[0][0])


def mirror_text(text: str, *, with_glosses: bool = True) -> str:
    """The text as a mirror shows it, line by line.

    >>> mirror_text("全区推动经济发展，走深走实。")
    '全區(qū)推動經(jīng)濟發展,走深走實。'
    >>> mirror_text("全区推动经济发展。", with_glosses=False)
    '全區推動經濟發展。'
    """
    traditional = str(_converter().convert(text)).translate(ASCII_MARKS)
    if not with_glosses:
        return traditional
    return "".join(f"{sign}({first_reading(sign)})" if sign in GLOSSED else sign for sign in traditional)


def mirror_page(text: str, *, as_html: bool = False, with_glosses: bool = True, published: str | None = None) -> str:
    """The mirror's page of a sample: title, header line, then the lines of the text.

    Args:
        text: a sample as plain text; its first line is the title, its second the header line.
        as_html: wrap the lines in the mirror's template.
        with_glosses: False for mirrors that only convert to Traditional.
        published: the mirror's own time, printed in place of the original's.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title, header, *body = (mirror_text(line, with_glosses=with_glosses) for line in lines)
    if found := HEADER_LINE.match(header):
        header = (published or found[1]) + found[2].replace(" ", "")
    if not as_html:
        return "\n".join([title, header, *body]) + "\n"
    paragraphs = "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in body)
    return TEMPLATE.format(title=escape(title, quote=False), header=header, body=paragraphs)


def main() -> None:
    """Reads a sample, writes its mirror page."""
    parser = argparse.ArgumentParser(description="Turn a sample text into the page of a mirror site.")
    parser.add_argument("text", type=Path, help="a UTF-8 text whose first two lines are title and header line")
    parser.add_argument("page", type=Path, help="where to write; a name ending in .html makes a web page")
    parser.add_argument("--published", help="the mirror's own time, YYYY-MM-DD HH:MM:SS")
    parser.add_argument("--without-glosses", action="store_true", help="convert to Traditional only")
    asked = parser.parse_args()
    page = mirror_page(
        asked.text.read_text(encoding="utf-8"),
        as_html=asked.page.suffix == ".html",
        with_glosses=not asked.without_glosses,
        published=asked.published,
    )
    asked.page.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
