"""Remember which documents the bytes of a source hold, so that the same bytes are not parsed again.

A parsed source leaves a list of its documents in the warehouse's folder parsed/, one file each: their ids
and fingerprints, and how many of their records were doubtful. The file's name says for which bytes and
options it holds, and what its content is. All of it may be removed at any time: the bytes are then parsed
again.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from labelhouse.manifest import ParseTask, StagedFile
from labelhouse.version import __version__

LISTED_DOCUMENTS = "parsed_documents"
"""Name of the table whose rows such a file has."""
KEPT_DAYS = 40
"""Lists that no load has used for so long are removed."""
_ROOMS = (
    *(
        "coco",
        "compiled",
        "hashing",
        "ingestion",
        "label_rows",
        "normalise",
        "readers",
        "schema",
        "sources",
    ),
    *("staging", "texts"),
)
_LIBRARIES = ("ijson", "msgspec", "numpy", "pyarrow", "simdjson")
_SUFFIX = ".parquet"
_MILESTONES = ".json"


class ParsedBytes:
    """The lists that sources with texts of these lengths and checksums left, read with these options.

    `hints` are what the containers say of their texts. They choose the lists that may fit; only the SHA-256
    of the decoded bytes decides.
    """

    def __init__(self, task: ParseTask, names: Sequence[str], hints: Sequence[str]) -> None:
        assert task.parsed is not None
        self._folder = Path(task.parsed)
        self._names = json.dumps(list(names))
        options = [task.reader_kind, task.max_bad, str(task.limits), task.people.mark, build()]
        self._options = json.dumps([list(hints), *options])
        self._prefix = _digest(self._options, 16)

    def may_be_known(self) -> bool:
        """Return whether a list may fit, from what costs nothing."""
        return bool(self._files(self._prefix))

    def milestones(self) -> list[dict[int, str]]:
        """Return the milestones of each text that may be the one: digests of its beginnings by their bytes.

        A text whose beginning has another digest is another text. Texts without milestones have none here.
        """
        return [_read_milestones(self._milestones_of(path)) for path in self._files(self._prefix)]

    def known(self, sha256: str, target: Path) -> StagedFile | None:
        """Copy the list of the bytes with a SHA-256 to a path; return it, or None if there is none."""
        for names in ("", self._names):
            for path in self._files(self._stem(sha256, names)):
                with suppress(OSError):
                    shutil.copyfile(path, target)
                    content = target.read_bytes()
                    rows, digest = path.name.removesuffix(_SUFFIX).split("-")[2:]
                    if hashlib.sha256(content).hexdigest() == digest:
                        for used in (path, self._milestones_of(path)):
                            with suppress(FileNotFoundError):
                                os.utime(used)
                        return StagedFile(LISTED_DOCUMENTS, str(target), int(rows), len(content), digest)
                    target.unlink()
        return None

    def save(
        self, sha256: str, listed: StagedFile, *, is_named: bool, milestones: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Take over the list of a source that has been parsed; a failure costs only the next parsing.

        `is_named` is whether the name of the source or of its members identifies some document.
        `milestones` are those of the text, if there is only one.
        """
        stem = self._stem(sha256, self._names if is_named else "")
        name = f"{stem}-{listed.rows}-{listed.sha256}{_SUFFIX}"
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            if milestones:
                target = self._milestones_of(self._folder / name)
                partial = target.with_suffix(f".{os.getpid()}")
                partial.write_text(json.dumps(milestones), encoding="utf-8")
                os.replace(partial, target)
            os.replace(listed.path, self._folder / name)
            return
        with suppress(OSError):
            os.unlink(listed.path)

    @staticmethod
    def _milestones_of(path: Path) -> Path:
        return path.with_suffix(_MILESTONES)

    def _stem(self, sha256: str, names: str) -> str:
        return f"{self._prefix}-{_digest(self._options + sha256 + names, 40)}"

    def _files(self, stem: str) -> list[Path]:
        return sorted(self._folder.glob(f"{stem}-*{_SUFFIX}"))


def _read_milestones(path: Path) -> dict[int, str]:
    """Return the milestones in a file; none if it is not there or damaged."""
    with suppress(OSError, ValueError, RecursionError, TypeError):
        return {int(count): str(digest) for count, digest in json.loads(path.read_text(encoding="utf-8"))}
    return {}


def forget_old(folder: Path) -> None:
    """Remove the lists, and what is known of texts, that no load has used or written for KEPT_DAYS."""
    oldest = time.time() - KEPT_DAYS * 86_400
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    forget_old(Path(entry.path))
                elif entry.stat().st_mtime < oldest:
                    os.unlink(entry.path)


@cache
def build() -> str:
    """Return a digest of the code that reads exports: another build may read the same bytes otherwise."""
    digest = hashlib.sha256(f"{__version__} {sys.version_info}".encode())
    package = Path(__file__).parents[1]
    for room in _ROOMS:
        for path in sorted((package / room).glob("*.py")):
            digest.update(path.read_bytes())
    for name in _LIBRARIES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            status = Path(spec.origin).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _digest(text: str, characters: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:characters]
