"""Areas that were reorganised: records under a former code are laid to the area that it became, as the study says.

Identifiers of people hold within an area. Where several areas became one, a person's identifier is told apart by the
former code, so that nobody is taken for somebody else; a code that only changed keeps its people's identifiers.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from whatworked.engine.sql import Query, literal
from whatworked.records.events import EventTable, series_of

Successors = Mapping[str, str]


def joined_tables(tables: Mapping[str, Query], successors: Successors) -> dict[str, Query]:
    """Return canonical tables by name, their areas and children as they are after the reorganisation."""
    return {name: joined(query, successors, person="child") for name, query in tables.items()}


def joined_events(events: EventTable, successors: Successors) -> EventTable:
    """Return people's events with their areas as they are after the reorganisation, and the series made of them."""
    if not successors:
        return events
    query = joined(events.query, successors, person="person")
    return replace(events, query=query, series=replace(events.series, query=series_of(query, events.scale)))


def joined(rows: Query, successors: Successors, *, person: str) -> Query:
    """Return rows with `area`, and the identifier of the `person` where they have one, laid to the successors."""
    if not successors or "area" not in rows.columns:
        return rows
    areas = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in successors.items())
    named = {"area": f"CASE area {areas} ELSE area END", person: _persons(successors, person)}
    selected = ", ".join(f"{named.get(column, column)} AS {column}" for column in rows.columns)
    return Query(f"SELECT {selected} FROM {rows} AS of_former_areas", grain=rows.grain, columns=rows.columns)


def _persons(successors: Successors, person: str) -> str:
    """Return the expression of an identifier that stays one person's where several areas became one."""
    merged = {new for new, count in Counter(successors.values()).items() if count > 1}
    arms = " ".join(
        f"WHEN {literal(old)} THEN {literal(f'{old}/')} || {person}" for old, new in successors.items() if new in merged
    )
    return f"CASE area {arms} ELSE {person} END" if arms else person
