"""Whether a referral became an open case or ended in no further action, and whether another case was open.

Later signs beat earlier ones: the reason for closure, then no further action on all rows, then anything that shows a
child in need (flags of the extract, a plan or a conference between referral and closure).
"""

from whatworked.cohort.days import day_number, number_of
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import Rule, Sifted, first_reason, listed
from whatworked.cohort.joins import any_of, gathered
from whatworked.cohort.people import personal_rules
from whatworked.engine.sql import Query

EVENT = (
    "area", "person", "referral_date", "referral_day", "closure_date", "no_action_date", "no_action_day", "status",
    "need", "previous_plans", "reason",
)  # fmt: skip

INSIDE = "while another case was open"
HISTORY = "before the study's data: history only"
AFTER = "after the study's data"

# No date of a record lies beyond this day.
_NEVER_CLOSED = 10_000_000


def protections(plans: Query, conferences: Query) -> Query:
    """One row a day on which a plan or a conference shows a child in need, with the referral it is filed under."""
    filed = day_number("referral_date")
    parts = [
        f"""
        SELECT area, child AS person, {day_number(column)} AS day, {filed} AS filed_day
        FROM {table} AS {name}
        WHERE {column} IS NOT NULL
        GROUP BY area, child, {column}, referral_date
        """
        for table, column, name in ((plans, "start_date", "plans"), (conferences, "conference_date", "conferences"))
    ]
    return Query(
        "\nUNION ALL\n".join(parts),
        grain="day of a plan or conference of a person",
        columns=("area", "person", "day", "filed_day"),
    )


def referral_events(referrals: Query, protections: Query, extent: Extent) -> Sifted:
    """One row a person and day of referral, with its status: `open`, `no_action` or `unknown`.

    A referral while another case was open (other referral < this referral < other closure; without a closure date
    only an open case stays open) is history: no row of any question and no re-referral.
    """
    carried = ("area", "person", "referral_date", "referral_day", "closure_date", "closure_day", "need")
    judged = (*carried, "previous_plans", "status", "impossible")
    # The running maximum holds this referral too, so it is taken from the row before.
    text = f"""
        SELECT {listed(judged)}, LAG(open_until) OVER ({_order()}) AS another_open_until
        FROM (
          SELECT {listed(judged)}, MAX(CASE WHEN closure_day IS NOT NULL THEN closure_day
                                            WHEN status = 'open' THEN {_NEVER_CLOSED} END) OVER ({_order()})
                 AS open_until
          FROM {_with_status(referrals, protections, judged)} AS with_status
        ) AS running
        """
    rules = _event_rules(extent)
    reason = first_reason(rules[3:], earlier="impossible", after=3)
    rows = Query(
        f"""
        SELECT area, person, referral_date, referral_day, closure_date,
               COALESCE(closure_date, referral_date) AS no_action_date,
               COALESCE(closure_day, referral_day) AS no_action_day, status, need, previous_plans, {reason} AS reason
        FROM ({text}) AS in_order
        """,
        grain="person and day of referral",
        columns=EVENT,
    )
    return Sifted(rows, tuple(rule for rule, _ in rules))


def later_referrals(events: Sifted) -> Query:
    """One row a referral that can be a re-referral: neither impossible nor made while another case was open."""
    barred = [place for place, rule in enumerate(events.rules, start=1) if rule not in (HISTORY, AFTER)]
    return Query(
        f"""
        SELECT area, person, referral_date, referral_day
        FROM {events.rows} AS events
        WHERE reason NOT IN ({", ".join(str(place) for place in barred)})
        """,
        grain="person and day of referral",
        columns=("area", "person", "referral_date", "referral_day"),
    )


def _event_rules(extent: Extent) -> tuple[Rule, ...]:
    """Return the rules over events, those of the person's own dates first; their conditions stand elsewhere."""
    return (
        *personal_rules("referral_day"),
        (INSIDE, "referral_day < another_open_until"),
        (HISTORY, f"referral_day < {number_of(extent.first)}"),
        (AFTER, f"referral_day > {number_of(extent.last)}"),
    )


def _order() -> str:
    """Return the window of a person's possible referrals in the order of their days."""
    possible = "CASE WHEN impossible > 0 THEN 1 ELSE 0 END"
    return f"PARTITION BY area, person, {possible} ORDER BY referral_day NULLS LAST"


def _with_status(referrals: Query, protections: Query, judged: tuple[str, ...]) -> Query:
    """One row a person and day of referral, with its status."""
    between = gathered(
        referrals,
        protections,
        key=("area", "person", "referral_day"),
        on="""others.day > rows.referral_day
            AND (others.day < rows.closure_day
                 OR (rows.closure_day IS NULL AND (
                       others.filed_day = rows.referral_day
                       OR (others.filed_day IS NULL AND (rows.next_day IS NULL OR others.day < rows.next_day)))))""",
        found={"protected": any_of("others.day IS NOT NULL")},
    )
    return Query(
        f"""
        SELECT {listed(judged[:-2])},
               CASE WHEN in_need = 1 OR protected = 1 THEN 'open' WHEN no_further_action = 1 THEN 'no_action'
                    WHEN closed_after_need = 1 THEN 'open' WHEN closed_after_assessment = 1 THEN 'no_action'
                    ELSE 'unknown' END AS status,
               impossible
        FROM {between} AS between_dates
        """,
        grain="person and day of referral",
        columns=judged,
    )
