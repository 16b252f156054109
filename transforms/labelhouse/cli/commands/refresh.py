"""labelhouse refresh."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import bytes_of_size, warehouse_of
from labelhouse.cli.saying import say, say_json


def refresh(
    context: typer.Context,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Compute everything again, not only what has changed.")
    ] = False,
    memory_limit: Annotated[
        int,
        typer.Option(metavar="SIZE", parser=bytes_of_size, help="Memory for DuckDB, such as 1GB."),
    ] = "500MB",  # type: ignore[assignment]
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Bring the marts up to date with the last loads, for documents that came or went."""
    done = labelhouse.refresh(warehouse_of(context), rebuild=rebuild, memory_bytes=memory_limit)
    if as_json:
        say_json(done.as_json())
    elif done.is_changed:
        say(
            f"marts refreshed: {done.documents_added:,} document versions added, "
            f"{done.documents_removed:,} removed, {done.commits:,} commits; {done.seconds:.1f} s"
        )
    else:
        say("marts are fresh: nothing to do")
