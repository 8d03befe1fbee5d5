"""Whole studies of invented areas: every branch a study can take, without the report."""

import json
from math import isfinite

import numpy as np
import pytest
from invented_study import YEARS, invented, write_study

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError
from whatworked.findings.files import from_json, to_json


def studied(tmp_path, values=None, **options):
    values = invented() if values is None else values
    return run(read_protocol(write_study(tmp_path / "study", values, **options)))


def decision(question, name):
    return next(d for d in question.decisions if d.decision == name)


def test_a_planted_effect_is_found_and_rated(tmp_path):
    findings = studied(tmp_path, extra='[[variant]]\nkind = "leave_out"\npilots = "each"\n[[variant]]\nkind = "lags"\n')
    (question,) = findings.questions
    main = question.specifications[0]
    assert main.effect.conf_low < -6 < main.effect.conf_high
    assert main.effect.conf_high < 0
    assert decision(question, "trends").chosen == "trends_hold"
    assert decision(question, "inference").chosen == "wild_restricted"
    assert question.evidence.rating == "high"
    assert [s.name for s in question.specifications] == [
        "main",
        "leads and lags",
        "lags",
        *(f"without Pilot {i}" for i in (1, 2, 3, 4)),
    ]
    assert {t.term for t in question.specifications[2].terms} == {f"pilot:k={k}" for k in range(4)}


def test_without_an_effect_there_is_no_evidence_of_one(tmp_path):
    findings = studied(tmp_path, invented(3, effect=0.0))
    assert findings.questions[0].evidence.rating == "no_evidence"


def test_pilots_that_drifted_before_allow_no_causal_reading(tmp_path):
    values = invented(1)
    values[:4] += 4 * (np.arange(len(YEARS)) % 2) * (np.arange(len(YEARS)) < 4)
    (question,) = studied(tmp_path, values, extra="").questions
    assert decision(question, "trends").chosen == "trends_fail"
    assert question.evidence.rating == "no_causal_reading"


def test_two_pilots_get_the_primary_analysis_and_the_collapsed_test(tmp_path):
    extra = '[[variant]]\nkind = "leave_out"\npilots = "each"\n[[variant]]\nkind = "lags"\n'
    (question,) = studied(tmp_path, invented(pilots=2), pilots=2, extra=extra).questions
    assert decision(question, "scope").chosen == "primary_only"
    assert decision(question, "inference").chosen == "collapsed_t"
    (reason,) = {entry.reason for entry in question.not_run}
    assert reason.startswith("the question gets its primary analysis only: fewer than 3 areas on a side are left")
    assert [s.role.value for s in question.specifications] == ["main", "leads"]
    assert question.evidence.rating != "high"


def test_one_pilot_is_judged_by_the_comparators_and_its_jackknife_is_blank(tmp_path):
    question = studied(
        tmp_path, invented(pilots=1), pilots=1, question='matching = { comparators_per_pilot = "all" }'
    ).questions[0]
    rows = {row.method.value: row for row in question.specifications[0].inference}
    assert rows["collapsed_t"].headline
    assert rows["collapsed_t"].df == len(question.areas.groups[0].comparators) - 1
    assert rows["cr3"].p_value is None
    assert rows["cr3"].note == "without area A00 pilot:post cannot be estimated"


def test_an_exploratory_question_gets_its_primary_analysis_only(tmp_path):
    (question,) = studied(tmp_path, question="exploratory = true", extra='[[variant]]\nkind = "lags"\n').questions
    assert decision(question, "scope").chosen == "primary_only"


def test_a_pilot_with_nobody_near_is_dropped_with_its_reason(tmp_path):
    values = invented(2)
    values[0, :5] += np.array([0, 9, 0, 9, 0])
    (question,) = studied(tmp_path, values).questions
    assert [d.pilot for d in question.areas.dropped] == ["A00"]
    assert "too far in trend" in question.areas.dropped[0].reason
    assert len(question.areas.groups) == 3


def test_with_every_pilot_dropped_the_question_still_has_its_answer(tmp_path):
    (question,) = studied(
        tmp_path, question="matching = { max_distance = 1e-9 }", extra='[[variant]]\nkind = "lags"\n'
    ).questions
    assert question.areas.groups == ()
    assert question.specifications == ()
    assert question.rows == 0
    assert question.evidence.rating == "no_causal_reading"
    assert [entry.name for entry in question.not_run] == ["lags"]


def test_variants_replace_one_thing(tmp_path):
    extra = """
[[variant]]
kind = "matching"
name = "every comparator"
matching = { comparators_per_pilot = "all", max_distance = inf, slope_significance = 0 }
[[variant]]
kind = "matching"
name = "nobody"
matching = { max_distance = 1e-9 }
[[variant]]
kind = "weight"
weight = "denominator"
[[variant]]
kind = "leave_out"
pilots = ["Pilot 1", "Pilot 2"]
"""
    (question,) = studied(tmp_path, columns=', denominator = "people"', extra=extra).questions
    by_name = {s.name: s for s in question.specifications}
    assert by_name["every comparator"].comparators == 10
    assert by_name["weighted by population"].rows == by_name["main"].rows
    assert by_name["weighted by population"].effect.estimate != by_name["main"].effect.estimate
    assert by_name["without Pilot 1 and Pilot 2"].pilots == 2
    assert [(n.name, n.reason) for n in question.not_run] == [("nobody", "no pilot is left with a comparator")]


def test_the_denominator_as_weight_is_the_regression_with_it(tmp_path):
    plain = studied(tmp_path, columns=', denominator = "people"', question='weight = "denominator"').questions[0]
    pilots = next(row for row in plain.summary if row.arm == "pilot" and row.phase == "post")
    values, people = invented()[:4, 6:], 10_000 + 1_000 * np.arange(4)
    assert pilots.mean == pytest.approx(np.average(values.mean(axis=1), weights=people), abs=1e-3)


def test_the_reading_as_coded_is_against_the_normal_distribution(tmp_path):
    path = write_study(tmp_path / "study", invented())
    path.write_text(path.read_text().replace("seed = 1", 'seed = 1\nrule_set = "as_coded"'))
    effect = run(read_protocol(path)).questions[0].specifications[0].effect
    assert effect.df is None
    assert effect.note == "read against the normal distribution"


def test_marks_are_counted_and_lost_rows_too(tmp_path):
    values = invented().astype(object)
    values[5, 7] = "c"
    values[0, 8] = "x"
    (question,) = studied(tmp_path, values).questions
    assert {"value marked c (confidential)", "value marked x (not available)"} <= {row.what for row in question.quality}
    known = next(step for step in question.population.flow if step.step == "outcome known")
    compared = {area for group in question.areas.groups for area in (group.pilot, *group.comparators)}
    assert known.left_out == 1 + ("A05" in compared)
    assert [row.mark for row in question.series if row.area == "A00" and row.value is None] == ["x"]


def test_a_match_file_overrides_the_search(tmp_path):
    path = write_study(tmp_path / "study", invented(), question='matching = { match_file = "pairs.csv" }')
    pairs = "pilot,comparator\nA00,A12\nA01,A13\nA01,A12\nA03,A11\n"
    (path.parent / "pairs.csv").write_text(pairs)
    (question,) = run(read_protocol(path)).questions
    # nearest first, whatever the order of the lines
    assert {g.pilot: g.comparators for g in question.areas.groups} == {
        "A00": ("A12",),
        "A01": ("A12", "A13"),
        "A03": ("A11",),
    }
    assert [(d.pilot, d.reason) for d in question.areas.dropped] == [("A02", "the match file gives it no comparator")]
    copies = [step for step in question.population.flow if step.step == "copies"]
    assert copies[0].rows > next(s for s in question.population.flow if s.step == "phases").rows


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Q,A12", "the first area is no pilot"),
        ("A00,A01", "the second area is a pilot itself"),
        ("A00,Z9", "the second area is not in the records"),
        ("A00,A10", "may not be a comparator: excluded"),
        ("A00,A12\nA00,A12", "the pair is there twice"),
    ],
)
def test_a_match_file_that_cannot_be_used_says_where(tmp_path, line, message):
    path = write_study(
        tmp_path / "study", invented(), question='matching = { match_file = "pairs.csv" }', areas='excluded = ["A10"]'
    )
    (path.parent / "pairs.csv").write_text(f"pilot,comparator\n{line}\n")
    with pytest.raises(ProtocolError, match=message):
        run(read_protocol(path))


@pytest.mark.parametrize("text", ["pilots,comparators\n", "\xff"])
def test_a_match_file_of_another_shape_is_refused(tmp_path, text):
    path = write_study(tmp_path / "study", invented(), question='matching = { match_file = "pairs.csv" }')
    (path.parent / "pairs.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(ProtocolError, match="match file"):
        run(read_protocol(path))


def test_a_pilot_that_is_not_in_the_records_is_an_error(tmp_path):
    path = write_study(tmp_path / "study", invented())
    path.write_text(path.read_text().replace('area = "A01"', 'area = "A99"'))
    with pytest.raises(RecordsError, match=r"areas.pilots\[1\].area: no rows"):
        run(read_protocol(path))


def test_two_baseline_periods_are_too_few(tmp_path):
    with pytest.raises(ProtocolError, match=r"too few periods that end before its start \(2\)"):
        studied(tmp_path, start="2012-01-01")


def test_findings_travel_to_json_and_back(tmp_path):
    findings = studied(tmp_path)
    assert from_json(to_json(findings), where="here") == findings
    assert "NaN" not in to_json(findings)


def numbers_in(value):
    if isinstance(value, dict):
        return [n for v in value.values() for n in numbers_in(v)]
    if isinstance(value, list | tuple):
        return [n for v in value for n in numbers_in(v)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("pilots", [1, 2, 4])
def test_every_number_of_the_findings_is_finite(tmp_path, pilots):
    findings = studied(tmp_path, invented(pilots=pilots), pilots=pilots)
    assert all(isfinite(n) for n in numbers_in(json.loads(to_json(findings))))


@pytest.mark.parametrize("pilots", [1, 2, 3, 4, 5])
def test_exactly_one_row_of_inference_is_the_headline(tmp_path, pilots):
    findings = studied(tmp_path, invented(pilots=pilots), pilots=pilots)
    for specification in findings.questions[0].specifications:
        if specification.inference:
            assert sum(row.headline for row in specification.inference) == 1


def test_the_counterfactual_is_the_observed_less_the_headline(tmp_path):
    (question,) = studied(tmp_path).questions
    headline = next(row for row in question.specifications[0].inference if row.headline)
    for row in question.counterfactual:
        if row.phase == "post":
            assert row.counterfactual == pytest.approx(row.pilots - headline.estimate)
            assert row.conf_low == pytest.approx(row.pilots - headline.conf_high)
        else:
            assert row.counterfactual is None
    rows = {(r.area, r.period): r.value for r in question.series}
    pilots = [group.pilot for group in question.areas.groups]
    first = question.counterfactual[0]
    assert first.pilots == pytest.approx(np.mean([rows[p, first.period] for p in pilots]))


def test_two_leave_outs_that_come_to_the_same_pilots_are_one_challenge(tmp_path):
    one = '[[variant]]\nkind = "leave_out"\npilots = ["Pilot 1"]\n'
    (question,) = studied(tmp_path, extra=one + one).questions
    assert [s.name for s in question.specifications].count("without Pilot 1") == 1
    assert question.evidence.facts["challenged"] == 1
    assert [(n.name, n.reason) for n in question.not_run] == [
        ("without Pilot 1", "another leave-out leaves the same pilots out")
    ]
