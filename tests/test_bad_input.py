"""Bad input: a clear message, the right exit code, no value of a record, and nothing half written."""

import shutil
import time
from pathlib import Path

import duckdb
import pytest
from command_line import contents, invoke
from invented_study import invented, write_study

from whatworked import read_protocol, run
from whatworked.errors import DisclosureError, EngineError, Mistake, UsageError

USAGE, PROTOCOL, RECORDS, DISCLOSURE, ENGINE = 2, 3, 4, 5, 6
# Planted in the records: no message may hold them.
PLANTED_NAME, PLANTED_NUMBER = "Quenlinborough", "7654.3210"


def planted_study(folder):
    path = write_study(folder, invented())
    table = folder / "rates.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    code, _, year, _, *rest = lines[-3].split(",")
    lines[-3] = ",".join([code, PLANTED_NAME, year, PLANTED_NUMBER, *rest])
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a run folder that is finished, to be copied."""
    folder = tmp_path_factory.mktemp("finished")
    assert invoke("run", planted_study(folder / "study"), "--quiet").exit_code == 0
    return folder / "study" / "run"


@pytest.fixture
def study(tmp_path):
    return planted_study(tmp_path / "study")


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def in_protocol(old, new):
    return lambda study: edit(study, old, new)


def in_records(old, new):
    return lambda study: edit(study.parent / "rates.csv", old, new)


def records(content):
    return lambda study: (study.parent / "rates.csv").write_bytes(content)


def reencoded(encoding):
    def spoil(study):
        edit(study.parent / "rates.csv", "Area 3", "Área 3")
        table = study.parent / "rates.csv"
        table.write_bytes(table.read_text(encoding="utf-8").encode(encoding))

    return spoil


def without_rows(*marks):
    def spoil(study):
        table = study.parent / "rates.csv"
        lines = table.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not any(mark in line for mark in marks)]
        table.write_text("\n".join(kept) + "\n", encoding="utf-8")

    return spoil


def parquet(change):
    """Spoil the records as Parquet: `change` takes the bytes of a sound file."""

    def spoil(study):
        csv, table = study.parent / "rates.csv", study.parent / "rates.parquet"
        duckdb.connect().execute(
            f"COPY (SELECT * FROM read_csv('{csv}', all_varchar = true)) TO '{table}' (FORMAT parquet)"
        )
        table.write_bytes(change(table.read_bytes()))
        edit(study, "rates.csv", "rates.parquet")

    return spoil


def linked_out(study):
    table, outside = study.parent / "rates.csv", study.parent.parent / "outside.csv"
    table.rename(outside)
    table.symlink_to(outside)


def linked_in_a_circle(study):
    (study.parent / "rates.csv").unlink()
    (study.parent / "rates.csv").symlink_to("rates.csv")


def folder_as_records(study):
    (study.parent / "rates.csv").unlink()
    (study.parent / "rates.csv").mkdir()


def huge_protocol(study):
    with study.open("r+b") as file:
        file.truncate(100 * 2**20)


def match_file(content):
    def spoil(study):
        edit(study, "max_distance = 1.5", 'max_distance = 1.5\nmatch_file = "pairs.csv"')
        if content is not None:
            (study.parent / "pairs.csv").write_bytes(content)

    return spoil


def path_of_records(path):
    return in_protocol('"rates.csv"', f"'{path}'")


SPOILT = [
    ("a protocol that is no TOML", in_protocol("[study]", "[study"), PROTOCOL, ["line 2, column 7", "no TOML"]),
    ("a protocol of 100 MB", huge_protocol, PROTOCOL, ["study.toml", "100.0 MiB", "at most 1 MiB"]),
    ("an empty protocol", lambda study: study.write_text(""), PROTOCOL, ["is empty", "[study]"]),
    ("a binary protocol", lambda study: study.write_bytes(b"\x00\xff"), PROTOCOL, ["study.toml", "UTF-8"]),
    ("an unknown key", in_protocol("seed =", "sede ="), PROTOCOL, ["study.sede", "unknown", 'Did you mean "seed"?']),
    ("a misspelt column", in_protocol('value = "rate"', 'value = "rte"'), PROTOCOL, ["rates.csv", '"rte"', '"rate"?']),
    ("a missing column", in_records("rate,cases", "rates_,cases"), PROTOCOL, ["columns.value", 'no column "rate"']),
    ("records of that name nowhere", path_of_records("rate.csv"), RECORDS, ["records.rates.path", "rates.csv"]),
    ("an empty file", records(b""), RECORDS, ["rates.csv", "is empty"]),
    ("column names only", records(b"area,name,year,rate,cases,people\n"), RECORDS, ["rates.csv", "no rows"]),
    ("a year with no data", without_rows(",2013,"), RECORDS, ["rates.csv", "column year", "no data: 2013"]),
    ("a pilot with no series", without_rows("A01,"), RECORDS, ["areas.pilots[1].area", '"A01"', "column area"]),
    (
        "letters for numbers",
        in_records(PLANTED_NUMBER, PLANTED_NAME),
        RECORDS,
        ["rates.csv, column rate", "1 value", "1 with letters", "2017"],
    ),
    ("another encoding", reencoded("latin-1"), RECORDS, ["rates.csv", "10 lines", "encoding"]),
    ("another encoding with a mark", reencoded("utf-16"), RECORDS, ["rates.csv", 'encoding = "utf-16"']),
    ("a Parquet file cut short", parquet(lambda whole: whole[:-10]), RECORDS, ["rates.parquet", "cut off"]),
    (
        "a Parquet file overwritten in its middle",
        parquet(lambda whole: whole[:300] + b"\0" * 60 + whole[360:]),
        RECORDS,
        ["rates.parquet", "damaged"],
    ),
    ("a CSV file called Parquet", parquet(lambda whole: b"area,year\n"), RECORDS, ["rates.parquet", "not a Parquet"]),
    ("a spreadsheet", path_of_records("rates.xlsx"), PROTOCOL, ["rates.xlsx", "spreadsheet", "CSV"]),
    ("a path upwards", path_of_records("../rates.csv"), PROTOCOL, ["records.rates.path", "leads out"]),
    ("a path down and upwards", path_of_records("a/../../rates.csv"), PROTOCOL, ["leads out"]),
    ("an absolute path", path_of_records("/etc/passwd.csv"), PROTOCOL, ["does not start from the study's folder"]),
    ("a drive", path_of_records("C:/rates.csv"), PROTOCOL, ["does not start from the study's folder"]),
    ("another machine", path_of_records(r"\\host\rates.csv"), PROTOCOL, ["does not start from the study's folder"]),
    ("a home folder", path_of_records("~/rates.csv"), PROTOCOL, ["does not start from the study's folder"]),
    ("an address", path_of_records("http://a.invalid/rates.csv"), PROTOCOL, ["is an address"]),
    ("several files", path_of_records("*.csv"), PROTOCOL, ["several files"]),
    ("a link out of the folder", linked_out, PROTOCOL, ["rates.csv", "symbolic link that leads out", "--data"]),
    ("a link in a circle", linked_in_a_circle, RECORDS, ["rates.csv", "not a file"]),
    ("a folder as records", folder_as_records, RECORDS, ["rates.csv", "a folder, not a file"]),
    ("a match file nowhere", match_file(None), RECORDS, ["matching.match_file", "pairs.csv"]),
    ("a match file of bytes", match_file(b"\xff\x00"), PROTOCOL, ["matching.match_file", "UTF-8"]),
    ("a match file of others", match_file(b"pilot,comparator\nA77,A12\n"), PROTOCOL, ["line 2", "no pilot"]),
    ("two mistakes", in_protocol("seed =", "owner = 1\nsede ="), PROTOCOL, ["study.owner", "study.sede"]),
    (
        "nothing after the settling-in",
        without_rows(",2016,", ",2017,", ",2018,", ",2019,"),
        PROTOCOL,
        ["areas.pilots[0]", "areas.pilots[3]", "no period after"],
    ),
]


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(("spoil", "code", "words"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT])
def test_bad_input_is_named_with_its_place_and_nothing_is_written(study, command, spoil, code, words, finished):
    spoil(study)
    folder = study.parent / "run"
    for before in (False, True) if command == "run" else (False,):
        if before:
            shutil.copytree(finished, folder)
        there = contents(folder)
        result = invoke(command, study)
        assert result.exit_code == code, result.stderr
        assert result.stdout == ""
        assert not [word for word in words if word not in result.stderr]
        assert PLANTED_NAME not in result.stderr
        assert PLANTED_NUMBER not in result.stderr
        assert contents(folder) == there


def test_a_protocol_of_100_mb_is_refused_at_once(study):
    huge_protocol(study)
    began = time.perf_counter()
    invoke("run", study)
    assert time.perf_counter() - began < 2


def test_two_tables_that_cannot_be_found_are_both_named(tmp_path):
    second = """
[records.others]
kind = "area_series"
path = "second.csv"
columns = { area = "area", period = "year", value = "rate" }
period = { kind = "year" }
unit = "each"
source = "Invented"
published = true
"""
    asked = '[[question]]\nkey = "other"\ntitle = "And?"\nrecords = "others"\noutcome = { label = "another" }\n'
    study = write_study(tmp_path / "study", invented(), records=second, extra=asked)
    (study.parent / "rates.csv").unlink()
    result = invoke("check", study)
    assert result.exit_code == RECORDS, result.stderr
    assert 'records.rates.path = "rates.csv"' in result.stderr
    assert 'records.others.path = "second.csv"' in result.stderr


def unreadable(path, monkeypatch):
    """Let the system refuse to open a file; a test that runs as root could not take the permission away."""
    opened = Path.open

    def refusing(self, *arguments, **options):
        if self.name == path:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)


@pytest.mark.parametrize(("name", "code"), [("study.toml", USAGE), ("rates.csv", RECORDS)])
def test_a_file_that_may_not_be_read_is_named(study, monkeypatch, name, code):
    unreadable(name, monkeypatch)
    result = invoke("run", study)
    assert result.exit_code == code
    assert name in result.stderr
    assert "Permission denied" in result.stderr
    assert contents(study.parent / "run") is None


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("name", ["nowhere.toml", "."])
def test_a_protocol_that_is_not_there_or_a_folder_is_a_usage_error(tmp_path, command, name):
    result = invoke(command, tmp_path / name)
    assert result.exit_code == USAGE
    assert str(tmp_path) in result.stderr
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("data", ["nowhere", "study/study.toml"])
def test_a_data_folder_that_is_none_is_a_usage_error(study, command, data):
    result = invoke(command, study, "--data", study.parent.parent / data)
    assert result.exit_code == USAGE
    assert "--data" in result.stderr
    assert contents(study.parent / "run") is None


@pytest.mark.parametrize("out", ["study.toml", "study.toml/run", "rates.csv/a/b"])
def test_an_out_folder_that_cannot_be_one_is_a_usage_error(study, out):
    there = contents(study.parent)
    result = invoke("run", study, "--out", study.parent / out)
    assert result.exit_code == USAGE
    assert "folder" in result.stderr or "is a file" in result.stderr
    assert contents(study.parent) == there


def test_a_file_in_place_of_the_run_folder_is_refused_in_python_too(study):
    with pytest.raises(UsageError, match="is a file, not a folder"):
        run(read_protocol(study), out=study)


def test_an_out_folder_that_may_not_be_written_is_a_usage_error(study, monkeypatch):
    def refusing(self, *_, **__):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refusing)
    result = invoke("run", study, "--out", study.parent / "deep" / "run")
    assert result.exit_code == USAGE
    assert "Permission denied" in result.stderr
    assert "may write to" in result.stderr


def test_the_folders_above_a_failed_run_are_taken_back(study):
    (study.parent / "rates.csv").write_bytes(b"")
    there = contents(study.parent)
    assert invoke("run", study, "--out", study.parent / "a" / "b" / "c").exit_code == RECORDS
    assert contents(study.parent) == there


@pytest.mark.parametrize("name", ["release", "checker", "manifest.json", "log.jsonl"])
def test_files_that_no_run_wrote_are_not_replaced(study, name):
    own = study.parent / "mine" / name
    own.parent.mkdir()
    own.write_text("mine")
    result = invoke("run", study, "--out", own.parent)
    assert result.exit_code == USAGE
    assert name in result.stderr
    assert contents(own.parent) == {name: b"mine"}


def test_other_files_in_the_out_folder_stay(study):
    (study.parent / "notes.txt").write_text("mine")
    assert invoke("run", study, "--out", study.parent, "--quiet").exit_code == 0
    assert (study.parent / "notes.txt").read_text() == "mine"
    assert (study.parent / "findings.json").is_file()


@pytest.mark.parametrize("error", [DisclosureError, EngineError])
def test_a_stop_at_the_gate_leaves_with_its_own_code(study, monkeypatch, error, finished):
    def stop(*_):
        raise error(Mistake("table plans", "would give an area away.", "Rename it."))

    shutil.copytree(finished, study.parent / "run")
    there = contents(study.parent / "run")
    monkeypatch.setattr("whatworked.run_folder.release", stop)
    for arguments in (["run", study], ["report", study.parent / "run"]):
        result = invoke(*arguments)
        assert result.exit_code == error.exit_code == (DISCLOSURE if error is DisclosureError else ENGINE)
        assert "table plans: would give an area away." in result.stderr
        assert contents(study.parent / "run") == there


def test_a_folder_whose_name_is_a_pattern_is_refused_by_the_engine(tmp_path):
    result = invoke("run", planted_study(tmp_path / "study [1]"))
    assert result.exit_code == ENGINE
    assert "Rename the file or the folder." in result.stderr


DAMAGED = {
    "cut short": lambda whole: whole[: len(whole) // 2],
    "empty": lambda whole: b"",
    "bytes": lambda whole: b"\xff\xfe" + whole,
    "another document": lambda whole: b'{"findings": []}',
    "a list": lambda whole: b"[]",
    "deep": lambda whole: b"[" * 100_000,
    "of another version": lambda whole: whole.replace(b'"rule_set"', b'"rules"'),
    "not a number": lambda whole: whole.replace(b'"seed": 1', b'"seed": NaN'),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_findings_are_refused_and_the_folder_is_left_alone(tmp_path, finished, damage):
    folder = shutil.copytree(finished, tmp_path / "run")
    path = folder / "findings.json"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert path.read_bytes() != whole
    there = contents(folder)
    result = invoke("report", folder)
    assert result.exit_code == USAGE
    assert "findings.json" in result.stderr
    assert "finished run" in result.stderr or "whatworked run" in result.stderr
    assert contents(folder) == there


@pytest.mark.parametrize("name", ["nowhere", "empty", "study.toml"])
def test_a_folder_that_is_no_run_cannot_be_reported(study, name):
    (study.parent / "empty").mkdir()
    there = contents(study.parent)
    result = invoke("report", study.parent / name)
    assert result.exit_code == USAGE
    assert name in result.stderr
    assert contents(study.parent) == there


@pytest.mark.parametrize("command", ["new", "demo"])
def test_a_folder_that_holds_something_is_not_filled(study, command):
    there = contents(study.parent)
    result = invoke(command, study.parent)
    assert result.exit_code == USAGE
    assert "not empty" in result.stderr
    assert contents(study.parent) == there
