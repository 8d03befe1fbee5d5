"""How long an assessment took, and whether it took no day at all."""

from whatworked.cohort.definitions import Assessments
from whatworked.cohort.events import question_events
from whatworked.cohort.flow import Sifted, listed
from whatworked.engine.sql import Query


def working_days(assessments: Sifted, calendar: Query, *, definition: Assessments) -> Sifted:
    """Return the working days in [start, end) of each assessment; one outside the calendar leaves.

    Parameters
    ----------
    assessments : rows of `whatworked.cohort.populations.linked_to_referrals`
    calendar : one row a `day`, with `n`, the number of working days before it
    definition : the margin before the end of the data
    """
    rows = assessments.rows
    counted = Query(
        f"""
        SELECT {listed(rows.columns, of="rows")}, ended.n - started.n AS duration
        FROM {rows} AS rows
        LEFT JOIN {calendar} AS started ON started.day = rows.start_date
        LEFT JOIN {calendar} AS ended ON ended.day = rows.end_date
        """,
        grain=rows.grain,
        columns=(*rows.columns, "duration"),
    )
    outside = ("outside the years that the calendar of working days has", "duration IS NULL")
    return question_events(Sifted(counted, assessments.rules), _columns(definition, "duration"), rules=[outside])


def same_day(assessments: Sifted, *, definition: Assessments) -> Sifted:
    """Return 1 for an assessment that ended on the day it started, else 0."""
    outcome = "CASE WHEN start_date = end_date THEN 1 ELSE 0 END"
    return question_events(assessments, _columns(definition, outcome))


def _columns(definition: Assessments, outcome: str) -> dict[str, str]:
    """Return the columns of the events of assessments: baseline if ended before, post if started after."""
    return {
        "event_id": "start_day",
        "event_date": "start_date",
        "covariate_date": "start_date",
        "before_day": "end_day",
        "after_day": "start_day",
        "outcome": outcome,
        "known_day": f"start_day + {definition.margin}",
    }
