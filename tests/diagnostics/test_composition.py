"""The same comparison with a covariate in the outcome's place."""

from dataclasses import replace

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.diagnostics.composition import composition
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.design import BeforeAfter, row_design
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.people import Category, People, Quantity

EFFECT = "pilot:post"


def study(seed=0, n=800, *, periods=2, covariates=()):
    rng = np.random.default_rng(seed)
    area, period = rng.integers(0, 8, n), rng.integers(0, periods, n)
    person = np.arange(n)
    people = People(
        tuple(f"A{i}" for i in range(8)),
        ("all",),
        tuple(str(2010 + t) for t in range(periods)),
        np.arange(8) < 4,
        area,
        np.zeros(n, dtype=np.int64),
        period,
        period - periods // 2,
        person,
        person,
        person,
        np.zeros(n),
        np.ones(n),
        covariates,
    )
    return people, rng


def on_rows(people, values):
    """The same model row by row, of the rows with a value."""
    there = np.isfinite(values) & (people.weight > 0)
    names, matrix = row_design(replace(people, covariates=()), BeforeAfter())
    labels = np.array(people.areas)[people.area]
    grams = row_grams(matrix[there], values[there], weight=people.weight[there], area=labels[there], names=names)
    return estimate_cr1(fit_linear(grams), EFFECT, "")


def test_each_effect_is_the_double_difference_of_the_covariates_means():
    people, rng = study()
    pilot, post = people.treated, people.post
    age = rng.normal(10, 4, 800) + 2 * (pilot & post)
    (shift,) = composition(replace(people, covariates=(Quantity("age", age - 10, 10.0),)), term=EFFECT)
    means = {(p, t): age[(pilot == p) & (post == t)].mean() for p in (0, 1) for t in (0, 1)}
    assert shift.effect.estimate == pytest.approx(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0], rel=1e-10)
    assert (shift.rows, shift.missing, shift.effect.df) == (800, 0, 7)


def test_sums_within_cells_give_what_the_rows_give_for_numbers_and_for_every_level():
    people, rng = study(3, n=900, periods=6)
    number, codes = rng.normal(50, 3, 900), rng.integers(0, 3, 900)
    number[rng.random(900) < 0.1] = np.nan
    weight = rng.uniform(0.2, 2, 900)
    weight[:40] = 0
    covariates = (Quantity("need", number - 50, 50.0), Category("sex", ("f", "m", "missing"), codes))
    given = replace(people, weight=weight, covariates=covariates)
    found = composition(given, term=EFFECT)
    assert [shift.covariate for shift in found] == ["need", "sex[f]", "sex[m]", "sex[missing]"]
    values = (number, *((codes == level).astype(float) for level in range(3)))
    for shift, own in zip(found, values, strict=True):
        known = on_rows(given, own)
        assert shift.effect.estimate == pytest.approx(known.estimate, rel=1e-9)
        assert shift.effect.std_error == pytest.approx(known.std_error, rel=1e-9)
        assert shift.effect.df == known.df
    assert found[0].missing == np.isnan(number[40:]).sum()
    assert found[0].rows == 860 - found[0].missing


def test_rows_without_a_value_leave_that_covariate_only_and_are_counted():
    people, rng = study(1)
    age, sex = rng.normal(size=800), rng.integers(0, 2, 800).astype(float)
    holes = np.where(np.arange(800) % 10 == 0, np.nan, age)
    given = replace(people, covariates=(Quantity("age", holes), Quantity("sex", sex)))
    first, second = composition(given, term=EFFECT)
    (alone,) = composition(replace(given, covariates=given.covariates[:1]).take(np.isfinite(holes)), term=EFFECT)
    assert first.effect.estimate == pytest.approx(alone.effect.estimate, rel=1e-10)
    assert first.effect.std_error == pytest.approx(alone.effect.std_error, rel=1e-10)
    assert (first.rows, first.missing, second.rows, second.missing) == (720, 80, 800, 0)


def test_what_cannot_be_estimated_gives_the_reason():
    none, ones = np.full(800, np.nan), np.ones(800)
    codes = np.zeros(800, dtype=np.int64)
    covariates = (Quantity("same", ones), Quantity("none", none), Category("one", ("a", "b"), codes))
    people, _ = study(2, covariates=covariates)
    same, none, first, second = composition(people, term=EFFECT)
    assert same.effect == first.effect == second.effect == NotEstimated("it is the same in every row")
    assert none.effect == NotEstimated("no row has a value")
    assert none.missing == 800
    assert composition(replace(people, weight=-people.weight), term=EFFECT) == NotEstimated("a weight is negative")
    nobody = replace(people, weight=0 * people.weight)
    assert composition(nobody, term=EFFECT) == NotEstimated("no row has a weight above 0")
