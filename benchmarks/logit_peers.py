"""The peers' roads to the same logit: pyfixest and statsmodels, cases that `logit.py` asks for.

They stand apart so that their imports are no cost of the package's own case. Run by itself, this file does nothing.
"""

import warnings
from typing import Any

import pandas as pd
from logit import FIT, rows
from measure import Stopwatch, case_asked
from pyfixest.estimation import feglm
from pyfixest.utils.utils import ssc
from statsmodels.api import GLM, families

from whatworked.estimation.randomisation import EFFECT


def pyfixest(number: int, distinct: bool) -> dict[str, Any]:  # noqa: FBT001 - a case's own argument, from JSON
    """Fit in pyfixest."""
    names, design, y, area = rows(number, distinct=distinct)
    named = {name: f"x{i}" for i, name in enumerate(names[1:])}
    frame = pd.DataFrame({x: design[:, names.index(name)] for name, x in named.items()} | {"y": y, "area": area})
    watch = Stopwatch()
    with watch.stage(FIT), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bare = ssc(k_adj=False, G_adj=False)
        formula = f"y ~ {' + '.join(named.values())}"
        fit = feglm(formula, frame, family="logit", vcov={"CRV1": "area"}, ssc=bare, iwls_tol=1e-12, iwls_maxiter=50)
    place = named[EFFECT]
    return {
        "stages": {stage["stage"]: stage for stage in watch.stages},
        "answer": [float(fit.coef()[place]), float(fit.se()[place])],
    }


def statsmodels(number: int, distinct: bool) -> dict[str, Any]:  # noqa: FBT001 - a case's own argument, from JSON
    """Fit in statsmodels, from matrices."""
    names, design, y, area = rows(number, distinct=distinct)
    watch = Stopwatch()
    with watch.stage(FIT):
        fit = GLM(y, design, family=families.Binomial()).fit(
            cov_type="cluster", cov_kwds={"groups": area, "use_correction": False}
        )
    place = names.index(EFFECT)
    return {
        "stages": {stage["stage"]: stage for stage in watch.stages},
        "answer": [float(fit.params[place]), float(fit.bse[place])],
    }


if __name__ == "__main__":
    case_asked({"pyfixest": pyfixest, "statsmodels": statsmodels})
