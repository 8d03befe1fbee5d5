"""What a run came to, in a few lines for the terminal."""

from pathlib import Path
from typing import Any

from whatworked.findings.model import Findings, InferenceRow, QuestionFindings
from whatworked.vocabulary import Rating

RATINGS = {
    Rating.NO_CAUSAL_READING: "no causal reading",
    Rating.NO_EVIDENCE: "no evidence of an effect",
    Rating.VERY_LOW: "very low-strength evidence",
    Rating.LOW: "low-strength evidence",
    Rating.MODERATE: "moderate-strength evidence",
    Rating.HIGH: "high-strength evidence",
}


def summary(findings: Findings, folder: Path) -> dict[str, Any]:
    """Return the headline of every question and where the report is."""
    return {
        "study": findings.study.title,
        "questions": [_question(question) for question in findings.questions],
        "report": str(folder / "release" / "report.html"),
        "findings": str(folder / "findings.json"),
    }


def summary_text(findings: Findings, folder: Path) -> str:
    """Return the summary as lines of text."""
    lines = [findings.study.title]
    for question in findings.questions:
        lines += ["", f"{question.title}", f"  {RATINGS[question.evidence.rating]}", f"  {_numbers(question)}"]
    lines += [
        "",
        f"Report:   {folder / 'release' / 'report.html'}",
        f"Findings: {folder / 'findings.json'} (stays inside)",
    ]
    return "\n".join(lines)


def _headline(question: QuestionFindings) -> InferenceRow | None:
    rows = [row for spec in question.specifications[:1] for row in spec.inference if row.headline]
    return rows[0] if rows else None


def _question(question: QuestionFindings) -> dict[str, Any]:
    row = _headline(question)
    names = ("method", "estimate", "p_value", "conf_low", "conf_high")
    return {
        "key": question.key,
        "title": question.title,
        "evidence": question.evidence.rating.value,
        "unit": question.unit,
        "headline": None if row is None else {name: getattr(row, name) for name in names},
    }


def _numbers(question: QuestionFindings) -> str:
    row = _headline(question)
    if row is None or row.estimate is None:
        return "not estimated"
    scale, unit = (100, "percentage points") if question.unit == "share" else (1, question.unit)
    limits = [None if limit is None else f"{scale * limit:+.1f}" for limit in (row.conf_low, row.conf_high)]
    interval = f"95% interval {limits[0] or 'no end'} to {limits[1] or 'no end'}"
    p_value = "" if row.p_value is None else f", p = {row.p_value:.3f}"
    return f"{scale * row.estimate:+.1f} {unit} ({interval}{p_value}; {row.method.value})"
