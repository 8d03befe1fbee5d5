import pytest

from whatworked.cells import Coefficient, Count, Mean, Probability, Share, Statistic, Tally
from whatworked.disclosure.rounding import Decimals, decimals, rounded

RATE = "per 10,000 children"


@pytest.mark.parametrize(
    ("size", "places"), [(4321.0, 0), (999.0, 1), (43.21, 1), (4.321, 2), (0.4321, 3), (0.004321, 5)]
)
def test_levels_get_as_many_decimals_as_their_size_needs(size, places):
    assert decimals([Mean(size, RATE)]).levels[RATE] == places


@pytest.mark.parametrize(("share", "places"), [(0.45, 1), (0.045, 1), (0.0045, 2)])
def test_percentages_get_one_decimal_unless_they_are_tiny(share, places):
    assert decimals([Mean(share, "share")]).levels["share"] == places


def test_effects_get_no_fewer_decimals_than_levels_and_two_significant_digits():
    cells = [Mean(45.0, RATE), Coefficient(0.31, RATE, 50), Coefficient(0.12, RATE, 50)]
    assert decimals(cells).effects[RATE] == 2
    assert decimals([Mean(45.0, RATE), Coefficient(14.0, RATE, 50)]).effects[RATE] == 1


@pytest.mark.parametrize(
    ("cell", "text", "unit"),
    [
        (Count(1234567, "rows"), "1,234,567", "rows"),
        (Tally(-4, "periods"), "−4", "periods"),
        (Share(123, 1000), "12.3%".removesuffix("%"), "%"),
        (Mean(0.2714, "share"), "27.1", "%"),
        (Mean(45.678, RATE), "45.7", RATE),
        (Coefficient(-0.0224, "share", 50), "−2.2", "percentage points"),
        (Coefficient(-13.97, RATE, 50), "−14.0", RATE),
        (Coefficient(-0.04, RATE, 50), "0.0", RATE),
        (Statistic(1.2345, 3), "1.234", ""),
        (Probability(0.0009999), "<0.001", ""),
        (Probability(0.001), "0.001", ""),
        (Probability(1.0), "1.000", ""),
    ],
)
def test_a_number_is_printed_rounded_in_the_unit_it_is_read_in(cell, text, unit):
    number = rounded(cell, Decimals())
    assert (number.text, number.unit) == (text, unit)


def test_the_value_that_leaves_holds_no_more_digits_than_its_text():
    number = rounded(Mean(45.678912, RATE), Decimals())
    assert number.value == 45.7
    small = rounded(Probability(0.00004567), Decimals())
    assert small.value == 0.001
    assert small.bound
