"""What the report says and draws of matched people: from released cells alone, honest where matching did not help."""

from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_question
from invented_people import OTHER_BINS, PILOT_BINS, matched, of_people

from whatworked.disclosure.release import release
from whatworked.report.figures.balance import love_plot
from whatworked.report.figures.figure import figures
from whatworked.report.figures.overlap import overlap
from whatworked.report.prose.people import how_matched
from whatworked.report.prose.pieces import as_words
from whatworked.report.prose.summary import summary
from whatworked.report.write import write_report
from whatworked.tables.document import document
from whatworked.vocabulary import Arm


def released(question):
    return release(document(with_question(invented(), question)), LIMITS)


def section_of(question):
    return released(question).sections[0]


def told(question):
    return " ".join(how_matched(section_of(question)))


def few_kept():
    """A matching that keeps four in ten pilot rows."""
    lost = {name: tuple((rows, round(0.6 * rows)) for rows, _ in bins) for name, bins in PILOT_BINS.items()}
    return matched(pilot_bins=lost, persons=((620, 300), (2000, 1900)))


def question_of(found):
    """A question whose means before the start stand for fewer rows where fewer were kept."""
    question = of_people(found)
    half = found.arms[0].matched_events // 2
    summary = tuple(replace(r, rows=half, people=half) if r.arm is Arm.PILOT else r for r in question.summary)
    return replace(question, summary=summary)


def test_the_section_tells_rule_estimand_weights_who_stayed_and_what_it_did():
    words = told(of_people())
    assert "age (below 4.5 / 4.5 to 12.5 / above 12.5); sex (each value by itself)" in words
    assert "the effect is that on the pilot rows that have a counterpart" in words
    assert "The pilots kept 940 of 1,000 rows (94.0%), of 590 people" in words
    assert "the comparators kept 3,050 of 3,200 rows (95.3%), of 1,900 people" in words
    assert "differed by 0.42 before matching and by 0.27 after it" in words
    assert "went from 0.48 to 0.61" in words
    assert "matching made the arms more alike" in words
    assert "fewer than half" not in words


def test_a_match_that_made_the_arms_less_alike_says_so():
    words = told(of_people(replace(matched(), l1_after=0.5)))
    assert "Matching made the arms no more alike than they were" in words
    assert "more alike; what remains" not in words
    assert "Matching changed little of it" in told(of_people(replace(matched(), l1_after=0.42)))


def test_a_match_that_keeps_fewer_than_half_of_the_pilot_rows_says_so():
    assert "fewer than half of the pilots' rows (40.0%) have a counterpart" in told(question_of(few_kept()))


def test_the_summary_says_where_most_of_the_pilots_records_are_like_none_of_the_comparators():
    def said(question):
        return " ".join(as_words(sentence) for part in summary(released(question)) for sentence in part.sentences)

    few = "Fewer than half of the pilots' records were like any of the comparators': 40.0% for"
    assert few in said(question_of(few_kept()))
    assert "Fewer than half" not in said(of_people())


def test_a_small_loss_is_told_without_its_number():
    bins = {name: ((first[0], 3), *((n, 0) for n, _ in rest)) for name, (first, *rest) in PILOT_BINS.items()}
    words = told(question_of(matched(pilot_bins=bins)))
    assert "The pilots kept 997 rows, of 590 people" in words
    assert "1,000" not in words
    assert "99.7" not in words


def test_an_imbalance_that_could_not_be_had_is_not_told_as_a_number():
    words = told(of_people(replace(matched(), l1_before=None, l1_after=None)))
    assert "could not be told" in words


def test_people_who_were_not_matched_are_said_not_to_be_and_areas_get_no_such_section():
    words = told(replace(of_people(), matching=replace(matched(), people_matched=False)))
    assert words.startswith("People were not matched with each other")
    assert how_matched(release(document(invented()), LIMITS).sections[0]) == []


@pytest.mark.parametrize(("terms", "said"), [((), "No characteristic"), (("age", "sex[M]"), "itself holds age, sex.")])
def test_the_covariates_of_the_model_are_named(terms, said):
    question = of_people()
    main = question.specifications[0]
    more = tuple(replace(main.terms[0], term=name) for name in terms)
    assert said in told(
        replace(question, specifications=(replace(main, terms=main.terms + more), *question.specifications[1:]))
    )


def drawn(question):
    return {figure.key: figure for figure in figures(section_of(question))}


def test_matched_people_have_a_love_plot_and_an_overlap_figure():
    found = drawn(of_people())
    assert list(found)[-2:] == ["balance", "overlap"]
    assert found["overlap"].message == "94.0% of the pilots' rows and 95.3% of the comparators' have a counterpart"
    for key in ("balance", "overlap"):
        assert found[key].alt
        assert "Invented statistics" in found[key].standing_alone(found[key].svg())


def test_the_love_plot_orders_lines_by_their_difference_before_and_marks_a_tenth():
    picture = love_plot(section_of(of_people()).table("balance"))
    dots = [layer for layer in picture["layer"] if layer["mark"]["type"] == "point"]
    before, after = (layer["data"]["values"] for layer in dots)
    sizes = [abs(row["before"]) for row in before]
    assert sizes == sorted(sizes, reverse=True)
    assert len(before) == len(after) + 1
    assert picture["layer"][0]["data"]["values"] == [{"value": -0.1, "other": 0.1}]
    assert {row["name"] for row in before} >= {"Age", "Sex: F", "Ethnicity: O"}
    assert "Sex: All levels" not in {row["name"] for row in before}


def test_the_message_of_the_love_plot_counts_what_it_draws():
    message = drawn(of_people())["balance"].message
    assert message == "After matching, 5 of 7 differences between the arms are small; before it, 1"


def test_bars_are_drawn_from_what_may_be_shown_alone():
    bins = {name: ((first[0], 3), *((n, 0) for n, _ in rest)) for name, (first, *rest) in PILOT_BINS.items()}
    section = section_of(question_of(matched(pilot_bins=bins)))
    shown = {cell.value for row in section.table("without_counterpart").rows for cell in row if hasattr(cell, "value")}
    picture = overlap(section.table("without_counterpart"))
    ends = {
        row["end"]
        for panel in picture["concat"]
        for layer in panel["layer"]
        for row in layer["data"]["values"]
        if row.get("end", 0) and row["start"] == 0
    }
    assert ends <= shown
    words = [row["text"] for panel in picture["concat"] for row in panel["layer"][-1]["data"]["values"]]
    assert "[c] without" in words
    assert "none without" in words


def test_figures_whose_every_number_is_hidden_are_not_drawn():
    bins = {name: tuple((5, 2) for _ in rows) for name, rows in PILOT_BINS.items()}
    others = {name: tuple((6, 3) for _ in rows) for name, rows in OTHER_BINS.items()}
    section = section_of(of_people(matched(pilot_bins=bins, other_bins=others, copies=0)))
    assert overlap(section.table("without_counterpart")) is None
    assert love_plot(replace_cells(section.table("balance"), section.table("without_counterpart"))) is None


def replace_cells(table, other):
    """The same table with every number hidden."""
    hidden = next(cell for row in other.rows for cell in row if hasattr(cell, "rule"))
    rows = tuple((*row[:2], *(hidden for _ in row[2:])) for row in table.rows)
    return replace(table, rows=rows)


def test_a_whole_report_on_matched_people_is_written(tmp_path):
    write_report(released(of_people()), tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "How people were compared" in html
    assert html.count("The numbers behind figure") == 9
    assert (tmp_path / "figures" / "plans_overlap.png").is_file()
    assert (tmp_path / "tables" / "plans_baseline_means.csv").is_file()
