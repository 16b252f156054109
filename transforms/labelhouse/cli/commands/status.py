"""labelhouse status."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say_json


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the warehouse holds, its last ingests and its size."""
    found = labelhouse.status(warehouse_of(context))
    if as_json:
        say_json(found.as_json())
    else:
        from labelhouse.cli.progress import print_status

        print_status(found)
