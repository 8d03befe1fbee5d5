"""Matched groups: each pilot with its comparators, and the pilots left without."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan, nan
from pathlib import Path

import numpy as np

from whatworked.cells import Dropped
from whatworked.errors import Mistake, ProtocolError, known
from whatworked.matching.trends import Flags, Panel, Search, TrendRules, none_left, search
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import Pilot
from whatworked.vocabulary import Period, Phase, phase_of


@dataclass(frozen=True)
class MatchedGroup:
    """A pilot with its comparators, nearest first; a distance is NaN where the search did not measure it."""

    pilot: Pilot
    comparators: tuple[str, ...]
    distances: tuple[float, ...]

    @property
    def areas(self) -> tuple[str, ...]:
        """The pilot's code and its comparators'."""
        return (self.pilot.area, *self.comparators)


@dataclass(frozen=True)
class Matches:
    """What the search for comparators came to; `searches` keeps every candidate's distance."""

    groups: tuple[MatchedGroup, ...]
    dropped: tuple[Dropped, ...]
    searches: tuple[Search, ...]

    def dated(self, pilots: Sequence[Pilot]) -> "Matches":
        """Return the matches with the pilots as these have them: the search may have used earlier dates."""
        by_area = {pilot.area: pilot for pilot in pilots}
        groups = tuple(replace(group, pilot=by_area[group.pilot.area]) for group in self.groups)
        return replace(self, groups=groups)

    def without(self, labels: frozenset[str]) -> "Matches":
        """Return the matches without the pilots of these labels; what only they had leaves with them."""
        kept = tuple(group for group in self.groups if group.pilot.label not in labels)
        return Matches(kept, self.dropped, self.searches)


def rules_of(matching: Matching) -> TrendRules:
    """Return the rules of the search as the protocol has them."""
    most = matching.comparators_per_pilot
    return TrendRules(None if most == "all" else most, matching.max_distance, matching.slope_significance)


def baseline_of(pilot: Pilot, periods: Sequence[Period], labels: Sequence[str] = ()) -> Flags:
    """Return (T,) which periods are a pilot's baseline, restricted to `labels` where there are any."""
    return np.array(
        [
            phase_of(period, pilot.start, pilot.embedded) is Phase.BASELINE and (not labels or period.label in labels)
            for period in periods
        ]
    )


def match_areas_by_trend(
    panel: Panel, pilots: Sequence[Pilot], *, periods: Sequence[Period], barred: Mapping[str, str], matching: Matching
) -> Matches:
    """Search comparators for every pilot, in the order of the protocol."""
    groups: list[MatchedGroup] = []
    dropped: list[Dropped] = []
    searches: list[Search] = []
    for pilot in pilots:
        baseline = baseline_of(pilot, periods, matching.baseline_periods)
        found = search(panel, pilot.area, baseline, barred=barred, rules=rules_of(matching))
        if isinstance(found, str):
            dropped.append(Dropped(pilot.area, found))
            continue
        searches.append(found)
        if not found.chosen:
            dropped.append(Dropped(pilot.area, none_left(found)))
            continue
        groups.append(MatchedGroup(pilot, found.chosen, tuple(found.distance_of(area) for area in found.chosen)))
    return Matches(tuple(groups), tuple(dropped), tuple(searches))


def override(matches: Matches, pairs: Mapping[str, Sequence[str]], pilots: Sequence[Pilot]) -> Matches:
    """Return the matches that a match file gives, nearest first by the distances that the search measured.

    The order of the file's lines is nobody's choice, so that it decides nothing: not even what an area is called.
    """
    measured = {found.pilot: found for found in matches.searches}
    groups, dropped = [], []
    for pilot in pilots:
        given = pairs.get(pilot.area, ())
        if not given:
            dropped.append(Dropped(pilot.area, "the match file gives it no comparator"))
            continue
        found = measured.get(pilot.area)
        measured_of = {area: found.distance_of(area) if found else nan for area in given}
        nearest = sorted((inf if isnan(distance) else distance, area) for area, distance in measured_of.items())
        comparators = tuple(area for _, area in nearest)
        groups.append(MatchedGroup(pilot, comparators, tuple(measured_of[area] for area in comparators)))
    return Matches(tuple(groups), tuple(dropped), matches.searches)


def read_match_file(
    path: Path, *, where: str, pilots: Sequence[Pilot], areas: Sequence[str], barred: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Read pairs of pilot and comparator codes; every pair that cannot be used is a mistake."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = tuple(reader.fieldnames or ())
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise ProtocolError(Mistake(where, "the match file cannot be read.", "Give a UTF-8 CSV file.")) from None
    absent = [name for name in ("pilot", "comparator") if name not in names]
    if absent:
        raise ProtocolError(
            Mistake(where, f"the match file has no column {' and '.join(absent)}.", known(names, absent[0]))
        )
    codes, usable = [pilot.area for pilot in pilots], set(areas)
    mistakes: list[Mistake] = []
    pairs: dict[str, tuple[str, ...]] = {}
    for line, row in enumerate(rows, start=2):
        pilot, comparator = (row["pilot"] or "").strip(), (row["comparator"] or "").strip()
        problem = _pair_problem(pilot, comparator, codes=codes, usable=usable, barred=barred)
        if problem is None and comparator in pairs.get(pilot, ()):
            problem = "the pair is there twice"
        if problem is None:
            pairs[pilot] = (*pairs.get(pilot, ()), comparator)
        else:
            mistakes.append(Mistake(f"{where}, line {line}", f"{problem}.", "Mend or remove the line."))
    if mistakes:
        raise ProtocolError(mistakes)
    return pairs


def _pair_problem(
    pilot: str, comparator: str, *, codes: Sequence[str], usable: set[str], barred: Mapping[str, str]
) -> str | None:
    if pilot not in codes:
        return "the first area is no pilot of the protocol"
    if comparator in codes:
        return "the second area is a pilot itself"
    if comparator not in usable:
        return "the second area is not in the records"
    if comparator in barred:
        return f"the second area may not be a comparator: {barred[comparator]}"
    return None
