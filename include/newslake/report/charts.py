"""What a chart draws, as data for `app.js`: the rows that the table beside it shows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from markupsafe import Markup

from newslake.report.answers import Answer
from newslake.report.labels import chinese
from newslake.report.values import clean

# Nothing that could be markup is left in the JSON.
_MARKUP = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def data(answer: Answer) -> Markup | None:
    """A section's chart as JSON that no browser takes for markup; None where there is nothing to draw."""
    section, chart = answer.section, answer.section.chart
    if chart is None or not answer.records:
        return None
    names = [name for name in (chart.x, chart.series, *chart.y) if name]
    forms = {column.name: column for column in section.columns}
    labels = {name: [forms[name].label, chinese()[forms[name].label]] for name in names if name in forms}
    rows = [[_value(record[name]) for name in names] for record in answer.records[: chart.most]]
    words = sorted({str(row[0]) for row in rows}) if forms[chart.x].form == "word" else []
    return embedded(
        {
            "kind": chart.kind,
            "x": chart.x,
            "y": chart.y,
            "series": chart.series,
            "names": names,
            "labels": labels,
            "words": {word: [word, chinese()[word]] for word in words if word in chinese()},
            "rows": rows,
        }
    )


def embedded(value: Any) -> Markup:
    r"""JSON that can stand in an element of HTML.

    >>> embedded({"title": "</script>\u2028"})
    Markup('{"title":"\\u003c/script\\u003e\\u2028"}')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_MARKUP))


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return clean(value) if isinstance(value, str) else value
