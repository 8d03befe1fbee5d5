"""May people's differences count as chance: do fixed and random effects tell the same story?"""

from typing import Literal

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import Test, chi_squared, quadratic_form
from whatworked.estimation.covariance import classical
from whatworked.estimation.grams import Beside, row_grams
from whatworked.estimation.linear import INTERCEPT, fit_linear
from whatworked.estimation.panel import FixedEffects, demeaned
from whatworked.estimation.person import sandwich
from whatworked.estimation.random_effects import RandomEffects
from whatworked.estimation.rows import PanelRows, grouped
from whatworked.estimation.statistics import Floats

GENERALISED = "the difference of the covariances is not positive definite: its generalised inverse was used"
Variance = Literal["own", "common"]

NOTHING = "fixed and random effects have no term in common"
# A column of a unit's own deviations, beside the column itself.
WITHIN = "within "


def hausman(fixed: FixedEffects, random: RandomEffects, *, variance: Variance = "own") -> Test | NotEstimated:
    """Compare the coefficients of fixed and of random effects, d′(V_FE − V_RE)⁻d on χ²(rank).

    Parameters
    ----------
    fixed, random : fits on the same rows and weights
    variance : of a row's error in the two covariances: each fit's "own", as R's plm has it, or in "common" σ²_e of
        the fixed effects, with which the difference is never negative (Stata's `sigmaless`)

    Returns
    -------
    Test over the terms that both have, the intercept apart; `note` says where a generalised inverse was needed. A
    negative statistic, which such a difference can give, is no test and comes as the reason.

    Source
    ------
    Hausman (1978), with classical covariances; Hausman & Taylor (1981) for the generalised inverse. Decision 0028.
    Proof: tests/diagnostics/test_hausman.py
    """
    common = [name for name in fixed.linear.names if name in random.linear.names and name != INTERCEPT]
    if not common:
        return NotEstimated(NOTHING)
    inside, both = (np.array([fit.linear.names.index(n) for n in common]) for fit in (fixed, random))
    ours = classical(fixed.linear)[np.ix_(inside, inside)]
    theirs = classical(random.linear)[np.ix_(both, both)]
    if variance == "common":
        theirs = random.linear.bread[np.ix_(both, both)] * (fixed.linear.rss / max(fixed.linear.residual_df, 1))
    if not np.isfinite(ours).all() or not np.isfinite(theirs).all():
        return NotEstimated("there are no more rows than coefficients")
    difference = fixed.linear.coef[inside] - random.linear.coef[both]
    form = quadratic_form(difference, ours - theirs, scale=np.diag(ours))
    if form.rank == 0:
        return NotEstimated("fixed and random effects are the same fit")
    if form.value < 0:
        return NotEstimated("the difference of the covariances is not positive, so its statistic is below 0")
    return chi_squared(form.value, form.rank, note=None if form.positive else GENERALISED)


def mundlak(rows: PanelRows, random: RandomEffects) -> Test | NotEstimated:
    """Test the same question by adding each column's deviations from its unit's mean, clustered on people.

    Parameters
    ----------
    rows : the rows that `random` was fitted on
    random : the random effects; where it set σ²_u to 0 this is the pooled model with the means added

    Returns
    -------
    Test of all added columns together, a Wald statistic on χ²(rank).

    Source
    ------
    Mundlak (1978); Wooldridge (2010), s. 10.7.3, the intercept quasi-demeaned like everything else, without which the
    test is wrong in unbalanced panels. Decision 0028. Proof: tests/diagnostics/test_hausman.py
    """
    added = _with_deviations(rows, random)
    if isinstance(added, NotEstimated):
        return added
    covariance, coef = added
    form = quadratic_form(coef, covariance)
    return chi_squared(form.value, form.rank, note=None if form.positive else GENERALISED)


def _with_deviations(rows: PanelRows, random: RandomEffects) -> tuple[Floats, Floats] | NotEstimated:
    """Return the covariance and the coefficients of the added columns."""
    kept, quasi = rows.keep(random.fit.used), random.fit
    within = demeaned(kept, grouped(kept.unit, kept.weight)).rows
    outcome = quasi.design @ random.linear.coef + quasi.residual
    names = (*random.linear.names, *(WITHIN + name for name in within.names))
    both = Beside((quasi.design, within.design))
    fit = fit_linear(row_grams(both, outcome, weight=kept.weight, area=kept.area, names=names, origin=0.0))
    added = [i for i, name in enumerate(fit.names) if name.startswith(WITHIN)]
    if not added:
        return NotEstimated(NOTHING)
    places = np.array([names.index(name) for name in fit.names])
    residual = outcome - both.times(fit.coef, places)
    covariance = sandwich(fit, grouped(kept.person, kept.weight * residual), both, places=places)
    if isinstance(covariance, NotEstimated):
        return covariance
    return covariance[np.ix_(added, added)], fit.coef[added]
