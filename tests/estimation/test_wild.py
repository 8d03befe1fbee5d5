"""The restricted wild bootstrap: R's exact p-values, brute force on rows, the interval that inverts the test."""

import numpy as np
import pytest

from whatworked.cells import NotEstimated
from whatworked.estimation import wild
from whatworked.estimation.covariance import estimate_cr1
from whatworked.estimation.grams import row_grams
from whatworked.estimation.linear import fit_linear
from whatworked.estimation.wild import wild_restricted

NAMES = ("(intercept)", "treat", "post", "tp")


def invented_rows(seed, *, areas=6, n=48, effect=0.0):
    rng = np.random.default_rng(seed)
    area = np.sort(np.arange(n) % areas)
    treat, post = (area < areas // 2).astype(float), (np.arange(n) % 2).astype(float)
    x = np.column_stack([np.ones(n), treat, post, treat * post])
    shock = rng.normal(size=(areas, 2))
    y = shock[area, post.astype(int)] + effect * treat * post + rng.normal(size=n)
    return x, y, rng.uniform(0.3, 2, n), area


def fitted(x, y, w, area):
    return fit_linear(row_grams(x, y, weight=w, area=area, names=NAMES))


def brute_force(x, y, w, area, *, effect=0.0):
    """All sign vectors on rows: refit, cluster, studentise, count."""

    def t_of(outcome, null):
        bread = np.linalg.inv(x.T @ (x * w[:, None]))
        b = bread @ x.T @ (w * outcome)
        residual = outcome - x @ b
        scores = np.array([(x[area == g] * (w * residual)[area == g, None]).sum(axis=0) for g in np.unique(area)])
        return (b[3] - null) / np.sqrt(((scores @ bread[:, 3]) ** 2).sum())

    restricted = x[:, :3]
    target = y - effect * x[:, 3]
    b = np.linalg.solve(restricted.T @ (restricted * w[:, None]), restricted.T @ (w * target))
    fit = restricted @ b + effect * x[:, 3]
    labels, place = np.unique(area, return_inverse=True)
    signs = 1.0 - 2.0 * ((np.arange(2 ** len(labels))[:, None] >> np.arange(len(labels))) & 1)
    own = t_of(y, effect)
    drawn = np.array([t_of(fit + (y - fit) * v[place], effect) for v in signs])
    return float((np.abs(drawn) >= abs(own) * (1 - 1e-9)).mean())


@pytest.mark.parametrize("seed", range(4))
def test_the_p_value_equals_brute_force_on_rows(seed):
    x, y, w, area = invented_rows(seed, effect=0.5 * seed)
    found = wild_restricted(fitted(x, y, w, area), "tp")
    assert found.p_value == brute_force(x, y, w, area)
    assert found.draws == 64
    assert found.enumerated


def test_the_interval_holds_just_the_effects_that_brute_force_does_not_reject():
    x, y, w, area = invented_rows(11, areas=7, n=56)
    found = wild_restricted(fitted(x, y, w, area), "tp")
    for limit, outwards in ((found.conf_low, -1), (found.conf_high, 1)):
        assert brute_force(x, y, w, area, effect=limit - outwards * 1e-6) > 0.05
        assert brute_force(x, y, w, area, effect=limit + outwards * 1e-6) <= 0.05


def test_few_areas_leave_the_interval_without_an_end():
    x, y, w, area = invented_rows(1, areas=4, n=32)
    found = wild_restricted(fitted(x, y, w, area), "tp")
    assert found.smallest_p == 2 / 16
    assert found.conf_low is None
    assert found.conf_high is None


def test_draws_agree_with_enumeration_and_are_seeded():
    x, y, w, area = invented_rows(2, areas=10, n=80, effect=1.0)
    fit = fitted(x, y, w, area)
    exact, drawn = wild_restricted(fit, "tp"), wild_restricted(fit, "tp", draws=20_000, seed=1)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=0.01)
    assert drawn == wild_restricted(fit, "tp", draws=20_000, seed=1)
    assert not drawn.enumerated
    assert drawn.p_value * 20_001 == pytest.approx(round(drawn.p_value * 20_001))


@pytest.mark.parametrize("draws", [None, 501])
def test_the_size_of_a_batch_changes_nothing(draws, monkeypatch):
    fit = fitted(*invented_rows(5, areas=9, n=90, effect=1.0))
    whole = wild_restricted(fit, "tp", draws=draws, seed=3)
    monkeypatch.setattr(wild, "BATCH", 9 * 50)
    parts = wild_restricted(fit, "tp", draws=draws, seed=3)
    assert (parts.p_value, parts.draws) == (whole.p_value, whole.draws)
    assert (parts.conf_low, parts.conf_high) == pytest.approx((whole.conf_low, whole.conf_high), rel=1e-12)


def test_more_areas_than_can_be_enumerated_are_drawn():
    x, y, w, area = invented_rows(3, areas=16, n=96)
    found = wild_restricted(fitted(x, y, w, area), "tp", seed=5)
    assert found.draws == 9_999
    assert not found.enumerated
    assert found.conf_low < found.estimate < found.conf_high


def test_exact_p_values_equal_r(golden, read_column):
    expected = golden.expected("11-wild-cluster-bootstrap")
    rows, weight = golden.pilot_rows()
    y = read_column(rows, "outcome")
    treat, post = read_column(rows, "treat"), read_column(rows, "post")
    x = np.column_stack([np.ones(len(y)), treat, post, treat * post])
    area = np.array([r["area"] for r in rows])
    there = np.isfinite(y)
    for entry, w in (("sim_micro_weighted", weight), ("sim_micro_unweighted", np.ones(len(y)))):
        fit = fitted(x[there], y[there], w[there], area[there])
        known = expected[entry]["WCR_rademacher_enumerated"]
        assert estimate_cr1(fit, "tp", "").statistic == pytest.approx(known["t"], rel=1e-8)
        assert wild_restricted(fit, "tp").p_value == known["p_two_tailed_ge"]
        assert wild_restricted(fit, "tp", ties=">").p_value == known["p_two_tailed_gt"]
    ours = wild_restricted(fit, "tp")
    theirs = expected["sim_micro_unweighted_fwildclusterboot"]["ci"]
    # theirs interpolates between p-values and does not count the sample itself, so ours lies just outside
    assert ours.conf_low < theirs[0] < theirs[1] < ours.conf_high
    assert [ours.conf_low, ours.conf_high] == pytest.approx(theirs, abs=1e-3)


def test_the_area_year_and_grunfeld_p_values_equal_r(golden, read_column):
    expected = golden.expected("11-wild-cluster-bootstrap")
    cases = [
        (
            "sim_area_year_unweighted_data_csv",
            "11-wild-cluster-bootstrap/data.csv",
            ("treat", "post", "tp"),
            "outcome",
            "area",
            "tp",
        ),
        ("Grunfeld_value", "_data/Grunfeld.csv", ("value", "capital"), "inv", "firm", "value"),
    ]
    for entry, path, terms, outcome, cluster, term in cases:
        rows = golden.rows(path)
        x = np.column_stack([np.ones(len(rows)), *(read_column(rows, c) for c in terms)])
        fit = fit_linear(
            row_grams(
                x,
                read_column(rows, outcome),
                weight=np.ones(len(rows)),
                area=np.array([r[cluster] for r in rows]),
                names=("(intercept)", *terms),
            )
        )
        known = expected[entry]["WCR_rademacher_enumerated"]
        assert wild_restricted(fit, term).p_value == known["p_two_tailed_ge"]
        assert wild_restricted(fit, term, ties=">").p_value == known["p_two_tailed_gt"]


def test_what_cannot_be_bootstrapped_says_why():
    x, y, w, area = invented_rows(4)
    fit = fitted(np.column_stack([x[:, :3], x[:, 1]]), y, w, area)
    assert wild_restricted(fit, "tp") == NotEstimated("collinear with treat")
    perfect = fitted(x, x @ [1, 2, 3, 4], w, area)
    assert isinstance(wild_restricted(perfect, "tp"), NotEstimated) or wild_restricted(perfect, "tp").p_value <= 1
