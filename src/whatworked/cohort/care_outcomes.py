"""What came of a period of care: kinship care within its first months."""

from whatworked.cohort.days import day_number
from whatworked.cohort.definitions import Kinship
from whatworked.cohort.events import question_events
from whatworked.cohort.flow import Sifted
from whatworked.cohort.joins import any_of, gathered
from whatworked.engine.sql import Query

# Placement with relatives or friends, under today's codes and those before 2015.
_KIN = ("U1", "U2", "U3", "Q1", "F1", "F4")
# Special guardianship by former carers who are kin, and the undivided codes before that.
_GUARDIANS = ("E43", "E44", "E45", "E47")
PLACEMENTS = {"strict": _KIN, "wide": _KIN, "as_coded": (*_KIN, "P1")}
EXITS = {
    "strict": _GUARDIANS,
    "wide": (*_GUARDIANS, "E41", "E13"),
    "as_coded": (*_GUARDIANS, "E13", "E4A", "E4"),
}


def kinship(periods: Sifted, episodes: Query, *, definition: Kinship) -> Sifted:
    """Return 1 for a period of care with an episode in kinship that starts, or ends into kinship, in the window.

    Parameters
    ----------
    periods : rows of `whatworked.cohort.populations.in_care`
    episodes : episodes with `area`, `child`, `period`, `start_date`, `end_date`, `placement`, `end_reason`
    definition : which codes are kinship, and the window, both days in
    """
    until = definition.window.after("rows.period_start")
    dated = Query(
        f"""
        SELECT area, child AS person, period, {day_number("start_date")} AS day,
               {day_number("end_date")} AS end_day, placement, end_reason
        FROM {episodes} AS episodes
        """,
        grain="episode of care",
        columns=("area", "person", "period", "day", "end_day", "placement", "end_reason"),
    )
    placed = f"others.placement IN ({_quoted(PLACEMENTS[definition.definition])}) AND others.day <= {until}"
    left = f"others.end_reason IN ({_quoted(EXITS[definition.definition])}) AND others.end_day <= {until}"
    found = gathered(
        periods.rows,
        dated,
        key=("area", "person", "period"),
        on="others.period = rows.period AND others.day >= rows.start_day",
        found={"outcome": any_of(f"({placed}) OR ({left})")},
    )
    last = definition.window.after("period_start")
    columns = {
        "event_id": "period",
        "event_date": "period_start",
        "covariate_date": "period_start",
        "before_day": last,
        "after_day": "start_day",
        "known_day": last,
        "previous_plans": "CAST(NULL AS INTEGER)",
    }
    return question_events(Sifted(found, periods.rules), columns)


def _quoted(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)
