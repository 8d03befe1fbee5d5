"""What a report of checks comes to for a question: its tables, its periods, its areas, and both sides of each limit."""

from dataclasses import replace

import pytest

from whatworked.protocol.quality import Quality
from whatworked.records.quality_report import CheckRow, QualityReport
from whatworked.vocabulary import Arm

ARMS = {"P": Arm.PILOT, "C": Arm.COMPARATOR, "D": Arm.COMPARATOR}
ROW = CheckRow("referral", "need: missing", "missing", "P", "2015", 10, 3)


def concerns(*rows, **limits):
    return QualityReport(rows).concerns(ARMS, Quality(**limits))


@pytest.mark.parametrize(
    ("kind", "limit", "least"),
    [("missing", "missing_share", 30), ("invalid", "invalid_share", 5), ("unlinked", "unlinked_share", 10),
     ("gap", "coverage_gap", 10)],
)  # fmt: skip
def test_a_share_at_its_limit_is_a_concern_and_one_below_it_is_none(kind, limit, least):
    row = replace(ROW, kind=kind, tested=100)
    assert len(concerns(replace(row, found=least))) == 1
    assert concerns(replace(row, found=least - 1)) == ()
    assert len(concerns(replace(row, found=least - 1), **{limit: (least - 1) / 100})) == 1


@pytest.mark.parametrize("limit", ["missing_share", "invalid_share", "unlinked_share", "coverage_gap"])
def test_a_limit_of_one_switches_a_concern_off_whatever_is_found(limit):
    kind = {"coverage_gap": "gap"}.get(limit, limit.removesuffix("_share"))
    assert concerns(replace(ROW, kind=kind, found=10))
    assert concerns(replace(ROW, kind=kind, found=10), **{limit: 1.0}) == ()


def test_the_arms_are_judged_apart_so_that_many_sound_comparators_hide_no_unsound_pilot():
    sound = replace(ROW, area="C", tested=1000, found=0)
    (concern,) = concerns(ROW, sound, replace(sound, area="D"))
    assert (concern.arm, concern.tested, concern.found) == (Arm.PILOT, 10, 3)


def test_areas_of_an_arm_are_summed_and_areas_that_are_not_compared_are_left_aside():
    rows = [replace(ROW, area=area, found=n) for area, n in (("C", 1), ("D", 2), ("X", 10))]
    (total,) = QualityReport(tuple(rows)).totals(ARMS, Quality())
    assert (total.arm, total.tested, total.found) == (Arm.COMPARATOR, 20, 3)


def test_other_tables_and_periods_do_not_count_and_other_columns_are_told_only():
    rows = (ROW, replace(ROW, table="episode"), replace(ROW, period="2009"), replace(ROW, check="sex: missing"))
    found = QualityReport(rows).of_question({"referral": {"need: missing"}}, {"2015"})
    assert [(row.check, found.counts(row)) for row in found.rows] == [("need: missing", True), ("sex: missing", False)]
    assert [one.check for one in found.concerns(ARMS, Quality())] == ["need: missing"]


def test_a_report_is_plain_values():
    assert QualityReport((ROW,)).to_dict() == {
        "rows": [
            {"table": "referral", "check": "need: missing", "kind": "missing", "area": "P", "period": "2015",
             "tested": 10, "found": 3, "note": "", "counts": True}
        ]
    }  # fmt: skip


def test_nothing_tested_is_no_concern():
    assert concerns(replace(ROW, tested=0, found=0)) == ()
