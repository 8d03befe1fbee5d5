"""A protocol in full: every key that has a value, with the line it stands on, whether the file gives it or not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import isinf

from pydantic import BaseModel

from whatworked.protocol.model import Protocol
from whatworked.protocol.places import Part, key_path


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A key as messages name it, its value as TOML, its line in the study file; `given` is False for a default."""

    key: str
    value: str
    line: int | None
    given: bool


def written(protocol: Protocol) -> tuple[WrittenKey, ...]:
    """Return every key of a protocol that has a value, in the order of the model; what is empty is left out."""
    keys = [question.key for question in protocol.question]
    lines = protocol.lines
    return tuple(
        WrittenKey(key_path(parts, keys), as_toml(value), lines.get(parts) if given else None, given)
        for parts, value, given in _leaves(protocol, (), given=True)
    )


def as_toml(value: object) -> str:
    """Return a value as TOML writes it on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case float() if isinf(value):
            return "inf" if value > 0 else "-inf"
        case dict():
            pairs = ", ".join(f"{_key(name)} = {as_toml(entry)}" for name, entry in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list() | tuple():
            return f"[{', '.join(as_toml(entry) for entry in value)}]"
    return str(value)


def _key(name: object) -> str:
    text = str(name)
    return text if text.isascii() and text.replace("_", "").replace("-", "").isalnum() else as_toml(text)


def _empty(value: object) -> bool:
    return value is None or value in ((), {}, "")


def _leaves(value: object, parts: tuple[Part, ...], *, given: bool) -> Iterator[tuple[tuple[Part, ...], object, bool]]:
    """Yield every value below a place: tables and lists of tables are gone into, plain lists are values."""
    match value:
        case BaseModel():
            for name in type(value).model_fields:
                mine = given and name in value.model_fields_set
                yield from _leaves(getattr(value, name), (*parts, name), given=mine)
        case dict() if any(isinstance(entry, BaseModel) for entry in value.values()):
            for name, entry in value.items():
                yield from _leaves(entry, (*parts, str(name)), given=given)
        case tuple() if any(isinstance(entry, BaseModel) for entry in value):
            for place, entry in enumerate(value):
                yield from _leaves(entry, (*parts, place), given=given)
        case _ if not _empty(value):
            yield parts, value, given
