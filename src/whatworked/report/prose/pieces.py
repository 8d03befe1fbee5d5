"""Sentences whose parts lead somewhere: pieces of text, some of them links."""

from collections.abc import Iterable
from dataclasses import dataclass

from whatworked.disclosure.released import ReleasedSection


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence; `anchor` is the place of the report that it leads to, empty for none."""

    text: str
    anchor: str = ""


Sentence = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and what stands below it: one paragraph, or a list of items of a few sentences each."""

    heading: str
    items: tuple[tuple[Sentence, ...], ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in the order of the page."""
        return tuple(said for item in self.items for said in item)


def sentence(*pieces: Piece | str) -> Sentence:
    """Return a sentence of links and plain words."""
    return tuple(Piece(piece) if isinstance(piece, str) else piece for piece in pieces if piece)


def listed(pieces: Iterable[Piece]) -> Sentence:
    """Return pieces as a list in words: `a, b and c`."""
    found = list(pieces)
    out: list[Piece] = []
    for place, piece in enumerate(found):
        if place:
            out.append(Piece(" and " if place == len(found) - 1 else ", "))
        out.append(piece)
    return tuple(out)


def as_words(said: Sentence) -> str:
    """Return a sentence as plain text."""
    return "".join(piece.text for piece in said)


def decision_anchors(section: ReleasedSection) -> tuple[str, ...]:
    """Return the anchor of each decision of a question, in order; a second one of a kind gets a number."""
    found: list[str] = []
    for choice in section.choices:
        anchor = f"{section.key}-decision-{choice.key or 'other'}"
        again = sum(one == anchor or one.startswith(f"{anchor}-") for one in found)
        found.append(f"{anchor}-{again + 1}" if again else anchor)
    return tuple(found)


def decided(section: ReleasedSection, *kinds: str) -> str:
    """Return the anchor of the last decision of the first kind that was taken; of the rating where none was."""
    anchors = decision_anchors(section)
    for kind in (*kinds, "evidence"):
        found = [anchor for anchor, choice in zip(anchors, section.choices, strict=True) if choice.key == kind]
        if found:
            return found[-1]
    return section.key
