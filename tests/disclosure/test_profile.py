import pytest

from whatworked.disclosure.profile import Limits, limits
from whatworked.protocol.model import Disclosure


@pytest.mark.parametrize(("profile", "smallest", "symbol"), [("srs", 10, "[c]"), ("dfe", 6, "c"), ("report", 10, "-")])
def test_a_profile_has_its_own_limit_and_symbol(profile, smallest, symbol):
    assert limits(Disclosure(profile=profile)) == Limits(profile, smallest, 10, symbol)


def test_a_study_may_set_its_own_numbers_over_the_profile():
    own = limits(Disclosure(profile="srs", smallest=30, residual_df=0, symbol="**"))
    assert own == Limits("srs", 30, 0, "**")


def test_limits_come_back_from_the_findings_as_they_went_in():
    there = Limits("dfe", 6, 10, "c")
    assert Limits.from_dict(there.to_dict()) == there
