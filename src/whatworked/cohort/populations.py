"""Whom a question is about: assessments, referrals by their status, periods of care."""

from typing import Literal

from whatworked.cohort.days import day_number, number_of
from whatworked.cohort.definitions import Assessments, Kinship
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import Rule, Sifted, listed, sift
from whatworked.cohort.open_cases import AFTER, HISTORY
from whatworked.cohort.people import PEOPLE, personal_rules
from whatworked.engine.sql import Query, literal

UNKNOWN: Rule = ("the records do not tell whether the case was open", "status = 'unknown'")
OF_STATUS: dict[str, tuple[Rule, ...]] = {
    "referred": (),
    "open_cases": (UNKNOWN, ("closed with no further action", "status <> 'open'")),
    "no_action": (UNKNOWN, ("the case was open", "status <> 'no_action'")),
}


def referred(events: Sifted, population: Literal["referred", "open_cases", "no_action"]) -> Sifted:
    """One row a referral event that may be a row of a question: all of them, open cases, or closed with no action."""
    return sift(events.kept, OF_STATUS[population])


def assessed(assessments: Query, people: Query, *, definition: Assessments, extent: Extent) -> Sifted:
    """One row a row of the returns about an assessment; those that stay are one for a person and first day.

    Of several assessments of a person that start on a day, the one that ends last stays.
    """
    columns = ("area", "person", "start_date", "end_date", "start_day", "end_day")
    usable = "CASE WHEN end_date IS NULL OR end_date < start_date THEN 1 ELSE 0 END"
    placed = Query(
        f"""
        SELECT area, child AS person, start_date, end_date, {day_number("start_date")} AS start_day,
               {day_number("end_date")} AS end_day, ROW_NUMBER() OVER (
                 PARTITION BY area, child, start_date, {usable}
                 ORDER BY end_date DESC NULLS LAST, census_year DESC NULLS LAST, sequence NULLS LAST) AS place
        FROM {assessments} AS assessments
        """,
        grain="assessment in one year's return",
        columns=(*columns, "place"),
    )
    rules = (
        ("not completed", "end_date IS NULL"),
        ("ended before it started", "end_date < start_date"),
        ("one event with another that started on the day and ended as late or later", "place > 1"),
        *personal_rules("start_day"),
        ("started before the question's first day", f"start_date < {literal(definition.first_day)}"),
        *_extent_rules("start_day", extent),
    )
    return _without(sift(_with_people(placed, people), rules), "place")


def linked_to_referrals(assessments: Sifted, referrals: Sifted) -> Sifted:
    """Return assessments with the latest referral on or before their start: its day, need and previous plans.

    An assessment without one stays, unlinked. Referrals that are history only or fell into an open case count.
    """
    impossible = len(personal_rules("day"))
    held = ("need", "previous_plans")
    columns = (*assessments.rows.columns, "linked_day", *held)
    rows = Query(
        f"""
        SELECT {listed(assessments.rows.columns, of="rows")}, linked.referral_day AS linked_day,
               {listed(held, of="linked")}
        FROM {assessments.rows} AS rows
        LEFT JOIN (
          SELECT area, person, referral_day, {listed(held)}, LEAD(referral_day) OVER (
                   PARTITION BY area, person ORDER BY referral_day NULLS LAST) AS next_day
          FROM {referrals.rows} AS referrals
          WHERE reason = 0 OR reason > {impossible}
        ) AS linked
          ON linked.area = rows.area AND linked.person = rows.person AND linked.referral_day <= rows.start_day
            AND (linked.next_day IS NULL OR rows.start_day < linked.next_day)
        """,
        grain=assessments.rows.grain,
        columns=columns,
    )
    return Sifted(rows, assessments.rules)


def in_care(periods: Query, people: Query, *, definition: Kinship, extent: Extent) -> Sifted:
    """One row a period of care; short breaks were never one."""
    day = day_number("period_start")
    dated = Query(
        f"""
        SELECT area, child AS person, period, period_start, {day} AS start_day, period_end, first_legal_status,
               first_need AS need, known_start
        FROM {periods} AS periods
        """,
        grain="period of care",
        columns=(
            "area", "person", "period", "period_start", "start_day", "period_end", "first_legal_status", "need",
            "known_start",
        ),
    )  # fmt: skip
    statuses = ", ".join(literal(status) for status in definition.legal_statuses)
    rules = (
        ("the period's start is unknown", "known_start = 0"),
        ("ended before it started", "period_end < period_start"),
        *personal_rules("start_day")[:2],
        ("started before birth", "start_day < birth_first_day"),
        *_extent_rules("start_day", extent),
        *(
            [("began under another legal status", f"COALESCE(first_legal_status, '') NOT IN ({statuses})")]
            if statuses
            else []
        ),
    )
    return _without(sift(_with_people(dated, people), rules))


def _with_people(rows: Query, people: Query) -> Query:
    """One row as before, with what is known of the person."""
    new = tuple(column for column in PEOPLE if column not in rows.columns)
    return Query(
        f"""
        SELECT {listed(rows.columns, of="rows")}, {listed(new, of="people")}
        FROM {rows} AS rows
        LEFT JOIN {people} AS people ON people.area = rows.area AND people.person = rows.person
        """,
        grain=rows.grain,
        columns=(*rows.columns, *new),
    )


def _without(sifted: Sifted, *columns: str) -> Sifted:
    """Return the rows without what was joined to judge them."""
    gone = {*columns, *PEOPLE} - {"area", "person"}
    kept = tuple(column for column in sifted.rows.columns if column not in gone)
    text = f"SELECT {listed(kept)} FROM {sifted.rows} AS judged"
    return Sifted(Query(text, sifted.rows.grain, kept), sifted.rules)


def _extent_rules(day: str, extent: Extent) -> tuple[Rule, ...]:
    """Return the rules that leave out what lies before and after the study's data."""
    return (
        (HISTORY, f"{day} < {number_of(extent.first)}"),
        (AFTER, f"{day} > {number_of(extent.last)}"),
    )
