"""labelhouse verify."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json


def verify(
    context: typer.Context,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Write down checksums of files that have none, if nothing else is wrong with them.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read everything back: catalog, files, references between tables. Exit code 1 for findings."""
    from labelhouse.cli.progress import verify_progress

    with verify_progress() as progress:
        found = labelhouse.verify(warehouse_of(context), accept=accept, progress=progress)
    if as_json:
        say_json(found.as_json())
    else:
        for finding in found.findings:
            say(f"{finding.check}: {finding.where}: {finding.what}")
        for note in found.notes:
            say(f"note: {note}")
        say(f"{found.files:,} files, {found.bytes / 1e6:,.1f} MB read; {len(found.findings):,} findings")
    raise typer.Exit(1 if found.findings else 0)
