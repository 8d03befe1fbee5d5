"""Person random effects: people differ by chance, and each counts by how much its rows tell beyond that."""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.linear import INTERCEPT, LinearFit, fit_linear
from whatworked.estimation.panel import demeaned, seen_again
from whatworked.estimation.rows import Grouping, PanelRows, RowFit, fitted, grams_of, grouped
from whatworked.estimation.statistics import Floats

FLOORED = "units differ by no more than chance: their variance is set to 0, which is the pooled model"


@dataclass(frozen=True)
class RandomEffects:
    """A feasible generalised least-squares fit on quasi-demeaned rows (m rows, N units).

    `row_variance` is σ²_e of a row of weight 1, `unit_variance` σ²_u, `theta` (m,) the share of its unit's mean that
    each row went without; `note` says where σ²_u was set to 0.
    """

    fit: RowFit
    theta: Floats
    row_variance: float
    unit_variance: float
    units: int
    note: str | None

    @property
    def linear(self) -> LinearFit:
        """The fit on quasi-demeaned rows, on which the inference menu works; its R² is against the intercept alone."""
        return self.fit.linear

    @property
    def squared_correlation(self) -> float | None:
        """The R² that R's plm prints: (outcome, fitted values)², both quasi-demeaned.

        It moves when a constant is added to the outcome of an unbalanced panel; `linear.r_squared` does not.
        """
        centred = self.fit.design @ self.linear.coef
        shift = self.linear.grams.origin * (1 - self.theta)
        outcome, predicted = centred + self.fit.residual + shift, centred + shift
        spread = np.cov(outcome, predicted, aweights=self.fit.weight)
        return float(spread[0, 1] ** 2 / (spread[0, 0] * spread[1, 1])) if (np.diag(spread) > 0).all() else None


@dataclass(frozen=True)
class Variances:
    """The two variances as the moments give them; `unit` may be below 0."""

    row: float
    unit: float


def random_effects(rows: PanelRows) -> RandomEffects | NotEstimated:
    """Fit a weighted linear model with a random effect for every unit.

    Parameters
    ----------
    rows : rows of weight 0 are left out; units seen once stay, for they tell about the differences between units

    Returns
    -------
    RandomEffects, or the reason for none. A row's error has variance σ²_e/w, so unit means are weighted and the sum
    of a unit's weights W stands for its number of rows in θ = 1 − √(σ²_e/(σ²_e + W σ²_u)).

    Source
    ------
    Swamy & Arora (1972); Baltagi & Chang (1994) for unbalanced panels. Decision 0028.
    Proof: tests/estimation/test_random_effects.py
    """
    if rows.fault:
        return rows.fault
    used = rows.weight > 0
    kept = rows.keep(used)
    units = grouped(kept.unit, kept.weight)
    origin = float(np.round(kept.outcome.mean())) if INTERCEPT in rows.names else 0.0
    centred = replace(kept, outcome=kept.outcome - origin)
    variances = swamy_arora(centred, units)
    if isinstance(variances, NotEstimated):
        return variances
    unit = max(variances.unit, 0.0)
    theta = (1 - np.sqrt(variances.row / (variances.row + units.total * unit)))[units.index]
    quasi = replace(centred, design=units.less_means(centred.design, theta))
    outcome = centred.outcome - theta * units.means(centred.outcome)[units.index]
    fit = fitted(quasi, grams_of(quasi, outcome, origin=origin), outcome=outcome, used=used)
    fit = replace(fit, linear=replace(fit.linear, tss=_intercept_alone(fit.linear)))
    note = FLOORED if variances.unit <= 0 else None
    return RandomEffects(fit, theta, variances.row, unit, len(units.total), note)


def swamy_arora(rows: PanelRows, units: Grouping) -> Variances | NotEstimated:
    """Return σ²_e and σ²_u from the residuals within and between units.

    σ²_e = Σ w·ê²/(n − N − K) within; the regression of unit means, weighted by W, has
    E Σ W·ē² = (N − K)σ²_e + (ΣW − tr[(Σ W x̄x̄′)⁻¹ Σ W² x̄x̄′])σ²_u, which gives σ²_u.

    Source
    ------
    Baltagi & Chang (1994), eq. 14–17, with W for the number of rows. Decision 0028.
    Proof: tests/estimation/test_random_effects.py
    """
    if not seen_again(rows).any():
        return NotEstimated("no unit was seen more than once, so units cannot be told from rows")
    inside = _inside(rows, units)
    count = len(units.total)
    free = inside.rows - count - inside.k
    if free <= 0 or inside.rss <= 0:
        return NotEstimated("nothing is left to chance within units")
    means = PanelRows(
        rows.names,
        units.means(rows.design),
        units.means(rows.outcome),
        units.total,
        *(np.zeros(count),) * 3,
    )
    between = fit_linear(grams_of(means, means.outcome))
    spread = float(units.total.sum() - np.trace(between.bread @ between.grams.gram[2]))
    if count <= between.k or spread <= 0:
        return NotEstimated("too few units to tell how much they differ")
    row = inside.rss / free
    return Variances(row, (between.rss - (count - between.k) * row) / spread)


def _inside(rows: PanelRows, units: Grouping) -> LinearFit:
    """Fit what changes within units."""
    within = demeaned(rows, units)
    return fit_linear(grams_of(within.rows, within.outcome))


def _intercept_alone(linear: LinearFit) -> float:
    """Return the sum of squares that an intercept alone leaves; its column is no constant after quasi-demeaning."""
    place, total = linear.place(INTERCEPT), float(linear.grams.yy.sum())
    if place is None:
        return total
    return float(max(total - linear.grams.right[1, place] ** 2 / linear.grams.gram[1, place, place], 0.0))
