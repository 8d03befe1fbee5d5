"""Secondary analyses in words: one sentence each, made of numbers that still have to pass the gate."""

from collections.abc import Iterator

from whatworked.cells import Blank, Words
from whatworked.estimation.treatments import (
    AGAINST_SIMILAR,
    AGAINST_WITHOUT,
    AT_A_HIGH_RATING,
    DIFFERENCE,
    HIGH,
    SIMILAR,
    WITHOUT,
)
from whatworked.findings.model import Effect, QuestionFindings, SpecificationFindings
from whatworked.tables.model import Fact, Passage, said
from whatworked.tables.models import headline, in_words, unit_of
from whatworked.tables.names import AreaNames
from whatworked.tables.values import coefficient, probability
from whatworked.tables.wording import sentence_case, term_in_words
from whatworked.vocabulary import Estimator, Rating, Role

_SCORES = {"delivery": "Quality of delivery", "embeddedness": "Degree of embeddedness"}
TERMS = {
    **{f"{key} score": f"{words} (0 to 1)" for key, words in _SCORES.items()},
    **{f"{key} score:post": f"{words} × after the start (the effect of a full dose)" for key, words in _SCORES.items()},
    SIMILAR: sentence_case(SIMILAR),
    WITHOUT: sentence_case(WITHOUT),
    f"{SIMILAR}:post": f"{sentence_case(SIMILAR)} × after the start",
    f"{WITHOUT}:post": f"{sentence_case(WITHOUT)} × after the start",
    AGAINST_WITHOUT: f"{sentence_case(AGAINST_WITHOUT)} (sign turned)",
    AGAINST_SIMILAR: f"{sentence_case(AGAINST_SIMILAR)} (sign turned)",
    HIGH: "High rating",
    f"pilot:{HIGH}": "Pilot area × high rating",
    f"post:{HIGH}": "After the start × high rating",
    DIFFERENCE: "Pilot area × after the start × high rating (the difference)",
    AT_A_HIGH_RATING: "Effect at a high rating (the sum of two terms)",
}
EFFECT = "pilot:post"


def term_of(term: str, specification: SpecificationFindings) -> str:
    """Return a term of an analysis in words; beside a difference by rating `pilot:post` is the effect at a low one."""
    if term == EFFECT and any(one.term == DIFFERENCE for one in specification.terms):
        return "Pilot area × after the start (the effect at a low rating)"
    return TERMS.get(term) or term_in_words(term)


def shown_terms(specification: SpecificationFindings, question: QuestionFindings) -> tuple[Effect, ...]:
    """Return the terms that a table prints: all, but for people's levels in a secondary analysis of fewer rows.

    How many people have a level is counted for the main analysis only, and the gate guards a coefficient by it.
    """
    levels = _levels(specification, question)
    return tuple(one for one in specification.terms if one.term not in levels)


def of_covariates(specification: SpecificationFindings) -> bool:
    """Return whether a model holds more than the design: characteristics of people or of areas."""
    design = {"(intercept)", "pilot", "post", EFFECT, *TERMS}
    return any(
        one.term not in design and not one.term.startswith(("period[", "since[", "pilot:k="))
        for one in specification.terms
    )


def remarks(specification: SpecificationFindings, question: QuestionFindings, names: AreaNames) -> tuple[Passage, ...]:
    """Return what the effect of a secondary analysis is, who had to leave, and which terms are not printed."""
    if specification.role is not Role.SECONDARY or not specification.note:
        return ()
    left = (
        "The levels of people's covariates are in the model, but not in this table of fewer rows than the main one's."
    )
    hidden = any(one.term in _levels(specification, question) for one in specification.terms)
    return (said(names.within(f"{sentence_case(specification.note)}.")), *((said(left),) if hidden else ()))


def _levels(specification: SpecificationFindings, question: QuestionFindings) -> frozenset[str]:
    """Return the terms of people's levels where the analysis is secondary and has not the main one's rows."""
    main = question.specifications[0]
    if specification.role is not Role.SECONDARY or specification.rows == main.rows or question.matching is None:
        return frozenset()
    heads = tuple(f"{one.name}[" for one in question.matching.means)
    return frozenset(one.term for one in specification.terms if one.term.startswith(heads))


def secondary_passages(question: QuestionFindings, names: AreaNames, *, significance: float) -> tuple[Passage, ...]:
    """Return one sentence for every secondary analysis, after a word on how they may be read."""
    found = [s for s in question.specifications if s.role is Role.SECONDARY and isinstance(s.effect, Effect)]
    if not found:
        return ()
    sentences = tuple(_sentence(one, question, names, significance=significance) for one in found)
    if question.evidence.rating is not Rating.NO_CAUSAL_READING:
        return sentences
    return (said("The main analysis allows no causal reading, so neither do these: each is a difference."), *sentences)


def _sentence(
    one: SpecificationFindings, question: QuestionFindings, names: AreaNames, *, significance: float
) -> Passage:
    facts: dict[str, Fact] = {"name": names.words(one.name), "unit": names.words(in_words(unit_of(one, question)))}
    effect = one.effect
    assert isinstance(effect, Effect)
    noun = "difference" if question.evidence.rating is Rating.NO_CAUSAL_READING else "effect"
    told = {key: _told(key, found, one, facts) for key, found in _effects(one, effect)}
    if effect.term == DIFFERENCE:
        high = told.get("high", "not available")
        words = f"at a high inspection rating the {noun} is {high}; it differs from that at a low one by {told['own']}"
    elif effect.term == AGAINST_WITHOUT:
        words = f"against comparators without a similar practice model the {noun} is {told['own']}"
        if "similar" in told:
            words += f"; against those with one it is {told['similar']}"
    elif one.measured is not None:
        facts["measured"] = names.words(one.measured.label)
        words = f"the {noun} on {{measured}} is {told['own']}"
    else:
        words = f"the {noun} of a full dose, the highest score of all pilots, is {told['own']}"
    words += _in_shares(one, question, facts)
    return Passage(f"{{name}}: {words}. {_verdict(one, effect, facts, significance=significance)}", facts)


def _verdict(one: SpecificationFindings, effect: Effect, facts: dict[str, Fact], *, significance: float) -> str:
    """Say what the pre-registered test sees, and what the test that suits the number of areas makes of it."""
    what = " in that difference by rating" if effect.term == DIFFERENCE else ""
    best = headline(one)
    suits = "the test that suits this number of areas"
    other = f"{suits} cannot be had for it"
    if best is not None and best.p_value is not None:
        facts["headline_p"] = probability(best.p_value)
        other = f"{suits} gives p = {{headline_p}}"
    verdict = "more than chance" if _below(effect.p_value, significance) else "nothing beyond chance"
    return f"The pre-registered test sees {verdict}{what}; {other}."


def _in_shares(one: SpecificationFindings, question: QuestionFindings, facts: dict[str, Fact]) -> str:
    """Say what a logit's effect was in the outcome's own share, over the treated rows."""
    marginal = one.average_marginal_effect
    if one.estimator is not Estimator.LOGIT or not isinstance(marginal, Effect):
        return ""
    over = "after the start"
    if isinstance(one.effect, Effect) and one.effect.term == DIFFERENCE:
        over = "after the start at a high rating"
    elif marginal.term not in (AGAINST_WITHOUT, AT_A_HIGH_RATING):
        over = "after the start, at the doses that they had"
    told = _told("marginal", marginal, one, facts).replace("{unit}", "{share}")
    facts["share"] = Words(in_words(question.unit))
    return f". Over the pilots' rows {over}, it is {told}"


def _effects(one: SpecificationFindings, effect: Effect) -> Iterator[tuple[str, Effect]]:
    """Yield the effect itself and what stands beside it under a name of its own."""
    yield "own", effect
    for key, term in (("high", AT_A_HIGH_RATING), ("similar", AGAINST_SIMILAR)):
        yield from ((key, found) for found in one.terms if found.term == term)


def _told(key: str, found: Effect, one: SpecificationFindings, facts: dict[str, Fact]) -> str:
    """Put an estimate with its interval and p-value among the facts, and return the words with their gaps."""
    why = found.note or "not available"
    for part, value in (("estimate", found.estimate), ("low", found.conf_low), ("high", found.conf_high)):
        facts[f"{key}_{part}"] = coefficient(value, found.unit, residual_df=one.residual_df, why=why)
    facts[f"{key}_p"] = probability(found.p_value, why=why) if found.p_value is not None else Blank(why)
    return f"{{{key}_estimate}} {{unit}} (95% interval from {{{key}_low}} to {{{key}_high}}, p = {{{key}_p}})"


def _below(p_value: float | None, significance: float) -> bool:
    return p_value is not None and p_value < significance
