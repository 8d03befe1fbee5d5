"""A reading that does not suit its outcome's kind, or contradicts another, is refused with what to write instead."""

from pathlib import Path

import pytest

from whatworked.errors import ProtocolError
from whatworked.protocol.outcomes import KINDS_OF
from whatworked.protocol.read import parse_protocol

STUDY = """
[study]
title = "T"
question = "Q?"
data_start = 2008-04-01
data_end = 2019-03-31

[records.cin]
kind = "cin_census"
folder = "cin"
source = "S"

[areas]
pilots = [{ area = "1", label = "One", start = 2014-04-01 }]

[[question]]
key = "asked"
title = "T"
records = ["cin"]

[question.outcome]
label = "L"
kind = "KIND"
READINGS
"""
SAID = {
    "window": "{ months = 6 }",
    "margin": "{ days = 60 }",
    "assessments_from": "2012-04-01",
    "censored_at": "2019-03-29",
    "outliers": '{ rule = "limit", limit = 310 }',
    "day_zero": "true",
    "first_three": "true",
    "censored": "false",
    "conferences_from": "2012-04-01",
    "rereferral": '"last"',
    "rereferral_window": "{ days = 365 }",
    "signs": '"first"',
    "plans_from": "2012-04-01",
    "definition": '"wide"',
    "legal_statuses": '["C1", "C2"]',
    "population": '"open_cases"',
    "since": '{ baseline = "event", added = 1 }',
}
KINDS = ("assessment_duration", "same_day", "icpc", "rereferral", "escalation", "kinship", "entry_to_care")


def study(kind, readings):
    return STUDY.replace("KIND", kind).replace("READINGS", readings)


def mistakes(kind, readings):
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(study(kind, readings), Path())
    return {mistake.where: f"{mistake.found} {mistake.advice}" for mistake in refused.value.mistakes}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", KINDS_OF)
def test_a_reading_is_taken_for_its_kinds_and_refused_for_the_others(kind, key):
    line = f"{key} = {SAID[key]}"
    if kind in KINDS_OF[key]:
        (question,) = parse_protocol(study(kind, line), Path()).question
        assert question.outcome.choices.keys() == {key}
        return
    found = mistakes(kind, line)
    assert found.keys() == {f"question[asked].outcome.{key}"}
    (words,) = found.values()
    assert f'is no reading of an outcome of the kind "{kind}"' in words
    assert f"It is one of {', '.join(KINDS_OF[key])}." in words


# Each case: kind, what is written, where the mistake is, what is said of it.
CASES = {
    "an unknown alternative": ("kinship", 'definition = "wider"', "definition", 'Did you mean "wide"'),
    "an unknown key": ("kinship", 'definitoin = "wide"', "definitoin", 'Did you mean "definition"'),
    "an unknown legal status": ("kinship", 'legal_statuses = ["C3"]', "legal_statuses[0]", "Known: C1, C2"),
    "both units": ("icpc", "window = { days = 90, months = 3 }", "window", "gives both days and months"),
    "no unit": ("icpc", "window = {}", "window", "gives neither days nor months"),
    "no time at all": ("icpc", "window = { days = 0 }", "window.days", "at least 1"),
    "a number alone": ("icpc", "window = 90", "window", "a table is expected"),
    "months for assessments": ("same_day", "margin = { months = 2 }", "margin.months", "counted in days"),
    "a limit without one": ("assessment_duration", 'outliers = { rule = "limit" }', "outliers.limit", "is missing"),
    "a limit for the fence": (
        "assessment_duration",
        'outliers = { rule = "tukey", limit = 310 }',
        "outliers.limit",
        'goes with rule = "limit"',
    ),
    "rows for a limit": (
        "assessment_duration",
        'outliers = { rule = "limit", limit = 9, over = "phases" }',
        "outliers.over",
        'goes with rule = "tukey"',
    ),
    "a count without a word": ("kinship", "since = {}", "since", "is empty"),
    "days of a table of events": ("icpc", "window_days = 90", "window_days", "is for tables of events"),
}


@pytest.mark.parametrize(("kind", "line", "where", "words"), CASES.values(), ids=CASES)
def test_a_reading_that_contradicts_itself_is_told(kind, line, where, words):
    found = mistakes(kind, line)
    assert found.keys() == {f"question[asked].outcome.{where}"}
    assert words in found[f"question[asked].outcome.{where}"]


VARIANTS = {
    "a cutoff of no duration": (
        'kind = "cutoff"\nname = "v"\noutliers = { rule = "none" }',
        "variant[0].outliers",
        'for the question asked: is no reading of an outcome of the kind "kinship"',
    ),
    "a reading of another kind": (
        'kind = "outcome"\nname = "v"\noutcome = { day_zero = true }',
        "variant[0].outcome.day_zero",
        "Or name the variant's `questions`.",
    ),
    "no reading": ('kind = "outcome"\nname = "v"\noutcome = {}', "variant[0].outcome", "is empty"),
    "a reading that contradicts itself": (
        'kind = "outcome"\nname = "v"\noutcome = { window = {} }',
        "variant[0].outcome.window",
        "gives neither days nor months",
    ),
    "an unknown reading": (
        'kind = "outcome"\nname = "v"\noutcome = { kind = "icpc" }',
        "variant[0].outcome.kind",
        "is an unknown key",
    ),
    "a limit without one": (
        'kind = "cutoff"\nname = "v"\nquestions = ["other"]\noutliers = { rule = "limit" }',
        "variant[0].outliers.limit",
        "is missing",
    ),
    "two of one name": (
        'kind = "outcome"\nname = "v"\nquestions = ["asked"]\noutcome = { definition = "wide" }\n[[variant]]\n'
        'kind = "cutoff"\nname = "v"\nquestions = ["other"]\noutliers = { rule = "none" }',
        "variant[1].name",
        "is the name of variant[0] too",
    ),
}
ANOTHER = """
[[question]]
key = "other"
title = "T"
records = ["cin"]
outcome = { label = "L", kind = "assessment_duration" }
"""


@pytest.mark.parametrize(("text", "where", "words"), VARIANTS.values(), ids=VARIANTS)
def test_a_variant_that_does_not_suit_its_questions_is_refused(text, where, words):
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(f"{study('kinship', '')}{ANOTHER if 'questions' in text else ''}\n[[variant]]\n{text}", Path())
    found = {mistake.where: f"{mistake.found} {mistake.advice}" for mistake in refused.value.mistakes}
    assert found.keys() == {where}
    assert words in found[where]


def test_an_outcome_that_stands_in_the_records_has_no_readings(valid_text):
    text = valid_text.replace('better = "lower" }', 'better = "lower", day_zero = true }', 1)
    with pytest.raises(ProtocolError, match="Leave it out: only outcomes that are made from returns have readings"):
        parse_protocol(text, Path())
