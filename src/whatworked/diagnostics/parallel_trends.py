"""Did pilots and comparators move alike before the start, and could the tests have told if not?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import fdtrc, fdtri, ncfdtr, stdtrit

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import cr1, estimate_cr1
from whatworked.estimation.design import REFERENCE, effect_term
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.linear import LinearFit
from whatworked.estimation.statistics import Cells, Floats

# Draws behind the power of the majority rule.
DRAWS = 2_000


@dataclass(frozen=True)
class Leads:
    """The effects before the start (each an estimate with the source's test) and those that could not be had.

    `covariance` (q, q) is that of the estimated leads.
    """

    estimated: tuple[Estimate, ...]
    not_estimated: tuple[str, ...]
    insignificant: int
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)), compare=False)

    @property
    def hold(self) -> bool | None:
        """The source's rule: a strict majority of leads not significant; None where there is no lead to judge."""
        return 2 * self.insignificant > len(self.estimated) if self.estimated else None


def judge_leads(
    found: Mapping[str, Estimate | NotEstimated], covariance: Callable[[Sequence[str]], Floats], *, significance: float
) -> Leads:
    """Count the leads of an event-time model that are not significant.

    Parameters
    ----------
    found : each lead's term and its estimate
    covariance : gives the covariance of the terms named
    significance : a lead with p below it counts against parallel trends

    Source
    ------
    The decision rule of the evaluation that this generalises. Proof: tests/diagnostics/test_parallel_trends.py
    """
    estimated = tuple(lead for lead in found.values() if isinstance(lead, Estimate))
    missing = tuple(term for term, lead in found.items() if isinstance(lead, NotEstimated))
    insignificant = sum(not lead.p_value < significance for lead in estimated)
    return Leads(estimated, missing, insignificant, covariance([lead.term for lead in estimated]))


def lead_terms(cells: Cells) -> tuple[str, ...]:
    """Return the terms of the leads, the earliest first.

    Source
    ------
    None needed: names. Proof: tests/diagnostics/test_parallel_trends.py
    """
    return tuple(effect_term(int(k)) for k in np.unique(cells.since) if k < REFERENCE)


def linear_leads(
    fit: LinearFit, cells: Cells, *, unit: str, significance: float, reference_df: float | None = None
) -> Leads:
    """Judge the leads of a linear event-time model by CR1.

    Source
    ------
    As `judge_leads`. Proof: tests/diagnostics/test_parallel_trends.py
    """
    found = {term: estimate_cr1(fit, term, unit, df=reference_df) for term in lead_terms(cells)}

    def covariance(terms: Sequence[str]) -> Floats:
        places = [fit.names.index(term) for term in terms]
        return np.asarray(cr1(fit)[np.ix_(places, places)])

    return judge_leads(found, covariance, significance=significance)


@dataclass(frozen=True)
class Hotelling:
    """Joint test that no lead differs: F on (q, m − q + 1) with m = G − 2."""

    statistic: float
    df: tuple[int, int]
    p_value: float
    t_squared_scale: Floats
    leads: tuple[int, ...]
    left_out: tuple[int, ...]


def hotelling(cells: Cells) -> Hotelling | NotEstimated:
    """Test all leads jointly by the areas' own lead − reference changes, pilots against comparators.

    Parameters
    ----------
    cells : rows of the study; only those before the start are used

    Returns
    -------
    Hotelling over the leads that every area has in at least one of its groups, or the reason for none.

    Source
    ------
    Hotelling (1931), two-sample T² with the pooled covariance. Decision 0013.
    Proof: tests/diagnostics/test_parallel_trends.py
    """
    times = [int(k) for k in np.unique(cells.since) if k < REFERENCE]
    areas = np.unique(cells.area)
    changes = np.array([[_change(cells, int(area), k) for k in times] for area in areas]).reshape(
        len(areas), len(times)
    )
    common = np.isfinite(changes).all(axis=0)
    leads = tuple(k for k, there in zip(times, common, strict=True) if there)
    left_out = tuple(k for k, there in zip(times, common, strict=True) if not there)
    pilot = cells.pilot[areas]
    q, m = len(leads), len(areas) - 2
    if not q:
        return NotEstimated("no lead is there for every area")
    if not pilot.any() or pilot.all():
        return NotEstimated("one side has no area")
    if q > m:
        return NotEstimated(f"{q} leads cannot be tested jointly with {len(areas)} areas")
    changes = changes[:, common]
    ours, theirs = changes[pilot], changes[~pilot]
    scatter = sum((side - side.mean(axis=0)).T @ (side - side.mean(axis=0)) for side in (ours, theirs))
    pooled = np.asarray(scatter) / m
    spread = pooled * (1 / len(ours) + 1 / len(theirs))
    if np.linalg.matrix_rank(spread, hermitian=True) < q:
        return NotEstimated("the areas' changes do not vary in every lead")
    gap = ours.mean(axis=0) - theirs.mean(axis=0)
    inverse = np.linalg.inv(spread).astype(np.float64)
    statistic = float((m - q + 1) / (m * q) * gap @ inverse @ gap)
    return Hotelling(statistic, (q, m - q + 1), float(fdtrc(q, m - q + 1, statistic)), inverse, leads, left_out)


def _change(cells: Cells, area: int, since: int) -> float:
    """Mean over the area's groups of (outcome at `since` − outcome at the reference)."""
    changes = []
    for group in np.unique(cells.group[cells.area == area]):
        mine = (cells.area == area) & (cells.group == group) & cells.used
        levels = []
        for k in (since, REFERENCE):
            rows = mine & (cells.since == k)
            weight = cells.weight[rows].sum()
            levels.append(cells.total[rows].sum() / weight if weight > 0 else np.nan)
        changes.append(levels[0] - levels[1])
    known = [change for change in changes if np.isfinite(change)]
    return float(np.mean(known)) if known else float("nan")


@dataclass(frozen=True)
class TrendPower:
    """How often each test would notice a drift, and what that drift would do to the estimate.

    `drift` is in units of the outcome a year, `bias` in units of the outcome; powers are shares of studies.
    """

    drift: float
    bias: float
    majority_rule: float | None
    joint_test: float | None


@dataclass(frozen=True)
class Drift:
    """A linear drift of the pilots against their comparators, in units of the outcome a year.

    A period lasts `years_a_period`; `years_between` lie between the middles of baseline and post periods.
    """

    per_year: float
    years_a_period: float
    years_between: float


def trend_power(
    leads: Leads, joint: Hotelling | NotEstimated, *, drift: Drift, significance: float, seed: int
) -> TrendPower:
    """Return the power of both trend tests against a linear drift of the pilots, and the bias of that drift.

    Parameters
    ----------
    leads, joint : the two tests
    drift : what the tests should have noticed
    significance, seed : level of the tests; of the 2,000 draws behind the majority rule

    Source
    ------
    Roth (2022) on the power of pre-trend tests; the joint test's from the noncentral F, the rule's from draws
    with the leads' CR1 covariance. Proof: tests/diagnostics/test_parallel_trends.py
    """
    step = drift.per_year * drift.years_a_period
    return TrendPower(
        drift.per_year,
        drift.per_year * drift.years_between,
        _majority_power(leads, step, significance=significance, seed=seed),
        _joint_power(joint, step, significance=significance),
    )


def _majority_power(leads: Leads, step: float, *, significance: float, seed: int) -> float | None:
    if not leads.estimated:
        return None
    values, vectors = np.linalg.eigh(leads.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    shift = step * np.array([_since(lead.term) - REFERENCE for lead in leads.estimated])
    draws = shift + np.random.default_rng(seed).standard_normal((DRAWS, len(leads.estimated))) @ root.T
    critical = np.array([stdtrit(lead.df, 1 - significance / 2) * lead.std_error for lead in leads.estimated])
    insignificant = (np.abs(draws) <= critical).sum(axis=1)
    return float((2 * insignificant <= len(leads.estimated)).mean())


def _joint_power(joint: Hotelling | NotEstimated, step: float, *, significance: float) -> float | None:
    if isinstance(joint, NotEstimated):
        return None
    shift = step * np.array([k - REFERENCE for k in joint.leads])
    noncentrality = float(shift @ joint.t_squared_scale @ shift)
    critical = float(fdtri(*joint.df, 1 - significance))
    return float(1 - ncfdtr(*joint.df, noncentrality, critical)) if noncentrality > 0 else significance


def _since(term: str) -> int:
    return int(term.rsplit("=", 1)[1])
