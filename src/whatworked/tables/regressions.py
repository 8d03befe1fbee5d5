"""Regressions side by side, a column a model: the primary analysis with what stands beside it, and the secondary ones.

Rows are the terms that a reader compares; the covariates of people and areas are in the tables of one model each.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from whatworked.cells import Blank, Cell, Coefficient, Tally, Words
from whatworked.findings.model import (
    Effect,
    Findings,
    InferenceRow,
    NotEstimatedFact,
    QuestionFindings,
    SpecificationFindings,
)
from whatworked.tables.effects import main_specification, run_name
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.models import headline, in_words, unit_of
from whatworked.tables.names import AreaNames
from whatworked.tables.secondary import EFFECT, TERMS, of_covariates, term_of
from whatworked.tables.stars import star_key, stars
from whatworked.tables.values import coefficient, persons, probability, rows, statistic
from whatworked.tables.wording import ESTIMATORS, lead_or_lag, sentence_case, term_in_words
from whatworked.vocabulary import Role

PRIMARY, SECONDARY = "primary", "secondary"
# Rows that hold counts of people, by the label in their first column.
ROWS, PEOPLE = "Rows", "People"
_FIRST = ("(intercept)", "pilot", "post", EFFECT)
_IN_ITS_PLACE = {
    "post": "a term for each period since the start stands in its place",
    EFFECT: "one effect a period stands in its place",
}
_YEARS_HELD = "the terms for each period since the start hold it"
_ONE_EFFECT = "one effect for all periods after the start"
_NOT_IN_MODEL = "not in this model"
_MANY_EFFECTS = "one effect a period, each with its own"
_LAGGED = "The model with lagged effects holds the periods before the start too: see the event study."
_COVARIATES = "Characteristics of people and of areas in a model stand in the table of that model alone."
_TURNED = (
    "Sign turned: the model sets comparators against the pilots; it is printed as the pilots against them, so that "
    "more is more in every column."
)


@dataclass(frozen=True)
class _Model:
    """A column: its analysis, what it is called, and its terms by name."""

    found: SpecificationFindings
    heading: str
    terms: Mapping[str, Effect]

    @property
    def lagged(self) -> bool:
        """Whether it has an effect a period."""
        return self.found.role is Role.LAGS


@dataclass(frozen=True)
class _Shape:
    """A table to be: its key, its title, its columns, and its rows of terms with their labels."""

    key: str
    title: str
    models: Sequence[_Model]
    terms: Sequence[tuple[str, str]]
    notes: tuple[str, ...]


def primary(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return the main model with lags, leave-outs and every other variant beside it; None where nothing was fitted."""
    main = main_specification(question)
    if main is None or not main.terms:
        return None
    beside = [s for s in question.specifications if s.role not in (Role.MAIN, Role.LEADS, Role.SECONDARY)]
    models = [_model(one, question) for one in (main, *beside)]
    notes = (_LAGGED,) if any(model.lagged for model in models) else ()
    shape = _Shape(PRIMARY, "Primary and sensitivity analyses side by side", models, _primary_terms(models), notes)
    return _table(shape, question, findings, names=names)


def secondary(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return the secondary analyses side by side, None where there is none."""
    found = [s for s in question.specifications if s.role is Role.SECONDARY and s.terms]
    if not found:
        return None
    models = [_model(one, question) for one in found]
    turned = any("sign turned" in term_of(term, model.found) for model in models for term in model.terms)
    notes = (_TURNED,) if turned else ()
    shape = _Shape(SECONDARY, "Secondary analyses side by side", models, _secondary_terms(models), notes)
    return _table(shape, question, findings, names=names)


def counted(question: QuestionFindings, table: Table) -> Iterator[tuple[int, str, int, str]]:
    """Yield, for every count of a table made here, its row, its column, and where the table of all analyses has it."""
    effects = [s for s in question.specifications if s.role not in (Role.LEADS, Role.LAGS)]
    ours = (Role.SECONDARY,) if table.key == SECONDARY else tuple(role for role in Role if role is not Role.SECONDARY)
    places = [i for i, s in enumerate(effects) if s.role in ours and (s.terms or table.key == PRIMARY)]
    if table.key == PRIMARY and any(s.role is Role.LAGS for s in question.specifications):
        # the lagged model has the rows of the main one
        lagged = [s.role for s in question.specifications if s.role not in (Role.LEADS, Role.SECONDARY)]
        places.insert(lagged.index(Role.LAGS), 0)
    for i, row in enumerate(table.rows):
        label = row[0].text if isinstance(row[0], Words) else ""
        column = {ROWS: "rows", PEOPLE: "persons"}.get(label)
        if column is not None:
            yield from ((i, mine.key, place, column) for mine, place in zip(table.columns[1:], places, strict=True))


def _model(one: SpecificationFindings, question: QuestionFindings) -> _Model:
    terms = {term.term: term for term in one.terms}
    if one.role is Role.LAGS:
        leads = next((s for s in question.specifications if s.role is Role.LEADS), one)
        terms = {t.term: t for t in leads.terms if t.term in _FIRST or t.term.startswith("period[")} | terms
    main = question.specifications[0]
    fitted = "" if one.role is not Role.MAIN and one.estimator is main.estimator else ESTIMATORS[one.estimator].lower()
    name = "Lagged treatment" if one.role is Role.LAGS else run_name(one)
    name = f"{name}: {fitted}" if fitted and not name.startswith("Fitted as") else name
    return _Model(one, f"{name} ({in_words(_unit(one, question))})", terms)


def _unit(one: SpecificationFindings, question: QuestionFindings) -> str:
    """Return the unit of an analysis: that of its effect where it has one, for it may be of another outcome."""
    return one.effect.unit if isinstance(one.effect, Effect) else unit_of(one, question)


def _primary_terms(models: Sequence[_Model]) -> list[tuple[str, str]]:
    """Return the terms of the primary table with their labels: the four of the design, periods, lags."""
    lags = sorted({k for model in models for term in model.terms if (k := lead_or_lag(term)) is not None and k >= 0})
    return [
        *((term, "DiD: pilot area × after the start" if term == EFFECT else term_in_words(term)) for term in _FIRST),
        *_periods(models),
        *((f"pilot:k={k}", "DiD in period t, the first after the start" if k == 0 else f"DiD in period t+{k}")
          for k in lags),
    ]  # fmt: skip


def _secondary_terms(models: Sequence[_Model]) -> list[tuple[str, str]]:
    """Return the terms of the secondary table with their labels, periods last."""
    order = [*_FIRST, *TERMS]
    found = dict.fromkeys(term for term in order if any(term in model.terms for model in models))
    labels = {term: _label(term, models) for term in found}
    return [*labels.items(), *_periods(models)]


def _label(term: str, models: Sequence[_Model]) -> str:
    """Return the words for a term; where it means another thing in some column, both."""
    said_so = dict.fromkeys(term_of(term, model.found) for model in models if term in model.terms)
    return sentence_case("; ".join(said_so))


def _periods(models: Sequence[_Model]) -> list[tuple[str, str]]:
    found = {term for model in models for term in model.terms if term.startswith("period[")}
    return [(term, term_in_words(term)) for term in sorted(found)]


def _table(shape: _Shape, question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table:
    models = shape.models
    return Table(
        key=shape.key,
        title=names.words(f"{shape.title}: {question.outcome}"),
        kind="regression",
        columns=(
            Column("term", Words("Term")),
            *(Column(f"model_{i}", names.words(model.heading)) for i, model in enumerate(models, start=1)),
        ),
        rows=(
            *((names.words(label), *(_term(term, m, names, findings) for m in models)) for term, label in shape.terms),
            *_tests(models, names),
            *_ratios(models, names),
            *_size(models, question),
        ),
        source=Words(question.source),
        notes=(
            *_what_they_are(models, names, single=shape.key == SECONDARY),
            *(said(note) for note in shape.notes),
            *(() if not any(of_covariates(model.found) for model in models) else (said(_COVARIATES),)),
            said(f"{star_key(findings)} They follow each column's own p-values."),
        ),
    )


def _term(term: str, model: _Model, names: AreaNames, findings: Findings) -> Cell:
    found = model.terms.get(term)
    if found is None:
        return Blank(names.within(_why_not(term, model)))
    mark = stars(found.p_value, findings)
    cell = coefficient(found.estimate, found.unit, residual_df=model.found.residual_df)
    return (
        cell if isinstance(cell, Blank) else Coefficient(found.estimate, found.unit, model.found.residual_df, mark=mark)
    )


def _why_not(term: str, model: _Model) -> str:
    """Return why a model has no such term."""
    dropped = {one.term: one.reason for one in model.found.dropped_terms}
    effect = model.found.effect
    if term in dropped:
        return reason_in_words(dropped[term])
    if model.lagged and not term.startswith("pilot:k="):
        return _IN_ITS_PLACE.get(term, _YEARS_HELD if term.startswith("period[") else _NOT_IN_MODEL)
    if term.startswith("pilot:k="):
        return _ONE_EFFECT
    if term == EFFECT and isinstance(effect, NotEstimatedFact):
        return effect.not_estimated
    return _NOT_IN_MODEL


def reason_in_words(reason: str) -> str:
    """Return why a term left a model, with the terms that it names as a reader knows them."""
    words = re.sub(r"since\[(-?\d+)\]", lambda k: f"period {int(k[1]):+d} since the start", reason)
    words = re.sub(r"(\w+)\[([^\]]+)\]", lambda part: f"{part[1]} {part[2]}".replace("_", " "), words)
    return words.replace("pilot:post", "the effect").replace("(intercept)", "the intercept")


def _tests(models: Sequence[_Model], names: AreaNames) -> Iterator[tuple[Cell, ...]]:
    """Yield interval and p-values of the effect that each analysis is run for."""

    def of(pick: Callable[[SpecificationFindings, Effect], Cell]) -> tuple[Cell, ...]:
        return tuple(_of_effect(model, pick, names) for model in models)

    yield Words("Effect, 95% interval: lower limit"), *of(lambda one, e: _limit(e.conf_low, one, e))
    yield Words("Effect, 95% interval: upper limit"), *of(lambda one, e: _limit(e.conf_high, one, e))
    yield Words("Effect, p-value of the source's test"), *of(lambda _, e: probability(e.p_value, why=e.note))
    yield Words("Effect, p-value of the headline test"), *of(lambda one, _: _headline_p(headline(one), names))


def _of_effect(model: _Model, pick: Callable[[SpecificationFindings, Effect], Cell], names: AreaNames) -> Cell:
    effect = model.found.effect
    if model.lagged:
        return Blank(_MANY_EFFECTS)
    return (
        Blank(names.within(effect.not_estimated)) if isinstance(effect, NotEstimatedFact) else pick(model.found, effect)
    )


def _limit(value: float | None, one: SpecificationFindings, effect: Effect) -> Cell:
    return coefficient(value, effect.unit, residual_df=one.residual_df, why=effect.note)


def _headline_p(row: InferenceRow | None, names: AreaNames) -> Cell:
    why = names.within((row.note if row else None) or "no headline test for this analysis")
    return probability(row.p_value if row else None, why=why)


def _ratios(models: Sequence[_Model], names: AreaNames) -> Iterator[tuple[Cell, ...]]:
    """Yield what a logit's effect is as an odds ratio and in percentage points, where there is a logit."""
    if all(model.found.odds_ratio is None and model.found.average_marginal_effect is None for model in models):
        return
    only = Blank("of a logit only")
    odds: list[Cell] = []
    points: list[Cell] = []
    for model in models:
        one, marginal = model.found, model.found.average_marginal_effect
        df = one.residual_df
        odds.append(
            coefficient(one.odds_ratio.estimate, one.odds_ratio.unit, residual_df=df) if one.odds_ratio else only
        )
        if isinstance(marginal, NotEstimatedFact):
            points.append(Blank(names.within(marginal.not_estimated)))
        else:
            points.append(coefficient(marginal.estimate, marginal.unit, residual_df=df) if marginal else only)
    yield Words("Effect as an odds ratio"), *odds
    yield Words("Effect in percentage points (average marginal effect)"), *points


def _size(models: Sequence[_Model], question: QuestionFindings) -> Iterator[tuple[Cell, ...]]:
    """Yield what each model rests on."""
    of_people = question.persons is not None
    yield Words("R²"), *(statistic(m.found.r_squared, digits=3, why="a logit has none") for m in models)
    yield Words(ROWS if of_people else "Area periods"), *(rows(m.found.rows, question) for m in models)
    if of_people:
        yield Words(PEOPLE), *(persons(m.found.persons) for m in models)
    yield Words("Pilots"), *(Tally(m.found.pilots, "pilots") for m in models)
    yield Words("Comparators"), *(Tally(m.found.comparators, "comparators") for m in models)


def _what_they_are(models: Sequence[_Model], names: AreaNames, *, single: bool) -> Iterator[Passage]:
    """Yield what an analysis says of itself, where it says something."""
    if not single:
        yield said(
            "The first column is the main analysis; each other one has one thing replaced, named in its heading."
        )
    for model in models:
        if model.found.note and not model.lagged:
            yield said(names.within(f"{run_name(model.found)}: {reason_in_words(model.found.note)}."))
