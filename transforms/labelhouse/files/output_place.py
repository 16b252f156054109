"""Decide where an output may go: never into a warehouse, nor onto a file of one by another name."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from labelhouse.errors import UsageError
from labelhouse.reason_codes import Code
from labelhouse.warehouse_layout import CATALOG, DATA, PUBLISHED, STAGING

MAX_LINKS = 40
_OWN_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(?P<process>\d+)(/task/\d+)?/fd")

Identity = tuple[int, int]
"""Device and inode: one for all names of a file, on every mount of it."""


class Kind(Enum):
    """What is there before an output is written."""

    NOTHING = "nothing"
    FILE = "a file"
    FOLDER = "a folder"
    STREAM = "a device, a pipe or a socket"
    """It can be written through, but not replaced."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an output goes: `path` after all links; `descriptor` if it names an open file of our own."""

    given: Path
    path: Path
    kind: Kind
    descriptor: int | None = None


def output_place(
    given: str | os.PathLike[str],
    warehouse: Path | None = None,
    *,
    is_own: Callable[[Path, Path], bool] = lambda _warehouse, _path: False,
) -> Place:
    """Follow links and return where an output goes; nothing is made or changed.

    `is_own` receives the warehouse's folder and a path without links; it returns whether the output may lie
    there although it is inside. Raises UsageError for a place in any warehouse, for another name of a file
    of `warehouse`, and for what cannot be an output.
    """
    asked = Path(given)
    try:
        place = _place(asked)
        _refuse_warehouse(place, warehouse, is_own)
    except OSError as error:
        raise refused(asked, f"cannot be written ({error.strerror or 'I/O error'})") from None
    except ValueError:
        raise refused(asked, "cannot be written (it is no path)") from None
    return place


def refused(given: Path, what: str, remedy: str = "choose another place for the output") -> UsageError:
    """Return the error for an output that cannot go to the place given."""
    return UsageError(Code.USAGE, what, where=str(given), remedy=remedy)


def _place(given: Path) -> Place:
    path, descriptor = _followed(given)
    if descriptor is not None:
        found = os.fstat(descriptor)
        return Place(given, path, _kind(given, found), descriptor)
    try:
        found = path.stat()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise refused(given, "cannot be written (its folder is not there)", "make it first") from None
        return Place(given, path, Kind.NOTHING)
    return Place(given, path, _kind(given, found))


def _followed(given: Path) -> tuple[Path, int | None]:
    """Return a path after all links, and the descriptor if it names an open file of this process."""
    path = given.absolute()
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
    raise refused(given, "cannot be written (its links lead in a circle)")


def _kind(given: Path, found: os.stat_result) -> Kind:
    if stat.S_ISDIR(found.st_mode):
        return Kind.FOLDER
    if stat.S_ISREG(found.st_mode):
        return Kind.FILE
    if stat.S_ISBLK(found.st_mode):
        raise refused(given, "is a disk, which would be overwritten")
    return Kind.STREAM


def _refuse_warehouse(place: Place, warehouse: Path | None, is_own: Callable[[Path, Path], bool]) -> None:
    """Raise UsageError if the place is in a warehouse, or is a file of `warehouse` by another name."""
    path = place.path if place.descriptor is None else Path(os.path.realpath(place.path))
    above = (path, *path.parents)
    folder = None if warehouse is None else Path(os.path.realpath(warehouse))
    if folder is not None and ((folder / CATALOG).exists() or (folder / DATA).exists()):
        folders = _folders(folder)
        is_inside = not folders.isdisjoint(map(_identity, above))
        if is_inside and not (place.descriptor is None and is_own(folder, path)):
            raise _inside(place.given, folder)
        if place.kind is Kind.FILE and _has_file(folder, place):
            raise refused(place.given, "is another name of a file of the warehouse")
        if place.kind is Kind.FOLDER and any(parent.samefile(path) for parent in folder.parents):
            raise refused(place.given, "is a folder in which the warehouse is")
        if is_inside:
            return
    for parent in above:
        if (parent / CATALOG).is_file() and (parent / DATA).is_dir():
            raise _inside(place.given, parent)


def _inside(given: Path, warehouse: Path) -> UsageError:
    return refused(given, f"is inside the warehouse {warehouse}")


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
        found = os.fstat(path) if isinstance(path, int) else Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
