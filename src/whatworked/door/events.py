"""From people's events and the matched groups to the cells of estimation: unweighted whole sums, keyed by copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from whatworked.cohort.days import day_number, full_years, number_of
from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.estimation.statistics import Cells
from whatworked.matching.groups import MatchedGroup
from whatworked.records.area_series import AreaTable
from whatworked.records.events import EventTable
from whatworked.vocabulary import Period


@dataclass(frozen=True, slots=True)
class QuestionEvents:
    """The events of one question, each with the days that decide about its phase.

    `query` has one row an event: `event` (BIGINT, a number of its own), `area`, `person`, `period` (INTEGER, the index
    of one of `series.periods`), `day`, `before_day`, `after_day` and `known_day` (INTEGER day numbers) and `scaled`
    (BIGINT, the outcome times `scale`). An event is baseline if `before_day` precedes the start, post if `after_day`
    follows the embedded date and `known_day` precedes `last`; its years since the start count to `before_day`, those
    since the embedded date to `day`. `longest_window` is the most days between `day` and `before_day`.
    """

    query: Query
    scale: int
    series: AreaTable
    last: date
    longest_window: int


def ready_made(events: EventTable, *, window: int, last: date) -> QuestionEvents:
    """Return a table of events as a question's, whose outcomes may fall within `window` days after an event."""
    day = day_number("day")
    known = f"{day} + {window}" if window else "CAST(NULL AS INTEGER)"
    query = Query(
        f"""
        SELECT event, area, person, period, {day} AS day, CAST({day} + {window} AS INTEGER) AS before_day,
               {day} AS after_day, CAST({known} AS INTEGER) AS known_day, scaled
        FROM {events.query} AS events
        """,
        grain="event",
        columns=("event", "area", "person", "period", "day", "before_day", "after_day", "known_day", "scaled"),
    )
    return QuestionEvents(query, events.scale, events.series, last, window)


@dataclass(frozen=True, slots=True)
class EventUse:
    """Rows and persons of the areas compared, those of them inside a phase, and the rows with copies."""

    rows: int
    persons: int
    kept_rows: int
    kept_persons: int
    copies: int


def event_cells(engine: Engine, events: QuestionEvents, groups: Sequence[MatchedGroup]) -> Cells:
    """Return the events of the matched groups as cells of area × group × period × time since the start × copies."""
    return placed_cells(engine, _placed(events, groups), groups, periods=events.series.periods, scale=events.scale)


def placed_cells(
    engine: Engine, placed: Query, groups: Sequence[MatchedGroup], *, periods: Sequence[Period], scale: int
) -> Cells:
    """Return events that stand in phases of matched groups as cells.

    Parameters
    ----------
    placed : one row an event and matched group: `matched_group` (its place in `groups`), `area`, `person`, `event`
        (a number that tells a person's events apart), `period` (an index), `since` (years) and `scaled` (BIGINT)
    periods : the study's periods
    scale : what outcomes were multiplied with

    Returns
    -------
    Cells; a comparator's event stands in every group whose phases hold it, with a weight of 1 over their number.
    """
    found = engine.collect(_cells(placed))
    areas = tuple(sorted({area for group in groups for area in group.areas}))
    number = {area: i for i, area in enumerate(areas)}
    place = {period.index: i for i, period in enumerate(periods)}
    pilots = {group.pilot.area for group in groups}
    count = np.asarray(found["rows"], dtype=np.float64)
    total = np.asarray(found["total"], dtype=np.float64) / scale
    squares = np.asarray(found["squares"], dtype=np.float64) / scale**2
    origin = float(np.round(total.sum() / count.sum())) if count.sum() else 0.0
    return Cells.even(
        areas,
        tuple(group.pilot.area for group in groups),
        tuple(period.label for period in periods),
        np.array([area in pilots for area in areas], dtype=bool),
        np.array([number[str(area)] for area in found["area"]], dtype=np.int64),
        np.asarray(found["matched_group"], dtype=np.int64),
        np.array([place[int(period)] for period in found["period"]], dtype=np.int64),
        np.asarray(found["since"], dtype=np.int64),
        weight=1.0 / np.asarray(found["copies"], dtype=np.float64),
        count=count,
        total=total - origin * count,
        squares=squares - 2 * origin * total + origin**2 * count,
        origin=origin,
    )


def event_use(engine: Engine, events: QuestionEvents, groups: Sequence[MatchedGroup]) -> EventUse:
    """Count rows and persons from the areas compared to the rows of the model."""
    return placed_use(engine, events.query, _placed(events, groups), groups)


def placed_use(engine: Engine, events: Query, placed: Query, groups: Sequence[MatchedGroup]) -> EventUse:
    """Count rows and persons of `events` in the areas compared, and of those that stand in a phase."""
    listed = ", ".join(literal(area) for area in sorted({area for group in groups for area in group.areas}))
    compared = _counts(engine, f"SELECT area, person, event FROM {events} AS events WHERE area IN ({listed})")
    kept = _counts(engine, f"SELECT area, person, event FROM {placed} AS placed")
    return EventUse(compared[1], compared[2], kept[1], kept[2], kept[0])


def _counts(engine: Engine, text: str) -> tuple[int, int, int]:
    """Return rows, distinct events and distinct persons."""
    query = Query(
        f"""
        SELECT COUNT(*) AS rows,
               COUNT(CASE WHEN of_event = 1 THEN 1 END) AS events,
               COUNT(CASE WHEN of_person = 1 THEN 1 END) AS persons
        FROM (
          SELECT ROW_NUMBER() OVER (PARTITION BY area, person, event ORDER BY event NULLS LAST) AS of_event,
                 ROW_NUMBER() OVER (PARTITION BY area, person ORDER BY event NULLS LAST) AS of_person
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
          SELECT matched_group, area, period, since, scaled, COUNT(*) OVER (PARTITION BY area, person, event) AS copies
          FROM {placed} AS placed
        ) AS copied
        GROUP BY {key}
        """,
        grain="cell",
        columns=("matched_group", "area", "period", "since", "copies", "rows", "total", "squares"),
    )


def _placed(events: QuestionEvents, groups: Sequence[MatchedGroup]) -> Query:
    """One row an event and matched group whose baseline or post phase holds it, with its years since the start."""
    dates = list(dict.fromkeys((group.pilot.start, group.pilot.embedded) for group in groups))
    members = "\nUNION ALL\n".join(
        f"SELECT {g} AS matched_group, {literal(area)} AS area, "
        f"{dates.index((group.pilot.start, group.pilot.embedded))} AS dates"
        for g, group in enumerate(groups)
        for area in group.areas
    )
    arms = "\n".join(
        f"WHEN dates = {place} THEN {_since(start, embedded, last=events.last)}"
        for place, (start, embedded) in enumerate(dates)
    )
    return Query(
        f"""
        SELECT matched_group, event, area, person, period, since, scaled
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


def _since(start: date, embedded: date | None, *, last: date) -> str:
    """Return the expression of the whole years since the start, NULL outside baseline and post."""
    opens = number_of(start)
    follows, settled = ("after_day >", embedded) if embedded is not None else ("after_day >=", start)
    zero = number_of(settled)
    return (
        f"CASE WHEN before_day < {opens} THEN {full_years(f'before_day - {opens}')} "
        f"WHEN {follows} {zero} AND (known_day IS NULL OR known_day < {number_of(last)}) "
        f"THEN {full_years(f'day - {zero}')} END"
    )
