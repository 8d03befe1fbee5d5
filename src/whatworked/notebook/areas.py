"""Trend matching for a notebook."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import Dropped
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError
from whatworked.findings.area_match import Candidate, Group
from whatworked.matching.trends import Panel, TrendRules, none_left, search
from whatworked.notebook.columns import absent
from whatworked.notebook.covariates import numbers_of
from whatworked.notebook.options import check_search, day_of, listed
from whatworked.protocol.periods import periods_of_labels
from whatworked.protocol.stretches import CalendarPeriods
from whatworked.vocabulary import Period


@dataclass(frozen=True)
class MatchedAreas:
    """What a search for comparators by trend came to."""

    groups: tuple[Group, ...]
    candidates: tuple[Candidate, ...]
    dropped: tuple[Dropped, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a candidate."""
        return [asdict(candidate) for candidate in self.candidates]

    def _repr_html_(self) -> str:
        """Return the groups as a table for a notebook."""
        rows = "".join(
            f"<tr><td>{escape(group.pilot)}</td><td>{escape(', '.join(group.comparators))}</td>"
            f"<td>{', '.join(f'{distance:.2f}' for distance in group.distances if distance is not None)}</td></tr>"
            for group in self.groups
        )
        left = "".join(
            f"<tr><td>{escape(d.pilot)}</td><td colspan='2'>{escape(d.reason)}</td></tr>" for d in self.dropped
        )
        return f"<table><tr><th>pilot</th><th>comparators</th><th>distances</th></tr>{rows}{left}</table>"


def match_areas(  # noqa: PLR0913 - the arguments a notebook names
    series: object,
    *,
    area: str,
    period: str,
    value: str,
    pilots: Mapping[str, str | date],
    exclude: Iterable[str] = (),
    year_ends: str = "12-31",
    comparators_per_pilot: int | Literal["all"] = 2,
    max_distance: float | None = 0.5,
    significance: float | None = 0.05,
) -> MatchedAreas:
    """Choose comparator areas by the trend of their baseline series.

    Parameters
    ----------
    series : a long table of areas by periods: mapping of arrays, data frame, DuckDB relation or path
    area, period, value : its columns; periods are years, quarters (2011Q3) or months (2011-07)
    pilots : code of each pilot → the day its intervention started; a period is baseline if it ends before
    year_ends : month and day on which a year ends, "03-31" for financial years labelled by the year they end in
    exclude : areas that may not be comparators
    comparators_per_pilot : how many, or "all"
    max_distance : ceiling of the trend distance, None for none
    significance : level of the slope rule, None for no such rule

    Returns
    -------
    MatchedAreas with groups, candidates and dropped pilots.

    Source
    ------
    Decision 0012. Proof: tests/matching/test_trends.py, tests/notebook/test_areas.py
    """
    columns = columns_of(series, (area, period, value))
    check_search(comparators_per_pilot, max_distance, significance)
    codes = {str(code): day_of("pilots", day) for code, day in pilots.items()}
    panel, ends = _panel(columns[area], columns[period], columns[value], year_ends)
    barred = dict.fromkeys(map(str, listed("exclude", exclude)), "excluded") | dict.fromkeys(codes, "it is a pilot")
    rules = TrendRules(
        None if comparators_per_pilot == "all" else comparators_per_pilot,
        np.inf if max_distance is None else max_distance,
        0.0 if significance is None else significance,
    )
    groups, candidates, dropped = [], [], []
    for code, start in codes.items():
        found = search(panel, code, np.array([end < start for end in ends]), barred=barred, rules=rules)
        if isinstance(found, str):
            dropped.append(Dropped(code, found))
            continue
        if found.chosen:
            groups.append(Group(code, found.chosen, tuple(found.distance_of(other) for other in found.chosen)))
        else:
            dropped.append(Dropped(code, none_left(found)))
        candidates += [
            Candidate(
                code,
                other,
                _known(found.distance[i]),
                _known(found.level_distance[i]),
                _known(found.slope_difference[i]),
                _known(found.slope_p_value[i]),
                other in found.chosen,
                found.reason[i],
            )
            for i, other in enumerate(found.areas)
            if other != code
        ]
    return MatchedAreas(tuple(groups), tuple(candidates), tuple(dropped))


def _known(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _panel(area: NDArray[Any], period: NDArray[Any], value: NDArray[Any], year_ends: str) -> tuple[Panel, list[date]]:
    """Return the series as areas by periods, and the last day of each period."""
    if not len(area):
        raise UsageError(Mistake("series", "it has no rows.", "Give one row an area and period."))
    nameless = sum(absent(code) or absent(label) for code, label in zip(area, period, strict=True))
    if nameless:
        raise UsageError(Mistake("series", f"{nameless} rows have no area or no period.", "Leave them out."))
    numbers = numbers_of("value", value)
    labels = [_label(entry) for entry in period]
    by_label = _periods(set(labels), year_ends)
    periods = sorted(set(by_label.values()))
    codes = sorted({str(code) for code in area})
    row = {code: i for i, code in enumerate(codes)}
    column = {each.label: i for i, each in enumerate(periods)}
    grid = np.full((len(codes), len(periods)), np.nan)
    there = np.zeros(grid.shape, dtype=bool)
    for code, label, number in zip(area, labels, numbers, strict=True):
        place = row[str(code)], column[by_label[label].label]
        if there[place]:
            raise UsageError(Mistake("series", "two rows for one area and period.", "Give one row an area and period."))
        there[place], grid[place] = True, number
    settled = there[:, 0] & there[:, -1]
    return Panel(tuple(codes), np.array([each.index for each in periods]), grid, settled), [
        each.end for each in periods
    ]


def _label(entry: object) -> str:
    return str(int(entry)) if isinstance(entry, float | np.floating) and float(entry).is_integer() else str(entry)


def _periods(labels: set[str], year_ends: str) -> dict[str, Period]:
    """Read labels as years, quarters or months, whichever understands all of them."""
    if not _is_year_end(year_ends):
        raise UsageError(Mistake("year_ends", "it is no month and day.", 'Give it as "03-31".'))
    kinds = (
        CalendarPeriods(kind="year", ends=year_ends),
        CalendarPeriods(kind="quarter"),
        CalendarPeriods(kind="month"),
    )
    for kind in kinds:
        found, unknown = periods_of_labels(kind, labels)
        if not unknown:
            return found
    advice = "Write years as 2017, quarters as 2011Q3, months as 2011-07."
    raise UsageError(Mistake("series", "its periods are not all years, quarters or months.", advice))


def _is_year_end(given: str) -> bool:
    try:
        date.fromisoformat(f"2000-{given}")
    except (TypeError, ValueError):
        return False
    return len(given) == len("03-31")
