"""Which model carries a question: linear or logit, pooled or with effects for people."""

from dataclasses import dataclass

from whatworked.cells import Share
from whatworked.rules.decision import Decision, Fact
from whatworked.rules.rulesets import RuleSet

LINEAR, LOGIT = "linear", "logit"
FIXED, RANDOM = "fixed_effects", "random_effects"
POOLED, MULTILEVEL = "pooled", "multilevel"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the choice is made from; None where there is no such number.

    `incidence` is the unweighted share of matched rows with a binary outcome, None for an outcome that is no share;
    `serial_p` and `hausman_p` are the p-values of the two tests; `repeated` the share of repeated rows; `veto` says
    that the protocol holds the outcome itself to cause recurrence.
    """

    incidence: Share | None
    serial_p: float | None
    hausman_p: float | None
    repeated: Share | None
    veto: bool


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The main model and what follows from it, with every decision on the way.

    Where `serial_correlation_unhandled`, a specification clustered on people is added and the evidence falls one
    step, since the main model takes no account of correlation over time.
    """

    main: str
    decisions: tuple[Decision, ...]
    serial_correlation_unhandled: bool = False


def choose_model(known: ModelFacts, rules: RuleSet) -> ModelChoice:
    """Choose the main model: the family by incidence, effects for people only where the errors ask for them.

    Source: the rules of the evaluation that this generalises. Decision 0029.
    """
    family = choose_family(known.incidence, rules)
    multilevel = consider_multilevel(known.serial_p, rules)
    if multilevel.chosen == POOLED:
        return ModelChoice(family.chosen, (family, multilevel))
    effects = choose_effects(known.hausman_p, rules)
    main = choose_main(known, rules, family=family.chosen, effects=effects.chosen)
    return ModelChoice(main.chosen, (family, multilevel, effects, main), main.chosen == family.chosen)


def choose_family(incidence: Share | None, rules: RuleSet) -> Decision:
    """Choose logit for an outcome rarer than the limit, else linear; a notice where the two printed limits disagree."""
    low, high = rules.printed_limits
    incidence = _known(incidence)
    facts: dict[str, Fact] = {"incidence": incidence, "rare_outcome": rules.rare_outcome, "low": low, "high": high}
    branches = {
        LINEAR: "linear: the outcome is no share, or its incidence is {rare_outcome:.0%} or more",
        LOGIT: "logit: a binary outcome with an incidence below {rare_outcome:.0%}",
    }
    if incidence is None:
        return _decided("family", LINEAR, ("the outcome is not a share of events",), facts, branches)
    rate = incidence.of / incidence.among
    rare = rate < rules.rare_outcome
    because = ["the incidence of {incidence:.1%} is " + ("below" if rare else "not below") + " {rare_outcome:.0%}"]
    if low <= rate < high:
        because.append("notice: the limit was printed as {low:.0%} and as {high:.0%}, and these two disagree here")
    return _decided("family", LOGIT if rare else LINEAR, tuple(because), facts, branches)


def consider_multilevel(serial_p: float | None, rules: RuleSet) -> Decision:
    """Consider models with effects for people only where errors are correlated over time."""
    facts: dict[str, Fact] = {"serial_p": serial_p, "significance": rules.significance}
    branches = {
        POOLED: "pooled: serial correlation is not significant at {significance:.0%}",
        MULTILEVEL: "multilevel: serial correlation is significant at {significance:.0%}",
    }
    if serial_p is None:
        return _decided("multilevel", POOLED, ("serial correlation could not be tested",), facts, branches)
    if serial_p < rules.significance:
        because = "serial correlation is significant at {significance:.0%} (p = {serial_p:.3f})"
        return _decided("multilevel", MULTILEVEL, (because,), facts, branches)
    because = "serial correlation is not significant at {significance:.0%} (p = {serial_p:.3f})"
    return _decided("multilevel", POOLED, (because,), facts, branches)


def choose_effects(hausman_p: float | None, rules: RuleSet) -> Decision:
    """Choose fixed effects where Hausman's test is significant, else random; fixed where it could not be had."""
    facts: dict[str, Fact] = {"hausman_p": hausman_p, "significance": rules.significance}
    branches = {
        FIXED: "fixed_effects: the Hausman test is significant at {significance:.0%}, or could not be had",
        RANDOM: "random_effects: the Hausman test is not significant at {significance:.0%}",
    }
    if hausman_p is None:
        because = "the Hausman test could not be had, and fixed effects hold whatever it would have said"
        return _decided("effects", FIXED, (because,), facts, branches)
    if hausman_p < rules.significance:
        because = "the Hausman test is significant at {significance:.0%} (p = {hausman_p:.3f})"
        return _decided("effects", FIXED, (because,), facts, branches)
    because = "the Hausman test is not significant at {significance:.0%} (p = {hausman_p:.3f})"
    return _decided("effects", RANDOM, (because,), facts, branches)


def choose_main(known: ModelFacts, rules: RuleSet, *, family: str, effects: str) -> Decision:
    """Make the panel model the main one where enough rows repeat and nothing speaks against it.

    Otherwise the family stays, a specification clustered on people is added and the evidence falls one step.
    """
    facts: dict[str, Fact] = {
        "repeated": _known(known.repeated),
        "repeated_share": rules.repeated_share,
        "veto": known.veto,
    }
    branches = {
        effects: effects + ": more than {repeated_share:.0%} of rows are repeats, the family is linear, and the "
        "outcome is not held to cause recurrence",
        family: family + ": otherwise, with a specification clustered on people and the evidence one step lower",
    }
    against = _against(known, rules, family)
    if not against:
        because = "{repeated:.1%} of rows are repeats, which is above {repeated_share:.0%}"
        return _decided("main_model", effects, (because,), facts, branches)
    consequence = "so the main model stays, a specification clustered on people is added, and the evidence falls a step"
    return _decided("main_model", family, (*against, consequence), facts, branches)


def fall_back_to_linear(family: str, words: str, reason: str) -> Decision:
    """Record that a specification is linear because a family, in `words`, could not be fitted; `reason` says why."""
    facts: dict[str, Fact] = {"model": words, "reason": reason}
    because = "{model} could not be fitted: {reason}"
    return Decision("family", LINEAR, (because,), facts, (f"{family}: wherever it can be fitted",))


def _against(known: ModelFacts, rules: RuleSet, family: str) -> tuple[str, ...]:
    reasons = []
    repeated = _known(known.repeated)
    if repeated is None:
        reasons.append("the share of repeated rows is not known")
    elif not repeated.of / repeated.among > rules.repeated_share:
        reasons.append("{repeated:.1%} of rows are repeats, which is not above {repeated_share:.0%}")
    if known.veto:
        reasons.append("the protocol holds the outcome itself to cause recurrence")
    if family == LOGIT:
        reasons.append("the outcome is rare, and fixed and random effects are linear")
    return tuple(reasons)


def _known(share: Share | None) -> Share | None:
    return share if share is not None and share.among else None


def _decided(
    decision: str, chosen: str, because: tuple[str, ...], facts: dict[str, Fact], branches: dict[str, str]
) -> Decision:
    return Decision(decision, chosen, because, facts, tuple(text for key, text in branches.items() if key != chosen))
