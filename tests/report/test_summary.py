"""The page in plain words, for every kind of study: each sentence leads to a decision and says no more than that."""

import re
from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, without_an_effect
from released_folder import Page
from test_prose import judged

from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.findings.model import NotEstimatedFact
from whatworked.report.page import page, summary_page
from whatworked.report.prose.pieces import as_words, decision_anchors
from whatworked.report.prose.reasons import PLAIN, plain_reasons
from whatworked.report.prose.summary import summary
from whatworked.rules.evidence import EvidenceFacts, rate_evidence
from whatworked.tables.document import document
from whatworked.vocabulary import Rating


def of(*questions, limits=LIMITS):
    named = tuple(replace(question, key=f"q{i}") for i, question in enumerate(questions))
    return release(document(replace(invented(), questions=named)), limits)


def rated(rating, *, better="lower", **changes):
    source = 0.6 if rating is Rating.NO_EVIDENCE else 0.001
    return replace(judged(with_an_effect(), source=source, headline=0.001, rating=rating), better=better, **changes)


def failed():
    question = rated(Rating.NO_CAUSAL_READING)
    return replace(question, tests=(replace(question.tests[0], verdict="fail"), *question.tests[1:]))


def unestimated():
    question = rated(Rating.NO_CAUSAL_READING)
    main = replace(question.specifications[0], effect=NotEstimatedFact("one arm is empty"), inference=())
    return replace(question, specifications=(main,))


def nothing():
    """A question for which no pilot found a comparator."""
    areas = replace(with_an_effect().areas, groups=())
    empty = {"specifications": (), "series": (), "counterfactual": (), "summary": (), "tests": (), "decisions": ()}
    return replace(unestimated(), areas=areas, leave_one_area_out=(), **empty)


STUDIES = {
    "two": of(with_an_effect(), without_an_effect()),
    "one": of(with_an_effect()),
    "twelve": of(*(replace(rated(rating), outcome=f"outcome {i}") for i in range(2) for rating in Rating)),
    "same outcome": of(with_an_effect(), with_an_effect()),
    "no evidence": of(rated(Rating.NO_EVIDENCE), rated(Rating.NO_EVIDENCE, outcome="the other")),
    "trends failed": of(failed(), failed()),
    "untested": of(rated(Rating.NO_CAUSAL_READING)),
    "unestimated": of(unestimated()),
    "nothing to compare": of(nothing()),
    "hidden": of(with_an_effect(), without_an_effect(), limits=Limits("srs", 10, 64, "[c]")),
    "exploratory": of(rated(Rating.HIGH, exploratory=True), rated(Rating.NO_EVIDENCE, exploratory=True)),
    "one exploratory": of(rated(Rating.HIGH, exploratory=True), without_an_effect()),
    "neither": of(rated(Rating.HIGH, better="neither"), rated(Rating.LOW, better="neither")),
    "opposite": of(rated(Rating.HIGH, better="higher"), rated(Rating.VERY_LOW, better="higher")),
    "both ways": of(rated(Rating.HIGH), rated(Rating.MODERATE, better="higher")),
    "weak": of(rated(Rating.LOW)),
    "disagreeing": of(with_an_effect(), judged(without_an_effect(), source=0.5, headline=0.01)),
    "no question": of(),
}


def text(study):
    return " ".join(as_words(said) for part in summary(STUDIES[study]) for said in part.sentences)


@pytest.mark.parametrize("study", STUDIES)
def test_every_sentence_leads_to_a_decision_that_was_taken(study):
    taken = {anchor for section in STUDIES[study].sections for anchor in decision_anchors(section)}
    for part in summary(STUDIES[study]):
        for said in part.sentences:
            anchors = [piece.anchor for piece in said if piece.anchor]
            assert anchors, as_words(said)
            assert set(anchors) <= taken, as_words(said)


@pytest.mark.parametrize("study", STUDIES)
def test_every_link_of_report_and_summary_leads_to_a_place_of_the_report(study):
    released = STUDIES[study]
    whole = Page(page(released, {section.key: () for section in released.sections}))
    ids = [given["id"] for _, given in whole.tags if "id" in given]
    assert len(ids) == len(set(ids))
    links = {given["href"] for tag, given in whole.tags if tag == "a"}
    assert {link.removeprefix("#") for link in links} <= set(ids)
    alone = {given["href"] for tag, given in Page(summary_page(released)).tags if tag == "a"}
    assert {link.removeprefix("report.html") for link in alone} - {""} <= {f"#{name}" for name in ids}


@pytest.mark.parametrize("study", STUDIES)
def test_sentences_are_whole_and_never_deny_an_effect(study):
    words = text(study)
    for part in summary(STUDIES[study]):
        for said in part.sentences:
            sentence = as_words(said)
            assert re.fullmatch(r"[A-Z“].*[.?]", sentence), sentence
            assert "  " not in sentence
            assert "None" not in sentence.removeprefix("None of")
    for never in ("no effect", "had no ", "did not change", "not available", "proves"):
        assert never not in words.lower()
    assert "{" not in words


def test_a_strong_finding_is_a_point_and_a_weak_one_a_sign():
    assert "is a point in favour of the Harbour model" in text("one")
    assert "Nothing here is by itself a reason to stop the Harbour model." in text("one")
    assert "is a hopeful sign, but a weak one" in text("weak")
    assert "Nothing here is by itself a reason to start or to stop the Harbour model." in text("weak")
    assert "is a point against the Harbour model" in text("opposite")
    assert "not by itself a reason to stop" in text("opposite")
    assert "Nothing here is by itself a reason to start the Harbour model elsewhere." in text("opposite")
    assert "points in both directions" in text("both ways")


def test_what_was_asked_to_learn_decides_nothing():
    words = text("exploratory")
    assert "may guide the next study, and decides nothing" in words
    assert "point in favour" not in words
    assert "reason to start or to stop" in words
    assert "To learn, not to decide, we asked about" in text("one exploratory")


@pytest.mark.parametrize(
    "study", ["no evidence", "trends failed", "untested", "unestimated", "hidden", "nothing to compare"]
)
def test_without_a_finding_nothing_speaks_for_or_against(study):
    words = text(study)
    assert "We found no evidence that the Harbour model changed" in words
    assert "point in favour" not in words
    assert "point against" not in words
    assert "which is what was hoped for" not in words
    assert "by itself a reason to start or to stop" in words


def test_no_evidence_is_said_not_to_be_evidence_of_nothing():
    assert "No evidence of a change is not evidence that nothing changed." in text("no evidence")
    assert "is no ground to say that the Harbour model changes something, nor that it changes nothing" in text("two")


def test_trends_that_were_not_alike_are_told_apart_from_untested_ones():
    assert "had not moved alike before the start" in text("trends failed")
    assert "could not be tested" in text("untested")
    assert "nothing follows either way" in text("trends failed")


def test_a_hidden_estimate_is_not_in_the_summary():
    words = text("hidden")
    assert "may not be shown" in words
    assert "14.0" not in words
    assert "fall of" not in words
    assert "rise of" not in words


def test_no_direction_hoped_for_makes_no_point():
    words = text("neither")
    assert "no direction was hoped for" in words
    assert "point in favour" not in words


def test_a_study_without_a_question_has_no_summary():
    assert summary(STUDIES["no question"]) == ()


def test_outcomes_of_one_name_are_told_apart():
    assert text("same outcome").count("(“Did it reduce") >= 2


def test_how_comparators_were_found_is_told_as_it_was():
    assert "had moved like the pilot’s before it began" in text("one")
    given = replace(with_an_effect(), areas=replace(with_an_effect().areas, candidates=()))
    words = " ".join(as_words(said) for part in summary(of(given)) for said in part.sentences)
    assert "that the study had named for it beforehand" in words


def ratings():
    """Yield the rating of every combination of facts that leads to a reason of its own."""
    usual = EvidenceFacts("trends_hold", 0.01, 0.01, 0.05, 5, 9, 3, 0, 0, 4)
    for change in (
        {"source_p": None},
        {"trends": "trends_untested"},
        {"trends": "trends_fail"},
        {"source_p": 0.3},
        {"concerns": 2},
        {"concerns_found": 1},
        {"serial_correlation_unhandled": True},
        {"shaken": 2},
        {"pilots": 2},
        {"headline_p": None},
        {"headline_p": 0.2},
    ):
        yield rate_evidence(replace(usual, **change))


def test_every_reason_of_the_rule_has_its_plain_form():
    used = set()
    for decision in ratings():
        evidence = replace(with_an_effect().evidence, because=decision.because, facts=dict(decision.facts))
        for template in decision.because:
            holds = [words for words in PLAIN if words in template]
            assert holds, template
            used.add(holds[0])
        (section,) = of(replace(with_an_effect(), evidence=evidence)).sections
        for reason in plain_reasons(section):
            assert reason.endswith(".")
            for word in ("significant", "p =", "serial", "{", "not available"):
                assert word not in reason
    assert used == set(PLAIN)


def test_a_reason_without_a_plain_form_is_told_as_the_rule_says_it():
    evidence = replace(with_an_effect().evidence, because=("a new reason with {pilots} pilots",), facts={"pilots": 2})
    (section,) = of(replace(with_an_effect(), evidence=evidence)).sections
    assert plain_reasons(section) == ("A new reason with 2 pilots",)
