"""Where covariates of areas contradict themselves, or the questions that name them."""

from collections.abc import Iterator

from whatworked.errors import Mistake, known
from whatworked.protocol.check_records import calendar_mistakes, label_mistakes, list_mistakes
from whatworked.protocol.contexts import AreaCovariate, AreaCovariates
from whatworked.protocol.model import Protocol, Question
from whatworked.protocol.places import key_path, question_places, quoted
from whatworked.protocol.stretches import CalendarPeriods


def context_contradictions(protocol: Protocol) -> Iterator[Mistake]:
    """Yield what is wrong with tables of covariates and with the names that questions give."""
    seen: dict[str, str] = {}
    for name, table in protocol.contexts.items():
        where = f"records.{name}"
        if isinstance(table.period, CalendarPeriods):
            yield from calendar_mistakes(f"{where}.period", table.period)
        else:
            yield from list_mistakes(f"{where}.period", table.period)
        for key, covariate in table.covariates.items():
            here = f"{where}.covariates.{key}"
            if (of := seen.setdefault(key, where)) != where:
                yield Mistake(here, f"{quoted(key)} is a covariate of {of} too.", "Give every covariate its own name.")
            yield from _covariate(here, covariate, table)
    places = question_places(question.key for question in protocol.question)
    for where, question in zip(places, protocol.question, strict=True):
        yield from _named(f"{where}.area_covariates", question, protocol)


def _covariate(where: str, covariate: AreaCovariate, table: AreaCovariates) -> Iterator[Mistake]:
    """Yield what is wrong with where a covariate's values stand."""
    if (covariate.column is None) == (not covariate.wide):
        found = "names no column." if covariate.column is None else "gives both `column` and `wide`."
        yield Mistake(where, found, "Give `column`, or `wide` for a table with a column for each period.")
    elif covariate.column is not None and table.columns.period is None:
        advice = "Name the column of the period in `columns`, or give `wide` for a table with a column for each period."
        yield Mistake(f"{where}.column", "the table has no columns.period.", advice)
    seen: dict[str, str] = {}
    for label, column in covariate.wide.items():
        here = f"{where}.{key_path(('wide', label))}"
        if (of := seen.setdefault(column, label)) != label:
            yield Mistake(here, f"{quoted(column)} is the column of {quoted(of)} too.", "Mend one of the two.")
        yield from label_mistakes(here, label, table.period)


def _named(where: str, question: Question, protocol: Protocol) -> Iterator[Mistake]:
    """Yield covariates that a question names and that nothing holds, or that have other periods than its outcome."""
    tables = {key: name for name, table in protocol.contexts.items() for key in table.covariates}
    seen: dict[str, int] = {}
    for place, key in enumerate(question.area_covariates):
        here = f"{where}[{place}]"
        if (of := seen.setdefault(key, place)) != place:
            yield Mistake(here, f"{quoted(key)} stands at place {of} already.", "Keep one of the two.")
        elif key not in tables:
            yield Mistake(here, f"no covariate of areas is called {quoted(key)}.", known(tables, key))
        elif not _same_periods(question, protocol.contexts[tables[key]], protocol):
            found = f"records.{tables[key]} has other periods than the outcome."
            yield Mistake(here, found, "Give both the same `period`; for returns, years that end on study.year_ends.")


def _same_periods(question: Question, context: AreaCovariates, protocol: Protocol) -> bool:
    """Whether covariates have the periods of a question's outcome; of unknown records other mistakes tell."""
    if question.outcome.kind != "given":
        return context.period == CalendarPeriods(kind="year", ends=protocol.study.year_ends)
    table = protocol.tables.get(question.table)
    return table is None or table.period == context.period
