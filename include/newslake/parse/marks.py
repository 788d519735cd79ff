"""Credits whose labels are set apart by something else than a colon: 责编/李明, 编辑丨李明, 责编 李明 校对 赵强."""

from __future__ import annotations

import re

from newslake.parse.names import is_person

_ROLES = (
    "责任编辑|本期编辑|值班编辑|实习编辑|执行编辑|新媒体编辑|编辑|责编|主编|校对|校审|编审|审校|审核|审签|审定|终审|复审|初审|一审|二审|三审|监制|总监制|签发"
    "|值班主任|值班编委|美编|制作|统筹|策划|出品|撰文|撰稿|文案|采写|执笔|记者|通讯员|摄影记者|摄影|摄像|供图|文字|图片|视频|来源|作者"
)
_MARK = re.compile("[/／丨|｜︱]")
_SET_APART = re.compile(rf"(?:^|(?<=[\s(（【\[;；]))(?P<role>{_ROLES}|文|图)\s*[/／丨|｜︱]\s*(?=[\u4e00-\u9fffA-Z])")
_BETWEEN_SPACES = re.compile(
    rf"(?:(?:{_ROLES})\s+[\u4e00-\u9fff]{{2,4}}(?:[、\s]+(?!(?:{_ROLES})\s)[\u4e00-\u9fff]{{2,4}}){{0,4}}(?:\s+|$)){{2,8}}"
)
_ROLE_BETWEEN = re.compile(rf"(?:^|(?<=\s))(?P<role>{_ROLES})\s+")
_ROLE_ALONE = re.compile(_ROLES)
# Printed in Taiwan behind the name: 李明／核稿编辑.
_BEHIND = re.compile(
    r"(?:^|(?<=[\s(（])|(?<=记者))(?P<name>(?!记者)[\u4e00-\u9fff]{2,4})\s*[/／]\s*(?P<role>核稿编辑|责任编辑|编辑|责编|摄影)(?=\s|$)"
)
LONGEST_CREDITS = 120


def set_colons(line: str) -> str:
    """A line of credits with colons behind its labels; any other line as it is.

    Bylines (文/李明 图/赵强, 记者李明／台北报导) keep their marks: they are read as such.

    >>> set_colons("责编/李明 校对/赵强"), set_colons("编辑 | 李明"), set_colons("责编 李明 校对 赵强 钱小兰")
    ('责编：李明 校对：赵强', '编辑：李明', '责编：李明 校对：赵强 钱小兰')
    >>> set_colons("李明／核稿编辑"), set_colons("编辑 校对 排版"), set_colons("图/文 李明")
    ('核稿编辑：李明', '编辑 校对 排版', '图/文 李明')
    """
    if len(line) > LONGEST_CREDITS:
        return line
    if _MARK.search(line):
        line = _BEHIND.sub(r"\g<role>：\g<name>", line)
        return _SET_APART.sub(lambda found: found[0] if _is_byline(line, found) else f"{found['role']}：", line)
    if " " in line and (_BETWEEN_SPACES.fullmatch(line) or _is_one_credit(line)):
        return _ROLE_BETWEEN.sub(lambda found: f"{found['role']}：", line)
    return line


def _is_one_credit(line: str) -> bool:
    role, _, name = line.partition(" ")
    return _ROLE_ALONE.fullmatch(role) is not None and is_person("".join(name.split()))


def _is_byline(line: str, found: re.Match[str]) -> bool:
    """Whether a mark belongs to a byline: a slash behind 文 or 图, or between both."""
    return found["role"] in ("文", "图") and (found[0][-1] in "/／" or "/" in found[0] or "／" in found[0])
