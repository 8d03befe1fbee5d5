"""What a reader of a cohort should know of its records: counts of things that are kept but cast doubt."""

from whatworked.cohort.flow import Sifted
from whatworked.engine.sql import Query, literal

NOTES = {
    "no_action_without_closure": "no further action without a closure date: the day of the referral stands for it",
    "unborn_only": "persons known only by an expected date of birth: after birth they may go by another identifier",
    "unlinked_assessments": "assessments without a referral on or before their start",
    "unknown_start": "periods of care that began before the records: looked after, but no row",
    "gaps_in_care": "gaps within periods of care, which do not end them",
}


def notes(referrals: Sifted, people: Query, *, assessments: Sifted, periods: Query) -> Query:
    """One row a note: its name in `NOTES`, and the number of `rows` it is about."""
    counts = {
        "no_action_without_closure": _count(
            referrals.rows, "CASE WHEN reason = 0 AND status = 'no_action' AND closure_date IS NULL THEN 1 ELSE 0 END"
        ),
        "unborn_only": _count(people, "unborn"),
        "unlinked_assessments": _count(
            assessments.rows, "CASE WHEN reason = 0 AND linked_day IS NULL THEN 1 ELSE 0 END"
        ),
        "unknown_start": _count(periods, "CASE WHEN known_start = 0 THEN 1 ELSE 0 END"),
        "gaps_in_care": _count(periods, "gaps"),
    }
    parts = [f"SELECT {literal(name)} AS note, rows FROM ({count}) AS {name}" for name, count in counts.items()]
    return Query("\nUNION ALL\n".join(parts), grain="note", columns=("note", "rows"))


def _count(rows: Query, number: str) -> str:
    """Return the text of one row with the sum of a number over all rows."""
    return f"SELECT CAST(COALESCE(SUM({number}), 0) AS BIGINT) AS rows FROM {rows} AS counted"
