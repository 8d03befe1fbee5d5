"""Every canonical table is checked by its own declarations: planted faults are found, and no others."""

import json
import sys
from collections import defaultdict
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median

import datafusion
import portable_subset
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatworked.records.check_rules import COVERAGE, DUPLICATES, checks_of
from whatworked.records.checks import check_query, check_tables_of, duplicate_query
from whatworked.records.coverage import gaps
from whatworked.records.invented.write import write_records
from whatworked.records.schema import BY_NAME, TABLES

sys.path.insert(0, str(Path(__file__).parents[1] / "cohort"))
sys.path.insert(0, str(Path(__file__).parent))

import drawn
import invented_reading
import naive_checks

# Days are taken apart by year and month.
violations = partial(portable_subset.violations, more={"Extract", "Var"})


def report(engine, **tables):
    """Return what the checks of drawn tables found: (table, check) → area and period → tested, found."""
    rows = check_tables_of(engine, {name: drawn.drawn(name, text) for name, text in tables.items()}).rows
    found = defaultdict(dict)
    for row in rows:
        found[row.table, row.check][row.area, row.period] = (row.tested, row.found)
    return found


def faults(found):
    """Return the checks that found anything, apart from coverage, with how many rows."""
    return {
        (table, check): sum(n for _, n in places.values())
        for (table, check), places in found.items()
        if check != COVERAGE and any(n for _, n in places.values())
    }


SOUND = {
    "child": """
        child  census_year  birth_date  sex  ethnicity  disabled  pupil
        1      2015         2010-05-05  1    WBRI       0         u1
        1      2016         2010-05-05  1    WBRI       1         u1
        2      2015         2015-01-01  2    CHNE       0         -
        """,
    "referral": """
        child  referral_date  no_further_action  need  referral_source  closure_date  closure_reason  previous_plans
        1      2014-05-05     0                  N1    6                2015-02-01    RC7             0
        2      2014-09-01     1                  N2    6                -             -               -
        """,
    "assessment": "child start_date end_date\n1 2014-05-06 2014-06-06\n2 2014-09-01 -",
    "conference": "child conference_date\n1 2014-07-01",
    "plan": "child start_date initial_abuse previous_plans\n1 2014-07-01 NEG 1",
    "episode": """
        child  start_date  start_reason  legal_status  placement  need  end_date    end_reason
        1      2014-10-05  S             C2            U6         N1    2014-12-05  X1
        1      2014-12-05  P             C2            U3         N1    -           -
        """,
}


def test_sound_records_give_no_check_anything_to_find(engine):
    assert faults(report(engine, **SOUND)) == {}


FAULTS = [
    ("child", "1 2015 2010-05-05 1 WBRI 0 u1", "1 2015 - 1 WBRI 0 u1", "birth_date: missing"),
    ("child", "2 2015 2015-01-01 2", "2 2015 2015-01-01 -", "sex: missing"),
    ("child", "2 2015 2015-01-01 2", "2 2015 2015-01-01 3", "sex: not a code of its year"),
    ("child", "CHNE 0 -", "- 0 -", "ethnicity: missing"),
    ("child", "CHNE 0 -", "CHNX 0 -", "ethnicity: not a code of its year"),
    ("child", "CHNE 0 -", "CHNE 2 -", "disabled: out of range"),
    ("child", "2 2015 2015-01-01", "2 2015 2015-04-01", "birth_date: after the year of the return"),
    ("child", "2 2015 2015-01-01", "2 2015 1988-12-31", "birth_date: more than 26 years before the return"),
    ("referral", "N1 6", "- 6", "need: missing"),
    ("referral", "N1 6", "N1 5D", "referral_source: not a code of its year"),
    ("referral", "2015-02-01 RC7", "2015-02-01 -", "closure_reason: missing"),
    ("referral", "2015-02-01 RC7", "2015-02-01 RC9", "closure_reason: not a code of its year"),
    ("referral", "2015-02-01 RC7", "2014-05-04 RC7", "closure_date: before referral_date"),
    ("referral", "2015-02-01 RC7", "2015-04-01 RC7", "closure_date: after the year of the return"),
    ("referral", "2014-09-01 1", "2014-09-01 -", "no_further_action: missing"),
    ("referral", "RC7 0", "RC7 100", "previous_plans: out of range"),
    ("referral", "2 2014-09-01", "3 2014-09-01", "child: in no return's list of children"),
    ("assessment", "1 2014-05-06", "1 2014-05-04", "no referral of the child on or before the day"),
    ("assessment", "2014-05-06 2014-06-06", "2014-05-06 2014-05-05", "end_date: before start_date"),
    ("conference", "1 2014-07-01", "1 2014-05-04", "no referral of the child on or before the day"),
    ("plan", "NEG", "N1", "initial_abuse: not a code of its year"),
    ("episode", "S C2", "S C9", "legal_status: not a code of its year"),
    ("episode", "N1 -", "N9 -", "need: not a code of its year"),
    ("episode", "2014-12-05 X1", "2014-12-05 -", "end_reason: missing"),
    ("episode", "2014-12-05 X1", "2014-12-05 E45", "end_reason: not a code of its year"),
]


@pytest.mark.parametrize(("table", "old", "new", "check"), FAULTS)
def test_a_planted_fault_is_found_by_its_check_and_by_no_other(engine, table, old, new, check):
    text = "\n".join(" ".join(line.split()) for line in SOUND[table].strip().splitlines())
    assert text.count(old) == 1
    found = report(engine, **SOUND | {table: text.replace(old, new)})
    expected = {(table, check): 1}
    if new.startswith("3 "):  # the assessment of the child who was referred has no referral any more
        expected["assessment", "no referral of the child on or before the day"] = 1
    assert faults(found) == expected


def test_an_event_may_precede_birth_by_280_days_and_an_episode_of_care_by_none(engine):
    born = "child census_year birth_date sex ethnicity\n1 2015 2015-01-08 1 WBRI\n2 2015 2015-01-08 1 WBRI"
    head = "child referral_date no_further_action need referral_source"
    referrals = f"{head}\n1 2014-04-03 1 N1 6\n2 2014-04-02 1 N1 6"
    care = "child start_date start_reason legal_status placement need\n1 2015-01-08 S C2 U6 N1\n2 2015-01-07 S C2 U6 N1"
    assert (date(2015, 1, 8) - date(2014, 4, 3)).days == 280
    assert faults(report(engine, child=born, referral=referrals, episode=care)) == {
        ("referral", "referral_date: before birth by more than 280 days"): 1,
        ("episode", "start_date: before birth"): 1,
    }


def test_what_comes_after_a_childs_death_is_found(engine):
    child = "child census_year birth_date death_date sex ethnicity\n1 2015 2010-01-01 2014-06-01 1 WBRI"
    plan = "child start_date initial_abuse\n1 2014-06-01 NEG\n1 2014-06-02 NEG"
    assert faults(report(engine, child=child, plan=plan)) == {("plan", "start_date: after death"): 1}


def test_returns_that_differ_are_found_in_every_return_and_a_month_does_not_differ_from_a_day(engine):
    child = """
        child  census_year  origin  birth_date  birth_precision  sex  ethnicity
        1      2015         cin     2010-05-05  day              1    WBRI
        1      2015         cla     2010-05-01  month            2    WBRI
        1      2016         cin     2010-05-06  day              0    WBRI
        2      2015         cin     2010-05-05  day              1    WBRI
        2      2015         cla     2010-05-01  month            0    WBRI
        """
    found = faults(report(engine, child=child))
    assert found == {
        ("child", "birth_date: differs between returns"): 3,
        ("child", "sex: differs between returns"): 2,
    }


def test_rows_that_repeat_a_key_are_counted_beyond_the_first(engine):
    plan = "child start_date census_year initial_abuse\n" + "1 2014-07-01 2015 NEG\n" * 3 + "1 2014-07-01 2016 NEG"
    found = report(engine, plan=plan)
    assert found["plan", DUPLICATES] == {("P", "2015"): (3, 2), ("P", "2016"): (1, 0)}


def test_a_child_in_care_whom_no_census_knows_is_unlinked_only_where_a_census_is_held(engine):
    child = "child origin birth_date sex ethnicity\n1 cla 2010-01-01 1 WBRI"
    care = "child start_date start_reason legal_status placement need\n1 2014-10-05 S C2 U6 N1"
    alone = report(engine, child=child, episode=care)
    assert ("episode", "child: in no census of children in need") not in alone
    beside = report(engine, child=child, episode=care, referral=SOUND["referral"])
    assert faults(beside)["episode", "child: in no census of children in need"] == 1


def test_pupils_are_looked_for_in_the_school_census_which_has_no_area(engine):
    child = (
        "child birth_date sex ethnicity pupil\n1 2010-01-01 1 WBRI u1\n2 2010-01-01 1 WBRI u2\n3 2010-01-01 1 WBRI -"
    )
    school = "pupil census_year free_meals school_year\nu1 2015 1 4\nu1 2015 0 99"
    found = report(engine, child=child, school_year=school)
    assert found["child", "pupil: in no school census"] == {("P", "2015"): (2, 1)}
    assert found["school_year", DUPLICATES] == {("", "2015"): (2, 1)}
    assert found["school_year", "school_year: out of range"] == {("", "2015"): (2, 1)}


@given(tables=naive_checks.DRAWN)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
def test_the_checks_equal_a_second_implementation_over_lists_of_rows(engine, tables):
    given_tables = {name: drawn.of_rows(name, rows) for name, rows in tables.items()}
    rows = check_tables_of(engine, given_tables).rows
    checks = {(r.table, r.check, r.area, r.period): (r.tested, r.found) for r in rows if r.check != COVERAGE}
    assert len(checks) == sum(r.check != COVERAGE for r in rows)
    assert checks == naive_checks.naive(tables)


@given(counts=st.lists(st.integers(0, 60), min_size=1, max_size=9))
def test_gaps_are_empty_years_and_those_under_half_of_the_usual_number(counts):
    held = [n for n in counts if n]
    usual = median(held) if held else 0
    for n, note in zip(counts, gaps(dict(enumerate(counts))).values(), strict=True):
        if n == 0:
            assert note == ("none" if usual >= 5 or not held else "")
        else:
            assert note == ("few" if usual >= 20 and n < usual / 2 else "")


def test_coverage_asks_for_every_area_and_year_of_the_records_in_every_table(engine):
    many = "\n".join(f"C {child} 2015-0{1 + child % 3}-11 2015 N1 1 6" for child in range(1, 6))
    head = "area child referral_date census_year need no_further_action referral_source"
    referrals = f"{head}\n{many}\n" + many.replace("2015", "2017").replace("2015", "2017")
    found = report(engine, referral=referrals, plan="area child start_date initial_abuse\nP 1 2015-01-01 NEG")
    assert found["referral", COVERAGE] == {
        ("C", "2015"): (1, 0), ("C", "2016"): (1, 1), ("C", "2017"): (1, 0),
        ("P", "2015"): (1, 1), ("P", "2016"): (1, 1), ("P", "2017"): (1, 1),
    }  # fmt: skip
    assert {place for place, (_, n) in found["plan", COVERAGE].items() if n} == {
        ("C", str(y)) for y in (2015, 2016, 2017)
    }


def every_query():
    texts = {name: "\n".join(" ".join(line.split()) for line in text.splitlines()) for name, text in SOUND.items()}
    for table, old, new, _ in FAULTS:
        texts[table] = texts[table].replace(old, new)
    tables = {name: drawn.drawn(name, text) for name, text in texts.items()}
    tables["school_year"] = drawn.drawn("school_year", "pupil census_year free_meals\nu1 2015 1")
    for table in TABLES:
        checks = checks_of(table, tables)
        yield check_query(table, tables[table.name], tables, checks=checks)
        yield duplicate_query(table, tables[table.name])


def test_every_statement_is_in_the_portable_subset():
    queries = list(every_query())
    assert len(queries) == 2 * len(TABLES)
    assert [violations(query.text) for query in queries] == [[]] * len(queries)


def test_a_second_engine_counts_the_same(engine):
    context = datafusion.SessionContext()
    faulty = 0
    for query in every_query():
        there = context.sql(f"SELECT * FROM {query} AS result").to_pydict()
        here = engine.collect(query)
        assert sorted(zip(*(map(str, there[c]) for c in query.columns), strict=True)) == sorted(
            zip(*(map(str, here[c]) for c in query.columns), strict=True)
        )
        assert there["census_year"]
        faulty += sum(sum(there[column]) > 0 for column in query.columns if column.startswith("found"))
    assert faulty > 12


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality") / "dirty"
    write_records(folder, persons=2_500, areas=8, years=(2013, 2018), seed=5, effect=-0.2, dirty=True)
    with invented_reading.reading(folder, folder.parent / "work") as read:
        tables = {name: read._table(name) for name in BY_NAME if name != "school_year"}
        totals = defaultdict(int)
        for row in check_tables_of(read.engine, tables).rows:
            totals[row.table, row.check] += row.found
    return json.loads((folder / "truth.json").read_text())["dirt"], totals


def test_planted_dirt_is_found_with_the_planted_counts(dirty):
    planted, found = dirty
    closed_first = planted["children with a referral that was closed before it was made"]
    long_ago = planted["children with a referral of long ago"]
    backwards = planted["children with an assessment that ended before it started"]
    assert min(closed_first, long_ago, backwards) > 0
    assert found["child", "sex: missing"] == planted["children whose sex is missing in one return"]
    assert found["referral", "closure_reason: missing"] == planted["referrals closed without a reason"]
    assert found["referral", "closure_date: before referral_date"] == closed_first
    # Both kinds of planted referrals name nobody who referred, and no others do so.
    assert found["referral", "referral_source: missing"] == closed_first + long_ago
    assert found["assessment", "end_date: before start_date"] == backwards


def test_what_the_readers_take_away_is_not_found_again(dirty):
    planted, found = dirty
    assert planted["children without an identifier, copies of others"] > 0
    assert {key: n for key, n in found.items() if key[1] == DUPLICATES and n} == {}
    # Councils this small lack episodes in some year by chance.
    assert {key: n for key, n in found.items() if key[0] == "episode" and key[1] != COVERAGE and n} == {}


def test_clean_invented_records_have_no_fault_but_values_nobody_knew(tmp_path):
    write_records(tmp_path / "clean", persons=1_200, areas=8, years=(2013, 2018), seed=5, effect=-0.2)
    with invented_reading.reading(tmp_path / "clean", tmp_path / "work") as read:
        tables = {name: read._table(name) for name in BY_NAME if name != "school_year"}
        rows = check_tables_of(read.engine, tables).rows
    assert len({row.check for row in rows}) > 25
    judged = [row for row in rows if row.check == COVERAGE]
    # Areas this small lack a row of something in some year by chance.
    assert sum(row.found for row in judged) < 0.05 * len(judged)
    assert {(row.table, row.check) for row in rows if row.found and row.check != COVERAGE} <= {
        ("child", "ethnicity: missing"),
        ("referral", "need: missing"),
    }


def test_no_value_of_a_record_is_in_the_report(engine):
    child = "child birth_date sex ethnicity\nCANARY1 2010-01-01 1 CANARY2"
    plan = "child start_date initial_abuse\nCANARY3 2014-07-01 CANARY4"
    rows = check_tables_of(engine, {"child": drawn.drawn("child", child), "plan": drawn.drawn("plan", plan)})
    assert sum(row.found for row in rows.rows) >= 3
    assert "CANARY" not in json.dumps(rows.to_dict())
