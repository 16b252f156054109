"""labelhouse verify."""

import dataclasses
from typing import Annotated

import typer

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
    from labelhouse.maintenance.verify import accept_unhashed
    from labelhouse.maintenance.verify import verify as read_back

    with verify_progress() as progress:
        found = read_back(warehouse_of(context), progress)
    if accept and (paths := found.without_checksum):
        accept_unhashed(warehouse_of(context), paths)
        kept = [finding for finding in found.findings if finding.where not in paths]
        notes = [*found.notes, f"{len(paths):,} files without a checksum have one now"]
        found = dataclasses.replace(found, findings=kept, notes=notes)
    if as_json:
        say_json(dataclasses.asdict(found))
    else:
        for finding in found.findings:
            say(f"{finding.check}: {finding.where}: {finding.what}")
        for note in found.notes:
            say(f"note: {note}")
        say(f"{found.files:,} files, {found.bytes / 1e6:,.1f} MB read; {len(found.findings):,} findings")
    raise typer.Exit(1 if found.findings else 0)
