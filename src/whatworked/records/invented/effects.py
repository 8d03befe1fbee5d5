"""What the programme does to each question's outcome, and what is planted for whom.

An effect is relative: where the programme is embedded, the risk behind a question is multiplied by 1 + effect × the
strength of the programme in that council, and by a share of it while it settles in.
"""

from collections.abc import Mapping
from typing import get_args

from whatworked.records.invented.areas import Risk
from whatworked.records.invented.outcomes import Question

QUESTIONS: tuple[Question, ...] = get_args(Question)
RISK_OF: Mapping[Question, Risk] = {
    "rereferral": "rereferral",
    "escalation": "escalation",
    "kinship": "kinship",
    "icpc": "conference",
    "entry_to_care": "entry_to_care",
    "assessment_duration": "duration",
}
# The outcome that is hoped to rise where the others are hoped to fall.
HOPED_TO_RISE: tuple[Question, ...] = ("kinship",)
# The strongest programme has an effect half as large again, and no risk may fall below nothing.
LARGEST = 0.6

Effects = Mapping[Question, float]


def effects_of(effect: float | Effects) -> Effects:
    """Return the effect on every question: one number is for all, turned round where a rise is hoped for.

    Of a mapping, a question that is not named has no effect.
    """
    if isinstance(effect, Mapping):
        return {question: effect.get(question, 0.0) for question in QUESTIONS}
    return {question: -effect if question in HOPED_TO_RISE else effect for question in QUESTIONS}


def on_risks(effects: Effects) -> Mapping[Risk, float]:
    """Return the effects by the risk that each changes."""
    return {RISK_OF[question]: effect for question, effect in effects.items()}
