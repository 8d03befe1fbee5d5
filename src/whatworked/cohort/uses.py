"""Which checks of the canonical tables concern a question: those on what decides about its rows and outcomes.

A fault elsewhere is told and does not count: a missing need says nothing against a question that never asks for it.
"""

from collections.abc import Collection, Mapping

from whatworked.cohort.inputs import NEEDED, QuestionKey
from whatworked.records.check_rules import COVERAGE, DUPLICATES, checks_of
from whatworked.records.schema import BY_NAME

# Table → the columns, and the links to other tables, that rows and outcomes of a question are made from.
Uses = Mapping[str, Collection[str]]

# The age at an event, and whether the child was alive; without a row of the child neither is known.
_PERSON = {"child": ("birth_date", "death_date")}
# Whether a referral became an open case is told by its closure, and by plans and conferences of the child.
_REFERRALS = {
    **_PERSON,
    "referral": ("referral_date", "no_further_action", "closure_date", "closure_reason", "child"),
    "plan": ("start_date",),
    "conference": ("conference_date",),
}
_ASSESSMENTS = {**_PERSON, "assessment": ("start_date", "end_date", "child")}
_PERIODS = ("start_date", "start_reason", "legal_status", "end_date", "end_reason")

USES: Mapping[QuestionKey, Uses] = {
    "assessment_duration": _ASSESSMENTS,
    "same_day": _ASSESSMENTS,
    "icpc": {**_REFERRALS, "conference": ("conference_date", "referral")},
    "rereferral": _REFERRALS,
    "escalation": {**_REFERRALS, "plan": ("start_date", "referral"), "episode": (*_PERIODS, "census")},
    "kinship": {**_PERSON, "episode": (*_PERIODS, "placement", "child")},
    "entry_to_care": {**_REFERRALS, "episode": (*_PERIODS, "census")},
}


def checks_of_question(key: QuestionKey) -> dict[str, frozenset[str]]:
    """Return the names of the checks that concern a question, by each of the tables that it uses.

    Coverage concerns the tables that it cannot do without: elsewhere an area may have nothing to return.
    """
    return {
        name: frozenset(
            {DUPLICATES}
            | {check.name for check in checks_of(BY_NAME[name], BY_NAME) if set(check.about) <= set(used)}
            | ({COVERAGE} if name in NEEDED[key] else set())
        )
        for name, used in USES[key].items()
    }
