"""Checks of records that are no returns: figures of areas by periods, and ready-made events."""

from collections.abc import Iterator, Mapping

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.records.area_series import AreaTable
from whatworked.records.check_rules import COVERAGE, Kind
from whatworked.records.coverage import Note, gaps
from whatworked.records.events import EventTable
from whatworked.records.quality_report import CheckRow, QualityReport

SERIES, EVENTS = "area_series", "events"
NO_VALUE = "value: missing"
SAME_EVENT = "repeats area, person, day and outcome of another row"

Counts = Mapping[tuple[str, int], tuple[int, int]]


def check_series(engine: Engine, table: AreaTable) -> QualityReport:
    """Check figures of areas: rows without a value, and periods of an area without a row.

    Rows that repeat an area and period are refused, or counted once, when the file is read.
    """
    found = _by_area_and_period(
        engine, f"SELECT area, period, COUNT(*) AS tested, COUNT(value) AS given FROM {table.query} AS series", "given"
    )
    held = {place: (rows, rows - given) for place, (rows, given) in found.items()}
    notes: dict[tuple[str, int], Note] = {
        (area, period.index): "" if (area, period.index) in held else "none"
        for area in sorted({area for area, _ in held})
        for period in table.periods
    }
    missing = _rows(SERIES, NO_VALUE, "missing", held, table)
    return QualityReport((*missing, *_coverage(SERIES, notes, table)))


def check_events(engine: Engine, events: EventTable) -> QualityReport:
    """Check people's events: equal rows, and periods of an area with none or far fewer than its usual number."""
    copies = f"""
        SELECT area, period, CAST(SUM(copies) AS BIGINT) AS tested, CAST(SUM(copies - 1) AS BIGINT) AS repeats
        FROM (
          SELECT area, period, COUNT(*) AS copies
          FROM {events.query} AS events
          GROUP BY area, period, person, day, scaled
        ) AS distinct_rows"""
    held = _by_area_and_period(engine, copies, "repeats")
    table = events.series
    notes: dict[tuple[str, int], Note] = {}
    for area in sorted({area for area, _ in held}):
        counts = {period.index: held.get((area, period.index), (0, 0))[0] for period in table.periods}
        notes |= {(area, index): note for index, note in gaps(counts).items()}
    repeated = _rows(EVENTS, SAME_EVENT, "invalid", held, table)
    return QualityReport((*repeated, *_coverage(EVENTS, notes, table)))


def _by_area_and_period(engine: Engine, text: str, second: str) -> Counts:
    """Return two counts a row of a query that is grouped by area and period."""
    columns = ("area", "period", "tested", second)
    found = engine.collect(Query(f"{text} GROUP BY area, period", grain="area and period", columns=columns))
    return {
        (str(area), int(period)): (int(tested), int(n))
        for area, period, tested, n in zip(*(found[column] for column in columns), strict=True)
    }


def _rows(source: str, check: str, kind: Kind, held: Counts, table: AreaTable) -> Iterator[CheckRow]:
    label = {period.index: period.label for period in table.periods}
    for (area, period), (tested, found) in held.items():
        yield CheckRow(source, check, kind, area, label[period], tested, found)


def _coverage(source: str, notes: Mapping[tuple[str, int], Note], table: AreaTable) -> Iterator[CheckRow]:
    label = {period.index: period.label for period in table.periods}
    for (area, period), note in notes.items():
        yield CheckRow(source, COVERAGE, "gap", area, label[period], 1, int(bool(note)), note)
