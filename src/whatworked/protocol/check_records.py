"""Where one table of records contradicts itself."""

from collections.abc import Iterator

from whatworked.errors import Mistake, known
from whatworked.protocol.model import AreaSeries
from whatworked.protocol.people import Events
from whatworked.protocol.periods import GIVE_ITS_END, calendar_period, month_and_day
from whatworked.protocol.places import key_path, quoted
from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod

_CALENDAR_YEAR = "12-31"
_ROWS_FOR_NUMERATORS = "Leave it out, or give a table with a row for each area and period in place of `wide`."
_LABEL_FORMS = {
    "year": 'Years are "2017" or, unless they end on 31 December, "2016-17".',
    "quarter": 'Quarters are "2011Q3".',
    "month": 'Months are "2011-07".',
}


def records_contradictions(where: str, table: AreaSeries | Events) -> Iterator[Mistake]:
    """Yield what is wrong with a table of records, whose place in the protocol is `where`."""
    if isinstance(table, Events):
        yield from calendar_mistakes(f"{where}.period", table.period)
        return
    if table.wide:
        yield from _wide(where, table)
    else:
        yield from _long(where, table)
    if isinstance(table.period, CalendarPeriods):
        yield from calendar_mistakes(f"{where}.period", table.period)
    else:
        yield from list_mistakes(f"{where}.period", table.period)
    if not table.published and table.columns.numerator is None:
        found = "the figures are not said to be published and there is no count of people behind them."
        advice = (
            "Small numbers could not be guarded: give columns.numerator, or say published = true if the file holds "
            "released statistics."
        )
        yield Mistake(f"{where}.published", found, advice)


def calendar_mistakes(where: str, period: CalendarPeriods) -> Iterator[Mistake]:
    """Yield what is wrong with periods of the calendar."""
    if month_and_day(period.ends) is None:
        found = f"{quoted(period.ends)} is no day of every year."
        yield Mistake(f"{where}.ends", found, 'Give month and day, such as "03-31" ("02-28" for the end of February).')
    elif period.kind != "year" and period.ends != _CALENDAR_YEAR:
        advice = 'Leave it out, or give kind = "year".'
        yield Mistake(f"{where}.ends", f'is for years only, and the kind is "{period.kind}".', advice)


def list_mistakes(where: str, listed: tuple[ListedPeriod, ...]) -> Iterator[Mistake]:
    """Yield what is wrong with a list of periods."""
    if not listed:
        yield Mistake(where, "is an empty list.", "List the periods as { label, start }.")
    seen: dict[str, int] = {}
    for index, period in enumerate(listed):
        here = f"{where}[{index}]"
        if (of := seen.setdefault(period.label, index)) != index:
            yield Mistake(
                f"{here}.label", f"{quoted(period.label)} is the label of period[{of}] too.", "Mend one of them."
            )
        if index and period.start <= listed[index - 1].start:
            found = f"{period.start} is not after the start of the period before it, {listed[index - 1].start}."
            yield Mistake(f"{here}.start", found, "List the periods in order of time, without repeating one.")
        yield from _end_mistakes(here, listed, index=index)


def _end_mistakes(here: str, listed: tuple[ListedPeriod, ...], *, index: int) -> Iterator[Mistake]:
    """Yield what is wrong with the end of one period of a list."""
    period = listed[index]
    following = listed[index + 1] if index + 1 < len(listed) else None
    if period.end is None:
        if len(listed) == 1:
            yield Mistake(f"{here}.end", "is missing, and a single period does not tell how long it is.", GIVE_ITS_END)
    elif period.end < period.start:
        yield Mistake(
            f"{here}.end", f"{period.end} is before the start, {period.start}.", "Give the period's last day."
        )
    elif following is not None and period.start < following.start <= period.end:
        found = f"{period.end} is not before the start of the next period, {following.start}."
        yield Mistake(f"{here}.end", found, "Periods may not overlap. Without an end, the next one follows on.")


def _long(where: str, table: AreaSeries) -> Iterator[Mistake]:
    """Yield the columns that a table with a row for each area and period lacks."""
    for key, column in (("period", table.columns.period), ("value", table.columns.value)):
        if column is None:
            advice = f"Name the column of the {key}, or give `wide` for a table with a column for each period."
            yield Mistake(f"{where}.columns.{key}", "is missing.", advice)


def _wide(where: str, table: AreaSeries) -> Iterator[Mistake]:
    """Yield what does not go with a table that has a column for each period."""
    if table.columns.numerator is not None:
        found = "one column cannot hold the people behind the figures of every period."
        yield Mistake(f"{where}.columns.numerator", found, _ROWS_FOR_NUMERATORS)
    for key in ("period", "value"):
        if getattr(table.columns, key) is not None:
            found = "is given beside `wide`, where each period has a column of its own."
            yield Mistake(f"{where}.columns.{key}", found, "Leave one of the two out.")
    seen: dict[str, str] = {}
    for label, column in table.wide.items():
        here = f"{where}.{key_path(('wide', label))}"
        if (of := seen.setdefault(column, label)) != label:
            yield Mistake(here, f"{quoted(column)} is the column of {quoted(of)} too.", "Mend one of the two.")
        yield from label_mistakes(here, label, table.period)


def label_mistakes(where: str, label: str, period: CalendarPeriods | tuple[ListedPeriod, ...]) -> Iterator[Mistake]:
    """Yield that a label names no period, if it names none."""
    if not isinstance(period, CalendarPeriods):
        labels = [entry.label for entry in period]
        if label not in labels:
            yield Mistake(where, f"{quoted(label)} is none of the listed periods.", known(labels, label))
    elif month_and_day(period.ends) is not None and calendar_period(period.kind, period.ends, label) is None:
        yield Mistake(where, f'{quoted(label)} is no label of kind "{period.kind}".', _LABEL_FORMS[period.kind])
