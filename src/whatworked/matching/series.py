"""The baseline series that comparators are chosen by, and nothing that came later."""

from collections.abc import Sequence

import numpy as np

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.matching.trends import Panel
from whatworked.protocol.model import Pilot
from whatworked.records.area_series import AreaTable


def baseline_panel(engine: Engine, table: AreaTable, pilots: Sequence[Pilot]) -> Panel:
    """Read areas by periods up to the last period that ends before the latest start.

    Of later periods only the presence of an area's code is read, never an outcome; a pilot's own values after
    its start are blanked even where another pilot started later.
    """
    before = [period for period in table.periods if period.end < max(pilot.start for pilot in pilots)]
    until = max((period.index for period in before), default=-1)
    spans = engine.collect(_spans(table.query))
    values = engine.collect(_values(table.query, until))
    areas = tuple(str(area) for area in spans["area"])
    row = {area: i for i, area in enumerate(areas)}
    column = {period.index: i for i, period in enumerate(table.periods)}
    grid = np.full((len(areas), len(table.periods)), np.nan)
    for area, period, value in zip(values["area"], values["period"], values["value"], strict=True):
        grid[row[str(area)], column[int(period)]] = value
    for pilot in pilots:
        if pilot.area in row:
            grid[row[pilot.area], [period.end >= pilot.start for period in table.periods]] = np.nan
    first, last = table.periods[0].index, table.periods[-1].index
    settled = (np.asarray(spans["first"]) == first) & (np.asarray(spans["last"]) == last)
    times = np.array([period.index for period in table.periods])
    return Panel(areas, times, grid, np.asarray(settled, dtype=bool))


def _spans(series: Query) -> Query:
    """One row an area: the first and the last period in which its code is there at all."""
    return Query(
        f"""
        SELECT area, MIN(period) AS first, MAX(period) AS last
        FROM {series} AS series
        GROUP BY area
        """,
        grain="area",
        columns=("area", "first", "last"),
    )


def _values(series: Query, until: int) -> Query:
    """One row an area and period not after `until`: the outcome, where there is one."""
    return Query(
        f"""
        SELECT area, period, value
        FROM {series} AS series
        WHERE period <= {until} AND value IS NOT NULL
        """,
        grain="area period",
        columns=("area", "period", "value"),
    )
