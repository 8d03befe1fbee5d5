"""Rows of people and their sums: nothing that a weighted linear model needs is lost."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from bias_reduction_by_hand import bias_reduced, every_dummy
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.estimation.collapsed import area_changes
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.design import BeforeAfter, EventTime, design, design_grams
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.people import Category, People, Quantity, covariate_matrix
from whatworked.estimation.stacked import stacked


def invented(seed, *, n=400, groups=2, weights=True):
    """Rows of people in matched groups of a pilot and two comparators, the last comparator shared by all groups."""
    rng = np.random.default_rng(seed)
    areas = tuple([f"P{g}" for g in range(groups)] + [f"C{g}" for g in range(groups)] + ["S"])
    group = rng.integers(0, groups, n)
    role = rng.integers(0, 3, n)
    area = np.where(role == 0, group, np.where(role == 1, groups + group, 2 * groups))
    period = rng.integers(0, 6, n)
    since = period - 3 - group
    since = np.where(since < 0, since, since)
    age = rng.integers(0, 18, n).astype(float)
    age[rng.random(n) < 0.1] = np.nan
    origin = 8.0
    outcome = (rng.random(n) < 0.3).astype(float)
    weight = rng.uniform(0.2, 3.0, n) if weights else np.ones(n)
    weight[rng.random(n) < 0.05] = 0.0
    return People(
        areas,
        tuple(f"P{g}" for g in range(groups)),
        tuple(str(2010 + t) for t in range(6)),
        np.arange(len(areas)) < groups,
        area,
        group,
        period,
        since,
        rng.integers(0, n // 2, n),
        np.arange(n),
        np.arange(n),
        outcome - 0.25,
        weight,
        (
            Category("sex", ("female", "male", "missing"), rng.integers(0, 3, n)),
            Quantity("age", age - origin, origin),
            Category("need", ("N1", "N2", "N3", "N4"), rng.integers(0, 4, n)),
        ),
        0.25,
    )


def dense(people, timing):
    """The same model on rows: every row its own cell's columns, covariates in their place."""
    used = people.take(people.weight > 0)
    cells = people.cells()
    place = {key: i for i, key in enumerate(zip(cells.area, cells.group, cells.period, cells.since, strict=True))}
    of = [place[key] for key in zip(used.area, used.group, used.period, used.since, strict=True)]
    columns = design(cells, timing)
    names, covariates = covariate_matrix(used.covariates, len(used.area))
    at = columns.covariates_at
    x = np.column_stack([columns.matrix[of][:, :at], covariates, columns.matrix[of][:, at:]])
    return (*columns.names[:at], *names, *columns.names[at:]), x, used


@pytest.mark.parametrize("timing", [BeforeAfter(), EventTime()])
@pytest.mark.parametrize("weights", [False, True])
def test_sums_within_cells_give_the_gram_matrices_of_the_rows(timing, weights):
    people = invented(1, weights=weights)
    names, x, used = dense(people, timing)
    labels = np.array(used.areas)[used.area]
    known = row_grams(x, used.outcome + 0.25, weight=used.weight, area=labels, names=names)
    found = design_grams(people.cells(), timing)
    order = [found.areas.index(area) for area in known.areas]
    assert found.names == known.names
    assert found.xx[:, order] == pytest.approx(known.xx, abs=1e-9)
    assert found.ones[order] == pytest.approx(known.ones, abs=1e-9)
    assert found.rows[order] == pytest.approx(known.rows)
    assert found.weight[order] == pytest.approx(known.weight)
    shift = found.origin - known.origin
    moved = known.xy[1] - shift * known.ones
    assert found.xy[1, order] == pytest.approx(moved, abs=1e-9)
    assert found.yy[order] == pytest.approx(known.yy - 2 * shift * known.y_sum + shift**2 * known.weight, abs=1e-9)


def test_the_model_with_covariates_equals_weighted_least_squares_on_rows():
    people = invented(2, n=900)
    names, x, used = dense(people, BeforeAfter())
    fit = fit_linear(design_grams(people.cells(), BeforeAfter()))
    kept = [names.index(name) for name in fit.names]
    known = sm.WLS(used.outcome + 0.25, x[:, kept], weights=used.weight).fit(
        cov_type="cluster", cov_kwds={"groups": used.area}
    )
    place = kept.index(names.index("pilot:post"))
    ours = estimate_cr1(fit, "pilot:post", "")
    assert ours.estimate == pytest.approx(known.params[place], rel=1e-9)
    assert ours.std_error == pytest.approx(known.bse[place], rel=1e-9)


def dummies(values):
    return np.column_stack([values == v for v in np.unique(values)]).astype(float)


def test_the_stacked_form_with_covariates_equals_least_squares_with_every_dummy():
    people = invented(3, n=900)
    used = people.take(people.weight > 0)
    _, covariates = covariate_matrix(used.covariates, len(used.area))
    post = used.post.astype(float)
    columns = np.column_stack([post * used.treated, covariates, post])
    x = every_dummy(used.area, used.group, used.period, columns)
    coef, covariance, df = bias_reduced(x, used.outcome, used.weight, used.area)
    found = stacked(people.cells(), unit="")
    assert found.estimate == pytest.approx(coef[0], rel=1e-8)
    assert found.std_error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    assert found.df == pytest.approx(df[0], rel=1e-8)


def test_the_collapsed_changes_are_net_of_covariates_as_least_squares_on_rows_has_them():
    people = invented(4, n=900)
    used = people.take(people.weight > 0)
    _, covariates = covariate_matrix(used.covariates, len(used.area))
    unit = (used.area * 10 + used.group) * 2 + used.post
    units = np.unique(unit)
    x = np.column_stack([dummies(unit), covariates, dummies(used.period)])
    root = np.sqrt(used.weight)
    b = np.linalg.lstsq(x * root[:, None], used.outcome * root, rcond=None)[0]
    level = dict(zip(units.tolist(), b, strict=False))
    changes, _ = area_changes(people.cells())
    for area in range(len(people.areas)):
        pairs = [(area * 10 + g) * 2 for g in range(2)]
        own = [level[p + 1] - level[p] for p in pairs if p in level and p + 1 in level]
        assert changes[area] == pytest.approx(np.mean(own), rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), values=st.integers(-3, 3))
def test_a_covariate_of_areas_and_periods_may_come_with_the_rows_or_with_the_cells(seed, values):
    people = invented(seed % 50, n=200)
    table = np.random.default_rng(seed).normal(values, 1, (len(people.areas), len(people.periods)))
    by_row = replace(
        people, covariates=(*people.covariates, Quantity("density", table[people.area, people.period]))
    ).cells()
    plain = people.cells()
    by_cell = plain.with_constant(("density",), table[plain.area, plain.period][:, None])
    assert by_cell.covariates.names == by_row.covariates.names
    for name in ("sums", "products", "cross"):
        assert getattr(by_cell.covariates, name) == pytest.approx(getattr(by_row.covariates, name), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_neither_the_order_of_rows_nor_their_repetition_at_half_the_weight_matters_to_the_effect(seed):
    rng = np.random.default_rng(seed)
    people = invented(seed % 50, n=300)
    shuffled = people.take(rng.permutation(300))
    twice = people.take(np.repeat(np.arange(300), 2))
    halved = replace(twice, weight=twice.weight / 2)
    whole, other, half = (
        fit_linear(design_grams(p.cells(), BeforeAfter())).value("pilot:post") for p in (people, shuffled, halved)
    )
    assert other == pytest.approx(whole, rel=1e-8, abs=1e-10)
    assert half == pytest.approx(whole, rel=1e-8, abs=1e-10)


def test_a_number_far_from_zero_keeps_its_coefficient_when_it_is_measured_from_an_origin():
    people = invented(5, n=600)
    values = np.random.default_rng(0).normal(0, 1, 600)
    fits = [
        fit_linear(design_grams(replace(people, covariates=(Quantity("x", shifted, 1e9),)).cells(), BeforeAfter()))
        for shifted in (values, (values + 1e9) - 1e9)
    ]
    assert fits[1].value("x") == pytest.approx(fits[0].value("x"), rel=1e-6)
