"""The benchmark of planted effects, on one small nation: its truth is the rows', and no decision escapes its count."""

import sys
from dataclasses import replace
from math import inf, log
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import planted_truth
from planted_branches import BRANCHES, counted
from planted_effects import YEARS, holds, summary, tasks_of
from planted_settings import SETTINGS, USUAL
from planted_study import Nation, study_of
from planted_truth import RowsDifferError, Truth

from whatworked.records.invented.effects import QUESTIONS
from whatworked.scaffold.nine_pilots import EFFECTS

TINY = Nation(persons=1_600, areas=9, years=YEARS, effects=EFFECTS)


def truth(**changes):
    """Two pilots, three rows in one and two in the other."""
    given = {
        "area": np.array(["A", "A", "A", "B", "B"]),
        "outcome": np.array([1.0, 0, 0, 1, 0]),
        "without": np.array([1.0, 1, 0, 1, 1]),
        "limit": 1.0,
    }
    return Truth(**given | changes)


def test_the_truth_of_rows_counts_rows_and_that_of_areas_counts_areas():
    assert truth().pooled() == pytest.approx(2 / 5 - 4 / 5)
    assert truth().by_area == pytest.approx({"A": -1 / 3, "B": -1 / 2})
    assert truth().of_mean_area == pytest.approx(-5 / 12)
    assert truth().pooled(frozenset({"A"})) == pytest.approx(-1 / 3)
    assert truth().log_odds == pytest.approx(log(2 / 3) - log(4))


def test_an_outcome_without_the_programme_that_the_study_would_leave_out_is_no_row():
    long = truth(outcome=np.array([9.0, 5, 7, 8, 6]), without=np.array([12.0, 6, 8, inf, 7]), limit=10.0)
    assert long.pooled() == pytest.approx(35 / 5 - 21 / 3)
    assert long.by_area == pytest.approx({"A": 21 / 3 - 14 / 2, "B": 14 / 2 - 7})


def test_there_are_no_log_odds_where_a_share_is_none_or_all():
    assert truth(outcome=np.zeros(5)).log_odds is None
    assert truth(without=np.ones(5)).log_odds is None


@pytest.fixture(scope="module")
def line():
    return study_of(TINY, 3, SETTINGS[USUAL].change, told=True)


def test_every_question_has_an_answer_beside_its_truth_or_says_why_not(line):
    assert set(line["questions"]) == set(QUESTIONS)
    answers = [asked["headline"] for asked in line["questions"].values() if "headline" in asked]
    assert len(answers) >= 3
    for answer in answers:
        assert answer["estimate"] is not None
        assert holds(answer | {"truth": answer["estimate"]})
    assert all("headline" in asked or asked["none"] for asked in line["questions"].values())
    duration = line["questions"]["assessment_duration"]
    assert duration["headline"]["truth"] < -0.5
    # balanced by matching, the regression weighs pilots much as their rows do
    assert duration["projected"] == pytest.approx(duration["planted"], rel=0.1)
    assert line["questions"]["icpc"]["planted"] == 0


def test_every_decision_is_a_branch_that_is_counted(line):
    decisions = [one for asked in line["questions"].values() for one in asked["decisions"]]
    for decision in decisions:
        assert any(branch.taken(*decision) for branch in BRANCHES if branch.chosen), decision
    found = counted([(USUAL, decisions)])
    assert sum(found[branch][USUAL] for branch in BRANCHES if branch.decision == "trends") == len(QUESTIONS)
    assert {decision for decision, *_ in decisions} <= {branch.decision for branch in BRANCHES}


def test_rows_that_are_not_the_planted_ones_are_refused(monkeypatch):
    whole = planted_truth.undone_rows

    def one_changed(areas, effects):
        found = whole(areas, effects)
        for key, rows in found.items():
            if key[0] == "icpc":
                last = rows[-1]
                found[key] = [*rows[:-1], replace(last, row=replace(last.row, event=last.row.event + 1))]
        return found

    monkeypatch.setattr("planted_study.undone_rows", one_changed)
    with pytest.raises(RowsDifferError, match=r"X00\d: \d+ rows were read, \d+ planted"):
        study_of(TINY, 3, only_conferences, told=True)


def only_conferences(text, folder):
    """The usual study with one question and nothing beside it."""
    head, *questions = SETTINGS[USUAL].change(text, folder).split("\n[[question]]\n")
    (asked,) = (one for one in questions if one.startswith('key = "icpc"'))
    return f"{head}\n[[question]]\n{asked}"


def test_the_summary_is_the_mean_error_and_the_number_of_intervals_that_hold():
    def answer(estimate, low, high, p):
        return {"estimate": estimate, "low": low, "high": high, "p": p, "truth": 1.0}

    answers = [answer(1.5, 0.5, 2.5, 0.2), answer(2.5, 1.5, 3.5, 0.01), answer(0.5, None, 1.0, 0.5)]
    number, held, rejected, planted, error, spread, width = summary(answers)
    assert (number, held, rejected, planted, width) == (3, 2, 1, 1.0, 2.0)
    assert error == pytest.approx(0.5)
    assert spread == pytest.approx(1 / np.sqrt(3))


def test_other_settings_have_few_of_the_seeds():
    tasks = tasks_of(200, 1, list(SETTINGS))
    assert sum(setting == USUAL for setting, _ in tasks) == 200
    assert all(sum(other == setting for other, _ in tasks) == 2 for setting in SETTINGS if setting != USUAL)
