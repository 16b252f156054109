"""Record, inside a commit, which labels it adds, removes and changes, and keep their identities.

All of it is SQL over the versions that the commit replaces and brings, before it removes the old ones. No
row passes through Python, and documents with equal fingerprints are not compared.
"""

from collections.abc import Mapping, Sequence

import duckdb

from labelhouse.commit.partitions import VersionRange, run_parts
from labelhouse.lake.engine import one_thread
from labelhouse.sql_library.statements import statement
from labelhouse.texts.people import FORGOT, PATTERNS

CHUNK_LABELS = 20_000
"""Labels that are compared at a time: both versions as texts, a few kilobytes each with outlines."""


def add_history(
    connection: duckdb.DuckDBPyConnection,
    ingests: Sequence[Mapping[str, object]],
    incoming: Sequence[VersionRange],
    *,
    project: str,
    snapshot_id: int,
) -> dict[str, int]:
    """Write label_ids and label_changes for the open transaction; return renumbered documents by ingest.

    `ingests` are the ledger rows of the commit; the last one accounts for removed documents. `incoming` are
    parts of the new versions. The tables incoming_documents, superseded_documents, staged_pointers and
    duplicate_records exist, and both versions of each document. A renumbered document was stored again
    although it means the same.
    """
    connection.execute(statement("commit/history_ingests"), {"ingests": list(ingests)})
    connection.execute(statement("commit/document_pairs"), {"project": project})
    _run(connection, "history_documents")
    arrived, compared, kept = _counts(connection, "change_kinds")
    parameters: dict[str, object] = {"project": project, "snapshot_id": snapshot_id}
    if kept:
        connection.execute(statement("commit/keep_label_ids"))
    if arrived or compared:
        _name_labels(connection, incoming, parameters, are_compared=compared > 0)
    if not compared:
        return {}
    # A commit without people leaves them out of the versions that it replaces, too.
    # People who were forgotten are not in the tables any more.
    hides_people = any(not str(ingest.get("authors") or FORGOT).startswith(FORGOT) for ingest in ingests)
    patterns = {"patterns": dict(PATTERNS) if hides_people else None}
    connection.execute(statement("commit/hide_people"), patterns)
    _record_differences(connection, parameters)
    connection.execute(statement("commit/unchanged_documents"), {"snapshot_id": snapshot_id})
    [unchanged_count] = _counts(connection, "unchanged_document_count")
    if not unchanged_count:
        return {}
    return dict(connection.execute(statement("commit/renumbered_documents")).fetchall())


def _name_labels(
    connection: duckdb.DuckDBPyConnection,
    incoming: Sequence[VersionRange],
    parameters: Mapping[str, object],
    *,
    are_compared: bool,
) -> None:
    """Match labels with earlier ones, keep their identities, and record those of new documents."""
    _run(connection, "history_versions", "label_rows")
    arrivals = [part for part in incoming if _arrived(connection, part)]
    are_conflicting = _find_conflicts(connection, arrivals)
    if are_compared or are_conflicting:
        _run(connection, "compared_versions")
        if are_conflicting:
            _run(connection, "conflicting_labels", "add_conflicting_labels")
        _run(connection, "matches", "identities")
        labels, renamed = _counts(connection, "label_counts")
        if renamed:
            _run(connection, "add_label_ids")
        if labels:
            _run(connection, "add_identity_issues")
    else:
        _run(connection, "no_identities")
    with one_thread(connection):
        for part in arrivals:
            connection.execute(statement("commit/add_new_labels"), {**parameters, **part.keys()})


def _arrived(connection: duckdb.DuckDBPyConnection, part: VersionRange) -> bool:
    """Return whether a part has labels of new documents: an insert of no rows would still leave a file."""
    [arrived] = _counts(connection, "arrival_count", part.keys())
    return arrived > 0


def _find_conflicts(connection: duckdb.DuckDBPyConnection, arrivals: Sequence[VersionRange]) -> bool:
    """Find identities that several labels of new documents claim; return whether there are any."""
    _run(connection, "no_conflicting_identities")
    run_parts(connection, "commit/conflicting_identities", arrivals)
    [conflict_count] = _counts(connection, "conflicting_identity_count")
    return conflict_count > 0


def _record_differences(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, object]) -> None:
    """Record what replaced, removed and returned documents add, remove and change."""
    _run(connection, "differences")
    [total] = _counts(connection, "difference_total")
    for first in range(1, total + 1, CHUNK_LABELS):
        rows = {"first": first, "last": first + CHUNK_LABELS - 1}
        connection.execute(statement("commit/difference_chunk"), rows)
        _run(connection, "compared_labels")
        whole, changed = _counts(connection, "difference_counts")
        # An insert of no rows would still leave a file.
        if whole:
            connection.execute(statement("commit/add_whole_labels"), parameters)
        if changed:
            connection.execute(statement("commit/add_changed_labels"), parameters)


def _run(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.execute(statement(f"commit/{name}"))


def _counts(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None
) -> tuple[int, ...]:
    return connection.execute(statement(f"commit/{query}"), parameters).fetchone() or ()
