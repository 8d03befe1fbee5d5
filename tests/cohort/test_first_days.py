"""A question begins where its source begins to hold what the question asks for."""

from dataclasses import replace
from datetime import date

import pytest

from whatworked.cohort.definitions import AS_CODED, AS_REPORTED

EARLY, LATE = date(2009, 4, 1), date(2012, 4, 1)


@pytest.mark.parametrize("means", [AS_REPORTED, AS_CODED])
def test_days_of_a_source_reach_the_two_questions_and_nothing_else(means):
    found = means.with_first_days(plans=LATE, conferences=EARLY)
    assert (found.escalation.plans_from, found.conference.conferences_from) == (LATE, EARLY)
    assert replace(found, escalation=means.escalation, conference=means.conference) == means
    assert means.with_first_days(plans=None, conferences=None) == means


@pytest.mark.parametrize(("own", "source"), [(EARLY, LATE), (LATE, EARLY), (LATE, None)])
def test_the_later_of_two_days_counts(own, source):
    means = AS_REPORTED.with_first_days(plans=own, conferences=own)
    found = means.with_first_days(plans=source, conferences=source)
    assert (found.escalation.plans_from, found.conference.conferences_from) == (LATE, LATE)
