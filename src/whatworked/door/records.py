"""Open all records of a study: every question's data, and the series that may stand for an outcome."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from whatworked.cells import NotEstimated
from whatworked.cohort.choices import with_choices
from whatworked.cohort.definitions import Definitions, definitions
from whatworked.cohort.definitions import RuleSet as RuleSetName
from whatworked.cohort.extent import Extent
from whatworked.cohort.inputs import QuestionKey, check_tables
from whatworked.cohort.links import link_counts
from whatworked.door.events import ready_made
from whatworked.door.people import CovariateColumn
from whatworked.door.questions import ModelledCovariates, QuestionData, of_area_series, of_events
from whatworked.door.returns import Cohorts, Means, ReturnsQuestion, as_far_as_held, of_returns, prepared_cohorts
from whatworked.engine.interface import Engine, ParquetSource
from whatworked.engine.sql import Query
from whatworked.engine.store import Store, file_digest
from whatworked.errors import Mistake, RecordsError, UsageError
from whatworked.protocol.model import AreaSeries, Protocol, Question
from whatworked.protocol.outcomes import Cutoff, Definition, Redefine, SecondaryOutcome
from whatworked.protocol.variants import OtherRules
from whatworked.records.area_checks import check_events, check_series
from whatworked.records.area_series import AreaTable
from whatworked.records.area_store import registered, stored_query
from whatworked.records.located import Located
from whatworked.records.quality import QualityNote
from whatworked.records.returns import read_returns
from whatworked.records.sources import SourceRead, read_source
from whatworked.records.successors import joined_events, joined_tables
from whatworked.version import __version__

Progress = Callable[[str], None]
Otherwise = Redefine | Cutoff | SecondaryOutcome | OtherRules


@dataclass(frozen=True)
class Opened:
    """Every question's data by key, every series by the name of its records, and the keys of what was kept.

    `redefined` has the data of each variant that has rows of its own (another definition, another outcome, the other
    rule set), by the question's key and the variant's name; or why it has none.
    """

    questions: Mapping[str, QuestionData]
    redefined: Mapping[tuple[str, str], QuestionData | NotEstimated]
    series: Mapping[str, AreaTable]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Sources:
    """What was read: ready-made tables by name, and cohorts by the names of their returns."""

    tables: Mapping[str, SourceRead]
    cohorts: Mapping[tuple[str, ...], Cohorts]


def open_records(
    engine: Engine, protocol: Protocol, located: Located, *, store: Store | None, progress: Progress
) -> Opened:
    """Read all records of a study; with a store, what was read before is not read again."""
    tables: dict[str, SourceRead] = {}
    for name, table in protocol.tables.items():
        progress(f"records: {name}")
        path = located.tables[name]
        read = read_source(engine, store, name, table, path=path, study=protocol.study)
        events = None if read.events is None else joined_events(read.events, protocol.successors)
        tables[name] = read if events is None else replace(read, events=events, series=events.series)
    sources = _Sources(tables, _cohorts(engine, protocol, located, store=store, progress=progress))
    questions = {
        question.key: _question_data(engine, protocol, question, sources=sources) for question in protocol.question
    }
    data_of = partial(_question_data, engine, protocol, sources=sources, told=False)
    redefined = {
        (question.key, otherwise_named(variant)): _otherwise(data_of, question, variant, usual=questions[question.key])
        for question in protocol.question
        for variant in protocol.variants_of(question)
        if isinstance(variant, Redefine | Cutoff | SecondaryOutcome | OtherRules)
    }
    series = {name: read.series for name, read in tables.items()}
    return Opened(questions, redefined, series, tuple(read.key for read in tables.values()))


def _question_data(
    engine: Engine,
    protocol: Protocol,
    question: Question,
    *,
    sources: _Sources,
    rule_set: RuleSetName | None = None,
    told: bool = True,
) -> QuestionData:
    """Return the data of a question, made from returns by the study's rule set or by another one.

    What was left out of it and found in it is counted where it is to be `told`.
    """
    outcome, study = question.outcome, protocol.study
    model = ModelledCovariates(question.covariates, protocol.matching_of(question).coarsening)
    if outcome.kind != "given":
        source = " ".join(dict.fromkeys(protocol.returns[name].source for name in question.sources))
        first = min(pilot.start for pilot in protocol.areas.pilots)
        asked = ReturnsQuestion(outcome.kind, model, first, study.year_ends, source)
        base = definitions(rule_set or study.rule_set)
        defined = _defined(sources.cohorts[question.sources], outcome.kind, base=base, chosen=outcome)
        return of_returns(engine, defined, asked, told=told)
    table, read = protocol.tables[question.table], sources.tables[question.table]
    if isinstance(table, AreaSeries):
        return of_area_series(read.series, table, check_series(engine, read.series))
    assert read.events is not None
    last = study.data_end or read.series.periods[-1].end
    described = table.columns.covariates
    covariates = tuple(CovariateColumn(name, f"x_{name}", described[name].kind == "number") for name in model.names)
    events = ready_made(read.events, window=outcome.window_days, last=last, covariates=covariates)
    checked = check_events(engine, read.events)
    return of_events(engine, events, unit=table.unit, source=table.source, model=model, checked=checked)


def otherwise_named(variant: Otherwise) -> str:
    """Return the name of a variant that has rows of its own."""
    return variant.called if isinstance(variant, OtherRules) else variant.name


def _otherwise(
    data_of: Callable[..., QuestionData], question: Question, variant: Otherwise, *, usual: QuestionData
) -> QuestionData | NotEstimated:
    """Return the data of a question under another definition; that it leaves no event is a result."""
    if question.outcome.kind == "given":
        return usual  # an outcome of the records is what it is under either rule set
    try:
        match variant:
            case OtherRules(rule_set=name):
                return data_of(question, rule_set=name)
            case SecondaryOutcome(outcome=other):
                return data_of(question.model_copy(update={"outcome": other}))
            case Redefine() | Cutoff():
                return data_of(question.model_copy(update={"outcome": question.outcome.under(variant.definition)}))
    except RecordsError as problem:
        return NotEstimated("; ".join(mistake.found for mistake in problem.mistakes))


def _defined(cohorts: Cohorts, kind: QuestionKey, *, base: Definitions, chosen: Definition) -> Cohorts:
    """Return cohorts by a rule set and what a question chooses over it; persons and referral events are the same."""
    means = with_choices(as_far_as_held(base, cohorts.returns), kind, chosen)
    return replace(cohorts, prepared=replace(cohorts.prepared, definitions=means))


def _cohorts(
    engine: Engine, protocol: Protocol, located: Located, *, store: Store | None, progress: Progress
) -> dict[tuple[str, ...], Cohorts]:
    """Return the cohorts of every set of returns that a question asks for."""
    asked = list(dict.fromkeys(q.sources for q in protocol.question if q.outcome.kind != "given"))
    if asked and store is None:
        found = "returns are worked on through files, and a given engine keeps none."
        raise UsageError(Mistake("engine", found, "Leave it out."))
    made = {}
    for names in asked:
        assert store is not None
        progress(f"records: {', '.join(names)}")
        kept = _Kept(engine, store, names, protocol.digest, _digests(located, names))
        sources = {name: protocol.returns[name] for name in names}
        read = read_returns(engine, sources, folders=located.folders, to=kept.folder, keep=kept)
        returns = replace(read, tables=joined_tables(read.tables, protocol.successors))
        check_tables(_kinds(protocol, names), returns.tables)
        first, last = protocol.study.data_start, protocol.study.data_end
        assert first is not None
        assert last is not None
        rules = definitions(protocol.study.rule_set)
        cohorts = prepared_cohorts(
            engine,
            returns,
            means=Means(
                Extent(first, last),
                rules,
                [(holiday.start, holiday.end) for holiday in protocol.study.school_holidays],
                protocol.study.link,
            ),
            keep=kept,
        )
        made[names] = replace(cohorts, returns=replace(returns, notes=(*returns.notes, *_link_notes(engine, cohorts))))
    return made


def _kinds(protocol: Protocol, names: tuple[str, ...]) -> list[QuestionKey]:
    """Return the kinds of outcome that are made from a set of returns, those beside a question's own with them."""
    kinds: list[QuestionKey] = []
    for question in (one for one in protocol.question if one.sources == names):
        beside = [one.outcome for one in protocol.variants_of(question) if isinstance(one, SecondaryOutcome)]
        kinds += [outcome.kind for outcome in (question.outcome, *beside) if outcome.kind != "given"]
    return list(dict.fromkeys(kinds))


def _link_notes(engine: Engine, cohorts: Cohorts) -> tuple[QualityNote, ...]:
    """Return how many children are followed into other areas, and how many identifiers leave it in doubt who moved."""
    prepared = cohorts.prepared
    if prepared.links is None:
        return ()
    found = engine.collect(link_counts(prepared.records.child, prepared.links))
    return (
        QualityNote("children known to another area by their pupil identifier", int(found["followed"][0]), "followed"),
        QualityNote(
            "pupil identifiers of several children of an area, or of a child with several",
            int(found["ambiguous"][0]),
            "not followed into other areas",
        ),
    )


def _digests(located: Located, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        file_digest(path)
        for name in names
        for path in sorted(entry for entry in located.folders[name].rglob("*") if entry.is_file())
    )


@dataclass(frozen=True)
class _Kept:
    """Writes a step to an artefact, once, and returns the query that reads it."""

    engine: Engine
    store: Store
    names: tuple[str, ...]
    protocol: str
    inputs: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """A folder for text tables."""
        return self.store.folder / "texts"

    def __call__(self, name: str, query: Query) -> Query:
        """Keep a step under its name and its text: the same name stands for other groups in another analysis."""
        step = f"{'_'.join(self.names)}_{name}"
        key = self.store.key(step, code=__version__, fragment=[self.protocol, query.text], inputs=self.inputs)
        table = f"kept_{name}_{key[:16]}"
        if not (self.store.has(key) and registered(self.engine, table, self.store.path(key))):
            self.engine.materialise(query, to=self.store.path(key))
            self.engine.register(table, ParquetSource(self.store.path(key)))
        return stored_query(table, grain=query.grain, columns=query.columns)
