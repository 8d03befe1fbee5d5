"""Figure 1: every pilot beside its comparators, one panel a matched group."""

from collections.abc import Sequence
from textwrap import wrap

from whatworked.disclosure.released import Number, Released, ReleasedTable
from whatworked.report.figures.style import (
    COMPARATOR,
    COMPARATOR_WORDS,
    PILOT,
    WIDTH,
    Spec,
    period_axis,
    phase_marks,
    rows,
    value_axis,
)

MOST_PANELS = 12
FEW_PANELS = 4
NAMED = 3
# Pixels of a letter of a panel's subtitle, and of the margin beside its axis.
LETTER_WIDTH = 5.8
MARGIN = 30
MOST_LINES = 4
Row = dict[str, Released]


def groups_of(table: ReleasedTable) -> list[str]:
    """Return the pilots whose groups are drawn, in the order of the table."""
    return list(dict.fromkeys(row["group"].text for row in table.records()))[:MOST_PANELS]


def groups_left_out(table: ReleasedTable) -> int:
    """Return how many groups do not fit into the figure; their figures are in the table."""
    return len({row["group"].text for row in table.records()}) - len(groups_of(table))


def values_of(table: ReleasedTable) -> list[float]:
    """Return every figure that may be shown."""
    return [cell.value for row in table.records() if isinstance(cell := row["value"], Number)]


def trends(table: ReleasedTable, unit: str) -> Spec | None:
    """Return the panels, or None where no figure may be shown."""
    values = values_of(table)
    if not values:
        return None
    records, groups = table.records(), groups_of(table)
    columns = 1 if len(groups) == 1 else 2 if len(groups) <= FEW_PANELS else 3
    width = (WIDTH - 40 * columns) // columns
    periods = list(dict.fromkeys(row["period"].text for row in records))
    subtitles = _subtitles(records, groups, letters=int((width + MARGIN) / LETTER_WIDTH))
    panels = [
        _panel(
            [row for row in records if row["group"].text == group],
            periods=periods,
            subtitle=subtitles[group],
            y=value_axis(values, title=unit if i % columns == 0 else None),
            width=width,
        )
        for i, group in enumerate(groups)
    ]
    return {"concat": panels, "columns": columns, "spacing": 22}


def _panel(records: Sequence[Row], *, periods: list[str], subtitle: list[str], y: Spec, width: int) -> Spec:
    phases = {row["period"].text: row["phase"].text for row in records}
    shaded = [period for period in periods if phases.get(period) == "Settling in"]
    start = next((period for period in periods if phases.get(period, "Before") != "Before"), None)
    x = period_axis(periods)
    title = {
        "text": records[0]["group"].text,
        "subtitle": subtitle,
        "fontSize": 13,
        "offset": 8,
        "limit": width + MARGIN,
        "color": PILOT,
        "subtitleColor": COMPARATOR_WORDS,
    }
    return {
        "width": width,
        "height": 150 if width < WIDTH / 2 else 220,
        "title": title,
        "layer": [
            *phase_marks(shaded, start, x),
            _lines(
                records,
                "Comparator",
                {"color": COMPARATOR, "strokeWidth": 1.5, "point": _dot(COMPARATOR, 18)},
                x=x,
                y=y,
            ),
            _lines(records, "Pilot", {"color": PILOT, "strokeWidth": 3, "point": _dot(PILOT, 40)}, x=x, y=y),
        ],
    }


def _lines(records: Sequence[Row], arm: str, mark: Spec, *, x: Spec, y: Spec) -> Spec:
    shown = [
        {
            "period": row["period"].text,
            "area": row["area"].text,
            "value": cell.value if isinstance(cell := row["value"], Number) else None,
        }
        for row in records
        if row["arm"].text == arm
    ]
    return {
        "data": rows(shown),
        "mark": {"type": "line", **mark},
        "encoding": {"x": x, "y": y, "detail": {"field": "area", "type": "nominal"}},
    }


def _subtitles(records: Sequence[Row], groups: Sequence[str], *, letters: int) -> dict[str, list[str]]:
    """Return whom each pilot is set against, in the same number of lines for all panels."""
    found = {group: wrap(_against(records, group), letters)[:MOST_LINES] for group in groups}
    most = max(len(lines) for lines in found.values())
    return {group: lines + [""] * (most - len(lines)) for group, lines in found.items()}


def _against(records: Sequence[Row], group: str) -> str:
    areas = dict.fromkeys(
        row["area"].text for row in records if row["group"].text == group and row["arm"].text == "Comparator"
    )
    return f"against {' and '.join(areas)}" if len(areas) <= NAMED else f"against {len(areas)} comparators"


def _dot(color: str, size: int) -> Spec:
    return {"color": color, "size": size, "filled": True, "stroke": color}
