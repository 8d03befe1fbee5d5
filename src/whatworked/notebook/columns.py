"""Columns that a notebook hands over, checked; what is wrong is counted, never quoted."""

from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.errors import Mistake, UsageError
from whatworked.estimation.statistics import Flags, Floats

# Beyond these sizes the squares and products of numbers have no place in a floating-point number.
LARGEST, SMALLEST = 1e50, 1e-50
TOO_LARGE = "its numbers are too large to be squared."


def flags(name: str, column: NDArray[Any]) -> Floats:
    """Return a column of 0 and 1 as numbers."""
    try:
        values = column.astype(np.float64)
    except (TypeError, ValueError):
        values = np.full(len(column), np.nan)
    wrong = int((~np.isin(values, (0.0, 1.0))).sum())
    if wrong:
        raise UsageError(Mistake(name, f"{wrong} values are neither 0 nor 1.", "Give a column of 0 and 1."))
    return values


def arms(name: str, column: NDArray[Any]) -> Flags:
    """Return which rows are a pilot's; both arms must be there."""
    pilot: Flags = flags(name, column) == 1
    if not len(pilot):
        raise UsageError(Mistake("data", "it has no rows.", "Give rows of pilots and of comparators."))
    if pilot.all() or not pilot.any():
        found = f"every one of the {len(pilot):,} rows is {int(pilot[0])}."
        raise UsageError(Mistake(name, found, "Give rows of both arms: 1 for pilots, 0 for comparators."))
    return pilot


def row_weights(name: str, given: NDArray[Any], rows: int) -> Floats:
    """Return finite weights from 0 on, one a row."""
    try:
        values = np.asarray(given).astype(np.float64)
    except (TypeError, ValueError):
        values = np.full(len(given), np.nan)
    if values.shape != (rows,):
        raise UsageError(Mistake(name, f"{values.size:,} weights for {rows:,} rows.", "Give one weight a row."))
    wrong = int((~np.isfinite(values) | (values < 0)).sum())
    if wrong:
        raise UsageError(Mistake(name, f"{wrong:,} are missing, infinite or negative.", "Give numbers from 0 on."))
    if (values > LARGEST).any():
        raise UsageError(Mistake(name, TOO_LARGE, "Give them in other units."))
    return values


def is_numeric(column: NDArray[Any]) -> bool:
    """Return whether a column holds numbers rather than categories."""
    return column.dtype.kind in "biuf"


def as_numbers(column: NDArray[Any]) -> Floats | None:
    """Return a column as numbers, NaN where missing, None if it holds text."""
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError):
        return None


def column_fault(column: NDArray[Any]) -> str:
    """Return what makes a covariate unusable, nothing if it will do."""
    if is_numeric(column):
        numbers = column.astype(np.float64)
        infinite = int(np.isinf(numbers).sum())
        if infinite:
            return f"{infinite:,} values are infinite."
        if not np.isfinite(numbers).any():
            return "it holds no value."
        return TOO_LARGE if np.nanmax(np.abs(numbers)) > LARGEST else ""
    empty = all(value is None or value != value for value in column.tolist())  # noqa: PLR0124 - not a number
    return "it holds no value." if empty else ""


def plain_numbers(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column of objects that are all numbers, or missing, as numbers; any other as it is."""
    if column.dtype.kind == "O" and all(isinstance(entry, Number) for entry in column if not absent(entry)):
        return np.array([np.nan if absent(entry) else entry for entry in column], dtype=np.float64)
    return column


def absent(label: object) -> bool:
    """Return whether a value is missing: None, a pandas NA, or what is unequal to itself."""
    if label is None or type(label).__name__ == "NAType":
        return True
    return not isinstance(label, str) and bool(label != label)  # noqa: PLR0124 - not a number, not a time
