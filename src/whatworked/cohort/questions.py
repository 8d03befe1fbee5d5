"""From the canonical tables to the rows of a question: the whole way, with the flow of each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from whatworked.cohort.assessment_outcomes import same_day, working_days
from whatworked.cohort.care_outcomes import kinship
from whatworked.cohort.characteristics import School
from whatworked.cohort.definitions import Definitions
from whatworked.cohort.elevated_risk import Holiday
from whatworked.cohort.extent import Extent
from whatworked.cohort.flow import Sifted, sift
from whatworked.cohort.inputs import QuestionKey, Records
from whatworked.cohort.links import Link, followed, links
from whatworked.cohort.open_cases import later_referrals, protections, referral_events
from whatworked.cohort.outliers import without_outliers
from whatworked.cohort.people import people
from whatworked.cohort.populations import assessed, in_care, linked_to_referrals, referred
from whatworked.cohort.referral_outcomes import conference, entry_to_care, escalation, plans_and_care, rereferral
from whatworked.cohort.referrals import dated_referrals, merged_referrals, referral_flow, referral_rows
from whatworked.cohort.rows import Description, analysis_rows
from whatworked.cohort.school import school_ethnicities, school_histories
from whatworked.cohort.timing import timed
from whatworked.engine.sql import Query, literal
from whatworked.records.canonical import Keep, unkept

OF_REFERRALS: tuple[QuestionKey, ...] = ("rereferral", "escalation", "icpc", "entry_to_care")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What every question starts from: persons, and referrals that have been made one row an event.

    `links` says who is the same in another area; None where a study does not follow children there.
    """

    records: Records
    extent: Extent
    definitions: Definitions
    description: Description
    referral_rows: Query
    referrals: Sifted
    store: Keep
    links: Query | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """A question's rows, and the stages that led to them: each stage's flow starts from what the one before kept."""

    rows: Query
    stages: Mapping[str, Sifted]


def prepare(
    records: Records,
    *,
    extent: Extent,
    definitions: Definitions,
    store: Keep = unkept,
    school_holidays: Sequence[Holiday] = (),
    link: Link = "area",
) -> Prepared:
    """Make persons and referral events of the records.

    `store` may write a step to a file, under a name, and return the query that reads it: a step is used more than
    once, its text would stand in the queries each time, and not every engine reads a text so deep.
    """
    persons = store("people", people(records.child))
    rows = store("referral_rows", referral_rows(records.referral))
    dated = store("dated_referrals", dated_referrals(merged_referrals(rows), persons))
    events = referral_events(dated, protections(records.plan, records.conference), extent)
    school = School(
        store("school_histories", school_histories(records.child, records.school_year)),
        store("school_ethnicities", school_ethnicities(records.child, records.school_year)),
        tuple(school_holidays),
    )
    return Prepared(
        records=records,
        extent=extent,
        definitions=definitions,
        description=Description(persons, school),
        referral_rows=rows,
        referrals=_stored(store, "referral_events", events),
        store=store,
        links=store("links", links(records.child)) if link == "person" else None,
    )


def question_stages(prepared: Prepared, key: QuestionKey) -> dict[str, Sifted]:
    """Return the stages from the records to a question's events: `records` first where these are of referrals.

    The events are stored: series, flow and rows are all made of them.
    """
    events = _stored(prepared.store, f"{key}_events", _events(prepared, key))
    if key in OF_REFERRALS:
        return {"records": referral_flow(prepared.referral_rows, prepared.referrals), "events": events}
    return {"events": events}


def _events(prepared: Prepared, key: QuestionKey) -> Sifted:
    """Return the events of a question, each with its outcome or the rule that leaves it out."""
    records, means, extent = prepared.records, prepared.definitions, prepared.extent
    persons = prepared.description.people
    if key in ("assessment_duration", "same_day"):
        found = assessed(records.assessment, persons, definition=means.assessments, extent=extent)
        rows = linked_to_referrals(found, prepared.referrals)
        if key == "same_day":
            return same_day(rows, definition=means.assessments)
        return working_days(rows, records.calendar, definition=means.assessments)
    if key == "kinship":
        periods = in_care(records.periods, persons, definition=means.kinship, extent=extent)
        return kinship(periods, records.episodes, definition=means.kinship)
    return _of_referrals(prepared, key)


def cohort(prepared: Prepared, key: QuestionKey, groups: Query, *, year_ends: int = 12) -> Cohort:
    """Return the rows of a question over matched groups, as `whatworked.cohort.timing.timed` reads these."""
    means = prepared.definitions
    assessments = means.assessments
    since = means.kinship_since if key == "kinship" else means.since
    stages = question_stages(prepared, key)
    end = prepared.extent.last
    if key in ("assessment_duration", "same_day") and assessments.censored_at is not None:
        end = assessments.censored_at
    timed_rows = _stored(prepared.store, f"{key}_timed", timed(stages["events"], groups, end=end, since=since))
    if key == "assessment_duration":
        timed_rows = without_outliers(timed_rows, stages["events"], definition=assessments.outliers)
    rows = analysis_rows(timed_rows, key, described=prepared.description, year_ends=year_ends)
    return Cohort(rows, {**stages, "timing": timed_rows})


def series_events(prepared: Prepared, key: QuestionKey, events: Sifted, *, before: date) -> Sifted:
    """Return the events that an area's series is made of: all but durations too long to be believed.

    The limit is that of the events before a day, since comparators are chosen before any later outcome is looked at.
    """
    if key != "assessment_duration":
        return events
    earlier = sift(events.rows, [("on the day or after it", f"event_date >= {literal(before)}")], before=events.rules)
    outliers = replace(prepared.definitions.assessments.outliers, over="population")
    return without_outliers(events, earlier, definition=outliers)


def _stored(store: Keep, name: str, sifted: Sifted) -> Sifted:
    """Return sifted rows, stored."""
    return Sifted(store(name, sifted.rows), sifted.rules)


def _of_referrals(prepared: Prepared, key: QuestionKey) -> Sifted:
    """Return the events of a question about referrals."""
    records, means = prepared.records, prepared.definitions
    if key == "icpc":
        population = referred(prepared.referrals, "open_cases")
        return conference(population, records.conference, definition=means.conference)
    if key == "entry_to_care":
        population = referred(prepared.referrals, means.entry_to_care.population)
        periods = followed(records.periods, prepared.links, person="child")
        return entry_to_care(population, periods, definition=means.entry_to_care)
    population = referred(prepared.referrals, "no_action")
    later = followed(later_referrals(prepared.referrals), prepared.links)
    if key == "rereferral":
        return rereferral(population, later, definition=means.rereferral)
    signs = followed(plans_and_care(records.plan, records.periods), prepared.links)
    return escalation(population, later, signs, definition=means.escalation)
