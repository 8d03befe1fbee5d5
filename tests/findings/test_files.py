"""Findings as files: JSON both ways, the schema that ships with the package, and what is no findings."""

import json
from importlib.resources import files

import pytest

from whatworked import read_protocol, run
from whatworked.errors import UsageError
from whatworked.findings.files import from_json, to_json
from whatworked.scaffold.demo import write_demo


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    return run(read_protocol(write_demo(tmp_path_factory.mktemp("demo") / "study")))


def test_findings_travel_to_json_and_back_unchanged(findings):
    text = to_json(findings)
    assert from_json(text, where="here") == findings
    assert to_json(from_json(text, where="here")) == text


def test_the_shipped_schema_names_every_key_that_is_written(findings):
    schema = json.loads(files("whatworked.findings").joinpath("schema.json").read_text(encoding="utf-8"))
    known = {name: set(part["properties"]) for name, part in schema["$defs"].items() if "properties" in part}
    assert set(json.loads(to_json(findings))) == set(schema["properties"])
    question = json.loads(to_json(findings))["questions"][0]
    assert set(question) == known["QuestionFindings"]
    assert set(question["specifications"][0]) == known["SpecificationFindings"]
    assert set(question["areas"]["candidates"][0]) == known["Candidate"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"study": 1}', "{"])
def test_what_is_no_findings_is_refused(text):
    with pytest.raises(UsageError, match="these are no findings"):
        from_json(text, where="run/findings.json")
