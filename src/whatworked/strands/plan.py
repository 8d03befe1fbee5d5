"""What is to be run for a question, and what an analysis beside the main one comes to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from whatworked.cells import NotEstimated
from whatworked.door.samples import Sample
from whatworked.matching.groups import MatchedGroup, Matches
from whatworked.protocol.model import Areas, Question, Thresholds, Variant
from whatworked.rules.rulesets import RuleSet
from whatworked.strands.models import Readings
from whatworked.strands.redefined import Redefined
from whatworked.strands.variants import Analysis
from whatworked.vocabulary import SHARE


@dataclass(frozen=True)
class Run:
    """One analysis beside the main one; a `challenge` is one that a robust effect has to survive."""

    analysis: Analysis
    challenge: bool = False


@dataclass(frozen=True)
class NotRun:
    """An analysis of the protocol that was not run, and why."""

    name: str
    reason: str


Lay = Callable[[Sequence[MatchedGroup], str], Sample]


@dataclass(frozen=True)
class Under:
    """A rule set, and how numbers are read under it."""

    rules: RuleSet
    readings: Readings


@dataclass(frozen=True)
class Plan:
    """What is to be run for a question: its variants, the matches each re-matching variant found, the limits.

    `lay` lays the rows of matched groups side by side under a weight; `years_a_step` is the length of one step of the
    time since the start; `concerns_found` are those that the checks of the records found; `redefined` holds the rows
    of each variant that has rows of its own, `other_rules` the other rule sets that are asked for, both by the
    variant's name; `areas` holds the scores of pilots, the practice models of comparators and the ratings of both.
    """

    question: Question
    variants: tuple[Variant, ...]
    matches: Matches
    rematched: Mapping[str, Matches]
    thresholds: Thresholds
    readings: Readings
    rules: RuleSet
    lay: Lay
    years_a_step: float
    areas: Areas
    concerns_found: int = 0
    redefined: Mapping[str, Redefined | NotEstimated] = field(default_factory=dict)
    other_rules: Mapping[str, Under] = field(default_factory=dict)

    @property
    def share(self) -> bool:
        """Whether the outcome of people's events is a share of them."""
        return self.readings.unit == SHARE
