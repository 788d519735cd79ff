"""The way of an article, from its source to the next snapshot.

    acquire → plan → refine (clean, parse, segment, annotate, fingerprint: a batch at a time)
            → publish (deduplicate, validate, write: all batches at once) → report

The same functions run in one process, in a pool of processes (`run`), and as Airflow tasks.
They hand on paths and counts; articles travel through files.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from newslake import config
from newslake.errors import ConfigError, NewslakeError, SourceError
from newslake.gate import Published as Published
from newslake.gate import new_run_id
from newslake.sources import ORIGINALITY, Source, is_due, named, read_sources, sources_path
from newslake.stage_log import Entry, StageLog

if TYPE_CHECKING:
    from newslake.acquire.visit import Credentials, Landed, Visit

logger = logging.getLogger(__name__)

BATCH_DOCUMENTS = 1_000
"""Documents refined together: enough for columnar work, few enough for 0.3 GB a process."""
MOST_BATCHES = 1_000
"""Airflow maps a task over at most 1,024 items; a larger backlog gets larger batches."""


def enabled_sources() -> list[str]:
    """Names of the sources that are switched on in `sources.yaml`."""
    return [source.name for source in read_sources().values() if source.is_enabled]


def due_sources() -> list[str]:
    """Names of those of them whose schedule says that the next visit has come."""
    from newslake.lake import visits

    home, moment = config.home(), datetime.now(UTC)
    enabled = (source for source in read_sources().values() if source.is_enabled)
    return [source.name for source in enabled if is_due(source, visits.last_began(home, source.name), moment)]


def acquire(source: str | Source, connection: Credentials | None = None) -> Landed:
    """Lands what is new of a source as raw documents, and logs what the user should know.

    Args:
        source: a name in `sources.yaml`, or a source of one's own.
        connection: the one that the source names; by default taken from the environment.

    Raises:
        ConfigError: there is no source of that name.
        SourceError: the source cannot be read, or not to its end; what was read before is landed. Or its connection
            is not set, or of no use.
    """
    landed = _acquire(source, connection)
    for line in landed["unreadable"]:
        logger.warning("could not be read, the next run tries again: %s", line)
    for line in landed["notes"]:
        logger.warning("%s", line)
    return landed


def _acquire(source: str | Source, connection: Credentials | None = None) -> Landed:
    from newslake.acquire import KINDS
    from newslake.acquire.canonical import canonical
    from newslake.acquire.documents import chunks
    from newslake.acquire.visit import Visit, connection_for, read
    from newslake.lake import raw, visits
    from newslake.lake.durable import write_text
    from newslake.lake.tombstones import Admission
    from newslake.lake.watermarks import watermark

    source = _source(source, KINDS)
    home, log = config.home(), StageLog()
    run_id = new_run_id(source.name)
    with ExitStack() as held:
        # Files are read whole each time: several runs may do so at once.
        mark = held.enter_context(watermark(home, source.name, raw.folder(home))) if source.kind != "files" else None
        outcome = held.enter_context(visits.noted(home, source.name))
        found = connection_for(source, connection)
        visit = Visit(
            source, home, mark.value if mark else {}, partial(raw.known, home, source=source.name), connection=found
        )
        try:
            with log.measure("acquire") as entry:
                admission = Admission(canonical, source.retention_days, partial(_count_refused, entry, visit))
                documents = chunks(read(visit, KINDS[source.kind]), source.name)
                for given, stored in raw.land(home, documents, run_id, mark, admission):
                    entry.rows_in, entry.rows_out = entry.rows_in + given, entry.rows_out + stored
        finally:
            outcome.landed, outcome.pending = entry.rows_out, visit.counts["pending"]
            if entry.rows_out or entry.refused_count:
                note = {"raw_version": raw.version(home), "stages": log.to_json()}
                write_text(home.state / "landed" / f"{run_id}-{uuid4().hex}.json", json.dumps(note))
    return visit.landed(entry.rows_in, entry.rows_out)


def _count_refused(entry: Entry, visit: Visit, count: int) -> None:
    entry.refused_count += count
    visit.notes.append(f"source {visit.source.name}: {count} documents left out: taken down, or past retention_days")


def _source(source: str | Source, kinds: Collection[str]) -> Source:
    if isinstance(source, str):
        source = named(source)
    if source.kind not in kinds:
        raise ConfigError(
            f"{sources_path()}: source {source.name}: kind {source.kind!r} is not one of: {', '.join(kinds)}"
        )
    return source


def plan(
    batch_size: int = BATCH_DOCUMENTS, again_since: datetime | None = None, refused: Collection[str] | None = None
) -> list[str]:
    """Divides documents that are not in the lake yet into batches.

    Args:
        batch_size: documents a batch.
        again_since: instead, documents of the lake that were fetched then or later, to be refined again.
        refused: instead, those of these raw_ids that the lake has refused, to be replayed.

    Returns:
        Paths of batch plans, at most MOST_BATCHES; none when nothing is new. Then what a crash may have
        left undone behind the newest snapshot is done.
    """
    from newslake.lake import raw

    found = raw.plan(config.home(), batch_size, MOST_BATCHES, config.rules(), again_since, refused)
    plans = [str(path) for path in found]
    if not plans:
        publish([])
    return plans


def plan_replay(reason: str | None, source: str | None, raw_ids: Sequence[str] = ()) -> list[str]:
    """Divides refused documents into batches, to be refined once more.

    Args:
        reason: only what was refused for it.
        source: only of this one.
        raw_ids: only those that begin with one of these.

    Raises:
        UsageError: nothing was refused so.
        LakeError: nothing has been published yet.
    """
    from newslake import quarantine
    from newslake.lake import database, snapshots

    with database.connect(snapshots.current(config.home())) as connection:
        refused = quarantine.chosen(connection, reason, source, raw_ids)
    return plan(refused=refused.keys()) if refused else []


def refine(plan_path: str) -> str:
    """Takes one batch from bytes to mentions. Done twice, it does nothing more.

    Returns:
        Path of the staged batch.
    """
    from newslake import refine as stages
    from newslake.lake import raw, staged

    folder = config.home().state / "staged" / Path(plan_path).stem
    # A plan that is gone was published by another run meanwhile.
    if Path(plan_path).exists() and not folder.exists():
        batch = json.loads(Path(plan_path).read_text(encoding="utf-8"))
        documents = raw.read(batch)
        sources = read_sources().values()
        timezones = {source.name: source.timezone for source in sources if source.timezone}
        languages = {source.name: source.language for source in sources if source.language}
        originality = {source.name: ORIGINALITY.index(source.originality) for source in sources}
        tables, counts, log = stages.refine(documents, timezones, languages, originality)
        facts = {
            "documents": documents.num_rows,
            "raw_version": batch["raw_version"],
            "is_again": batch.get("is_again", False),
            "is_replay": batch.get("is_replay", False),
            "stages": log.to_json(),
            "row_checks": [count.to_json() for count in counts],
        }
        staged.write(folder, tables, facts)
    return str(folder)


def publish(
    staged_paths: Sequence[str], pool: Executor | None = None, accepted: Collection[str] = frozenset()
) -> Published:
    """Marks copies, passes the gate, and makes the next snapshot of the lake.

    Args:
        staged_paths: staged batches of one plan; those that are published already are left out.
        pool: processes that may share the work.
        accepted: sources of which a person has looked at what was refused: however much it is, it does not stop them.

    Raises:
        BatchStopped: a table check failed, or too many documents of a source were refused; the lake is unchanged and
            the batches stay staged.
    """
    from newslake import gate, lineage
    from newslake.lake.remote import again_when_overtaken

    folders = [Path(path) for path in staged_paths]
    with lineage.noted(config.home()):
        return again_when_overtaken(partial(gate.publish, config.home(), folders, pool, accepted))


def run(
    sources: Sequence[str | Source],
    processes: int = 1,
    batch_size: int = BATCH_DOCUMENTS,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
    again_since: datetime | None = None,
    accepted: Collection[str] = frozenset(),
) -> tuple[list[Landed], Published]:
    """The whole way in this process, or with batches in a pool of processes.

    Args:
        sources: names in `sources.yaml`, or sources of one's own.
        processes: how many batches are refined at a time.
        batch_size: documents a batch.
        progress: told (stage, done, total) as the run goes on.
        again_since: refines what was fetched then or later once more, and replaces those articles' rows.
        accepted: see `publish`.
    """
    with _pool(processes) as pool:
        for _ in range(processes):
            if pool:
                pool.submit(_warm_up)
        landed = []
        for number, source in enumerate(sources):
            progress("acquire", number, len(sources))
            landed.append(_acquire_or_tell(source))
        progress("acquire", len(sources), len(sources))
        staged = _refined(plan(batch_size, again_since), pool, progress)
    return landed, _published(staged, processes, progress, accepted)


def replay(
    raw_ids: Collection[str],
    processes: int = 1,
    batch_size: int = BATCH_DOCUMENTS,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Published:
    """Refines refused documents once more, and publishes what passes; the others stay, with what is the matter now.

    Args:
        raw_ids: which; those that are not refused are left out.
        processes: how many batches are refined at a time.
        batch_size: documents a batch.
        progress: told (stage, done, total) as it goes on.
    """
    with _pool(processes) as pool:
        staged = _refined(plan(batch_size, refused=raw_ids), pool, progress)
    return _published(staged, processes, progress)


def _refined(plans: Sequence[str], pool: Executor | None, progress: Callable[[str, int, int], None]) -> list[str]:
    staged = []
    for number, path in enumerate(pool.map(refine, plans) if pool else map(refine, plans)):
        staged.append(path)
        progress("refine", number + 1, len(plans))
    return staged


def _published(
    staged: Sequence[str],
    processes: int,
    progress: Callable[[str, int, int], None],
    accepted: Collection[str] = frozenset(),
) -> Published:
    # A new pool: the first one's processes hold dictionaries and memory that publishing does not need.
    with _pool(processes) as pool:
        progress("publish", 0, 1)
        published = publish(staged, pool, accepted)
        progress("publish", 1, 1)
    return published


def _acquire_or_tell(source: str | Source) -> Landed:
    """A source that cannot be read does not hold up the others: the caller is told. Only a bug is logged as well."""
    from newslake.acquire.visit import told

    name = source if isinstance(source, str) else source.name
    try:
        return _acquire(source)
    except SourceError as error:
        return told(name, unreadable=[str(error)])
    except Exception as error:  # A bug is shown whole, and costs no other source its visit; a full disk costs them all.
        is_network = isinstance(error, ConnectionError | TimeoutError)
        if isinstance(error, NewslakeError | MemoryError | OSError) and not is_network:
            raise
        logger.exception("source %s: a bug", name)
        said = f"source {name}: a bug, see the traceback above: {type(error).__name__}: {error}"
        return told(name, unreadable=[said])


@contextmanager
def _pool(processes: int) -> Iterator[Executor | None]:
    """A pool whose processes start when they are needed; none for one process."""
    if processes == 1:
        yield None
        return
    # A fork would copy threads and connections that do not survive it (DuckDB hangs).
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield pool


def _warm_up() -> None:
    """Loads what the stages need, while the first documents are acquired."""
    from newslake import refine as stages

    stages.warm_up()


def verify() -> dict[str, Any]:
    """Checks the current snapshot against its manifest, and that every document is accounted for.

    Raises:
        LakeError: names what is missing, changed or does not add up.
    """
    from newslake.lake import verify as checks

    name, files, account = checks.verify(config.home())
    return {"snapshot": name, "files": files, "conservation": str(account)}


def maintain(*, is_dry: bool = False, newest: int | None = None, days: float | None = None) -> dict[str, Any]:
    """Removes what sources may not keep, puts small files together, removes old snapshots and what crashed runs left.

    Args:
        is_dry: only says what would be done.
        newest: snapshots that are kept however old they are; see `lake/expire.py`.
        days: younger ones are kept.

    Raises:
        LakeError: there is no lake, or it is damaged.
    """
    from newslake.deduplicate import cluster
    from newslake.lake import expire, upkeep

    keeping = {source.name: source.retention_days for source in read_sources().values() if source.retention_days}
    rules = upkeep.Rules(
        expire.KEEP_NEWEST if newest is None else newest, expire.KEEP_DAYS if days is None else days, keeping
    )
    return upkeep.maintain(config.home(), cluster, rules, new_run_id("maintain"), is_dry=is_dry).to_json()


def report(most: int | None = 2_000, single_file: Path | None = None) -> dict[str, Any]:
    """Writes the report of the current snapshot.

    Args:
        most: articles that get a page; None for all.
        single_file: a file that takes all pages but those of articles, instead of the site.
    """
    from newslake.lake import remote, snapshots
    from newslake.report import site

    home = config.home()
    remote.refresh(home)
    snapshot = snapshots.current(home)
    path = site.write_single(home, snapshot, single_file) if single_file else site.write(home, snapshot, most)
    return {"path": str(path), "snapshot": snapshot.name}
