"""A folder that mirrors the label rows of a project: a file per row, and the ontology beside them.

The name of a file says which version of the row it holds, so that a listing of the folder is enough to
compare. The folder is the only state.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from labelhouse.encord_api.listed_row import MAIN, ListedRow
from labelhouse.errors import UsageError
from labelhouse.files.durable_files import fsync_file, fsync_folder, writing
from labelhouse.files.output_file import output_file
from labelhouse.reason_codes import ReasonCode

ONTOLOGY = "ontology.json"
_NAME = re.compile(
    r"(?P<key>[^.]+)\.(?P<edited>\d{8}T\d{12}|0)\.(?P<state>[0-9a-f]{12})\.row\.json", re.ASCII
)


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of the folder: which row it holds, edited when, and in which state of the workflow."""

    path: Path
    edited: str
    state: str


class RowFolder:
    """The folder of a project. Raises UsageError for one that holds anything else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, HeldFile] = {}
        self._old: list[Path] = []
        if not folder.exists():
            return
        if not folder.is_dir():
            raise _refused(folder, "is not a folder")
        for path in sorted(folder.iterdir()):
            match = _NAME.fullmatch(path.name)
            if match is None:
                if path.name.startswith(".") and path.name.endswith(".row.json.tmp"):
                    self._old.append(path)
                elif path.name != ONTOLOGY and not path.name.startswith("."):
                    raise _refused(folder, f"holds {path.name}, which no pull wrote")
                continue
            file = HeldFile(path, match["edited"], match["state"])
            known = self._held.get(match["key"])
            # A killed pull leaves the older one of two versions.
            newer, older = (file, known) if known is None or file.edited >= known.edited else (known, file)
            self._held[match["key"]] = newer
            if older is not None:
                self._old.append(older.path)

    def has(self, row: ListedRow) -> bool:
        """Return whether the folder holds this version of a row."""
        held = self._held.get(_key(row))
        return held is not None and (held.edited, held.state) == (row.edited, row.state)

    def only_moved(self, row: ListedRow) -> bool:
        """Return whether a row differs only in what the list says: nothing has to be fetched."""
        held = self._held.get(_key(row))
        return held is not None and held.edited == row.edited != "0" and held.state != row.state

    def gone(self, rows: dict[tuple[str, str], ListedRow]) -> list[str]:
        """Return the names of the rows that are in the folder, and not in the list."""
        return sorted(set(self._held) - {_key(row) for row in rows.values()})

    def write_ontology(self, ontology: dict[str, Any]) -> None:
        """Write the ontology if it differs."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / ONTOLOGY
        text = json.dumps(ontology, ensure_ascii=False, indent=1).encode(errors="surrogatepass") + b"\n"
        if not path.is_file() or path.read_bytes() != text:
            with output_file(path) as file:
                file.write(text)

    def write(self, rows: Sequence[tuple[ListedRow, bytes]]) -> None:
        """Write rows in place of their earlier versions; each file gets its name when all are on disk."""
        with writing("the folder of label rows"):
            paths = [self._folder / f"{_key(row)}.{row.edited}.{row.state}.row.json" for row, _ in rows]
            partials = [path.with_name(f".{path.name}.tmp") for path in paths]
            for partial, (_, text) in zip(partials, rows, strict=True):
                partial.write_bytes(text)
            for partial in partials:
                fsync_file(partial)
            for partial, path, (row, _) in zip(partials, paths, rows, strict=True):
                os.replace(partial, path)
                held = self._held.get(_key(row))
                if held is not None and held.path != path:
                    held.path.unlink(missing_ok=True)
                self._held[_key(row)] = HeldFile(path, row.edited, row.state)
            fsync_folder(self._folder)

    def move(self, row: ListedRow) -> bool:
        """Write again what the list says of a row that is there; return whether its file could be read."""
        path = self._held[_key(row)].path
        try:
            values = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return False
        if not isinstance(values, dict):
            return False
        merged = json.dumps(row.merged(values), ensure_ascii=False, separators=(",", ":"))
        self.write([(row, merged.encode(errors="surrogatepass"))])
        return True

    def remove(self, names: list[str]) -> None:
        """Remove rows, and versions that a killed pull has left."""
        for name in names:
            self._held.pop(name).path.unlink(missing_ok=True)
        for path in self._old:
            path.unlink(missing_ok=True)


def _key(row: ListedRow) -> str:
    # A point parts the name.
    branch = "" if row.branch == MAIN else f"@{quote(row.branch, safe='').replace('.', '%2E')}"
    return f"{quote(row.label_hash, safe='').replace('.', '%2E')}{branch}"


def _refused(folder: Path, what: str) -> UsageError:
    return UsageError(
        ReasonCode.USAGE, what, where=str(folder), remedy="give a folder that only pulls write into"
    )
