"""The bodies in which people hold their offices, in full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from newslake.annotate.article import Mention
from newslake.annotate.organisations.resolve import resolve
from newslake.annotate.people.titles import Title, is_unit, strip_prefixes

# Who heads a government is called after its division: 区长 of 临江区 is of 临江区政府, whatever stands before.
_HEAD = re.compile("(?:常务|代理?)?副?代?(?:自治区主席|[省市区县州镇乡旗盟]长)")
_PARTY_UNITS = re.compile("(?:组织部|宣传部|统战部|政法委|办公室|社会工作部|政研室|编办|网信办|巡察办|党校|督查室)")


def body_of(text: str, title: Title, organisations: Mapping[int, Mention], jurisdiction: str | None) -> str | None:
    """The body of an office in full; of several offices their bodies in the same order, joined by a pause mark.

    An office without a body of its own has that of the office before it, else behind it (局党组书记、局长).

    Args:
        text: of the article.
        title: in it.
        organisations: mentions of bodies by where they start.
        jurisdiction: of the article.

    Returns:
        None where no body is known. One name where all offices are of one body.
    """
    bodies: list[str | None] = []
    for part in title.parts:
        before = next((one for one in reversed(bodies) if one), None)
        bodies.append(_body_of_part(text, part, before, organisations, jurisdiction))
    for position in range(1, len(bodies)):
        bodies[position] = bodies[position] or bodies[position - 1]
    for position in range(len(bodies) - 2, -1, -1):
        bodies[position] = bodies[position] or bodies[position + 1]
    named = [one for one in bodies if one]
    return "、".join(named) if len(set(named)) > 1 else (named[0] if named else None)


def _body_of_part(
    text: str,
    part: tuple[int, int, int],
    before: str | None,
    organisations: Mapping[int, Mention],
    jurisdiction: str | None,
) -> str | None:
    start, core, end = part
    stop = strip_prefixes(text, start, core)
    mention = organisations.get(start)
    if mention and mention.end <= end:
        unit = text[mention.end : stop] if is_unit(text, stop) else ""
        return mention.resolved_name and mention.resolved_name + unit
    office = text[core:end]
    if _HEAD.fullmatch(office):
        return _government(text[start:stop], office, jurisdiction)
    party = _PARTY_UNITS.match(text, start, end)
    return before + party[0] if party and before and before.endswith("委") else None


def _government(place: str, office: str, jurisdiction: str | None) -> str | None:
    level = "自治区" if office.startswith("自治区") else office[-2]
    if place.endswith(level):
        return place + "政府"
    return place + level + "政府" if place else resolve(level + "政府", jurisdiction).name


def by_start(organisations: Iterable[Mention]) -> dict[int, Mention]:
    """Mentions by where they start."""
    return {one.start: one for one in organisations}
