"""Portable SQL text: quoting, literals and layout."""

from datetime import date, datetime

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whatworked.engine.sql import Query, identifier, literal
from whatworked.errors import EngineError

# A NUL and a lone surrogate have no place in SQL text at all.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(TEXT)
def test_text_comes_back_from_the_engine_as_it_was_quoted(text):
    assert duckdb.connect().execute(f"SELECT {literal(text)}").fetchone() == (text,)


@given(TEXT.filter(len))
def test_a_column_keeps_its_name_through_quoting(name):
    result = duckdb.connect().execute(f"SELECT 1 AS {identifier(name)}")
    assert result.description[0][0] == name


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_bit_for_bit(number):
    value, kind = duckdb.connect().execute(f"SELECT {literal(number)} AS x, typeof({literal(number)})").fetchone()
    assert kind == "DOUBLE"
    assert value == number


@pytest.mark.parametrize(("value", "text"), [(None, "NULL"), (7, "7"), (date(2017, 5, 1), "DATE '2017-05-01'")])
def test_other_values_are_written_in_the_standard_form(value, text):
    assert literal(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "a\0b", datetime(2017, 5, 1), b"bytes"])
def test_a_value_without_a_portable_form_is_refused(value):
    with pytest.raises(EngineError, match="no portable form"):
        literal(value)


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_a_name_that_cannot_be_quoted_is_refused(name):
    with pytest.raises(EngineError, match="NUL"):
        identifier(name)


def test_a_statement_inside_quotes_stays_inside_them():
    hostile = "x'; DROP TABLE areas; --"
    assert duckdb.connect().execute(f"SELECT {literal(hostile)} AS {identifier(hostile)}").fetchone() == (hostile,)


def test_queries_nest_and_are_indented_by_their_brackets():
    inner = Query("SELECT 1 AS a,\n                 2 AS b", grain="one", columns=("a", "b"))
    outer = Query(
        f"""
            SELECT a
            FROM {inner} AS one
            WHERE (a > 0)
        """,
        grain="one",
        columns=("a",),
    )
    assert outer.text == "SELECT a\nFROM (\n  SELECT 1 AS a,\n  2 AS b\n) AS one\nWHERE (a > 0)"


@given(TEXT)
def test_the_layout_of_a_query_leaves_what_is_in_quotes_alone(text):
    inner = Query(f"SELECT {literal(text)} AS a", grain="one", columns=("a",))
    outer = Query(f"\n    SELECT a\n    FROM {inner} AS one", grain="one", columns=("a",))
    assert duckdb.connect().execute(outer.text).fetchone() == (text,)
