"""What came of a referral: a conference, another referral, a plan or care after that, care."""

from datetime import date

from whatworked.cohort.days import day_number
from whatworked.cohort.definitions import Conference, EntryToCare, Escalation, Rereferral
from whatworked.cohort.events import question_events
from whatworked.cohort.flow import Rule, Sifted
from whatworked.cohort.joins import any_of, gathered
from whatworked.engine.sql import Query, literal

KEY = ("area", "person", "referral_date")
FIRST_CONFERENCES = 3


def conference(referrals: Sifted, conferences: Query, *, definition: Conference) -> Sifted:
    """Return 1 for a referral with an initial conference of the child in the window, both ends of it open."""
    until = definition.window.after("rows.referral_date")
    after = "others.day >= rows.referral_day" if definition.day_zero else "others.day > rows.referral_day"
    days = _conference_days(conferences, first_three=definition.first_three)
    found = gathered(
        referrals.rows,
        days,
        key=KEY,
        on=f"{after} AND others.day < {until}",
        found={"outcome": any_of("others.day IS NOT NULL")},
    )
    last = definition.window.after("referral_date")
    known = last if definition.censored else "NULL"
    rules = _not_before(definition.conferences_from, "referral_date", what="conferences")
    return question_events(Sifted(found, referrals.rules), _at_referral(last, known=known), rules=rules)


def rereferral(no_action: Sifted, later: Query, *, definition: Rereferral) -> Sifted:
    """Return 1 for a referral that ended in no further action and was followed by another within the window.

    Parameters
    ----------
    no_action : rows of `whatworked.cohort.populations.referred`, those closed with no further action
    later : rows of `whatworked.cohort.open_cases.later_referrals`
    definition : the window, which starts after the day of no further action
    """
    found = _with_rereferral(no_action.rows, later, definition)
    last = definition.window.after("no_action_date")
    outcome = "CASE WHEN first_again IS NULL THEN 0 ELSE 1 END"
    return question_events(Sifted(found, no_action.rules), _at_no_action(last) | {"outcome": outcome})


def escalation(no_action: Sifted, later: Query, signs: Query, *, definition: Escalation) -> Sifted:
    """Return 1 for a referral without action that was followed by another, and that by a plan or care.

    Parameters
    ----------
    no_action, later : as for `rereferral`
    signs : rows of `plans_and_care`
    definition : the windows and which re-referral counts
    """
    again = _with_rereferral(no_action.rows, later, definition.rereferral)
    found = gathered(
        again,
        signs,
        key=KEY,
        on="others.day > rows.no_action_day",
        found={
            "first_plan": "MIN(CASE WHEN others.kind = 'plan' THEN others.day END)",
            "first_care": "MIN(CASE WHEN others.kind = 'care' THEN others.day END)",
            "escalated": any_of(_in_window(definition, "others.day", of="rows.")),
        },
    )
    if definition.signs == "any":
        outcome = "escalated"
    else:
        first = " OR ".join(_in_window(definition, day) for day in ("first_plan", "first_care"))
        outcome = f"CASE WHEN {first} THEN 1 ELSE 0 END"
    columns = _at_no_action(definition.margin.after("no_action_date")) | {"outcome": outcome}
    return question_events(Sifted(found, no_action.rules), columns, rules=_left_out(definition))


def plans_and_care(plans: Query, periods: Query) -> Query:
    """One row a first day of a plan or of a period of care whose start is known."""
    return Query(
        f"""
        SELECT area, child AS person, 'plan' AS kind, {day_number("start_date")} AS day
        FROM {plans} AS plans
        GROUP BY area, child, start_date
        UNION ALL
        SELECT area, child AS person, 'care' AS kind, {day_number("period_start")} AS day
        FROM {periods} AS periods
        WHERE known_start = 1
        """,
        grain="first day of a plan or period of care",
        columns=("area", "person", "kind", "day"),
    )


def entry_to_care(referrals: Sifted, periods: Query, *, definition: EntryToCare) -> Sifted:
    """Return 1 for a referral after which a period of care starts in the window; who is in care already leaves.

    In care is who is in a period that started before the referral and has not ended by then, even if it is not known
    when it started.
    """
    until = definition.window.after("rows.referral_date")
    dated = Query(
        f"""
        SELECT area, child AS person, {day_number("period_start")} AS day, {day_number("period_end")} AS end_day,
               known_start
        FROM {periods} AS periods
        """,
        grain="period of care",
        columns=("area", "person", "day", "end_day", "known_start"),
    )
    inside = "others.day < rows.referral_day AND (others.end_day IS NULL OR others.end_day > rows.referral_day)"
    starts = f"others.known_start = 1 AND others.day >= rows.referral_day AND others.day <= {until}"
    found = gathered(
        referrals.rows,
        dated,
        key=KEY,
        on=f"others.day <= {until}",
        found={"outcome": any_of(starts), "in_care": any_of(inside)},
    )
    last = definition.window.after("referral_date")
    rules = [("looked after at the referral", "in_care = 1")]
    return question_events(Sifted(found, referrals.rules), _at_referral(last, known=last), rules=rules)


def _conference_days(conferences: Query, *, first_three: bool) -> Query:
    """One row a day on which a person had a conference; only the first three of each person where so defined."""
    only = f"WHERE place <= {FIRST_CONFERENCES}" if first_three else ""
    return Query(
        f"""
        SELECT area, person, day
        FROM (
          SELECT area, child AS person, {day_number("conference_date")} AS day,
                 ROW_NUMBER() OVER (PARTITION BY area, child ORDER BY conference_date NULLS LAST) AS place
          FROM (SELECT area, child, conference_date FROM {conferences} AS conferences
                GROUP BY area, child, conference_date) AS of_days
        ) AS in_order
        {only}
        """,
        grain="day of a conference",
        columns=("area", "person", "day"),
    )


def _with_rereferral(no_action: Query, later: Query, definition: Rereferral) -> Query:
    """One row as before, with the first and the last re-referral in the window, where there is one."""
    until = definition.window.after("rows.no_action_date")
    return gathered(
        no_action,
        later,
        key=KEY,
        on=f"others.referral_day > rows.no_action_day AND others.referral_day <= {until}",
        found={"first_again": "MIN(others.referral_date)", "last_again": "MAX(others.referral_date)"},
    )


def _in_window(definition: Escalation, day: str, *, of: str = "") -> str:
    """Return the condition that a day lies in the window from the re-referral that counts."""
    again = f"{of}{definition.which}_again"
    return f"({day} >= {day_number(again)} AND {day} <= {definition.window.after(again)})"


def _left_out(definition: Escalation) -> list[Rule]:
    """Return the rules by which a row's escalation cannot be told."""
    rules = _not_before(definition.plans_from, "no_action_date", what="plans")
    if definition.signs == "first":
        again = day_number(f"{definition.which}_again")
        rules.append(("the first plan precedes the re-referral", f"first_plan < {again}"))
    return rules


def _not_before(first: date | None, column: str, *, what: str) -> list[Rule]:
    """Return the rule that leaves out what precedes the first day from which a source has something."""
    if first is None:
        return []
    return [(f"before the first day from which the source has {what}", f"{column} < {literal(first)}")]


def _at_referral(last: str, *, known: str) -> dict[str, str]:
    """Return the columns of events dated by the referral, `last` being the last day of their window."""
    return {
        "event_id": "referral_day",
        "event_date": "referral_date",
        "covariate_date": "referral_date",
        "before_day": last,
        "after_day": "referral_day",
        "known_day": known,
    }


def _at_no_action(last: str) -> dict[str, str]:
    """Return the columns of events dated by no further action, their phase after settling-in by the referral."""
    return _at_referral(last, known=last) | {"event_date": "no_action_date"}
