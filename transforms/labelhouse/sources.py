"""Find the files that a call names: files, folders and globs."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

_SUFFIXES = (".json", ".zip", ".gz")


@dataclass(frozen=True, slots=True)
class Source:
    """One file to load; `name` is its path below the folder or glob that was given, else its name."""

    path: str
    name: str

    @property
    def bytes(self) -> int:
        """Size of the file, 0 if it cannot be told."""
        try:
            return os.path.getsize(self.path)
        except OSError:
            return 0


def find_sources(patterns: Iterable[str]) -> list[Source]:
    """Return the sources of a call in order, each file once.

    Of a folder every .json, .zip and .gz below it is one, of a glob every file that it matches. What
    names nothing is returned as it is: opening it tells what is wrong.
    """
    found: dict[str, Source] = {}
    for pattern in patterns:
        for source in _expand(pattern):
            found.setdefault(os.path.realpath(source.path), source)
    return list(found.values())


def _expand(pattern: str) -> list[Source]:
    path = Path(pattern)
    if path.is_dir():
        files = (p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(_SUFFIXES))
        below = [(p, p.relative_to(path)) for p in files]
        visible = [(p, r) for p, r in below if not _is_hidden(r)]
        return _named(visible) or [Source(pattern, path.name)]
    if not path.exists() and has_magic(pattern):
        base = _fixed_part(path)
        matches = (Path(match) for match in glob(pattern, recursive=True))
        return _named([(p, p.relative_to(base)) for p in matches if p.is_file()]) or [
            Source(pattern, path.name)
        ]
    return [Source(_redirected(pattern), path.name)]


def _redirected(path: str) -> str:
    """Return the file behind /dev/stdin and the like, which other processes know by its own name only."""
    if path.startswith(("/dev/", "/proc/")) and Path(path).is_file():
        real = os.path.realpath(path)
        return path if real.startswith("/proc/") else real
    return path


def _is_hidden(relative: Path) -> bool:
    """Tell files of hidden folders, and the companions that macOS makes of files."""
    return relative.name.startswith("._") or any(part.startswith(".") for part in relative.parts[:-1])


def _named(paths: list[tuple[Path, Path]]) -> list[Source]:
    return [Source(str(path), relative.as_posix()) for path, relative in sorted(paths)]


def _fixed_part(path: Path) -> Path:
    """Return the folder that a glob starts from."""
    fixed = path.parts
    for index, part in enumerate(fixed):
        if has_magic(part):
            return Path(*fixed[:index])
    return path.parent
