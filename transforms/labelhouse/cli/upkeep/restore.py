"""labelhouse restore."""

import dataclasses
from typing import Annotated

import typer

from labelhouse.cli.options import warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say, say_json


def restore(
    context: typer.Context,
    list_copies: Annotated[
        bool, typer.Option("--list", help="Show the copies of the catalog, change nothing.")
    ] = False,
    generation: Annotated[
        int | None,
        typer.Option("--generation", metavar="N", min=1, help="Put this copy back; --list has N."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Restore even if the present catalog is good, or files of the copy are gone."
        ),
    ] = False,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Keep the present catalog, and give up what it does not know."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put back the newest good copy of a catalog that is lost, damaged or older than the data."""
    from labelhouse.maintenance.restore import listed, restored_lines
    from labelhouse.maintenance.restore import restore as run

    folder = warehouse_of(context)
    if list_copies:
        copies = listed(folder)
        if as_json:
            say_json([dataclasses.asdict(copy) for copy in copies])
        for copy in [] if as_json else copies:
            state = "good" if copy.is_good else "damaged"
            if copy.missing_files:
                state = f"needs {copy.missing_files:,} files that no longer exist"
            say(
                f"{copy.generation:>6}  {copy.made_at:%Y-%m-%d %H:%M:%S} UTC  "
                f"snapshot {copy.snapshot_id}  {size_text(copy.bytes)}  {state}"
            )
        return
    result = run(folder, generation=generation, force=force, accept=accept)
    if as_json:
        say_json(result.as_json())
    else:
        for line in restored_lines(result):
            say(line)
