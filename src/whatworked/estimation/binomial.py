"""Rows of a yes-or-no outcome, summed over equal rows of a design within areas, its columns brought to one scale."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.patterns import PatternedDesign, changes, equal_rows, patterned
from whatworked.estimation.people import People
from whatworked.estimation.statistics import Flags, Floats, Integers

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

    `design` holds (column − `centre`) / `unit`; nothing is centred unless the first column is the intercept,
    which stays 1. `starts` (G + 1,) says where each area's cells begin. `successes` and `failures` (m,) are sums of
    weights in units of `weight_unit`, the largest weight; the squares (m,) are sums of squared weights. `rows` counts
    rows of positive weight.
    """

    names: tuple[str, ...]
    areas: tuple[str, ...]
    starts: Integers
    design: PatternedDesign
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
        result: Floats = self.design.column(place) * self.unit[place] + self.centre[place]
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
    labels, number = _numbered(area[used])
    largest = float(outcome.weight[used].max()) if len(used) else 1.0
    order, same = equal_rows(design, used, np.ones(design.shape[1], dtype=bool))
    # a whole number of 8 or 16 bits is sorted in a few passes
    order = order[np.argsort(number[order].astype(np.min_scalar_type(len(labels))), kind="stable")]
    within = number[order]
    first = np.flatnonzero(changes(within) | changes(same[order]))
    chosen = used[order]
    weight = outcome.weight[chosen] / largest
    yes = outcome.successes[chosen]
    no = outcome.count[chosen] - yes
    successes, failures, success_squares, failure_squares = (
        np.add.reduceat(each, first) if len(first) < len(each) else each
        for each in (weight * yes, weight * no, weight**2 * yes, weight**2 * no)
    )
    centred = np.arange(len(names)) > 0 if names[:1] == (INTERCEPT,) else np.zeros(len(names), dtype=bool)
    columns, centre, unit = _standardised(patterned(design, chosen[first]), successes + failures, centred)
    return BinomialCells(
        names,
        tuple(str(label) if areas is None else areas[label] for label in labels.tolist()),
        np.searchsorted(within[first], np.arange(len(labels) + 1)),
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


def _numbered(area: Integers) -> tuple[Integers, Integers]:
    """Return the labels in sorted order and the number of each row's; small whole numbers are counted, not sorted."""
    if area.dtype.kind not in "iu" or area.min(initial=0) < 0 or area.max(initial=0) > len(area):
        return np.unique(area, return_inverse=True)
    there = np.bincount(area) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[area]


def _standardised(design: PatternedDesign, trials: Floats, centred: Flags) -> tuple[PatternedDesign, Floats, Floats]:
    """Return the design with all columns on one scale, their weighted means and their spreads."""
    shared, own = np.split(design.order, [design.few])
    centre, unit = np.zeros(len(centred)), np.ones(len(centred))
    standard = (
        _standardise(design.shared, design.by_pattern(trials), centred[shared]),
        _standardise(design.own, trials, centred[own]),
    )
    for places, (_, mean, spread) in zip((shared, own), standard, strict=True):
        centre[places], unit[places] = mean, spread
    return replace(design, shared=standard[0][0], own=standard[1][0]), centre, unit


def _standardise(columns: Floats, trials: Floats, centred: Flags) -> tuple[Floats, Floats, Floats]:
    """Return columns, one a row, less their weighted means where they are to be centred, over their spreads; both."""
    q = len(columns)
    centre, unit = np.zeros(q), np.ones(q)
    if not columns.size:
        return columns, centre, unit
    total = trials.sum()
    # twice: the mean of what is left takes up the rounding of the first
    for _ in range(2):
        mean = np.where(centred, columns @ trials / total, 0.0)
        columns = columns - mean[:, None]
        centre += mean
    largest = np.maximum(columns.max(axis=1), -columns.min(axis=1))
    constant = largest <= CONSTANT * np.abs(centre)
    columns[constant] = 0.0
    largest = np.where(constant, 1.0, largest)
    columns /= largest[:, None]
    spread = np.sqrt(np.einsum("i,ji,ji->j", trials, columns, columns) / total)
    spread = np.where(constant | ~(spread > 0), 1.0, spread)
    columns /= spread[:, None]
    return columns, centre, largest * spread
