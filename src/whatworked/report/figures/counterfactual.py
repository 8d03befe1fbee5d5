"""Figure 2: the pilots as observed, as they would have been without the effect, and the comparators."""

from collections.abc import Sequence

from whatworked.disclosure.released import Number, Released, ReleasedTable
from whatworked.report.figures.style import (
    COMPARATOR,
    COMPARATOR_WORDS,
    COUNTERFACTUAL,
    COUNTERFACTUAL_WORDS,
    PILOT,
    Spec,
    apart,
    period_axis,
    phase_marks,
    phase_words,
    rows,
    value_axis,
)

WIDTH, HEIGHT, LINE_HEIGHT = 350, 280, 14
# Pixels a line of a label may take, more than its height because the axis reaches beyond the values.
LINE_ROOM = 19
SERIES = ("pilots", "counterfactual", "comparators")
LIMITS = ("conf_low", "conf_high")
LINES = {
    "pilots": {"color": PILOT, "strokeWidth": 3, "point": {"color": PILOT, "size": 45, "filled": True}},
    "comparators": {
        "color": COMPARATOR,
        "strokeWidth": 1.5,
        "point": {"color": COMPARATOR, "size": 20, "filled": True},
    },
    "counterfactual": {
        "color": COUNTERFACTUAL,
        "strokeWidth": 2,
        "strokeDash": [5, 3],
        "point": {"color": COUNTERFACTUAL, "size": 60, "filled": True, "shape": "diamond"},
    },
}
LABELS = {
    "pilots": (["Pilots,", "observed"], PILOT),
    "counterfactual": (["Pilots without it,", "estimated, with", "95% interval"], COUNTERFACTUAL_WORDS),
    "comparators": (["Comparators"], COMPARATOR_WORDS),
}
Row = dict[str, Released]


def counterfactual(table: ReleasedTable, unit: str) -> Spec | None:
    """Return the chart, or None where the pilots' figures may not be shown."""
    records = table.records()
    values = [cell.value for row in records for key in (*SERIES, *LIMITS) if isinstance(cell := row[key], Number)]
    if not any(isinstance(row["pilots"], Number) for row in records):
        return None
    periods = [row["period"].text for row in records]
    phases = [row["phase"].text for row in records]
    shaded = [period for period, phase in zip(periods, phases, strict=True) if phase == "Settling in"]
    start = next((period for period, phase in zip(periods, phases, strict=True) if phase != "Before"), None)
    x, y = period_axis(periods), value_axis(values, title=unit)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            *phase_marks(shaded, start, x),
            *phase_words(shaded, start, x),
            _interval(records, x, y),
            *(_line(records, key, x=x, y=y) for key in ("comparators", "counterfactual", "pilots")),
            *_labels(records, values, x=x, y=y),
        ],
    }


def _interval(records: Sequence[Row], x: Spec, y: Spec) -> Spec:
    """Return the interval of the counterfactual as a bar in each period."""
    data = [
        {"period": row["period"].text, "value": low.value, "high": high.value}
        for row in records
        if isinstance(low := row["conf_low"], Number) and isinstance(high := row["conf_high"], Number)
    ]
    return {
        "data": rows(data),
        "mark": {"type": "rule", "color": COUNTERFACTUAL, "strokeWidth": 7, "opacity": 0.35},
        "encoding": {"x": x, "y": y, "y2": {"field": "high"}},
    }


def _line(records: Sequence[Row], key: str, *, x: Spec, y: Spec) -> Spec:
    data = [
        {"period": row["period"].text, "value": cell.value} for row in records if isinstance(cell := row[key], Number)
    ]
    return {"data": rows(data), "mark": {"type": "line", **LINES[key]}, "encoding": {"x": x, "y": y}}


def _labels(records: Sequence[Row], values: Sequence[float], *, x: Spec, y: Spec) -> list[Spec]:
    """Return the name of each line beside its last point, moved apart where two would touch."""
    last = {
        key: [(row["period"].text, cell.value) for row in records if isinstance(cell := row[key], Number)][-1:]
        for key in SERIES
    }
    ends = {key: found[0] for key, found in last.items() if found}
    line = (max(values) - min(values)) * LINE_ROOM / HEIGHT
    heights = [line * len(LABELS[key][0]) for key in ends]
    places = dict(zip(ends, apart([value for _, value in ends.values()], heights), strict=True))
    return [
        {
            "data": rows([{"period": period, "value": places[key]}]),
            "mark": {
                "type": "text",
                "text": LABELS[key][0],
                "color": LABELS[key][1],
                "align": "left",
                "baseline": "middle",
                "dx": 14,
                "dy": -LINE_HEIGHT / 2 * (len(LABELS[key][0]) - 1),
                "lineHeight": LINE_HEIGHT,
                "fontWeight": "bold",
                "aria": False,
            },
            "encoding": {"x": x, "y": y},
        }
        for key, (period, _) in ends.items()
    ]
