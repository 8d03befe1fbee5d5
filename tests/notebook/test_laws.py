"""Laws that every estimator obeys, asked through `regress` and `did`: identities, not numbers of another program."""

import numpy as np
import pandas as pd
import pytest

from whatworked import did, event_study, regress
from whatworked.cells import NotEstimated
from whatworked.errors import UsageError

ESTIMATORS = ("linear", "logit", "fixed_effects", "random_effects")
LINEAR = ("linear", "fixed_effects", "random_effects")
KINDS = ("classical", "hc1", "cr1", "cr2", "cr3", "person")
TERMS = ("pilot", "post", "pp", "x", "kind")


def drawn(seed=0, *, people=90, areas=9):
    """People seen one to five times, in areas; numbers are multiples of 1/64, so that shifting them is exact."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), rng.integers(1, 6, people))
    n, place = len(who), who % areas
    frame = pd.DataFrame({"who": who, "area": [f"A{a}" for a in place], "pilot": (place < areas // 2).astype(float)})
    frame["post"] = rng.integers(0, 2, n).astype(float)
    frame["pp"] = frame["pilot"] * frame["post"]
    frame["x"] = np.round(rng.normal(size=n) * 64) / 64
    frame["kind"] = rng.choice(["a", "b", "c"], n)
    frame["w"] = np.round(rng.uniform(0.5, 2, n) * 8) / 8
    own = rng.normal(size=people)[who]
    frame["y"] = np.round((frame["x"] + 0.7 * frame["pp"] + own + rng.normal(size=n)) * 64) / 64
    frame["b"] = (frame["y"] > 0.3).astype(float)
    return frame


def fitted(frame, estimator="linear", **options):
    outcome = "b" if estimator == "logit" else "y"
    options = {"terms": list(TERMS), "weights": "w", "area": "area", "person": "who"} | options
    return regress(frame, outcome=outcome, estimator=estimator, **options)


def same(one, other, *, rel=1e-8, factor=1.0, but=(), kinds=KINDS):
    """All coefficients and errors alike, the other's being `factor` times as large; those of `but` aside."""
    assert other.names == one.names
    for name in one.names:
        for kind in kinds:
            mine, its = one.estimate(name, kind), other.estimate(name, kind)
            if isinstance(mine, NotEstimated):
                assert isinstance(its, NotEstimated)
                continue
            if name not in but:
                assert its.estimate == pytest.approx(mine.estimate * factor, rel=rel, abs=1e-10 * factor)
            assert its.std_error == pytest.approx(mine.std_error * factor, rel=rel * 10)
            assert its.df == pytest.approx(mine.df, rel=1e-6)


@pytest.mark.parametrize("constant", [1.0, -1e3, 1e9])
@pytest.mark.parametrize("estimator", LINEAR)
def test_a_constant_added_to_the_outcome_moves_the_intercept_alone(estimator, constant):
    frame = drawn()
    plain, moved = fitted(frame, estimator), fitted(frame.assign(y=frame["y"] + constant), estimator)
    same(plain, moved, but=("(intercept)",), rel=1e-7)
    if estimator != "fixed_effects":
        intercepts = moved.estimate("(intercept)").estimate, plain.estimate("(intercept)").estimate
        assert intercepts[0] - intercepts[1] == pytest.approx(constant, rel=1e-9)
    assert moved.r_squared == pytest.approx(plain.r_squared, rel=1e-7)
    assert moved.wild_bootstrap("pp").p_value == plain.wild_bootstrap("pp").p_value


@pytest.mark.parametrize(
    ("estimator", "constant"),
    [*((name, 1e3) for name in ESTIMATORS), ("logit", 1e6), ("fixed_effects", 1e9)],
)
def test_a_constant_added_to_a_covariate_moves_the_intercept_alone(estimator, constant):
    frame = drawn()
    plain, moved = fitted(frame, estimator), fitted(frame.assign(x=frame["x"] + constant), estimator)
    for name in set(plain.names) - {"(intercept)"}:
        for kind in ("classical", "cr1"):
            one, other = plain.estimate(name, kind), moved.estimate(name, kind)
            assert (other.estimate, other.std_error) == pytest.approx((one.estimate, one.std_error), rel=1e-5)


@pytest.mark.parametrize("estimator", ["linear", "random_effects"])
def test_a_covariate_too_far_from_nought_is_refused_before_it_is_taken_for_a_constant(estimator):
    frame = drawn()
    far = frame.assign(x=frame["x"] + 1e9, kind="a")
    with pytest.raises(UsageError, match="x: its numbers are too alike, for their size, to be told from a constant"):
        fitted(far, estimator)
    for call in (did, event_study):
        options = {"post": "post"} if call is did else {"time": "post", "start": 1}
        with pytest.raises(UsageError, match="Subtract a round number near their mean"):
            call(far, outcome="y", pilot="pilot", area="area", covariates=["x"], **options)
    assert fitted(frame.assign(x=7.0), estimator).dropped[0].reason == "collinear with (intercept)"


@pytest.mark.parametrize("scale", [1e-12, -8.0, 1e12])
@pytest.mark.parametrize("estimator", LINEAR)
def test_the_scale_of_the_outcome_is_the_scale_of_everything(estimator, scale):
    frame = drawn(1)
    scaled = fitted(frame.assign(y=frame["y"] * abs(scale)), estimator)
    same(fitted(frame, estimator), scaled, factor=abs(scale))
    turned = fitted(frame.assign(y=-frame["y"]), estimator)
    assert turned.coef == pytest.approx(-fitted(frame, estimator).coef, rel=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_scale_of_a_covariate_is_that_of_its_own_coefficient_alone(estimator, scale):
    frame = drawn(2)
    plain, scaled = fitted(frame, estimator), fitted(frame.assign(x=frame["x"] * scale), estimator)
    for name in plain.names:
        for kind in ("classical", "cr1", "cr3", "person"):
            one, other, by = plain.estimate(name, kind), scaled.estimate(name, kind), scale if name == "x" else 1.0
            assert (other.estimate * by, other.std_error * by) == pytest.approx((one.estimate, one.std_error), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_scale_of_the_weights_changes_no_clustered_answer(estimator, scale):
    frame = drawn(3)
    plain, scaled = fitted(frame, estimator), fitted(frame.assign(w=frame["w"] * scale), estimator)
    same(plain, scaled, kinds=("hc1", "cr1", "cr2", "cr3", "person"))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_order_of_rows_changes_nothing(estimator):
    frame = drawn(4)
    plain = fitted(frame, estimator)
    for seed in range(3):
        same(plain, fitted(frame.sample(frac=1, random_state=seed), estimator), rel=1e-10)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_names_of_areas_and_people_change_nothing(estimator):
    frame = drawn(5)
    names = {f"A{i}": name for i, name in enumerate(["Ж", "10", "9", "ø", "<i>", "b", "B", " b", "東"])}
    people = [f"{w * 7 % 1000}é" for w in frame["who"]]
    plain, renamed = (
        fitted(frame, estimator),
        fitted(frame.assign(area=frame["area"].map(names), who=people), estimator),
    )
    same(plain, renamed, rel=1e-10)
    assert renamed.wild_bootstrap("pp").p_value == plain.wild_bootstrap("pp").p_value


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_row_given_twice_is_a_row_of_twice_the_weight(estimator):
    """In all but what counts rows: n − k in an error, and in random effects the split of the variance."""
    frame = drawn(6)
    twice = np.random.default_rng(0).uniform(size=len(frame)) < 0.3
    copied = pd.concat([frame, frame[twice]])
    heavier = frame.assign(w=frame["w"] * np.where(twice, 2, 1))
    if estimator == "fixed_effects":
        seen = frame.groupby("who")["y"].transform("size") > 1
        copied, heavier = pd.concat([frame[seen], frame[seen & twice]]), heavier[seen]
    one, other = fitted(copied, estimator), fitted(heavier, estimator)
    if estimator == "random_effects":
        assert one.coef == pytest.approx(other.coef, rel=0.15, abs=0.05)
        return
    assert one.coef == pytest.approx(other.coef, rel=1e-9, abs=1e-12)
    k = len(one.names) + (estimator == "fixed_effects")
    rows = [(fit.rows - 1) / (fit.rows - k) for fit in (one, other)]
    assert one.covariance("cr1") / rows[0] == pytest.approx(other.covariance("cr1") / rows[1], rel=1e-7, abs=1e-12)
    assert one.covariance("cr3") == pytest.approx(other.covariance("cr3"), rel=1e-6, abs=1e-10)


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_areas_of_one_row_make_cr1_what_hc1_is_but_for_its_factor(estimator):
    """CR1 has G/(G−1)·(n−1)/(n−k) and HC1 n/(n−k): with G = n these are the same number."""
    frame = drawn(7).reset_index()
    fit = fitted(frame, estimator, area="index")
    n, k = fit.rows, len(fit.names)
    factor = n / (n - 1) * (n - 1) / (n - k) / (n / (n - k))
    assert factor == pytest.approx(1)
    assert fit.covariance("cr1") == pytest.approx(fit.covariance("hc1"), rel=1e-8)


def test_a_saturated_logit_is_the_log_odds_ratio():
    frame = drawn(8)
    fit = fitted(frame, "logit", terms=["pilot", "post", "pp"])
    share = frame.groupby(["pilot", "post"]).apply(lambda g: np.average(g["b"], weights=g["w"]), include_groups=False)
    logit = np.log(share / (1 - share))
    assert fit.coef[3] == pytest.approx(logit[1, 1] - logit[1, 0] - logit[0, 1] + logit[0, 0], rel=1e-9)
    assert fit.odds_ratio("pp").ratio == pytest.approx(np.exp(fit.coef[3]))


def test_fixed_effects_are_dummies_and_with_two_rows_first_differences():
    frame = drawn(9)
    frame = frame[frame.groupby("who").cumcount() < 2]
    frame = frame[frame.groupby("who")["y"].transform("size") == 2].assign(w=1.0)
    terms = ["post", "pp", "x", "kind"]
    fixed = fitted(frame, "fixed_effects", terms=terms)
    dummies = fitted(frame.assign(label=[f"p{w}" for w in frame["who"]]), terms=["label", *terms])
    wanted = [dummies.names.index(name) for name in fixed.names]
    assert fixed.coef == pytest.approx(dummies.coef[wanted], rel=1e-8)
    grid = np.ix_(wanted, wanted)
    assert fixed.covariance("classical") == pytest.approx(dummies.covariance("classical")[grid], rel=1e-7)
    free = [(fixed.rows - len(fixed.names) - 1), (dummies.rows - len(dummies.names))]
    assert fixed.covariance("cr1") * free[0] == pytest.approx(dummies.covariance("cr1")[grid] * free[1], rel=1e-7)
    numbers = pd.get_dummies(frame, columns=["kind"], dtype=float)
    first, second = (numbers[numbers.groupby("who").cumcount() == i].set_index("who") for i in (0, 1))
    columns = ["post", "pp", "x", "kind_b", "kind_c"]
    change = (second[[*columns, "y"]] - first[[*columns, "y"]]).to_numpy()
    assert fixed.coef == pytest.approx(np.linalg.lstsq(change[:, :-1], change[:, -1], rcond=None)[0], rel=1e-8)


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_cr3_is_leaving_out_each_area_by_hand(estimator):
    frame = drawn(10)
    fit = fitted(frame, estimator)
    without = [fitted(frame[frame["area"] != area], estimator).coef for area in sorted(set(frame["area"]))]
    shifts = np.array(without) - fit.coef
    assert len(shifts) == 9
    assert fit.covariance("cr3") == pytest.approx(8 / 9 * shifts.T @ shifts, rel=1e-6, abs=1e-9)


def test_cr3_of_fixed_effects_is_leaving_out_each_area_by_hand():
    """Units nest in areas, so that leaving an area out takes its unit effects along."""
    frame = drawn(10)
    terms = ["post", "pp", "x"]
    fit = fitted(frame, "fixed_effects", terms=terms)
    areas = sorted(set(frame["area"]))
    without = [fitted(frame[frame["area"] != area], "fixed_effects", terms=terms).coef for area in areas]
    shifts = np.array(without) - fit.coef
    assert fit.covariance("cr3") == pytest.approx(8 / 9 * shifts.T @ shifts, rel=1e-7)


@pytest.mark.parametrize("estimator", LINEAR)
def test_with_more_coefficients_than_areas_nothing_is_silent(estimator):
    frame = drawn(11, areas=3)
    rng = np.random.default_rng(0)
    more = [f"c{i}" for i in range(6)]
    frame = frame.assign(**{name: rng.normal(size=len(frame)) for name in more})
    fit = fitted(frame, estimator, terms=[*TERMS, *more])
    assert len(fit.names) > 3
    for kind in KINDS:
        for name in fit.names:
            found = fit.estimate(name, kind)
            assert isinstance(found, NotEstimated) or (np.isfinite(found.std_error) and found.df > 0)
    assert np.linalg.matrix_rank(fit.covariance("cr1"), tol=1e-9) <= 3


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_of_collinear_terms_the_later_leave_and_say_with_what(estimator):
    frame = drawn(12).assign(again=lambda f: 2 * f["pilot"] - 3, sum=lambda f: f["post"] + f["x"], one=1.0)
    terms = ["pilot", "post", "pp", "x", "again", "sum", "one"]
    fit = fitted(frame, estimator, terms=terms)
    reasons = {entry.term: entry.reason for entry in fit.dropped}
    if estimator == "fixed_effects":
        assert set(reasons) == {"pilot", "again", "sum", "one"}
    else:
        assert set(reasons) == {"again", "sum", "one"}
        assert "pilot" in reasons["again"]
        assert reasons["one"] == "collinear with (intercept)"
    assert reasons["sum"] == "collinear with post and x"
    other = fitted(frame, estimator, terms=["pilot", "sum", "pp", "x", "post"])
    assert {entry.term for entry in other.dropped} - {"pilot"} == {"post"}


@pytest.mark.parametrize("estimator", ["linear", "logit"])
def test_did_is_regress_with_its_three_terms_and_obeys_the_same_laws(estimator):
    frame = drawn(13)
    options = {"pilot": "pilot", "post": "post", "area": "area", "covariates": ["x"], "weights": "w"}
    outcome = "b" if estimator == "logit" else "y"
    found = did(frame, outcome=outcome, estimator=estimator, **options)
    plain = fitted(frame, estimator, terms=["pilot", "post", "pp", "x"]).estimate("pp")
    assert (found.effect.estimate, found.effect.std_error) == pytest.approx((plain.estimate, plain.std_error), rel=1e-8)
    mixed = did(frame.sample(frac=1, random_state=0), outcome=outcome, estimator=estimator, **options)
    for one, other in zip(found.inference, mixed.inference, strict=True):
        if one.p_value is None:
            assert (other.p_value, other.note) == (None, one.note)
        else:
            assert (other.p_value, other.estimate) == pytest.approx((one.p_value, one.estimate), rel=1e-7)
    if estimator == "linear":
        moved = did(frame.assign(y=frame["y"] + 1e9), outcome="y", **options)
        for one, other in zip(found.inference, moved.inference, strict=True):
            assert other.p_value == pytest.approx(one.p_value, rel=1e-5)
            assert other.estimate == pytest.approx(one.estimate, rel=1e-6)
