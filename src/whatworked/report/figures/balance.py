"""How alike the arms are before and after matching, covariate by covariate: a Love plot."""

from collections.abc import Sequence

from whatworked.disclosure.released import Number, Released, ReleasedTable
from whatworked.report.figures.style import INK, PILOT, QUIET, SHADE, Spec, rows

# Differences up to this size, in standard deviations, are commonly held to be alike (Stuart, 2010).
ALIKE = 0.1
MANY = 30
WIDTH = 330
MOST_LINES = 60
Row = dict[str, Released]


def differences(table: ReleasedTable) -> list[tuple[str, float, float | None]]:
    """Return name, difference before and difference after of every line whose difference may be shown."""
    found = []
    for row in table.records():
        before, after = row["difference_before"], row["difference_after"]
        if isinstance(before, Number):
            found.append((_name(row), before.value, after.value if isinstance(after, Number) else None))
    return found


def love_plot(table: ReleasedTable) -> Spec | None:
    """Return the chart, or None where no difference may be shown: the largest before matching at the top."""
    found = sorted(differences(table), key=lambda line: -abs(line[1]))[:MOST_LINES]
    if not found:
        return None
    data: list[dict[str, object]] = [{"name": name, "before": before, "after": after} for name, before, after in found]
    limits = [value for _, *both in found for value in both if value is not None]
    x = _axis(limits)
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": [name for name, *_ in found],
        "axis": {"title": None, "labelLimit": 200, "grid": True, "ticks": False, "domain": False},
    }
    both = [row for row in data if row["after"] is not None]
    return {
        "width": WIDTH,
        "height": {"step": 24 if len(found) <= MANY else 15},
        "layer": [
            *_guides(x),
            {
                "data": rows(both),
                "mark": {"type": "rule", "color": QUIET, "strokeWidth": 1.5},
                "encoding": {"x": x | {"field": "before"}, "x2": {"field": "after"}, "y": y},
            },
            _dots(data, "before", {"fill": "white", "stroke": PILOT, "strokeWidth": 2}, x=x, y=y),
            _dots(both, "after", {"fill": PILOT, "stroke": PILOT}, x=x, y=y),
            *_named(found, x),
        ],
    }


def _axis(values: Sequence[float]) -> Spec:
    far = max([2 * ALIKE, *(abs(value) for value in values)]) * 1.12
    return {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [-far, far], "nice": False, "zero": True},
        "axis": {
            "title": [
                "Pilots against comparators, in standard deviations",
                "← lower in pilots · alike · higher in pilots →",
            ],
            "tickCount": 7,
            "grid": False,
        },
    }


def _guides(x: Spec) -> list[Spec]:
    """Return the band of what is held to be alike, and the line of no difference."""
    return [
        {
            "data": rows([{"value": -ALIKE, "other": ALIKE}]),
            "mark": {"type": "rect", "color": SHADE, "aria": False},
            "encoding": {"x": x, "x2": {"field": "other"}},
        },
        {"data": rows([{"value": 0}]), "mark": {"type": "rule", "color": INK}, "encoding": {"x": x}},
        {
            "data": rows([{"value": 0}]),
            "mark": {"type": "text", "text": f"within {ALIKE:g}", "color": QUIET, "aria": False},
            "encoding": {"x": x, "y": {"value": -24}},
        },
    ]


def _dots(data: Sequence[dict[str, object]], field: str, mark: Spec, *, x: Spec, y: Spec) -> Spec:
    return {
        "data": rows(data),
        "mark": {"type": "point", "shape": "circle", "size": 80, "opacity": 1, "filled": True, **mark},
        "encoding": {"x": x | {"field": field}, "y": y},
    }


def _named(found: Sequence[tuple[str, float, float | None]], x: Spec) -> list[Spec]:
    """Return the words at the marks of the top line, which moved furthest, so that no legend is needed."""
    _, before, after = found[0]
    words = [("before", before), *([] if after is None else [("after", after)])]
    close = after is not None and abs(before - after) < ALIKE
    return [
        {
            "data": rows([{"value": value}]),
            "mark": {
                "type": "text",
                "text": text,
                "fontWeight": "bold",
                "color": PILOT,
                "aria": False,
                "align": "center"
                if not close
                else "right"
                if (text == "before") is (before < (after or 0))
                else "left",
            },
            "encoding": {"x": x, "y": {"value": -8}},
        }
        for text, value in words
    ]


def _name(row: Row) -> str:
    level = row["level"].text
    return row["covariate"].text if level == "Mean" else f"{row['covariate'].text}: {level}"
