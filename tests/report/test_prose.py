from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, with_question, without_an_effect

from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.disclosure.released import Number
from whatworked.findings.model import NotEstimatedFact
from whatworked.report.prose import answer, design
from whatworked.report.prose.answer import answer_in_a_line, answer_in_a_paragraph, what_happened
from whatworked.report.prose.phrases import chance, count, hoped_for, interval
from whatworked.tables.document import document
from whatworked.vocabulary import Method, Rating, Role


def released(question, limits=LIMITS, **study):
    return release(document(with_question(invented(**study), question)), limits).sections[0]


def judged(question, *, source, headline, rating=Rating.LOW):
    """Return the question with other p-values of the source's test and of the headline."""
    main = question.specifications[0]
    rows = tuple(
        replace(row, p_value=headline if row.headline else source if row.method is Method.CR1 else row.p_value)
        for row in main.inference
    )
    main = replace(main, effect=replace(main.effect, p_value=source), inference=rows)
    evidence = replace(question.evidence, rating=rating)
    return replace(question, specifications=(main, *question.specifications[1:]), evidence=evidence)


def every_sentence(section):
    sentences = [
        answer_in_a_line(section),
        answer_in_a_paragraph(section),
        answer.tests_agree(section),
        what_happened(section),
        *design.how_sure(section),
        *design.design(section),
        *design.reasons_of_rating(section),
    ]
    return " ".join(sentences)


ALL_CASES = [
    judged(question, source=source, headline=headline, rating=rating)
    for question in (with_an_effect(), without_an_effect())
    for source in (0.001, 0.6)
    for headline in (0.001, 0.6, None)
    for rating in Rating
]


@pytest.mark.parametrize("question", ALL_CASES)
def test_no_sentence_ever_says_that_there_was_no_effect_or_no_change(question):
    words = every_sentence(released(question)).lower()
    assert "no effect" not in words
    assert "had no" not in words
    assert "did not change" not in words
    assert "not available" not in words


def test_an_effect_is_told_with_direction_size_interval_and_hope():
    words = answer_in_a_paragraph(released(with_an_effect()))
    assert words == (
        "We found a fall of 14.0 per 10,000 children in child protection plans at 31 March, against what the "
        "comparators' path implies, which is what was hoped for (95% interval: a fall of between 6.1 and 22.2 per "
        "10,000 children)."
    )


def test_no_evidence_is_not_told_as_evidence_of_nothing():
    words = answer_in_a_paragraph(released(without_an_effect()))
    assert words.startswith(
        "We found no evidence that the Harbour model changed referrals. The estimate is a fall of 4.6"
    )
    assert "anything from a fall of 41.3 to a rise of 32.1 per 10,000 children" in words
    assert words.endswith("This is not evidence that nothing changed.")


def test_where_trends_fail_the_difference_cannot_be_read_as_the_effect():
    question = replace(with_an_effect(), evidence=replace(with_an_effect().evidence, rating=Rating.NO_CAUSAL_READING))
    failed = replace(question, tests=(replace(question.tests[0], verdict="fail"), *question.tests[1:]))
    for words in (answer_in_a_paragraph(released(failed)), answer_in_a_line(released(failed))):
        assert "annot be read as the effect of the Harbour model" in words
    assert "did not move alike" in answer_in_a_paragraph(released(failed))
    untested = replace(question, tests=(replace(question.tests[0], verdict="untested"), *question.tests[1:]))
    assert "could not be tested" in answer_in_a_paragraph(released(untested))


@pytest.mark.parametrize(("source", "headline"), [(0.01, 0.2), (0.2, 0.01)])
def test_a_disagreement_of_the_two_main_tests_stands_in_the_first_paragraph(source, headline):
    section = released(judged(with_an_effect(), source=source, headline=headline))
    words = answer_in_a_paragraph(section)
    assert "The two main tests disagree" in words
    assert ("We found no evidence" in words) is (source > 0.05)
    assert answer.tests_agree(section).startswith("No.")


@pytest.mark.parametrize(("source", "headline"), [(0.049999, 0.0499), (0.051, 0.050001), (0.05, 0.05)])
def test_tests_on_the_same_side_of_the_level_do_not_disagree(source, headline):
    section = released(judged(with_an_effect(), source=source, headline=headline))
    assert "disagree" not in answer_in_a_paragraph(section)


def test_significance_is_judged_on_exact_numbers_and_not_on_rounded_ones():
    section = released(judged(with_an_effect(), source=0.04996, headline=0.0499))
    assert section.facts["source_p_value"].text == "0.050"
    assert answer_in_a_paragraph(section).startswith("We found a fall")


def test_a_rise_that_was_not_hoped_for_is_told_as_such():
    question = replace(with_an_effect(), better="higher")
    assert "the opposite of what was hoped for" in answer_in_a_paragraph(released(question))
    assert hoped_for(Number(2.0, "2.0"), "neither") == ""


def test_a_headline_without_a_p_value_leaves_the_word_to_the_registered_test():
    section = released(judged(with_an_effect(), source=0.001, headline=None))
    assert "gives no answer here" in answer_in_a_paragraph(section)
    assert "gives no p-value" in design.how_sure(section)[0]


def test_an_effect_that_could_not_be_estimated_is_told_with_its_reason():
    question = with_an_effect()
    main = replace(question.specifications[0], effect=NotEstimatedFact("one arm is empty"), inference=())
    section = released(replace(question, specifications=(main,)))
    assert answer_in_a_paragraph(section) == (
        "The effect of the Harbour model could not be estimated: one arm is empty."
    )
    assert answer_in_a_line(section) == "Could not be estimated: one arm is empty."
    assert design.how_sure(section) == []
    assert answer.tests_agree(section) == "There is no test to compare."


def test_a_hidden_estimate_is_never_told_in_words():
    section = released(with_an_effect(), Limits("srs", 10, 64, "[c]"))
    words = every_sentence(section)
    assert "may not be shown" in words
    assert "14.0" not in words
    assert "22.2" not in words


def test_hidden_levels_leave_out_the_sentence_about_them():
    question = with_an_effect()
    few = tuple(replace(row, people=3) for row in question.summary)
    assert what_happened(released(replace(question, summary=few))) == ""


def test_shares_are_told_as_percentages_and_points():
    question = with_an_effect()
    main = question.specifications[0]
    rows = tuple(
        replace(row, estimate=-0.0224, conf_low=-0.0351, conf_high=0.0042, std_error=0.006) for row in main.inference
    )
    main = replace(main, effect=replace(main.effect, estimate=-0.0224, unit="share"), inference=rows)
    summary = tuple(replace(row, mean=0.27) for row in question.summary)
    section = released(
        replace(question, unit="share", summary=summary, specifications=(main,), counterfactual=(), series=())
    )
    assert "A fall of 2.2 percentage points" in answer_in_a_line(section)
    assert "27.0% to 27.0% in the pilots" in what_happened(section)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-5.0, -1.0, "a fall of between 1.0 and 5.0 days"),
        (1.0, 5.0, "a rise of between 1.0 and 5.0 days"),
        (-5.0, 1.0, "anything from a fall of 5.0 to a rise of 1.0 days"),
        (-5.0, 0.0, "anything from a fall of 5.0 days to no change at all"),
        (0.0, 5.0, "anything from no change at all to a rise of 5.0 days"),
        (0.0, 0.0, "anything from no change at all to no change at all"),
        (None, 1.0, "a fall of any size up to a rise of 1.0 days"),
        (None, 0.0, "a fall of any size up to no change at all"),
        (-5.0, None, "a fall of 5.0 days up to a rise of any size"),
        (None, None, "an interval that could not be found"),
    ],
)
def test_an_interval_is_told_in_natural_units(low, high, words):
    low, high = (None if x is None else Number(x, f"{x:.1f}".replace("-", "−")) for x in (low, high))
    assert interval(low, high, "days") == words


def test_small_words_agree_with_their_numbers():
    assert [count(n, "pilot") for n in (0, 1, 2, 1200)] == ["no pilots", "one pilot", "2 pilots", "1,200 pilots"]
    assert chance(Number(0.001, "<0.001", bound=True)).replace("\u00a0", " ") == "p < 0.001"


def test_the_design_is_told_with_its_power_and_its_dropped_pilots():
    section = released(without_an_effect())
    words = " ".join(design.design(section))
    assert "3 pilots were compared with 6 comparators over 4 periods before the start and 2 after it" in words
    assert "Of 3 periods tested before the start, 2 showed no significant difference" in words
    assert "noticed in 14 of 100 studies" in words
    assert design.listed(section, "dropped") == [
        "Dunmere: of 11 candidates 8 were too far in trend and 3 had another slope"
    ]


def test_every_way_of_testing_is_counted():
    section = released(with_an_effect())
    tested = [row.p_value for row in with_an_effect().specifications[0].inference]
    assert with_an_effect().specifications[0].role is Role.MAIN
    assert f"Of {len(tested)} ways" in " ".join(design.how_sure(section))
    assert answer.tests_agree(section) == "Yes. All 7 tests see more than chance."
