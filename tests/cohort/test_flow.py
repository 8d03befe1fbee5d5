"""The flow accounts for every row and every person."""

import drawn

from whatworked.cohort.flow import Sifted, flow, sift
from whatworked.engine.sql import Query


def rows_of(*rows):
    parts = [f"SELECT '{area}' AS area, '{person}' AS person, {n} AS n" for area, person, n in rows]
    return Query("\nUNION ALL\n".join(parts), grain="row", columns=("area", "person", "n"))


ROWS = rows_of(("P", "1", 1), ("P", "1", 2), ("P", "1", 3), ("P", "2", 1), ("C", "1", 2), ("C", "3", 9))
RULES = [("one", "n = 1"), ("less than three", "n < 3"), ("none", "n = 0")]


def test_each_row_goes_to_the_first_rule_that_holds_and_each_person_stays_while_a_row_is_left(shown):
    found = shown(flow(sift(ROWS, RULES)), "step rule left_out rows persons")
    assert found == [
        ("0", "all", "0", "6", "4"),
        ("1", "one", "2", "4", "3"),
        ("2", "less than three", "2", "2", "2"),
        ("3", "none", "0", "2", "2"),
    ]


def test_a_rule_that_cannot_be_told_leaves_nothing_out(shown):
    found = shown(flow(sift(ROWS, [("unknown", "CAST(NULL AS INTEGER) > n")])), "left_out rows")
    assert found == [("0", "6"), ("0", "6")]


def test_rules_after_rules_count_on_where_the_first_ended(shown):
    both = sift(sift(ROWS, RULES[:1]).rows, RULES[1:], before=["one"])
    assert both.rules == ("one", "less than three", "none")
    assert shown(both.rows) == shown(sift(ROWS, RULES).rows)


def test_without_rows_every_step_is_nought(shown):
    nothing = Query(f"SELECT area, person, n FROM {ROWS} AS rows WHERE n > 99", grain="row", columns=ROWS.columns)
    assert shown(flow(sift(nothing, RULES)), "left_out rows persons") == [("0", "0", "0")] * 4


def test_without_rules_every_row_stays(shown):
    everything = sift(ROWS, [])
    assert isinstance(everything, Sifted)
    assert shown(everything.kept) == shown(ROWS)
    assert shown(flow(everything)) == [("0", "all", "0", "6", "4")]


def test_the_flow_of_the_returns_accounts_for_every_row_of_them(engine, shown):
    referral = """
        child  referral_date  census_year  no_further_action  closure_date
        1      2012-03-20     2012         1                  -
        1      2012-03-20     2013         1                  -
        1      2012-03-20     2013         1                  -
        2      2012-03-20     2012         1                  2012-03-19
        2      2012-04-20     2013         0                  2012-09-20
        2      2012-05-20     2013         1                  -
        3      2007-05-20     2008         1                  -
        4      2019-05-20     2020         1                  -
        """
    found = drawn.rows_of("rereferral", referral=referral).stages
    steps = shown(flow(found["records"]), "step left_out rows persons")
    left = {int(step): int(n) for step, n, _, _ in steps}
    assert sum(left.values()) == 8 - 2
    assert [row for row in steps if row[0] == "9"] == [("9", "1", "2", "2")]
    assert drawn.left_out(engine, found["events"]) == {"the records do not tell whether the case was open": 1}
