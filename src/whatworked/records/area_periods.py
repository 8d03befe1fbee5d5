"""Which periods a file has, which of them the study uses, and where the calendar has a gap."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.protocol.model import AreaSeries, Study
from whatworked.protocol.periods import calendar_periods, listed_periods, periods_of_labels
from whatworked.protocol.stretches import CalendarPeriods
from whatworked.records.quality import Step, counted, named
from whatworked.vocabulary import Period

Gaps = Literal["refused", "allowed"]

LABELS = 10_000
QUOTED = 5

# Only what has the length and the characters of a year, quarter or month is repeated: a mapping to the wrong
# column might otherwise put names or dates of birth into a message.
LOOKS_LIKE_A_PERIOD = re.compile(r"[0-9Q/ .-]{4,7}", re.I)


@dataclass(frozen=True, slots=True)
class FilePeriods:
    """The periods of a file inside the study's time.

    `indices` gives the index of each label that is used; `periods` are in order; `steps` and `mistakes` are
    what was counted and found on the way.
    """

    indices: Mapping[str, int]
    periods: tuple[Period, ...]
    steps: tuple[Step, ...]
    mistakes: tuple[Mistake, ...]


def periods_of_file(
    engine: Engine, rows: Query, *, series: AreaSeries, study: Study, file: str, gaps: Gaps = "refused"
) -> FilePeriods:
    """Return the periods of the rows that are kept; periods without any row are a mistake where gaps are refused.

    Raises
    ------
    RecordsError
        No row lies in a period of the study's time, so that nothing else can be looked at.
    """
    where = f"{file}, {'`wide`' if series.wide else f'column {series.columns.period}'}"
    counts, blank = _labels(engine, rows, where)
    understood, unknown = periods_of_labels(series.period, counts)
    used = {label: period for label, period in understood.items() if _inside(period, study)}
    periods = tuple(sorted(set(used.values())))
    mistakes = list(_label_mistakes(counts, unknown, blank=blank, where=where))
    if not mistakes and gaps == "refused":
        mistakes += _gap_mistakes(series, periods, study=study, where=where)
    if not used:
        found = "no row lies in the time of the study."
        advice = "Check `period`, study.data_start and study.data_end."
        raise RecordsError([*mistakes, Mistake(where, found, advice)])
    n = sum(counts.values())
    steps = [Step("periods", "a row for each period in place of a column", n)] if series.wide else []
    if study.data_start is not None or study.data_end is not None:
        inside = sum(counts[label] for label in used)
        steps.append(Step("time", f"periods {_time(study)}", inside, n - inside))
    indices = {label: period.index for label, period in used.items()}
    return FilePeriods(indices, periods, tuple(steps), tuple(mistakes))


def _labels(engine: Engine, rows: Query, where: str) -> tuple[dict[str, int], int]:
    """Return the number of rows under each label, and of rows without one."""
    text = f"SELECT COUNT(DISTINCT label) AS labels FROM {rows} AS kept_rows"
    labels = int(engine.collect(Query(text, grain="file", columns=("labels",)))["labels"].sum())
    if labels > LABELS:
        found = f"more than {LABELS:,} different labels, too many to be periods."
        raise RecordsError(Mistake(where, found, "Check `columns.period`."))
    text = f"SELECT label, COUNT(*) AS rows FROM {rows} AS kept_rows GROUP BY label"
    found_labels = engine.collect(Query(text, grain="label", columns=("label", "rows")))
    counts = dict(zip(found_labels["label"].tolist(), found_labels["rows"].tolist(), strict=True))
    return {label: n for label, n in counts.items() if label is not None}, counts.get(None, 0)


def _inside(period: Period, study: Study) -> bool:
    """Return whether a period lies wholly in the time of the study."""
    after_start = study.data_start is None or period.start >= study.data_start
    return after_start and (study.data_end is None or period.end <= study.data_end)


def _label_mistakes(counts: Mapping[str, int], unknown: Sequence[str], *, blank: int, where: str) -> Iterator[Mistake]:
    """Yield the rows whose label stands for no period."""
    if blank:
        yield Mistake(where, f"{counted(blank, 'row')} without a period.", "Fill them in, or leave them out by `keep`.")
    if unknown:
        shown = [label for label in unknown if LOOKS_LIKE_A_PERIOD.fullmatch(label)]
        quotes = f", such as {named(shown, most=QUOTED)}" if shown else ""
        found = (
            f"{counted(len(unknown), 'label')} that {'stand' if len(unknown) > 1 else 'stands'} for no period, "
            f"in {counted(sum(counts[label] for label in unknown), 'row')}{quotes}."
        )
        yield Mistake(where, found, "Check `period` against the file, or leave the rows out by `keep`.")


def _gap_mistakes(series: AreaSeries, periods: Sequence[Period], *, study: Study, where: str) -> Iterator[Mistake]:
    """Yield the periods for which the file has no row at all."""
    if not periods:
        return
    if isinstance(series.period, CalendarPeriods):
        kind: str = series.period.kind
        expected = calendar_periods(series.period.kind, series.period.ends, periods[0].start, periods[-1].end)
    else:
        kind = "period"
        expected = tuple(period for period in listed_periods(series.period) if _inside(period, study))
    there = {period.start for period in periods}
    gaps = [period.label for period in expected if period.start not in there]
    if gaps:
        found = f"a {kind} with no data: {gaps[0]}." if len(gaps) == 1 else f"{kind}s with no data: {named(gaps)}."
        advice = "Add the rows, move study.data_start or study.data_end, or list the periods there are in `period`."
        yield Mistake(where, found, advice)


def _time(study: Study) -> str:
    """Return the time of the study in words."""
    start = f"from {study.data_start}" if study.data_start is not None else ""
    end = f"up to {study.data_end}" if study.data_end is not None else ""
    return " ".join(part for part in (start, end) if part)
