"""Invented censuses that others wrote: every child and referral in them is accounted for by a second reader."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from whatworked.records.cin_census import read_cin_census
from whatworked.records.cin_header import CinFile

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "synthetic_cin"
NAMES = ("CIN_Census_2021.xml", "CIN_Census_2026.xml", "fake_CIN_data.xml")
YEARS = {"CIN_Census_2021.xml": 2023, "CIN_Census_2026.xml": 2024, "fake_CIN_data.xml": 2022}
TRUTH = {"true": 1, "false": 0, "1": 1, "0": 0, None: None}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the invented censuses are not there")


@pytest.fixture
def records(engine, tmp_path):
    return read_cin_census(engine, [CinFile(FOLDER / name) for name in NAMES], to=tmp_path / "cin")


@pytest.fixture
def rows(engine, records):
    """Return rows of a table as tuples, dates as texts."""

    def rows(name, *columns):
        found = engine.collect(records.tables[name])
        listed = [[v.isoformat() if hasattr(v, "isoformat") else v for v in column(found[c])] for c in columns]
        return sorted(zip(*listed, strict=True), key=repr)

    return rows


def column(array):
    return np.ma.asarray(array).tolist()


def children():
    """Yield the year and every child of the three files, from a tree of the whole."""
    for name in NAMES:
        root = ElementTree.parse(FOLDER / name).getroot()
        for child in root.iter("Child"):
            yield YEARS[name], child.findtext("ChildIdentifiers/LAchildID"), child


def test_every_child_is_read(rows):
    found = rows("child", "census_year", "child", "birth_date", "death_date", "ethnicity", "disabled", "pupil")
    expected = [
        (
            year,
            name,
            child.findtext("ChildIdentifiers/PersonBirthDate"),
            child.findtext("ChildIdentifiers/PersonDeathDate"),
            child.findtext("ChildCharacteristics/Ethnicity"),
            int(any(code.text != "NONE" for code in child.iter("Disability"))),
            child.findtext("ChildIdentifiers/UPN"),
        )
        for year, name, child in children()
    ]
    assert len(expected) == 335
    assert found == sorted(expected, key=repr)


def test_every_referral_is_read(rows):
    found = rows(
        "referral",
        *("census_year", "child", "sequence", "referral_date", "referral_source", "need", "no_further_action"),
        *("closure_date", "closure_reason"),
    )
    expected = [
        (
            year,
            name,
            place,
            referral.findtext("CINreferralDate"),
            referral.findtext("ReferralSource"),
            referral.findtext("PrimaryNeedCode"),
            TRUTH[referral.findtext("ReferralNFA")],
            referral.findtext("CINclosureDate"),
            referral.findtext("ReasonForClosure"),
        )
        for year, name, child in children()
        for place, referral in enumerate(child.iter("CINdetails"), start=1)
    ]
    assert len(expected) == 405
    assert found == sorted(expected, key=repr)


def test_every_conference_assessment_and_plan_is_read(rows):
    expected = {
        "conference": sorted({(y, n, e.text) for y, n, c in children() for e in c.iter("DateOfInitialCPC")}),
        "assessment": sorted((y, n, e.text) for y, n, c in children() for e in c.iter("AssessmentActualStartDate")),
        "plan": sorted((y, n, e.text) for y, n, c in children() for e in c.iter("CPPstartDate")),
    }
    assert {name: len(events) for name, events in expected.items()} == {"conference": 354, "assessment": 3, "plan": 2}
    assert rows("conference", "census_year", "child", "conference_date") == expected["conference"]
    assert rows("assessment", "census_year", "child", "start_date") == expected["assessment"]
    assert rows("plan", "census_year", "child", "start_date") == expected["plan"]


def test_sex_is_read_in_all_three_forms(rows):
    given = {
        (year, name): child.findtext("ChildIdentifiers/GenderCurrent") or child.findtext("ChildIdentifiers/Sex")
        for year, name, child in children()
    }
    expected = sorted((year, name, 1 if sex == "M" else int(sex)) for (year, name), sex in given.items())
    assert rows("child", "census_year", "child", "sex") == sorted(expected, key=repr)


def test_nothing_is_left_out_and_what_was_odd_is_said(records):
    assert not [step for step in records.steps if step.left_out]
    assert {note.what: note.rows for note in records.notes if not note.what.startswith("elements that no table")} == {
        "returns whose ReferenceDate is no 31 March": 1,
        "returns whose Year is not the year of their ReferenceDate": 1,
        "ExpectedPersonBirthDate: a year before 1900 or after 2099": 1,
        "pieces of text between elements": 2,
    }
