"""Whatever a file holds, it is either a protocol or refused with a list of mistakes."""

import json
import tomllib
from copy import deepcopy
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatworked.errors import ProtocolError
from whatworked.protocol.read import parse_protocol, read_protocol

JARGON = ("Input should", "pydantic", "validat", "tuple[", "constrained", "literal[", "[key]")
READING_A_FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.just(datetime(2017, 5, 1, tzinfo=UTC)),
    st.just(time(12, 30)),
    st.sampled_from(["plans", "867", "2013", "all", "each", "year", "02-29", "inf", "../x.csv", "leave_out", "\0"]),
)
NAMES = st.one_of(
    st.text(max_size=6), st.sampled_from(["kind", "area", "label", "start", "end", "plans", "wide", "key"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


def toml_value(value):
    """Return a value as TOML writes it in a line."""
    match value:
        case str():
            return json.dumps(value).replace("\x7f", "\\u007f")
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{toml_value(key)} = {toml_value(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml_value, value)) + "]"
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def toml(tables):
    """Return tables as TOML, each on a line of its own."""
    return "\n".join(f"{toml_value(key)} = {toml_value(value)}" for key, value in tables.items())


def places_of(value, place=()):
    """Return every place inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(deeper for key, entry in inside for deeper in places_of(entry, (*place, key)))]


def refused_or_read(text):
    """Read a text; a refusal must be a list of mistakes that anybody can read."""
    try:
        parse_protocol(text, Path())
    except ProtocolError as error:
        refusal = error
    else:
        return "read"
    assert refusal.mistakes
    assert all(mistake.where and mistake.found for mistake in refusal.mistakes)
    assert not [word for word in JARGON if word in str(refusal) and word not in text]
    return "refused"


@READING_A_FIXTURE
@given(content=st.binary(max_size=300))
def test_random_bytes_are_refused(content, tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(ProtocolError):
        read_protocol(path)


@READING_A_FIXTURE
@given(data=st.data())
def test_a_protocol_with_characters_put_in_or_cut_out_is_read_or_refused(data, valid_text):
    place = data.draw(st.integers(0, len(valid_text)))
    cut = data.draw(st.integers(0, 40))
    put_in = data.draw(st.text(st.sampled_from("\"'[]{}=.,#\n\\ -_019aeT:\0é"), max_size=6))
    refused_or_read(valid_text[:place] + put_in + valid_text[place + cut :])


@settings(READING_A_FIXTURE, max_examples=400)
@given(data=st.data())
def test_a_protocol_with_values_replaced_added_and_removed_is_read_or_refused(data, valid_text):
    tables = tomllib.loads(valid_text)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places_of(tables)[1:]))
        holder = tables
        for key in place[:-1]:
            holder = holder[key]
        match data.draw(st.sampled_from(["replace", "remove", "add", "repeat"])):
            case "replace":
                holder[place[-1]] = data.draw(VALUES)
            case "remove":
                del holder[place[-1]]
            case "add" if isinstance(holder, dict):
                holder[data.draw(NAMES)] = data.draw(VALUES)
            case _:
                twin = deepcopy(holder[place[-1]])
                holder.append(twin) if isinstance(holder, list) else holder.update({"twin": twin})
        if not tables:
            break
    refused_or_read(toml(tables))


def test_the_writer_of_these_tests_loses_nothing(valid_text):
    tables = tomllib.loads(valid_text)
    assert tomllib.loads(toml(tables)) == tables
    # on which line a key stands is another matter
    assert parse_protocol(toml(tables), Path()).model_dump() == parse_protocol(valid_text, Path()).model_dump()
    assert refused_or_read(toml(tables)) == "read"
    assert refused_or_read("") == "refused"


@READING_A_FIXTURE
@given(data=st.data())
def test_the_digest_ignores_the_order_of_keys(data, valid_text):
    def shuffled(value):
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in data.draw(st.permutations(list(value)))}
        return [shuffled(entry) for entry in value] if isinstance(value, list) else value

    other = toml(shuffled(tomllib.loads(valid_text)))
    assert parse_protocol(other, Path()).digest == parse_protocol(valid_text, Path()).digest
