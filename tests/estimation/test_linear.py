"""Weighted least squares from Gram matrices: which columns stay, and what does not depend on anything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.estimation.covariance import cr1
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear, independent, inverse


def fitted(x, y, w=None, area=None, names=None):
    n, q = x.shape
    names = ("(intercept)", *(f"x{j}" for j in range(1, q))) if names is None else names
    return fit_linear(
        row_grams(
            x,
            y,
            weight=np.ones(n) if w is None else w,
            area=np.arange(n) % 5 if area is None else area,
            names=names,
        )
    )


def rows(seed, n=60, q=4):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, q - 1))])
    return x, x @ rng.normal(size=q) + rng.normal(size=n), rng.uniform(0.1, 2, n)


def test_two_by_two_regression_is_the_double_difference_of_means():
    rng = np.random.default_rng(1)
    pilot, post = np.repeat([0, 1, 0, 1], 6).astype(float), np.repeat([0, 0, 1, 1], 6).astype(float)
    y = rng.normal(size=24)
    x = np.column_stack([np.ones(24), pilot, post, pilot * post])
    fit = fitted(x, y, names=("(intercept)", "pilot", "post", "pilot:post"))
    means = {(p, t): y[(pilot == p) & (post == t)].mean() for p in (0, 1) for t in (0, 1)}
    double = means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0]
    assert fit.value("pilot:post") == pytest.approx(double, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_coefficients_solve_the_least_squares_problem(seed):
    x, y, w = rows(seed)
    direct = np.linalg.lstsq(x * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]
    fit = fitted(x, y, w)
    assert [fit.value(name) for name in fit.names] == pytest.approx(direct, rel=1e-9, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1e3, 1e6, 1e9]))
def test_a_constant_added_to_the_outcome_moves_only_the_intercept(seed, shift):
    x, y, w = rows(seed)
    y = np.round(y * 64) / 64  # so that adding the constant loses no digit of the outcome itself
    plain, moved = fitted(x, y, w), fitted(x, y + shift, w)
    assert moved.coef[1:] == pytest.approx(plain.coef[1:], rel=1e-9, abs=1e-11)
    assert moved.value("(intercept)") - shift == pytest.approx(plain.value("(intercept)"), abs=1e-6)
    assert cr1(moved) == pytest.approx(cr1(plain), rel=1e-7)
    assert moved.rss == pytest.approx(plain.rss, rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_scaling_the_outcome_scales_estimates_and_errors(seed, scale):
    x, y, w = rows(seed)
    plain, scaled = fitted(x, y, w), fitted(x, y * scale, w)
    assert [scaled.value(t) for t in scaled.names] == pytest.approx(
        [plain.value(t) * scale for t in plain.names], rel=1e-7, abs=1e-9 * scale
    )
    assert cr1(scaled) == pytest.approx(cr1(plain) * scale**2, rel=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_the_names_of_areas_matter(seed):
    x, y, w = rows(seed)
    area = np.arange(60) % 5
    order = np.random.default_rng(seed).permutation(60)
    plain = fitted(x, y, w, area)
    other = fitted(x[order], y[order], w[order], np.array(list("qwert"))[area[order]])
    assert other.coef == pytest.approx(plain.coef, rel=1e-10, abs=1e-12)
    assert cr1(other) == pytest.approx(cr1(plain), rel=1e-9)


def test_a_row_of_weight_two_estimates_as_two_rows():
    x, y, _ = rows(3)
    twice = np.r_[np.arange(60), np.arange(10)]
    weighted = fitted(x, y, np.where(np.arange(60) < 10, 2.0, 1.0))
    doubled = fitted(x[twice], y[twice], area=twice % 5)
    assert [doubled.value(t) for t in doubled.names] == pytest.approx(
        [weighted.value(t) for t in weighted.names], rel=1e-10
    )


def test_the_later_of_a_collinear_set_leaves_and_says_with_what():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30))
    x = np.column_stack([np.ones(30), a, b, a - 2 * b + 3, np.zeros(30), rng.normal(size=30)])
    fit = fitted(x, rng.normal(size=30), names=("(intercept)", "a", "b", "both", "never", "c"))
    assert fit.names == ("(intercept)", "a", "b", "c")
    assert [(d.term, d.reason) for d in fit.dropped] == [
        ("both", "collinear with (intercept) and a and b"),
        ("never", "no row has it"),
    ]


def test_year_effects_leave_before_post():
    post = np.repeat([0.0, 0, 1, 1], 5)
    years = [(np.repeat(np.arange(4), 5) == t).astype(float) for t in (1, 2, 3)]
    fit = fitted(
        np.column_stack([np.ones(20), post, *years]),
        np.random.default_rng(0).normal(size=20),
        names=("(intercept)", "post", "period[1]", "period[2]", "period[3]"),
    )
    assert fit.names == ("(intercept)", "post", "period[1]", "period[2]")
    assert fit.dropped[0].reason == "collinear with post and period[2]"


def test_a_huge_and_a_tiny_column_are_both_kept():
    rng = np.random.default_rng(0)
    x = np.column_stack([np.ones(40), rng.normal(size=40) * 1e9, rng.normal(size=40) * 1e-9])
    y = x @ [1, 2e-9, 3e9] + rng.normal(size=40)
    fit = fitted(x, y)
    direct = np.linalg.lstsq(x * [1, 1e-9, 1e9], y, rcond=None)[0] * [1, 1e-9, 1e9]
    assert [fit.value(t) for t in fit.names] == pytest.approx(direct, rel=1e-9)


def test_rows_of_weight_zero_count_for_nothing():
    x, y, w = rows(4)
    w[::3] = 0
    kept = w > 0
    assert fitted(x, y, w).rows == kept.sum()
    assert fitted(x, y, w).coef == pytest.approx(fitted(x[kept], y[kept], w[kept], (np.arange(60) % 5)[kept]).coef)


def test_a_perfect_fit_has_no_residual_and_an_outcome_that_stands_still_no_r_squared():
    x, _, _ = rows(5)
    assert fitted(x, x @ [1, 2, 3, 4]).r_squared == pytest.approx(1)
    assert fitted(x, np.ones(60)).r_squared is None


def test_inverse_and_independent_agree_with_linear_algebra():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(20, 5)) * [1, 1e6, 1e-6, 3, 1]
    gram = a.T @ a
    length = np.sqrt(np.diag(gram))
    assert (inverse(gram) @ gram) * np.outer(length, 1 / length) == pytest.approx(np.eye(5), abs=1e-12)
    assert independent(gram).tolist() == [0, 1, 2, 3, 4]
    assert inverse(np.zeros((0, 0))).shape == (0, 0)
