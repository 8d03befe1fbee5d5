"""From findings to the document that the gate reads: facts, sentences, decisions and tables, all typed."""

from collections.abc import Mapping

from whatworked.cells import Tally, Words
from whatworked.findings import model as found
from whatworked.tables import areas, checks, effects, matching, outcomes, quality, rule_sets
from whatworked.tables.across import side_by_side
from whatworked.tables.after_start import after_start
from whatworked.tables.answer import answer_facts
from whatworked.tables.curve import specification_curve
from whatworked.tables.deciders import DECIDERS, keys_behind
from whatworked.tables.how_done import how_it_was_done
from whatworked.tables.links import links
from whatworked.tables.model import Choice, Document, Fact, Passage, Section, Table, said
from whatworked.tables.names import AreaNames, area_names, names_everywhere, withheld
from whatworked.tables.people import people_facts
from whatworked.tables.readings import own_readings, readings
from whatworked.tables.register import registered
from whatworked.tables.regressions import primary, secondary
from whatworked.tables.secondary import secondary_passages
from whatworked.tables.technical import appendix, made_by
from whatworked.tables.wording import BRANCHES, branch_in_words, decision_in_words, plain
from whatworked.vocabulary import Rating


def document(findings: found.Findings) -> Document:
    """Return everything a report may show of a study, as typed cells and words."""
    study = findings.study
    everywhere = names_everywhere(findings)
    protocol = {key.key: key for key in findings.protocol}
    sections = tuple(_section(question, findings, protocol) for question in findings.questions)
    return Document(
        facts={
            "title": everywhere.words(study.title),
            "question": everywhere.words(study.question),
            "intervention": everywhere.words(study.intervention),
            "owner": everywhere.words(study.owner or "not stated"),
            "version": Words(study.version),
            "protocol_hash": Words(study.protocol_hash),
            "seed": Tally(study.seed),
            "rule_set": Words(plain(findings.rule_set)),
            "significance": findings.significance,
            "questions": Tally(len(findings.questions), "questions"),
        },
        passages={
            "limits": tuple(said(everywhere.within(limit)) for limit in study.limits),
            **how_it_was_done(findings, everywhere),
        },
        sections=sections,
        across=side_by_side(findings, sections),
        names_published=study.publish_names,
        withheld=withheld(findings),
        appendix=appendix(findings, everywhere),
    )


def _section(
    question: found.QuestionFindings, findings: found.Findings, protocol: Mapping[str, found.ProtocolKey]
) -> Section:
    names = area_names(question, findings)
    tables = _tables(question, findings, names=names)
    return Section(
        key=question.key,
        facts=answer_facts(question, findings, names=names)
        | checks.trend_facts(question)
        | people_facts(question, names),
        passages={
            "evidence": tuple(
                _passage(because, question.evidence.facts, names) for because in question.evidence.because
            ),
            "concerns": (
                *(said(names.within(concern)) for concern in question.concerns),
                *quality.concerns_found(question, named=findings.study.publish_names),
            ),
            "readings": own_readings(question),
            "dropped": tuple(
                said(f"{names.of(row.pilot).text}: {names.within(row.reason)}") for row in question.areas.dropped
            ),
            "secondary": secondary_passages(question, names, significance=findings.significance),
            "rule_sets": rule_sets.rule_set_passages(question, names),
            "not_run": tuple(said(names.within(f"{row.name}: {row.reason}")) for row in question.not_run),
        },
        choices=tuple(
            _choice(decision, names, keys_behind(decision.decision, question.key, protocol))
            for decision in (*question.decisions, _rating(question))
        ),
        tables=tables,
        links=links(question, tables),
        made_by={
            key: tuple(registered(function).name for function in functions)
            for key, functions in made_by(question, findings).items()
        },
    )


def _rating(question: found.QuestionFindings) -> found.DecisionFact:
    """Return the rating of the evidence as the decision that it is."""
    evidence = question.evidence
    others = tuple(rating.value for rating in Rating if rating is not evidence.rating)
    return found.DecisionFact("evidence", evidence.rating.value, evidence.because, evidence.facts, others)


def _tables(question: found.QuestionFindings, findings: found.Findings, *, names: AreaNames) -> tuple[Table, ...]:
    """Return the tables of a question in the order of the report; those without a row are not made."""
    made = (
        areas.series(question, names),
        after_start(question, findings, names=names),
        outcomes.counterfactual(question, names),
        effects.event_study(question, names),
        effects.leave_one_area_out(question, names),
        specification_curve(question, names),
        outcomes.summary(question, names),
        primary(question, findings, names=names),
        secondary(question, findings, names=names),
        effects.inference(question, findings, names=names),
        effects.runs(question, names),
        rule_sets.rule_sets(question, names),
        areas.areas_compared(question, names),
        matching.people_matched(question, names),
        matching.balance_overall(question, names),
        matching.balance(question, names),
        matching.baseline_means(question, names),
        matching.without_counterpart(question, names),
        effects.main_regression(question, findings, names=names),
        *effects.tables_of_terms(question, findings, names=names),
        checks.tests(question, names),
        areas.reasons(question, names),
        areas.candidates(question, names) if _may_be_listed(question, findings) else None,
        readings(question, findings, names=names),
        checks.flow(question, names),
        checks.quality(question, names),
        quality.data_checks(question, names, named=findings.study.publish_names),
        quality.data_gaps(question, names, named=findings.study.publish_names),
    )
    return tuple(table for table in made if table is not None and table.rows)


def _may_be_listed(question: found.QuestionFindings, findings: found.Findings) -> bool:
    """Return whether a list of candidates would say anything: unnamed, with every figure telling, it would not."""
    return findings.study.publish_names or not question.published


def _choice(decision: found.DecisionFact, names: AreaNames, protocol: tuple[str, ...]) -> Choice:
    decider = DECIDERS.get(decision.decision)
    return Choice(
        decision=names.words(decision_in_words(decision.decision)),
        chosen=names.words(branch_in_words(decision.chosen)),
        because=tuple(_passage(because, decision.facts, names) for because in decision.because),
        not_taken=tuple(_passage(branch_in_words(b), decision.facts, names) for b in decision.branches_not_taken),
        key=decision.decision,
        taken=decision.chosen,
        rule=decider.registered().name if decider else "",
        protocol=tuple(names.words(key) for key in protocol),
    )


def _passage(template: str, facts: Mapping[str, found.Fact], names: AreaNames) -> Passage:
    return Passage(names.within(template), {key: _fact(value, names) for key, value in facts.items()})


def _fact(value: found.Fact, names: AreaNames) -> Fact:
    # the name of a model (`fixed_effects`) is told as a branch of the decision on it is
    return names.words(BRANCHES.get(value, value)) if isinstance(value, str) else value
