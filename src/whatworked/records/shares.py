"""An outcome that the protocol calls a share is one: between 0 and 1."""

from whatworked.engine.interface import Engine
from whatworked.engine.sql import Query
from whatworked.errors import Mistake, RecordsError
from whatworked.records.quality import counted
from whatworked.vocabulary import SHARE


def refuse_no_share(engine: Engine, rows: Query, column: str, *, unit: str, where: str) -> None:
    """Refuse outcomes below 0 or above 1 of which the protocol says that they are shares.

    Parameters
    ----------
    engine : runs the query
    rows : hold the outcomes
    column : holds them
    unit : of the outcomes, as the protocol has it
    where : the file and its column, for the message

    Raises
    ------
    RecordsError
        Some outcome is no share; how many is told, and none of them.
    """
    if unit != SHARE:
        return
    text = f"SELECT COUNT(CASE WHEN {column} < 0 OR {column} > 1 THEN 1 END) AS outside FROM {rows} AS outcomes"
    outside = int(engine.collect(Query(text, grain="file", columns=("outside",)))["outside"][0])
    if outside:
        found = f"{counted(outside, 'value')} below 0 or above 1, of which `unit` says that it is a share."
        raise RecordsError(Mistake(where, found, "Look at these rows, or write the unit that they have: percentages?"))
