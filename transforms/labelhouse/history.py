"""Tell, inside a commit, which labels it adds, removes and changes, and keep their identities.

All of it is SQL over what the commit replaces and what it brings, before the old versions go: no row
passes through Python, and documents with equal fingerprints are not looked at.
"""

from collections.abc import Mapping, Sequence

import duckdb

from labelhouse.repeats import in_parts
from labelhouse.statements import statement

CHUNK_LABELS = 20_000
"""So many labels are compared at a time: both versions as texts, a few kilobytes each with outlines."""


def add_history(
    connection: duckdb.DuckDBPyConnection,
    ingests: Sequence[Mapping[str, object]],
    *,
    project: str,
    snapshot_id: int,
) -> dict[str, int]:
    """Write label_ids and label_changes for the open transaction; return renumbered documents by ingest.

    `ingests` are the ledger rows of the commit, the last of which tells of removed documents; the tables
    incoming_documents, superseded_documents, staged_pointers and repeats are there, and both versions of
    each document. A renumbered document was stored anew though it means the same.
    """
    connection.execute(statement("history/documents"), {"project": project, "ingests": list(ingests)})
    arrived, compared, kept = _counts(connection, "kinds")
    told: dict[str, object] = {"project": project, "snapshot_id": snapshot_id}
    if kept:
        connection.execute(statement("history/keep_label_ids"))
    if arrived or compared:
        _name_labels(connection, told, are_compared=compared > 0)
    if not compared:
        return {}
    _tell_differences(connection, told)
    renumbered = statement("history/renumbered_documents")
    return dict(connection.execute(renumbered, {"snapshot_id": snapshot_id}).fetchall())


def _name_labels(
    connection: duckdb.DuckDBPyConnection, told: Mapping[str, object], *, are_compared: bool
) -> None:
    """Find which labels are which, keep their identities, and tell of those that came with documents."""
    _run(connection, "versions", "label_rows")
    arrived, has_rivals = _find_rivals(connection)
    if are_compared or has_rivals:
        _run(connection, "labels", "matches", "identities")
        labels, renamed = _counts(connection, "label_counts")
        if renamed:
            _run(connection, "add_label_ids")
        if labels:
            _run(connection, "add_identity_issues")
    else:
        _run(connection, "no_identities")
    if arrived:
        connection.execute(statement("history/add_new_labels"), told)


def _find_rivals(connection: duckdb.DuckDBPyConnection) -> tuple[int, bool]:
    """Find labels of new documents that claim one identity; return how many came, and whether any do."""
    [arrived] = _counts(connection, "arrival_count")
    _run(connection, "no_contested")
    in_parts(connection, "history/contested", arrived)
    [contested] = _counts(connection, "contested_count")
    _run(connection, "rivals" if contested else "no_rivals")
    return arrived, contested > 0


def _tell_differences(connection: duckdb.DuckDBPyConnection, told: Mapping[str, object]) -> None:
    """Tell what replaced, removed and returned documents add, remove and change."""
    _run(connection, "differences")
    [found] = _counts(connection, "difference_total")
    for first in range(1, found + 1, CHUNK_LABELS):
        rows = {"first": first, "last": first + CHUNK_LABELS - 1}
        connection.execute(statement("history/difference_chunk"), rows)
        _run(connection, "told_labels")
        whole, changed = _counts(connection, "difference_counts")
        # An insert of no rows would still leave a file.
        if whole:
            connection.execute(statement("history/add_whole_labels"), told)
        if changed:
            connection.execute(statement("history/add_changed_labels"), told)


def _run(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.execute(statement(f"history/{name}"))


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return connection.execute(statement(f"history/{query}")).fetchone() or ()
