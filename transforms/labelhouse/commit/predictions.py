"""Commit staged results lists as predictions: in tables of their own, apart from labels."""

from pathlib import Path

import duckdb

from labelhouse.commit.commit import StagedIngest, tidy
from labelhouse.errors import InputError
from labelhouse.lake.as_of import newest_snapshot
from labelhouse.lake.engine import escape_glob
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.prediction_tables import PREDICTION_TABLES
from labelhouse.schema.warehouse_tables import ANNOTATIONS, DOCUMENTS, ISSUES, KEYPOINTS, QUARANTINE
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.sql_quoting import quote_identifier, quote_literal
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.ledger import add_ledger_rows
from labelhouse.warehouse.trying_again import trying_again
from labelhouse.warehouse.warehouse import Warehouse

_STAGED = (
    ("staged_lists", DOCUMENTS),
    ("staged_predictions", ANNOTATIONS),
    ("staged_keypoints", KEYPOINTS),
    ("staged_quarantine", QUARANTINE),
    ("staged_issues", ISSUES),
)
"""Names of the staged rows in the statements."""
_ADDING = (
    "commit/add_predictions",
    "commit/add_prediction_keypoints",
    "commit/add_refused_predictions",
    "commit/add_doubtful_predictions",
    "commit/add_prediction_issues",
)
"""Statements that store predictions and what is wrong with them, in their order."""


def commit_predictions(
    warehouse: Warehouse,
    source: StagedIngest,
    *,
    project: str,
    model: str,
    document: str | None = None,
    dry_run: bool = False,
) -> dict[str, object]:
    """Store a source's lists as predictions of a model; return the ledger row.

    A list replaces the one of the same project, model and name. `document` is the only document whose
    images count; without it, the images of the whole project do. DuckDB streams the staged rows. Raises
    InputError if the project has none of the images, or if no prediction has a place; WarehouseError if the
    warehouse cannot be written. Then it is as it was.
    """
    ingest = source.ingest
    row = ingest.row(
        "predictions", sha256=source.staged.sha256, authors=source.staged.authors, bytes=source.staged.bytes
    )

    def once() -> dict[str, object]:
        return _committed(warehouse, source, dict(row), project, model, document, dry_run=dry_run)

    with guarded(warehouse.address):
        return trying_again(warehouse, once)


def _committed(
    warehouse: Warehouse,
    source: StagedIngest,
    row: dict[str, object],
    project: str,
    model: str,
    document: str | None,
    *,
    dry_run: bool,
) -> dict[str, object]:
    """Store the predictions in one change; return the ledger row, completed."""
    ingest = source.ingest
    ids = {"prediction_ingest_ids": [ingest.ingest_id]}
    with change(warehouse, f"predictions for {project}", ids, dry_run=dry_run) as opened:
        warehouse.place.require_running([ingest])
        connection = opened.connection
        _show_staged(connection, source)
        connection.execute(statement("commit/prediction_lists"))
        values = {"project": project, "document": document}
        connection.execute(statement("commit/prediction_images"), values)
        connection.execute(statement("commit/prediction_rows"))
        _require_places(connection, ingest.source)
        model_names = {"project": project, "model": model}
        connection.execute(statement("commit/superseded_predictions"), model_names)
        for table in PREDICTION_TABLES:
            connection.execute(statement_on(table.name, "commit/remove_predictions"))
        for name in _ADDING:
            connection.execute(statement(name))
        of_ingest = {"ingest_id": ingest.ingest_id, "loaded_at": ingest.started_at}
        connection.execute(statement("commit/add_prediction_sets"), {**model_names, **of_ingest})
        counts = connection.execute(statement("commit/prediction_set_counts")).fetchone()
        assert counts is not None
        row["quarantined"], row["issues"], *stored = counts
        row["snapshot_id"] = newest_snapshot(connection) + 1
        waiting = add_ledger_rows(warehouse, [row])
    if not dry_run:
        tidy(warehouse, [ingest], waiting)
    return {**row, "prediction_count": stored[0], "unplaced_count": stored[1]}


def _show_staged(connection: duckdb.DuckDBPyConnection, source: StagedIngest) -> None:
    for name, table in _STAGED:
        files = [file.path for file in source.staged.files if file.table == table.name]
        if files:
            names = ", ".join(quote_literal(escape_glob(str(Path(file)))) for file in files)
            connection.execute(statement_on(name, "commit/staged_rows", files=f"[{names}]"))
        else:
            like = quote_identifier(table.name)
            connection.execute(statement_on(name, "commit/no_staged_rows", like=like))


def _require_places(connection: duckdb.DuckDBPyConnection, where: str) -> None:
    """Raise InputError if no prediction has an image, or none a place in it."""
    row = connection.execute(statement("commit/prediction_counts")).fetchone()
    assert row is not None
    count, known, placed, drawn = row
    if count and not drawn:
        raise InputError(
            ReasonCode.RESULTS_LIST,
            "no record has a bbox, a segmentation or keypoints",
            where=where,
            remedy="load the results of a detector",
        )
    if count and not placed:
        raise InputError(
            ReasonCode.DANGLING_REF,
            "several documents of the project have its image ids"
            if known
            else "the project has no image with an id of this list",
            where=where,
            remedy="name the document with --of"
            if known
            else "load its dataset first, or name its project",
        )
