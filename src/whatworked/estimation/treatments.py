"""Treatments beside pilot or not: a dose, comparators with a similar practice model, areas with a high rating.

Each is a set of columns that are constant within area × period × time since the start, and says which of their
coefficients, or which sum of them, is the effect that it is fitted for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from whatworked.estimation.statistics import Flags, Floats, Integers

Columns = list[tuple[str, Floats]]

SIMILAR, WITHOUT = "comparator with a similar practice model", "comparator without a similar practice model"
AGAINST_SIMILAR = "effect against comparators with a similar practice model"
AGAINST_WITHOUT = "effect against comparators without a similar practice model"
HIGH = "high rating"
DIFFERENCE = f"pilot:post:{HIGH}"
AT_A_HIGH_RATING = "effect at a high rating"


class Timed(Protocol):
    """Cells or rows (n) that know their area, period and time since the start."""

    @property
    def areas(self) -> tuple[str, ...]:
        """Codes of the G areas."""

    @property
    def periods(self) -> tuple[str, ...]:
        """Names of the periods."""

    @property
    def pilot(self) -> Flags:
        """(G,) which areas are pilots."""

    @property
    def area(self) -> Integers:
        """(n,) numbers of areas."""

    @property
    def period(self) -> Integers:
        """(n,) numbers of periods."""

    @property
    def since(self) -> Integers:
        """(n,) time since the start."""

    @property
    def post(self) -> Flags:
        """(n,) True after the settling-in."""


@dataclass(frozen=True)
class Combination:
    """A weighted sum of a model's terms, under a name of its own."""

    name: str
    parts: tuple[tuple[str, float], ...]

    @property
    def term(self) -> str:
        """The term, of a combination of one."""
        ((term, _),) = self.parts
        return term

    @property
    def sign(self) -> float:
        """What the term is multiplied with, of a combination of one."""
        ((_, sign),) = self.parts
        return sign


@dataclass(frozen=True)
class Dose:
    """Pilot status replaced by a score between 0 and 1: how well an area delivered, or how far it embedded.

    `doses` holds the scores of pilots by code, over the highest of all pilots; every other area has 0.
    """

    score: Literal["delivery", "embeddedness"]
    doses: Mapping[str, float]

    @property
    def effect(self) -> Combination:
        """The effect of a full dose."""
        term = f"{self.score} score:post"
        return Combination(term, ((term, 1.0),))

    @property
    def others(self) -> tuple[Combination, ...]:
        """What else the model says."""
        return ()

    @property
    def marginal(self) -> Combination:
        """What a treated row owes to the treatment, for each unit of its dose."""
        return self.effect

    def of_areas(self, cells: Timed) -> Floats:
        """Return (G,) the dose of every area."""
        return np.array([self.doses.get(area, 0.0) for area in cells.areas])

    def columns(self, cells: Timed) -> Columns:
        """Return the dose, post and their product."""
        dose, post = self.of_areas(cells)[cells.area], cells.post.astype(float)
        return [(f"{self.score} score", dose), ("post", post), (self.effect.term, dose * post)]

    def treated(self, cells: Timed) -> Floats:
        """Return (n,) the dose that a row has had."""
        result: Floats = self.of_areas(cells)[cells.area] * cells.post
        return result


@dataclass(frozen=True)
class PracticeModels:
    """Three levels of treatment: the intervention, which is the base, a similar practice model, none of the kind.

    `similar` holds the codes of comparators with a similar practice model; the others have none. The model's terms are
    the comparators' against the pilots, so the effect of the intervention is minus a term.
    """

    similar: frozenset[str]

    @property
    def effect(self) -> Combination:
        """The effect against comparators without a similar practice model."""
        return Combination(AGAINST_WITHOUT, ((f"{WITHOUT}:post", -1.0),))

    @property
    def others(self) -> tuple[Combination, ...]:
        """The effect against comparators with a similar practice model."""
        return (self.effect, Combination(AGAINST_SIMILAR, ((f"{SIMILAR}:post", -1.0),)))

    @property
    def marginal(self) -> Combination:
        """What a treated row owes to the treatment."""
        return self.effect

    def without(self, cells: Timed) -> Flags:
        """Return (G,) which areas are comparators without a similar practice model."""
        return ~cells.pilot & ~self._similar(cells)

    def columns(self, cells: Timed) -> Columns:
        """Return both kinds of comparators, post and the products."""
        post = cells.post.astype(float)
        kinds = {SIMILAR: self._similar(cells), WITHOUT: self.without(cells)}
        level = {name: areas[cells.area].astype(float) for name, areas in kinds.items()}
        products = [(f"{name}:post", column * post) for name, column in level.items()]
        return [*level.items(), ("post", post), *products]

    def treated(self, cells: Timed) -> Floats:
        """Return (n,) how much treatment a row has had."""
        return pilot_of(cells) * cells.post

    def _similar(self, cells: Timed) -> Flags:
        return np.array([area in self.similar for area in cells.areas], dtype=bool) & ~cells.pilot


@dataclass(frozen=True)
class RatingDifference:
    """Does the effect differ between areas of a high and of a low rating? pilot × post × high rating.

    `high` holds the area's code and the period's name wherever the most recent inspection found a high rating.
    """

    high: frozenset[tuple[str, str]]

    @property
    def effect(self) -> Combination:
        """By how much the effect is larger at a high rating."""
        return Combination(DIFFERENCE, ((DIFFERENCE, 1.0),))

    @property
    def others(self) -> tuple[Combination, ...]:
        """The effect at a high rating, a sum of two terms."""
        return (self.marginal,)

    @property
    def marginal(self) -> Combination:
        """What a treated row at a high rating owes to the treatment."""
        return Combination(AT_A_HIGH_RATING, (("pilot:post", 1.0), (DIFFERENCE, 1.0)))

    def is_high(self, cells: Timed) -> Flags:
        """Return (n,) whether a row's area has a high rating in its period."""
        table = np.array(
            [[(area, period) in self.high for period in cells.periods] for area in cells.areas], dtype=bool
        )
        found: Flags = table.reshape(len(cells.areas), len(cells.periods))[cells.area, cells.period]
        return found

    def columns(self, cells: Timed) -> Columns:
        """Return pilot, high rating, post, their products two by two, and that of all three."""
        pilot, post, high = pilot_of(cells), cells.post.astype(float), self.is_high(cells).astype(float)
        return [
            ("pilot", pilot),
            (HIGH, high),
            ("post", post),
            (f"pilot:{HIGH}", pilot * high),
            (f"post:{HIGH}", post * high),
            ("pilot:post", pilot * post),
            (DIFFERENCE, pilot * post * high),
        ]

    def treated(self, cells: Timed) -> Floats:
        """Return (n,) how much treatment a row of a high rating has had."""
        return pilot_of(cells) * cells.post * self.is_high(cells)


def pilot_of(cells: Timed) -> Floats:
    """Return (n,) 1 for rows of pilots.

    Source
    ------
    None needed: a layout. Proof: tests/estimation/test_treatments.py
    """
    return np.asarray(cells.pilot[cells.area].astype(np.float64))
