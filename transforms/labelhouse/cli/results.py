"""Write the result of a query as a table, CSV, JSON or Parquet."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from rich.text import Text

from labelhouse.cli.saying import is_terminal
from labelhouse.lake.snapshot_connection import Rows
from labelhouse.printable import printable, printable_json, printable_lines
from labelhouse.texts.csv_lines import csv_line
from labelhouse.texts.long_text import cut

SHOWN_ROWS = 100
CELL_CHARACTERS = 2_000
"""The characters of a value that a table shows; other formats hold all of it."""
_BATCH_ROWS = 10_000
_PLAN_COLUMNS = ["explain_key", "explain_value"]


def write_table(result: Rows, out: BinaryIO) -> None:
    """Write the first SHOWN_ROWS rows for a person, and say if there are more; a plan as it is drawn."""
    if [name for name, _ in _columns(result)] == _PLAN_COLUMNS:
        write_plan(result, out)
        return
    rows = result.fetchmany(SHOWN_ROWS + 1)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, kind in _columns(result):
        right = kind in ("NUMBER", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL")
        table.add_column(Text(printable(name)), justify="right" if right else "left", overflow="fold")
    for row in rows[:SHOWN_ROWS]:
        table.add_row(*(_cell(value) for value in row))
    console = Console(highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
        if len(rows) > SHOWN_ROWS:
            console.print(f"... the first {SHOWN_ROWS} rows; --format csv or json gives them all")
    out.write(captured.get().encode())


def write_plan(result: Rows, out: BinaryIO) -> None:
    """Write what EXPLAIN returns as DuckDB draws it, line by line."""
    for row in _rows(result):
        out.write(f"{printable_lines(str(row[-1])).rstrip()}\n".encode(errors="backslashreplace"))


def write_csv(result: Rows, out: BinaryIO) -> None:
    """Write RFC 4180 CSV with a header; null is empty, lists and structs are JSON.

    It is exact except on a terminal.
    """
    shown = printable_lines if is_terminal(out) else str
    out.write(shown(csv_line([name for name, _ in _columns(result)])).encode())
    for row in _rows(result):
        out.write(shown(csv_line([_plain(value) for value in row])).encode())


def write_json(result: Rows, out: BinaryIO) -> None:
    """Write one JSON array of objects, row by row."""
    names = [name for name, _ in _columns(result)]
    separator = "[\n"
    for row in _rows(result):
        out.write((separator + _json(dict(zip(names, row, strict=True)))).encode())
        separator = ",\n"
    out.write(b"\n]\n" if separator == ",\n" else b"[]\n")


def write_parquet(result: Rows, out: BinaryIO) -> None:
    """Write one Parquet file, compressed with zstd."""
    reader = result.to_arrow_reader(_BATCH_ROWS)
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


WRITERS: Mapping[str, Callable[[Rows, BinaryIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def _columns(result: Rows) -> list[tuple[str, str]]:
    return [(column[0], str(column[1])) for column in result.description or []]


def _rows(result: Rows) -> Iterator[tuple[object, ...]]:
    while rows := result.fetchmany(_BATCH_ROWS):
        yield from rows


def _cell(value: object) -> Text:
    if value is None:
        return Text("NULL", style="dim")
    return Text(printable(cut(value if isinstance(value, str) else _shown(value), CELL_CHARACTERS)))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return _json(value) if isinstance(value, list | dict) else str(value)


def _plain(value: object) -> object:
    if isinstance(value, list | dict):
        return _json(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, bool) else value


def _json(value: object) -> str:
    return printable_json(json.dumps(value, ensure_ascii=False, default=_plain_json))


def _plain_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
