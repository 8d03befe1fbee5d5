"""The columns of the model, and what they estimate."""

import numpy as np
import pytest

from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.design import BeforeAfter, EventTime, design, effect_term
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.statistics import Cells


def fitted(cells, timing):
    columns = design(cells, timing)
    return fit_linear(cell_grams(cells, columns.matrix, names=columns.names))


def test_the_last_period_effect_leaves_because_post_is_there(make_cells):
    fit = fitted(make_cells(0, before=3, after=2), BeforeAfter())
    assert fit.names == ("(intercept)", "pilot", "post", "pilot:post", "period[2001]", "period[2002]", "period[2003]")
    assert [(d.term, d.reason) for d in fit.dropped] == [("period[2004]", "collinear with post and period[2003]")]


def test_equal_panels_make_the_effect_a_double_difference_of_means(make_cells):
    cells = make_cells(1, pilots=3, comparators=6)
    means = {
        (side, after): cells.total[(cells.pilot[cells.area] == side) & ((cells.since >= 0) == after)].mean()
        for side in (True, False)
        for after in (True, False)
    }
    double = means[True, True] - means[True, False] - means[False, True] + means[False, False]
    assert fitted(cells, BeforeAfter()).value("pilot:post") == pytest.approx(double, rel=1e-10)


def test_event_time_effects_are_differences_of_gaps_from_the_reference(make_cells):
    cells = make_cells(2, pilots=2, comparators=4, before=4, after=2)
    fit = fitted(cells, EventTime())
    gap = {
        k: cells.total[cells.pilot[cells.area] & (cells.since == k)].mean()
        - cells.total[~cells.pilot[cells.area] & (cells.since == k)].mean()
        for k in range(-4, 2)
    }
    for k in (-4, -3, -2, 0, 1):
        assert fit.value(effect_term(k)) == pytest.approx(gap[k] - gap[-1], rel=1e-9)
    assert effect_term(-1) not in fit.names
    assert all(d.term.startswith("period[") for d in fit.dropped)


def test_leads_and_lags_equal_r_on_one_pilot_in_quarters(golden):
    """California against 26 states: event-time effects of R's two-way fixed effects, to its printed digits."""
    rows = golden.rows("_data/organ_donations.csv")
    states = tuple(sorted({r["State"] for r in rows}))
    area = np.array([states.index(r["State"]) for r in rows])
    period = np.array([int(r["Quarter_Num"]) - 1 for r in rows])
    y = np.array([float(r["Rate"]) for r in rows])
    ones = np.ones(len(rows))
    cells = Cells.even(
        states,
        ("California",),
        tuple(str(t) for t in range(6)),
        np.array([s == "California" for s in states]),
        area,
        np.zeros(len(rows), dtype=int),
        period,
        period - 3,
        weight=ones,
        count=ones,
        total=y,
        squares=y**2,
    )
    expected = golden.expected("10-event-study-joint-f-triple")
    fit = fitted(cells, EventTime())
    for quarter, k in ((1, -3), (2, -2), (4, 0), (5, 1), (6, 2)):
        known = expected["organ_event"]["coef"][f"Quarter_Num::{quarter}:CA"]
        assert fit.value(effect_term(k)) == pytest.approx(known, rel=1e-9)
    pooled = fitted(cells, BeforeAfter())
    assert pooled.value("pilot:post") == pytest.approx(expected["organ_did"]["coef"]["CA:post"], rel=1e-9)
    # R absorbs 27 states, which count for nothing where they are the clusters, and five quarters: k = 7 − 1 + 1
    ours = estimate_cr1(pooled, "pilot:post", "")
    scale = np.sqrt((162 - pooled.k) / (162 - 7))
    assert ours.std_error * scale == pytest.approx(expected["organ_did"]["se"]["CA:post"], rel=1e-6)
