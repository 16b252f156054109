"""Export documents of a warehouse: choose, read, write, as one composition."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import duckdb

from labelhouse.errors import UsageError
from labelhouse.exporting.condition import labels_where
from labelhouse.exporting.documents import chosen_documents, label_row_places, project_to_export
from labelhouse.exporting.label_rows.rows_shape import label_rows
from labelhouse.exporting.label_rows.streams import RowStreams
from labelhouse.exporting.list_shape import listed, only
from labelhouse.exporting.rows import ExportRows
from labelhouse.exporting.single_shape import single
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.querying.query import failed
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.warehouse.snapshots import open_snapshot

SHAPES: Mapping[str, Callable[[ExportRows], Iterator[bytes]]] = {
    "list": listed,
    "object": only,
    "single": single,
}
"""Shapes of COCO by their names for `--shape`; beside them there is `rows`."""
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export: the options of `labelhouse export`."""

    project: str | None = None
    """By default the only one; of several `default`."""
    documents: Sequence[str] = ()
    where: str | None = None
    shape: str = "list"
    as_of: str | None = None
    timeout_s: float | None = None
    chunk_rows: int | None = None
    """Rows to read at a time; by default as many as fit into the memory for them."""


@dataclass(frozen=True, slots=True)
class ExportResult(Result):
    """What an export wrote; `bytes` are those of the JSON text."""

    documents: int
    bytes: int


def export(
    warehouse: str | os.PathLike[str], open_out: Callable[[], IO[bytes]], options: ExportOptions
) -> ExportResult:
    """Write documents as COCO JSON, in the order of their sources.

    It opens the output only when it knows what to write. It holds some rows in memory, for documents of any
    size. Raises UsageError, QueryError for the condition, and WarehouseError.
    """
    with open_snapshot(warehouse, as_of=options.as_of, timeout_s=options.timeout_s) as connection:
        documents, texts = exported_texts(connection, options)
        out = open_out()
        return ExportResult(documents, sum(out.write(text) for text in texts))


def exported_texts(connection: Connection, options: ExportOptions) -> tuple[int, Iterator[bytes]]:
    """Return the number of exported documents, and their JSON text in parts, read on demand.

    The connection comes from `connect`, which chooses the state.
    """
    if options.shape == ROWS and options.where is not None:
        raise UsageError(
            ReasonCode.USAGE,
            "--where chooses labels, and label rows come back whole",
            remedy="choose rows with --documents, or labels with --shape list",
        )
    project = project_to_export(connection, options.project)
    documents = chosen_documents(connection, project, options.documents)
    if options.shape == "object" and len(documents) > 1:
        raise UsageError(
            ReasonCode.USAGE,
            f"{len(documents)} documents instead of one",
            where=project,
            remedy="choose one with --documents, or --shape list or single",
        )
    if options.shape == ROWS:
        places = label_row_places(connection, documents, project)
        streams = RowStreams(connection, documents, places, options.chunk_rows)
        return len(documents), _guarded(label_rows(streams))
    labels = None if options.where is None else labels_where(connection, options.where)
    rows = ExportRows(connection, documents, options.shape == "single", labels, options.chunk_rows)
    return len(documents), _guarded(SHAPES[options.shape](rows))


def _guarded(texts: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from texts
    except duckdb.Error as error:
        raise failed(error) from None
