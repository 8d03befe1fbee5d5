"""Periods of care and short breaks of invented children, episode by episode, under the codes of the return.

Placements are written in today's codes throughout, so that no episode changes its code on the way.
"""

from whatworked.records.invented.days import year_of
from whatworked.records.invented.draws import Draws, shares
from whatworked.records.invented.lives import Episode, Person

WINDOW = 365
KIN, KIN_PLACEMENTS = "U3", shares({"U3": 80, "U1": 20})
KIN_AT_ONCE, KIN_LATER = 0.7, 180
OTHERS = shares({"U6": 55, "U4": 12, "K2": 9, "P1": 7, "R3": 3, "H5": 4, "U5": 5, "T0": 2, "R1": 1, "P2": 2})
NEEDS = shares({"N1": 78, "N2": 2, "N3": 4, "N4": 5, "N5": 9, "N6": 1, "N8": 1})
LEGAL = shares({"V2": 58, "C1": 25, "C2": 8, "L2": 4, "L1": 3, "J1": 2})
# What a legal status becomes, and after how long: (next, days, probability).
BECOMES = {"V2": ("C1", 60, 0.3), "C1": ("C2", 200, 0.7), "L2": ("C1", 8, 0.7), "L1": ("V2", 3, 0.6)}
MOVE_MEAN = 320
KIN_AFTER_WINDOW = 0.1
SHORT_STAY, SHORT_MEAN, LONG_MEAN = 0.3, 35, 520
EXITS = shares({"E4A": 24, "E4B": 24, "E13": 9, "E41": 7, "E8": 22, "E11": 8, "E3": 3, "E9": 3})
GUARDIANSHIP_BY_KIN = 0.3
# Under the codes of the time: to former carers who are kin.
GUARDIANSHIP = {"before": "E43", "from_2019": "E45"}
FROM_2019 = 2019
NEW_LEGAL, NEW_PLACE, NEW_BOTH = "L", "P", "B"
SHORT_BREAK, SHORT_BREAKS = "V4", 0.1


def draw_period(person: Person, start: int, *, kin: bool, draws: Draws) -> tuple[Episode, ...]:
    """Return a period of care that starts on a day; with relatives or friends within a year where `kin` says so."""
    length = 1 + draws.waiting(SHORT_MEAN if draws.happens(SHORT_STAY) else LONG_MEAN)
    end = max(start + 1, min(start + length, person.until))
    legal = _legal_statuses(start, end, draws)
    places = _placements(start, end, kin=kin, draws=draws)
    need = draws.one_of(NEEDS)
    reason = _exit(person, end, kin=kin, draws=draws)
    changes = sorted({*legal, *places})
    episodes = []
    status, place = legal[start], places[start]
    for day, until in zip(changes, [*changes[1:], end], strict=True):
        new = "S" if day == start else _change(day in legal, day in places)
        status, place = legal.get(day, status), places.get(day, place)
        episodes.append(Episode(day, until, new, status, place, need, "X1" if until < end else reason))
    return tuple(episodes)


def draw_short_breaks(person: Person, day: int, draws: Draws) -> tuple[Episode, ...]:
    """Return a few nights away under a series of short breaks, which are no period of care."""
    breaks = []
    for _ in range(draws.between(1, 3)):
        day += draws.between(1, 60)
        until = day + draws.between(1, 4)
        if until >= person.until:
            break
        breaks.append(Episode(day, until, "S", SHORT_BREAK, "U6", "N2", "E8"))
        day = until
    return tuple(breaks)


def _change(legal: bool, place: bool) -> str:  # noqa: FBT001 - the two are the rule
    return NEW_BOTH if legal and place else NEW_LEGAL if legal else NEW_PLACE


def _legal_statuses(start: int, end: int, draws: Draws) -> dict[int, str]:
    """Return the day from which each legal status holds."""
    status, day = draws.one_of(LEGAL), start
    statuses = {start: status}
    while status in BECOMES:
        status, mean, probability = BECOMES[status]
        day += 1 + draws.waiting(mean)
        if day >= end or not draws.happens(probability):
            break
        statuses[day] = status
    return statuses


def _placements(start: int, end: int, *, kin: bool, draws: Draws) -> dict[int, str]:
    """Return the day from which each placement holds."""
    at_once = draws.happens(KIN_AT_ONCE) or end - start == 1
    with_kin = start if at_once else start + draws.between(1, min(KIN_LATER, end - start - 1))
    places = {start: draws.one_of(OTHERS)}
    if kin:
        places[with_kin] = draws.one_of(KIN_PLACEMENTS)
    day = with_kin if kin else start
    while (day := day + 1 + draws.waiting(MOVE_MEAN)) < end:
        late = day > start + WINDOW and draws.happens(KIN_AFTER_WINDOW)
        places[day] = KIN if late else draws.one_of(OTHERS)
    return places


def _exit(person: Person, end: int, *, kin: bool, draws: Draws) -> str:
    """Return why a period ends."""
    reason = draws.one_of(EXITS)
    by_kin = draws.happens(GUARDIANSHIP_BY_KIN)
    if end >= person.until:
        return "E7" if person.death is None else "E2"
    if kin and by_kin:
        return GUARDIANSHIP["from_2019" if year_of(end) >= FROM_2019 else "before"]
    return reason
