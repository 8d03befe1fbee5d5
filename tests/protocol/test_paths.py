"""A data file lies below the study's folder and is named in a way that means the same everywhere."""

import pytest

from whatworked.protocol.check import path_mistake


@pytest.mark.parametrize("path", ["d1.csv", "data/d1.CSV", "./d1.parquet", "a b/ä.csv", "a..b.csv", "12:30.csv"])
def test_a_file_below_the_folder_may_be_named(path):
    assert path_mistake("here", path) is None


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("", "is empty."),
        ("  ", "is empty."),
        ("/etc/d1.csv", "does not start from"),
        ("//server/share/d1.csv", "does not start from"),
        ("\\\\server\\share\\d1.csv", "does not start from"),
        ("data\\d1.csv", "does not start from"),
        ("C:/d1.csv", "does not start from"),
        ("c:d1.csv", "does not start from"),
        ("~/d1.csv", "does not start from"),
        ("~someone/d1.csv", "does not start from"),
        ("../d1.csv", "leads out"),
        ("data/../../d1.csv", "leads out"),
        ("data/..", "leads out"),
        ("https://example.org/d1.csv", "is an address"),
        ("s3://bucket/d1.csv", "is an address"),
        ("d*.csv", "stands for several files"),
        ("d1.csv\0", "holds control characters"),
        ("d1\n.csv", "holds control characters"),
        ("d1.xlsx", "is a spreadsheet"),
        ("d1.XLS", "is a spreadsheet"),
        ("d1.ods", "is a spreadsheet"),
        ("d1.txt", "does not end in .csv or .parquet"),
        ("d1.csv.gz", "does not end in"),
        ("d1", "does not end in"),
        (".", "does not end in"),
    ],
)
def test_no_other_path_may_be_named(path, what):
    mistake = path_mistake("records.plans.path", path)
    assert mistake.where == "records.plans.path"
    assert what in mistake.found
    assert mistake.advice
    assert mistake.found.isprintable()
