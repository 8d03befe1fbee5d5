"""A whole study over an invented extract: the same nation's returns give the same answers."""

import pytest
from plain_study import unmatched

from whatworked import read_protocol, run
from whatworked.errors import ProtocolError, RecordsError
from whatworked.findings.model import NotEstimatedFact
from whatworked.protocol.read import parse_protocol
from whatworked.scaffold.simulate import Size, write_simulation

SIZE = Size(persons=5_000, areas=12, years=(2013, 2019))


def answers(findings):
    """What a study says of each question: its people, its comparators and its effect."""
    return {
        question.key: (
            question.rows,
            question.persons,
            [(group.pilot, group.comparators) for group in question.areas.groups],
            question.specifications[0].effect,
        )
        for question in findings.questions
    }


def studied(folder, form):
    study = write_simulation(folder / form, SIZE, seed=5, effect=-0.3, form=form)
    text = unmatched(study.read_text(encoding="utf-8")).partition("[[variant]]")[0]
    study.write_text(text.replace("max_distance = 1.5", "max_distance = inf\nslope_significance = 0"), encoding="utf-8")
    return study


def test_an_extract_and_the_returns_of_one_nation_give_the_same_answers(tmp_path):
    findings = {form: run(read_protocol(studied(tmp_path, form))) for form in ("returns", "npd")}
    found = answers(findings["npd"])
    assert len(found) == 6
    assert all(rows and groups for rows, _, groups, _ in found.values())
    estimated = 0
    for key, (rows, persons, groups, effect) in answers(findings["returns"]).items():
        assert found[key][:3] == (rows, persons, groups), key
        ours = found[key][3]
        if isinstance(effect, NotEstimatedFact):  # so few years leave some questions without events after the start
            assert ours == effect, key
            continue
        estimated += 1
        assert (ours.estimate, ours.std_error) == pytest.approx((effect.estimate, effect.std_error), rel=1e-9), key
    assert estimated > 3


def test_a_study_over_an_extract_with_years_without_plans_says_where_escalation_begins(tmp_path):
    study = write_simulation(tmp_path / "nation", Size(2_500, 10, (2009, 2021)), seed=5, effect=-0.3, form="npd")
    head, *questions = study.read_text(encoding="utf-8").split("[[question]]")
    asked = next(question for question in questions if 'key = "escalation"' in question)
    wide = head.replace("max_distance = 1.5", "max_distance = inf\nslope_significance = 0")
    findings = run(parse_protocol(f"{wide}[[question]]{asked}".partition("[[variant]]")[0], study.parent))
    (question,) = findings.questions
    rule = "left out: before the first day from which the source has plans"
    assert next(step.left_out for step in question.population.flow if step.rule == rule) > 0
    assert any("no plan stands: 2010, 2011, 2012" in note.what for note in question.quality)


def test_the_study_that_simulate_writes_runs_without_escalation_where_plans_come_too_late(tmp_path):
    nation = tmp_path / "nation"
    write_simulation(nation, Size(4_000, 12, (2009, 2018)), seed=1, effect=-0.2, dirty=True, form="npd")
    assert "Escalation is not asked" in (nation / "study.toml").read_text(encoding="utf-8")
    findings = run(read_protocol(nation / "study.toml"))
    assert [question.key for question in findings.questions] == [
        "rereferral", "icpc", "entry_to_care", "kinship", "assessment_duration"
    ]  # fmt: skip


def test_an_extract_without_a_questions_files_is_refused(tmp_path):
    study = studied(tmp_path, "npd")
    for path in (study.parent / "npd").glob("CLA_*"):
        path.unlink()
    with pytest.raises(RecordsError, match="hold no table of the kind episode"):
        run(read_protocol(study))
    text = study.read_text(encoding="utf-8")
    with pytest.raises(ProtocolError, match="leads out"):
        parse_protocol(text.replace('folder = "npd"', 'folder = "../npd"'), study.parent)
    with pytest.raises(RecordsError, match="no such folder"):
        run(parse_protocol(text.replace('folder = "npd"', 'folder = "nowhere"'), study.parent))
