"""Do the errors of a person's events follow one another, so that the pooled model misjudges chance?"""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import Test, chi_squared, f_test, quadratic_form
from whatworked.estimation.rows import Labels, PanelRows, RowFit, grouped, pooled
from whatworked.estimation.statistics import Floats

# A residual below this share of the outcome's spread is rounding.
NO_RESIDUAL = 1e-24


@dataclass(frozen=True, slots=True)
class Sequence:
    """When each row (n,) happened: dates or numbers; rows of one date stand in the order of `event`."""

    date: Labels
    event: Labels


@dataclass(frozen=True, slots=True)
class SerialCorrelation:
    """Three readings of the same correlation between a residual and the ones before it.

    `robust` is the one that decides: it holds with weights. `n_r_squared` and `f` are Breusch and Godfrey's.
    """

    robust: Test | NotEstimated
    n_r_squared: Test
    f: Test
    order: int


def serial_correlation(rows: PanelRows, when: Sequence, *, order: int = 1) -> SerialCorrelation | NotEstimated:
    """Test the residuals of the pooled weighted model for correlation within units, in the order of their dates.

    Parameters
    ----------
    rows : all matched rows, copies with their row weights
    when : dates and event identifiers (n,)
    order : number of lags, from 1 on; a unit's first events have lag 0 and stay

    Returns
    -------
    SerialCorrelation, or the reason for none. With l̃ the lagged residuals net of X and s = Σ w·e·l̃ over a person,
    `robust` is (Σ s)′(Σ s·s′)⁻¹(Σ s) on χ²(order); `n_r_squared` is n·R² of the regression of e on X and the lags,
    and `f` its F on (order, n − k − order).

    Source
    ------
    Breusch (1978); Godfrey (1978); Wooldridge (2010), s. 10.4.4 for the robust form. Decision 0029.
    Proof: tests/diagnostics/test_serial_correlation.py
    """
    if order < 1:
        return NotEstimated("the order of serial correlation is at least 1")
    fit = pooled(rows)
    if isinstance(fit, NotEstimated):
        return fit
    used = rows.weight > 0
    lags = _lags(fit.residual, rows.unit[used], Sequence(when.date[used], when.event[used]), order=order)
    return _tested(fit, lags)


def serial_correlation_as_coded(rows: PanelRows, when: Sequence, *, order: int = 1) -> Test | NotEstimated:
    """Breusch and Godfrey's n·R² unweighted, over all rows sorted by date alone: the lag is another person's.

    Source
    ------
    The program of the evaluation that this generalises, for those who must reproduce it. Decision 0029.
    Proof: tests/diagnostics/test_serial_correlation.py
    """
    used = rows.weight > 0
    everyone = np.zeros(int(used.sum()), dtype=np.int64)
    plain = replace(rows.keep(used), weight=np.ones(len(everyone)), area=everyone, unit=everyone, person=everyone)
    found = serial_correlation(plain, Sequence(when.date[used], when.event[used]), order=order)
    return found if isinstance(found, NotEstimated) else found.n_r_squared


def _lags(residual: Floats, unit: Labels, when: Sequence, *, order: int) -> Floats:
    """Return (m, order) each row's residuals before it in its unit, 0 where there is none."""
    _, index = np.unique(unit, return_inverse=True)
    sequence = np.lexsort((when.event, when.date, index))
    sorted_unit, sorted_residual = index[sequence], residual[sequence]
    lags = np.zeros((len(residual), order))
    for j in range(1, min(order, len(residual) - 1) + 1):
        same = sorted_unit[j:] == sorted_unit[:-j]
        lags[sequence[j:], j - 1] = np.where(same, sorted_residual[:-j], 0.0)
    return lags


def _tested(fit: RowFit, lags: Floats) -> SerialCorrelation | NotEstimated:
    order, linear, weight = lags.shape[1], fit.linear, fit.weight
    rss = float(weight @ fit.residual**2)
    free = linear.rows - linear.k - order
    if rss <= NO_RESIDUAL * linear.tss or free <= 0:
        return NotEstimated("the model leaves no residual to judge by")
    if not lags.any(axis=0).all():
        return NotEstimated("no unit was seen often enough for this order")
    net = lags - fit.design @ (linear.bread @ (fit.design.T @ (weight[:, None] * lags)))
    right = net.T @ (weight * fit.residual)
    explained = quadratic_form(right, net.T @ (weight[:, None] * net), scale=weight @ lags**2)
    if explained.rank < order:
        return NotEstimated("a lag is collinear with the model's columns")
    share = min(explained.value / rss, 1.0)
    f = share / order / ((1 - share) / free) if share < 1 else np.inf
    return SerialCorrelation(
        _robust(fit, net, right),
        chi_squared(linear.rows * share, order),
        f_test(float(f), (order, free)),
        order,
    )


def _robust(fit: RowFit, net: Floats, right: Floats) -> Test | NotEstimated:
    """Return the statistic whose variance is summed over people, all copies of an event together."""
    sums = grouped(fit.person, fit.weight * fit.residual).sums(net)
    form = quadratic_form(right, sums.T @ sums)
    order = net.shape[1]
    if form.rank < order or int(sums.any(axis=1).sum()) <= order:
        return NotEstimated("too few people were seen often enough for this order")
    return chi_squared(form.value, order)
