"""Decide where an output may go: never into a warehouse, nor onto a file of one by another name."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse_layout import CATALOG, DATA, PUBLISHED, STAGING

MAX_LINKS = 40
_OWN_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(?P<process>\d+)(/task/\d+)?/fd")

Identity = tuple[int, int]
"""Device and inode: one for all names of a file, on every mount of it."""


class PlaceKind(Enum):
    """What is there before an output is written."""

    NOTHING = "nothing"
    FILE = "a file"
    FOLDER = "a folder"
    STREAM = "a device, a pipe or a socket"
    """It can be written through, but not replaced."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an output goes: `path` after all links; `descriptor` if it names an open file of our own."""

    target: Path
    path: Path
    kind: PlaceKind
    descriptor: int | None = None


def output_place(
    target: str | os.PathLike[str],
    warehouse: Path | None = None,
    *,
    is_own: Callable[[Path, Path], bool] = lambda _warehouse, _path: False,
) -> Place:
    """Follow links and return where an output goes; nothing is made or changed.

    `is_own` receives the warehouse's folder and a path without links; it returns whether the output may lie
    there although it is inside. Raises UsageError for a place in any warehouse, for another name of a file
    of `warehouse`, and for what cannot be an output.
    """
    path = Path(target)
    try:
        place = _place(path)
        _refuse_warehouse(place, warehouse, is_own)
    except OSError as error:
        raise refused(path, f"cannot be written ({error.strerror or 'I/O error'})") from None
    except ValueError:
        raise refused(path, "cannot be written (it is not a path)") from None
    return place


def refused(target: Path, what: str, remedy: str = "choose another place for the output") -> UsageError:
    """Return the error for an output that cannot go to this place."""
    return UsageError(ReasonCode.USAGE, what, where=str(target), remedy=remedy)


def _place(target: Path) -> Place:
    path, descriptor = _followed(target)
    if descriptor is not None:
        status = os.fstat(descriptor)
        return Place(target, path, _kind(target, status), descriptor)
    try:
        status = path.stat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise refused(target, "cannot be written (its folder is not there)", "make it first") from None
        return Place(target, path, PlaceKind.NOTHING)
    return Place(target, path, _kind(target, status))


def _followed(target: Path) -> tuple[Path, int | None]:
    """Return a path after all links, and the descriptor if it names an open file of this process."""
    path = target.absolute()
    for _ in range(MAX_LINKS):
        # Keep the name itself: the file behind a descriptor's link may have no name.
        path = Path(os.path.realpath(path.parent)) / path.name
        own = _OWN_DESCRIPTORS.fullmatch(path.parent.as_posix())
        if own and path.name.isascii() and path.name.isdigit():
            process = own["process"]
            if process is None or int(process) == os.getpid():
                return path, int(path.name)
        if not path.is_symlink():
            return path, None
        path = path.parent / path.readlink()
    raise refused(target, "cannot be written (its links lead in a circle)")


def _kind(target: Path, status: os.stat_result) -> PlaceKind:
    if stat.S_ISDIR(status.st_mode):
        return PlaceKind.FOLDER
    if stat.S_ISREG(status.st_mode):
        return PlaceKind.FILE
    if stat.S_ISBLK(status.st_mode):
        raise refused(target, "is a disk, which would be overwritten")
    return PlaceKind.STREAM


def _refuse_warehouse(place: Place, warehouse: Path | None, is_own: Callable[[Path, Path], bool]) -> None:
    """Raise UsageError if the place is in a warehouse, or is a file of `warehouse` by another name."""
    path = place.path if place.descriptor is None else Path(os.path.realpath(place.path))
    above = (path, *path.parents)
    folder = None if warehouse is None else Path(os.path.realpath(warehouse))
    if folder is not None and ((folder / CATALOG).exists() or (folder / DATA).exists()):
        folders = _folders(folder)
        is_inside = not folders.isdisjoint(map(_identity, above))
        if is_inside and not (place.descriptor is None and is_own(folder, path)):
            raise _inside(place.target, folder)
        if place.kind is PlaceKind.FILE and _has_file(folder, place):
            raise refused(place.target, "is another name of a file of the warehouse")
        if place.kind is PlaceKind.FOLDER and any(parent.samefile(path) for parent in folder.parents):
            raise refused(place.target, "is a folder in which the warehouse is")
        if is_inside:
            return
    for parent in above:
        if (parent / CATALOG).is_file() and (parent / DATA).is_dir():
            raise _inside(place.target, parent)


def _inside(target: Path, warehouse: Path) -> UsageError:
    return refused(target, f"is inside the warehouse {warehouse}")


def _folders(warehouse: Path) -> set[Identity | None]:
    """Return the identities of a warehouse's folders, which are the same for every path to them."""
    return {_identity(folder) for folder, _ in _walked(warehouse)}


def _has_file(warehouse: Path, place: Place) -> bool:
    """Return whether an existing file is one of the warehouse, published files left out."""
    wanted = _identity(place.path if place.descriptor is None else place.descriptor)
    return any(
        _identity(entry.path) == wanted
        for folder, entries in _walked(warehouse)
        if not folder.is_relative_to(warehouse / PUBLISHED)
        for entry in entries
        if Path(entry.path) != place.path
    )


def _walked(warehouse: Path) -> Iterator[tuple[Path, "list[os.DirEntry[str]]"]]:
    """Yield the folders of a warehouse with what they hold; its own parts may be links to elsewhere."""
    todo = [warehouse]
    while todo:
        folder = todo.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            entries = []
        yield folder, entries
        for entry in entries:
            is_part = folder == warehouse and entry.name in (DATA, STAGING)
            if entry.is_dir(follow_symlinks=is_part):
                todo.append(Path(entry.path))


def _identity(path: int | str | Path) -> Identity | None:
    """Return the device and inode of what a path or a descriptor leads to; None if there is nothing."""
    try:
        status = os.fstat(path) if isinstance(path, int) else Path(path).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
