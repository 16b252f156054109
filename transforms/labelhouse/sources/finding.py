"""Find the files that a call names: files, folders and globs."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from glob import glob, has_magic
from pathlib import Path

from labelhouse.texts.names import stored_name, unlike_names
from labelhouse.texts.url_secrets import name_without_secrets
from labelhouse.warehouse_layout import CATALOG

_SUFFIXES = (".json", ".zip", ".gz")
_NUL = "\0"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to load; `name` is its path below the folder or glob that was given, else its name.

    The name is in its stored form, the path in the system's form. `label` is the path in its stored form.
    """

    path: str
    name: str

    @property
    def bytes(self) -> int:
        """Size of the file, 0 if it cannot be read."""
        try:
            return os.path.getsize(self.path)
        except (OSError, ValueError):
            return 0

    @property
    def label(self) -> str:
        """The path as it is stored and shown: UTF-8, without secret parts of URLs."""
        return stored_name(self.path)


def find_sources(patterns: Iterable[str]) -> list[Source]:
    """Return the sources of a call in order, each file once; different files get different names.

    A folder stands for every .json, .zip and .gz below it, and a glob for every file that it matches. A
    pattern that names nothing is returned unchanged: opening it reports the error.
    """
    found: dict[str, Source] = {}
    for pattern in patterns:
        for source in _expand(pattern):
            found.setdefault(source.path if _NUL in source.path else os.path.realpath(source.path), source)
    sources = list(found.values())
    names = unlike_names([source.name for source in sources])
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]


def empty_ones(patterns: Iterable[str]) -> list[str]:
    """Return the patterns that hold nothing: folders, and globs in a folder that exists."""
    return [pattern for pattern in patterns if _is_empty(Path(pattern), pattern)]


def _is_empty(path: Path, pattern: str) -> bool:
    is_glob = has_magic(pattern) and not os.path.lexists(pattern)
    # Path.is_dir raises for names that are too long and folders that cannot be read.
    is_there = os.path.isdir(_fixed_part(path) if is_glob else pattern)  # noqa: PTH112
    return is_there and [source.path for source in _expand(pattern)] == [pattern]


def _expand(pattern: str) -> list[Source]:
    path = Path(pattern)
    if _NUL in pattern:
        # No file has such a name, and the system's calls refuse it in different ways.
        return [Source(pattern, path.name)]
    # Path.is_dir raises for names that are too long and folders that cannot be read.
    if os.path.isdir(pattern):  # noqa: PTH112
        below = [(p, p.relative_to(path)) for p in _below(path)]
        visible = [(p, r) for p, r in below if not _is_hidden(r) and not _is_of_warehouse(p, path)]
        return _named(visible) or [Source(pattern, path.name)]
    if not os.path.lexists(pattern) and has_magic(pattern):
        base = _fixed_part(path)
        matches = [Path(match) for match in glob(pattern, recursive=True)]
        files = [*(p for p in matches if not os.path.isdir(p)), *_closed_folders(path)]  # noqa: PTH112
        named = [(p, p.relative_to(base)) for p in files if not _is_of_warehouse(p, base)]
        return _named(named) or [Source(pattern, path.name)]
    return [Source(_redirected(pattern), path.name)]


def _below(folder: Path) -> Iterator[Path]:
    """Yield everything named like an export below a folder, file or not, and the folders that are closed.

    For a link without its target, a pipe, or a folder that cannot be listed, opening it reports the error.
    If they were left out, a full load would treat their documents as removed.
    """
    closed: list[OSError] = []
    for place, _, names in os.walk(folder, onerror=closed.append):
        yield from (Path(place) / name for name in names if _is_export(name))
    yield from (Path(error.filename) for error in closed if error.filename is not None)


def _closed_folders(pattern: Path) -> Iterator[Path]:
    """Yield the folders that a glob goes through and that cannot be listed."""
    parts = pattern.parts
    first = next(index for index, part in enumerate(parts) if has_magic(part))
    for end in range(first, len(parts)):
        parent = Path(*parts[:end])
        for place in glob(str(parent), recursive=True) if has_magic(str(parent)) else [str(parent)]:
            if os.path.isdir(place) and not _is_listed(place):  # noqa: PTH112
                yield Path(place)


def _is_listed(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError:
        return False
    return True


def _redirected(path: str) -> str:
    """Return the file behind /dev/stdin and the like; other processes know it only by its own name."""
    if path.startswith(("/dev/", "/proc/")) and Path(path).is_file():
        real = os.path.realpath(path)
        return path if real.startswith("/proc/") else real
    return path


def _is_export(name: str) -> bool:
    """Return whether a name is that of an export, with or without a query that a download left in it."""
    return any(shown.lower().endswith(_SUFFIXES) for shown in (name, name_without_secrets(name)))


def _is_hidden(relative: Path) -> bool:
    """Return whether a file is in a hidden folder, or is a companion that macOS makes of a file."""
    return relative.name.startswith("._") or any(part.startswith(".") for part in relative.parts[:-1])


def _is_of_warehouse(path: Path, base: Path) -> bool:
    """Return whether a file belongs to a warehouse below the folder: its records are JSON, too."""
    return any((folder / CATALOG).is_file() for folder in path.parents if folder.is_relative_to(base))


def _named(paths: list[tuple[Path, Path]]) -> list[Source]:
    return [Source(str(path), relative.as_posix()) for path, relative in sorted(paths)]


def _fixed_part(path: Path) -> Path:
    """Return the folder that a glob starts from."""
    fixed = path.parts
    for index, part in enumerate(fixed):
        if has_magic(part):
            return Path(*fixed[:index])
    return path.parent
