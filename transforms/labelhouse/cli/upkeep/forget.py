"""labelhouse forget."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


def forget(
    context: typer.Context,
    persons: Annotated[
        list[str],
        typer.Argument(metavar="PERSON...", help="E-mail addresses, user ids, or tokens of people."),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without this it only says what would be done.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take people out of the warehouse and out of later loads."""
    from labelhouse.cli.people import size_text

    result = labelhouse.forget(warehouse_of(context), *persons, dry_run=not yes)
    if as_json:
        say_json(result.as_json())
        return
    did, states = ("would take", "would go") if result.dry_run else ("took", "are gone")
    for each in result.columns:
        say(f"{did} people out of {each.rows:,} rows of {each.table}.{each.column}")
    if not result.columns:
        say("no row names them")
    for each in result.elsewhere:
        say(f"stays: {each.rows:,} rows of {each.table}.{each.column} hold the text as a label or name")
    say(f"{result.snapshots_expired:,} earlier states {states}")
    if result.dry_run:
        say("nothing was changed; add --yes")
    else:
        size = size_text(result.bytes_removed)
        say(
            f"removed {result.files_removed:,} files ({size}), {result.copies_removed:,} copies of catalogs"
        )
        say("publish and write reports again; exports, copies and backups of your own are not reached")
