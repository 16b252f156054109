"""Write the result of a query as a table, CSV, JSON or Parquet."""

import difflib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from labelhouse.cli.layout import fitting_lines, folded, terminal_width, whole_lines
from labelhouse.cli.saying import is_terminal
from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import ResultRows
from labelhouse.printable import printable, printable_json, printable_lines
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.csv_lines import csv_line

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN_ROWS = 100
_ALIGNED_ROWS = 1_000
"""As many rows decide how wide the columns of a file or a pipe are."""
_BATCH_ROWS = 10_000
_NAMED_COLUMNS = 20
_PLAN_COLUMNS = ["explain_key", "explain_value"]


def write_table(
    result: ResultRows,
    out: BinaryIO,
    *,
    is_wide: bool = False,
    as_records: bool = True,
    most: int | None = None,
) -> None:
    """Write rows for a person, at most `most`; a plan as it is drawn.

    A terminal gets the first SHOWN_ROWS rows, of which it shows what fits unless `is_wide`, and a line if
    there are more. A file or a pipe gets all rows, columns and values.
    """
    names = [name for name, _ in _columns(result)]
    if names == _PLAN_COLUMNS:
        write_plan(result, out)
        return
    shown_names = [printable(name) for name in names]
    if not is_terminal(out):
        for line in whole_lines(
            shown_names, _batches(result) if most is None else [result.fetchmany(most)]
        ):
            out.write(f"{line}\n".encode())
        return
    limit = SHOWN_ROWS if most is None else most
    rows = result.fetchmany(limit + 1)
    width = terminal_width()
    shown = rows[:limit]
    lines = (
        whole_lines(shown_names, [shown])
        if is_wide
        else fitting_lines(shown_names, shown, width, as_records=as_records)
    )
    for place, line in enumerate(lines):
        out.write(f"{_bold(line) if place == 0 else line}\n".encode())
    if len(rows) > limit:
        more = f"... the first {limit} rows; --format csv or json gives them all"
        for line in folded(more, width):
            out.write(f"{line}\n".encode())
    out.flush()


def _bold(line: str) -> str:
    """Return a line in bold where the terminal's user has not turned that off."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return line
    return f"\x1b[1m{line}\x1b[0m"


def write_plan(result: ResultRows, out: BinaryIO) -> None:
    """Write what EXPLAIN returns as DuckDB draws it, line by line."""
    for row in _rows(result):
        out.write(f"{printable_lines(str(row[-1])).rstrip()}\n".encode(errors="backslashreplace"))


def write_csv(result: ResultRows, out: BinaryIO) -> None:
    """Write RFC 4180 CSV with a header; null is empty, lists and structs are JSON.

    It is exact except on a terminal.
    """
    shown = printable_lines if is_terminal(out) else str
    out.write(shown(csv_line([name for name, _ in _columns(result)])).encode())
    for row in _rows(result):
        out.write(shown(csv_line([_plain(value) for value in row])).encode())


def write_json(result: ResultRows, out: BinaryIO) -> None:
    """Write one JSON array of objects, row by row."""
    names = [name for name, _ in _columns(result)]
    separator = "[\n"
    for row in _rows(result):
        out.write((separator + _json(dict(zip(names, row, strict=True)))).encode())
        separator = ",\n"
    out.write(b"\n]\n" if separator == ",\n" else b"[]\n")


def write_parquet(result: ResultRows, out: BinaryIO) -> None:
    """Write one Parquet file, compressed with zstd."""
    # Imported here because the other formats need no Arrow.
    import pyarrow.parquet as pq

    reader = result.to_arrow_reader(_BATCH_ROWS)
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


WRITERS: Mapping[str, Callable[[ResultRows, BinaryIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}


def write_rows(
    result: ResultRows, out: BinaryIO, output_format: str, columns: str | None, *, is_wide: bool = False
) -> int:
    """Write a result in a format and return its number of rows; `columns` are those of --columns."""
    rows = _ChosenRows(result, columns)
    if output_format == "table":
        write_table(rows, out, is_wide=is_wide)
    else:
        WRITERS[output_format](rows, out)
    return rows.count


class _ChosenRows:
    """Some columns of a result, or all, read on demand and counted.

    Raises UsageError for a column that the result does not have.
    """

    def __init__(self, result: ResultRows, columns: str | None) -> None:
        self._result = result
        self.count = 0
        names = [name for name, _ in _columns(result)]
        self._places = (
            None if columns is None else [_place(name.strip(), names) for name in columns.split(",")]
        )

    @property
    def description(self) -> Sequence[Sequence[Any]]:
        return self._chosen(self._result.description)

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        return self._counted(self._result.fetchmany(size))

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._counted(self._result.fetchall())

    def to_arrow_table(self, batch_size: int = 1_000_000) -> "pa.Table":
        return self.to_arrow_reader(batch_size).read_all()

    def to_arrow_reader(self, batch_size: int = 1_000_000) -> "pa.RecordBatchReader":
        import pyarrow as pa

        reader = self._result.to_arrow_reader(batch_size)
        schema = pa.schema(self._chosen(list(reader.schema)))
        return pa.RecordBatchReader.from_batches(schema, self._batches(reader))

    def _batches(self, reader: "pa.RecordBatchReader") -> Iterator["pa.RecordBatch"]:
        for batch in reader:
            self.count += batch.num_rows
            yield batch if self._places is None else batch.select(self._places)

    def _counted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        self.count += len(rows)
        return rows if self._places is None else [tuple(self._chosen(row)) for row in rows]

    def _chosen(self, values: Sequence[Any]) -> Sequence[Any]:
        return values if self._places is None else [values[place] for place in self._places]


def _place(name: str, names: Sequence[str]) -> int:
    if name in names:
        return names.index(name)
    near = difflib.get_close_matches(name, names, n=1)
    shown = ", ".join(map(printable, names[:_NAMED_COLUMNS]))
    raise UsageError(
        ReasonCode.USAGE,
        f"--columns: there is no column {printable(name)}",
        remedy=f"do you mean {printable(near[0])}?" if near else f"the columns are {shown}",
    )


def _columns(result: ResultRows) -> list[tuple[str, str]]:
    return [(column[0], str(column[1])) for column in result.description or []]


def _batches(result: ResultRows) -> Iterator[list[tuple[object, ...]]]:
    while rows := result.fetchmany(_ALIGNED_ROWS):
        yield rows


def _rows(result: ResultRows) -> Iterator[tuple[object, ...]]:
    while rows := result.fetchmany(_BATCH_ROWS):
        yield from rows


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
