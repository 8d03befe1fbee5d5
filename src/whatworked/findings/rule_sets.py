"""What each rule set makes of a question, as `findings.json` writes it."""

from collections.abc import Sequence

from whatworked.cells import NotEstimated
from whatworked.diagnostics.result import Test
from whatworked.findings.model import DecisionFact, RuleSetFacts
from whatworked.findings.readings import reading_facts
from whatworked.findings.specifications import found_effect
from whatworked.protocol.outcomes import Outcome
from whatworked.rules.decision import Decision
from whatworked.strands.other_rules import UnderRules


def decision_fact(decision: Decision) -> DecisionFact:
    """Write down a decision."""
    return DecisionFact(
        decision.decision, decision.chosen, decision.because, dict(decision.facts), decision.branches_not_taken
    )


def rule_set_facts(found: Sequence[UnderRules], outcome: Outcome) -> tuple[RuleSetFacts, ...]:
    """Write down a question under each rule set, the one that is used first."""
    return tuple(_facts(one, outcome, used=place == 0) for place, one in enumerate(found))


def _facts(found: UnderRules, outcome: Outcome, *, used: bool) -> RuleSetFacts:
    model, tests = found.analysis.model, found.tests
    return RuleSetFacts(
        rule_set=found.rules.name,
        used=used,
        specification=found.analysis.name,
        estimator=found.analysis.estimator,
        errors="classical" if model.classical else "clustered",
        read_against=found.rules.test,
        rows=model.fit.rows,
        effect=found_effect(found.analysis.effect),
        serial_correlation_p=None if tests is None else _p_value(tests.serial),
        hausman_p=None if tests is None else _p_value(tests.hausman),
        leads=len(found.leads.estimated),
        leads_insignificant=found.leads.insignificant,
        decisions=tuple(decision_fact(one) for one in found.decisions),
        readings=reading_facts(outcome, found.rules.name),
        conclusion=found.conclusion.reached,
    )


def _p_value(found: Test | NotEstimated) -> float | None:
    return None if isinstance(found, NotEstimated) else found.p_value
