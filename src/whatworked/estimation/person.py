"""Covariances clustered on people, alone and together with their areas."""

from typing import Literal

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.grams import Beside
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.rows import Grouping, Labels, RowFit, grouped
from whatworked.estimation.statistics import Floats, Integers

By = Literal["person", "two_way"]

CLUSTERS_AT_A_TIME = 8_192


def clustered(fit: RowFit, cluster: Labels) -> Floats | NotEstimated:
    """Covariance when errors correlate within the clusters (m,), scaled by G/(G−1)·(n−1)/(n−k).

    Returns
    -------
    (k, k) in units of the outcome squared, or the reason for none.

    Source
    ------
    Liang & Zeger (1986); Cameron, Gelbach & Miller (2011), s. 2.3. Decisions 0004 and 0027.
    Proof: tests/estimation/test_person.py
    """
    return sandwich(fit.linear, grouped(cluster, fit.weight * fit.residual), fit.design)


def sandwich(
    linear: LinearFit, clusters: Grouping, design: Floats | Beside, *, places: Integers | None = None
) -> Floats | NotEstimated:
    """Covariance clustered on groups of rows, whose weights are w·e, as `clustered` has it.

    Parameters
    ----------
    linear : the fit
    clusters : of the rows (m,), their weights times their residuals
    design : (m, q)
    places : (k,) numbers of the kept columns, by default all

    Source
    ------
    As `clustered`. The sums over clusters are squared a part of the clusters at a time.
    Proof: tests/estimation/test_person.py
    """
    count, k = len(clusters.total), linear.k
    if count < 2 or linear.clustered_df <= 0:
        return NotEstimated("a clustered standard error needs two clusters and more rows than coefficients")
    meat = np.zeros((k, k))
    for start in range(0, count, CLUSTERS_AT_A_TIME):
        starts = clusters.starts[start : start + CLUSTERS_AT_A_TIME + 1]
        mine = clusters.order[starts[0] : starts[-1]]
        scores = np.add.reduceat(design[mine] * clusters.weight[mine, None], starts[:-1] - starts[0])
        kept = scores if places is None else scores[:, places]
        meat += kept.T @ kept
    scale = count / (count - 1) * (linear.rows - 1) / linear.clustered_df
    result: Floats = scale * linear.bread @ meat @ linear.bread
    return result


def person_covariance(fit: RowFit) -> Floats | NotEstimated:
    """Covariance when errors correlate within people.

    Source
    ------
    As `clustered`. Proof: tests/estimation/test_person.py
    """
    return clustered(fit, fit.person)


def two_way_covariance(fit: RowFit) -> Floats | NotEstimated:
    """Covariance when errors correlate within areas and within people: area + person − both, each with its own scale.

    Where people are nested in areas the last two are the same, and what is left is the covariance clustered on areas.

    Source
    ------
    Cameron, Gelbach & Miller (2011), eq. 2.8. Proof: tests/estimation/test_person.py
    """
    area, person = clustered(fit, fit.area), clustered(fit, fit.person)
    first = _numbers(fit.area)
    both = clustered(fit, first * (int(_numbers(fit.person).max()) + 1) + _numbers(fit.person))
    if isinstance(area, NotEstimated) or isinstance(person, NotEstimated) or isinstance(both, NotEstimated):
        return next(piece for piece in (area, person, both) if isinstance(piece, NotEstimated))
    return area + (person - both)


def estimate_clustered(fit: RowFit, term: str, unit: str, *, by: By) -> Estimate | NotEstimated:
    """One coefficient with a standard error clustered on people or two ways, against t(G − 1) of the fewest clusters.

    Source
    ------
    Cameron & Miller (2015), s. V.A for the fewest clusters. Proof: tests/estimation/test_person.py
    """
    linear = fit.linear
    place, value = linear.place(term), linear.value(term)
    if place is None or value is None:
        reasons = [dropped.reason for dropped in linear.dropped if dropped.term == term]
        return NotEstimated(reasons[0] if reasons else f"{term} is not in the model")
    covariance = person_covariance(fit) if by == "person" else two_way_covariance(fit)
    if isinstance(covariance, NotEstimated):
        return covariance
    variance = float(covariance[place, place])
    if variance < 0:
        return NotEstimated("the two-way variance of this term is below 0")
    persons = len(np.unique(fit.person))
    clusters = persons if by == "person" else min(persons, linear.areas)
    return Estimate(term, value, unit, float(np.sqrt(variance)), clusters - 1)


def _numbers(labels: Labels) -> Integers:
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
