"""labelhouse publish, and labelhouse attach for what reads the published file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say, say_json, shown_path
from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode


class PublishedFormat(StrEnum):
    """What BI tools are given."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"


def publish(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="PATH",
            help="File, or folder for Parquet; or a prefix of a bucket, such as s3://labels/published/. "
            "[default: published/labels.duckdb or published/parquet in the warehouse]",
        ),
    ] = None,
    output_format: Annotated[
        PublishedFormat,
        typer.Option("--format", help="One DuckDB file, or a folder with one Parquet file per table."),
    ] = PublishedFormat.DUCKDB,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write what the warehouse holds as a file for BI tools; they may read the old file meanwhile."""
    done = labelhouse.publish(warehouse_of(context), to, file_format=output_format.value)
    if as_json:
        say_json(done.as_json())
    else:
        say(
            f"{done.status} {shown_path(done.path)}  {done.labels:,} labels, ingest {done.ingest_number}, "
            f"{size_text(done.bytes)}; {done.seconds:.1f} s"
        )


def attach(
    context: typer.Context,
    copy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Copy the catalog to a new file, and attach that: all tables, one state."
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Load the extensions that are installed here, download nothing."),
    ] = False,
) -> None:
    """Print the SQL that attaches the labels in a DuckDB without Labelhouse."""
    from labelhouse.publishing.attach_sql import copied_sql, published_sql

    if offline and copy is None:
        raise UsageError(
            ReasonCode.USAGE, "--offline is for --copy", remedy="the published file needs no extension"
        )
    folder = warehouse_of(context)
    # SQL is for programs: its lines are not broken on a terminal.
    typer.echo(
        published_sql(folder) if copy is None else copied_sql(folder, copy, is_offline=offline), nl=False
    )
