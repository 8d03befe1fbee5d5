"""The plain road to the same distances: pandas, NumPy and a loop, a case that `area_matching.py` asks for.

It stands apart so that its imports are no cost of the package's own case. Run by itself, this file does nothing.
"""

from typing import Any

import numpy as np
import pandas as pd
from area_matching import csv_path, pilots_of
from measure import Stopwatch, case_asked
from scipy.stats import linregress


def plain(folder: str, areas: int, years: int, pilots: int) -> dict[str, Any]:
    """Time a loop over pilots and candidates, as one would write it in a notebook."""
    watch, named = Stopwatch(), pilots_of(pilots, areas, years)
    with watch.stage("reading"):
        wide = pd.read_csv(csv_path(folder, areas)).pivot_table(index="area_code", columns="year", values="rate")
    answer: dict[str, list[float]] = {"sums of distances": [], "least distances": [], "sums of p-values": []}
    codes = {pilot.area for pilot in named}
    with watch.stage("trend matching"):
        for pilot in named:
            before = wide.loc[:, [year for year in wide.columns if year < pilot.start.year]]
            years_before = before.columns.to_numpy(dtype=float)
            own = before.loc[pilot.area].to_numpy()
            demeaned = own - own.mean()
            candidates = [area for area in before.index if area not in codes]
            squares, distances, p_values = [(demeaned**2).mean()], [], []
            for area in candidates:
                series = before.loc[area].to_numpy()
                centred = series - series.mean()
                squares.append((centred**2).mean())
                distances.append(np.sqrt(((demeaned - centred) ** 2).mean()))
                p_values.append(linregress(years_before, own - series).pvalue)
            scale = np.sqrt(np.mean(squares))
            answer["sums of distances"].append(float(sum(distances) / scale))
            answer["least distances"].append(float(min(distances) / scale))
            answer["sums of p-values"].append(float(sum(p_values)))
    return {"areas": areas, "stages": watch.stages, "answer": answer}


if __name__ == "__main__":
    case_asked({"plain": plain})
