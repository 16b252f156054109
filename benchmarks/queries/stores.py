"""Give DuckDB connections on the same tables in three forms: warehouse, plain Parquet, JSON files.

All of them have the tables of the warehouse and the view `labels` under the same names, so that one SQL
text asks all.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from labelhouse.lake.engine import attach_copy, connect_engine, data_of
from labelhouse.schema.warehouse_tables import CATEGORIES, DOCUMENT_TABLES, Table
from labelhouse.sql_quoting import quote_identifier, quote_literal
from labelhouse.warehouse_layout import CATALOG

from benchmarks.inputs.grow import ROOT

TABLES = (*DOCUMENT_TABLES, CATEGORIES)
PEERS = Path(__file__).absolute().parents[1] / "compare" / "peers"
_COPY = re.compile(r"copy \((.*?)\) to '(\w+)\.parquet' \(.*?\);", re.DOTALL)


def warehouse_connection(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection on a warehouse."""
    connection = connect_engine()
    attach_copy(connection, folder, data_of(folder), folder / CATALOG)
    return _prepared(connection, memory)


def parquet_connection(files: Mapping[str, Sequence[Path]], memory: str) -> duckdb.DuckDBPyConnection:
    """Return a connection on Parquet files by table; a table without files is empty."""
    connection = duckdb.connect()
    for table in TABLES:
        paths = files.get(table.name, ())
        if paths:
            literals = ", ".join(quote_literal(str(path)) for path in paths)
            source = f"from read_parquet([{literals}])"
            connection.execute(f"create view {table.name} as {source}")
        else:
            connection.execute(_empty_table(table))
    connection.execute(_labels_view())
    return _prepared(connection, memory)


def json_connection(sources: Sequence[Path], memory: str) -> duckdb.DuckDBPyConnection:
    """Return a connection whose tables are views on JSON files, which every question reads again.

    Records are read as JSON and cast, as the contender of the comparison does, since real exports are
    of mixed types. Columns that only a warehouse has are null, except for ingest_id.
    """
    connection = duckdb.connect()
    variables = {
        "sources": [str(source.absolute()) for source in sources],
        "name": sources[0].name,
        "project": "default",
        "object_bytes": max(16 << 20, *(source.stat().st_size + 1 for source in sources)),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    script = (PEERS / "duckdb_json.sql").read_text(encoding="utf-8")
    script = script.replace("create temp table", "create temp view").replace("drop table exports;", "")
    connection.execute(script)
    made = (PEERS / "duckdb_copy.sql").read_text(encoding="utf-8")
    bodies = {name: body for body, name in _COPY.findall(made)}
    for table in TABLES:
        if table.name not in bodies:
            connection.execute(_empty_table(table))
            continue
        connection.execute(f"create temp view json_{table.name} as {bodies[table.name]}")
        present = {row[0] for row in connection.execute(f"describe json_{table.name}").fetchall()}
        # All that is read counts as one night.
        absent = {"ingest_id": "'one night'"}
        columns = ", ".join(
            quote_identifier(c.name)
            if c.name in present
            else f"{absent.get(c.name, 'null')}::{c.sql_type} as {quote_identifier(c.name)}"
            for c in table.columns
        )
        connection.execute(f"create view {table.name} as select {columns} from json_{table.name}")
    connection.execute(_labels_view())
    return _prepared(connection, memory)


def plain_parquet(warehouse: Path, folder: Path, memory: str) -> dict[str, list[Path]]:
    """Copy a warehouse's tables to Parquet with DuckDB's default settings, a file a table; keeps them."""
    files = {table.name: [folder / f"{table.name}.parquet"] for table in TABLES}
    if not folder.is_dir():
        partial = folder.with_name(folder.name + ".tmp")
        partial.mkdir(parents=True, exist_ok=True)
        connection = warehouse_connection(warehouse, memory)
        for table in TABLES:
            target = quote_literal(str(partial / f"{table.name}.parquet"))
            connection.execute(f"copy (from {table.name}) to {target} (format parquet)")
        connection.close()
        partial.rename(folder)
    return files


def _prepared(connection: duckdb.DuckDBPyConnection, memory: str) -> duckdb.DuckDBPyConnection:
    """Set what questions need: a bound on memory, and one document and image to ask for."""
    connection.execute(f"SET memory_limit = {quote_literal(memory)}")
    for name, query in {
        "document_key": "select max(document_key) from documents",
        "file_name": "select max(file_name) from labels",
    }.items():
        [value] = connection.execute(query).fetchone() or (None,)
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    return connection


def _labels_view() -> str:
    return (ROOT / "sql" / "views" / "labels.sql").read_text(encoding="utf-8")


def _empty_table(table: Table) -> str:
    columns = ", ".join(f"{quote_identifier(c.name)} {c.sql_type}" for c in table.columns)
    return f"create table {table.name} ({columns})"
