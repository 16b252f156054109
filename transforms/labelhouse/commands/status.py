"""labelhouse status."""

import dataclasses
from typing import Annotated

import typer

from labelhouse.commands.settings import warehouse_of
from labelhouse.saying import say_json


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the warehouse holds, its last ingests and its size."""
    from labelhouse.status import status as read

    found = read(warehouse_of(context))
    if as_json:
        say_json(dataclasses.asdict(found))
    else:
        from labelhouse.progress import print_status

        print_status(found)
