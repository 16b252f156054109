"""labelhouse night."""

import logging
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.commands.check import FailOn
from labelhouse.cli.options import SqlFolder, given_warehouse_of
from labelhouse.cli.saying import say, say_json


def night(
    context: typer.Context,
    configuration: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="TOML file with a \\[\\[source]] table per set of exports."),
    ] = Path("sources.toml"),
    allow_rejected: Annotated[
        bool, typer.Option("--allow-rejected", help="Exit with 0 though sources were rejected.")
    ] = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on", help="Exit with 1 if a check of this severity or worse fails. [default: never]"
        ),
    ] = None,
    sql: SqlFolder = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object at the end; errors go to stderr.")
    ] = False,
) -> None:
    """Run a night: load what a TOML file lists, refresh the marts, check, publish, say how it went."""

    def say_line(level: int, line: str) -> None:
        if level > logging.INFO or not as_json:
            say(line, error=level > logging.INFO)

    result = labelhouse.night(
        configuration,
        warehouse=given_warehouse_of(context),
        allow_rejected=allow_rejected,
        fail_on=fail_on.value if fail_on else None,
        sql=sql,
        on_line=say_line,
    )
    if as_json:
        say_json(result.as_json())
    else:
        say(f"{result.state}: {result.message}")
    raise typer.Exit(result.exit_code)
