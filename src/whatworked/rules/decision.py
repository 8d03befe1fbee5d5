"""What every rule returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from whatworked.cells import Count, Mean, Share

# A plain value is a fact about areas, tests or thresholds; what is made of people keeps its type for the gate.
Fact = str | int | float | bool | None | Count | Share | Mean


@dataclass(frozen=True, slots=True)
class Decision:
    """What was chosen by rule, and everything that made it so.

    `because` holds templates over `facts` (`"{insignificant} of {leads} leads"`), which the report fills
    from what the gate has released.
    """

    decision: str
    chosen: str
    because: tuple[str, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    branches_not_taken: tuple[str, ...] = ()
