"""Header lines that only their place tells: names and publishers alone in a line, labels parted from their values."""

from __future__ import annotations

import re

from newslake.parse import wording
from newslake.parse.header import Header, read_header_line
from newslake.parse.labels import LABEL
from newslake.parse.names import is_person
from newslake.parse.outline import BY_POSITION, BY_WORDING, Outline, mark_header

# The author's name stands under the headline or its second part.
LONE_NAME_REACH = 2
MAX_LONE_NAME = 4
# A publisher's or a person's name in a line of its own, below its label.
MAX_PARTED_VALUE = 14
# Lines below the first sentence in which header lines may still stand.
SUNKEN_REACH = 6
# Labels of the index that offices print above their notices; their values name nobody.
_OF_INDEX = re.compile(
    "索引号|主题分类|信息分类|公文种类|体裁分类|发文字号|文号|有效性|主题词|公开(?:方式|形式|范围|主体)|内容分类|组配分类|服务对象"
)
_PUBLISHER = re.compile(
    "[\u4e00-\u9fff]{2,12}(?:日报|晚报|早报|晨报|都市报|商报|时报|周刊|周报|新闻网|政府网|电视台|广播电视台|融媒体中心|融媒|客户端|通讯社|新闻社)"
    "|(?:新华|人民|中新|中国新闻|央视|光明|中国经济)(?:社|网|日报)"
)


def mark_parted_labels(outline: Outline, first: int) -> None:
    """A label whose value stands in the next line: both are header."""
    above = outline.open_lines(0, first)
    for line_no in above:
        label = outline.lines[line_no]
        if (
            label[-1] not in ":："
            or LABEL.fullmatch(label) is None
            or line_no + 1 not in above
            or outline.widths[line_no + 1] > MAX_PARTED_VALUE
        ):
            continue
        value = outline.lines[line_no + 1]
        read = read_header_line(f"{label}{value}", outline.zone)
        names_somebody = (
            read.source_name or read.reporters or ((read.editor or read.responsible_editor) and is_person(value))
        )
        if read.is_header and (names_somebody or _OF_INDEX.fullmatch("".join(label[:-1].split()))):
            outline.header.add(read)
            outline.mark(line_no, "header", BY_WORDING)
            outline.mark(line_no + 1, "header", BY_POSITION)


def mark_related_above(outline: Outline, first: int) -> None:
    """Pointers to other articles that some pages put between headline and text."""
    is_related = False
    for line_no in outline.open_lines(0, first):
        line = outline.lines[line_no]
        is_related = wording.opens_related(line) or (is_related and wording.is_bulleted(line))
        if is_related:
            outline.mark(line_no, "related", BY_WORDING)


def mark_sunken_header(outline: Outline, first: int, tail: int) -> None:
    """Header lines below a headline that ends in a mark, or below a lead: up to the first long paragraph."""
    for line_no in range(first, min(first + SUNKEN_REACH, tail)):
        if outline.widths[line_no] > wording.MAX_CAPTION_WIDTH:
            return
        if outline.is_prose[line_no] or outline.kinds[line_no] is not None:
            continue
        read = outline.read_header(line_no)
        if read.printed is not None or (read.reporters and not read.photographers):
            mark_header(outline, line_no, BY_WORDING)


def mark_lone_name(outline: Outline, first: int, title_no: int | None) -> None:
    """A name alone in a line right under the headline is the author's."""
    if title_no is None:
        return
    for line_no in outline.open_lines(title_no + 1, first)[:LONE_NAME_REACH]:
        if outline.widths[line_no] > MAX_LONE_NAME + 1:
            continue
        name = "".join(outline.lines[line_no].split())
        if is_person(name):
            outline.header.add(Header(reporters=(name,), is_header=True))
            outline.mark(line_no, "header", BY_POSITION)
            return


def mark_lone_publisher(outline: Outline, first: int, title_no: int | None) -> None:
    """A publisher's name alone in a line beside a header line is the source, where no label names one."""
    if title_no is None or outline.header.source_name is not None:
        return
    for line_no in outline.open_lines(title_no + 1, first):
        beside = [outline.kinds[n] for n in (line_no - 1, line_no + 1) if n < len(outline.lines)]
        name = outline.lines[line_no].strip()
        if "header" in beside and _PUBLISHER.fullmatch(name):
            outline.header.add(Header(source_name=name, is_header=True))
            outline.mark(line_no, "header", BY_POSITION)
            return
