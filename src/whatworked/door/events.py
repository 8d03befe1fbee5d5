"""From people's events to the phases of matched groups, and how many rows and persons that leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from whatworked.cohort.days import day_number, full_years, number_of
from whatworked.door.people import CovariateColumn, Placed
from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, identifier, literal
from whatworked.matching.groups import MatchedGroup
from whatworked.records.area_series import AreaTable
from whatworked.records.events import EventTable


@dataclass(frozen=True, slots=True)
class QuestionEvents:
    """The events of one question, each with the days that decide about its phase.

    `query` has one row an event: `event` (BIGINT, a number of its own), `area`, `person`, `period` (INTEGER, the index
    of one of `series.periods`), `day`, `before_day`, `after_day` and `known_day` (INTEGER day numbers), `scaled`
    (BIGINT, the outcome times `scale`), and the columns of `covariates`. An event is baseline if `before_day` precedes
    the start, post if `after_day` follows the embedded date and `known_day` precedes `last`; its years since the start
    count to `before_day`, those since the embedded date to `day`. `longest_window` is the most days between `day` and
    `before_day`.
    """

    query: Query
    scale: int
    series: AreaTable
    last: date
    longest_window: int
    covariates: tuple[CovariateColumn, ...] = ()


def ready_made(
    events: EventTable, *, window: int, last: date, covariates: tuple[CovariateColumn, ...] = ()
) -> QuestionEvents:
    """Return a table of events as a question's, whose outcomes may fall within `window` days after an event."""
    day = day_number("day")
    known = f"{day} + {window}" if window else "CAST(NULL AS INTEGER)"
    query = Query(
        f"""
        SELECT event, area, person, period, {day} AS day, CAST({day} + {window} AS INTEGER) AS before_day,
               {day} AS after_day, CAST({known} AS INTEGER) AS known_day, scaled{carried(covariates)}
        FROM {events.query} AS events
        """,
        grain="event",
        columns=(
            *("event", "area", "person", "period", "day", "before_day", "after_day", "known_day", "scaled"),
            *(one.column for one in covariates),
        ),
    )
    return QuestionEvents(query, events.scale, events.series, last, window, covariates)


@dataclass(frozen=True, slots=True)
class EventUse:
    """Rows and persons of the areas compared, those of them inside a phase, and the rows with copies."""

    rows: int
    persons: int
    kept_rows: int
    kept_persons: int
    copies: int


def event_use(engine: Engine, events: QuestionEvents, groups: Sequence[MatchedGroup]) -> EventUse:
    """Count rows and persons from the areas compared to the rows of the model."""
    return placed_use(engine, events.query, placed_events(events, groups).query, groups)


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


def placed_events(events: QuestionEvents, groups: Sequence[MatchedGroup]) -> Placed:
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
    described = carried(events.covariates)
    query = Query(
        f"""
        SELECT matched_group, area, person, event, day, period, since, scaled{described}
        FROM (
          SELECT members.matched_group AS matched_group, events.event AS event, events.area AS area,
                 events.person AS person, events.day AS day, events.period AS period,
                 events.scaled AS scaled{described},
                 CAST(CASE
                 {arms}
                 END AS INTEGER) AS since
          FROM {events.query} AS events
          JOIN ({members}) AS members ON events.area = members.area
        ) AS joined
        WHERE since IS NOT NULL
        """,
        grain="event and matched group",
        columns=(
            *("matched_group", "area", "person", "event", "day", "period", "since", "scaled"),
            *(one.column for one in events.covariates),
        ),
    )
    return Placed(query, events.scale, events.covariates)


def carried(covariates: Sequence[CovariateColumn]) -> str:
    """Return the columns of covariates, to be selected behind others."""
    return "".join(f", {identifier(one.column)}" for one in covariates)


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
