"""Flush files, folders and names to disk before anything reports that they exist."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.failures import failure
from labelhouse.reason_codes import ReasonCode


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn an OSError of the block into an error that says what happened, and where."""
    try:
        yield
    except OSError as error:
        raise failure(error) or WarehouseError(
            ReasonCode.WRITE_FAILED,
            f"{what} cannot be written ({error.strerror or 'I/O error'})",
            where="" if error.filename is None else str(error.filename),
            remedy="mend what is at this place, then run again",
        ) from None


def fsync_file(path: Path) -> None:
    """Flush a file's content to disk."""
    # Windows flushes only handles that are open for writing.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def fsync_folder(path: Path) -> None:
    """Flush the names in a folder to disk, where the system has a way to."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_durably(path: Path, text: str) -> None:
    """Write a small file so that after a crash it exists whole or not at all."""
    partial = path.with_name(path.name + ".tmp")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    fsync_folder(path.parent)


def move_durably(files: Iterable[Path], folder: Path) -> None:
    """Move files to a folder, made if need be, so that a crash leaves each in one of the two places."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        os.replace(file, folder / file.name)
    fsync_folder(folder)
    fsync_folder(folder.parent)
