"""A second implementation of the engine's SQL, and the first one writing down what it is asked."""

import datafusion
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from whatworked.engine.csv_file import column_names
from whatworked.engine.duckdb import DuckDBEngine
from whatworked.engine.interface import CsvSource, ParquetSource
from whatworked.engine.sql import identifier


class DataFusionEngine:
    """As much of an engine as a study of area series needs, on another implementation of SQL."""

    dialect = "datafusion"

    def __init__(self):
        self.context = datafusion.SessionContext()

    def register(self, name, source):
        self.context.deregister_table(name)
        if isinstance(source, CsvSource):
            schema = pa.schema([(column, pa.string()) for column in column_names(source)])
            self.context.register_csv(name, str(source.path), schema=schema, has_header=True)
        else:
            self.context.register_parquet(name, str(source.path))

    def materialise(self, query, *, to):
        pq.write_table(self.context.sql(query.text).to_arrow_table(), to)
        return ParquetSource(to)

    def schema(self, table):
        return {field.name: str(field.type) for field in self.context.table(table).schema()}

    def collect(self, query, *, limit=1_000_000):
        order = ", ".join(f"{identifier(column)} NULLS LAST" for column in query.columns)
        found = self.context.sql(f"SELECT * FROM {query} AS result ORDER BY {order}").to_arrow_table()
        assert tuple(found.column_names) == query.columns
        assert found.num_rows <= limit
        return {name: self._array(found.column(name).combine_chunks()) for name in query.columns}

    @staticmethod
    def _array(column):
        values = column.to_pylist()
        if pa.types.is_floating(column.type):
            return np.array([np.nan if value is None else value for value in values], dtype=float)
        if pa.types.is_integer(column.type):
            plain = np.array([0 if value is None else value for value in values], dtype=np.int64)
            return np.ma.MaskedArray(plain, [value is None for value in values]) if None in values else plain
        return np.array(values, dtype=object)


class Recording(DuckDBEngine):
    """DuckDB, writing down every query that it is given."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.queries = []

    def collect(self, query, **kwargs):
        self.queries.append(query)
        return super().collect(query, **kwargs)
