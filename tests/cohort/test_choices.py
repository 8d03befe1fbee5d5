"""Every field of the definitions can be chosen by a question, and each choice changes that field alone."""

from dataclasses import asdict, replace
from datetime import date

import drawn
import pytest

from whatworked.cohort.choices import readings, with_choices
from whatworked.cohort.days import Months
from whatworked.cohort.definitions import AS_CODED, AS_REPORTED, Outliers, Rereferral, Since
from whatworked.protocol.outcomes import KINDS_OF, Definition, LegalStatus
from whatworked.records.codes903 import LEGAL_STATUS

# Each case: kind, what the protocol says, and where in the definitions what stands then.
CASES = [
    ("icpc", {"window": {"days": 45}}, "conference", {"window": Months(3, 45)}),
    ("icpc", {"window": {"months": 3}}, "conference", {"window": Months(3, 90, "calendar")}),
    ("icpc", {"day_zero": True}, "conference", {"day_zero": True}),
    ("icpc", {"first_three": True}, "conference", {"first_three": True}),
    ("icpc", {"censored": False}, "conference", {"censored": False}),
    ("icpc", {"conferences_from": date(2012, 4, 1)}, "conference", {"conferences_from": date(2012, 4, 1)}),
    ("rereferral", {"window": {"months": 12}}, "rereferral", {"window": Months(12, 183, "calendar")}),
    ("escalation", {"window": {"days": 90}}, "escalation", {"window": Months(6, 90)}),
    ("escalation", {"margin": {"days": 363}}, "escalation", {"margin": Months(12, 363)}),
    ("escalation", {"margin": {"months": 12}}, "escalation", {"margin": Months(12, 365, "calendar")}),
    (
        "escalation",
        {"rereferral_window": {"days": 365}},
        "escalation",
        {"rereferral": Rereferral(Months(6, 365))},
    ),
    ("escalation", {"rereferral": "last"}, "escalation", {"which": "last"}),
    ("escalation", {"signs": "first"}, "escalation", {"signs": "first"}),
    ("escalation", {"plans_from": date(2012, 4, 1)}, "escalation", {"plans_from": date(2012, 4, 1)}),
    ("kinship", {"definition": "wide"}, "kinship", {"definition": "wide"}),
    ("kinship", {"legal_statuses": ("C1", "E1")}, "kinship", {"legal_statuses": ("C1", "E1")}),
    ("kinship", {"window": {"months": 6}}, "kinship", {"window": Months(6, 365, "calendar")}),
    ("entry_to_care", {"population": "open_cases"}, "entry_to_care", {"population": "open_cases"}),
    ("entry_to_care", {"window": {"days": 180}}, "entry_to_care", {"window": Months(12, 180)}),
    ("assessment_duration", {"margin": {"days": 76}}, "assessments", {"margin": 76}),
    ("same_day", {"assessments_from": date(2014, 4, 1)}, "assessments", {"first_day": date(2014, 4, 1)}),
    ("same_day", {"censored_at": date(2019, 1, 1)}, "assessments", {"censored_at": date(2019, 1, 1)}),
    ("assessment_duration", {"outliers": {"rule": "none"}}, "assessments", {"outliers": Outliers("none")}),
    (
        "assessment_duration",
        {"outliers": {"rule": "limit", "limit": 250}},
        "assessments",
        {"outliers": Outliers("limit", limit=250)},
    ),
    (
        "assessment_duration",
        {"outliers": {"rule": "tukey", "over": "population"}},
        "assessments",
        {"outliers": Outliers("tukey", "population")},
    ),
    ("kinship", {"since": {"added": 1}}, "kinship_since", {"added": 1}),
    ("rereferral", {"since": {"baseline": "event"}}, "since", {"baseline": "event"}),
]


@pytest.mark.parametrize(("kind", "said", "part", "fields"), CASES)
def test_a_choice_replaces_its_field_and_no_other(kind, said, part, fields):
    chosen = with_choices(AS_REPORTED, kind, Definition(**said))
    assert chosen == replace(AS_REPORTED, **{part: replace(getattr(AS_REPORTED, part), **fields)})
    assert chosen != AS_REPORTED
    (key,) = said
    assert kind in KINDS_OF[key]
    # What the report prints of it differs too, in that reading alone.
    before, after = (readings(means, kind) for means in (AS_REPORTED, chosen))
    assert [one.key for one, other in zip(after, before, strict=True) if one != other] == [key]


def test_every_field_of_the_definitions_is_a_choice():
    fields = {
        (part, field)
        for part, values in asdict(AS_REPORTED).items()
        for field in values
        if part not in ("since", "kinship_since")
    }
    assert fields == {(part, field) for _, _, part, changed in CASES for field in changed if not part.endswith("since")}
    assert {key for _, said, _, _ in CASES for key in said} == set(KINDS_OF)


def test_nothing_chosen_leaves_the_rule_set_and_a_choice_beats_it():
    assert with_choices(AS_CODED, "kinship", Definition()) == AS_CODED
    chosen = with_choices(AS_CODED, "kinship", Definition(definition="strict", legal_statuses=()))
    assert chosen.kinship == replace(AS_REPORTED.kinship)
    assert chosen.kinship_since == Since("event", 1)
    both = with_choices(AS_CODED, "escalation", Definition(rereferral="first", signs="any", margin={"days": 365}))
    assert both.escalation == AS_REPORTED.escalation


def test_the_legal_statuses_are_those_of_the_returns_without_short_breaks():
    assert set(LegalStatus.__args__) == set(LEGAL_STATUS) - {"V3", "V4"}


def test_a_chosen_reading_changes_the_rows_as_the_same_definition_does(shown):
    episodes = """
        child  start_date  start_reason  legal_status  placement  end_date    end_reason
        1      2011-03-01  S             C1            U6         2011-09-01  E41
        2      2011-03-01  S             V2            U3         -           -
        """

    def outcomes(**said):
        means = with_choices(AS_REPORTED, "kinship", Definition(**said))
        found = drawn.rows_of("kinship", means={"kinship": means.kinship}, episode=episodes)
        return shown(found.rows, "person outcome")

    assert outcomes() == [("1", "0"), ("2", "1")]
    assert outcomes(definition="wide") == [("1", "1"), ("2", "1")]
    assert outcomes(definition="wide", legal_statuses=("C1", "C2")) == [("1", "1")]


def test_every_reading_is_said_in_words():
    for kind in ("assessment_duration", "same_day", "icpc", "rereferral", "escalation", "kinship", "entry_to_care"):
        for means in (AS_REPORTED, AS_CODED):
            said = readings(means, kind)
            assert [one.key for one in said] == [key for key, kinds in KINDS_OF.items() if kind in kinds]
            assert all(one.settles and one.value and "None" not in one.value for one in said)
    assert {one.key: one.value for one in readings(AS_CODED, "kinship")} == {
        "window": "365 days",
        "definition": "strict, and own parents, returns home, and leaving care to someone without parental "
        "responsibility",
        "legal_statuses": "one of C1, C2",
        "since": "before the start to the event, plus 1",
    }
