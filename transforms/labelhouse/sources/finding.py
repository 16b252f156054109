"""Find the sources that a call names: files, folders, globs and URLs."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from glob import glob, has_magic
from heapq import nsmallest
from pathlib import Path

from labelhouse.coco.encord import is_ontology
from labelhouse.sources.addresses import is_url, local_path
from labelhouse.sources.expansion import expanded, is_hidden
from labelhouse.sources.naming import DocumentNames, names_of, newest_files
from labelhouse.texts.names import SHOWN_NAMES, some_of, stored_name
from labelhouse.texts.url_secrets import name_without_secrets
from labelhouse.warehouse_layout import CATALOG

_SUFFIXES = (".json", ".zip", ".gz")
_NUL = "\0"
_HEAD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Source:
    """One file to load; `name` is its path below the folder or glob that was given, else its name.

    A longer part of the path is the name where files of the call would share one, and `--document` replaces
    what changes each night. The name is in its stored form, the path in the system's form. `label` is the
    path in its stored form. `notes` say what was passed over where it was searched for.
    """

    path: str
    name: str
    notes: tuple[str, ...] = ()
    listed_bytes: int = 0
    """Size of an object that a store has listed."""
    shown_as: str | None = None
    """What is shown in place of the path."""

    @property
    def bytes(self) -> int:
        """Size of the file, 0 if it cannot be read or is not known."""
        if is_url(self.path):
            return self.listed_bytes
        try:
            return os.path.getsize(self.path)
        except (OSError, ValueError):
            return 0

    @property
    def label(self) -> str:
        """The path as it is stored and shown: UTF-8, without secret parts of URLs."""
        return stored_name(self.path) if self.shown_as is None else self.shown_as


def find_sources(patterns: Iterable[str], documents: DocumentNames | None = None) -> list[Source]:
    """Return the sources of a call in order, each file once; different files get different names.

    A folder stands for every .json, .zip and .gz below it, and a glob for every file that it matches. So do
    the prefix of an object store and a glob in one. A pattern that names nothing is returned unchanged:
    opening it reports the error. Raises UsageError if `documents` makes several files one document, and
    does not say to take the newest.
    """
    by_path: dict[str, Source] = {}
    for pattern in map(local_path, patterns):
        for source in _expand(pattern):
            is_path = _NUL not in source.path and not is_url(source.path)
            path = os.path.realpath(source.path) if is_path else source.path
            known = by_path.setdefault(path, source)
            if (known.name.count("/"), known.name) < (source.name.count("/"), source.name):
                # The longest name that the call gives a file is its own, in any order of the call.
                by_path[path] = replace(source, notes=known.notes + source.notes)
    sources = _newest(list(by_path.values()), documents or DocumentNames())
    paths, names = [source.path for source in sources], [source.name for source in sources]
    names = names_of(paths, names, documents or DocumentNames())
    return [replace(source, name=name) for source, name in zip(sources, names, strict=True)]


def _newest(sources: list[Source], documents: DocumentNames) -> list[Source]:
    """Return the sources without older files of one document, with notes on these."""
    kept = []
    for index, older in newest_files([source.path for source in sources], documents).items():
        source = sources[index]
        notes = [note for other in older for note in sources[other].notes] + [*source.notes]
        if older:
            names = nsmallest(SHOWN_NAMES, (stored_name(sources[other].name) for other in older))
            notes.append(f"passed over {some_of(names, len(older), 'files')}: older files of its document")
        kept.append(replace(source, notes=tuple(notes)))
    return kept


def empty_ones(patterns: Iterable[str]) -> list[str]:
    """Return the patterns that hold nothing: folders, and globs in a folder that exists."""
    return [pattern for pattern in patterns if _is_empty(Path(pattern), pattern)]


def _is_empty(path: Path, pattern: str) -> bool:
    if is_url(pattern):
        # Opening it says whether there is nothing, or no answer.
        return False
    is_glob = has_magic(pattern) and not os.path.lexists(pattern)
    # Path.is_dir raises for names that are too long and folders that cannot be read.
    is_there = os.path.isdir(_fixed_part(path) if is_glob else pattern)  # noqa: PTH112
    return is_there and [source.path for source in _expand(pattern)] == [pattern]


def _expand(pattern: str) -> list[Source]:
    if is_url(pattern):
        return [Source(url, name, listed_bytes=size) for url, name, size in expanded(pattern, _is_export)]
    path = Path(pattern)
    if _NUL in pattern:
        # No file has such a name, and the system's calls refuse it in different ways.
        return [Source(pattern, path.name)]
    # Path.is_dir raises for names that are too long and folders that cannot be read.
    if os.path.isdir(pattern):  # noqa: PTH112
        others = _Others()
        below = [(p, p.relative_to(path)) for p in _below(path, others)]
        visible = [
            (p, r)
            for p, r in below
            if not is_hidden(r.as_posix()) and not _is_of_warehouse(p, path) and not _is_ontology(p)
        ]
        notes = others.note("files of a folder", "in folders only .json, .zip and .gz are read")
        return _named(visible, notes) or [Source(pattern, path.name, notes)]
    if not os.path.lexists(pattern) and has_magic(pattern):
        base = _fixed_part(path)
        matches = [Path(match) for match in glob(pattern, recursive=True)]
        files = [*(p for p in matches if not os.path.isdir(p)), *_closed_folders(path)]  # noqa: PTH112
        files = [p for p in files if not _is_ontology(p)]
        named = [(p, p.relative_to(base)) for p in files if not _is_of_warehouse(p, base)]
        others = _Others()
        if "**" not in path.parts:
            others.add(str(p.relative_to(base)) for p in matches if os.path.isdir(p))  # noqa: PTH112
        notes = others.note("matches of a glob", "these are folders; name them, or write **")
        return _named(named, notes) or [Source(pattern, path.name, notes)]
    return [Source(_redirected(pattern), path.name)]


@dataclass(slots=True)
class _Others:
    """What a folder or glob holds besides exports: how many, and the first names."""

    _count: int = 0
    _names: list[str] = field(default_factory=list)

    def add(self, names: Iterable[str]) -> None:
        """Count names, and keep the first few in their order."""
        several = list(names)
        self._count += len(several)
        self._names = nsmallest(SHOWN_NAMES, [*self._names, *several])

    def note(self, what: str, reason: str) -> tuple[str, ...]:
        """Return one line on them, or none."""
        if not self._count:
            return ()
        names = [stored_name(name) for name in self._names]
        return (f"passed over {some_of(names, self._count, what)}: {reason}",)


def _below(folder: Path, others: _Others) -> Iterator[Path]:
    """Yield everything named like an export below a folder, file or not, and the folders that are closed.

    For a link without its target, a pipe, or a folder that cannot be listed, opening it reports the error.
    If they were left out, a full load would treat their documents as removed. `others` gets the visible
    rest: files that are not named like an export, and links to folders.
    """
    closed: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=closed.append):
        rest = [name for name in folders if os.path.islink(Path(place) / name)]  # noqa: PTH114
        for name in names:
            if _is_export(name):
                yield Path(place) / name
            else:
                rest.append(name)
        within = Path(place).relative_to(folder)
        if (
            rest
            and not is_hidden((within / "any").as_posix())
            and not _is_of_warehouse(Path(place) / rest[0], folder)
        ):
            prefix = f"{within.as_posix()}/" if within.parts else ""
            others.add(prefix + name for name in rest if not name.startswith("."))
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


def _is_ontology(path: Path) -> bool:
    """Return whether a file is the ontology of the label rows beside it, and no export."""
    if not path.name.lower().endswith("ontology.json"):
        return False
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            return is_ontology(file.read(_HEAD_BYTES))
    except OSError:
        # Opening it as a source reports the error.
        return False


def _open_at_once(path: str, flags: int) -> int:
    # A pipe would wait for a process that writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_of_warehouse(path: Path, base: Path) -> bool:
    """Return whether a file belongs to a warehouse below the folder: its records are JSON, too."""
    return any((folder / CATALOG).is_file() for folder in path.parents if folder.is_relative_to(base))


def _named(paths: list[tuple[Path, Path]], notes: tuple[str, ...]) -> list[Source]:
    """Return the sources at the paths; the first one has the notes."""
    sources = [Source(str(path), relative.as_posix()) for path, relative in sorted(paths)]
    return [replace(source, notes=notes) for source in sources[:1]] + sources[1:]


def _fixed_part(path: Path) -> Path:
    """Return the folder that a glob starts from."""
    fixed = path.parts
    for index, part in enumerate(fixed):
        if has_magic(part):
            return Path(*fixed[:index])
    return path.parent
