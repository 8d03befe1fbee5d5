"""A question under the other rule set: what that set would have done as the study's own, shown beside and no more."""

from dataclasses import replace

import pytest
from invented_study import invented, write_study

from whatworked import read_protocol, run
from whatworked.disclosure.profile import limits
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Withheld
from whatworked.errors import ProtocolError
from whatworked.findings.files import from_json, to_json
from whatworked.findings.model import Effect
from whatworked.protocol.model import Disclosure
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.simulate import Size, write_simulation
from whatworked.tables.document import document
from whatworked.vocabulary import Role

VARIANT = '\n[[variant]]\nkind = "rule_set"\nrule_set = "as_coded"\n'
NAME = "under the rule set as coded"
KEYS = ("kinship", "icpc", "rereferral")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a function from a rule set and variants to the findings of a study of invented returns, areas held."""
    folder = tmp_path_factory.mktemp("rules") / "study"
    text = write_simulation(folder, Size(persons=5_000, areas=9), seed=5, effect=-0.3).read_text(encoding="utf-8")
    head, *questions = text.partition("[[variant]]")[0].split("[[question]]")
    asked = "".join(f"[[question]]{one}" for one in questions if any(f'key = "{key}"' in one for key in KEYS))
    # sex and age alone, so that few rows are lost to matching
    covariates = '["disabled", "low_income", "age", "school_stage", "sex", "ethnicity"]'
    asked = asked.replace(covariates, '["age", "sex"]')
    pilots = ["X001", "X002", "X003", "X004"]
    pairs = [f"{pilot},X00{5 + (i + j) % 5}" for i, pilot in enumerate(pilots) for j in range(2)]
    (folder / "groups.csv").write_text("\n".join(["pilot,comparator", *pairs, ""]), encoding="utf-8")
    head = head.split("[matching.coarsening]")[0].replace("[matching]\n", '[matching]\nmatch_file = "groups.csv"\n')
    kept = head + '[matching.coarsening]\nsex = "exact"\nage = { cuts = [4.5, 12.5] }\n'

    def found(rule_set, extra=""):
        chosen = kept.replace("[study]\n", f'[study]\nrule_set = "{rule_set}"\n')
        return run(parse_protocol(chosen + asked + extra, folder))

    return found


@pytest.fixture(scope="module")
def beside(study):
    return study("as_reported", VARIANT)


@pytest.fixture(scope="module")
def as_coded(study):
    return {question.key: question for question in study("as_coded").questions}


def under(question):
    return next(one for one in question.specifications if one.role is Role.RULE_SET)


def test_under_the_other_rule_set_stands_what_a_study_of_that_rule_set_finds_in_the_same_areas(beside, as_coded):
    for question in beside.questions:
        main, found = as_coded[question.key].specifications[0], under(question)
        assert found.name == NAME
        assert isinstance(found.effect, Effect), question.key
        # the menu of inference is of the main analysis: a rule set reads its own test alone
        assert found.inference == ()
        assert replace(found, name="main", role=Role.MAIN, note=main.note, inference=main.inference) == main
        used, other = question.rule_sets
        assert (used.used, used.rule_set, other.used, other.rule_set) == (True, "as_reported", False, "as_coded")
        assert other.readings == as_coded[question.key].readings
        theirs = {one.decision: one for one in as_coded[question.key].decisions}
        assert all(theirs[one.decision] == one for one in other.decisions)
        assert {one.decision for one in other.decisions} >= {"family", "trends"}


def test_the_two_sets_differ_where_their_readings_do(beside):
    (kinship,) = [question for question in beside.questions if question.key == "kinship"]
    used, other = kinship.rule_sets
    assert other.rows < used.rows  # care and interim care orders alone
    assert (used.read_against, other.read_against) == ("t", "normal")
    assert used.effect == kinship.specifications[0].effect
    assert other.effect.df is None
    (again,) = [question for question in beside.questions if question.key == "rereferral"]
    used, other = again.rule_sets
    assert used.rows == other.rows
    assert other.effect.estimate == pytest.approx(used.effect.estimate, rel=1e-12)
    assert other.effect.std_error == pytest.approx(used.effect.std_error, rel=1e-12)
    assert other.effect.p_value < used.effect.p_value  # the same estimate and error, read as normal


def test_the_other_rule_set_changes_neither_rating_nor_answer(study, beside):
    for question, alone in zip(beside.questions, study("as_reported").questions, strict=True):
        assert question.evidence == alone.evidence
        assert question.specifications[0] == alone.specifications[0]
        mine = {one.decision: one for one in question.decisions}
        assert mine.pop("rule_sets").chosen in ("rule_sets_agree", "rule_sets_disagree")
        assert mine == {one.decision: one for one in alone.decisions}
        assert alone.rule_sets == ()


def test_the_report_shows_both_side_by_side_through_the_gate(beside):
    made = release(document(beside), limits(Disclosure()))
    for section, question in zip(made.sections, beside.questions, strict=True):
        table = next(one for one in section.tables if one.key == "rule_sets")
        lines = {row[0].text: row[1:] for row in table.rows}
        assert [column.heading for column in table.columns][1:3] == ["As reported (used)", "As coded"]
        against = lines["Its estimate is read against"]
        assert (against[1].text, against[2].text) == ("A normal distribution", "Yes")
        settled = [one.settles for one, other in zip(question.rule_sets[0].readings, question.rule_sets[1].readings,
                                                     strict=True) if one.value != other.value]  # fmt: skip
        assert {words[:1].upper() + words[1:] for words in settled} <= set(lines)
        (said,) = section.passages["rule_sets"]
        assert said.template.startswith("Under the other rule set, {other}, ")
        differing = sum(row[2].text == "Yes" for row in lines.values())
        assert said.facts["differ"].text == str(differing)


def test_findings_with_both_rule_sets_are_read_back_as_they_were(beside):
    assert from_json(to_json(beside), where="findings.json") == beside


def test_figures_of_areas_differ_in_the_reading_of_the_test_alone(tmp_path):
    path = write_study(tmp_path / "s", invented(), extra=VARIANT)
    (question,) = run(read_protocol(path)).questions
    used, other = question.rule_sets
    assert other.effect.std_error == pytest.approx(used.effect.std_error, rel=1e-12)
    assert other.effect.p_value < used.effect.p_value
    assert (used.readings, other.readings) == ((), ())
    assert under(question).rows == question.specifications[0].rows
    assert not any(run.role is Role.ADDITIONAL for run in question.specifications)


def test_a_question_with_its_primary_analysis_only_still_has_both_rule_sets(tmp_path):
    path = write_study(tmp_path / "s", invented(), extra=VARIANT, question="exploratory = true")
    (question,) = run(read_protocol(path)).questions
    assert len(question.rule_sets) == 2
    assert question.not_run == ()


def test_without_a_matched_pilot_there_is_nothing_to_compare(tmp_path):
    path = write_study(tmp_path / "s", invented(), extra=VARIANT, question="matching = { max_distance = 1e-9 }")
    (question,) = run(read_protocol(path)).questions
    assert question.rule_sets == ()
    assert [one.name for one in question.not_run] == [NAME]


def test_the_studys_own_rule_set_is_no_other_one(tmp_path):
    path = write_study(tmp_path / "s", invented(), extra=VARIANT.replace("as_coded", "as_reported"))
    with pytest.raises(ProtocolError, match=r'variant\[0\].rule_set: "as_reported" is the rule set of the study'):
        read_protocol(path)


@pytest.mark.parametrize("fewer", [4, 9])
def test_rows_that_differ_by_a_few_are_hidden_wherever_they_are_counted(beside, fewer):
    question = next(one for one in beside.questions if one.key == "icpc")
    rows = question.specifications[0].rows - fewer
    near = replace(
        question,
        specifications=tuple(
            replace(one, rows=rows) if one.role is Role.RULE_SET else one for one in question.specifications
        ),
        rule_sets=(question.rule_sets[0], replace(question.rule_sets[1], rows=rows)),
    )
    (section,) = release(document(replace(beside, questions=(near,))), limits(Disclosure())).sections
    tables = {table.key: table for table in section.tables}
    place = [column.key for column in tables["sensitivity"].columns].index("rows")
    listed = {row[0].text: row[place] for row in tables["sensitivity"].rows}
    assert isinstance(listed[NAME[:1].upper() + NAME[1:]], Withheld)
    used, other = tables["rule_sets"].rows[0][1:3]
    assert isinstance(other, Withheld)
    assert used.text == listed["Main analysis"].text == f"{question.specifications[0].rows:,}"
