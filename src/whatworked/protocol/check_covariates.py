"""Where a question asks for covariates that its records do not have, or coarsens them in a way that they cannot be."""

from collections.abc import Iterator, Mapping

from whatworked.errors import Mistake, known
from whatworked.protocol.coarsening import AutomaticBins, CoarseningChoice, CutPoints, EqualBins, Groups
from whatworked.protocol.model import AreaSeries, Protocol, Question
from whatworked.protocol.places import quoted

# What is known of a person at an event of the returns, and whether it is a number.
OF_RETURNS: Mapping[str, bool] = {
    "age": True,
    "sex": False,
    "ethnicity": False,
    "school_stage": False,
    "disabled": False,
    "asylum": False,
    "low_income": False,
    "need": False,
    "previous_plans": True,
    "elevated_risk": False,
}


def covariate_mistakes(where: str, question: Question, protocol: Protocol) -> Iterator[Mistake]:
    """Yield the covariates of a question, and of its matching, that are not there or cannot be coarsened so."""
    table = protocol.tables.get(question.table)
    if isinstance(table, AreaSeries):
        people_only = {
            "covariates": question.covariates,
            "matching.coarsening": question.matching.coarsening,
            "estimator": question.estimator,
            "recurrence_veto": question.recurrence_veto,
        }
        for key, given in people_only.items():
            if given:
                yield Mistake(f"{where}.{key}", "is for people's records only.", "Leave it out.")
        return
    if table is None and question.outcome.kind == "given":
        return
    there = OF_RETURNS if table is None else {n: one.kind == "number" for n, one in table.columns.covariates.items()}
    yield from _names(f"{where}.covariates", question.covariates, there)
    own = question.matching.coarsening is not None
    at = f"{where}.matching.coarsening" if own else "matching.coarsening"
    for name, choice in protocol.matching_of(question).coarsening.items():
        yield from _coarsening(f"{at}.{name}", name, choice, there)


def _names(where: str, names: tuple[str, ...], there: Mapping[str, bool]) -> Iterator[Mistake]:
    """Yield names that the records do not have, or that are given twice."""
    for place, name in enumerate(names):
        if name not in there:
            yield _unknown(f"{where}[{place}]", name, there)
        elif name in names[:place]:
            yield Mistake(f"{where}[{place}]", f"{quoted(name)} is named twice.", "Name it once.")


def _coarsening(where: str, name: str, choice: CoarseningChoice, there: Mapping[str, bool]) -> Iterator[Mistake]:
    """Yield that a covariate is not there, or cannot be coarsened so."""
    if name not in there:
        yield _unknown(where, name, there)
    elif isinstance(choice, CutPoints | EqualBins | AutomaticBins) and not there[name]:
        advice = 'Give "exact" or { groups = [...] }.'
        yield Mistake(where, f"{quoted(name)} is a category, which has no cut points.", advice)
    elif isinstance(choice, Groups) and there[name]:
        advice = "Give { cuts = [...] }, { bins = 5 } or a rule."
        yield Mistake(where, f"{quoted(name)} is a number, which has no groups.", advice)


def _unknown(where: str, name: str, there: Mapping[str, bool]) -> Mistake:
    return Mistake(where, f"the records have no covariate called {quoted(name)}.", known(there, name))
