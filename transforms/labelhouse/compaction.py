"""Decide which files of a table are worth writing anew: few files, few deleted rows, at little cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from labelhouse.layout import TARGET_FILE_BYTES

DELETED_SHARE = 0.1
"""A file is rewritten when this share of its rows is deleted."""
SMALL_WITH_DELETIONS = 8
"""So many small files with fewer deletions may stay: DuckLake merges no file with deletions."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file of the newest snapshot."""

    table: str
    bytes: int
    rows: int
    deleted_rows: int

    @property
    def deleted_share(self) -> float:
        """Share of the rows that is deleted, 0 to 1."""
        return self.deleted_rows / self.rows if self.rows else 0.0

    @property
    def is_small(self) -> bool:
        """Whether it may be merged with others."""
        return self.bytes < TARGET_FILE_BYTES


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a table.

    `rewrite` files have `threshold` or more of their rows deleted; then `merge` small files have none.
    """

    table: str
    files: int
    bytes: int
    threshold: float
    rewrite: int
    merge: int


def plan(table: str, files: Sequence[DataFile]) -> Plan:
    """Plan the maintenance of one table from all of its data files.

    Small files whose few deletions keep them from being merged are rewritten, too, once they are many:
    a table of one size has a number of files that does not grow with the number of commits.
    """
    threshold = DELETED_SHARE
    kept = [f.deleted_share for f in files if f.is_small and 0 < f.deleted_share < threshold]
    if len(kept) > SMALL_WITH_DELETIONS:
        threshold = min(kept)
    rewritten = [f for f in files if f.deleted_rows and f.deleted_share >= threshold]
    clean = [f for f in files if f.is_small and not f.deleted_rows]
    small = len(clean) + sum(f.bytes * (1 - f.deleted_share) < TARGET_FILE_BYTES for f in rewritten)
    return Plan(
        table,
        files=len(files),
        bytes=sum(f.bytes for f in files),
        threshold=threshold,
        rewrite=len(rewritten),
        merge=small if small > 1 else 0,
    )
