"""The demonstration of a whole evaluation: the protocol asks what the source asked, and the study runs as it stands."""

import json
from pathlib import Path

import pytest
from command_line import invoke

from whatworked import read_protocol
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
from whatworked.protocol.variants import Dose, Lags, LeaveOut, OtherEstimator, OtherRules, PracticeModels, Triple
from whatworked.scaffold import nine_pilots, write_nine_pilots
from whatworked.scaffold.simulate import Size, write_simulation

EXAMPLE = Path(__file__).parents[2] / "examples" / "signs_of_safety" / "study.toml"
SMALL = Size(persons=6_000, areas=45, years=(2009, 2019))
OF_ALL = {
    "main",
    "errors clustered on people",
    "quality of delivery",
    "degree of embeddedness",
    "practice models of the comparators",
    "high against low inspection ratings",
    "under the rule set as coded",
}
FITTED = {f"fitted as a linear model{words}" for words in ("", " with an effect for each person")}
# What the source did for each question beside the primary analysis, leads and lags; leave-outs go by their own names.
PLANNED = {
    "rereferral": OF_ALL | FITTED,
    "escalation": OF_ALL | FITTED,
    "icpc": OF_ALL | FITTED,
    "entry_to_care": OF_ALL | {"lags", "other families of model", "leaving out pilots flagged early_adopter"},
    "kinship": OF_ALL | FITTED | {"kinship care as the evaluators coded it"},
    "assessment_duration": OF_ALL | FITTED | {"durations of up to 310 working days", "same-day assessments"},
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("national") / "demo"
    write_nine_pilots(folder, SMALL)
    return folder


def test_the_example_is_the_study_of_the_demonstration(demo):
    assert EXAMPLE.read_text(encoding="utf-8") == (demo / "study.toml").read_text(encoding="utf-8")


def test_nine_pilots_have_numbers_for_names_and_settle_in_at_different_paces():
    protocol = read_protocol(EXAMPLE)
    pilots = protocol.areas.pilots
    assert [pilot.label for pilot in pilots] == [f"Pilot {n}" for n in range(1, 10)]
    assert not protocol.areas.publish_names
    assert len({(pilot.embedded - pilot.start).days for pilot in pilots}) > 4
    (early,) = (pilot for pilot in pilots if "early_adopter" in pilot.flags)
    assert early.start == min(pilot.start for pilot in pilots)
    assert [pilot.label for pilot in pilots if "assessment_support" in pilot.flags] == ["Pilot 1", "Pilot 2"]


def test_the_six_questions_have_the_variants_of_the_source():
    protocol = read_protocol(EXAMPLE)
    questions = {question.key: question for question in protocol.question}
    assert set(questions) == {
        "rereferral", "escalation", "icpc", "entry_to_care", "kinship", "assessment_duration"
    }  # fmt: skip
    assert {key for key, question in questions.items() if question.exploratory} == {"entry_to_care"}
    vetoed = {"rereferral", "escalation", "entry_to_care"}
    assert {key for key, question in questions.items() if question.recurrence_veto} == vetoed
    left_out = {
        key: [
            variant.flags or variant.pilots
            for variant in protocol.variants_of(question)
            if isinstance(variant, LeaveOut)
        ]
        for key, question in questions.items()
    }
    support, early = "assessment_support", "early_adopter"
    every = [(support,), (early,), (support, early)]
    # outside support is with assessments: it has no say in what happens to children in care
    assert left_out == {
        "rereferral": every,
        "escalation": every,
        "icpc": every,
        "entry_to_care": [(early,)],
        "kinship": [("Pilot 2",), (early,)],
        "assessment_duration": every,
    }
    kinds = [type(variant) for variant in protocol.variants_of(questions["rereferral"])]
    assert {Lags, Dose, PracticeModels, Triple} <= set(kinds)
    assert kinds.count(Dose) == 2
    assert kinds[-1] is OtherRules
    (same_day,) = [one for one in protocol.variant if isinstance(one, SecondaryOutcome)]
    assert (same_day.questions, same_day.outcome.kind, same_day.leave_outs) == (
        ("assessment_duration",),
        "same_day",
        True,
    )


def test_the_variants_stand_in_the_order_of_the_source():
    order = [
        Lags,
        LeaveOut,
        Cutoff,
        Redefine,
        SecondaryOutcome,
        Dose,
        PracticeModels,
        Triple,
        OtherEstimator,
        OtherRules,
    ]
    kinds = list(dict.fromkeys(type(variant) for variant in read_protocol(EXAMPLE).variant))
    assert kinds == order


def test_the_eight_covariates_of_areas_enter_the_questions_with_enough_areas():
    protocol = read_protocol(EXAMPLE)
    (table,) = protocol.contexts.values()
    assert len(table.covariates) == 8
    with_them = {question.key for question in protocol.question if question.area_covariates}
    assert with_them == {question.key for question in protocol.question} - {"escalation", "entry_to_care"}
    assert all(question.area_covariates in ((), tuple(table.covariates)) for question in protocol.question)


def test_a_nation_of_few_councils_does_without_covariates_of_areas(tmp_path):
    study = write_simulation(tmp_path / "few", Size(persons=500, areas=12), seed=1, effect=0.0)
    assert read_protocol(study).contexts == {}
    assert not (study.parent / "area_years.csv").exists()


def test_what_is_planted_stands_beside_the_study_and_two_questions_have_no_effect(demo):
    truth = json.loads((demo / "truth.json").read_text(encoding="utf-8"))
    assert truth["effects"] == dict(nine_pilots.EFFECTS)
    assert [question for question, effect in truth["effects"].items() if effect == 0] == ["icpc", "entry_to_care"]
    assert "README.md" in {path.name for path in demo.iterdir()}


def test_the_command_writes_the_study_runs_it_and_names_no_council(tmp_path, monkeypatch):
    monkeypatch.setattr(nine_pilots.write_nine_pilots, "__defaults__", (SMALL,))
    result = invoke("demo", tmp_path / "demo")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Everything in this study is invented")
    findings = json.loads((tmp_path / "demo" / "run" / "findings.json").read_text(encoding="utf-8"))
    questions = {question["key"]: question for question in findings["questions"]}
    assert len(questions) == 6
    assert all(questions["assessment_duration"]["matching"][key] for key in ("people_matched", "rows_kept"))
    assert questions["rereferral"]["areas"]["groups"]
    for question in questions.values():
        # every analysis that was planned was run, or says why it was not
        told = {one["name"] for one in (*question["specifications"], *question["not_run"])}
        fitted = FITTED | {"main", "errors clustered on people"}  # of so few children kinship finds no comparators
        planned = PLANNED[question["key"]] - (set() if question["areas"]["groups"] else fitted)
        assert planned <= told, question["key"]
        assert all(one["reason"] for one in question["not_run"])
    few = {one["reason"] for one in questions["entry_to_care"]["not_run"]}
    assert any("the protocol calls the question exploratory" in reason for reason in few)
    known = {row["what"] for row in questions["icpc"]["quality"]}
    assert "rating: area periods without a value" in known
    report = (tmp_path / "demo" / "run" / "release" / "report.html").read_text(encoding="utf-8")
    assert "Pilot 9" in report
    assert "X009" not in report
