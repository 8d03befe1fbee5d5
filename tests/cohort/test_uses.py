"""What a question uses is declared in words that the schema knows."""

import pytest

from whatworked.cohort.inputs import NEEDED
from whatworked.cohort.uses import USES, checks_of_question
from whatworked.records.check_rules import COVERAGE, DUPLICATES, checks_of
from whatworked.records.schema import BY_NAME


@pytest.mark.parametrize("key", NEEDED)
def test_every_question_says_what_it_uses_by_names_of_the_schema(key):
    assert set(NEEDED[key]) <= set(USES[key])
    for name, used in USES[key].items():
        assert set(used) <= {*BY_NAME[name].names, *BY_NAME[name].links}


@pytest.mark.parametrize("key", NEEDED)
def test_every_check_that_counts_is_one_that_is_made(key):
    for name, counted in checks_of_question(key).items():
        made = {check.name for check in checks_of(BY_NAME[name], BY_NAME)}
        assert counted <= made | {DUPLICATES, COVERAGE}
        assert DUPLICATES in counted
        assert (COVERAGE in counted) == (name in NEEDED[key])


def test_a_fault_in_what_a_question_does_not_ask_for_does_not_count():
    rereferral = checks_of_question("rereferral")
    assert "closure_reason: missing" in rereferral["referral"]
    assert "need: missing" not in rereferral["referral"]
    assert "episode" not in rereferral
    assert "placement: missing" in checks_of_question("kinship")["episode"]
    assert "placement: missing" not in checks_of_question("entry_to_care")["episode"]


def test_linkage_counts_where_both_tables_are_used():
    unlinked = "child: in no census of children in need"
    assert unlinked in checks_of_question("entry_to_care")["episode"]
    assert unlinked not in checks_of_question("kinship")["episode"]
