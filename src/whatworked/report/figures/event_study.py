"""Figure 3: the difference between pilots and comparators, period by period around the start."""

from whatworked.disclosure.released import Number, ReleasedTable
from whatworked.report.figures.style import INK, PILOT, QUIET, WIDTH, Spec, rows, value_axis


def event_study(table: ReleasedTable, unit: str) -> Spec | None:
    """Return the chart, or None where no estimate may be shown."""
    data = [
        {
            "k": row["k"].text,
            "value": estimate.value,
            "low": low.value if isinstance(low := row["conf_low"], Number) else estimate.value,
            "high": high.value if isinstance(high := row["conf_high"], Number) else estimate.value,
            "reference": "yes" if row["k"].text == "−1" else "no",
        }
        for row in table.records()
        if isinstance(estimate := row["estimate"], Number)
    ]
    if not any(row["reference"] == "no" for row in data):
        return None
    order = [row["k"].text for row in table.records()]
    x: Spec = {
        "field": "k",
        "type": "ordinal",
        "scale": {"type": "band", "domain": order, "padding": 0},
        "axis": {"labelAngle": 0, "grid": False, "title": "Periods before (−) and after (0 onwards) the start"},
    }
    limits = [float(row[key]) for row in data for key in ("low", "high", "value")]
    y = value_axis([*limits, 0.0], title=f"Difference, {unit}")
    first_after = next((k for k in order if not k.startswith("−")), None)
    return {
        "width": WIDTH - 60,
        "height": 260,
        "layer": [
            {"data": rows([{"value": 0}]), "mark": {"type": "rule", "color": INK}, "encoding": {"y": y}},
            *_start(first_after, x),
            {
                "data": rows(data),
                "mark": {"type": "rule", "color": PILOT, "strokeWidth": 2},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": rows(data),
                "mark": {"type": "point", "filled": True, "size": 90, "stroke": PILOT, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {"condition": {"test": "datum.reference === 'yes'", "value": "white"}, "value": PILOT},
                },
            },
            {
                "data": rows([row for row in data if row["reference"] == "yes"]),
                "mark": {"type": "text", "text": "reference", "dy": -14, "color": QUIET, "aria": False},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def _start(first_after: str | None, x: Spec) -> list[Spec]:
    if first_after is None:
        return []
    return [
        {
            "data": rows([{"k": first_after}]),
            "mark": {"type": "rule", "color": QUIET, "strokeDash": [4, 3], "aria": False},
            "encoding": {"x": x | {"bandPosition": 0}},
        }
    ]
