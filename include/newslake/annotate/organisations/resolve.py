"""Names that are understood from where the article is at home: 区委 of an article on 临江区 is 临江区委."""

from __future__ import annotations

import re
from dataclasses import dataclass

MUNICIPALITIES = frozenset(("北京市", "天津市", "上海市", "重庆市"))
_RELATIVE = re.compile(r"(?P<party>中共|团)?(?P<level>自治区|自治州|街道|社区|[省市区县州镇乡村旗盟])(?P<rest>.+)")


@dataclass(frozen=True)
class Resolved:
    """A body's name in full, the division it belongs to, and that division's level; None where not known."""

    name: str | None
    division: str | None
    level: str | None


def level_of(division: str) -> str | None:
    """The level of a division by its path.

    >>> level_of("重庆市/涪陵区"), level_of("重庆市"), level_of("澜川市"), level_of("澜川市/临江区/青砚镇")
    ('district', 'province', 'city', 'town')
    """
    parts = division.split("/")
    last = parts[-1]
    if last.endswith(("省", "自治区", "特别行政区")) or last in MUNICIPALITIES:
        return "province"
    if last.endswith("市"):
        return "district" if any(part.endswith(("市", "州")) for part in parts[:-1]) else "city"
    if last.endswith(("州", "盟", "地区")):
        return "city"
    if last.endswith(("镇", "乡", "街道")):
        return "town"
    if last.endswith(("村", "社区")):
        return "village"
    return "district" if last.endswith(("区", "县", "旗")) else None


def resolve(name: str, jurisdiction: str | None) -> Resolved:
    """A relative name in full: its level is replaced by the jurisdiction or the next division above it of that kind.

    >>> resolve("区发展改革委", "澜川市/临江区")
    Resolved(name='临江区发展改革委', division='澜川市/临江区', level='district')
    >>> resolve("市委", "重庆市/涪陵区").name
    '重庆市委'
    >>> resolve("团区委", "澜川市/临江区").name
    '共青团临江区委'
    >>> resolve("县委", "重庆市/涪陵区"), resolve("区委", None)
    (Resolved(name=None, division=None, level=None), Resolved(name=None, division=None, level=None))
    """
    match = _RELATIVE.fullmatch(name)
    if match and jurisdiction:
        parts = jurisdiction.split("/")
        for count in range(len(parts), 0, -1):
            part = parts[count - 1]
            if part.endswith(match["level"]) and not (match["level"] == "区" and part.endswith(("自治区", "社区"))):
                division = "/".join(parts[:count])
                league = "共青团" if match["party"] == "团" else ""
                return Resolved(league + part + match["rest"], division, level_of(division))
    return Resolved(None, None, None)


def is_relative(name: str) -> bool:
    """Whether a name begins with a level instead of a place.

    >>> is_relative("区委"), is_relative("临江区委")
    (True, False)
    """
    return _RELATIVE.fullmatch(name) is not None


def stems_of(jurisdiction: str) -> tuple[str, ...]:
    """The divisions' names without the word for their kind, the most specific first.

    >>> stems_of("澜川市/临江区")
    ('临江', '澜川')
    """
    stems = (
        re.sub("(?:自治[区州县旗]|街道|社区|[省市区县州镇乡村旗盟])$", "", part) for part in jurisdiction.split("/")
    )
    return tuple(stem for stem in reversed(list(stems)) if len(stem) > 1)
