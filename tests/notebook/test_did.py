"""`did`: a double difference of means, R's numbers, covariates in every form, and what bad input is told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from bias_reduction_by_hand import bias_reduced, every_dummy
from scipy import stats

from whatworked import did
from whatworked.errors import UsageError

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"


def panel(seed=0, *, pilots=4, comparators=5, years=8, effect=2.0):
    rng = np.random.default_rng(seed)
    rows = [
        {
            "area": f"{'P' if i < pilots else 'C'}{i}",
            "year": 2010 + t,
            "pilot": int(i < pilots),
            "post": int(t >= 5),
            "z": rng.normal(),
            "w": rng.uniform(0.5, 2),
        }
        for i in range(pilots + comparators)
        for t in range(years)
    ]
    frame = pd.DataFrame(rows)
    shocks = {area: rng.normal(size=2) for area in frame["area"].unique()}
    frame["y"] = (
        effect * frame["pilot"] * frame["post"]
        + 0.7 * frame["z"]
        + [shocks[a][p] for a, p in zip(frame["area"], frame["post"], strict=True)]
        + rng.normal(size=len(frame)) * 0.3
    )
    return frame


def asked(frame, **options):
    return did(frame, outcome="y", pilot="pilot", post="post", area="area", **options)


def test_without_more_it_is_the_double_difference_of_means():
    frame = panel(1)
    means = frame.groupby(["pilot", "post"])["y"].mean()
    double = means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0]
    found = asked(frame)
    assert found.effect.estimate == pytest.approx(double)
    assert {row.method.value for row in found.inference} == {
        "cr1", "cr2", "cr3", "wild_restricted", "randomisation", "collapsed_t", "stacked",
    }  # fmt: skip
    assert found.headline.method == "wild_restricted"


def test_with_weights_covariates_and_periods_it_equals_statsmodels():
    frame = panel(2)
    found = asked(frame, covariates=["z"], weights="w", period="year")
    formula = "y ~ pilot + post + pilot:post + z + C(year)"
    later = frame.assign(year=frame["year"].where(frame["year"] != 2017, 2010))  # the year that post makes superfluous
    other = smf.wls(formula, later, weights=later["w"]).fit(cov_type="cluster", cov_kwds={"groups": later["area"]})
    assert found.effect.estimate == pytest.approx(other.params["pilot:post"], rel=1e-8)
    assert found.effect.std_error == pytest.approx(other.bse["pilot:post"], rel=1e-8)
    assert found.fit.dropped[0].term == "period[2017]"


def test_covariates_enter_the_collapsed_and_the_stacked_form():
    frame = panel(3)
    found = {row.method.value: row for row in asked(frame, covariates=["z"], period="year").inference}
    frame["unit"] = frame["area"] + frame["post"].astype(str)
    # one year of each phase is its base: the unit effects take up the rest
    merged = frame.assign(year=frame["year"].replace({2017: 2010}))
    whole = smf.ols("y ~ 0 + C(unit) + z + C(year)", merged).fit()
    level = whole.params.filter(like="C(unit)")
    level.index = [name[8:-1] for name in level.index]
    change = {a: level[a + "1"] - level[a + "0"] for a in frame["area"].unique()}
    known = stats.ttest_ind(
        [c for a, c in change.items() if a[0] == "P"], [c for a, c in change.items() if a[0] == "C"]
    )
    assert found["collapsed_t"].p_value == pytest.approx(known.pvalue, rel=1e-6)
    area, year = (np.unique(frame[name], return_inverse=True)[1] for name in ("area", "year"))
    x = every_dummy(area, np.zeros_like(area), year, frame.eval("effect = pilot * post")[["effect", "z"]].to_numpy())
    coef, covariance, df = bias_reduced(x, frame["y"].to_numpy(), np.ones(len(frame)), area)
    assert found["stacked"].estimate == pytest.approx(coef[0], rel=1e-8)
    assert found["stacked"].std_error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    assert found["stacked"].df == pytest.approx(df[0], rel=1e-8)


def test_one_pilot_is_judged_by_the_collapsed_form():
    found = asked(panel(4, pilots=1, comparators=9))
    assert found.headline.method == "collapsed_t"
    assert found.headline.df == 8
    assert "headline" in found._repr_html_()
    assert found.to_dict()["inference"] == found.to_rows()


@pytest.mark.skipif(not GOLDEN.is_dir(), reason="the golden results are not beside the repository")
def test_one_pilot_in_quarters_meets_the_printed_answer():
    frame = pd.read_csv(GOLDEN / "_data" / "organ_donations.csv")
    frame["pilot"] = (frame["State"] == "California").astype(int)
    frame["post"] = (frame["Quarter_Num"] > 3).astype(int)
    found = did(frame, outcome="Rate", pilot="pilot", post="post", area="State", period="Quarter")
    assert found.effect.estimate == pytest.approx(-0.022458974359, rel=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"post": 2}, "neither 0 nor 1"),
        ({"pilot": "yes"}, "neither 0 nor 1"),
        ({"area": "A"}, "pilots in some rows only"),
    ],
)
def test_bad_input_says_what_to_do(change, message):
    with pytest.raises(UsageError, match=message):
        asked(panel(5).assign(**change))


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_with_people_named_errors_clustered_on_them_stand_beside_the_others(estimator):
    frame = pd.concat([panel(seed) for seed in range(6)], ignore_index=True)
    frame["person"] = np.arange(len(frame)) // 3
    if estimator == "logit":
        frame["y"] = (frame["y"] > 1).astype(int)
    plain = asked(frame, estimator=estimator, weights="w")
    found = asked(frame, estimator=estimator, weights="w", person="person")
    row = found.inference[-1]
    assert found.inference[:-1] == plain.inference
    assert row.method == "person"
    who = frame["area"] + "/" + frame["person"].astype(str)
    formula = "y ~ pilot + post + pilot:post"
    if estimator == "linear":
        model = smf.wls(formula, frame, weights=frame["w"])
        known = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(who)[0]})
        assert row.std_error == pytest.approx(known.bse["pilot:post"], rel=1e-8)
        assert row.estimate == pytest.approx(known.params["pilot:post"], rel=1e-8)
    else:
        known = smf.glm(formula, frame, family=sm.families.Binomial(), freq_weights=frame["w"]).fit(tol=1e-14)
        x, p = known.model.exog, known.fittedvalues.to_numpy()
        w = frame["w"].to_numpy()
        bread = np.linalg.inv(x.T @ ((w * p * (1 - p))[:, None] * x))
        sums = pd.DataFrame(x * (w * (frame["y"].to_numpy() - p))[:, None]).groupby(who.to_numpy()).sum().to_numpy()
        groups, n = len(sums), len(frame)
        whole = groups / (groups - 1) * (n - 1) / (n - 4) * bread @ sums.T @ sums @ bread
        place = known.model.exog_names.index("pilot:post")
        assert row.std_error == pytest.approx(np.sqrt(whole[place, place]), rel=1e-7)
    assert row.df == who.nunique() - 1
