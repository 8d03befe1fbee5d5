"""DuckDB as the engine: what it returns, what it refuses, and what it never says."""

import os
import threading
import traceback

import duckdb
import numpy as np
import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import CsvSource, Engine, ParquetSource
from whatworked.engine.sql import Query
from whatworked.errors import EngineError, RecordsError

CANARY = "CANARY-7f3a"


@pytest.fixture
def engine(tmp_path):
    (tmp_path / "study").mkdir()
    with DuckDBEngine([tmp_path / "study"], tmp_path / "out", threads=2) as engine:
        yield engine


@pytest.fixture
def study(tmp_path):
    return tmp_path / "study"


def query(text, *columns):
    return Query(text, grain="thing", columns=columns)


def values(*rows):
    """A query of rows (text, BIGINT, DOUBLE, BOOLEAN, DATE), whole in standard SQL."""
    return query(
        " UNION ALL ".join(
            f"SELECT CAST({t} AS STRING) AS t, CAST({i} AS BIGINT) AS i, CAST({x} AS DOUBLE) AS x, "
            f"CAST({b} AS BOOLEAN) AS b, CAST({d} AS DATE) AS d"
            for t, i, x, b, d in rows
        ),
        *"tixbd",
    )


def test_it_keeps_to_the_interface(engine):
    checked: Engine = engine
    assert checked.dialect == "duckdb"


def test_without_nulls_columns_are_plain_arrays(engine):
    found = engine.collect(values(("'a'", 1, 1.5, "true", "'2017-05-01'")))
    kinds = [found[name].dtype for name in "tixbd"]
    assert kinds == [object, np.int64, np.float64, np.bool_, np.dtype("datetime64[D]")]
    assert not any(isinstance(array, np.ma.MaskedArray) for array in found.values())
    assert found["d"][0] == np.datetime64("2017-05-01")


def test_nulls_are_nan_none_or_masked(engine):
    row, nulls = ("'a'", 1, 1.5, "true", "'2017-05-01'"), ("NULL",) * 5
    found = engine.collect(values(row, nulls))
    assert found["t"].tolist() == ["a", None]
    assert np.isnan(found["x"]).tolist() == [False, True]
    assert not isinstance(found["x"], np.ma.MaskedArray)
    for name in "ibd":
        assert np.ma.getmaskarray(found[name]).tolist() == [False, True]


def test_an_empty_result_has_its_types(engine):
    found = engine.collect(query(f"SELECT * FROM {values(('NULL',) * 5)} AS v WHERE i > 0", *"tixbd"))
    assert [found[name].dtype.kind for name in "tixbd"] == ["O", "i", "f", "b", "M"]
    assert {len(array) for array in found.values()} == {0}


def test_rows_come_ordered_by_their_columns_with_nulls_last(engine):
    row = "NULL", "NULL", "true", "NULL"
    found = engine.collect(values(("NULL", *row), ("'b'", *row), ("'a'", *row), ("'B'", *row)))
    assert found["t"].tolist() == ["B", "a", "b", None]


@pytest.mark.parametrize("text", ["SUM(i)", "CAST(1.5 AS DECIMAL(9, 2))", "CAST('2017-05-01' AS TIMESTAMP)", "NULL"])
def test_a_column_that_would_lose_digits_is_refused(engine, tmp_path, text):
    lossy = query(f"SELECT {text} AS s FROM {values(('NULL',) * 5)} AS v", "s")
    with pytest.raises(EngineError, match="lose digits"):
        engine.collect(lossy)
    with pytest.raises(EngineError, match="lose digits"):
        engine.materialise(lossy, to=tmp_path / "out" / "s.parquet")


def test_a_cast_sum_keeps_every_digit(engine):
    big = 2**62 + 1
    found = engine.collect(query(f"SELECT CAST(SUM(i) AS BIGINT) AS s FROM (SELECT {big} AS i) AS v", "s"))
    assert found["s"].tolist() == [big]


def test_a_result_over_the_cap_is_refused_and_one_at_the_cap_is_not(engine):
    two = values(("'a'", 1, 1, "true", "NULL"), ("'b'", 2, 2, "true", "NULL"))
    assert len(engine.collect(two, limit=2)["t"]) == 2
    with pytest.raises(EngineError, match="more than 1 rows"):
        engine.collect(two, limit=1)


def test_a_query_must_have_the_columns_it_names(engine):
    with pytest.raises(EngineError, match="not the ones"):
        engine.collect(query("SELECT CAST(1 AS BIGINT) AS a", "b"))


def test_what_is_materialised_can_be_registered_and_read_back(engine, tmp_path):
    rows = values(("'a'", 1, 1.5, "true", "'2017-05-01'"), ("NULL",) * 5)
    source = engine.materialise(rows, to=tmp_path / "out" / "deep" / "rows.parquet")
    engine.register("rows", source)
    assert engine.schema("rows") == {"t": "VARCHAR", "i": "BIGINT", "x": "DOUBLE", "b": "BOOLEAN", "d": "DATE"}
    before, after = engine.collect(rows), engine.collect(query('SELECT * FROM "rows" AS r', *"tixbd"))
    np.testing.assert_array_equal(before["x"], after["x"])
    for name in "tibd":
        assert before[name].tolist() == after[name].tolist()
    assert os.listdir(tmp_path / "out" / "deep") == ["rows.parquet"]


def test_nothing_is_written_outside_the_folder_for_writing(engine, study, tmp_path):
    rows = values(("'a'", 1, 1.5, "true", "NULL"))
    for path in (study / "x.parquet", tmp_path / "x.parquet", tmp_path / "out" / ".." / "x.parquet"):
        with pytest.raises(EngineError, match="outside"):
            engine.materialise(rows, to=path)
    os.symlink(tmp_path, tmp_path / "out" / "link")
    with pytest.raises(EngineError, match="outside"):
        engine.materialise(rows, to=tmp_path / "out" / "link" / "x.parquet")
    with DuckDBEngine([study], None) as reader, pytest.raises(EngineError, match="outside"):
        reader.materialise(rows, to=study / "x.parquet")
    assert not list(study.iterdir())


def test_an_unwritable_artefact_is_an_engine_error_and_leaves_no_part(engine, tmp_path):
    (tmp_path / "out" / "taken").mkdir(parents=True)
    with pytest.raises(EngineError, match="cannot be written"):
        engine.materialise(values(("'a'", 1, 1.5, "true", "NULL")), to=tmp_path / "out" / "taken")
    assert not [name for name in os.listdir(tmp_path / "out") if name.endswith("-taken")]


def test_a_file_outside_the_folders_is_refused_even_next_door(engine, tmp_path):
    next_door = tmp_path / "study2"
    next_door.mkdir()
    (next_door / "a.csv").write_text("a\n1\n")
    os.symlink(next_door / "a.csv", tmp_path / "study" / "link.csv")
    for path in (next_door / "a.csv", tmp_path / "study" / "link.csv", tmp_path / "study" / ".." / "study2" / "a.csv"):
        with pytest.raises(EngineError, match="outside the folders"):
            engine.register("a", CsvSource(path))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT content AS a FROM read_text('/etc/hostname') AS f",
        "SELECT file AS a FROM glob('/etc/*') AS f",
        "SELECT a FROM read_csv('{outside}', header = true, all_varchar = true) AS f",
        "SELECT a FROM '{outside}' AS f",
        "SELECT a FROM '{link}' AS f",
        "SELECT a FROM python_variable AS f",
        "SELECT a FROM 'https://example.org/a.csv' AS f",
    ],
)
def test_duckdb_itself_is_blind_outside_its_folders(engine, study, tmp_path, text):
    python_variable = {"a": np.array([1])}
    outside = tmp_path / "outside.csv"
    outside.write_text(f"a\n{CANARY}\n")
    os.symlink(outside, study / "link.csv")
    with pytest.raises(EngineError) as caught:
        engine.collect(query(text.format(outside=outside, link=study / "link.csv"), "a"))
    assert CANARY not in str(caught.value)
    assert len(python_variable) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL spatial",
        "LOAD excel",
        "ATTACH '/tmp/other.duckdb'",
    ],
)
def test_the_lock_cannot_be_undone(engine, statement):
    with pytest.raises(EngineError):
        engine._run(statement, step="a statement")


def test_the_limits_are_in_force_and_the_temporary_folder_goes_away(tmp_path):
    with DuckDBEngine([], tmp_path / "out", memory="300MB", threads=1) as engine:
        limits = engine.limits()
        assert limits.memory == "286.1 MiB"
        assert limits.threads == 1
        assert limits.temp.parent == tmp_path / "out"
        assert limits.temp.is_dir()
    assert not list((tmp_path / "out").iterdir())


def test_a_step_over_the_memory_limit_is_named_and_explained(tmp_path):
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    joined = " CROSS JOIN ".join(f"({digits}) AS t{n}" for n in range(6))
    text = f"SELECT CAST(length(string_agg(REPEAT('x', 200), '')) AS BIGINT) AS n FROM {joined}"
    with (
        DuckDBEngine([], tmp_path / "out", memory="60MB", threads=1) as engine,
        pytest.raises(EngineError, match="the step with one row a nation: it needs more memory"),
    ):
        engine.collect(Query(text, grain="nation", columns=("n",)))


class Failing:
    """A connection on which some statements fail, with a message that quotes a value."""

    def __init__(self, connection, failure, *beginnings):
        self.connection, self.failure, self.beginnings = connection, failure, beginnings

    def execute(self, text):
        if text.startswith(self.beginnings):
            raise self.failure(CANARY)
        return self.connection.execute(text)

    def close(self):
        self.connection.close()


@pytest.mark.parametrize(
    ("failure", "found"),
    [
        (duckdb.OutOfMemoryException, "more memory"),
        (duckdb.IOException, "could not be read or written"),
        (duckdb.InternalException, r"could not run it \(InternalException\)"),
    ],
)
def test_what_duckdb_says_of_a_failure_is_withheld(engine, monkeypatch, failure, found):
    monkeypatch.setattr(engine, "_connection", Failing(engine._connection, failure, "SELECT *"))
    with pytest.raises(EngineError, match=found) as caught:
        engine.collect(values(("'a'", 1, 1.5, "true", "NULL")))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_want_of_memory_is_not_blamed_on_a_file(engine, study, tmp_path, monkeypatch):
    (study / "a.csv").write_text("a\n1\n")
    engine.register("rows", ParquetSource(parquet(engine, tmp_path)))
    failing = Failing(engine._connection, duckdb.OutOfMemoryException, "SELECT", "CREATE TABLE")
    monkeypatch.setattr(engine, "_connection", failing)
    with pytest.raises(EngineError, match="more memory"):
        engine.register("a", CsvSource(study / "a.csv"))
    with pytest.raises(EngineError, match="more memory"):
        engine.collect(query('SELECT t FROM "rows" AS r', "t"))


def test_a_failure_deep_in_the_rows_quotes_nothing(engine, study):
    (study / "a.csv").write_text("a\n" + "1\n" * 300_000 + CANARY + "\n")
    engine.register("a", CsvSource(study / "a.csv"))
    with pytest.raises(EngineError) as caught:
        engine.collect(query('SELECT CAST(SUM(CAST(a AS BIGINT)) AS BIGINT) AS s FROM "a" AS t', "s"))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_closed_engine_says_so_in_its_own_words(tmp_path):
    engine = DuckDBEngine([], tmp_path / "out")
    engine.close()
    with pytest.raises(EngineError, match="could not run"):
        engine.collect(query("SELECT CAST(1 AS BIGINT) AS a", "a"))


def parquet(engine, tmp_path, name="rows.parquet"):
    source = engine.materialise(
        values(*[(f"'{n}'", n, n, "true", "NULL") for n in range(50)]), to=tmp_path / "out" / name
    )
    return source.path


def test_a_truncated_parquet_file_is_named(engine, tmp_path):
    path = parquet(engine, tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RecordsError, match=r"rows\.parquet: the file is cut off"):
        engine.register("rows", ParquetSource(path))


@pytest.mark.parametrize(
    ("content", "found"), [(b"", "empty"), (b"a,b\n1,2\n", "not a Parquet"), (b"PAR1PAR1", "damaged")]
)
def test_what_is_no_parquet_file_is_named(engine, study, content, found):
    (study / "rows.parquet").write_bytes(content)
    with pytest.raises(RecordsError, match=found):
        engine.register("rows", ParquetSource(study / "rows.parquet"))


def test_a_parquet_file_damaged_inside_is_blamed_for_the_failure(engine, tmp_path):
    path = parquet(engine, tmp_path)
    content = bytearray(path.read_bytes())
    content[4:120] = bytes(116)
    path.write_bytes(bytes(content))
    engine.register("rows", ParquetSource(path))
    with pytest.raises(RecordsError, match=r"rows\.parquet: the file is damaged"):
        engine.collect(query('SELECT t FROM "rows" AS r', "t"))


def test_a_folder_or_nothing_in_place_of_a_file_is_named(engine, study):
    (study / "folder.csv").mkdir()
    for name, found in (("folder.csv", "it is a folder"), ("none.csv", "no such file")):
        for source in (CsvSource(study / name), ParquetSource(study / name)):
            with pytest.raises(RecordsError, match=found):
                engine.register("a", source)


def test_links_that_run_in_a_circle_are_no_file(engine, study):
    os.symlink(study / "a.csv", study / "b.csv")
    os.symlink(study / "b.csv", study / "a.csv")
    with pytest.raises(RecordsError, match="no such file"):
        engine.register("a", CsvSource(study / "a.csv"))


def test_a_file_that_vanishes_while_it_is_opened_is_named(engine, study, monkeypatch):
    (study / "a.csv").write_text("a\n1\n")

    def vanish(_):
        raise PermissionError(CANARY)

    monkeypatch.setattr("whatworked.engine.duckdb.column_names", vanish)
    with pytest.raises(RecordsError, match="cannot be opened") as caught:
        engine.register("a", CsvSource(study / "a.csv"))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_registering_again_replaces_the_table(engine, study, tmp_path):
    (study / "a.csv").write_text("a\n1\n")
    (study / "b.csv").write_text("b\n2\n")
    for source, columns in (
        (CsvSource(study / "a.csv"), ["a"]),
        (CsvSource(study / "b.csv"), ["b"]),
        (ParquetSource(parquet(engine, tmp_path)), [*"tixbd"]),
        (CsvSource(study / "a.csv"), ["a"]),
    ):
        engine.register("same", source)
        assert list(engine.schema("same")) == columns


@pytest.mark.parametrize("name", ["a[1].csv", "a*.csv", "a?.csv", "s[1]/a.csv"])
def test_a_path_that_the_engine_would_read_as_a_pattern_is_refused(engine, study, name):
    (study / name).parent.mkdir(exist_ok=True)
    (study / name).write_text("a\n1\n")
    (study / "a1.csv").write_text("a\n2\n")
    with pytest.raises(EngineError, match="pattern of several files"):
        engine.register("a", CsvSource(study / name))


def test_braces_and_quotes_in_a_path_mean_themselves(engine, study):
    for name in ("d{1;2}.csv", 'it\'s "b".csv', "d1.csv"):
        (study / name).write_text(f"name\n{name.replace(chr(34), '')}\n")
    for name in ("d{1;2}.csv", 'it\'s "b".csv'):
        engine.register("a", CsvSource(study / name))
        found = engine.collect(query('SELECT name FROM "a" AS t', "name"))
        assert found["name"].tolist() == [name.replace('"', "")]


def test_folders_named_like_columns_add_no_column(engine, study, tmp_path):
    (study / "year=2013").mkdir()
    (study / "year=2013" / "a.csv").write_text("a\n1\n")
    engine.register("a", CsvSource(study / "year=2013" / "a.csv"))
    assert list(engine.schema("a")) == ["a"]
    rows = query('SELECT a FROM "a" AS t', "a")
    engine.register("a", engine.materialise(rows, to=tmp_path / "out" / "year=2013" / "a.parquet"))
    assert list(engine.schema("a")) == ["a"]


def test_a_slow_query_draws_no_bar_over_what_a_command_prints(engine):
    assert engine._connection.execute("SELECT current_setting('enable_progress_bar')").fetchone() == (False,)


def test_a_statement_that_a_person_interrupts_is_no_failure_of_the_engine(engine):
    endless = query("SELECT COUNT(*) AS n FROM range(1000000) AS a, range(1000000) AS b WHERE a.range <> b.range", "n")
    timer = threading.Timer(0.3, engine._connection.interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        engine.collect(endless)
    timer.join()
