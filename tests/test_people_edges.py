"""Studies of people at the edges: a reason in every place where there is no number, and never an exception."""

import json
import math
import warnings

import models_by_hand
import pytest
from people_study import COARSENING, STARTS, areas_of, by_hand, invented, main_of, write_study

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError

X = 'covariates = ["age", "sex", "grade"]'
OTHERS = '[[variant]]\nkind = "estimator"\nestimators = ["linear", "logit", "fixed_effects", "random_effects"]'
EACH = '[[variant]]\nkind = "leave_out"\npilots = "each"'


@pytest.fixture(scope="module")
def rows():
    return invented(people=40)


def numbers(value):
    """Every number anywhere in a JSON document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, float):
        yield value


def studied(folder, rows, **protocol):
    """Run a study with its report and return what it found, having read every number of findings.json."""
    path = write_study(folder / "study", rows, **{"matching": COARSENING, "extra": f"{EACH}\n{OTHERS}", **protocol})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        findings = run(read_protocol(path), out=folder / "run")
    written = json.loads((folder / "run" / "findings.json").read_text(encoding="utf-8"))
    found = list(numbers(written))
    assert found
    assert all(math.isfinite(value) for value in found)
    return findings


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("estimator", [None, "logit", "fixed_effects", "random_effects"])
def test_an_outcome_that_is_always_the_same_shows_no_effect(tmp_path, rows, value, estimator):
    same = [(*row[:3], value, *row[4:]) for row in rows]
    named = "" if estimator is None else f'\nestimator = "{estimator}"'
    findings = studied(tmp_path, same, question=X + named)
    main, question = main_of(findings), findings.questions[0]
    assert question.incidence == value
    assert main.effect.estimate == pytest.approx(0, abs=1e-12)
    assert question.evidence.rating in ("no_evidence", "no_causal_reading")
    if estimator == "logit" or (estimator is None and value == 0):
        assert main.estimator == "linear"
        assert "every row has the same outcome" in main.note


@pytest.mark.parametrize("estimator", [None, "logit", "fixed_effects", "random_effects"])
def test_a_covariate_that_is_the_treatment_leaves_with_its_reason(tmp_path, rows, estimator):
    after = {p: f"{STARTS[p].year + 1}-06-30" for p in STARTS}
    twin = [(*row[:6], "b" if row[0] in STARTS and row[2] > after[row[0]] else "a") for row in rows]
    kept = [r for r in twin if r[0] not in STARTS or r[2] > after[r[0]] or r[2] < STARTS[r[0]].isoformat()]
    named = "" if estimator is None else f'\nestimator = "{estimator}"'
    findings = studied(tmp_path, kept, question='covariates = ["grade"]' + named, matching="")
    main = main_of(findings)
    assert main.effect.estimate == main.effect.estimate
    assert {d.term for d in main.dropped_terms} >= {"grade[b]"}


def test_a_person_in_two_areas_is_two_persons(tmp_path, rows):
    alike = studied(tmp_path / "alike", rows, question=X)
    own = [(row[0], f"{row[0]}-{row[1]}", *row[2:]) for row in rows]
    assert studied(tmp_path / "own", own, question=X).questions[0] == alike.questions[0]


@pytest.mark.parametrize("estimator", [None, "logit", "fixed_effects", "random_effects"])
def test_one_pilot_against_one_area_is_estimated_without_a_headline_test(tmp_path, rows, estimator):
    named = "" if estimator is None else f'\nestimator = "{estimator}"'
    findings = studied(tmp_path, rows, question=X + named, pairs={"P3": ["C4"]}, extra=OTHERS)
    main, question = main_of(findings), findings.questions[0]
    assert (main.pilots, main.comparators) == (1, 1)
    assert main.effect.estimate
    headline = next(row for row in main.inference if row.headline)
    assert (headline.p_value, next(d for d in question.decisions if d.decision == "inference").chosen) == (None, "none")
    assert question.evidence.rating in ("no_evidence", "very_low", "low", "no_causal_reading")


@pytest.mark.parametrize("estimator", [None, "logit", "fixed_effects", "random_effects"])
def test_where_nobody_has_a_counterpart_there_is_a_reason_whatever_the_family(tmp_path, rows, estimator):
    named = "" if estimator is None else f'\nestimator = "{estimator}"'
    apart = [(*row[:5], "F" if row[0] in STARTS else "M", row[6]) for row in rows]
    findings = studied(tmp_path, apart, question=X + named)
    main, question = main_of(findings), findings.questions[0]
    assert main.effect.not_estimated
    assert main.rows == 0
    assert question.evidence.rating == "no_causal_reading"
    assert all(row.counterfactual is None for row in question.counterfactual)


@pytest.mark.parametrize("estimator", ["fixed_effects", "random_effects"])
def test_where_nobody_comes_back_effects_for_people_become_linear(tmp_path, rows, estimator):
    once = list({row[:2]: row for row in rows}.values())
    findings = studied(tmp_path, once, question=f'{X}\nestimator = "{estimator}"')
    main, question = main_of(findings), findings.questions[0]
    assert main.estimator == "linear"
    assert main.effect.estimate
    assert "was seen more than once" in main.note
    fallen = [d for d in question.decisions if d.decision == "family"]
    assert [(d.chosen, d.branches_not_taken) for d in fallen] == [
        ("linear", (f"{estimator}: wherever it can be fitted",))
    ]
    tests = {test.name: test for test in question.tests}
    assert tests["repeated_share"].statistic == 0
    assert all(tests[name].verdict == "not available" for name in ("hausman", "mundlak", "serial_correlation"))


def test_an_outcome_that_is_no_share_is_never_a_logit(tmp_path, rows):
    days = [(*row[:3], 10 * row[3] + i % 3, *row[4:]) for i, row in enumerate(rows)]
    findings = studied(tmp_path, days, question=f'{X}\nestimator = "logit"', unit="days")
    main = main_of(findings)
    assert (main.estimator, main.effect.unit) == ("linear", "days")
    assert "a logit needs an outcome of 0 and 1" in main.note
    assert findings.questions[0].incidence is None


def test_one_period_before_the_start_is_enough_where_the_match_is_given(tmp_path, rows):
    short = [row for row in rows if row[2] >= "2014-01-01" and row[0] in ("P3", "C4", "C5")]
    findings = studied(tmp_path, short, matching="", pairs={"P3": ["C4", "C5"]}, extra="")
    kept, weight = by_hand(short, pilots=("P3",))
    names, coef, _ = models_by_hand.linear(kept, weight, areas_of(kept))
    question = findings.questions[0]
    assert question.periods[0].label.startswith("2014")
    assert main_of(findings).effect.estimate == pytest.approx(coef[names.index("pilot:post")], rel=1e-9)
    assert next(d for d in question.decisions if d.decision == "trends").chosen == "trends_untested"
    assert question.evidence.rating == "no_causal_reading"


def test_without_a_period_before_the_start_nothing_can_be_compared(tmp_path, rows):
    late = [row for row in rows if row[2] >= "2015-06-01"]
    path = write_study(tmp_path / "study", late, pairs={"P3": ["C4", "C5"]})
    with pytest.raises(ProtocolError, match=r"too few periods that end before its start \(0\)") as refused:
        run(read_protocol(path))
    assert "At least 1 is needed" in str(refused.value)
