"""labelhouse check."""

import io
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import SqlFolder, Timeout, warehouse_of
from labelhouse.cli.saying import say, say_json, say_lines
from labelhouse.defaults import FAILING_ROWS


class FailOn(StrEnum):
    """What makes the command fail."""

    ERROR = "error"
    WARNING = "warning"


class CheckFormat(StrEnum):
    """How the command writes what it found; `table` is an older name of `text`."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    TABLE = "table"


def check(
    context: typer.Context,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="Check this project only. [default: all]")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK", help="Run this check only; repeat it for more. [default: all]"),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            help="Exit with 1 if a check of this severity or worse fails. [default: never]",
        ),
    ] = None,
    new: Annotated[
        bool,
        typer.Option(
            "--new", help="Only what is new since the newest load of each project, and what is mended."
        ),
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Only what is new, and what is mended, since a day, 'yesterday', a time, a snapshot or an "
            "ingest.",
        ),
    ] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file with a \\[\\[waive]] table for each finding to leave: counted, but no failure.",
        ),
    ] = None,
    output_format: Annotated[
        CheckFormat,
        typer.Option("--format", help="text: by cause; csv: a line per finding; json: both."),
    ] = CheckFormat.TEXT,
    rows: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Examples per cause; in csv and json, findings per check. [default: 3; all]",
        ),
    ] = None,
    sql: SqlFolder = None,
    timeout: Timeout = None,
) -> None:
    """Look for labels that are likely mistakes, by cause, and remember the findings from night to night."""
    from labelhouse.querying.check_report import listed_findings, write_csv, write_text
    from labelhouse.results import plain

    result = labelhouse.check(
        warehouse_of(context),
        project=project,
        only=only or (),
        sql=sql,
        shown_rows=FAILING_ROWS if rows is None else rows,
        since=since,
        waivers=waivers,
        timeout_s=timeout,
    )
    only_new = new or since is not None
    for note in result.waiver_notes:
        say(f"labelhouse: {note}", error=True)
    if output_format is CheckFormat.JSON:
        causes = result.new_causes if only_new else result.causes
        findings = list(listed_findings(result, only_new=only_new, rows=rows))
        mended = list(result.mended)
        say_json(
            [
                {
                    **checked.as_json(),
                    "causes": [plain(cause) for cause in causes if cause.check == checked.name],
                    "findings": [plain(each) for each in findings if each.check == checked.name],
                    "mended": [plain(each) for each in mended if each.check == checked.name],
                }
                for checked in result.checks
            ],
            indent=1,
        )
    elif output_format is CheckFormat.CSV and not sys.stdout.isatty():
        write_csv(result, sys.stdout, only_new=only_new, rows=rows)
    else:
        text = io.StringIO()
        if output_format is CheckFormat.CSV:
            write_csv(result, text, only_new=only_new, rows=rows)
        else:
            width = shutil.get_terminal_size((80, 24)).columns
            write_text(result, text, only_new=only_new, examples=rows, width=width)
        say_lines(text.getvalue())
    if result.unkept is not None:
        say(f"labelhouse: {result.unkept.code}: the counts are not kept: {result.unkept}", error=True)
    is_broken = any(checked.error for checked in result.checks)
    is_failed = is_broken or (fail_on and result.failing(fail_on.value, only_new=only_new))
    raise typer.Exit(1 if is_failed else 2 if result.unkept else 0)
