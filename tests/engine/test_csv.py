"""CSV files as they come: what is read as it stands, and what is refused with its line and never its content."""

import csv
import traceback
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatworked.engine.csv_file import column_names
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import CsvSource
from whatworked.engine.sql import Query, identifier
from whatworked.errors import RecordsError

CANARY = "CANARY-7f3a"


@pytest.fixture
def engine(tmp_path):
    with DuckDBEngine([tmp_path], None, threads=2) as engine:
        yield engine


@pytest.fixture
def read(engine, tmp_path):
    """Register content as a table and return its columns, each as a list in the order of the file's rows."""

    def read(content, encoding="utf-8"):
        path = tmp_path / "areas.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        engine.register("areas", CsvSource(path, encoding))
        names = tuple(engine.schema("areas"))
        listed = ", ".join(identifier(name) for name in names)
        found = engine.collect(Query(f"SELECT {listed} FROM areas AS t", grain="row", columns=names))
        return {name: array.tolist() for name, array in found.items()}

    return read


PLAIN = {"a": ["1", "3"], "b": ["2", "4"]}


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\n1,2\n3,4",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\r1,2\r3,4\r",
        "\ufeffa,b\n1,2\n3,4\n",
        '"a","b"\n"1","2"\n3,4\n',
        " a , b \n1,2\n3,4\n",
        "a,b\n\n1,2\n\n3,4\n\n\n",
        "a,b\n1,2,\n3,4,\n",
    ],
    ids=["plain", "no last end", "crlf", "cr", "bom", "quotes", "blanks", "blank lines", "trailing commas"],
)
def test_forms_of_the_same_table_are_read_alike(read, content):
    assert read(content) == PLAIN


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_letters_survive_every_encoding(read, encoding):
    assert read("naïve,b\nYnys Môn,É\n", encoding) == {"naïve": ["Ynys Môn"], "b": ["É"]}


def test_quoted_commas_quotes_and_line_ends_belong_to_the_value(read):
    assert read('a,b\n"x, ""y""","line\nend"\n3,4\n') == {"a": ["3", 'x, "y"'], "b": ["4", "line\nend"]}


def test_empty_values_are_null_in_quotes_or_without(read):
    assert read('a,b\n1,\n2,""\n') == {"a": ["1", "2"], "b": [None, None]}


def test_nothing_is_made_a_number_or_a_date(read):
    assert read("a,b\n007,2017-05-01\n1e3,true\n") == {"a": ["007", "1e3"], "b": ["2017-05-01", "true"]}


def test_a_column_without_a_name_goes_by_its_place(read):
    assert list(read("a,,c,\n1,2,3,4\n")) == ["a", "(unnamed 2)", "c", "(unnamed 4)"]


def test_a_header_alone_gives_a_table_without_rows(read):
    assert read("a,b\n") == read("a,b") == {"a": [], "b": []}


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELL, CELL, st.just("x")), max_size=5))
def test_whatever_a_csv_writer_writes_comes_back(read, rows):
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("a", "b", "c"), *rows])
    found = read(file.getvalue())
    as_read = sorted(zip(found["a"], found["b"], found["c"], strict=True), key=repr)
    assert as_read == sorted(((a or None, b or None, c) for a, b, c in rows), key=repr)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (
            f"a,b\n1,2\n{CANARY}\n3,4\n5,6,{CANARY}\n",
            "2 lines cannot be read (too few values; too many values): lines 3, 5.",
        ),
        (f"a,b\n1,2\nNote: {CANARY}\n", "1 line cannot be read (too few values): line 3."),
        (f'a,b\n1,2\n"{CANARY},3\n4,5\n', "line 3."),
        (f'a,b\n1,2\n3,"{CANARY}"x\n', "a quotation mark that is not closed or stands inside a value): line 3."),
        (f"a,b\n1,2\n3,{CANARY}é\n".encode("latin-1"), "characters that the encoding does not have): line 3."),
        (f"a,b\n1,{CANARY}{'x' * 10_000_000}\n3,4\n", "a line of more than two million characters): line 2."),
        (f"a,b\r\n1,2\n{CANARY},3\r\n", "the ends of its lines are mixed"),
        (f"a,b\n1,2\n{CANARY}\0,3\n", "NUL characters"),
        (f"a,a,b,B\n{CANARY},2,3,4\n", "columns of one name (capitals do not count): 1 and 2, 3 and 4."),
        (f"a;b\n1;{CANARY}\n", "separated by something else than commas"),
        (f"a\tb\n1\t{CANARY}\n", "separated by something else than commas"),
        (f"\na,b\n1,{CANARY}\n", "the first line is blank"),
        (f'"a,b\n1,{CANARY}\n', "the first line is not a row of column names"),
        (f'"a,b\n1,{CANARY}"\n', "a column name runs over a line's end"),
        (f'"a"x,b\n1,{CANARY}\n', "the first line is not a row of column names"),
        (f"{CANARY}é,b\n1,2\n".encode("latin-1"), "cannot be read in the encoding given"),
        (f"{'x' * 200_000}{CANARY},b\n1,2\n", "the first line is not a row of column names"),
        ("", "the file is empty"),
        ("\n \n\n", "the file is empty"),
        (f"a,b\n1,{CANARY}\n".encode("utf-16"), "its text is UTF-16, not utf-8"),
        (b"PK\x03\x04\x00" + CANARY.encode(), "NUL characters"),
    ],
)
def test_a_broken_file_is_refused_with_its_lines_and_without_its_content(read, content, found):
    with pytest.raises(RecordsError) as caught:
        read(content)
    assert found in str(caught.value)
    assert str(caught.value).startswith("areas.csv: ")
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("content", "encoding", "found"),
    [
        (f"a,b\n1,{CANARY}\n".encode(), "utf-16", "not UTF-16"),
        (f"\ufeffa,b\n1,{CANARY}\n".encode("utf-16-be"), "utf-16", "big-endian"),
        (f"\ufeffa,b\n1,{CANARY}\n".encode("utf-16-be"), "utf-8", "big-endian"),
        (f"\ufeffa,b\n1,{CANARY}\n".encode("utf-16-le") + b"x", "utf-16", "cannot be read as CSV"),
        (f"\ufeffa,b\n1,{CANARY}\n".encode(), "latin-1", "UTF-8, not latin-1"),
        (f"a,b\n1,{CANARY}\n".encode("utf-16"), "latin-1", "UTF-16, not latin-1"),
        (b"\xff\xfe", "utf-16", "the first line is blank"),
    ],
)
def test_a_file_in_another_encoding_is_refused(read, content, encoding, found):
    with pytest.raises(RecordsError, match=found) as caught:
        read(content, encoding)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_at_most_twenty_broken_lines_are_listed_and_all_are_counted(read):
    with pytest.raises(RecordsError) as caught:
        read("a,b\n" + "1\n" * 2000)
    lines = ", ".join(str(line) for line in range(2, 22))
    assert f"2,000 lines cannot be read (too few values): lines {lines} and 1,980 more." in str(caught.value)


def test_after_a_broken_file_a_sound_one_is_read_and_nothing_is_kept_of_the_first(read, engine):
    for broken in (f"a,b\n{CANARY}\n", f"a,b\r\n1,2\n{CANARY},3\r\n"):
        with pytest.raises(RecordsError):
            read(broken)
        assert read("a,b\n1,2\n3,4\n") == PLAIN
    tables = engine._run("SELECT table_name FROM duckdb_tables() ORDER BY table_name", step="tables").fetchall()
    assert tables == [("areas",)]


def test_column_names_are_those_of_the_csv_module(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"x, y","say ""z""",plain\n1,2,3\n')
    assert column_names(CsvSource(path)) == ("x, y", 'say "z"', "plain")


def test_rows_are_numbered_as_they_stand_in_a_file_that_several_threads_would_share(engine, tmp_path):
    rows = 500_000
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("number,filler\n")
        file.writelines(f"{i},{'x' * 70}\n" for i in range(1, rows + 1))
    engine.register("long", CsvSource(path, row_column="row"))
    text = "SELECT COUNT(*) AS n, COUNT(CASE WHEN CAST(number AS BIGINT) = row THEN 1 END) AS right FROM long"
    found = engine.collect(Query(text, grain="file", columns=("n", "right")))
    assert (found["n"][0], found["right"][0]) == (rows, rows)
