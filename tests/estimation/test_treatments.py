"""Doses, three levels and ratings: columns of plain regressions, and every test is asked about the effect."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from bias_reduction_by_hand import bias_reduced, every_dummy
from hypothesis import given, settings
from hypothesis import strategies as st

from whatworked.cells import NotEstimated
from whatworked.estimation.collapsed import area_changes, collapsed_slope, collapsed_t
from whatworked.estimation.covariance import estimate_cr1, satterthwaite
from whatworked.estimation.design import BeforeAfter, design_grams, row_design
from whatworked.estimation.grams import cell_grams
from whatworked.estimation.inference import Reading, infer, jackknife
from whatworked.estimation.linear import INTERCEPT, fit_linear
from whatworked.estimation.people import People
from whatworked.estimation.stacked import stacked
from whatworked.estimation.statistics import Cells
from whatworked.estimation.treatments import (
    AGAINST_SIMILAR,
    AGAINST_WITHOUT,
    AT_A_HIGH_RATING,
    DIFFERENCE,
    HIGH,
    SIMILAR,
    WITHOUT,
    Dose,
    PracticeModels,
    RatingDifference,
)
from whatworked.estimation.wild import wild_restricted

PILOTS, COMPARATORS = 4, 6
DOSES = {"P0": 1.0, "P1": 0.25, "P2": 0.6, "P3": 0.4}
SIMILAR_AREAS = frozenset({"C0", "C2", "C5"})
HIGH_ROWS = frozenset(
    (area, str(2010 + t))
    for i, area in enumerate(("P0", "P1", "P3", "C0", "C1", "C4"))
    for t in range(8)
    if (t >= 3) == (i % 2 == 0)
)
TREATMENTS = (Dose("delivery", DOSES), PracticeModels(SIMILAR_AREAS), RatingDifference(HIGH_ROWS))


def people(seed, n=600):
    """Rows of people in four matched groups of a pilot and three comparators, two of them shared."""
    rng = np.random.default_rng(seed)
    areas = tuple([f"P{i}" for i in range(PILOTS)] + [f"C{i}" for i in range(COMPARATORS)])
    group, role = rng.integers(0, PILOTS, n), rng.integers(0, 4, n)
    area = np.where(role == 0, group, PILOTS + (group + 2 * role) % COMPARATORS)
    period = rng.integers(0, 8, n)
    return People(
        areas,
        tuple(f"P{i}" for i in range(PILOTS)),
        tuple(str(2010 + t) for t in range(8)),
        np.arange(len(areas)) < PILOTS,
        area,
        group,
        period,
        period - 4 - group % 2,
        100 * area + rng.integers(0, 20, n),
        np.arange(n),
        np.arange(n),
        rng.normal(size=n),
        rng.uniform(0.2, 2.0, n),
        (),
    )


def naive(rows, treatment):
    """The columns from the formulas, row by row."""
    found = {INTERCEPT: [], "post": []}
    for a, t, k in zip(rows.area, rows.period, rows.since, strict=True):
        area, post = rows.areas[a], float(k >= 0)
        pilot, high = float(area[0] == "P"), float((area, rows.periods[t]) in HIGH_ROWS)
        one = {INTERCEPT: 1.0, "post": post}
        match treatment:
            case Dose():
                one |= {"delivery score": DOSES.get(area, 0.0), "delivery score:post": DOSES.get(area, 0.0) * post}
            case PracticeModels():
                similar = float(area in SIMILAR_AREAS)
                without = 1.0 - pilot - similar
                one |= {SIMILAR: similar, WITHOUT: without}
                one |= {f"{SIMILAR}:post": similar * post, f"{WITHOUT}:post": without * post}
            case RatingDifference():
                one |= {"pilot": pilot, HIGH: high, "pilot:post": pilot * post, DIFFERENCE: pilot * post * high}
                one |= {f"pilot:{HIGH}": pilot * high, f"post:{HIGH}": post * high}
        one |= {f"period[{year}]": float(rows.periods[t] == year) for year in rows.periods[1:]}
        for name, value in one.items():
            found.setdefault(name, []).append(value)
    return {name: np.array(column) for name, column in found.items()}


def fitted(rows, treatment):
    cells = rows.cells()
    grams = design_grams(cells, treatment)
    return cells, grams, fit_linear(grams)


def menu_of(rows, treatment):
    return infer(*fitted(rows, treatment), Reading("points", 3), treatment=treatment)


@pytest.mark.parametrize("treatment", TREATMENTS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_term_is_that_of_least_squares_on_rows_with_explicit_columns(treatment, seed):
    rows = people(seed)
    columns = naive(rows, treatment)
    names, matrix = row_design(rows, treatment)
    assert set(names) == set(columns)
    for name, column in zip(names, matrix.T, strict=True):
        assert np.array_equal(column, columns[name]), name
    _, _, fit = fitted(rows, treatment)
    known = sm.WLS(rows.outcome, np.column_stack([columns[name] for name in fit.names]), weights=rows.weight).fit(
        cov_type="cluster", cov_kwds={"groups": rows.area}
    )
    assert treatment.effect.term in fit.names
    for place, name in enumerate(fit.names):
        found = estimate_cr1(fit, name, "")
        assert found.estimate == pytest.approx(known.params[place], rel=1e-8, abs=1e-10)
        assert found.std_error == pytest.approx(known.bse[place], rel=1e-8)


def test_the_triple_difference_of_the_injury_data_is_that_of_r(golden):
    rows = golden.rows("_data/injury.csv")
    expected = golden.expected("10-event-study-joint-f-triple")["injury_triple_HC1"]
    n = len(rows)
    flags = {name: np.array([row[name] == "1" for row in rows]) for name in ("afchnge", "highearn", "ky")}
    assert all(0 < flag.sum() < n for flag in flags.values())
    y, ones, each = np.array([float(row["ldurat"]) for row in rows]), np.ones(n), np.arange(n)
    areas = tuple(f"row {i}" for i in each)
    cells = Cells.even(
        areas,
        ("all",),
        ("all",),
        flags["highearn"],
        each,
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.int64),
        flags["afchnge"].astype(np.int64) - 1,
        weight=ones,
        count=ones,
        total=y,
        squares=y**2,
    )
    treatment = RatingDifference(frozenset((areas[i], "all") for i in np.flatnonzero(flags["ky"])))
    fit = fit_linear(design_grams(cells, treatment))
    ours = {
        "(Intercept)": INTERCEPT,
        "afchnge": "post",
        "highearn": "pilot",
        "ky": HIGH,
        "afchnge:highearn": "pilot:post",
        "afchnge:ky": f"post:{HIGH}",
        "highearn:ky": f"pilot:{HIGH}",
        "afchnge:highearn:ky": DIFFERENCE,
    }
    assert set(ours) == set(expected["coef"])
    for theirs, term in ours.items():
        # every row a cluster of its own is R's HC1
        found = estimate_cr1(fit, term, "")
        assert found.estimate == pytest.approx(expected["coef"][theirs], rel=1e-8)
        assert found.std_error == pytest.approx(expected["se"][theirs], rel=1e-8)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_dose_that_is_full_for_every_pilot_is_the_main_effect_under_every_test(seed):
    rows = people(seed)
    main = menu_of(rows, BeforeAfter())
    full = menu_of(rows, Dose("embeddedness", dict.fromkeys(DOSES, 1.0)))
    for ours, known in ((full.cr1, main.cr1), (full.cr2, main.cr2), (full.cr3, main.cr3), (full.stacked, main.stacked)):
        assert ours.estimate == pytest.approx(known.estimate, rel=1e-8)
        assert ours.std_error == pytest.approx(known.std_error, rel=1e-8)
        assert ours.df == pytest.approx(known.df, rel=1e-6)
    assert full.wild == main.wild
    assert full.collapsed.estimate.estimate == pytest.approx(main.collapsed.estimate.estimate, rel=1e-8)
    assert full.collapsed.estimate.std_error == pytest.approx(main.collapsed.estimate.std_error, rel=1e-8)
    assert full.collapsed.estimate.df == main.collapsed.estimate.df
    assert full.cr1.term == "embeddedness score:post"
    assert isinstance(full.randomisation, NotEstimated)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(0.1, 0.9))
def test_halving_every_dose_doubles_the_effect_of_a_full_one_and_no_p_value(seed, share):
    rows = people(seed)
    whole, less = (
        menu_of(rows, Dose("delivery", {area: dose * part for area, dose in DOSES.items()})) for part in (1.0, share)
    )
    for ours, known in (
        (less.cr1, whole.cr1),
        (less.cr2, whole.cr2),
        (less.collapsed.estimate, whole.collapsed.estimate),
    ):
        assert ours.estimate * share == pytest.approx(known.estimate, rel=1e-7)
        assert ours.p_value == pytest.approx(known.p_value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_effect_against_comparators_without_a_similar_model_is_a_coefficient_of_the_model_with_another_base(seed):
    rows = people(seed)
    treatment = PracticeModels(SIMILAR_AREAS)
    menu = menu_of(rows, treatment)
    cells = rows.cells()
    pilot, post = cells.pilot[cells.area].astype(float), cells.post.astype(float)
    similar = np.array([cells.areas[a] in SIMILAR_AREAS for a in cells.area], dtype=float)
    years = [(cells.period == t).astype(float) for t in range(1, 8)]
    names = (INTERCEPT, "pilot", SIMILAR, "post", "effect", "other", *(f"year {t}" for t in range(1, 8)))
    matrix = np.column_stack([np.ones(len(post)), pilot, similar, post, pilot * post, similar * post, *years])
    fit = fit_linear(cell_grams(cells, matrix, names=names))
    for ours, known in (
        (menu.cr1, estimate_cr1(fit, "effect", "")),
        (menu.cr2, satterthwaite(fit, "effect", "")),
        (menu.cr3, jackknife(fit, "", "effect")),
    ):
        assert ours.term == AGAINST_WITHOUT
        assert ours.estimate == pytest.approx(known.estimate, rel=1e-8)
        assert ours.std_error == pytest.approx(known.std_error, rel=1e-8)
        assert ours.conf_low == pytest.approx(known.conf_low, rel=1e-6)
    wild = wild_restricted(fit, "effect", seed=3)
    assert menu.wild.p_value == wild.p_value
    assert menu.wild.estimate == pytest.approx(wild.estimate, rel=1e-8)
    assert menu.wild.conf_low == pytest.approx(wild.conf_low, rel=1e-6)
    assert menu.wild.conf_high == pytest.approx(wild.conf_high, rel=1e-6)
    mine = cells.keep(np.array([cells.areas[a] not in SIMILAR_AREAS for a in cells.area]))
    assert menu.collapsed == collapsed_t(mine, term=AGAINST_WITHOUT, unit="points")
    assert menu.stacked == stacked(mine, unit="points", term=AGAINST_WITHOUT)
    assert [one.name for one in treatment.others] == [AGAINST_WITHOUT, AGAINST_SIMILAR]


def test_the_effect_at_a_high_rating_is_named_as_the_sum_of_its_two_terms():
    (total,) = RatingDifference(HIGH_ROWS).others
    assert total.name == AT_A_HIGH_RATING
    assert dict(total.parts) == {"pilot:post": 1.0, DIFFERENCE: 1.0}


def test_a_method_without_a_meaning_for_a_treatment_gives_its_reason():
    rating, models = menu_of(people(2), TREATMENTS[2]), menu_of(people(2), TREATMENTS[1])
    reasons = [rating.randomisation, rating.collapsed, rating.stacked, models.randomisation]
    assert all(isinstance(found, NotEstimated) and found.reason for found in reasons)


def test_an_empty_class_of_comparators_drops_with_its_reason_and_leaves_the_main_effect():
    rows = people(4)
    _, _, fit = fitted(rows, PracticeModels(frozenset()))
    assert {dropped.term: dropped.reason for dropped in fit.dropped if "similar" in dropped.term} == {
        SIMILAR: "no row has it",
        f"{SIMILAR}:post": "no row has it",
    }
    main = menu_of(rows, BeforeAfter())
    ours = menu_of(rows, PracticeModels(frozenset()))
    assert ours.cr1.estimate == pytest.approx(main.cr1.estimate, rel=1e-8)
    assert ours.cr1.std_error == pytest.approx(main.cr1.std_error, rel=1e-8)
    everyone = menu_of(rows, PracticeModels(frozenset(area for area in rows.areas if area[0] == "C")))
    assert everyone.cr1 == NotEstimated("no row has it")
    assert isinstance(everyone.collapsed, NotEstimated)
    assert isinstance(everyone.wild, NotEstimated)


def test_ratings_that_are_all_low_or_all_high_leave_no_difference():
    rows = people(4)
    every = frozenset((area, period) for area in rows.areas for period in rows.periods)
    assert menu_of(rows, RatingDifference(frozenset())).cr1 == NotEstimated("no row has it")
    assert "collinear" in menu_of(rows, RatingDifference(every)).cr1.reason


def test_the_collapsed_slope_is_plain_least_squares_of_the_areas_changes_on_their_scores():
    rows = people(7)
    cells = rows.cells()
    scores = np.array([DOSES.get(area, 0.0) for area in rows.areas])
    changes, _ = area_changes(cells)
    assert np.isfinite(changes).all()
    known = sm.OLS(changes, np.column_stack([np.ones(len(scores)), scores])).fit()
    found = collapsed_slope(cells, scores, term="t", unit="").estimate
    assert found.estimate == pytest.approx(known.params[1], rel=1e-9)
    assert found.std_error == pytest.approx(known.bse[1], rel=1e-9)
    assert found.p_value == pytest.approx(known.pvalues[1], rel=1e-8)
    assert collapsed_slope(cells, np.zeros(len(scores)), term="t", unit="") == NotEstimated(
        "the areas with rows in both phases all have the same score"
    )


def test_the_stacked_form_of_a_dose_is_least_squares_with_all_dummies():
    rows = people(8, n=900)
    scores = np.array([DOSES.get(area, 0.0) for area in rows.areas])
    post = rows.post.astype(float)
    x = every_dummy(rows.area, rows.group, rows.period, np.column_stack([scores[rows.area] * post, post]))
    coef, covariance, df = bias_reduced(x, rows.outcome, rows.weight, rows.area)
    found = stacked(rows.cells(), unit="", scores=scores, term="dose")
    assert found.estimate == pytest.approx(coef[0], rel=1e-8)
    assert found.std_error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    assert found.df == pytest.approx(df[0], rel=1e-8)
    assert found.term == "dose"


def test_a_shift_of_the_outcome_moves_no_treatment_effect():
    rows = people(9)
    for treatment in TREATMENTS:
        moved = replace(rows, origin=rows.origin + 1e6)
        assert menu_of(moved, treatment).cr1.estimate == pytest.approx(menu_of(rows, treatment).cr1.estimate, rel=1e-9)
