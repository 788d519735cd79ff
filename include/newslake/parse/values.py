"""Printed values without their labels, brackets and what the page prints behind them."""

from __future__ import annotations

import re

from newslake.parse.labels import strip_label

EDGES = " \t\u3000|｜/·•-—_【】[]()（）〔〕<>《》,，;；、□■◎●○◇◆▲△☆★※"
_VALUE_END = re.compile(
    r"\s{2,}|[|｜\t【\[】\]]|\u3000|\s(?=[\d(（])|\s(?=发表评论|查看评论|返回|评论|阅读|浏览|点击)|我要评论|我来说两句|字号|分享到|参与互动|打印"
)
# What is left of broken markup is nobody's name.
_CODE = re.compile(r"[<>={}]|&\w+;")
_COPIED_FROM = re.compile(r"^\s*(?:转载?自|摘自|原载于|来自)(?=[\u4e00-\u9fff《])\s*")
_BRACKET = re.compile(r"[(（]")
_HAN_WORD = re.compile(r"^[\u4e00-\u9fff《][^\s]*")
# A value that is longer is a sentence, not a name.
MAX_VALUE = 40


def clean_person(value: str) -> str | None:
    """The printed names of a label, without what stands in brackets behind them.

    >>> clean_person(" 李明(实习) | 打印"), clean_person("刘欢】 返回首页")
    ('李明', '刘欢')
    """
    return clean_value(_BRACKET.split(value.strip(EDGES), maxsplit=1)[0])


def clean_source(value: str) -> str | None:
    """The publisher's name, without a label; what stands behind a Chinese one and a space is the page's own.

    What is longer than `MAX_VALUE`, and a web address, is no name.

    >>> clean_source("某某日报(西部) 有0人参与"), clean_source("来源：某某日报"), clean_source("https://news.example/")
    ('某某日报(西部)', '某某日报', None)
    """
    name = clean_value(_COPIED_FROM.sub("", strip_label(value)))
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
    value = _VALUE_END.split(value.strip().lstrip(EDGES), maxsplit=1)[0].strip(EDGES)
    return value if value and not _CODE.search(value) else None
