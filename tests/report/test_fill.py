import pytest

from whatworked.disclosure.released import NotApplicable, Number, ReleasedPassage, Text, Withheld
from whatworked.report.prose.fill import fill, shown


def filled(template, **facts):
    return fill(ReleasedPassage(template, facts))


def test_plain_facts_take_the_format_of_their_gap():
    assert (
        filled("{n} of {m} at {level:.0%} (p = {p:.3f})", n=3, m=4, level=0.05, p=0.0123) == "3 of 4 at 5% (p = 0.012)"
    )


def test_a_number_too_small_for_its_format_is_bounded_and_not_printed_as_zero():
    assert filled("(p = {p:.3f})", p=0.00002) == "(p < 0.001)"
    assert filled("{p:.3f}", p=0.0) == "0.000"


def test_a_hidden_fact_prints_its_symbol_whatever_the_format():
    assert filled("{n:,} left", n=Withheld("[c]", "few", "small_count")) == "[c] left"
    assert filled("{n:.1f} left", n=NotApplicable("[z]", "none")) == "[z] left"


def test_a_fact_that_is_not_there_says_so():
    assert filled("{p:.3f} and {q}", p=None) == "not available and not available"


def test_a_released_number_takes_a_format_but_never_gains_digits():
    assert filled("{n:.3f}", n=Number(12.3, "12.3", "days")) == "12.300"
    assert filled("{share:.1%}", share=Number(12.3, "12.3", "%")) == "12.3%"
    assert filled("{p:.3f}", p=Number(0.001, "<0.001", "", bound=True)) == "<0.001"


def test_a_format_that_does_not_fit_falls_back_to_the_fact_itself():
    assert filled("{words:.3f}", words=Text("many")) == "many"
    assert filled("{n:d}", n=1.5) == "1.5"


@pytest.mark.parametrize("template", ["{n.__class__}", "{n[0]}", "{0}", "{}", "{n!r}"])
def test_no_gap_reaches_inside_a_fact(template):
    words = filled(template, n=3)
    assert "class" not in words
    assert words in {"not available", "3"}


@pytest.mark.parametrize("template", ["a } b", "a { b", "{n"])
def test_a_template_that_cannot_be_read_is_printed_as_it_stands(template):
    assert filled(template, n=3) == template


def test_facts_are_shown_plainly():
    found = [shown(fact) for fact in (True, False, 1234, 0.05, -2, None)]
    assert found == ["yes", "no", "1,234", "0.05", "−2", "not available"]
