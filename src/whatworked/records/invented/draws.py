"""Chance for one child at a time: the same seed gives the same life, whatever came before it."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import cos, exp, log, pi, sqrt
from random import Random
from typing import Literal, get_args

About = Literal["life", "school", "dirt"]
ABOUT: tuple[About, ...] = get_args(About)


@dataclass(frozen=True, slots=True)
class Shares:
    """Values and the cumulated shares in which they are drawn, the last of which is 1."""

    values: tuple[str, ...]
    cumulated: tuple[float, ...]


def shares(weights: Mapping[str, float]) -> Shares:
    """Return values with weights of any sum as shares."""
    total = sum(weights.values())
    *upper, _ = accumulate(weight / total for weight in weights.values())
    return Shares(tuple(weights), (*upper, 1.0))


class Draws:
    """Draws that follow each other. All come from uniform numbers, which Python promises never to change."""

    __slots__ = ("_source", "uniform")

    def __init__(self) -> None:
        """Wait for a seed."""
        self._source = Random()
        self.uniform = self._source.random

    def begin(self, seed: int, child: int, *, about: About) -> None:
        """Begin the sequence of a council's child; what it is about has a sequence of its own."""
        self._source.seed((seed << 64 | child) << 2 | ABOUT.index(about))

    def happens(self, probability: float) -> bool:
        """Return whether something of this probability happens."""
        return self.uniform() < probability

    def between(self, first: int, last: int) -> int:
        """Return a whole number from first to last, both in."""
        return first + int(self.uniform() * (last - first + 1))

    def waiting(self, mean: float) -> int:
        """Return whole days of an exponential waiting time."""
        return int(-mean * log(1.0 - self.uniform()))

    def log_normal(self, median: float, spread: float) -> float:
        """Return a number whose logarithm is normal with this standard deviation."""
        normal = sqrt(-2.0 * log(1.0 - self.uniform())) * cos(2.0 * pi * self.uniform())
        return median * exp(spread * normal)

    def one_of(self, drawn: Shares) -> str:
        """Return one of the values in their shares."""
        return drawn.values[bisect_right(drawn.cumulated, self.uniform())]
