"""The facts behind the sentences on how people were matched and what of them enters the model."""

import re

from whatworked.findings.model import QuestionFindings
from whatworked.findings.people import CoarseningFact
from whatworked.tables.effects import main_specification
from whatworked.tables.model import Fact
from whatworked.tables.names import AreaNames
from whatworked.tables.wording import plain

MOST_BINS = 12


def people_facts(question: QuestionFindings, names: AreaNames) -> dict[str, Fact]:
    """Return how people were matched and on what, in words; nothing of a question about areas.

    Keys: `of_people`; `people_matched`; `coarsening`, the covariates and their bins; `in_model`, the covariates of the
    main model, None where it has none. Counts stand in the tables, where the gate guards them together.
    """
    if question.persons is None:
        return {}
    found = question.matching
    inside = _in_model(question)
    return {
        "of_people": True,
        "people_matched": found is not None and found.people_matched,
        "coarsening": names.words("; ".join(map(_coarsened, found.coarsening))) if found else None,
        "in_model": names.words(", ".join(inside)) if inside else None,
    }


def _coarsened(fact: CoarseningFact) -> str:
    name = plain(fact.name)
    if not fact.bins:
        return f"{name} (each value by itself)"
    more = len(fact.bins) - MOST_BINS
    bins = " / ".join(fact.bins[:MOST_BINS])
    return f"{name} ({bins}" + (f" / {more} more bins)" if more > 0 else ")")


def _in_model(question: QuestionFindings) -> list[str]:
    """Return the covariates of people among the terms of the main model, each once."""
    main = main_specification(question)
    found = question.matching
    if main is None or found is None:
        return []
    known = {one.name for one in found.means}
    terms = [re.sub(r"\[.*\]$", "", term.term) for term in main.terms]
    return [plain(name) for name in dict.fromkeys(terms) if name in known]
