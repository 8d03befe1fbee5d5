"""A table of covariates of areas by periods: each covariate read as a series, its gaps left for a rule to fill."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from whatworked.engine.interface import Engine
from whatworked.errors import Mistake, ProtocolError, known
from whatworked.protocol.contexts import AreaCovariate, AreaCovariates
from whatworked.protocol.model import AreaSeries, Columns, Study
from whatworked.protocol.places import key_path, quoted
from whatworked.records.area_series import AreaTable, read_area_series
from whatworked.records.files import source_of
from whatworked.records.quality import QualityNote

FILLED = "filled by the covariate's rule"


def read_area_covariates(
    engine: Engine, name: str, context: AreaCovariates, *, path: Path, study: Study
) -> Mapping[str, AreaTable]:
    """Return each covariate of a table as areas by periods: name → series.

    Periods outside the study's time stay, since they help to fill gaps inside it, and a period may have no row at all.
    Marks in place of a number are counted and are gaps.

    Parameters
    ----------
    engine : runs the queries and keeps the file as its table `records_<name>`
    name : name of the `[records.…]` table of the protocol
    context : that table
    path : where the file is
    study : the protocol's study

    Raises
    ------
    ProtocolError
        The mapping names columns, or values to keep, that the file does not have.
    RecordsError
        The file cannot be read, or its rows are not at most one figure an area and period.
    """
    table = f"records_{name}"
    engine.register(table, source_of(path, context.encoding))
    there = engine.schema(table)
    mistakes = tuple(_unknown_columns(name, context, columns=there, file=path.name))
    if mistakes:
        raise ProtocolError(mistakes)
    timeless = study.model_copy(update={"data_start": None, "data_end": None})
    found = {}
    for key, covariate in context.covariates.items():
        series = _as_series(context, covariate)
        read = read_area_series(engine, name, series, path=path, study=timeless, gaps="allowed")
        notes = tuple(QualityNote(f"{key}: {note.what}", note.rows, FILLED) for note in read.quality)
        found[key] = replace(read, quality=notes)
    return found


def _as_series(context: AreaCovariates, covariate: AreaCovariate) -> AreaSeries:
    """Return the mapping of one covariate as that of a series."""
    long = covariate.column is not None
    return AreaSeries(
        kind="area_series",
        path=context.path,
        columns=Columns(
            area=context.columns.area, period=context.columns.period if long else None, value=covariate.column
        ),
        wide=covariate.wide,
        keep=context.keep,
        period=context.period,
        unit="as in the file",
        source=context.source,
        published=True,
        encoding=context.encoding,
        duplicates=context.duplicates,
        blank_areas=context.blank_areas,
    )


def _unknown_columns(name: str, context: AreaCovariates, *, columns: Collection[str], file: str) -> Iterator[Mistake]:
    """Yield the columns of covariates that the file does not have."""
    for key, covariate in context.covariates.items():
        named = {("column",): covariate.column} if covariate.column is not None else {}
        for place, column in (named | {("wide", label): column for label, column in covariate.wide.items()}).items():
            if column not in columns:
                where = key_path(["records", name, "covariates", key, *place])
                yield Mistake(where, f"{file} has no column {quoted(column)}.", known(columns, column))
