"""The same comparison with a covariate in the outcome's place."""

from dataclasses import replace

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.diagnostics.composition import composition
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import INTERCEPT, fit_linear
from whatworked.estimation.rows import PanelRows

EFFECT = "pilot:post"


def study(seed=0, n=800):
    rng = np.random.default_rng(seed)
    area, post = rng.integers(0, 8, n), rng.integers(0, 2, n).astype(float)
    pilot = (area < 4).astype(float)
    design = np.column_stack([np.ones(n), pilot, post, pilot * post])
    person = np.arange(n)
    return PanelRows((INTERCEPT, "pilot", "post", EFFECT), design, np.zeros(n), np.ones(n), area, person, person), rng


def test_each_effect_is_the_double_difference_of_the_covariates_means():
    rows, rng = study()
    age = rng.normal(10, 4, 800) + 2 * rows.design[:, 3]
    (shift,) = composition(rows, {"age": age}, term=EFFECT)
    pilot, post = rows.design[:, 1], rows.design[:, 2]
    means = {(p, t): age[(pilot == p) & (post == t)].mean() for p in (0, 1) for t in (0, 1)}
    assert shift.effect.estimate == pytest.approx(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0], rel=1e-10)
    grams = row_grams(rows.design, age, weight=rows.weight, area=rows.area, names=rows.names)
    assert shift.effect == estimate_cr1(fit_linear(grams), EFFECT, "")
    assert (shift.rows, shift.missing, shift.effect.df) == (800, 0, 7)


def test_rows_without_a_value_leave_that_covariate_only_and_are_counted():
    rows, rng = study(1)
    age, sex = rng.normal(size=800), rng.integers(0, 2, 800).astype(float)
    holes = np.where(np.arange(800) % 10 == 0, np.nan, age)
    first, second = composition(rows, {"age": holes, "sex": sex}, term=EFFECT)
    (alone,) = composition(rows.keep(np.isfinite(holes)), {"age": age[np.isfinite(holes)]}, term=EFFECT)
    assert first.effect == alone.effect
    assert (first.rows, first.missing, second.rows, second.missing) == (720, 80, 800, 0)


def test_what_cannot_be_estimated_gives_the_reason():
    rows, _ = study(2)
    same, none = composition(rows, {"same": np.ones(800), "none": np.full(800, np.nan)}, term=EFFECT)
    assert same.effect == NotEstimated("it is the same in every row")
    assert none.effect == NotEstimated("no row has a value")
    assert none.missing == 800
    assert composition(replace(rows, weight=-rows.weight), {}, term=EFFECT) == NotEstimated("a weight is negative")
