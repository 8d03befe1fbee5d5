"""Who comes back: counts, and the joint test of 'seen more than once'."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from panel_rows import invented

from whatworked.cells import NotEstimated
from whatworked.diagnostics.recurrence import OUTCOME, recurrence
from whatworked.estimation.panel import seen_again


def test_both_shares_are_counted():
    rows = invented(0)
    found, sizes = recurrence(rows), np.bincount(rows.unit)
    assert (found.rows, found.persons) == (len(rows.unit), 60)
    assert found.repeated == sizes[sizes > 1].sum()
    assert found.less_persons == len(rows.unit) - 60
    assert found.repeated != found.less_persons


def test_a_copy_in_another_group_is_no_repeat():
    rows = invented(1)
    alone = rows.keep(np.unique(rows.unit, return_index=True)[1])
    copies = replace(rows.keep(np.r_[0:5, 0:5]), unit=np.arange(10), person=np.r_[0:5, 0:5], area=np.r_[0:5, 0:5])
    assert recurrence(alone).repeated == recurrence(copies).repeated == 0
    assert recurrence(copies).persons == 5
    assert recurrence(copies).joint == NotEstimated("no row repeats")


def test_the_sample_that_lost_a_stratum_may_be_given():
    rows = invented(2)
    sample = seen_again(rows) & (rows.area != 0)
    assert recurrence(rows, sample=sample).repeated == sample.sum() < recurrence(rows).repeated


def test_the_joint_test_is_the_classical_f_of_the_weighted_regression():
    rows = invented(3)
    found = recurrence(rows)
    x = np.column_stack([rows.design[:, 0], rows.outcome, rows.design[:, 1:]])
    other = sm.WLS(seen_again(rows).astype(float), x, weights=rows.weight).fit()
    assert found.linear.names == ("(intercept)", OUTCOME, "x", "sex", "z")
    assert [found.linear.value(name) for name in found.linear.names] == pytest.approx(other.params, rel=1e-8)
    assert found.joint.statistic == pytest.approx(other.fvalue, rel=1e-8)
    assert found.joint.p_value == pytest.approx(other.f_pvalue, rel=1e-7)
    assert found.joint.df == (4, len(rows.unit) - 5)


def test_an_outcome_that_brings_people_back_is_seen():
    rows = invented(4, people=300)
    brought = replace(rows, outcome=rows.outcome + 3 * seen_again(rows))
    assert recurrence(brought).joint.p_value < 1e-6


def test_where_everyone_or_no_weight_repeats_there_is_no_regression():
    rows = invented(5)
    again = rows.keep(seen_again(rows))
    assert recurrence(again).joint == NotEstimated("all rows repeat")
    assert recurrence(replace(rows, weight=-rows.weight)) == NotEstimated("a weight is negative")
