"""labelhouse status."""

import sys
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the warehouse holds, its last ingests and its size."""
    result = labelhouse.status(warehouse_of(context))
    if as_json:
        say_json(result.as_json())
    else:
        from labelhouse.cli.layout import terminal_width
        from labelhouse.cli.progress import status_lines

        for line in status_lines(result, terminal_width() if sys.stdout.isatty() else None):
            say(line)
