"""Children in need censuses: one XML file a council and year, in the form of 2017 to 2026."""

from collections import defaultdict
from collections.abc import Iterator

from whatworked.records.invented.days import Extent, iso, last_day_of
from whatworked.records.invented.lives import Assessment, Case, Conference, Life, Person, Plan
from whatworked.records.invented.returns import Span, spans_of_case

SEX_SINCE = 2026
LETTERS = {0: "U", 1: "M", 2: "F", 9: "U"}
SCHOOL_AGE = 4 * 365
# A conference is to be held within fifteen working days of the enquiry.
TARGET = 21

FOOT = "</Children>\n</Message>\n"


def head(area: str, year: int) -> str:
    """Return what stands before the first child."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Message>
<Header>
<CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>\
<ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>{area}</LEA><SoftwareCode>invented</SoftwareCode>\
<Release>1</Release><SerialNo>001</SerialNo><DateTime>{year}-06-30T12:00:00</DateTime></Source>
</Header>
<Children>
"""


def children_of_returns(life: Life, extent: Extent) -> Iterator[tuple[int, str]]:
    """Yield what each return says of a child: its year and a Child element."""
    details: defaultdict[int, list[str]] = defaultdict(list)
    for case in life.cases:
        for span in spans_of_case(case, extent):
            details[span.year].append(_details(case, span))
    for year in sorted(details):
        yield year, f"<Child>\n{_about(life.person, year)}{''.join(details[year])}</Child>\n"


def _item(name: str, text: str | int | None) -> str:
    return "" if text is None else f"<{name}>{text}</{name}>"


def _day(name: str, day: int | None) -> str:
    return "" if day is None else f"<{name}>{iso(day)}</{name}>"


def _about(person: Person, year: int) -> str:
    """Return the identifiers and characteristics of a child on the last day of a return's year."""
    last = last_day_of(year)
    born = person.birth <= last
    sex = person.sex if born else 0
    pupil = person.pupil if last - person.birth >= SCHOOL_AGE else None
    disabilities = "".join(_item("Disability", code) for code in person.disabilities)
    return (
        f"<ChildIdentifiers><LAchildID>{person.child}</LAchildID>{_item('UPN', pupil)}"
        f"{'' if pupil else '<UPNunknown>UN1</UPNunknown>'}"
        f"{_day('PersonBirthDate', person.birth if born else None)}"
        f"{_day('ExpectedPersonBirthDate', None if born else person.expected)}"
        f"{_item('Sex', LETTERS[sex]) if year >= SEX_SINCE else _item('GenderCurrent', sex)}"
        f"{_day('PersonDeathDate', person.death if (person.death or last + 1) <= last else None)}</ChildIdentifiers>\n"
        f"<ChildCharacteristics>{_item('Ethnicity', person.ethnicity)}"
        f"{f'<Disabilities>{disabilities}</Disabilities>' if disabilities else ''}</ChildCharacteristics>\n"
    )


def _details(case: Case, span: Span) -> str:
    """Return a referral and what the return files under it."""
    closure = span.known(case.closure)
    moved_in = "".join(_day("DateOfInitialCPC", held.day) for held in case.conferences if _held_elsewhere(held, span))
    return (
        f"<CINdetails>{_day('CINreferralDate', case.day)}{_item('ReferralSource', case.source)}"
        f"{_item('PrimaryNeedCode', case.need)}{_day('CINclosureDate', closure)}"
        f"{_item('ReasonForClosure', None if closure is None else case.reason)}{moved_in}"
        f"{''.join(_assessment(assessment, span) for assessment in case.assessments)}"
        f"{''.join(_enquiry(held, span) for held in case.conferences)}"
        f"<ReferralNFA>{'true' if case.no_action else 'false'}</ReferralNFA>"
        f"{''.join(_plan(plan, span) for plan in case.plans)}</CINdetails>\n"
    )


def _held_elsewhere(held: Conference, span: Span) -> bool:
    return held.enquiry is None and span.shows(held.day, held.day)


def _assessment(assessment: Assessment, span: Span) -> str:
    if not span.shows(assessment.start, assessment.end):
        return ""
    return (
        f"<Assessments>{_day('AssessmentActualStartDate', assessment.start)}"
        f"{_day('AssessmentAuthorisationDate', span.known(assessment.end))}</Assessments>"
    )


def _enquiry(held: Conference, span: Span) -> str:
    """Return the enquiry before a conference, which stands there before the conference does."""
    if held.enquiry is None or not span.shows(held.enquiry, held.day):
        return ""
    return (
        f"<Section47>{_day('S47ActualStartDate', held.enquiry)}{_day('InitialCPCtarget', held.enquiry + TARGET)}"
        f"{_day('DateOfInitialCPC', span.known(held.day))}<ICPCnotRequired>false</ICPCnotRequired></Section47>"
    )


def _plan(plan: Plan, span: Span) -> str:
    if not span.shows(plan.start, plan.end):
        return ""
    return (
        f"<ChildProtectionPlans>{_day('CPPstartDate', plan.start)}{_day('CPPendDate', span.known(plan.end))}"
        f"<InitialCategoryOfAbuse>{plan.abuse}</InitialCategoryOfAbuse>"
        f"<LatestCategoryOfAbuse>{plan.abuse}</LatestCategoryOfAbuse>"
        f"<NumberOfPreviousCPP>{plan.previous}</NumberOfPreviousCPP></ChildProtectionPlans>"
    )
