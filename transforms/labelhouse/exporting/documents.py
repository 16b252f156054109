"""Choose the documents that an export holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from labelhouse.defaults import PROJECT
from labelhouse.errors import UsageError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.texts.names import SHOWN_NAMES, some_of


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


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Places that the parts of a label row take: one more than the position of the last record."""

    classifications: int
    answers: int
    ranges: int


def label_row_places(
    connection: Connection, documents: Sequence[ChosenDocument], project: str
) -> dict[int, RowPlaces]:
    """Return the places of the parts of each document.

    Raises UsageError if some document did not come as a label row, or an earlier build has stored it.
    """
    keys = [document.key for document in documents]
    query = statement("exporting/row_places")
    rows = connection.execute(query, {"low": min(keys), "high": max(keys)}).fetchall()
    layouts = {key: has_layout for key, has_layout, *_ in rows}
    others = [key for key in keys if key not in layouts]
    if others:
        what = "the document" if len(keys) == 1 else f"{len(others):,} of {len(keys):,} documents"
        raise UsageError(
            ReasonCode.USAGE,
            f"{what} came as COCO, which has no label row to give back",
            where=project,
            remedy="choose label rows with --documents, or write COCO with --shape list",
        )
    if not all(layouts[key] for key in keys):
        raise UsageError(
            ReasonCode.USAGE,
            "label rows that an earlier build has stored do not come back whole",
            where=project,
            remedy="load them again with this build, or write COCO with --shape list",
        )
    wanted = set(keys)
    return {key: RowPlaces(*places) for key, _, *places in rows if key in wanted}


def chosen_documents(connection: Connection, project: str, patterns: Sequence[str]) -> list[ChosenDocument]:
    """Return the documents of a project, in the order of their sources, about 200 bytes each.

    With patterns, only those whose document_id or title is one of them or matches one as a glob. Raises
    UsageError if there are none.
    """
    documents = connection.execute(statement("exporting/documents"), {"project": project}).fetchall()
    if not documents:
        raise UsageError(
            ReasonCode.USAGE,
            "no documents in the project",
            where=project,
            remedy="'labelhouse status' lists the projects; choose one with --project",
        )
    chosen = [row for row in documents if not patterns or any(_matches(row[1:3], p) for p in patterns)]
    if not chosen:
        raise UsageError(
            ReasonCode.USAGE,
            f"no document_id or title matches {', '.join(patterns)}",
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
        for key, document_id, _, category_set in chosen
    ]


def project_to_export(connection: Connection, project: str | None) -> str:
    """Return the project, or without one the only project, or the default project of several.

    Raises UsageError if none of them is meant.
    """
    if project is not None:
        return project
    projects = [name for (name,) in connection.execute(statement("exporting/projects")).fetchall()]
    if len(projects) < 2 or PROJECT in projects:
        return projects[0] if len(projects) == 1 else PROJECT
    raise UsageError(
        ReasonCode.USAGE,
        f"the warehouse has {len(projects)} projects",
        remedy=f"choose one with --project: {some_of(projects[:SHOWN_NAMES], len(projects), 'projects')}",
    )


def _matches(names: Sequence[str | None], pattern: str) -> bool:
    return any(name == pattern or (name is not None and fnmatchcase(name, pattern)) for name in names)
