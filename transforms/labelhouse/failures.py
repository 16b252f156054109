"""Say what happened where the system, DuckDB, SQLite or Arrow fail: no space, no memory, in use, damaged.

Their texts are looked at and never shown: they may quote statements and values. Of the paths that they name
those in the warehouse and in the folder for temporary files are shown.
"""

import errno
import os
import re
import sqlite3
import sys
import tempfile
from pathlib import Path

from labelhouse.errors import LabelhouseError, UsageError, WarehouseBusyError, WarehouseError
from labelhouse.reason_codes import Code
from labelhouse.texts.url_secrets import without_secrets

_ERRNOS = {
    errno.ENOSPC: Code.NO_SPACE,
    errno.EDQUOT: Code.NO_SPACE,
    errno.EFBIG: Code.NO_SPACE,
    errno.ENOMEM: Code.NO_MEMORY,
    errno.EAGAIN: Code.NO_MEMORY,
    errno.EMFILE: Code.NO_HANDLES,
    errno.ENFILE: Code.NO_HANDLES,
    errno.EACCES: Code.NO_PERMISSION,
    errno.EPERM: Code.NO_PERMISSION,
    errno.EROFS: Code.NO_PERMISSION,
    errno.EIO: Code.IO_FAILED,
}
"""EAGAIN is what starting a process or a thread says at its limit."""

_PHRASES = (
    (Code.WAREHOUSE_BUSY, ("could not set lock", "conflicting lock")),
    (
        Code.NO_SPACE,
        (
            "no space left",
            "quota exceeded",
            "disk is full",
            "could not write all bytes",
            "max_temp_directory_size",
            "file too large",
        ),
    ),
    (Code.NO_HANDLES, ("too many open files",)),
    (
        Code.NO_MEMORY,
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
        Code.NO_PERMISSION,
        (
            "permission denied",
            "not permitted",
            "read-only file system",
            "readonly database",
            "access is denied",
        ),
    ),
    (Code.IO_FAILED, ("input/output error",)),
)
_AMBIGUOUS = ("disk i/o error", "unable to open database file")
"""What SQLite says of many causes."""

_DAMAGED = (
    "malformed",
    "not a database",
    "file is encrypted",
    "tprotocolexception",
    "cannot create in read-only",
)
_FREE_BYTES = 256 << 10
"""With less than that a disk is full for SQLite, which makes its files grow by steps."""


def failure(error: BaseException, folder: Path | None = None) -> LabelhouseError | None:
    """Return the error that says what happened, or None if it is nothing of this kind.

    `folder` is the warehouse that was read or written.
    """
    if isinstance(error, LabelhouseError):
        return error
    if isinstance(error, ValueError) and "null" in str(error) and not isinstance(error, UnicodeError):
        return UsageError(Code.USAGE, "a name holds a NUL character", remedy="give a name without it")
    if (isinstance(error, FileNotFoundError) or is_of_engine(error)) and _is_without_folder():
        return UsageError(
            Code.FOLDER_MISSING,
            "the folder that the command was started in is not there any more",
            remedy="change to one that is, and run again",
        )
    folder = None if folder is None or _is_without_folder() else folder.absolute()
    text = _text(error, folder)
    path = _path(error, folder)
    if (code := _code(error, text, folder)) is not None:
        return _error(code, text, path, folder)
    return _damage(error, text, path, folder)


def is_interrupt(error: BaseException) -> bool:
    """Tell whether somebody stopped the command; DuckDB's client swallows the signal's own exception."""
    if isinstance(error, KeyboardInterrupt):
        return True
    if isinstance(error, RuntimeError) and str(error) == "Query interrupted":
        return True
    return is_of_engine(error) and type(error).__name__ == "InterruptException"


def is_of_engine(error: BaseException) -> bool:
    """Tell DuckDB's errors, in a process that may not have loaded it."""
    return any(kind.__module__ in ("duckdb", "_duckdb") for kind in type(error).__mro__)


def _code(error: BaseException, text: str, folder: Path | None) -> Code | None:
    if isinstance(error, MemoryError):
        return Code.NO_MEMORY
    if isinstance(error, OSError):
        # Arrow's has the number in its text alone.
        number = error.errno or int((re.findall(r"\[errno (\d+)\]", text) or ["0"])[0])
        return _ERRNOS.get(number)
    if not (is_of_engine(error) or isinstance(error, sqlite3.Error | RuntimeError | ImportError)):
        return None
    if is_of_engine(error) and type(error).__name__ not in _OF_THE_SYSTEM:
        # What a statement says of its own: error('no space left').
        return None
    for code, phrases in _PHRASES:
        if any(phrase in text for phrase in phrases):
            return code
    if any(phrase in text for phrase in _AMBIGUOUS):
        return _cause(folder)
    if isinstance(error, sqlite3.Error) or is_of_engine(error):
        return Code.WAREHOUSE_BUSY if "locked" in text or "conflict" in text else None
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


def _cause(folder: Path | None) -> Code:
    """Find out why SQLite cannot open or write the catalog."""
    from labelhouse.lake.catalog_copy import first_bytes

    if _are_handles_short():
        return Code.NO_HANDLES
    if folder is None:
        return Code.IO_FAILED
    try:
        for path in folder.glob("catalog.sqlite*"):
            first_bytes(path, 1)
        free = os.statvfs(folder) if hasattr(os, "statvfs") else None
    except OSError as error:
        return _ERRNOS.get(error.errno or 0, Code.IO_FAILED)
    if free and free.f_flag & getattr(os, "ST_RDONLY", 1):
        return Code.NO_PERMISSION
    if not os.access(folder, os.W_OK) or not os.access(folder / "catalog.sqlite", os.W_OK):
        return Code.NO_PERMISSION
    if (free and free.f_bavail * free.f_frsize < _FREE_BYTES) or _are_files_bounded():
        return Code.NO_SPACE
    return Code.IO_FAILED


def _are_handles_short() -> bool:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return limit < 64 or len(list(Path("/proc/self/fd").iterdir())) > 0.9 * limit
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    except ImportError:
        return False


def _are_files_bounded() -> bool:
    try:
        import resource
    except ImportError:
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY


def _error(code: Code, text: str, path: Path | None, folder: Path | None) -> WarehouseError:
    where = without_secrets(str(path or folder or ""))
    is_temporary = path is not None and _is_below(path, _temporary())
    match code:
        case Code.NO_SPACE:
            what = "no space is left on the disk"
            remedy = "free space there and run again"
            if "quota" in text:
                what = "the disk quota is used up"
            elif "file too large" in text or (_are_files_bounded() and "no space left" not in text):
                what = "a file may grow no further (ulimit -f, or a limit of the file system)"
                remedy = "raise the limit and run again"
            elif "max_temp_directory_size" in text:
                where, is_temporary = str(_temporary()), True
                what = "no more space may be taken for temporary files"
            if is_temporary:
                remedy = "free space there, or set TMPDIR to a folder on a larger disk, and run again"
        case Code.NO_MEMORY:
            where = ""
            what = "memory ran out"
            if "thread" in text or "resource temporarily" in text:
                what = "no more processes or threads can be started"
            remedy = "close other programs or raise the limit (ulimit -v, ulimit -u), and run again"
        case Code.NO_HANDLES:
            what = "too many files are open"
            remedy = "raise the limit (ulimit -n 1024) and run again"
        case Code.NO_PERMISSION:
            what = "this user may not read or write it"
            remedy = "mend owner and permissions there, or choose another place"
            if "read-only file system" in text or ((path or folder) and _is_read_only(path or folder)):
                what = "the file system is read-only"
                remedy = "mount it for writing; commands that only read work as it is"
        case Code.IO_FAILED:
            what = "the disk fails to read or write (input/output error)"
            remedy = "look at the disk, then run again, and: labelhouse verify"
        case _:
            return WarehouseBusyError(
                Code.WAREHOUSE_BUSY,
                "another process is changing the warehouse",
                where=str(folder or path or ""),
                remedy="run again when it has finished",
            )
    return WarehouseError(code, what, where=where, remedy=remedy)


def _damage(
    error: BaseException, text: str, path: Path | None, folder: Path | None
) -> WarehouseError | None:
    """Return the error for a catalog or data file that is damaged or missing, if one seems to be."""
    if folder is None:
        return None
    is_catalog = isinstance(error, sqlite3.DatabaseError) or is_of_engine(error)
    if path is not None and _is_below(path, folder / "data") and not path.is_file():
        if not _is_registered(folder, path.name):
            return WarehouseBusyError(
                Code.FILE_MISSING,
                "maintenance has removed a file of the state that was read",
                where=str(path),
                remedy="run the command again",
            )
        return _damaged(path, "a data file is missing", "run: labelhouse verify")
    if path is not None and path.suffix == ".parquet" and _is_below(path, folder / "data"):
        return _damaged(path, "a data file is damaged", "run: labelhouse verify")
    if is_catalog and "tprotocolexception" in text:
        return _damaged(folder, "a data file is damaged", "run: labelhouse verify")
    if is_catalog and any(phrase in text for phrase in _DAMAGED):
        return _damaged(folder / "catalog.sqlite", "the catalog is damaged", "run: labelhouse restore")
    return None


def _damaged(path: Path, what: str, remedy: str) -> WarehouseError:
    return WarehouseError(Code.WAREHOUSE_DAMAGED, what, where=str(path), remedy=remedy)


def _is_registered(folder: Path, name: str) -> bool:
    """Tell whether the catalog as it is now has the file; in doubt it has."""
    from labelhouse.backups.lost_files import is_registered

    try:
        return is_registered(folder, name)
    except (sqlite3.Error, OSError, WarehouseError):
        return True


def _text(error: BaseException, folder: Path | None) -> str:
    """Return what an error says, without the paths: a folder may be named anything."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, OSError):
        text = f"{error.strerror or error}"
    for known in (folder, _temporary()):
        if known is not None and str(known) != "/":
            text = text.replace(str(known), "")
    return text.lower()


def _path(error: BaseException, folder: Path | None) -> Path | None:
    """Return the path that an error names, if it is one that may be shown."""
    if isinstance(error, OSError):
        # Of a copy the second one is where it goes.
        is_full = _ERRNOS.get(error.errno or 0) is Code.NO_SPACE
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


def _is_below(path: Path, folder: Path) -> bool:
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
