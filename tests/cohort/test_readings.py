"""Readings of a definition that differ from one another in a single row, and laws that hold for all."""

from dataclasses import replace
from datetime import date, timedelta

import drawn
import pytest

from whatworked.cohort.days import Months
from whatworked.cohort.definitions import (
    AS_CODED,
    AS_REPORTED,
    Conference,
    EntryToCare,
    Escalation,
    Kinship,
    definitions,
)
from whatworked.cohort.events import ready_made
from whatworked.cohort.extent import Extent
from whatworked.cohort.inputs import NEEDED, check_tables
from whatworked.cohort.notes import NOTES, notes
from whatworked.cohort.populations import assessed, linked_to_referrals
from whatworked.cohort.questions import cohort
from whatworked.cohort.rows import analysis_rows
from whatworked.cohort.timing import GroupArea, group_table, timed
from whatworked.engine.sql import Query
from whatworked.errors import RecordsError


def test_a_set_of_rules_goes_by_its_name():
    assert definitions("as_reported") is AS_REPORTED
    assert definitions("as_coded") is AS_CODED


def outcomes(shown, key, definition, **tables):
    return [row[0] for row in shown(drawn.rows_of(key, means={key_of(key): definition}, **tables).rows, "outcome")]


def key_of(key):
    return {"icpc": "conference"}.get(key, key)


def test_three_calendar_months_for_a_conference(shown):
    tables = {
        "referral": "child referral_date closure_reason closure_date\n1 2012-11-30 RC7 2013-11-01",
        "conference": "child conference_date\n1 2013-02-27",
    }
    assert outcomes(shown, "icpc", Conference(), **tables) == ["1"]
    # Three months after 30 November is 28 February, which is the ninetieth day: the window is open.
    tables["conference"] = "child conference_date\n1 2013-02-28"
    assert outcomes(shown, "icpc", Conference(), **tables) == ["0"]
    tables["referral"] = tables["referral"].replace("2012-11-30", "2012-12-01")
    assert outcomes(shown, "icpc", Conference(window=Months(3, 90, "calendar")), **tables) == ["1"]
    tables["conference"] = "child conference_date\n1 2013-03-01"
    assert outcomes(shown, "icpc", Conference(window=Months(3, 90, "calendar")), **tables) == ["0"]


def test_twelve_calendar_months_of_care_hold_the_leap_day(shown):
    tables = {
        "referral": "child referral_date no_further_action\n1 2011-03-01 1",
        "episode": "child start_date start_reason legal_status placement\n1 2012-03-01 S V2 U6",
    }
    assert outcomes(shown, "entry_to_care", EntryToCare(), **tables) == ["0"]
    assert outcomes(shown, "entry_to_care", EntryToCare(window=Months(12, 365, "calendar")), **tables) == ["1"]


def test_six_calendar_months_after_a_rereferral(shown):
    tables = {
        "referral": """
            child  referral_date  no_further_action  closure_date
            1      2012-01-05     1                  -
            1      2012-03-01     0                  2013-03-01
            """,
        "plan": "child start_date\n1 2012-09-01",
    }
    assert outcomes(shown, "escalation", Escalation(), **tables) == ["0"]
    assert outcomes(shown, "escalation", Escalation(window=Months(6, 180, "calendar")), **tables) == ["1"]


def test_kinship_by_the_calendar(shown):
    episodes = """
        child  start_date  start_reason  legal_status  placement  end_date    end_reason
        1      2011-03-01  S             V2            U6         2012-03-01  X1
        1      2012-03-01  P             V2            U3         -           -
        """
    assert outcomes(shown, "kinship", Kinship(), episode=episodes) == ["0"]
    assert outcomes(shown, "kinship", Kinship(window=Months(12, 365, "calendar")), episode=episodes) == ["1"]


def test_years_before_the_start_count_to_the_window_or_to_the_event(shown):
    episodes = "child start_date start_reason legal_status placement\n1 2013-03-01 S C1 U6\n2 2012-03-01 S C1 U6"
    # The windows end on 2014-03-01 and 2013-03-01, the start is 2014-04-01.
    for rule_set in ("as_reported", "as_coded"):
        assert shown(drawn.rows_of("kinship", rule_set, episode=episodes).rows, "since") == [("-1",), ("-2",)]
    referrals = "child referral_date no_further_action\n1 2012-11-01 1\n2 2013-03-05 1"
    assert shown(drawn.rows_of("rereferral", referral=referrals).rows, "person since") == [("1", "-1"), ("2", "-1")]
    assert shown(drawn.rows_of("rereferral", "as_coded", referral=referrals).rows, "person since") == [
        ("1", "-2"),
        ("2", "-2"),
    ]


def test_without_an_embedded_date_everything_from_the_start_on_is_post(shown):
    groups = group_table([GroupArea("P", "P", True, date(2014, 4, 1))])
    referrals = "child referral_date no_further_action\n1 2014-03-31 1\n2 2014-04-01 1\n3 2015-04-02 1"
    found = drawn.rows_of("rereferral", groups=groups, referral=referrals)
    assert shown(found.rows, "person post since") == [("2", "1", "0"), ("3", "1", "1")]


def test_a_year_may_end_with_march(shown):
    referrals = "child referral_date no_further_action\n1 2012-03-31 1\n2 2012-04-01 1"
    found = cohort(drawn.prepared(referral=referrals), "rereferral", drawn.GROUPS, year_ends=3)
    assert shown(found.rows, "person year") == [("1", "2012"), ("2", "2013")]


def events(text):
    columns = ("area", "person", "event_date", "outcome", "severity")
    types = ("STRING", "STRING", "DATE", "DOUBLE", "STRING")
    parts = [
        "SELECT " + ", ".join(
            f"CAST({'NULL' if word == '-' else repr(word)} AS {kind}) AS {name}"
            for name, kind, word in zip(columns, types, line.split(), strict=True)
        )
        for line in text.strip().splitlines()
    ]  # fmt: skip
    return Query("\nUNION ALL\n".join(parts), grain="event", columns=columns)


READY = """
P 1 2012-01-05 1.5 low
P 1 2012-01-05 0.5 high
P 2 2014-05-05 1.0 low
C 1 2015-05-05 - low
C 2 - 1.0 low
C 3 2015-05-05 0.0 -
"""


def ready_rows(text):
    found = ready_made(events(text), covariates=("severity",))
    placed = timed(found, drawn.GROUPS, end=drawn.EXTENT.last, since=AS_REPORTED.since)
    return found, placed, analysis_rows(placed, "own", described=None, covariates=("severity",))


def test_ready_made_events_keep_their_outcome_and_covariates(shown, engine):
    found, placed, rows = ready_rows(READY)
    assert shown(rows, "question area person event_id event_date pilot post since outcome severity copies") == [
        ("own", "C", "3", "1", "2015-05-05", "0", "1", "0", "0", "-", "1"),
        ("own", "P", "1", "1", "2012-01-05", "1", "0", "-3", "0.5", "high", "1"),
        ("own", "P", "1", "2", "2012-01-05", "1", "0", "-3", "1.5", "low", "1"),
    ]
    assert drawn.left_out(engine, found) == {"without a date": 1, "without an outcome": 1}
    assert sum(drawn.left_out(engine, placed).values()) == 1


def test_the_order_of_ready_made_events_does_not_matter(shown):
    turned = "\n".join(reversed(READY.strip().splitlines()))
    assert shown(ready_rows(turned)[2]) == shown(ready_rows(READY)[2])


def test_notes_count_what_is_kept_but_casts_doubt(shown):
    prepared = drawn.prepared(
        child="child expected_birth_date birth_date\n1 2012-06-01 -\n2 2012-06-01 2012-06-03",
        referral="child referral_date no_further_action closure_date\n1 2012-01-05 1 -\n2 2012-01-05 1 2012-01-06",
        assessment="child start_date end_date\n1 2012-01-04 2012-01-20\n2 2012-01-05 2012-01-20\n3 2012-01-05 -",
        episode="""
            child  start_date  start_reason  legal_status  placement  end_date    end_reason
            3      2012-01-05  P             V2            U6         2012-02-05  X1
            3      2012-02-07  P             V2            U6         -           -
            """,
    )
    people, definition = prepared.description.people, prepared.definitions.assessments
    found = assessed(prepared.records.assessment, people, definition=definition, extent=drawn.EXTENT)
    linked = linked_to_referrals(found, prepared.referrals)
    counted = shown(notes(prepared.referrals, people, assessments=linked, periods=prepared.records.periods))
    assert dict(counted) == dict.fromkeys(NOTES, "1")


WHOLE = {
    "referral": """
        child  referral_date  no_further_action  closure_date  closure_reason
        1      2012-01-05     1                  2012-01-31    -
        1      2012-06-30     0                  2012-12-30    RC7
        2      2015-06-30     1                  -             -
        2      2015-09-30     1                  -             -
        3      2014-06-30     1                  -             -
        4      2018-12-30     1                  -             -
        """,
    "plan": "child start_date\n1 2012-09-01",
}


@pytest.mark.parametrize("key", ["rereferral", "escalation", "icpc", "entry_to_care"])
def test_moving_every_date_by_days_moves_nothing_else(shown, key):
    # 1461 days are four years to the day, so that ages and years since move with the dates.
    moved = timedelta(days=1461)

    def later(text):
        words = [
            word if len(word) != 10 or word[4] != "-" else str(date.fromisoformat(word) + moved)
            for word in text.split(" ")
        ]
        return " ".join(words)

    def moved_lines(text):
        return "\n".join(later(line) for line in text.splitlines())

    extent = Extent(drawn.EXTENT.first + moved, drawn.EXTENT.last + moved)
    dates = (drawn.START + moved, drawn.EMBEDDED + moved)
    groups = group_table([GroupArea("P", "P", True, *dates)])
    here = drawn.rows_of(key, groups=group_table([GroupArea("P", "P", True, drawn.START, drawn.EMBEDDED)]), **WHOLE)
    tables = {name: moved_lines(text) for name, text in WHOLE.items()}
    there = drawn.rows_of(key, groups=groups, extent=extent, **tables)
    columns = "person post since outcome copies"
    assert shown(here.rows, columns) == shown(there.rows, columns) != []


def test_a_definition_is_replaced_field_by_field():
    wide = replace(AS_CODED, kinship=replace(AS_CODED.kinship, definition="wide"))
    assert wide.kinship == Kinship("wide", legal_statuses=("C1", "C2"))


def test_a_question_without_its_tables_is_refused_with_all_that_is_lacking():
    held = {"referral": drawn.drawn("referral"), "plan": drawn.drawn("plan")}
    check_tables(["rereferral"], held)
    with pytest.raises(RecordsError) as caught:
        check_tables(list(NEEDED), held)
    assert [mistake.where.split()[1] for mistake in caught.value.mistakes] == [
        "assessment_duration", "same_day", "icpc", "escalation", "kinship", "entry_to_care",
    ]  # fmt: skip


def test_without_any_rows_every_question_has_none(shown):
    for key in NEEDED:
        assert shown(drawn.rows_of(key).rows) == []
