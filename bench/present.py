"""The figures of a benchmark as tables."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
BUSY_LOAD = 0.5
"""Load average before the first run above which something else takes the cores."""
NUMBERS = ("articles/s", "MB/s", "CPU s", "µs each", "RSS MB", "largest", "copies", "lost")
LEGEND = (
    "µs each: processor time an article, of the whole process tree. RSS MB: resident memory, summed over its processes; "
    "largest: of one process. copies: share of the copies that were found; lost: articles of which no copy is left."
)


def show(found: Figures, console: Console) -> None:
    """Prints runs, stages, floor and ratios."""
    machine = found["machine"]
    console.print(f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}")
    if machine["load_at_start"] > BUSY_LOAD:
        busy = (
            f"The machine was busy (load {machine['load_at_start']:.1f}): trust processor time, not articles a second."
        )
        console.print(busy, style="yellow", highlight=False)
    for size in found["sizes"]:
        console.print(_runs(size))
        console.print(LEGEND, style="dim", highlight=False)
        for run in size["newslake"]:
            console.print(_stages(size, run))
    for floor in found["sizes"][0]["floors"]:
        console.print(_floor(floor))
    if len(found["sizes"]) > 1:
        console.print(_growth(found["sizes"]))
    for name, ratio in found["ratios"].items():
        console.print(_ratio_line(name, ratio), highlight=False)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column(columns[0], no_wrap=True)
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _runs(size: Figures) -> Table:
    table = _table(f"{size['articles']:,} articles, {size['mb']:,.1f} MB", "processes", *NUMBERS)
    for run in size["newslake"]:
        table.add_row(f"newslake, {run['processes']}", *_cells(run))
    if size["datatrove"]:
        table.add_row(f"datatrove, {size['datatrove']['processes']}", *_cells(size["datatrove"]))
    return table


def _cells(run: Figures) -> list[str]:
    return [
        f"{run['articles_per_second']:,.0f}",
        f"{run['mb_per_second']:,.1f}",
        f"{run['cpu_seconds']:,.1f}",
        f"{run['cpu_us_per_article']:,.0f}",
        f"{run['peak_tree_mb']:,.0f}",
        f"{run['peak_process_mb']:,.0f}",
        f"{run['copies_found']:.3f}",
        f"{run['articles_lost']:,}",
    ]


def _stages(size: Figures, run: Figures) -> Table:
    """A stage's rates are those of one core that does nothing else."""
    title = f"newslake by stage, {size['articles']:,} articles, {run['processes']} process(es)"
    columns = ("rows in", "rows out", "articles/s a core", "MB/s a core", "peak MB", "CPU s", "µs/article", "share")
    table = _table(title, "stage", *columns)
    for stage in run["stages"]:
        seconds = max(stage["cpu_seconds"], 1e-6)
        table.add_row(
            stage["stage"],
            f"{stage['rows_in']:,}",
            f"{stage['rows_out']:,}",
            f"{size['articles'] / seconds:,.0f}",
            f"{size['mb'] / seconds:,.0f}",
            f"{stage['peak_memory_mb']:,.0f}",
            *_cost(seconds, size, run),
        )
    rest = run["cpu_seconds"] - sum(stage["cpu_seconds"] for stage in run["stages"])
    table.add_row("start-up and rest", "", "", "", "", "", *_cost(rest, size, run))
    return table


def _cost(seconds: float, size: Figures, run: Figures) -> list[str]:
    return [f"{seconds:,.2f}", f"{1e6 * seconds / size['articles']:,.0f}", f"{seconds / run['cpu_seconds']:.0%}"]


def _floor(floor: Figures) -> Table:
    table = _table(f"floor, {floor['processes']} process(es) at once", "part", "µs/article")
    table.add_row("JSON Lines → zstd Parquet", f"{floor['copy']['cpu_us_per_article']:,.0f}")
    table.add_row("chain with words", f"{floor['chain']['cpu_us_per_article']:,.0f}")
    for name, each in floor["chain"]["parts_us_per_article"].items():
        table.add_row(f"  {name}", f"{each:,.0f}")
    return table


def _growth(sizes: list[Figures]) -> Table:
    """Cost by size; "each further" is what an article more costs, without what a run costs once."""
    table = _table("growth with size", "articles", "processes", "µs/article", "µs each further", "RSS MB", "largest")
    for number, size in enumerate(sizes):
        for run_number, run in enumerate(size["newslake"]):
            further = ""
            if number:
                before = sizes[number - 1]
                more = size["articles"] - before["articles"]
                seconds = run["cpu_seconds"] - before["newslake"][run_number]["cpu_seconds"]
                further = f"{1e6 * seconds / more:,.0f}"
            each, memory = run["cpu_us_per_article"], (run["peak_tree_mb"], run["peak_process_mb"])
            cells = (f"{each:,.0f}", further, *(f"{megabytes:,.0f}" for megabytes in memory))
            table.add_row(f"{size['articles']:,}", str(run["processes"]), *cells)
    return table


def _ratio_line(name: str, ratio: float) -> str:
    if name == "times_datatrove_cpu":
        return f"{ratio:,.1f} × datatrove (processor time an article, same number of processes)"
    if name == "times_datatrove":
        return f"{ratio:,.1f} × datatrove (articles a second, same number of processes)"
    return f"{ratio:,.2f} × floor chain (processor time, {name.rpartition('_')[2]} process(es))"
