"""The tests of parallel trends: the majority rule, Hotelling against a second road, size and power by simulation."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from whatworked.cells import NotEstimated
from whatworked.diagnostics.parallel_trends import Drift, hotelling, linear_leads, trend_power
from whatworked.estimation.design import EventTime, design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.statistics import Cells


def panel(seed=0, *, pilots=4, comparators=6, before=4, after=2, drift=0.0, noise=1.0, leads_only=False):
    rng = np.random.default_rng(seed)
    n, t = pilots + comparators, before + after
    y = rng.normal(0, 3, n)[:, None] + rng.normal(0, 1, t) + rng.normal(0, noise, (n, t))
    y[:pilots] += drift * np.arange(t)
    area, period = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(t), indexing="ij"))
    group = np.where(area < pilots, area, (area - pilots) % pilots)
    ones = np.ones(n * t)
    return Cells.even(
        tuple(f"A{i}" for i in range(n)),
        tuple(f"A{i}" for i in range(pilots)),
        tuple(str(i) for i in range(t)),
        np.arange(n) < pilots,
        area,
        group,
        period,
        period - before,
        weight=ones,
        count=ones,
        total=y.ravel(),
        squares=y.ravel() ** 2,
    )


def event_fit(cells):
    columns = design(cells, EventTime())
    return fit_linear(cell_grams(cells, columns.matrix, names=columns.names))


def test_leads_are_counted_by_their_own_p_values():
    cells = panel(1, drift=1.5, noise=0.3)
    leads = linear_leads(event_fit(cells), cells, unit="", significance=0.05)
    assert [lead.term for lead in leads.estimated] == ["pilot:k=-4", "pilot:k=-3", "pilot:k=-2"]
    assert leads.insignificant == sum(lead.p_value >= 0.05 for lead in leads.estimated)
    assert leads.hold is False
    assert linear_leads(event_fit(panel(3)), panel(3), unit="", significance=0.05).hold is True


def test_half_of_the_leads_is_no_majority():
    leads = linear_leads(event_fit(panel(1, before=3)), panel(1, before=3), unit="", significance=0.05)
    assert replace(leads, insignificant=1).hold is False
    assert replace(leads, insignificant=2).hold is True


def test_without_a_lead_nothing_is_judged():
    cells = panel(2, before=1)
    leads = linear_leads(event_fit(cells), cells, unit="", significance=0.05)
    assert leads.estimated == ()
    assert leads.hold is None


def test_hotelling_equals_the_textbook_on_each_areas_changes():
    cells = panel(3)
    y = cells.total.reshape(10, 6)
    changes = y[:, :3] - y[:, [3]]
    ours, theirs = changes[:4], changes[4:]
    pooled = (3 * np.cov(ours.T) + 5 * np.cov(theirs.T)) / 8
    gap = ours.mean(axis=0) - theirs.mean(axis=0)
    t_squared = 4 * 6 / 10 * gap @ np.linalg.solve(pooled, gap)
    statistic = (8 - 3 + 1) / (8 * 3) * t_squared
    found = hotelling(cells)
    assert found.statistic == pytest.approx(statistic)
    assert found.df == (3, 6)
    assert found.p_value == pytest.approx(stats.f.sf(statistic, 3, 6))


def test_with_one_lead_hotelling_is_the_squared_t_test():
    cells = panel(4, before=2)
    y = cells.total.reshape(10, 4)
    change = y[:, 0] - y[:, 1]
    known = stats.ttest_ind(change[:4], change[4:])
    found = hotelling(cells)
    assert found.statistic == pytest.approx(known.statistic**2)
    assert found.p_value == pytest.approx(known.pvalue)


def test_a_lead_that_some_area_lacks_is_named_and_left_out():
    cells = panel(5)
    kept = cells.keep(~((cells.area == 7) & (cells.since == -3)))
    found = hotelling(kept)
    assert found.leads == (-4, -2)
    assert found.left_out == (-3,)


def test_more_leads_than_areas_can_bear_is_a_reason():
    found = hotelling(panel(6, pilots=2, comparators=2))
    assert found == NotEstimated("3 leads cannot be tested jointly with 4 areas")
    assert hotelling(panel(7, before=1)) == NotEstimated("no lead is there for every area")
    one_side = panel(8)
    assert isinstance(hotelling(one_side.keep(one_side.pilot[one_side.area])), NotEstimated)
    still = panel(9)
    assert isinstance(hotelling(replace(still, totals=np.zeros_like(still.totals))), NotEstimated)


def test_the_joint_test_keeps_its_size():
    rejected = np.mean([hotelling(panel(seed)).p_value < 0.05 for seed in range(600)])
    assert rejected == pytest.approx(0.05, abs=0.03)  # three standard errors of 600 studies


def test_power_is_the_size_without_drift_and_grows_with_it():
    cells = panel(10)
    fit = event_fit(cells)
    leads, joint = linear_leads(fit, cells, unit="", significance=0.05), hotelling(cells)

    def power(drift):
        return trend_power(leads, joint, drift=Drift(drift, 1.0, 4.0), significance=0.05, seed=1)

    assert power(0.0).joint_test == 0.05
    assert power(0.0).bias == 0.0
    assert power(0.5).bias == 2.0
    assert power(0.3).joint_test < power(1.0).joint_test
    assert power(0.3).majority_rule < power(2.0).majority_rule
    assert power(0.3) == power(0.3)


def test_the_stated_power_of_the_joint_test_is_what_simulation_shows():
    """With the true covariance known (iid noise) the noncentral F gives the rejection rate of simulated studies."""
    drift = 0.9
    rate = np.mean(
        [hotelling(panel(seed, drift=drift, pilots=8, comparators=12)).p_value < 0.05 for seed in range(400)]
    )
    true_spread = (np.eye(3) + 1) * (1 / 8 + 1 / 12)
    shift = drift * np.array([-3, -2, -1])
    known = stats.ncf.sf(stats.f.ppf(0.95, 3, 16), 3, 16, shift @ np.linalg.solve(true_spread, shift))
    assert rate == pytest.approx(known, abs=0.08)


def test_quarters_scale_a_drift_a_year():
    cells = panel(11)
    fit = event_fit(cells)
    leads, joint = linear_leads(fit, cells, unit="", significance=0.05), hotelling(cells)
    options = {"significance": 0.05, "seed": 1}
    quarterly = trend_power(leads, joint, drift=Drift(4.0, 0.25, 1.0), **options)
    yearly = trend_power(leads, joint, drift=Drift(1.0, 1.0, 1.0), **options)
    assert quarterly.joint_test == yearly.joint_test
    assert quarterly.majority_rule == yearly.majority_rule


def test_without_a_test_there_is_no_power():
    cells = panel(12, before=1)
    fit = event_fit(cells)
    leads = linear_leads(fit, cells, unit="", significance=0.05)
    found = trend_power(leads, hotelling(cells), drift=Drift(1.0, 1.0, 1.0), significance=0.05, seed=1)
    assert (found.majority_rule, found.joint_test) == (None, None)
