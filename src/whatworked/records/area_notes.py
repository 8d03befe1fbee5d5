"""What was found in the figures of areas by periods: texts that are no numbers, marks, gaps, areas that come and go."""

from collections import Counter
from collections.abc import Iterator, Sequence

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake
from whatworked.protocol.model import AreaSeries
from whatworked.records.area_rows import NUMBERS
from whatworked.records.numbers import MARKS, PROBLEMS
from whatworked.records.quality import QualityNote, counted, named
from whatworked.vocabulary import Period

ADVICE = {
    "comma": "Write numbers without thousands separators and with a decimal point.",
    "percent": "Write percentages as plain numbers.",
    "currency": "Write amounts as plain numbers.",
    "letters": f"Marks for a missing number: {', '.join(list(MARKS)[:-2])}, each also in brackets, or nothing at all.",
    "negative": "A count or a population is never below nought: check `columns`.",
    "fraction": "The numerator counts people or events: check `columns.numerator`.",
}
HANDLED = {
    "value": "missing: in no figure",
    "numerator": "number of people not known",
    "denominator": "denominator not known",
}


def figure_mistakes(
    engine: Engine, figures: Query, *, series: AreaSeries, periods: Sequence[Period], file: str
) -> tuple[Mistake, ...]:
    """Return the columns that hold something else than numbers and marks: how often, what it looks like, when."""
    found = engine.collect(_kinds(figures))
    mistakes = []
    for column in NUMBERS:
        kinds: Counter[str] = Counter()
        when: Counter[int] = Counter()
        for kind, period, n in zip(found[f"{column}_kind"], found["period"], found["rows"], strict=True):
            if kind in PROBLEMS:
                kinds[kind] += int(n)
                when[int(period)] += int(n)
        if kinds:
            looks = ", ".join(f"{kinds[kind]:,} {words}" for kind, words in PROBLEMS.items() if kinds[kind])
            labels = [period.label for period in periods if when[period.index]]
            advice = " ".join(text for kind, text in ADVICE.items() if kinds[kind])
            mapped = getattr(series.columns, column)
            where = f"{file}, {f'column {mapped}' if mapped else 'the columns of `wide`'}"
            words = f"{counted(kinds.total(), 'value')} that cannot be used: {looks}; in {named(labels)}."
            mistakes.append(Mistake(where, words, advice or "Look at these rows in the file."))
    return tuple(mistakes)


def mark_notes(engine: Engine, figures: Query, series: AreaSeries) -> tuple[QualityNote, ...]:
    """Return how often each mark stands in place of a number, for every column that the protocol names."""
    found = engine.collect(_kinds(figures))
    notes = []
    for column in NUMBERS:
        if column == "value" or getattr(series.columns, column) is not None:
            kinds: Counter[str] = Counter()
            for kind, n in zip(found[f"{column}_kind"], found["area_periods"], strict=True):
                kinds[kind] += int(n)
            notes += [
                QualityNote(f"{column} {_said(mark)} ({meaning})", kinds[mark], HANDLED[column])
                for mark, meaning in MARKS.items()
                if kinds[mark]
            ]
    return tuple(notes)


def period_notes(engine: Engine, rows: Query, periods: Sequence[Period]) -> tuple[QualityNote, ...]:
    """Return the periods in which not one area has a value."""
    text = f"SELECT period, COUNT(*) AS rows, COUNT(value) AS given FROM {rows} AS series GROUP BY period"
    found = engine.collect(Query(text, grain="period", columns=("period", "rows", "given")))
    label = {period.index: period.label for period in periods}
    return tuple(
        QualityNote(f"areas in {label[int(period)]}, where no area has a value", int(n), HANDLED["value"])
        for period, n, given in zip(found["period"], found["rows"], found["given"], strict=True)
        if not given
    )


def span_notes(engine: Engine, rows: Query, periods: Sequence[Period]) -> tuple[QualityNote, ...]:
    """Return how many areas come, go, pause or never have a value inside the study's time."""
    first, last = periods[0], periods[-1]
    found = engine.collect(_spans(rows, first.index, last.index))
    return tuple(_span_notes({name: int(n.sum()) for name, n in found.items()}, first.label, last.label))


def _span_notes(found: dict[str, int], first: str, last: str) -> Iterator[QualityNote]:
    """Yield the notes of areas whose rows do not cover the study's time."""
    not_guessed = "kept as they are: a change of codes is not guessed"
    said = {
        "late": (f"areas that appear after {first}", not_guessed),
        "early": (f"areas that vanish before {last}", not_guessed),
        "pausing": ("areas without a row for a period in between", "missing in these periods"),
        "valueless": ("areas without a single value", HANDLED["value"]),
    }
    for name, (what, handled) in said.items():
        if found[name]:
            yield QualityNote(what, found[name], handled)


def _said(mark: str) -> str:
    """Return how a note speaks of a mark."""
    return {"blank": "left blank", "nan": "NaN"}.get(mark, f"marked {mark}")


def _kinds(figures: Query) -> Query:
    """One row a period and what its figures hold in place of numbers: how many rows of the file, and areas."""
    columns = ("period", *(f"{column}_kind" for column in NUMBERS))
    return Query(
        f"""
        SELECT {", ".join(columns)}, CAST(SUM(copies) AS BIGINT) AS rows, COUNT(*) AS area_periods
        FROM {figures} AS distinct_rows
        GROUP BY {", ".join(columns)}
        """,
        grain="period and what its figures hold",
        columns=(*columns, "rows", "area_periods"),
    )


def _spans(rows: Query, first: int, last: int) -> Query:
    """One row: how many areas begin late, end early, pause, and never have a value."""
    return Query(
        f"""
        SELECT COUNT(CASE WHEN begins > {first} THEN 1 END) AS late,
               COUNT(CASE WHEN ends < {last} THEN 1 END) AS early,
               COUNT(CASE WHEN ends - begins + 1 > rows THEN 1 END) AS pausing,
               COUNT(CASE WHEN given = 0 THEN 1 END) AS valueless
        FROM (
          SELECT area, MIN(period) AS begins, MAX(period) AS ends, COUNT(*) AS rows, COUNT(value) AS given
          FROM {rows} AS series
          GROUP BY area
        ) AS areas
        """,
        grain="file",
        columns=("late", "early", "pausing", "valueless"),
    )
