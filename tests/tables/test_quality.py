"""The checks of the records as they are shown: no small number, no withheld area, every concern in a sentence."""

from dataclasses import replace

import pytest
from invented import LIMITS, invented, with_an_effect, with_question

from whatworked.cells import Hidden, Share, Statistic
from whatworked.disclosure.release import release
from whatworked.findings.quality import CheckedRecords, CheckFact, FaultRow
from whatworked.report.prose.fill import fill
from whatworked.tables.document import document
from whatworked.vocabulary import Arm

MISSING = CheckFact("referral", "closure_reason: missing", "missing", Arm.PILOT, 1000, 400, 0.3, True, True)
CHECKED = CheckedRecords(
    (
        MISSING,
        replace(MISSING, arm=Arm.COMPARATOR, found=7, concern=False),
        replace(MISSING, check="need: missing", found=996, counts=False, concern=False),
        replace(MISSING, check="sex: missing", found=0, concern=False),
        CheckFact("referral", "coverage", "gap", Arm.PILOT, 28, 2, 0.1, True, False),
        CheckFact("referral", "coverage", "gap", Arm.COMPARATOR, 56, 14, 0.1, True, True),
    ),
    (
        FaultRow("referral", "closure_reason: missing", "E0601", "2015", 100, 40),
        FaultRow("referral", "coverage", "E0711", "2014", 1, 1, "none"),
        FaultRow("referral", "coverage", "E0601", "2016", 1, 1, "few"),
    ),
)


def question(**changes):
    return replace(
        with_an_effect(), **{"persons": 4000, "published": False, "concerns": (), "checked": CHECKED} | changes
    )


def section(*, publish_names=False, **changes):
    return document(with_question(invented(publish_names=publish_names), question(**changes))).sections[0]


def released(*, publish_names=False, **changes):
    findings = with_question(invented(publish_names=publish_names), question(**changes))
    return release(document(findings), LIMITS).sections[0]


def rows(found, key):
    return [[cell.text for cell in row] for table in found.tables if table.key == key for row in table.rows]


def test_faults_are_shares_by_arm_with_small_parts_and_small_rests_hidden():
    assert rows(released(), "data_checks") == [
        ["Referrals", "Closure reason: missing", "40.0", "[c]", "30.0", "A concern: the evidence is marked down"],
        ["Referrals", "Need: missing", "[c]", "[z]", "30.0", "Told only: the question does not use it"],
        ["Referrals", GAP, "7.1", "25.0", "10.0", "A concern: the evidence is marked down"],
    ]


GAP = "Areas' periods without rows, or with fewer than half of the usual ones"


def test_no_number_of_peoples_rows_leaves_but_as_a_guarded_share():
    (table,) = (table for table in section().tables if table.key == "data_checks")
    for _, _, pilots, comparators, limit, _ in table.rows[:2]:
        assert isinstance(pilots, Share)
        assert isinstance(limit, Statistic)
        assert not isinstance(comparators, Statistic)


def test_checks_that_found_nothing_are_counted():
    (table,) = (table for table in released().tables if table.key == "data_checks")
    assert [fill(note) for note in table.notes] == ["1 of 4 checks found nothing."]


def test_gaps_name_the_area_as_everything_else_does():
    assert rows(released(), "data_gaps") == [
        ["Referrals", "Comparator 2", "2014", "no row"],
        ["Referrals", "Alderbrook", "2016", "fewer than half of its usual rows"],
    ]
    assert rows(released(publish_names=True), "data_gaps")[0][1] == "Easterby"


def test_gaps_of_published_figures_are_not_listed_where_they_would_name_an_area():
    assert rows(released(published=True), "data_gaps") == []
    assert rows(released(published=True, publish_names=True), "data_gaps")


def test_each_concern_is_a_sentence_that_has_passed_the_gate():
    assert [fill(passage) for passage in released().passages["concerns"]] == [
        "found by the checks: referrals, closure reason: missing: 40.0% among the pilots, [c] among the comparators "
        "(limit 30%)",
        f"found by the checks: referrals, {GAP[0].lower()}{GAP[1:]}: 7.1% among the pilots, 25.0% among the "
        "comparators (limit 10%)",
    ]


@pytest.mark.parametrize(("pilots", "hidden"), [(1, True), (4, False)])
def test_of_published_figures_the_share_of_a_single_area_is_held_back(pilots, hidden):
    groups = with_an_effect().areas.groups[:pilots]
    facts = (CheckFact("area_series", "value: missing", "missing", Arm.PILOT, 7, 3, 0.3, True, True),)
    areas = replace(with_an_effect().areas, groups=groups)
    found = section(published=True, areas=areas, checked=CheckedRecords(facts))
    (table,) = (table for table in found.tables if table.key == "data_checks")
    assert isinstance(table.rows[0][2], Hidden) == hidden


def test_a_limit_of_one_is_said_to_be_none():
    off = replace(MISSING, limit=1.0, concern=False)
    findings = with_question(invented(), replace(question(), checked=CheckedRecords((off,))))
    shown = rows(release(document(findings), LIMITS).sections[0], "data_checks")
    assert [row[4:] for row in shown] == [["[z]", "Within the limit"]]
