"""Coarsened exact matching on numbers: strata, the rows that have a counterpart, and what each row weighs.

A row here may be a person's event or a cell of `count` like ones: the answers are the same. Decision 0023.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

from whatworked.estimation.statistics import Flags, Floats, Integers

# A number per combination of bins is kept while the combinations are no more than this many times the rows.
SPARE = 8
MOST_COMBINATIONS = 1 << 62

ESTIMAND = "the effect on the pilot rows that have a counterpart: a feasible-sample effect on the treated"
FORMULA = (
    "pilot rows weigh 1; a comparator row of stratum s weighs (M_C / M_T) · (m_T,s / m_C,s); "
    "each times its copy weight; rows without a counterpart weigh 0"
)
MASSES = (
    "M_T and M_C count all matched pilot and comparator rows of the call, m_T,s and m_C,s those of stratum s, "
    "each row as its copy weight"
)


@dataclass(frozen=True)
class CemWeights:
    """Weights (n,) of one row of each line, 0 where `kept` (n,) is False; M_T and M_C are copy-weighted counts."""

    weight: Floats
    kept: Flags
    pilots: float
    comparators: float


def strata_of(bins: Sequence[Integers]) -> tuple[Integers, int]:
    """Give every combination of bins that occurs a number.

    Parameters
    ----------
    bins : one (n,) array a covariate, of whole numbers

    Returns
    -------
    (n,) numbers from 0, in the order of the combinations, and how many there are: neither depends on the order of
    the rows.

    Source
    ------
    Iacus, King & Porro (2012). Proof: tests/estimation/test_cem.py
    """
    key, size = np.zeros(len(bins[0]), dtype=np.int64), 1
    for given in bins:
        column = given.astype(np.int64)
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        width = high - low + 1
        if size * width > MOST_COMBINATIONS:
            key, size = _numbered(key, size)
        key, size = key * width + (column - low), size * width
    return _numbered(key, size)


def matched(stratum: Integers, pilot: Flags, count: Floats | None = None) -> Flags:
    """Return which rows (n,) are in a stratum with rows of both arms.

    Parameters
    ----------
    stratum : (n,) from 0; −1 is no stratum, and never matched
    pilot : (n,) the arm
    count : (n,) rows of each line, 1 if None; a line of 0 rows is no counterpart

    Source
    ------
    Iacus, King & Porro (2012). Proof: tests/estimation/test_cem.py
    """
    there = stratum >= 0 if count is None else (stratum >= 0) & (count > 0)
    size = int(stratum.max(initial=-1)) + 1
    both = np.zeros(size, dtype=bool)
    both[stratum[there & pilot]] = True
    comparators = np.zeros(size, dtype=bool)
    comparators[stratum[there & ~pilot]] = True
    both &= comparators
    kept = there.copy()
    kept[there] = both[stratum[there]]
    return kept


def event_copy_weights(event: Integers, kept: Flags) -> Floats:
    """Return each row's weight (n,) as 1 over the number of kept rows of its event, 0 where it is not kept.

    Parameters
    ----------
    event : (n,) numbers from 0 of (area, person, event): the copies of an event in several matched groups share one
    kept : (n,) the rows that matching keeps; after every sub-setting the copies are counted again

    Source
    ------
    The evaluation that this generalises (1/number of copies). Proof: tests/estimation/test_cem.py
    """
    copies = np.bincount(event[kept], minlength=int(event.max(initial=-1)) + 1)
    weight = np.zeros(len(event))
    weight[kept] = 1.0 / copies[event[kept]]
    return weight


def cem_weights(
    stratum: Integers, pilot: Flags, *, count: Floats | None = None, copy_weight: Floats | None = None
) -> CemWeights:
    """Weigh rows so that in every stratum the arms are in the ratio that they have over all matched rows.

    Parameters
    ----------
    stratum : (n,) from 0, −1 for none
    pilot : (n,) the arm
    count : (n,) rows of each line, 1 if None
    copy_weight : (n,) of one row of each line, 1 if None; a row that weighs 0 is no counterpart

    Returns
    -------
    CemWeights: the weight of one row, CEM weight times copy weight. Weights of dropped rows are 0, comparators'
    weights sum to M_C, pilots' to M_T. With no stratum of both arms nothing is kept and every weight is 0.

    Source
    ------
    Iacus, King & Porro (2012); M over all matched rows of the call. Decision 0023. Proof: tests/estimation/test_cem.py
    """
    n = len(stratum)
    rows = np.ones(n) if count is None else np.asarray(count, dtype=np.float64)
    copies = np.ones(n) if copy_weight is None else copy_weight
    kept = matched(stratum, pilot, rows * (copies > 0))
    size = int(stratum.max(initial=-1)) + 1
    mass = {side: _masses(stratum, rows, copies, kept & (pilot == side), size) for side in (True, False)}
    pilots, comparators = fsum(mass[True].tolist()), fsum(mass[False].tolist())
    weight = np.where(kept, copies, 0.0)
    if kept.any():
        with np.errstate(divide="ignore", invalid="ignore"):
            balancing = (comparators / pilots) * (mass[True] / mass[False])
        others = kept & ~pilot
        weight[others] = balancing[stratum[others]] * copies[others]
    return CemWeights(weight, kept, pilots, comparators)


def _masses(stratum: Integers, rows: Floats, copies: Floats, chosen: Flags, size: int) -> Floats:
    """Return the copy-weighted rows (S,) of each stratum among the chosen, the same in any order of the rows.

    Whole numbers of rows of equal copy weight are added first, which is exact; the products then in ascending order.
    """
    levels, level = np.unique(copies[chosen], return_inverse=True)
    if len(levels) == 1:
        return np.asarray(np.bincount(stratum[chosen], rows[chosen], size) * levels[0])
    key, place = np.unique(stratum[chosen] * max(len(levels), 1) + level, return_inverse=True)
    counted = np.bincount(place, rows[chosen], len(key))
    where, which = np.divmod(key, max(len(levels), 1))
    return np.asarray(np.bincount(where, counted * levels[which], size), dtype=np.float64)


def _numbered(key: Integers, size: int) -> tuple[Integers, int]:
    """Give the keys that occur numbers from 0, in ascending order."""
    if size > SPARE * max(len(key), 1):
        found, number = np.unique(key, return_inverse=True)
        return number.astype(np.int64), len(found)
    there = np.zeros(size, dtype=bool)
    there[key] = True
    return (np.cumsum(there) - 1)[key], int(there.sum())
