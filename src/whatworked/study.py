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
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from threadpoolctl import threadpool_limits

from whatworked.cells import NotEstimated
from whatworked.disclosure.profile import limits
from whatworked.door.area_years import Context, open_contexts, question_area_years
from whatworked.door.cells import AreaRows, area_rows
from whatworked.door.questions import QuestionData
from whatworked.door.records import Opened, open_records, otherwise_named
from whatworked.door.samples import AreaFigures, PeopleRows, Sample
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import Engine
from whatworked.engine.store import Json, Store
from whatworked.estimation.area_years import AreaYears
from whatworked.findings.area_years import filling_rows
from whatworked.findings.assemble import RecordsRead, question_findings
from whatworked.findings.model import Findings, FlowStep, ProtocolKey, QualityRow, QuestionFindings, StudyFacts
from whatworked.findings.quality import CheckedRecords, checked_records
from whatworked.findings.readings import note_of, reading_facts
from whatworked.matching.groups import MatchedGroup, Matches
from whatworked.matching.questions import Searched, match_question
from whatworked.processes import cores, shared
from whatworked.protocol.matching import Matching
from whatworked.protocol.model import Protocol, Question
from whatworked.protocol.outcomes import Cutoff, Redefine, SecondaryOutcome
from whatworked.protocol.variants import OtherRules, Rematch
from whatworked.protocol.written import written
from whatworked.records.area_series import areas_in
from whatworked.records.located import Located, locate_all
from whatworked.rules.rulesets import RuleSetName, rules_of
from whatworked.run_folder import RunFolder, refusals_named
from whatworked.strands.impact import evaluate
from whatworked.strands.models import Readings
from whatworked.strands.plan import Lay, Plan, Under
from whatworked.strands.redefined import Redefined
from whatworked.version import __version__, versions
from whatworked.vocabulary import Arm

Progress = Callable[[str], None]
# With fewer events a process takes longer to start than it saves.
WORTH_A_PROCESS = 50_000


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
    contexts: Mapping[str, Context]


def prepare(
    protocol: Protocol, engine: Engine, *, store: Store | None, data: Path | None = None, progress: Progress = _silent
) -> Prepared:
    """Read the records and choose the comparators of every question, on baseline periods alone.

    With a store, what was read is kept there, and the choice is written down before anything else is read.
    """
    located = locate_all(protocol, data)
    opened = open_records(engine, protocol, located, store=store, progress=progress)
    contexts = open_contexts(engine, protocol, located)
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
    return Prepared(protocol, located, opened.questions, matches, rematched, opened.redefined, contexts)


def _searched(protocol: Protocol, question: Question, matching: Matching, opened: Opened, located: Located) -> Searched:
    """Return what a search looks at: the question's own series, or the one that stands for it."""
    own = opened.questions[question.key]
    if matching.proxy is not None:
        return Searched(protocol, question, opened.series[matching.proxy], own.window, (), located.match_files)
    return Searched(protocol, question, own.table, own.window, own.checked.areas, located.match_files)


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
    """Read the outcomes of a prepared study, run every analysis and write the findings down.

    Questions of many events are analysed by as many processes as there are cores, which find the same (decision 0047).
    """
    protocol = prepared.protocol
    asked = []
    for question in protocol.question:
        progress(f"outcomes: {question.key}")
        asked.append(_asked(prepared, engine, question))
    progress(f"analyses: {', '.join(question.key for question in protocol.question)}")
    several = min(cores(), sum(one.events for one in asked) // WORTH_A_PROCESS)
    return Findings(
        _study_facts(protocol),
        protocol.study.rule_set,
        protocol.thresholds.significance,
        tuple((star.mark, star.below) for star in protocol.thresholds.stars),
        limits(protocol.disclosure).to_dict(),
        tuple(shared(_answered, asked, processes=several)),
        tuple(ProtocolKey(key.key, key.value, key.line, key.given) for key in written(protocol)),
        versions(),
    )


@dataclass(frozen=True)
class _ReadQuestion:
    """A question with all that was read for it: what is left to do needs no engine, and any process can do it."""

    plan: Plan
    outcomes: AreaRows
    read: RecordsRead

    @property
    def events(self) -> int:
        """People's events that it looks at; none where figures of areas are all there is."""
        return 0 if self.read.use is None else int(np.nansum(self.outcomes.people))


def _asked(prepared: Prepared, engine: Engine, question: Question) -> _ReadQuestion:
    """Read the outcomes of a question."""
    outcomes = _outcomes(prepared, engine, question)
    checked, known = checked_in(prepared, question), _area_years(prepared, engine, question)
    plan = _plan(prepared, engine, question, outcomes, known=known, concerns_found=len(checked.concerns))
    return _ReadQuestion(plan, outcomes, _records_read(prepared, engine, question, known=known, checked=checked))


def _answered(asked: _ReadQuestion) -> QuestionFindings:
    """Run every analysis of a question and write down what it found."""
    with threadpool_limits(limits=1, user_api="blas"):
        impact = evaluate(asked.plan, asked.outcomes)
        areas, significance = asked.plan.areas, asked.plan.thresholds.significance
        return question_findings(impact, asked.read, pilots=areas.pilots, significance=significance)


def plan_of(prepared: Prepared, question: Question) -> Plan:
    """Return what is to be run for a question, before any outcome after the start is read: its rows cannot be laid."""
    protocol, own = prepared.protocol, prepared.data[question.key]
    variants = protocol.variants_of(question)
    under = _under(protocol, own.unit)
    return Plan(
        question,
        variants,
        prepared.matches[question.key],
        {name: found for (key, name), found in prepared.rematched.items() if key == question.key},
        protocol.thresholds,
        under.readings,
        under.rules,
        lay=_unread,
        years_a_step=own.years_a_step,
        areas=protocol.areas,
        redefined={
            name: found if isinstance(found, NotEstimated) else Redefined(_unread, "", found.unit)
            for (key, name), found in prepared.redefined.items()
            if key == question.key
        },
        other_rules={
            one.called: _under(protocol, own.unit, one.rule_set) for one in variants if isinstance(one, OtherRules)
        },
    )


def _unread(groups: Sequence[MatchedGroup], weight: str) -> Sample:
    """Refuse to lay rows of which no outcome may be read yet."""
    raise AssertionError(f"{len(groups)} matched groups cannot be laid ({weight}): no outcome has been read")


def _plan(
    prepared: Prepared, engine: Engine, question: Question, rows: AreaRows, *, known: AreaYears, concerns_found: int
) -> Plan:
    """Return what is to be run for a question, its outcomes at hand."""
    return replace(
        plan_of(prepared, question),
        lay=_lay(prepared.data[question.key], rows, _every_match(prepared, question), known),
        concerns_found=concerns_found,
        redefined=_redefined(prepared, engine, question, rows, known=known),
    )


def _under(protocol: Protocol, unit: str, rule_set: RuleSetName | None = None) -> Under:
    """Return the rules of a study, or those of another rule set, and how numbers are read under them."""
    rules = rules_of(protocol, rule_set)
    readings = Readings(
        unit,
        protocol.study.seed,
        protocol.thresholds.significance,
        normal=rules.test == "normal",
        classical_panels=rules.panel_errors == "classical",
    )
    return Under(rules, readings)


def _lay(data: QuestionData, rows: AreaRows, matches: Sequence[Matches], known: AreaYears) -> Lay:
    """Read what any analysis of these matches lays side by side."""
    return partial(_laid, data.read(rows, [found.groups for found in matches]), known)


def _laid(read: AreaFigures | PeopleRows, known: AreaYears, groups: Sequence[MatchedGroup], weight: str) -> Sample:
    """Lay the rows of matched groups side by side, with what is known of their areas."""
    return read.lay(groups, weight).with_area_years(known)


def _area_years(prepared: Prepared, engine: Engine, question: Question, data: QuestionData | None = None) -> AreaYears:
    """Return the covariates of a question's areas over the periods of its data, or of another definition's."""
    periods = (data or prepared.data[question.key]).table.periods
    areas = sorted(
        {area for found in _every_match(prepared, question) for group in found.groups for area in group.areas}
    )
    return question_area_years(engine, question, prepared.contexts, areas=areas, periods=periods)


def _every_match(prepared: Prepared, question: Question) -> tuple[Matches, ...]:
    """Return the matches of a question: the main one and those of its variants."""
    others = (found for (key, _), found in prepared.rematched.items() if key == question.key)
    return (prepared.matches[question.key], *others)


def _records_read(
    prepared: Prepared, engine: Engine, question: Question, *, known: AreaYears, checked: CheckedRecords
) -> RecordsRead:
    """Return what reading a question's records came to."""
    own, matches = prepared.data[question.key], prepared.matches[question.key]
    return RecordsRead(
        own.unit,
        own.source,
        own.published,
        areas_in(engine, own.table),
        tuple(FlowStep(s.step, s.rule, s.rows, left_out=s.left_out) for s in own.table.flow),
        (*(QualityRow(note.what, note.rows, note.handled) for note in own.table.quality), *filling_rows(known)),
        use=own.use(matches.groups) if own.use is not None and matches.groups else None,
        checked=checked,
        readings=reading_facts(question.outcome, prepared.protocol.study.rule_set),
    )


def checked_in(prepared: Prepared, question: Question) -> CheckedRecords:
    """Return what the checks of a question's records found in its pilots and comparators."""
    groups = prepared.matches[question.key].groups
    arms = {area: Arm.COMPARATOR for group in groups for area in group.comparators}
    arms |= {group.pilot.area: Arm.PILOT for group in groups}
    return checked_records(prepared.data[question.key].checked, arms, prepared.protocol.quality)


def _redefined(
    prepared: Prepared, engine: Engine, question: Question, rows: AreaRows, *, known: AreaYears
) -> dict[str, Redefined | NotEstimated]:
    """Return how each variant that defines the outcome otherwise lays its rows, by name, and what differs in words."""
    found: dict[str, Redefined | NotEstimated] = {}
    for variant in prepared.protocol.variants_of(question):
        if isinstance(variant, Redefine | Cutoff | SecondaryOutcome | OtherRules):
            name = otherwise_named(variant)
            data = prepared.redefined[question.key, name]
            if isinstance(data, NotEstimated):
                found[name] = data
                continue
            same = data.table.periods == prepared.data[question.key].table.periods
            own = known if same else _area_years(prepared, engine, question, data)
            note = note_of(question.outcome, variant, prepared.protocol.study.rule_set)
            found[name] = Redefined(_lay(data, rows, [prepared.matches[question.key]], own), note, data.unit)
    return found


def _outcomes(prepared: Prepared, engine: Engine, question: Question) -> AreaRows:
    """Read the outcomes of every area that a question compares."""
    areas = {area for found in _every_match(prepared, question) for group in found.groups for area in group.areas}
    return area_rows(engine, prepared.data[question.key].table, sorted(areas))


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
