"""What is behind each decision: the rule that took it, what proves the rule, and the keys of the protocol it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from whatworked.findings.model import DecisionFact, ProtocolKey
from whatworked.rules import additions, conclusions, estimator, evidence, inference, scope, trends
from whatworked.rules.decision import Decision
from whatworked.tables.register import Registered, registered

_SOURCE = "The rules of the evaluation that this generalises"
_RULES, _ESTIMATOR = "tests/rules/test_rules.py", "tests/rules/test_estimator.py"


@dataclass(frozen=True, slots=True)
class Decider:
    """A rule: its function, its proof, the keys of the protocol that it reads and its limits among its facts.

    `{question}` in a key stands for the question; a key that ends in a dot stands for every key below it.
    """

    rule: Callable[..., Decision]
    proof: str
    keys: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    decision: str = ""

    def registered(self) -> Registered:
        """Return the rule's entry in the register of methods."""
        found = registered(self.rule)
        return Registered(
            found.name,
            found.does,
            found.source or _SOURCE,
            found.proofs or (self.proof,),
            found.decisions or ((self.decision,) if self.decision else ()),
        )


DECIDERS = {
    "family": Decider(
        estimator.choose_family,
        _ESTIMATOR,
        ("question[{question}].estimator", "thresholds.rare_outcome", "study.rule_set"),
        ("rare_outcome",),
        "0029",
    ),
    "multilevel": Decider(
        estimator.consider_multilevel,
        _ESTIMATOR,
        ("thresholds.significance", "study.rule_set"),
        ("significance",),
        "0029",
    ),
    "effects": Decider(estimator.choose_effects, _ESTIMATOR, ("thresholds.significance",), ("significance",), "0029"),
    "main_model": Decider(
        estimator.choose_main,
        _ESTIMATOR,
        (
            "question[{question}].estimator",
            "thresholds.repeated_share",
            "question[{question}].recurrence_veto",
            "study.rule_set",
        ),
        ("repeated_share",),
        "0029",
    ),
    "trends": Decider(trends.judge_trends, _RULES, ("thresholds.significance",), ("significance",)),
    "scope": Decider(
        scope.choose_scope, _RULES, ("thresholds.min_areas", "question[{question}].exploratory"), ("min_areas",)
    ),
    "inference": Decider(inference.choose_inference, _RULES, (), ("few", "heavy")),
    "additions": Decider(
        additions.judge_additions, "tests/rules/test_additions.py", ("thresholds.significance",), ("significance",)
    ),
    "rule_sets": Decider(
        conclusions.compare_conclusions,
        "tests/rules/test_conclusions.py",
        ("study.rule_set", "thresholds.significance"),
        decision="0040",
    ),
    "evidence": Decider(
        evidence.rate_evidence,
        _RULES,
        ("thresholds.significance", "thresholds.min_areas", "question[{question}].concerns", "quality."),
        ("significance", "min_areas"),
    ),
}


def keys_behind(decision: str, question: str, protocol: Mapping[str, ProtocolKey]) -> tuple[str, ...]:
    """Return the keys of the protocol that a decision on a question was made from, those not written as they are."""
    found: list[str] = []
    decider = DECIDERS.get(decision)
    for template in decider.keys if decider else ():
        key = template.format(question=question)
        found += [one for one in protocol if one.startswith(key)] if key.endswith(".") else [key]
    return tuple(found)


def limits_as_run(decision: DecisionFact) -> tuple[str, ...]:
    """Return the limits that a rule used, as words."""
    decider = DECIDERS.get(decision.decision)
    names = decider.limits if decider else ()
    return tuple(f"{name.replace('_', ' ')} {decision.facts[name]:g}" for name in names if _number(decision, name))


def _number(decision: DecisionFact, name: str) -> bool:
    return isinstance(decision.facts.get(name), int | float)
