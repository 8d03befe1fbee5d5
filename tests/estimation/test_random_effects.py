"""Swamy–Arora random effects against R, against generalised least squares row by row, and the laws."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_rows import golden, golden_random, invented

from whatworked.cells import NotEstimated
from whatworked.estimation.covariance import classical, cr1
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.person import person_covariance
from whatworked.estimation.random_effects import FLOORED, random_effects
from whatworked.estimation.rows import PanelRows, pooled


def errors(covariance):
    return np.sqrt(np.diag(covariance))


@pytest.mark.parametrize("entry", ["Grunfeld", "EmplUK_unbalanced", "wagepan", "sim_unbalanced"])
def test_random_effects_equal_r(entry):
    expected = golden("07-random-effects-hausman-mundlak")[entry]["swar"]
    fit = random_effects(golden_random()[entry])
    linear = fit.linear
    assert [linear.value(name) for name in linear.names] == pytest.approx([*expected["coef"].values()], rel=1e-8)
    assert errors(classical(linear)) == pytest.approx([*expected["se"].values()], rel=1e-8)
    assert errors(person_covariance(fit.fit)) == pytest.approx([*expected["se_arellano_sss"].values()], rel=1e-8)
    assert (linear.rows, fit.note) == (expected["n"], None)
    found = [fit.row_variance, fit.unit_variance, fit.theta.min(), fit.theta.max(), fit.theta.mean()]
    names = ("sigma2_idios", "sigma2_id", "theta_min", "theta_max", "theta_mean")
    assert found == pytest.approx([expected[name] for name in names], rel=1e-8)
    assert fit.squared_correlation == pytest.approx(expected["r2"], rel=1e-8)
    if fit.theta.min() == fit.theta.max():
        assert linear.r_squared == pytest.approx(expected["r2"], rel=1e-8)


def moments(rows):
    """The two variances as the moments define them, unit by unit, every sum written out."""
    units = [rows.unit == u for u in np.unique(rows.unit)]
    y, x, w = rows.outcome, rows.design, rows.weight
    means = [(w[m].sum(), np.average(y[m], weights=w[m]), np.average(x[m], axis=0, weights=w[m])) for m in units]
    moving = [1, 3]
    inner_x, inner_y = x[:, moving].copy(), y.copy()
    for mine, (_, mean_y, mean_x) in zip(units, means, strict=True):
        inner_x[mine] -= mean_x[moving]
        inner_y[mine] -= mean_y
    root = np.sqrt(w)
    slopes = np.linalg.lstsq(inner_x * root[:, None], inner_y * root, rcond=None)[0]
    row = (w * (inner_y - inner_x @ slopes) ** 2).sum() / (len(y) - len(units) - 2)
    total, mean_y, mean_x = (np.array(part) for part in zip(*means, strict=True))
    first = sum(t * np.outer(m, m) for t, m in zip(total, mean_x, strict=True))
    second = sum(t**2 * np.outer(m, m) for t, m in zip(total, mean_x, strict=True))
    between = np.linalg.solve(first, (total * mean_y) @ mean_x)
    quadratic = (total * (mean_y - mean_x @ between) ** 2).sum()
    spread = total.sum() - np.trace(np.linalg.solve(first, second))
    return row, (quadratic - (len(units) - x.shape[1]) * row) / spread


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_weighted_random_effects_are_generalised_least_squares_with_the_moments_variances(seed):
    rows = invented(seed)
    row, unit = moments(rows)
    fit = random_effects(rows)
    assert (fit.row_variance, fit.unit_variance) == pytest.approx((row, unit), rel=1e-8)
    gram, right = np.zeros((4, 4)), np.zeros(4)
    for label in np.unique(rows.unit):
        mine = rows.unit == label
        covariance = np.diag(row / rows.weight[mine]) + unit
        x = rows.design[mine]
        gram += x.T @ np.linalg.solve(covariance, x)
        right += x.T @ np.linalg.solve(covariance, rows.outcome[mine])
    direct = np.linalg.solve(gram, right)
    assert [fit.linear.value(name) for name in rows.names] == pytest.approx(direct, rel=1e-7, abs=1e-9)
    assert fit.linear.bread * row == pytest.approx(np.linalg.inv(gram), rel=1e-7)


def test_the_moments_find_the_variances_that_the_rows_were_drawn_with():
    """Weighted rows whose errors have variance 4/w, units with variance 9: on average over 60 draws."""
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = invented(seed, people=150)
        own = rng.normal(0, 3, 150)[rows.unit]
        x = rng.normal(size=(len(own), 2))
        outcome = own + rng.normal(size=len(own)) * 2 / np.sqrt(rows.weight)
        design = np.column_stack([np.ones(len(own)), x[:, 0], rows.design[:, 2], x[:, 1]])
        fit = random_effects(replace(rows, outcome=outcome, design=design))
        found.append((fit.row_variance, fit.unit_variance))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(60)
    assert (abs(mean - [4, 9]) < 4 * error).all()
    assert error == pytest.approx([0.05, 0.17], rel=0.8)  # so that the line above can fail


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1e3, 1e6, 1e9]))
def test_a_constant_added_to_the_outcome_moves_only_the_intercept(seed, shift):
    rows = invented(seed)
    rows = replace(rows, outcome=np.round(rows.outcome * 64) / 64)
    plain, moved = random_effects(rows), random_effects(replace(rows, outcome=rows.outcome + shift))
    assert moved.linear.coef[1:] == pytest.approx(plain.linear.coef[1:], rel=1e-8, abs=1e-10)
    assert moved.linear.value(INTERCEPT) - shift == pytest.approx(plain.linear.value(INTERCEPT), abs=1e-6)
    assert cr1(moved.linear) == pytest.approx(cr1(plain.linear), rel=1e-6)
    assert moved.linear.r_squared == pytest.approx(plain.linear.r_squared, rel=1e-7)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-5, 1e5), st.floats(1e-5, 1e5))
def test_scaling_outcome_or_weights_scales_what_it_should(seed, outcome, weight):
    rows = invented(seed)
    plain = random_effects(rows)
    scaled = random_effects(replace(rows, outcome=rows.outcome * outcome, weight=rows.weight * weight))
    assert [scaled.linear.value(n) for n in rows.names] == pytest.approx(
        [plain.linear.value(n) * outcome for n in rows.names], rel=1e-6
    )
    assert scaled.row_variance == pytest.approx(plain.row_variance * outcome**2 * weight, rel=1e-7)
    assert scaled.unit_variance == pytest.approx(plain.unit_variance * outcome**2, rel=1e-7)
    assert scaled.theta == pytest.approx(plain.theta, rel=1e-7)


def test_neither_the_order_of_rows_nor_the_names_of_units_matter():
    rows = invented(1)
    order = np.random.default_rng(1).permutation(len(rows.outcome))
    mixed = rows.keep(order)
    plain, other = random_effects(rows), random_effects(replace(mixed, unit=-mixed.unit))
    assert other.linear.coef == pytest.approx(plain.linear.coef, rel=1e-9)
    assert other.theta == pytest.approx(plain.theta[order], rel=1e-9)


def test_units_that_differ_by_no_more_than_chance_give_the_pooled_model_and_say_so():
    rows = invented(2)
    alike = replace(rows, outcome=np.where(np.arange(len(rows.unit)) % 2 == 0, 1.0, -1.0) + rows.design[:, 1])
    fit, plain = random_effects(alike), pooled(alike)
    assert (fit.unit_variance, fit.note) == (0.0, FLOORED)
    assert fit.linear.coef == pytest.approx(plain.linear.coef, rel=1e-9, abs=1e-12)
    assert fit.linear.r_squared == pytest.approx(plain.linear.r_squared)


def test_the_more_units_differ_the_nearer_random_effects_are_to_fixed_ones():
    rows = invented(3)
    fixed, gaps = fixed_effects(rows).linear, []
    for size in (0, 10, 1000):
        far = replace(rows, outcome=rows.outcome + size * np.sin(rows.unit * 7.0))
        gaps.append(abs(random_effects(far).linear.value("x") - fixed_effects(far).linear.value("x")))
        assert fixed_effects(far).linear.coef == pytest.approx(fixed.coef, rel=1e-6)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda rows: replace(rows, unit=np.arange(len(rows.unit))),
            "no unit was seen more than once, so units cannot be told from rows",
        ),
        (lambda rows: rows.keep(rows.unit < 3), "too few units to tell how much they differ"),
        (lambda rows: replace(rows, weight=-rows.weight), "a weight is negative"),
        (lambda rows: replace(rows, outcome=np.ones(len(rows.unit))), "nothing is left to chance within units"),
    ],
)
def test_what_cannot_be_fitted_gives_the_reason(change, reason):
    assert random_effects(change(invented(0, most=6))) == NotEstimated(reason)


def test_a_model_of_an_intercept_alone_is_the_weighted_mean_of_unit_means():
    rows = invented(4)
    alone = PanelRows((INTERCEPT,), rows.design[:, :1], rows.outcome, rows.weight, rows.area, rows.unit, rows.person)
    fit = random_effects(alone)
    precision, means = [], []
    for unit in np.unique(rows.unit):
        mine = rows.unit == unit
        precision.append(1 / (fit.unit_variance + fit.row_variance / rows.weight[mine].sum()))
        means.append(np.average(rows.outcome[mine], weights=rows.weight[mine]))
    assert fit.linear.value(INTERCEPT) == pytest.approx(np.average(means, weights=precision), rel=1e-10)
    assert fit.linear.r_squared == pytest.approx(0, abs=1e-12)
