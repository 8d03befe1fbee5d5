"""What is written beside the data: what was planted, and each question's rows as the generator knows them."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from whatworked.records.invented.areas import NATION, Area, Programme
from whatworked.records.invented.days import Extent, iso
from whatworked.records.invented.effects import QUESTIONS, Effects
from whatworked.records.invented.outcomes import Question, Row

HEAD = "area,child,event_date,outcome,before,after,known\n"

ALL, BEFORE, AFTER, AFTER_WITHOUT = "all", "pilots_before", "pilots_after", "pilots_after_without_the_programme"
GROUPS = (ALL, BEFORE, AFTER, AFTER_WITHOUT)


@dataclass(slots=True)
class Sum:
    """A number of rows and the sum of their outcomes."""

    rows: int = 0
    outcomes: int = 0

    def as_json(self) -> dict[str, float | int | None]:
        """Return the number of rows and their mean."""
        return {"rows": self.rows, "mean": self.outcomes / self.rows if self.rows else None}


@dataclass(slots=True)
class Tally:
    """What is summed while lives are written: nothing of it grows with the number of children."""

    sums: defaultdict[tuple[Question, str], Sum] = field(default_factory=lambda: defaultdict(Sum))
    written: Counter[str] = field(default_factory=Counter)
    dirt: Counter[str] = field(default_factory=Counter)

    def add(self, area: Area, found: Mapping[Question, Iterable[Row]], *, lived: bool = True) -> None:
        """Add the rows of a child; not `lived` are those of the life that it would have had without the programme."""
        programme = area.programme
        for question, rows in found.items():
            for row in rows:
                if row.known >= area.extent.last:
                    continue
                if lived:
                    self._add(question, ALL, row)
                if programme is None:
                    continue
                if lived and row.before < programme.start:
                    self._add(question, BEFORE, row)
                if row.after > programme.embedded:
                    self._add(question, AFTER if lived else AFTER_WITHOUT, row)

    def include(self, other: "Tally") -> None:
        """Add what was summed elsewhere."""
        for key, found in other.sums.items():
            mine = self.sums[key]
            mine.rows += found.rows
            mine.outcomes += found.outcomes
        self.written.update(other.written)
        self.dirt.update(other.dirt)

    def _add(self, question: Question, group: str, row: Row) -> None:
        found = self.sums[question, group]
        found.rows += 1
        found.outcomes += row.outcome


def lines(area: str, child: str, rows: Iterable[Row]) -> str:
    """Return a child's rows of a question as lines of its file."""
    return "".join(
        f"{area},{child},{iso(row.event)},{row.outcome},{iso(row.before)},{iso(row.after)},{iso(row.known)}\n"
        for row in rows
    )


def text(areas: Iterable[Area], tally: Tally, *, extent: Extent, seed: int, effects: Effects, whole: bool) -> str:
    """Return all that was planted and what came of it, as JSON; not `whole`, what came of it in the pilots alone."""
    groups = GROUPS if whole else GROUPS[1:]
    return json.dumps(
        {
            "seed": seed,
            "effects": dict(effects),
            "meaning_of_effects": "the risk behind a question, or the time an assessment takes, is multiplied by "
            "1 + effect x the pilot's strength where the programme is embedded, and by a share of it while it settles "
            "in; the strength is in proportion to the score of delivery, greater under a high rating, and 1 on "
            "average; embeddedness and practice models change nothing",
            "first_day": iso(extent.first),
            "last_day": iso(extent.last),
            "questions": {
                question: {group: tally.sums[question, group].as_json() for group in groups} for question in QUESTIONS
            },
            "planted": dict(NATION),
            "areas": [_area(area) for area in areas],
            "written": dict(sorted(tally.written.items())),
            "dirt": dict(sorted(tally.dirt.items())),
        },
        indent=1,
    )


def _area(area: Area) -> dict[str, object]:
    programme = area.programme
    taken_up = {} if programme is None else _programme(programme)
    return {
        "area": area.code,
        "children": area.children,
        "rating": area.rating,
        "practice_model": "the programme" if programme is not None else area.practice,
        "pilot": programme is not None,
        **taken_up,
        "multipliers": {risk: [round(value, 6) for value in values] for risk, values in area.multipliers.items()},
    }


def _programme(programme: Programme) -> dict[str, object]:
    return {
        "start": iso(programme.start),
        "embedded": iso(programme.embedded),
        "delivery_score": programme.score,
        "strength": round(programme.strength, 6),
        "embeddedness_score": programme.embeddedness,
        "early_adopter": programme.early,
        "supported_with_assessments": programme.supported,
    }
