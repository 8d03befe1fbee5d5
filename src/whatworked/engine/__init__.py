"""Where it runs: portable SQL text, the interface of an engine, DuckDB, and the store of artefacts."""
