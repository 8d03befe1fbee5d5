"""The analyses that the source ran beside the main one, for the questions that a study asks."""

import json
from collections.abc import Iterator, Sequence

# Where the stage of assessment matters, and so does outside support with it.
WITH_ASSESSMENTS = ("rereferral", "escalation", "icpc", "assessment_duration")
SUPPORTED = "label of a pilot that had outside support with assessments"
EARLY = "label of a pilot that began before the others"


def variants_text(keys: Sequence[str], *, made: bool, people: bool) -> str:
    """Return the variants of some questions, in the order of the source.

    Parameters
    ----------
    keys : the questions
    made : whether outcomes are made from returns
    people : whether the records are of people
    """
    return "\n# Analyses beside the main one; an exploratory question has none of them.\n" + "\n".join(
        f"[[variant]]\n{body}" for body in _bodies(keys, made=made, people=people)
    )


def _bodies(keys: Sequence[str], *, made: bool, people: bool) -> Iterator[str]:
    yield 'kind = "lags"\n'
    assessed = [key for key in keys if key in WITH_ASSESSMENTS]
    if assessed:
        yield _leave_out([SUPPORTED], assessed)
    yield _leave_out([EARLY], ())
    if assessed:
        yield _leave_out([SUPPORTED, EARLY], assessed)
    if made:
        yield from (body for key, body in _OF_RETURNS if key in keys)
    yield from ('kind = "dose"\nscore = "delivery"\n', 'kind = "dose"\nscore = "embeddedness"\n')
    yield from ('kind = "practice_models"\n', 'kind = "triple"\n')
    if people:
        yield 'kind = "estimator"\nestimators = ["linear", "fixed_effects", "random_effects"]\n'
    yield 'kind = "rule_set"                       # the questions as the program of the source read them\n' + (
        'rule_set = "as_coded"\n'
    )


def _leave_out(asks: Sequence[str], questions: Sequence[str]) -> str:
    pilots = ", ".join(json.dumps(f"<{one}>") for one in asks)
    of = f"questions = {json.dumps(list(questions))}\n" if questions else ""
    return f'kind = "leave_out"\npilots = [{pilots}]\n{of}'


_OF_RETURNS = (
    (
        "assessment_duration",
        """\
kind = "cutoff"
name = "durations of up to 310 working days"
outliers = { rule = "limit", limit = 310 }
questions = ["assessment_duration"]
""",
    ),
    (
        "kinship",
        """\
kind = "outcome"
name = "kinship care as the evaluators coded it"
outcome = { definition = "as_coded" }
questions = ["kinship"]
""",
    ),
    (
        "assessment_duration",
        """\
kind = "secondary_outcome"
name = "same-day assessments"
outcome = { label = "assessments that end on the day they begin", kind = "same_day", better = "neither" }
leave_outs = true
questions = ["assessment_duration"]
""",
    ),
)
