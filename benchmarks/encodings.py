"""Measure Parquet encodings column by column: size, time to write, time to read."""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from labelhouse.parquet import ROW_GROUP_ROWS
from labelhouse.parse import ParseTask, stage_source
from labelhouse.schema import ANNOTATIONS, ATTRIBUTES, IMAGES, KEYPOINTS, Column, Table

SHOWN_BYTES = 50_000
REPEATS = 3


def main() -> None:
    """Print a Markdown table for each export."""
    parser = argparse.ArgumentParser(description="Measure Parquet encodings column by column.")
    parser.add_argument("exports", nargs="+", help="exports to take the columns from")
    for export in parser.parse_args().exports:
        print(f"\n## {Path(export).name}\n")
        print("| column | now | encoding | zstd | kB | write ms | read ms |")
        print("|---|---|---|--:|--:|--:|--:|")
        with tempfile.TemporaryDirectory() as folder:
            measure_export(export, Path(folder))


def measure_export(export: str, folder: Path) -> None:
    """Print a line for every encoding of every column of some size."""
    task = ParseTask(export, export, "export", "default", "id", 1, str(folder))
    files = stage_source(task).files
    for table in (ANNOTATIONS, KEYPOINTS, IMAGES, ATTRIBUTES):
        paths = [file.path for file in files if file.table == table.name]
        if paths:
            rows = pa.concat_tables([pq.read_table(path) for path in paths])
            for column in table.columns:
                measure_column(table, column, rows.select([column.name]), folder / "column.parquet")


def measure_column(table: Table, column: Column, values: pa.Table, path: Path) -> None:
    """Print a line for every encoding that the column's type allows."""
    lines = []
    for encoding in encodings(column):
        for level in (1, 3, 6):
            size, write_s, read_s = measure(column, values, encoding, level, path)
            lines.append((size, encoding, level, write_s, read_s))
    if max(lines)[0] < SHOWN_BYTES:
        return
    for size, encoding, level, write_s, read_s in sorted(lines):
        print(
            f"| {table.name}.{column.name} | {column.encoding} | {encoding} | {level} "
            f"| {size / 1e3:,.0f} | {write_s * 1e3:.0f} | {read_s * 1e3:.0f} |"
        )


def encodings(column: Column) -> list[str]:
    """Return the encodings that Parquet has for the column's type."""
    leaf = column.type
    while pa.types.is_list(leaf):
        leaf = leaf.value_type
    found = ["plain", "dictionary"]
    if pa.types.is_floating(leaf):
        found.append("BYTE_STREAM_SPLIT")
    if pa.types.is_integer(column.type):
        found.append("DELTA_BINARY_PACKED")
    return found


def measure(
    column: Column, values: pa.Table, encoding: str, level: int, path: Path
) -> tuple[int, float, float]:
    """Return bytes, and median seconds to write and to read."""
    leaf, kind = column.name, column.type
    while pa.types.is_list(kind):
        leaf, kind = leaf + ".list.element", kind.value_type
    writes, reads = [], []
    for _ in range(REPEATS):
        started = time.perf_counter()
        pq.write_table(
            values,
            path,
            row_group_size=ROW_GROUP_ROWS,
            compression="zstd",
            compression_level=level,
            use_dictionary=encoding == "dictionary",
            column_encoding={leaf: encoding} if encoding.isupper() else None,
            store_schema=False,
        )
        writes.append(time.perf_counter() - started)
        started = time.perf_counter()
        pq.read_table(path)
        reads.append(time.perf_counter() - started)
    return path.stat().st_size, statistics.median(writes), statistics.median(reads)


if __name__ == "__main__":
    main()
