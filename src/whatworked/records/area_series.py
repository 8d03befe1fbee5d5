"""A table of areas by periods, read through the protocol's mapping.

Everything that is left out or missing is counted under its rule; what the mapping does not settle is a mistake,
never a guess. Only counts come into Python here: the rows stay with the engine until a later step asks for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import RecordsError
from whatworked.protocol.model import AreaSeries, Study
from whatworked.records.area_flow import check_keep, repeats_of, rows_of_file
from whatworked.records.area_notes import figure_mistakes, mark_notes, period_notes, span_notes
from whatworked.records.area_periods import Gaps, periods_of_file
from whatworked.records.area_rows import dated_rows, distinct_rows, file_rows, kept_rows, series_rows, typed_rows
from whatworked.records.columns import check_columns
from whatworked.records.files import source_of
from whatworked.records.quality import QualityNote, Step
from whatworked.records.shares import refuse_no_share
from whatworked.vocabulary import Period


@dataclass(frozen=True, slots=True)
class AreaTable:
    """Areas by periods, inside the study's time.

    `query` has one row an area and period: `area` and `area_name` (text; the latest name, else the code),
    `period` (INTEGER, the index of one of `periods`), `value` (DOUBLE, NULL where missing), `people` (BIGINT,
    the numerator, NULL where unknown), `denominator` (DOUBLE, NULL where unknown) and `mark` (text, what stood
    in place of the value: a key of `whatworked.records.numbers.MARKS`; NULL where there is a value).
    """

    query: Query
    periods: tuple[Period, ...]
    flow: tuple[Step, ...]
    quality: tuple[QualityNote, ...]


def read_area_series(
    engine: Engine, name: str, series: AreaSeries, *, path: Path, study: Study, gaps: Gaps = "refused"
) -> AreaTable:
    """Register a file and return its rows inside the study's time.

    Parameters
    ----------
    engine : runs the queries and keeps the file as its table `records_<name>`
    name : name of the `[records.…]` table of the protocol
    series : that table
    path : where the file is, from `whatworked.records.files.locate`
    study : gives the first and the last day of the data
    gaps : whether periods in which the file has no row at all are a mistake

    Raises
    ------
    ProtocolError
        The mapping names columns, or values to keep, that the file does not have.
    RecordsError
        The file cannot be read, or its rows are not one sound figure an area and period.
    """
    table = f"records_{name}"
    engine.register(table, source_of(path, series.encoding))
    check_columns(name, series, columns=engine.schema(table), file=path.name)
    check_keep(engine, name, series, table=table, file=path.name)
    rows = file_rows(series, table)
    kept = kept_rows(series, rows)
    file_flow = rows_of_file(engine, rows, series=series, file=path.name)
    found = periods_of_file(engine, kept, series=series, study=study, file=path.name, gaps=gaps)
    figures = distinct_rows(typed_rows(dated_rows(kept, found.indices)))
    repeats = repeats_of(engine, figures, series=series, periods=found.periods, file=path.name)
    mistakes = (
        *file_flow.mistakes,
        *found.mistakes,
        *figure_mistakes(engine, figures, series=series, periods=found.periods, file=path.name),
        *repeats.mistakes,
    )
    if mistakes:
        raise RecordsError(mistakes)
    query = series_rows(figures)
    refuse_no_share(engine, query, "value", unit=series.unit, where=path.name)
    quality = (
        *mark_notes(engine, figures, series),
        *period_notes(engine, query, found.periods),
        *span_notes(engine, query, found.periods),
    )
    return AreaTable(query, found.periods, (*file_flow.steps, *found.steps, *repeats.steps), quality)


def areas_in(engine: Engine, table: AreaTable) -> Mapping[str, str]:
    """Return the areas that a table holds, by code: code → latest name."""
    found = engine.collect(
        Query(
            f"SELECT area, MIN(area_name) AS area_name FROM {table.query} AS series GROUP BY area",
            grain="area",
            columns=("area", "area_name"),
        )
    )
    return {str(area): str(name) for area, name in zip(found["area"], found["area_name"], strict=True)}
