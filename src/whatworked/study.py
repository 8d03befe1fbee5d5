"""The method on one page: a protocol goes in, findings and what may leave come out.

records     every file the protocol names is read, its rows counted, its marks kept apart
areas       comparators are chosen by trend, on baseline periods alone, and written down
outcomes    only then are outcomes after the start read
analyses    the main one, the trend tests, the variants, every method of inference side by side
decisions   by rule, with their reasons
findings    exact numbers, for those inside
release     the gate, then the report, the tables and the figures
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from whatworked.disclosure.profile import limits
from whatworked.door.cells import AreaRows, area_rows, matched_cells
from whatworked.door.events import QuestionEvents, event_cells, event_use, ready_made
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import Engine
from whatworked.engine.store import Json, Store
from whatworked.errors import Mistake, ProtocolError, RecordsError
from whatworked.estimation.statistics import Cells
from whatworked.findings.assemble import RecordsRead, question_findings
from whatworked.findings.model import Findings, FlowStep, QualityRow, StudyFacts
from whatworked.matching.groups import (
    MatchedGroup,
    Matches,
    baseline_of,
    match_areas_by_trend,
    override,
    read_match_file,
)
from whatworked.matching.series import baseline_panel
from whatworked.matching.trends import LEAST_PERIODS, Panel
from whatworked.protocol.model import Matching, Protocol, Question, Rematch
from whatworked.records.area_series import AreaTable, areas_in
from whatworked.records.events import EventTable
from whatworked.records.files import locate
from whatworked.records.sources import read_source
from whatworked.run_folder import RunFolder, refusals_named
from whatworked.strands.impact import Plan, evaluate
from whatworked.strands.variants import Readings
from whatworked.version import __version__
from whatworked.vocabulary import Period, Phase, phase_of

DAYS_A_YEAR = 365.25

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Prepared:
    """A study whose records are read and whose areas are matched, before any outcome after the start is read."""

    protocol: Protocol
    paths: Mapping[str, Path]
    tables: Mapping[str, AreaTable]
    events: Mapping[str, EventTable]
    matches: Mapping[str, Matches]
    rematched: Mapping[tuple[str, str], Matches]


def prepare(
    protocol: Protocol, engine: Engine, *, store: Store | None, data: Path | None = None, progress: Progress = _silent
) -> Prepared:
    """Read the records and choose the comparators of every question, on baseline periods alone.

    With a store, what was read is kept there, and the choice is written down before anything else is read.
    """
    paths, match_files = find_records(protocol, data), find_match_files(protocol, data)
    tables: dict[str, AreaTable] = {}
    events: dict[str, EventTable] = {}
    keys: dict[str, str] = {}
    for name, series in protocol.records.items():
        progress(f"records: {name}")
        read = read_source(engine, store, name, series, path=paths[name], study=protocol.study)
        tables[name], keys[name] = read.series, read.key
        if read.events is not None:
            events[name] = read.events
    matches: dict[str, Matches] = {}
    rematched: dict[tuple[str, str], Matches] = {}
    for question in protocol.question:
        progress(f"areas: {question.key}")
        matches[question.key] = _match(protocol, question, protocol.matching_of(question), engine, tables, match_files)
        for variant in protocol.variants_of(question):
            if isinstance(variant, Rematch):
                rules = variant.matching.over(protocol.matching_of(question))
                rematched[question.key, variant.name] = _match(protocol, question, rules, engine, tables, match_files)
    if store is not None:
        key = store.key("areas", code=__version__, fragment=protocol.digest, inputs=keys.values())
        store.save_json(key, {question: _pairs(found) for question, found in matches.items()})
    return Prepared(protocol, paths, tables, events, matches, rematched)


def _pairs(matches: Matches) -> Json:
    return {group.pilot.area: list(group.comparators) for group in matches.groups}


def find_records(protocol: Protocol, data: Path | None) -> dict[str, Path]:
    """Locate every table of records, all that cannot be found or opened in one error."""
    paths: dict[str, Path] = {}
    mistakes: list[Mistake] = []
    for name, series in protocol.records.items():
        where = f"records.{name}.path"
        try:
            paths[name] = locate(series.path, folder=protocol.folder, data=data, where=where)
            with paths[name].open("rb"):
                pass
        except RecordsError as problem:
            mistakes += problem.mistakes
        except OSError as problem:
            found = f"{paths[name].name} cannot be opened: {problem.strerror}."
            mistakes.append(Mistake(where, found, "Check the permissions of the file."))
    if mistakes:
        raise RecordsError(mistakes)
    return paths


MatchFiles = Mapping[str, tuple[str, Path]]


def find_match_files(protocol: Protocol, data: Path | None) -> MatchFiles:
    """Locate every match file: the path that the protocol writes → the first key that names it, and the file."""
    named = [("matching", protocol.matching.match_file)]
    named += [(f"question[{question.key}].matching", question.matching.match_file) for question in protocol.question]
    named += [
        (f"variant[{i}].matching", variant.matching.match_file)
        for i, variant in enumerate(protocol.variant)
        if isinstance(variant, Rematch)
    ]
    found: dict[str, tuple[str, Path]] = {}
    for table, path in named:
        if path is not None and path not in found:
            where = f"{table}.match_file"
            found[path] = where, locate(path, folder=protocol.folder, data=data, where=where)
    return found


def _match(
    protocol: Protocol,
    question: Question,
    matching: Matching,
    engine: Engine,
    tables: Mapping[str, AreaTable],
    match_files: MatchFiles,
) -> Matches:
    table = tables[matching.proxy or question.records]
    # An event near the start says something of the time after it: its outcome falls within the window.
    window = timedelta(days=question.outcome.window_days)
    pilots = [pilot.model_copy(update={"start": pilot.start - window}) for pilot in protocol.areas.pilots]
    panel = baseline_panel(engine, table, pilots)
    _check_series(protocol, question, panel, tables)
    barred = {pilot.area: "it is a pilot" for pilot in pilots} | protocol.excluded()
    found = match_areas_by_trend(panel, pilots, periods=table.periods, barred=barred, matching=matching)
    if matching.match_file is not None:
        where, path = match_files[matching.match_file]
        pairs = read_match_file(path, where=where, pilots=pilots, areas=panel.areas, barred=barred)
        found = override(found, pairs, pilots)
    return found.dated(protocol.areas.pilots)


def _check_series(protocol: Protocol, question: Question, panel: Panel, tables: Mapping[str, AreaTable]) -> None:
    """Refuse what only the records can show: pilots without a series, too few periods before or none after."""
    table = tables[question.records]
    unknown = [
        Mistake(
            f"areas.pilots[{i}].area",
            f'no rows for "{pilot.area}" in the records of question {question.key}.',
            f"Give the code as the column {protocol.records[question.records].columns.area} writes it.",
        )
        for i, pilot in enumerate(protocol.areas.pilots)
        if pilot.area not in panel.areas
    ]
    if unknown:
        raise RecordsError(unknown)
    mistakes = []
    for i, pilot in enumerate(protocol.areas.pilots):
        before = int(baseline_of(pilot, table.periods).sum())
        after = [p for p in table.periods if phase_of(p, pilot.start, pilot.embedded) is Phase.POST]
        where = f"areas.pilots[{i}]"
        if before < LEAST_PERIODS:
            found = f"the records of question {question.key} hold {before} period(s) that end before its start."
            mistakes.append(Mistake(where, found, f"At least {LEAST_PERIODS} are needed: use longer records."))
        if not after:
            found = f"the records of question {question.key} hold no period after its start or embedded date."
            mistakes.append(Mistake(where, found, "Use later records, or mend the dates."))
    if mistakes:
        raise ProtocolError(mistakes)


def run(
    protocol: Protocol,
    *,
    out: str | Path | None = None,
    data: str | Path | None = None,
    engine: Engine | None = None,
    progress: Progress = _silent,
) -> Findings:
    """Run a study and return what it found; with `out`, write the run folder as well.

    Parameters
    ----------
    protocol : as `read_protocol` returns it
    out : folder for findings, release and the checker's file; also keeps artefacts, so that a killed run resumes
    data : folder of records outside the study's folder, read only
    engine : where the records are worked on, without artefacts; by default an embedded one, bound to these folders
    progress : called with a few words before each step

    Raises
    ------
    ProtocolError, RecordsError, EngineError, DisclosureError : with every mistake found; no run folder is left
    """
    outside = None if data is None else Path(data)
    if out is None:
        with refusals_named(), TemporaryDirectory() as artefacts:
            return _run(protocol, Path(artefacts), engine=engine, data=outside, progress=progress)
    folder = RunFolder(Path(out))
    with folder.artefacts() as artefacts_folder:
        findings = _run(protocol, artefacts_folder, engine=engine, data=outside, progress=progress)
        progress("release")
        inputs = find_records(protocol, outside) | dict(find_match_files(protocol, outside).values())
        folder.write(findings, inputs=inputs)
    return findings


def _run(
    protocol: Protocol, artefacts: Path, *, engine: Engine | None, data: Path | None, progress: Progress
) -> Findings:
    if engine is not None:
        given = prepare(protocol, engine, store=None, data=data, progress=progress)
        return findings_of(given, engine, progress=progress)
    readable = [folder for folder in (protocol.folder, data) if folder is not None]
    with DuckDBEngine(readable, artefacts) as own:
        prepared = prepare(protocol, own, store=Store(artefacts), data=data, progress=progress)
        return findings_of(prepared, own, progress=progress)


def findings_of(prepared: Prepared, engine: Engine, *, progress: Progress = _silent) -> Findings:
    """Read the outcomes of a prepared study, run every analysis and write the findings down."""
    protocol = prepared.protocol
    questions = []
    for question in protocol.question:
        progress(f"analyses: {question.key}")
        series, table = protocol.records[question.records], prepared.tables[question.records]
        matches = prepared.matches[question.key]
        events = _question_events(prepared, question)
        rematched = {name: found for (key, name), found in prepared.rematched.items() if key == question.key}
        rows = _outcomes(engine, table, matches, rematched)
        plan = Plan(
            question,
            protocol.variants_of(question),
            matches,
            rematched,
            protocol.thresholds,
            Readings(
                series.unit,
                protocol.study.seed,
                protocol.thresholds.significance,
                normal=protocol.study.rule_set == "as_coded",
            ),
            lay=partial(matched_cells, rows) if events is None else partial(_event_cells, engine, events),
            years_a_step=_years_a_period(table.periods) if events is None else 1.0,
        )
        questions.append(
            question_findings(
                evaluate(plan, rows),
                RecordsRead(
                    series,
                    areas_in(engine, table),
                    tuple(FlowStep(s.step, s.rule, s.rows, left_out=s.left_out) for s in table.flow),
                    tuple(QualityRow(note.what, note.rows, note.handled) for note in table.quality),
                    use=event_use(engine, events, matches.groups) if events and matches.groups else None,
                ),
                pilots=protocol.areas.pilots,
                significance=protocol.thresholds.significance,
            )
        )
    return Findings(
        _study_facts(protocol),
        protocol.study.rule_set,
        protocol.thresholds.significance,
        tuple((star.mark, star.below) for star in protocol.thresholds.stars),
        limits(protocol.disclosure).to_dict(),
        tuple(questions),
    )


def _question_events(prepared: Prepared, question: Question) -> QuestionEvents | None:
    """Return the events of a question of people, None for one of area series."""
    events = prepared.events.get(question.records)
    if events is None:
        return None
    last = prepared.protocol.study.data_end or events.series.periods[-1].end
    return ready_made(events, window=question.outcome.window_days, last=last)


def _event_cells(engine: Engine, events: QuestionEvents, groups: Sequence[MatchedGroup], weight: str) -> Cells:
    """Lay people's events side by side: every event weighs one, whatever the weight of areas."""
    return event_cells(engine, events, groups)


def _years_a_period(periods: Sequence[Period]) -> float:
    days = [(period.end - period.start).days + 1 for period in periods]
    return sum(days) / len(days) / DAYS_A_YEAR


def _outcomes(engine: Engine, table: AreaTable, matches: Matches, rematched: Mapping[str, Matches]) -> AreaRows:
    every = (matches, *rematched.values())
    areas = {area for found in every for group in found.groups for area in group.areas}
    return area_rows(engine, table, sorted(areas))


def _study_facts(protocol: Protocol) -> StudyFacts:
    study = protocol.study
    return StudyFacts(
        study.title,
        study.question,
        study.intervention,
        study.owner,
        study.version,
        protocol.digest,
        study.seed,
        protocol.areas.publish_names,
        study.limits,
    )
