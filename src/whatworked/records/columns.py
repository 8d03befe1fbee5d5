"""Whether the columns that the protocol names are in the file."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from whatworked.errors import Mistake, ProtocolError, known
from whatworked.protocol.model import AreaSeries
from whatworked.protocol.places import key_path, quoted

NO_HEADER = (
    "None of the columns that the protocol names is there: check that the first line of the file holds column names."
)


def check_columns(name: str, series: AreaSeries, *, columns: Collection[str], file: str) -> None:
    """Refuse a mapping to columns that the file does not have, all of them at once.

    Raises
    ------
    ProtocolError
        Columns are unknown. If all are, the file's first line may be no header, and is not repeated.
    """
    wanted = list(_wanted(series))
    unknown = [(place, column) for place, column in wanted if column not in columns]
    if not unknown:
        return
    headless = len(unknown) == len(wanted)
    raise ProtocolError(
        Mistake(
            key_path(["records", name, *place]),
            f"{file} has no column {quoted(column)}.",
            f"{NO_HEADER}{_suggestion(column, columns)}" if headless else known(columns, column),
        )
        for place, column in unknown
    )


def _wanted(series: AreaSeries) -> Iterator[tuple[list[str], str]]:
    """Yield each place of the mapping and the column it names."""
    for role in ("area", "period", "value", "name", "numerator", "denominator"):
        column = getattr(series.columns, role)
        if column is not None:
            yield ["columns", role], column
    for column in series.keep:
        yield ["keep", column], column
    for label, column in series.wide.items():
        yield ["wide", label], column


def _suggestion(column: str, columns: Collection[str]) -> str:
    """Return the nearest column name as a question, nothing if none is near."""
    folded = {name.casefold(): name for name in columns}
    near = get_close_matches(column.casefold(), folded, n=1)
    return f' Did you mean "{folded[near[0]]}"?' if near else ""
