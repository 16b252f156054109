"""Tell DuckLake how to write files of its own: as dense as staged ones, sorted, of bounded size."""

import duckdb

from labelhouse.engine import set_option, sort_table
from labelhouse.schema import TABLES
from labelhouse.statements import statement

TARGET_FILE_BYTES = 128_000_000
"""Files below are merged; what is merged is cut at it, so no merge ever rewrites more at once."""

#: Options, as they are given and as the catalog keeps them. Version 2 of the data pages brings
#: BYTE_STREAM_SPLIT and DELTA encodings: docs/decisions/0009-maintenance.md has the figures. Each thread
#: holds the rows of a row group while it is written: those of label_changes weigh 350 bytes each.
OPTIONS = {
    "parquet_compression": ("zstd", "zstd"),
    "parquet_compression_level": ("3", "3"),
    "parquet_version": ("2", "V2"),
    "parquet_row_group_size": ("24576", "24576"),
    "target_file_size": (f"{TARGET_FILE_BYTES // 1_000_000}MB", str(TARGET_FILE_BYTES)),
}


def apply_layout(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the options and sort orders that the attached catalog lacks."""
    known = dict(connection.execute(statement("maintain/layout")).fetchall())
    for name, (value, kept) in OPTIONS.items():
        if known.get(name) != kept:
            set_option(connection, name, value)
    is_sorted = {name for (name,) in connection.execute(statement("maintain/sorted_tables")).fetchall()}
    for table in TABLES:
        if table.sorted_by and table.name not in is_sorted:
            sort_table(connection, table.name, table.sorted_by)
