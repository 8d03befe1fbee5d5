from dataclasses import replace

import pytest
from invented import COMPARATORS, PILOTS, invented, with_an_effect, with_question, without_an_effect

from whatworked.cells import Blank, Cell, Coefficient, Count, Mean, Probability, Statistic, Tally, Words
from whatworked.findings.model import NotEstimatedFact
from whatworked.tables.document import document
from whatworked.tables.names import AreaNames, area_names
from whatworked.tables.wording import branch_in_words, lead_or_lag, term_in_words
from whatworked.vocabulary import Arm, Role


def section_of(question, **study):
    findings = with_question(invented(**study), question)
    return document(findings).sections[0]


def table_of(question, key, **study):
    return next(table for table in section_of(question, **study).tables if table.key == key)


def test_every_cell_of_every_table_is_typed_and_every_word_is_words():
    for section in document(invented()).sections:
        for table in section.tables:
            assert all(isinstance(cell, Cell) for row in table.rows for cell in row)
            assert isinstance(table.title, Words)
            assert isinstance(table.source, Words)
            assert all(isinstance(column.heading, Words) for column in table.columns)
            assert {len(row) for row in table.rows} == {len(table.columns)}


def test_rows_of_area_series_are_tallies_and_rows_of_people_are_counts():
    of_people = replace(with_an_effect(), persons=4000)
    places = [("flow", 2), ("quality", 1), ("summary", 3)]
    for key, column in places:
        assert {type(row[column]) for row in table_of(with_an_effect(), key).rows} == {Tally}
        assert {type(row[column]) for row in table_of(of_people, key).rows} == {Count}


def test_the_mean_of_a_single_area_belongs_to_that_area():
    question = with_an_effect()
    alone = replace(question, series=tuple(row for row in question.series if row.group == "E0601"))
    cells = {row[0].text: row[2] for row in table_of(alone, "summary").rows}
    assert cells["Pilot"].area == "E0601"
    assert cells["Comparator"].area is None


def test_distances_belong_to_their_area_where_the_figures_are_published():
    published = table_of(with_an_effect(), "areas_compared").rows[0]
    own = table_of(replace(with_an_effect(), published=False), "areas_compared").rows[0]
    assert {cell.area for cell in published[2:]} == {"E0712"}
    assert {cell.area for cell in own[2:]} == {None}
    assert {type(cell) for cell in own[2:]} == {Statistic, Probability}


def test_comparators_are_numbered_by_first_use_and_not_by_code():
    names = area_names(with_an_effect(), invented(publish_names=False))
    first = with_an_effect().areas.groups[0].comparators
    assert [names.of(area).text for area in first] == ["Comparator 1", "Comparator 2"]
    assert list(first) != sorted(first)
    assert names.of("E0601").text == PILOTS["E0601"]
    assert names.within("Easterby and E0712 leave") == "Comparator 2 and Comparator 1 leave"


def test_areas_go_by_their_names_where_these_may_be_published():
    names = area_names(with_an_effect(), invented())
    assert names.of("E0712").text == COMPARATORS["E0712"]
    assert names.within("without area E0712 it fails") == "without area Farrowdale it fails"


def test_a_list_of_candidates_is_left_out_where_every_figure_in_it_would_be_hidden():
    keys = [table.key for table in section_of(with_an_effect(), publish_names=False).tables]
    assert "candidates" not in keys
    assert "candidates_by_reason" in keys


def test_candidates_stand_nearest_first_and_those_without_a_distance_last():
    rows = [row for row in table_of(with_an_effect(), "candidates").rows if row[0].text == "Alderbrook"]
    distances = [row[2].value for row in rows if isinstance(row[2], Statistic)]
    assert distances == sorted(distances)
    assert isinstance(rows[-1][2], Blank)


def test_every_candidate_is_counted_once_under_its_reason():
    counted = table_of(with_an_effect(), "candidates_by_reason").rows
    assert sum(row[3].n for row in counted) == len(with_an_effect().areas.candidates)


def test_the_event_study_has_the_reference_period_at_zero():
    rows = {row[0].n: row[2] for row in table_of(with_an_effect(), "event_study").rows}
    assert sorted(rows) == [-4, -3, -2, -1, 0, 1]
    assert rows[-1].value == 0


def test_stars_follow_the_smallest_limit_that_holds():
    stars = {row[0].text: row[-1].text for row in table_of(with_an_effect(), "main_regression").rows}
    assert stars["Intercept"] == "***"
    assert stars["Pilot area"] == "none"
    assert stars["Period 2014"] == "**"


def test_exactly_one_row_of_the_tests_is_the_headline_and_one_the_sources():
    used = [row[1].text for row in table_of(with_an_effect(), "inference").rows]
    assert used.count("Headline") == 1
    assert used.count("The source's test") == 1


def test_a_dropped_pilot_has_a_row_and_its_reason():
    last = table_of(without_an_effect(), "areas_compared").rows[-1]
    assert last[0] == Words("Dunmere")
    assert all(isinstance(cell, Blank) and "too far" in cell.why for cell in last[2:])


def test_a_question_that_could_not_be_estimated_says_why():
    question = with_an_effect()
    main = replace(question.specifications[0], effect=NotEstimatedFact("collinear"), inference=(), terms=())
    section = section_of(replace(question, specifications=(main,), leave_one_area_out=()))
    assert section.facts["not_estimated"] == Words("collinear")
    assert "estimate" not in section.facts
    assert {"inference", "main_regression", "event_study"}.isdisjoint(table.key for table in section.tables)


def test_a_question_without_any_analysis_still_has_its_section():
    question = replace(
        with_an_effect(), specifications=(), leave_one_area_out=(), counterfactual=(), summary=(), series=()
    )
    facts = section_of(question).facts
    assert facts["not_estimated"] == Words("no analysis could be run")


def test_estimates_keep_the_residual_degrees_of_freedom_of_their_own_model():
    question = with_an_effect()
    thin = tuple(replace(s, residual_df=3.0) if s.role is Role.LEADS else s for s in question.specifications)
    section = section_of(replace(question, specifications=thin))
    event = next(table for table in section.tables if table.key == "event_study")
    assert {cell.residual_df for row in event.rows for cell in row if isinstance(cell, Coefficient)} == {3.0}
    main = next(table for table in section.tables if table.key == "main_regression")
    assert {cell.residual_df for row in main.rows for cell in row if isinstance(cell, Coefficient)} == {63.0}


def test_a_missing_figure_says_how_the_source_marked_it():
    blanks = [row[5].why for row in table_of(with_an_effect(), "trends").rows if isinstance(row[5], Blank)]
    assert blanks == ["marked 'c' in the source"]


def test_shares_are_headed_as_percentages_and_their_effects_as_points():
    question = replace(with_an_effect(), unit="share")
    assert table_of(question, "summary").columns[2].heading.text == "Mean (%)"
    assert "percentage points" in table_of(question, "sensitivity").columns[2].heading.text


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ("pilot:post", "Pilot area × after the start (the effect)"),
        ("pilot:k=-3", "Pilot area × 3 periods before"),
        ("pilot:k=0", "Pilot area × first period after"),
        ("period[2014]", "Period 2014"),
        ("a_b", "a b"),
    ],
)
def test_terms_are_told_in_words(term, words):
    assert term_in_words(term) == words


def test_leads_and_lags_are_told_from_other_terms():
    assert [lead_or_lag(term) for term in ("pilot:k=-3", "pilot:k=2", "pilot", "pilot:k=x")] == [-3, 2, None, None]


def test_a_branch_keeps_the_condition_after_its_name():
    assert branch_in_words("trends_fail: half of {leads}") == (
        "Not alike: the trends are held not to be parallel: half of {leads}"
    )


def test_means_by_arm_know_the_people_behind_them():
    cells = [
        cell for row in table_of(with_an_effect(), "counterfactual").rows for cell in row if isinstance(cell, Mean)
    ]
    assert {cell.people for cell in cells} == {611, 1204}
    assert {row.arm for row in with_an_effect().series} == set(Arm)


def test_without_areas_to_rename_sentences_stay_as_they_are():
    assert AreaNames({}).within("as it {was}") == "as it {was}"


def test_an_arm_and_phase_without_rows_is_blank():
    question = with_an_effect()
    empty = (replace(question.summary[0], mean=None), *question.summary[1:])
    assert isinstance(table_of(replace(question, summary=empty), "summary").rows[0][2], Blank)


def test_leads_without_a_period_term_make_no_event_study():
    question = with_an_effect()
    bare = tuple(replace(s, terms=s.terms[:1]) if s.role is Role.LEADS else s for s in question.specifications)
    assert "event_study" not in [table.key for table in section_of(replace(question, specifications=bare)).tables]


def test_a_run_that_could_not_be_estimated_keeps_its_row_and_its_reason():
    question = with_an_effect()
    last = replace(question.specifications[-1], effect=NotEstimatedFact("no pilot is left"), note="was tried")
    table = table_of(replace(question, specifications=(*question.specifications[:-1], last)), "sensitivity")
    assert {cell.why for cell in table.rows[-1] if isinstance(cell, Blank)} == {"no pilot is left"}
    assert [row[-1].text for row in table.rows] == ["None"] * (len(table.rows) - 1) + ["Was tried"]


def test_terms_without_a_p_value_have_no_stars():
    question = with_an_effect()
    main = question.specifications[0]
    silent = replace(main, terms=(replace(main.terms[0], p_value=None), *main.terms[1:]))
    table = table_of(replace(question, specifications=(silent, *question.specifications[1:])), "main_regression")
    assert isinstance(table.rows[0][-1], Blank)
