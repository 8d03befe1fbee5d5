"""The tests of parallel trends as `findings.json` writes them."""

import numpy as np

from whatworked.cells import NotEstimated
from whatworked.estimation.statistics import Cells
from whatworked.findings.model import PeriodSupport, TestFact
from whatworked.strands.impact import Trends


def period_support(cells: Cells) -> tuple[PeriodSupport, ...]:
    """Count the areas and rows behind the effect in each period since the start."""
    found = []
    for since in sorted({int(k) for k in cells.since}):
        rows = (cells.since == since) & cells.used
        areas = np.unique(cells.area[rows])
        pilots = int(cells.pilot[areas].sum())
        found.append(PeriodSupport(since, pilots, len(areas) - pilots, int(cells.rows[rows].sum())))
    return tuple(found)


def trend_tests(trends: Trends, *, significance: float, searched: bool) -> tuple[TestFact, ...]:
    """Write down the majority rule, the joint test, and what both could have seen.

    `searched` says that the comparators were chosen by their trend, on the periods that are tested here.
    """
    return (_majority(trends, searched=searched), _joint(trends, significance), *_power(trends))


def _majority(trends: Trends, *, searched: bool) -> TestFact:
    leads = trends.leads
    verdict = {True: "hold", False: "fail", None: "untested"}[leads.hold]
    note = "number of leads not significant, of all leads; a strict majority is asked for"
    if leads.not_estimated:
        note += f"; not estimable: {', '.join(leads.not_estimated)}"
    if searched:
        note += "; the comparators were chosen on these same periods"
    return TestFact(
        "leads_insignificant", float(leads.insignificant), (float(len(leads.estimated)),), None, verdict, note
    )


def _joint(trends: Trends, significance: float) -> TestFact:
    joint = trends.joint
    if isinstance(joint, NotEstimated):
        return TestFact("leads_joint", None, (), None, "not available", joint.reason)
    verdict = "differ" if joint.p_value < significance else "no difference found"
    note = "two-sample Hotelling test of the areas' own changes"
    if joint.left_out:
        note += f"; leads that not every area has are left out: {', '.join(f'k={k}' for k in joint.left_out)}"
    return TestFact(
        "leads_joint", joint.statistic, (float(joint.df[0]), float(joint.df[1])), joint.p_value, verdict, note
    )


def _power(trends: Trends) -> tuple[TestFact, ...]:
    power = trends.power
    if power is None:
        return ()
    rows = [
        TestFact(
            "drift_per_year", power.drift, (), None, "assumed", "drift of the pilots that the power is stated for"
        ),
        TestFact("bias_of_drift", power.bias, (), None, "implied", "what that drift would add to the estimate"),
    ]
    for name, value, what in (
        (
            "power_majority_rule",
            power.majority_rule,
            "share of studies in which the majority rule would notice that drift",
        ),
        ("power_joint_test", power.joint_test, "share of studies in which the joint test would notice that drift"),
    ):
        rows.append(TestFact(name, value, (), None, "power" if value is not None else "not available", what))
    return tuple(rows)
