"""Divisions of China down to districts and counties, and where a text names them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from newslake.annotate.words.listed_names import ListedNames
from newslake.config import reference_lines

MUNICIPALITIES = ("11", "12", "31", "50")
"""First digits of the codes of cities that are provinces: their districts have no city above them."""

_NATIONALITIES = (
    "蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 "
    "土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 "
    "鄂伦春 赫哲 门巴 珞巴 基诺 各"
)
_SUFFIX = re.compile(
    rf"(?:特别行政区|(?:(?:{_NATIONALITIES.replace(' ', '|')})族)*(?:维吾尔|哈萨克|柯尔克孜|蒙古)?自治[区州县旗]"
    r"|回族区|达斡尔族区|省|市|地区|新区|林区|特区|[区县旗盟])$"
)
_AUTONOMOUS = re.compile("自治[区州县旗]$")


@dataclass(frozen=True)
class Division:
    """A division.

    Attributes:
        path: names from the province down, with / between: 四川省/成都市/武侯区.
        level: province, city or district.
        needs: what its short form needs to be understood: "" nothing, "~" surroundings, "!" the full name in the article.
    """

    path: str
    name: str
    level: str
    needs: str = ""

    @cached_property
    def short(self) -> str:
        """The name without what says of which kind it is: 涪陵 of 涪陵区, 彭水 of 彭水苗族土家族自治县."""
        return short_form(self.name)


def short_form(name: str) -> str:
    """A division's name without what says of which kind it is; the name itself where too little would be left.

    >>> short_form("涪陵区"), short_form("延边朝鲜族自治州"), short_form("忠县")
    ('涪陵', '延边', '忠县')
    >>> short_form("内蒙古自治区"), short_form("长白朝鲜族自治县")
    ('内蒙古', '长白')
    """
    short = _SUFFIX.sub("", name)
    if len(short) == 1:
        short = _AUTONOMOUS.sub("", name)
    return short if len(short) > 1 else name


def _level(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "district"


@cache
def divisions() -> tuple[Division, ...]:
    """The divisions of `seeds/reference/divisions.txt`: a code, a name and perhaps a mark a line."""
    rows = [line.split(" ") for line in reference_lines("divisions")]
    names = {row[0]: row[1] for row in rows}
    listed = []
    for code, name, *mark in rows:
        above = [code[:2] + "0000", *([] if code.startswith(MUNICIPALITIES) else [code[:4] + "00"]), code]
        path = "/".join(names[one] for one in dict.fromkeys(above) if one in names)
        listed.append(Division(path, name, _level(code), mark[0] if mark else ""))
    return tuple(listed)


@cache
def by_name() -> dict[str, tuple[Division, ...]]:
    """Divisions by their names in full, and by the usual names of autonomous prefectures (恩施州)."""
    found = defaultdict(list)
    for one in divisions():
        found[one.name].append(one)
        if one.name.endswith("自治州"):
            found[one.short + "州"].append(one)
    return {name: tuple(listed) for name, listed in found.items()}


@cache
def by_short_form() -> dict[str, tuple[Division, ...]]:
    """Divisions by their short forms, higher ones first."""
    found = defaultdict(list)
    for one in divisions():
        if one.short != one.name:
            found[one.short].append(one)
    order = ("province", "city", "district")
    return {short: tuple(sorted(listed, key=lambda one: order.index(one.level))) for short, listed in found.items()}


@cache
def regions() -> frozenset[str]:
    """Regions that are no divisions: 成渝地区, 长三角."""
    return frozenset(reference_lines("regions"))


@cache
def _all_names() -> ListedNames:
    return ListedNames((*by_name(), *by_short_form(), *regions()))


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Places of listed names, whole or short, and regions: the longest at each place, none within another.

    >>> [text[start:end] for text in ["重庆市涪陵区与四川成都的成渝地区"] for start, end in find_names(text)]
    ['重庆市', '涪陵区', '四川', '成都', '成渝地区']
    """
    return _all_names().find(text)
