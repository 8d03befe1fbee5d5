"""Days on which referrals are of elevated risk: just after a bank holiday, and just before a school holiday."""

from collections.abc import Sequence
from datetime import date, timedelta

from whatworked.cohort.days import number_of
from whatworked.records.calendar import FIRST, LAST, bank_holidays

DAYS_BEFORE = 5

# First and last day of a school holiday.
Holiday = tuple[date, date]


def elevated_risk(day: str, school_holidays: Sequence[Holiday]) -> str:
    """Return the expression of the level: `yes`, `no`, or `missing` where the school holidays are not known.

    A day is of elevated risk if it follows a bank holiday, or is one of the five days before a school holiday. The
    holidays are known from the fifth day before the first to the last day of the last one, inside the years of the
    table of bank holidays.

    Parameters
    ----------
    day : expression of a day number, NULL where it is not known
    school_holidays : the study's, or none; the list is taken to be complete from its first to its last

    Source
    ------
    The evaluation that this generalises flags referrals in this way. Proof: tests/cohort/test_elevated_risk.py
    """
    if not school_holidays:
        return "'missing'"
    one = timedelta(days=1)
    first = max(min(start for start, _ in school_holidays) - DAYS_BEFORE * one, FIRST + one)
    last = min(max(end for _, end in school_holidays), LAST)
    flagged = {holiday + one for holiday in bank_holidays()}
    flagged |= {start - back * one for start, _ in school_holidays for back in range(1, DAYS_BEFORE + 1)}
    listed = ", ".join(str(number_of(one_day)) for one_day in sorted(flagged) if first <= one_day <= last)
    return (
        f"CASE WHEN {day} >= {number_of(first)} AND {day} <= {number_of(last)} "
        f"THEN CASE WHEN {day} IN ({listed}) THEN 'yes' ELSE 'no' END ELSE 'missing' END"
    )
