"""Write notes on a source: bytes that were loaded before, documents in two sources, or under two names."""

from collections.abc import Mapping, Sequence

import duckdb

from labelhouse.sql_library.statements import statement


def begin_call(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> None:
    """Forget the documents of the previous call, and remember the sources of this one."""
    connection.execute(statement("commit/call_documents"))
    connection.execute(statement("commit/call_sources"))
    connection.execute(statement("commit/no_call_sources"))
    connection.execute(statement("commit/add_call_sources"), {"sources": list(sources)})


def notes_of_commit(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[int, str], project: str
) -> dict[int, list[str]]:
    """Return notes on the sources of this connection's last commit, by their ingest numbers.

    `sources` names all sources of the call by these numbers; they are loaded into `project`.
    """
    contents = connection.execute(statement("commit/known_content_notes")).fetchall()
    rows = connection.execute(statement("commit/source_notes")).fetchall()
    if len(sources) > 1:
        connection.execute(statement("commit/add_call_documents"))
    return {
        number: [
            *_kept_out(kept_out),
            *_overlapping(overlapping, sources.get(other_number, "")),
            *(
                _known_contents(count, old_id, "" if old_project == project else old_project)
                for ingest_number, old_project, count, old_id in contents
                if ingest_number == number
            ),
        ]
        for number, kept_out, overlapping, other_number in rows
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
    return [
        f"{count:,} of its documents are in {source} too; the later source of a call wins, here this one"
    ]


def _known_contents(count: int, old_id: str, other_project: str) -> str:
    what = f"{count:,} of its documents hold images and labels that are loaded already"
    if other_project:
        return f"{what}, into project {other_project}, as {old_id}; keep one of them, if it is one project"
    return (
        f"{what}, as {old_id}; if they are the same, load them under one name (--document), and once with "
        "--full to remove the other"
    )
