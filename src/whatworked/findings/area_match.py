"""Which areas a question compares, and every area that was considered for it."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from whatworked.vocabulary import Arm


@dataclass(frozen=True)
class Group:
    """A pilot with its comparators, nearest first."""

    pilot: str
    comparators: tuple[str, ...]
    distances: tuple[float | None, ...]


@dataclass(frozen=True)
class DroppedPilot:
    """A pilot that the question does without."""

    pilot: str
    reason: str


@dataclass(frozen=True)
class Candidate:
    """One area considered as a comparator of one pilot, with everything that decided about it."""

    pilot: str
    area: str
    distance: float | None
    level_distance: float | None
    slope_difference: float | None
    slope_p_value: float | None
    chosen: bool
    reason: str


@dataclass(frozen=True)
class AreaMatch:
    """Which areas are compared with which, and which were not."""

    groups: tuple[Group, ...]
    dropped: tuple[DroppedPilot, ...]
    candidates: tuple[Candidate, ...]
    scale: dict[str, float | None] = Field(default_factory=dict)


@dataclass(frozen=True)
class AreaName:
    """An area's code, its arm in this question, its label in the protocol or its name in the records."""

    area: str
    arm: Arm
    name: str
