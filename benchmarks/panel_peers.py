"""The peers' roads to fixed and random effects, a case that `panel.py` asks for; by itself this file does nothing."""

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pandas as pd
from measure import Stopwatch, case_asked
from panel import FIXED, RANDOM, invented
from pyfixest.estimation import feols


def peers(rows: int) -> dict[str, Any]:
    """Time pyfixest's fixed effects, and linearmodels' random effects where it is installed."""
    frame = pd.DataFrame(invented(rows)[1])
    years = [name for name in frame if name.startswith("year")]
    watch, answer = Stopwatch(), {}
    moving = ["post", "effect", "age", "again", *years]
    with watch.stage(f"pyfixest: {FIXED}"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formula = f"y ~ {' + '.join(moving)} | person"
        fit = feols(formula, frame, vcov={"CRV1": "area"}, weights="w", fixef_rm="singleton", fixef_tol=1e-12)
        answer[FIXED] = [float(fit.coef()["effect"]), float(fit.se()["effect"])]
    if find_spec("linearmodels"):
        random = import_module("linearmodels.panel").RandomEffects
        indexed = frame.assign(one=1.0).set_index(["person", "time"])
        with watch.stage(f"linearmodels: {RANDOM}"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = random(indexed["y"], indexed[["one", "pilot", *moving]]).fit()
            answer[RANDOM] = [float(found.params["effect"])]
    return {"stages": watch.stages, "answer": answer}


if __name__ == "__main__":
    case_asked({"peers": peers})
