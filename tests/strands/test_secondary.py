"""Secondary analyses: every family of model has them, planted differences are found, and who is unknown leaves."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import statsmodels.api as sm
from invented_study import invented, write_study
from scipy.special import expit

from whatworked import read_protocol, run
from whatworked.door.samples import Matched, Sample
from whatworked.estimation.design import row_design
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.people import People
from whatworked.estimation.treatments import (
    AGAINST_SIMILAR,
    AGAINST_WITHOUT,
    AT_A_HIGH_RATING,
    DIFFERENCE,
    WITHOUT,
    Dose,
    PracticeModels,
    RatingDifference,
)
from whatworked.findings.model import Effect
from whatworked.protocol.secondary import Inspection
from whatworked.strands.models import Readings, fit_model
from whatworked.strands.secondary import is_high
from whatworked.tables.names import AreaNames
from whatworked.tables.secondary import secondary_passages
from whatworked.vocabulary import Estimator, Period, Role

AREAS = ("P0", "P1", "P2", "C0", "C1", "C2", "C3")
DOSES = {"P0": 1.0, "P1": 0.3, "P2": 0.7}
HIGH_YEARS = {"P0": range(8), "P1": (6, 7), "P2": (0, 1, 6, 7), "C1": range(8), "C3": range(8)}
HIGH = frozenset((area, str(2010 + t)) for area, years in HIGH_YEARS.items() for t in years)
TREATMENTS = (Dose("embeddedness", DOSES), PracticeModels(frozenset({"C0", "C2"})), RatingDifference(HIGH))
READINGS = Readings("share", 1, 0.05)


def sample(seed, *, outcome="share", n=900):
    """Rows of people seen several times, in groups of a pilot and two comparators."""
    rng = np.random.default_rng(seed)
    group, role = rng.integers(0, 3, n), rng.integers(0, 3, n)
    area = np.where(role == 0, group, 3 + (group + role) % 4)
    period = rng.integers(0, 8, n)
    pilot = np.arange(7) < 3
    person = 40 * area + rng.integers(0, 40, n)
    treated = pilot[area] & (period >= 4 + group % 2)
    chance = 0.35 + 0.03 * np.sin(area) - 0.15 * treated
    y = (rng.random(n) < chance).astype(float) if outcome == "share" else rng.normal(size=n) - treated
    people = People(
        AREAS,
        ("P0", "P1", "P2"),
        tuple(str(2010 + t) for t in range(8)),
        pilot,
        area,
        group,
        period,
        period - 4 - group % 2,
        person,
        np.arange(n),
        np.arange(n),
        y,
        rng.uniform(0.5, 1.5, n),
        (),
    )
    matched = Matched(people, (), np.zeros(n, dtype=np.int64), ())
    return Sample(people.cells(), matched)


@pytest.mark.parametrize("treatment", TREATMENTS, ids=lambda one: type(one).__name__)
def test_every_family_answers_about_the_effect_of_every_treatment(treatment):
    for family in Estimator:
        model = fit_model(sample(1), family, treatment, READINGS)
        menu = model.menu(READINGS)
        assert model.estimator is family
        assert isinstance(model.effect, Estimate)
        assert model.effect.term == treatment.effect.name
        assert menu.cr1 == model.effect
        assert menu.wild.estimate == pytest.approx(model.effect.estimate, rel=1e-9)
        assert menu.cr3.estimate == pytest.approx(model.effect.estimate, rel=1e-9)


def test_fixed_effects_of_a_dose_are_least_squares_with_a_dummy_for_every_person():
    data = sample(2, outcome="number", n=400)
    again = data.matched.repeated.modelled
    model = fit_model(data, Estimator.FIXED_EFFECTS, TREATMENTS[0], READINGS)
    dose = np.array([DOSES.get(AREAS[a], 0.0) for a in again.area]) * again.post
    unit = again.person * 3 + again.group
    dummies = [(unit == value).astype(float) for value in np.unique(unit)]
    years = [(again.period == t).astype(float) for t in range(1, 8)]
    x = np.column_stack([dose, again.post.astype(float), *years, *dummies])
    root = np.sqrt(again.weight)
    known = np.linalg.lstsq(x * root[:, None], again.outcome * root, rcond=None)[0][0]
    assert model.effect.estimate == pytest.approx(known, rel=1e-8)


@pytest.mark.parametrize("treatment", TREATMENTS, ids=lambda one: type(one).__name__)
def test_the_sum_and_the_turned_terms_have_the_errors_of_a_regression_with_other_columns(treatment):
    data = sample(3, outcome="number")
    rows = data.matched.people
    model = fit_model(data, Estimator.LINEAR, treatment, READINGS)
    names, matrix = row_design(rows, treatment)
    kept = [names.index(name) for name in model.names]
    known = sm.WLS(rows.outcome, matrix[:, kept], weights=rows.weight).fit(
        cov_type="cluster", cov_kwds={"groups": rows.area}
    )
    for wanted in (treatment.effect, treatment.marginal, *treatment.others):
        direction = np.zeros(len(kept))
        for term, weight in wanted.parts:
            direction[model.names.index(term)] = weight
        found = model.combined(wanted)
        assert found.term == wanted.name
        assert found.estimate == pytest.approx(float(direction @ known.params), rel=1e-8)
        assert found.std_error == pytest.approx(float(np.sqrt(direction @ known.cov_params() @ direction)), rel=1e-8)


@pytest.mark.parametrize("treatment", TREATMENTS, ids=lambda one: type(one).__name__)
def test_a_logits_treatment_effect_takes_the_treatment_away_from_the_treated_rows(treatment):
    data = sample(4)
    rows = data.matched.people
    model = fit_model(data, Estimator.LOGIT, treatment, READINGS)
    names, matrix = row_design(rows, treatment)
    known = sm.GLM(rows.outcome, matrix, family=sm.families.Binomial(), var_weights=rows.weight).fit(tol=1e-12)
    beta = dict(zip(names, known.params, strict=True))
    log_odds = matrix @ known.params
    treated = rows.pilot[rows.area] & rows.post
    match treatment:
        case Dose():
            gone = beta["embeddedness score:post"] * np.array([DOSES.get(AREAS[a], 0.0) for a in rows.area])
        case PracticeModels():
            gone = np.full(len(log_odds), -beta[f"{WITHOUT}:post"])
        case RatingDifference():
            treated &= np.array(
                [(AREAS[a], str(2010 + t)) in HIGH for a, t in zip(rows.area, rows.period, strict=True)]
            )
            gone = np.full(len(log_odds), beta["pilot:post"] + beta[DIFFERENCE])
    assert treated.any()
    expected = np.average((expit(log_odds) - expit(log_odds - gone))[treated], weights=rows.weight[treated])
    assert model.average_marginal_effect.estimate == pytest.approx(expected, rel=1e-7)
    assert model.average_marginal_effect.std_error > 0
    assert model.odds_ratio.ratio == pytest.approx(np.exp(model.effect.estimate))


def test_a_rating_holds_until_the_next_inspection_and_the_first_one_before_it_too():
    years = [Period(i, str(y), date(y, 1, 1), date(y, 12, 31)) for i, y in enumerate(range(2010, 2016))]
    found = [
        Inspection(area="A", date=date(2014, 1, 1), rating="good"),
        Inspection(area="A", date=date(2011, 6, 1), rating="outstanding"),
        Inspection(area="A", date=date(2012, 12, 31), rating="requires_improvement"),
    ]
    assert [is_high(found, year) for year in years] == [True, True, False, False, True, True]


# Whole studies ------------------------------------------------------------------------------------------------------

SCORES = (4.0, 2.0, 1.0, 3.0, 2.5, 1.5)
MODELS = ", ".join(
    f'{{ area = "A{i:02d}", model = "{"similar" if i % 2 else "without"}" }}' for i in range(len(SCORES), 14)
)
RATINGS = ", ".join(
    f'{{ area = "A{i:02d}", date = 2012-01-01, rating = "{"good" if i % 2 else "inadequate"}" }}' for i in range(14)
)
DOSE = '[[variant]]\nkind = "dose"\nscore = "delivery"\n'
KINDS = '[[variant]]\nkind = "practice_models"\n'
TRIPLE = '[[variant]]\nkind = "triple"\n'


def study(folder, values, extra, *, scores=SCORES, models=MODELS, ratings=RATINGS, question="", flags=()):
    """Run a study of six pilots; a score of None is not given."""
    areas = f"practice_models = [{models}]\nratings = [{ratings}]"
    path = write_study(folder, values, pilots=len(SCORES), areas=areas, extra=extra, question=question)
    text = path.read_text(encoding="utf-8")
    for i, score in enumerate(scores):
        more = "" if score is None else f"delivery = {score}, "
        more += 'flags = ["early"], ' if i in flags else ""
        text = text.replace(f'label = "Pilot {i + 1}", ', f'label = "Pilot {i + 1}", {more}')
    path.write_text(text, encoding="utf-8")
    return run(read_protocol(path)).questions[0]


def secondary(question):
    (found,) = [one for one in question.specifications if one.role is Role.SECONDARY]
    assert sum(row.headline for row in found.inference) == 1
    return found


def term(found, name):
    return next(one for one in found.terms if one.term == name)


def values(seed=3):
    return invented(seed, pilots=len(SCORES), effect=0.0)


def test_a_planted_effect_that_grows_with_the_dose_is_found_by_the_dose(tmp_path):
    planted = values()
    for i, score in enumerate(SCORES):
        planted[i, 6:] -= 6 * score / max(SCORES)
    found = secondary(study(tmp_path / "s", planted, DOSE))
    assert isinstance(found.effect, Effect)
    assert found.effect.conf_low < -6 < found.effect.conf_high
    assert found.effect.std_error < 0.3
    assert "full dose" in found.note


def test_a_planted_spillover_to_similar_models_is_told_from_the_effect_against_the_others(tmp_path):
    planted = values()
    planted[: len(SCORES), 6:] -= 6
    planted[[i for i in range(len(SCORES), 14) if i % 2], 6:] -= 4
    found = secondary(study(tmp_path / "s", planted, KINDS))
    assert found.effect.term == AGAINST_WITHOUT
    assert found.effect.conf_low < -6 < found.effect.conf_high
    assert term(found, AGAINST_SIMILAR).estimate == pytest.approx(-2, abs=0.5)
    # the model's own terms are the source's: comparators against the pilots
    assert term(found, f"{WITHOUT}:post").estimate == -found.effect.estimate


def test_a_planted_difference_by_rating_is_found_with_the_effect_at_a_high_rating(tmp_path):
    planted = values()
    planted[: len(SCORES), 6:] -= 2
    planted[[i for i in range(len(SCORES)) if i % 2], 6:] -= 4
    found = secondary(study(tmp_path / "s", planted, TRIPLE))
    assert found.effect.term == DIFFERENCE
    assert found.effect.conf_low < -4 < found.effect.conf_high
    high = term(found, AT_A_HIGH_RATING)
    assert high.conf_low < -6 < high.conf_high
    low = term(found, "pilot:post")
    assert high.estimate == pytest.approx(low.estimate + found.effect.estimate, rel=1e-12)


def test_a_pilot_without_a_score_leaves_with_the_reason_and_the_others_keep_their_scale(tmp_path):
    planted = values()
    whole = study(tmp_path / "s", planted, DOSE, scores=(None, *SCORES[1:]))
    found = secondary(whole)
    assert "left out without a delivery score: Pilot 1" in found.note
    assert found.pilots == len(SCORES) - 1
    main = whole.specifications[0]
    assert main.pilots == len(SCORES)
    # one who has no comparator in the question still sets the scale, and nothing is imputed
    smaller = secondary(study(tmp_path / "t", planted, DOSE, scores=(None, *(score / 2 for score in SCORES[1:]))))
    assert smaller.effect.estimate == pytest.approx(found.effect.estimate, rel=1e-9)


def test_comparators_of_unknown_kind_leave_counted(tmp_path):
    question = study(tmp_path / "s", values(), KINDS)
    compared = sorted({area for group in question.areas.groups for area in group.comparators})
    models = ", ".join(part for part in re.findall(r"\{.*?\}", MODELS) if compared[0] not in part)
    found = study(tmp_path / "t", values(), KINDS, models=models)
    told = [s.note for s in found.specifications if s.role is Role.SECONDARY] + [one.reason for one in found.not_run]
    assert any("comparators left out without a known practice model: 1" in one for one in told)


def test_what_cannot_be_run_says_why(tmp_path):
    low = RATINGS.replace("good", "adequate")
    found = study(
        tmp_path / "s", values(), DOSE + KINDS + TRIPLE, models=MODELS.replace("without", "similar"), ratings=low
    )
    reasons = {one.name: one.reason for one in found.not_run}
    assert reasons == {
        "practice models of the comparators": "no comparator is known to be without a similar practice model",
        "high against low inspection ratings": "all areas that are compared have a low rating throughout",
    }
    assert secondary(found).name == "quality of delivery"


def test_too_few_areas_with_a_score_leave_the_dose_unrun(tmp_path):
    found = study(tmp_path / "s", values(), DOSE, scores=(*SCORES[:2], None, None, None, None))
    (reason,) = [one.reason for one in found.not_run]
    assert "fewer than 3 areas on a side are left (pilots: 2" in reason
    assert "Pilot 3, Pilot 4, Pilot 5, Pilot 6" in reason


def test_an_exploratory_question_gets_no_secondary_analysis(tmp_path):
    found = study(tmp_path / "s", values(), DOSE + KINDS + TRIPLE, question="exploratory = true")
    assert not [one for one in found.specifications if one.role is Role.SECONDARY]
    (reason,) = {one.reason for one in found.not_run}
    assert reason == "the question gets its primary analysis only: the protocol calls the question exploratory"
    assert len(found.not_run) == 3


def test_leaving_out_by_flag_is_leaving_out_the_pilots_that_have_it(tmp_path):
    flagged = '[[variant]]\nkind = "leave_out"\nflags = ["early"]\n'
    named = '[[variant]]\nkind = "leave_out"\npilots = ["Pilot 2", "Pilot 5"]\n'
    by_flag = study(tmp_path / "s", values(), flagged, flags=(1, 4))
    by_name = study(tmp_path / "t", values(), named)
    ours, known = (
        next(one for one in found.specifications if one.role is Role.SENSITIVITY) for found in (by_flag, by_name)
    )
    assert ours == known
    assert ours.name == "without Pilot 2 and Pilot 5"


def test_secondary_runs_do_not_change_the_main_analysis_or_its_rating(tmp_path):
    alone = study(tmp_path / "s", values(), "")
    beside = study(tmp_path / "t", values(), DOSE + KINDS + TRIPLE)
    assert beside.specifications[:2] == alone.specifications[:2]
    assert beside.evidence == alone.evidence
    assert replace(beside, specifications=alone.specifications) == alone


def test_a_logit_is_told_in_the_outcomes_own_share_over_the_treated_rows(tmp_path):
    found = study(tmp_path / "s", values(), DOSE)
    effect = Effect("delivery score:post", -1.0, "log-odds", 0.2, 10.0, -5.0, 0.001, -1.4, -0.6)
    share = Effect("delivery score:post", -0.12, "share", 0.02, 10.0, -6.0, 0.001, -0.16, -0.08)
    one = replace(secondary(found), estimator=Estimator.LOGIT, effect=effect, average_marginal_effect=share)
    others = tuple(s for s in found.specifications if s.role is not Role.SECONDARY)
    told = replace(found, unit="share", specifications=(*others, one))
    (passage,) = secondary_passages(told, AreaNames({}), significance=0.05)
    assert "at the doses that they had, it is {marginal_estimate} {share}" in passage.template
    assert passage.facts["unit"].text == "log-odds"
    assert passage.facts["share"].text == "percentage points"
    assert passage.facts["marginal_estimate"].value == -0.12
    assert passage.facts["own_estimate"].value == -1.0
