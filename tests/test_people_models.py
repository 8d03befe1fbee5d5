"""Whole studies whose main model is a logit, linear, or has effects for people: every number against rows by hand."""

import math

import models_by_hand
import numpy as np
import pytest
from people_study import (
    COARSENING,
    STARTS,
    areas_of,
    bins,
    by_hand,
    invented,
    main_of,
    named,
    outcomes_of,
    placed_rows,
    seen_again,
    write_study,
)
from scipy.stats import chi2, f, t

from whatworked import read_protocol, run
from whatworked.findings.model import Effect

X = 'covariates = ["age", "sex", "grade"]'
EACH = '[[variant]]\nkind = "leave_out"\npilots = "each"'
OTHERS = '[[variant]]\nkind = "estimator"\nestimators = ["linear", "logit", "fixed_effects", "random_effects"]'
# Few come back twice, so that strata lose an arm among those who do.
COMES_BACK = {"people": 60, "times": (1, 4), "steady": 0.3, "later": True, "base": 0.1}
STUDIES = {
    "logit": ({"people": 90, "base": 0.025, "scale": 0.25, "effect": -0.02}, {"extra": EACH}),
    "very_rare": ({"people": 90, "base": 0.0, "scale": 0.2, "effect": -0.02}, {"question": ""}),
    "logit_correlated": (
        {"people": 80, "base": -0.1, "scale": 0.3, "times": (1, 5), "steady": 0.2, "effect": -0.03},
        {"question": 'covariates = ["sex"]'},
    ),
    "linear": ({"people": 60}, {"extra": OTHERS}),
    "random_effects": ({"people": 60, "times": (1, 5), "steady": 0.3}, {}),
    "fixed_effects": (COMES_BACK, {"extra": EACH}),
    "few_repeats": (
        {"people": 70, "times": (1, 3), "steady": 0.4, "effect": -0.4},
        {"extra": "[thresholds]\nrepeated_share = 0.9"},
    ),
    "veto": (COMES_BACK, {"question": X + "\nrecurrence_veto = true"}),
    "separated": ({"people": 80, "base": -0.12, "effect": -0.05}, {}),
    "named": (COMES_BACK, {"question": X + '\nestimator = "random_effects"'}),
    "as_coded": (COMES_BACK, {"study": 'rule_set = "as_coded"'}),
}
RUNS = {}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return the findings and the rows of a study, run once."""

    def found(name):
        if name not in RUNS:
            events, protocol = STUDIES[name]
            rows = invented(**events)
            path = write_study(
                tmp_path_factory.mktemp(name) / "study", rows, **{"question": X, "matching": COARSENING, **protocol}
            )
            RUNS[name] = run(read_protocol(path)), rows
        return RUNS[name]

    yield found
    RUNS.clear()


def decided(findings):
    """What was decided, in order."""
    return [(d.decision, d.chosen) for d in findings.questions[0].decisions]


def fact(findings, name):
    return next(test for test in findings.questions[0].tests if test.name == name)


def held(effect, estimate, error, *, rel=1e-8):
    assert isinstance(effect, Effect), effect
    assert effect.estimate == pytest.approx(estimate, rel=rel)
    assert effect.std_error == pytest.approx(error, rel=rel)


def holds_terms(specification, names, coef, covariance):
    """Every term of an analysis is that of the second implementation, the intercept's among them."""
    terms = {term.term: term for term in specification.terms}
    assert set(terms) == set(names)
    for i, name in enumerate(names):
        held(terms[name], coef[i], math.sqrt(covariance[i, i]), rel=1e-7)


def test_a_rare_outcome_gets_a_logit_with_its_marginal_effect_and_the_linear_model_beside_it(study):
    findings, rows = study("logit")
    kept, weight = by_hand(rows, coarse=bins)
    main = main_of(findings)
    assert (main.estimator, main.rows) == ("logit", len(kept))
    names, coef, covered, x = models_by_hand.logit(kept, weight, areas_of(kept), covariates=True)
    holds_terms(main, names, coef, covered)
    effect, place = main.effect, names.index("pilot:post")
    assert effect.unit == "log-odds"
    assert effect.df == len(set(areas_of(kept))) - 1 == 7
    estimate, error = models_by_hand.treatment_effect(kept, weight, (names, coef, covered, x))
    held(main.average_marginal_effect, estimate, error)
    assert main.odds_ratio.estimate == pytest.approx(math.exp(coef[place]), rel=1e-8)
    assert main.odds_ratio.p_value == effect.p_value
    beside = named(findings, "linear probability model")
    names, coef, covered = models_by_hand.linear(kept, weight, areas_of(kept), covariates=True)
    holds_terms(beside, names, coef, covered)
    assert (beside.role, beside.average_marginal_effect) == ("additional", None)


def test_the_counterfactual_of_a_logit_is_in_the_outcomes_own_unit(study):
    findings, _ = study("logit")
    effect = main_of(findings).average_marginal_effect
    last = findings.questions[0].counterfactual[-1]
    assert (last.period[:4], last.phase) == ("2019", "post")
    assert last.counterfactual == pytest.approx(last.pilots - effect.estimate, rel=1e-12)
    assert last.conf_low == pytest.approx(last.pilots - effect.conf_high, rel=1e-12)
    assert last.conf_high == pytest.approx(last.pilots - effect.conf_low, rel=1e-12)
    assert 0 < last.counterfactual < 1


def test_leaving_a_pilot_out_keeps_the_logit_and_matches_the_others_anew(study):
    findings, rows = study("logit")
    families = []
    for left in STARTS:
        kept, weight = by_hand(rows, pilots=tuple(p for p in STARTS if p != left), coarse=bins)
        found = named(findings, f"without Pilot {left}")
        model = models_by_hand.logit if found.estimator == "logit" else models_by_hand.linear
        assert (found.estimator == "logit") == (found.note is None)
        holds_terms(found, *model(kept, weight, areas_of(kept), covariates=True)[:3])
        families.append(found.estimator)
    assert "logit" in families


@pytest.mark.parametrize("name", ["logit", "very_rare"])
def test_an_incidence_below_the_limit_chooses_logit_with_a_notice_where_the_printed_limits_disagree(study, name):
    findings, rows = study(name)
    kept, _ = by_hand(rows, coarse=bins)
    share = np.mean(outcomes_of(kept))
    assert findings.questions[0].incidence == pytest.approx(share, rel=1e-12)
    family = findings.questions[0].decisions[0]
    assert (family.decision, family.chosen) == ("family", "logit")
    assert share < 0.1
    assert any("notice" in text for text in family.because) == (share >= 0.05)


def test_correlated_errors_of_a_logit_are_clustered_on_people_beside_it(study):
    findings, rows = study("logit_correlated")
    kept, weight = by_hand(rows, coarse=bins)
    assert decided(findings)[:2] == [("family", "logit"), ("multilevel", "multilevel")]
    assert ("main_model", "logit") in decided(findings)
    persons = models_by_hand.persons_of(kept)
    found = models_by_hand.logit(kept, weight, persons, covariates=("sex",))
    beside = named(findings, "errors clustered on people")
    holds_terms(beside, *found[:3])
    held(beside.average_marginal_effect, *models_by_hand.treatment_effect(kept, weight, found))
    assert beside.effect.df == len(set(persons)) - 1
    assert beside.odds_ratio.p_value == beside.effect.p_value != main_of(findings).effect.p_value
    row = next(r for r in beside.inference if r.method == "person")
    assert (row.estimate, row.std_error) == (beside.effect.estimate, beside.effect.std_error)


@pytest.mark.parametrize("name", ["few_repeats", "veto"])
def test_where_effects_for_people_may_not_carry_it_errors_are_clustered_on_people_and_the_evidence_falls(study, name):
    findings, rows = study(name)
    kept, weight = by_hand(rows, coarse=bins)
    assert decided(findings)[1] == ("multilevel", "multilevel")
    assert ("main_model", "linear") in decided(findings)
    names, coef, covered = models_by_hand.linear(kept, weight, models_by_hand.persons_of(kept), covariates=True)
    beside = named(findings, "errors clustered on people")
    holds_terms(beside, names, coef, covered)
    assert main_of(findings).estimator == "linear"
    assert main_of(findings).effect.std_error != beside.effect.std_error


def test_the_step_down_for_correlated_errors_is_reached(study):
    steps = [
        text for name in ("few_repeats", "logit_correlated") for text in study(name)[0].questions[0].evidence.because
    ]
    assert any("correlated over time" in text for text in steps)


def test_errors_that_do_not_follow_one_another_keep_the_linear_model_and_nothing_beside_it(study):
    findings, _ = study("linear")
    assert decided(findings)[:2] == [("family", "linear"), ("multilevel", "pooled")]
    assert main_of(findings).estimator == "linear"
    assert not any(s.name == "errors clustered on people" for s in findings.questions[0].specifications)


def test_fixed_effects_are_the_rows_of_people_seen_again_weighed_anew_with_a_dummy_a_unit(study):
    findings, rows = study("fixed_effects")
    kept, _ = by_hand(rows, coarse=bins)
    again, anew = seen_again(kept, bins)
    assert decided(findings)[1:4] == [
        ("multilevel", "multilevel"),
        ("effects", "fixed_effects"),
        ("main_model", "fixed_effects"),
    ]
    units = models_by_hand.units_of(again)
    assert (np.bincount(units) == 1).any(), "no unit is left with one row, so nothing is tested"
    assert len(again) < sum(np.bincount(u := models_by_hand.units_of(kept))[u] > 1), "no stratum loses an arm"
    main, question = main_of(findings), findings.questions[0]
    names, coef, covered, _ = models_by_hand.within(again, anew, covariates=True)
    assert (main.estimator, main.rows) == ("fixed_effects", len(again))
    assert main.persons == question.persons == len(set(models_by_hand.persons_of(again)))
    holds_terms(main, names, coef, covered)
    assert {term.term for term in main.dropped_terms} >= {"(intercept)", "pilot"}
    last = question.population.flow[-1]
    assert (last.step, last.rows, last.left_out) == ("seen again", len(again), len(kept) - len(again))
    assert question.incidence == pytest.approx(np.mean(outcomes_of(kept)))
    leads = named(findings, "leads and lags")
    names, coef, covered, _ = models_by_hand.within(again, anew, covariates=True, event_time=True)
    holds_terms(leads, names, coef, covered)


def test_means_and_counts_beside_fixed_effects_are_of_all_matched_rows(study):
    findings, rows = study("fixed_effects")
    kept, weight = by_hand(rows, coarse=bins)
    for row in findings.questions[0].summary:
        mine = [(r[2] in STARTS) is (row.arm == "pilot") and (r[5] >= 0) is (row.phase == "post") for r in kept]
        assert row.mean == pytest.approx(np.average(outcomes_of(kept)[mine], weights=weight[mine]), rel=1e-9)
        assert row.people == len({r[0] for r, there in zip(kept, mine, strict=True) if there})


def test_leaving_a_pilot_out_keeps_fixed_effects_and_finds_those_seen_again_anew(study):
    findings, rows = study("fixed_effects")
    for left in STARTS:
        kept, _ = by_hand(rows, pilots=tuple(p for p in STARTS if p != left), coarse=bins)
        found = named(findings, f"without Pilot {left}")
        assert found.estimator == "fixed_effects"
        holds_terms(found, *models_by_hand.within(*seen_again(kept, bins), covariates=True)[:3])


@pytest.mark.parametrize("name", ["random_effects", "named"])
def test_random_effects_use_all_matched_rows_and_leads_are_those_of_the_pooled_model(study, name):
    findings, rows = study(name)
    kept, weight = by_hand(rows, coarse=bins)
    main, leads = main_of(findings), named(findings, "leads and lags")
    assert (main.estimator, main.rows) == ("random_effects", len(kept))
    holds_terms(main, *models_by_hand.random(kept, weight, covariates=True)[:3])
    assert leads.estimator == "linear"
    holds_terms(leads, *models_by_hand.linear(kept, weight, areas_of(kept), covariates=True, event_time=True))
    if name == "random_effects":
        assert decided(findings)[2:4] == [("effects", "random_effects"), ("main_model", "random_effects")]
    else:
        said = findings.questions[0].decisions[0]
        assert (said.decision, said.chosen, said.because) == (
            "main_model", "random_effects", ("the protocol names the model",)
        )  # fmt: skip


def test_every_family_beside_a_linear_model_is_that_family(study):
    findings, rows = study("linear")
    kept, weight = by_hand(rows, coarse=bins)
    names, coef, covered, _ = models_by_hand.logit(kept, weight, areas_of(kept), covariates=True)
    holds_terms(named(findings, "fitted as a logistic model"), names, coef, covered)
    found = named(findings, "fitted as a linear model with an effect for each person")
    holds_terms(found, *models_by_hand.within(*seen_again(kept, bins), covariates=True)[:3])
    found = named(findings, "fitted as a linear model with a random effect for each person")
    holds_terms(found, *models_by_hand.random(kept, weight, covariates=True)[:3])
    assert [(n.name, n.reason) for n in findings.questions[0].not_run] == [
        ("errors clustered on people", "a person's errors do not follow one another more than by chance"),
        ("fitted as a linear model", "it is the main analysis"),
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("random_effects", "the main model, a linear model with a random effect for each person, takes account of"),
        ("linear", "a person's errors do not follow one another more than by chance"),
    ],
)
def test_where_errors_are_not_clustered_on_people_it_says_why(study, name, why):
    question = study(name)[0].questions[0]
    (reason,) = [one.reason for one in question.not_run if one.name == "errors clustered on people"]
    assert reason.startswith(why)
    assert "errors clustered on people" not in {one.name for one in question.specifications}


@pytest.mark.parametrize("name", ["fixed_effects", "random_effects", "logit"])
def test_the_tests_behind_a_choice_equal_their_sums_written_out(study, name):
    findings, rows = study(name)
    kept, weight = by_hand(rows, coarse=bins)
    statistic = models_by_hand.serial_correlation(kept, weight, covariates=True)
    serial = fact(findings, "serial_correlation")
    assert serial.statistic == pytest.approx(statistic, rel=1e-7)
    assert serial.p_value == pytest.approx(chi2.sf(statistic, 1), rel=1e-6)
    again, anew = seen_again(kept, bins)
    for test, (statistic, rank) in {
        "hausman": models_by_hand.hausman(again, anew, covariates=True),
        "mundlak": models_by_hand.mundlak(again, anew, covariates=True),
    }.items():
        found = fact(findings, test)
        assert found.statistic == pytest.approx(statistic, rel=1e-5)
        assert found.df == (rank,)
    share = fact(findings, "repeated_share")
    assert (share.statistic, share.df) == (pytest.approx(len(again) / len(kept)), (len(again), len(kept)))
    statistic, df = models_by_hand.recurrence(kept, weight, covariates=True)
    found = fact(findings, "recurrence_f")
    assert (found.statistic, found.df) == (pytest.approx(statistic, rel=1e-7), df)
    assert found.p_value == pytest.approx(f.sf(statistic, *df), rel=1e-6)


def test_composition_is_of_all_rows_before_matching_each_event_counting_once(study):
    findings, rows = study("linear")
    placed = list(placed_rows(rows, tuple(STARTS)))
    copies = np.bincount([r[0] for r in placed])
    weight = np.array([1 / copies[r[0]] for r in placed])
    known = [i for i, r in enumerate(placed) if r[7] != ""]
    for name, use, value in (
        ("age", known, lambda r: float(r[7])),
        ("sex[F]", range(len(placed)), lambda r: float(r[8] == "F")),
    ):
        mine = [(*placed[i][:6], value(placed[i])) for i in use]
        names, coef, covered = models_by_hand.linear(mine, weight[list(use)], areas_of(mine))
        place = names.index("pilot:post")
        found = fact(findings, f"composition: {name}")
        assert found.statistic == pytest.approx(coef[place], rel=1e-7)
        assert found.p_value == pytest.approx(
            2 * t.sf(abs(coef[place]) / math.sqrt(covered[place, place]), 7), rel=1e-6
        )


def test_a_logit_that_separates_is_linear_and_says_so_everywhere(study):
    findings, rows = study("separated")
    kept, weight = by_hand(rows, coarse=bins)
    main = main_of(findings)
    assert main.estimator == "linear"
    assert main.average_marginal_effect is None
    holds_terms(main, *models_by_hand.linear(kept, weight, areas_of(kept), covariates=True))
    assert decided(findings)[:3] == [("family", "logit"), ("multilevel", "pooled"), ("family", "linear")]
    said = findings.questions[0].decisions[2]
    assert said.facts["reason"] in main.note
    assert said.facts["reason"].startswith("separation: age[(missing)]")
    assert said.branches_not_taken == ("logit: wherever it can be fitted",)


def test_as_coded_reads_lags_repeats_and_errors_as_the_program_did(study):
    coded, rows = study("as_coded")
    kept, _ = by_hand(rows, coarse=bins)
    statistic = models_by_hand.serial_correlation_by_date(kept, covariates=True)
    assert fact(coded, "serial_correlation").statistic == pytest.approx(statistic, rel=1e-7)
    assert statistic != pytest.approx(fact(study("fixed_effects")[0], "serial_correlation").statistic, rel=0.1)
    choice = next(d for d in coded.questions[0].decisions if d.decision == "main_model")
    persons = len(set(models_by_hand.persons_of(kept)))
    assert (choice.facts["repeated"].of, choice.facts["repeated"].among) == (len(kept) - persons, len(kept))
    assert (choice.chosen, main_of(coded).estimator) == ("fixed_effects", "fixed_effects")
    names, coef, _, plain = models_by_hand.within(*seen_again(kept, bins), covariates=True)
    holds_terms(main_of(coded), names, coef, plain)
    effect = main_of(coded).effect
    assert effect.df is None
    assert effect.p_value == pytest.approx(math.erfc(abs(effect.estimate / effect.std_error) / math.sqrt(2)), rel=1e-6)
    source = next(row for row in main_of(coded).inference if row.method == "cr1")
    assert (source.std_error, source.p_value) == (effect.std_error, effect.p_value)
    assert "not clustered" in source.note
