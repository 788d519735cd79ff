"""Measures newslake on generated articles, beside the floor and beside datatrove: `make bench`.

    python bench/run.py --articles 10000 --processes 1,2

Everything runs in this one session on the same files, in fresh processes with an empty lake. Prints tables and writes
`bench/results/latest.json`. datatrove is measured where its environment exists:

    python -m venv bench/.venv && bench/.venv/bin/pip install --require-hashes -r bench/requirements.txt
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console

import present
from generate import write
from measure import CommandFailed, Measured, run_measured

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parent / "include"
RESULTS = HERE / "results" / "latest.json"
WARM_UP_ARTICLES = 20

Figures = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A generated corpus: folder of articles and truth, how many, bytes of JSON Lines."""

    folder: Path
    count: int
    size: int

    @property
    def articles(self) -> Path:
        return self.folder / "articles"


def environment(**more: str) -> dict[str, str]:
    """That of a user: with PYTHONDONTWRITEBYTECODE every process would compile its imports anew."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return found | {"PYTHONPATH": str(INCLUDE)} | more


def generated(count: int, folder: Path, seed: int = 1) -> Corpus:
    return Corpus(folder, count, write(count, folder, seed))


def figures(corpus: Corpus, measured: Measured) -> Figures:
    """What is reported of every run."""
    return {
        "wall_seconds": measured.wall_seconds,
        "articles_per_second": corpus.count / measured.wall_seconds,
        "mb_per_second": corpus.size / 1e6 / measured.wall_seconds,
        "cpu_seconds": measured.cpu_seconds,
        "cpu_us_per_article": 1e6 * measured.cpu_seconds / corpus.count,
        "peak_tree_mb": measured.peak_tree_mb,
        "peak_process_mb": measured.peak_process_mb,
    }


def run_newslake(corpus: Corpus, processes: int, folder: Path) -> Figures:
    """One run of the whole pipeline into an empty lake; then what its tables say about it."""
    home = folder / "home"
    command = [
        sys.executable,
        "-m",
        "newslake.cli",
        "run",
        "--input",
        str(corpus.articles),
        "--processes",
        str(processes),
    ]
    measured = run_measured(command, environment(NEWSLAKE_HOME=str(home)), folder)
    found: Figures = {"processes": processes} | figures(corpus, measured)
    found["stages"] = _rows(
        home, "runs", "SELECT stage, rows_in, rows_out, cpu_seconds, peak_memory_mb FROM {} ORDER BY stage_no"
    )
    kept = _rows(home, "articles", "SELECT url FROM {} WHERE NOT is_duplicate")
    found |= copies_found(corpus, [row["url"] for row in kept])
    found["lake_mb"] = sum(path.stat().st_size for path in (home / "lake" / "delta").rglob("*.parquet")) / 1e6
    shutil.rmtree(home)
    return found


def _rows(home: Path, table: str, query: str) -> list[Figures]:
    files = home / "lake" / "current" / table / "**" / "*.parquet"
    with duckdb.connect() as connection:
        answer = connection.execute(query.format("read_parquet(?, hive_partitioning = false)"), [str(files)])
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def run_datatrove(corpus: Corpus, processes: int, folder: Path, python: Path) -> Figures:
    """datatrove on the same files; it writes what it keeps."""
    out = folder / "out"
    command = [
        str(python),
        str(HERE / "datatrove_run.py"),
        str(corpus.articles),
        str(out),
        "--processes",
        str(processes),
    ]
    measured = run_measured(command, environment(), folder)
    said = json.loads(measured.output.splitlines()[-1])
    with duckdb.connect() as connection:
        files = str(Path(said["kept"], "*.parquet"))
        kept = [url for (url,) in connection.execute("SELECT id FROM read_parquet(?)", [files]).fetchall()]
    found: Figures = {"processes": processes, "stage_seconds": said["stage_seconds"]} | figures(corpus, measured)
    return found | copies_found(corpus, kept)


def copies_found(corpus: Corpus, kept: Iterable[str]) -> Figures:
    """How well one article a cluster was kept: by the addresses kept, against the truth of the generator.

    Returns:
        copies_found: share of the copies that were removed (or marked), of all that should be.
        articles_lost: clusters of which nothing is left.
    """
    with (corpus.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        cluster_of = {row["url"]: row["copy_of"] or row["url"] for row in csv.DictReader(file)}
    records = Counter(cluster_of.values())
    left = Counter(cluster_of[url] for url in set(kept))
    removed = sum(min(records[cluster] - left[cluster], records[cluster] - 1) for cluster in records)
    return {
        "copies_found": removed / max(1, len(cluster_of) - len(records)),
        "articles_lost": sum(1 for cluster in records if not left[cluster]),
    }


def run_floor(corpus: Corpus, processes: int) -> Figures:
    """The floor, as one of as many processes as are compared with it: cores that share a clock slow each other down."""
    command = [sys.executable, str(HERE / "floor.py"), str(corpus.articles)]
    running = [subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE) for _ in range(processes)]
    outputs = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise CommandFailed(f"{' '.join(command)} failed")
    return {"processes": processes} | json.loads(outputs[0])


def ratios(first: Figures) -> Figures:
    """newslake against datatrove (articles a second, same number of processes) and the floor (processor time)."""
    found: Figures = {}
    for run in first["newslake"]:
        (floor,) = (floor for floor in first["floors"] if floor["processes"] == run["processes"])
        chain = floor["chain"]["cpu_us_per_article"]
        found[f"times_floor_chain_cpu_{run['processes']}"] = run["cpu_us_per_article"] / chain
        peer = first["datatrove"]
        if peer and peer["processes"] == run["processes"]:
            found["times_datatrove"] = run["articles_per_second"] / peer["articles_per_second"]
            found["times_datatrove_cpu"] = peer["cpu_us_per_article"] / run["cpu_us_per_article"]
    return found


def machine() -> Figures:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_at_start": os.getloadavg()[0],
    }


def measure_all(arguments: argparse.Namespace, folder: Path, console: Console) -> Figures:
    """Every run, one after the other: nothing else competes for the cores."""
    here = machine()
    warm_up = generated(WARM_UP_ARTICLES, folder / "warm-up")
    run_newslake(warm_up, 1, folder / "warm-up-run")
    sizes: list[Figures] = []
    for count in arguments.compare_sizes or [arguments.articles]:
        console.print(f"generating {count:,} articles …")
        corpus = generated(count, folder / f"corpus-{count}", arguments.seed)
        found: Figures = {"articles": count, "mb": corpus.size / 1e6, "newslake": [], "floors": [], "datatrove": None}
        for processes in arguments.processes:
            console.print(f"newslake, {processes} process(es) …")
            found["newslake"].append(run_newslake(corpus, processes, folder / f"newslake-{count}-{processes}"))
        if not sizes:
            console.print("floor …")
            found["floors"] = [run_floor(corpus, processes) for processes in arguments.processes]
            found["datatrove"] = _datatrove_if_there(arguments, corpus, folder, console)
        sizes.append(found)
        shutil.rmtree(corpus.folder)
    return {"machine": here, "seed": arguments.seed, "sizes": sizes, "ratios": ratios(sizes[0])}


def _datatrove_if_there(
    arguments: argparse.Namespace, corpus: Corpus, folder: Path, console: Console
) -> Figures | None:
    python = Path(os.environ.get("NEWSLAKE_BENCH_DATATROVE_PYTHON", str(HERE / ".venv" / "bin" / "python")))
    if arguments.skip_datatrove:
        return None
    if not python.exists():
        console.print("datatrove is not installed, so it is left out. To measure it:")
        console.print((__doc__ or "").strip().splitlines()[-1].strip(), soft_wrap=True)
        return None
    processes = max(arguments.processes)
    console.print(f"datatrove, {processes} process(es) …")
    return run_datatrove(corpus, processes, folder / "datatrove", python)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000, help="how many to generate (default: 10000)")
    parser.add_argument("--processes", type=_numbers, default=[1, 2], help="runs of newslake (default: 1,2)")
    parser.add_argument("--compare-sizes", type=_numbers, help="10000,50000: cost and memory must not grow with size")
    parser.add_argument("--skip-datatrove", action="store_true", help="newslake and the floor only")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="JSON to write (default: bench/results/latest.json)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the generated corpus (default: 1)")
    arguments = parser.parse_args()
    console = Console()
    try:
        with tempfile.TemporaryDirectory(prefix="newslake-bench-") as folder:
            found = measure_all(arguments, Path(folder), console)
    except CommandFailed as failure:
        Console(stderr=True).print(str(failure), markup=False)
        return 1
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    present.show(found, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
