"""Header and tail lines: the labels of source, editor, reporter and date, glued or spaced."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newslake.parse.dateline import read_dateline, read_english_byline, split_english_names, split_names
from newslake.parse.dates import PrintedTime, find_printed_time
from newslake.parse.labels import LABEL, LABEL_MARK, field_of, strip_label

# Without one of these no rule below can make a header of a line; most lines have none, and are let go at once.
# It begins with a character and looks around it: the engine then tries few places.
_TRACE = re.compile(
    r"[:：﹕/／者员文12１２](?:(?<=[:：﹕/／])|(?<=[记作]者)|(?<=通讯员)|(?<=撰文)"
    r"|(?:(?<=1)9|(?<=2)0)\d{2}|(?<=[１２])[０９][０-９]{2})"
)
_BY = re.compile(r"\W*[Bb][Yy]\b")
_DATE_WORDS = re.compile(
    r"^(?:published|posted|updated|last updated|first published)(?:\s+(?:on|at))?\s+", re.IGNORECASE
)
_EDGES = " \t\u3000|｜/·•-—_【】[]()（）<>《》,，;；、"
_VALUE_END = re.compile(r"\s{2,}|[|｜\t【\[]|\u3000|\s(?=[\d(（])|我要评论|我来说两句|字号|分享到|参与互动|打印")
# What is left of broken markup is nobody's name.
_CODE = re.compile(r"[<>={}]|&\w+;")
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)[A-Za-z0-9./_-]+?(?=(?:19|20)\d{2}[-年/]|[^A-Za-z0-9./_-]|$)")
# Words by which a publisher is known where no label says so: "2024年2月20日 18:03 某某晚报".
_PUBLISHER = re.compile(
    r"[\u4e00-\u9fffA-Za-z·]{2,16}?(?:网|报|社|在线|频道|电视台|广播|中心|客户端|周刊|杂志|发布|新闻|论坛)(?=[\s|(（\[【]|$|我要|字号|评论)"
)
_SENTENCE_INSIDE = re.compile(r"[。！？!?；]")
# A value that is longer is a sentence, not a name.
MAX_VALUE = 40
MAX_HEADER_LINE = 200


@dataclass(slots=True)
class Header:
    """What the header and tail lines of a page say; None or empty where they do not.

    Attributes:
        printed: the publication time, else the unlabelled one, else the time of update.
        is_header: whether the line read is a header line at all.
    """

    source_name: str | None = None
    editor: str | None = None
    responsible_editor: str | None = None
    reporters: tuple[str, ...] = ()
    place: str | None = None
    published: PrintedTime | None = None
    unlabelled: PrintedTime | None = None
    updated: PrintedTime | None = None
    is_header: bool = False

    @property
    def printed(self) -> PrintedTime | None:
        """The time that best says when the page was published."""
        return self.published or self.unlabelled or self.updated

    def add(self, other: Header, *, is_footer: bool = False) -> None:
        """Takes from a later line what is still missing; a bare date below the text is not the page's."""
        self.source_name = self.source_name or other.source_name
        self.editor = self.editor or other.editor
        self.responsible_editor = self.responsible_editor or other.responsible_editor
        self.reporters = tuple(dict.fromkeys(self.reporters + other.reporters))
        self.place = self.place or other.place
        self.published = self.published or other.published
        if not is_footer:
            self.unlabelled = self.unlabelled or other.unlabelled
        self.updated = self.updated or other.updated


# Says nothing; only ever read.
NO_HEADER = Header()


def read_header_line(line: str, zone: str, *, is_marked: bool = False) -> Header:
    """Reads one line as a header or tail line.

    A line is one when it consists of labels with short values, of a date with little beside it, or of a
    byline. Sentences are left alone, also those with a label in them (an interview's "记者:您怎么看?").

    Args:
        line: a repaired line (Simplified).
        zone: IANA zone of times printed without one.
        is_marked: whether markup says that it is one; then what else stands in it is passed over.

    >>> header = read_header_line("2024-02-20 02:03:38来源:某区融媒体中心编辑:李明责任编辑:", "Asia/Shanghai")
    >>> header.source_name, header.editor, header.responsible_editor
    ('某区融媒体中心', '李明', None)
    >>> read_header_line("记者:您怎么看这个问题?", "Asia/Shanghai").is_header
    False
    """
    if len(line) > MAX_HEADER_LINE or (_TRACE.search(line) is None and _BY.match(line) is None):
        return NO_HEADER
    header = Header()
    labels = list(LABEL.finditer(line)) if LABEL_MARK.search(line) else []
    lead = line[: labels[0].start()] if labels else line
    is_lead_fit = _read_lead(lead, zone, header, alone=not labels)
    if not labels:
        header.is_header = is_lead_fit
        return header
    ends = [label.start() for label in labels[1:]] + [len(line)]
    values = [line[label.end() : end] for label, end in zip(labels, ends, strict=True)]
    if not is_marked and not (is_lead_fit and _are_values(labels, values)):
        return Header()
    header.is_header = True
    for label, value in zip(labels, values, strict=True):
        _assign(header, field_of(label), value, zone)
    return header


def _are_values(labels: list[re.Match[str]], values: list[str]) -> bool:
    """Whether what stands behind the labels are names, dates and counts rather than sentences."""
    return all(
        len(value) <= (MAX_VALUE if field_of(label) else 2 * MAX_VALUE) and not _SENTENCE_INSIDE.search(value)
        for label, value in zip(labels, values, strict=True)
    )


def _read_lead(lead: str, zone: str, header: Header, *, alone: bool) -> bool:
    """Reads what stands before the first label; returns whether it fits a header line.

    Beside a date only a publisher's name may stand, or, before a label, a few characters.
    """
    names = read_english_byline(lead)
    if names:
        header.reporters = names
        return True
    bare = lead.strip(_EDGES)
    if not bare:
        return not alone
    if bare in ("本报记者", "记者", "作者", "通讯员"):
        return True
    if alone and (reporters := _bare_byline(bare)):
        header.reporters = reporters
        return True
    if alone and ("／" in bare or "/" in bare) and (dateline := read_dateline(bare)).end == len(bare):
        header.reporters, header.place = dateline.reporters, dateline.place
        return True
    if "www." in bare or "://" in bare:
        bare = _WEB_ADDRESS.sub(" ", bare)
    bare = _DATE_WORDS.sub("", bare).strip()
    printed = find_printed_time(bare, zone)
    if printed is None:
        return not alone and len(bare) <= 12 and not _SENTENCE_INSIDE.search(bare)
    header.unlabelled = printed
    rest = (bare[: printed.start] + "  " + bare[printed.end :]).strip(_EDGES + ":：")
    return _read_rest(rest, header, alone=alone)


def _read_rest(rest: str, header: Header, *, alone: bool) -> bool:
    """Reads what stands beside an unlabelled date."""
    if not rest:
        return True
    publisher = _PUBLISHER.match(rest)
    if publisher is not None and len(rest) <= MAX_VALUE:
        header.source_name = publisher[0]
        return True
    if rest.isascii() and len(rest) <= 2 * MAX_VALUE and (names := split_english_names(rest)):
        header.reporters = header.reporters or names
        return _read_english_rest(rest, header)
    if alone:
        return _PAGE_WORDS.fullmatch(rest) is not None
    return len(rest) <= 20 and not _SENTENCE_INSIDE.search(rest)


def _read_english_rest(rest: str, header: Header) -> bool:
    """Reads what stands behind the names of an English byline; returns whether nothing else stands there.

    `By Jane Doe | Harbour Times | March 5, 2024` names the paper behind a bar.
    """
    byline, *others = (part.strip() for part in rest.split("|"))
    publishers = [part for part in others if part and len(part) <= MAX_VALUE]
    if len(publishers) == 1 and _ENGLISH_PUBLISHER.fullmatch(publishers[0]):
        header.source_name = header.source_name or publishers[0]
        publishers = []
    is_byline = len(byline.split()) <= 4 or read_english_byline(byline) != ()
    return is_byline and len(byline) <= MAX_VALUE and not publishers


_ENGLISH_PUBLISHER = re.compile(r"(?:[A-Z][\w.'&-]*|of|the|and)(?: (?:[A-Z][\w.'&-]*|of|the|and)){0,5}")
_PAGE_WORDS = re.compile(r"(?:打印|字号|大|中|小|评论|阅读|浏览|收藏|分享|我要|我来说两句|参与互动|次|人|条|[\W\d_])+")
_BARE_BYLINE = re.compile(
    r"^(?P<medium>[\u4e00-\u9fff]{0,10}?(?:报|网|台|社))?(?:见习|实习|特约|首席|驻[\u4e00-\u9fff]{2,6})*(?:记者|作者|通讯员|文/|撰文)"
    r"(?P<names>[\u4e00-\u9fff\s、·/|丨]{2,40})$"
)


def _bare_byline(line: str) -> tuple[str, ...]:
    """Names of a line that is a byline without a colon: 本报记者 李明 赵强.

    Spaces set names apart, or a medium stands before 记者; "记者节快乐" is neither.
    """
    match = _BARE_BYLINE.match(line)
    if match is None or not (
        match["medium"] or match["names"].strip() != "".join(match["names"].split()) or match["names"][0].isspace()
    ):
        return ()
    names = split_names(match["names"])
    return names if sum(map(len, names)) * 2 >= len(match["names"]) else ()


def _assign(header: Header, field: str, value: str, zone: str) -> None:
    if field in ("published", "updated"):
        printed = find_printed_time(value, zone)
        if printed is not None and getattr(header, field) is None:
            setattr(header, field, printed)
            rest = (value[: printed.start] + "  " + value[printed.end :]).strip(_EDGES)
            publisher = _PUBLISHER.match(rest)
            if publisher is not None and header.source_name is None:
                header.source_name = publisher[0]
        return
    printed = find_printed_time(value, zone)
    if printed is not None:
        header.unlabelled = header.unlabelled or printed
        value = value[: printed.start]
    if field == "reporters":
        names = split_names(value) or split_english_names(value)
        header.reporters = tuple(dict.fromkeys(header.reporters + names))
    elif field == "source_name":
        header.source_name = header.source_name or clean_source(value)
    elif field and getattr(header, field) is None:
        setattr(header, field, clean_value(_BRACKET.split(value.strip(_EDGES), maxsplit=1)[0]))


_BRACKET = re.compile(r"[(（]")
_HAN_WORD = re.compile(r"^[\u4e00-\u9fff《][^\s]*")


def clean_source(value: str) -> str | None:
    """The publisher's name, without a label; what stands behind a Chinese one and a space is the page's own.

    What is longer than `MAX_VALUE`, and a web address, is no name.

    >>> clean_source("某某日报(西部) 有0人参与"), clean_source("来源：某某日报"), clean_source("https://news.example/")
    ('某某日报(西部)', '某某日报', None)
    """
    name = clean_value(strip_label(value))
    word = _HAN_WORD.match(name) if name else None
    if word is not None:
        name = word[0].strip("《》") + (")" if word[0].count("(") > word[0].count(")") else "")
    return name if name and len(name) <= MAX_VALUE and "://" not in name else None


def clean_value(value: str) -> str | None:
    """The printed value without its brackets and what follows it; None where nothing is printed.

    >>> clean_value("某某日报 | 打印")
    '某某日报'
    >>> clean_value("】") is None
    True
    """
    value = _VALUE_END.split(value.strip().lstrip(_EDGES), maxsplit=1)[0].strip(_EDGES)
    return value if value and not _CODE.search(value) else None
