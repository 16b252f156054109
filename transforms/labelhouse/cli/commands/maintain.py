"""labelhouse maintain."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


def maintain(
    context: typer.Context,
    keep: Annotated[
        float, typer.Option(metavar="DAYS", min=0, help="Keep the snapshots of so many days.")
    ] = 30,
    grace: Annotated[
        float,
        typer.Option(
            metavar="HOURS",
            min=0,
            help="Keep a file so long after the last snapshot let go of it: a query may be reading it.",
        ),
    ] = 24,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Merge small files, rewrite those with many deletions, expire snapshots, remove what is unused."""
    from labelhouse.cli.progress import maintain_progress, maintained_lines

    with maintain_progress() as progress:
        found = labelhouse.maintain(
            warehouse_of(context), keep_days=keep, grace_hours=grace, dry_run=dry_run, progress=progress
        )
    if as_json:
        say_json(found.as_json())
    else:
        for line in maintained_lines(found):
            say(line)
