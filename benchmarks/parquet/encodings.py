"""Measure Parquet encodings, zstd levels and row-group sizes on the real tables of large exports.

    python -m benchmarks.parquet.encodings [instances] [list] [units] [FILE ...] [--runs 3]

The tables are those that Labelhouse stages from the exports, together. Each column is written on its own
in every encoding of its type, then whole tables at several levels and row-group sizes with the
encodings that the schema names today. Sizes are exact; times are medians of runs taken in turns, and
reading is DuckDB on one thread handing out every row as Arrow.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from labelhouse.schema.arrow_types import arrow_type
from labelhouse.schema.warehouse_tables import STAGED_TABLES, Column, Table

from benchmarks.harness.stage_once import stage_once
from benchmarks.inputs.grow import CACHE, grown, source_of

LEVELS = (1, 3, 6, 9)
ROW_GROUPS = (32_768, 122_880, 500_000)
LEVEL = 3
ROW_GROUP_ROWS = 122_880
_KB = 1000
# What a column of a type may be written in, by the names that the schema uses and those it does not.
_PARQUET = {
    "delta": "DELTA_BINARY_PACKED",
    "byte_stream_split": "BYTE_STREAM_SPLIT",
    "delta_strings": "DELTA_BYTE_ARRAY",
    "delta_lengths": "DELTA_LENGTH_BYTE_ARRAY",
}


@dataclass(slots=True)
class Way:
    """One way to write a table, and what it took: bytes, and seconds a run."""

    name: str
    level: int
    encodings: Mapping[str, str]
    row_group_rows: int = ROW_GROUP_ROWS
    bytes: int = 0
    write_s: list[float] = field(default_factory=list)
    read_s: list[float] = field(default_factory=list)
    lookup_s: list[float] = field(default_factory=list)

    def write(self, data: pa.Table, path: Path) -> None:
        """Write the table once."""
        leaves = {_leaf(n, data.schema.field(n).type): code for n, code in self.encodings.items()}
        start = time.perf_counter()
        pq.write_table(
            data,
            path,
            compression="zstd",
            compression_level=self.level,
            row_group_size=self.row_group_rows,
            use_dictionary=[leaf for leaf, code in leaves.items() if code == "dictionary"],
            column_encoding={leaf: _PARQUET[code] for leaf, code in leaves.items() if code in _PARQUET},
            write_page_checksum=True,
            store_schema=False,
        )
        self.write_s.append(time.perf_counter() - start)
        self.bytes = path.stat().st_size


def measured(data: pa.Table, ways: Sequence[Way], runs: int) -> Sequence[Way]:
    """Write and read a table in every way, `runs` times in turns."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        for _ in range(runs):
            for number, way in enumerate(ways):
                path = Path(folder, f"{number}.parquet")
                way.write(data, path)
                everything = connection.read_parquet(str(path))
                way.read_s.append(_drained(everything, data.num_rows))
                if "document_key" in data.column_names:
                    key = pc.max(data["document_key"]).as_py()
                    wanted = duckdb.ColumnExpression("document_key") == duckdb.ConstantExpression(key)
                    row_count = pc.sum(pc.equal(data["document_key"], key)).as_py()
                    way.lookup_s.append(_drained(everything.filter(wanted), row_count))
    return ways


def _drained(relation: duckdb.DuckDBPyRelation, rows: int) -> float:
    start = time.perf_counter()
    row_count = sum(batch.num_rows for batch in relation.to_arrow_reader())
    seconds = time.perf_counter() - start
    if row_count != rows:
        raise RuntimeError(f"{row_count} rows were read back instead of {rows}")
    return seconds


def staged_tables(sources: Sequence[Path], cache: Path) -> dict[Table, pa.Table]:
    """Return the tables that Labelhouse makes of the sources, one below the other."""
    by_table: dict[Table, list[pa.Table]] = {table: [] for table in STAGED_TABLES}
    for source in sources:
        with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
            stage_once(source, Path(folder))
            for table, parts in by_table.items():
                for path in sorted(Path(folder).glob(f"*-{table.name}-*.parquet")):
                    parts.append(pq.read_table(path))
    return {table: pa.concat_tables(parts) for table, parts in by_table.items() if parts}


def encodings_of(column: Column) -> tuple[str, ...]:
    """Return the encodings to try for a column."""
    kind = arrow_type(column.sql_type)
    while pa.types.is_list(kind):
        kind = kind.value_type
    if pa.types.is_floating(kind):
        return ("plain", "dictionary", "byte_stream_split")
    if pa.types.is_integer(kind):
        # BYTE_STREAM_SPLIT of integers is Parquet too, but DuckDB 1.5 does not read it.
        return ("plain", "dictionary", "delta")
    if pa.types.is_string(kind):
        return ("plain", "dictionary", "delta_strings", "delta_lengths")
    return ("plain",)


def _leaf(name: str, kind: pa.DataType) -> str:
    return _leaf(name + ".list.element", kind.value_type) if pa.types.is_list(kind) else name


def column_report(tables: Mapping[Table, pa.Table], runs: int) -> Iterator[str]:
    """Yield a table of every column in every encoding at LEVEL, its best and what that saves."""
    codes = ("plain", "dictionary", "delta", "byte_stream_split", "delta_strings", "delta_lengths")
    yield f"## Columns, zstd {LEVEL}: kB, and ms to write + read"
    yield ""
    yield f"| column | values | today | {' | '.join(codes)} | best | saves kB |"
    yield "|---|--:|---|" + "--:|" * len(codes) + "---|--:|"
    for table, data in tables.items():
        for column in table.columns:
            tried = encodings_of(column)
            alone = data.select([column.name])
            if len(tried) == 1 or alone[0].null_count == len(alone):
                continue
            ways = {code: Way(code, LEVEL, {column.name: code}) for code in tried}
            measured(alone, list(ways.values()), runs)
            best = min(ways.values(), key=lambda way: way.bytes)
            saved = (ways[column.encoding].bytes - best.bytes) / _KB
            cells = [_cell(ways[code], code == best.name) if code in ways else "" for code in codes]
            yield (
                f"| `{table.name}.{column.name}` | {len(alone) - alone[0].null_count:,} "
                f"| {column.encoding} | {' | '.join(cells)} | {best.name} "
                f"| {saved:,.1f} |"
            )


def _cell(way: Way, is_best: bool) -> str:
    size = f"{way.bytes / _KB:,.1f}"
    times = f"{_ms(way.write_s)} + {_ms(way.read_s)}"
    return f"**{size}** ({times})" if is_best else f"{size} ({times})"


def level_report(tables: Mapping[Table, pa.Table], runs: int) -> Iterator[str]:
    """Yield the coordinate columns in every encoding at several levels, and whole tables at them."""
    yield "## zstd levels: kB, and ms to write + read"
    yield ""
    yield f"| what | encoding | {' | '.join(f'zstd {level}' for level in LEVELS)} |"
    yield "|---|---|" + "--:|" * len(LEVELS)
    for table, data in tables.items():
        for column in table.columns:
            alone = data.select([column.name])
            if "byte_stream_split" not in encodings_of(column) or alone[0].null_count == len(alone):
                continue
            for code in encodings_of(column):
                ways = [Way(code, level, {column.name: code}) for level in LEVELS]
                yield _level_row(f"`{table.name}.{column.name}`", measured(alone, ways, runs))
    for table, data in tables.items():
        today = {column.name: column.encoding for column in table.columns}
        ways = [Way("as the schema says", level, today) for level in LEVELS]
        yield _level_row(f"**{table.name}**", measured(data, ways, runs))


def _level_row(what: str, ways: Sequence[Way]) -> str:
    smallest = min(ways, key=lambda way: way.bytes)
    cells = " | ".join(_cell(way, way is smallest) for way in ways)
    return f"| {what} | {ways[0].name} | {cells} |"


def row_group_report(tables: Mapping[Table, pa.Table], runs: int) -> Iterator[str]:
    """Yield whole tables in several row-group sizes."""
    yield f"## Row groups, zstd {LEVEL}, encodings of the schema"
    yield ""
    yield "| table | rows | rows a group | groups | kB | ms to write | ms to read | ms for one document |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for table, data in tables.items():
        if len(data) <= min(ROW_GROUPS):
            continue
        today = {column.name: column.encoding for column in table.columns}
        ways = [Way(str(rows), LEVEL, today, rows) for rows in ROW_GROUPS]
        for way in measured(data, ways, runs):
            groups = -(-len(data) // way.row_group_rows)
            lookup = _ms(way.lookup_s) if way.lookup_s else ""
            yield (
                f"| {table.name} | {len(data):,} | {way.row_group_rows:,} | {groups} "
                f"| {way.bytes / _KB:,.0f} | {_ms(way.write_s)} | {_ms(way.read_s)} | {lookup} |"
            )


def _ms(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:,.0f}"


REPORTS: Mapping[str, Callable[[Mapping[Table, pa.Table], int], Iterator[str]]] = {
    "columns": column_report,
    "levels": level_report,
    "row-groups": row_group_report,
}


def main() -> None:
    """Measure and print the reports."""
    parser = argparse.ArgumentParser(description="Measure Parquet encodings on real tables.")
    parser.add_argument(
        "inputs", nargs="*", default=("instances", "list"), help="instances, list, units, or files"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each way, taken in turns")
    parser.add_argument("--only", choices=REPORTS, help="one report instead of all")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        sources = [grown(source_of(name, options.cache), 1, options.cache) for name in options.inputs]
    except FileNotFoundError as error:
        sys.exit(str(error))
    tables = staged_tables(sources, options.cache)
    print(f"# Parquet: {', '.join(path.stem for path in sources)}")
    for name, report in REPORTS.items():
        if options.only in (None, name):
            print()
            for line in report(tables, options.runs):
                print(line, flush=True)


if __name__ == "__main__":
    main()
