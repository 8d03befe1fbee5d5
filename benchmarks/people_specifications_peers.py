"""The peers' roads from people's rows: pyfixest and statsmodels, cases that `people_specifications.py` asks for.

They stand apart so that their imports are no cost of the package's own case. Run by itself, this file does nothing.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from measure import Stopwatch, case_asked
from people_specifications import FORTY, ONE, Specification, fitted, matched, sampled, specifications
from pyfixest.estimation import feols
from pyfixest.utils.utils import ssc
from statsmodels.api import WLS

from whatworked.estimation.design import design
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.people import Category, People, covariate_matrix

TOLERANCE = 1e-12


def _named(people: People, asked: list[Specification]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the columns of a data frame, and for each specification those of the terms that its fit keeps."""
    cells = people.cells()
    frame: dict[str, Any] = {"y": people.outcome + people.origin, "w": people.weight}
    frame |= {"area": people.area, "period": people.period, "age": people.covariates[-1].values}
    frame |= {one.name: one.codes for one in people.covariates if isinstance(one, Category)}
    terms = []
    for one in asked:
        columns = design(people, one.timing)
        front = dict(zip(columns.names[: columns.covariates_at], columns.matrix.T, strict=False))
        _, _, fit = fitted(cells, one)
        kept = {name: _plain(name) for name in front if name in fit.names and name != INTERCEPT}
        frame |= {x: front[name] for name, x in kept.items()}
        terms.append(kept)
    return frame, terms


def _plain(term: str) -> str:
    return "x_" + term.replace("-", "m").translate(str.maketrans("", "", ":=[]"))


def _formula(terms: dict[str, str], one: Specification, categories: list[str]) -> str:
    """Return the model as pyfixest takes it: years and categories absorbed."""
    absorbed = ["period"] + [name for name in categories if not one.bare and name != one.covariate]
    moving = [*terms.values()] + ["age"] * (not one.bare and one.covariate != "age")
    return f"y ~ {' + '.join(moving)} | {' + '.join(absorbed)}"


def _effects(terms: dict[str, str], coef: Any, error: Any) -> dict[str, list[float]]:  # noqa: ANN401 - a peer's own
    return {term: [float(coef[x]), float(error[x])] for term, x in terms.items() if term.startswith("pilot:")}


def pyfixest(rows: int, number: int) -> dict[str, Any]:
    """Fit the first `number` specifications in pyfixest, its data frame ready."""
    people = matched(rows)
    every = specifications(tuple(one.name for one in people.covariates))
    places = sampled(every, number)
    asked = [every[place] for place in places]
    columns, terms = _named(people, asked)
    categories = [one.name for one in people.covariates if isinstance(one, Category)]
    frame = pd.DataFrame(columns)
    frames = [frame if one.area is None else frame[frame["area"] != one.area] for one in asked]
    formulas = [_formula(own, one, categories) for own, one in zip(terms, asked, strict=True)]
    watch, answers = Stopwatch(), []

    def fit(place: int) -> dict[str, list[float]]:
        found = feols(
            formulas[place],
            frames[place],
            vcov={"CRV1": "area"},
            weights="w",
            ssc=ssc(k_fixef="full"),
            fixef_rm="none",
            fixef_tol=TOLERANCE,
            copy_data=False,
            store_data=False,
        )
        return _effects(terms[place], found.coef(), found.se())

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with watch.stage("compiling"):
            feols("y ~ age | period", frame.head(1000), vcov={"CRV1": "area"}, weights="w")
        with watch.stage(ONE):
            fit(0)
        with watch.stage(FORTY):
            answers = [fit(place) for place in range(len(asked))]
    return {"stages": {stage["stage"]: stage for stage in watch.stages}, "answers": answers, "places": places}


def statsmodels(rows: int, number: int) -> dict[str, Any]:
    """Fit the first `number` specifications in statsmodels, its matrix ready."""
    people = matched(rows)
    every = specifications(tuple(one.name for one in people.covariates))
    places = sampled(every, number)
    asked = [every[place] for place in places]
    columns, terms = _named(people, asked)
    _, covariates = covariate_matrix(people.covariates, len(people.area))
    years = (people.period[:, None] == np.arange(1, len(people.periods))).astype(float)
    watch, answers = Stopwatch(), []
    for own, stage in zip(terms, [ONE, *[FORTY] * (number - 1)], strict=True):
        matrix = np.column_stack([np.ones(len(years)), *(columns[x] for x in own.values()), covariates, years])
        with watch.stage(stage):
            fit = WLS(columns["y"], matrix, weights=people.weight)
            found = fit.fit(cov_type="cluster", cov_kwds={"groups": people.area}, use_t=True)
        place = {x: i for i, x in enumerate(own.values(), start=1)}
        coef, error = ({x: part[i] for x, i in place.items()} for part in (found.params, found.bse))
        answers.append(_effects(own, coef, error))
    stages = {stage["stage"]: stage for stage in watch.stages}
    return {"stages": {FORTY: stages[ONE], **stages}, "answers": answers, "places": places}


if __name__ == "__main__":
    case_asked({"pyfixest": pyfixest, "statsmodels": statsmodels})
