"""labelhouse publish."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


class PublishedFormat(StrEnum):
    """What BI tools are given."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"


def publish(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="PATH",
            help="File, or folder for Parquet. [default: published/labels.duckdb or published/parquet "
            "in the warehouse]",
        ),
    ] = None,
    output_format: Annotated[
        PublishedFormat,
        typer.Option("--format", help="One DuckDB file, or a folder with a Parquet file a table."),
    ] = PublishedFormat.DUCKDB,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write what the warehouse holds as a file for BI tools, which may read the old one meanwhile."""
    done = labelhouse.publish(warehouse_of(context), to, file_format=output_format.value)
    if as_json:
        say_json(done.as_json())
    else:
        say(
            f"{done.status} {done.path}  {done.labels:,} labels, ingest {done.ingest_number}, "
            f"{done.bytes / 1e6:,.1f} MB; {done.seconds:.1f} s"
        )
