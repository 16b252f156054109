"""labelhouse verify."""

from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.people import size_text
from labelhouse.cli.saying import say, say_json


def verify(
    context: typer.Context,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Record checksums of files that have none, if nothing else is wrong with them.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read everything back: catalog, files, references between tables. Exit code 1 for findings."""
    from labelhouse.cli.progress import verify_progress

    with verify_progress() as progress:
        result = labelhouse.verify(warehouse_of(context), accept=accept, progress=progress)
    if as_json:
        say_json(result.as_json())
    else:
        for finding in result.findings:
            say(f"{finding.check}: {finding.where}: {finding.what}")
        for note in result.notes:
            say(f"note: {note}")
        say(f"{result.files:,} files, {size_text(result.bytes)} read; {len(result.findings):,} findings")
    raise typer.Exit(1 if result.findings else 0)
