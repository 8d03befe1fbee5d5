"""What `check` says of a run: by which rule the model comes, which test, what is run, and what is not and why."""

import json

import pytest
from command_line import invoke
from invented_study import invented, write_study
from people_study import COARSENING
from people_study import invented as invented_people
from people_study import write_study as write_people

from whatworked import read_protocol, run
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.study import plan_of, prepare

MODELS = ", ".join(f'{{ area = "A{i:02d}", model = "similar" }}' for i in range(4, 14))
RATINGS = ", ".join(f'{{ area = "A{i:02d}", date = 2012-01-01, rating = "good" }}' for i in range(14))
AREAS = f"practice_models = [{MODELS}]\nratings = [{RATINGS}]"
EVERY = """
[[variant]]
kind = "lags"
[[variant]]
kind = "leave_out"
flags = ["early"]
[[variant]]
kind = "leave_out"
pilots = ["Pilot 4"]
[[variant]]
kind = "estimator"
estimators = ["linear"]
[[variant]]
kind = "dose"
score = "delivery"
[[variant]]
kind = "practice_models"
[[variant]]
kind = "triple"
[[variant]]
kind = "matching"
name = "nobody"
matching = { max_distance = 1e-9 }
[[variant]]
kind = "rule_set"
rule_set = "as_coded"
"""


def planned(study):
    result = invoke("check", study, "--json")
    assert result.exit_code == 0, result.stderr
    (question,) = json.loads(result.stdout)["questions"]
    text = invoke("check", study).stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []
    return question, " ".join(text.split())


def of_areas(folder, *, question="", scores=(3.0, None, None, None)):
    path = write_study(folder, invented(), areas=AREAS, extra=EVERY, question=question)
    text = path.read_text(encoding="utf-8")
    for i, score in enumerate(scores):
        more = ('flags = ["early"], ' if i == 0 else "") + ("" if score is None else f"delivery = {score}, ")
        text = text.replace(f'label = "Pilot {i + 1}", ', f'label = "Pilot {i + 1}", {more}')
    path.write_text(text, encoding="utf-8")
    return path


def test_what_check_says_is_not_run_is_not_run_for_the_same_reason(tmp_path):
    study = of_areas(tmp_path / "s")
    question, text = planned(study)
    foreseen = {one["name"]: one["reason"] for one in question["not_run"]}
    (found,) = run(read_protocol(study)).questions
    done = {one.name: one.reason for one in found.not_run}
    assert set(foreseen) == {
        "other families of model", "quality of delivery", "practice models of the comparators",
        "high against low inspection ratings", "nobody",
    }  # fmt: skip
    assert foreseen.pop("other families of model") == done["fitted as a linear model"].replace(
        "it is the main analysis", "the records hold figures of areas, not people"
    )
    assert foreseen == {name: done[name] for name in foreseen}
    assert "fewer than 3 areas on a side are left (pilots: 1," in foreseen["quality of delivery"]
    assert "analyses: main; trend tests; the effect period by period" in text
    assert "- not run: nobody: no pilot is left with a comparator" in text


def test_an_exploratory_question_keeps_both_rule_sets_and_says_why_it_has_nothing_else(tmp_path):
    question, text = planned(of_areas(tmp_path / "s", question="exploratory = true"))
    assert question["variants"] == ["under the rule set as coded"]
    assert len({one["reason"] for one in question["not_run"]}) == 1
    assert "primary analysis only: the protocol calls the question exploratory" in text


def test_areas_headline_test_and_the_smallest_p_of_randomisation_are_those_of_the_run(tmp_path):
    one = "matching = { comparators_per_pilot = 1, max_distance = 1.5 }"
    for folder, question in (("two", ""), ("one", one)):
        study = write_study(tmp_path / folder, invented(), question=question)
        told, text = planned(study)
        (found,) = run(read_protocol(study)).questions
        main = found.specifications[0]
        assert told["areas"] == {"pilots": main.pilots, "comparators": main.comparators}
        headline = next(row for row in main.inference if row.headline)
        assert told["headline"]["chosen"] == headline.method.value == "wild_restricted"
        note = next(row.note for row in main.inference if row.method.value == "randomisation")
        best = told["randomisation"]
        assert f"{best['assignments']:,}; smallest p possible {best['smallest_p']:.3f}" in note
        assert "headline test: wild cluster bootstrap" in text
        assert f"{best['assignments']:,} assignments (all), so that its p-value cannot be below" in text


def test_two_pilots_are_told_the_collapsed_test_and_their_primary_analysis(tmp_path):
    lags = '[[variant]]\nkind = "lags"\n'
    question, text = planned(write_study(tmp_path / "s", invented(pilots=2), pilots=2, extra=lags))
    assert question["headline"]["chosen"] == "collapsed_t"
    assert question["scope"]["chosen"] == "primary_only"
    assert "headline test: two-sample t-test on one change per area" in text
    assert "- not run: lags: the question gets its primary analysis only: fewer than 3 areas" in text


def test_without_a_matched_pilot_there_is_no_test(tmp_path):
    question, text = planned(write_study(tmp_path / "s", invented(), question="matching = { max_distance = 1e-9 }"))
    assert question["randomisation"] is None
    assert "headline test: none, since nothing is left to judge chance by" in text


@pytest.mark.parametrize(
    ("more", "base", "said"),
    [
        ("", 0.35, "fixed (Hausman significant at 5%) or random (not), where more than 15% of rows repeat"),
        ("recurrence_veto = true", 0.35, "effects of people: none, since the outcome itself brings people back"),
        (
            'estimator = "fixed_effects"',
            0.35,
            "model: a linear model with an effect for each person, which the protocol",
        ),
        ("", -0.1, "effects of people: none beside a logistic model"),
    ],
)
def test_the_rule_that_chooses_the_model_is_told_with_its_limits(tmp_path, more, base, said):
    rows = invented_people(people=40, base=base, scale=0.3)
    study = write_people(tmp_path / "s", rows, question=f'covariates = ["sex"]\n{more}', matching=COARSENING)
    question, text = planned(study)
    assert said in text
    before = question["before_the_start"]["mean"]
    if "estimator" not in more:
        assert "below 10%, else linear: by that before the first start" in text
        rare = before < 0.1
        assert f"{before:.1%}, {'logistic' if rare else 'linear'}" in text
        assert rare == (base < 0)


def test_a_number_is_told_a_linear_model(tmp_path):
    rows = invented_people(people=30)
    study = write_people(tmp_path / "s", rows, question='covariates = ["sex"]', unit="working days")
    _, text = planned(study)
    assert "model: linear, since the outcome is in working days" in text
    assert "more than 15% of rows repeat" in text


def test_a_plan_before_outcomes_cannot_lay_any(tmp_path):
    study = write_study(tmp_path / "s", invented())
    protocol = read_protocol(study)
    (tmp_path / "work").mkdir()
    with DuckDBEngine([study.parent], tmp_path / "work") as engine:
        prepared = prepare(protocol, engine, store=None)
        plan = plan_of(prepared, protocol.question[0])
        with pytest.raises(AssertionError, match="no outcome has been read"):
            plan.lay(plan.matches.groups, "equal")
