"""What an outcome that is made from returns means here, reading by reading."""

from whatworked.cells import Words
from whatworked.findings.model import Findings, QuestionFindings
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.names import AreaNames
from whatworked.tables.wording import plain, sentence_case


def readings(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return every reading of the outcome, and whether the rule set or the question chose it."""
    if not question.readings:
        return None
    rule_set = f"The rule set, {plain(findings.rule_set)}"
    return Table(
        key="readings",
        title=names.words(f"What the outcome means: {question.outcome}"),
        kind="words",
        columns=(
            Column("settles", Words("What it settles")),
            Column("value", Words("Reading")),
            Column("chosen_by", Words("Chosen by")),
        ),
        rows=tuple(
            (
                Words(sentence_case(one.settles)),
                Words(sentence_case(one.value)),
                Words("The question" if one.chosen_by == "protocol" else rule_set),
            )
            for one in question.readings
        ),
        source=Words(question.source),
    )


def own_readings(question: QuestionFindings) -> tuple[Passage, ...]:
    """Return what the question chose otherwise than its rule set, a sentence a reading."""
    return tuple(said(f"{one.settles}: {one.value}") for one in question.readings if one.chosen_by == "protocol")
