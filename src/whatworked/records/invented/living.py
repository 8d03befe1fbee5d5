"""How an invented child's life goes: referral after referral, and what comes of each.

What happens once makes it likelier to happen again: each child has a frailty of its own that multiplies the risks, and
every earlier referral adds to the risk of another. Age and low income change the risks too. The programme multiplies
each risk, and the time an assessment takes, by 1 + effect × the council's dose on the day that decides. With the same
seed and another effect the same child lives the life it would have had: both are drawn from the same chances. So does a
child whom the programme leaves at a referral, an assessment or a period of care.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from whatworked.records.invented import care
from whatworked.records.invented.areas import RISKS, Area, Risk
from whatworked.records.invented.days import after_working_days
from whatworked.records.invented.draws import Draws, shares
from whatworked.records.invented.lives import Assessment, Case, Conference, Episode, Life, Person, Plan
from whatworked.records.invented.mixes import times
from whatworked.records.invented.people import draw_person, first_referral

SOURCES = shares(
    {"6": 27, "2A": 16, "3A": 3, "3B": 4, "3E": 5, "3F": 5, "1A": 8, "1D": 3, "4": 2, "5A": 5, "5B": 4, "7": 3, "8": 8,
     "9": 3, "10": 4}
)  # fmt: skip
ABUSE = shares({"NEG": 46, "EMO": 36, "PHY": 9, "SAB": 5, "MUL": 4})
CLOSED = shares({"RC7": 93, "RC5": 4, "RC3": 1, "RC4": 1, "RC1": 1})

TURNED_AWAY, ASSESSED = 0.14, 0.42
# The same of a referral that comes soon after nothing was done: most are opened.
TURNED_AWAY_AGAIN, ASSESSED_AGAIN = 0.05, 0.1
CLOSURE_WRITTEN = 0.4
SPREAD_OF_DURATIONS, SAME_DAY, LONGEST = 0.72, 0.04, 400
AGAIN_SOON = 183
ANOTHER_EACH = 0.12
AGAIN_LATE, LATE_MEAN = 0.08, 600
AGAIN_AFTER_NEED, AFTER_NEED_MEAN = 0.16, 260
CONFERENCE_WITHOUT_NEED = 0.004
LATE_CONFERENCE = 0.025
PLAN, PLAN_MEAN = 0.87, 220
MOVED_IN = 0.04
REVIEW, REVIEW_AFTER = 0.25, 90
OPEN_MEAN = 130
LATE_CARE = 0.01
STAYS_OPEN = 0.7
ASYLUM, ASYLUM_AGE = 0.15, 13 * 365
SAME_DAY_TWICE, WHILE_OPEN = 0.004, 0.012
HIGHEST = 0.9


Turn = Literal["referral", "assessment", "period"]
# What the programme does no more where it leaves: at a referral everything, at the others what is measured of them.
ENDED: Mapping[Turn, tuple[Risk, ...]] = {
    "referral": RISKS,
    "assessment": ("duration",),
    "period": ("kinship",),
}


@dataclass(frozen=True, slots=True)
class Leaves:
    """Where the programme leaves a child: at its n-th referral, assessment or period of care, counted from 0."""

    turn: Turn
    place: int


@dataclass(slots=True)
class Turns:
    """The first days of a life's referrals, assessments and periods of care, in the order in which they are drawn.

    A life that the programme never `touched` is the one that the child has without it.
    """

    days: Mapping[Turn, list[int]] = field(default_factory=lambda: {turn: [] for turn in ENDED})
    touched: bool = False


def draw_life(area: Area, number: int, *, effects: Mapping[Risk, float], draws: Draws) -> Life:
    """Return the life of a council's child: the same for the same number, save for the effects."""
    life, _ = draw_turns(area, number, effects=effects, draws=draws)
    return life


def draw_turns(
    area: Area, number: int, *, effects: Mapping[Risk, float], draws: Draws, leaves: Leaves | None = None
) -> tuple[Life, Turns]:
    """Return a life and its turns; up to where the programme leaves, it is the life that the child has with it."""
    draws.begin(area.seed, number, about="life")
    first = first_referral(area.extent, draws)
    person = draw_person(area, number, referred=first, draws=draws)
    living = _Living(area, person, effects=effects, draws=draws, leaves=leaves)
    living.live(first)
    return living.life(), living.turns


class _Living:
    """A life as it is drawn."""

    def __init__(
        self, area: Area, person: Person, *, effects: Mapping[Risk, float], draws: Draws, leaves: Leaves | None
    ) -> None:
        self._area, self._person, self._effects, self._draws = area, person, effects, draws
        self._leaves, self.turns = leaves, Turns()
        self._cases: list[Case] = []
        self._periods: list[tuple[Episode, ...]] = []
        self._plans = 0
        self._soon_again = False
        self._asylum = False

    def live(self, first: int) -> None:
        """Draw everything from the first referral to the end of the data."""
        day: int | None = first
        while day is not None and day < self._person.until and day <= self._area.extent.last:
            self.turns.days["referral"].append(day)
            day = self._refer(day)

    def life(self) -> Life:
        """Return what was drawn, with the short breaks of a disabled child that was never in care."""
        draws, person = self._draws, self._person
        cases = tuple(sorted(self._cases, key=lambda case: case.day))
        disabled = person.disabilities not in ((), ("NONE",))
        breaks: tuple[Episode, ...] = ()
        if disabled and not self._periods and draws.happens(care.SHORT_BREAKS):
            breaks = care.draw_short_breaks(person, max(cases[0].day, person.birth), draws)
        return Life(person, cases, tuple(self._periods), breaks, self._asylum)

    def _multiplied(self, risk: Risk, day: int, *, since: int | None = None) -> float:
        """Return a risk, or the median duration, with what the child's age `since` and the programme make of it."""
        person = self._person
        age = (day if since is None else since) - person.birth
        of_child = times(risk, age_in_days=age, low_income=person.low_income)
        change = self._effect(risk) * self._area.dose(day)
        if change:
            self.turns.touched = True
        return self._area.risk(risk, day) * of_child * (1.0 + change)

    def _effect(self, risk: Risk) -> float:
        """Return the programme's effect on a risk, none once it has left."""
        left = self._leaves
        if left is not None and risk in ENDED[left.turn] and len(self.turns.days[left.turn]) > left.place:
            return 0.0
        return self._effects[risk]

    def _happens(self, risk: Risk, day: int, *, more: float = 1.0, since: int | None = None) -> bool:
        return self._draws.happens(min(HIGHEST, self._multiplied(risk, day, since=since) * more))

    def _refer(self, day: int) -> int | None:
        """Draw a referral with all that comes of it, and return the day of the next one."""
        again, self._soon_again = self._soon_again, False
        kind = self._draws.uniform()
        if day < self._area.extent.first:
            return self._open_case(day, again=False)
        away, assessed = (TURNED_AWAY_AGAIN, ASSESSED_AGAIN) if again else (TURNED_AWAY, ASSESSED)
        if kind < away:
            return self._turn_away(day)
        return self._assess(day) if kind < away + assessed else self._open_case(day, again=again)

    def _add(self, case: Case) -> None:
        """Keep a case, which some councils write down twice or refer again while it is open."""
        self._cases.append(case)
        draws = self._draws
        if draws.happens(SAME_DAY_TWICE):
            self._cases.append(self._case(case.day, no_action=True))
        if draws.happens(WHILE_OPEN) and case.closure is not None and case.closure - case.day > 1:
            self._cases.append(self._case(draws.between(case.day + 1, case.closure - 1), no_action=True))

    def _case(self, day: int, *, no_action: bool) -> Case:
        draws = self._draws
        return Case(
            day, draws.one_of(SOURCES), draws.one_of(self._person.needs) or None, no_action, closure=None, reason=None
        )

    def _turn_away(self, day: int) -> int | None:
        """Draw a referral on which nothing is done."""
        draws = self._draws
        case = self._case(day, no_action=True)
        waited = draws.between(0, 15)
        closure = min(day + waited, self._person.until) if draws.happens(CLOSURE_WRITTEN) else None
        self._add(Case(day, case.source, case.need, no_action=True, closure=closure, reason="RC8" if closure else None))
        return self._again(day, closure or day)

    def _assess(self, day: int) -> int | None:
        """Draw a referral that is closed after its assessment."""
        draws = self._draws
        case = self._case(day, no_action=False)
        assessment = self._assessment(day + draws.between(0, 4))
        closure = min(assessment.end + draws.between(0, 14), self._person.until)
        conferences: tuple[Conference, ...] = ()
        if draws.happens(CONFERENCE_WITHOUT_NEED) and closure - day > 1:
            conferences = (self._conference(day, draws.between(day + 1, closure - 1)),)
        self._add(Case(day, case.source, case.need, no_action=False, closure=closure, reason="RC8",
                       assessments=(assessment,), conferences=conferences))  # fmt: skip
        return self._again(day, closure)

    def _open_case(self, day: int, *, again: bool) -> int | None:
        """Draw a referral of a child in need, `again` where it comes soon after nothing was done."""
        draws, until = self._draws, self._person.until
        case = self._case(day, no_action=False)
        assessment = self._assessment(day + draws.between(0, 4))
        conferences, plans = self._protection(day, again=again)
        closure = max([assessment.end + 20, *(plan.end for plan in plans)]) + draws.waiting(OPEN_MEAN)
        closure = max([closure, self._care(day, again=again), *(held.day for held in conferences)])
        if day < self._area.extent.first:
            closure = max(closure, self._area.extent.first + draws.waiting(OPEN_MEAN))
        assessments: tuple[Assessment, ...] = (assessment,)
        if draws.happens(REVIEW) and closure - day > REVIEW_AFTER:
            review = self._assessment(draws.between(day + REVIEW_AFTER, closure))
            assessments, closure = (assessment, review), max(closure, review.end)
        closure = min(closure, until)
        self._add(Case(day, case.source, case.need, no_action=False, closure=closure, reason=self._reason(closure),
                       assessments=assessments, conferences=conferences, plans=plans))  # fmt: skip
        if closure == until or not draws.happens(min(HIGHEST, AGAIN_AFTER_NEED * self._person.frailty)):
            return None
        return closure + 1 + draws.waiting(AFTER_NEED_MEAN)

    def _reason(self, closure: int) -> str:
        reason = self._draws.one_of(CLOSED)
        if closure < self._person.until:
            return reason
        return "RC6" if self._person.death is None else "RC2"

    def _again(self, referred: int, closed: int) -> int | None:
        """Return the day of another referral after nothing was done, within six months at the planted risk."""
        draws = self._draws
        earlier = len(self.turns.days["referral"]) - 1
        more = self._person.frailty * (1.0 + ANOTHER_EACH * min(3, earlier))
        soon, within = self._happens("rereferral", closed, more=more, since=referred), draws.between(1, AGAIN_SOON)
        self._soon_again = soon
        if soon:
            return closed + within
        return closed + AGAIN_SOON + 1 + draws.waiting(LATE_MEAN) if draws.happens(AGAIN_LATE) else None

    def _assessment(self, start: int) -> Assessment:
        draws, until = self._draws, self._person.until
        start = min(start, until - 1)
        self.turns.days["assessment"].append(start)
        took = draws.log_normal(self._multiplied("duration", start), SPREAD_OF_DURATIONS)
        if draws.happens(SAME_DAY):
            return Assessment(start, start)
        return Assessment(start, min(after_working_days(start, min(round(took), LONGEST)), until))

    def _less(self, day: int, *, again: bool) -> float:
        """Return by how much a plan or care is less likely at a referral soon after nothing was done."""
        return self._multiplied("escalation", day) if again else 1.0

    def _protection(self, day: int, *, again: bool) -> tuple[tuple[Conference, ...], tuple[Plan, ...]]:
        """Draw the conference of an open case, within ninety days at the planted risk, and the plan it makes."""
        draws, until = self._draws, self._person.until
        within, after = day + draws.between(10, 85), day + draws.between(90, 300)
        soon = self._happens("conference", day, more=self._person.frailty)
        held = within if soon else after
        if not (soon or draws.happens(LATE_CONFERENCE)) or held >= until:
            return (), ()
        conference = self._conference(day, held)
        if not draws.happens(PLAN * self._less(day, again=again)):
            return (conference,), ()
        end = min(held + 60 + draws.waiting(PLAN_MEAN), until)
        plan = Plan(held, end, draws.one_of(ABUSE), self._plans)
        self._plans += 1
        return (conference,), (plan,)

    def _conference(self, referred: int, held: int) -> Conference:
        draws = self._draws
        enquiry = max(referred, held - draws.between(5, 20))
        return Conference(held, None if draws.happens(MOVED_IN) else enquiry)

    def _care(self, day: int, *, again: bool) -> int:
        """Draw whether a child comes into care, within a year at the planted risk; return until when the case is open.

        A child that is in care already comes into none.
        """
        draws, person = self._draws, self._person
        soon = self._happens("entry_to_care", day, more=person.frailty * self._less(day, again=again))
        share = draws.uniform()
        start = day + int(care.WINDOW * share * share) if soon else day + care.WINDOW + draws.between(1, 365)
        start = max(start, person.birth)
        in_care = bool(self._periods) and self._periods[-1][-1].end > start
        if not (soon or draws.happens(LATE_CARE)) or start >= person.until or in_care:
            return day
        self.turns.days["period"].append(start)
        period = care.draw_period(person, start, kin=self._happens("kinship", start), draws=draws)
        self._periods.append(period)
        self._asylum = self._asylum or (start - person.birth >= ASYLUM_AGE and draws.happens(ASYLUM))
        return period[-1].end if draws.happens(STAYS_OPEN) else start + 10
