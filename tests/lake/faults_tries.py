"""One run of the command line, and what a fault at one of its calls leaves: for readers, and for the next run."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from newslake import cli, pipeline, refine
from newslake.config import Home
from newslake.errors import LakeError
from newslake.lake.verify import verify
from newslake.sources import FilesSource
from newslake.tables import PUBLISHED

from . import rows
from .faults_calls import Call, Fault, end_with, watch
from .processes import finish, start
from .rows import RUN_TABLES

IS_WHOLE = os.environ.get("NEWSLAKE_FAULTS") == "all"
WORKERS = len(os.sched_getaffinity(0)) if IS_WHOLE else 1
VERIFIED = 10
"""The lake is verified after every so manieth try."""
PAGE = re.compile(r"^(reports/[^/ ]+)/.*")
LOADED = ("newslake", "duckdb", "pyarrow", "deltalake", "great_expectations", "pandas", "jinja2", "marshmallow")
"""What a run imports takes longer than the run: it is there before the processes are forked."""
Digest = dict[str, list[Any]]


class Lake(NamedTuple):
    """A home that a run will change, and what the lake holds before and after it.

    Attributes:
        base: the home.
        articles: what the run reads.
        modules: what the run imports.
    """

    base: Path
    articles: Path
    modules: list[str]
    before: Digest
    after: Digest
    files: dict[str, list[str]]
    calls: list[Call]


@dataclass
class Try:
    """What came of a fault.

    Attributes:
        call: where it was.
        is_met: whether the run came to that call.
        status: exit code of the run, or minus the signal.
        said: what the run wrote to standard error.
        found: what readers found then: before, after, or what is wrong.
        again: what came of the next run: after, or what is wrong.
    """

    call: str
    is_met: bool
    status: int
    said: str
    found: str
    again: str


def prepare(folder: Path, first: Callable[[Path], object], then: Callable[[Path], object]) -> Lake:
    """A home with what `first` wrote published; and one, watched, with what `then` wrote as well.

    Each writes the articles into a folder that it is given.
    """
    articles, base, whole = folder / "articles", folder / "base", folder / "whole"
    articles.mkdir()
    first(articles)
    finish(start(_publish, base, articles))
    then(articles)
    shutil.copytree(base, whole, symlinks=True)
    finish(start(_record, whole, articles, folder))
    calls = [Call(*call) for call in json.loads((folder / "calls.json").read_text(encoding="utf-8"))]
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    files = {"before": _files(base), "after": _files(whole)}
    return Lake(base, articles, modules, _digest(base), _digest(whole), files, calls)


def points(calls: Sequence[Call]) -> list[Call]:
    """Distinct calls: of those of one kind at one place, the first, one in the middle and the last.

    The pages of Great Expectations are one place: they are written by the same lines, into a folder that is moved.
    """
    alike: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        alike.setdefault((call.name, PAGE.sub(r"\1/*", call.place)), []).append(call)
    found = {every[place] for every in alike.values() for place in (0, len(every) // 2, -1)}
    return [call for call in calls if call in found]


def sample(calls: Sequence[Call], count: int, seed: str) -> list[Call]:
    """All of them with NEWSLAKE_FAULTS=all, in any order; else so many, spread evenly."""
    if IS_WHOLE:
        return random.Random(seed).sample(list(calls), len(calls))
    step = len(calls) / count
    offset = random.Random(seed).random()
    return [calls[int((number + offset) * step)] for number in range(count)]


def try_all(lake: Lake, folder: Path, calls: Sequence[Call], error: int | None) -> list[Try]:
    """A run with a fault at each of these calls, each in a home of its own."""
    parts = [list(calls[number::WORKERS]) for number in range(WORKERS)]
    processes = [
        start(_try_some, lake, folder / str(number), part, error, folder / f"{number}.jsonl")
        for number, part in enumerate(parts)
    ]
    for process in processes:
        finish(process)
    found = []
    for number in range(WORKERS):
        lines = (folder / f"{number}.jsonl").read_text(encoding="utf-8").splitlines()
        found += [Try(**json.loads(line)) for line in lines]
    assert len(found) == len(calls)
    return found


def _try_some(lake: Lake, folder: Path, calls: list[Call], error: int | None, answers: Path) -> None:
    # Nothing runs in this process itself: its children are forked, and threads would not survive that.
    refine.warm_up()
    for name in lake.modules:
        importlib.import_module(name)
    folder.mkdir(parents=True)
    with answers.open("w", encoding="utf-8") as lines:
        for number, call in enumerate(calls):
            answer = _try_one(lake, folder, Fault(call, error), number)
            lines.write(json.dumps(answer.__dict__, ensure_ascii=False) + "\n")
            lines.flush()


def _try_one(lake: Lake, folder: Path, fault: Fault, number: int) -> Try:
    home, told = folder / "home", folder / "told.json"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(lake.base, home, symlinks=True)
    run = _publish if fault.error is None else _by_command_line
    outcome = watch(home, lambda: _quietly(run, home, lake.articles, folder / "said.txt"), fault)
    said = (folder / "said.txt").read_text(encoding="utf-8")
    told.unlink(missing_ok=True)
    after = _in_a_fork(lambda: told.write_text(json.dumps(_look(home, lake, folder, number)), encoding="utf-8"))
    found, again = json.loads(told.read_text(encoding="utf-8")) if told.exists() else ("?", f"exit code {after}")
    is_met = fault.call in outcome.calls
    return Try(str(fault.call), is_met, outcome.status, _without_progress(said), found, again)


def _look(home: Path, lake: Lake, folder: Path, number: int) -> tuple[str, str]:
    """What readers find, and what the next run makes of it."""
    found = _name(home, lake)
    status = _in_a_fork(lambda: _quietly(_publish, home, lake.articles, folder / "again.txt"))
    if status:
        return found, f"exit code {status}: {(folder / 'again.txt').read_text(encoding='utf-8')[-2000:]}"
    again = _name(home, lake)
    try:
        # It takes as long as the run itself.
        if number % VERIFIED == 0:
            verify(Home(home))
    except LakeError as error:
        again = f"verify: {error}"
    return found, again


def _name(home: Path, lake: Lake) -> str:
    """Which of the two a home shows: by `current`, and by the analysts' file, which may be one behind."""
    try:
        by_file = _counts_by_file(home)
        found = _same_files(home, lake) or _of_rows(_digest(home), lake)
    except (LakeError, OSError, duckdb.Error) as error:
        return f"cannot be read: {error!r}"
    if by_file not in ([lake.before[name][0] for name in lake.before], [lake.after[name][0] for name in lake.after]):
        return f"newslake.duckdb: a mixture: {by_file}"
    return found


def _same_files(home: Path, lake: Lake) -> str | None:
    """Says which of the two when the files of every table have the same bytes, else nothing."""
    files = _files(home)
    return next((name for name in ("before", "after") if files == lake.files[name]), None)


def _files(home: Path) -> list[str]:
    """Files that readers of `current` find, by their bytes; but for those that tell of the runs."""
    folder = (home / "lake" / "current").resolve(strict=True)
    paths = sorted(path for path in folder.rglob("*.parquet") if path.relative_to(folder).parts[0] not in RUN_TABLES)
    return [f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]


def _of_rows(found: Digest, lake: Lake) -> str:
    if found == lake.after:
        return "after"
    if found == lake.before:
        return "before"
    tables = [name for name in found if found[name] not in (lake.before[name], lake.after[name])]
    return f"a mixture; neither one nor the other: {tables or 'none'}"


def _digest(home: Path) -> Digest:
    """All rows of all tables, as `current` shows them."""
    return {name: list(value) for name, value in rows.of(home).items()}


def _counts_by_file(home: Path) -> list[int]:
    names = [table.name for table in PUBLISHED if table.name not in RUN_TABLES]
    with duckdb.connect(str(home / "newslake.duckdb"), read_only=True) as connection:
        counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in names)
        return list(connection.execute(f"SELECT {counts}").fetchall()[0])


def _in_a_fork(run: Callable[[], object]) -> int:
    process_id = os.fork()
    if process_id == 0:
        end_with(run)
    return os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1])


def _quietly(run: Callable[[Path, Path], object], home: Path, articles: Path, told: Path) -> None:
    """Runs with standard error in a file, and without standard output."""
    with told.open("w", encoding="utf-8") as error, Path(os.devnull).open("w", encoding="utf-8") as output:
        os.dup2(error.fileno(), 2)
        os.dup2(output.fileno(), 1)
    run(home, articles)


def _by_command_line(home: Path, articles: Path) -> None:
    """`newslake run --input ARTICLES`, to its end."""
    os.environ["NEWSLAKE_HOME"] = str(home)
    sys.argv = ["newslake", "run", "--input", str(articles)]
    cli.main()


def _publish(home: Path, articles: Path) -> None:
    """The same without its summary."""
    os.environ["NEWSLAKE_HOME"] = str(home)
    pipeline.run([FilesSource(name="input", path=articles)])


def _record(home: Path, articles: Path, folder: Path) -> None:
    """Watches a run without a fault, and keeps its calls and what it imports."""
    refine.warm_up()

    def run() -> None:
        _by_command_line(home, articles)
        names = [name for name in sys.modules if name.split(".")[0] in LOADED]
        (folder / "modules.json").write_text(json.dumps(names), encoding="utf-8")

    outcome = watch(home, run)
    assert outcome.status == 0
    (folder / "calls.json").write_text(json.dumps(outcome.calls, ensure_ascii=False), encoding="utf-8")


def _without_progress(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if not line.startswith(("acquire:", "refine:", "publish:")))


def faults(tries: Sequence[Try], error: int | None) -> list[str]:
    """What should not have come of them, a line each."""
    return [f"{one.call}: {wrong}" for one in tries for wrong in _wrong(one, error)]


def _wrong(one: Try, error: int | None) -> list[str]:
    found = []
    if not one.is_met:
        return ["the run did not come to this call"]
    if one.found not in ("before", "after"):
        found.append(f"readers: {one.found}")
    if one.again != "after":
        found.append(f"the next run: {one.again}")
    if error is None:
        return found + ([] if one.status == -signal.SIGKILL else [f"exit code {one.status}"])
    if one.status not in (0, 1) or "Traceback" in one.said:
        found.append(f"exit code {one.status}: {one.said[-1500:]}")
    if one.status == 1 and not any(line.startswith("newslake: ") for line in one.said.splitlines()):
        found.append(f"said: {one.said}")
    if one.status == 0 and one.found != "after":
        found.append("ended well, without having published")
    return found
