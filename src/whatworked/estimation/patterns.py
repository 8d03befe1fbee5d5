"""A design whose columns of few values are kept once for each pattern that they form, the others once a cell."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from whatworked.estimation.statistics import Flags, Floats, Integers

# Rows compared at a time, to keep memory bounded and in the cache.
CHUNK = 2_048
# Rows weighted at a time, so that they and their copy stay in the cache.
GRAM_CHUNK = 1_024
# A column of more values than this among a sample of so many rows is each cell's own.
MANY, SAMPLE = 50, 1_000


@dataclass(frozen=True)
class PatternedDesign:
    """m cells of k columns, of which a have few values.

    `shared` (a, p) holds these columns of the p patterns that they form, `pattern` (m,) says which of them each cell
    has, and `own` (k − a, m) holds the other columns. `order` (k,) numbers the columns as they stand in `shared` and
    then in `own`, increasing in each. Values of cells are summed within patterns first, so that nothing passes over
    m × a numbers.
    """

    shared: Floats
    pattern: Integers
    own: Floats
    order: Integers

    @property
    def few(self) -> int:
        """Number of shared columns, a."""
        return len(self.shared)

    @property
    def patterns(self) -> int:
        """Number of patterns, p."""
        return int(self.shared.shape[1])

    def times(self, coef: Floats) -> Floats:
        """Return Xβ (m,)."""
        shared, own = np.split(coef[self.order], [self.few])
        result: Floats = (shared @ self.shared)[self.pattern]
        return result + own @ self.own if len(own) else result

    def sums(self, values: Floats) -> Floats:
        """Return X′v (k,)."""
        result = np.empty(len(self.order))
        result[self.order] = np.concatenate([self.shared @ self.by_pattern(values), self.own @ values])
        return result

    def gram(self, weight: Floats) -> Floats:
        """Return X′WX (k, k)."""
        shared, own = weighted_gram(self.shared, self.by_pattern(weight)), weighted_gram(self.own, weight)
        across = np.zeros((len(self.own), self.few))
        for number, column in enumerate(self.own if self.few else ()):
            across[number] = self.shared @ self.by_pattern(weight * column)
        result = np.empty((len(self.order), len(self.order)))
        result[np.ix_(self.order, self.order)] = np.block([[shared, across.T], [across, own]])
        return result

    def area_sums(self, values: Floats, starts: Integers) -> Floats:
        """Return (G, k) each area's X′v, of cells sorted by area that begin at `starts` (G + 1,)."""
        areas, m = len(starts) - 1, len(values)
        result = np.empty((areas, len(self.order)))
        shared = csr_array((values, self.pattern, starts), shape=(areas, self.patterns))
        own = csr_array((values, np.arange(m), starts), shape=(areas, m))
        result[:, self.order] = np.hstack([np.asarray(shared @ self.shared.T), np.asarray(own @ self.own.T)])
        return result

    def by_pattern(self, values: Floats) -> Floats:
        """Return (p,) sums of the values of the cells of each pattern."""
        return np.bincount(self.pattern, values, self.patterns).astype(np.float64, copy=False)

    def column(self, number: int) -> Floats:
        """Return (m,) one column."""
        place = int(np.flatnonzero(self.order == number)[0])
        result: Floats = self.shared[place, self.pattern] if place < self.few else self.own[place - self.few]
        return result

    def columns(self, kept: Integers) -> "PatternedDesign":
        """Return some of the columns, by their increasing numbers; nothing is copied where they are all there are."""
        if len(kept) == len(self.order):
            return self
        stays = np.isin(self.order, kept)
        shared, own = np.split(stays, [self.few])
        return PatternedDesign(
            self.shared[shared], self.pattern, self.own[own], np.searchsorted(kept, self.order[stays])
        )

    def cells(self, part: slice) -> "PatternedDesign":
        """Return some of the cells, with the patterns that they have."""
        used, pattern = np.unique(self.pattern[part], return_inverse=True)
        return PatternedDesign(self.shared[:, used], pattern, self.own[:, part], self.order)

    @property
    def merged(self) -> "PatternedDesign":
        """The same cells with equal patterns taken for one, such as dropping columns leaves."""
        every = np.arange(self.patterns)
        _, number = equal_rows(self.shared.T, every, np.ones(self.few, dtype=bool))
        return replace(self, shared=self.shared[:, _one_each(number, every)], pattern=number[self.pattern])


def every_column_its_own(design: Floats) -> PatternedDesign:
    """Return a dense design (m, k) as it is.

    Source
    ------
    None needed: another way to write it. Proof: tests/estimation/test_patterns.py
    """
    m, k = design.shape
    return PatternedDesign(np.zeros((0, 1)), np.zeros(m, dtype=np.int64), design.T, np.arange(k))


def patterned(design: Floats, rows: Integers) -> PatternedDesign:
    """Tell columns of few values from the others, and number the patterns that they form.

    Parameters
    ----------
    design : (n, k) dense; it is not changed
    rows : (m,) numbers of the rows wanted, in the order wanted

    Returns
    -------
    PatternedDesign of these m rows; which columns are shared moves no number beyond rounding.

    Source
    ------
    None needed: another way to write the rows. Proof: tests/estimation/test_patterns.py
    """
    sample = design[rows[:: max(1, len(rows) // SAMPLE)]]
    few = np.array([len(np.unique(column)) <= MANY for column in sample.T], dtype=bool)
    if 2 * few.sum() < len(few):
        # sums of products of the two kinds would cost more than the patterns save
        return every_column_its_own(design.take(rows, axis=0).astype(np.float64, copy=False))
    shared, own = np.flatnonzero(few), np.flatnonzero(~few)
    # in the order in which they lie in memory
    number = np.full(len(design), -1)
    number[rows] = 0
    increasing = np.flatnonzero(number == 0)
    number[increasing] = equal_rows(design, increasing, few)[1]
    pattern = number[rows]
    return PatternedDesign(
        _turned(design, _one_each(pattern, rows), shared),
        pattern,
        _turned(design, rows, own),
        np.concatenate([shared, own]),
    )


def _turned(design: Floats, rows: Integers, columns: Integers) -> Floats:
    """Return some columns of some rows, one a row, a part of the rows at a time, since they may lie far apart."""
    result = np.empty((len(columns), len(rows)))
    for start in range(0, len(rows), CHUNK):
        result[:, start : start + CHUNK] = design[np.ix_(rows[start : start + CHUNK], columns)].T
    return result


def equal_rows(design: Floats, rows: Integers, columns: Flags) -> tuple[Integers, Integers]:
    """Give equal rows the same number.

    Parameters
    ----------
    design : (n, k)
    rows : (m,) numbers of the rows wanted
    columns : (k,) which columns count

    Returns
    -------
    An order (m,) of the wanted rows that brings equal rows together, and the number (m,) of each.

    Equal rows are found by a random projection and compared column by column with one of their number: a row that
    differs after all gets a number of its own, so that rows that differ are never taken for one.

    Source
    ------
    None needed: a sort. Proof: tests/estimation/test_patterns.py
    """
    design = np.ascontiguousarray(design)
    key = (design @ (np.random.default_rng(0).standard_normal(design.shape[1]) * columns))[rows]
    order = np.argsort(key)
    new = changes(key[order])
    number, first = np.empty(len(rows), dtype=np.int64), order[new]
    new[:1] = False
    number[order] = np.cumsum(new)
    if len(first) == len(rows):
        return order, number
    again, known, others = np.delete(np.arange(len(rows)), first), design.take(rows[first], axis=0), len(first)
    for part in np.split(again, range(CHUNK, len(again), CHUNK)):
        differs = design.take(rows[part], axis=0) != known.take(number[part], axis=0)
        unlike = part[differs @ columns]
        number[unlike] = others + np.arange(len(unlike))
        others += len(unlike)
    return order, number


def changes(values: Floats | Integers) -> Flags:
    """Return which values (m,) are not those before them; the first is not.

    Source
    ------
    None needed: a comparison. Proof: tests/estimation/test_patterns.py
    """
    result = np.ones(len(values), dtype=bool)
    result[1:] = values[1:] != values[:-1]
    return result


def _one_each(number: Integers, values: Integers) -> Integers:
    """Return, for each number from 0, a value that bears it."""
    result = np.empty(int(number.max(initial=-1)) + 1, dtype=np.int64)
    result[number] = values
    return result


def weighted_gram(columns: Floats, weight: Floats) -> Floats:
    """Return X′WX (k, k) from the columns of X, one a row (k, m), a part of the cells at a time.

    Source
    ------
    A sum over cells may be taken in parts. Proof: tests/estimation/test_patterns.py
    """
    k, m = columns.shape
    result = np.zeros((k, k))
    for start in range(0, m if k else 0, GRAM_CHUNK):
        part = columns[:, start : start + GRAM_CHUNK]
        result += (part * weight[start : start + GRAM_CHUNK]) @ part.T
    return (result + result.T) / 2
