"""The readings of a question's outcome, as findings write them down."""

from whatworked.cohort.choices import readings, with_choices
from whatworked.cohort.definitions import RuleSet, definitions
from whatworked.findings.model import ReadingFact
from whatworked.protocol.outcomes import Cutoff, Outcome, Redefine, SecondaryOutcome
from whatworked.protocol.variants import OtherRules


def reading_facts(outcome: Outcome, rule_set: RuleSet) -> tuple[ReadingFact, ...]:
    """Return every reading of an outcome that is made from returns, and who chose it; none of another outcome."""
    if outcome.kind == "given":
        return ()
    means = with_choices(definitions(rule_set), outcome.kind, outcome)
    return tuple(
        ReadingFact(one.key, one.settles, one.value, "protocol" if one.key in outcome.choices else "rule_set")
        for one in readings(means, outcome.kind)
    )


def note_of(outcome: Outcome, variant: Redefine | Cutoff | SecondaryOutcome | OtherRules, rule_set: RuleSet) -> str:
    """Return in words what a variant's definition of an outcome has instead, reading by reading."""
    match variant:
        case OtherRules():
            return ""
        case SecondaryOutcome(outcome=other):
            facts, chosen = reading_facts(other, rule_set), other.choices
        case Redefine() | Cutoff():
            chosen = variant.definition.choices
            facts = reading_facts(outcome.under(variant.definition), rule_set)
    return "; ".join(f"{one.settles}: {one.value}" for one in facts if one.key in chosen)
