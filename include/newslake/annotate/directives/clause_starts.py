"""How a clause that may ask begins: subject, time and modal verb, in whatever order they come."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newslake.annotate.directives.clauses import Clause
from newslake.annotate.directives.context import Context
from newslake.annotate.directives.deadlines import Deadline, find_deadline
from newslake.annotate.directives.heads import behind_time
from newslake.annotate.directives.verbs import MANNER, MODAL, ORDER, OTHERS, PLAN, WITH_MODAL, directive_words

_WITH = re.compile("会同|联合|协同|协调|配合|指导|督促|组织(?=.)")
_OF_A_MEETING = re.compile("会议|全会|审议|研究|政府|印发|通过")
_DECIDED = re.compile("决定(?![性了于是由])(?=.{2})")
_NEAR = 40  # code points
_ORDERED = re.compile("要求|责[成令]|决定")


@dataclass
class Start:
    """How a clause begins; places in code points."""

    place: int
    subject_start: int
    bodies: tuple[str, ...] | None
    has_subject: bool
    modal: re.Match[str] | None
    plan: re.Match[str] | None
    deadline: Deadline | None
    is_ordered: bool

    def behind_time(self, text: str, place: int) -> int:
        """The place behind the time when it stands here."""
        return behind_time(text, place, self.deadline)


def read_start(context: Context, place: int, end: int) -> Start:
    """Reads subject, time and modal verb, in whatever order they come."""
    text = context.text
    modal = MODAL.match(text, place, end)
    if modal:
        return Start(place, place, None, False, modal, None, find_deadline(text, place, end, context.reference), False)
    order = ORDER.match(text, place, end) if _ORDERED.search(text, place, end) else None
    if order is None and text.startswith("决定", place) and _OF_A_MEETING.search(text, max(0, place - _NEAR), place):
        order = _DECIDED.match(text, place, end)
    place = order.end() if order else place
    deadline = find_deadline(text, place, end, context.reference)
    place = behind_time(text, place, deadline)
    subject_start = place
    bodies, reached = context.read_bodies(place, end)
    with_modal = WITH_MODAL.search(text, place, end)
    if with_modal and not bodies:
        bodies = context.bodies_before(place, with_modal.start())
        reached = with_modal.start() if bodies else reached
    others = OTHERS.match(text, place, end) if with_modal and not bodies else None
    place = others.end() if others else reached
    place = behind_time(text, place, deadline)
    modal = MODAL.match(text, place, end) if with_modal else None
    plan = None if modal or not with_modal else PLAN.match(text, place, end)
    if others and not (modal or plan):
        place, others = subject_start, None
    return Start(place, subject_start, bodies or None, bool(bodies or others), modal, plan, deadline, order is not None)


def behind_partners(context: Context, place: int, end: int) -> int:
    """The place behind those with whom a body is to act (会同江澜酱园集团), who are not responsible themselves."""
    beside = _WITH.match(context.text, place, end)
    if beside is None:
        return place
    bodies, reached = context.read_bodies(beside.end(), end)
    return reached if bodies else place


def acts(context: Context, clause: Clause, begin: Start) -> bool:
    """Whether a body in front is the subject, and not the beginning of a longer name (区人民医院 in 区人民医院新院区)."""
    text, words = context.text, directive_words()
    if begin.deadline is not None and begin.deadline.end == begin.place:
        return True
    head = words.head.match(text, begin.place, clause.end)
    return bool(head and head.end() > begin.place) or MANNER.match(text, begin.place, clause.end) is not None


def moves_its_object(context: Context, clause: Clause, begin: Start) -> bool:
    """Whether 将 stands for 把 (将任务分解到科室): no verb follows it."""
    if begin.plan is None or begin.plan[0] != "将":
        return False
    place = begin.behind_time(context.text, begin.plan.end())
    head = directive_words().head.match(context.text, place, clause.end)
    return head is None or head.end() == place
