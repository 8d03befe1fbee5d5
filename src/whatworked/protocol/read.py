"""From a TOML file to a protocol: the one place where text becomes types.

What is wrong is listed whole: first everything that is wrong with the form, then, if the form is right,
everything that contradicts itself.
"""

import math
import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from whatworked.errors import Mistake, ProtocolError, UsageError
from whatworked.protocol.blanks import blanks
from whatworked.protocol.check import contradictions
from whatworked.protocol.explain import explain
from whatworked.protocol.lines import key_lines
from whatworked.protocol.model import Protocol
from whatworked.protocol.places import Names, Part

LARGEST_FILE = 2**20
LONGEST_LIST = 10_000
MOST_MISTAKES = 100
_MIB = 2**20
_TOO_DEEP_INSIDE = Mistake(
    "the file", "tables or lists lie too deep inside one another.", "No key of a protocol has more than four parts."
)
_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2**63), 2**63 - 1

_PLACE_IN_TEXT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_GIVEN_TWICE = re.compile(r"Cannot (overwrite|declare|mutate)|Duplicate")
# Every alternative takes an unclosed text up to its end and none goes back, so that one pass is enough.
_TEXTS_AND_COMMENTS = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?'''
    r"""|'{3}(?:[^']|'(?!''))*+(?:'{3})?|'[^'\n]*+'?|#[^\n]*+""",
    re.DOTALL,
)
# Tables inside one another beyond this hold no protocol; some readers of TOML would follow them further.
DEEPEST = 16
# The deepest key of a protocol has four parts. The TOML reader's memory grows with the square of their number.
_TOO_DEEP = re.compile(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){8}")


def read_protocol(path: str | Path) -> Protocol:
    """Return the protocol of a TOML file, placed in the file's folder.

    Raises
    ------
    UsageError
        There is no such file.
    ProtocolError
        The file is too large, is no TOML, or is no protocol: all mistakes at once.
    """
    path = Path(path)
    return parse_protocol(_text(path), path.parent.resolve())


def parse_protocol(text: str, folder: Path) -> Protocol:
    """Return the protocol that a text holds, its paths starting from `folder`.

    Raises
    ------
    ProtocolError
        The text is no TOML or no protocol: all mistakes at once.
    """
    data, mistakes = _frozen_tables(_tables(text))
    mistakes += blanks(data)
    noted = {mistake.where for mistake in mistakes}
    try:
        protocol = Protocol.model_validate(data)
    except ValidationError as error:
        mistakes += [mistake for mistake in explain(error, data) if mistake.where not in noted]
        raise _all_of(mistakes) from None
    if mistakes := mistakes or list(contradictions(protocol)):
        raise _all_of(mistakes)
    return protocol.placed_in(folder, key_lines(text))


def _text(path: Path) -> str:
    """Return the text of a file, whose size is looked at first."""
    if not path.is_file():
        raise UsageError(Mistake(str(path), "there is no such file.", "Name the study's TOML file."))
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            content = file.read(LARGEST_FILE + 1) if size <= LARGEST_FILE else b""
    except OSError as error:
        raise UsageError(Mistake(str(path), f"the file cannot be read ({error.strerror}).")) from None
    size = max(size, len(content))
    if size > LARGEST_FILE:
        shown, limit = math.ceil(size / _MIB * 10) / 10, LARGEST_FILE // _MIB
        advice = "A protocol is a page of text. Data belong in files of their own, named under [records]."
        raise ProtocolError(
            Mistake(path.name, f"the file has {shown} MiB; a protocol has at most {limit} MiB.", advice)
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProtocolError(
            Mistake(path.name, f"line {line} is not UTF-8 text.", 'Save the file with the encoding "UTF-8".')
        ) from None


def _tables(text: str) -> dict[str, object]:
    """Return the tables of a TOML text."""
    if _TOO_DEEP.search(_TEXTS_AND_COMMENTS.sub("x", text)):
        raise ProtocolError(_TOO_DEEP_INSIDE)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(_syntax_mistake(str(error), text)) from None
    except RecursionError:
        raise ProtocolError(_TOO_DEEP_INSIDE) from None
    except ValueError:
        # The TOML reader passes on Python's refusal to convert thousands of digits.
        raise ProtocolError(Mistake("the file", "a number has thousands of digits.", "Shorten it.")) from None
    if not tables:
        advice = "A protocol has at least [study], [records.…], [areas] and [[question]]."
        raise ProtocolError(Mistake("the file", "is empty.", advice))
    return tables


def _syntax_mistake(message: str, text: str) -> Mistake:
    """Return what is wrong with the TOML itself, with its line and column."""
    place = _PLACE_IN_TEXT.search(message)
    what = message[: place.start()] if place else message
    if place and place[1]:
        where = f"line {place[1]}, column {place[2]}"
    else:
        lines = text.rstrip().split("\n")
        where = f"line {len(lines)}, column {len(lines[-1]) + 1}"
    if _GIVEN_TWICE.match(what):
        return Mistake(where, "a key or a table is given for the second time.", "Leave one of the two out.")
    advice = 'A line is `key = value`; a text stands in "quotes", a list in [brackets], a table in {braces}.'
    return Mistake(where, f"this is no TOML: {what[:1].lower()}{what[1:]}.", advice)


def _frozen_tables(tables: dict[str, object]) -> tuple[dict[str, object], list[Mistake]]:
    """Return the tables with lists as tuples, and the numbers and lists in them that no protocol can hold."""
    noted: list[tuple[tuple[Part, ...], str, str]] = []
    try:
        frozen = {key: _frozen(value, (key,), noted=noted) for key, value in tables.items()}
    except RecursionError:
        raise ProtocolError(_TOO_DEEP_INSIDE) from None
    named = Names(frozen)
    return frozen, [Mistake(named(parts), found, advice) for parts, found, advice in noted]


def _frozen(value: object, parts: tuple[Part, ...], *, noted: list[tuple[tuple[Part, ...], str, str]]) -> object:
    """Return a value with its lists as tuples, noting what no protocol can hold."""
    if len(parts) > DEEPEST:
        raise ProtocolError(_TOO_DEEP_INSIDE)
    match value:
        case dict():
            return {key: _frozen(entry, (*parts, key), noted=noted) for key, entry in value.items()}
        case list():
            if len(value) > LONGEST_LIST:
                noted.append((parts, f"has {len(value)} entries.", f"At most {LONGEST_LIST} are allowed."))
            kept = value[:LONGEST_LIST]
            return tuple(_frozen(entry, (*parts, index), noted=noted) for index, entry in enumerate(kept))
        case float() if math.isnan(value):
            noted.append((parts, "found nan, which is not a number.", "Give a number, or leave the key out."))
        case int() if not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
            noted.append((parts, "found a whole number of more than 64 bits.", "Give a smaller one."))
            return 0
    return value


def _all_of(mistakes: list[Mistake]) -> ProtocolError:
    """Return the error that lists all mistakes, or the first hundred and how many there are besides."""
    beyond = len(mistakes) - MOST_MISTAKES
    if beyond <= 0:
        return ProtocolError(mistakes)
    rest = Mistake("the file", f"{beyond} more mistakes are not listed.", "Mend these first.")
    return ProtocolError([*mistakes[:MOST_MISTAKES], rest])
