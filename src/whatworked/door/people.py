"""From people's events in matched groups to the rows that estimation works on: numbers and codes, no identifier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, identifier, literal
from whatworked.errors import Mistake, RecordsError
from whatworked.estimation.people import MOST_LEVELS, Category, Covariate, People, Quantity
from whatworked.estimation.statistics import Integers
from whatworked.matching.groups import MatchedGroup
from whatworked.vocabulary import Period

MISSING_LEVEL = "missing"
# Rows that are held in memory, some 150 bytes each.
MOST_ROWS = 100_000_000


@dataclass(frozen=True, slots=True)
class CovariateColumn:
    """A covariate of placed events: its name in the protocol, its column, and whether it is a number."""

    name: str
    column: str
    number: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """Events that stand in phases of matched groups.

    `query` has one row an event and matched group: `matched_group` (its place among the groups), `area`, `person`,
    `event` (a number that tells a person's events apart), `day` (INTEGER), `period` (an index), `since` (years),
    `scaled` (BIGINT, the outcome times `scale`) and the columns of `covariates`.
    """

    query: Query
    scale: int
    covariates: tuple[CovariateColumn, ...] = ()


def read_people(engine: Engine, placed: Placed, *, groups: Sequence[MatchedGroup], periods: Sequence[Period]) -> People:
    """Read placed events as rows, each of weight 1.

    Raises
    ------
    RecordsError
        Categories with too many levels, all of them at once.
    """
    levels = _levels(engine, placed)
    found = engine.collect(_rows(placed, levels, groups=groups), limit=MOST_ROWS)
    areas = _areas(groups)
    pilots = {group.pilot.area for group in groups}
    outcome = np.asarray(found["scaled"], dtype=np.float64) / placed.scale
    origin = float(np.round(outcome.mean())) if len(outcome) else 0.0
    return People(
        areas=areas,
        groups=tuple(group.pilot.area for group in groups),
        periods=tuple(period.label for period in periods),
        pilot=np.array([area in pilots for area in areas], dtype=bool),
        area=_whole(found["area"]),
        group=_whole(found["matched_group"]),
        period=_places(found["period"], periods),
        since=_whole(found["since"]),
        person=_whole(found["person"]),
        event=_whole(found["event"]),
        day=_whole(found["day"]),
        outcome=outcome - origin,
        weight=np.ones(len(outcome)),
        covariates=tuple(_covariate(one, found[one.column], levels) for one in placed.covariates),
        origin=origin,
    )


def _areas(groups: Sequence[MatchedGroup]) -> tuple[str, ...]:
    return tuple(sorted({area for group in groups for area in group.areas}))


def _places(column: NDArray[Any], periods: Sequence[Period]) -> Integers:
    """Return the place of each event's period among the study's; an event of none would be counted as another's."""
    index = np.ma.filled(np.ma.asarray(column, dtype=np.int64), -1)
    place = {period.index: i for i, period in enumerate(periods)}
    known = np.array([place.get(i, -1) for i in range(int(index.max(initial=0)) + 1)], dtype=np.int64)
    found = np.where(index >= 0, known[index], -1)
    if (found < 0).any():
        problem = f"{int((found < 0).sum())} events lie in no period of the study."
        raise RecordsError(Mistake("records", problem, "Check study.data_start, study.data_end and the periods."))
    return found


def _whole(column: NDArray[Any]) -> Integers:
    return np.asarray(column).astype(np.int64)


def _covariate(one: CovariateColumn, column: NDArray[Any], levels: Mapping[str, Sequence[str]]) -> Covariate:
    """Return a covariate; numbers are measured from their rounded mean, so that sums of their squares stay exact."""
    if not one.number:
        return Category(one.name, tuple(levels[one.column]), _whole(column))
    values = np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan)
    there = np.isfinite(values)
    origin = float(np.round(values[there].mean())) if there.any() else 0.0
    return Quantity(one.name, np.where(there, values, np.nan) - origin, origin)


def _levels(engine: Engine, placed: Placed) -> dict[str, list[str]]:
    """Return the levels of each category that occur, sorted, missing being one of them."""
    categories = [one for one in placed.covariates if not one.number]
    if not categories:
        return {}
    parts = [
        f"SELECT {place} AS category, {_level(one)} AS level FROM {placed.query} AS placed GROUP BY {_level(one)}"
        for place, one in enumerate(categories)
    ]
    found = engine.collect(Query("\nUNION ALL\n".join(parts), grain="level", columns=("category", "level")))
    of, names = _whole(found["category"]), found["level"]
    levels = {one.column: sorted(str(name) for name in names[of == place]) for place, one in enumerate(categories)}
    mistakes = [
        Mistake(
            f"covariate {one.name}",
            f"it has {len(levels[one.column]):,} levels.",
            f'Give at most {MOST_LEVELS}: group them in the file, or say kind = "number".',
        )
        for one in categories
        if len(levels[one.column]) > MOST_LEVELS
    ]
    if mistakes:
        raise RecordsError(mistakes)
    return levels


def _level(one: CovariateColumn) -> str:
    return f"COALESCE({identifier(one.column)}, {literal(MISSING_LEVEL)})"


def _rows(placed: Placed, levels: Mapping[str, Sequence[str]], *, groups: Sequence[MatchedGroup]) -> Query:
    """One row an event and matched group, in numbers: areas by their place, persons and events by their rank.

    The columns stand in the order in which the rows are collected.
    """
    areas = " ".join(f"WHEN {literal(area)} THEN {place}" for place, area in enumerate(_areas(groups)))
    carried = "".join(f", {_coded(one, levels)} AS {identifier(one.column)}" for one in placed.covariates)
    columns = ("matched_group", "area", "person", "day", "event", "period", "since", "scaled")
    return Query(
        f"""
        SELECT matched_group, CAST(CASE area {areas} END AS INTEGER) AS area,
               DENSE_RANK() OVER (ORDER BY area NULLS LAST, person NULLS LAST) - 1 AS person,
               day,
               DENSE_RANK() OVER (ORDER BY area NULLS LAST, person NULLS LAST, day NULLS LAST, event NULLS LAST) - 1
                 AS event,
               period, since, scaled{carried}
        FROM {placed.query} AS placed
        """,
        grain="event and matched group",
        columns=(*columns, *(one.column for one in placed.covariates)),
    )


def _coded(one: CovariateColumn, levels: Mapping[str, Sequence[str]]) -> str:
    """Return the expression of a covariate as a number: its value, or the place of its level."""
    if one.number:
        return f"CAST({identifier(one.column)} AS DOUBLE)"
    arms = " ".join(f"WHEN {literal(level)} THEN {place}" for place, level in enumerate(levels[one.column]))
    return f"CAST(CASE {_level(one)} {arms} END AS INTEGER)"
