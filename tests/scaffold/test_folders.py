"""The folders to start from: whole, the same for a seed, and never written over something."""

import csv
import json
import tomllib
from pathlib import Path

import pytest

from whatworked.errors import UsageError
from whatworked.protocol.model import Protocol
from whatworked.scaffold import write_demo, write_new
from whatworked.scaffold.demo import AREAS


def as_protocol(path: Path) -> Protocol:
    def frozen(value):
        if isinstance(value, list):
            return tuple(map(frozen, value))
        return {key: frozen(inner) for key, inner in value.items()} if isinstance(value, dict) else value

    return Protocol.model_validate(frozen(tomllib.loads(path.read_text(encoding="utf-8"))))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_demo_is_the_same_for_a_seed_byte_for_byte(tmp_path):
    write_demo(tmp_path / "one", seed=4)
    write_demo(tmp_path / "two", seed=4)
    write_demo(tmp_path / "three", seed=5)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert contents(tmp_path / "one")["data/plans.csv"] != contents(tmp_path / "three")["data/plans.csv"]


def test_the_demo_holds_a_protocol_its_data_and_the_truth(tmp_path):
    study = write_demo(tmp_path / "demo")
    protocol = as_protocol(study)
    for records in protocol.records.values():
        with (study.parent / records.path).open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            columns = records.columns
            named = {columns.area, columns.name, columns.period, columns.value, columns.numerator, columns.denominator}
            assert named <= set(table.fieldnames)
            codes = {row["area_code"] for row in table if row["geographic_level"] == "Local authority"}
        assert {pilot.area for pilot in protocol.areas.pilots} <= codes
    truth = json.loads((study.parent / "truth.json").read_text(encoding="utf-8"))
    assert set(truth["questions"]) == {question.key for question in protocol.question}
    assert truth["questions"]["referrals"]["effect"] == 0


def test_the_demo_protocol_names_the_areas_that_were_invented(tmp_path):
    protocol = as_protocol(write_demo(tmp_path / "demo"))
    assert {pilot.area: pilot.label for pilot in protocol.areas.pilots} == {
        code: AREAS.names[code] for code in AREAS.pilots
    }
    assert set(protocol.excluded()) == set(AREAS.imitators)
    assert {pilot.start.year for pilot in protocol.areas.pilots} == {AREAS.settling_in - 1}


def test_the_folder_to_fill_in_is_a_readable_protocol(tmp_path):
    protocol = as_protocol(write_new(tmp_path / "study"))
    assert protocol.question[0].records in protocol.records


@pytest.mark.parametrize("write", [write_demo, write_new])
def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path, write):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        write(tmp_path)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


@pytest.mark.parametrize("write", [write_demo, write_new])
def test_a_file_in_place_of_the_folder_is_refused(tmp_path, write):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(UsageError, match="a file, not a folder"):
        write(tmp_path / "taken")
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "taken" / "inside")


def test_an_empty_folder_is_taken(tmp_path):
    assert write_new(tmp_path).parent == tmp_path
