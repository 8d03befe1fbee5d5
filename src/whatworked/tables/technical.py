"""The tables of the technical appendix: what was run, by which rules, from which protocol, with which software."""

from collections.abc import Iterable, Iterator

from whatworked.cells import Blank, Cell, Words
from whatworked.findings.model import Findings, QuestionFindings
from whatworked.tables.deciders import DECIDERS, limits_as_run
from whatworked.tables.methods import Functions, functions_behind
from whatworked.tables.model import Column, Table, said
from whatworked.tables.names import AreaNames
from whatworked.tables.protocol_keys import protocol_table
from whatworked.tables.references import REFERENCES
from whatworked.tables.register import Registered, cited, registered
from whatworked.tables.values import words
from whatworked.tables.wording import decision_in_words

METHODS, RULES, SOFTWARE, WORKS = "methods", "rules", "software", "references"
_PACKAGE = Words("This package")
_NO_PROOF = "its docstring names none"


def appendix(findings: Findings, names: AreaNames) -> tuple[Table, ...]:
    """Return the tables of the appendix; those that hold nothing are not made."""
    used = methods_used(findings)
    made = (
        _methods(used),
        _rules(findings, names),
        protocol_table(findings, names),
        _software(findings),
        _references(used),
    )
    return tuple(table for table in made if table is not None and table.rows)


def methods_used(findings: Findings) -> tuple[Registered, ...]:
    """Return the register's entries of every function that made a number of the study, rules included."""
    functions = [
        registered(function)
        for question in findings.questions
        for behind in made_by(question, findings).values()
        for function in behind
    ]
    decided = {decision.decision for question in findings.questions for decision in question.decisions}
    rules = [decider.registered() for key, decider in DECIDERS.items() if key in decided or key == "evidence"]
    return tuple(sorted(dict.fromkeys([*functions, *rules]), key=lambda one: one.name))


def made_by(question: QuestionFindings, findings: Findings) -> dict[str, Functions]:
    """Return the functions behind each table of a question, as its rule set has them."""
    return functions_behind(question, as_coded=findings.rule_set == "as_coded")


def _methods(used: Iterable[Registered]) -> Table:
    return Table(
        key=METHODS,
        title=Words("Where each number comes from: the functions that this study used"),
        kind="words",
        columns=(
            Column("function", Words("Function")),
            Column("does", Words("What it does")),
            Column("source", Words("Published in")),
            Column("proof", Words("Proved by")),
            Column("decision", Words("Decision record")),
        ),
        rows=tuple(_method(one) for one in used),
        source=_PACKAGE,
        notes=(
            said(
                "Read from the docstrings of the functions. Proofs are tests of the package, decision records stand in "
                "its folder docs/decisions."
            ),
        ),
    )


def _method(one: Registered) -> tuple[Cell, ...]:
    return (
        Words(one.name),
        words(one.does, why="its docstring says nothing"),
        words(one.source, why="its docstring names none"),
        words(", ".join(one.proofs), why=_NO_PROOF),
        words(", ".join(one.decisions), why="no variant was to be chosen"),
    )


def _rules(findings: Findings, names: AreaNames) -> Table:
    return Table(
        key=RULES,
        title=Words("Decision rules with the limits as run"),
        kind="words",
        columns=(
            Column("decision", Words("Decision")),
            Column("limits", Words("Limits as run")),
            Column("questions", Words("Questions")),
            Column("rule", Words("Rule")),
        ),
        rows=tuple(_rule_rows(findings, names)),
        source=_PACKAGE,
    )


def _rule_rows(findings: Findings, names: AreaNames) -> Iterator[tuple[Cell, ...]]:
    """Yield one row for each decision and limits; questions decided with the same limits share it."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for question in findings.questions:
        for decision in question.decisions:
            limits = limits_as_run(decision)
            if limits or decision.decision not in {key for key, _ in found}:
                found.setdefault((decision.decision, limits), []).append(question.outcome)
    for (kind, limits), outcomes in found.items():
        decider = DECIDERS.get(kind)
        asked = list(dict.fromkeys(outcomes))
        yield (
            names.words(decision_in_words(kind)),
            words("; ".join(limits), why="it has no limit"),
            Words("All")
            if len(asked) == len({q.outcome for q in findings.questions})
            else names.words("; ".join(asked)),
            Words(decider.registered().name) if decider else Blank("the rule is not in the register"),
        )


def _software(findings: Findings) -> Table | None:
    if not findings.versions:
        return None
    return Table(
        key=SOFTWARE,
        title=Words("Software that the numbers were made with"),
        kind="words",
        columns=(Column("software", Words("Software")), Column("version", Words("Version"))),
        rows=tuple((Words(name), Words(f"version {number}")) for name, number in findings.versions.items()),
        source=_PACKAGE,
    )


def _references(used: Iterable[Registered]) -> Table:
    named = {work for one in used for work in cited(one.source) if work in REFERENCES}
    return Table(
        key=WORKS,
        title=Words("References of the methods used"),
        kind="words",
        columns=(Column("short", Words("Named above as")), Column("work", Words("Work"))),
        rows=tuple((Words(work), Words(REFERENCES[work])) for work in sorted(named)),
        source=_PACKAGE,
    )
