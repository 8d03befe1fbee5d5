"""The peers' roads to the same estimates: pyfixest and statsmodels, cases that `specifications.py` asks for.

They stand apart so that their imports are no cost of the package's own case. Run by itself, this file does nothing.
"""

import sys
import warnings
from contextlib import redirect_stdout
from importlib.util import find_spec
from typing import Any

import pandas as pd
from measure import Stopwatch, case_asked
from pyfixest.estimation import feols
from pyfixest.utils.utils import ssc
from specifications import CRV3, DRAWS, FIT, SHAPES, WILD, Specification, cells_of, fitted, specifications, study
from statsmodels.api import WLS

from whatworked.estimation.design import BeforeAfter, design
from whatworked.estimation.linear import INTERCEPT
from whatworked.estimation.randomisation import EFFECT


def _frames(shape: str, number: int) -> list[tuple[Specification, Any, dict[str, str]]]:
    """Return each specification with its rows as a data frame, and the name there of each column that is kept."""
    rows, groups = study(SHAPES[shape])
    found = []
    for one in specifications(SHAPES[shape], number):
        cells = cells_of(one, rows, groups)
        columns = design(cells, one.timing)
        _, fit = fitted(cells, one.timing)
        named = {name: f"x{i}" for i, name in enumerate(name for name in fit.names if name != INTERCEPT)}
        frame = {x: columns.matrix[:, columns.names.index(name)] for name, x in named.items()}
        frame |= {"y": cells.totals[0] + cells.origin, "w": cells.weight, "area": cells.area}
        found.append((one, pd.DataFrame(frame), named))
    return found


def _effects(named: dict[str, str], coef: Any, error: Any) -> dict[str, list[float]]:  # noqa: ANN401 - a peer's own
    return {term: [float(coef[x]), float(error[x])] for term, x in named.items() if term.startswith("pilot:")}


def pyfixest(shape: str, number: int) -> dict[str, Any]:
    """Fit the same in pyfixest, then its jackknife and its wild bootstrap."""
    watch, prepared, answers = Stopwatch(), _frames(shape, number), []
    single, plain_fits = [], []
    with watch.stage(FIT), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one, frame, named in prepared:
            fit = feols(_formula(named), frame, vcov={"CRV1": "area"}, weights="w", ssc=ssc(k_fixef="full"))
            answers.append(_effects(named, fit.coef(), fit.se()))
            if isinstance(one.timing, BeforeAfter):
                single.append(fit)
    with watch.stage(CRV3):
        for fit in single:
            fit.vcov({"CRV3": "area"})
    if find_spec("wildboottest"):
        plain_fits = [
            (feols(_formula(named), frame, vcov={"CRV1": "area"}), named[EFFECT])
            for one, frame, named in prepared
            if one.weight == "equal" and isinstance(one.timing, BeforeAfter)
        ]
        _wild(plain_fits[:1])  # compiled once, not counted
        with watch.stage(WILD):
            _wild(plain_fits)
    runs = {CRV3: len(single), WILD: len(plain_fits)}
    return {"stages": {s["stage"]: s | {"runs": runs.get(s["stage"], 1)} for s in watch.stages}, "answers": answers}


def _wild(fits: list[tuple[Any, str]]) -> None:
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fit, effect in fits:
            fit.wildboottest(param=effect, cluster="area", reps=DRAWS)


def _formula(named: dict[str, str]) -> str:
    return f"y ~ {' + '.join(named.values())}"


def statsmodels(shape: str, number: int) -> dict[str, Any]:
    """Fit the same in statsmodels, from matrices."""
    watch, answers = Stopwatch(), []
    prepared = [
        (frame, named, frame[list(named.values())].assign(one=1.0)) for _, frame, named in _frames(shape, number)
    ]
    with watch.stage(FIT):
        for frame, named, matrix in prepared:
            fit = WLS(frame["y"], matrix, weights=frame["w"]).fit(
                cov_type="cluster", cov_kwds={"groups": frame["area"]}, use_t=True
            )
            answers.append(_effects(named, fit.params, fit.bse))
    return {"stages": {s["stage"]: s for s in watch.stages}, "answers": answers}


if __name__ == "__main__":
    case_asked({"pyfixest": pyfixest, "statsmodels": statsmodels})
