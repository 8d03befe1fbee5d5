"""What cohorts are made of: canonical tables, and the periods of care and working days derived from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.records.calendar import calendar
from whatworked.records.care_periods import care_periods, episodes_of_periods, stitched_episodes
from whatworked.records.schema import BY_NAME, CanonicalTable

QuestionKey = Literal[
    "assessment_duration", "same_day", "icpc", "rereferral", "escalation", "kinship", "entry_to_care"
]  # fmt: skip

# Without these tables a question has no rows or no outcome. Plans, conferences, children and school years are used
# by others where they are: without them a referral may look closed, and a person is described as missing.
NEEDED: Mapping[QuestionKey, tuple[str, ...]] = {
    "assessment_duration": ("assessment",),
    "same_day": ("assessment",),
    "icpc": ("referral", "conference"),
    "rereferral": ("referral",),
    "escalation": ("referral", "plan", "episode"),
    "kinship": ("episode",),
    "entry_to_care": ("referral", "episode"),
}


@dataclass(frozen=True, slots=True)
class Records:
    """Canonical tables of people's records, and what was derived from them.

    `periods` and `episodes` are the periods of care and their episodes as `whatworked.records.care_periods` gives
    them, `calendar` the working days as `whatworked.records.calendar` does. A table the source lacks has no rows.
    """

    child: Query
    referral: Query
    assessment: Query
    conference: Query
    plan: Query
    school_year: Query
    periods: Query
    episodes: Query
    calendar: Query


def records_of(tables: Mapping[str, Query]) -> Records:
    """Return the records that canonical tables hold, those of a source's that it has."""
    held = {name: tables.get(name, _without_rows(table)) for name, table in BY_NAME.items()}
    episodes = stitched_episodes(held["episode"])
    return Records(
        child=held["child"],
        referral=held["referral"],
        assessment=held["assessment"],
        conference=held["conference"],
        plan=held["plan"],
        school_year=held["school_year"],
        periods=care_periods(episodes),
        episodes=episodes_of_periods(episodes),
        calendar=calendar(),
    )


def check_tables(keys: Sequence[QuestionKey], tables: Mapping[str, Query]) -> None:
    """Refuse questions whose rows or outcomes no table of the source can give, all of them at once.

    Raises
    ------
    RecordsError
        A question needs a table that the source does not hold.
    """
    lacking = {key: [name for name in NEEDED[key] if name not in tables] for key in keys}
    mistakes = [
        Mistake(
            f"question {key}",
            f"the records hold no table of the kind {', '.join(names)}.",
            "Add a source that holds it, or leave the question out.",
        )
        for key, names in lacking.items()
        if names
    ]
    if mistakes:
        raise RecordsError(mistakes)


def _without_rows(table: CanonicalTable) -> Query:
    """Return a canonical table that has no rows."""
    nothing = ", ".join(
        f"CAST(NULL AS {'STRING' if column.type == 'VARCHAR' else column.type}) AS {column.name}"
        for column in table.columns
    )
    return Query(
        f"SELECT {nothing} FROM (SELECT 1 AS one) AS nobody WHERE one = 0", grain=table.grain, columns=table.names
    )
