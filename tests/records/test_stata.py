"""Stata files become text that the engine reads, a chunk at a time, with the extra that reads them."""

import csv
from datetime import date, datetime

import pandas
import pyreadstat
import pytest

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.errors import RecordsError
from whatworked.records import stata
from whatworked.records.npd import read_npd
from whatworked.records.npd_files import register_extract


def written(path, **columns):
    pyreadstat.write_dta(pandas.DataFrame(columns), str(path))
    return path


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_days_whole_numbers_fractions_and_gaps_are_written_as_text(tmp_path):
    path = written(
        tmp_path / "a.dta",
        CIN_LA=[867.0, None],
        CIN_DOB=pandas.to_datetime(["2015-04-01", None]),
        text=["é, \"quoted\"", ""],
        half=[1.5, -2.0],
    )  # fmt: skip
    source = stata.stata_as_csv(path, to=tmp_path / "text" / "a.csv")
    assert rows_of(source.path) == [
        ["CIN_LA", "CIN_DOB", "text", "half"],
        ["867", "2015-04-01", 'é, "quoted"', "1.5"],
        ["", "", "", "-2"],
    ]


def test_values_of_every_kind_are_written_in_one_way():
    values = [None, float("nan"), 3.0, 2.5, 7, "x", date(2015, 4, 1), datetime(2015, 4, 1), datetime(2015, 4, 1, 9, 5)]
    expected = ["", "", "3", "2.5", "7", "x", "2015-04-01", "2015-04-01", "2015-04-01 09:05:00"]
    assert [stata._text(value) for value in values] == expected


@pytest.mark.parametrize("chunk", [1, 3, 7, 10, 11])
def test_chunks_of_any_size_give_the_same_text(tmp_path, chunk):
    path = written(tmp_path / "a.dta", n=list(range(10)), t=[f"t{n}" for n in range(10)])
    source = stata.stata_as_csv(path, to=tmp_path / "a.csv", rows=chunk)
    assert rows_of(source.path) == [["n", "t"], *([str(n), f"t{n}"] for n in range(10))]


def test_no_more_than_a_chunk_is_held_at_a_time(tmp_path, monkeypatch):
    path = written(tmp_path / "a.dta", n=list(range(10)))
    read, asked = pyreadstat.read_dta, []

    def counting(*given, **options):
        asked.append(options.get("row_limit"))
        return read(*given, **options)

    monkeypatch.setattr(pyreadstat, "read_dta", counting)
    stata.stata_as_csv(path, to=tmp_path / "a.csv", rows=4)
    assert asked == [None, 4, 4, 4, 4]


@pytest.mark.parametrize("keep", [0, 100, -40])
def test_a_broken_file_is_refused_without_a_value(tmp_path, keep):
    path = written(tmp_path / "a.dta", n=["CANARY"] * 50)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RecordsError, match=r"a.dta: it cannot be read as a Stata file") as caught:
        stata.stata_as_csv(path, to=tmp_path / "a.csv")
    assert "CANARY" not in str(caught.value)


def test_without_the_extra_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = written(tmp_path / "a.dta", n=[1])
    monkeypatch.setattr(stata, "find_spec", lambda name: None)
    with pytest.raises(RecordsError, match=r"whatworked\[stata\]"):
        stata.stata_as_csv(path, to=tmp_path / "a.csv")


def test_a_stata_file_of_an_extract_gives_the_tables_of_its_text(tmp_path):
    folder, work = tmp_path / "extract", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    case = {"CIN_ACADYR": ["2013/2014"], "CIN_LA": [867.0], "CIN_LAchildID_Anon": ["c1"], "CIN_ReferralNFA": [0.0],
            "CIN_ReferralDate": pandas.to_datetime(["2013-06-01"]), "CIN_CINClosureDate": [None]}  # fmt: skip
    written(folder / "CIN_2014.dta", **case)
    with DuckDBEngine([folder, work], work, threads=1) as engine:
        read = read_npd(engine, folder, to=work, keep=lambda _, query: query)
        row = engine.collect(read.tables["referral"])
        assert (row["area"][0], str(row["referral_date"][0]), int(row["no_further_action"][0])) == (
            "867",
            "2013-06-01",
            0,
        )
        (folder / "CIN_2015.dta").write_bytes(b"none")
        with pytest.raises(RecordsError, match=r"CIN_2015.dta: it cannot be read"):
            register_extract(engine, folder, to=work, table="again")
