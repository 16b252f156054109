"""What commands share: the settings given before the command, formats, output files."""

import dataclasses
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from labelhouse.codes import Code
from labelhouse.errors import UsageError

if TYPE_CHECKING:
    from labelhouse.snapshot_connection import Connection


@dataclasses.dataclass(slots=True)
class Settings:
    """What is given before the command."""

    warehouse: Path


def warehouse_of(context: typer.Context) -> Path:
    """Return the folder of the warehouse that the command is for."""
    settings = context.find_object(Settings)
    assert settings is not None
    return settings.warehouse


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


Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Stop after so long. [default: never]"),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        "--memory-limit",
        metavar="SIZE",
        help="Memory for DuckDB, such as 2GB; the rest goes to temporary files. [default: half of it]",
    ),
]
"""The options of the commands that run statements which may take long."""


class Format(StrEnum):
    """How a command writes the rows of its result."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def created(path: Path) -> BinaryIO:
    """Open a file for what a command writes; raises UsageError if it cannot be made."""
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(
            Code.USAGE,
            f"cannot be written ({error.strerror})",
            where=str(path),
            remedy="choose another --output",
        ) from None


def refuse_parquet_on_terminal(output_format: Format, output: Path | None) -> None:
    """Raise UsageError if Parquet would go to a terminal."""
    if output_format is Format.PARQUET and output is None and sys.stdout.isatty():
        raise UsageError(
            Code.USAGE, "Parquet is no text for a terminal", remedy="add --output FILE or redirect it"
        )


def written(result: "Connection", output_format: Format, output: Path | None) -> None:
    """Write the rows of a result to a file, or to the terminal."""
    from labelhouse.output import WRITERS

    write = WRITERS[output_format]
    if output is None:
        write(result, sys.stdout.buffer)
        sys.stdout.flush()
    else:
        with created(output) as file:
            write(result, file)
