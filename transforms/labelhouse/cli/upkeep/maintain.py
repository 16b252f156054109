"""labelhouse maintain."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json
from labelhouse.defaults import GRACE_HOURS, KEEP_DAYS


def maintain(
    context: typer.Context,
    keep: Annotated[
        float, typer.Option(metavar="DAYS", min=0, help="Keep the snapshots of this many days.")
    ] = KEEP_DAYS,
    grace: Annotated[
        float,
        typer.Option(
            metavar="HOURS",
            min=0,
            help="Keep a file this long after the last snapshot released it: a query may be reading it.",
        ),
    ] = GRACE_HOURS,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Merge small files, rewrite those with many deletions, expire snapshots, remove what is unused."""
    from labelhouse.cli.progress import maintain_progress, maintained_lines

    with maintain_progress() as progress:
        result = labelhouse.maintain(
            warehouse_of(context), keep_days=keep, grace_hours=grace, dry_run=dry_run, progress=progress
        )
    if as_json:
        say_json(result.as_json())
    else:
        for line in maintained_lines(result):
            say(line)
