"""From people's events and the matched groups to the cells of estimation: unweighted whole sums, keyed by copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

import numpy as np

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.model import Pilot
from whatworked.records.events import EventTable

DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Window:
    """When an outcome may still fall: days after the event; `last` is the last day of the data."""

    days: int
    last: date | None


@dataclass(frozen=True, slots=True)
class EventUse:
    """Rows and persons of the areas compared, those of them inside a phase, and the rows with copies."""

    rows: int
    persons: int
    kept_rows: int
    kept_persons: int
    copies: int


def event_cells(engine: Engine, events: EventTable, groups: Sequence[MatchedGroup], window: Window) -> Cells:
    """Return the events of the matched groups as cells of area × group × period × time since the start × copies.

    An event is baseline if its window ends before the start, post if it lies after the embedded date and its window
    ends before the last day of the data; a comparator's event stands in every group whose phases hold it, with a
    weight of 1 over the number of such groups.
    """
    found = engine.collect(_cells(_placed(events, groups, window)))
    areas = tuple(sorted({area for group in groups for area in group.areas}))
    number = {area: i for i, area in enumerate(areas)}
    place = {period.index: i for i, period in enumerate(events.series.periods)}
    pilots = {group.pilot.area for group in groups}
    count = np.asarray(found["rows"], dtype=np.float64)
    total = np.asarray(found["total"], dtype=np.float64) / events.scale
    squares = np.asarray(found["squares"], dtype=np.float64) / events.scale**2
    origin = float(np.round(total.sum() / count.sum())) if count.sum() else 0.0
    return Cells(
        areas=areas,
        groups=tuple(group.pilot.area for group in groups),
        periods=tuple(period.label for period in events.series.periods),
        pilot=np.array([area in pilots for area in areas], dtype=bool),
        area=np.array([number[str(area)] for area in found["area"]], dtype=np.int64),
        group=np.asarray(found["matched_group"], dtype=np.int64),
        period=np.array([place[int(period)] for period in found["period"]], dtype=np.int64),
        since=np.asarray(found["since"], dtype=np.int64),
        weight=1.0 / np.asarray(found["copies"], dtype=np.float64),
        count=count,
        total=total - origin * count,
        squares=squares - 2 * origin * total + origin**2 * count,
        origin=origin,
    )


def event_use(engine: Engine, events: EventTable, groups: Sequence[MatchedGroup], window: Window) -> EventUse:
    """Count rows and persons from the areas compared to the rows of the model."""
    areas = sorted({area for group in groups for area in group.areas})
    listed = ", ".join(literal(area) for area in areas)
    whole = f"SELECT area, person, event FROM {events.query} AS events WHERE area IN ({listed})"
    placed = _placed(events, groups, window)
    compared = _counts(engine, whole)
    kept = _counts(engine, f"SELECT area, person, event FROM {placed} AS placed")
    return EventUse(compared[1], compared[2], kept[1], kept[2], kept[0])


def _counts(engine: Engine, text: str) -> tuple[int, int, int]:
    """Return rows, distinct events and distinct persons."""
    query = Query(
        f"""
        SELECT COUNT(*) AS rows,
               COUNT(DISTINCT event) AS events,
               COUNT(DISTINCT CASE WHEN first = 1 THEN event END) AS persons
        FROM (
          SELECT event, ROW_NUMBER() OVER (
            PARTITION BY area, person ORDER BY event NULLS LAST
          ) AS first
          FROM ({text}) AS counted
        ) AS numbered
        """,
        grain="study",
        columns=("rows", "events", "persons"),
    )
    found = engine.collect(query)
    return int(found["rows"][0]), int(found["events"][0]), int(found["persons"][0])


def _cells(placed: Query) -> Query:
    """One row a cell: how many events, the sum of their outcomes and of their squares."""
    key = "matched_group, area, period, since, copies"
    return Query(
        f"""
        SELECT {key}, COUNT(*) AS rows, CAST(SUM(scaled) AS BIGINT) AS total,
               CAST(SUM(scaled * scaled) AS BIGINT) AS squares
        FROM (
          SELECT matched_group, area, period, since, scaled, COUNT(*) OVER (PARTITION BY event) AS copies
          FROM {placed} AS placed
        ) AS copied
        GROUP BY {key}
        """,
        grain="cell",
        columns=("matched_group", "area", "period", "since", "copies", "rows", "total", "squares"),
    )


def _placed(events: EventTable, groups: Sequence[MatchedGroup], window: Window) -> Query:
    """One row an event and matched group whose baseline or post phase holds it, with its years since the start."""
    members = "\nUNION ALL\n".join(
        f"SELECT {g} AS matched_group, {literal(area)} AS area, {since} AS dates" for since, g, area in _members(groups)
    )
    dates = list(dict.fromkeys((group.pilot.start, group.pilot.embedded) for group in groups))
    first, last = events.series.periods[0].start, events.series.periods[-1].end
    arms = "\n".join(
        f"WHEN dates = {place} THEN {_since(pair[0], pair[1], window, first=first, last=last)}"
        for place, pair in enumerate(dates)
    )
    columns = "matched_group, event, area, person, period, since, scaled"
    return Query(
        f"""
        SELECT {columns}
        FROM (
          SELECT members.matched_group, events.event, events.area, events.person, events.period, events.scaled,
                 CAST(CASE
                 {arms}
                 END AS INTEGER) AS since
          FROM {events.query} AS events
          JOIN ({members}) AS members ON events.area = members.area
        ) AS joined
        WHERE since IS NOT NULL
        """,
        grain="event and matched group",
        columns=("matched_group", "event", "area", "person", "period", "since", "scaled"),
    )


def _members(groups: Sequence[MatchedGroup]) -> list[tuple[int, int, str]]:
    dates = list(dict.fromkeys((group.pilot.start, group.pilot.embedded) for group in groups))
    return [
        (dates.index((group.pilot.start, group.pilot.embedded)), g, area)
        for g, group in enumerate(groups)
        for area in group.areas
    ]


def _since(start: date, embedded: date | None, window: Window, *, first: date, last: date) -> str:
    """Return the expression of the whole years since the start, NULL outside baseline and post.

    Baseline years are ⌊(day + window − start) ÷ 365.25⌋, so that −1 is the last admissible one; post years
    ⌊(day − embedded) ÷ 365.25⌋. Each year is a comparison with a day, so that no engine's date arithmetic matters.
    """
    earliest = floor((first - start).days / DAYS_A_YEAR) - 1
    before = [(k, start + timedelta(days=ceil(DAYS_A_YEAR * (k + 1)) - window.days)) for k in range(earliest, 0)]
    arms = [f"WHEN day < {literal(until)} THEN {k}" for k, until in before if until > first]
    zero = start if embedded is None else embedded
    opens = "day < " if embedded is None else "day <= "
    arms.append(f"WHEN {opens}{literal(zero)} THEN NULL")
    if window.days and window.last is not None:
        arms.append(f"WHEN day >= {literal(window.last - timedelta(days=window.days))} THEN NULL")
    latest = floor((last - zero).days / DAYS_A_YEAR)
    arms += [
        f"WHEN day < {literal(zero + timedelta(days=ceil(DAYS_A_YEAR * (k + 1))))} THEN {k}" for k in range(latest + 1)
    ]
    return "CASE " + " ".join(arms) + " END"


def baseline_ends(pilot: Pilot, window: Window) -> date:
    """Return the day before which a period must end to be baseline, so that all its windows are over by the start."""
    return pilot.start - timedelta(days=window.days)
