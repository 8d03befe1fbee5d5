"""From the area series and the matched groups to the cells of estimation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.estimation.statistics import Cells, Floats, Integers
from whatworked.estimation.weights import copy_weights
from whatworked.matching.groups import MatchedGroup
from whatworked.records.area_series import AreaTable
from whatworked.vocabulary import Period, Phase, phase_of


@dataclass(frozen=True)
class AreaRows:
    """The outcome of areas by periods: n rows with a value; NaN where people or denominator are not known.

    `period` (n,) is the place among `periods`. Rows of the same areas without a value are counted by mark in
    `missing`: (area, place of the period, mark).
    """

    areas: tuple[str, ...]
    names: dict[str, str]
    periods: tuple[Period, ...]
    area: Integers
    period: Integers
    value: Floats
    people: Floats
    denominator: Floats
    missing: tuple[tuple[str, int, str], ...]


def area_rows(engine: Engine, table: AreaTable, areas: Sequence[str]) -> AreaRows:
    """Read every outcome of the given areas."""
    found = engine.collect(_rows(table.query, sorted(set(areas))))
    codes = tuple(sorted({str(code) for code in found["area"]}))
    number = {code: i for i, code in enumerate(codes)}
    place = {period.index: i for i, period in enumerate(table.periods)}
    area = np.array([number[str(code)] for code in found["area"]], dtype=np.int64)
    period = np.array([place[int(index)] for index in found["period"]], dtype=np.int64)
    value, people, denominator = (_floats(found[name]) for name in ("value", "people", "denominator"))
    there = np.isfinite(value)
    missing = tuple((codes[area[i]], int(period[i]), str(found["mark"][i] or "blank")) for i in np.flatnonzero(~there))
    names = {str(code): str(name) for code, name in zip(found["area"], found["area_name"], strict=True)}
    return AreaRows(
        codes,
        names,
        table.periods,
        area[there],
        period[there],
        value[there],
        people[there],
        denominator[there],
        missing,
    )


def _floats(column: NDArray[Any]) -> Floats:
    """Return a column as floats, NaN where it was NULL."""
    result: Floats = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)
    return result


def _rows(series: Query, areas: Sequence[str]) -> Query:
    """One row an area and period of the areas named."""
    listed = ", ".join(literal(area) for area in areas)
    return Query(
        f"""
        SELECT area, area_name, period, value, people, denominator, mark
        FROM {series} AS series
        WHERE area IN ({listed})
        """,
        grain="area period",
        columns=("area", "area_name", "period", "value", "people", "denominator", "mark"),
    )


def periods_since(group: MatchedGroup, periods: Sequence[Period]) -> list[int | None]:
    """Return each period's distance from the group's start: −1 the last before it, 0 the first post one.

    None marks the settling-in. Distances are calendar places, so a gap in the records keeps its length.
    """
    phases = [phase_of(period, group.pilot.start, group.pilot.embedded) for period in periods]
    last = max((p.index for p, phase in zip(periods, phases, strict=True) if phase is Phase.BASELINE), default=0)
    first = min((p.index for p, phase in zip(periods, phases, strict=True) if phase is Phase.POST), default=0)
    since: list[int | None] = []
    for period, phase in zip(periods, phases, strict=True):
        if phase is Phase.BASELINE:
            since.append(period.index - last - 1)
        else:
            since.append(period.index - first if phase is Phase.POST else None)
    return since


def matched_cells(rows: AreaRows, groups: Sequence[MatchedGroup], weight: str) -> Cells:
    """Lay the rows of every matched group side by side, with its dates and the copies' weights.

    Parameters
    ----------
    rows : outcomes by area and period
    groups : matched groups; a comparator's rows stand in every group it serves
    weight : "equal", or "denominator" to weigh an area's period by its population

    Returns
    -------
    Cells without the settling-in; the weight of a row is its copy weight, times the denominator if asked for.
    """
    pieces: list[tuple[Integers, int, Integers]] = []
    number = {code: i for i, code in enumerate(rows.areas)}
    for g, group in enumerate(groups):
        since = np.array([np.iinfo(np.int64).min if k is None else k for k in periods_since(group, rows.periods)])
        members = [number[area] for area in group.areas if area in number]
        mine = np.flatnonzero(np.isin(rows.area, members) & (since[rows.period] != np.iinfo(np.int64).min))
        pieces.append((mine, g, since[rows.period[mine]]))
    index = np.concatenate([mine for mine, _, _ in pieces]) if pieces else np.zeros(0, dtype=np.int64)
    group_of = np.concatenate([np.full(len(mine), g) for mine, g, _ in pieces]) if pieces else index
    since_of = np.concatenate([since for _, _, since in pieces]) if pieces else index
    pilots = {group.pilot.area for group in groups}
    value = rows.value[index]
    origin = float(np.round(value.mean())) if len(value) else 0.0
    own = rows.denominator[index] if weight == "denominator" else np.ones(len(index))
    own = np.where(np.isfinite(own), own, 0.0)
    used = own > 0
    copies = np.zeros(len(index))
    copies[used] = copy_weights(rows.area[index][used], rows.period[index][used])
    return Cells.even(
        rows.areas,
        tuple(group.pilot.area for group in groups),
        tuple(period.label for period in rows.periods),
        np.array([code in pilots for code in rows.areas], dtype=bool),
        rows.area[index],
        group_of.astype(np.int64),
        rows.period[index],
        since_of.astype(np.int64),
        weight=own * copies,
        count=np.ones(len(index)),
        total=value - origin,
        squares=(value - origin) ** 2,
        origin=origin,
    )
