"""Questions that choose readings of their own, through whole studies of invented returns."""

import re
from dataclasses import replace

import pytest
from plain_study import unmatched

from whatworked import read_protocol, run
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.demo import write_demo
from whatworked.scaffold.simulate import Size, write_simulation

pytestmark = pytest.mark.usefixtures("undrawn")

OTHER = {
    "kinship": 'definition = "wide", window = { months = 6 }',
    "icpc": "window = { days = 20 }",
    "assessment_duration": 'outliers = { rule = "limit", limit = 60 }',
}


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """A folder of invented returns, and the text of a study of it by the questions it is to have."""
    folder = tmp_path_factory.mktemp("choices") / "study"
    study = write_simulation(folder, Size(persons=7_000, areas=8), seed=5, effect=-0.3)
    text = unmatched(study.read_text(encoding="utf-8")).partition("[[variant]]")[0]
    head, *questions = text.split("[[question]]")
    head = head.replace("max_distance = 1.5", "max_distance = inf\nslope_significance = 0")
    # the family of a model follows its outcome, so that two definitions may differ in it: here all are linear
    usual = {key: next(q for q in questions if f'key = "{key}"' in q) for key in OTHER}
    other = {
        f"{key}_other": re.sub(r"(outcome = \{.*) \}", rf"\1, {said} }}", usual[key]).replace(
            f'key = "{key}"', f'key = "{key}_other"'
        )
        for key, said in OTHER.items()
    }
    every = usual | other

    def text_of(*keys):
        return "[[question]]".join([head, *(every[key] for key in keys or every)])

    return folder, text_of


@pytest.fixture(scope="module")
def together(studies):
    """Both readings of each question in one study, its steps kept in one folder."""
    folder, text_of = studies
    findings = run(parse_protocol(text_of(), folder), out=folder / "run")
    return folder, {question.key: question for question in findings.questions}


@pytest.mark.parametrize("keys", [tuple(OTHER), tuple(f"{key}_other" for key in OTHER)], ids=["usual", "other"])
def test_two_readings_of_one_outcome_in_a_study_give_what_each_gives_alone(studies, together, keys):
    folder, text_of = studies
    _, found = together
    alone = {question.key: question for question in run(parse_protocol(text_of(*keys), folder)).questions}
    assert alone == {key: found[key] for key in keys}
    assert all(question.specifications for question in alone.values())


@pytest.mark.parametrize("key", OTHER)
def test_another_reading_is_another_outcome(together, key):
    _, found = together
    assert found[f"{key}_other"].summary != found[key].summary
    assert found[f"{key}_other"].series != found[key].series


def test_the_findings_hold_every_reading_and_who_chose_it(together):
    _, found = together
    own = [(one.key, one.value) for one in found["kinship_other"].readings if one.chosen_by == "protocol"]
    assert [key for key, _ in own] == ["window", "definition"]
    assert own[0][1] == "6 calendar months"
    assert {one.chosen_by for one in found["kinship"].readings} == {"rule_set"}
    assert len(found["kinship"].readings) == len(found["kinship_other"].readings)


def test_the_report_says_what_the_question_chose_and_lists_every_reading(together):
    folder, _ = together
    page = (folder / "run" / "release" / "report.html").read_text(encoding="utf-8")
    said = "The question reads its outcome in its own way: how long after its event an outcome counts: 20 days."
    assert said in page
    assert page.count("The question reads its outcome in its own way") == len(OTHER)
    assert len(list((folder / "run" / "release").rglob("*_readings.csv"))) == 2 * len(OTHER)
    assert "More than 60 working days" in page


VARIANTS = """
[[variant]]
kind = "outcome"
name = "wide, six months"
outcome = { definition = "wide", window = { months = 6 } }
questions = ["kinship"]

[[variant]]
kind = "outcome"
name = "on remand alone"
outcome = { legal_statuses = ["J3"] }
questions = ["kinship"]

[[variant]]
kind = "outcome"
name = "twenty days"
outcome = { window = { days = 20 } }
questions = ["icpc"]

[[variant]]
kind = "cutoff"
name = "at most sixty days"
outliers = { rule = "limit", limit = 60 }
questions = ["assessment_duration"]
"""
NAMES = {"kinship": "wide, six months", "icpc": "twenty days", "assessment_duration": "at most sixty days"}


@pytest.fixture(scope="module")
def varied(studies, together):
    """The variants beside questions that have the same definitions, all on the same matched groups."""
    folder, text_of = studies
    _, found = together
    groups = found["assessment_duration"].areas.groups
    pairs = [f"{group.pilot},{area}" for group in groups for area in group.comparators]
    (folder / "groups.csv").write_text("\n".join(["pilot,comparator", *pairs, ""]), encoding="utf-8")
    text = text_of().replace("[matching]\n", '[matching]\nmatch_file = "groups.csv"\n')
    assert 'match_file = "groups.csv"' in text
    protocol = parse_protocol(text + VARIANTS, folder)
    return {question.key: question for question in run(protocol).questions}


@pytest.mark.parametrize("key", OTHER)
def test_a_variant_is_the_main_analysis_of_a_question_with_that_definition(varied, key):
    main = varied[f"{key}_other"].specifications[0]
    (variant,) = [one for one in varied[key].specifications if one.name == NAMES[key]]
    assert variant.role == "sensitivity"
    assert replace(variant, name="main", role=main.role, note=None) == main
    assert variant.effect != varied[key].specifications[0].effect
    own = [f"{one.settles}: {one.value}" for one in varied[f"{key}_other"].readings if one.chosen_by == "protocol"]
    assert variant.note == "; ".join(own)


def test_a_definition_that_leaves_nobody_is_not_run_and_says_why(varied):
    told = {one.name: one.reason for one in varied["kinship"].not_run}
    assert "no event of the question kinship is left" in told["on remand alone"]


def test_the_rating_counts_other_definitions_as_challenges(varied):
    for key in OTHER:
        assert varied[key].evidence.facts["challenged"] == 1
        assert varied[f"{key}_other"].evidence.facts["challenged"] == 0
        main, variant = varied[key].specifications[0], varied[f"{key}_other"].specifications[0]
        turned = main.effect.estimate * variant.effect.estimate < 0
        lost = main.effect.p_value < 0.05 <= variant.effect.p_value
        assert varied[key].evidence.facts["shaken"] == int(turned or lost)


def test_a_rule_set_stays_the_starting_point_of_a_choice(studies):
    folder, text_of = studies
    text = text_of("kinship_other").replace("[study]\n", '[study]\nrule_set = "as_coded"\n')
    (question,) = run(parse_protocol(text, folder)).questions
    values = {one.key: (one.value, one.chosen_by) for one in question.readings}
    assert values["legal_statuses"] == ("one of C1, C2", "rule_set")
    assert values["definition"][1] == "protocol"


def test_a_study_that_follows_children_says_how_many_it_could_follow(studies, together):
    folder, text_of = studies
    _, found = together
    text = text_of("icpc").replace("[study]\n", '[study]\nlink = "person"\n')
    (question,) = run(parse_protocol(text, folder)).questions
    told = {note.what: note.handled for note in question.quality}
    assert told["children known to another area by their pupil identifier"] == "followed"
    assert set(told) - {note.what for note in found["icpc"].quality} == {
        "children known to another area by their pupil identifier",
        "pupil identifiers of several children of an area, or of a child with several",
    }
    # Conferences are of the area's own case.
    assert question.summary == found["icpc"].summary


def test_an_outcome_of_the_records_has_no_readings(tmp_path):
    study = write_demo(tmp_path / "demo")
    assert all(question.readings == () for question in run(read_protocol(study)).questions)
