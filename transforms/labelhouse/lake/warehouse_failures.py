"""Explain why work on a warehouse failed: the causes of failures.py, and damage."""

import os
import sqlite3
from pathlib import Path

from labelhouse.errors import LabelhouseError, WarehouseBusyError, WarehouseError
from labelhouse.failures import (
    absolute_folder,
    are_files_bounded,
    code_of_errno,
    failure,
    is_below,
    is_of_engine,
    named_path,
    text_without_paths,
)
from labelhouse.reason_codes import ReasonCode

_DAMAGED = (
    "malformed",
    "not a database",
    "file is encrypted",
    "tprotocolexception",
    "cannot create in read-only",
)
_FREE_BYTES = 256 << 10
"""With less free space a disk is full for SQLite, which grows its files in steps."""


_OF_STATEMENTS = frozenset(
    {
        "BinderException",
        "CatalogException",
        "ConstraintException",
        "ConversionException",
        "OutOfRangeException",
        "ParserException",
        "SyntaxException",
        "TypeMismatchException",
    }
)
"""Errors that a statement causes by its text: they show nothing about the warehouse's files."""


def warehouse_failure(error: BaseException, folder: Path | None) -> LabelhouseError | None:
    """Return the error that says what happened in a warehouse, or None if it is nothing of this kind.

    The catalog shows whether maintenance removed an absent data file, or the file is missing.
    """
    known = failure(error, folder, cause_of_ambiguity=_cause)
    folder = absolute_folder(folder)
    return known if known is not None or folder is None else _damage(error, folder)


def _cause(folder: Path | None) -> ReasonCode:
    """Find out why SQLite cannot open or write the catalog."""
    # Imported here because catalog_copy imports this module.
    from labelhouse.lake.catalog_copy import first_bytes

    if folder is None:
        return ReasonCode.IO_FAILED
    try:
        for path in folder.glob("catalog.sqlite*"):
            first_bytes(path, 1)
        free = os.statvfs(folder) if hasattr(os, "statvfs") else None
    except OSError as error:
        return code_of_errno(error.errno) or ReasonCode.IO_FAILED
    if free and free.f_flag & getattr(os, "ST_RDONLY", 1):
        return ReasonCode.NO_PERMISSION
    if not os.access(folder, os.W_OK) or not os.access(folder / "catalog.sqlite", os.W_OK):
        return ReasonCode.NO_PERMISSION
    if (free and free.f_bavail * free.f_frsize < _FREE_BYTES) or are_files_bounded():
        return ReasonCode.NO_SPACE
    return ReasonCode.IO_FAILED


def _damage(error: BaseException, folder: Path) -> WarehouseError | None:
    """Return the error for a catalog or data file that is damaged or missing, if one seems to be."""
    if is_of_engine(error) and type(error).__name__ in _OF_STATEMENTS:
        return None
    text, path = text_without_paths(error, folder), named_path(error, folder)
    # A statement's own values, such as malformed JSON, cause an InvalidInputException.
    is_catalog = isinstance(error, sqlite3.DatabaseError) or (
        is_of_engine(error) and type(error).__name__ != "InvalidInputException"
    )
    if path is not None and is_below(path, folder / "data") and not path.is_file():
        if not _is_registered(folder, path.name):
            return WarehouseBusyError(
                ReasonCode.FILE_MISSING,
                "maintenance has removed a file of the state that was read",
                where=str(path),
                remedy="run the command again",
            )
        return _damaged(path, "a data file is missing", "run: labelhouse verify")
    if path is not None and path.suffix == ".parquet" and is_below(path, folder / "data"):
        return _damaged(path, "a data file is damaged", "run: labelhouse verify")
    if is_catalog and "tprotocolexception" in text:
        return _damaged(folder, "a data file is damaged", "run: labelhouse verify")
    if is_catalog and any(phrase in text for phrase in _DAMAGED):
        return _damaged(folder / "catalog.sqlite", "the catalog is damaged", "run: labelhouse restore")
    return None


def _damaged(path: Path, what: str, remedy: str) -> WarehouseError:
    return WarehouseError(ReasonCode.WAREHOUSE_DAMAGED, what, where=str(path), remedy=remedy)


def _is_registered(folder: Path, name: str) -> bool:
    """Return whether the current catalog has the file; True if the catalog cannot be read."""
    from labelhouse.lake.catalog_files import is_registered

    try:
        return is_registered(folder, name)
    except (sqlite3.Error, OSError, WarehouseError):
        return True
