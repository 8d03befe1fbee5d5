"""What is known of areas year by year, made whole: gaps filled by rule, scales made alike, everything counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from whatworked.estimation.statistics import Floats, Integers
from whatworked.vocabulary import Period

Scale = Literal["z", "as_is"]
Gaps = Literal["interpolate", "carry_forward"]


@dataclass(frozen=True, slots=True)
class KnownValues:
    """The values of one covariate that the records hold, n of them, at most one an area and period.

    `area` (n) are codes and `place` (n,) indices on the axis of the question's periods, below its first and beyond its
    last one where the records reach further; `value` (n,) is finite.
    """

    name: str
    scale: Scale
    gaps: Gaps
    area: tuple[str, ...]
    place: Integers
    value: Floats


@dataclass(frozen=True, slots=True)
class Filling:
    """How many area periods of a covariate were known, and how many were filled by each rule."""

    name: str
    known: int
    interpolated: int
    nearest: int
    carried_forward: int
    carried_back: int


@dataclass(frozen=True, slots=True)
class CovariateLeftOut:
    """A covariate that the question does without, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class AreaYears:
    """Covariates of areas by periods: `values` (areas, periods, covariates) has no gap."""

    names: tuple[str, ...]
    areas: tuple[str, ...]
    periods: tuple[str, ...]
    values: Floats
    filled: tuple[Filling, ...]
    left_out: tuple[CovariateLeftOut, ...]


def area_year_covariates(known: Sequence[KnownValues], areas: Sequence[str], periods: Sequence[Period]) -> AreaYears:
    """Fill the gaps of every covariate over a question's areas and periods, and scale it.

    Parameters
    ----------
    known : what the records hold of each covariate, also of other areas and of periods before and after
    areas : the question's areas, pilots and comparators, without repetition
    periods : the question's periods, in order of time; their `index` is the axis

    Returns
    -------
    AreaYears of the covariates that stay. Between two known periods a value is interpolated linearly; before the first
    and after the last it takes the nearest. Under `carry_forward` every gap takes the last value before it, and what
    lies before the first known value takes that. `z` is over all area periods after filling, with the sample standard
    deviation, whether or not an area has rows in a period. A covariate leaves where an area has no value at all, or
    where `z` is asked for and it never varies.

    Source
    ------
    The evaluation that this generalises scales its area-year covariates in this way, rating and number of projects as
    they are. Proof: tests/estimation/test_area_years.py
    """
    axis = np.array([period.index for period in periods], dtype=np.int64)
    columns: list[Floats] = []
    names: list[str] = []
    filled: list[Filling] = []
    left_out: list[CovariateLeftOut] = []
    for one in known:
        found = _column(one, areas, axis)
        if isinstance(found, CovariateLeftOut):
            left_out.append(found)
            continue
        names.append(one.name)
        columns.append(found[0])
        filled.append(found[1])
    shape = (len(areas), len(periods), 0)
    values = np.stack(columns, axis=2) if columns else np.zeros(shape)
    labels = tuple(period.label for period in periods)
    return AreaYears(tuple(names), tuple(areas), labels, values, tuple(filled), tuple(left_out))


def _column(one: KnownValues, areas: Sequence[str], axis: Integers) -> tuple[Floats, Filling] | CovariateLeftOut:
    """Return one covariate over areas and periods, (areas, periods), or why it leaves."""
    whole = np.zeros((len(areas), len(axis)))
    counts = np.zeros(5, dtype=np.int64)
    codes, without = np.array(one.area, dtype=object), 0
    for i, area in enumerate(areas):
        mine = np.flatnonzero(codes == area)
        if not len(mine):
            without += 1
            continue
        order = mine[np.argsort(one.place[mine])]
        whole[i], of_area = _filled(one.place[order], one.value[order], axis, gaps=one.gaps)
        counts += of_area
    if without:
        return CovariateLeftOut(one.name, f"no value at all in {without} of {len(areas)} areas")
    if one.scale == "z":
        if not whole.size or np.ptp(whole) == 0:
            return CovariateLeftOut(one.name, "the same value in every area and period")
        whole = (whole - whole.mean()) / whole.std(ddof=1)
    return whole, Filling(one.name, *(int(n) for n in counts))


def _filled(place: Integers, value: Floats, axis: Integers, *, gaps: Gaps) -> tuple[Floats, Integers]:
    """Return an area's values on the axis, and how many were known and filled by each rule, as `Filling` has them."""
    known = np.isin(axis, place)
    before, after = axis < place[0], axis > place[-1]
    between = ~(known | before | after)
    if gaps == "interpolate":
        counts = [known.sum(), between.sum(), (before | after).sum(), 0, 0]
        return np.interp(axis, place, value), np.array(counts, dtype=np.int64)
    last = np.searchsorted(place, axis, side="right") - 1
    counts = [known.sum(), 0, 0, (between | after).sum(), before.sum()]
    result: Floats = value[np.maximum(last, 0)]
    return result, np.array(counts, dtype=np.int64)
