"""Named sets of readings: what the evaluation that this generalises wrote, and what its program did."""

from dataclasses import dataclass, replace
from typing import Literal

from whatworked.protocol.model import Protocol

RuleSetName = Literal["as_reported", "as_coded"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The limits and readings of the rules that choose a model; a key given in the protocol beats them.

    `rare_outcome`: logit below this incidence; `printed_limits`: the two limits that were printed for it, between
    which the choice depends on which one is read. `repeated_share`: above it the panel model may be the main one.
    `test`: what an estimate in standard errors is read against. `panel_errors`: of fixed and random effects.
    `serial_correlation`: lags within units by the weighted statistic, or over all rows sorted by date alone,
    unweighted. `repeated`: rows of the fixed-effects sample, or rows less persons, among all matched rows.
    """

    name: RuleSetName
    test: Literal["t", "normal"]
    panel_errors: Literal["clustered", "classical"]
    serial_correlation: Literal["within_units", "by_date_alone"]
    repeated: Literal["sample_rows", "rows_less_persons"]
    significance: float = 0.05
    rare_outcome: float = 0.10
    printed_limits: tuple[float, float] = (0.05, 0.10)
    repeated_share: float = 0.15
    min_areas: int = 3


AS_REPORTED = RuleSet(
    "as_reported", test="t", panel_errors="clustered", serial_correlation="within_units", repeated="sample_rows"
)
AS_CODED = RuleSet(
    "as_coded",
    test="normal",
    panel_errors="classical",
    serial_correlation="by_date_alone",
    repeated="rows_less_persons",
)
RULE_SETS: dict[RuleSetName, RuleSet] = {rules.name: rules for rules in (AS_REPORTED, AS_CODED)}


def rules_of(protocol: Protocol, name: RuleSetName | None = None) -> RuleSet:
    """Return the rule set that a protocol names, or another one, with the protocol's limits in place of the set's."""
    own, usual = protocol.thresholds, RULE_SETS[name or protocol.study.rule_set]
    return replace(
        usual,
        significance=own.significance,
        rare_outcome=usual.rare_outcome if own.rare_outcome is None else own.rare_outcome,
        repeated_share=usual.repeated_share if own.repeated_share is None else own.repeated_share,
        min_areas=own.min_areas,
    )
