"""labelhouse ingest."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

import labelhouse
from labelhouse.cli.options import warehouse_of
from labelhouse.cli.saying import say, say_json
from labelhouse.limits import limits_of

if TYPE_CHECKING:
    from labelhouse.ingestion.run import IngestReport


class ReaderName(StrEnum):
    """The readers of parse.READERS, which the command line does not import."""

    BULK = "bulk"
    IJSON = "ijson"


def ingest(
    context: typer.Context,
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Exports: files, folders or globs.")
    ],
    project: Annotated[str, typer.Option(metavar="NAME", help="Project to load into.")] = "default",
    full: Annotated[
        bool,
        typer.Option("--full", help="The sources are the whole project: remove documents they lack."),
    ] = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="Load what was loaded before, though newer versions came after it."),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Parsing processes. [default: cores, at most 4]")
    ] = None,
    reader: Annotated[
        ReaderName,
        typer.Option(help="bulk decodes blocks of records at once; ijson, the reference, each value."),
    ] = ReaderName.BULK,
    max_bad: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Reject a source when more than this share of a section, and more than 100 records, "
            "cannot be stored.",
        ),
    ] = 0.01,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="Set a limit anew, such as depth=500; may be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, say what would happen, commit nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line and source.")
    ] = False,
) -> None:
    """Load exports: Encord's COCO export or plain COCO, as JSON, gzip or zip."""
    from labelhouse.cli.progress import ingest_progress, summary

    def say_report(report: "IngestReport") -> None:
        if as_json:
            say_json({**report.as_json(), **({"dry_run": True} if dry_run else {})})
        else:
            say(summary(report, dry_run=dry_run))
            for note in report.notes:
                say(f"  note: {note}")
        if report.error is not None:
            say(f"labelhouse: {report.error.code}: {report.error}", error=True)

    with ingest_progress(sources) as progress:
        done = labelhouse.ingest(
            warehouse_of(context),
            sources,
            project=project,
            full=full,
            again=again,
            jobs=jobs,
            max_bad=max_bad,
            dry_run=dry_run,
            reader=reader.value,
            limits=limits_of(limit or ()),
            on_report=say_report,
            progress=progress,
        )
    raise typer.Exit(1 if done.rejected else 0)
