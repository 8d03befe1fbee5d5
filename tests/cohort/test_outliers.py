"""The upper fence against the quartiles of NumPy, and which rows it is drawn from."""

from dataclasses import replace

import drawn
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatworked.cohort.definitions import AS_REPORTED, Outliers
from whatworked.cohort.outliers import BEYOND_LIMIT, upper_fence
from whatworked.engine.sql import Query

COLUMNS = ("area", "person", "event_id", "outcome")


def once(outcomes, copies=1):
    rows = [
        f"SELECT 'P' AS area, '{place}' AS person, 1 AS event_id, CAST({outcome} AS DOUBLE) AS outcome"
        for place, outcome in enumerate(outcomes)
        for _ in range(copies)
    ]
    return Query("\nUNION ALL\n".join(rows), grain="event", columns=COLUMNS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(1, 2))
def test_the_fence_is_that_of_linear_interpolation_with_each_event_once(engine, outcomes, copies):
    first, third = np.quantile(outcomes, [0.25, 0.75])
    (found,) = engine.collect(upper_fence(once(outcomes, copies)))["upper_fence"]
    assert found == pytest.approx(third + 1.5 * (third - first), abs=1e-12)


# Working days 1, 2, 3 and 9 in the baseline; the two long ones started in the settling-in.
ASSESSMENTS = """
child  start_date  end_date
1      2013-01-07  2013-01-08
2      2013-01-07  2013-01-09
3      2013-01-07  2013-01-10
4      2013-01-07  2013-01-18
5      2014-05-07  2014-12-11
6      2014-05-07  2014-12-11
"""


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        (Outliers(), [1, 2, 3]),  # the fence is 4.5 + 1.5 * 2.75 = 8.625
        (Outliers(over="population"), [1, 2, 3, 9]),
        (Outliers("limit", limit=8), [1, 2, 3]),
        (Outliers("limit", limit=9), [1, 2, 3, 9]),
        (Outliers("none"), [1, 2, 3, 9]),
    ],
)
def test_the_quartiles_are_of_baseline_and_post_rows_or_of_the_whole_population(shown, engine, definition, kept):
    assessments = replace(AS_REPORTED.assessments, outliers=definition)
    found = drawn.rows_of("assessment_duration", assessment=ASSESSMENTS, means={"assessments": assessments})
    assert [int(row[0]) for row in shown(found.rows, "outcome")] == kept
    assert drawn.left_out(engine, found.stages["timing"]).get(BEYOND_LIMIT, 0) == 4 - len(kept)
