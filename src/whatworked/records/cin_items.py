"""The form of a children in need census, all years from 2017 to 2026 in one: which element stands in which.

`ITEM` holds a text, a mapping is a module that holds others, `UNUSED` is known to the census but to no canonical table.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, Union

FIRST_FORM, LAST_FORM = 2017, 2026


class Kind(Enum):
    """What an element is, if it is no module."""

    ITEM = "item"
    UNUSED = "unused"


ITEM: Final = Kind.ITEM
UNUSED: Final = Kind.UNUSED

Form = Mapping[str, Union[Kind, "Form"]]

HEADER: Form = {
    "CollectionDetails": {"Collection": ITEM, "Year": ITEM, "ReferenceDate": ITEM},
    "Source": {
        "SourceLevel": UNUSED,
        "LEA": ITEM,
        "SoftwareCode": UNUSED,
        "Release": UNUSED,
        "SerialNo": UNUSED,
        "DateTime": UNUSED,
    },
    "Content": UNUSED,
}
IDENTIFIERS: Form = {
    "LAchildID": ITEM,
    "UPN": ITEM,
    "FormerUPN": UNUSED,
    "UPNunknown": UNUSED,
    "PersonBirthDate": ITEM,
    "ExpectedPersonBirthDate": ITEM,
    # To 2025 the one, then the other.
    "GenderCurrent": ITEM,
    "Sex": ITEM,
    "PersonDeathDate": ITEM,
}
REFERRAL: Form = {
    "CINreferralDate": ITEM,
    "ReferralSource": ITEM,
    "PrimaryNeedCode": ITEM,
    "CINclosureDate": ITEM,
    "ReasonForClosure": ITEM,
    # Here of a child who moved in with a conference held elsewhere, otherwise in Section47.
    "DateOfInitialCPC": ITEM,
    "ReferralNFA": ITEM,
    "Assessments": {
        "AssessmentActualStartDate": ITEM,
        "AssessmentInternalReviewDate": UNUSED,
        "AssessmentAuthorisationDate": ITEM,
        "FactorsIdentifiedAtAssessment": UNUSED,
    },
    "CINPlanDates": UNUSED,
    "Section47": {
        "S47ActualStartDate": UNUSED,
        "InitialCPCtarget": UNUSED,
        "DateOfInitialCPC": ITEM,
        "ICPCnotRequired": UNUSED,
    },
    "ChildProtectionPlans": {
        "CPPstartDate": ITEM,
        "CPPendDate": ITEM,
        "InitialCategoryOfAbuse": ITEM,
        "LatestCategoryOfAbuse": UNUSED,
        "NumberOfPreviousCPP": ITEM,
        "Reviews": UNUSED,
    },
    "PreProceedingsandFGDM": UNUSED,
}
CHILD: Form = {
    "ChildIdentifiers": IDENTIFIERS,
    "ChildCharacteristics": {"Ethnicity": ITEM, "Disabilities": {"Disability": ITEM}},
    "CINdetails": REFERRAL,
}
CENSUS: Form = {"Message": {"Header": HEADER, "Children": {"Child": CHILD}}}
