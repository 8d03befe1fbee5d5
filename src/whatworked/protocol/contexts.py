"""What else is known of areas by period: covariates of areas in a protocol."""

from typing import Literal

from pydantic import Field

from whatworked.protocol.stretches import CalendarPeriods, ListedPeriod
from whatworked.protocol.strict import Key, Label, Strict


class AreaCovariate(Strict):
    """One covariate of areas: where its values stand, and how it enters a model."""

    column: str | None = Field(
        default=None, description="Column with the value, in a table with a row for each area and period."
    )
    wide: dict[str, str] = Field(
        default={}, description="For a table with a column a period: label of the period → name of the column."
    )
    scale: Literal["z", "as_is"] = Field(
        default="z",
        description="`z`: minus the mean, over the standard deviation of the question's areas and periods; `as_is` for "
        "ratings and counts of projects.",
    )
    gaps: Literal["interpolate", "carry_forward"] = Field(
        default="interpolate",
        description="A missing value: on the straight line between its neighbours, the nearest at both ends; or the "
        "last one before it (`carry_forward`, for ratings), the first where there is none before.",
    )


class ContextColumns(Strict):
    """Which column of a table of covariates holds the area, and which the period."""

    area: str = Field(description="Column with the code of the area.")
    period: str | None = Field(default=None, description="Column with the label of the period (long tables).")


class AreaCovariates(Strict):
    """A table of areas by periods with covariates: what may explain an outcome beside the programme."""

    kind: Literal["area_covariates"] = Field(description="Covariates of areas by periods.")
    path: str = Field(description="CSV or Parquet file inside the study's folder or the folder given by `--data`.")
    columns: ContextColumns = Field(description="Which column holds the area, and which the period.")
    covariates: dict[Key, AreaCovariate] = Field(min_length=1, description="The covariates, each under its name.")
    keep: dict[str, str | tuple[str, ...]] = Field(
        default={}, description="Rows to keep: column → the value, or the list of values, to keep."
    )
    period: CalendarPeriods | tuple[ListedPeriod, ...] = Field(
        description="The periods, the same as those of the outcomes that the covariates stand beside."
    )
    source: Label = Field(description="Attribution of the file.")
    encoding: Literal["utf-8", "utf-16", "latin-1"] = Field(default="utf-8", description="Encoding of a CSV file.")
    duplicates: Literal["refuse", "keep_identical"] = Field(
        default="refuse",
        description="Two rows for one area and period: `refuse`, or `keep_identical` to count equal rows once.",
    )
    blank_areas: Literal["refuse", "leave_out"] = Field(
        default="refuse",
        description="Rows without an area code (often national or regional totals): `refuse`, or `leave_out`, counted.",
    )
