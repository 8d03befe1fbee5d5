"""Columns of a notebook's table as the terms of a model: numbers as they are, text as dummies."""

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatworked.errors import Mistake, UsageError
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.people import MISSING, MOST_LEVELS, Category, Covariate, Quantity, covariate_matrix
from whatworked.estimation.statistics import Floats

# Beyond these sizes the squares and products of a model have no place in a floating-point number.
LARGEST, SMALLEST = 1e50, 1e-50
# Numbers that differ by less than this share of the largest leave too few digits beside an intercept.
NEAR = 1e-4


def design_of(columns: Mapping[str, NDArray[Any]], rows: int, *, near: bool) -> tuple[tuple[str, ...], Floats]:
    """Return the names and the matrix (n, q) of an intercept and the columns' terms, which must be `near` to 0."""
    described = [covariate_of(name, column) for name, column in columns.items()]
    if near:
        check_near(described)
    names, matrix = covariate_matrix(described, rows)
    check_terms((INTERCEPT, *names))
    return (INTERCEPT, *names), np.column_stack([np.ones(rows), matrix])


def covariate_of(name: str, column: NDArray[Any]) -> Covariate:
    """Return a column as a covariate: numbers as they are, text as levels, sorted, missing being one of them."""
    if column.dtype.kind == "O" and all(isinstance(entry, Number) for entry in column if not absent(entry)):
        column = np.array([np.nan if absent(entry) else entry for entry in column], dtype=np.float64)
    if column.dtype.kind in "biuf":
        return Quantity(name, sized(name, column.astype(np.float64)))
    labels = np.array([MISSING if absent(label) else str(label) for label in column], dtype=object)
    levels, codes = np.unique(labels, return_inverse=True)
    if len(levels) > MOST_LEVELS:
        advice = (
            f"A category has at most {MOST_LEVELS}: group them, give numbers as numbers, or, where they are people, "
            'name the column as person= with estimator="fixed_effects".'
        )
        raise UsageError(Mistake(name, f"it is no number and has {len(levels):,} levels.", advice))
    return Category(name, tuple(levels.tolist()), codes)


def check_near(covariates: Sequence[Covariate]) -> None:
    """Refuse numbers so far from 0 beside how much they differ that a model takes them for a constant.

    A column's sum of squares must be told from what the intercept leaves of it, which is that of its deviations.
    """
    mistakes = []
    for one in covariates:
        if isinstance(one, Quantity) and np.isfinite(one.values).any():
            spread, size = np.nanmax(one.values) - np.nanmin(one.values), np.nanmax(np.abs(one.values))
            if 0 < spread < NEAR * size:
                found = "its numbers are too alike, for their size, to be told from a constant."
                mistakes.append(Mistake(one.name, found, "Subtract a round number near their mean."))
    if mistakes:
        raise UsageError(mistakes)


def check_terms(names: Sequence[str]) -> None:
    """Refuse a model two of whose terms have one name."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        found, advice = "is the name of two terms of the model.", "Give the column another name."
        raise UsageError([Mistake(f'term "{name}"', found, advice) for name in twice])


def numbers_of(name: str, column: NDArray[Any]) -> Floats:
    """Return a column of numbers, NaN where missing."""
    try:
        values = column.astype(np.float64)
    except (TypeError, ValueError):
        raise UsageError(Mistake(name, "holds text, not numbers.", "Give a numeric column.")) from None
    return sized(name, values)


def sized(name: str, values: Floats) -> Floats:
    """Return numbers if they are finite, or missing, and of a size that a model can square."""
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise UsageError(Mistake(name, f"{infinite} values are infinite.", "Give finite numbers."))
    largest = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 0.0
    if largest > LARGEST or 0 < largest < SMALLEST:
        found = "its numbers are too " + ("large" if largest > LARGEST else "small") + " to be squared."
        raise UsageError(Mistake(name, found, f"Give it in other units, between {SMALLEST:g} and {LARGEST:g}."))
    return values


def absent(label: object) -> bool:
    """Return whether a value is missing: None, a pandas NA, or what is unequal to itself."""
    if label is None or type(label).__name__ == "NAType":
        return True
    return not isinstance(label, str) and bool(label != label)  # noqa: PLR0124 - not a number, not a time
