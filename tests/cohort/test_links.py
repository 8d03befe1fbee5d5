"""Children followed into other areas: as if the records of both areas were one, and nobody on a doubt."""

import drawn
import portable_subset
import pytest
from second_engine import DataFusionEngine

from whatworked.cohort.links import followed, link_counts, links
from whatworked.engine.sql import Query

CHILDREN = """
area  child  census_year  pupil
P     1      2012         a
P     1      2013         a
C     7      2012         a
D     3      2012         a
P     2      2012         b
P     4      2012         b
C     2      2012         b
P     5      2012         d
P     5      2013         e
C     5      2012         e
D     5      2012         d
P     6      2012         -
C     6      2012         -
P     8      2012         f
"""


def naive_links(rows):
    """Compare every child with every other one."""
    pupils = {}
    for row in rows:
        if row["pupil"] != "-":
            pupils.setdefault((row["area"], row["child"]), set()).add(row["pupil"])
    sure = {
        pupil
        for pupil in set().union(*pupils.values())
        if all(len(of) == 1 for of in pupils.values() if pupil in of)
        and all(sum(pupil in of for (there, _), of in pupils.items() if there == area) <= 1 for area, _ in pupils)
    }
    return {
        (*one, *other)
        for one, of_one in pupils.items()
        for other, of_other in pupils.items()
        if one[0] != other[0] and of_one & of_other & sure
    }


def test_the_links_are_those_of_a_comparison_of_every_child_with_every_other(engine, shown):
    children = drawn.drawn("child", CHILDREN)
    found = links(children)
    expected = naive_links(drawn.cells(CHILDREN))
    assert set(shown(found)) == expected
    assert len(shown(found)) == len(expected) == 6
    # P 1, C 7 and D 3 are followed; b has two children in P, child 5 of P has two identifiers, d and e.
    assert shown(link_counts(children, found)) == [("3", "3")]


def test_a_second_engine_gives_the_same_links(shown):
    children = drawn.drawn("child", CHILDREN)
    for query in (links(children), link_counts(children, links(children))):
        assert drawn.shown(DataFusionEngine(), query) == shown(query)
        assert not portable_subset.violations(query.text)


def test_rows_of_others_come_beside_ones_own(shown):
    others = Query(
        "SELECT 'P' AS area, '1' AS person, 5 AS day UNION ALL SELECT 'C' AS area, '7' AS person, 6 AS day",
        grain="day",
        columns=("area", "person", "day"),
    )
    linked = links(drawn.drawn("child", "area child pupil\nP 1 a\nC 7 a"))
    assert followed(others, None) is others
    assert shown(followed(others, linked)) == [("C", "7", "5"), ("C", "7", "6"), ("P", "1", "5"), ("P", "1", "6")]


TABLES = {
    "child": "area child pupil\nP 1 a\nQ 9 a\nP 2 b\nP 3 c\nQ 3 c\nP 4 d\nQ 4 d",
    "referral": """
        area  child  referral_date  no_further_action
        P     1      2012-01-05     1
        Q     9      2012-05-05     1
        P     2      2012-01-05     1
        P     2      2012-03-05     1
        P     3      2012-01-05     1
        Q     3      2012-12-05     1
        P     4      2012-01-05     1
        """,
    "plan": "area child start_date\nP 2 2012-04-05\nQ 3 2012-02-05",
    "episode": """
        area  child  start_date  start_reason  legal_status  placement  end_date    end_reason
        Q     9      2012-06-05  S             C2            U6         -           -
        Q     4      2011-06-05  S             C2            U6         -           -
        """,
}


def merged(tables):
    """Return the tables as if the children of Q had been children of P all along, under the identifiers of P."""
    return {
        name: text.replace("\n        Q     9", "\n        P     1").replace("Q 9", "P 1").replace("Q ", "P ")
        for name, text in tables.items()
    }


@pytest.mark.parametrize("key", ["rereferral", "escalation", "entry_to_care"])
def test_who_is_followed_has_the_outcome_that_one_area_with_all_records_would_give(shown, key):
    def outcomes(tables, **given):
        found = shown(drawn.rows_of(key, **given, **tables).rows, "area person event_date outcome")
        return {row[1:3]: row[3] for row in found if row[0] == "P"}

    apart, together = outcomes(TABLES, link="person"), outcomes(merged(TABLES))
    # Whose row it is stays the area's affair: one area with all records would know child 3's case in Q to be open.
    shared = apart.keys() & together.keys()
    assert {person for person, _ in shared} >= {"1", "2"}
    assert {row: apart[row] for row in shared} == {row: together[row] for row in shared}
    assert outcomes(TABLES) != apart


def test_without_identifiers_a_link_changes_nothing(shown):
    bare = {name: text for name, text in TABLES.items() if name != "child"}
    for key in ("rereferral", "escalation", "entry_to_care"):
        assert shown(drawn.rows_of(key, link="person", **bare).rows) == shown(drawn.rows_of(key, **bare).rows)
