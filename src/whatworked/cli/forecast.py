"""Which model a question will get, how it will be tested and what will be run, as far as that is known beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from whatworked.estimation.randomisation import Attainable, attainable
from whatworked.matching.groups import MatchedGroup
from whatworked.protocol.model import Question
from whatworked.records.quality import counted
from whatworked.rules.decision import Decision
from whatworked.rules.inference import Sides, choose_inference
from whatworked.rules.rulesets import RuleSet
from whatworked.strands.foreseen import areas_compared, scope_foreseen
from whatworked.strands.plan import Plan
from whatworked.strands.variants import WORDS
from whatworked.tables.wording import METHODS
from whatworked.vocabulary import SHARE, Estimator, Method

TESTS = {"wild_restricted": METHODS[Method.WILD_RESTRICTED], "collapsed_t": METHODS[Method.COLLAPSED_T]}


def forecast(plan: Plan, before: Mapping[str, Any] | None, *, people: bool) -> dict[str, Any]:
    """Return the model, the areas, the headline test and what randomisation could reach at best.

    Parameters
    ----------
    plan : what is to be run for the question; nothing is laid
    before : mean outcome of all areas before the first start, as `whatworked.cli.plan` has it; None where there is none
    people : whether the records are of people
    """
    pilots, comparators = areas_compared(plan)
    headline = choose_inference(Sides(pilots, comparators, 0.0, 0.0))
    best = _randomisation(plan.matches.groups, pilots, comparators)
    scope = scope_foreseen(plan)
    return {
        "areas": {"pilots": pilots, "comparators": comparators},
        "scope": {"chosen": scope.chosen, "because": _filled(scope)},
        "model": list(_model(plan.question, plan.rules, before, people=people)),
        "headline": {"chosen": headline.chosen, "because": _filled(headline)},
        "randomisation": None if best is None else _as_facts(best),
    }


def forecast_in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the forecast as lines of text."""
    areas, headline, best = found["areas"], found["headline"], found["randomisation"]
    yield f"areas: {counted(areas['pilots'], 'pilot')}, {counted(areas['comparators'], 'comparator')}"
    yield from found["model"]
    if headline["chosen"] == "none":
        yield f"headline test: none, since {headline['because'][0]}"
        return
    test = TESTS[headline["chosen"]]
    unless = (
        ", unless one area holds over half of its side's weight: then the two-sample t-test on one change per area"
        if headline["chosen"] == "wild_restricted"
        else ""
    )
    yield f"headline test: {test[:1].lower()}{test[1:]}{unless}"
    if best is not None:
        how = "all" if best["enumerated"] else "drawn"
        yield (
            f"randomisation inference: {best['assignments']:,} assignments ({how}), so that its p-value cannot be "
            f"below {best['smallest_p']:.2g}"
        )


def _model(question: Question, rules: RuleSet, before: Mapping[str, Any] | None, *, people: bool) -> Iterator[str]:
    """Yield by which rule the main model will be chosen, with the limits of the rule."""
    if not people:
        yield "model: linear, on figures of areas"
        return
    if question.estimator is not None:
        yield f"model: {WORDS[Estimator(question.estimator)]}, which the protocol names"
        return
    family, logit = _family(rules, before)
    yield f"model: {family}"
    yield f"model, effects of people: {_effects(question, rules, logit=logit)}"


def _family(rules: RuleSet, before: Mapping[str, Any] | None) -> tuple[str, bool | None]:
    """Return linear or logistic in words, and whether it looks like the latter; None where nothing can be said."""
    if before is None:
        return f"logistic if a share of events and rarer than {rules.rare_outcome:.0%}, else linear", None
    if before["unit"] != SHARE:
        return f"linear, since the outcome is in {before['unit']}", False
    low, high = rules.printed_limits
    rare = before["mean"] < rules.rare_outcome
    near = f"; the limit was printed as {low:.0%} and as {high:.0%}" if low <= before["mean"] < high else ""
    return (
        f"logistic if the incidence among matched rows is below {rules.rare_outcome:.0%}, else linear: by that before "
        f"the first start, {before['mean']:.1%}, {'logistic' if rare else 'linear'}{near}"
    ), rare


def _effects(question: Question, rules: RuleSet, *, logit: bool | None) -> str:
    """Return in words when fixed or random effects for people may carry the question."""
    asked = f"if serial correlation is significant at {rules.significance:.0%}"
    beside = f"{asked}, errors are clustered on people beside it and the evidence falls a step"
    if question.recurrence_veto:
        return f"none, since the outcome itself brings people back; {beside}"
    if logit:
        return f"none beside a logistic model; {beside}"
    return (
        f"{asked}, fixed (Hausman significant at {rules.significance:.0%}) or random (not), where more than "
        f"{rules.repeated_share:.0%} of rows repeat; else errors clustered on people stand beside"
    )


def _randomisation(groups: Sequence[MatchedGroup], pilots: int, comparators: int) -> Attainable | None:
    """Return what randomisation could reach: within groups where none shares a comparator, else over all areas."""
    if not pilots or not comparators:
        return None
    sizes = [1 + len(group.comparators) for group in groups]
    apart = sum(sizes) == pilots + comparators
    return attainable(areas=pilots + comparators, pilots=pilots, groups=sizes if apart else None)


def _as_facts(best: Attainable) -> dict[str, Any]:
    return {"assignments": best.assignments, "enumerated": best.enumerated, "smallest_p": best.smallest_p}


def _filled(decision: Decision) -> list[str]:
    return [because.format(**decision.facts) for because in decision.because]
