"""The method on one page: a protocol goes in, findings and what may leave come out.

records     every file the protocol names is read, its rows counted, its marks kept apart
areas       comparators are chosen by trend, on baseline periods alone, and written down
outcomes    only then are outcomes after the start read
analyses    the main one, the trend tests, the variants, every method of inference side by side
decisions   by rule, with their reasons
findings    exact numbers, for those inside
release     the gate, then the report, the tables and the figures
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from threadpoolctl import threadpool_limits

from whatworked.cells import NotEstimated
from whatworked.disclosure.profile import limits
from whatworked.door.cells import AreaRows, area_rows
from whatworked.door.questions import QuestionData
from whatworked.door.records import Opened, open_records
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import Engine
from whatworked.engine.store import Json, Store
from whatworked.findings.assemble import RecordsRead, question_findings
from whatworked.findings.model import Findings, FlowStep, QualityRow, StudyFacts
from whatworked.findings.quality import CheckedRecords, checked_records
from whatworked.findings.readings import note_of, reading_facts
from whatworked.matching.groups import Matches
from whatworked.matching.questions import Searched, match_question
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import Protocol, Question
from whatworked.protocol.outcomes import Cutoff, Redefine
from whatworked.protocol.variants import Rematch
from whatworked.records.area_series import AreaTable, areas_in
from whatworked.records.located import Located, locate_all
from whatworked.rules.rulesets import rules_of
from whatworked.run_folder import RunFolder, refusals_named
from whatworked.strands.impact import Plan, evaluate
from whatworked.strands.models import Readings
from whatworked.strands.redefined import Redefined
from whatworked.version import __version__
from whatworked.vocabulary import Arm

Progress = Callable[[str], None]


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Prepared:
    """A study whose records are read and whose areas are matched, before any outcome after the start is read."""

    protocol: Protocol
    located: Located
    data: Mapping[str, QuestionData]
    matches: Mapping[str, Matches]
    rematched: Mapping[tuple[str, str], Matches]
    redefined: Mapping[tuple[str, str], QuestionData | NotEstimated]


def prepare(
    protocol: Protocol, engine: Engine, *, store: Store | None, data: Path | None = None, progress: Progress = _silent
) -> Prepared:
    """Read the records and choose the comparators of every question, on baseline periods alone.

    With a store, what was read is kept there, and the choice is written down before anything else is read.
    """
    located = locate_all(protocol, data)
    opened = open_records(engine, protocol, located, store=store, progress=progress)
    matches: dict[str, Matches] = {}
    rematched: dict[tuple[str, str], Matches] = {}
    for question in protocol.question:
        progress(f"areas: {question.key}")
        usual = protocol.matching_of(question)
        matches[question.key] = match_question(engine, _searched(protocol, question, usual, opened, located), usual)
        for variant in protocol.variants_of(question):
            if isinstance(variant, Rematch):
                other = variant.matching.over(usual)
                searched = _searched(protocol, question, other, opened, located)
                rematched[question.key, variant.name] = match_question(engine, searched, other)
    if store is not None:
        key = store.key("areas", code=__version__, fragment=protocol.digest, inputs=opened.keys)
        store.save_json(key, {question: _pairs(found) for question, found in matches.items()})
    return Prepared(protocol, located, opened.questions, matches, rematched, opened.redefined)


def _searched(protocol: Protocol, question: Question, matching: Matching, opened: Opened, located: Located) -> Searched:
    """Return what a search looks at: the question's own series, or the one that stands for it."""
    own = opened.questions[question.key]
    table = own.table if matching.proxy is None else opened.series[matching.proxy]
    return Searched(protocol, question, table, own.window, located.match_files)


def _pairs(matches: Matches) -> Json:
    return {group.pilot.area: list(group.comparators) for group in matches.groups}


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
        folder.write(findings, inputs=locate_all(protocol, outside).inputs())
    return findings


def _run(
    protocol: Protocol, artefacts: Path, *, engine: Engine | None, data: Path | None, progress: Progress
) -> Findings:
    # The matrices are small: more threads would only wait for each other, and no number may depend on them.
    with threadpool_limits(limits=1, user_api="blas"):
        if engine is not None:
            given = prepare(protocol, engine, store=None, data=data, progress=progress)
            return findings_of(given, engine, progress=progress)
        with own_engine(protocol, artefacts, data) as own:
            prepared = prepare(protocol, own, store=Store(artefacts), data=data, progress=progress)
            return findings_of(prepared, own, progress=progress)


def own_engine(protocol: Protocol, artefacts: Path, data: Path | None) -> DuckDBEngine:
    """Return the embedded engine, which reads the study's folders and works in one for artefacts."""
    return DuckDBEngine([folder for folder in (protocol.folder, data) if folder is not None], artefacts)


def findings_of(prepared: Prepared, engine: Engine, *, progress: Progress = _silent) -> Findings:
    """Read the outcomes of a prepared study, run every analysis and write the findings down."""
    protocol = prepared.protocol
    rules = rules_of(protocol)
    questions = []
    for question in protocol.question:
        progress(f"analyses: {question.key}")
        own, matches = prepared.data[question.key], prepared.matches[question.key]
        rematched = {name: found for (key, name), found in prepared.rematched.items() if key == question.key}
        rows = _outcomes(engine, own.table, matches, rematched)
        checked = checked_in(prepared, question)
        readings = Readings(
            own.unit,
            protocol.study.seed,
            protocol.thresholds.significance,
            normal=rules.test == "normal",
            classical_panels=rules.panel_errors == "classical",
        )
        plan = Plan(
            question,
            protocol.variants_of(question),
            matches,
            rematched,
            protocol.thresholds,
            readings,
            rules,
            lay=partial(own.lay, rows),
            years_a_step=own.years_a_step,
            concerns_found=len(checked.concerns),
            redefined=_redefined(prepared, question, rows),
        )
        read = RecordsRead(
            own.unit,
            own.source,
            own.published,
            areas_in(engine, own.table),
            tuple(FlowStep(s.step, s.rule, s.rows, left_out=s.left_out) for s in own.table.flow),
            tuple(QualityRow(note.what, note.rows, note.handled) for note in own.table.quality),
            use=own.use(matches.groups) if own.use is not None and matches.groups else None,
            checked=checked,
            readings=reading_facts(question.outcome, protocol.study.rule_set),
        )
        found = question_findings(
            evaluate(plan, rows),
            read,
            pilots=protocol.areas.pilots,
            significance=protocol.thresholds.significance,
        )
        questions.append(found)
    return Findings(
        _study_facts(protocol),
        protocol.study.rule_set,
        protocol.thresholds.significance,
        tuple((star.mark, star.below) for star in protocol.thresholds.stars),
        limits(protocol.disclosure).to_dict(),
        tuple(questions),
    )


def checked_in(prepared: Prepared, question: Question) -> CheckedRecords:
    """Return what the checks of a question's records found in its pilots and comparators."""
    groups = prepared.matches[question.key].groups
    arms = {area: Arm.COMPARATOR for group in groups for area in group.comparators}
    arms |= {group.pilot.area: Arm.PILOT for group in groups}
    return checked_records(prepared.data[question.key].checked, arms, prepared.protocol.quality)


def _redefined(prepared: Prepared, question: Question, rows: AreaRows) -> dict[str, Redefined | NotEstimated]:
    """Return how each variant that defines the outcome otherwise lays its rows, by name, and what differs in words."""
    found: dict[str, Redefined | NotEstimated] = {}
    for variant in prepared.protocol.variants_of(question):
        if isinstance(variant, Redefine | Cutoff):
            data = prepared.redefined[question.key, variant.name]
            note = note_of(question.outcome, variant.definition, prepared.protocol.study.rule_set)
            found[variant.name] = data if isinstance(data, NotEstimated) else Redefined(partial(data.lay, rows), note)
    return found


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
