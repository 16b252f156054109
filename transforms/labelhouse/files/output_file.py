"""Write a command's output: a file whole or not at all, or through a device or a pipe.

A file is written beside the one that it replaces. Where the system can, it has no name while it is written,
so that not even a kill leaves anything. A rename gives it its name once it is on disk. Every command writes
its files here or, where DuckDB has to write them, by files/atomic_replace.py.
"""

import io
import os
import secrets
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from labelhouse.files.durable_files import fsync_folder
from labelhouse.files.output_place import Place, PlaceKind, output_place, refused
from labelhouse.files.output_stream import OutputError, OutputStream, output_error

PERMISSIONS = 0o666
"""Permissions of a new file, less those that the umask takes away."""
_PRIVATE = 0o600


@contextmanager
def output_file(
    target: str | os.PathLike[str],
    warehouse: Path | None = None,
    *,
    is_own: Callable[[Path, Path], bool] = lambda _warehouse, _path: False,
) -> Iterator[BinaryIO]:
    """Give a stream for a file, which is whole and on disk when the block ends.

    If the block raises, only what was there before stays. It follows a link, and writes through a device, a
    pipe, or an open file of this process such as /dev/stdout. An existing file keeps its permissions.
    Raises UsageError for a place where no output may go (see output_place) and OutputError if it cannot be
    written.
    """
    place = output_place(target, warehouse, is_own=is_own)
    if place.kind is PlaceKind.FOLDER:
        raise refused(place.target, "cannot be written (it is a folder)")
    if place.kind is PlaceKind.STREAM or place.descriptor is not None:
        with _through(place) as stream:
            yield stream
    else:
        with _replaced(place) as stream:
            yield stream


@contextmanager
def _through(place: Place) -> Iterator[BinaryIO]:
    """Write to something that is open already or that cannot be replaced."""
    try:
        if place.descriptor is None:
            # No O_CREAT: if the device or pipe has gone meanwhile, no file takes its place.
            descriptor = os.open(place.path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
        else:
            descriptor = os.dup(place.descriptor)
    except OSError as error:
        raise refused(place.target, f"cannot be written ({error.strerror or 'I/O error'})") from None
    with _buffered(descriptor, place) as stream:
        yield stream
        stream.flush()


@contextmanager
def _replaced(place: Place) -> Iterator[BinaryIO]:
    """Write a file without a name, or under one of its own, and replace the old file by it."""
    old = place.path.stat() if place.kind is PlaceKind.FILE else None
    if old is not None and not (old.st_mode & 0o222 and os.access(place.path, os.W_OK)):
        raise refused(place.target, "cannot be written (it is read-only)")
    partial = place.path.with_name(f".labelhouse-{secrets.token_hex(8)}.tmp")
    try:
        descriptor, is_named = _opened(partial, PERMISSIONS if old is None else _PRIVATE)
    except OSError as error:
        what = f"cannot be written ({error.strerror or 'I/O error'}: its folder takes no new file)"
        raise refused(place.target, what) from None
    with (
        removed_at_end(lambda: partial.unlink(missing_ok=True), by_signals=is_named),
        _buffered(descriptor, place) as stream,
    ):
        yield stream
        stream.flush()
        try:
            if old is not None:
                keep_permissions(descriptor, old)
            os.fsync(descriptor)
            if not is_named:
                _name(descriptor, partial)
            os.replace(partial, place.path)
            fsync_folder(place.path.parent)
        except OSError as error:
            raise output_error(error, str(place.target)) from None


def _opened(partial: Path, mode: int) -> tuple[int, bool]:
    """Open a new file, without a name where it can get one later; return whether it has a name."""
    nameless = getattr(os, "O_TMPFILE", None)
    if nameless is not None and Path("/proc/self/fd").is_dir():
        # Some file systems cannot: the open with a name then reports what is wrong, if anything is.
        with suppress(OSError):
            return os.open(partial.parent, nameless | os.O_WRONLY, mode), False
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(partial, flags, mode), True


def _name(descriptor: int, partial: Path) -> None:
    """Give a name to an open file that has none."""
    folder = os.open(partial.parent, os.O_RDONLY)
    try:
        # Python asks the system to follow the link only if it gets the descriptor of a folder.
        os.link(f"/proc/self/fd/{descriptor}", partial, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def keep_permissions(descriptor: int, old: os.stat_result) -> None:
    """Give an open file or folder the permissions of the one that it replaces, and its owner if we may."""
    if os.name != "posix":
        return
    new = os.fstat(descriptor)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with suppress(PermissionError):
            os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


@contextmanager
def _buffered(descriptor: int, place: Place) -> Iterator[BinaryIO]:
    """Give a buffered stream whose errors name the output; it is closed at the end of the block."""
    stream: BinaryIO = io.BufferedWriter(OutputStream(descriptor, str(place.target)))  # type: ignore[type-var]
    try:
        yield stream
    except BaseException:
        # Writing the rest of the buffer would fail again; the error that ended the block is raised.
        with suppress(OutputError, OSError):
            stream.close()
        raise
    try:
        stream.close()
    except OSError as error:
        raise output_error(error, str(place.target)) from None


@contextmanager
def removed_at_end(remove: Callable[[], None], *, by_signals: bool = True) -> Iterator[None]:
    """Call `remove` when the block ends; with `by_signals` also before a signal ends the process."""
    unhandled: list[signal.Signals] = []
    if by_signals and threading.current_thread() is threading.main_thread():
        ending = [number for number in signal.Signals if number.name in ("SIGTERM", "SIGHUP")]
        unhandled = [number for number in ending if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        remove()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in unhandled:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in unhandled:
            signal.signal(number, signal.SIG_DFL)
        remove()
