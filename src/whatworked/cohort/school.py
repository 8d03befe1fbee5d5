"""What the school census says of a person: low income so far, and an ethnic group where no other record has one."""

from whatworked.cohort.people import UNCLASSIFIED, ethnic_group
from whatworked.engine.sql import Query

_FLAGS = ("free_meals", "ever_free_meals", "early_years_premium")


def school_histories(children: Query, school_years: Query) -> Query:
    """One row a person and stretch of census years: `low_income` (1, 0 or NULL) as known from `from_year` on.

    Free meals and the early years premium are carried forward from the last census that says; the flag for any
    earlier year counts once it was set. Low income is any of them, and unknown only if all are.
    """
    flags = ", ".join(f"MAX({flag}) AS {flag}" for flag in _FLAGS)
    order = "OVER (PARTITION BY area, person ORDER BY census_year NULLS LAST)"
    carried = ", ".join(f"{_carried(flag, order)} AS {flag}" for flag in ("free_meals", "early_years_premium"))
    known = f"COALESCE({', '.join(_FLAGS)})"
    return Query(
        f"""
        SELECT area, person, census_year AS from_year, LEAD(census_year) {order} AS until_year,
               CASE WHEN {" OR ".join(f"{flag} = 1" for flag in _FLAGS)} THEN 1
                    WHEN {known} IS NOT NULL THEN 0 END AS low_income
        FROM (
          SELECT area, person, census_year, {carried}, MAX(ever_free_meals) {order} AS ever_free_meals
          FROM (
            SELECT pupils.area AS area, pupils.person AS person, school.census_year AS census_year, {flags}
            FROM {_pupils(children)} AS pupils
            JOIN {school_years} AS school ON school.pupil = pupils.pupil
            GROUP BY pupils.area, pupils.person, school.census_year
          ) AS of_years
        ) AS so_far
        """,
        grain="person and stretch of census years",
        columns=("area", "person", "from_year", "until_year", "low_income"),
    )


def school_ethnicities(children: Query, school_years: Query) -> Query:
    """One row a person with an ethnic group in a school census: the one of the latest census that has one."""
    return Query(
        f"""
        SELECT area, person, ethnicity
        FROM (
          SELECT area, person, ethnicity, ROW_NUMBER() OVER (
                   PARTITION BY area, person
                   ORDER BY CASE WHEN ethnicity = '{UNCLASSIFIED}' THEN 1 ELSE 0 END, census_year DESC NULLS LAST,
                            ethnicity NULLS LAST) AS place
          FROM (
            SELECT pupils.area AS area, pupils.person AS person, school.census_year AS census_year,
                   {ethnic_group("school.ethnicity")} AS ethnicity
            FROM {_pupils(children)} AS pupils
            JOIN {school_years} AS school ON school.pupil = pupils.pupil
          ) AS grouped
          WHERE ethnicity IS NOT NULL
        ) AS placed
        WHERE place = 1
        """,
        grain="person",
        columns=("area", "person", "ethnicity"),
    )


def _pupils(children: Query) -> Query:
    """One row a person and identifier that links them to the school census."""
    return Query(
        f"""
        SELECT area, child AS person, pupil
        FROM {children} AS children
        WHERE pupil IS NOT NULL
        GROUP BY area, child, pupil
        """,
        grain="person and pupil",
        columns=("area", "person", "pupil"),
    )


def _carried(flag: str, order: str) -> str:
    """Return the expression of the last value of a flag that was known by then."""
    # Year and flag in one number, so that the running maximum is the latest year's, and its remainder the flag.
    latest = f"MAX(CASE WHEN {flag} IS NOT NULL THEN 2 * census_year + {flag} END) {order}"
    return f"{latest} - 2 * FLOOR(5e-1 * ({latest}))"
