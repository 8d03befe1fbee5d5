"""Weights of rows: what a comparator that serves several matched groups counts in each."""

import numpy as np

from whatworked.estimation.statistics import Flags, Floats, Integers

# Digits of a share that the order in which weights are summed cannot change.
SHARE_DIGITS = 12


def copy_weights(area: Integers, period: Integers) -> Floats:
    """Weight of each row as 1 over the number of copies of its area and period among these rows.

    Parameters
    ----------
    area, period : (n,) numbers; a pair occurs once in every matched group that the area serves

    Returns
    -------
    (n,) weights; over the copies of one area and period they sum to 1.

    Source
    ------
    The evaluation that this generalises (individual weight = 1/number of copies), recounted after every
    sub-setting. Proof: tests/estimation/test_weights.py
    """
    if not len(area):
        return np.zeros(0)
    key = area * (int(period.max()) + 1) + period
    _, place, copies = np.unique(key, return_inverse=True, return_counts=True)
    result: Floats = 1.0 / copies[place]
    return result


def largest_shares(weight: Floats, area: Integers, pilot: Flags) -> tuple[float, float]:
    """Largest share that one area holds of its side's weight: among pilots, among comparators.

    Rounded, so that a limit met exactly is met in whatever order the weights were summed.

    Parameters
    ----------
    weight, area : (n,) rows; pilot : (G,) which areas are pilots

    Source
    ------
    MacKinnon & Webb (2017): tests fail where one cluster dominates. Proof: tests/estimation/test_weights.py
    """
    totals = np.bincount(area, weight, len(pilot))
    sides = [totals[side] for side in (pilot, ~pilot)]
    shares = [round(float(side.max() / side.sum()), SHARE_DIGITS) if side.sum() > 0 else 0.0 for side in sides]
    return shares[0], shares[1]
