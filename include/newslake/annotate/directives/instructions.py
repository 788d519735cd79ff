"""Reads the tasks that one sentence sets: its heading, and what stands under it."""

from __future__ import annotations

import re

from newslake.annotate.directives.clause_starts import Start, acts, behind_partners, moves_its_object, read_start
from newslake.annotate.directives.clauses import Clause, clauses
from newslake.annotate.directives.context import Context, Task, Voice
from newslake.annotate.directives.deadlines import TIME_WORD
from newslake.annotate.directives.heads import is_of_the_task, read_head, tells
from newslake.annotate.directives.verbs import (
    ACTED_BY,
    BESIDE,
    CALL,
    CHARGE_WORD,
    CHARGED,
    INTRODUCTION,
    JUST_THAT,
    LEADING_ONLY,
    NOT_YET,
    OPENING,
    PAST,
    TRIGGER,
    WILL,
    directive_words,
)

# In the order in which they were wrong when read on the sample articles and 265 Chinese pages; not measured one by one.
CONFIDENCE = {"own": 0.9, "under": 0.8, "plan": 0.65, "timed": 0.55}
_OUTSIDE_A_STATEMENT = 0.15
_HOW_ALONE = frozenset(("再次", "再", "继续", "始终", "更加", "充分", "共同", "主要", "不断"))
_LONGEST_TIME, _LONGEST_CALL, _LONGEST_SIZE = 12, 30, 10  # code points: 到2027年底前; 根据…方案; 展陈面积
_NUMERALS = frozenset("一二三四五六七八九十")
_SHORT = 4  # code points left of a clause that says nothing else
_MAY_INTRODUCE = re.compile("[如若只一为由因随虽尽当是怎何]|.{0,14}后")
_SIZES = ("面积", "长度", "里程", "规模", "总投资", "容量", "处理能力", "产能", "跨度", "高度", "座位", "床位", "总长")
_BODY_AT_END = re.compile("(?:[区县市镇乡州旗盟]|街道|部门|单位|集团|公司|[委局办])(?:都|也|还|会后)?$")
_STRIVING = ("力争", "争取", "务必", "务求", "力求")


def read_tasks(context: Context, start: int, end: int, is_listed: bool = False, is_noted: bool = False) -> list[Task]:
    """The tasks that a sentence sets, in order.

    Args:
        context: the article's text, and what was found in it.
        start: where the sentence begins, in code points.
        end: where it ends.
        is_listed: whether it is a numbered point of a notice, whose verbs ask without 要.
        is_noted: whether a note says who is responsible for the point, so that its first clause is a task whatever it is.
    """
    voice = Voice("named" if is_listed else None, is_noted=is_noted and is_listed)
    for clause in clauses(context.text, start, end):
        if clause.before and clause.before in "。！？!?…\n":
            voice = Voice(tasks=voice.tasks)
        elif clause.before and clause.before in "；;":
            voice.bodies, voice.part = None, len(voice.tasks)
            voice.deadline = voice.deadline if voice.holds_for_all else None
        task = _read_clause(context, clause, voice) if clause.after not in ("？", "?") else None
        if (
            task is None
            or _is_left_hanging(task, voice)
            or _gives_its_time(task, voice.tasks[voice.part :])
            or _gives_its_size(context, task, voice.tasks[voice.part :])
        ):
            continue
        voice.tasks.append(task)
        if voice.heading is None:
            voice.heading = (task.start, task.end)
    return voice.tasks


def _is_left_hanging(task: Task, voice: Voice) -> bool:
    """Whether a clause has neither an object nor a time, or nothing stands before that it could be about (计划开工)."""
    if not task.names_nothing or task.kind == "own":
        return False
    return task.deadline is None or (task.kind == "plan" and not voice.tasks)


def _gives_its_time(task: Task, tasks: list[Task]) -> bool:
    """Whether a clause without an object (确保年底前通车) only says by when the task before is to be done."""
    if not task.names_nothing or task.deadline is None:
        return False
    for earlier in reversed(tasks):
        if earlier.deadline is None:
            earlier.deadline = task.deadline
            return True
    return False


def _gives_its_size(context: Context, task: Task, tasks: list[Task]) -> bool:
    """Whether a clause only says how large the thing before is to be (展陈面积不低于3000平方米)."""
    before = context.text[task.start : task.object_start]
    if (
        not tasks
        or task.kind != "under"
        or task.deadline is not tasks[-1].deadline
        or not before.endswith(_SIZES)
        or len(before) > _LONGEST_SIZE
    ):
        return False
    tasks[-1].aim = tasks[-1].aim or (task.start, task.end)
    return True


def _read_clause(context: Context, clause: Clause, voice: Voice) -> Task | None:
    text = context.text
    if voice.mode is None and not _may_ask(text, clause):
        return None
    opening = OPENING.match(text, clause.start, clause.end)
    place = opening.end() if opening else clause.start
    if _MAY_INTRODUCE.match(text, place, clause.end) and INTRODUCTION.match(text, place, clause.end):
        voice.mode = "closed" if text[clause.end - 1] == "后" and voice.mode is None else voice.mode
        return None
    if "就是" in text[place : clause.end] and JUST_THAT.match(text, place, clause.end):
        return None
    begin = read_start(context, place, clause.end)
    _note_time(begin, clause, voice)
    if begin.is_ordered:
        voice.mode, voice.heading = "called", None
    if begin.modal:
        return _asked(context, clause, begin, voice)
    if begin.plan and voice.mode != "closed" and not (voice.mode and moves_its_object(context, clause, begin)):
        return _planned(context, clause, begin, voice)
    if _is_charge(context, clause, begin, voice):
        return None
    if voice.mode and voice.mode != "closed":
        return _in_the_wake(context, clause, begin, voice)
    return _unasked(context, clause, begin, voice)


def _may_ask(text: str, clause: Clause) -> bool:
    """Whether a clause has anything in it that the rules look for while nothing is asked yet."""
    if TRIGGER.search(text, clause.start, clause.end + 1) or text[clause.end - 1] == "后":
        return True
    if clause.end - clause.start <= _LONGEST_TIME and TIME_WORD.search(text, clause.start, clause.end):
        return True
    return CHARGE_WORD.search(text, clause.start, clause.end) is not None


def _note_time(begin: Start, clause: Clause, voice: Voice) -> None:
    """A time that is a clause by itself (到2027年，) holds for what follows; one that opens the sentence beyond semicolons."""
    if begin.deadline is None:
        return
    is_alone = begin.place >= clause.end
    if is_alone and begin.deadline.precision != "day":
        voice.deadline = begin.deadline
    if not voice.tasks and begin.deadline.end <= begin.place and (is_alone or begin.modal or clause.before == ""):
        voice.holds_for_all = True


def _asked(context: Context, clause: Clause, begin: Start, voice: Voice) -> Task | None:
    """A clause with 要 or 必须."""
    assert begin.modal is not None
    text, is_said = context.text, context.quote_at(clause.start) is not None
    opens = clause.before == "" or clause.before in "。！？；;：…\n" or voice.heading is None
    is_called = voice.mode in ("called", "named") or text[max(0, begin.modal.start() - 1)] in _NUMERALS
    if NOT_YET.search(text, begin.modal.end(), clause.end):
        return None
    if directive_words().study.match(text, begin.modal.end(), clause.end):
        if opens:
            voice.mode, voice.heading = "closed", None
        return None
    if voice.mode == "closed" and begin.has_subject and not begin.bodies:
        return None
    behind = behind_partners(context, begin.modal.end(), clause.end)
    task = _task(context, clause, begin, behind, "own", begin.modal.start())
    is_under = bool(voice.heading) and not opens and not begin.has_subject
    voice.bodies = begin.bodies
    voice.deadline = None if begin.has_subject and not voice.holds_for_all else voice.deadline
    if task is None or text[behind : clause.end] in LEADING_ONLY:
        voice.mode = "called"
        return None
    if (
        task.object_start == task.words_start
        and not begin.bodies
        and (not (is_said or is_called) or is_under or begin.has_subject)
    ):
        sets_aim = begin.has_subject and opens and _BODY_AT_END.search(text, begin.subject_start, begin.modal.start())
        voice.mode = "asked" if sets_aim else voice.mode and "asked"
        return None
    if is_under and not tells(context, task):
        return None
    if not is_under:
        voice.heading, voice.has_subject = None, bool(begin.bodies)
    voice.mode = "asked"
    return _placed(task, voice, begin.bodies)


def _planned(context: Context, clause: Clause, begin: Start, voice: Voice) -> Task | None:
    """A clause with 将 or 计划 before a verb; the object is concrete where no body is the subject."""
    assert begin.plan is not None
    is_said = context.quote_at(clause.start) is not None
    task = _task(context, clause, begin, begin.plan.end(), "plan", is_free=bool(begin.bodies))
    if task is None or PAST.search(context.text, clause.start, clause.end):
        return None
    has_verb = task.object_start > task.words_start and task.verb not in _HOW_ALONE
    if not (tells(context, task) or (has_verb and (begin.bodies or (is_said and begin.has_subject)))):
        return None
    if begin.bodies and voice.has_subject:
        voice.heading = None
    voice.has_subject = voice.has_subject or bool(begin.bodies)
    voice.mode = voice.mode or "planned"
    voice.bodies = begin.bodies or voice.bodies
    return _placed(task, voice, voice.bodies)


def _is_charge(context: Context, clause: Clause, begin: Start, voice: Voice) -> bool:
    """Whether the clause only says who is responsible.

    区交通局牵头 holds for what follows; 由区交通局负责 for the task before, and for what follows where there is none.
    """
    text, place, bodies = context.text, begin.place, begin.bodies
    is_passive = text[place : place + 1] == "由"
    if bodies is None and is_passive:
        named, place = context.read_bodies(place + 1, clause.end)
        bodies = named or None
    if bodies is None:
        return False
    charged = CHARGED.match(text, place, clause.end)
    if behind_partners(context, place, clause.end) == clause.end > place:
        voice.bodies = bodies
        return True
    if charged is None:
        return clause.end - place < _SHORT and BESIDE.match(text, place, clause.end) is not None
    voice.bodies = bodies
    if clause.end - charged.end() >= _SHORT:
        begin.place, begin.bodies = charged.end(), bodies
        voice.mode = voice.mode or "called"
        return False
    if is_passive and voice.tasks and clause.before not in ("；", ";"):
        voice.tasks[-1].bodies = voice.tasks[-1].bodies or bodies
    elif voice.mode is None:
        voice.mode = "called"
    return True


def _in_the_wake(context: Context, clause: Clause, begin: Start, voice: Voice) -> Task | None:
    """A further clause of a sentence that asks or plans."""
    text = context.text
    if PAST.search(text, clause.start, clause.end) or directive_words().study.match(text, begin.place, clause.end):
        return None
    if begin.bodies and not acts(context, clause, begin):
        begin.place, begin.bodies = begin.subject_start, None
    if begin.bodies:
        voice.bodies = begin.bodies
    elif ACTED_BY.search(text, clause.start, clause.end):
        voice.bodies = None
    is_first_noted = voice.is_noted and not voice.tasks
    place = behind_partners(context, begin.place, clause.end)
    task = _task(context, clause, begin, place, "under", is_a_task=is_first_noted)
    is_called = voice.mode == "called"
    voice.mode = "asked" if is_called else voice.mode
    if task is None:
        return None
    if voice.mode == "named" and not is_first_noted and _states_a_fact(context, task, voice):
        return None
    is_point = text[clause.start : clause.start + 1] in _NUMERALS and text[clause.start + 1] == "是"
    is_heading = (is_called or begin.bodies or is_point) and task.object_start > task.words_start
    if not (is_heading or is_first_noted or tells(context, task)):
        return None
    return _placed(task, voice, voice.bodies)


def _states_a_fact(context: Context, task: Task, voice: Voice) -> bool:
    """Whether a thing and its figure without a time or a bound only inform (减幅达七成 behind 表示)."""
    is_verb_first = context.text.startswith(task.verb[:1], task.words_start)
    return not (is_verb_first or task.deadline or voice.deadline or task.verb.startswith("不"))


def _unasked(context: Context, clause: Clause, begin: Start, voice: Voice) -> Task | None:
    """A clause before anything was asked: a call that opens what follows, striving, or a time that is still to come."""
    text = context.text
    call = CALL.search(text, max(clause.start, clause.end - _LONGEST_CALL), clause.end)
    if call and clause.after in ("，", "：", ":"):
        voice.mode = "called" if call["strong"] else "named"
        return None
    if PAST.search(text, clause.start, clause.end):
        return None
    is_striving = text.startswith(_STRIVING, begin.place)
    is_timed = begin.deadline is not None and begin.deadline.at is not None
    if is_timed and begin.deadline and not begin.deadline.words.endswith("前"):
        is_timed = WILL.search(text, clause.start, clause.end) is not None
    if not (is_striving or is_timed):
        return None
    task = _task(context, clause, begin, begin.place, "under" if is_striving else "timed")
    if task is None or task.names_nothing or not tells(context, task) or (is_timed and task.deadline is None):
        return None
    voice.mode = "planned"
    return _placed(task, voice, begin.bodies)


def _placed(task: Task, voice: Voice, bodies: tuple[str, ...] | None) -> Task:
    """The task with what holds for it from the clauses before; its own time, if in front, holds for those behind."""
    task.parent, task.bodies = voice.heading, bodies
    if task.deadline is None:
        task.deadline = voice.deadline
    elif task.deadline.start < task.words_start and not task.names_nothing:
        voice.deadline = task.deadline
    return task


def _task(
    context: Context,
    clause: Clause,
    begin: Start,
    place: int,
    kind: str,
    modal_start: int | None = None,
    is_free: bool = False,
    is_a_task: bool = False,
) -> Task | None:
    """The task whose words begin at a place; any words are one behind 要, and where `is_free`.

    A thing and what is to become of it are one with a time or a figure, or where `is_a_task`.
    """
    place = begin.behind_time(context.text, place)
    head = read_head(context, place, clause.end, begin.deadline, is_free or modal_start is not None, is_a_task)
    if head is None or clause.end - place < 2:
        return None
    start = head.start if modal_start is None else modal_start
    verb = head.verb or (begin.modal[0] if begin.modal else context.text[place : place + 1])
    confidence = CONFIDENCE[kind] - (0 if context.quote_at(clause.start) else _OUTSIDE_A_STATEMENT)
    words_start = head.start if modal_start is None else place
    deadline = begin.deadline if begin.deadline and is_of_the_task(context.text, begin.deadline, head) else None
    return Task(
        start, clause.end, words_start, head.object_start, verb, kind, confidence,
        deadline=deadline, names_nothing=head.names_nothing, has_object_first=head.has_object_first,
    )  # fmt: skip
