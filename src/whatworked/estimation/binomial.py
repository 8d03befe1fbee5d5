"""Rows of a yes-or-no outcome, summed over equal rows of a design within areas, its columns brought to one scale."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.people import People
from whatworked.estimation.statistics import Floats, Integers

# Rows worked through at a time, to keep memory bounded and in the cache.
CHUNK = 8_192
# A column that strays from its mean by less than this share of it is constant, met through rounding.
CONSTANT = 1e-13
# A sum of a yes-or-no outcome and of its square may differ by this share through rounding.
YES_OR_NO = 1e-9


@dataclass(frozen=True)
class Binomial:
    """A yes-or-no outcome of n cells: `successes` among `count` rows, all of `weight` (each (n,))."""

    successes: Floats
    count: Floats
    weight: Floats


@dataclass(frozen=True)
class BinomialCells:
    """What a logit is fitted on (m cells sorted by area, q columns, G areas).

    `design` (m, q) holds (column − `centre`) / `unit`; nothing is centred unless the first column is the intercept,
    which stays 1. `starts` (G + 1,) says where each area's cells begin. `successes` and `failures` (m,) are sums of
    weights in units of `weight_unit`, the largest weight; the squares (m,) are sums of squared weights. `rows` counts
    rows of positive weight.
    """

    names: tuple[str, ...]
    areas: tuple[str, ...]
    starts: Integers
    design: Floats
    centre: Floats
    unit: Floats
    successes: Floats
    failures: Floats
    success_squares: Floats
    failure_squares: Floats
    rows: int
    weight_unit: float

    @cached_property
    def trials(self) -> Floats:
        """(m,) sums of weights."""
        return self.successes + self.failures

    @cached_property
    def area(self) -> Integers:
        """(m,) number of each cell's area."""
        return np.repeat(np.arange(len(self.areas)), np.diff(self.starts))

    def column(self, name: str) -> Floats:
        """Return (m,) a column in its own units."""
        place = self.names.index(name)
        result: Floats = self.design[:, place] * self.unit[place] + self.centre[place]
        return result


def binomial_cells(
    design: Floats, outcome: Binomial, *, area: Integers, names: tuple[str, ...], areas: tuple[str, ...] | None = None
) -> BinomialCells:
    """Sum cells that share area and design, and standardise the columns.

    Parameters
    ----------
    design : (n, q) dense; it is not changed
    outcome : successes, counts and weights; cells of weight 0 or without rows are left out
    area : (n,) label of each cell's area, or its number in `areas`
    names : q names of the columns
    areas : names of the areas that `area` numbers; those without a row are left out

    Returns
    -------
    BinomialCells, areas in sorted order of label or number.

    Source
    ------
    McCullagh & Nelder (1989), s. 4.1: grouped and ungrouped rows have one likelihood.
    Proof: tests/estimation/test_binomial.py
    """
    used = np.flatnonzero((outcome.weight > 0) & (outcome.count > 0))
    labels, number = np.unique(area[used], return_inverse=True)
    largest = float(outcome.weight[used].max()) if len(used) else 1.0
    order, first = _equal_rows(design, used, number)
    chosen = used[order]
    weight = outcome.weight[chosen] / largest
    yes, no = outcome.successes[chosen], outcome.count[chosen] - outcome.successes[chosen]
    successes, failures, success_squares, failure_squares = (
        np.add.reduceat(each, first) if len(first) < len(each) else each
        for each in (weight * yes, weight * no, weight**2 * yes, weight**2 * no)
    )
    columns = np.ascontiguousarray(np.take(design, chosen[first], axis=0, mode="clip"), dtype=np.float64)
    centred = bool(names) and names[0] == INTERCEPT
    centre, unit = _standardise(columns, successes + failures, centred=centred)
    return BinomialCells(
        names,
        tuple(str(label) if areas is None else areas[label] for label in labels.tolist()),
        np.searchsorted(number[order][first], np.arange(len(labels) + 1)),
        columns,
        centre,
        unit,
        successes,
        failures,
        success_squares,
        failure_squares,
        int(outcome.count[used].sum()),
        largest,
    )


def yes_or_no(people: People) -> Binomial | NotEstimated:
    """Return people's rows as successes, or the reason if the outcome takes other values than 0 and 1.

    Source
    ------
    None needed: a reading. Proof: tests/estimation/test_binomial.py
    """
    outcome = people.outcome + people.origin
    successes = np.round(outcome)
    if not (np.isin(successes, (0.0, 1.0)) & (np.abs(outcome - successes) <= YES_OR_NO)).all():
        return NotEstimated("a logit needs an outcome of 0 and 1")
    return Binomial(successes, np.ones(len(successes)), people.weight)


def _equal_rows(design: Floats, used: Integers, area: Integers) -> tuple[Integers, Integers]:
    """Return an order of the used cells by area and design, and the places in it where a new row begins.

    Rows are brought together by a random projection, then compared column by column: rows that differ never merge.
    """
    key = (design @ np.random.default_rng(0).standard_normal(design.shape[1]))[used]
    order = np.argsort(key)
    # a whole number of 8 or 16 bits is sorted in a few passes
    order = order[np.argsort(area[order].astype(np.min_scalar_type(int(area.max(initial=0)))), kind="stable")]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(area[order]) != 0) | (np.diff(key[order]) != 0)
    alike = np.flatnonzero(~new)
    for start in range(0, len(alike), CHUNK):
        later = alike[start : start + CHUNK]
        new[later] = (design[used[order[later]]] != design[used[order[later - 1]]]).any(axis=1)
    return order, np.flatnonzero(new)


def _standardise(columns: Floats, trials: Floats, *, centred: bool) -> tuple[Floats, Floats]:
    """Centre columns on their weighted means and divide them by their spread, in place; return means and spreads."""
    q = columns.shape[1]
    centre, unit = np.zeros(q), np.ones(q)
    if not len(columns):
        return centre, unit
    total = trials.sum()
    if centred:
        # twice: the mean of what is left takes up the rounding of the first
        for _ in range(2):
            mean = trials @ columns / total
            mean[0] = 0.0
            columns -= mean
            centre += mean
    largest = np.maximum(columns.max(axis=0), -columns.min(axis=0))
    constant = largest <= CONSTANT * np.abs(centre)
    columns[:, constant] = 0.0
    largest = np.where(constant, 1.0, largest)
    columns /= largest
    spread = np.sqrt(np.einsum("i,ij,ij->j", trials, columns, columns) / total)
    spread = np.where(constant | ~(spread > 0), 1.0, spread)
    columns /= spread
    return centre, largest * spread
