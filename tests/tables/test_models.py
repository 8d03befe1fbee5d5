"""Every analysis names its model and its unit; the tests of people's rows have words and their counts pass the gate."""

from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, with_question
from invented_people import OTHER_CASES, PILOT_CASES, matched, of_people

from whatworked.cells import Blank, Coefficient, Share
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Withheld
from whatworked.findings.model import DecisionFact, Effect, NotEstimatedFact
from whatworked.findings.model import TestFact as Measured
from whatworked.report.overview import decisions
from whatworked.report.prose.answer import answer_in_a_line
from whatworked.report.prose.design import how_sure
from whatworked.report.view import as_text
from whatworked.rules.estimator import ModelFacts, choose_model, fall_back_to_linear
from whatworked.rules.rulesets import AS_REPORTED
from whatworked.tables.document import document
from whatworked.tables.wording import DECISIONS, ESTIMATORS, METHODS, TESTS
from whatworked.vocabulary import Estimator, Method

NAMES = (
    "serial_correlation",
    "breusch_godfrey_chi2",
    "breusch_godfrey_f",
    "hausman",
    "mundlak",
    "repeated_share",
    "recurrence_f",
    "composition",
)


RARE = OTHER_CASES | {"ethnicity": (1377, 80, 40, 3)}


def logit(question):
    """The question with a logit for its main model: log-odds, odds ratio and marginal effect."""
    main = question.specifications[0]
    odds = Effect("pilot:post", 0.67, "odds ratio", None, None, None, 0.01, 0.5, 0.9)
    marginal = Effect("pilot:post", -0.031, "share", 0.01, 11.0, -3.1, 0.012, -0.05, -0.011)
    effect = replace(main.effect, estimate=-0.4, conf_low=-0.7, conf_high=-0.1, unit="log-odds")
    linear = (Method.COLLAPSED_T, Method.STACKED)
    inference = tuple(
        replace(row, estimate=-0.03, std_error=0.01, conf_low=-0.05, conf_high=-0.01)
        if row.method in linear
        else replace(row, estimate=-0.4, conf_low=-0.7, conf_high=-0.1)
        for row in main.inference
    )
    changed = replace(
        main,
        estimator=Estimator.LOGIT,
        effect=effect,
        inference=inference,
        average_marginal_effect=marginal,
        odds_ratio=odds,
        r_squared=None,
        terms=tuple(replace(term, unit="log-odds") for term in main.terms),
    )
    return replace(question, specifications=(changed, *question.specifications[1:]))


def section_of(question):
    return document(with_question(invented(), question)).sections[0]


def released(question):
    return release(document(with_question(invented(), question)), LIMITS).sections[0]


def rows_of(question, key):
    table = next(table for table in section_of(question).tables if table.key == key)
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows], table


def test_every_estimator_and_method_has_words():
    assert set(ESTIMATORS) == set(Estimator)
    assert set(METHODS) == set(Method)
    assert set(NAMES) <= set(TESTS)


def test_every_analysis_names_its_model():
    rows, table = rows_of(with_an_effect(), "sensitivity")
    assert {row["model"].text for row in rows} == {"Linear regression"}
    assert "odds_ratio" not in {column.key for column in table.columns}
    _, terms = rows_of(with_an_effect(), "main_regression")
    assert terms.notes[0].template.startswith("Linear regression. N = ")


def test_a_logit_has_log_odds_an_odds_ratio_and_points_each_with_its_unit():
    rows, table = rows_of(logit(of_people()), "sensitivity")
    first, second = rows[:2]
    assert first["unit"].text == "log-odds"
    assert second["unit"].text == "percentage points"
    assert (first["estimate"].unit, first["odds_ratio"].value, first["marginal"].unit) == ("log-odds", 0.67, "share")
    heading = {column.key: column.heading.text for column in table.columns}
    assert heading["estimate"] == "Estimate (unit in its column)"
    assert heading["marginal"] == "Average marginal effect (percentage points)"
    assert isinstance(second["odds_ratio"], Blank)
    assert second["odds_ratio"].why == "of a logit only"
    _, terms = rows_of(logit(of_people()), "main_regression")
    assert terms.columns[1].heading.text == "Estimate (log-odds)"
    assert terms.notes[0].template.startswith("Logistic regression. ")
    assert "R²" not in terms.notes[0].template


def test_a_marginal_effect_that_could_not_be_had_says_why():
    question = logit(of_people())
    main = replace(
        question.specifications[0], average_marginal_effect=NotEstimatedFact("it separates"), odds_ratio=None
    )
    question = replace(question, specifications=(main, *question.specifications[1:]))
    row = rows_of(question, "sensitivity")[0][0]
    assert row["marginal"].why == "it separates"
    assert isinstance(row["odds_ratio"], Blank)
    assert "could not be told in percentage points" in how_sure(released(question))[0]


def test_the_answer_of_a_logit_is_told_in_points_and_never_in_log_odds():
    question = logit(of_people())
    section = released(replace(question, specifications=question.specifications[:1], leave_one_area_out=()))
    line = answer_in_a_line(section)
    assert "a fall of 3.1 percentage points" in line.lower()
    assert "between 1.1 and 5.0 percentage points" in line
    assert "log-odds" not in line
    assert "a fall of 0.4 log-odds, an odds ratio of 0.7" in how_sure(section)[0].replace("0.40", "0.4").replace(
        "0.67", "0.7"
    )


def test_tests_of_peoples_rows_have_words_and_unknown_ones_print():
    facts = tuple(Measured(name, 4.2, (1.0,), 0.03, "found", "a note") for name in NAMES if name != "repeated_share")
    more = (Measured("composition: age", 0.4, (5.0,), 0.2, "no change", ""), Measured("brand_new", 1.0, (), None, "so"))
    rows, _ = rows_of(replace(of_people(), tests=facts + more), "tests")
    words = [row["test"].text for row in rows]
    assert words[: len(facts)] == [TESTS[fact.name] for fact in facts]
    assert words[-2:] == [f"{TESTS['composition']} – age", "Brand new"]


@pytest.mark.parametrize(("repeated", "hidden"), [(300, False), (4, True), (3046, True)])
def test_the_share_of_repeated_rows_is_a_share_of_people_for_the_gate(repeated, hidden):
    fact = Measured("repeated_share", repeated / 3050, (float(repeated), 3050.0), None, "share", "")
    question = replace(of_people(), tests=(fact,))
    row = rows_of(question, "tests")[0][0]
    assert row["figure"] == Share(repeated, 3050)
    assert isinstance(row["df"], Blank)
    cells = released(question).table("tests").rows[0]
    assert isinstance(cells[1], Withheld) is hidden
    assert not [cell for cell in cells if cell.text == str(repeated)]


@pytest.mark.parametrize(
    "known",
    [
        ModelFacts(Share(300, 4000), 0.2, None, Share(900, 4000), False),
        ModelFacts(Share(900, 4000), 0.01, 0.2, Share(900, 4000), False),
        ModelFacts(Share(900, 4000), 0.01, None, Share(100, 4000), True),
        ModelFacts(None, None, None, None, False),
    ],
)
def test_the_choice_of_a_model_is_told_in_words_with_its_numbers(known):
    made = (
        *choose_model(known, AS_REPORTED).decisions,
        fall_back_to_linear("logit", "a logistic model", "it separates"),
    )
    facts = tuple(
        DecisionFact(one.decision, one.chosen, one.because, dict(one.facts), one.branches_not_taken) for one in made
    )
    view = decisions(released(replace(of_people(), decisions=facts)), number=1)
    # the last two columns name a rule and keys of the protocol, as they are written
    text = " ".join(as_text(cell) for row in view.rows for cell in row[:-2])
    assert "{" not in text
    assert "_" not in text
    assert {row[0] for row in view.rows} <= set(DECISIONS.values())


def test_estimates_of_a_logit_are_coefficients_of_its_own_degrees_of_freedom():
    row = rows_of(logit(of_people()), "sensitivity")[0][0]
    assert {cell.residual_df for cell in row.values() if isinstance(cell, Coefficient)} == {63.0}


def test_a_term_of_a_level_that_few_have_is_hidden_and_so_is_the_test_of_its_composition():
    question = of_people(matched(pilot_cases=PILOT_CASES | {"ethnicity": (457, 40, 2, 1)}, other_cases=RARE))
    main = question.specifications[0]
    terms = tuple(replace(main.terms[0], term=f"ethnicity[{level}]") for level in ("A", "O"))
    test = Measured("composition: ethnicity[O]", 0.02, (7.0,), 0.4, "no change found", "")
    question = replace(
        question, specifications=(replace(main, terms=terms), *question.specifications[1:]), tests=(test,)
    )
    section = released(question)
    common, rare = section.table("main_regression").rows
    assert not [cell for cell in common[1:5] if isinstance(cell, Withheld)]
    assert all(isinstance(cell, Withheld) and cell.rule == "few_people" for cell in rare[1:5])
    assert isinstance(section.table("tests").rows[0][1], Withheld)


def test_the_linear_forms_beside_a_logit_keep_the_unit_of_shares():
    rows, table = rows_of(logit(of_people()), "inference")
    units = {row["method"].text: (row["estimate"].unit, row["unit"].text) for row in rows}
    linear = {METHODS[Method.COLLAPSED_T], METHODS[Method.STACKED]}
    assert {units[name] for name in linear} == {("share", "percentage points")}
    assert {unit for name, unit in units.items() if name not in linear} == {("log-odds", "log-odds")}
    assert "unit" not in {column.key for column in rows_of(with_an_effect(), "inference")[1].columns}
    assert table.columns[-1].heading.text == "Unit of the estimate"


def test_a_headline_that_is_linear_beside_a_logit_is_told_in_its_own_unit():
    question = logit(of_people())
    main = question.specifications[0]
    rows = tuple(replace(row, headline=row.method is Method.COLLAPSED_T) for row in main.inference)
    section = released(replace(question, specifications=(replace(main, inference=rows), *question.specifications[1:])))
    headline = next(sentence for sentence in how_sure(section) if sentence.startswith("The headline test"))
    assert "percentage points" in headline
    assert "log-odds" not in headline
