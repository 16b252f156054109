"""Decide which files of a table to rewrite: few files, few deleted rows, at little cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from labelhouse.lake.file_layout import TARGET_FILE_BYTES

DELETED_SHARE = 0.1
"""A file is rewritten when at least this share of its rows is deleted."""
SMALL_FILE_BYTES = TARGET_FILE_BYTES // 2
"""Files smaller than this are merged; the merged rows are cut into files of TARGET_FILE_BYTES."""
SIZE_RATIO = 4
"""A file is merged with smaller ones if it has at most this many times their bytes. This keeps a large
file from being rewritten for every few small ones."""
GROUP_BYTES = 1_000_000_000
"""One transaction writes about this many bytes, while loads wait."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of the newest snapshot; `path` is relative to data/."""

    table: str
    path: str
    bytes: int
    rows: int
    deleted_rows: int

    @property
    def has_many_deletions(self) -> bool:
        """Whether the file is worth rewriting for its deleted rows alone."""
        return self.deleted_rows > 0 and self.deleted_rows >= DELETED_SHARE * self.rows


def files_to_write_anew(files: Sequence[DataFile]) -> list[DataFile]:
    """Choose, from all data files of a table, those whose rows are to go into new files together.

    These are the files with many deletions, and the smallest of the small files. They have at most about
    GROUP_BYTES, so the caller calls again after writing. The list is empty if a rewrite would not pay.
    """
    deleted = [file for file in files if file.has_many_deletions]
    small = [file for file in files if file.bytes < SMALL_FILE_BYTES and not file.has_many_deletions]
    merged = _merged(sorted(small, key=lambda f: f.bytes), sum(file.bytes for file in deleted))
    if not deleted and len(merged) < 2:
        return []
    return list(_bounded([*deleted, *merged]))


def files_with_deletions(files: Sequence[DataFile]) -> list[DataFile]:
    """Choose the files that hold a deleted row, up to about GROUP_BYTES."""
    return list(_bounded(file for file in files if file.deleted_rows))


def _merged(ascending: Sequence[DataFile], held_bytes: int) -> list[DataFile]:
    """Take files as long as each is not much larger than what has been taken already."""
    taken: list[DataFile] = []
    for file in ascending:
        if held_bytes and file.bytes > SIZE_RATIO * held_bytes:
            break
        taken.append(file)
        held_bytes += file.bytes
    return taken


def _bounded(files: Iterable[DataFile]) -> Iterable[DataFile]:
    """Take files up to GROUP_BYTES, the first one in any case."""
    total = 0

    def fits(file: DataFile) -> bool:
        nonlocal total
        is_first, total = total == 0, total + file.bytes
        return is_first or total <= GROUP_BYTES

    return takewhile(fits, files)
