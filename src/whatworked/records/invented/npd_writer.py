"""An extract as a secure room holds it: yearly files of children in need, long files, one of care, school censuses.

Columns have the names that real extracts have been seen with, which change over the years; 2008-09 gives the council
in three columns. No plan stands in the files of 2009-10 to 2011-12, since none was collected.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import zip_longest

from whatworked.records.invented.cin_xml_writer import SCHOOL_AGE
from whatworked.records.invented.days import Extent, iso, last_day_of
from whatworked.records.invented.lives import Case, Conference, Episode, Life, Person, Plan
from whatworked.records.invented.outcomes import AFTER_NEED
from whatworked.records.invented.returns import Span, spans_of_case, spans_of_episode
from whatworked.records.invented.school_writer import FIRST as FIRST_AGE
from whatworked.records.invented.school_writer import PupilYear

# A file's name and a line of it; `{}` in a name is the year.
Line = tuple[str, str]

WITHOUT_PLANS = (2010, 2011, 2012)
FIRST_YEAR, LAST_CORE = 2009, 2013
RENAMED = 2014
CENTURY = 100

IN_NEED = "CIN_{}.csv"
DISABILITIES, ENQUIRIES = "CIN_Disabilities.csv", "CIN_Section47.csv"
CORE, COMBINED = "CIN_CoreAssessments.csv", "CIN_Assessments.csv"
CARE, SCHOOL = "CLA_Episodes.csv", "SchoolCensus_{}.csv"

_CASE = (
    "CIN_ReferralSource,CIN_PrimaryNeedCode,CIN_ReferralNFA,CIN_CINClosureDate,CIN_ReasonForClosure,"
    "CIN_DateOfInitialCPC,CIN_CPPstartDate,CIN_CPPendDate,CIN_CPPindicator,CIN_InitialCategoryOfAbuse,"
    "CIN_LatestCategoryOfAbuse,CIN_NumberOfPreviousCPP,CIN_CINAt31March,CIN_AnyPoint,CIN_Started"
)
_CHILD = (
    "CIN_DOB,CIN_ExpectedDOB,CIN_YearOfBirth,CIN_MonthOfBirth,CIN_UNBORN,CIN_PersonDeathDate,CIN_Gender,CIN_Ethnicity,"
    "CIN_Disability"
)
_ASSESSMENT = "CIN_PupilMatchingRefAnonymous,CIN_ACADYR,CIN_LA,CIN_LAchildID_Anon"
_SCHOOL = (
    "PupilMatchingRefAnonymous,AcademicYear,FSMeligible,EVERFSM_6,EVERFSM_ALL,EYPPE,NCyearActual,EthnicGroupMinor,"
    "SENprovision"
)


def head(name: str, year: int | None = None) -> str:
    """Return the first line of a file."""
    fixed = {
        DISABILITIES: "CIN_ACADYR,CIN_LA,CIN_LAchildID_Anon,CIN_Disability",
        ENQUIRIES: "CIN_ACADYR,CIN_LA,CIN_LAchildID_Anon,CIN_ReferralDate,CIN_S47ActualStartDate,CIN_DateOfInitialCPC",
        CORE: f"{_ASSESSMENT},CIN_CoreAssessmentActualStartDate,CIN_CoreAssessmentAuthorisationDate",
        COMBINED: f"{_ASSESSMENT},CIN_AssessmentActualStartDate,CIN_AssessmentAuthorisationDate",
        CARE: "LA,CHILD_LA_CODE_ANON,CLA_PupilMatchingRefAnonymous,poc_start,poc_length,date_episode_started,"
        "date_episode_ceased,legal_status,cin,placement,reason_episode_ceased,SEX,ethnic_or,dob_Month,dob_Year,"
        "uasc_status",
    }
    if year is None:
        return fixed[name] + "\n"
    if name == SCHOOL:
        return ",".join(f"{column}_SPR{year % CENTURY:02d}" for column in _SCHOOL.split(",")) + "\n"
    area = "CIN_CIN_LA,CIN_LA_09,CIN_LA_LGR" if year == FIRST_YEAR else "CIN_LA"
    referred = "CIN_ReferralDate" if year < RENAMED else "CIN_CINReferralDate"
    return f"CIN_ACADYR,{area},CIN_LAchildID_Anon,CIN_PupilMatchingRefAnonymous,{_CHILD},{referred},{_CASE}\n"


def heads(extent: Extent) -> Mapping[str, str]:
    """Return every file of an extract and its first line."""
    years = range(extent.first_year, extent.last_year + 1)
    yearly = {name.format(year): head(name, year) for name in (IN_NEED, SCHOOL) for year in years}
    return yearly | {name: head(name) for name in (DISABILITIES, ENQUIRIES, CORE, COMBINED, CARE)}


def lines_of(area: str, life: Life, extent: Extent) -> Iterator[Line]:
    """Yield what the extract says of a child, school censuses apart."""
    person = life.person
    years = set()
    for case in life.cases:
        for span in spans_of_case(case, extent):
            years.add(span.year)
            yield from _case(area, person, case, span)
    for year in sorted(years):
        for code in person.disabilities:
            yield DISABILITIES, f"{_acadyr(year)},{area},{person.child},{code}\n"
    for period in (*life.periods, *((one,) for one in life.short_breaks)):
        for episode in period:
            if line := _episode(area, life, period, episode, extent):
                yield CARE, line


def school_line(person: Person, said: PupilYear) -> Line:
    """Return a pupil's line in the school census of a year."""
    if said.in_nursery:
        flags = f",,,{'Y' if said.eligible else 'N'},"
    else:
        flags = f"{said.eligible},{said.ever},{said.ever},,{said.age - FIRST_AGE or 'R'}"
    about = f"{flags},{person.ethnicity or ''},{person.special_needs}"
    return SCHOOL.format(said.year), f"{reference(person)},{_acadyr(said.year)},{about}\n"


def reference(person: Person) -> str:
    """Return the anonymous reference that stands for a pupil's number, nothing for a child without one."""
    return f"P{person.pupil[1:]}" if person.pupil is not None else ""


@cache
def _acadyr(year: int) -> str:
    return f"{year - 1}/{year}"


def _reference_in(person: Person, year: int) -> str:
    """Return the reference of a child who is old enough for school at the end of a year."""
    old_enough = last_day_of(year) - person.birth >= SCHOOL_AGE
    return reference(person) if old_enough else ""


def _case(area: str, person: Person, case: Case, span: Span) -> Iterator[Line]:
    """Yield the lines of a case in a year's file, one for every plan or conference moved in, and its long lines."""
    whose = f"{_acadyr(span.year)},{area},{person.child}"
    plans = [] if span.year in WITHOUT_PLANS else [plan for plan in case.plans if span.shows(plan.start, plan.end)]
    moved = [held for held in case.conferences if held.enquiry is None and span.shows(held.day, held.day)]
    areas = f"{area},{area},{area}" if span.year == FIRST_YEAR else area
    head_of = f"{_acadyr(span.year)},{areas},{person.child},{_reference_in(person, span.year)},{_child(person, span)}"
    for plan, held in zip_longest(plans, moved) if plans or moved else [(None, None)]:
        yield IN_NEED.format(span.year), f"{head_of},{_details(case, span, plan=plan, held=held)}\n"
    for held in case.conferences:
        if held.enquiry is not None and span.shows(held.enquiry, held.day):
            yield ENQUIRIES, f"{whose},{iso(case.day)},{iso(held.enquiry)},{_day(span.known(held.day))}\n"
    for one in case.assessments:
        if span.shows(one.start, one.end):
            dates = f"{iso(one.start)},{_day(span.known(one.end))}"
            name = CORE if span.year <= LAST_CORE else COMBINED
            yield name, f"{_reference_in(person, span.year)},{whose},{dates}\n"


def _child(person: Person, span: Span) -> str:
    """Return what a year's file says of a child, on the last day of the year."""
    born = person.birth <= span.last
    birth = date.fromordinal(person.birth)
    dates = f"{iso(person.birth)},,{birth.year},{birth.month},0" if born else f",{_day(person.expected)},,,1"
    disabled = int(person.disabilities not in ((), ("NONE",)))
    sex = person.sex if born else 0
    return f"{dates},{_day(span.known(person.death))},{sex},{person.ethnicity or ''},{disabled}"


def _details(case: Case, span: Span, *, plan: Plan | None, held: Conference | None) -> str:
    """Return a case as a year's file shows it, with one of its plans and conferences."""
    closure = span.known(case.closure)
    at_end = int(not case.no_action and closure is None)
    in_need = int(at_end or (closure is not None and case.reason in AFTER_NEED))
    started = int(in_need and span.first <= case.day)
    reason = case.reason or "" if closure is not None else ""
    protection = ",,0,,,"
    if plan is not None:
        protection = f"{iso(plan.start)},{_day(span.known(plan.end))},1,{plan.abuse},{plan.abuse},{plan.previous}"
    flags = f"{'' if span.year == FIRST_YEAR else at_end},{in_need},{started}"
    return (
        f"{iso(case.day)},{case.source},{case.need or ''},{int(case.no_action)},{_day(closure)},{reason},"
        f"{'' if held is None else iso(held.day)},{protection},{flags}"
    )


def _episode(area: str, life: Life, period: tuple[Episode, ...], episode: Episode, extent: Extent) -> str:
    """Return an episode of care as it is known when the data end, nothing if they do not show it."""
    years = [span.year for span in spans_of_episode(episode, extent)]
    if not years:
        return ""
    person, birth = life.person, date.fromordinal(life.person.birth)
    end = episode.end if episode.end <= extent.last else None
    left = period[-1].end if period[-1].end <= extent.last else None
    length = "" if left is None else left - period[0].start
    return (
        f"{area},{person.child},{_reference_in(person, years[-1])},{iso(period[0].start)},{length},"
        f"{iso(episode.start)},{_day(end)},{episode.legal_status},{episode.need},{episode.placement},"
        f"{'' if end is None else episode.end_reason},{person.sex},{person.ethnicity or ''},{birth.month},{birth.year},"
        f"{int(life.asylum)}\n"
    )


def _day(day: int | None) -> str:
    return "" if day is None else iso(day)
