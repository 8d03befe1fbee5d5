"""A ready-made table of people's events: one row an event, with its area, person, day and outcome.

Rows that cannot be used are counted by reason; what the mapping does not settle is a mistake. Outcomes become whole
numbers of a common fraction, so that sums are exact on any engine, in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, identifier, literal
from whatworked.errors import Mistake, ProtocolError, RecordsError, known
from whatworked.protocol.model import Study
from whatworked.protocol.people import Events
from whatworked.protocol.periods import calendar_periods
from whatworked.protocol.places import key_path, quoted
from whatworked.records.area_series import AreaTable
from whatworked.records.files import source_of
from whatworked.records.numbers import MARKS, PROBLEMS, kind, number
from whatworked.records.quality import QualityNote, Step, counted
from whatworked.records.shares import refuse_no_share
from whatworked.vocabulary import Period

DECIMALS = range(7)
# Sums of squares must stay whole numbers of 64 bits.
LARGEST_SUM = 9.0e18
# What may be left of a whole number written as a decimal fraction: of its own, and of its product's size.
ROUNDING, PRODUCT = 1e-9, 1e-15
LONGEST_PERIOD = timedelta(days=366)
REASONS = ("no area", "no person", "no day", "no outcome", "outside the study's time")


@dataclass(frozen=True, slots=True)
class EventTable:
    """People's events inside the study's time, and the series of their plain means.

    `query` has one row an event: `event` (BIGINT, a number of its own), `area`, `person` (text), `day` (DATE),
    `period` (INTEGER, the index of one of `series.periods`), `scaled` (BIGINT, the outcome times `scale`) and a column
    a covariate, `x_` before its name: text for a category, DOUBLE for a number, NULL where it is missing.
    """

    query: Query
    scale: int
    series: AreaTable


def read_events(engine: Engine, name: str, events: Events, *, path: Path, study: Study) -> EventTable:
    """Register a file of events and return those inside the study's time.

    Raises
    ------
    ProtocolError
        The mapping names columns, or values to keep, that the file does not have.
    RecordsError
        The file cannot be read, or days or outcomes are neither sound nor missing.
    """
    table = f"events_{name}"
    engine.register(table, source_of(path, events.encoding))
    _check_columns(name, events, columns=tuple(engine.schema(table)), file=path.name)
    rows = _file_rows(events, table)
    _check_covariates(engine, rows, events=events, file=path.name)
    periods = _periods(engine, rows, events=events, study=study, file=path.name)
    described = _described(events)
    dated = _dated_rows(rows, periods, described)
    steps, notes = _flow(engine, dated, events=events, file=path.name)
    columns = ("area", "area_name", "person", "day", "period", "number", *described)
    sound = Query(f"SELECT {', '.join(columns)} FROM {dated} AS dated WHERE reason = 0", grain="event", columns=columns)
    scale = _scale(engine, sound, file=path.name)
    refuse_no_share(engine, sound, "number", unit=events.unit, where=f"{path.name}, column {events.columns.outcome}")
    query = _event_rows(sound, scale, described)
    return EventTable(query, scale, AreaTable(series_of(query, scale), periods, steps, notes))


def _check_columns(name: str, events: Events, *, columns: Sequence[str], file: str) -> None:
    """Refuse a mapping to columns that the file does not have, all of them at once."""
    mapped = events.columns.model_dump(exclude={"covariates"})
    wanted = [(["columns", key], column) for key, column in mapped.items() if column is not None]
    wanted += [(["columns", "covariates", key], one.column) for key, one in events.columns.covariates.items()]
    wanted += [(["keep", column], column) for column in events.keep]
    mistakes = [
        Mistake(key_path(["records", name, *place]), f"{file} has no column {quoted(column)}.", known(columns, column))
        for place, column in wanted
        if column not in columns
    ]
    if mistakes:
        raise ProtocolError(mistakes)


def _text(column: str | None) -> str:
    if column is None:
        return "CAST(NULL AS STRING)"
    return f"NULLIF(TRIM(CAST({identifier(column)} AS STRING)), '')"


def _file_rows(events: Events, table: str) -> Query:
    """One row a row of the file that `keep` keeps: the mapped columns as text, the outcome also as a number."""
    mapped = events.columns
    tests = ["1 = 1"]
    for column, wanted in events.keep.items():
        listed = ", ".join(literal(value) for value in ((wanted,) if isinstance(wanted, str) else wanted))
        tests.append(f"COALESCE({_text(column)}, '') IN ({listed})")
    kept = " AND ".join(tests)
    covariates = mapped.covariates
    texts = "".join(f", {_text(one.column)} AS t_{name}" for name, one in covariates.items())
    carried = "".join(f", t_{name}" for name in covariates)
    values = "".join(
        f", {number(f't_{name}') if one.kind == 'number' else f't_{name}'} AS x_{name}"
        for name, one in covariates.items()
    )
    return Query(
        f"""
        SELECT area, area_name, person, day_text, outcome, day, {number("outcome")} AS number{carried}{values}
        FROM (
          SELECT area, area_name, person, day_text, outcome{carried},
                 CASE WHEN day_text LIKE '____-__-__' THEN TRY_CAST(day_text AS DATE) END AS day
          FROM (
            SELECT {_text(mapped.area)} AS area, {_text(mapped.name)} AS area_name,
                   {_text(mapped.person)} AS person, {_text(mapped.date)} AS day_text,
                   {_text(mapped.outcome)} AS outcome{texts}
            FROM {identifier(table)} AS file_table
            WHERE {kept}
          ) AS mapped
        ) AS with_days
        """,
        grain="row of the file",
        columns=(
            *("area", "area_name", "person", "day_text", "outcome", "day", "number"),
            *(f"t_{name}" for name in covariates),
            *_described(events),
        ),
    )


def _described(events: Events) -> tuple[str, ...]:
    """Return the columns of the covariates."""
    return tuple(f"x_{name}" for name in events.columns.covariates)


def _check_covariates(engine: Engine, rows: Query, *, events: Events, file: str) -> None:
    """Refuse numeric covariates that hold what is neither a number nor a mark of a missing one, all at once."""
    numbers = {name: one.column for name, one in events.columns.covariates.items() if one.kind == "number"}
    if not numbers:
        return
    marks = ", ".join(literal(mark) for mark in MARKS)
    tests = ", ".join(
        f"COUNT(CASE WHEN COALESCE({kind(f't_{name}', f'x_{name}', signed=True)}, 'blank') NOT IN ({marks}) THEN 1 END)"
        f" AS x_{name}"
        for name in numbers
    )
    columns = tuple(f"x_{name}" for name in numbers)
    found = engine.collect(Query(f"SELECT {tests} FROM {rows} AS file_rows", grain="file", columns=columns))
    mistakes = [
        Mistake(
            f"{file}, column {column}",
            f"{counted(int(found[f'x_{name}'][0]), 'value')} of the covariate {name} are no numbers.",
            'Give numbers or blanks, or say kind = "category".',
        )
        for name, column in numbers.items()
        if int(found[f"x_{name}"][0])
    ]
    if mistakes:
        raise RecordsError(mistakes)


def _periods(engine: Engine, rows: Query, *, events: Events, study: Study, file: str) -> tuple[Period, ...]:
    """Return the periods of the study: those inside its dates, or those that the events' days touch."""
    text = f"SELECT MIN(day) AS first, MAX(day) AS last FROM {rows} AS file_rows"
    found = engine.collect(Query(text, grain="file", columns=("first", "last")))
    first, last = (_day(found[name]) for name in ("first", "last"))
    if first is None or last is None:
        where = f"{file}, column {events.columns.date}"
        raise RecordsError(Mistake(where, "no row holds a day.", "Days are written as 2017-05-01; check `keep`."))
    calendar = events.period
    around = calendar_periods(calendar.kind, calendar.ends, first - LONGEST_PERIOD, last + LONGEST_PERIOD)
    start, end = study.data_start or date.min, study.data_end or date.max
    used = [p for p in around if p.end >= first and p.start <= last and start <= p.start and p.end <= end]
    if not used:
        found_none = "no event lies in a period of the study."
        raise RecordsError(Mistake(file, found_none, "Check `period`, study.data_start and study.data_end."))
    return tuple(Period(place, p.label, p.start, p.end) for place, p in enumerate(used))


def _day(column: NDArray[Any]) -> date | None:
    value = column[0]
    return None if np.ma.is_masked(value) or value is None else date.fromisoformat(str(value)[:10])


def _dated_rows(rows: Query, periods: Sequence[Period], described: Sequence[str]) -> Query:
    """One row as before, with its period and, in `reason`, the place of the reason that leaves it out (0: none).

    `problem` names what stands in place of a day or an outcome that is neither sound nor missing.
    """
    arms = "\n".join(f"WHEN day <= {literal(period.end)} THEN {period.index}" for period in periods)
    first = literal(periods[0].start)
    marks = ", ".join(literal(mark) for mark in MARKS)
    carried = "".join(f", {column}" for column in described)
    return Query(
        f"""
        SELECT area, area_name, person, day, period, number{carried},
               CAST(CASE
                 WHEN area IS NULL THEN 1
                 WHEN person IS NULL THEN 2
                 WHEN day_text IS NULL THEN 3
                 WHEN what IN ({marks}) THEN 4
                 WHEN period IS NULL THEN 5
                 ELSE 0 END AS INTEGER) AS reason,
               CASE
                 WHEN day_text IS NOT NULL AND day IS NULL THEN 'day'
                 WHEN what IS NOT NULL AND what NOT IN ({marks}) THEN what END AS problem
        FROM (
          SELECT area, area_name, person, day_text, day, number{carried},
                 CAST(CASE WHEN day < {first} THEN NULL
                 {arms}
                 END AS INTEGER) AS period,
                 {kind("outcome", "number", signed=True)} AS what
          FROM {rows} AS file_rows
        ) AS judged
        """,
        grain="row of the file",
        columns=("area", "area_name", "person", "day", "period", "number", *described, "reason", "problem"),
    )


def _flow(
    engine: Engine, rows: Query, *, events: Events, file: str
) -> tuple[tuple[Step, ...], tuple[QualityNote, ...]]:
    """Count what each reason leaves out, and refuse days and outcomes that are neither sound nor missing."""
    text = f"""
        SELECT reason, COALESCE(problem, '') AS problem, COUNT(*) AS rows
        FROM {rows} AS dated
        GROUP BY reason, COALESCE(problem, '')
    """
    found = engine.collect(Query(text, grain="reason", columns=("reason", "problem", "rows")))
    counts = [
        (int(r), str(p), int(n)) for r, p, n in zip(found["reason"], found["problem"], found["rows"], strict=True)
    ]
    problems: dict[str, int] = {}
    for _, problem, n in counts:
        if problem:
            problems[problem] = problems.get(problem, 0) + n
    if problems:
        raise RecordsError(_problem(problem, n, events=events, file=file) for problem, n in sorted(problems.items()))
    remaining = sum(n for _, _, n in counts)
    steps = [Step("file", f"rows of {file}" + (" that `keep` keeps" if events.keep else ""), remaining)]
    for place, reason in enumerate(REASONS, start=1):
        left_out = sum(n for r, _, n in counts if r == place)
        if left_out:
            remaining -= left_out
            steps.append(Step("events", f"rows with {reason} leave", remaining, left_out))
    if not remaining:
        raise RecordsError(Mistake(file, "no event is left.", "Check `keep`, the columns and the study's dates."))
    return tuple(steps), ()


def _problem(problem: str, rows: int, *, events: Events, file: str) -> Mistake:
    if problem == "day":
        found = f"{counted(rows, 'row')} with a day that is not written as 2017-05-01."
        return Mistake(f"{file}, column {events.columns.date}", found, "Write days as year-month-day.")
    found = f"{counted(rows, 'value')} {PROBLEMS[problem]}, which {'is' if rows == 1 else 'are'} no number."
    return Mistake(f"{file}, column {events.columns.outcome}", found, "Give numbers, or leave the cell blank.")


def _scale(engine: Engine, rows: Query, *, file: str) -> int:
    """Return the power of ten that makes every outcome a whole number."""
    tests = [f"COUNT(CASE WHEN {_is_fraction(10.0**d)} THEN 1 END) AS left_{d}" for d in DECIMALS]
    columns = (*(f"left_{d}" for d in DECIMALS), "smallest", "largest", "rows")
    text = (
        "SELECT " + ", ".join(tests) + ", MIN(number) AS smallest, MAX(number) AS largest, "
        f"COUNT(*) AS rows FROM {rows} AS sound"
    )
    found = engine.collect(Query(text, grain="file", columns=columns))
    decimals = next((d for d in DECIMALS if not int(found[f"left_{d}"][0])), None)
    if decimals is None:
        problem = f"outcomes have more than {max(DECIMALS)} decimals."
        raise RecordsError(Mistake(file, problem, "Round them, or give them in a smaller unit."))
    largest = max(abs(float(found["smallest"][0])), abs(float(found["largest"][0]))) * 10**decimals
    if largest * largest * int(found["rows"][0]) > LARGEST_SUM:
        raise RecordsError(Mistake(file, "outcomes are too large to be summed exactly.", "Give them in a larger unit."))
    return int(10**decimals)


def _is_fraction(scale: float) -> str:
    """Return the test that a number times `scale` is not whole, up to the rounding of the product itself.

    What is not 0 must not become 0, however near it lies.
    """
    scaled = f"number * {literal(scale)}"
    size = f"CASE WHEN number < 0 THEN -{scaled} ELSE {scaled} END"
    distance = f"FLOOR({scaled} + 0.5e0) - {scaled}"
    slack = f"({literal(ROUNDING)} + {literal(PRODUCT)} * ({size}))"
    vanishes = f"(number < 0 OR number > 0) AND ({size}) < 0.5e0"
    return f"{distance} > {slack} OR {distance} < -{slack} OR ({vanishes})"


def _event_rows(rows: Query, scale: int, described: Sequence[str]) -> Query:
    """One row an event, numbered in an order that does not depend on the file's."""
    order = ("area", "person", "day", "number", "area_name", *described)
    carried = "".join(f", {column}" for column in described)
    return Query(
        f"""
        SELECT ROW_NUMBER() OVER (
                 ORDER BY {", ".join(f"{column} NULLS LAST" for column in order)}
               ) AS event,
               area, area_name, person, day, period,
               CAST(FLOOR(number * {literal(float(scale))} + 0.5e0) AS BIGINT) AS scaled{carried}
        FROM {rows} AS sound
        """,
        grain="event",
        columns=("event", "area", "area_name", "person", "day", "period", "scaled", *described),
    )


def series_of(events: Query, scale: int) -> Query:
    """One row an area and period: the plain mean of its events, and how many they are."""
    return Query(
        f"""
        SELECT means.area, names.area_name, means.period,
               CAST(means.total AS DOUBLE) / CAST(means.people * {scale} AS DOUBLE) AS value,
               means.people AS people,
               CAST(NULL AS DOUBLE) AS denominator,
               CAST(NULL AS STRING) AS mark
        FROM (
          SELECT area, period, CAST(SUM(scaled) AS BIGINT) AS total, COUNT(*) AS people
          FROM {events} AS events
          GROUP BY area, period
        ) AS means
        JOIN (
          SELECT area, COALESCE(MIN(area_name), area) AS area_name FROM {events} AS events GROUP BY area
        ) AS names ON means.area = names.area
        """,
        grain="area and period",
        columns=("area", "area_name", "period", "value", "people", "denominator", "mark"),
    )
