"""Who found a counterpart: rows of each arm in every bin of every covariate, with one and without."""

from collections.abc import Sequence

from whatworked.disclosure.released import Number, Released, ReleasedTable
from whatworked.report.figures.style import COMPARATOR, COMPARATOR_WORDS, INK, PILOT, QUIET, SHADE, Spec, rows

ARMS = (("Pilot", PILOT, PILOT), ("Comparator", COMPARATOR, COMPARATOR_WORDS))
PALE = 0.3
WIDTH = 150
STEP = 22
MOST_BINS = 40
# Room at the end of the longest bar for its words.
LABEL_ROOM = 1.75
Row = dict[str, Released]
Bars = list[dict[str, object]]


def bins_left_out(table: ReleasedTable) -> int:
    """Return how many bins do not fit into the figure; they are in the table."""
    return max(0, len(_bins(table)) - MOST_BINS)


def overlap(table: ReleasedTable) -> Spec | None:
    """Return a row of panels a covariate and a column an arm, or None where no number of rows may be shown."""
    records = table.records()
    if not any(sum(_parts(row)) for row in records):
        return None
    shown = _bins(table)[:MOST_BINS]
    panels: list[Spec] = []
    for covariate in dict.fromkeys(name for name, _ in shown):
        bins = [label for name, label in shown if name == covariate]
        for arm in range(len(ARMS)):
            mine = [row for row in records if (row["covariate"].text, row["arm"].text) == (covariate, ARMS[arm][0])]
            panel = _panel([row for row in mine if row["bin"].text in bins], bins, covariate=covariate, number=arm)
            panels.append(panel if len(panels) >= len(ARMS) else panel | {"title": _heading(arm)})
    return {"concat": panels, "columns": len(ARMS), "spacing": {"row": 12, "column": 10}, "align": "each"}


def _bins(table: ReleasedTable) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["covariate"].text, row["bin"].text) for row in table.records()))


def _heading(number: int) -> Spec:
    arm, _, words = ARMS[number]
    return {"text": f"{arm}s: rows", "color": words, "fontSize": 13, "offset": 8, "frame": "group"}


def _panel(records: Sequence[Row], bins: list[str], *, covariate: str, number: int) -> Spec:
    most = max((sum(_parts(row)) for row in records), default=1.0) or 1.0
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, most * LABEL_ROOM], "nice": False},
        "axis": None,
    }
    y: Spec = {
        "field": "bin",
        "type": "nominal",
        "sort": bins,
        "scale": {"domain": bins, "paddingInner": 0.3, "paddingOuter": 0.1},
        "axis": _axis(covariate) if number == 0 else _axis(" ") | {"labels": False},
    }
    solid, pale, untold = _bars(records)
    color = ARMS[number][1]
    return {
        "width": WIDTH,
        "height": {"step": STEP},
        "layer": [
            _bar(solid, {"color": color}, x=x, y=y),
            _bar(pale, {"color": color, "opacity": PALE}, x=x, y=y),
            _bar(untold, {"color": SHADE, "stroke": QUIET, "strokeDash": [2, 2]}, x=x, y=y),
            {
                "data": rows(
                    [{"bin": row["bin"].text, "value": sum(_parts(row)), "text": _said(row)} for row in records]
                ),
                "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": INK, "aria": False},
                "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def _axis(covariate: str) -> Spec:
    """Return the axis of bins, with the name of the covariate above them."""
    place = {"titleAngle": 0, "titleAlign": "right", "titleAnchor": "end", "titleY": -8, "titleX": -4}
    look = {"titleFontWeight": "bold", "labelLimit": 150, "grid": False, "ticks": False, "domain": False}
    return {"title": covariate, **place, **look}


def _bar(data: list[dict[str, object]], mark: Spec, *, x: Spec, y: Spec) -> Spec:
    return {
        "data": rows(data),
        "mark": {"type": "bar", **mark},
        "encoding": {"x": x | {"field": "start"}, "x2": {"field": "end"}, "y": y},
    }


def _bars(records: Sequence[Row]) -> tuple[Bars, Bars, Bars]:
    """Return the bars of rows with a counterpart, of rows without, and of rows that may not be told apart."""
    solid: Bars = []
    pale: Bars = []
    untold: Bars = []
    for row in records:
        kept, rest = _parts(row)
        told = isinstance(row["lost"], Number)
        solid.append({"bin": row["bin"].text, "start": 0.0, "end": kept})
        (pale if told else untold).append({"bin": row["bin"].text, "start": kept, "end": kept + rest})
    return solid, pale, untold


def _parts(row: Row) -> tuple[float, float]:
    """Return the lengths of the two bars of a bin: with a counterpart, and without or not told apart."""
    every, kept, lost = (cell.value if isinstance(cell := row[k], Number) else None for k in ("rows", "kept", "lost"))
    if kept is not None:
        return kept, lost or 0.0
    return 0.0, every or lost or 0.0


def _said(row: Row) -> str:
    """Return the words at the end of a bar: the share without a counterpart, or that it is hidden."""
    share, lost = row["share"], row["lost"]
    if isinstance(lost, Number) and not lost.value:
        return "none without"
    if isinstance(share, Number):
        return f"{share.text}% without"
    return f"{lost.text} without"
