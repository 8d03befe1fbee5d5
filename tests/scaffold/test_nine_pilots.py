"""The demonstration of a whole evaluation: the protocol asks what the source asked, and the study runs as it stands."""

import json
from pathlib import Path

import pytest
from command_line import invoke

from whatworked import read_protocol
from whatworked.protocol.variants import Dose, Lags, LeaveOut, PracticeModels, Triple
from whatworked.scaffold import nine_pilots, write_nine_pilots
from whatworked.scaffold.simulate import Size

EXAMPLE = Path(__file__).parents[2] / "examples" / "signs_of_safety" / "study.toml"
SMALL = Size(persons=6_000, areas=45, years=(2009, 2019))


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
    assert left_out == {
        "rereferral": [(support,)],
        "escalation": [],
        "icpc": [(early,)],
        "entry_to_care": [],
        "kinship": [("Pilot 2",)],
        "assessment_duration": [(support,), (early,), (support, early)],
    }
    kinds = [type(variant) for variant in protocol.variants_of(questions["rereferral"])]
    assert {Lags, Dose, PracticeModels, Triple} <= set(kinds)
    assert kinds.count(Dose) == 2


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
    report = (tmp_path / "demo" / "run" / "release" / "report.html").read_text(encoding="utf-8")
    assert "Pilot 9" in report
    assert "X009" not in report
