"""Write notes on a source: bytes that were loaded before, documents given twice."""

from collections.abc import Mapping

import duckdb

from labelhouse.sql_library.statements import statement


def begin_call(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget the documents of the previous call."""
    connection.execute(statement("commit/call_documents"))


def notes_of_commit(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[int, str]
) -> dict[int, list[str]]:
    """Return notes on the sources of this connection's last commit, by their ingest numbers.

    `sources` names all sources of the call by these numbers.
    """
    found = connection.execute(statement("commit/source_notes")).fetchall()
    if len(sources) > 1:
        connection.execute(statement("commit/add_call_documents"))
    return {
        number: [*_kept_out(kept_out), *_overlapping(overlapping, sources.get(other_number, ""))]
        for number, kept_out, overlapping, other_number in found
    }


def _kept_out(count: int) -> list[str]:
    if not count:
        return []
    return [
        f"these bytes were loaded before and {count:,} of their documents have newer versions since, which "
        "stay; --again loads the old ones"
    ]


def _overlapping(count: int, source: str) -> list[str]:
    if not count:
        return []
    return [f"{count:,} of its documents are in {source} too: the later source of a call wins, this one"]
