"""Which tests of the main effect are heard beside the pre-registered one."""

import pytest
from invented_study import invented, write_study

from whatworked import read_protocol, run


def additions(tmp_path, pilots):
    found = run(read_protocol(write_study(tmp_path / "study", invented(3, pilots=pilots), pilots=pilots))).questions[0]
    main = found.specifications[0]
    decision = next(one for one in found.decisions if one.decision == "additions")
    return main, decision


@pytest.mark.parametrize("pilots", [1, 4])
def test_bias_reduced_tests_are_not_heard_where_a_pilot_is_alone(tmp_path, pilots):
    main, decision = additions(tmp_path, pilots)
    assert main.pilots == pilots
    given = {row.method.value for row in main.inference if row.p_value is not None} - {"cr1"}
    bias_reduced = {"cr2", "stacked"}
    assert bias_reduced <= given
    assert decision.facts["counted"] == len(given - bias_reduced if pilots == 1 else given)
