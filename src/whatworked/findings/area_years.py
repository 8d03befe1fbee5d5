"""What was filled in the covariates of areas, as rows of what was found in the records."""

from whatworked.estimation.area_years import AreaYears
from whatworked.findings.model import QualityRow


def filling_rows(known: AreaYears) -> tuple[QualityRow, ...]:
    """Say of every covariate of areas how many area periods were filled by which rule, and which covariates left."""
    rows = [
        QualityRow(f"{one.name}: area periods without a value", count, handled)
        for one in known.filled
        for count, handled in (
            (one.interpolated, "interpolated between two known periods"),
            (one.nearest, "taken from the nearest known period"),
            (one.carried_forward, "carried forward from the period before"),
            (one.carried_back, "taken from the first known period"),
        )
        if count
    ]
    rows += [QualityRow(f"{one.name} is left out of the model: {one.reason}", 0, "left out") for one in known.left_out]
    return tuple(rows)
