"""labelhouse ingest."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

import labelhouse
from labelhouse.cli.options import AuthorsKind, warehouse_of
from labelhouse.cli.saying import say, say_json
from labelhouse.defaults import PROJECT
from labelhouse.errors import UsageError
from labelhouse.limits import limits_of
from labelhouse.manifest import MAX_BAD_SHARE
from labelhouse.reason_codes import ReasonCode

if TYPE_CHECKING:
    from labelhouse.ingestion.run import IngestReport


class SourceKind(StrEnum):
    """What sources hold."""

    LABELS = "labels"
    PREDICTIONS = "predictions"


class ReaderName(StrEnum):
    """The readers of ingestion/stage_source.py, which the command line does not import."""

    NATIVE = "native"
    BULK = "bulk"
    IJSON = "ijson"


def ingest(
    context: typer.Context,
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Exports: files, folders or globs.")
    ],
    project: Annotated[str, typer.Option(metavar="NAME", help="Project to load into.")] = PROJECT,
    document: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN",
            help="Which document a file is whose name changes: 'labels_*.json', or the name of the only "
            "file; may be repeated.",
        ),
    ] = None,
    newest: Annotated[
        bool,
        typer.Option("--newest", help="Load only the last by name of several files of one --document."),
    ] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="The sources are the whole project: remove documents they lack."),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Load bytes that were loaded before, even if newer versions came after."
        ),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Parsing processes. [default: cores, at most 4]")
    ] = None,
    reader: Annotated[
        ReaderName | None,
        typer.Option(
            help="native, a compiled library; bulk, which decodes blocks of records; ijson, the reference, "
            "which decodes each value. [default: the fastest that is installed]"
        ),
    ] = None,
    max_bad: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0.0,
            max=1.0,
            help="Reject a source when more than this share of a section, and more than 100 records, "
            "cannot be stored.",
        ),
    ] = MAX_BAD_SHARE,
    limit: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="Change a limit, such as depth=500; may be repeated."),
    ] = None,
    commit_each: Annotated[
        bool,
        typer.Option("--commit-each", help="Give each source a commit of its own, small ones too."),
    ] = False,
    parse_all: Annotated[
        bool,
        typer.Option(
            "--parse-all", help="Parse every byte, also of files and documents that are known to be loaded."
        ),
    ] = False,
    kind: Annotated[
        SourceKind,
        typer.Option("--as", help="What the sources hold: labels, or COCO results lists of a model."),
    ] = SourceKind.LABELS,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --as predictions: the model that made them.")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="DOCUMENT",
            help="With --as predictions: the document whose images they are for. [default: the document of "
            "the project that has most of their image ids]",
        ),
    ] = None,
    ontology: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The ontology of Encord's label rows. [default: ontology.json beside them, or in their "
            "archive]",
        ),
    ] = None,
    authors: Annotated[
        AuthorsKind,
        typer.Option(
            help="People who label (e-mail addresses, user ids): keep, hash to tokens, or drop them."
        ),
    ] = AuthorsKind.KEEP,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read everything, say what would happen, commit nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per source, each on a line.")
    ] = False,
) -> None:
    """Load exports: COCO or Encord's label rows, as JSON, gzip or zip; or predictions."""
    from labelhouse.cli.progress import how_to_see, ingest_progress
    from labelhouse.ingestion.summary import summary

    if (kind is SourceKind.PREDICTIONS) != (model is not None):
        raise UsageError(
            ReasonCode.USAGE,
            "predictions need the name of their model" if model is None else "labels have no model",
            remedy="add --model NAME" if model is None else "add --as predictions, or leave out --model",
        )

    def say_report(report: "IngestReport") -> None:
        if as_json:
            say_json({**report.as_json(), **({"dry_run": True} if dry_run else {})})
        else:
            say(summary(report, dry_run=dry_run))
            for note in report.notes:
                say(f"  note: {note}")
        if report.error is not None:
            say(f"labelhouse: {report.error.code}: {report.error}", error=True)

    with ingest_progress() as progress:
        done = labelhouse.ingest(
            warehouse_of(context),
            sources,
            project=project,
            document=document or (),
            newest=newest,
            full=full,
            again=again,
            jobs=jobs,
            max_bad=max_bad,
            commit_each=commit_each,
            parse_all=parse_all,
            dry_run=dry_run,
            reader=None if reader is None else reader.value,
            limits=limits_of(limit or ()),
            model=model,
            of=of,
            ontology=ontology,
            authors=authors.value,
            on_report=say_report,
            progress=progress,
        )
    if not as_json and not dry_run:
        for line in how_to_see(done.reports, warehouse_of(context)):
            say(line)
    raise typer.Exit(1 if done.rejected else 0)
