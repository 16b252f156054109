"""Guess, before a parsing process starts, whether sources are what they were when they were loaded last.

The folder is that of the lists of parsed bytes. A guess decides only what the process loads at its start:
the SHA-256 of the bytes decides what they are.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from labelhouse.sources.finding import Source

_FILE = "sources.json"
_MOST = 20_000


def are_likely_known(folder: Path, sources: Sequence[Source]) -> bool:
    """Return whether each source has the size and time of change that it had when it was last loaded."""
    known = _known(folder)
    return bool(known) and all(_version(source) == known.get(_path(source)) for source in sources)


def has_texts(folder: Path, project: str) -> bool:
    """Return whether a load of a project left texts of documents in the folder of parsed bytes."""
    with suppress(OSError):
        return any(texts_folder(folder, project).iterdir())
    return False


def texts_folder(folder: Path, project: str) -> Path:
    """Return the folder for the texts of a project's documents; known_texts.py fills it."""
    return folder / f"texts-{short_digest(project)}"


def short_digest(text: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a text, for names of files."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def remember_sources(folder: Path, sources: Sequence[Source]) -> None:
    """Remember the size and time of change of sources; a failure costs only a slower start."""
    known = _known(folder)
    new = {_path(source): version for source in sources if (version := _version(source)) is not None}
    if all(known.get(path) == version for path, version in new.items()):
        return
    for path in new:
        known.pop(path, None)
    merged = [*known.items(), *new.items()][-_MOST:]
    partial = folder / f"{_FILE}.{os.getpid()}"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        partial.write_text(json.dumps(dict(merged)), encoding="utf-8")
        os.replace(partial, folder / _FILE)


def _known(folder: Path) -> dict[str, list[int]]:
    try:
        known = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _path(source: Source) -> str:
    """Return a digest of the source's path, which may hold a secret."""
    path = source.path if "\0" in source.path else os.path.realpath(source.path)
    return hashlib.blake2b(os.fsencode(path), digest_size=12).hexdigest()


def _version(source: Source) -> list[int] | None:
    try:
        status = Path(source.path).stat()
    except (OSError, ValueError):
        return None
    return [status.st_size, status.st_mtime_ns]
