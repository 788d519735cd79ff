"""Header and tail lines: the labels of source, editor, reporter and date, glued or spaced."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from newslake.parse.byline import read_bare_byline, read_english_credits
from newslake.parse.dateline import read_dateline
from newslake.parse.dates import HAN_YEAR, PrintedTime, find_printed_time, holds_year, is_month_alone
from newslake.parse.labels import LABEL, LABEL_MARK, REVIEWERS, field_of, reviewer_rank
from newslake.parse.marks import set_colons
from newslake.parse.names import (
    NO_NAMES,
    credible_names,
    distinct,
    is_person,
    read_english_byline,
    split_english_names,
)
from newslake.parse.values import EDGES, MAX_VALUE, clean_person, clean_source

# Without one of these no rule below can make a header of a line; most lines have none, and are let go at once.
# It begins with a character and looks around it: the engine then tries few places.
_TRACE = re.compile(
    r"[:：﹕/／|｜丨者员文编辑核对审创年12１２](?:(?<=[:：﹕/／丨])|(?<=[辑编源文图影者核对审][|｜])|(?<=[辑编源文图影者核对审]\s[|｜])|(?<=[责主]编)|(?<=审核)|(?<=校对)|(?<=终审)|(?<=编辑)|(?<=[记作]者)|(?<=通讯员)|(?<=撰文)|(?<=原创)"
    rf"|(?<={HAN_YEAR}年)"
    r"|(?:(?<=1)9|(?<=2)0)\d{2}|(?<=[１２])[０９][０-９]{2})"
)
_CREDITS = re.compile(r"\W*(?:[Bb][Yy]|[A-Z][a-z]{3,12}(?: reporting)? by)\b")
_DATE_WORDS = re.compile(
    r"^(?=[A-Za-z])(?P<updated>(?:last )?(?:updated|modified))?(?:first published|published|posted)?(?:\s+(?:on|at))?\s*:?\s*"
    r"(?:(?:mon|tues?|wed|thur?s?|fri|sat|sun)[a-z]{0,6}day\b,?|(?:mon|tue|wed|thu|fri|sat|sun)\b[.,]?)?\s*(?<=\s)",
    re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)[A-Za-z0-9./_-]+?(?=(?:19|20)\d{2}[-年/]|[^A-Za-z0-9./_-]|$)")
# Words by which a publisher is known where no label says so: "2024年2月20日 18:03 某某晚报".
_PUBLISHER = re.compile(
    r"[\u4e00-\u9fffA-Za-z·]{2,16}?(?:网|报|社|在线|频道|电视台|广播|中心|客户端|周刊|杂志|发布|新闻|论坛)(?=[\s|(（\[【]|$|我要|字号|评论)"
)
_ENGLISH_PUBLISHER = re.compile(r"(?:[A-Z][\w.'&-]*|of|the|and)(?: (?:[A-Z][\w.'&-]*|of|the|and)){0,5}")
_ENGLISH_MEDIUM = re.compile(
    r"(?:The )?(?:[A-Z][\w.'&-]*|of) (?:(?:[A-Z][\w.'&-]*|of|the) ){0,3}?(?:News|Times|Post|Daily|Herald|Tribune|Press|Journal|Gazette|Online)|Xinhua|Reuters"
)
_UPDATED = re.compile(r"(?:Last )?(?:Updated|Modified|Published|Posted)\b")
_PAGE_WORDS = re.compile(
    r"(?:(?:发表|发布)于[\u4e00-\u9fff]{2,8}+|(?:来自|IP属地[:：]?)\s*[\u4e00-\u9fff]{2,8}+|(?:^|(?<=\s))(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|宁夏|新疆|西藏|香港|澳门|台湾)(?=\s|$)|星期.|周[一二三四五六日]|打印|字号|大|中|小|评论|阅读|浏览|收藏|分享|我要|我来说两句|参与互动|次|人|条|[\W\d_])+"
)
# As messengers print it: 原创 李明 清水发布 2024-02-19 18:03 发表于四川.
_ACCOUNT = re.compile(
    r"(?P<original>原创[:：]?\s{1,4})?(?:(?P<author>[\u4e00-\u9fff]{2,4})\s{1,4})?(?P<account>[\u4e00-\u9fffA-Za-z0-9·]{2,20})"
    r"(?:\s{1,4}(?P=account))?(?:\s{1,6}(?:发表于)?[\u4e00-\u9fff]{2,4})?"
)
# Blogs and forums: who posted stands before 发表于, under whatever name.
_PEN_NAME = re.compile(
    r"(?!本文|文章|最后|首次|原文|最新|最初|已经?|曾|将|由|原载)(?!.*(?:网|报|社|台|中心|频道|新闻|编辑|时间))[\w·.-]{2,16}"
)
_SENTENCE_INSIDE = re.compile(r"[。！？!?；]")
MAX_HEADER_LINE = 200
# Columns of articles with one value, and with names.
_VALUES = ("source_name", "editor", "responsible_editor", "place")
_NAMES = ("reporters", "correspondents", "photographers")
_PEOPLE = {name: (name,) for name in _NAMES} | {"text": ("reporters",), "both": ("reporters", "photographers")}
_TIMES = ("published", "unlabelled", "updated")


@dataclass(slots=True)
class Header:
    """What the header and tail lines of a page say; None or empty where they do not.

    Attributes:
        reviewer_rank: how near to the last the reviewer saw the article; 0 is the last.
        origins: field → `header` or `tail`, where its value stands.
        is_header: whether the line read is a header line at all.
    """

    source_name: str | None = None
    editor: str | None = None
    responsible_editor: str | None = None
    reviewer: str | None = None
    reviewer_rank: int = len(REVIEWERS) + 1
    reporters: tuple[str, ...] = ()
    correspondents: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()
    place: str | None = None
    published: PrintedTime | None = None
    unlabelled: PrintedTime | None = None
    updated: PrintedTime | None = None
    origins: dict[str, str] = field(default_factory=dict)
    is_header: bool = False

    @property
    def printed(self) -> PrintedTime | None:
        """The time that best says when the page was published: labelled so, else unlabelled, else that of the update."""
        return self.published or self.unlabelled or self.updated

    @property
    def printed_origin(self) -> str:
        """Where `printed` stands."""
        return next((self.origins[name] for name in _TIMES if getattr(self, name) is not None), "header")

    def add(self, other: Header, *, is_footer: bool = False) -> None:
        """Takes from a later line what is still missing.

        A date below the text is a signature's, unless its line has a time and a publisher, too.
        """
        if not other.is_header:
            return
        origin = "tail" if is_footer else "header"
        is_stamp = other.unlabelled is not None and other.unlabelled.at is not None and other.source_name is not None
        for name in (*_VALUES, *_TIMES):
            value = getattr(other, name)
            is_of_signature = is_footer and name == "unlabelled" and not is_stamp
            if value is not None and getattr(self, name) is None and not is_of_signature:
                setattr(self, name, value)
                self.origins[name] = origin
        for name in _NAMES:
            if getattr(other, name):
                setattr(self, name, distinct(getattr(self, name) + getattr(other, name)))
                self.origins.setdefault(name, origin)
        if other.reviewer is not None and other.reviewer_rank < self.reviewer_rank:
            self.reviewer, self.reviewer_rank = other.reviewer, other.reviewer_rank
            self.origins["reviewer"] = origin

    def add_names(self, name: str, values: tuple[str, ...]) -> None:
        """Adds names to `reporters`, `correspondents` or `photographers`."""
        if values:
            setattr(self, name, distinct(getattr(self, name) + values))


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
    if len(line) > MAX_HEADER_LINE or (
        _TRACE.search(line) is None and (("y " not in line and "Y " not in line) or _CREDITS.match(line) is None)
    ):
        return NO_HEADER
    header = Header()
    if _read_credits(line, header):
        header.is_header = True
        return header
    line = set_colons(line)
    labels = list(LABEL.finditer(line)) if LABEL_MARK.search(line) else []
    if not (labels or is_marked) and ("，" in line or "。" in line) and not holds_year(line):
        return NO_HEADER
    lead = line[: labels[0].start()] if labels else line
    is_lead_fit = _read_lead(lead, zone, header, alone=not labels)
    if labels and labels[0]["at"] and _PEN_NAME.fullmatch(lead.strip(EDGES)):
        header.reporters = (lead.strip(EDGES),)
    if not labels:
        header.is_header = is_lead_fit or is_marked
        return header
    ends = [label.start() for label in labels[1:]] + [len(line)]
    values = [line[label.end() : end] for label, end in zip(labels, ends, strict=True)]
    if not is_marked and not (is_lead_fit and _are_values(labels, values)):
        return Header()
    header.is_header = True
    for label, value in zip(labels, values, strict=True):
        _assign(header, label, value, zone)
    return header


def _read_credits(line: str, header: Header) -> bool:
    """Reads an English line of credits: `Reporting by A; Editing by B`."""
    if " by " not in line or not line.lstrip(" ([")[:1].isascii():
        return False
    credits = read_english_credits(line)
    if credits is None:
        return False
    header.reporters, header.photographers = credits.reporters, credits.photographers
    header.editor, header.reviewer = credits.editor, credits.reviewer
    header.reviewer_rank = 0 if credits.reviewer else header.reviewer_rank
    return True


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
    bare = lead.strip(EDGES)
    if not bare:
        return not alone
    if bare in ("本报记者", "记者", "作者", "通讯员"):
        return True
    if alone and _read_byline(bare, header):
        return True
    if "www." in bare or "://" in bare:
        bare = _WEB_ADDRESS.sub(" ", bare)
    words = _DATE_WORDS.match(bare)
    bare = bare[words.end() :].strip() if words else bare.strip()
    printed = find_printed_time(bare, zone)
    if printed is None and (is_month_alone(bare) or (bare.startswith("原创") and _read_account(bare, header))):
        return True
    if printed is None:
        return not alone and len(bare) <= 12 and not _SENTENCE_INSIDE.search(bare)
    if words and words["updated"]:
        header.updated = printed
    else:
        header.unlabelled = printed
    rest = (bare[: printed.start] + "  " + bare[printed.end :]).strip(EDGES + ":：")
    return _read_rest(rest, header, alone=alone)


def _read_byline(bare: str, header: Header) -> bool:
    """Reads a line that is a byline without a label."""
    names, place = NO_NAMES, None
    if ("／" in bare or "/" in bare) and (dateline := read_dateline(bare)).end == len(bare):
        names, place = dateline.names, dateline.place
    names = names or read_bare_byline(bare)
    header.reporters, header.correspondents, header.photographers = (
        names.reporters,
        names.correspondents,
        names.photographers,
    )
    header.place = place
    return bool(names)


def _read_rest(rest: str, header: Header, *, alone: bool) -> bool:
    """Reads what stands beside an unlabelled date."""
    if not rest:
        return True
    is_timed = header.unlabelled is not None and header.unlabelled.at is not None
    if (is_timed or rest.startswith("原创")) and len(rest) <= MAX_VALUE and _read_account(rest, header):
        return True
    publisher = _PUBLISHER.match(rest)
    if publisher is not None and len(rest) <= MAX_VALUE:
        header.source_name = publisher[0]
        behind = rest[publisher.end() :].split(maxsplit=1)[:1]
        if behind and is_person(behind[0]):
            header.reporters = header.reporters or (behind[0],)
        return True
    if rest.isascii() and len(rest) <= 2 * MAX_VALUE and (names := split_english_names(rest)):
        header.reporters = header.reporters or names
        return _read_english_rest(rest, header)
    if alone and rest.isascii() and len(rest) <= MAX_VALUE and _ENGLISH_MEDIUM.fullmatch(rest.strip(EDGES)):
        header.source_name = rest.strip(EDGES)
        return True
    if alone:
        return _PAGE_WORDS.fullmatch(rest) is not None
    return len(rest) <= 20 and not _SENTENCE_INSIDE.search(rest)


def _read_account(text: str, header: Header) -> bool:
    """Reads who wrote and who published what messengers print above an article; returns whether the text is that.

    Without 原创 the author must be a person, and the account named as publishers are.
    """
    found = _ACCOUNT.fullmatch(text)
    if found is None or not (found["original"] or found["author"]):
        return False
    author, account = found["author"], found["account"]
    is_publisher = _PUBLISHER.fullmatch(account) is not None
    if not (is_publisher if author is None else is_person(author) and (is_publisher or found["original"])):
        return False
    header.source_name = header.source_name or account
    if author:
        header.reporters = header.reporters or (author,)
    return True


def _read_english_rest(rest: str, header: Header) -> bool:
    """Reads what stands behind the names of an English byline; returns whether nothing else stands there.

    `By Jane Doe | Harbour Times | March 5, 2024` names the paper behind a bar.
    """
    byline, *others = (part.strip() for part in rest.split("|"))
    others = [part for part in others if not _UPDATED.match(part)]
    publishers = [part for part in others if part and len(part) <= MAX_VALUE]
    if len(publishers) == 1 and _ENGLISH_PUBLISHER.fullmatch(publishers[0]):
        header.source_name = header.source_name or publishers[0]
        publishers = []
    is_byline = len(byline.split()) <= 4 or read_english_byline(byline) != ()
    return is_byline and len(byline) <= MAX_VALUE and not publishers


def _assign(header: Header, label: re.Match[str], value: str, zone: str) -> None:
    name = field_of(label)
    if name == "written":
        return
    printed = find_printed_time(value, zone)
    if name in ("published", "updated"):
        if printed is not None and getattr(header, name) is None:
            setattr(header, name, printed)
            rest = (value[: printed.start] + "  " + value[printed.end :]).strip(EDGES)
            publisher = _PUBLISHER.match(rest)
            if publisher is not None and header.source_name is None:
                header.source_name = publisher[0]
        return
    if printed is not None:
        header.unlabelled = header.unlabelled or printed
        value = value[: printed.start]
    _assign_name(header, label, name, value)


def _assign_name(header: Header, label: re.Match[str], name: str, value: str) -> None:
    if name in _PEOPLE:
        names = credible_names(value) or split_english_names(value)
        for column in _PEOPLE[name]:
            header.add_names(column, names)
    elif name == "reviewer":
        person, rank = clean_person(value), reviewer_rank(label)
        if person and rank < header.reviewer_rank:
            header.reviewer, header.reviewer_rank = person, rank
    elif name and getattr(header, name) is None:
        setattr(header, name, clean_source(value) if name == "source_name" else clean_person(value))
