"""Every step of a cohort keeps to the portable subset, and gives the same rows on a second engine."""

from functools import partial

import datafusion
import drawn
import portable_subset
import pytest

from whatworked.cohort.events import ready_made
from whatworked.cohort.flow import flow
from whatworked.cohort.notes import notes
from whatworked.cohort.populations import assessed, linked_to_referrals
from whatworked.cohort.questions import cohort
from whatworked.engine.sql import Query
from whatworked.records.canonical import unkept

# Cohorts read parts of dates: year, month and day.
violations = partial(portable_subset.violations, more={"Extract", "Var"})

TABLES = {
    "child": """
        area  child  census_year  origin  birth_date  death_date  sex  ethnicity  disabled  asylum  pupil
        P     1      2012         cin     2004-01-01  -           1    WBRI       0         0       a
        P     1      2013         cla     2004-02-01  -           0    ABAN       1         2       a
        C     1      2012         cin     -           2013-01-01  2    NOBT       -         -       b
        C     2      2012         cin     1990-01-01  -           9    -          -         -       -
        """,
    "school_year": """
        pupil  census_year  free_meals  ever_free_meals  early_years_premium  ethnicity
        a      2011         1           -                -                    WBRI
        a      2012         0           0                -                    -
        b      2012         -           -                0                    CHNE
        """,
    "referral": """
        area  child  referral_date  no_further_action  closure_date  closure_reason  need  previous_plans
        P     1      2012-01-05     1                  2012-01-31    -               N1    0
        P     1      2012-01-05     1                  2012-01-30    -               N1    1
        P     1      2012-06-30     0                  2012-12-30    RC7             N2    -
        P     1      2012-07-30     1                  -             -               -     -
        P     2      2015-06-30     1                  -             RC8             -     -
        C     1      2012-01-05     1                  2012-01-31    -               -     -
        C     1      2014-05-05     1                  -             -               -     -
        C     2      2012-05-05     1                  -             -               -     -
        C     3      2016-05-05     0                  -             -               -     -
        C     3      2016-05-04     1                  2016-05-01    -               -     -
        C     4      2018-12-05     1                  -             -               -     -
        X     1      2012-05-05     1                  -             -               -     -
        """,
    "assessment": """
        area  child  start_date  end_date
        P     1      2012-01-05  2012-02-29
        P     1      2012-01-05  2012-02-20
        C     1      2012-07-05  2012-07-04
        C     2      2016-07-05  2016-07-24
        C     3      2016-05-06  2016-07-24
        """,
    "plan": "area child start_date referral_date\nP 1 2012-09-01 2012-06-30\nC 3 2016-07-01 -",
    "conference": "area child conference_date\nP 1 2012-08-20\nC 3 2016-06-01",
    "episode": """
        area  child  start_date  start_reason  legal_status  placement  end_date    end_reason
        P     1      2012-10-05  S             C1            U6         2012-11-05  X1
        P     1      2012-11-05  P             C1            U3         -           -
        C     3      2016-06-05  S             V2            U1         2016-11-05  E45
        C     4      2010-06-05  P             V2            U1         -           -
        """,
}
QUESTIONS = ("assessment_duration", "same_day", "icpc", "rereferral", "escalation", "kinship", "entry_to_care")


def of_the_notes():
    """Return the query of the notes on the drawn records."""
    prepared = drawn.prepared(**TABLES)
    definition, people = prepared.definitions.assessments, prepared.description.people
    found = assessed(prepared.records.assessment, people, definition=definition, extent=drawn.EXTENT)
    assessments = linked_to_referrals(found, prepared.referrals)
    return notes(prepared.referrals, people, assessments=assessments, periods=prepared.records.periods)


def of_ready_events():
    """Return the query of a ready-made table of events."""
    rows = Query(
        "SELECT 'P' AS area, '1' AS person, DATE '2012-01-05' AS event_date, 1e0 AS outcome, 'a' AS severity",
        grain="event",
        columns=("area", "person", "event_date", "outcome", "severity"),
    )
    return ready_made(rows, covariates=("severity",)).rows


def every_query(rule_set, store=unkept):
    """Yield the rows and the flows of every question."""
    prepared = drawn.prepared(rule_set, store=store, **TABLES)
    for key in QUESTIONS:
        found = cohort(prepared, key, drawn.GROUPS)
        yield f"{key}: rows", found.rows
        yield from ((f"{key}: {stage}", flow(sifted)) for stage, sifted in found.stages.items())
    yield "notes", of_the_notes()
    yield "events", of_ready_events()


@pytest.mark.parametrize("rule_set", ["as_reported", "as_coded"])
def test_every_statement_is_in_the_portable_subset(rule_set):
    steps = {}

    def store(name, query):
        steps[f"{name} {len(steps)}"] = query
        return stored(name, query)

    steps |= dict(every_query(rule_set, store))
    assert len(steps) > 45
    found = {name: violations(query.text) for name, query in steps.items()}
    assert {name: set(wrong) for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a NULLS LAST) = 1",
        "SELECT EXTRACT(DOW FROM a) AS a FROM t",
        "SELECT a FROM t SEMI JOIN u ON t.a = u.a",
        "SELECT date_diff('day', a, b) AS a FROM t",
        "SELECT MAX(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS a FROM t",
        "SELECT 1 / 2 AS a FROM t",
        "SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1",
    ],
)
def test_the_lint_finds_what_is_not_portable(text):
    assert violations(text)


@pytest.mark.parametrize("rule_set", ["as_reported", "as_coded"])
def test_a_second_engine_gives_the_same_rows_and_flows(shown, rule_set):
    context = datafusion.SessionContext()

    def store(name, query):
        # Written whole and read again, as a study does with its steps.
        context.deregister_table(name)
        context.register_record_batches(name, [context.sql(query.text).collect()])
        return stored(name, query)

    rows = 0
    for (name, query), (_, here) in zip(every_query(rule_set, store), every_query(rule_set), strict=True):
        table = context.sql(f"SELECT * FROM {query} AS result").to_pydict()
        there = sorted(tuple(word(value) for value in row) for row in zip(*table.values(), strict=True))
        assert there == shown(here), name
        rows += len(there) if name.endswith("rows") else 0
    assert rows >= (12 if rule_set == "as_reported" else 9)


def stored(name, query):
    return Query(f"SELECT {', '.join(query.columns)} FROM {name} AS stored", query.grain, query.columns)


def word(value):
    if value is None:
        return drawn.MISSING
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
