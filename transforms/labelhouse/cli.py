"""The command line: parse, call one function, print."""

import dataclasses
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, NoReturn

import typer

from labelhouse import __version__
from labelhouse.codes import Code
from labelhouse.errors import LabelhouseError, UsageError

DEFAULT_WAREHOUSE = "warehouse"

app = typer.Typer(
    name="labelhouse",
    help="Label exports (COCO JSON) as a warehouse that you query with SQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class ReaderName(StrEnum):
    """The readers of parse.READERS, which the command line does not import."""

    BULK = "bulk"
    IJSON = "ijson"


class Format(StrEnum):
    """How `query` writes its result."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@dataclasses.dataclass(slots=True)
class _Settings:
    warehouse: Path


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"labelhouse {__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    context: typer.Context,
    warehouse: Annotated[
        Path,
        typer.Option(metavar="DIR", envvar="LABELHOUSE_WAREHOUSE", help="Folder of the warehouse."),
    ] = Path(DEFAULT_WAREHOUSE),
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = _Settings(warehouse)


@app.command()
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
    from labelhouse.ingest import Options
    from labelhouse.ingest import ingest as load
    from labelhouse.limits import limits_of
    from labelhouse.progress import ingest_progress, summary

    options = Options(
        project=project,
        full=full,
        max_bad=max_bad,
        dry_run=dry_run,
        reader=reader.value,
        limits=limits_of(limit or ()),
    )
    if jobs is not None:
        options = dataclasses.replace(options, jobs=jobs)
    rejected = False
    with ingest_progress(sources) as progress:
        for report in load(_warehouse(context), sources, options, progress):
            rejected |= report.status == "rejected"
            if as_json:
                print(json.dumps(report.as_json()), flush=True)
            else:
                print(summary(report), flush=True)
                for note in report.notes:
                    print(f"  note: {note}", flush=True)
            if report.error is not None:
                print(f"labelhouse: {report.error.code}: {report.error}", file=sys.stderr, flush=True)
    raise typer.Exit(1 if rejected else 0)


@app.command()
def query(
    context: typer.Context,
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="One reading statement; - reads it from stdin.")
    ],
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the result.")
    ] = Format.TABLE,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP", help="Query the warehouse as it was then."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to a file instead of the terminal.")
    ] = None,
) -> None:
    """Run SQL on the warehouse; it can read nothing else and write nothing."""
    from labelhouse.output import WRITERS
    from labelhouse.query import query as run

    if output_format is Format.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError(
            Code.USAGE, "Parquet is no text for a terminal", remedy="add --output FILE or redirect it"
        )
    text = sys.stdin.read() if sql == "-" else sql
    with run(_warehouse(context), text, as_of=as_of) as result:
        write = WRITERS[output_format]
        if output is None:
            write(result, sys.stdout.buffer)
            sys.stdout.flush()
        else:
            with _created(output) as file:
                write(result, file)


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what the warehouse holds, its last ingests and its size."""
    from labelhouse.status import status as read

    found = read(_warehouse(context))
    if as_json:
        print(json.dumps(dataclasses.asdict(found), default=str))
    else:
        from labelhouse.progress import print_status

        print_status(found)


@app.command()
def verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read everything back: files, references between tables, ledger. Exit code 1 for findings."""
    from labelhouse.progress import verify_progress
    from labelhouse.verify import verify as read_back

    with verify_progress() as progress:
        found = read_back(_warehouse(context), progress)
    if as_json:
        print(json.dumps(dataclasses.asdict(found)))
    else:
        for finding in found.findings:
            print(f"{finding.check}: {finding.where}: {finding.what}")
        print(f"{found.files:,} files, {found.bytes / 1e6:,.1f} MB read; {len(found.findings):,} findings")
    raise typer.Exit(1 if found.findings else 0)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Folder for the sample export and its warehouse.")
    ] = Path("demo"),
) -> None:
    """Make a small sample export, load it and ask three questions."""
    from labelhouse.demo import run_demo

    run_demo(folder, print)


def _warehouse(context: typer.Context) -> Path:
    settings = context.find_object(_Settings)
    assert settings is not None
    return settings.warehouse


def _created(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(
            Code.USAGE,
            f"cannot be written ({error.strerror})",
            where=str(path),
            remedy="choose another --output",
        ) from None


def _fail(message: str, code: int) -> NoReturn:
    print(f"labelhouse: {message}", file=sys.stderr)
    sys.exit(code)


def main() -> None:
    """Run the command line; exit code 0, 1 for a rejected source or failed query, 2 for wrong usage."""
    try:
        app()
    except LabelhouseError as error:
        from labelhouse.query import QueryError

        _fail(f"{error.code}: {error}", 1 if isinstance(error, QueryError) else 2)
    except Exception as error:
        if os.environ.get("LABELHOUSE_TRACEBACK"):
            raise
        # A bug of ours: its text may quote a document, so only its kind is shown.
        _fail(f"unexpected {type(error).__name__}; LABELHOUSE_TRACEBACK=1 shows where, please report it", 1)
    except KeyboardInterrupt:
        _fail("interrupted; what had been reported is committed, the rest is not", 130)
    except BrokenPipeError:
        # The reader of our output has gone, as `head` does; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
