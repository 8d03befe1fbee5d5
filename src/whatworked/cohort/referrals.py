"""From the rows of yearly returns to one event a referral.

A referral is a person and a day. Its rows of several years are reduced to the latest year's, its rows of one day to
one event.
"""

from whatworked.cohort.days import day_number
from whatworked.cohort.flow import Rule, Sifted, first_reason, listed
from whatworked.cohort.people import personal_rules
from whatworked.engine.sql import Query

CLOSED_AFTER_ASSESSMENT = "('RC8', 'RC9')"
CLOSED_AFTER_NEED = "('RC1', 'RC2', 'RC3', 'RC4', 'RC5', 'RC6', 'RC7')"

_CARRIED = (
    "area", "person", "referral_date", "referral_day", "closure_date", "closure_day", "need", "previous_plans",
    "no_further_action", "closed_after_assessment", "closed_after_need", "in_need",
)  # fmt: skip

ROW_RULES: tuple[Rule, ...] = (
    ("a later year's return has the referral again", "census_year < latest_year"),
    ("closed before it was made", "closure_date < referral_date"),
    ("one event with another referral of the day", "place > 1"),
)


def referral_rows(referrals: Query) -> Query:
    """One row a row of the returns, with the years that its referral is reported in and the rule that leaves it out.

    Of the rows of one day that no other rule leaves out, the first stands for the event.
    """
    day = "PARTITION BY area, child, referral_date"
    usable = "CASE WHEN census_year < latest_year OR closure_date < referral_date THEN 1 ELSE 0 END"
    carried = (
        "area", "child", "referral_date", "census_year", "sequence", "need", "no_further_action", "closure_date",
        "closure_reason", "in_need_at_31_march", "in_need_at_any_point", "in_need_started", "previous_plans",
    )  # fmt: skip
    years = ("latest_year", "first_year", "counted_year")
    renamed = ("area", "child AS person", *carried[2:])
    kept = ("area", "person", *carried[2:], *years)
    return Query(
        f"""
        SELECT {listed(kept)}, {first_reason(ROW_RULES)} AS reason
        FROM (
          SELECT {listed((*renamed, *years))}, ROW_NUMBER() OVER (
                   {day}, {usable} ORDER BY sequence NULLS LAST, closure_date NULLS LAST, closure_reason NULLS LAST,
                   no_further_action NULLS LAST) AS place
          FROM (
            SELECT {listed(carried)}, MAX(census_year) OVER ({day}) AS latest_year,
                   MIN(census_year) OVER ({day}) AS first_year,
                   MIN(CASE WHEN previous_plans IS NOT NULL THEN census_year END) OVER ({day}) AS counted_year
            FROM {referrals} AS referrals
          ) AS of_a_day
        ) AS placed
        """,
        grain="row of the returns",
        columns=(*kept, "reason"),
    )


def merged_referrals(rows: Query) -> Query:
    """One row a person and day of referral: all must say no further action for it to be so; the latest closure.

    The need is the one of the first year that has the referral, missing where its rows differ or it is no code; the
    number of previous plans is the least of the first year that has one.
    """
    stays = "reason IN (0, 3)"
    need = "CASE WHEN census_year = first_year AND need LIKE 'N_' THEN need END"
    marks = "COALESCE(in_need_at_31_march, 0) + COALESCE(in_need_at_any_point, 0) + COALESCE(in_need_started, 0)"
    return Query(
        f"""
        SELECT {listed(_CARRIED)}
        FROM (
          SELECT area, person, referral_date, {day_number("referral_date")} AS referral_day,
                 MAX(CASE WHEN {stays} THEN closure_date END) AS closure_date,
                 {day_number(f"MAX(CASE WHEN {stays} THEN closure_date END)")} AS closure_day,
                 CASE WHEN MIN({need}) = MAX({need}) THEN MIN({need}) END AS need,
                 MIN(CASE WHEN census_year = counted_year THEN previous_plans END) AS previous_plans,
                 MIN(CASE WHEN {stays} THEN COALESCE(no_further_action, 0) END) AS no_further_action,
                 {_all_or_any("MIN", CLOSED_AFTER_ASSESSMENT, stays)} AS closed_after_assessment,
                 {_all_or_any("MAX", CLOSED_AFTER_NEED, stays)} AS closed_after_need,
                 MAX(CASE WHEN {stays} AND {marks} > 0 THEN 1 ELSE 0 END) AS in_need,
                 SUM(CASE WHEN {stays} THEN 1 ELSE 0 END) AS staying
          FROM {rows} AS referral_rows
          GROUP BY area, person, referral_date
        ) AS of_a_day
        WHERE staying > 0
        """,
        grain="person and day of referral",
        columns=_CARRIED,
    )


def dated_referrals(merged: Query, people: Query) -> Query:
    """One row as before, with the rule by which the person's own dates make it impossible and the next referral's day.

    What is impossible counts for nothing: it is nobody's next referral.
    """
    return Query(
        f"""
        SELECT {listed(_CARRIED)}, impossible,
               LEAD(referral_day) OVER (
                 PARTITION BY area, person, CASE WHEN impossible > 0 THEN 1 ELSE 0 END
                 ORDER BY referral_day NULLS LAST) AS next_day
        FROM (
          SELECT {listed(_CARRIED, of="merged")}, {first_reason(personal_rules("merged.referral_day"))} AS impossible
          FROM {merged} AS merged
          LEFT JOIN {people} AS people ON people.area = merged.area AND people.person = merged.person
        ) AS judged
        """,
        grain="person and day of referral",
        columns=(*_CARRIED, "impossible", "next_day"),
    )


def referral_flow(rows: Query, events: Sifted) -> Sifted:
    """Return the rows of the returns under all rules, those of the rows and those of the events they became."""
    n = len(ROW_RULES)
    return Sifted(
        Query(
            f"""
            SELECT referral_rows.area AS area, referral_rows.person AS person,
                   CAST(CASE WHEN referral_rows.reason > 0 THEN referral_rows.reason WHEN events.reason > 0
                             THEN events.reason + {n} ELSE 0 END AS INTEGER) AS reason
            FROM {rows} AS referral_rows
            LEFT JOIN {events.rows} AS events
              ON events.area = referral_rows.area AND events.person = referral_rows.person
                AND events.referral_date = referral_rows.referral_date
            """,
            grain="row of the returns",
            columns=("area", "person", "reason"),
        ),
        (*(rule for rule, _ in ROW_RULES), *events.rules),
    )


def _all_or_any(aggregate: str, reasons: str, stays: str) -> str:
    """Return the expression of 1 where all (MIN) or any (MAX) rows that stay have one of the closure reasons."""
    return f"{aggregate}(CASE WHEN {stays} THEN CASE WHEN closure_reason IN {reasons} THEN 1 ELSE 0 END END)"
