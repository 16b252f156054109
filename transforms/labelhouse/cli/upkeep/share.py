"""labelhouse share."""

from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say, say_json


def share(
    context: typer.Context,
    target: Annotated[
        Path, typer.Argument(metavar="TEAM.toml", help="The file that describes the shared warehouse.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Copy a warehouse in a folder, with its history, to where a team shares it; the folder stays."""
    result = labelhouse.share(warehouse_of(context), target)
    if as_json:
        say_json(result.as_json())
    else:
        say(f"copied {result.files:,} files ({size_text(result.bytes)}) with all states and the ledger")
        say(f"from now on load with: labelhouse --warehouse {target} ingest SOURCE")
