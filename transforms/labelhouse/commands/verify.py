"""labelhouse verify."""

import dataclasses
import json
from typing import Annotated

import typer

from labelhouse.commands.settings import warehouse_of


def verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read everything back: files, references between tables, ledger. Exit code 1 for findings."""
    from labelhouse.progress import verify_progress
    from labelhouse.verify import verify as read_back

    with verify_progress() as progress:
        found = read_back(warehouse_of(context), progress)
    if as_json:
        print(json.dumps(dataclasses.asdict(found)))
    else:
        for finding in found.findings:
            print(f"{finding.check}: {finding.where}: {finding.what}")
        print(f"{found.files:,} files, {found.bytes / 1e6:,.1f} MB read; {len(found.findings):,} findings")
    raise typer.Exit(1 if found.findings else 0)
