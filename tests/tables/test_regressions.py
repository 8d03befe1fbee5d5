"""Models side by side: every number is that of its own model, every gap has its reason, no count tells another."""

from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, with_question
from invented_people import of_people
from invented_secondary import with_secondary

from whatworked.cells import Blank, Coefficient, Count, Statistic, Tally
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Number, Withheld
from whatworked.findings.model import DroppedTermFact, Effect, NotEstimatedFact
from whatworked.tables.document import document
from whatworked.tables.regressions import counted, primary, reason_in_words, secondary
from whatworked.vocabulary import Estimator, Role


def section_of(question):
    return document(with_question(invented(), question)).sections[0]


def made(question, key="primary"):
    table = section_of(question).table(key)
    return {row[0].text: row[1:] for row in table.rows}, table


def test_every_number_is_the_term_of_its_own_model():
    question = with_an_effect()
    rows, _ = made(question)
    models = [s for s in question.specifications if s.role not in (Role.LEADS, Role.SECONDARY)]
    for label, term in (
        ("Intercept", "(intercept)"),
        ("Pilot area", "pilot"),
        ("DiD: pilot area × after the start", "pilot:post"),
        ("Period 2014", "period[2014]"),
        ("DiD in period t+1", "pilot:k=1"),
    ):
        for model, cell in zip(models, rows[label], strict=True):
            found = next((one for one in model.terms if one.term == term), None)
            if model.role is Role.LAGS and term in ("(intercept)", "pilot"):
                leads = next(s for s in question.specifications if s.role is Role.LEADS)
                found = next((one for one in leads.terms if one.term == term), None)
            assert (cell.value if isinstance(cell, Coefficient) else None) == (found.estimate if found else None)


def test_stars_follow_the_protocols_key_and_stand_with_the_number():
    rows, table = made(with_an_effect())
    marks = {label: rows[label][0].mark for label in ("Intercept", "Pilot area", "Period 2014")}
    assert marks == {"Intercept": "***", "Pilot area": "", "Period 2014": "**"}
    assert any("* p < 0.1, ** p < 0.05, *** p < 0.01" in str(note.facts) for note in table.notes)


def test_the_main_model_comes_first_and_every_column_has_its_unit():
    _, table = made(with_an_effect())
    headings = [column.heading.text for column in table.columns[1:]]
    assert headings[0] == "Main analysis: linear regression (per 10,000 children)"
    assert headings[1] == "Lagged treatment (per 10,000 children)"
    assert all(heading.endswith("(per 10,000 children)") for heading in headings)


def test_covariates_stay_in_the_table_of_their_own_model():
    question = with_an_effect()
    main = question.specifications[0]
    more = replace(main.terms[0], term="disabled[yes]")
    rows, table = made(replace(question, specifications=(replace(main, terms=(*main.terms, more)),)))
    assert not [label for label in rows if "isabled" in label]
    assert any("Characteristics of people" in str(note.facts) for note in table.notes)


def test_every_gap_has_the_reason_of_its_model():
    question = with_an_effect()
    main, *others = question.specifications
    gone = DroppedTermFact("(intercept)", "it does not change within any unit, so the unit effects hold it")
    fixed = replace(
        others[-1],
        estimator=Estimator.FIXED_EFFECTS,
        terms=main.terms[2:4],
        dropped_terms=(gone, DroppedTermFact("period[2014]", "collinear with post and period[2015]")),
    )
    rows, _ = made(replace(question, specifications=(main, *others[:2], fixed)))
    lagged, last = 1, 2
    assert rows["Intercept"][last].why == gone.reason
    assert rows["Period 2014"][last].why == "collinear with post and period 2015"
    assert rows["Pilot area"][last].why == "not in this model"
    assert rows["After the start"][lagged].why == "a term for each period since the start stands in its place"
    assert rows["DiD: pilot area × after the start"][lagged].why == "one effect a period stands in its place"
    assert rows["DiD in period t, the first after the start"][0].why == "one effect for all periods after the start"
    assert rows["Effect, p-value of the source's test"][lagged].why == "one effect a period, each with its own"


def test_an_analysis_without_an_estimate_keeps_its_column_and_its_reason():
    question = with_an_effect()
    main, *others = question.specifications
    silent = replace(others[-1], effect=NotEstimatedFact("no pilot is left"), terms=(), inference=(), r_squared=None)
    rows, _ = made(replace(question, specifications=(main, *others[:-1], silent)))
    assert rows["DiD: pilot area × after the start"][-1] == Blank("no pilot is left")
    assert rows["Effect, 95% interval: lower limit"][-1] == Blank("no pilot is left")
    assert isinstance(rows["R²"][-1], Blank)


def test_each_column_has_the_size_of_its_own_model():
    question = of_people()
    main, *others = question.specifications
    less = tuple(replace(one, rows=1000 + i, persons=700 + i, pilots=3) for i, one in enumerate(others))
    question = replace(question, specifications=(replace(main, persons=2490), *less))
    rows, _ = made(question)
    assert rows["Rows"][0] == Count(main.rows)
    assert rows["People"] == (Count(2490, "people"), *(Count(700 + i, "people") for i in range(1, len(less))))
    assert {type(cell) for label in ("Pilots", "Comparators") for cell in rows[label]} == {Tally}
    assert {type(cell) for cell in rows["R²"]} == {Statistic}


@pytest.mark.parametrize("few", ["rows", "persons"])
def test_two_models_that_differ_by_a_few_are_not_both_counted_in_any_table(few):
    question = with_secondary(of_people(), "delivery")
    main, *others = question.specifications
    main = replace(main, persons=2490)
    fewer = {"rows": main.rows, "persons": 2490} | {few: getattr(main, few) - 4}
    less = tuple(
        replace(one, persons=2490)
        if one.role in (Role.LEADS, Role.LAGS)
        else replace(one, rows=fewer["rows"], persons=fewer["persons"])
        for one in others
    )
    out = release(document(with_question(invented(), replace(question, specifications=(main, *less)))), LIMITS)
    section = out.sections[0]
    told = {
        cell.value
        for key in ("sensitivity", "primary", "secondary")
        for row in section.table(key).rows
        for cell in row
        if isinstance(cell, Number)
    }
    assert getattr(main, few) in told
    assert getattr(main, few) - 4 not in told
    hidden = section.table("secondary").records()
    label = {"rows": "Rows", "persons": "People"}[few]
    assert all(isinstance(row["model_1"], Withheld) for row in hidden if row["term"].text == label)


def test_every_count_of_these_tables_follows_the_one_it_repeats():
    question = with_secondary(of_people(), "delivery", "rating")
    main, *others = question.specifications
    sizes = tuple(replace(one, rows=500 + 20 * i, persons=300 + 20 * i) for i, one in enumerate(others))
    question = replace(question, specifications=(replace(main, persons=2490), *sizes))
    section = section_of(question)
    every = section.table("sensitivity")
    place = {column.key: i for i, column in enumerate(every.columns)}
    for key in ("primary", "secondary"):
        table = section.table(key)
        keys = [column.key for column in table.columns]
        found = list(counted(question, table))
        assert len(found) == 2 * (len(keys) - 1)
        lags = [i for i, s in enumerate(s for s in question.specifications if s.role is not Role.LEADS)
                if s.role is Role.LAGS] if key == "primary" else []  # fmt: skip
        for row, column, other, of in found:
            if keys.index(column) - 1 not in lags:
                assert table.rows[row][keys.index(column)] == every.rows[other][place[of]]


def test_secondary_analyses_stand_side_by_side_with_the_sum_and_the_turned_sign():
    rows, table = made(with_secondary(with_an_effect(), "delivery", "rating", "models"), "secondary")
    dose = rows["Quality of delivery × after the start (the effect of a full dose)"]
    assert [cell.value if isinstance(cell, Coefficient) else None for cell in dose] == [3.0, None, None]
    assert rows["Effect at a high rating (the sum of two terms)"][1].value == 16.0
    assert rows["Pilot area × after the start (the effect at a low rating)"][1].value == 14.0
    turned = rows["Effect against comparators without a similar practice model (sign turned)"]
    assert turned[2].value == 22.0
    assert any("Sign turned" in str(note.facts) for note in table.notes)
    assert [label for label in rows if label.startswith("Period")] == ["Period 2014"]


def test_a_secondary_outcome_has_a_column_in_its_own_unit():
    _, table = made(with_secondary(with_an_effect(), "delivery", "another"), "secondary")
    assert [column.heading.text for column in table.columns[1:]] == [
        "Delivery (per 10,000 children)",
        "Another (days)",
    ]
    assert not any("Sign turned" in str(note.facts) for note in table.notes)


def test_a_logit_beside_a_linear_model_has_its_odds_ratio_and_its_points():
    question = of_people()
    main = question.specifications[0]
    logit = replace(
        main,
        estimator=Estimator.LOGIT,
        effect=replace(main.effect, unit="log-odds", estimate=-0.4),
        odds_ratio=Effect("pilot:post", 0.67, "odds ratio", None, None, None, 0.01, 0.5, 0.9),
        average_marginal_effect=NotEstimatedFact("it separates"),
    )
    linear = replace(main, name="linear probability model", role=Role.ADDITIONAL)
    rows, table = made(replace(question, specifications=(logit, linear)))
    assert [column.heading.text for column in table.columns[1:]] == [
        "Main analysis: logistic regression (log-odds)",
        "Linear probability model: linear regression (per 10,000 children)",
    ]
    assert rows["Effect as an odds ratio"][0].value == 0.67
    assert rows["Effect in percentage points (average marginal effect)"][0] == Blank("it separates")
    assert {rows[label][1] for label in rows if label.startswith("Effect ") and " as " in label} == {
        Blank("of a logit only")
    }


def test_without_analyses_there_is_no_table():
    question = with_an_effect()
    findings, names = invented(), None
    assert primary(replace(question, specifications=()), findings, names=names) is None
    assert secondary(question, findings, names=names) is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("collinear with post and period[2017]", "collinear with post and period 2017"),
        (
            "collinear with since[-2] and since[0]",
            "collinear with period -2 since the start and period +0 since the start",
        ),
        ("collinear with (intercept), low_income[no]", "collinear with the intercept, low income no"),
        ("plain", "plain"),
    ],
)
def test_reasons_name_terms_as_a_reader_knows_them(reason, words):
    assert reason_in_words(reason) == words
