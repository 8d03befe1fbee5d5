"""Pruning matched strata to equal numbers of pilot and comparator rows, the nearest first."""

from heapq import heapify, heappop, heappush
from random import Random
from typing import Literal

import numpy as np

from whatworked.estimation.cem import matched
from whatworked.estimation.statistics import Flags, Floats, Integers

Distance = Literal["scaled", "euclidean", "manhattan"]


def k_to_k(
    stratum: Integers, pilot: Flags, covariates: Floats, *, seed: int | None = 0, distance: Distance = "scaled"
) -> Flags:
    """Return which rows (n,) stay: in every stratum equally many of each arm, pairs taken in order of distance.

    Of all pairs of a free pilot row and a free comparator row the nearest is taken, until an arm has none left.

    Parameters
    ----------
    stratum : (n,) from 0, −1 for none
    pilot : (n,) the arm
    covariates : (n, p) as they were before coarsening, without missing values
    seed : of the order in which pairs of one distance are taken; None takes them in the order of the rows
    distance : "scaled" is Euclidean on covariates in units of their standard deviation over the rows with a
        counterpart, "euclidean" and "manhattan" use them as they are

    Source
    ------
    Iacus, King & Porro (2012), k2k; on the raw covariates, for on coarsened ones every distance in a stratum is 0.
    The order of ties comes from Python's uniform numbers, the same on every machine. Proof:
    tests/estimation/test_pruning.py
    """
    kept = matched(stratum, pilot)
    if distance == "scaled" and kept.any():
        spread = covariates[kept].std(axis=0)
        covariates = covariates / np.where(spread > 0, spread, 1.0)
    rank = _ranks(len(stratum), seed)
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((rank[rows], stratum[rows]))]
    stays = np.zeros(len(stratum), dtype=bool)
    for members in np.split(rows, np.flatnonzero(np.diff(stratum[rows])) + 1):
        if len(members):
            stays[_paired(members[pilot[members]], members[~pilot[members]], covariates, distance)] = True
    return stays


def _ranks(rows: int, seed: int | None) -> Integers:
    """Return a place (n,) for every row: its own, or a drawn one."""
    if seed is None:
        return np.arange(rows)
    source = Random(seed)
    return np.argsort(np.array([source.random() for _ in range(rows)]), kind="stable").argsort()


def _paired(pilots: Integers, others: Integers, covariates: Floats, distance: Distance) -> list[int]:
    """Return the rows that pair up; ties go to the comparator, then the pilot, that comes first.

    The nearest free pilot of each comparator waits in a heap; one that was taken meanwhile is looked up again.
    """
    if len(pilots) == len(others):
        return [*pilots.tolist(), *others.tolist()]
    free = np.ones(len(pilots), dtype=bool)

    def nearest(place: int) -> tuple[float, int, int]:
        gaps = np.abs(covariates[pilots] - covariates[others[place]])
        far = gaps.sum(axis=1) if distance == "manhattan" else np.sqrt((gaps * gaps).sum(axis=1))
        far[~free] = np.inf
        found = int(far.argmin())
        return float(far[found]), place, found

    waiting = [nearest(place) for place in range(len(others))]
    heapify(waiting)
    rows: list[int] = []
    while len(rows) < 2 * min(len(pilots), len(others)):
        _, place, found = heappop(waiting)
        if free[found]:
            free[found] = False
            rows += [int(pilots[found]), int(others[place])]
        else:
            heappush(waiting, nearest(place))
    return rows
