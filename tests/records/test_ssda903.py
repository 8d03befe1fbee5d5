"""SSDA903 returns, from files to children and episodes: what is read, what is left out and counted, what is refused."""

import traceback

import numpy as np
import pytest
from portable_subset import violations
from second_engine import DataFusionEngine, Recording

from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import ParquetSource
from whatworked.engine.sql import Query
from whatworked.errors import RecordsError, WhatWorkedError
from whatworked.records.care_periods import care_periods, stitched_episodes
from whatworked.records.schema import CHILD, EPISODE
from whatworked.records.ssda903 import ReturnFiles, read_ssda903
from whatworked.records.ssda903_files import PARTS, part_named, part_with

# Besides what the lint of area series knows; DuckDB, Spark and DataFusion write both alike.
TEXT_FUNCTIONS = {"Substring", "DPipe"}

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\n"
UASC = "CHILD,SEX,DOB,DUC\n"
GOOD_HEADER = HEADER + "C1,1,01/02/2005,WBRI,A123,,\nC2,2,29/02/2008,NOBT,UN3,,\n"
GOOD_EPISODES = EPISODES + "C1,01/05/2017,S,V2,N1,U4,PR1,31/12/2017,X1,,,,\n"


@pytest.fixture
def a_return(tmp_path):
    """Write the files of a return and name them."""

    def a_return(year=2018, *, area="A1", header=GOOD_HEADER, episodes=GOOD_EPISODES, uasc=None, **more):
        folder = tmp_path / f"{area}-{year}"
        folder.mkdir(exist_ok=True)
        contents = {"header": header, "episodes": episodes, "uasc": uasc} | more
        paths = []
        for name, content in contents.items():
            if content is not None:
                path = folder / (name if "." in name else f"{name}.csv")
                path.write_text(content, encoding="utf-8")
                paths.append(path)
        return ReturnFiles(area, year, tuple(paths))

    return a_return


def rows_of(engine, query, *names):
    found = engine.collect(query)
    height = len(next(iter(found.values())))
    columns = [found[name] for name in names or query.columns]
    return [
        tuple(None if np.ma.getmaskarray(c)[i] else str(v) if (v := c[i]) is not None else None for c in columns)
        for i in range(height)
    ]


def counts(records):
    """What was counted: the rows that each rule left out, and the notes."""
    left_out = {(step.step, step.rule): step.left_out for step in records.steps if step.left_out}
    return left_out, {note.what: note.rows for note in records.notes}


def episode_lines(*lines):
    return EPISODES + "".join(f"{line}\n" for line in lines)


def test_a_return_becomes_children_and_episodes(engine, a_return):
    records = read_ssda903(engine, [a_return(uasc=UASC + "C2,2,29/02/2008,01/03/2026\n")])
    assert set(records.tables) == {"child", "episode"}
    assert {name: table.columns for name, table in records.tables.items()} == {
        "child": CHILD.names,
        "episode": EPISODE.names,
    }
    assert rows_of(engine, records.tables["child"]) == [
        ("A1", "C1", "2018", "cla", "2005-02-01", "day", None, None, "1", "WBRI", None, "0", "A123"),
        ("A1", "C2", "2018", "cla", "2008-02-29", "day", None, None, "2", "NOBT", None, "1", None),
    ]
    assert rows_of(engine, records.tables["episode"]) == [
        ("A1", "C1", "2017-05-01", "S", "V2", "U4", "2018", "N1", "2017-12-31", "X1")
    ]


def test_rows_that_are_kept_once_give_the_same_records_and_counts_as_files_read_again(tmp_path, a_return):
    twice = episode_lines("C1,01/05/2017,S,V2,N1,U4,PR1,31/12/2017,X1,,,,", "C9,,S,V2,N1,U4,PR1,,,,,,")
    files = [a_return(uasc=UASC + "C2,2,29/02/2008,01/03/2026\n", episodes=twice), a_return(2019)]
    kept = []
    with DuckDBEngine([tmp_path], tmp_path / "out") as engine:

        def keep(name, query):
            kept.append(name)
            engine.register(name, engine.materialise(query, to=tmp_path / "out" / f"{name}.parquet"))
            return Query(f"SELECT * FROM {name}", grain=query.grain, columns=query.columns)

        plain = read_ssda903(engine, files, table="plain")
        once = read_ssda903(engine, files, table="once", keep=keep)
        assert (once.steps, once.notes) == (plain.steps, plain.notes)
        assert any(step.left_out for step in plain.steps)
        for name in plain.tables:
            assert rows_of(engine, once.tables[name]) == rows_of(engine, plain.tables[name])
    assert kept == [f"once_{step}" for step in ("episode_rows", "distinct_episodes", "header_rows", "uasc_rows")]


def test_the_tables_have_the_types_of_the_schema(tmp_path, a_return):
    with DuckDBEngine([tmp_path], tmp_path / "out") as engine:
        records = read_ssda903(engine, [a_return(uasc=UASC), a_return(2019)])
        for table in (CHILD, EPISODE):
            engine.register("stored", engine.materialise(records.tables[table.name], to=tmp_path / "out" / "t.parquet"))
            assert engine.schema("stored") == {column.name: column.type for column in table.columns}


def test_codes_are_trimmed_and_in_capitals_and_a_child_stays_as_it_is_written(engine, a_return):
    lines = episode_lines(" c1a ,2017-05-01, s ,v2,n1,u4,PR1,,x1,,,,")
    records = read_ssda903(engine, [a_return(episodes=lines)])
    (found,) = rows_of(engine, records.tables["episode"], "child", "start_date", "start_reason", "end_reason")
    assert found == ("c1a", "2017-05-01", "S", "X1")


def test_columns_may_come_in_any_order_and_case_and_some_are_not_needed(engine, a_return):
    episodes = "rec,Dec,place,cin,LS,rne,decom,child\nE4A,31/12/2017,U1,N2,C2,P,01/05/2017,C1\n"
    header = "ethnic,dob,sex,child\nWBRI,01/02/2005,1,C1\n"
    records = read_ssda903(engine, [a_return(header=header, episodes=episodes)])
    assert rows_of(engine, records.tables["episode"], "placement", "end_reason") == [("U1", "E4A")]
    assert rows_of(engine, records.tables["child"], "sex", "pupil") == [("1", None)]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("episodes.csv", "episodes"),
        ("2017-episodes.csv", "episodes"),
        ("2016_17 Episodes.CSV", "episodes"),
        ("HEADER_201718.csv", "header"),
        ("uasc 2020.parquet", "uasc"),
        ("placed_for_adoption.csv", "placed for adoption"),
        ("sbpfa.csv", "placed for adoption"),
        ("oc2.csv", "oc2"),
        ("2017-previous_permanence.csv", "previous permanence"),
        ("SW_Episodes.csv", "social worker"),
        ("headers.csv", None),
        ("our episodes.csv", None),
        ("2017.csv", None),
    ],
)
def test_a_file_is_known_by_its_name(name, part):
    assert part_named(name) == part


@pytest.mark.parametrize("part", PARTS)
def test_a_file_is_known_by_columns_that_no_other_part_has(part):
    given = (*PARTS[part].columns, "DOB", "EXTRA")
    assert part_with(dict.fromkeys(given, "")) == part
    assert part_with(dict.fromkeys(given[1:], "")) is None


def test_files_with_names_of_their_own_are_known_by_their_columns(engine, a_return):
    files = a_return(
        header=None, episodes=None, **{"a.csv": GOOD_HEADER, "b.csv": GOOD_EPISODES, "c.csv": UASC + "C1,,,"}
    )
    records = read_ssda903(engine, [files])
    assert rows_of(engine, records.tables["child"], "child", "asylum") == [("C1", "1"), ("C2", "0")]


def test_other_parts_of_the_return_are_counted_and_not_read(engine, a_return):
    files = a_return(**{"reviews.csv": '"never, read', "x.csv": "CHILD,DOB,IN_TOUCH,ACTIV,ACCOM\n"})
    assert counts(read_ssda903(engine, [files]))[1]["files of other parts of the return"] == 2


def test_asylum_is_not_known_without_a_uasc_file(engine, a_return):
    records = read_ssda903(engine, [a_return(), a_return(2019, uasc=UASC)])
    found = rows_of(engine, records.tables["child"], "child", "census_year", "asylum")
    assert found == [("C1", "2018", None), ("C1", "2019", "0"), ("C2", "2018", None), ("C2", "2019", "0")]
    assert counts(records)[1]["returns without a UASC file"] == 1


def test_asylum_is_asked_of_each_year_by_itself(engine, a_return):
    records = read_ssda903(engine, [a_return(uasc=UASC + "C1,,,\n"), a_return(2019, uasc=UASC + "C2,,,\n")])
    found = rows_of(engine, records.tables["child"], "child", "census_year", "asylum")
    assert found == [("C1", "2018", "1"), ("C1", "2019", "0"), ("C2", "2018", "0"), ("C2", "2019", "1")]


def test_what_is_not_known_yields_to_what_another_row_of_the_child_says(engine, a_return):
    header = HEADER + "C1,0,,NOBT,,,\nC1,2,01/02/2005,BAFR,A1,,\nC2,0,,REFU,,,\nC2,0,,REFU,,,\n"
    records = read_ssda903(engine, [a_return(header=header)])
    assert rows_of(engine, records.tables["child"], "child", "sex", "birth_date", "ethnicity", "pupil") == [
        ("C1", "2", "2005-02-01", "BAFR", "A1"),
        ("C2", "0", None, "REFU", None),
    ]
    assert "children whose header rows in one return disagree" not in counts(records)[1]


def test_every_row_that_is_left_out_is_counted_under_its_rule(engine, a_return):
    lines = episode_lines(
        ",01/05/2017,S,V2,N1,U4,PR1,,,,,,",
        "C1,,S,V2,N1,U4,PR1,,,,,,",
        "C1, ,S,V2,N1,U4,PR1,,,,,,",
        *("C1,31/02/2017,S,V2,N1,U4,PR1,,,,,,",) * 3,
        "C1,05/05/2017,S,V2,N1,U4,PR1,04/05/2017,X1,,,,",
        "C1,05/05/2017,S,V2,N1,U4,PR1,05/05/2017,X1,,,,",
        *("C2,05/05/2017,S,V2,N1,U4,PR1,06/06/2017,X1,,,,",) * 4,
        "C2,05/05/2017,S,V2,N1,U4,PR1,07/06/2017,X1,,,,",
        "C2,05/05/2017,S,V2,N1,U4,PR1,,,,,,",
    )
    records = read_ssda903(engine, [a_return(episodes=lines)])
    left_out, _ = counts(records)
    key = "of rows of a return with the same CHILD, DECOM, RNE, LS and PLACE the one that ended last is kept"
    assert left_out == {
        ("episodes", "CHILD is given"): 1,
        ("episodes", "DECOM is given"): 2,
        ("episodes", "DECOM is a date"): 3,
        ("episodes", "DEC is not before DECOM"): 1,
        ("episodes", "equal rows of a return are counted once"): 3,
        ("episodes", key): 2,
    }
    assert [step.rows for step in records.steps if step.step == "episodes"] == [14, 13, 11, 8, 7, 4, 2]
    assert rows_of(engine, records.tables["episode"], "child", "end_date") == [
        ("C1", "2017-05-05"),
        ("C2", "2017-06-07"),
    ]


def test_a_day_is_read_as_the_return_writes_it(engine, a_return):
    lines = [f"C{n},{text},S,V2,N1,U4,PR1,,,,,," for n, text in enumerate(("31/12/2017", "2017-12-31", " 31/12/2017 "))]
    records = read_ssda903(engine, [a_return(episodes=episode_lines(*lines))])
    assert rows_of(engine, records.tables["episode"], "start_date") == [("2017-12-31",)] * 3


NO_DAYS = (
    *("12/31/2017", "1/5/2017", "01/05/17", "29/02/2017", "01-05-2017", "2017/05/01", "20170501", "0a/05/2017"),
    *("1 /05/2017", "2017-05-1T", "+1/05/2017", "01/05/0217", "01/05/9017", "42856", "NULL", "2017-05-01 00:00"),
)


def test_what_is_no_day_of_that_form_is_no_day_on_either_engine(engine, a_return):
    lines = [f"C{place},{text},S,V2,N1,U4,PR1,,,,,," for place, text in enumerate(NO_DAYS)]
    given = a_return(episodes=episode_lines("C1,01/05/2017,S,V2,N1,U4,PR1,,,,,,", *lines))
    for on in (engine, DataFusionEngine()):
        assert counts(read_ssda903(on, [given]))[0] == {("episodes", "DECOM is a date"): len(NO_DAYS)}


def test_what_is_odd_in_the_rows_that_stay_is_counted(engine, a_return):
    lines = episode_lines(
        "C1,01/05/2017,Q,V9,N0,F1,PR1,,X1,,,,",
        "C1,02/05/2017,S,V2,N1,U4,PR1,someday,E45,,,,",
        "C1,03/05/2017,,,,,PR1,04/05/2019,,,,,",
        "C3,01/05/2018,S,V2,N1,U4,PR1,02/05/2018,E43,,,,",
        "C3,01/05/2018,L,V2,N1,U4,PR1,02/05/2018,E99,,,,",
    )
    header = HEADER + "C1,3,31/02/2005,XXXX,,,\nC2,,,,A,,\nC2,1,01/01/2005,REFU,A,,\nC2,2,01/01/2005,WBRI,B,,\n,,,,,,\n"
    records = read_ssda903(engine, [a_return(header=header, episodes=lines, uasc=UASC + "C9,,,\nC1,,,\nC1,,,\n,,,\n")])
    left_out, notes = counts(records)
    assert left_out == {
        ("header", "CHILD is given"): 1,
        ("header", "a child is counted once a return"): 2,
        ("uasc", "CHILD is given"): 1,
        ("uasc", "a child is counted once a return"): 1,
    }
    assert notes == {
        "rows of the episodes files whose DEC is not a date": 1,
        "episodes whose RNE is no code of its year": 1,
        "episodes without RNE": 1,
        "episodes whose LS is no code of its year": 1,
        "episodes without LS": 1,
        "episodes whose CIN is no code of its year": 1,
        "episodes without CIN": 1,
        "episodes whose PLACE is no code of its year": 1,
        "episodes without PLACE": 1,
        "episodes whose REC is no code of its year": 2,
        "episodes with REC X1 but no DEC": 1,
        "episodes with another REC but no DEC": 1,
        "episodes with DEC but no REC": 1,
        "episodes that start after the year of their return": 2,
        "episodes that end after the year of their return": 3,
        "header rows whose DOB is not a date": 1,
        "header rows whose SEX is no code": 1,
        "header rows whose ETHNIC is no code": 1,
        "header rows without DOB": 1,
        "header rows without SEX": 1,
        "header rows without ETHNIC": 1,
        "header rows without a UPN": 1,
        "children whose header rows in one return disagree": 1,
        "children with episodes but without a header row in their return": 1,
        "children of a UASC file without a header row in their return": 1,
        "episodes that start on one day with another of the child": 2,
    }
    assert rows_of(engine, records.tables["child"], "child", "sex", "birth_date", "ethnicity", "asylum", "pupil") == [
        ("C1", None, None, "XXXX", "1", None),
        ("C2", None, "2005-01-01", "WBRI", "0", None),
    ]


@pytest.mark.parametrize(
    ("year", "placements", "reasons"),
    [
        (2010, {"F1": 1, "Q2": 1, "U1": 1, "F7": 0}, {"E4": 1, "E4A": 1, "E44": 1, "E45": 0}),
        (2016, {"F6": 1, "A2": 1, "T4": 1, "": 1}, {"E4": 1, "E43": 1, "X1": 1, "X2": 0}),
        (2017, {"F1": 0, "Q1": 0, "A1": 0, "U6": 1}, {"E4": 0, "E44": 1, "E4B": 1, "E48": 0}),
        (2018, {"F1": 0, "K2": 1}, {"E43": 1, "E45": 0}),
        (2019, {"U1": 1, "Z1": 1}, {"E43": 0, "E44": 0, "E45": 1, "E48": 1}),
    ],
)
def test_a_code_is_known_in_its_years(engine, a_return, year, placements, reasons):
    lines = [f"C{code},01/05/2008,S,V2,N1,{code},PR1,01/06/2008,X1,,,," for code in placements]
    lines += [f"C{code},01/05/2008,S,V2,N1,U4,PR1,01/06/2008,{code},,,," for code in reasons]
    notes = counts(read_ssda903(engine, [a_return(year, episodes=episode_lines(*lines))]))[1]
    for column, codes in {"PLACE": placements, "REC": reasons}.items():
        unknown = list(codes.values()).count(0)
        assert notes.get(f"episodes whose {column} is no code of its year", 0) == unknown


def test_returns_of_several_years_stitch_and_what_they_left_open_is_counted(engine, a_return):
    first = episode_lines("C1,01/05/2017,S,V2,N1,U4,PR1,,,,,,", "C2,01/05/2017,S,V2,N1,U4,PR1,,,,,,")
    second = episode_lines("C1,01/05/2017,S,V2,N1,U4,PR1,01/06/2018,E4A,,,,")
    elsewhere = episode_lines("C1,01/05/2017,S,C2,N1,U4,PR1,,,,,,")
    files = [a_return(2019, episodes=second), a_return(2018, episodes=first), a_return(area="A2", episodes=elsewhere)]
    records = read_ssda903(engine, files)
    assert counts(records)[1]["episodes that a later return repeats"] == 1
    assert counts(records)[1]["episodes left open by a return and not in the area's last one"] == 1
    periods = care_periods(stitched_episodes(records.tables["episode"]))
    assert rows_of(engine, periods, "area", "child", "period_end", "end_reason") == [
        ("A1", "C1", "2018-06-01", "E4A"),
        ("A1", "C2", None, None),
        ("A2", "C1", None, None),
    ]


def test_parquet_files_with_dates_as_days_are_read_like_csv(tmp_path, a_return):
    with DuckDBEngine([tmp_path], tmp_path / "out") as engine:
        csv = read_ssda903(engine, [a_return()])
        text = """SELECT 'C1' AS "child", DATE '2017-05-01' AS "Decom", 'S' AS rne, 'V2' AS ls, 'N1' AS cin,
                  'U4' AS place, DATE '2017-12-31' AS dec, 'X1' AS rec"""
        query = Query(text, grain="episode", columns=("child", "Decom", "rne", "ls", "cin", "place", "dec", "rec"))
        source = engine.materialise(query, to=tmp_path / "out" / "episodes.parquet")
        assert isinstance(source, ParquetSource)
        header = a_return(episodes=None).paths
        parquet = read_ssda903(engine, [ReturnFiles("A1", 2018, (*header, source.path))], table="other")
        for name in csv.tables:
            assert rows_of(engine, csv.tables[name]) == rows_of(engine, parquet.tables[name])


def test_everything_that_is_wrong_with_the_files_is_said_at_once(engine, a_return, tmp_path):
    bad = a_return(header="CHILD,SEX\nC1,1\n", episodes="CHILD,DECOM,RNE,LS,CIN,PLACE\n", **{"notes.csv": "a,b\n1,2\n"})
    lost = ReturnFiles("A2", 2018, (tmp_path / "gone" / "episodes.csv",))
    twice = a_return(area="A3", **{"2018-header.csv": GOOD_HEADER})
    lacking = a_return(area="A4", episodes=None, uasc=UASC)
    files = [bad, lost, twice, lacking, twice, ReturnFiles("A5", 18, twice.paths[:2])]
    with pytest.raises(RecordsError) as caught:
        read_ssda903(engine, files)
    said = str(caught.value)
    for expected in (
        "SSDA903 return of A1 for 2018, header.csv: as the header file of SSDA903 it lacks the columns DOB, ETHNIC.",
        "SSDA903 return of A1 for 2018, episodes.csv: as the episodes file of SSDA903 it lacks the columns DEC, REC.",
        "SSDA903 return of A1 for 2018, notes.csv: neither its name nor its columns are those of a file of SSDA903.",
        "Expected, by name or columns: header (CHILD, SEX, DOB, ETHNIC); episodes (CHILD, DECOM, RNE, LS, CIN, PLACE",
        "SSDA903 return of A2 for 2018, episodes.csv: there is no such file.",
        "SSDA903 return of A3 for 2018: it has more than one header file: header.csv and 2018-header.csv.",
        "SSDA903 return of A3 for 2018: it is given more than once.",
        "SSDA903 return of A4 for 2018: it has no episodes file that can be used.",
        "SSDA903 return of A5 for 18: there is no return of that year.",
    ):
        assert expected in said
    assert "A1 for 2018: it has no" not in said


def test_no_return_at_all_is_refused(engine):
    with pytest.raises(RecordsError, match="no return is given"):
        read_ssda903(engine, [])


def test_files_of_which_no_row_can_be_used_are_refused(engine, a_return):
    given = a_return(header=HEADER, episodes=episode_lines("C1,05/31/2017,S,V2,N1,U4,PR1,,,,,,"))
    with pytest.raises(RecordsError) as caught:
        read_ssda903(engine, [given])
    said = str(caught.value)
    assert "the episodes files of 1 SSDA903 return: no row can be used; left out: 1 (DECOM is a date)." in said
    assert "the header files of 1 SSDA903 return: there is no row." in said


# Canary values: a word planted in any column of any file is in no message, step or note.

CANARY = "CANARY-7F3A"
BROKEN = {
    "a line with too few values": f"{CANARY},{CANARY}",
    "an open quotation mark": f'"{CANARY},1',
    "no usable row": None,
}


def contents_with(part, more=""):
    """The files of a return; one of them has a row with the word in every column but the first, and what is added."""
    contents = {"header": GOOD_HEADER, "episodes": GOOD_EPISODES, "uasc": UASC + "C1,1,01/02/2005,01/03/2026\n"}
    name = part if part in contents else "other.csv"
    content = contents.get(part, "A,B,C\n1,2,3\n")
    commas = content.split("\n")[0].count(",")
    contents[name] = f"{content}C1{f',{CANARY}' * commas}\n{CANARY}{f',{CANARY}' * commas}\n{more}"
    return contents


@pytest.mark.parametrize("part", ["header", "episodes", "uasc"])
def test_no_step_or_note_repeats_a_value(engine, a_return, part):
    records = read_ssda903(engine, [a_return(**contents_with(part))])
    assert CANARY not in f"{records.steps} {records.notes}".upper()


@pytest.mark.parametrize("part", ["header", "episodes", "uasc", "other"])
@pytest.mark.parametrize("broken", BROKEN)
def test_no_message_repeats_a_value(engine, a_return, part, broken):
    contents = contents_with(part, BROKEN[broken] or "")
    if BROKEN[broken] is None:
        contents["episodes"] = episode_lines(f"C1,{CANARY},{CANARY},V2,N1,U4,PR1,,,,,,")
    with pytest.raises(WhatWorkedError) as caught:
        read_ssda903(engine, [a_return(**contents)])
    assert CANARY not in str(caught.value) + "".join(traceback.format_exception(caught.value))


def test_a_file_without_a_header_is_refused_without_its_first_row(engine, a_return):
    given = a_return(header=f"{CANARY},1,01/02/2005,WBRI,A,,B\n", **{"more.csv": f"{CANARY},2\n"})
    with pytest.raises(WhatWorkedError) as caught:
        read_ssda903(engine, [given])
    assert CANARY not in str(caught.value)


DIRTY = {
    2018: episode_lines(
        "C1,01/05/2017,S,V2,N1,U4,PR1,31/12/2017,X1,,,,",
        "C1,31/12/2017,P,V2,N1,U1,PR1,,,,,,",
        "C2,01/05/2017,S,V2,N1,U4,PR1,someday,X1,,,,",
        "C2,2017-06-01,s,c2,,U4,PR1,30/06/2017,E4A,,,,",
        "C2,01/06/2017,S,C2,N2,U4,PR1,30/06/2017,E4A,,,,",
        ",,,,,,,,,,,,",
    ),
    2019: episode_lines("C1,31/12/2017,P,V2,N1,U1,PR1,01/08/2018,E4B,,,,", "C3,31/02/2018,P,V2,N1,U1,PR1,,,,,,"),
}


def dirty(a_return):
    header = GOOD_HEADER + "C2,1,01/01/2009,WBRI,A9,,\n"
    return [a_return(year, header=header, episodes=lines, uasc=UASC + "C1,,,\n") for year, lines in DIRTY.items()]


def test_every_statement_is_in_the_portable_subset(tmp_path, a_return):
    with Recording([tmp_path], None) as engine:
        records = read_ssda903(engine, dirty(a_return))
        read_ssda903(engine, [a_return()])
        for table in records.tables.values():
            engine.collect(table)
        assert len(engine.queries) >= 15
        found = {query.text: set(violations(query.text)) - TEXT_FUNCTIONS for query in engine.queries}
    assert {text: wrong for text, wrong in found.items() if wrong} == {}


def test_a_second_engine_reads_the_same_tables_and_counts_the_same(engine, a_return):
    other = DataFusionEngine()
    files = dirty(a_return)
    here, there = read_ssda903(engine, files), read_ssda903(other, files)
    assert here == there
    assert len(rows_of(engine, here.tables["episode"])) == 5
    for name in here.tables:
        assert rows_of(engine, here.tables[name]) == rows_of(other, there.tables[name])
