"""Records of people in a protocol: a ready-made table of events, or the returns that councils make."""

from typing import Literal

from pydantic import Field

from whatworked.protocol.stretches import CalendarPeriods
from whatworked.protocol.strict import Key, Label, Strict


class EventCovariate(Strict):
    """What is known of a person at an event."""

    column: str = Field(description="The column of the file.")
    kind: Literal["category", "number"] = Field(
        description="`category`: its values are levels, a blank being one of them; `number`: they are numbers."
    )


class EventColumns(Strict):
    """Which column of a table of events holds what."""

    area: str = Field(description="Column with the code of the area.")
    person: str = Field(description="Column with the person's identifier, unique within the area.")
    date: str = Field(description="Column with the day of the event, as 2017-05-01.")
    outcome: str = Field(description="Column with the outcome: a number, 0 and 1 for no and yes.")
    name: str | None = Field(default=None, description="Column with the name of the area.")
    covariates: dict[Key, EventCovariate] = Field(
        default={},
        description='What is known of the person at the event: name → `{ column = "AgeAtReferral", kind = "number" }`.',
    )


class Events(Strict):
    """A ready-made table of people's events: one row an event, with its outcome."""

    kind: Literal["events"] = Field(description="A table with a row for each event of a person.")
    path: str = Field(description="CSV or Parquet file inside the study's folder or the folder given by `--data`.")
    columns: EventColumns = Field(description="Which column holds what.")
    keep: dict[str, str | tuple[str, ...]] = Field(
        default={}, description="Rows to keep: column → the value, or the list of values, to keep."
    )
    period: CalendarPeriods = Field(
        description='Into which periods the events are laid, such as `{ kind = "year", ends = "03-31" }`.'
    )
    unit: Label = Field(description='Unit of the outcome, such as "working days"; "share" for an outcome of 0 and 1.')
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the file.")
    encoding: Literal["utf-8", "utf-16", "latin-1"] = Field(default="utf-8", description="Encoding of a CSV file.")


class CinCensus(Strict):
    """Children in need censuses: one XML file a council and year."""

    kind: Literal["cin_census"] = Field(description="Children in need censuses, as XML.")
    folder: str = Field(description="Folder with the files, in the study's folder or the one given by `--data`.")
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the files.")


class Ssda903(Strict):
    """Returns of looked-after children: one set of CSV files a council and year."""

    kind: Literal["ssda903"] = Field(description="SSDA903 returns, as CSV.")
    folder: str = Field(
        description="Folder that holds a folder an area, and in it a folder a year, such as `867/2019`."
    )
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the files.")


class Npd(Strict):
    """An extract of the National Pupil Database: files of any names, each known by its columns."""

    kind: Literal["npd"] = Field(description="Extract of the National Pupil Database: children in need, care, school.")
    folder: str = Field(
        description="Folder with CSV, Parquet or Stata files, in the study's folder or the one given by `--data`."
    )
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the files.")


class SchoolCensus(Strict):
    """School censuses alone, a row a pupil and year; they link to other returns by the pupil's number."""

    kind: Literal["school_census"] = Field(description="School censuses, as CSV, Parquet or Stata files.")
    folder: str = Field(description="Folder with the files, in the study's folder or the one given by `--data`.")
    source: Label = Field(description="Attribution, printed under every table and figure drawn from the files.")


CouncilReturns = CinCensus | Ssda903 | Npd | SchoolCensus
