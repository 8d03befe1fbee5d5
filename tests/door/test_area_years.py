"""From files of covariates to a question's areas by periods."""

from pathlib import Path

import pytest

from whatworked.door.area_years import open_contexts, question_area_years
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.errors import ProtocolError, RecordsError
from whatworked.estimation.area_years import CovariateLeftOut, Filling
from whatworked.protocol.periods import calendar_periods
from whatworked.protocol.read import parse_protocol
from whatworked.records.located import locate_all

STUDY = """
[study]
title = "T"
question = "Q?"
data_start = 2012-04-01
data_end = 2016-03-31

[records.plans]
kind = "area_series"
path = "plans.csv"
columns = { area = "area", period = "year", value = "rate" }
period = PERIOD
unit = "per 10,000"
source = "S"
published = true

[records.context]
kind = "area_covariates"
path = "context.csv"
columns = { area = "la", period = "year" }
period = PERIOD
source = "Invented"

[records.context.covariates]
density = { column = "people_per_hectare" }
rating = { column = "rating", scale = "as_is", gaps = "carry_forward" }

[records.meals]
kind = "area_covariates"
path = "meals.csv"
columns = { area = "la" }
period = PERIOD
source = "Invented"
covariates = { meals = { wide = { "2013" = "m13", "2016" = "m16" }, scale = "as_is" } }

[areas]
pilots = [{ area = "A", label = "One", start = 2015-04-01 }]

[[question]]
key = "plans"
title = "T"
records = "plans"
outcome = { label = "L" }
area_covariates = ["meals", "rating", "density"]
"""
YEARS = '{ kind = "year", ends = "03-31" }'
FILES = {
    "plans.csv": "area,year,rate\nA,2013,1\nA,2014,1\nA,2015,1\nA,2016,1\nB,2013,1\nB,2014,1\nB,2015,1\nB,2016,1\n",
    "context.csv": """la,year,people_per_hectare,rating
A,2010,10,
A,2012,,3
A,2015,20,
B,2014,2,
B,2016,4,1
Z,2014,99,4
""",
    "meals.csv": "la,m13,m16\nA,12,18\nB,9,c\n",
}


def found_in(folder: Path, text: str, *, areas=("A", "B"), files=FILES, first_index=0):
    """Write files, read a study's covariates and return those of its question."""
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    protocol = parse_protocol(text.replace("PERIOD", YEARS), folder)
    study = protocol.study
    periods = calendar_periods("year", "03-31", study.data_start, study.data_end)
    with DuckDBEngine([folder], None, threads=1) as engine:
        contexts = open_contexts(engine, protocol, locate_all(protocol, None))
        (question,) = protocol.question
        return question_area_years(engine, question, contexts, areas=areas, periods=periods), contexts


def test_covariates_of_two_tables_come_whole_in_the_order_of_the_question(tmp_path):
    found, contexts = found_in(tmp_path, STUDY)
    assert found.names == ("meals", "rating", "density")
    assert found.periods == ("2013", "2014", "2015", "2016")
    meals, rating, density = (found.values[:, :, place] for place in range(3))
    assert meals.tolist() == [[12, 14, 16, 18], [9, 9, 9, 9]]
    # The rating of 2012, before the study, is carried into it.
    assert rating.tolist() == [[3, 3, 3, 3], [1, 1, 1, 1]]
    # 10 in 2010 and 20 in 2015; 2 in 2014 and 4 in 2016.
    raw = [16, 18, 20, 20, 2, 2, 3, 4]
    mean = sum(raw) / 8
    deviation = (sum((value - mean) ** 2 for value in raw) / 7) ** 0.5
    assert density.ravel().tolist() == pytest.approx([(value - mean) / deviation for value in raw], rel=1e-14)
    assert found.filled[0] == Filling("meals", 3, 2, 3, 0, 0)
    assert found.left_out == ()
    assert [(note.what, note.rows) for note in contexts["meals"].series.quality if "marked" in note.what] == [
        ("meals: value marked c (confidential)", 1)
    ]


def test_a_covariate_without_a_value_in_a_comparator_leaves_by_name(tmp_path):
    found, _ = found_in(tmp_path, STUDY, areas=("A", "B", "Z"))
    assert found.names == ("rating", "density")
    assert found.left_out == (CovariateLeftOut("meals", "no value at all in 1 of 3 areas"),)


def test_tables_that_no_question_names_are_not_read(tmp_path):
    found, contexts = found_in(tmp_path, STUDY.replace('["meals", "rating", "density"]', '["rating"]'))
    assert found.names == ("rating",)
    assert contexts.keys() == {"rating"}


def test_a_figure_that_is_none_and_a_repeated_row_are_refused_as_in_a_series(tmp_path):
    spoilt = FILES | {"context.csv": FILES["context.csv"] + "A,2016,many,\n"}
    with pytest.raises(RecordsError, match="column people_per_hectare: 1 value that cannot be used"):
        found_in(tmp_path, STUDY, files=spoilt)
    twice = FILES | {"context.csv": FILES["context.csv"] + "B,2014,3,\n"}
    with pytest.raises(RecordsError, match="1 area period with more than one row"):
        found_in(tmp_path, STUDY, files=twice)


def test_a_column_that_is_not_there_is_named_in_its_place(tmp_path):
    with pytest.raises(
        ProtocolError, match=r"records.context.covariates.rating.column: .* no column \"ratings\""
    ) as no:
        found_in(tmp_path, STUDY.replace('column = "rating"', 'column = "ratings"'))
    assert 'Did you mean "rating"?' in str(no.value)
    with pytest.raises(ProtocolError, match=r"records.meals.covariates.meals.wide.2016"):
        found_in(tmp_path, STUDY.replace('"m16"', '"m17"'))


# Each case: what is replaced, where the mistake is, and what is said of it.
CASES = {
    "an unknown covariate": (
        'area_covariates = ["meals"',
        'area_covariates = ["meal"',
        "question[plans].area_covariates[0]",
        'Did you mean "meals"?',
    ),
    "a covariate named twice": (
        '["meals", "rating"',
        '["meals", "meals"',
        "question[plans].area_covariates[1]",
        "stands at place 0 already",
    ),
    "other periods": (
        'path = "meals.csv"\ncolumns = { area = "la" }\nperiod = PERIOD',
        'path = "meals.csv"\ncolumns = { area = "la" }\nperiod = { kind = "year" }',
        "question[plans].area_covariates[0]",
        "has other periods than the outcome",
    ),
    "one name in two tables": (
        "covariates = { meals =",
        'covariates = { density = { wide = { "2013" = "m1" } }, meals =',
        "records.meals.covariates.density",
        "is a covariate of records.context too",
    ),
    "both forms": (
        '{ column = "rating"',
        '{ wide = { "2013" = "r" }, column = "rating"',
        "records.context.covariates.rating",
        "gives both",
    ),
    "neither form": ('{ column = "rating", ', "{ ", "records.context.covariates.rating", "names no column"),
    "a long one without periods": (
        '{ wide = { "2013" = "m13", "2016" = "m16" },',
        '{ column = "m13",',
        "records.meals.covariates.meals.column",
        "no columns.period",
    ),
    "a label that is no year": (
        '"2013" = "m13"',
        '"2013Q1" = "m13"',
        "records.meals.covariates.meals.wide.2013Q1",
        'no label of kind "year"',
    ),
    "one column for two years": (
        '"2016" = "m16"',
        '"2016" = "m13"',
        "records.meals.covariates.meals.wide.2016",
        "is the column of",
    ),
    "covariates in place of an outcome": (
        'records = "plans"',
        'records = "context"',
        "question[plans].records",
        "holds covariates of areas, no outcome",
    ),
    "covariates in place of a proxy": (
        'area_covariates = ["meals", "rating", "density"]',
        'matching = { proxy = "context" }',
        "question[plans].matching.proxy",
        "holds covariates, not a series",
    ),
    "a path out of the folder": ('path = "meals.csv"', 'path = "../meals.csv"', "records.meals.path", "leads out"),
    "an unknown scale": (
        'scale = "as_is", gaps',
        'scale = "as is", gaps',
        "records.context.covariates.rating.scale",
        "as_is",
    ),
}


@pytest.mark.parametrize(("old", "new", "where", "words"), CASES.values(), ids=CASES)
def test_a_protocol_that_contradicts_itself_about_covariates_is_refused(tmp_path, old, new, where, words):
    assert old in STUDY
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(STUDY.replace(old, new).replace("PERIOD", YEARS), tmp_path)
    (mistake,) = refused.value.mistakes
    assert mistake.where == where
    assert words in f"{mistake.found} {mistake.advice}"


def test_covariates_of_returns_have_the_years_of_the_study(tmp_path):
    text = STUDY.replace(
        "[records.context]", '[records.cin]\nkind = "cin_census"\nfolder = "c"\nsource = "S"\n\n[records.context]'
    )
    text = text.replace(
        'records = "plans"\noutcome = { label = "L" }', 'records = "cin"\noutcome = { label = "L", kind = "icpc" }'
    )
    with pytest.raises(ProtocolError, match=r"has other periods than the outcome") as refused:
        parse_protocol(text.replace("PERIOD", YEARS), tmp_path)
    assert len(refused.value.mistakes) == 3
    right = text.replace('question = "Q?"', 'question = "Q?"\nyear_ends = "03-31"').replace("PERIOD", YEARS)
    assert parse_protocol(right, tmp_path).question[0].area_covariates == ("meals", "rating", "density")


@pytest.mark.parametrize("ends", ["12-31", "06-15"])
def test_years_that_end_on_another_day_fall_together_all_the_same(tmp_path, ends):
    text = STUDY.replace("2012-04-01", "2011-04-01").replace("2016-03-31", "2016-12-31")
    text = text.replace("PERIOD", f'{{ kind = "year", ends = "{ends}" }}')
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    protocol = parse_protocol(text, tmp_path)
    periods = calendar_periods("year", ends, protocol.study.data_start, protocol.study.data_end)
    with DuckDBEngine([tmp_path], None, threads=1) as engine:
        contexts = open_contexts(engine, protocol, locate_all(protocol, None))
        found = question_area_years(engine, protocol.question[0], contexts, areas=["A"], periods=periods)
    meals = {"2012": 12, "2013": 12, "2014": 14, "2015": 16, "2016": 18}
    assert found.periods[-3:] == (("2014", "2015", "2016"))
    assert found.values[0, :, 0].tolist() == [meals[label] for label in found.periods]
