"""Report the differences between two states of a warehouse, label by label.

They are read from label_changes, so that they are known for expired states too.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from labelhouse.errors import UsageError
from labelhouse.lake.as_of import LAST, newest_snapshot, snapshot_before_last, snapshot_of
from labelhouse.lake.snapshot_connection import Connection, ResultRows
from labelhouse.querying.projects import require_project
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import OpenResult, plain
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.snapshots import open_snapshot


@dataclass(frozen=True, slots=True)
class CategoryCounts:
    """How many labels of a category differ."""

    project: str
    category: str | None
    added: int
    removed: int
    changed: int


class Changes:
    """The difference between two snapshots, held in the connection's temporary tables."""

    def __init__(self, connection: Connection, since: int, until: int) -> None:
        self.since = since
        self.until = until
        self._connection = connection

    def counts(self) -> list[CategoryCounts]:
        """Return how many labels were added, removed and changed, by project and category."""
        return [CategoryCounts(*row) for row in self._executed("net_counts").fetchall()]

    def field_counts(self) -> dict[str, int]:
        """Return in how many of the changed labels each field differs, the most frequent first."""
        return dict(self._executed("net_field_counts").fetchall())

    def rows(self) -> ResultRows:
        """Return the labels that differ, one row each."""
        return self._executed("diff_rows")

    def parts(self) -> Iterator[ResultRows]:
        """Yield the parts for a person, to be fetched one after the other: counts, fields and the list."""
        if not self.counts():
            return
        yield self._executed("net_counts")
        if self.field_counts():
            yield self._executed("net_field_counts")
        yield self._executed("diff_list")

    def _executed(self, name: str) -> Connection:
        return self._connection.execute(statement(f"querying/{name}"))


@contextmanager
def changes(
    warehouse: str | os.PathLike[str],
    *,
    project: str | None = None,
    since: str = LAST,
    as_of: str | None = None,
) -> Iterator[Changes]:
    """Give the labels that differ between the state `since` and the state `as_of`, by default the newest.

    Both are what lake/as_of.py reads. `last` is the state before the newest commit (into the project). The
    differences are net: labels added and removed again, or changed there and back, are left out. Raises
    UsageError for a project or a state that never existed, and for states in the wrong order. Raises
    WarehouseError without a warehouse.
    """
    with open_snapshot(warehouse) as connection:
        require_project(connection, project, warehouse)
        until = newest_snapshot(connection) if as_of is None else snapshot_of(connection, as_of)
        first = (
            snapshot_before_last(connection, project, until)
            if since == LAST
            else snapshot_of(connection, since)
        )
        if first > until:
            raise UsageError(
                ReasonCode.USAGE,
                f"--since is snapshot {first}, which comes after --as-of, snapshot {until}",
                remedy="swap them",
            )
        parameters = {"project": project, "since_snapshot": first, "until_snapshot": until}
        connection.execute(statement("querying/net_changes"), parameters)
        yield Changes(connection, first, until)


class ChangesResult(OpenResult):
    """The labels that differ between two snapshots, read on demand.

    It keeps a copy of the catalog. Close it, use it in a `with` block, or drop it to remove the copy.
    """

    def __init__(self, opened: AbstractContextManager[Changes]) -> None:
        stack = ExitStack()
        self._changes = stack.enter_context(opened)
        super().__init__(stack)
        self.since = self._changes.since
        self.as_of = self._changes.until
        self.counts = self._changes.counts()
        """How many labels were added, removed and changed, by project and category."""
        self.fields = self._changes.field_counts()
        """In how many of the changed labels each field differs, the most frequent first."""

    def rows(self) -> ResultRows:
        """Return the labels that differ, one row each."""
        return self._changes.rows()

    def parts(self) -> Iterator[ResultRows]:
        """Yield the parts for a person, to be fetched one after the other: counts, fields and the list."""
        return self._changes.parts()

    def as_json(self) -> dict[str, object]:
        """Return everything, the rows too, as one object that `json.dumps` takes."""
        rows = self.rows()
        names = [column[0] for column in rows.description]
        return {
            "since": self.since,
            "as_of": self.as_of,
            "counts": plain(self.counts),
            "fields": self.fields,
            "changes": plain([dict(zip(names, row, strict=True)) for row in rows.fetchall()]),
        }
