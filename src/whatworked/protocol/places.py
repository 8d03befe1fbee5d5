"""How a message points at a place of the protocol and quotes what stands there.

A protocol holds no person's data, so that its values may be quoted; they are cut short and made printable.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time

Part = str | int
LONGEST_QUOTE = 60

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_QUESTION_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


def key_path(parts: Sequence[Part], question_keys: Sequence[object] = ()) -> str:
    """Return a place as text: `areas.pilots[2].embedded`, `question[rereferral].records`.

    A question goes by its key where it has one of its own, else by its number, as all other lists do.
    """
    questions = question_places(question_keys)
    match parts:
        case ["question", int(index), *rest] if index < len(questions):
            text = questions[index]
        case _:
            text, rest = "", list(parts)
    for part in rest:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) and len(part) <= LONGEST_QUOTE else quoted(part)
            text += f".{name}" if text else name
    return text


def question_places(keys: Iterable[object]) -> tuple[str, ...]:
    """Return how each question is pointed at, by key if the key is proper and no other question has it."""
    keys = [key if isinstance(key, str) and _QUESTION_KEY.fullmatch(key) else None for key in keys]
    times = Counter(keys)
    return tuple(
        f"question[{key}]" if key is not None and times[key] == 1 else f"question[{index}]"
        for index, key in enumerate(keys)
    )


class Names:
    """Writes the places of one file as text, its questions under their keys."""

    def __init__(self, tables: Mapping[str, object]) -> None:
        """Look up the keys of the questions, where there are any."""
        questions = tables.get("question")
        entries = questions if isinstance(questions, tuple) else ()
        self._question_keys = [entry.get("key") if isinstance(entry, dict) else None for entry in entries]

    def __call__(self, parts: Sequence[Part]) -> str:
        """Return a place as text."""
        return key_path(parts, self._question_keys)


def quoted(value: object) -> str:
    """Return what was found, in a few printable characters."""
    match value:
        case str():
            text = f'"{_printable(value)}"'
        case bool():
            text = str(value).lower()
        case datetime():
            text = f"the date and time {value.isoformat(' ')}"
        case time():
            text = f"the time {value.isoformat()}"
        case dict():
            text = "a table"
        case list() | tuple():
            text = f"a list of {len(value)}" if value else "an empty list"
        case _:
            text = str(value)
    return text


def _printable(text: str) -> str:
    """Return a text cut short, with its control characters spelled out."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
