"""labelhouse migrate."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


def migrate(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Bring a warehouse of an earlier Labelhouse to this one's tables; nothing of it is lost."""
    result = labelhouse.migrate(warehouse_of(context))
    if as_json:
        say_json(result.as_json())
    elif result.ingest_id is None:
        say(f"schema version {result.version}: nothing to do")
    else:
        say(f"migrated from schema version {result.version_before} to {result.version}")
