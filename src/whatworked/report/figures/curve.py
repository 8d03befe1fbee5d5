"""Every estimate of a question, sorted, with its interval; under each, the choices that it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from whatworked.disclosure.released import Number, Released, ReleasedSection, ReleasedTable
from whatworked.report.figures.style import INK, PILOT, QUIET, Spec, rows, value_axis
from whatworked.report.prose.captions import BELOW
from whatworked.report.prose.phrases import count, words

CHOICES = ("model", "areas", "definition", "treatment", "form", "errors")
MAIN, SECONDARY = "Main", "Secondary"
WIDTH, HEIGHT, STEP = 250, 190, 16
# What reaches this many times as far from zero as the middle one of all is cut, with an arrow.
FAR = 3
FAINT = "#C3C8CE"
_IS_HEAD = "indexof(datum.value, ': ') < 0"
Row = dict[str, Released]


def specification_curve(table: ReleasedTable, unit: str) -> Spec | None:
    """Return the chart, or None where no estimate may be shown."""
    found = [row for row in table.records() if isinstance(row["estimate"], Number)]
    if not found:
        return None
    band = WIDTH / len(found)
    x: Spec = {
        "field": "place",
        "type": "ordinal",
        "scale": {"type": "band", "domain": list(range(len(found))), "padding": 0},
        "axis": None,
    }
    data, ends = _drawn(found)
    y = value_axis([*ends, 0.0], title=f"Estimate, {unit}")
    return {
        "vconcat": [
            {"width": band * len(found), "height": HEIGHT, "layer": _estimates(data, x, y)},
            {"width": band * len(found), "height": {"step": STEP}, "layer": _choices(found, x)},
        ],
        "spacing": 12,
    }


def curve_message(table: ReleasedTable) -> str:
    """Return the message: how many estimates have the main one's direction, and how many can be told from zero."""
    found = [row for row in table.records() if isinstance(row["estimate"], Number)]
    main = next((row["estimate"] for row in found if row["role"].text == MAIN), None)
    if not isinstance(main, Number):
        return "Every estimate, from the smallest to the largest"
    same = sum(isinstance(cell := row["estimate"], Number) and cell.value * main.value > 0 for row in found)
    clear = sum(_clear(row) for row in found)
    way = f"All {len(found)} estimates point" if same == len(found) else f"{same} of {len(found)} estimates point"
    side = "down" if main.value < 0 else "up"
    many = {0: "none", len(found): "all"}.get(clear, f"{clear}")
    told = f"{many} can be told from zero"
    return f"{way} {side}, as the main one does; {told}"


def curve_reading(table: ReleasedTable) -> str:
    """Return how the figure is read."""
    data, _ = _drawn([row for row in table.records() if isinstance(row["estimate"], Number)])
    beyond = any(point["below"] or point["above"] for point in data)
    return (
        "Each dot is one way of doing the analysis, each bar its 95% interval by its own test; hollow dots are "
        "secondary analyses, which ask something else. The squares below say which choices a dot made; choices "
        "that all share are not shown."
    ) + (" An arrow: it goes on beyond the axis; its numbers are in the table." if beyond else "")


def curve_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the figure."""
    return (
        f"Dot chart of {count(len(table.rows), 'estimate')} for {words(section.facts, 'outcome')} from the smallest to "
        "the largest, each with its 95% interval and, below it, a mark for each choice that it made. The main analysis "
        f"is marked. {BELOW}"
    )


def _clear(row: Row) -> bool:
    low, high = row["conf_low"], row["conf_high"]
    return isinstance(low, Number) and isinstance(high, Number) and low.value * high.value > 0


@dataclass(frozen=True, slots=True)
class _Point:
    place: int
    value: float
    low: float
    high: float
    role: str

    @property
    def reach(self) -> float:
        """How far from zero it is drawn."""
        return max(abs(self.low), abs(self.high), abs(self.value))


def _point(place: int, row: Row) -> _Point:
    estimate, low, high = row["estimate"], row["conf_low"], row["conf_high"]
    value = estimate.value if isinstance(estimate, Number) else 0.0
    return _Point(
        place,
        value,
        low.value if isinstance(low, Number) else value,
        high.value if isinstance(high, Number) else value,
        row["role"].text,
    )


def _drawn(found: Sequence[Row]) -> tuple[list[dict[str, object]], tuple[float, float]]:
    """Return what is drawn of each estimate, and the ends of the axis."""
    points = [_point(i, row) for i, row in enumerate(found)]
    ends = _ends(points)
    return [_within(point, ends) for point in points], ends


def _ends(points: Sequence[_Point]) -> tuple[float, float]:
    """Return the ends of the axis: what reaches far beyond the rest does not press the rest together."""
    far = float(f"{FAR * median([point.reach for point in points] or [0.0]):.2g}")
    far = max([far, *(point.reach for point in points if point.role == MAIN)])
    low, high = min((point.low for point in points), default=0.0), max((point.high for point in points), default=0.0)
    return max(-far, low), min(far, high)


def _within(point: _Point, ends: tuple[float, float]) -> dict[str, object]:
    """Return what is drawn of a point: its interval as far as the axis goes, and whether it goes on."""
    low, high = ends
    drawn: dict[str, object] = {
        "place": point.place,
        "low": min(max(point.low, low), high),
        "high": max(min(point.high, high), low),
        "role": point.role,
        "below": point.low < low,
        "above": point.high > high,
    }
    return drawn | {"value": point.value if low <= point.value <= high else None}


def _arrows(data: Sequence[dict[str, object]], side: str, x: Spec, y: Spec) -> Spec:
    """Return the arrows at an end of the axis of what goes on beyond it."""
    return {
        "data": rows([point for point in data if point[side]]),
        "mark": {
            "type": "point",
            "shape": "triangle-down" if side == "below" else "triangle-up",
            "size": 70,
            "filled": True,
            "color": QUIET,
            "opacity": 1,
        },
        "encoding": {"x": x, "y": y | {"field": "low" if side == "below" else "high"}},
    }


def _estimates(data: Sequence[dict[str, object]], x: Spec, y: Spec) -> list[Spec]:
    main = [point for point in data if point["role"] == MAIN]
    others = [point for point in data if point["role"] != MAIN]
    above = not main or float(str(main[0]["value"])) >= 0
    layers: list[Spec] = [{"data": rows([{"value": 0}]), "mark": {"type": "rule", "color": INK}, "encoding": {"y": y}}]
    for points, color, width in ((others, QUIET, 2), (main, PILOT, 4)):
        layers += [
            {
                "data": rows(points),
                "mark": {"type": "rule", "color": color, "strokeWidth": width},
                "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
            },
            _dots([point for point in points if point["role"] != SECONDARY], color, hollow=False, x=x, y=y),
            _dots([point for point in points if point["role"] == SECONDARY], color, hollow=True, x=x, y=y),
        ]
    return [
        *layers,
        *(_arrows(data, side, x, y) for side in ("below", "above") if any(point[side] for point in data)),
        {
            "data": rows(main),
            "mark": {
                "type": "text",
                "text": "main",
                "fontWeight": "bold",
                "color": PILOT,
                "baseline": "bottom" if above else "top",
                "dy": -5 if above else 5,
                "aria": False,
            },
            "encoding": {"x": x, "y": y | {"field": "high" if above else "low"}},
        },
    ]


def _dots(points: Sequence[dict[str, object]], color: str, *, hollow: bool, x: Spec, y: Spec) -> Spec:
    look: Spec = {"fill": "white", "stroke": color, "strokeWidth": 2} if hollow else {"fill": color, "stroke": color}
    return {
        "data": rows([point for point in points if point["value"] is not None]),
        "mark": {"type": "point", "shape": "circle", "size": 55, "opacity": 1, "filled": True, **look},
        "encoding": {"x": x, "y": y},
    }


def _choices(found: Sequence[Row], x: Spec) -> list[Spec]:
    """Return a line for each way in which a choice was made, under the name of the choice; all alike, no line."""
    order: list[str] = []
    heads: list[str] = []
    marks: list[dict[str, object]] = []
    for key in CHOICES:
        ways = list(dict.fromkeys(row[key].text for row in found))
        if len(ways) == 1:
            continue
        usual = next((row[key].text for row in found if row["role"].text == MAIN), ways[0])
        heads.append(_HEADS[key])
        order += [_HEADS[key], *(f"{_HEADS[key]}: {way}" for way in sorted(ways, key=lambda way: (way != usual, way)))]
        marks += [
            {"place": i, "line": f"{_HEADS[key]}: {row[key].text}", "main": "yes" if row["role"].text == MAIN else "no"}
            for i, row in enumerate(found)
        ]
    y: Spec = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": order},
        "axis": {
            "title": None,
            "labelExpr": f"{_IS_HEAD} ? datum.value : slice(datum.value, indexof(datum.value, ': ') + 2)",
            "labelFontWeight": {
                "condition": {"test": _IS_HEAD, "value": "bold"},
                "value": "normal",
            },
            "labelFontSize": 11,
            "labelLimit": 190,
            "grid": False,
            "ticks": False,
            "domain": False,
        },
    }
    color = {"condition": {"test": "datum.main === 'yes'", "value": PILOT}, "value": QUIET}
    empty = [{"place": i, "line": line} for line in order if line not in heads for i in range(len(found))]
    return [
        {
            "data": rows(empty),
            "mark": {"type": "point", "shape": "circle", "size": 8, "filled": True, "color": FAINT, "opacity": 1},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": rows(marks),
            "mark": {"type": "point", "shape": "square", "size": 50, "filled": True, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": color},
        },
    ]


_HEADS = {
    "model": "Model",
    "areas": "Areas",
    "definition": "Definition",
    "treatment": "Compared",
    "form": "Data",
    "errors": "Errors",
}
