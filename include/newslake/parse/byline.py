"""Lines that are nothing but a byline, a credit or a caption's credit, without a label's colon."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newslake.parse.names import (
    NO_NAMES,
    Names,
    distinct,
    is_person,
    split_any_names,
    split_english_names,
    split_names,
    split_roles,
)

_BARE_BYLINE = re.compile(
    r"^(?P<medium>[\u4e00-\u9fff]{0,12}?(?:报|网|台|社|频道|客户端|中心|融媒|本刊)\s*)?"
    r"(?:见习|实习|特约|首席|全?融媒体?|全媒体?|驻[\u4e00-\u9fff]{2,6})*(?:记者|作者|通讯员|实习生|特派员|评论员|文\s*[/／]|图\s*[/／]|撰文)"
    r"(?P<names>[\u4e00-\u9fff\s、·/／丨]{2,60})$"
)
_CREDIT = re.compile(
    r"(?P<role>(?:[Aa]dditional |[Ff]urther )?[Rr]eporting|[Ww]riting|[Ww]ritten|[Rr]eported|[Ee]diting|[Ee]dited"
    r"|[Tt]ext|[Ww]ords|[Ss]tory|[Pp]hotos?|[Pp]hotographs?|[Pp]hotography|[Rr]eviewed) by\s+"
)
_LAST_BY = re.compile(r"[\s;,.()\[\]]+$")
_CREDIT_SEPARATOR = re.compile(r"\s*[;()\[\]]\s*")

# What a caption says of who took its picture; the name stands before or behind.
_NAME = "[\u4e00-\u9fff]{2,4}?"
_TAKEN_BY = re.compile(
    rf"(?:^|(?<=[\s。，,.:：（(【！？!?”」、/／]))(?:[\u4e00-\u9fff]{{0,10}}(?:记者|通讯员)\s*)?(?P<before>{_NAME}(?:[\s、]+{_NAME})*)\s*[/／]?\s*(?:文\s*[/／]\s*图|摄影报道|摄影|摄|供图|拍摄|图)[)）】]?$"
    rf"|(?:摄影|图片|供图|拍摄|图|摄)(?:记者)?\s*[:：/／]\s*(?P<behind>{_NAME}(?:[\s、]+{_NAME})*)[)）】]?$"
)
# Who signs so needs no family name that is known.
_SIGNED = re.compile(r"(?:记者|通讯员)|\s摄(?:影)?[)）】]?$")
# Characters at the end of a caption in which its credit stands.
CREDIT_REACH = 24
_CREDITED = re.compile(r"[摄图影/／]|Photo|photo|Picture|Image")
_PHOTO_BY = re.compile(
    r"(?:[Pp]hoto(?:graph)?s?|[Pp]icture|[Ii]mage)(?: by|:| credit:)\s*(?P<names>[^/|()]+)|(?P<agency>[A-ZÀ-Þ][\w.'’-]+(?: [A-ZÀ-Þ][\w.'’-]+){1,3})\s*/\s*(?:Reuters|AFP|AP|Getty)"
)


@dataclass(frozen=True, slots=True)
class Credits:
    """What a line of English credits says."""

    reporters: tuple[str, ...] = ()
    photographers: tuple[str, ...] = ()
    editor: str | None = None
    reviewer: str | None = None


def read_bare_byline(line: str) -> Names:
    """Names of a line that is a byline without a colon: 本报记者 李明 赵强.

    Spaces set names apart, or a medium stands before 记者; "记者节快乐" is neither.

    >>> read_bare_byline("本报记者 李明 通讯员 赵强").correspondents, read_bare_byline("文/李明 图/赵强").photographers
    (('赵强',), ('赵强',))
    >>> read_bare_byline("记者节快乐").reporters
    ()
    """
    match = _BARE_BYLINE.match(line)
    if match is None:
        return NO_NAMES
    printed = match["names"]
    is_set_apart = printed.strip() != "".join(printed.split()) or printed[0].isspace() or "/" in line or "／" in line
    if not (match["medium"] or is_set_apart):
        return NO_NAMES
    names = split_roles(line)
    found = distinct(names.reporters + names.correspondents + names.photographers)
    return names if sum(map(len, found)) * 2 + 4 >= len("".join(printed.split())) else NO_NAMES


def read_english_credits(line: str) -> Credits | None:
    """Reads a line that consists of English credits; None where it is something else.

    >>> read_english_credits("(Reporting by Jane Doe in Springfield; Editing by John Roe)")
    Credits(reporters=('Jane Doe',), photographers=(), editor='John Roe', reviewer=None)
    >>> read_english_credits("Reporting by Jane Doe showed that the port had closed.") is None
    True
    """
    marks = list(_CREDIT.finditer(line))
    if not marks or len(line[: marks[0].start()].strip(" ([")) > 0:
        return None
    found: dict[str, tuple[str, ...]] = {"reporters": (), "photographers": (), "editor": (), "reviewer": ()}
    ends = [mark.start() for mark in marks[1:]] + [len(line)]
    for mark, end in zip(marks, ends, strict=True):
        names = _credited_names(_LAST_BY.sub("", line[mark.end() : end]))
        if not names:
            return None
        role = mark["role"].lower()
        if "edit" in role:
            column = "editor"
        elif "photo" in role:
            column = "photographers"
        else:
            column = "reviewer" if "review" in role else "reporters"
        found[column] = distinct(found[column] + names)
    return Credits(
        found["reporters"],
        found["photographers"],
        ", ".join(found["editor"]) or None,
        ", ".join(found["reviewer"]) or None,
    )


def _credited_names(value: str) -> tuple[str, ...]:
    """The names in one credit; none where a sentence stands there."""
    names = split_english_names(" and ".join(_CREDIT_SEPARATOR.split(value)))
    words = len(value.split())
    return names if words <= 4 * len(names) + 3 else ()


def read_photographers(caption: str) -> tuple[str, ...]:
    """Who took the picture, as its caption says.

    >>> read_photographers("工人在车间装配零件。记者 李明 摄"), read_photographers("大桥通车（图/赵强）")
    (('李明',), ('赵强',))
    >>> read_photographers("市民在广场散步。受访者供图"), read_photographers("A ferry leaves. Photo: Jane Doe/Agency")
    ((), ('Jane Doe',))
    """
    if _CREDITED.search(caption) is None:
        return ()
    line = caption.rstrip(" 。.")
    match = _TAKEN_BY.search(line[-CREDIT_REACH:])
    if match is not None:
        # Words of the caption may stand before the name; 供图 mostly names a body, 图 an agency.
        is_signed = _SIGNED.search(match[0]) is not None
        names = split_names(match["before"] or match["behind"])
        return tuple(
            name
            for name in names
            if is_person(name) or "·" in name or (is_signed and name == names[-1] and len(name) <= 3)
        )
    english = _PHOTO_BY.search(line)
    return split_any_names(english["names"] or english["agency"]) if english else ()
