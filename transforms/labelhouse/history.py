"""Tell, inside a commit, which labels it adds, removes and changes, and keep their identities.

All of it is SQL over what the commit replaces and what it brings, before the old versions go: no row
passes through Python, and documents with equal fingerprints are not looked at.
"""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from labelhouse.schema import INGESTS
from labelhouse.statements import statement


def add_history(
    connection: duckdb.DuckDBPyConnection,
    ingests: Sequence[Mapping[str, object]],
    *,
    project: str,
    snapshot_id: int,
) -> dict[str, int]:
    """Write label_ids and label_changes for the open transaction; return renumbered documents by ingest.

    `ingests` are the ledger rows of the commit, the last of which tells of removed documents; the tables
    incoming_documents, superseded_documents and staged_pointers are there, and both versions of each
    document. A renumbered document was stored anew though it means the same.
    """
    told: dict[str, object] = {"project": project, "snapshot_id": snapshot_id}
    connection.register("given_ingests", pa.Table.from_pylist(list(ingests), schema=INGESTS.arrow))
    connection.execute(statement("history/documents"), {"project": project})
    connection.unregister("given_ingests")
    for step in ("labels", "matches", "identities"):
        connection.execute(statement(f"history/{step}"))
    if _first(connection, "has_identities"):
        connection.execute(statement("history/add_label_ids"))
    connection.execute(statement("history/add_identity_issues"))
    if _first(connection, "has_new_labels"):
        connection.execute(statement("history/add_new_labels"), told)
    for step in ("differences", "told_labels"):
        connection.execute(statement(f"history/{step}"))
    whole, changed = connection.execute(statement("history/difference_counts")).fetchone() or (0, 0)
    if whole:
        connection.execute(statement("history/add_whole_labels"), told)
    if changed:
        connection.execute(statement("history/add_changed_labels"), told)
    renumbered = statement("history/renumbered_documents")
    return dict(connection.execute(renumbered, {"snapshot_id": snapshot_id}).fetchall())


def _first(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    row = connection.execute(statement(f"history/{query}")).fetchone()
    return bool(row and row[0])
