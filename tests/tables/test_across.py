"""All questions beside each other: the same numbers as in each of them, and nothing where one has none."""

from dataclasses import replace

import pytest
from invented import LIMITS, PILOTS, invented, with_an_effect
from invented import without_an_effect as areas_only
from invented_people import OTHER_CASES, PILOT_CASES, matched, of_people

from whatworked.disclosure.release import release
from whatworked.disclosure.released import NotApplicable, Number, Withheld
from whatworked.findings.model import TestFact as Measured
from whatworked.report.across import in_parts, whole
from whatworked.report.view import as_text
from whatworked.tables.document import document
from whatworked.vocabulary import Estimator

RARE = matched(
    pilot_cases=PILOT_CASES | {"ethnicity": (457, 40, 2, 1)}, other_cases=OTHER_CASES | {"ethnicity": (1377, 80, 40, 3)}
)


def two(first=None, second=None):
    first = first or replace(of_people(), key="first")
    second = second or replace(of_people(RARE), key="second", outcome="the other outcome")
    return replace(invented(publish_names=False), questions=(first, second))


def released(findings):
    return release(document(findings), LIMITS)


def table(out, key):
    found = next(one for one in out.across if one.key == key)
    return {row[0].text: row[1:] for row in found.rows}, found


def test_a_study_of_one_question_has_no_table_over_all():
    assert document(replace(invented(), questions=(with_an_effect(),))).across == ()


def test_every_pilot_is_in_or_out_of_every_question_with_its_reason():
    rows, found = table(released(invented()), "pilots_by_question")
    assert list(rows)[:4] == list(PILOTS.values())
    assert [cell.text for cell in rows["Alderbrook"]] == ["✓", "✓"]
    assert [cell.text for cell in rows["Dunmere"]] == ["✓", "✗ a"]
    assert [cell.value for cell in rows["Pilots in the question"]] == [4, 3]
    assert [cell.value for cell in rows["Their comparators"]] == [8, 6]
    told = [str(note.facts) for note in found.notes]
    assert any("a: Of 11 candidates 8 were too far in trend" in note for note in told)


def test_like_reasons_share_a_letter_and_others_have_their_own():
    question = areas_only()
    dropped = question.areas.dropped[0]
    areas = replace(
        question.areas, groups=(), dropped=tuple(replace(dropped, pilot=code, reason=f"reason {i // 2}")
                                                 for i, code in enumerate(PILOTS))
    )  # fmt: skip
    rows, _ = table(released(two(with_an_effect(), replace(question, areas=areas))), "pilots_by_question")
    assert [rows[pilot][1].text for pilot in list(rows)[:4]] == ["✗ a", "✗ a", "✗ b", "✗ b"]


def test_imbalance_is_that_of_each_question_and_blank_where_people_were_not_matched():
    out = released(two(second=areas_only()))
    rows, _ = table(out, "imbalance_by_question")
    first, second = rows.values()
    assert [cell.text + cell.after for cell in first] == ["0.42", "0.27", "48%", "61%"]
    assert all(isinstance(cell, NotApplicable) for cell in second)
    assert "imbalance_by_question" not in {one.key for one in released(invented()).across}


def test_means_stand_as_their_question_released_them_rounded_to_whole_percent():
    out = released(two())
    rows, _ = table(out, "means_by_question")
    own = {
        (section.key, row["covariate"].text, row["level"].text, arm): row[arm]
        for section in out.sections
        for row in section.table("baseline_means").records()
        for arm in ("pilot", "comparator")
    }
    checked = 0
    for i, key in enumerate(("first", "second")):
        for j, arm in enumerate(("pilot", "comparator")):
            for label, cells in rows.items():
                name, dash, level = label.partition(" – ")
                there = own.get((key, name, level if dash else "Mean", arm))
                if there is None:
                    continue
                here = cells[2 * i + j]
                checked += 1
                assert isinstance(here, Withheld) is isinstance(there, Withheld)
                if isinstance(here, Number) and dash:
                    assert (here.value, here.after) == (round(there.value), "%")
                elif isinstance(here, Number):
                    assert here.value == there.value
    assert checked == 4 * 7


def test_a_level_hidden_in_one_arm_is_hidden_in_both_beside_the_others_too():
    rows, _ = table(released(two()), "means_by_question")
    hidden = {label for label, cells in rows.items() if all(isinstance(cell, Withheld) for cell in cells[2:])}
    assert {"Ethnicity – B", "Ethnicity – O"} <= hidden


def test_no_count_beside_the_others_is_one_that_its_question_hides():
    question = replace(of_people(), key="first")
    main, *others = question.specifications
    main = replace(main, persons=2490, rows=question.population.flow[-1].rows)
    fewer = tuple(replace(one, rows=main.rows - 4, persons=2487) for one in others)
    out = released(two(replace(question, specifications=(main, *fewer))))
    every = out.sections[0].table("sensitivity").records()[0]
    rows, _ = table(out, "means_by_question")
    for label, column in (
        ("Rows of both arms over all periods", "rows"),
        ("People of both arms over all periods", "persons"),
    ):
        assert rows[label][0] == every[column]
        assert rows[label][1] == every[column]


def test_outcome_and_numbers_stand_first_and_last():
    rows, _ = table(released(two()), "means_by_question")
    labels = list(rows)
    assert labels[0] == "Outcome"
    assert [cell.text + cell.after for cell in rows["Outcome"]] == ["30%"] * 4
    assert [cell.text for cell in rows["Main model, which determines the number of rows"]] == ["Linear"] * 4
    assert [cell.value for cell in rows["Rows of this arm before the start"]][:2] == [500, 1500]


def test_questions_about_areas_have_their_means_in_their_own_unit():
    out = released(invented())
    rows, found = table(out, "means_by_question")
    own = [row["mean"].text for section in out.sections for row in section.table("summary").records()
           if row["phase"].text == "Before"]  # fmt: skip
    assert [cell.text for cell in rows["Outcome"]] == own
    assert all(isinstance(cell, NotApplicable) for cell in rows["People of both arms over all periods"])
    assert any("is in per 10,000 children" in str(note.facts) for note in found.notes)


def test_tests_have_a_line_for_the_figure_with_its_stars_and_one_for_the_p_value():
    tests = (
        *with_an_effect().tests,
        Measured("hausman", 14.26, (3.0,), 0.003, "differ", ""),
        Measured("serial_correlation", 0.96, (1.0,), 0.33, "no correlation found", ""),
    )
    out = released(two(replace(of_people(), key="first", tests=tests)))
    rows, _ = table(out, "tests_by_question")
    assert rows["Hausman test"][1].text + rows["Hausman test"][1].after == "14.26***"
    assert rows["Hausman test: p-value"][1].text == "0.003"
    assert isinstance(rows["Hausman test"][2], NotApplicable)
    assert rows["Serial correlation, the test that decides"][1].after == ""
    assert rows["Leads not significant"][1].text == "3 of 3"
    assert rows["Parallel trends by that rule"][1].text == "Held"
    assert "Joint F test of who is seen again" not in rows


@pytest.mark.parametrize(("verdict", "words"), [("fail", "Not held"), ("untested", "Untested"), ("odd", "odd")])
def test_the_verdict_of_the_leads_is_told_in_words(verdict, words):
    question = with_an_effect()
    tests = (replace(question.tests[0], verdict=verdict), *question.tests[1:])
    rows, _ = table(released(two(replace(question, tests=tests), areas_only())), "tests_by_question")
    assert rows["Parallel trends by that rule"][1].text == words


def test_a_question_without_an_analysis_has_its_gaps():
    bare = replace(
        areas_only(),
        specifications=(),
        summary=(),
        tests=(),
        leave_one_area_out=(),
        counterfactual=(),
        after_start=None,
    )
    out = released(two(with_an_effect(), bare))
    means, _ = table(out, "means_by_question")
    assert all(isinstance(cell, NotApplicable) for cells in means.values() for cell in cells[2:])
    tests, _ = table(out, "tests_by_question")
    assert all(isinstance(cells[2], NotApplicable) for cells in tests.values())


def test_lines_in_which_nothing_is_left_are_not_printed_but_named():
    small = matched(pilot_cases=PILOT_CASES | {"ethnicity": (457, 40, 2, 1)}, other_cases=OTHER_CASES)
    every = two(replace(of_people(small), key="first"), replace(of_people(small), key="second"))
    view = next(view for view in whole(released(every)) if view.key == "means_by_question")
    labels = [as_text(row[0]) for row in view.rows]
    assert "Ethnicity – O" not in labels
    assert any(note.startswith("Lines in which all is hidden") and "Ethnicity – O" in note for note in view.notes)


def test_the_page_has_the_wide_table_in_parts_that_hold_the_same_cells():
    questions = tuple(replace(of_people(), key=f"q{i}", outcome=f"outcome {i}") for i in range(5))
    out = released(replace(invented(publish_names=False), questions=questions))
    view = next(view for view in whole(out) if view.key == "means_by_question")
    parts = [part for part in in_parts(out) if part.key.startswith("means_by_question")]
    assert [len(part.headings) for part in parts] == [7, 5]
    assert [part.key for part in parts] == ["means_by_question_1", "means_by_question_2"]
    for label, *cells in view.rows:
        found = [cell for part in parts for row in part.rows if row[0] == label for cell in row[1:]]
        assert found == cells


def test_the_main_model_is_named_as_it_was_fitted():
    question = replace(of_people(), key="first")
    main, *others = question.specifications
    fixed = replace(main, estimator=Estimator.FIXED_EFFECTS)
    rows, _ = table(released(two(replace(question, specifications=(fixed, *others)))), "means_by_question")
    assert rows["Main model, which determines the number of rows"][0].text == "Fixed effects"
