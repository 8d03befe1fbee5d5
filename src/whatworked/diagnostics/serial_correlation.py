"""Do the errors of a person's events follow one another, so that the pooled model misjudges chance?"""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import Test, chi_squared, f_test, quadratic_form
from whatworked.estimation.rows import Labels, PanelRows, RowFit, grouped, pooled
from whatworked.estimation.statistics import Floats

# A residual below this share of the outcome's spread is rounding.
NO_RESIDUAL = 1e-24
# Weights that differ by less than this share of the largest are equal, met through rounding.
ALIKE = 1e-9
UNEVEN = (
    "people have {least} to {most} rows; without correlation the slope is -1/({most} - 1) only for those with {most}"
)


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


def correlation_of_fit(fit: RowFit, when: Sequence, *, order: int = 1) -> SerialCorrelation | NotEstimated:
    """Test the residuals of any fit that keeps its rows (m of n), such as demeaned or quasi-demeaned ones.

    Parameters
    ----------
    fit : the fit; a lag stays within a person
    when : dates and event identifiers (n,) of the rows given to the fit
    order : number of lags, from 1 on

    Returns
    -------
    As `serial_correlation`. Demeaning alone gives a unit's residuals a correlation of −1/(T − 1), so that of fixed
    effects is to be read beside `wooldridge`.

    Source
    ------
    As `serial_correlation`; Wooldridge (2002), p. 288, for demeaned rows.
    Proof: tests/diagnostics/test_panel_correlation.py
    """
    if order < 1:
        return NotEstimated("the order of serial correlation is at least 1")
    when = Sequence(when.date[fit.used], when.event[fit.used])
    return _tested(fit, _lags(fit.residual, fit.person, when, order=order))


def in_one_sequence(fit: RowFit, when: Sequence, *, order: int = 1) -> SerialCorrelation | NotEstimated:
    """Test a fit's residuals with lags that run on from one unit into the next, as R's `pbgtest` has them.

    Source
    ------
    Croissant & Millo (2008), for comparison with R: the lag of a person's first row is another person's last.
    Proof: tests/diagnostics/test_panel_correlation.py
    """
    _, unit = np.unique(fit.person, return_inverse=True)
    together = replace(fit, person=np.zeros(len(unit), dtype=np.int64))
    sequence = np.lexsort((when.event[fit.used], when.date[fit.used], unit))
    place = np.zeros(len(fit.used), dtype=np.int64)
    place[np.flatnonzero(fit.used)[sequence]] = np.arange(len(sequence))
    return correlation_of_fit(together, Sequence(place, place), order=order)


def wooldridge(fit: RowFit, when: Sequence) -> Test | NotEstimated:
    """Test the residuals of fixed effects for more correlation than demeaning gives them.

    Parameters
    ----------
    fit : fixed effects (m of n rows) whose rows weigh alike
    when : dates and event identifiers (n,) of the rows given to the fit

    Returns
    -------
    Test on F(1, m' − 2), m' the rows that have one before them: of ρ = −1/(T − 1) in e on an intercept and e before it,
    clustered on people; T is the largest number of rows of a person, which `note` says where they differ.

    Source
    ------
    Wooldridge (2002), s. 10.5.4, as R's `pwartest`. Proof: tests/diagnostics/test_panel_correlation.py
    """
    if np.ptp(fit.weight) > ALIKE * fit.weight.max():
        return NotEstimated("weights differ, and what demeaning does to residuals is known for equal weights only")
    _, unit, rows = np.unique(fit.person, return_inverse=True, return_counts=True)
    sequence = np.lexsort((when.event[fit.used], when.date[fit.used], unit))
    unit, residual = unit[sequence], fit.residual[sequence]
    again = unit[1:] == unit[:-1]
    later, before, unit = residual[1:][again], residual[:-1][again], unit[1:][again]
    spread = before - before.mean() if len(before) else before
    if len(before) < 3 or spread @ spread <= NO_RESIDUAL * fit.linear.tss:
        return NotEstimated("too few people were seen often enough for this test")
    slope = float(spread @ later / (spread @ spread))
    error = later - later.mean() - slope * spread
    variance = float((np.bincount(unit, spread * error) ** 2).sum()) / float(spread @ spread) ** 2
    if variance <= 0:
        return NotEstimated("the model leaves no residual to judge by")
    most = int(rows.max())
    note = None if rows.min() == most else UNEVEN.format(least=int(rows.min()), most=most)
    return replace(f_test((slope + 1 / (most - 1)) ** 2 / variance, (1, len(before) - 2)), note=note)


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
