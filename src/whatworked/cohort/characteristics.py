"""What is known of a person at an event: age, school stage, low income then; sex, ethnicity, disability, asylum ever.

Beside the person it is said whether the day is one of elevated risk.

What is missing is a level of its own; `age` is a number, NULL where the dates of birth allow more than one.
"""

from dataclasses import dataclass

from whatworked.cohort.days import day_number, full_years, year_ending
from whatworked.cohort.elevated_risk import Holiday, elevated_risk
from whatworked.cohort.flow import listed
from whatworked.cohort.people import yes_no
from whatworked.engine.sql import Query

CHARACTERISTICS = ("age", "sex", "ethnicity", "school_stage", "disabled", "asylum", "low_income", "elevated_risk")

PRIMARY, SECONDARY = 5, 12
# A school census belongs to the year that ends with March.
MARCH = 3


@dataclass(frozen=True, slots=True)
class School:
    """The school census of a study: `histories` and `ethnicities` as `whatworked.cohort.school` gives them.

    `holidays` are the school holidays that the study names, none where it names none.
    """

    histories: Query
    ethnicities: Query
    holidays: tuple[Holiday, ...] = ()


def with_characteristics(rows: Query, people: Query, *, school: School) -> Query:
    """One row as before, with the person's characteristics on `covariate_date`.

    Parameters
    ----------
    rows : any rows with `area`, `person` and `covariate_date`
    people : rows of `whatworked.cohort.people.people`
    school : the school census; a study without one has it without rows
    """
    day = day_number("rows.covariate_date")
    oldest, youngest = (full_years(f"{day} - people.birth_{which}_day") for which in ("first", "last"))
    ever = ("sex", "disabled", "asylum")
    levels = ", ".join(f"COALESCE(people.{name}, 'missing') AS {name}" for name in ever)
    year = year_ending("rows.covariate_date", month=MARCH)
    text = f"""
        SELECT {listed(rows.columns, of="rows")}, CASE WHEN {oldest} = {youngest} THEN {oldest} END AS age, {levels},
               COALESCE(people.ethnicity, ethnicities.ethnicity, 'missing') AS ethnicity, histories.low_income AS poor,
               {day} AS described_day
        FROM {rows} AS rows
        LEFT JOIN {people} AS people ON people.area = rows.area AND people.person = rows.person
        LEFT JOIN {school.ethnicities} AS ethnicities
          ON ethnicities.area = rows.area AND ethnicities.person = rows.person
        LEFT JOIN {school.histories} AS histories
          ON histories.area = rows.area AND histories.person = rows.person AND histories.from_year <= {year}
            AND (histories.until_year IS NULL OR {year} < histories.until_year)
        """
    return Query(
        f"""
        SELECT {listed(rows.columns)}, age, sex, ethnicity,
               CASE WHEN age < {PRIMARY} THEN 'none' WHEN age < {SECONDARY} THEN 'primary'
                    WHEN age >= {SECONDARY} THEN 'secondary' ELSE 'missing' END AS school_stage,
               disabled, asylum,
               CASE WHEN poor IS NULL AND age < {PRIMARY} THEN 'below_school_age' ELSE {yes_no("poor")} END
                 AS low_income,
               {elevated_risk("described_day", school.holidays)} AS elevated_risk
        FROM ({text}) AS described
        """,
        grain=rows.grain,
        columns=(*rows.columns, *CHARACTERISTICS),
    )
