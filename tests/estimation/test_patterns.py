"""Designs of patterns: the same rows written another way, and the same fit whichever columns are shared."""

from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from logit_rows import NAMES, as_cells, invented_rows

from whatworked.cells import NotEstimated
from whatworked.estimation import patterns
from whatworked.estimation.logit import fit_logit
from whatworked.estimation.logit_covariance import cr1, cr3, hc1
from whatworked.estimation.logit_randomisation import randomise_logit
from whatworked.estimation.marginal_effect import average_derivative, average_difference
from whatworked.estimation.patterns import changes, equal_rows, every_column_its_own, patterned, weighted_gram

FOUR = np.arange(8) < 4
# none, all but the number x, all
SHARED = (0, 3, 10**6)


def dense(design):
    return np.column_stack([design.column(j) for j in range(len(design.order))])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60), st.lists(st.sampled_from([1, 2, 3, 100]), min_size=1, max_size=6))
def test_every_sum_is_that_of_the_rows_themselves(seed, n, values):
    rng = np.random.default_rng(seed)
    rows = np.column_stack([rng.integers(0, most, n) * 1.5 for most in values])
    wanted = rng.permutation(n)[: max(1, n // 2)]
    x, m, k = rows[wanted], len(wanted), len(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "MANY", 3)
        patch.setattr(patterns, "CHUNK", 7)
        design = patterned(rows, wanted)
    few = [j for j in range(k) if len(np.unique(x[:, j])) <= 3]
    # where fewer than half of the columns have few values, none is shared
    few = few if 2 * len(few) >= k else []
    assert design.patterns == len({tuple(row) for row in x[:, few].tolist()})
    assert (design.few, sorted(design.order)) == (len(few), list(range(k)))
    coef, v = rng.normal(size=k), rng.normal(size=m)
    starts = np.array([0, m // 3, m // 3, m])
    kept = np.flatnonzero(rng.integers(0, 2, k))
    for each in (design, every_column_its_own(x), design.merged):
        assert (dense(each) == x).all()
        assert each.times(coef) == pytest.approx(x @ coef)
        assert each.sums(v) == pytest.approx(x.T @ v)
        assert each.gram(v) == pytest.approx(x.T @ np.diag(v) @ x)
        sums = [v[a:b] @ x[a:b] for a, b in pairwise(starts)]
        assert each.area_sums(v, starts) == pytest.approx(np.array(sums))
        assert each.cells(slice(0, m // 3)).gram(v[: m // 3]) == pytest.approx(
            x[: m // 3].T * v[: m // 3] @ x[: m // 3]
        )
        chosen = each.columns(kept)
        assert chosen.times(coef[kept]) == pytest.approx(x[:, kept] @ coef[kept])
        assert chosen.merged.gram(v) == pytest.approx(x[:, kept].T @ np.diag(v) @ x[:, kept])


def test_rows_that_a_projection_cannot_tell_apart_keep_numbers_of_their_own():
    rows = np.array([[1e12, 1e-9], [1e12, 2e-9], [1e12, 1e-9], [3.0, 4.0], [3.0, 4.0]])
    every, both = np.arange(5), np.ones(2, dtype=bool)
    order, number = equal_rows(rows, every, both)
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert number[3] == number[4]
    assert number[1] not in number[[0, 2, 3, 4]]
    assert (dense(patterned(rows, every)) == rows).all()
    assert (equal_rows(np.asfortranarray(rows), every, np.array([True, False]))[1] == [1, 1, 1, 0, 0]).all()


def test_a_change_is_a_value_that_is_not_the_one_before():
    assert changes(np.array([2, 2, 3, 2])).tolist() == [True, False, True, True]
    assert changes(np.array([])).tolist() == []


def test_sums_do_not_depend_on_the_parts_they_are_taken_in(monkeypatch):
    rng = np.random.default_rng(2)
    design, weight = rng.normal(size=(100, 3)), rng.uniform(size=100)
    monkeypatch.setattr(patterns, "GRAM_CHUNK", 7)
    assert weighted_gram(design.T, weight) == pytest.approx(design.T @ np.diag(weight) @ design)


def fits(monkeypatch, *rows, **named):
    for many in SHARED:
        monkeypatch.setattr(patterns, "MANY", many)
        yield fit_logit(as_cells(*rows, **named))


def test_whichever_columns_are_shared_every_number_is_the_same(monkeypatch):
    design, y, w, area = invented_rows(1)
    plain = sm.GLM(y, design, family=sm.families.Binomial(), freq_weights=w).fit(tol=1e-14)
    own, some, none = found = list(fits(monkeypatch, design, y, w, area))
    assert [fit.likelihood.design.few for fit in found] == [0, 4, 5]
    for fit in (own, some, none):
        assert fit.coef == pytest.approx(plain.params, rel=1e-9)
        assert fit.coef == pytest.approx(own.coef, rel=1e-11)
        assert np.sort(fit.log_odds) == pytest.approx(np.sort(own.log_odds), rel=1e-10)
        for covariance in (cr1, cr3, hc1):
            assert covariance(fit).matrix == pytest.approx(covariance(own).matrix, rel=1e-9)
        for mean, term in ((average_derivative, "x"), (average_difference, "pilot:post")):
            one, other = mean(cr1(fit), term), mean(cr1(own), term)
            assert (one.estimate, one.std_error) == pytest.approx((other.estimate, other.std_error), rel=1e-9)
        one, other = (randomise_logit(each, pilots=FOUR, groups=None) for each in (fit, own))
        assert one.statistic == pytest.approx(other.statistic, rel=1e-10)
        assert (one.p_value, one.assignments) == (other.p_value, other.assignments)


def test_whichever_columns_are_shared_a_logit_without_a_fit_says_the_same(monkeypatch):
    design, y, w, area = invented_rows(8)
    outcomes = [np.where(design[:, 3] == 1, 0.0, y), (design[:, 4] > 0.5).astype(float), np.zeros(len(y))]
    for outcome in outcomes:
        reasons = set(fits(monkeypatch, design, outcome, w, area))
        assert len(reasons) == 1
        assert isinstance(reasons.pop(), NotEstimated)
    missing = np.column_stack([design, np.full(len(y), np.nan)])
    assert set(fits(monkeypatch, missing, y, w, area, names=(*NAMES, "gone"))) == {
        NotEstimated("a number of the design is not finite")
    }
