"""A question as the summary tells it: its outcome, what it came to, and the estimate where one may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from whatworked.disclosure.released import ReleasedDocument, ReleasedSection
from whatworked.report.prose.answer import NO_CAUSAL_READING, Answer, answer_of
from whatworked.report.prose.phrases import flag, words
from whatworked.report.prose.pieces import Piece, decided

NO_EVIDENCE = "no_evidence"
STRONG = ("high", "moderate")


class Kind(Enum):
    """What a question came to."""

    EVIDENCE = auto()
    NOTHING_SEEN = auto()
    NO_READING = auto()
    NO_ESTIMATE = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the summary tells it: its outcome, what it came to and the estimate, where one may be shown."""

    section: ReleasedSection
    outcome: str
    kind: Kind
    answer: Answer | None

    @property
    def exploratory(self) -> bool:
        """Whether it was asked to learn only."""
        return flag(self.section.facts, "exploratory") is True

    @property
    def strong(self) -> bool:
        """Whether the evidence is of high or moderate strength, on a question that may decide something."""
        return words(self.section.facts, "rating") in STRONG and not self.exploratory

    def to(self, *kinds: str, text: str = "") -> Piece:
        """Return the outcome, or other words, as a link to the first of these decisions that was taken."""
        return Piece(text or self.outcome, decided(self.section, *kinds))


def questions(document: ReleasedDocument) -> tuple[Asked, ...]:
    """Return every question with what it came to; outcomes of one name are told apart by their questions."""
    labels = [words(section.facts, "outcome") for section in document.sections]
    found = []
    for section, label in zip(document.sections, labels, strict=True):
        name = label if labels.count(label) == 1 else f"{label} (“{words(section.facts, 'question')}”)"
        answer = None if "not_estimated" in section.facts else answer_of(section.facts)
        found.append(Asked(section, name, _kind(section, answer), answer))
    return tuple(found)


def _kind(section: ReleasedSection, answer: Answer | None) -> Kind:
    rating = words(section.facts, "rating")
    if "not_estimated" in section.facts:
        return Kind.NO_ESTIMATE
    if rating == NO_CAUSAL_READING:
        return Kind.NO_READING
    if answer is None:
        return Kind.HIDDEN
    return Kind.NOTHING_SEEN if rating == NO_EVIDENCE else Kind.EVIDENCE


def of(asked: Sequence[Asked], *kinds: Kind) -> list[Asked]:
    """Return the questions that came to one of these."""
    return [one for one in asked if one.kind in kinds]
