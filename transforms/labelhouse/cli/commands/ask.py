"""labelhouse ask."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import labelhouse
from labelhouse.cli.options import (
    Columns,
    Format,
    MemoryLimit,
    SqlFolder,
    Timeout,
    Wide,
    opened,
    refuse_parquet_on_terminal,
    say_written,
    warehouse_of,
)
from labelhouse.cli.saying import say, say_json, say_lines
from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode


def ask(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The question; without it, list all questions.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A parameter of the question; may be repeated."),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Ask about this project only: --param project=NAME. [default: all]"
        ),
    ] = None,
    describe: Annotated[
        bool, typer.Option("--describe", help="Say what the question needs and what its columns mean.")
    ] = False,
    output_format: Annotated[
        Format, typer.Option("--format", help="How to write the answer.")
    ] = Format.TABLE,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="SNAPSHOT|TIMESTAMP|INGEST", help="Ask the warehouse as it was then."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to a file instead of the terminal.")
    ] = None,
    sql: SqlFolder = None,
    timeout: Timeout = None,
    columns: Columns = None,
    wide: Wide = False,
    memory_limit: MemoryLimit = None,
) -> None:
    """Answer a named question about the labels, or list the questions."""
    if name is None or describe:
        _tell(name, sql, output_format, param, project)
        return
    from labelhouse.cli.results import write_rows

    refuse_parquet_on_terminal(output_format, output)
    warehouse = warehouse_of(context)
    with (
        opened(output, warehouse) as out,
        labelhouse.ask(
            warehouse,
            name,
            values=[*(param or []), *([] if project is None else [f"project={project}"])],
            sql=sql,
            as_of=as_of,
            timeout_s=timeout,
            memory_bytes=memory_limit,
            note=_note,
        ) as result,
    ):
        rows = write_rows(result, out, output_format, columns, is_wide=wide)
    say_written(output, rows)


def _tell(
    name: str | None, sql: Path | None, output_format: Format, param: list[str] | None, project: str | None
) -> None:
    """Print the list of questions, or the description of one."""
    from labelhouse.cli.layout import terminal_width
    from labelhouse.querying.ask import question
    from labelhouse.querying.question_text import PAGE_WIDTH, list_text, question_json, question_text
    from labelhouse.sql_library.named_sql import sql_files

    if name is None and (param or project is not None):
        raise UsageError(
            ReasonCode.USAGE, "a parameter but no question", remedy="'labelhouse ask' lists them"
        )
    if output_format not in (Format.TABLE, Format.JSON):
        raise UsageError(
            ReasonCode.USAGE, "questions are listed as text or JSON", remedy="leave out --format"
        )
    files = sql_files("queries", sql) if name is None else [question(name, sql)]
    if output_format is Format.JSON:
        say_json([question_json(file) for file in files], indent=1)
    else:
        # A pipe gets a line per question.
        width = terminal_width() if sys.stdout.isatty() else None
        text = list_text(files, width) if name is None else question_text(files[0], width or PAGE_WIDTH)
        say_lines(text)


def _note(text: str) -> None:
    say(f"labelhouse: note: {text}", error=True)
