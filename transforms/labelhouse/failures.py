"""Say what happened where the system, DuckDB, SQLite or Arrow fail: no space, no memory, in use, damaged.

This module scans their texts and never shows them: they may quote statements and values. It shows the paths
that they name if those lie in the warehouse or in the folder for temporary files.
"""

import errno
import os
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from labelhouse.errors import LabelhouseError, UsageError, WarehouseBusyError, WarehouseError
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.url_secrets import without_secrets

_ERRNOS = {
    errno.ENOSPC: ReasonCode.NO_SPACE,
    errno.EDQUOT: ReasonCode.NO_SPACE,
    errno.EFBIG: ReasonCode.NO_SPACE,
    errno.ENOMEM: ReasonCode.NO_MEMORY,
    errno.EAGAIN: ReasonCode.NO_MEMORY,
    errno.EMFILE: ReasonCode.NO_HANDLES,
    errno.ENFILE: ReasonCode.NO_HANDLES,
    errno.EACCES: ReasonCode.NO_PERMISSION,
    errno.EPERM: ReasonCode.NO_PERMISSION,
    errno.EROFS: ReasonCode.NO_PERMISSION,
    errno.EIO: ReasonCode.IO_FAILED,
}
"""The system reports EAGAIN when it can start no more processes or threads."""

_PHRASES = (
    (ReasonCode.WAREHOUSE_BUSY, ("could not set lock", "conflicting lock")),
    (
        ReasonCode.NO_SPACE,
        (
            "no space left",
            "quota exceeded",
            "disk is full",
            "could not write all bytes",
            "max_temp_directory_size",
            "file too large",
        ),
    ),
    (ReasonCode.NO_HANDLES, ("too many open files",)),
    (
        ReasonCode.NO_MEMORY,
        (
            "out of memory",
            "bad_alloc",
            "bad allocation",
            "failed to allocate",
            "could not allocate",
            "cannot allocate",
            "failed to map segment",
            "start new thread",
            "resource temporarily unavailable",
        ),
    ),
    (
        ReasonCode.NO_PERMISSION,
        (
            "permission denied",
            "not permitted",
            "read-only file system",
            "readonly database",
            "access is denied",
        ),
    ),
    (ReasonCode.IO_FAILED, ("input/output error",)),
)
_AMBIGUOUS = ("disk i/o error", "unable to open database file")
"""Phrases that SQLite uses for many causes."""


def failure(
    error: BaseException,
    folder: Path | None = None,
    *,
    cause_of_ambiguity: Callable[[Path | None], ReasonCode] | None = None,
) -> LabelhouseError | None:
    """Return the error that says what happened, or None if it is nothing of this kind.

    `folder` is the warehouse that was read or written. `cause_of_ambiguity` finds the cause where SQLite's
    text fits many causes; without it the code is IO_FAILED.
    """
    if isinstance(error, LabelhouseError):
        return error
    if isinstance(error, ValueError) and "null" in str(error) and not isinstance(error, UnicodeError):
        return UsageError(ReasonCode.USAGE, "a name holds a NUL character", remedy="give a name without it")
    if (isinstance(error, FileNotFoundError) or is_of_engine(error)) and _is_without_folder():
        return UsageError(
            ReasonCode.FOLDER_MISSING,
            "the folder that the command was started in no longer exists",
            remedy="change to another folder and run again",
        )
    folder = absolute_folder(folder)
    text = text_without_paths(error, folder)
    code = _code(error, text, lambda: _cause(folder, cause_of_ambiguity))
    return None if code is None else _error(code, text, named_path(error, folder), folder)


def absolute_folder(folder: Path | None) -> Path | None:
    """Return the absolute path of a warehouse, or None if the current folder is gone."""
    return None if folder is None or _is_without_folder() else folder.absolute()


def code_of_errno(number: int | None) -> ReasonCode | None:
    """Return the reason code for an error number of the system."""
    return _ERRNOS.get(number or 0)


def is_interrupt(error: BaseException) -> bool:
    """Return whether the user stopped the command; DuckDB's client swallows the signal's own exception."""
    if isinstance(error, KeyboardInterrupt):
        return True
    if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
        return True
    return is_of_engine(error) and type(error).__name__ == "InterruptException"


def is_of_engine(error: BaseException) -> bool:
    """Return whether an error is DuckDB's, in a process that may not have loaded DuckDB."""
    return any(kind.__module__ in ("duckdb", "_duckdb") for kind in type(error).__mro__)


def _code(error: BaseException, text: str, cause: Callable[[], ReasonCode]) -> ReasonCode | None:
    if isinstance(error, MemoryError):
        return ReasonCode.NO_MEMORY
    if isinstance(error, OSError):
        # Arrow's OSError has the number only in its text.
        number = error.errno or int((re.findall(r"\[errno (\d+)\]", text) or ["0"])[0])
        return _ERRNOS.get(number)
    if not (is_of_engine(error) or isinstance(error, sqlite3.Error | RuntimeError | ImportError)):
        return None
    if is_of_engine(error) and type(error).__name__ not in _OF_THE_SYSTEM:
        # The statement raised it itself: error('no space left').
        return None
    for code, phrases in _PHRASES:
        if any(phrase in text for phrase in phrases):
            return code
    if any(phrase in text for phrase in _AMBIGUOUS):
        return cause()
    if isinstance(error, sqlite3.Error) or is_of_engine(error):
        return ReasonCode.WAREHOUSE_BUSY if "locked" in text or "conflict" in text else None
    return None


_OF_THE_SYSTEM = {
    "Error",
    "OperationalError",
    "IOException",
    "PermissionException",
    "OutOfMemoryException",
    "TransactionException",
    "FatalException",
    "InternalException",
    "SerializationException",
}


def _cause(folder: Path | None, find: Callable[[Path | None], ReasonCode] | None) -> ReasonCode:
    if _are_handles_short():
        return ReasonCode.NO_HANDLES
    return ReasonCode.IO_FAILED if find is None else find(folder)


def _are_handles_short() -> bool:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return limit < 64 or len(list(Path("/proc/self/fd").iterdir())) > 0.9 * limit
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    except ImportError:
        return False


def are_files_bounded() -> bool:
    """Return whether the system limits the size of files that this process writes (ulimit -f)."""
    try:
        import resource
    except ImportError:
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def _error(code: ReasonCode, text: str, path: Path | None, folder: Path | None) -> WarehouseError:
    where = without_secrets(str(path or folder or ""))
    is_temporary = path is not None and is_below(path, _temporary())
    match code:
        case ReasonCode.NO_SPACE:
            what = "no space is left on the disk"
            remedy = "free space there and run again"
            if "quota" in text:
                what = "the disk quota is used up"
            elif "file too large" in text or (are_files_bounded() and "no space left" not in text):
                what = "a file may grow no further (ulimit -f, or a limit of the file system)"
                remedy = "raise the limit and run again"
            elif "max_temp_directory_size" in text:
                where, is_temporary = str(_temporary()), True
                what = "the limit of space for temporary files is reached"
            if is_temporary:
                remedy = "free space there, or set TMPDIR to a folder on a larger disk, and run again"
        case ReasonCode.NO_MEMORY:
            where = ""
            what = "memory ran out"
            if "thread" in text or "resource temporarily" in text:
                what = "no more processes or threads can be started"
            remedy = "close other programs or raise the limit (ulimit -v, ulimit -u), and run again"
        case ReasonCode.NO_HANDLES:
            what = "too many files are open"
            remedy = "raise the limit (ulimit -n 1024) and run again"
        case ReasonCode.NO_PERMISSION:
            what = "this user may not read or write it"
            remedy = "mend owner and permissions there, or choose another place"
            if "read-only file system" in text or ((path or folder) and _is_read_only(path or folder)):
                what = "the file system is read-only"
                remedy = "mount it for writing; commands that only read work as it is"
        case ReasonCode.IO_FAILED:
            what = "the disk fails to read or write (input/output error)"
            remedy = "look at the disk, then run again, and: labelhouse verify"
        case _:
            return WarehouseBusyError(
                ReasonCode.WAREHOUSE_BUSY,
                "another process is changing the warehouse",
                where=str(folder or path or ""),
                remedy="run again when it has finished",
            )
    return WarehouseError(code, what, where=where, remedy=remedy)


def text_without_paths(error: BaseException, folder: Path | None) -> str:
    """Return the text of an error without the paths: a folder may have any name."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        text = f"{error.strerror or error}"
    for known in (folder, _temporary()):
        if known is not None and str(known) != "/":
            text = text.replace(str(known), "")
    return text.lower()


def named_path(error: BaseException, folder: Path | None) -> Path | None:
    """Return the path that an error names, if it is one that may be shown."""
    if isinstance(error, OSError):
        # When a copy fails, the second name is that of its target.
        is_full = _ERRNOS.get(error.errno or 0) is ReasonCode.NO_SPACE
        name = error.filename2 if is_full and error.filename2 else error.filename
        return Path(os.fsdecode(name)) if isinstance(name, str | bytes | os.PathLike) else None
    text = str(error)
    for known in (folder, _temporary()):
        place = text.find(f"{known}/") if known is not None else -1
        if place > 0 and text[place - 1] in "\"'" and (end := text.find(text[place - 1], place)) > 0:
            return Path(text[place:end])
    return None


def _temporary() -> Path:
    return Path(tempfile.gettempdir() if tempfile.tempdir or not _is_without_folder() else "/tmp")


def is_below(path: Path, folder: Path) -> bool:
    """Return whether a path lies inside a folder."""
    return path != folder and path.is_relative_to(folder)


def _is_read_only(path: Path | None) -> bool:
    while path is not None and not path.exists() and path != path.parent:
        path = path.parent
    try:
        return path is not None and bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except (AttributeError, OSError):
        return False


def _is_without_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return sys.platform != "win32"
    return False
