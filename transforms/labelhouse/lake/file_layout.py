"""Set how DuckLake writes its own files: as dense as staged ones, sorted, of bounded size."""

import duckdb

from labelhouse.lake.engine import set_option, sort_table
from labelhouse.schema.warehouse_tables import TABLES, Table
from labelhouse.sql_library.statements import statement

TARGET_FILE_BYTES = 128_000_000
"""Smaller files are merged; a merged file is cut at this size, so no merge rewrites more at once."""

#: Options, as they are given and as the catalog keeps them. Version 2 of the data pages brings
#: BYTE_STREAM_SPLIT and DELTA encodings: docs/decisions/0009-maintenance.md has the figures. Each thread
#: holds the rows of a row group while it writes them: those of label_changes take 350 bytes each.
OPTIONS = {
    "parquet_compression": ("zstd", "zstd"),
    "parquet_compression_level": ("3", "3"),
    "parquet_version": ("2", "V2"),
    "parquet_row_group_size": ("24576", "24576"),
    "target_file_size": (f"{TARGET_FILE_BYTES // 1_000_000}MB", str(TARGET_FILE_BYTES)),
}


def is_applied(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the attached catalog has these options and sort orders."""
    return not _missing_options(connection) and not _missing_orders(connection)


def apply_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the options and sort orders that the attached catalog lacks."""
    for name, value in _missing_options(connection):
        set_option(connection, name, value)
    for table in _missing_orders(connection):
        sort_table(connection, table.name, table.sorted_by)


def _missing_options(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    known = dict(connection.execute(statement("lake/file_layout")).fetchall())
    return [(name, value) for name, (value, kept) in OPTIONS.items() if known.get(name) != kept]


def _missing_orders(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    is_sorted = {name for (name,) in connection.execute(statement("lake/sorted_tables")).fetchall()}
    return [table for table in TABLES if table.sorted_by and table.name not in is_sorted]
