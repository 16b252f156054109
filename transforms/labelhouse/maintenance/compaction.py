"""Decide which files of a table are worth writing anew: few files, few deleted rows, at little cost."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from labelhouse.lake.file_layout import TARGET_FILE_BYTES

DELETED_SHARE = 0.1
"""A file is written anew when this share of its rows is deleted."""
SMALL_FILE_BYTES = TARGET_FILE_BYTES // 2
"""Files below are merged; what is merged is cut at TARGET_FILE_BYTES."""
SIZE_RATIO = 4
"""A file is merged with smaller ones if it has at most so many times their bytes, so that a large file
is not written anew for every few small ones."""
GROUP_BYTES = 1_000_000_000
"""About as much is written in one transaction, while loads wait."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of the newest snapshot; `path` is that below data/."""

    table: str
    path: str
    bytes: int
    rows: int
    deleted_rows: int

    @property
    def has_many_deletions(self) -> bool:
        """Whether it is worth writing anew for its deleted rows alone."""
        return self.deleted_rows > 0 and self.deleted_rows >= DELETED_SHARE * self.rows


def files_to_write_anew(files: Sequence[DataFile]) -> list[DataFile]:
    """Choose, from all data files of a table, those whose rows are to go into new files together.

    Those with many deletions, and of the small ones the smallest; at most about GROUP_BYTES: ask again
    after writing. None if it would not pay.
    """
    deleted = [file for file in files if file.has_many_deletions]
    small = [file for file in files if file.bytes < SMALL_FILE_BYTES and not file.has_many_deletions]
    merged = _merged(sorted(small, key=lambda f: f.bytes), sum(file.bytes for file in deleted))
    if not deleted and len(merged) < 2:
        return []
    return list(_bounded([*deleted, *merged]))


def _merged(ascending: Sequence[DataFile], held_bytes: int) -> list[DataFile]:
    """Take files as long as each is not much larger than what is held already."""
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
