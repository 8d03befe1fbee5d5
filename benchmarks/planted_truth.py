"""What was planted in the rows that a study compared: the effect on each of them, and what analyses make of it.

The truth of a question is the mean, over the pilots' matched rows after the settling-in, of the outcome less the
outcome had the programme left at that row (decision 0036).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.cohort.days import DAY_ZERO
from whatworked.door.samples import Sample
from whatworked.estimation.design import Treatment
from whatworked.estimation.people import People
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.protocol.model import Protocol
from whatworked.records.invented.areas import Area
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import Effects
from whatworked.records.invented.outcomes import Question
from whatworked.records.invented.undone import Undone, undone
from whatworked.strands.models import Readings, fit_model
from whatworked.vocabulary import Estimator

READINGS = Readings("", seed=0, significance=0.05)


class RowsDifferError(Exception):
    """The rows that the study read are not those that were planted."""


def undone_rows(areas: Iterable[Area], effects: Effects) -> dict[tuple[Question, str], list[Undone]]:
    """Return the rows of every question and area, each with its outcome had the programme left at it."""
    draws, found = Draws(), defaultdict(list)
    for area in areas:
        for question, row in undone(area, effects=effects, draws=draws):
            found[question, area.code].append(row)
    return found


@dataclass(frozen=True)
class Truth:
    """The planted effects on the pilots' rows after the settling-in of one sample.

    `area` (n,) is the pilot's code of each matched row, `outcome` and `without` (n,) its two outcomes. One `without`
    beyond `limit` is no row, as the study leaves such rows out; inf where the event would be none for another reason.
    """

    area: np.ndarray
    outcome: Floats
    without: Floats
    limit: float

    def of(self, rows: Flags) -> tuple[float, float] | None:
        """Return the mean outcome of some rows, and what it would have been; None where there is neither."""
        known = rows & (self.without <= self.limit)
        return (float(self.outcome[rows].mean()), float(self.without[known].mean())) if known.any() else None

    @property
    def by_area(self) -> dict[str, float]:
        """The effect in each pilot."""
        found = {str(area): self.of(self.area == area) for area in np.unique(self.area)}
        return {area: means[0] - means[1] for area, means in found.items() if means is not None}

    def pooled(self, areas: frozenset[str] | None = None) -> float | None:
        """Return the effect on the mean row of all pilots, or of some of them."""
        mine = np.ones(len(self.area), dtype=bool) if areas is None else np.isin(self.area, sorted(areas))
        means = self.of(mine)
        return None if means is None else means[0] - means[1]

    @property
    def of_mean_area(self) -> float | None:
        """The effect where every pilot counts the same, as it does in the collapsed comparison."""
        return float(np.mean(list(self.by_area.values()))) if self.by_area else None

    @property
    def log_odds(self) -> float | None:
        """The difference in log-odds between the two mean outcomes; None where one of them is 0 or 1."""
        means = self.of(np.ones(len(self.area), dtype=bool))
        if means is None or not all(0 < mean < 1 for mean in means):
            return None
        return log(means[0] / (1 - means[0])) - log(means[1] / (1 - means[1]))


def truth_of(sample: Sample, question: str, planted: Mapping[tuple[str, str], Sequence[Undone]],
             pilots: Mapping[str, Area], *, repeated: bool = False) -> Truth:  # fmt: skip
    """Return what was planted in a sample, `repeated` in its rows of people seen more than once.

    Raises
    ------
    RowsDifferError
        A pilot's rows in the study are not the planted ones, one by one.
    """
    assert sample.matched is not None
    people = sample.matched.people
    outcome = people.outcome + people.origin
    without = dict(pair for code in people.groups for pair in _without(people, outcome, planted[question, code],
                                                                       pilots[code]))  # fmt: skip
    used = sample.matched.repeated.modelled if repeated else sample.matched.modelled
    mine = used.treated & used.post
    return Truth(
        np.array(used.areas)[used.area[mine]],
        (used.outcome + used.origin)[mine],
        np.array([without[int(event)] for event in used.event[mine]], dtype=np.float64),
        limit=float(outcome.max(initial=0.0)),
    )


def _without(people: People, outcome: Floats, planted: Sequence[Undone], area: Area) -> list[tuple[int, float]]:
    """Return a pilot's events, by number, with their outcomes had the programme left, after comparing row by row.

    Persons are numbered in the order of their identifiers. Rows beyond the largest outcome of the study are those that
    it leaves out as outliers, rows before its first day those that its records cannot speak of yet.
    """
    rows = np.flatnonzero(people.area == people.areas.index(area.code))
    rows = rows[np.lexsort((people.day[rows], people.person[rows]))]
    largest, first = outcome.max(initial=0.0), (int(people.day.min()) if len(people.day) else 0) + DAY_ZERO.toordinal()
    programme, last = area.programme, area.extent.last
    assert programme is not None
    expected = sorted(
        (one.child, one.row.event, one.row.outcome, inf if one.without is None else one.without)
        for one in planted
        if (one.row.before < programme.start or one.row.after > programme.embedded)
        and one.row.known < last and one.row.outcome <= largest and one.row.event >= first
    )  # fmt: skip
    days: Integers = np.array([row[1] for row in expected], dtype=np.int64) - DAY_ZERO.toordinal()
    outcomes = np.array([row[2] for row in expected], dtype=np.float64)
    if len(days) != len(rows) or (days != people.day[rows]).any() or (outcomes != outcome[rows]).any():
        raise RowsDifferError(f"{area.code}: {len(rows)} rows were read, {len(days)} planted")
    return [(int(people.event[row]), float(one[3])) for row, one in zip(rows, expected, strict=True)]


def projected(sample: Sample, truth: Truth, treatment: Treatment) -> dict[str, float]:
    """Return what a linear analysis makes of the planted effects alone: its own answers if there were nothing else.

    Every row of a pilot after its settling-in has the effect of that pilot as its outcome, every other row 0. Least
    squares adds up, so this is what the effects put into each of the analysis' answers, by term.
    """
    assert sample.matched is not None
    people = sample.matched.people
    effects = np.array([truth.by_area.get(code, 0.0) for code in people.areas])[people.area]
    alone = replace(people, outcome=np.where(people.treated & people.post, effects, 0.0), origin=0.0)
    matched = replace(sample.matched, people=alone)
    model = fit_model(Sample(matched.modelled.cells(), matched), Estimator.LINEAR, treatment, READINGS)
    assert not isinstance(model, NotEstimated)
    found = {one.name: model.combined(one) for one in (treatment.effect, *treatment.others)}
    return {name: one.estimate for name, one in found.items() if not isinstance(one, NotEstimated)}


def doses(protocol: Protocol, score: str) -> dict[str, float]:
    """Return the scores of all pilots over the highest of them."""
    known = {pilot.area: pilot.score(score) or 0.0 for pilot in protocol.areas.pilots}
    return {area: value / max(known.values()) for area, value in known.items()}
