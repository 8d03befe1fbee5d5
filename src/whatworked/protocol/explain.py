"""From the errors of the model to mistakes that the protocol's author can mend.

Each error is followed along the model and the file at once, so that a message names the keys of the file and
says what belongs there. Where the model allows one thing or another (a table or a list, a number or "all"),
what the file holds decides which was meant, and only that reading is explained: one mistake, not one for
each possibility.
"""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from whatworked.errors import Mistake, known
from whatworked.protocol.model import Protocol
from whatworked.protocol.places import Names, Part, quoted

_ABSENT = object()
_BAD_KEY = "[key]"
_NAMES: dict[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    date: "a date",
}
_PLURALS = {"text": "texts", "a table": "tables"}
_LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of the protocol: its keys, the type that belongs there, what the file holds, what it is for."""

    parts: tuple[Part, ...]
    wanted: object
    value: object
    meaning: str = ""


def explain(error: ValidationError, data: Mapping[str, object]) -> tuple[Mistake, ...]:
    """Return the mistakes behind the model's errors over `data`, in the order of the model."""
    root = _Place((), Protocol, data)
    named = Names(data)
    return tuple(dict.fromkeys(_mistakes(root, error, named)))


def _mistakes(origin: _Place, error: ValidationError, named: Names) -> Iterator[Mistake]:
    """Yield the mistakes behind the errors of one value."""
    alternatives_seen: set[tuple[Part, ...]] = set()
    for detail in error.errors(include_url=False, include_input=False):
        location = detail["loc"]
        if location[-1:] == (_BAD_KEY,) and get_origin(_walk(origin, location[:-2]).wanted) is dict:
            yield _bad_name(named(origin.parts + location[:-1]))
            continue
        place = _walk(origin, location)
        if place.value is _ABSENT or not _is_union(place.wanted):
            yield from _plain_mistake(_walk(origin, location[:-1]), place, detail=detail, named=named)
        elif place.parts not in alternatives_seen:
            alternatives_seen.add(place.parts)
            yield from _mistakes_of_alternatives(place, named)


def _mistakes_of_alternatives(place: _Place, named: Names) -> Iterator[Mistake]:
    """Yield the mistakes of a value that may be one thing or another, read as what it resembles."""
    arms = [_without_none(arm) for arm in get_args(_bare(place.wanted))]
    kinds = {_kind(arm): arm for arm in arms if _is_model(arm)}
    if len(kinds) == len(arms) and isinstance(place.value, dict):
        kind = place.value.get("kind", _ABSENT)
        if not isinstance(kind, str) or kind not in kinds:
            yield _unknown_kind(named((*place.parts, "kind")), kind, tuple(kinds))
            # the rest of the table is read as what was probably meant
            kind = next(iter(get_close_matches(str(kind), kinds, n=1)), None)
            if kind is None:
                return
            place = replace(place, value={**place.value, "kind": kind})
        chosen: Any = kinds[kind]
    else:
        chosen = next((arm for arm in arms if _resembles(arm, place.value)), None)
    if chosen is None:
        yield _wrong_type(named(place.parts), place)
        return
    try:
        TypeAdapter(chosen).validate_python(place.value, strict=True)
    except ValidationError as error:
        yield from _mistakes(replace(place, wanted=chosen), error, named)


def _walk(origin: _Place, location: Sequence[Part]) -> _Place:
    """Return the place that a location leads to, or the first on the way where the model has alternatives."""
    place = origin
    for part in location:
        if _is_union(place.wanted):
            break
        place = _step(place, part)
    return place


def _step(place: _Place, part: Part) -> _Place:
    """Return the place one key or one index further in."""
    wanted, meaning = _bare(place.wanted), place.meaning
    inner: object = None
    if _is_model(wanted):
        field = wanted.model_fields.get(str(part))
        if field is not None:
            inner, meaning = _without_none(field.annotation), field.description or ""
    else:
        # What a table or a list holds stands last in its type, but for the dots of a list of any length.
        inner = next((argument for argument in reversed(get_args(wanted)) if argument is not ...), None)
    return _Place((*place.parts, part), inner, _entry(place.value, part), meaning)


def _entry(value: object, part: Part) -> object:
    """Return what a table or a list holds under a key or index."""
    if isinstance(value, dict):
        return value.get(part, _ABSENT)
    return value[part] if isinstance(value, tuple) and isinstance(part, int) else _ABSENT


def _plain_mistake(parent: _Place, place: _Place, *, detail: ErrorDetails, named: Names) -> Iterator[Mistake]:
    """Yield the mistake behind one error, if it is one of its own."""
    where, kind = named(place.parts), detail["type"]
    wanted = _bare(parent.wanted)
    if kind == "missing":
        yield Mistake(where, "is missing.", place.meaning)
    elif kind == "extra_forbidden" and _is_model(wanted):
        yield Mistake(where, "is an unknown key.", known(wanted.model_fields, str(place.parts[-1])))
    elif kind in ("string_too_short", "too_short"):
        # A list whose entries are wrong counts as short for the model: the entries' own mistakes say it better.
        if not place.value:
            yield Mistake(where, "is empty.", place.meaning)
    elif kind == "literal_error" and isinstance(place.value, str):
        options = [str(option) for option in get_args(_bare(place.wanted))]
        yield Mistake(where, f"found {quoted(place.value)}.", known(options, place.value))
    else:
        yield _out_of_bounds(where, place, detail) or _wrong_type(where, place)


def _out_of_bounds(where: str, place: _Place, detail: ErrorDetails) -> Mistake | None:
    """Return the mistake of a value of the right type that is not allowed, None if the type is wrong."""
    kind, limits = detail["type"], detail.get("ctx", {})
    if kind == "string_too_long":
        return Mistake(
            where, f"has {len(str(place.value))} characters.", f"At most {limits['max_length']} are allowed."
        )
    if kind == "string_pattern_mismatch":
        return Mistake(where, f"found {quoted(place.value)}, which is not in the form wanted.", place.meaning)
    if kind in _LIMITS:
        side, limit = _LIMITS[kind]
        return Mistake(where, f"found {quoted(place.value)}; it must be {side} {limits[limit]:g}.", place.meaning)
    return None


def _bad_name(where: str) -> Mistake:
    """Return the mistake of a table whose name has forbidden characters."""
    advice = "Use small letters, digits and underscores, a letter first, at most 60 in all."
    return Mistake(where, "is no name that a table of records can have.", advice)


def _unknown_kind(where: str, kind: object, kinds: Sequence[str]) -> Mistake:
    """Return the mistake of a table that does not say which of several kinds it is."""
    found = "is missing." if kind is _ABSENT else f"found {quoted(kind)}."
    return Mistake(where, found, known(kinds, kind if isinstance(kind, str) else ""))


def _wrong_type(where: str, place: _Place) -> Mistake:
    """Return the mistake of a value of the wrong type."""
    return Mistake(where, f"found {quoted(place.value)}; {_expected(place.wanted)} is expected.", _advice(where, place))


def _advice(where: str, place: _Place) -> str:
    """Return what to write in place of a value of the wrong type."""
    wanted, value = _bare(place.wanted), place.value
    if wanted is date:
        if isinstance(value, datetime):
            return f"Write the day without the time: {value.date().isoformat()}."
        return f"Write the day without quotes, as 2017-05-01. {place.meaning}"
    if _is_text(wanted) and isinstance(value, int | float) and not isinstance(value, bool):
        return f'Write it in quotes: "{value}". {place.meaning}'
    if isinstance(value, dict) and get_origin(wanted) is tuple and _is_model(get_args(wanted)[0]):
        return f"Write [[{where}]] with two brackets, once for each. {place.meaning}"
    return place.meaning


def _expected(wanted: object) -> str:
    """Return in words what belongs at a place."""
    wanted = _bare(wanted)
    if _is_union(wanted):
        return " or ".join(dict.fromkeys(_expected(arm) for arm in get_args(wanted)))
    if get_origin(wanted) is Literal:
        return " or ".join(quoted(option) for option in get_args(wanted))
    if get_origin(wanted) is tuple:
        entries = _expected(get_args(wanted)[0]).split(" or ")
        return "a list of " + " or ".join(_PLURALS.get(entry, entry) for entry in entries)
    return _NAMES.get(wanted, "a table")


def _resembles(arm: object, value: object) -> bool:
    """Whether a value is of the sort that one of several alternatives is; what is left may still be wrong in it."""
    arm = _bare(arm)
    if _is_model(arm):
        return isinstance(value, dict)
    if get_origin(arm) is tuple:
        return isinstance(value, tuple)
    return arm is int and isinstance(value, int) and not isinstance(value, bool)


def _bare(wanted: object) -> object:
    """Return a type without its constraints."""
    return get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted


def _without_none(wanted: object) -> object:
    """Return a type without the possibility of leaving the value out: TOML has no None."""
    if not _is_union(wanted):
        return wanted
    arms = tuple(arm for arm in get_args(_bare(wanted)) if arm is not types.NoneType)
    return Union[arms]  # noqa: UP007 - the arms are known only here


def _is_union(wanted: object) -> bool:
    """Whether a type has alternatives."""
    return get_origin(_bare(wanted)) in (Union, types.UnionType)


def _is_text(wanted: object) -> bool:
    """Whether a type is text, or text among others."""
    return _bare(wanted) is str or (_is_union(wanted) and str in get_args(_bare(wanted)))


def _is_model(wanted: object) -> TypeGuard[type[BaseModel]]:
    """Whether a type is a table with known keys."""
    return isinstance(wanted, type) and issubclass(wanted, BaseModel)


def _kind(model: type[BaseModel]) -> str:
    """Return the value of `kind` that tells a table from its alternatives, empty if it has none."""
    field = model.model_fields.get("kind")
    return str(get_args(field.annotation)[0]) if field is not None else ""
