"""The tables that are made of sentences: the answers of all questions, and what was decided."""

from dataclasses import dataclass

from whatworked.disclosure.released import ReleasedDocument, ReleasedSection
from whatworked.report.prose.answer import additions_disagree, answer_in_a_line, tests_agree
from whatworked.report.prose.fill import fill
from whatworked.report.prose.phrases import capital, flag, words
from whatworked.report.prose.pieces import Piece, decided
from whatworked.report.prose.reasons import plain_reasons
from whatworked.report.view import View


@dataclass(frozen=True, slots=True)
class Row:
    """A question on the front page; every cell leads to what it rests on."""

    question: Piece
    answer: Piece
    rating: Piece
    reasons: tuple[str, ...]
    additions: Piece
    exploratory: bool


HEADINGS = (
    "What was asked",
    "What was found",
    "How strong is the evidence, and why?",
    "Does anything disagree with the test fixed beforehand?",
)


def front(document: ReleasedDocument) -> tuple[Row, ...]:
    """Return the front page: one row a question."""
    return tuple(
        Row(
            question=Piece(words(section.facts, "question"), section.key),
            answer=Piece(answer_in_a_line(section), decided(section, "evidence")),
            rating=Piece(words(section.facts, "rating_in_words"), decided(section, "evidence")),
            reasons=plain_reasons(section),
            additions=Piece(additions_disagree(section), decided(section, "additions")),
            exploratory=flag(section.facts, "exploratory") is True,
        )
        for section in document.sections
    )


def answers(document: ReleasedDocument) -> View:
    """Return the front page as a table: what was asked, the answer, how strong the evidence is, whether tests agree."""
    return View(
        key="answers",
        title="Each question, its answer, and how far to trust it",
        sheet="Answers",
        headings=(
            "Question",
            "Answer",
            "Strength of the evidence",
            "Why",
            "Do the tests agree?",
            "Do additions disagree with the registered test?",
        ),
        rows=tuple(
            (
                words(section.facts, "question"),
                answer_in_a_line(section),
                words(section.facts, "rating_in_words"),
                " ".join(plain_reasons(section)) or "No reason was recorded",
                tests_agree(section),
                additions_disagree(section),
            )
            for section in document.sections
        ),
    )


def decisions(section: ReleasedSection, *, number: int) -> View:
    """Return every decision of a question with its reasons, the branches not taken, and what it was made from."""
    return View(
        key=f"{section.key}_decisions",
        title=f"What was decided by rule: {words(section.facts, 'outcome')}",
        sheet=f"Decisions {number}",
        headings=("Decision", "Chosen", "Because", "Not taken", "Rule", "Keys of the protocol"),
        rows=tuple(
            (
                choice.decision,
                choice.chosen,
                "; ".join(capital(fill(because)) for because in choice.because) or "No reason was recorded",
                "; ".join(fill(branch) for branch in choice.not_taken) or "None",
                choice.rule or "None",
                "; ".join(choice.protocol) or "None",
            )
            for choice in section.choices
        ),
    )
