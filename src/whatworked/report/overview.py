"""The tables that are made of sentences: the answers of all questions, and what was decided."""

from whatworked.disclosure.released import ReleasedDocument, ReleasedSection
from whatworked.report.prose.answer import additions_disagree, answer_in_a_line, tests_agree
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import capital, words
from whatworked.report.view import View


def answers(document: ReleasedDocument) -> View:
    """Return one row a question: what was asked, the answer, how strong the evidence is, whether tests agree."""
    return View(
        key="answers",
        title="Each question, its answer, and how far to trust it",
        sheet="Answers",
        headings=(
            "Question",
            "Answer",
            "Strength of the evidence",
            "Do the tests agree?",
            "Do additions disagree with the registered test?",
        ),
        rows=tuple(
            (
                words(section.facts, "question"),
                answer_in_a_line(section),
                words(section.facts, "rating_in_words"),
                tests_agree(section),
                additions_disagree(section),
            )
            for section in document.sections
        ),
    )


def decisions(section: ReleasedSection, *, number: int) -> View:
    """Return every decision of a question with its reasons and the branches that were not taken."""
    return View(
        key=f"{section.key}_decisions",
        title=f"What was decided by rule: {words(section.facts, 'outcome')}",
        sheet=f"Decisions {number}",
        headings=("Decision", "Chosen", "Because", "Not taken"),
        rows=tuple(
            (
                choice.decision,
                choice.chosen,
                "; ".join(capital(fill(because)) for because in choice.because) or "No reason was recorded",
                "; ".join(fill(branch) for branch in choice.not_taken) or "None",
            )
            for choice in section.choices
        ),
    )
