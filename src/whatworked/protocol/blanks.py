"""What is still to be filled in: texts of a protocol that stand whole in angle brackets."""

import re
from collections.abc import Iterator, Mapping

from whatworked.errors import Mistake
from whatworked.protocol.places import Names, Part, quoted

_BLANK = re.compile(r"<[^<>]{2,}>")
FILL_IN = "Put what it asks for in its place, or take the line out if the study does without."


def blanks(tables: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield a mistake for every text that is still to be filled in, in the order of the file; advice once is enough."""
    named, advice = Names(tables), FILL_IN
    for parts, text in _texts(tables, ()):
        if _BLANK.fullmatch(text):
            yield Mistake(named(parts), f"{quoted(text)} is still to be filled in.", advice)
            advice = ""


def _texts(value: object, parts: tuple[Part, ...]) -> Iterator[tuple[tuple[Part, ...], str]]:
    """Yield every text below a value, with its place."""
    match value:
        case str():
            yield parts, value
        case Mapping():
            for key, inner in value.items():
                yield from _texts(inner, (*parts, str(key)))
        case tuple():
            for index, inner in enumerate(value):
                yield from _texts(inner, (*parts, index))
