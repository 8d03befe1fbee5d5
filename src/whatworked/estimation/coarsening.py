"""How a covariate is coarsened: cut points and groupings that are written down, and rules that find cut points.

A bin is a whole number. Cut points c0 < … < ck make bin 0 below c0, bins 1 to k between the cuts and bin k + 1 above
ck; a missing value is a level of its own, `MISSING`, and matches a missing value. Decision 0022.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log2, log10
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.errors import Mistake, UsageError
from whatworked.estimation.statistics import Floats, Integers

MISSING = -1
MISSING_LABEL = "(missing)"
Value = str | int | float | bool


@dataclass(frozen=True, slots=True, init=False)
class Cuts:
    """Cut points in ascending order.

    `closed` "right" makes intervals (a, b], the lowest cut belonging to the first; "left" makes [a, b), the highest
    cut belonging to the last. Values beyond the outer cuts are in bins of their own. One cut point makes two bins.
    """

    points: tuple[float, ...]
    closed: Literal["right", "left"]

    def __init__(self, *points: float, closed: Literal["right", "left"] = "right") -> None:
        """Refuse cut points that are not finite or not in ascending order."""
        if not points or not all(_is_number(point) for point in points):
            raise UsageError(Mistake("Cuts", "no finite cut point.", "Give one finite number or more."))
        if any(after <= before for before, after in pairwise(points)):
            raise UsageError(Mistake("Cuts", f"{points} are not in ascending order.", "Sort them; give each once."))
        if closed not in ("right", "left"):
            raise UsageError(Mistake("Cuts", "closed is neither right nor left.", 'Give closed="right" or "left".'))
        object.__setattr__(self, "points", tuple(float(point) for point in points))
        object.__setattr__(self, "closed", closed)

    def bins(self, values: NDArray[Any]) -> Integers:
        """Return the bin (n,) of each value; what is no finite number is `MISSING`."""
        numbers = np.asarray(values, dtype=np.float64)
        points = np.array(self.points)
        found = np.searchsorted(points, numbers, side="left" if self.closed == "right" else "right")
        if len(points) > 1 and self.closed == "right":
            found[numbers == points[0]] = 1
        elif len(points) > 1:
            found[numbers == points[-1]] = len(points) - 1
        found[~np.isfinite(numbers)] = MISSING
        return found

    def label(self, number: int) -> str:
        """Return what a bin holds, in words."""
        if number == MISSING:
            return MISSING_LABEL
        single, right = len(self.points) == 1, self.closed == "right"
        low = "at most" if single and right else "below"
        high = "from" if single and not right else "above"
        if number == 0:
            return f"{low} {self.points[0]:g}"
        if number >= len(self.points):
            return f"{high} {self.points[-1]:g}"
        return f"{self.points[number - 1]:g} to {self.points[number]:g}"

    def to_dict(self) -> dict[str, Any]:
        """Return the cut points as plain values."""
        return {"cuts": list(self.points), "closed": self.closed}


@dataclass(frozen=True, slots=True)
class Levels:
    """Values of a category in groups: bin i holds the values of `groups[i]`, any value of no group is in the last."""

    groups: tuple[tuple[Value, ...], ...]

    def bins(self, values: NDArray[Any]) -> Integers:
        """Return the bin (n,) of each value."""
        place = {value: i for i, group in enumerate(self.groups) for value in group}
        other = len(self.groups)
        if values.dtype.kind in "biuf":
            found, inverse = np.unique(values, return_inverse=True)
            bins = [MISSING if _absent(value) else place.get(value, other) for value in found.tolist()]
            return np.asarray(np.array(bins, dtype=np.int64)[inverse])
        known = {
            value: MISSING if _absent(value) else place.get(_plain(value), other) for value in set(values.tolist())
        }
        return np.fromiter(map(known.__getitem__, values.tolist()), dtype=np.int64, count=len(values))

    def label(self, number: int) -> str:
        """Return what a bin holds, in words."""
        if number == MISSING:
            return MISSING_LABEL
        return ", ".join(str(value) for value in self.groups[number]) if number < len(self.groups) else "(other)"

    def to_dict(self) -> dict[str, Any]:
        """Return the groups as plain values."""
        return {"groups": [list(group) for group in self.groups]}


Settled = Cuts | Levels


@dataclass(frozen=True, slots=True, init=False)
class Grouping:
    """Values of a category that count as one, a sequence a group; every other value stays a level by itself."""

    groups: tuple[tuple[Value, ...], ...]

    def __init__(self, *groups: Sequence[Value]) -> None:
        """Refuse a value in two groups, and text where a sequence of values belongs."""
        if any(isinstance(group, str) for group in groups):
            raise UsageError(Mistake("Grouping", "a group is text.", 'Give sequences of values: ("a", "b").'))
        named = [value for group in groups for value in group]
        if len(set(named)) < len(named):
            raise UsageError(Mistake("Grouping", "a value is named twice.", "Name each value in one group."))
        object.__setattr__(self, "groups", tuple(tuple(group) for group in groups))

    def settled(self, values: Iterable[Any]) -> Levels:
        """Return the groups and, sorted behind them, each other value that is there."""
        named = {value for group in self.groups for value in group}
        found = {_plain(value) for value in values if not _absent(value)}
        others: list[tuple[Value, ...]] = [(value,) for value in sorted(found - named, key=_order)]
        return Levels((*self.groups, *others))


@dataclass(frozen=True, slots=True)
class Spread:
    """What the automatic rules know of a variable: rows with a value, range, variance, quartiles (type 7)."""

    rows: float
    low: float
    high: float
    variance: float
    quartiles: tuple[float, float]


def spread_of(values: NDArray[Any], count: Floats | None = None) -> Spread | None:
    """Describe a variable for the automatic rules, None if it holds no value.

    Parameters
    ----------
    values : (n,) numbers, NaN where missing
    count : (n,) rows that have the value, 1 if None: cells give what their rows would

    Source
    ------
    Sample variance with n − 1; quartiles as Hyndman & Fan (1996), type 7. Proof: tests/estimation/test_coarsening.py
    """
    numbers = np.asarray(values, dtype=np.float64)
    rows = np.ones(len(numbers)) if count is None else np.asarray(count, dtype=np.float64)
    there = np.isfinite(numbers) & (rows > 0)
    if not there.any():
        return None
    order = np.argsort(numbers[there], kind="stable")
    x, f = numbers[there][order], rows[there][order]
    n = float(f.sum())
    centred = x - float(f @ x / n)
    variance = float(f @ (centred * centred)) / (n - 1) if n > 1 else 0.0
    behind = np.cumsum(f)

    def quantile(share: float) -> float:
        place = (n - 1) * share
        low, high = (float(x[np.searchsorted(behind, index, side="right")]) for index in (floor(place), ceil(place)))
        return low + (high - low) * (place - floor(place))

    return Spread(n, float(x[0]), float(x[-1]), variance, (quantile(0.25), quantile(0.75)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule that finds a number k of equal bins between the least and the greatest value.

    With `k_as_cut_points` k is the number of cut points, hence k − 1 bins, as R's cem has it.
    """

    k_as_cut_points: bool = False

    def number(self, spread: Spread) -> int:
        raise NotImplementedError

    def settled(self, spread: Spread) -> Cuts:
        """Return the cut points that the rule finds."""
        if spread.low == spread.high:
            return Cuts(spread.low)
        bins = self.number(spread) - (1 if self.k_as_cut_points else 0)
        return Cuts(*np.linspace(spread.low, spread.high, max(bins, 1) + 1).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sturges(_Rule):
    """Sturges (1926): k = ⌈log2 n + 1⌉."""

    def number(self, spread: Spread) -> int:
        """Return k."""
        return ceil(log2(spread.rows) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scott(_Rule):
    """Scott (1979): bins 3.5·s·n^(−1/3) wide, s the standard deviation."""

    def number(self, spread: Spread) -> int:
        """Return k."""
        return _bins_of_width(spread, 3.5 * spread.variance**0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreedmanDiaconis(_Rule):
    """Freedman & Diaconis (1981): bins 2·IQR·n^(−1/3) wide; Scott's where the quartiles coincide."""

    def number(self, spread: Spread) -> int:
        """Return k."""
        between = spread.quartiles[1] - spread.quartiles[0]
        return _bins_of_width(spread, 2 * between if between > 0 else 3.5 * spread.variance**0.5)


@dataclass(frozen=True, slots=True)
class Bins(_Rule):
    """A fixed number k."""

    k: int

    def __post_init__(self) -> None:
        """Refuse a number that makes no bin."""
        if int(self.k) != self.k or self.k < (2 if self.k_as_cut_points else 1):
            raise UsageError(Mistake("Bins", f"{self.k} make no bin.", "Give 1 or more; 2 or more cut points."))

    def number(self, spread: Spread) -> int:
        """Return k."""
        return self.k


Coarsening = Cuts | Grouping | Sturges | Scott | FreedmanDiaconis | Bins


def imbalance_breaks(spread: Spread) -> Cuts:
    """Return the breaks by which R's `imbalance` bins a variable: round numbers, about as many as Scott's rule says.

    Source
    ------
    Iacus, King & Porro (2011); `pretty` as Becker, Chambers & Wilks (1988) with R's bias 1.5. Decision 0024.
    Proof: tests/diagnostics/test_balance.py
    """
    if spread.low == spread.high:
        return Cuts(spread.low)
    cell = (spread.high - spread.low) / Scott().number(spread)
    unit = base = 10.0 ** floor(log10(cell))
    for factor, bias in ((2, 1.5), (5, 2.75), (10, 1.5)):
        if factor * base - cell >= bias * (cell - unit):
            break
        unit = factor * base
    near = 1e-10
    first, last = floor(spread.low / unit + near), ceil(spread.high / unit - near)
    return Cuts(*np.linspace(first * unit, last * unit, max(last - first, 1) + 1).tolist())


def settled(option: Coarsening, values: NDArray[Any], count: Floats | None = None) -> Settled | None:
    """Return the cut points or groups that an option comes to on these values, None where there is no value.

    Parameters
    ----------
    option : how the variable is coarsened
    values : (n,) of all rows, or of cells with `count` (n,) rows each

    Source
    ------
    As the options name it. Proof: tests/estimation/test_coarsening.py
    """
    match option:
        case Cuts():
            return option
        case Grouping():
            return option.settled(set(values.tolist()))
        case _:
            spread = spread_of(values, count)
            return None if spread is None else option.settled(spread)


def levels_of(values: NDArray[Any]) -> Levels:
    """Return every value that is there as a level of its own, sorted.

    Source
    ------
    None needed: a list. Proof: tests/estimation/test_coarsening.py
    """
    found = np.unique(values).tolist() if values.dtype.kind in "biufM" else set(values.tolist())
    return Grouping().settled(found)


def _bins_of_width(spread: Spread, width_at_one: float) -> int:
    """Return how many bins of a width times n^(−1/3) the range takes."""
    width = width_at_one * spread.rows ** (-1 / 3)
    return max(1, ceil((spread.high - spread.low) / width)) if width > 0 else 1


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and isfinite(value)


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float | np.floating) and not isfinite(value))


def _plain(value: Value | np.generic) -> Value:
    plain: Value = value.item() if isinstance(value, np.generic) else value
    return plain


def _order(value: object) -> tuple[bool, Any]:
    """Order numbers by size before everything else by its text."""
    return (False, value) if isinstance(value, int | float) else (True, str(value))
