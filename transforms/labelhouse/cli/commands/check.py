"""labelhouse check."""

import io
import sys
from enum import StrEnum
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import SqlFolder, Timeout, warehouse_of
from labelhouse.cli.saying import say, say_json, say_lines


class FailOn(StrEnum):
    """What makes the command fail."""

    ERROR = "error"
    WARNING = "warning"


class CheckFormat(StrEnum):
    """How the command writes what it found."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def check(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Check this project only. [default: all]")
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            help="Exit with 1 for failing rows of this severity or worse. [default: never]",
        ),
    ] = None,
    output_format: Annotated[
        CheckFormat, typer.Option("--format", help="How to write what was found.")
    ] = CheckFormat.TABLE,
    rows: Annotated[int, typer.Option(metavar="N", min=0, help="Failing rows to show of each check.")] = 5,
    sql: SqlFolder = None,
    timeout: Timeout = None,
) -> None:
    """Look for labels that are likely mistakes, and keep the counts in the table check_results."""
    from labelhouse.querying.check_report import write_csv, write_table

    found = labelhouse.check(
        warehouse_of(context), project=project, sql=sql, shown_rows=rows, timeout_s=timeout
    )
    if output_format is CheckFormat.JSON:
        say_json([checked.as_json() for checked in found.checks], indent=1)
    elif output_format is CheckFormat.CSV and not sys.stdout.isatty():
        write_csv(found.checks, sys.stdout)
    else:
        write = write_csv if output_format is CheckFormat.CSV else write_table
        write(found.checks, text := io.StringIO())
        say_lines(text.getvalue())
    if found.unkept is not None:
        say(f"labelhouse: {found.unkept.code}: the counts are not kept: {found.unkept}", error=True)
    is_broken = any(checked.error for checked in found.checks)
    is_failed = is_broken or (fail_on and found.failing(fail_on.value))
    raise typer.Exit(1 if is_failed else 2 if found.unkept else 0)
