"""What one analysis is run on: the cells of matched groups and, for people's records, the matched rows behind them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whatworked.door.cells import AreaRows, matched_cells
from whatworked.door.people import Placed, read_people
from whatworked.engine.interface import Engine
from whatworked.estimation.area_years import AreaYears
from whatworked.estimation.people import People, Quantity
from whatworked.estimation.statistics import Cells, Floats, Integers
from whatworked.matching.groups import MatchedGroup
from whatworked.matching.people import Coarsened, PeopleMatching, coarsened, describe_matching, match_people
from whatworked.protocol.coarsening import CoarseningChoice
from whatworked.vocabulary import Period


@dataclass(frozen=True)
class Matched:
    """People's rows with the weights that matching gave them, 0 for those it drops.

    `people` holds every covariate, `model` the names of those that enter the model; `stratum` (n,) and `rules` say how
    the rows were matched; without rules nothing but copies was weighed. `area_years` are covariates of areas that enter
    the model behind people's own.
    """

    people: People
    model: tuple[str, ...]
    stratum: Integers
    rules: tuple[Coarsened, ...]
    area_years: AreaYears | None = None

    @property
    def modelled(self) -> People:
        """The rows that weigh something, with the model's covariates in its order."""
        own = {covariate.name: covariate for covariate in self.people.covariates}
        chosen = replace(self.people, covariates=tuple(own[name] for name in self.model))
        used = chosen.take(chosen.weight > 0)
        if self.area_years is None:
            return used
        values = values_at(self.area_years, used.areas, area=used.area, period=used.period)
        added = (Quantity(name, column) for name, column in zip(self.area_years.names, values.T, strict=True))
        return replace(used, covariates=(*used.covariates, *added))

    @property
    def repeated(self) -> "Matched":
        """The matched rows of people seen more than once in their area and group, matched anew once among themselves.

        People whom the loss of a stratum leaves with one row stay.
        """
        kept = self.people.take(self.people.weight > 0)
        unit = kept.person * len(kept.groups) + kept.group
        _, place, seen = np.unique(unit, return_inverse=True, return_counts=True)
        again = replace(kept, weight=np.ones(len(unit))).take(seen[place] > 1)
        weighed, stratum = match_people(again, self.rules)
        return Matched(weighed, self.model, stratum, self.rules, self.area_years)

    @property
    def rows(self) -> int:
        """Rows that weigh something, copies included."""
        return int((self.people.weight > 0).sum())

    @property
    def persons(self) -> int:
        """Persons with a row that weighs something."""
        return len(np.unique(self.people.person[self.people.weight > 0]))

    def described(self) -> PeopleMatching:
        """Return what the matching did to the balance."""
        return describe_matching(self.people, self.stratum, self.rules)


@dataclass(frozen=True)
class Sample:
    """The cells that an analysis is run on, and the people behind them; None for figures of areas.

    `plain` is the same sample without covariates of areas, None where there are none.
    """

    cells: Cells
    matched: Matched | None = None
    plain: "Sample | None" = None

    def with_area_years(self, known: AreaYears) -> "Sample":
        """Return the same rows with covariates of their areas and periods behind their own."""
        if not known.names:
            return self
        if self.matched is not None:
            matched = replace(self.matched, area_years=known)
            return Sample(matched.modelled.cells(), matched, self)
        values = values_at(known, self.cells.areas, area=self.cells.area, period=self.cells.period)
        return Sample(self.cells.with_constant(known.names, values), None, self)


def values_at(known: AreaYears, areas: Sequence[str], *, area: Integers, period: Integers) -> Floats:
    """Return covariates of areas (n, c) at the areas, numbered as in `areas`, and periods of n rows or cells."""
    place = {code: i for i, code in enumerate(known.areas)}
    number = np.array([place.get(code, -1) for code in areas], dtype=np.int64)
    return np.asarray(known.values[number[area], period])


@dataclass(frozen=True)
class AreaFigures:
    """Figures of areas, as they were read; lays those of matched groups side by side."""

    rows: AreaRows

    def lay(self, groups: Sequence[MatchedGroup], weight: str) -> Sample:
        """Return the sample of matched groups."""
        return Sample(matched_cells(self.rows, groups, weight))


@dataclass(frozen=True)
class ReadGroups:
    """The rows of matched groups as they were read, and how they are coarsened."""

    groups: tuple[MatchedGroup, ...]
    people: People
    rules: tuple[Coarsened, ...]


@dataclass(frozen=True)
class PeopleRows:
    """People's events in matched groups, as they were read; lays those of some groups side by side."""

    read: tuple[ReadGroups, ...]
    model: tuple[str, ...]

    def lay(self, groups: Sequence[MatchedGroup], weight: str) -> Sample:
        """Return the sample of matched groups: their rows matched anew among each other, whatever areas weigh.

        The groups are some of those that were read together, and are coarsened as these were.
        """
        del weight
        found = next(read for read in self.read if set(groups) <= set(read.groups))
        people = _of_groups(found.people, [found.groups.index(group) for group in groups])
        weighed, stratum = match_people(people, found.rules)
        matched = Matched(weighed, self.model, stratum, found.rules)
        return Sample(matched.modelled.cells(), matched)


@dataclass(frozen=True)
class PeopleDoor:
    """Reads people's events in matched groups."""

    engine: Engine
    placed: Callable[[Sequence[MatchedGroup]], Placed]
    periods: Sequence[Period]
    model: tuple[str, ...]
    coarsening: Mapping[str, CoarseningChoice]

    def read(self, matches: Iterable[Sequence[MatchedGroup]]) -> PeopleRows:
        """Return the rows of each set of matched groups; groups that are part of others were read with them."""
        read: list[ReadGroups] = []
        for groups in filter(None, map(tuple, matches)):
            if not any(set(groups) <= set(known.groups) for known in read):
                people = read_people(self.engine, self.placed(groups), groups=groups, periods=self.periods)
                read.append(ReadGroups(groups, people, coarsened(people, self.coarsening)))
        return PeopleRows(tuple(read), self.model)


def _of_groups(people: People, places: Sequence[int]) -> People:
    """Return the rows of some groups; pilots of the others are no part of it."""
    number = np.full(len(people.groups), -1, dtype=np.int64)
    number[list(places)] = np.arange(len(places))
    mine = people.take(number[people.group] >= 0)
    return replace(mine, group=number[mine.group], groups=tuple(people.groups[place] for place in places))
