"""Any table of records that a protocol names, read through the artefacts of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from whatworked.engine.interface import Engine, ParquetSource
from whatworked.engine.store import Json, Store, file_digest
from whatworked.protocol.model import AreaSeries, Study
from whatworked.protocol.people import Events
from whatworked.records.area_series import AreaTable, read_area_series
from whatworked.records.area_store import counted, registered, stored_area_series, stored_query, table_of
from whatworked.records.events import EventTable, read_events, series_of
from whatworked.version import __version__


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A table of records: its series by area and period, the people's events behind it, the key of its artefact."""

    series: AreaTable
    events: EventTable | None = None
    key: str = ""


def read_source(
    engine: Engine, store: Store | None, name: str, source: AreaSeries | Events, *, path: Path, study: Study
) -> SourceRead:
    """Read a table of records; with a store, only where its artefact is not there."""
    if isinstance(source, Events):
        events, key = _events(engine, store, name, source, path=path, study=study)
        return SourceRead(events.series, events, key)
    if store is None:
        return SourceRead(read_area_series(engine, name, source, path=path, study=study))
    series, key = stored_area_series(engine, store, name, source, path=path, study=study)
    return SourceRead(series, key=key)


def _events(
    engine: Engine, store: Store | None, name: str, source: Events, *, path: Path, study: Study
) -> tuple[EventTable, str]:
    if store is None:
        return read_events(engine, name, source, path=path, study=study), ""
    fragment: Json = {
        "events": source.model_dump(mode="json"),
        "study": study.model_dump(mode="json", include={"data_start", "data_end"}),
    }
    key = store.key("events", code=__version__, fragment=fragment, inputs=[file_digest(path)])
    table_name = f"stored_{name}"
    if store.load_json(key) is None or not registered(engine, table_name, store.path(key)):
        read = read_events(engine, name, source, path=path, study=study)
        engine.materialise(read.query, to=store.path(key))
        facts: Json = {"scale": read.scale, "columns": list(read.query.columns), "series": counted(read.series)}
        store.save_json(key, facts)
        engine.register(table_name, ParquetSource(store.path(key)))
    known = cast(dict[str, Any], store.load_json(key))
    query = stored_query(table_name, grain="event", columns=tuple(known["columns"]))
    scale = int(known["scale"])
    return EventTable(query, scale, table_of(series_of(query, scale), known["series"])), key
