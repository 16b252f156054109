"""labelhouse query."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from labelhouse.codes import Code
from labelhouse.commands.settings import Format, created, warehouse_of
from labelhouse.errors import UsageError


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
) -> None:
    """Run SQL on the warehouse; it can read nothing else and write nothing."""
    from labelhouse.output import WRITERS
    from labelhouse.query import query as run

    if output_format is Format.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError(
            Code.USAGE, "Parquet is no text for a terminal", remedy="add --output FILE or redirect it"
        )
    text = sys.stdin.read() if sql == "-" else sql
    with run(warehouse_of(context), text, as_of=as_of) as result:
        write = WRITERS[output_format]
        if output is None:
            write(result, sys.stdout.buffer)
            sys.stdout.flush()
        else:
            with created(output) as file:
                write(result, file)
