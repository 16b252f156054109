"""Choose the documents that an export holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import Code
from labelhouse.sql_library.statements import statement


@dataclass(frozen=True, slots=True)
class ChosenDocument:
    """What an export has to know about a document before it reads it.

    `image_places` and `annotation_places` are one more than the position of the last record.
    """

    key: int
    document_id: str
    category_set: str
    image_places: int
    annotation_places: int


def chosen_documents(connection: Connection, project: str, patterns: Sequence[str]) -> list[ChosenDocument]:
    """Return the documents of a project, in the order of their sources, about 200 bytes each.

    With patterns, only those whose document_id is one of them or matches one as a glob. Raises
    UsageError if there are none.
    """
    found = connection.execute(statement("exporting/documents"), {"project": project}).fetchall()
    if not found:
        raise UsageError(
            Code.USAGE,
            "no documents in the project",
            where=project,
            remedy="'labelhouse status' lists the projects; choose one with --project",
        )
    chosen = [row for row in found if not patterns or any(_matches(row[1], p) for p in patterns)]
    if not chosen:
        raise UsageError(
            Code.USAGE,
            f"no document_id matches {', '.join(patterns)}",
            where=project,
            remedy="'labelhouse query \"select document_id, title from documents\"' lists them",
        )
    # The query reads only rows between these keys, however much else the warehouse holds.
    keys = [key for key, *_ in chosen]
    query = statement("exporting/places")
    rows = connection.execute(query, {"low": min(keys), "high": max(keys)}).fetchall()
    places = {key: (images, annotations) for key, images, annotations in rows}
    return [
        ChosenDocument(key, document_id, category_set, *places.get(key, (0, 0)))
        for key, document_id, category_set in chosen
    ]


def _matches(document_id: str, pattern: str) -> bool:
    return document_id == pattern or fnmatchcase(document_id, pattern)
