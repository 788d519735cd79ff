"""Scores on the gold articles: `python -m tests.gold`, with `--misses KIND` for what is wrong in those that are open."""

from __future__ import annotations

import argparse
import json
from math import floor

from newslake.report.accuracy import RECORDED

from .finding import find
from .reading import FOLDER, KINDS, Gold, read_all
from .scoring import Score, Scores


def score(golds: list[Gold]) -> Scores:
    """What newslake finds, against the gold."""
    found = find(golds)
    scores = Scores()
    for gold in golds:
        scores.add(gold.name, gold.spans, found[gold.name][1])
    return scores


def agreement() -> Scores:
    """Second annotations against the first ones."""
    firsts = {gold.name: gold for gold in read_all()}
    scores = Scores()
    for second in read_all(".second.yaml"):
        scores.add(second.name, firsts[second.name].spans, second.spans)
    return scores


def _row(name: str, score: Score, halves: list[Score | None]) -> str:
    shown = "".join(f"{one.f1:8.3f}" if one else " " * 8 for one in halves)
    counts = f"{score.right:8}{score.found:7}{score.gold:6}"
    reached = f"{score.reached:9.3f}" if score.everywhere else ""
    return f"{name:<32}{score.precision:10.3f}{score.recall:8.3f}{score.f1:8.3f}{counts}{shown}{reached}".rstrip()


def _print(scores: Scores, halves: list[Scores]) -> None:
    """The scores, with F1 of the open and the blind half behind them where these are given."""
    heads = f"{'precision':>10}{'recall':>8}{'F1':>8}{'right':>8}{'found':>7}{'gold':>6}"
    print(f"{'':<32}{heads}{'F1 open':>8}{'blind':>8}" if halves else f"{'':<32}{heads}")
    for kind, one in scores.kinds.items():
        print(_row(kind, one, [half.kinds[kind] for half in halves]))
    print("\nfields of rows that are right; last, what is right of all values in the gold")
    for name, one in sorted(scores.fields.items()):
        print(_row(name, one, [half.fields.get(name) for half in halves]))
    print("\nnulls right, of null fields of directives")
    for name, one in [*scores.nulls.items(), ("all", scores.all_nulls())]:
        print(f"{name:<32}{one.recall:10.3f} ({one.right} of {one.gold})")
    print("\nmisses by kind, all articles")
    for kind in KINDS:
        counted = scores.misses_by_kind()
        print(f"{kind:<32}" + ", ".join(f"{what} {counted[kind, what]}" for of, what in sorted(counted) if of == kind))


def raise_floors(figures: dict[str, float]) -> None:
    """Writes what is reached, rounded down to .01, wherever that is more than the floor there is."""
    path = FOLDER / "floors.json"
    floors = json.loads(path.read_text("utf-8"))
    raised = {name: max(floors.get(name, 0.0), floor(value * 100 + 1e-9) / 100) for name, value in figures.items()}
    path.write_text(json.dumps(dict(sorted(raised.items())), indent=2) + "\n", "utf-8")


def record(golds: list[Gold]) -> None:
    """Writes the floors for the report, which is shipped without these articles."""
    floors = json.loads((FOLDER / "floors.json").read_text("utf-8"))
    known = {"article_count": len(golds), "blind_count": sum(gold.is_blind for gold in golds), "floors": floors}
    RECORDED.write_text(json.dumps(known, indent=2) + "\n", "utf-8")


def main() -> None:
    """Prints the scores, and records the floors."""
    parser = argparse.ArgumentParser(prog="python -m tests.gold", description=__doc__)
    parser.add_argument("--misses", choices=(*KINDS, "all"), help="what is wrong in open articles, of a kind")
    parser.add_argument("--agreement", action="store_true", help="second annotations against the first ones instead")
    parser.add_argument("--raise-floors", action="store_true", help="write floors.json where more is reached")
    arguments = parser.parse_args()
    if arguments.agreement:
        twice = agreement()
        _print(twice, [])
        misses = twice.misses
    else:
        golds = read_all()
        opened = score([gold for gold in golds if not gold.is_blind])
        blind = score([gold for gold in golds if gold.is_blind])
        scores = score(golds)
        _print(scores, [opened, blind])
        if arguments.raise_floors:
            raise_floors(scores.figures())
        record(golds)
        misses = opened.misses
        print(f"\n{len(golds)} articles, {sum(gold.is_blind for gold in golds)} of them blind")
    for article, kind, what, words in misses:
        if arguments.misses in (kind, "all"):
            print(f"{article[:2]} {kind}: {what}: {words}")


if __name__ == "__main__":
    main()
