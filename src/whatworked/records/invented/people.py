"""Who the invented children are, in the proportions of referred children in England.

Source: as in `whatworked.records.invented.mixes`, which says how the proportions differ from council to council.
"""

from itertools import count
from operator import mul

from whatworked.records.invented.areas import Area
from whatworked.records.invented.days import Extent
from whatworked.records.invented.draws import Draws, shares
from whatworked.records.invented.lives import Person
from whatworked.records.invented.mixes import mix_of

# A day before the eighteenth birthday, years being 365.25 days.
CHILDHOOD = 6_574
# Referrals of unborn children come this long before the birth at most; estimates err by this much.
LONGEST_BEFORE_BIRTH, ESTIMATE = 200, 14
# The children whose case was open when the data begin, and how long before it was opened at most.
OPEN_AT_START, LONGEST_BEFORE = 0.06, 700
LIVES_LOST = 0.002

SPANS = {"under_5": (0, 1_825), "primary": (1_826, 4_382), "secondary": (4_383, 6_500)}
OPEN_AT_START_OLDEST = 5_000
SEX = shares({"1": 51, "2": 48, "0": 1})
DISABLED = 0.12
DISABILITIES = shares({"LD": 30, "AUT": 22, "BEH": 18, "MOB": 9, "COMM": 9, "HEAR": 3, "VIS": 3, "PC": 3, "DDA": 3})
SEVERAL_DISABILITIES, NONE_WRITTEN = 0.25, 0.5
IN_SCHOOL_CENSUS = 0.72
SPECIAL_NEEDS = shares({"N": 72, "K": 19, "E": 9})
FRAILTY = 0.45

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def first_referral(extent: Extent, draws: Draws) -> int:
    """Return the day on which a child is first referred: in the data, or before them with the case still open."""
    if draws.happens(OPEN_AT_START):
        return extent.first - draws.between(1, LONGEST_BEFORE)
    return draws.between(extent.first, extent.last)


def draw_person(area: Area, number: int, *, referred: int, draws: Draws) -> Person:
    """Return a child who is first referred on a day."""
    mix = mix_of(area, referred, draws)
    group = draws.one_of(mix.ages)
    before_data = referred < area.extent.first
    expected = None
    if group == "unborn":
        birth = referred + draws.between(10, LONGEST_BEFORE_BIRTH)
        expected = birth + draws.between(-min(ESTIMATE, birth - referred - 1), ESTIMATE)
    else:
        youngest, oldest = SPANS[group]
        birth = referred - draws.between(youngest, oldest)
        if before_data:
            birth = max(birth, referred - OPEN_AT_START_OLDEST)
    adult = birth + CHILDHOOD
    death = None
    if draws.happens(LIVES_LOST) and not before_data and expected is None:
        death = referred + 1 + draws.waiting(400)
    return Person(
        child=f"C{number:08d}",
        pupil=unique_pupil_number(area.number, number) if draws.happens(IN_SCHOOL_CENSUS) else None,
        birth=birth,
        expected=expected,
        death=death if death is not None and death < adult else None,
        until=min(adult, death or adult),
        sex=int(draws.one_of(SEX)),
        ethnicity=draws.one_of(mix.ethnicity) or None,
        disabilities=_disabilities(draws),
        low_income=draws.happens(mix.low_income),
        special_needs=draws.one_of(SPECIAL_NEEDS),
        needs=mix.needs,
        frailty=min(3.0, draws.log_normal(0.9, FRAILTY)),
    )


def unique_pupil_number(area: int, number: int) -> str:
    """Return a number of the form of a UPN: its check letter, three digits of the council and nine of the child."""
    digits = f"{area:03d}{number:09d}"
    remainder = sum(map(mul, count(2), map(int, digits))) % len(CHECK_LETTERS)
    return f"{CHECK_LETTERS[remainder]}{digits}"


def _disabilities(draws: Draws) -> tuple[str, ...]:
    """Return the codes of a child's record; of a child without a disability it says NONE, or nothing."""
    if not draws.happens(DISABLED):
        return ("NONE",) if draws.happens(NONE_WRITTEN) else ()
    first = draws.one_of(DISABILITIES)
    second = draws.one_of(DISABILITIES) if draws.happens(SEVERAL_DISABILITIES) else first
    return (first,) if first == second else (first, second)
