"""Other roads to the same matching: pandas and polars by hand, causalmatch; cases that `matching_people.py` asks for.

They stand apart so that their imports are no cost of the package's own case. Run by itself, this file does nothing.
"""

import sys
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

import numpy as np
from matching_people import AGES, DEPRIVATION, EXACT, NUMBERS
from measure import Stopwatch, case_asked

BANDS = {"age": AGES, "deprivation": DEPRIVATION}
STRATA = [*EXACT, *(f"{name}_band" for name in NUMBERS)]
CELLS = [*EXACT[1:], *NUMBERS]


def _answer(
    matched: int, total: float, squares: float, measures: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    answer = {"matched rows": matched, "weights": total, "squares": squares}
    for when, (l1, lcs) in measures.items():
        answer |= {f"L1 {when}": l1, f"LCS {when}": lcs}
    return answer


def pandas(path: str) -> dict[str, Any]:
    """Do it with groupby and transform."""
    import pandas as pd  # noqa: PLC0415 - only this case pays for it

    watch = Stopwatch()
    with watch.stage("matching"):
        rows = pd.read_parquet(path)
        for name, cuts in BANDS.items():
            rows[f"{name}_band"] = np.searchsorted(cuts, rows[name])
        by = rows.groupby(STRATA, sort=False)["pilot"]
        pilots, members = by.transform("sum").to_numpy(), by.transform("size").to_numpy()
        arm, others = rows["pilot"].to_numpy() == 1, members - pilots
        kept = (pilots > 0) & (others > 0)
        ratio = (kept & ~arm).sum() / (kept & arm).sum()
        weight = np.where(kept, np.where(arm, 1.0, ratio * pilots / np.maximum(others, 1)), 0.0)
        measures = {}
        for when, used in (("before", np.ones(len(rows))), ("after", weight)):
            rows["t"], rows["c"] = used * arm, used * ~arm
            cells = rows[used > 0].groupby(CELLS, sort=False)[["t", "c"]].sum().to_numpy()
            shares = cells / cells.sum(axis=0)
            measures[when] = (np.abs(shares[:, 0] - shares[:, 1]).sum() / 2, (cells > 0).all(axis=1).mean())
    return {"stages": watch.stages, "answer": _answer(int(kept.sum()), weight.sum(), (weight**2).sum(), measures)}


def polars(path: str) -> dict[str, Any]:
    """Do it with windows over a lazy frame."""
    import polars as pl  # noqa: PLC0415 - only this case pays for it

    watch = Stopwatch()
    with watch.stage("matching"):
        arm = pl.col("pilot") == 1
        bands = [
            sum((pl.col(name) > cut).cast(pl.Int8) for cut in cuts).alias(f"{name}_band")
            for name, cuts in BANDS.items()
        ]
        keyed = pl.scan_parquet(path).with_columns(*bands)
        strata = keyed.group_by(STRATA).agg(arm.sum().alias("m_t"), (~arm).sum().alias("m_c"))
        both = strata.filter((pl.col("m_t") > 0) & (pl.col("m_c") > 0)).collect()
        ratio = both["m_c"].sum() / both["m_t"].sum()
        balancing = both.with_columns((ratio * pl.col("m_t") / pl.col("m_c")).alias("balancing"))
        joined = keyed.join(balancing.lazy(), on=STRATA, how="left")
        weight = pl.when(pl.col("balancing").is_null()).then(0.0).when(arm).then(1.0).otherwise(pl.col("balancing"))
        cells = (
            joined.with_columns(weight.alias("w"))
            .group_by(CELLS)
            .agg(
                arm.sum().cast(pl.Float64).alias("before_t"),
                (~arm).sum().cast(pl.Float64).alias("before_c"),
                (pl.col("w") * arm).sum().alias("after_t"),
                (pl.col("w") * ~arm).sum().alias("after_c"),
                (pl.col("w") > 0).sum().alias("kept"),
                (pl.col("w") ** 2).sum().alias("squares"),
            )
            .collect()
        )
        measures = {}
        for when in ("before", "after"):
            found = cells.select(f"{when}_t", f"{when}_c").to_numpy()
            found = found[found.sum(axis=1) > 0]
            shares = found / found.sum(axis=0)
            measures[when] = (np.abs(shares[:, 0] - shares[:, 1]).sum() / 2, (found > 0).all(axis=1).mean())
    total = float(cells["after_t"].sum() + cells["after_c"].sum())
    answer = _answer(int(cells["kept"].sum()), total, float(cells["squares"].sum()), measures)
    return {"stages": watch.stages, "answer": answer}


def causalmatch(path: str) -> dict[str, Any]:
    """Match by bands that are handed over ready-made; it measures no balance, and its weights are of another scale."""
    import pandas as pd  # noqa: PLC0415 - only this case pays for it
    from causalmatch.matching import matching  # noqa: PLC0415

    watch = Stopwatch()
    with watch.stage("matching"), redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = pd.read_parquet(path)
        for name, cuts in BANDS.items():
            rows[f"{name}_band"] = np.searchsorted(cuts, rows[name])
        given = rows[STRATA].astype(str).astype(object).assign(pilot=rows["pilot"], row=rows.index)
        match = matching(data=given, T="pilot", X=STRATA, id="row")
        match.cem()
    # under pandas 3 its own list of matched rows holds every row, for it assigns to copies; its counts are right
    both = (match.data["bin_cnt_control"] > 0) & (match.data["bin_cnt_treatment"] > 0)
    return {"stages": watch.stages, "answer": {"matched rows": int(both.sum())}}


if __name__ == "__main__":
    case_asked({"pandas": pandas, "polars": polars, "causalmatch": causalmatch})
