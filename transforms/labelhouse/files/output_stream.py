"""Streams whose errors say which output the system did not take, the standard output among them."""

import io
import os
import sys

from labelhouse.errors import LabelhouseError
from labelhouse.failures import failure
from labelhouse.reason_codes import ReasonCode

STANDARD_OUTPUT = "standard output"


class OutputError(LabelhouseError):
    """An output cannot be written to its end; a file that was there before is as it was."""


class OutputStream(io.FileIO):
    """A file to write to whose errors name the output; a reader that has gone raises BrokenPipeError."""

    def __init__(self, descriptor: int, where: str, *, closefd: bool = True) -> None:
        super().__init__(descriptor, "wb", closefd=closefd)
        self._where = where

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Write bytes; raises OutputError or BrokenPipeError."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise output_error(error, self._where) from None


def output_error(error: OSError, where: str) -> OutputError:
    """Return the error for an output that the system does not take."""
    known_failure = failure(error)
    return OutputError(
        ReasonCode.WRITE_FAILED if known_failure is None else known_failure.code,
        f"cannot be written ({error.strerror or 'I/O error'})",
        where=where,
        remedy="free space or mend the permissions there, or choose another place for the output",
    )


def name_standard_output() -> None:
    """Make printing raise OutputError where the standard output takes nothing more.

    If one of the first three descriptors is closed, it is opened here, so that no later file gets its
    number. Otherwise printed text would go into that file.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # It is opened for reading only, so that printing fails.
            os.open(os.devnull, os.O_RDONLY)
    old = sys.stdout
    if old is None or old is sys.__stdout__:
        raw = OutputStream(1, STANDARD_OUTPUT, closefd=False)
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(raw),
            encoding=getattr(old, "encoding", "utf-8"),
            errors=getattr(old, "errors", "strict"),
            line_buffering=raw.isatty(),
        )


def give_up_standard_output() -> None:
    """Discard what is still held for the standard output: else Python would complain when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
