"""When an event happened against the dates of its matched group: baseline, settling-in or post.

Comparators take their pilot's dates. An event of an area that serves several matched groups is a row of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from whatworked.cohort.days import day_number, full_years, number_of
from whatworked.cohort.definitions import Since
from whatworked.cohort.flow import Sifted, first_reason, listed
from whatworked.engine.sql import Query, literal

NO_GROUP = "the area is in no matched group"
CENSORED = "the outcome's window reaches the end of the data"
SETTLING_IN = "neither before the start nor after the settling-in"


def timed(events: Sifted, groups: Query, *, end: date, since: Since) -> Sifted:
    """One row an event and matched group of its area, with `pilot`, `post` and `since`; what stays has a phase.

    Parameters
    ----------
    events : a question's events; what they left out already is not in the result
    groups : one row a `matched_group` and `area`: `pilot` (1 or 0), `start`, `embedded` (NULL without a settling-in)
    end : the day that every outcome's window must end before
    since : how years since the intervention are counted
    """
    carried = events.kept.columns
    start, embedded = day_number("matched.start"), day_number("matched.embedded")
    rules = (
        (NO_GROUP, "matched_group IS NULL"),
        (CENSORED, f"known_day >= {number_of(end)}"),
        (SETTLING_IN, "post IS NULL"),
    )
    joined = f"""
        SELECT {listed(carried, of="events")}, matched.matched_group AS matched_group, matched.pilot AS pilot,
               {start} AS start_day, COALESCE({embedded}, {start}) AS from_day,
               CASE WHEN events.before_day < {start} THEN 0 WHEN events.after_day > {embedded} THEN 1
                    WHEN matched.embedded IS NULL AND events.after_day >= {start} THEN 1 END AS post
        FROM {events.kept} AS events
        LEFT JOIN {groups} AS matched ON matched.area = events.area
        """
    before = "before_day - start_day" if since.baseline == "window" else f"{day_number('event_date')} - start_day"
    columns = (*carried, "matched_group", "pilot", "post", "since", "reason")
    rows = Query(
        f"""
        SELECT {listed(carried)}, matched_group, pilot, CAST(post AS INTEGER) AS post,
               CASE WHEN post = 1 THEN {full_years(f"{day_number('event_date')} - from_day")}
                    WHEN post = 0 THEN {full_years(before)} + {since.added} END AS since,
               {first_reason(rules)} AS reason
        FROM ({joined}) AS joined
        """,
        grain="event and matched group",
        columns=columns,
    )
    return Sifted(rows, tuple(rule for rule, _ in rules))


@dataclass(frozen=True, slots=True)
class GroupArea:
    """An area in a matched group: the pilot itself or a comparator, with the pilot's dates."""

    matched_group: str
    area: str
    pilot: bool
    start: date
    embedded: date | None = None


def group_table(areas: Sequence[GroupArea]) -> Query:
    """One row a matched group and area, as `timed` reads it."""
    parts = [
        f"SELECT {literal(one.matched_group)} AS matched_group, {literal(one.area)} AS area, "
        f"{int(one.pilot)} AS pilot, {literal(one.start)} AS start, CAST({literal(one.embedded)} AS DATE) AS embedded"
        for one in areas
    ]
    columns = ("matched_group", "area", "pilot", "start", "embedded")
    return Query("\nUNION ALL\n".join(parts), grain="matched group and area", columns=columns)
