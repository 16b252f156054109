"""Find the files that a call names: files, folders and globs."""

import os
from collections.abc import Iterable
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

    The name is as it is stored, the path as the system has it; `label` is the path as it is stored.
    """

    path: str
    name: str

    @property
    def bytes(self) -> int:
        """Size of the file, 0 if it cannot be told."""
        try:
            return os.path.getsize(self.path)
        except (OSError, ValueError):
            return 0

    @property
    def label(self) -> str:
        """The path as it is stored and shown: UTF-8, without secret parts of URLs."""
        return stored_name(self.path)


def find_sources(patterns: Iterable[str]) -> list[Source]:
    """Return the sources of a call in order, each file once; files of different names differ in theirs.

    Of a folder every .json, .zip and .gz below it is one, of a glob every file that it matches. What
    names nothing is returned as it is: opening it tells what is wrong.
    """
    found: dict[str, Source] = {}
    for pattern in patterns:
        for source in _expand(pattern):
            found.setdefault(source.path if _NUL in source.path else os.path.realpath(source.path), source)
    sources = list(found.values())
    names = unlike_names([source.name for source in sources])
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]


def empty_ones(patterns: Iterable[str]) -> list[str]:
    """Return those of the patterns that hold nothing: folders, and globs in a folder that is there."""
    return [pattern for pattern in patterns if _is_empty(Path(pattern), pattern)]


def _is_empty(path: Path, pattern: str) -> bool:
    is_glob = has_magic(pattern) and not os.path.lexists(pattern)
    # Path.is_dir raises for names that are too long and folders that are closed.
    is_there = os.path.isdir(_fixed_part(path) if is_glob else pattern)  # noqa: PTH112
    return is_there and [source.path for source in _expand(pattern)] == [pattern]


def _expand(pattern: str) -> list[Source]:
    path = Path(pattern)
    if _NUL in pattern:
        # No file has such a name, and the system's calls refuse it each in its own way.
        return [Source(pattern, path.name)]
    # Path.is_dir raises for names that are too long and folders that are closed.
    if os.path.isdir(pattern):  # noqa: PTH112
        files = (p for p in path.rglob("*") if _is_file(p) and _is_export(p.name))
        below = [(p, p.relative_to(path)) for p in files]
        visible = [(p, r) for p, r in below if not _is_hidden(r) and not _is_of_warehouse(p, path)]
        return _named(visible) or [Source(pattern, path.name)]
    if not os.path.lexists(pattern) and has_magic(pattern):
        base = _fixed_part(path)
        matches = (Path(match) for match in glob(pattern, recursive=True))
        files = (p for p in matches if _is_file(p) and not _is_of_warehouse(p, base))
        return _named([(p, p.relative_to(base)) for p in files]) or [Source(pattern, path.name)]
    return [Source(_redirected(pattern), path.name)]


def _redirected(path: str) -> str:
    """Return the file behind /dev/stdin and the like, which other processes know by its own name only."""
    if path.startswith(("/dev/", "/proc/")) and Path(path).is_file():
        real = os.path.realpath(path)
        return path if real.startswith("/proc/") else real
    return path


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113


def _is_export(name: str) -> bool:
    """Tell an export by its name, also where a download has left a query behind it."""
    return name_without_secrets(name).lower().endswith(_SUFFIXES)


def _is_hidden(relative: Path) -> bool:
    """Tell files of hidden folders, and the companions that macOS makes of files."""
    return relative.name.startswith("._") or any(part.startswith(".") for part in relative.parts[:-1])


def _is_of_warehouse(path: Path, base: Path) -> bool:
    """Tell files of a warehouse that lies below the folder: its records are JSON, too."""
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
