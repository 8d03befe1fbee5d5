"""From the typed rows of an extract to the canonical tables. Nothing runs here."""

from collections.abc import Mapping

from whatworked.engine.sql import Query
from whatworked.records.cin_queries import PARTICULARS, canonical
from whatworked.records.npd_columns import EVER, PREMIUMS
from whatworked.records.schema import BY_NAME

_PERSON = ("area", "child", "census_year")
_SAID = (
    "birth_date", "birth_month_date", "expected_birth_date", "death_date", "sex", "ethnicity", "disabled", "asylum",
    "pupil",
)  # fmt: skip
_MISSING = {
    **dict.fromkeys(("birth_date", "birth_month_date", "expected_birth_date", "death_date"), "CAST(NULL AS DATE)"),
    **dict.fromkeys(("sex", "disabled", "asylum"), "CAST(NULL AS INTEGER)"),
    **dict.fromkeys(("ethnicity", "pupil"), "CAST(NULL AS STRING)"),
}
_KEPT = "left_out_by = 0"

REFERRAL_COPIES = tuple(name for name in BY_NAME["referral"].names if name not in ("sequence", "previous_plans"))


def said_of_children(*sources: Query) -> Query:
    """One row a row that says something of a child: of children in need with their disabilities, or of care."""
    parts = []
    for source in sources:
        said = ", ".join(f"{name if name in source.columns else _MISSING[name]} AS {name}" for name in _SAID)
        parts.append(f"SELECT {', '.join(_PERSON)}, {said} FROM {source} AS typed WHERE {_KEPT}")
    return Query("\nUNION ALL\n".join(parts), grain="row that speaks of a child", columns=(*_PERSON, *_SAID))


def child_query(said: Query, *, origin: str) -> Query:
    """One row a child and year: what all rows of it agree on; disabled or asylum-seeking where one of them says so."""
    agreed = {particular.name: particular.value for particular in PARTICULARS}
    month = "CASE WHEN MIN(birth_month_date) = MAX(birth_month_date) THEN MIN(birth_month_date) END"
    no_day = "MIN(birth_date) IS NULL"
    return canonical(
        "child",
        {
            **agreed,
            "origin": f"'{origin}'",
            "birth_date": f"CASE WHEN {no_day} THEN {month} ELSE {agreed['birth_date']} END",
            "birth_precision": f"""CASE WHEN {agreed["birth_date"]} IS NOT NULL THEN 'day'
                WHEN {no_day} AND {month} IS NOT NULL THEN 'month' END""",
            "disabled": "MAX(disabled)",
            "asylum": "MAX(asylum)",
        },
        f"{said} AS said\nGROUP BY area, child, census_year",
    )


def referral_query(rows: Query) -> Query:
    """One row a referral and year: a file repeats it for every plan, with the number of plans before each."""
    listed = ", ".join(REFERRAL_COPIES)
    order = ", ".join(
        f"{name} NULLS LAST"
        for name in ("referral_date", *(name for name in REFERRAL_COPIES if name not in (*_PERSON, "referral_date")))
    )
    sequence = f"CAST(ROW_NUMBER() OVER (PARTITION BY area, child, census_year ORDER BY {order}) AS INTEGER)"
    return canonical(
        "referral",
        {"sequence": sequence},
        f"""(
          SELECT {listed}, MIN(previous_plans) AS previous_plans
          FROM {rows} AS typed
          WHERE {_KEPT} AND referral_date IS NOT NULL
          GROUP BY {listed}
        ) AS referrals""",
    )


def assessment_query(rows: Query) -> Query:
    """One row an assessment of a file; those of years to 2013 are core assessments, later ones combined."""
    order = "start_date NULLS LAST, end_date NULLS LAST, file_name NULLS LAST, row_number NULLS LAST"
    return canonical(
        "assessment",
        {
            "sequence": f"CAST(ROW_NUMBER() OVER (PARTITION BY area, child, census_year ORDER BY {order}) AS INTEGER)",
            "referral_date": "CAST(NULL AS DATE)",
            "kind": "CASE WHEN census_year <= 2013 THEN 'core' ELSE 'combined' END",
        },
        f"{rows} AS typed WHERE {_KEPT}",
    )


def conference_query(sources: Mapping[str, Query]) -> Query:
    """One row a child, year and day of a conference: under section 47 if it stands there.

    Parameters
    ----------
    sources : where the conferences stand, `section47` or `referral`, and the typed rows
    """
    parts = [
        f"SELECT area, child, census_year, conference_date, '{origin}' AS origin, referral_date "
        f"FROM {rows} AS typed WHERE {_KEPT} AND conference_date IS NOT NULL"
        for origin, rows in sources.items()
    ]
    held = Query(
        "\nUNION ALL\n".join(parts),
        grain="conference",
        columns=(*_PERSON, "conference_date", "origin", "referral_date"),
    )
    return _first_a_day("conference", held, day="conference_date",
                        order="origin DESC NULLS LAST, referral_date DESC NULLS LAST")  # fmt: skip


def plan_query(rows: Query) -> Query:
    """One row a child, year and first day of a plan: of several the one that ends last, one without an end after."""
    columns = (*_PERSON, "start_date", "end_date", "referral_date", "initial_abuse", "previous_plans")
    plans = Query(
        f"""
        SELECT area, child, census_year, plan_start AS start_date, plan_end AS end_date, referral_date, initial_abuse,
               previous_plans
        FROM {rows} AS typed
        WHERE {_KEPT} AND plan_start IS NOT NULL
        """,
        grain="row with a plan",
        columns=columns,
    )
    order = "end_date DESC NULLS LAST, referral_date NULLS LAST, initial_abuse NULLS LAST, previous_plans NULLS LAST"
    return _first_a_day("plan", plans, day="start_date", order=order)


def school_year_query(rows: Query) -> Query:
    """One row a pupil and census year: a flag is 1 where any of its rows says so, the rest where all that say agree."""

    def any_of(flags: tuple[str, ...]) -> str:
        some = " OR ".join(f"MAX({flag}) = 1" for flag in flags)
        known = ", ".join(f"MAX({flag})" for flag in flags)
        return f"CASE WHEN {some} THEN 1 WHEN COALESCE({known}) IS NOT NULL THEN 0 END"

    agreed = {
        name: f"CASE WHEN MIN({name}) = MAX({name}) THEN MIN({name}) END"
        for name in ("school_year", "ethnicity", "special_needs")
    }
    return canonical(
        "school_year",
        {
            **agreed,
            "free_meals": "MAX(free_meals)",
            "ever_free_meals": any_of(EVER),
            "early_years_premium": any_of(PREMIUMS),
        },
        f"{rows} AS typed\nWHERE {_KEPT}\nGROUP BY pupil, census_year",
    )


def _first_a_day(name: str, events: Query, *, day: str, order: str) -> Query:
    """Keep the first row, in this order, of each child, year and day."""
    return canonical(
        name,
        {},
        f"""(
          SELECT events.*, ROW_NUMBER() OVER (PARTITION BY area, child, census_year, {day} ORDER BY {order}) AS copy
          FROM {events} AS events
        ) AS copies
        WHERE copy = 1""",
    )
