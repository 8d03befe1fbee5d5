"""The study on one page, in plain words. Every sentence is made of released facts and leads to the decision behind it.

Nothing here is said of a study unless a decision or a fact of it says so: what was found by the ratings, what follows
by these and by the direction that was hoped for, what it cannot say by the pilots, the tests and the concerns.
"""

from collections.abc import Sequence

from whatworked.disclosure.released import ReleasedDocument
from whatworked.report.prose.asked import questions
from whatworked.report.prose.concluded import cannot_say, so_what
from whatworked.report.prose.phrases import words
from whatworked.report.prose.pieces import Part, Sentence
from whatworked.report.prose.told import found, how, looked_at, not_found


def summary(document: ReleasedDocument) -> tuple[Part, ...]:
    """Return the parts of the summary; a part without a sentence is left out."""
    asked = questions(document)
    if not asked:
        return ()
    it = words(document.facts, "intervention")
    parts = (
        _paragraph("What we looked at", looked_at(asked, it)),
        _paragraph("How", how(asked, it)),
        _list("What we found", found(asked, it)),
        _list("What we did not find", not_found(asked, it)),
        _list("So what?", so_what(asked, it)),
        _list("What this cannot say", cannot_say(asked, it)),
    )
    return tuple(part for part in parts if part.items)


def _paragraph(heading: str, sentences: Sequence[Sentence]) -> Part:
    return Part(heading, (tuple(sentences),) if sentences else ())


def _list(heading: str, items: Sequence[Sequence[Sentence]]) -> Part:
    return Part(heading, tuple(tuple(item) for item in items))
