"""Days of elevated risk against a count over every day, and where nothing is known."""

from datetime import date, timedelta

import drawn
import holidays as listed_elsewhere
import portable_subset
import pytest
from second_engine import DataFusionEngine

from whatworked.cohort.days import number_of
from whatworked.cohort.elevated_risk import elevated_risk
from whatworked.engine.sql import Query
from whatworked.errors import ProtocolError
from whatworked.protocol.read import parse_protocol

DAY = timedelta(days=1)
SCHOOL = [
    (date(2011, 4, 11), date(2011, 4, 25)),
    (date(2011, 5, 30), date(2011, 6, 3)),
    (date(2012, 12, 24), date(2013, 1, 4)),
]


def days(first, last):
    return [first + place * DAY for place in range((last - first).days + 1)]


def query(every, school):
    """One row a day: its number and its level."""
    rows = "\nUNION ALL\n".join(f"SELECT {number_of(day)} AS day" for day in every)
    text = f"SELECT day, {elevated_risk('day', school)} AS level FROM ({rows}) AS days"
    return Query(text, grain="day", columns=("day", "level"))


def levels(engine, every, school):
    found = engine.collect(query(every, school))
    by_number = dict(zip(found["day"].tolist(), found["level"].tolist(), strict=True))
    return {day: by_number[number_of(day)] for day in every}


def test_every_day_is_what_a_look_at_the_holidays_around_it_gives(engine):
    # The bank holidays come from another list; where one falls on a weekend its substitute alone is a day off.
    off = {
        day
        for day in listed_elsewhere.country_holidays("GB", subdiv="ENG", years=range(2011, 2014))
        if day.weekday() < 5
    }
    found = levels(engine, days(date(2011, 1, 1), date(2013, 6, 30)), SCHOOL)
    starts = {start for start, _ in SCHOOL}
    for day, level in found.items():
        if not date(2011, 4, 6) <= day <= date(2013, 1, 4):
            assert level == "missing", day
            continue
        risky = day - DAY in off or any(day + back * DAY in starts for back in (1, 2, 3, 4, 5))
        assert level == ("yes" if risky else "no"), day
    # The royal wedding was on Friday 29 April 2011, and Monday 2 May was a holiday too.
    assert [found[date(2011, 4, 29) + place * DAY] for place in range(6)] == ["no", "yes", "no", "no", "yes", "no"]


def test_without_school_holidays_nothing_is_known(engine):
    assert set(levels(engine, days(date(2012, 12, 1), date(2012, 12, 31)), []).values()) == {"missing"}


def test_outside_the_table_of_bank_holidays_nothing_is_known(engine):
    wide = [(date(2004, 12, 20), date(2004, 12, 31)), (date(2030, 12, 23), date(2031, 1, 3))]
    found = levels(engine, [date(2005, 1, 1), date(2005, 1, 2), date(2030, 12, 31), date(2031, 1, 1)], wide)
    assert list(found.values()) == ["missing", "no", "no", "missing"]


def test_a_second_engine_gives_the_same_levels(engine):
    every = days(date(2011, 4, 1), date(2011, 6, 10))
    second = levels(DataFusionEngine(), every, SCHOOL)
    assert second == levels(engine, every, SCHOOL)
    assert set(second.values()) == {"yes", "no", "missing"}
    assert not portable_subset.violations(query(every, SCHOOL).text)


def test_the_level_is_of_the_referral_in_questions_about_what_followed_it(shown):
    tables = {"referral": "child referral_date no_further_action closure_date\n1 2011-05-25 1 2011-06-10"}
    for key in ("rereferral", "escalation", "entry_to_care"):
        found = drawn.rows_of(key, holidays=SCHOOL, **tables)
        assert shown(found.rows, "elevated_risk") == [("yes",)]


@pytest.mark.parametrize(
    ("holidays", "where", "words"),
    [
        ("[{ start = 2013-02-18, end = 2013-02-12 }]", "[0].end", "is before the start"),
        (
            "[{ start = 2013-02-18, end = 2013-02-22 }, { start = 2013-02-22, end = 2013-03-01 }]",
            "[1].start",
            "is not after the end",
        ),
        ("[{ start = 2013-02-18 }]", "[0].end", "is missing"),
    ],
)
def test_school_holidays_that_cannot_be_are_refused(holidays, where, words):
    text = f"""
[study]
title = "T"
question = "Q?"
data_start = 2008-04-01
data_end = 2019-03-31
school_holidays = {holidays}
[records.cin]
kind = "cin_census"
folder = "cin"
source = "S"
[areas]
pilots = [{{ area = "1", label = "One", start = 2014-04-01 }}]
[[question]]
key = "asked"
title = "T"
records = "cin"
outcome = {{ label = "L", kind = "icpc" }}
"""
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(text, None)
    (mistake,) = refused.value.mistakes
    assert mistake.where == f"study.school_holidays{where}"
    assert words in mistake.found
