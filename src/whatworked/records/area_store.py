"""An area series that was read before is not read again: the artefact of the file, the mapping and the code."""

from datetime import date
from pathlib import Path
from typing import Any, cast

from whatworked.engine.interface import Engine, ParquetSource
from whatworked.engine.sql import Query, identifier
from whatworked.engine.store import Json, Store, file_digest
from whatworked.errors import RecordsError
from whatworked.protocol.model import AreaSeries, Study
from whatworked.records.area_series import AreaTable, read_area_series
from whatworked.records.quality import QualityNote, Step
from whatworked.version import __version__
from whatworked.vocabulary import Period


def stored_area_series(
    engine: Engine, store: Store, name: str, series: AreaSeries, *, path: Path, study: Study
) -> tuple[AreaTable, str]:
    """Return an area series and the key of its artefact, reading the file only where the artefact is not there.

    The table is a Parquet file, what was counted on the way a JSON file beside it, written last: with it the
    artefact is whole.
    """
    fragment: Json = {
        "series": series.model_dump(mode="json"),
        "study": study.model_dump(mode="json", include={"data_start", "data_end"}),
    }
    key = store.key("area_series", code=__version__, fragment=fragment, inputs=[file_digest(path)])
    table_name = f"stored_{name}"
    if store.load_json(key) is None or not registered(engine, table_name, store.path(key)):
        table = read_area_series(engine, name, series, path=path, study=study)
        engine.materialise(table.query, to=store.path(key))
        store.save_json(key, counted(table))
        engine.register(table_name, ParquetSource(store.path(key)))
    known = cast(dict[str, Any], store.load_json(key))
    query = stored_query(table_name, grain=known["grain"], columns=tuple(known["columns"]))
    return table_of(query, known), key


def registered(engine: Engine, table: str, path: Path) -> bool:
    """Register an artefact and say whether it could be: a damaged or missing one has to be made again."""
    try:
        engine.register(table, ParquetSource(path))
    except RecordsError:
        return False
    return True


def counted(table: AreaTable) -> Json:
    """Return what was counted on the way to a table, and its periods, as JSON."""
    return {
        "columns": list(table.query.columns),
        "grain": table.query.grain,
        "periods": [[p.index, p.label, p.start.isoformat(), p.end.isoformat()] for p in table.periods],
        "flow": [[step.step, step.rule, step.rows, step.left_out] for step in table.flow],
        "quality": [[note.what, note.rows, note.handled] for note in table.quality],
    }


def stored_query(table_name: str, *, grain: str, columns: tuple[str, ...]) -> Query:
    """Return the query of an artefact that is registered as a table."""
    listed = ", ".join(identifier(column) for column in columns)
    return Query(f"SELECT {listed} FROM {identifier(table_name)}", grain=grain, columns=columns)


def table_of(query: Query, counted: dict[str, Any]) -> AreaTable:
    """Return a table with what was counted on the way to it."""
    periods = tuple(
        Period(index, label, date.fromisoformat(start), date.fromisoformat(end))
        for index, label, start, end in counted["periods"]
    )
    flow = tuple(Step(*step) for step in counted["flow"])
    return AreaTable(query, periods, flow, tuple(QualityNote(*note) for note in counted["quality"]))
