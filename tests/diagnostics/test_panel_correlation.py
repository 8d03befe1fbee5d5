"""Serial correlation after demeaning: R's panel tests, regressions written out, rejections of a true null."""

import numpy as np
import pytest
import statsmodels.api as sm
from panel_rows import golden, invented, table
from scipy import stats

from whatworked import regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError

ESTIMATORS = {"pooling": "linear", "within": "fixed_effects", "random": "random_effects"}


def panel(name):
    """The panels of R's results: complete rows, the outcome, the terms, who and when."""
    path, outcome, terms, who, logged = {
        "Grunfeld": ("_data/Grunfeld.csv", "inv", ("value", "capital"), "firm", False),
        "EmplUK_unbalanced": ("_data/EmplUK.csv", "emp", ("wage", "capital"), "firm", True),
        "wagepan": ("_data/wagepan.csv", "lwage", ("married", "union", "exper"), "nr", False),
        "sim_area_panel": ("09-breusch-godfrey/data.csv", "outcome", ("tp", "post"), "area", False),
    }[name]
    rows = table(path)
    columns = {key: np.array([row[key] for row in rows]) for key in (outcome, *terms, who, "year")}
    if logged:
        columns |= {key: np.log(columns[key]) for key in (outcome, *terms)}
    order = np.random.default_rng(0).permutation(len(rows))
    options = {"outcome": outcome, "terms": terms, "area": who, "person": who, "time": "year"}
    return {key: column[order] for key, column in columns.items()}, options


def equals(found, expected):
    assert found.statistic == pytest.approx(expected["stat"], rel=1e-9)
    assert found.df == (tuple(expected["df"]) if isinstance(expected["df"], list) else expected["df"])
    assert found.p_value == pytest.approx(expected["p"], rel=1e-8)


@pytest.mark.parametrize("model", ESTIMATORS)
@pytest.mark.parametrize("name", ["Grunfeld", "EmplUK_unbalanced", "wagepan", "sim_area_panel"])
def test_in_one_sequence_the_tests_of_panels_are_those_of_plm(name, model):
    expected = golden("09-breusch-godfrey")[name][model]
    columns, options = panel(name)
    fit = regress(columns, estimator=ESTIMATORS[model], **options)
    for order in (1, 2):
        found = fit.test("breusch_godfrey", order=order, one_sequence=True)
        equals(found, expected[f"pbgtest_order{order}"])
    shortest = int(np.unique(columns[options["person"]], return_counts=True)[1].min())
    equals(fit.test("breusch_godfrey", order=shortest, one_sequence=True), expected["pbgtest_default"])
    equals(fit.test("breusch_godfrey_f", one_sequence=True), expected["pbgtest_order1_F"])


@pytest.mark.parametrize("name", ["Grunfeld", "EmplUK_unbalanced", "wagepan", "sim_area_panel"])
def test_wooldridges_test_is_that_of_plm(name):
    columns, options = panel(name)
    found = regress(columns, estimator="fixed_effects", **options).test("wooldridge")
    equals(found, golden("09-breusch-godfrey")[name]["pwartest"])
    assert (found.note is None) == (name != "EmplUK_unbalanced")


def drawn(seed, *, weights=False, most=5, correlation=0.0, people=60):
    rows = invented(seed, weights=weights, most=most, people=people)
    n = len(rows.unit)
    rng = np.random.default_rng(seed + 1)
    error = rng.normal(size=n)
    for i in range(1, n):
        if rows.unit[i] == rows.unit[i - 1]:
            error[i] += correlation * error[i - 1]
    columns = {
        "y": rows.outcome + error * 2,
        "who": rows.unit,
        "area": rows.area,
        "day": np.arange(n),
        "w": rows.weight,
    }
    columns |= {"x": rows.design[:, 1], "z": rows.design[:, 3]}
    options = {"outcome": "y", "terms": ["x", "z"], "area": "area", "person": "who", "time": "day"}
    return columns, options | ({"weights": "w"} if weights else {})


@pytest.mark.parametrize("seed", range(4))
def test_wooldridges_test_is_a_regression_of_demeaned_residuals_clustered_on_people(seed):
    columns, options = drawn(seed)
    fit = regress(columns, estimator="fixed_effects", **options)
    again = np.flatnonzero(np.bincount(columns["who"])[columns["who"]] > 1)
    who, e = columns["who"][again], fit.residual
    pairs = [i for i in range(1, len(e)) if who[i] == who[i - 1]]
    before = sm.add_constant(e[[i - 1 for i in pairs]])
    other = sm.OLS(e[pairs], before).fit(
        cov_type="cluster", cov_kwds={"groups": who[pairs], "use_correction": False, "df_correction": False}
    )
    null = -1 / (np.bincount(who).max() - 1)
    statistic = ((other.params[1] - null) / other.bse[1]) ** 2
    found = fit.test("wooldridge")
    assert found.statistic == pytest.approx(statistic, rel=1e-8)
    assert found.df == (1, len(pairs) - 2)
    assert found.p_value == pytest.approx(stats.f.sf(statistic, 1, len(pairs) - 2), rel=1e-8)


@pytest.mark.parametrize("estimator", ["fixed_effects", "random_effects"])
@pytest.mark.parametrize("seed", range(3))
def test_after_demeaning_the_statistic_is_n_r_squared_of_those_rows(estimator, seed):
    columns, options = drawn(seed, weights=True)
    fit = regress(columns, estimator=estimator, **options)
    who = columns["who"]
    who = who if estimator == "random_effects" else who[np.bincount(who)[who] > 1]
    e, root = fit.residual, np.sqrt(fit.weight)
    lag = np.array([e[i - 1] if i and who[i] == who[i - 1] else 0.0 for i in range(len(e))])
    whole = np.column_stack([fit.design, lag]) * root[:, None]
    rest = e * root - whole @ np.linalg.lstsq(whole, e * root, rcond=None)[0]
    share = 1 - rest @ rest / ((e * root) @ (e * root))
    assert fit.test("breusch_godfrey").statistic == pytest.approx(len(e) * share, rel=1e-7)
    free = len(e) - whole.shape[1]
    assert fit.test("breusch_godfrey_f").statistic == pytest.approx(share / (1 - share) * free, rel=1e-7)


def test_wooldridges_test_keeps_its_level_where_breusch_and_godfreys_does_not_and_sees_correlation():
    rejected = {"wooldridge": 0, "breusch_godfrey": 0}
    seen = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(80), 4)
        noise = rng.normal(size=(80, 4))
        columns = {"who": who, "area": who % 8, "day": np.arange(320), "x": rng.normal(size=320)}
        options = {"outcome": "y", "terms": ["x"], "area": "area", "person": "who", "time": "day"}
        fit = regress(columns | {"y": noise.ravel()}, estimator="fixed_effects", **options)
        for name in rejected:
            rejected[name] += fit.test(name).p_value < 0.05
        for t in range(1, 4):
            noise[:, t] = 0.6 * noise[:, t - 1] + 0.8 * noise[:, t]
        fit = regress(columns | {"y": noise.ravel()}, estimator="fixed_effects", **options)
        seen += fit.test("wooldridge").p_value < 0.05
    assert 2 <= rejected["wooldridge"] <= 20
    assert rejected["breusch_godfrey"] > 150
    assert seen > 150


@pytest.mark.parametrize("one_sequence", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS.values())
def test_the_order_of_rows_a_constant_and_a_scale_change_nothing(estimator, one_sequence):
    columns, options = drawn(7)
    order = np.random.default_rng(1).permutation(len(columns["y"]))
    moved = {name: column[order] for name, column in columns.items()}
    moved["y"] = np.round(moved["y"] * 64) / 64 * 4 + 1e9
    columns["y"] = np.round(columns["y"] * 64) / 64
    tests = ["breusch_godfrey", "breusch_godfrey_f", "serial_correlation"]
    one, other = (regress(data, estimator=estimator, **options) for data in (columns, moved))
    for name in tests + ["wooldridge"] * (estimator == "fixed_effects"):
        plain, changed = (fit.test(name, one_sequence=one_sequence) for fit in (one, other))
        if not isinstance(plain, NotEstimated):
            assert changed.statistic == pytest.approx(plain.statistic, rel=1e-6)


def test_what_demeaning_does_is_said():
    columns, options = drawn(2)
    fixed = regress(columns, estimator="fixed_effects", **options)
    assert 'ask "wooldridge"' in fixed.test("breusch_godfrey").note
    assert "people have 2 to 5 rows" in fixed.test("wooldridge").note
    assert regress(columns, estimator="random_effects", **options).test("breusch_godfrey").note is None
    columns, options = drawn(2, weights=True)
    found = regress(columns, estimator="fixed_effects", **options).test("wooldridge")
    assert found == NotEstimated("weights differ, and what demeaning does to residuals is known for equal weights only")


def test_wooldridges_test_needs_people_seen_often_and_a_demeaned_fit():
    columns, options = drawn(3, most=2, people=3)
    columns = {name: column[:4] for name, column in columns.items()} | {"who": np.array([0, 0, 1, 1])}
    columns["area"] = columns["who"]
    fit = regress(columns, estimator="fixed_effects", **(options | {"terms": ["x"]}))
    assert fit.test("wooldridge") == NotEstimated("too few people were seen often enough for this test")
    columns, options = drawn(3)
    with pytest.raises(UsageError, match='Ask it of a "fixed_effects" fit'):
        regress(columns, **options).test("wooldridge")
    assert isinstance(regress(columns, **options).test("breusch_godfrey", order=0), NotEstimated)


def test_times_of_several_types_are_put_in_order_as_text():
    columns, options = drawn(3)
    columns["day"] = np.array([str(i) if i % 2 else i for i in columns["day"]], dtype=object)
    assert regress(columns, **options).test("breusch_godfrey").p_value <= 1
