"""Where a file is that the protocol names, and the paths that are refused."""

import os

import pytest

from whatworked.engine.interface import CsvSource, ParquetSource
from whatworked.errors import ProtocolError, RecordsError
from whatworked.records.files import locate, source_of

WHERE = "records.plans.path"


@pytest.fixture
def study(tmp_path):
    (tmp_path / "study").mkdir()
    return tmp_path / "study"


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def test_a_file_is_found_in_the_study_folder_or_in_the_data_folder(study, data):
    (study / "deep").mkdir()
    (study / "deep" / "a.csv").touch()
    (data / "b.parquet").touch()
    assert locate("deep/a.csv", folder=study, data=None, where=WHERE) == study / "deep" / "a.csv"
    assert locate("deep/a.csv", folder=study, data=data, where=WHERE) == study / "deep" / "a.csv"
    assert locate("b.parquet", folder=study, data=data, where=WHERE) == data / "b.parquet"


def test_a_file_in_both_folders_is_refused_as_ambiguous(study, data):
    (study / "a.csv").touch()
    (data / "a.csv").touch()
    with pytest.raises(ProtocolError, match="both in the study folder and in the folder given by --data"):
        locate("a.csv", folder=study, data=data, where=WHERE)


def test_one_folder_given_twice_is_one_folder(study):
    (study / "a.csv").touch()
    assert locate("a.csv", folder=study, data=study, where=WHERE) == study / "a.csv"


@pytest.mark.parametrize(
    "path",
    ["", " ", "/etc/hostname.csv", "~/a.csv", "../a.csv", "x/../../a.csv", "C:\\a.csv", "C:/a.csv", "\\\\host\\a.csv"],
)
def test_a_path_that_starts_or_leads_elsewhere_is_refused_under_its_key(study, path):
    (study.parent / "a.csv").touch()
    with pytest.raises(ProtocolError) as caught:
        locate(path, folder=study, data=None, where=WHERE)
    assert [m.where for m in caught.value.mistakes] == [WHERE]


@pytest.mark.parametrize("path", ["a.xlsx", "a.ods", "a.csv.gz", "a.dta", "a"])
def test_a_kind_of_file_that_is_not_read_is_refused(study, path):
    (study / path).touch()
    with pytest.raises(ProtocolError) as caught:
        locate(path, folder=study, data=None, where=WHERE)
    assert caught.value.mistakes[0].advice


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(study, tmp_path):
    (tmp_path / "outside.csv").touch()
    (study / "inside.csv").touch()
    os.symlink(tmp_path / "outside.csv", study / "out.csv")
    os.symlink(tmp_path, study / "up")
    os.symlink(study / "inside.csv", study / "in.csv")
    for path in ("out.csv", "up/outside.csv"):
        with pytest.raises(ProtocolError, match="leads out of the folder"):
            locate(path, folder=study, data=None, where=WHERE)
    assert locate("in.csv", folder=study, data=None, where=WHERE) == study / "inside.csv"


def test_a_folder_that_is_itself_reached_by_a_link_is_as_good_as_any(study, tmp_path):
    (study / "a.csv").touch()
    os.symlink(study, tmp_path / "shortcut")
    assert locate("a.csv", folder=tmp_path / "shortcut", data=None, where=WHERE) == study / "a.csv"


def test_a_missing_file_says_where_it_was_looked_for_and_what_is_near(study, data):
    (study / "Plans_2013.csv").touch()
    (data / "plans-2014.csv").touch()
    (data / "unrelated.txt").touch()
    with pytest.raises(RecordsError) as caught:
        locate("plans_2014.csv", folder=study, data=data, where=WHERE)
    (mistake,) = caught.value.mistakes
    assert mistake.where == 'records.plans.path = "plans_2014.csv"'
    assert mistake.found == "there is no such file in the study folder or in the folder given by --data."
    assert mistake.advice == "Files there with a name like it: Plans_2013.csv, plans-2014.csv."
    assert str(study) not in str(caught.value)


def test_nothing_near_is_said_where_nothing_is_near(study):
    for path in ("a.csv", "no/such/folder/a.csv"):
        with pytest.raises(RecordsError, match="Check the path and the name") as caught:
            locate(path, folder=study, data=None, where=WHERE)
        assert "in the study folder." in str(caught.value)


def test_names_outside_are_not_listed_through_a_link(study, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "secret.csv").touch()
    os.symlink(tmp_path / "other", study / "up")
    with pytest.raises(RecordsError, match="Check the path"):
        locate("up/secrets.csv", folder=study, data=None, where=WHERE)


def test_a_folder_and_a_pipe_are_no_files(study):
    (study / "folder.csv").mkdir()
    os.mkfifo(study / "pipe.csv")
    for path, found in (("folder.csv", "is a folder"), ("pipe.csv", "is something else")):
        with pytest.raises(RecordsError, match=found):
            locate(path, folder=study, data=None, where=WHERE)


def test_links_in_a_circle_are_no_file(study):
    os.symlink(study / "a.csv", study / "b.csv")
    os.symlink(study / "b.csv", study / "a.csv")
    with pytest.raises(RecordsError, match="not a file"):
        locate("a.csv", folder=study, data=None, where=WHERE)


def test_the_ending_tells_how_a_file_is_read(study):
    assert source_of(study / "a.csv", "latin-1") == CsvSource(study / "a.csv", "latin-1")
    assert source_of(study / "A.PARQUET", "latin-1") == ParquetSource(study / "A.PARQUET")
