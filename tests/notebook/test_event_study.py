"""`event_study`: differences of means, statsmodels, dates and periods, own starts, the settling-in, and bad input."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from whatworked import event_study
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError


def panel(seed=0, *, areas=9, years=8, each=3):
    rng = np.random.default_rng(seed)
    area, year = (part.ravel() for part in np.meshgrid(np.arange(areas), 2010 + np.arange(years), indexing="ij"))
    frame = pd.DataFrame({"area": np.repeat(area, each), "year": np.repeat(year, each)})
    frame["pilot"] = (frame["area"] < 4).astype(int)
    frame["w"] = rng.uniform(0.5, 2, len(frame))
    frame["x"] = rng.normal(size=len(frame))
    frame["y"] = 0.5 * frame["x"] + 2.0 * frame["pilot"] * (frame["year"] >= 2015) + rng.normal(size=len(frame))
    frame["day"] = [f"{y}-07-01" for y in frame["year"]]
    return frame


def asked(data, **options):
    named = {"outcome": "y", "pilot": "pilot", "area": "area", "time": "year", "start": 2015, **options}
    return event_study(data, **named)


def test_each_effect_is_a_double_difference_against_the_last_period_before_the_start():
    frame = panel(1)
    found = asked(frame)
    means = frame.groupby(["pilot", "year"])["y"].mean()
    assert list(found.effects) == [-5, -4, -3, -2, 0, 1, 2]
    for k, effect in found.effects.items():
        double = means[1, 2015 + k] - means[0, 2015 + k] - (means[1, 2014] - means[0, 2014])
        assert effect.estimate == pytest.approx(double, rel=1e-9)
    assert len(found.leads.estimated) == 4
    assert found.leads.insignificant == sum(found.effects[k].p_value >= 0.05 for k in range(-5, -1))


def test_with_weights_and_covariates_it_equals_statsmodels():
    frame = panel(2)
    found = asked(frame, covariates=["x"], weights="w")
    dummies = " + ".join(f"I((year == {y}) * pilot)" for y in range(2010, 2018) if y != 2014)
    model = smf.wls(f"y ~ pilot + C(year) + {dummies} + x", frame, weights=frame["w"])
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": frame["area"]})
    for k, effect in found.effects.items():
        name = f"I((year == {2015 + k}) * pilot)"
        assert effect.estimate == pytest.approx(fit.params[name], rel=1e-8)
        assert effect.std_error == pytest.approx(fit.bse[name], rel=1e-8)
        assert effect.df == 8


def test_days_are_counted_in_whole_years_whatever_their_form():
    frame = panel(3)
    whole = asked(frame).to_rows()
    for form in (frame["day"], pd.to_datetime(frame["day"]), [date.fromisoformat(d) for d in frame["day"]]):
        given = frame.assign(when=form)
        assert asked(given, time="when", start="2015-01-01").to_rows() == whole
        assert asked(given, time="when", start=date(2015, 1, 1)).to_rows() == whole


def test_every_row_may_have_a_start_and_an_end_of_the_settling_in_of_its_own():
    frame = panel(4)
    late = frame["area"].isin([0, 1, 4, 5])
    own = frame.assign(start=np.where(late, 2015, 2014), embedded=np.where(late, 2015, 2015))
    found = asked(own, start="start", embedded="embedded")
    settling = ((own["year"] >= own["start"]) & (own["year"] <= own["embedded"])).sum()
    assert found.left_out == {"settling in": settling}
    assert found.rows == len(frame) - settling
    kept = own[~((own["year"] >= own["start"]) & (own["year"] <= own["embedded"]))]
    k = np.where(kept["year"] < kept["start"], kept["year"] - kept["start"], kept["year"] - kept["embedded"] - 1)
    assert list(found.effects) == [t for t in sorted(set(k)) if t != -1]
    columns = {"one": np.ones(len(kept)), "pilot": kept["pilot"].to_numpy()}
    columns |= {f"since{t}": (k == t) * 1.0 for t in sorted(set(k)) if t != -1}
    columns |= {t: kept["pilot"].to_numpy() * (k == t) for t in sorted(set(k)) if t != -1}
    fit = sm.OLS(kept["y"].to_numpy(), pd.DataFrame(columns)).fit()
    assert {t: found.effects[t].estimate for t in found.effects} == pytest.approx(
        {t: fit.params[t] for t in found.effects}
    )


def test_a_logit_has_log_odds_and_separation_is_a_reason():
    frame = panel(5, each=12)
    frame["y"] = (frame["y"] > 0.5).astype(int)
    found = asked(frame, estimator="logit")
    shares = frame.groupby(["pilot", "year"])["y"].mean()
    odds = np.log(shares / (1 - shares))
    for k, effect in found.effects.items():
        double = odds[1, 2015 + k] - odds[0, 2015 + k] - (odds[1, 2014] - odds[0, 2014])
        assert effect.estimate == pytest.approx(double, rel=1e-7)
    none = frame.assign(y=np.where((frame["pilot"] == 1) & (frame["year"] == 2016), 1, frame["y"]))
    assert isinstance(asked(none, estimator="logit"), NotEstimated)


def test_without_leads_trends_are_not_judged_and_the_result_prints():
    found = asked(panel(6), start=2011)
    assert found.leads.hold is None
    assert isinstance(found.joint, NotEstimated)
    written = found.to_dict()
    assert written["trends_hold"] is None
    assert len(written["effects"]) == len(found.effects)
    assert found._repr_html_().count("<tr>") == len(found.effects) + 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"start": "begins"}, "begins"),
        ({"estimator": "probit"}, "probit"),
        ({"time": "words", "start": "2015-01-01"}, "neither days nor numbers"),
        ({"start": 2000, "embedded": 2030}, "no row lies before"),
        ({"pilot": "year"}, "neither 0 nor 1"),
        ({"start": "2015-01-01"}, "start is a day"),
        ({"time": "day", "start": 2015}, "start is a number"),
        ({"embedded": "2015-06-30"}, "embedded is a day"),
    ],
)
def test_what_cannot_be_used_is_refused_without_a_value(change, says):
    frame = panel(7).assign(words="canary")
    with pytest.raises(UsageError, match=says) as refused:
        asked(frame, **change)
    assert "canary" not in str(refused.value)
