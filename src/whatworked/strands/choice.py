"""Which model carries a question about people: the tests that the rules ask for, and what the rules make of them."""

from dataclasses import dataclass, replace

import numpy as np

from whatworked.cells import NotEstimated, Share
from whatworked.diagnostics.composition import Shift, composition
from whatworked.diagnostics.hausman import hausman, mundlak
from whatworked.diagnostics.recurrence import Recurrence, recurrence
from whatworked.diagnostics.result import Test
from whatworked.diagnostics.serial_correlation import (
    Sequence,
    SerialCorrelation,
    serial_correlation,
    serial_correlation_as_coded,
)
from whatworked.door.samples import Matched, Sample
from whatworked.estimation.cem import event_copy_weights
from whatworked.estimation.design import BeforeAfter, row_design
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.panel import fixed_effects
from whatworked.estimation.people import People, covariate_matrix
from whatworked.estimation.random_effects import random_effects
from whatworked.estimation.randomisation import EFFECT
from whatworked.rules.decision import Decision
from whatworked.rules.estimator import ModelChoice, ModelFacts, choose_model
from whatworked.rules.rulesets import RuleSet
from whatworked.strands.models import panel_rows
from whatworked.strands.plan import Plan
from whatworked.vocabulary import Estimator


@dataclass(frozen=True)
class PeopleTests:
    """What was tested of people's rows before a model was chosen; None for what the rules did not ask for.

    `serial` is the test that decides, by the rule set; `serial_forms` holds Breusch and Godfrey's beside it.
    """

    serial: Test | NotEstimated
    serial_forms: SerialCorrelation | NotEstimated
    hausman: Test | NotEstimated
    mundlak: Test | NotEstimated
    recurrence: Recurrence | NotEstimated
    composition: tuple[Shift, ...]


@dataclass(frozen=True)
class Chosen:
    """The family of the main model, the decisions that led to it, and the tests behind them."""

    estimator: Estimator
    choice: ModelChoice
    tests: PeopleTests


@dataclass(frozen=True)
class Choice:
    """The family of the main model, what led to it, and whether a person's errors are correlated over time."""

    estimator: Estimator
    decisions: tuple[Decision, ...] = ()
    correlated: bool = False
    tests: PeopleTests | None = None


def choose_family_of_model(sample: Sample, plan: Plan) -> Choice:
    """Choose the family of the main model: linear for figures of areas, by rule for people, or as the protocol says."""
    if sample.matched is None or not sample.cells.used.any():
        return Choice(Estimator.LINEAR)
    found = choose_for_people(sample.matched, share=plan.share, veto=plan.question.recurrence_veto, rules=plan.rules)
    serial = found.tests.serial
    correlated = not isinstance(serial, NotEstimated) and serial.p_value < plan.rules.significance
    if plan.question.estimator is None:
        return Choice(found.estimator, found.choice.decisions, correlated, found.tests)
    named = Estimator(plan.question.estimator)
    said = Decision("main_model", named.value, ("the protocol names the model",), {}, ())
    return Choice(named, (said,), correlated, found.tests)


def choose_for_people(matched: Matched, *, share: bool, veto: bool, rules: RuleSet) -> Chosen:
    """Run the tests of a question about people and choose its model by the rules.

    Parameters
    ----------
    matched : the rows of the main analysis
    share : whether the outcome is a share of events, so that it has an incidence
    veto : whether the protocol holds the outcome itself to cause recurrence
    rules : limits and readings
    """
    tests = _tests(matched, rules)
    people = matched.modelled
    n = len(people.outcome)
    cases = round(float((people.outcome + people.origin).sum()))
    known = ModelFacts(
        incidence=Share(cases, n) if share and n else None,
        serial_p=_p_value(tests.serial),
        hausman_p=_p_value(tests.hausman),
        repeated=_repeated(tests.recurrence, rules),
        veto=veto,
    )
    choice = choose_model(known, rules)
    return Chosen(Estimator(choice.main), choice, tests)


def _tests(matched: Matched, rules: RuleSet) -> PeopleTests:
    people, again = matched.modelled, matched.repeated.modelled
    serial, forms = _serial(people, rules)
    same, other = _compared(again)
    return PeopleTests(serial, forms, same, other, _recurrence(people, again), _composition(matched.people))


def _serial(people: People, rules: RuleSet) -> tuple[Test | NotEstimated, SerialCorrelation | NotEstimated]:
    """Return the test of serial correlation that decides, and its forms."""
    rows = panel_rows(people, *row_design(people, BeforeAfter()))
    when = Sequence(people.day, people.event)
    forms = serial_correlation(rows, when)
    if rules.serial_correlation == "by_date_alone":
        return serial_correlation_as_coded(rows, when), forms
    return (forms if isinstance(forms, NotEstimated) else forms.robust), forms


def _recurrence(people: People, again: People) -> Recurrence | NotEstimated:
    """Ask whether outcome and covariates tell which rows are those of people seen more than once."""
    names, columns = covariate_matrix(people.covariates, len(people.area))
    plain = panel_rows(people, (INTERCEPT, *names), np.column_stack([np.ones(len(columns)), columns]))
    repeated = np.isin(people.event * len(people.groups) + people.group, again.event * len(again.groups) + again.group)
    return recurrence(plain, sample=repeated)


def _compared(again: People) -> tuple[Test | NotEstimated, Test | NotEstimated]:
    """Compare fixed and random effects on the rows and weights of people seen more than once."""
    if not len(again.area):
        none = NotEstimated("no person was seen more than once")
        return none, none
    rows = panel_rows(again, *row_design(again, BeforeAfter()))
    fixed, random = fixed_effects(rows, singletons="stay"), random_effects(rows)
    if isinstance(random, NotEstimated):
        return random, random
    if isinstance(fixed, NotEstimated):
        return fixed, mundlak(rows, random)
    same = hausman(fixed, random)
    # Its rows are as many as all others: what is not needed any more makes room.
    del fixed
    return same, mundlak(rows, random)


def _composition(people: People) -> tuple[Shift, ...]:
    """Return the effect on each covariate, on all rows as they were before matching."""
    everyone = np.ones(len(people.area), dtype=bool)
    before = replace(people, weight=event_copy_weights(people.event, everyone))
    found = composition(before, term=EFFECT)
    return () if isinstance(found, NotEstimated) else found


def _repeated(found: Recurrence | NotEstimated, rules: RuleSet) -> Share | None:
    """Return the share of repeated rows as the rule set reads it."""
    if isinstance(found, NotEstimated) or not found.rows:
        return None
    repeats = found.less_persons if rules.repeated == "rows_less_persons" else found.repeated
    return Share(repeats, found.rows)


def _p_value(found: Test | NotEstimated) -> float | None:
    return None if isinstance(found, NotEstimated) else found.p_value
