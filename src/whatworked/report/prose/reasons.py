"""Why the evidence is as strong as it is, in words for a reader who knows no statistics.

The rule's own words, with their numbers, stand in the chapter of the question; here each gets its plain form. A reason
that has none is told as the rule says it.
"""

from whatworked.disclosure.released import ReleasedPassage, ReleasedSection
from whatworked.report.prose.fill import fill, filled
from whatworked.report.prose.phrases import capital

# What a reason of the rule holds → how it is told.
PLAIN = {
    "effect could not be estimated": "There is no estimate.",
    "trends before the start could not be tested": "Whether pilots and comparators had moved alike before the start "
    "could not be tested.",
    "did not move alike": "Pilots and comparators had not moved alike before the start.",
    "is not significant at {significance:.0%}": "By the test fixed beforehand, chance alone "
    "could well bring about such a difference.",
    "is significant at {significance:.0%}": "By the test fixed beforehand, chance alone "
    "would rarely bring about such a difference.",
    "about the quality of the data": "A step down: there are concerns about the data.",
    "errors are correlated over time": "A step down: records of one person hang together over time, which the main "
    "model does not take into account.",
    "runs without some pilots or under another definition": "A step down: it is not borne out by {shaken} of "
    "{challenged} other ways of looking, without some pilots or with another definition.",
    "fewer than {min_areas} pilots or comparators": "A step down: there are few areas (pilots: {pilots}, comparators: "
    "{comparators}).",
    "the method fit for so few areas gives no p-value": "A step down: the test that suits so few areas gives no "
    "answer.",
    "by the method fit for so few areas the difference is not significant": "A step down: by the test that suits so "
    "few areas it could be chance.",
}


def plain_reasons(section: ReleasedSection) -> tuple[str, ...]:
    """Return the reasons of a question's rating, plainly."""
    return tuple(_plain(passage) for passage in section.passages.get("evidence", ()))


def _plain(passage: ReleasedPassage) -> str:
    words = next((plain for holds, plain in PLAIN.items() if holds in passage.template), None)
    return capital(fill(passage)) if words is None else filled(words, passage.facts)
