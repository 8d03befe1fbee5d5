"""From tables of covariates to a question's own: its areas by its periods, without a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, literal
from whatworked.errors import Mistake, RecordsError
from whatworked.estimation.area_years import AreaYears, KnownValues, area_year_covariates
from whatworked.protocol.contexts import AreaCovariate
from whatworked.protocol.model import Protocol, Question
from whatworked.protocol.stretches import CalendarPeriods
from whatworked.records.area_covariates import read_area_covariates
from whatworked.records.area_series import AreaTable
from whatworked.records.located import Located
from whatworked.vocabulary import Period


@dataclass(frozen=True)
class Context:
    """A covariate that was read: how it is treated, its series, and whether its periods are the calendar's."""

    covariate: AreaCovariate
    series: AreaTable
    by_calendar: bool


def open_contexts(engine: Engine, protocol: Protocol, located: Located) -> dict[str, Context]:
    """Read every table of covariates that a question uses: name of the covariate → what was read."""
    asked = {key for question in protocol.question for key in question.area_covariates}
    found: dict[str, Context] = {}
    for name, table in protocol.contexts.items():
        if asked & set(table.covariates):
            read = read_area_covariates(engine, name, table, path=located.tables[name], study=protocol.study)
            by_calendar = isinstance(table.period, CalendarPeriods)
            found |= {key: Context(table.covariates[key], read[key], by_calendar) for key in read if key in asked}
    return found


def question_area_years(
    engine: Engine,
    question: Question,
    contexts: Mapping[str, Context],
    *,
    areas: Sequence[str],
    periods: Sequence[Period],
) -> AreaYears:
    """Return the covariates that a question names over its areas and periods, in the order in which it names them.

    Parameters
    ----------
    contexts : as `open_contexts` returns them
    areas : codes of the pilots and comparators of the question's matched groups
    periods : the question's periods, those of its series

    Raises
    ------
    RecordsError
        A table of covariates has periods that do not fall together with the question's.
    """
    known = [_known(engine, key, contexts[key], areas=areas, periods=periods) for key in question.area_covariates]
    return area_year_covariates(known, areas, periods)


def _known(
    engine: Engine, key: str, context: Context, *, areas: Sequence[str], periods: Sequence[Period]
) -> KnownValues:
    """Return what the records hold of a covariate in the given areas, its periods on the question's axis."""
    listed = ", ".join(literal(area) for area in sorted(set(areas)))
    text = f"""
        SELECT area, period, value
        FROM {context.series.query} AS series
        WHERE value IS NOT NULL AND area IN ({listed})
        """
    found = engine.collect(Query(text, grain="area period", columns=("area", "period", "value")))
    places = _places(key, context, periods)
    return KnownValues(
        key,
        context.covariate.scale,
        context.covariate.gaps,
        tuple(str(area) for area in found["area"]),
        np.array([places[int(index)] for index in found["period"]], dtype=np.int64),
        np.asarray(found["value"], dtype=np.float64),
    )


def _places(key: str, context: Context, periods: Sequence[Period]) -> dict[int, int]:
    """Return where each period of a covariate stands on the axis of the question's: its index → the place."""
    if not context.by_calendar:
        return {period.index: period.index for period in context.series.periods}
    origin = periods[0]
    length = _months(origin.end.year, origin.end.month) + 1 - _months(origin.start.year, origin.start.month)
    if origin.start.day != 1:
        # A year that begins within a month ends within that month.
        length -= 1
    places = {}
    for period in context.series.periods:
        months = _months(period.start.year, period.start.month) - _months(origin.start.year, origin.start.month)
        if months % length or period.start.day != origin.start.day:
            found = f"the periods of {key} do not fall together with the outcome's."
            raise RecordsError(Mistake("records", found, "Give both tables the same `period`."))
        places[period.index] = origin.index + months // length
    return places


def _months(year: int, month: int) -> int:
    return 12 * year + month
