"""What a run came to, in a few lines for the terminal.

Everything here has passed the gate, so that a screen may be shown to anyone who may see the report.
"""

from pathlib import Path
from typing import Any

from whatworked.cli.terminal import wrapped
from whatworked.disclosure.profile import Limits
from whatworked.disclosure.release import release
from whatworked.disclosure.released import ReleasedSection
from whatworked.findings.model import Findings, QuestionFindings
from whatworked.report.overview import answers
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import count, number, whole, words
from whatworked.rules.trends import HOLD, UNTESTED
from whatworked.run_folder import FINDINGS, RELEASE
from whatworked.tables.document import document
from whatworked.tables.wording import BRANCHES

NUMBERS = ("estimate", "low", "high", "p_value")


def summary(findings: Findings, folder: Path) -> dict[str, Any]:
    """Return the answer to every question, as released, and where the report is."""
    released = release(document(findings), Limits.from_dict(findings.disclosure))
    told = zip(findings.questions, released.sections, answers(released).rows, strict=True)
    return {
        "study": words(released.facts, "title"),
        "questions": [
            _question(question, section) | {"answer": str(row[1]), "tests_agree": str(row[3])}
            for question, section, row in told
        ],
        "report": str(folder / RELEASE / "report.html"),
        "findings": str(folder / FINDINGS),
    }


def summary_text(found: dict[str, Any]) -> str:
    """Return a summary as lines of text."""
    lines = [wrapped(found["study"])]
    for question in found["questions"]:
        areas = f"{count(question['pilots'], 'pilot')} and {count(question['comparators'], 'comparator')}"
        lines += [
            "",
            wrapped(question["title"]),
            wrapped(question["answer"], indent=2),
            wrapped(f"{question['strength']}: {areas}.", indent=2),
        ]
        lines += [wrapped(f"Left out: {pilot}.", indent=2) for pilot in question["dropped"]]
        if failed(question):
            lines.append(wrapped(f"Diagnostic failed: {BRANCHES[question['trends']].lower()}.", indent=2))
    lines += ["", f"Report:   {found['report']}", f"Findings: {found['findings']} (exact numbers: stays inside)"]
    return "\n".join(lines)


def failed(question: dict[str, Any]) -> bool:
    """Return whether the diagnostic of a question, as `summary` gives it, did not pass."""
    return bool(question["trends"] != HOLD)


def _question(question: QuestionFindings, section: ReleasedSection) -> dict[str, Any]:
    facts = section.facts
    numbers = {name: number(facts, name) for name in NUMBERS}
    methods = [row.method.value for main in question.specifications[:1] for row in main.inference if row.headline]
    trends = [decision.chosen for decision in question.decisions if decision.decision == "trends"]
    return {
        "key": question.key,
        "title": words(facts, "question"),
        "evidence": question.evidence.rating.value,
        "strength": words(facts, "rating_in_words"),
        "trends": trends[0] if trends else UNTESTED,
        "unit": words(facts, "unit"),
        "method": methods[0] if methods else None,
        "headline": {name: None if found is None else found.value for name, found in numbers.items()},
        "pilots": whole(facts, "pilots"),
        "comparators": whole(facts, "comparators"),
        "dropped": [fill(passage) for passage in section.passages["dropped"]],
    }
