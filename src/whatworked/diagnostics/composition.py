"""Did the people change: the same comparison with each covariate in the outcome's place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.design import BeforeAfter, design_grams
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.people import MISSING, Category, People, Quantity
from whatworked.estimation.statistics import Cells, Covariates, Floats


@dataclass(frozen=True, slots=True)
class Shift:
    """The effect on one covariate, in its own units, with CR1 against t(G − 1); `missing` rows have no value of it."""

    covariate: str
    effect: Estimate | NotEstimated
    rows: int
    missing: int


# A covariate's name, the cells with it as the outcome, and whether it differs between rows at all.
Outcome = tuple[str, Cells, bool]


def composition(people: People, *, term: str) -> tuple[Shift, ...] | NotEstimated:
    """Estimate the effect on each covariate: a change in who comes, not in what happens to them.

    Parameters
    ----------
    people : rows before matching, weighted 1 shared among an event's copies; their outcome is not used, their
        covariates are not adjusted for. A number's missing values leave that covariate's model
    term : the effect, `pilot:post`

    Returns
    -------
    A Shift for each number and each level of a category, or the reason for none at all. The rows are read once, for
    their sums within cells.

    Source
    ------
    Decision 0029; balance over time after Stuart et al. (2014). Proof: tests/diagnostics/test_composition.py
    """
    if (people.weight < 0).any():
        return NotEstimated("a weight is negative")
    if not (people.weight > 0).any():
        return NotEstimated("no row has a weight above 0")
    cells = people.cells()
    rows = int(cells.rows.sum())
    found = []
    for covariate in people.covariates:
        used = covariate.take(people.weight > 0)
        outcomes = _levels(cells, used) if isinstance(used, Category) else _number(cells, used)
        for name, measured, varies in outcomes:
            there = int(measured.rows.sum())
            found.append(Shift(name, _effect(measured, term=term, varies=varies), there, rows - there))
    return tuple(found)


def _levels(cells: Cells, category: Category) -> Iterator[Outcome]:
    """Give the cells with each level of a category as the outcome: 1 where a row has it."""
    others = cells.covariates.sums[:, :, [cells.covariates.names.index(name) for name in category.columns]]
    levels = np.concatenate([(cells.weights - others.sum(axis=2))[:, :, None], others], axis=2)
    for place, level in enumerate(category.levels):
        own = levels[:, :, place]
        varies = bool(0 < own[0].sum() < cells.rows.sum())
        yield f"{category.name}[{level}]", _with_outcome(cells, own[:2], own[1], origin=0.0), varies


def _number(cells: Cells, number: Quantity) -> Iterator[Outcome]:
    """Give the cells of the rows that have a value, with the number as the outcome."""
    names = cells.covariates.names
    value, absent = names.index(number.name), f"{number.name}[{MISSING}]"
    there = cells.weights - cells.covariates.sums[:, :, names.index(absent)] if absent in names else cells.weights
    totals, squares = cells.covariates.sums[:2, :, value], cells.covariates.products[1, :, value, value]
    values = number.values[np.isfinite(number.values)]
    varies = bool(len(values) and values.min() < values.max())
    yield number.name, _with_outcome(replace(cells, weights=there), totals, squares, origin=number.origin), varies


def _with_outcome(cells: Cells, totals: Floats, squares: Floats, *, origin: float) -> Cells:
    none = Covariates.none(len(cells.area))
    return replace(cells, totals=totals, squares=squares, origin=origin, covariates=none)


def _effect(cells: Cells, *, term: str, varies: bool) -> Estimate | NotEstimated:
    if not varies:
        return NotEstimated("it is the same in every row" if cells.rows.any() else "no row has a value")
    return estimate_cr1(fit_linear(design_grams(cells, BeforeAfter())), term, "")
