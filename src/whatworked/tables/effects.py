"""Tables of what was estimated: the main model, the ways of testing it, leads and lags, every other run."""

from collections.abc import Sequence

from whatworked.cells import Blank, Cell, Coefficient, Tally, Words
from whatworked.findings.model import (
    Effect,
    Findings,
    InferenceRow,
    NotEstimatedFact,
    QuestionFindings,
    SpecificationFindings,
)
from whatworked.tables.model import Column, Passage, Table, said
from whatworked.tables.models import (
    effect_unit,
    headline,
    in_words,
    model_cells,
    model_columns,
    unit_of,
    unit_of_method,
    units_differ,
)
from whatworked.tables.names import AreaNames
from whatworked.tables.secondary import remarks, shown_terms, term_of
from whatworked.tables.stars import star_key, stars
from whatworked.tables.values import coefficient, degrees, persons, probability, rows, statistic
from whatworked.tables.wording import (
    ARMS,
    ESTIMATORS,
    METHODS,
    ROLES,
    lead_or_lag,
    period_in_words,
    sentence_case,
)
from whatworked.vocabulary import Estimator, Method, Role

UNIT_IN_COLUMN = "unit in its column"


def main_regression(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return the terms of the main model with the source's test, or None where nothing was fitted."""
    main = main_specification(question)
    if main is None or not main.terms:
        return None
    return _terms_table(main, question, key="main_regression", names=names, findings=findings)


def tables_of_terms(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> tuple[Table, ...]:
    """Return a table of terms for every specification with leads or lags, and for every secondary one."""
    found = [s for s in question.specifications if s.role in (Role.LEADS, Role.LAGS, Role.SECONDARY) and s.terms]
    counts: dict[Role, int] = {}
    tables = []
    for specification in found:
        counts[specification.role] = number = counts.get(specification.role, 0) + 1
        key = f"{specification.role.value}_terms" + (f"_{number}" if number > 1 else "")
        tables.append(_terms_table(specification, question, key=key, names=names, findings=findings))
    return tuple(tables)


def event_study(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return the pilots' difference in every period against the last one before the start."""
    leads = next((s for s in question.specifications if s.role is Role.LEADS and s.terms), None)
    if leads is None:
        return None
    effects = {k: term for term in leads.terms if (k := lead_or_lag(term.term)) is not None}
    if not effects:
        return None
    body: list[tuple[Cell, ...]] = []
    for k in sorted(set(effects) | {-1}):
        head = (Tally(k, "periods"), Words(sentence_case(period_in_words(k))))
        effect = _interval(effects[k], leads) if k in effects else _reference(question, leads)
        body.append(head + effect + _support(k, question))
    return Table(
        key="event_study",
        title=names.words(f"Period by period: pilots against comparators, {question.outcome}"),
        kind="regression",
        columns=(
            Column("k", Words("Period against the start")),
            Column("meaning", Words("In words")),
            Column("estimate", names.words(f"Difference ({in_words(unit_of(leads, question))})")),
            Column("conf_low", Words("95% interval, lower limit")),
            Column("conf_high", Words("95% interval, upper limit")),
            Column("p_value", Words("p-value")),
            Column("pilots", Words("Pilots")),
            Column("comparators", Words("Comparators")),
            Column("rows", Words("Area periods" if question.persons is None else "Rows")),
        ),
        rows=tuple(body),
        source=Words(question.source),
        notes=(
            said(
                "The difference between pilots and comparators in each period, less that difference in the last period "
                "before the start, which is therefore zero by construction. Intervals and p-values are of the source's "
                "test."
            ),
        ),
    )


def inference(question: QuestionFindings, findings: Findings, *, names: AreaNames) -> Table | None:
    """Return every way of testing the main effect, the headline marked."""
    main = main_specification(question)
    if main is None or not main.inference:
        return None
    logit = main.estimator is Estimator.LOGIT
    return Table(
        key="inference",
        title=names.words(f"The main effect under every test: {question.outcome}"),
        kind="regression",
        columns=(
            Column("method", Words("Test")),
            Column("headline", Words("Used as")),
            *_effect_columns(UNIT_IN_COLUMN if logit else in_words(unit_of(main, question)), names),
            Column("df", Words("Degrees of freedom")),
            *((Column("unit", Words("Unit of the estimate")),) if logit else ()),
        ),
        rows=tuple(
            _inference_row(row, main, names=names, unit=unit_of_method(row.method, main, question))
            + ((names.words(in_words(unit_of_method(row.method, main, question))),) if logit else ())
            for row in main.inference
        ),
        source=Words(question.source),
        notes=(said(_reading(findings)), *_method_notes(main, names)),
    )


def single_effects(question: QuestionFindings) -> list[SpecificationFindings]:
    """Return the analyses with one effect, in the order of the rows of the table of all analyses."""
    return [s for s in question.specifications if s.role not in (Role.LEADS, Role.LAGS)]


def runs(question: QuestionFindings, names: AreaNames) -> Table:
    """Return every analysis of the question, one a row, with the source's test and the headline p-value."""
    found = single_effects(question)
    noted = any(s.note for s in found)
    unit = UNIT_IN_COLUMN if units_differ(found, question) else _unit_of_all(found, question)
    return Table(
        key="sensitivity",
        title=names.words(f"All analyses: {question.outcome}"),
        kind="regression",
        columns=(
            Column("analysis", Words("Analysis")),
            Column("role", Words("Role")),
            *_effect_columns(unit, names),
            Column("headline_p_value", Words("p-value, headline test")),
            Column("rows", Words("Area periods" if question.persons is None else "Rows")),
            *(() if question.persons is None else (Column("persons", Words("People")),)),
            Column("pilots", Words("Pilots")),
            Column("comparators", Words("Comparators")),
            *model_columns(found, names, question),
            *((Column("note", Words("Note")),) if noted else ()),
        ),
        rows=tuple(
            _run(s, question, names=names)
            + model_cells(s, found, question, names)
            + ((names.words(sentence_case(s.note or "None")),) if noted else ())
            for s in found
        ),
        source=Words(question.source),
        notes=(said("Estimates, intervals and the first p-value are of the source's test."),),
    )


def leave_one_area_out(question: QuestionFindings, names: AreaNames) -> Table | None:
    """Return the main effect without each area in turn, the whole estimate first."""
    main = main_specification(question)
    if main is None or not question.leave_one_area_out:
        return None
    whole = main.effect.estimate if isinstance(main.effect, Effect) else None
    unit = unit_of(main, question)
    everyone = (Words("None: all areas"), Words("All"), coefficient(whole, unit, residual_df=main.residual_df))
    return Table(
        key="leave_one_area_out",
        title=names.words(f"The main effect without each area: {question.outcome}"),
        kind="regression",
        columns=(
            Column("area", Words("Area left out")),
            Column("arm", Words("Arm")),
            Column("estimate", names.words(f"Estimate ({in_words(unit)})")),
        ),
        rows=(
            everyone,
            *(
                (
                    names.of(row.area),
                    Words(ARMS[row.arm]),
                    coefficient(row.estimate, unit, residual_df=main.residual_df, why=names.within(row.note or "")),
                )
                for row in question.leave_one_area_out
            ),
        ),
        source=Words(question.source),
    )


def main_specification(question: QuestionFindings) -> SpecificationFindings | None:
    """Return the main analysis, if there is one."""
    return next((s for s in question.specifications if s.role is Role.MAIN), None)


def run_name(specification: SpecificationFindings) -> str:
    """Return what an analysis is called in a table."""
    return "Main analysis" if specification.name == Role.MAIN.value else sentence_case(specification.name)


def outcome_of(specification: SpecificationFindings, question: QuestionFindings) -> str:
    """Return what an analysis measures."""
    return question.outcome if specification.measured is None else specification.measured.label


def level_unit(question: QuestionFindings) -> str:
    """Return the unit of a level: shares are read as percentages."""
    return "%" if question.unit == "share" else question.unit


def _terms_table(
    specification: SpecificationFindings, question: QuestionFindings, *, key: str, names: AreaNames, findings: Findings
) -> Table:
    return Table(
        key=key,
        title=names.words(f"{run_name(specification)}, every term: {outcome_of(specification, question)}"),
        kind="regression",
        columns=(
            Column("term", Words("Term")),
            *_effect_columns(in_words(unit_of(specification, question)), names),
            Column("stars", Words("Stars")),
        ),
        rows=tuple(
            (
                names.words(term_of(t.term, specification)),
                *_effect(t, specification, people=_with_level(t.term, question)),
                _stars(t.p_value, findings),
            )
            for t in shown_terms(specification, question)
        ),
        source=Words(question.source),
        notes=(
            _size(specification, question),
            *remarks(specification, question, names),
            said(star_key(findings)),
            *_left_out_terms(specification, names),
        ),
    )


def _unit_of_all(found: Sequence[SpecificationFindings], question: QuestionFindings) -> str:
    return in_words(unit_of(found[0], question)) if found else effect_unit(question)


def _effect_columns(unit: str, names: AreaNames) -> tuple[Column, ...]:
    return (
        Column("estimate", names.words(f"Estimate ({unit})")),
        Column("std_error", Words("Standard error")),
        Column("conf_low", Words("95% interval, lower limit")),
        Column("conf_high", Words("95% interval, upper limit")),
        Column("p_value", Words("p-value")),
    )


def _effect(
    effect: Effect | InferenceRow,
    specification: SpecificationFindings,
    *,
    why: str | None = None,
    people: int | None = None,
    unit: str = "",
) -> tuple[Cell, ...]:
    unit = effect.unit if isinstance(effect, Effect) else unit
    four = (effect.estimate, effect.std_error, effect.conf_low, effect.conf_high)
    df = specification.residual_df
    cells = (coefficient(value, unit, residual_df=df, why=why, people=people) for value in four)
    return (*cells, probability(effect.p_value, why=why))


def _with_level(term: str, question: QuestionFindings) -> int | None:
    """Return how many rows before the start have the level that a term is of; None for any other term."""
    if question.matching is None:
        return None
    mine = [one for one in question.matching.means if term == f"{one.name}[{one.level}]"]
    return sum(one.cases or 0 for one in mine) if mine else None


def _interval(effect: Effect, specification: SpecificationFindings) -> tuple[Cell, ...]:
    estimate, _, low, high, p_value = _effect(effect, specification, why=effect.note)
    return (estimate, low, high, p_value)


def _support(since: int, question: QuestionFindings) -> tuple[Cell, ...]:
    """Return the areas and rows behind the effect in a period."""
    found = next((entry for entry in question.support if entry.since == since), None)
    if found is None:
        return (Blank("not counted"),) * 3
    return Tally(found.pilots, "pilots"), Tally(found.comparators, "comparators"), rows(found.rows, question)


def _reference(question: QuestionFindings, leads: SpecificationFindings) -> tuple[Cell, ...]:
    why = "the reference period: zero by construction"
    return (Coefficient(0.0, unit_of(leads, question), leads.residual_df), Blank(why), Blank(why), Blank(why))


def _inference_row(row: InferenceRow, main: SpecificationFindings, *, names: AreaNames, unit: str) -> tuple[Cell, ...]:
    silent = row.p_value is None and row.note
    why = names.within(_in_words(row.note or "")) if silent else "this test gives no such number"
    used = "Headline" if row.headline else "The source's test" if row.method is Method.CR1 else "Beside it"
    return (Words(METHODS[row.method]), Words(used), *_effect(row, main, why=why, unit=unit), degrees(row.df, why=why))


def _method_notes(main: SpecificationFindings, names: AreaNames) -> tuple[Passage, ...]:
    """Return how the tests that draw or collapse were carried out; the others are told by their names."""
    drawn = (Method.WILD_RESTRICTED, Method.RANDOMISATION, Method.COLLAPSED_T)
    return tuple(
        said(f"{METHODS[row.method]}: {names.within(row.note)}.")
        for row in main.inference
        if row.method in drawn and row.note and row.p_value is not None
    )


def _in_words(note: str) -> str:
    return note.replace("pilot:post", "the effect")


def _run(specification: SpecificationFindings, question: QuestionFindings, *, names: AreaNames) -> tuple[Cell, ...]:
    effect, best = specification.effect, headline(specification)
    if isinstance(effect, NotEstimatedFact):
        five: tuple[Cell, ...] = tuple(Blank(names.within(effect.not_estimated)) for _ in range(5))
    else:
        five = _effect(effect, specification, why=effect.note)
    unavailable = names.within((best.note if best else None) or "no headline test for this run")
    return (
        names.words(run_name(specification)),
        Words(ROLES[specification.role]),
        *five,
        probability(best.p_value if best else None, why=unavailable),
        rows(specification.rows, question),
        *(() if question.persons is None else (persons(specification.persons),)),
        Tally(specification.pilots, "pilots"),
        Tally(specification.comparators, "comparators"),
    )


def _size(specification: SpecificationFindings, question: QuestionFindings) -> Passage:
    noun = "area periods" if question.persons is None else "rows"
    fitted = f"{ESTIMATORS[specification.estimator]}. "
    squared = "" if specification.r_squared is None else "; R² {r_squared}"
    return Passage(
        f"{fitted}N = {{rows}} {noun}; {{areas}} areas ({{pilots}} pilots, {{comparators}} comparators){squared}. "
        "Standard errors, intervals and p-values are of the source's test, clustered by area.",
        {
            "rows": rows(specification.rows, question),
            "areas": Tally(specification.areas, "areas"),
            "pilots": Tally(specification.pilots, "pilots"),
            "comparators": Tally(specification.comparators, "comparators"),
            "r_squared": statistic(specification.r_squared, digits=3),
        },
    )


def _left_out_terms(specification: SpecificationFindings, names: AreaNames) -> tuple[Passage, ...]:
    return tuple(
        said(names.within(f"Left out of the model: {term_of(term.term, specification)}, because {term.reason}."))
        for term in specification.dropped_terms
    )


def _stars(p_value: float | None, findings: Findings) -> Cell:
    return Blank("no p-value") if p_value is None else Words(stars(p_value, findings) or "none")


def _reading(findings: Findings) -> str:
    against = (
        "a normal distribution"
        if findings.rule_set == "as_coded"
        else "a t distribution with one degree of freedom fewer than areas"
    )
    return (
        "The source's test is the one registered before the study: standard errors clustered by area, read against "
        f"{against}. The headline is the test that the rule chose for this number of areas. A test's p-value belongs "
        "to its own estimate."
    )
