"""Coarsening as SQL: the same bins that `whatworked.estimation.coarsening` gives in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import NotEstimated
from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query, identifier, literal
from whatworked.estimation.coarsening import MISSING, Coarsening, Cuts, Grouping, Levels, Settled, Value, settled
from whatworked.estimation.statistics import Floats

LARGEST = 1.7976931348623157e308
LARGEST_KEY = 1 << 62
# Different values of one column that an automatic rule may look at in memory.
MOST_VALUES = 20_000_000


def bin_expression(column: str, option: Settled) -> str:
    """Return the CASE expression that gives a column's bin as a whole number; NULL and what is no number give −1.

    Parameters
    ----------
    column : an expression of SQL, not a bare name
    option : cut points or groups; automatic rules are settled on values first

    Proof: tests/matching/test_coarsening.py
    """
    return _cut_expression(column, option) if isinstance(option, Cuts) else _level_expression(column, option)


def width(option: Settled) -> int:
    """Return how many different bins there can be, the missing one with them."""
    return len(option.points if isinstance(option, Cuts) else option.groups) + 2


def key_expressions(columns: Sequence[tuple[str, Settled]]) -> list[str]:
    """Return expressions that together number the combinations of bins: one, unless they are too many for a BIGINT.

    The bins are the digits of a number, the first column's the highest, so that grouping compares whole numbers.
    """
    keys: list[str] = []
    size = LARGEST_KEY
    for column, option in columns:
        digit = f"({bin_expression(identifier(column), option)} + 1)"
        if size * width(option) > LARGEST_KEY:
            keys.append(f"CAST({digit} AS BIGINT)")
            size = width(option)
        else:
            keys[-1] = f"({keys[-1]} * {width(option)} + {digit})"
            size *= width(option)
    return keys or ["CAST(0 AS BIGINT)"]


def settle(engine: Engine, rows: Query, column: str, option: Coarsening | None = None) -> Settled | NotEstimated:
    """Return the cut points or groups that an option comes to on a column of a query; None makes each value a level.

    The values are counted by the engine and judged here, so that every engine leads to the same cut points.

    Proof: tests/matching/test_coarsening.py
    """
    if isinstance(option, Cuts):
        return option
    values, count = value_counts(engine, rows, column)
    if option is None or isinstance(option, Grouping):
        return (option or Grouping()).settled(values.tolist())
    found = settled(option, values.astype(np.float64), count)
    return found if found is not None else NotEstimated(f"{column} holds no value")


def value_counts(engine: Engine, rows: Query, column: str) -> tuple[NDArray[Any], Floats]:
    """Return the different values of a column of a query, missing ones left aside, and how many rows have each."""
    name = identifier(column)
    text = f"SELECT {name}, COUNT(*) AS rows FROM {rows} AS rows WHERE {name} IS NOT NULL GROUP BY {name}"
    query = Query(text, grain=f"value of {column}", columns=(column, "rows"))
    found = engine.collect(query, limit=MOST_VALUES)
    return np.asarray(found[column]), found["rows"].astype(np.float64)


def _cut_expression(column: str, cuts: Cuts) -> str:
    number = f"CAST({column} AS DOUBLE)"
    points = [literal(point) for point in cuts.points]
    right, last = cuts.closed == "right", len(points) - 1
    tests = []
    for place, point in enumerate(points):
        # the lowest cut of right-closed intervals belongs to the first bin, the highest of left-closed to the last
        turned = last > 0 and place == (0 if right else last)
        tests.append(f"WHEN {number} {'<=' if right != turned else '<'} {point} THEN {place}")
    # what no comparison holds for is NULL or no number
    return f"""CASE WHEN {number} < {literal(-LARGEST)} THEN {MISSING} {" ".join(tests)}
        WHEN {number} <= {literal(LARGEST)} THEN {len(points)} ELSE {MISSING} END"""


def _level_expression(column: str, levels: Levels) -> str:
    # an engine compares with one value faster than it looks into a list of one; NULL, which equals nothing, comes last
    tests = [
        f"WHEN {column} = {_listed(group[0])} THEN {place}"
        if len(group) == 1
        else f"WHEN {column} IN ({', '.join(_listed(value) for value in group)}) THEN {place}"
        for place, group in enumerate(levels.groups)
        if group
    ]
    return f"CASE {' '.join(tests)} WHEN {column} IS NULL THEN {MISSING} ELSE {len(levels.groups)} END"


def _listed(value: Value) -> str:
    return str(value).upper() if isinstance(value, bool) else literal(value)
