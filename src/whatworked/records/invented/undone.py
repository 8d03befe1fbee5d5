"""What would have come of each event of a pilot had the programme left its child on that day.

The child lives up to the event as it did, with the programme, and from it on without, by the same chances. So the event
and the child are the same, and the difference between the two outcomes is what the programme did to that event: nothing
that it did to earlier ones, nor to who is there at all, is in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from whatworked.records.invented.areas import Area
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.effects import Effects, on_risks
from whatworked.records.invented.lives import Life
from whatworked.records.invented.living import Leaves, Turn, draw_turns
from whatworked.records.invented.outcomes import Question, Row, rows
from whatworked.records.invented.seen import seen

# What a question's events are: a row's `after` is the first day of one.
TURN_OF: Mapping[Question, Turn] = {
    "rereferral": "referral",
    "escalation": "referral",
    "icpc": "referral",
    "entry_to_care": "referral",
    "kinship": "period",
    "assessment_duration": "assessment",
}


@dataclass(frozen=True, slots=True)
class Undone:
    """A row of a child, and its outcome had the programme left at it; None where the event would be no row then."""

    child: str
    row: Row
    without: int | None


def undone(area: Area, *, effects: Effects, draws: Draws) -> Iterator[tuple[Question, Undone]]:
    """Yield every row of a council's children; of rows before the programme is embedded both outcomes are the same."""
    extent, planted = area.extent, on_risks(effects)

    def found(life: Life) -> Mapping[Question, tuple[Row, ...]]:
        return rows(seen(life, extent), extent)

    @cache
    def left(number: int, leaves: Leaves) -> Mapping[Question, tuple[Row, ...]]:
        return found(draw_turns(area, number, effects=planted, draws=draws, leaves=leaves)[0])

    for number in range(1, area.children + 1):
        life, turns = draw_turns(area, number, effects=planted, draws=draws)
        for question, of_child in found(life).items():
            turn = TURN_OF[question]
            for row in of_child:
                outcome: int | None = row.outcome
                if area.programme is not None and row.after > area.programme.embedded:
                    leaves = Leaves(turn, turns.days[turn].index(row.after))
                    others = left(number, leaves)[question]
                    outcome = next((other.outcome for other in others if other.after == row.after), None)
                yield question, Undone(life.person.child, row, outcome)
        left.cache_clear()
