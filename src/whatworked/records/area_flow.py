"""Which rows of a file stay: the values to keep, rows without an area, and rows that repeat an area and period."""

from collections.abc import Iterator, Sequence

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, identifier, literal
from whatworked.errors import Mistake, ProtocolError, RecordsError
from whatworked.protocol.model import AreaSeries
from whatworked.protocol.places import key_path, quoted
from whatworked.records.quality import Checked, Step, counted, named
from whatworked.vocabulary import Period

NARROW = "Narrow `keep` until one row an area and period is left"


def check_keep(engine: Engine, name: str, series: AreaSeries, *, table: str, file: str) -> None:
    """Refuse values to keep that no row has, all of them at once.

    Raises
    ------
    ProtocolError
        A value is in no row of its column; the file's own values are not repeated.
    """
    wanted = list(_wanted(series))
    if not wanted:
        return
    found = engine.collect(_matches(wanted, table))
    mistakes = []
    for place, (column, value) in enumerate(wanted):
        if not found[f"rows_{place}"].sum():
            folded = found[f"folded_{place}"].sum()
            advice = "Rows have it in other capitals: write it as the file does." if folded else "Check its spelling."
            where = key_path(["records", name, "keep", column])
            mistakes.append(Mistake(where, f"no row of {file} has {quoted(value)}.", advice))
    if mistakes:
        raise ProtocolError(mistakes)


def rows_of_file(engine: Engine, rows: Query, *, series: AreaSeries, file: str) -> Checked:
    """Count the rows of the file that stay and those that each rule leaves out.

    Raises
    ------
    RecordsError
        No row stays, so that nothing else can be looked at.
    """
    text = f"SELECT left_out_by, COUNT(*) AS rows FROM {rows} AS file_rows GROUP BY left_out_by"
    found = engine.collect(Query(text, grain="rule", columns=("left_out_by", "rows")))
    left_out = {int(rule): int(n) for rule, n in zip(found["left_out_by"], found["rows"], strict=True)}
    remaining = sum(left_out.values())
    if not remaining:
        raise RecordsError(Mistake(file, "it has column names but no rows.", "Check that it was saved whole."))
    steps = [Step("file", f"rows of {file}", remaining)]
    for place, (column, wanted) in enumerate(series.keep.items(), start=1):
        values = (wanted,) if isinstance(wanted, str) else wanted
        remaining -= left_out.get(place, 0)
        rule = f"{column} is {' or '.join(quoted(value) for value in values)}"
        steps.append(Step("keep", rule, remaining, left_out.get(place, 0)))
    blank = left_out.get(len(series.keep) + 1, 0)
    mistakes = []
    if series.blank_areas == "leave_out":
        steps.append(Step("areas", f"{series.columns.area} holds an area code", remaining - blank, blank))
    elif blank:
        advice = 'Narrow `keep` to the rows of areas, or give blank_areas = "leave_out".'
        where = f"{file}, column {series.columns.area}"
        mistakes.append(Mistake(where, f"{counted(blank, 'row')} without an area code.", advice))
    if remaining == blank:
        found_none = "no row is left after `keep` and the rows without an area."
        raise RecordsError([*mistakes, Mistake(file, found_none, "Check `keep` and `columns.area`.")])
    return Checked(tuple(steps), tuple(mistakes))


def repeats_of(engine: Engine, figures: Query, *, series: AreaSeries, periods: Sequence[Period], file: str) -> Checked:
    """Count the areas and periods that have more than one row, as the protocol's `duplicates` has it."""
    found = engine.collect(_repeats(figures))
    rows, kept = int(found["rows"].sum()), int(found["area_periods"].sum())
    identical = series.duplicates == "keep_identical"
    counts = dict(zip(found["period"].tolist(), found["differing" if identical else "repeated"].tolist(), strict=True))
    inside = [period.label for period in periods if counts.get(period.index)]
    if not inside:
        rule = "equal rows of an area and period are counted once"
        return Checked((Step("repeats", rule, kept, rows - kept),) if identical else ())
    n = counted(sum(counts.values()), "area period")
    if identical:
        return Checked(mistakes=(Mistake(file, f"{n} with rows that differ, in {named(inside)}.", f"{NARROW}."),))
    advice = f'{NARROW}; if the rows are equal, duplicates = "keep_identical" counts them once.'
    return Checked(mistakes=(Mistake(file, f"{n} with more than one row, in {named(inside)}.", advice),))


def _wanted(series: AreaSeries) -> Iterator[tuple[str, str]]:
    """Yield each column and value to keep."""
    for column, wanted in series.keep.items():
        for value in (wanted,) if isinstance(wanted, str) else wanted:
            yield column, value


def _matches(wanted: Sequence[tuple[str, str]], table: str) -> Query:
    """One row: how many rows have each value to keep, as written and with capitals ignored."""
    columns, selected = [], []
    for place, (column, value) in enumerate(wanted):
        text = f"COALESCE(TRIM(CAST({identifier(column)} AS STRING)), '')"
        exact, folded = f"{text} = {literal(value)}", f"LOWER({text}) = LOWER({literal(value)})"
        for called, test in ((f"rows_{place}", exact), (f"folded_{place}", folded)):
            columns.append(called)
            selected.append(f"COUNT(CASE WHEN {test} THEN 1 END) AS {called}")
    text = "SELECT " + ",\n       ".join(selected) + f"\nFROM {identifier(table)} AS file_table"
    return Query(text, grain="file", columns=tuple(columns))


def _repeats(figures: Query) -> Query:
    """One row a period: its areas, their rows in the file, the areas with repeated rows and with differing ones."""
    return Query(
        f"""
        SELECT period,
               COUNT(*) AS area_periods,
               CAST(SUM(copies) AS BIGINT) AS rows,
               COUNT(CASE WHEN copies > 1 THEN 1 END) AS repeated,
               COUNT(CASE WHEN versions > 1 THEN 1 END) AS differing
        FROM (
          SELECT area, period, COUNT(*) AS versions, SUM(copies) AS copies
          FROM {figures} AS distinct_rows
          GROUP BY area, period
        ) AS area_periods
        GROUP BY period
        """,
        grain="period",
        columns=("period", "area_periods", "rows", "repeated", "differing"),
    )
