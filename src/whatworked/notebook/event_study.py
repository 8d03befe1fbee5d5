"""The effect period by period around the start, for a notebook: leads, lags and what the leads say of the trends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from whatworked.cells import DroppedTerm, NotEstimated
from whatworked.diagnostics.parallel_trends import Hotelling, Leads, hotelling, judge_leads, lead_terms
from whatworked.door.samples import Matched, Sample
from whatworked.engine.frames import columns_of
from whatworked.errors import Mistake, UsageError, known
from whatworked.estimation.design import REFERENCE, EventTime, effect_term, row_design
from whatworked.estimation.estimate import Estimate
from whatworked.estimation.people import People
from whatworked.estimation.statistics import Flags, Floats, Integers
from whatworked.notebook.columns import flags
from whatworked.notebook.covariates import check_near, check_terms, covariate_of
from whatworked.notebook.options import listed
from whatworked.notebook.regression import usable_rows
from whatworked.notebook.rows import calendar_of, people_of
from whatworked.strands.models import Fitted, Readings, fit_model
from whatworked.vocabulary import Estimator

ESTIMATORS = ("linear", "logit")
DAYS_A_YEAR = 365.25
SIGNIFICANCE = 0.05
SETTLING_IN = "settling in"
NUMBERS = "biuf"


@dataclass(frozen=True)
class EventStudy:
    """The effect in each period since the start (−1, the last before it, is the reference), by the source's test.

    `leads` judges those before the start: `leads.hold` says whether a majority is not significant; `joint` tests
    them together. `left_out` counts rows by reason, those of the settling-in among them.
    """

    effects: Mapping[int, Estimate | NotEstimated]
    leads: Leads
    joint: Hotelling | NotEstimated
    dropped: tuple[DroppedTerm, ...]
    rows: int
    areas: int
    left_out: Mapping[str, int]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row a period since the start."""
        return [
            {"since": k, **found.to_dict()}
            if isinstance(found, Estimate)
            else {"since": k, "not_estimated": found.reason}
            for k, found in self.effects.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        joint = self.joint
        return {
            "effects": self.to_rows(),
            "leads": len(self.leads.estimated),
            "leads_insignificant": self.leads.insignificant,
            "trends_hold": self.leads.hold,
            "joint": {"not_estimated": joint.reason}
            if isinstance(joint, NotEstimated)
            else {"statistic": joint.statistic, "df": list(joint.df), "p_value": joint.p_value},
            "dropped": [{"term": entry.term, "reason": entry.reason} for entry in self.dropped],
            "rows": self.rows,
            "areas": self.areas,
            "left_out": dict(self.left_out),
        }

    def _repr_html_(self) -> str:
        """Return the periods as a table for a notebook."""
        rows = "".join(
            f"<tr><td>{k}</td><td>{found.estimate:.4g}</td><td>{found.conf_low:.4g} to {found.conf_high:.4g}</td>"
            f"<td>{found.p_value:.3f}</td></tr>"
            if isinstance(found, Estimate)
            else f"<tr><td>{k}</td><td colspan='3'>{escape(found.reason)}</td></tr>"
            for k, found in self.effects.items()
        )
        return f"<table><tr><th>since the start</th><th>effect</th><th>95 %</th><th>p</th></tr>{rows}</table>"


def event_study(  # noqa: PLR0913 - the arguments a notebook names
    data: object,
    *,
    outcome: str,
    pilot: str,
    area: str,
    time: str,
    start: str | float | date,
    embedded: str | float | date | None = None,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    period: str | None = None,
    estimator: Literal["linear", "logit"] = "linear",
) -> EventStudy | NotEstimated:
    """Estimate one effect for each period since the start but the last before it.

    Parameters
    ----------
    data : any table: mapping of arrays, data frame, DuckDB relation or path
    outcome : column of the outcome
    pilot : column of 0 and 1, a fact about areas
    area : column whose values are the clusters
    time : column of days (dates, or text as 2017-05-01), counted in whole years from the start; or of numbers of
        periods, counted as they are
    start : the day, or the number of the first period with the intervention; or the column that holds each row's own,
        a comparator's being that of its pilot
    embedded : the last day, or period, of the settling-in, or its column; rows from the start to it leave, and what
        follows is counted from it
    covariates : columns, as the terms of `regress`
    weights : column of weights
    period : column of the calendar period, for period effects; collinear ones leave
    estimator : "linear", or "logit" for an outcome of 0 and 1, whose effects are log-odds

    Returns
    -------
    EventStudy, or why a logit has no fit.

    Source
    ------
    The evaluation that this generalises: leads and lags replace post. Proof: tests/notebook/test_event_study.py
    """
    if estimator not in ESTIMATORS:
        raise UsageError(Mistake("estimator", f'"{estimator}" is not there.', known(ESTIMATORS, str(estimator))))
    covariates = listed("covariates", covariates)
    optional = [name for name in (weights, period) if name]
    optional += [value for value in (start, embedded) if isinstance(value, str) and _day(value) is None]
    columns = columns_of(data, [outcome, pilot, area, time, *covariates, *optional])
    usable = usable_rows(columns, outcome=outcome, area=area, weights=weights, time=time)
    when = _When(_moments(time, columns[time][usable.rows]), columns[time].dtype.kind not in NUMBERS)
    own = {name: column[usable.rows] for name, column in columns.items()}
    since, kept = when.since(
        when.given("start", start, own), None if embedded is None else when.given("embedded", embedded, own)
    )
    treated = flags(pilot, columns[pilot][usable.rows])
    calendar = calendar_of(None if period is None else columns[period][usable.rows], len(treated))
    described = tuple(covariate_of(name, columns[name][usable.rows]) for name in covariates)
    check_near(described)
    people = people_of(usable, treated, since, calendar=calendar, covariates=described).take(kept)
    if not kept.any():
        raise UsageError(
            Mistake("data", "no row lies before the start or after the settling-in.", "Look at the dates.")
        )
    check_terms(_terms(people))
    _check_reference(people)
    fitted = _fitted(people, Estimator(estimator), covariates)
    if isinstance(fitted, NotEstimated):
        return fitted
    settling = {SETTLING_IN: int((~kept).sum())} if not kept.all() else {}
    return _study(fitted, {**usable.left_out, **settling})


def _check_reference(people: People) -> None:
    """Refuse rows of which none is of the last period before the start, or none of any other: nothing to compare."""
    reference = people.since == REFERENCE
    if not reference.any() or reference.all():
        found = (
            "no row is in the last period before it" if not reference.any() else "all rows are in the period before it"
        )
        raise UsageError(
            Mistake("start", f"{found}, against which effects are measured.", "Look at start and the dates.")
        )


def _terms(people: People) -> tuple[str, ...]:
    """Return the names of the model's terms, from one row of every time and period."""
    of_each = [np.unique(numbers, return_index=True)[1] for numbers in (people.since, people.period)]
    return row_design(people.take(np.unique(np.concatenate(of_each))), EventTime())[0]


def _fitted(people: People, estimator: Estimator, model: Sequence[str]) -> Fitted | NotEstimated:
    matched = Matched(people, tuple(model), np.zeros(len(people.area), dtype=np.int64), ())
    readings = Readings("", seed=0, significance=SIGNIFICANCE)
    return fit_model(Sample(people.cells(), matched), estimator, EventTime(), readings)


def _study(fitted: Fitted, left_out: Mapping[str, int]) -> EventStudy:
    cells = fitted.cells
    times = [int(k) for k in np.unique(cells.since) if k != REFERENCE]
    leads = {term: fitted.estimate(term) for term in lead_terms(cells)}
    return EventStudy(
        {k: fitted.estimate(effect_term(k)) for k in times},
        judge_leads(leads, fitted.covariance_of, significance=SIGNIFICANCE),
        hotelling(cells),
        fitted.fit.dropped,
        fitted.fit.rows,
        fitted.fit.areas,
        left_out,
    )


@dataclass(frozen=True)
class _When:
    """When each row (n,) happened: day numbers where `days`, else numbers of periods."""

    moment: Floats
    days: bool

    def given(self, name: str, value: str | float | date, columns: Mapping[str, NDArray[Any]]) -> Floats:
        """Return a date or a period as it was given, or each row's own, (n,) on the scale of the rows."""
        if isinstance(value, str) and value in columns:
            days, found = columns[value].dtype.kind not in NUMBERS, _moments(value, columns[value])
        else:
            day = _day(value)
            one = float(value) if isinstance(value, int | float) else day
            if one is None or not np.isfinite(one):
                raise UsageError(Mistake(name, "is neither a day nor a number.", "Give a day as 2017-05-01."))
            days, found = day is not None, np.full(len(self.moment), one, dtype=np.float64)
        if days is not self.days:
            scale, other = ("a day", "numbers") if days else ("a number", "days")
            raise UsageError(Mistake(name, f"{name} is {scale}, and the rows have {other}.", "Give both alike."))
        return found

    def since(self, start: Floats, embedded: Floats | None) -> tuple[Integers, Flags]:
        """Return the periods since the start (n,), and which rows are not of the settling-in."""
        before = self.moment < start
        if embedded is not None and (embedded < start - (0 if self.days else 1)).any():
            found, advice = "the settling-in ends before the start.", "Give its last day, or leave it out."
            raise UsageError(Mistake("embedded", found, advice))
        first = start if embedded is None else embedded + (0 if self.days else 1)
        kept = before | (self.moment >= start if embedded is None else self.moment > embedded)
        elapsed = self.moment - np.where(before, start, first)
        return np.floor(elapsed / DAYS_A_YEAR if self.days else elapsed).astype(np.int64), kept


def _day(value: object) -> float | None:
    """Return the number of a day, None for what is none."""
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, str):
        try:
            return float(date.fromisoformat(value[:10]).toordinal())
        except ValueError:
            return None
    return None


def _moments(name: str, column: NDArray[Any]) -> Floats:
    """Return days or numbers of periods (n,); what is neither is counted, never quoted."""
    if column.dtype.kind in NUMBERS:
        moments = column.astype(np.float64)
    elif column.dtype.kind == "M":
        days = column.astype("datetime64[D]")
        moments = np.where(np.isnat(days), np.nan, days.astype(np.int64) + float(date(1970, 1, 1).toordinal()))
    else:
        read = [_day(value) for value in column.tolist()]
        moments = np.array([np.nan if day is None else day for day in read], dtype=np.float64)
    wrong = int((~np.isfinite(moments)).sum())
    if wrong:
        found = f"{wrong} values are neither days nor numbers."
        raise UsageError(Mistake(name, found, "Write days as 2017-05-01, or give numbers of periods."))
    return moments
