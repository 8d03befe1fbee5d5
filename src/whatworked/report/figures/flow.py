"""From the records to the analysis: what each rule left and what it took away."""

from collections.abc import Sequence
from textwrap import wrap

from whatworked.disclosure.released import Number, Released, ReleasedSection, ReleasedTable, Withheld
from whatworked.report.figures.style import INK, PILOT, QUIET, Spec, rows
from whatworked.report.prose.captions import BELOW
from whatworked.report.prose.phrases import capital, count, words

WIDTH = 150
STEP = 46
PALE = 0.3
LETTERS = 34
MOST_LINES = 3
LINE_HEIGHT = 13
# Room at the end of the longest bar for its words.
ROOM = 2.05
TAKEN = "left out: "
Row = dict[str, Released]


def flow(table: ReleasedTable) -> Spec | None:
    """Return the chart, a bar a step, or None where no number of rows may be shown."""
    records = table.records()
    kept = [cell.value if isinstance(cell := row["rows"], Number) else 0.0 for row in records]
    if not any(kept):
        return None
    left = [cell.value if isinstance(cell := row["left_out"], Number) else 0.0 for row in records]
    labels = [str(i) for i in range(len(records))]
    most = max(a + b for a, b in zip(kept, left, strict=True))
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, most * ROOM], "nice": False},
        "axis": None,
    }
    y: Spec = {
        "field": "step",
        "type": "nominal",
        "sort": labels,
        "scale": {"domain": labels, "paddingInner": 0.35},
        "axis": None,
    }
    solid = [{"step": labels[i], "start": 0.0, "end": kept[i]} for i in range(len(labels))]
    pale = [{"step": labels[i], "start": kept[i], "end": kept[i] + left[i]} for i in range(len(labels))]
    return {
        "width": WIDTH,
        "height": {"step": STEP},
        "layer": [
            _bar(solid, {"color": PILOT}, x=x, y=y),
            _bar(pale, {"color": PILOT, "opacity": PALE}, x=x, y=y),
            *(_name(label, row, y) for label, row in zip(labels, records, strict=True)),
            *_said(records, labels, [a + b for a, b in zip(kept, left, strict=True)], x=x, y=y),
        ],
    }


def flow_message(table: ReleasedTable) -> str:
    """Return the message: how many rows stay of how many, and the rule that took most."""
    records = table.records()
    first, last = records[0]["rows"], records[-1]["rows"]
    if not isinstance(first, Number) or not isinstance(last, Number):
        return "From the records to the analysis, rule by rule"
    taken = [(cell.value, row) for row in records if isinstance(cell := row["left_out"], Number)]
    # which rule took most can be said only where it is told of all
    most = max(taken, key=lambda found: found[0]) if len(taken) == len(records) else (0, records[0])
    rule = f"; the rule that takes most: {_rule(most[1])}" if most[0] else ""
    return f"{last.text} rows are analysed of {first.text} in the records{rule}"


def flow_alt(section: ReleasedSection, table: ReleasedTable) -> str:
    """Return the description of the figure."""
    return (
        f"Bar chart of the rows that remain after each of {count(len(table.rows), 'step')} from the records to the "
        f"analysis of {words(section.facts, 'outcome')}, and of those that each step leaves out. {BELOW}"
    )


def _name(label: str, row: Row, y: Spec) -> Spec:
    """Return the rule of a step in a few lines left of its bar, in its middle."""
    lines = wrap(capital(_rule(row)), LETTERS)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: LETTERS - 2]} …"]
    return {
        "data": rows([{"step": label}]),
        "mark": {
            "type": "text",
            "text": lines,
            "align": "right",
            "baseline": "middle",
            "fontSize": 11,
            "lineHeight": LINE_HEIGHT,
            "dy": -LINE_HEIGHT / 2 * (len(lines) - 1),
            "aria": False,
        },
        "encoding": {"x": {"value": -8}, "y": y},
    }


def _rule(row: Row) -> str:
    return row["rule"].text.removeprefix(TAKEN)


def _bar(data: Sequence[dict[str, object]], mark: Spec, *, x: Spec, y: Spec) -> Spec:
    return {
        "data": rows(data),
        "mark": {"type": "bar", **mark},
        "encoding": {"x": x | {"field": "start"}, "x2": {"field": "end"}, "y": y},
    }


def _said(records: Sequence[Row], labels: Sequence[str], ends: Sequence[float], *, x: Spec, y: Spec) -> list[Spec]:
    """Return the words at the end of each bar: what is left, and under it what left."""
    lines = []
    for row, label, end in zip(records, labels, ends, strict=True):
        people = row.get("persons")
        of = f", {people.text} people" if isinstance(people, Number | Withheld) else ""
        gone = row["left_out"]
        less = "" if isinstance(gone, Number) and not gone.value else f"− {gone.text}"
        lines.append({"step": label, "value": end, "kept": f"{row['rows'].text} rows{of}", "less": less})
    return [
        {
            "data": rows(lines),
            "mark": {"type": "text", "align": "left", "dx": 5, "dy": dy, "fontSize": 11, "color": color, "aria": False},
            "encoding": {"x": x, "y": y, "text": {"field": field, "type": "nominal"}},
        }
        for field, dy, color in (("kept", -7, INK), ("less", 7, QUIET))
    ]
