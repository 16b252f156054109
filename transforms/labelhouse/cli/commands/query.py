"""labelhouse query."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import (
    Columns,
    Format,
    MemoryLimit,
    Timeout,
    Wide,
    opened,
    refuse_parquet_on_terminal,
    say_written,
    warehouse_of,
)


def query(
    context: typer.Context,
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="One reading statement; - reads it from stdin.")
    ],
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the result.")
    ] = Format.TABLE,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="Query the warehouse as it was then."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to a file instead of the terminal.")
    ] = None,
    timeout: Timeout = None,
    columns: Columns = None,
    wide: Wide = False,
    memory_limit: MemoryLimit = None,
) -> None:
    """Run SQL on the warehouse; it can read nothing else and write nothing."""
    from labelhouse.cli.results import write_rows

    refuse_parquet_on_terminal(output_format, output)
    text = sys.stdin.buffer.read().decode(errors="surrogateescape") if sql == "-" else sql
    warehouse = warehouse_of(context)
    with (
        opened(output, warehouse) as out,
        labelhouse.query(
            warehouse, text, as_of=as_of, timeout_s=timeout, memory_bytes=memory_limit
        ) as result,
    ):
        rows = write_rows(result, out, output_format, columns, is_wide=wide)
    say_written(output, rows)
