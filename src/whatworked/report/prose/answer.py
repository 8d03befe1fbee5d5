"""The answer to a question: in a line for the first table, in a paragraph at the head of its chapter.

Words are chosen with care: a test that finds nothing is 'no evidence of a change', never 'no change'; where
trends were not alike the difference 'cannot be read as the effect'; and where the test registered beforehand
and the headline disagree, the first paragraph says so.
"""

from dataclasses import dataclass

from whatworked.disclosure.released import Number, ReleasedSection
from whatworked.report.prose.phrases import (
    Facts,
    capital,
    change_of,
    flag,
    hoped_for,
    interval,
    number,
    whole,
    with_unit,
    words,
)

NO_CAUSAL_READING = "no_causal_reading"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sentences are built from; `significant` is the headline's word, `registered` the source's test's."""

    intervention: str
    outcome: str
    unit: str
    estimate: Number
    range: str
    hoped: str
    significant: bool | None
    registered: bool | None

    @property
    def disagree(self) -> bool:
        """Whether the two tests draw different conclusions."""
        return None not in (self.significant, self.registered) and self.significant is not self.registered

    @property
    def change(self) -> str:
        """The estimate in words with its unit."""
        return with_unit(change_of(self.estimate), self.unit)

    @property
    def change_in_outcome(self) -> str:
        """The estimate in words with its unit and the outcome."""
        return f"{self.change} in {self.outcome}"


def answer_in_a_paragraph(section: ReleasedSection) -> str:
    """Return the answer with its interval in natural units."""
    facts = section.facts
    if "not_estimated" in facts:
        return f"The effect of {words(facts, 'intervention')} could not be estimated: {words(facts, 'not_estimated')}."
    answer = answer_of(facts)
    if answer is None:
        return f"The estimate may not be shown here ({words(facts, 'estimate')}): it could disclose too much."
    if words(facts, "rating") == NO_CAUSAL_READING:
        return _cannot_be_read(answer, facts)
    registered = answer.significant if answer.registered is None else answer.registered
    return _found(answer) if registered else _no_evidence(answer)


def answer_in_a_line(section: ReleasedSection) -> str:
    """Return the answer for the table at the head of the report."""
    facts = section.facts
    if "not_estimated" in facts:
        return f"Could not be estimated: {words(facts, 'not_estimated')}."
    answer = answer_of(facts)
    if answer is None:
        return "The estimate may not be shown."
    between = f"95% interval: {answer.range}"
    if words(facts, "rating") == NO_CAUSAL_READING:
        return f"Cannot be read as the effect of {answer.intervention}. The difference is {answer.change} ({between})."
    if answer.registered is False or (answer.registered is None and not answer.significant):
        return f"No evidence of a change. The estimate is {answer.change} ({between})."
    return f"{capital(answer.change)} ({between})."


def tests_agree(section: ReleasedSection) -> str:
    """Return whether the ways of testing the main effect lead to the same conclusion."""
    facts = section.facts
    below, counted = whole(facts, "tests_below"), whole(facts, "tests_counted")
    if not counted:
        return "There is no test to compare."
    if below == 0:
        return f"Yes. None of the {counted} tests sees more than chance."
    if below == counted:
        return f"Yes. All {counted} tests see more than chance."
    answer = answer_of(facts)
    if answer is not None and answer.disagree:
        one = "The test registered beforehand does, the test that suits so few areas does not"
        other = "The test that suits so few areas does, the test registered beforehand does not"
        return f"No. {below} of {counted} tests see more than chance. {one if answer.registered else other}."
    return f"Not wholly. {below} of {counted} tests see more than chance; the two main ones agree."


def additions_disagree(section: ReleasedSection) -> str:
    """Return whether anything beside the test registered beforehand draws another conclusion than it."""
    facts = section.facts
    disagreeing, counted = number(facts, "additions_disagreeing"), whole(facts, "additions_counted")
    if disagreeing is None or not counted:
        return "There is nothing to compare."
    if not disagreeing.value:
        return f"No. All {counted} other ways of testing draw its conclusion."
    return f"Yes. {disagreeing.text} of {counted} other ways of testing: {words(facts, 'additions_named')}."


def what_happened(section: ReleasedSection) -> str:
    """Return the means of both arms before and after, as far as they may be shown."""
    facts, unit = section.facts, words(section.facts, "level_unit")
    levels = [number(facts, f"{arm}s_{when}") for arm in ("pilot", "comparator") for when in ("before", "after")]
    if any(level is None for level in levels):
        return ""
    before, after, other_before, other_after = (level.text for level in levels if level is not None)
    percent = "%" if unit == "%" else ""
    return (
        f"From before the start to after it, {words(facts, 'outcome')} went from {before}{percent} to "
        f"{after if percent else with_unit(after, unit)}{percent} in the pilots, and from {other_before}{percent} to "
        f"{other_after}{percent} in the comparators."
    )


def answer_of(facts: Facts) -> Answer | None:
    """Return what may be told of the main effect, None where no estimate may be shown."""
    estimate, low, high = (number(facts, key) for key in ("estimate", "low", "high"))
    if low is None and high is None:
        low, high = number(facts, "source_low"), number(facts, "source_high")
    unit = words(facts, "unit" if estimate is None else "headline_unit")
    estimate = estimate or number(facts, "source_estimate")
    if (marginal := number(facts, "marginal")) is not None:
        # log-odds are nobody's natural unit: the answer is told in points, its tests are those of the log-odds
        estimate, unit = marginal, words(facts, "marginal_unit")
        low, high = number(facts, "marginal_low"), number(facts, "marginal_high")
    if estimate is None:
        return None
    return Answer(
        intervention=words(facts, "intervention"),
        outcome=words(facts, "outcome"),
        unit=unit,
        estimate=estimate,
        range=interval(low, high, unit),
        hoped=hoped_for(estimate, words(facts, "better")),
        significant=flag(facts, "significant"),
        registered=flag(facts, "source_significant"),
    )


def _cannot_be_read(answer: Answer, facts: Facts) -> str:
    why = (
        f"Before {answer.intervention} started, pilots and comparators did not move alike by the rule fixed beforehand"
        if words(facts, "leads_verdict") == "fail"
        else f"Whether pilots and comparators moved alike before {answer.intervention} started could not be tested"
    )
    return (
        f"{why}, so the difference between them afterwards cannot be read as the effect of {answer.intervention}. "
        f"For the record, it is {answer.change_in_outcome} (95% interval: {answer.range}).{_disagreement(answer)}"
    )


def _found(answer: Answer) -> str:
    hoped = f", {answer.hoped}" if answer.hoped else ""
    found = f"{answer.change_in_outcome}, against what the comparators' path implies{hoped}"
    if answer.disagree:
        return f"The estimate is {found}.{_disagreement(answer)} Its 95% interval takes in {answer.range}."
    silent = " The test that suits so few areas gives no answer here." if answer.significant is None else ""
    return f"We found {found} (95% interval: {answer.range}).{silent}"


def _no_evidence(answer: Answer) -> str:
    return (
        f"We found no evidence that {answer.intervention} changed {answer.outcome}. The estimate is {answer.change}; "
        f"its 95% interval takes in {answer.range}.{_disagreement(answer)} This is not evidence that nothing changed."
    )


def _disagreement(answer: Answer) -> str:
    if not answer.disagree:
        return ""
    if answer.registered:
        return (
            " The two main tests disagree: the one registered before the study sees more than chance in it, "
            "the one that suits so few areas does not."
        )
    return (
        " The two main tests disagree: the one that suits so few areas sees more than chance in it, "
        "the one registered before the study does not."
    )
