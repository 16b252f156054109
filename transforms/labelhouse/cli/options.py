"""Shared parts of commands: the settings before the command, formats, output files."""

import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode


@dataclasses.dataclass(slots=True)
class Settings:
    """The settings that are given before the command."""

    warehouse: Path = Path("warehouse")
    is_warehouse_given: bool = False
    """Whether the command line names the warehouse, not the environment or a default."""


_WarehouseOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        metavar="DIR",
        help="Folder of the warehouse, or the TOML file of a shared one; here or before the command.",
    ),
]


class AuthorsKind(StrEnum):
    """What becomes of people who label."""

    KEEP = "keep"
    HASH = "hash"
    DROP = "drop"


def with_warehouse(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command that reads the settings take --warehouse itself, after its name."""
    signature = inspect.signature(command)
    if "context" not in signature.parameters:
        return command

    @functools.wraps(command)
    def chosen(*, context: typer.Context, warehouse: Path | None, **values: Any) -> None:
        settings = context.find_object(Settings)
        if settings is not None and warehouse is not None:
            settings.warehouse = warehouse
            settings.is_warehouse_given = True
        command(context=context, **values)

    option = inspect.Parameter(
        "warehouse", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_WarehouseOption
    )
    chosen.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), option]
    )
    chosen.__annotations__ = {**command.__annotations__, "warehouse": _WarehouseOption}
    return chosen


def warehouse_of(context: typer.Context) -> Path:
    """Return the folder of the warehouse that the command is for."""
    settings = context.find_object(Settings)
    assert settings is not None
    return settings.warehouse


def given_warehouse_of(context: typer.Context) -> Path | None:
    """Return the folder of the warehouse if the command line names it."""
    settings = context.find_object(Settings)
    assert settings is not None
    return settings.warehouse if settings.is_warehouse_given else None


SqlFolder = Annotated[
    Path | None,
    typer.Option(
        "--sql",
        metavar="DIR",
        envvar="LABELHOUSE_SQL",
        help="Folder with SQL of your own: checks/NAME.sql, queries/NAME.sql.",
    ),
]
"""The option --sql of the commands that run named SQL."""


def bytes_of_size(size: str) -> int:
    """Return the bytes of an option's size; raises UsageError."""
    from labelhouse.lake.memory import bytes_of

    return bytes_of(size)


Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Stop after this time. [default: never]"),
]
MemoryLimit = Annotated[
    int | None,
    typer.Option(
        "--memory-limit",
        parser=bytes_of_size,
        metavar="SIZE",
        help="Memory for DuckDB, such as 2GB; the rest goes to temporary files. [default: half of it]",
    ),
]
"""The options of commands whose statements may take long."""

Columns = Annotated[
    str | None,
    typer.Option("--columns", metavar="A,B", help="Only these columns, in this order. [default: all]"),
]
Wide = Annotated[
    bool,
    typer.Option("--wide", help="Show all columns and values on a terminal, however long lines become."),
]
"""The options of commands that show rows."""


class Format(StrEnum):
    """How a command writes the rows of its result."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def refuse_parquet_on_terminal(output_format: Format, output: Path | None) -> None:
    """Raise UsageError if Parquet would go to a terminal."""
    if output_format is Format.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError(
            ReasonCode.USAGE,
            "Parquet is not text for a terminal",
            remedy="add --output FILE or redirect it",
        )


def say_written(output: Path | None, rows: int) -> None:
    """Say what was written to a file, on the standard error."""
    if output is None:
        return
    from labelhouse.cli.people import size_text
    from labelhouse.cli.saying import say

    # A pipe or a device has no size.
    size = f", {size_text(output.stat().st_size)}" if output.is_file() else ""
    say(f"{output}: {rows:,} {'row' if rows == 1 else 'rows'}{size}", error=True)


@contextmanager
def opened(output: Path | None, warehouse: Path) -> Iterator[BinaryIO]:
    """Give the stream for a command's output: a file (files/output_file.py), or the standard output."""
    from labelhouse.files.output_file import output_file

    if output is None:
        yield sys.stdout.buffer
        sys.stdout.flush()
    else:
        with output_file(output, warehouse) as file:
            yield file
