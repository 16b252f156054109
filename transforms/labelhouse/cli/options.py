"""Shared parts of commands: the settings before the command, formats, output files."""

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from labelhouse.errors import UsageError
from labelhouse.reason_codes import Code


@dataclasses.dataclass(slots=True)
class Settings:
    """The settings that are given before the command."""

    warehouse: Path = Path("warehouse")


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


def bytes_of_size(size: str) -> int:
    """Return the bytes of an option's size; raises UsageError."""
    from labelhouse.lake.memory import bytes_of

    return bytes_of(size)


Timeout = Annotated[
    float | None,
    typer.Option("--timeout", metavar="SECONDS", min=0.0, help="Stop after so long. [default: never]"),
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
            Code.USAGE, "Parquet is no text for a terminal", remedy="add --output FILE or redirect it"
        )


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
