"""Sums of products of covariates within cells: categories are counted in packs, so that the rows are read rarely."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt, prod

import numpy as np

from whatworked.estimation.statistics import Covariates, Floats, Integers

# A table of a pair of packs may have this many entries a row; a category by itself is a pack whatever its levels.
SPARE = 2


@dataclass(frozen=True)
class Part:
    """`width` columns of a model of which a row fills one: `place` (n,), −1 for none, with `value` (n,), None for 1."""

    width: int
    place: Integers
    value: Floats | None


@dataclass(frozen=True)
class Pack:
    """Columns of a model that rows (n,) fill together, by one code a row.

    `code` (n,) numbers the lines of `reads` (w, c): what a row with it adds to the c `columns`, times its `value`
    (n,), None for 1.
    """

    columns: Integers
    code: Integers
    reads: Floats
    value: Floats | None = None

    @property
    def width(self) -> int:
        """How many codes there are."""
        return len(self.reads)

    def beside(self, other: "Pack") -> "Pack":
        """Return both packs as one, which has a code for each pair of theirs."""
        mine = np.repeat(self.reads, other.width, axis=0)
        theirs = np.tile(other.reads, (self.width, 1))
        columns = np.concatenate([self.columns, other.columns])
        return Pack(columns, self.code * other.width + other.code, np.hstack([mine, theirs]))


def cell_moments(
    parts: Sequence[Part], outcome: Floats, *, names: tuple[str, ...], weight: Floats, cell: Integers, cells: int
) -> Covariates:
    """Sum the covariates of m rows within n cells.

    Parameters
    ----------
    parts : what the covariates add to a row, in the order of their columns
    outcome : (m,) measured from its origin
    names : of the columns
    weight, cell : (m,) the weight, and the number of the row's cell
    cells : n

    Returns
    -------
    Covariates of the n cells. A table of counts for each pair of packs holds those of all pairs of their categories.

    Source
    ------
    Bookkeeping. Proof: tests/estimation/test_moments.py
    """
    packs = packed(parts, most=isqrt(SPARE * len(cell) // max(cells, 1)))
    c = len(names)
    sums, products, cross = np.zeros((3, cells, c)), np.zeros((3, cells, c, c)), np.zeros((2, cells, c))
    distinct = 1 if (weight == 1).all() else 3
    powers = [None, weight, weight * weight][:distinct]
    for a, first in enumerate(packs):
        key, one, shape = cell * first.width + first.code, first.columns, (cells, first.width)
        for j, power in enumerate(powers):
            sums[j][:, one] = _table(key, shape, power, first.value) @ first.reads
            if j < len(cross):
                cross[j][:, one] = _table(key, shape, power, outcome, first.value) @ first.reads
        for second in packs[: a + 1]:
            for j, found in enumerate(_products(first, second, key, cells=cells, powers=powers)):
                products[j][:, one[:, None], second.columns] = found
                products[j][:, second.columns[:, None], one] = found.swapaxes(1, 2)
    for part in (sums, products, cross):
        part[distinct:] = part[0]
    return Covariates(names, sums, products, cross)


def packed(parts: Sequence[Part], *, most: int) -> list[Pack]:
    """Put categories together as long as a pack has no more than `most` codes; numbers stay by themselves.

    Source
    ------
    First fit by decreasing width. Proof: tests/estimation/test_moments.py
    """
    ends = np.cumsum([part.width for part in parts])
    columns = [np.arange(end - part.width, end) for part, end in zip(parts, ends, strict=True)]
    numbers = [
        Pack(own, part.place, np.ones((1, 1)), part.value)
        for part, own in zip(parts, columns, strict=True)
        if part.value is not None
    ]
    categories: list[Pack] = []
    for i in sorted((i for i, part in enumerate(parts) if part.value is None), key=lambda i: -parts[i].width):
        reads = np.vstack([np.zeros(parts[i].width), np.eye(parts[i].width)])
        own = Pack(columns[i], parts[i].place + 1, reads)
        place = next((p for p, pack in enumerate(categories) if pack.width * own.width <= most), None)
        if place is None:
            categories.append(own)
        else:
            categories[place] = categories[place].beside(own)
    return categories + numbers


def _products(first: Pack, second: Pack, key: Integers, *, cells: int, powers: Sequence[Floats | None]) -> list[Floats]:
    """Return Σ wʲxz′ (n, c, d) of two packs for each power, `key` being the cell and the first pack's code."""
    if first is second:
        c, shape = len(first.columns), (cells, first.width)
        pairs = (first.reads[:, :, None] * first.reads[:, None, :]).reshape(first.width, c * c)
        found = [_table(key, shape, power, first.value, first.value) @ pairs for power in powers]
        return [products.reshape(cells, c, c) for products in found]
    both, square = key * second.width + second.code, (cells, first.width, second.width)
    tables = [_table(both, square, power, first.value, second.value) for power in powers]
    return [np.asarray(first.reads.T @ table @ second.reads) for table in tables]


def _table(key: Integers, shape: tuple[int, ...], *factors: Floats | None) -> Floats:
    """Return the sum of the product of the factors (m,) by key, in this shape; of ones where there is none."""
    total: Floats | None = None
    for factor in factors:
        if factor is not None:
            total = factor if total is None else total * factor
    return np.bincount(key, total, prod(shape)).astype(np.float64).reshape(shape)
