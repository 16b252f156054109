"""Compare Parquet layouts: rows and bytes of row groups, sort order, file size, page index.

    python -m benchmarks.parquet.layouts [--annotations 10000000] [--runs 5] [--only staged bytes-64 ...]

Writes the tables of a warehouse of many nights (inputs/repeated_nights.py) again in every layout, with the
encodings of the warehouse. Asks the questions of queries/ of each layout through DuckDB's read_parquet,
warm, in turns. Compares CPU time, which a busy machine affects little. Prints Markdown: size, time to
write, the sum of the questions' medians, and the questions that a layout changes most. Copies are deleted
unless --keep.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from labelhouse.schema.warehouse_tables import ANNOTATIONS, ATTRIBUTES, IMAGES, KEYPOINTS, Table

from benchmarks.inputs.grow import CACHE
from benchmarks.inputs.repeated_nights import nights
from benchmarks.queries.run import Timing, ask, questions
from benchmarks.queries.stores import TABLES, parquet_connection

_LEVEL = 3
_MB = 1 << 20
_BY_IMAGE = (("document_key", "ascending"), ("image_id", "ascending"), ("position", "ascending"))
_BY_CLASS = (("category_id", "ascending"), ("document_key", "ascending"), ("position", "ascending"))
_LARGE = (ANNOTATIONS, IMAGES, KEYPOINTS, ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay tables out; `sorting` is that of annotations."""

    name: str
    says: str
    group_rows: int = 122_880
    group_bytes: int | None = 16 * _MB
    files: Literal["one a night", "four a night", "one"] = "one a night"
    sorting: tuple[tuple[str, str], ...] | None = None
    page_index: bool = False


LAYOUTS = (
    Layout("staged", "as ingests write: 122,880 rows or 16 MiB, a file a night, by position"),
    Layout("rows-61440", "61,440 rows or 16 MiB", group_rows=61_440),
    Layout("rows-245760", "245,760 rows or 16 MiB", group_rows=245_760),
    Layout("bytes-8", "122,880 rows or 8 MiB", group_bytes=8 * _MB),
    Layout("bytes-64", "122,880 rows or 64 MiB", group_bytes=64 * _MB),
    Layout("rows-only", "122,880 rows, no bound of bytes", group_bytes=None),
    Layout("rows-245760-only", "245,760 rows, no bound of bytes", group_rows=245_760, group_bytes=None),
    Layout("by-image", "annotations by document and image", sorting=_BY_IMAGE),
    Layout("by-class", "annotations by class within a night", sorting=_BY_CLASS),
    Layout("files-quarter", "four files a night", files="four a night"),
    Layout("files-joined", "one file for all nights", files="one"),
    Layout("page-index", "with page statistics (column and offset index)", page_index=True),
)


def parts(files: Sequence[Path], layout: Layout, table: Table) -> Iterator[Iterable[pa.Table]]:
    """Yield the row groups of each file that a layout makes of a table's files; holds one of them."""
    if layout.files == "one":
        yield chain.from_iterable(_groups(_rows(path, layout, table), layout) for path in files)
        return
    for path in files:
        data = _rows(path, layout, table)
        rows = max(1, -(-data.num_rows // (4 if layout.files == "four a night" else 1)))
        for start in range(0, data.num_rows, rows):
            yield _groups(data.slice(start, rows), layout)


def _rows(path: Path, layout: Layout, table: Table) -> pa.Table:
    data = pq.read_table(path).select(table.arrow.names).cast(table.arrow)
    return data.sort_by(list(layout.sorting)) if layout.sorting and table is ANNOTATIONS else data


def _groups(data: pa.Table, layout: Layout) -> Iterator[pa.Table]:
    rows = layout.group_rows
    if layout.group_bytes and data.num_rows:
        rows = max(1, min(rows, int(layout.group_bytes * data.num_rows / max(1, data.nbytes))))
    for start in range(0, data.num_rows, rows):
        yield data.slice(start, rows)


def write(layout: Layout, table: Table, files: Sequence[Path], folder: Path) -> list[Path]:
    """Write a table in a layout below `folder`; return its files."""
    written: list[Path] = []
    for groups in parts(files, layout, table):
        written.append(folder / f"{table.name}-{len(written):05d}.parquet")
        with _writer(layout, table, written[-1]) as writer:
            for group in groups:
                writer.write_table(group, row_group_size=group.num_rows)
    return written


def _writer(layout: Layout, table: Table, path: Path) -> pq.ParquetWriter:
    return pq.ParquetWriter(
        path,
        table.arrow,
        compression="zstd",
        compression_level=_LEVEL,
        use_dictionary=[c.name for c in table.columns if c.encoding == "dictionary"],
        column_encoding={c.name: "DELTA_BINARY_PACKED" for c in table.columns if c.encoding == "delta"},
        write_page_checksum=True,
        write_page_index=layout.page_index,
        store_schema=False,
    )


def registered(warehouse: Path) -> dict[str, list[Path]]:
    """Return a warehouse's Parquet files by table, in the order of the nights."""
    return {t.name: sorted((warehouse / "data" / "main" / t.name).glob("*.parquet")) for t in TABLES}


def laid_out(layout: Layout, files: Mapping[str, list[Path]], folder: Path) -> dict[str, list[Path]]:
    """Write the large tables in a layout, and take the small ones as they are."""
    folder.mkdir(parents=True)
    changed = {t.name: write(layout, t, files[t.name], folder) for t in _LARGE if files[t.name]}
    return {**files, **changed}


def markdown(
    layouts: Sequence[Layout],
    sizes: Mapping[str, tuple[float, int, int, float]],
    timings: Mapping[str, Mapping[str, Timing]],
) -> str:
    """Return the report: the layouts beside the first one."""
    first = layouts[0].name
    lines = [
        "| layout | MB | files | row groups | write s | questions, CPU ms | to first | most changed |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for layout in layouts:
        size_mb, files, groups, write_s = sizes[layout.name]
        total = sum(by_layout[layout.name].cpu_ms for by_layout in timings.values())
        ratios = {
            name: by_layout[layout.name].cpu_ms / max(by_layout[first].cpu_ms, 0.1)
            for name, by_layout in timings.items()
        }
        mean = statistics.geometric_mean(max(ratio, 0.01) for ratio in ratios.values())
        changed = sorted(ratios.items(), key=lambda item: item[1])
        extremes = ", ".join(f"{name} {ratio:.2f}" for name, ratio in (*changed[:2], *changed[-2:]))
        lines.append(
            f"| {layout.name}: {layout.says} | {size_mb:,.0f} | {files} | {groups} | {write_s:.1f} "
            f"| {total:,.0f} | {mean:.2f} | {extremes} |"
        )
    return "\n".join(lines) + "\n"


def shape(files: Mapping[str, Sequence[Path]]) -> tuple[float, int, int]:
    """Return MB, files and row groups of the large tables."""
    of_large = [path for table in _LARGE for path in files[table.name]]
    groups = sum(pq.ParquetFile(path).num_row_groups for path in of_large)
    return sum(path.stat().st_size for path in of_large) / 1e6, len(of_large), groups


def main() -> None:
    """Write, ask, print Markdown."""
    parser = argparse.ArgumentParser(description="Compare Parquet layouts.")
    parser.add_argument("inputs", nargs="*", help="what a night is made of, as repeated_nights takes it")
    parser.add_argument("--annotations", type=int, default=10_000_000, help="at least this many")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each question and layout")
    parser.add_argument("--only", nargs="+", choices=[x.name for x in LAYOUTS], help="besides staged")
    parser.add_argument("--questions", nargs="+", default=(), metavar="NAME", help="01 13_near ...")
    parser.add_argument("--memory", default="8GB", help="DuckDB's memory limit")
    parser.add_argument("--keep", action="store_true", help="keep the copies")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    made = nights(options.inputs, options.annotations, options.cache)
    layouts = [x for x in LAYOUTS if x is LAYOUTS[0] or not options.only or x.name in options.only]
    folder = made.warehouse.parent / "layouts"
    shutil.rmtree(folder, ignore_errors=True)
    files = registered(made.warehouse)
    connections, sizes = {}, {}
    for layout in layouts:
        print(f"writing {layout.name}", file=sys.stderr)
        start = time.perf_counter()
        written = laid_out(layout, files, folder / layout.name)
        sizes[layout.name] = (*shape(written), time.perf_counter() - start)
        connections[layout.name] = parquet_connection(written, options.memory)
    timings = ask(
        {name: (connection, options.runs) for name, connection in connections.items()},
        questions(options.questions),
    )
    print(f"## Layouts of {made.annotations:,} annotations of {made.nights} nights\n")
    print(markdown(layouts, sizes, timings))
    if not options.keep:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
