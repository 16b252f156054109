"""labelhouse pull."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import AuthorsKind, warehouse_of
from labelhouse.cli.progress import pull_progress
from labelhouse.cli.saying import say, say_json
from labelhouse.defaults import PROJECT
from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode


class Tool(StrEnum):
    """Labelling tools that rows are pulled from."""

    ENCORD = "encord"


def pull(
    context: typer.Context,
    tool: Annotated[Tool, typer.Argument(metavar="encord", help="The labelling tool.")],
    projects: Annotated[list[str], typer.Argument(metavar="PROJECT...", help="UUIDs of Encord projects.")],
    project: Annotated[str, typer.Option(metavar="NAME", help="Project to load into.")] = PROJECT,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="FOLDER",
            help="Keep the rows there as files instead; of several projects, in subfolders.",
        ),
    ] = None,
    stage: Annotated[
        list[str] | None,
        typer.Option(metavar="TITLE", help="Only rows in this stage of the workflow; may be repeated."),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATUS", help="Only rows of this task or label status, as COMPLETED; may be repeated."
        ),
    ] = None,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATASET", help="Only rows of the dataset of this title or UUID; may be repeated."
        ),
    ] = None,
    title: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only rows whose data has a title like this; may be repeated."),
    ] = None,
    branch: Annotated[
        str, typer.Option(metavar="NAME", help="Rows of this branch; all takes every branch.")
    ] = "main",
    domain: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address of the API, for the US https://api.us.encord.com. [default: https://api.encord.com]",
        ),
    ] = None,
    authors: Annotated[
        AuthorsKind,
        typer.Option(help="Store people who label as they come, as tokens, or not at all; not with --to."),
    ] = AuthorsKind.KEEP,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the rows, say what would be fetched, write nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per project, each on a line.")
    ] = False,
) -> None:
    """Load label rows from Encord's API: those that differ from what the warehouse holds."""
    if to is None and len(projects) > 1:
        raise UsageError(
            ReasonCode.USAGE,
            "each Encord project needs a project of its own, for a pull removes rows that are gone",
            remedy="pull one at a time with --project NAME, or add --to FOLDER",
        )
    is_rejected = False
    for encord in projects:
        with pull_progress() as progress:
            done = labelhouse.pull(
                warehouse_of(context),
                encord,
                to=to / encord if to is not None and len(projects) > 1 else to,
                project=project,
                stages=stage or (),
                statuses=status or (),
                datasets=dataset or (),
                titles=title or (),
                branch=None if branch == "all" else branch,
                domain=domain,
                authors=authors.value,
                dry_run=dry_run,
                progress=progress,
            )
        loaded = done.ingest or {}
        is_rejected |= loaded.get("status") == "rejected"
        if as_json:
            say_json(done.as_json())
            continue
        would = "would be " if dry_run else ""
        parts = [f"{done.fetched:,} {would}fetched", f"{done.unchanged:,} unchanged"]
        parts += [f"{done.moved:,} {would}moved"] * bool(done.moved)
        parts += [f"{done.removed:,} {would}removed"] * bool(done.removed)
        parts += [f"{done.never_opened:,} never opened"] * bool(done.never_opened)
        again = f", {done.retries:,} retries" if done.retries else ""
        say(f"{done.title}: {', '.join(parts)}; {done.seconds:.1f} s{again}")
        if error := loaded.get("error"):
            assert isinstance(error, dict)
            say(f"labelhouse: {error['code']}: {error['message']}", error=True)
    raise typer.Exit(int(is_rejected))
