"""Same-day assessments beside their duration: the same matched groups, a unit of its own, the leave-outs too."""

from dataclasses import replace

import pytest

from whatworked import run
from whatworked.disclosure.profile import limits
from whatworked.disclosure.release import release
from whatworked.errors import ProtocolError
from whatworked.findings.model import Effect
from whatworked.protocol.model import Disclosure
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.simulate import Size, write_simulation
from whatworked.tables.document import document
from whatworked.vocabulary import Role

SAME_DAY = 'label = "assessments that end on their first day", kind = "same_day", better = "neither"'
BESIDE = f"""
[[variant]]
kind = "leave_out"
pilots = ["Pilot 2"]
[[variant]]
kind = "leave_out"
flags = ["early_adopter"]
[[variant]]
kind = "secondary_outcome"
name = "same-day assessments"
outcome = {{ {SAME_DAY} }}
leave_outs = true
"""
LEAVE_OUTS = BESIDE.partition('[[variant]]\nkind = "sec')[0]
NAMES = ("same-day assessments", "same-day assessments, without Pilot 2", "same-day assessments, without Pilot 4")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder of invented returns, and a function from an outcome and variants to the text of its study."""
    folder = tmp_path_factory.mktemp("same_day") / "study"
    text = write_simulation(folder, Size(persons=4_000, areas=9), seed=5, effect=-0.3).read_text(encoding="utf-8")
    head, *questions = text.partition("[[variant]]")[0].split("[[question]]")
    (asked,) = [one for one in questions if 'key = "assessment_duration"' in one]
    pairs = [f"X00{i + 1},X00{5 + (i + j) % 5}" for i in range(4) for j in range(2)]
    (folder / "groups.csv").write_text("\n".join(["pilot,comparator", *pairs, ""]), encoding="utf-8")
    head = head.split("[matching.coarsening]")[0].replace("[matching]\n", '[matching]\nmatch_file = "groups.csv"\n')
    asked = asked.replace('["disabled", "low_income", "age", "school_stage", "sex", "ethnicity"]', '["age", "sex"]')
    head += '[matching.coarsening]\nsex = "exact"\n'

    def text_of(outcome="", extra=""):
        own = f'outcome = {{ {outcome} }}\nestimator = "linear"' if outcome else 'estimator = "linear"'
        lines = [own if line.startswith("outcome = ") and outcome else line for line in asked.splitlines()]
        if not outcome:
            lines.append(own)
        return head + "[[question]]" + "\n".join(lines) + extra

    return folder, text_of


@pytest.fixture(scope="module")
def found(study):
    folder, text_of = study
    findings = run(parse_protocol(text_of(extra=BESIDE), folder))
    return findings, findings.questions[0]


@pytest.fixture(scope="module")
def alone(study):
    """The question about same-day assessments, asked by itself."""
    folder, text_of = study
    return run(parse_protocol(text_of(SAME_DAY, LEAVE_OUTS), folder)).questions[0]


def test_same_day_is_the_main_analysis_of_that_outcome_and_so_are_its_leave_outs(alone, found):
    mine = [one for one in found[1].specifications if one.role is Role.SECONDARY]
    assert tuple(one.name for one in mine) == NAMES
    theirs = [alone.specifications[0], *(one for one in alone.specifications if one.role is Role.SENSITIVITY)]
    for one, other in zip(mine, theirs, strict=True):
        assert replace(one, name=other.name, role=other.role, note=other.note, measured=None) == other
        assert (one.measured.unit, one.effect.unit) == ("share", "share")


def test_the_invented_nation_has_two_to_five_same_day_assessments_in_a_hundred(alone):
    assert 0.02 < alone.incidence < 0.05


def test_the_duration_and_its_rating_do_not_change_with_what_stands_beside_it(study, found):
    folder, text_of = study
    (alone,) = run(parse_protocol(text_of(extra=LEAVE_OUTS), folder)).questions
    assert found[1].evidence == alone.evidence
    assert found[1].decisions == alone.decisions
    assert found[1].specifications[0] == alone.specifications[0]


def test_the_report_gives_percentage_points_beside_working_days(found):
    findings, question = found
    (section,) = release(document(findings), limits(Disclosure())).sections
    table = next(one for one in section.tables if one.key == "sensitivity")
    places = {column.key: i for i, column in enumerate(table.columns)}
    units = {row[0].text: row[places["unit"]].text for row in table.rows}
    assert units["Main analysis"] == "working days"
    assert [units[name[:1].upper() + name[1:]] for name in NAMES] == ["percentage points"] * 3
    terms = next(one for one in section.tables if one.key == "secondary_terms")
    assert terms.title == "Same-day assessments, every term: assessments that end on their first day"
    assert terms.columns[1].heading == "Estimate (percentage points)"
    said = [passage for passage in section.passages["secondary"] if "on {measured} is" in passage.template]
    assert len(said) == len(NAMES)
    estimate = next(one for one in question.specifications if one.name == NAMES[0]).effect
    assert isinstance(estimate, Effect)
    shown = float(said[0].facts["own_estimate"].text.replace("−", "-"))
    assert shown == pytest.approx(100 * estimate.estimate, abs=0.06)


def test_leave_outs_that_leave_nobody_out_are_not_run_and_say_so(study):
    folder, text_of = study
    pairs = (folder / "groups.csv").read_text(encoding="utf-8")
    (folder / "three.csv").write_text("\n".join(pairs.splitlines()[:-2]) + "\n", encoding="utf-8")  # without Pilot 4
    text = text_of(extra=BESIDE).replace('"groups.csv"', '"three.csv"')
    (question,) = run(parse_protocol(text, folder)).questions
    reasons = {one.name: one.reason for one in question.not_run}
    assert reasons["same-day assessments, without flagged pilots"] == "none of these pilots is in the main analysis"
    assert reasons["same-day assessments, without Pilot 2"] == (
        "fewer than 3 areas on a side are left (pilots: 2, comparators: 4)"
    )


@pytest.mark.parametrize(
    ("outcome", "mistake"),
    [
        ('label = "x", kind = "assessment_duration"', "is the outcome of question.assessment_duration itself"),
        ('label = "x"', "says that the outcome stands in the records"),
        ('label = "x", kind = "same_day", day_zero = true', "is no reading of an outcome of the kind"),
    ],
)
def test_another_outcome_that_is_none_is_refused(study, outcome, mistake):
    folder, text_of = study
    with pytest.raises(ProtocolError, match=mistake):
        parse_protocol(text_of(extra=BESIDE.replace(SAME_DAY, outcome)), folder)
