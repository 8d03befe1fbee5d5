"""Every estimate with its choices, and the pilots after the start beside their estimate."""

from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, with_question
from invented_people import of_people
from invented_secondary import with_secondary

from whatworked.disclosure.release import release
from whatworked.disclosure.released import Number, Withheld
from whatworked.findings.model import AfterStart, Effect, InferenceRow, NotEstimatedFact
from whatworked.report.figures.after_start import after_start_message
from whatworked.report.figures.curve import curve_message, curve_reading, specification_curve
from whatworked.report.figures.figure import figures
from whatworked.report.figures.flow import flow_message
from whatworked.tables.document import document
from whatworked.vocabulary import Estimator, Method, Rating, Role


def released(question):
    return release(document(with_question(invented(), question)), LIMITS).sections[0]


def curve(question):
    return released(question).table("specification_curve").records()


def test_estimates_go_from_the_smallest_to_the_largest_and_the_main_one_is_among_them():
    rows = curve(with_an_effect())
    values = [row["estimate"].value for row in rows]
    assert values == sorted(values)
    assert [row["estimate"].value for row in rows if row["role"].text == "Main"] == [-14.0]
    # the main estimate, its stacked and its collapsed form, and one without each of four pilots
    assert len(rows) == 3 + 4


def test_each_estimate_names_the_one_choice_that_it_made_otherwise():
    question = with_secondary(with_an_effect(), "delivery", "rating", "models")
    main, *others = question.specifications
    fewer = [replace(one, pilots=3) if one.role is Role.SENSITIVITY else one for one in others]
    other = replace(main, name="another cut-off", role=Role.SENSITIVITY)
    random = replace(main, name="fitted otherwise", role=Role.SENSITIVITY, estimator=Estimator.RANDOM_EFFECTS)
    person = InferenceRow(Method.PERSON, False, -13.9, 1.0, 9.0, 0.1, -16.0, -11.0)
    people = replace(main, name="by person", role=Role.ADDITIONAL, inference=(*main.inference, person))
    rows = {
        row["analysis"].text: row
        for row in curve(replace(question, specifications=(main, *fewer, other, random, people)))
    }
    keys = ("model", "areas", "definition", "treatment", "form", "errors")
    usual = {key: rows["Main analysis"][key].text for key in keys}
    changed = {name: {key: row[key].text for key in keys if row[key].text != usual[key]} for name, row in rows.items()}
    assert changed["Without Alderbrook"] == {"areas": "Others or fewer"}
    assert changed["Another cut-off"] == {"definition": "Another"}
    assert changed["Fitted otherwise"] == {"model": "Random effects"}
    assert changed["By person"] == {"errors": "By person"}
    assert changed["Delivery"] == {"treatment": "A full dose"}
    assert changed["Models"] == {"treatment": "Areas without the like"}
    assert changed["Rating: at a high rating"] == {"treatment": "At a high rating"}
    assert changed["Rating: at a low rating"] == {"treatment": "At a low rating"}
    assert {frozenset(found) for found in changed.values() if "form" in found} == {frozenset({"form"})}


def test_what_has_no_estimate_in_this_unit_or_is_of_another_outcome_is_not_among_them():
    question = with_secondary(with_an_effect(), "another")
    silent = replace(question.specifications[0], name="silent", effect=NotEstimatedFact("why"), role=Role.SENSITIVITY)
    names = {
        row["analysis"].text for row in curve(replace(question, specifications=(*question.specifications, silent)))
    }
    assert {"Another", "Silent"}.isdisjoint(names)


def test_a_logit_stands_with_its_average_marginal_effect():
    question = of_people()
    main = question.specifications[0]
    marginal = Effect("pilot:post", -0.031, "share", 0.01, 11.0, -3.1, 0.012, -0.05, -0.011)
    logit = replace(main, estimator=Estimator.LOGIT, average_marginal_effect=marginal, inference=())
    linear = replace(
        main, name="linear", role=Role.ADDITIONAL, effect=replace(main.effect, unit="share", estimate=-0.02)
    )
    rows = curve(replace(question, specifications=(logit, linear)))
    assert [row["estimate"].value for row in rows] == [-3.1, -2.0]
    bare = replace(logit, average_marginal_effect=NotEstimatedFact("it separates"))
    assert released(replace(question, specifications=(bare, linear))).table("specification_curve") is None
    assert released(replace(question, specifications=())).table("specification_curve") is None


def test_the_message_counts_directions_and_intervals():
    table = released(with_an_effect()).table("specification_curve")
    assert curve_message(table) == "All 7 estimates point down, as the main one does; all can be told from zero"
    hidden = (
        release(document(with_question(invented(), with_an_effect())), replace(LIMITS, residual_df=100))
        .sections[0]
        .table("specification_curve")
    )
    assert specification_curve(hidden, "x") is None
    assert curve_message(hidden) == "Every estimate, from the smallest to the largest"


def test_the_chart_marks_one_square_for_each_choice_that_differs():
    picture = specification_curve(released(with_an_effect()).table("specification_curve"), "per 10,000 children")
    empty, marks = (layer["data"]["values"] for layer in picture["vconcat"][1]["layer"])
    lines = {row["line"] for row in marks}
    data = {"Data: Every row", "Data: Stacked groups", "Data: One change an area"}
    # an analysis of as many areas that is neither another family nor another treatment has another definition
    definition = {"Definition: As registered", "Definition: Another"}
    assert lines == data | definition
    assert len(marks) == 7 * 2
    assert len(empty) == 7 * len(lines)
    assert [row["main"] for row in marks].count("yes") == 2


def test_observed_less_estimated_is_the_effect_that_was_found():
    observed, without = released(with_an_effect()).table("after_start").records()
    assert observed["mean"].value - without["mean"].value == pytest.approx(without["difference"].value, abs=0.11)
    assert without["difference"].text + without["difference"].after == "−14.0***"
    assert without["conf_low"].value < without["mean"].value < without["conf_high"].value
    assert (without["source_p"].value, without["headline_p"].value) == (0.002, 0.008)


def test_an_estimate_leaves_only_where_the_observed_mean_does():
    question = of_people()
    few = tuple(
        replace(row, mean=0.01) if row.arm == "pilot" and row.phase == "post" else row for row in question.summary
    )
    section = released(
        replace(question, summary=few, after_start=AfterStart(0.01, 0.2, 0.1, 0.3, -0.19, "headline", 470))
    )
    for row in section.table("after_start").records():
        assert isinstance(row["mean"], Withheld)
        assert not isinstance(row["conf_low"], Number)
        assert not isinstance(row["conf_high"], Number)
    assert next(one for one in figures(section) if one.key == "after_start").picture is None


def test_the_numbers_of_the_figure_are_written_in_it():
    section = released(replace(of_people(), specifications=tuple(
        replace(one, persons=2490) for one in of_people().specifications
    )))  # fmt: skip
    figure = next(one for one in figures(section) if one.key == "after_start")
    texts = " ".join(str(layer["mark"].get("text", "")) for layer in figure.picture["layer"])
    for words in ("N = 3,990 rows of 2,490 people", "4 pilots", "8 comparators", "* p < 0.1", "30%", "34%"):
        assert words in texts.replace("  ", " ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "Child protection plans at 31 March was significantly lower in the pilots than estimated without"),
        ({"rating": Rating.NO_CAUSAL_READING}, "The difference after the start cannot be read as the effect"),
        ({"p_value": 0.3}, "The two main tests disagree whether child protection plans at 31 March"),
        ({"p_value": 0.3, "headline": 0.4}, "No significant difference in child protection plans at 31 March"),
    ],
)
def test_the_message_says_what_was_found_and_never_more(change, message):
    question = with_an_effect()
    main, *others = question.specifications
    rows = tuple(
        replace(row, p_value=change.get("headline", row.p_value)) if row.headline else row for row in main.inference
    )
    main = replace(main, effect=replace(main.effect, p_value=change.get("p_value", 0.002)), inference=rows)
    evidence = replace(question.evidence, rating=change.get("rating", question.evidence.rating))
    section = released(replace(question, specifications=(main, *others), evidence=evidence))
    assert after_start_message(section).startswith(message)


def test_the_flow_names_the_rule_that_takes_most_only_where_all_are_told():
    question = with_an_effect()
    told = flow_message(released(question).table("flow"))
    assert (
        told
        == "72 rows are analysed of 1,067 in the records; the rule that takes most: rows of the pilots and comparators"
    )
    people = of_people()
    steps = list(people.population.flow)
    steps[1] = replace(steps[1], left_out=3)
    steps[0] = replace(steps[0], rows=steps[1].rows + 3)
    hidden = replace(people, population=replace(people.population, flow=tuple(steps)))
    assert "takes most" not in flow_message(released(hidden).table("flow"))


def wild(low, value, high):
    """A question one of whose analyses reaches far beyond the others."""
    question = with_an_effect()
    main = question.specifications[0]
    effect = replace(main.effect, estimate=value, conf_low=low, conf_high=high)
    rows = tuple(replace(row, estimate=value, conf_low=low, conf_high=high) for row in main.inference)
    other = replace(main, name="wild", role=Role.SENSITIVITY, effect=effect, inference=rows)
    return released(replace(question, specifications=(*question.specifications, other))).table("specification_curve")


def estimates(table):
    return specification_curve(table, "x")["vconcat"][0]["layer"]


def points(table):
    return [
        (layer["mark"].get("shape", layer["mark"]["type"]), point)
        for layer in estimates(table)
        for point in layer["data"]["values"]
        if "place" in point
    ]


def axis(table):
    return estimates(table)[0]["encoding"]["y"]["scale"]["domain"]


@pytest.mark.parametrize(
    ("low", "value", "high", "arrows"),
    [
        (-900.0, -500.0, -100.0, {"triangle-down"}),
        (-900.0, 5.0, 900.0, {"triangle-down", "triangle-up"}),
        (100.0, 500.0, 900.0, {"triangle-up"}),
    ],
)
def test_an_estimate_far_beyond_the_others_does_not_press_them_together(low, value, high, arrows):
    table = wild(low, value, high)
    drawn, (first, last) = points(table), axis(table)
    assert {shape for shape, _ in drawn if shape.startswith("triangle")} == arrows
    usual = axis(released(with_an_effect()).table("specification_curve"))
    assert last - first < 10 * (usual[1] - usual[0])
    assert all(first <= point["low"] <= point["high"] <= last for shape, point in drawn if shape == "rule")
    circles = [point["value"] for shape, point in drawn if shape == "circle"]
    assert (value in circles) is (value == 5.0)
    assert curve_reading(table).endswith("An arrow: it goes on beyond the axis; its numbers are in the table.")


def test_where_nothing_goes_beyond_the_axis_there_is_no_arrow():
    table = released(with_an_effect()).table("specification_curve")
    assert not [shape for shape, _ in points(table) if shape.startswith("triangle")]
    assert "arrow" not in curve_reading(table)
