"""The logit's maximum: there just where a linear programme says so, reached from afar, sums taken in parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from logit_rows import as_cells, has_maximum, newton
from scipy.special import expit

from whatworked.cells import NotEstimated
from whatworked.estimation import likelihood
from whatworked.estimation.likelihood import Likelihood, maximise, solver
from whatworked.estimation.logit import LogitFit, fit_logit
from whatworked.estimation.patterns import every_column_its_own


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 25), st.integers(1, 3))
def test_there_is_a_number_just_where_no_direction_separates(seed, n, dummies):
    rng = np.random.default_rng(seed)
    columns = [np.ones(n), *(rng.integers(0, 2, n).astype(float) for _ in range(dummies))]
    if seed % 2:
        columns.append(rng.normal(size=n).round(1))
    design, y = np.column_stack(columns), rng.integers(0, 2, n).astype(float)
    found = fit_logit(as_cells(design, y, names=("(intercept)", *"abcd"[: len(columns) - 1])))
    if isinstance(found, LogitFit):
        kept = design[:, found.kept]
        assert has_maximum(kept, y)
        assert np.abs(kept.T @ (y - expit(kept @ found.coef))).max() < 1e-8
    elif "separation" in found.reason:
        assert not has_maximum(design, y)
    else:
        assert found.reason in {"every row has the same outcome", "there are no more rows than coefficients"}


def test_a_start_far_off_comes_home_by_halved_steps():
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(200), rng.normal(size=200)])
    y = (rng.uniform(size=200) < expit(design @ [-1, 1])).astype(float)
    model = Likelihood(every_column_its_own(design), y, 1 - y, ("(intercept)", "x"))
    near, far = maximise(model, np.zeros(2)), maximise(model, np.array([-20.0, 30.0]))
    assert near.coef == pytest.approx(far.coef, rel=1e-12)
    assert near.coef == pytest.approx(newton(design, y, np.ones(200))[0], rel=1e-12)


def test_an_outcome_seen_once_in_a_billion_has_its_log_odds():
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    successes = np.array([1.0, 5e8])
    found = maximise(
        Likelihood(every_column_its_own(design), successes, 1e9 - successes, ("(intercept)", "x")), np.zeros(2)
    )
    assert found.coef == pytest.approx([-np.log(1e9 - 1), np.log(1e9 - 1)], rel=1e-12)


def test_a_slope_that_two_rows_alone_hold_back_is_a_number():
    x = np.concatenate([np.linspace(-1, -0.01, 50), [1e-4, -1e-4], np.linspace(0.01, 1, 50)])
    y = np.concatenate([np.zeros(50), [0, 1], np.ones(50)])
    found = maximise(
        Likelihood(every_column_its_own(np.column_stack([np.ones(102), x])), y, 1 - y, ("(intercept)", "x")),
        np.zeros(2),
    )
    assert found.coef[1] > 100
    assert has_maximum(np.column_stack([np.ones(102), x]), y)


def test_steps_that_do_not_suffice_are_said(monkeypatch):
    monkeypatch.setattr(likelihood, "MOST_STEPS", 2)
    y = np.array([0.0, 1, 1, 0, 1, 1])
    found = maximise(
        Likelihood(every_column_its_own(np.column_stack([np.ones(6), np.arange(6)])), y, 1 - y, ("a", "b")), np.zeros(2)
    )
    assert found == NotEstimated("the logit did not converge")


def test_whatever_information_a_fit_is_told_at_its_start_it_ends_where_newton_does():
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(300), rng.normal(size=(300, 2))])
    y = (rng.uniform(size=300) < expit(design @ [-1, 0.5, 1])).astype(float)
    model = Likelihood(every_column_its_own(design), y, 1 - y, ("(intercept)", "a", "b"))
    plain, start = newton(design, y, np.ones(300))[0], np.array([0.1, 0.2, -0.1])
    for told in (model.information(design @ start), np.eye(3), np.diag([1e6, 1.0, 1e3]), -np.eye(3)):
        found = maximise(model, start, information=told)
        assert found.coef == pytest.approx(plain, rel=1e-12)
        assert found.information == pytest.approx(model.information(design @ plain), rel=1e-11)
        again = maximise(model, found.coef, information=told)
        assert again.coef == pytest.approx(plain, rel=1e-12)


def test_a_solver_solves_for_the_coefficients_that_may_move():
    rng = np.random.default_rng(4)
    root, right = rng.normal(size=(9, 4)), rng.normal(size=2)
    information = root.T @ root
    found = solver(information, np.array([0, 2]))
    assert found is not None
    assert found(right) == pytest.approx(np.linalg.solve(information[np.ix_([0, 2], [0, 2])], right))
    assert solver(np.zeros((4, 4)), np.array([1])) is None
