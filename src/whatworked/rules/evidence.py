"""How far the evidence for an effect may be believed."""

from dataclasses import dataclass

from whatworked.rules.decision import Decision, Fact
from whatworked.vocabulary import Rating

STEPS = (Rating.HIGH, Rating.MODERATE, Rating.LOW, Rating.VERY_LOW)


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What the rating is made from; p-values and shaken runs are None or 0 where there is none.

    `source_p` is the source's test of the main effect (CR1), `headline_p` the headline method's; `shaken` counts
    runs that change the effect's sign or lose its significance, out of `challenged` runs: those without some pilots,
    under another definition of the outcome or under another limit for outliers. `concerns` are those that the protocol
    states, `concerns_found` those that the checks of the records found.
    """

    trends: str
    source_p: float | None
    headline_p: float | None
    significance: float
    pilots: int
    comparators: int
    min_areas: int
    concerns: int
    shaken: int
    challenged: int
    serial_correlation_unhandled: bool = False
    concerns_found: int = 0


def rate_evidence(known: EvidenceFacts) -> Decision:
    """Rate by rule: no causal reading, no evidence, or high less one step for every reason to doubt.

    Source: decision 0014 of this project, checked against the gradings of the evaluation that it generalises.
    """
    facts: dict[str, Fact] = {
        name: getattr(known, name)
        for name in ("trends", "source_p", "headline_p", "significance", "pilots", "comparators", "min_areas")
    }
    facts |= {"concerns": known.concerns, "concerns_found": known.concerns_found}
    facts |= {"shaken": known.shaken, "challenged": known.challenged}
    if known.source_p is None:
        return _rated(Rating.NO_CAUSAL_READING, ("the effect could not be estimated",), facts)
    if known.trends == "trends_untested":
        because = (
            "trends before the start could not be tested, so no difference can be read as the intervention's effect"
        )
        return _rated(Rating.NO_CAUSAL_READING, (because,), facts)
    if known.trends != "trends_hold":
        because = (
            "pilots and comparators did not move alike before the start: their difference is no measure of an effect"
        )
        return _rated(Rating.NO_CAUSAL_READING, (because,), facts)
    if not known.source_p < known.significance:
        because = (
            "the difference is not significant at {significance:.0%} by the pre-registered test (p = {source_p:.3f})"
        )
        return _rated(Rating.NO_EVIDENCE, (because,), facts)
    doubts = _doubts(known)
    rating = STEPS[min(len(doubts), len(STEPS) - 1)]
    because = "the difference is significant at {significance:.0%} by the pre-registered test (p = {source_p:.3f})"
    return _rated(rating, (because, *doubts), facts)


def _doubts(known: EvidenceFacts) -> tuple[str, ...]:
    doubts = {
        _data_doubt(known): known.concerns + known.concerns_found > 0,
        "one step down: errors are correlated over time in a way the main model does not handle": (
            known.serial_correlation_unhandled
        ),
        "one step down: of {challenged} runs without some pilots or under another definition, {shaken} change the sign "
        "or lose significance": known.shaken > 0,
        "one step down: fewer than {min_areas} pilots or comparators (pilots: {pilots}, comparators: {comparators})": (
            min(known.pilots, known.comparators) < known.min_areas
        ),
        _headline_doubt(known.headline_p): known.headline_p is None or not known.headline_p < known.significance,
    }
    return tuple(text for text, holds in doubts.items() if holds)


def _data_doubt(known: EvidenceFacts) -> str:
    """Return the one step for the quality of the data, whatever the number of concerns, with where they come from."""
    sources = {
        "{concerns} stated in the protocol": known.concerns,
        "{concerns_found} found by the checks of the records": known.concerns_found,
    }
    stated = " and ".join(text for text, n in sources.items() if n)
    return f"one step down: concerns about the quality of the data ({stated})"


def _headline_doubt(headline_p: float | None) -> str:
    if headline_p is None:
        return "one step down: the method fit for so few areas gives no p-value"
    return "one step down: by the method fit for so few areas the difference is not significant (p = {headline_p:.3f})"


def _rated(rating: Rating, because: tuple[str, ...], facts: dict[str, Fact]) -> Decision:
    others = tuple(other.value for other in Rating if other is not rating)
    return Decision("evidence", rating.value, because, facts, others)
