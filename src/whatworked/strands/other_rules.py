"""A question under the other rule set: the same areas, its readings of the outcome, of the tests and of the numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from whatworked.cells import NotEstimated
from whatworked.diagnostics.parallel_trends import Leads
from whatworked.estimation.estimate import Estimate
from whatworked.protocol.variants import OtherRules
from whatworked.rules.conclusions import Conclusion, compare_conclusions, conclude
from whatworked.rules.decision import Decision
from whatworked.rules.estimator import fall_back_to_linear
from whatworked.rules.rulesets import RuleSet
from whatworked.rules.trends import judge_trends
from whatworked.strands.choice import PeopleTests, choose_family_of_model
from whatworked.strands.leads import fit_leads
from whatworked.strands.plan import NotRun, Plan, Run
from whatworked.strands.redefined import NO_ROWS
from whatworked.strands.variants import WORDS, Analysis, Asked, analyse
from whatworked.vocabulary import Role

OWN_READINGS = "with the rows, the tests and the reading of the estimate of that rule set"


@dataclass(frozen=True)
class UnderRules:
    """What a question comes to under one rule set: its main analysis, the decisions that led to it, and its leads."""

    rules: RuleSet
    analysis: Analysis
    decisions: tuple[Decision, ...]
    tests: PeopleTests | None
    leads: Leads
    conclusion: Conclusion

    @property
    def trends(self) -> Decision:
        """Whether the trends hold by its leads."""
        return self.decisions[-1]


def under_rules(
    rules: RuleSet, analysis: Analysis, decisions: Sequence[Decision], *, tests: PeopleTests | None, leads: Leads
) -> UnderRules:
    """Gather what a rule set makes of a question, and conclude by its own test and its own leads."""
    effect = analysis.effect
    trends = judge_trends(
        leads=len(leads.estimated), insignificant=leads.insignificant, significance=rules.significance
    )
    estimate, p_value = (effect.estimate, effect.p_value) if isinstance(effect, Estimate) else (None, None)
    conclusion = conclude(
        rules.name, trends=trends.chosen, estimate=estimate, p_value=p_value, significance=rules.significance
    )
    return UnderRules(rules, analysis, (*decisions, trends), tests, leads, conclusion)


def analyse_under_other_rules(plan: Plan) -> Iterator[UnderRules | NotRun]:
    """Yield the question under every other rule set that the protocol asks for, on the same matched groups."""
    for variant in plan.variants:
        if isinstance(variant, OtherRules):
            yield _analysed(variant.called, plan)


def _analysed(name: str, plan: Plan) -> UnderRules | NotRun:
    under, found = plan.other_rules[name], plan.redefined[name]
    if isinstance(found, NotEstimated):
        return NotRun(name, found.reason)
    sample = found.lay(plan.matches.groups, plan.question.weight)
    if not sample.cells.used.any():
        return NotRun(name, NO_ROWS)
    chosen = choose_family_of_model(sample, replace(plan, rules=under.rules, readings=under.readings))
    # neither set knows of the menu of inference, which is that of this package: its own test is what a set reads
    asked = Asked(name, Role.RULE_SET, chosen.estimator, side_by_side=False)
    fitted = analyse(sample, asked, under.readings)
    analysis = replace(fitted, note="; ".join(part for part in (OWN_READINGS, fitted.note) if part))
    decisions = [*chosen.decisions]
    if chosen.estimator is not analysis.estimator:
        decisions.append(fall_back_to_linear(chosen.estimator.value, WORDS[chosen.estimator], analysis.unfitted))
    _, leads = fit_leads(analysis, under.readings)
    return under_rules(under.rules, analysis, decisions, tests=chosen.tests, leads=leads)


def beside_the_used(used: UnderRules, others: Sequence[UnderRules | NotRun]) -> tuple[Decision, ...]:
    """Return the decision whether the other rule set concludes otherwise; none where the protocol does not ask."""
    if not others:
        return ()
    found = [one.conclusion for one in others if isinstance(one, UnderRules)]
    return (compare_conclusions(used.conclusion, found[0] if found else None),)


def runs_of_rules(others: Sequence[UnderRules | NotRun]) -> list[Run | NotRun]:
    """Return the analyses under other rule sets: they stand beside the main one and challenge nothing."""
    return [one if isinstance(one, NotRun) else Run(one.analysis) for one in others]
