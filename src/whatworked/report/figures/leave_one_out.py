"""Figure 4: the main estimate without each area in turn."""

from whatworked.disclosure.released import Number, ReleasedTable
from whatworked.report.figures.style import COMPARATOR, INK, PILOT, QUIET, Spec, rows, value_axis

MANY = 30
WIDTH = 340


def leave_one_out(table: ReleasedTable, unit: str) -> Spec | None:
    """Return the chart, or None where no estimate may be shown."""
    whole, *others = table.records()
    found = [(row, cell.value) for row in others if isinstance(cell := row["estimate"], Number)]
    data = [{"area": row["area"].text, "arm": row["arm"].text, "value": value} for row, value in found]
    full = whole["estimate"]
    if not data or not isinstance(full, Number):
        return None
    x = value_axis([*(value for _, value in found), full.value, 0.0], title=f"Estimate, {unit}")
    order = [area for _, area in sorted((value, row["area"].text) for row, value in found)]
    y: Spec = {
        "field": "area",
        "type": "nominal",
        "sort": order,
        "axis": {"title": "Area left out", "labelLimit": 170, "grid": True, "ticks": False},
    }
    return {
        "width": WIDTH,
        "height": {"step": 22 if len(data) <= MANY else 14},
        "layer": [
            {"data": rows([{"value": 0}]), "mark": {"type": "rule", "color": INK}, "encoding": {"x": x}},
            {
                "data": rows([{"value": full.value}]),
                "mark": {"type": "rule", "color": QUIET, "strokeDash": [4, 3]},
                "encoding": {"x": x},
            },
            {
                "data": rows([{"value": full.value}]),
                "mark": {"type": "text", "text": "all areas", "y": -8, "color": QUIET, "aria": False},
                "encoding": {"x": x, "y": {"value": -8}},
            },
            *(_dots(data, arm, x=x, y=y) for arm in ("Pilot", "Comparator")),
        ],
    }


def _dots(data: list[dict[str, object]], arm: str, *, x: Spec, y: Spec) -> Spec:
    shape, color = ("circle", PILOT) if arm == "Pilot" else ("diamond", COMPARATOR)
    return {
        "data": rows([row for row in data if row["arm"] == arm]),
        "mark": {"type": "point", "filled": True, "opacity": 1, "size": 90, "shape": shape, "color": color},
        "encoding": {"x": x, "y": y},
    }
