"""Cut the document versions of a commit into parts that a statement takes one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb

from labelhouse.sql_library.statements import statement

PART_RECORDS = 500_000
"""Images or annotations that are compared at a time, in some tens of MB."""


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Document versions whose keys lie together; a large document is cut by hash into `pieces`.

    `records` is the number of their images or annotations, whichever are more.
    """

    first_key: int
    last_key: int
    records: int
    pieces: int

    def keys(self) -> dict[str, int]:
        """Return the parameters of a statement that takes the whole part."""
        return {"first_key": self.first_key, "last_key": self.last_key}


def commit_parts(connection: duckdb.DuckDBPyConnection, part_records: int) -> list[VersionRange]:
    """Cut the versions that the open transaction brings or replaces: about `part_records` records a part.

    Parts follow the order of the rows in the files, so a statement reads only its part of a file.
    """
    connection.execute(statement("commit/commit_versions"))
    rows = connection.execute(statement("commit/parts"), {"records": part_records}).fetchall()
    # The last document of a part may exceed its size; only a document that is large by itself is cut.
    return [
        VersionRange(first, last, records, 1 if records < 2 * part_records else -(-records // part_records))
        for first, last, records in rows
    ]


def parts_between(parts: Sequence[VersionRange], first_key: int, last_key: int) -> list[VersionRange]:
    """Return the parts, limited to versions with keys from the first to the last one."""
    return [
        replace(part, first_key=max(part.first_key, first_key), last_key=min(part.last_key, last_key))
        for part in parts
        if part.last_key >= first_key and part.first_key <= last_key
    ]


def run_parts(connection: duckdb.DuckDBPyConnection, name: str, parts: Sequence[VersionRange]) -> None:
    """Run a statement for each piece of some parts."""
    for part in parts:
        for piece in range(part.pieces):
            connection.execute(statement(name), {**part.keys(), "pieces": part.pieces, "piece": piece})
