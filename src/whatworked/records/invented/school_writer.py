"""The school census of the children who have a pupil number: a row a pupil and year, a file a council.

Real school censuses come by school and term; this one stands in the canonical columns already.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import NamedTuple

from whatworked.records.invented.days import Extent
from whatworked.records.invented.draws import Draws
from whatworked.records.invented.lives import Person

HEAD = "pupil,census_year,free_meals,ever_free_meals,early_years_premium,school_year,ethnicity,special_needs\n"
# Age on 31 August before the school year: of the nursery, the first school year and the last.
NURSERY, FIRST, LAST = 3, 4, 15
ELIGIBLE = 0.8


class PupilYear(NamedTuple):
    """What a census year says of a pupil: of a child in nursery the premium, of the others free meals, now or ever."""

    year: int
    age: int
    eligible: int
    ever: int

    @property
    def in_nursery(self) -> bool:
        """Whether the child is not at school yet."""
        return self.age == NURSERY


def pupil_years(person: Person, extent: Extent, draws: Draws) -> Iterator[PupilYear]:
    """Yield the census years of a pupil; free meals come and go where the family's income is low."""
    ever = 0
    for year in range(extent.first_year, extent.last_year + 1):
        age = _age_at_start(person.birth, year)
        if not NURSERY <= age <= LAST:
            continue
        eligible = int(person.low_income and draws.happens(ELIGIBLE))
        ever = max(ever, eligible)
        yield PupilYear(year, age, eligible, ever)


def line_of(person: Person, said: PupilYear) -> str:
    """Return a pupil's line in a census year."""
    flags = f",,{said.eligible}," if said.in_nursery else f"{said.eligible},{said.ever},,{said.age - FIRST}"
    return f"{person.pupil},{said.year},{flags},{person.ethnicity or ''},{person.special_needs}\n"


def _age_at_start(birth: int, year: int) -> int:
    """Return the age on 31 August before the school census of a year's January."""
    born_in, until_august = _birth(birth)
    return year - 1 - born_in - (not until_august)


@cache
def _birth(day: int) -> tuple[int, bool]:
    found = date.fromordinal(day)
    return found.year, (found.month, found.day) <= (8, 31)
