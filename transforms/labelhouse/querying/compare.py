"""Compare two sides label by label: documents, projects, states of one, or predictions with labels."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa

from labelhouse.coco.rle import mask_box
from labelhouse.defaults import GOOD_IOU, MIN_IOU, MIN_SCORE, PROJECT
from labelhouse.errors import UsageError
from labelhouse.lake.as_of import newest_snapshot, snapshot_to_read
from labelhouse.lake.snapshot_connection import Connection, ResultRows, SnapshotConnection
from labelhouse.querying.average_precision import AveragePrecision
from labelhouse.querying.evaluation import evaluations
from labelhouse.querying.matching import matches
from labelhouse.querying.projects import require_project
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import OpenResult, plain
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_library.statements import statement, statement_on
from labelhouse.warehouse.snapshots import open_snapshot

Part = Literal["labels", "images", "classes", "documents", "confusion"]
_BATCH_ROWS = 50_000
_BATCH_MASKS = 1_000
_BY: dict[str, tuple[str, str, str]] = {
    # The rows that are counted, the columns that they are counted by, and their order.
    "total": ("compared_wholes", "", "1"),
    "classes": ("compared_sides", "class,", "f1, missed + extra + other_class desc, class"),
    "documents": ("compared_wholes", "document_id,", "f1, document_id"),
    "images": (
        "compared_wholes",
        "document_id, image_key,",
        "missed + extra + other_class + loose desc, f1, document_id, image_key",
    ),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: labels of a project, or of a document of it, or a model's predictions."""

    project: str = PROJECT
    document: str | None = None
    as_of: str | None = None
    model: str | None = None


def sides(reference: Mapping[str, str | None], differing: Mapping[str, str | None]) -> tuple[Side, Side]:
    """Return the two sides: what the second does not name is as in the first, but not what it replaces.

    Another project has documents of its own, and labels are compared with a model's predictions. Raises
    UsageError if the sides are equal.
    """
    own = dict(reference)
    other = {name: value for name, value in differing.items() if value is not None}
    if not other:
        raise UsageError(
            ReasonCode.USAGE,
            "a comparison needs a second side",
            remedy="name what differs: another project, document, state or model",
        )
    base = own if "project" not in other else {"as_of": own["as_of"]}
    pair = Side(**own), Side(**{**base, **other})  # type: ignore[arg-type]
    if pair[0] == pair[1]:
        raise UsageError(
            ReasonCode.USAGE, "both sides are the same", remedy="name what differs in the second"
        )
    return pair


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many labels agree, and the shares that follow; null where there are no labels to have a share."""

    agreed: int
    loose: int
    other_class: int
    missed: int
    extra: int
    precision: float | None
    recall: float | None
    f1: float | None
    mean_iou: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a comparison covers, and what it leaves out."""

    images: int
    """Images of both sides."""
    reference_only: int
    other_only: int
    crowd_labels: int
    unmeasured_labels: int
    """Labels without a box."""
    crowded_images: int
    """Images whose labels lie too close together to be paired."""


class Comparison:
    """A comparison that has been made, held in the connection's temporary tables."""

    def __init__(
        self, connection: Connection, precision: Sequence[AveragePrecision], notes: Sequence[str]
    ) -> None:
        self._connection = connection
        self.average_precision = precision
        self.notes = notes

    def total(self) -> Agreement:
        """Return how well the sides agree in all."""
        row = self._by("total").fetchone()
        assert row is not None
        return Agreement(*row)

    def coverage(self) -> Coverage:
        """Return what the comparison covers."""
        row = self._connection.execute(statement("querying/compare_coverage")).fetchone()
        assert row is not None
        return Coverage(*row)

    def rows(self, part: Part = "labels") -> ResultRows:
        """Return the outcome of each label, worst images first; or the counts of a part."""
        if part == "labels":
            return self._connection.execute(statement("querying/compared_rows"))
        if part == "confusion":
            return self._connection.execute(statement("querying/compared_confusion"))
        return self._by(part)

    def _by(self, part: str) -> ResultRows:
        table, by, order = _BY[part]
        sql = statement_on(table, "querying/compared_by", by=by, order=order)
        return self._connection.execute(sql)


@contextmanager
def compare(
    warehouse: str | os.PathLike[str],
    reference: Side,
    other: Side,
    *,
    min_iou: float = MIN_IOU,
    good_iou: float = GOOD_IOU,
    min_score: float = MIN_SCORE,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> Iterator[Comparison]:
    """Match the labels of two sides on the images that both have, one to one, by class and overlap.

    Boxes are compared, those of polygons and masks too. Labels of one class that overlap by `min_iou` are
    matched, the greatest overlap first; then what is left, whatever its class. A match below `good_iou` is
    loose. Predictions below `min_score` are left out. DuckDB spills what exceeds its memory; the program
    holds one image's matches. Raises UsageError for a side that does not exist.
    """
    _require_shares(min_iou, good_iou)
    with open_snapshot(warehouse, memory_bytes=memory_bytes, timeout_s=timeout_s) as connection:
        states = {
            "snapshot": _read(connection, "reference", reference, warehouse),
            "other_snapshot": _read(connection, "other", other, warehouse),
        }
        _run(connection, "compare_common_images")
        _run(connection, "compare_placed_labels", min_score=min_score)
        _run(connection, "compare_dense_images")
        _run(connection, "compare_cells", min_iou=min_iou)
        _run(connection, "compare_crowded_images")
        _run(connection, "compare_no_matches")
        _match(connection, min_iou)
        _run(connection, "compared_labels", good_iou=good_iou)
        _run(connection, "compared_sides")
        _run(connection, "compared_wholes")
        is_evaluated = other.model is not None and reference.model is None
        notes: list[str] = []
        precision = list(evaluations(connection, states, notes.append)) if is_evaluated else []
        yield Comparison(connection, precision, notes)


def _require_shares(min_iou: float, good_iou: float) -> None:
    if not (0.1 <= min_iou <= good_iou <= 1):
        raise UsageError(
            ReasonCode.USAGE,
            "the least overlap and that of a good match are out of their range",
            remedy="let 0.1 <= min_iou <= good_iou <= 1",
        )


def _read(connection: SnapshotConnection, name: str, side: Side, warehouse: str | os.PathLike[str]) -> int:
    """Read one side into temporary tables; return its snapshot. Raises UsageError without such a side."""
    require_project(connection, side.project, warehouse)
    if side.as_of is None:
        snapshot = newest_snapshot(connection)
    else:
        snapshot = snapshot_to_read(connection, side.as_of)
        _require_version(connection, snapshot)
    place = {"snapshot": snapshot, "project": side.project, "document": side.document}
    [has_document] = _run(connection, "compare_has_labels", **place).fetchone() or (False,)
    if not has_document:
        what = "no documents" if side.document is None else "no such document"
        raise UsageError(
            ReasonCode.USAGE,
            f"the project has {what} in this state",
            where=str(warehouse),
            remedy="name another; 'labelhouse ask biggest_documents' lists them",
        )
    images, labels = f"{name}_images", f"{name}_labels"
    if side.model is None:
        connection.execute(statement_on(images, "querying/compare_images"), place)
        connection.execute(statement_on(labels, "querying/compare_labels"), place)
        _box_masks(connection, labels)
        return snapshot
    of_model = {"snapshot": snapshot, "project": side.project, "model": side.model}
    _require_model(connection, of_model, warehouse)
    connection.execute(statement_on(labels, "querying/compare_predictions"), of_model)
    sql = statement_on(images, "querying/compare_predicted_images", predictions=f"temp.main.{labels}")
    connection.execute(sql, place)
    _box_masks(connection, labels)
    return snapshot


def _box_masks(connection: SnapshotConnection, labels: str) -> None:
    """Give masks that come without a box the one around them."""
    unboxed = connection.execute(statement_on(labels, "querying/compare_unboxed_masks"))
    rows: list[tuple[float, ...]] = []
    while masks := unboxed.fetchmany(_BATCH_MASKS):
        boxes = ((number, mask_box(counts, height)) for number, counts, height in masks)
        rows += ((number, *box) for number, box in boxes if box is not None)
    if rows:
        table = pa.table(dict(zip(("number", "x", "y", "w", "h"), zip(*rows, strict=True), strict=True)))
        _execute_on(connection, "given_boxes", table, statement_on(labels, "querying/compare_box_masks"))


def _require_version(connection: Connection, snapshot: int) -> None:
    [version] = _run(connection, "compare_version", snapshot=snapshot).fetchone() or (0,)
    if version != SCHEMA_VERSION:
        raise UsageError(
            ReasonCode.USAGE,
            f"snapshot {snapshot} has the tables of schema version {version}, and cannot be compared",
            remedy="choose a state since the migration",
        )


def _require_model(
    connection: Connection, of_model: dict[str, object], warehouse: str | os.PathLike[str]
) -> None:
    state = {name: of_model[name] for name in ("snapshot", "project")}
    try:
        models = [name for (name,) in _run(connection, "compare_models", **state).fetchall()]
    except duckdb.CatalogException:
        # A warehouse gets the tables with the first change after its migration.
        models = []
    if of_model["model"] not in models:
        raise UsageError(
            ReasonCode.USAGE,
            "the project has no predictions of this model",
            where=str(warehouse),
            remedy=f"it has those of {', '.join(models[:5])}"
            if models
            else "load them: labelhouse ingest RESULTS --as predictions --model NAME",
        )


def _match(connection: SnapshotConnection, min_iou: float) -> None:
    pairs = _run(connection, "compare_pairs", min_iou=min_iou).to_arrow_reader(_BATCH_ROWS)
    # The connection reads pairs until the end, so matches wait.
    tables = list(matches(pairs))
    for table in tables:
        _execute_on(connection, "given_matches", table, statement("querying/compare_add_matches"))


def _execute_on(connection: SnapshotConnection, name: str, table: pa.Table, sql: str) -> None:
    """Run a statement that reads rows of the program under a name."""

    def execute(engine: duckdb.DuckDBPyConnection) -> None:
        engine.register(name, table)
        engine.execute(sql)
        engine.unregister(name)

    connection.call(execute)


def _run(connection: Connection, name: str, **parameters: object) -> Connection:
    return connection.execute(statement(f"querying/{name}"), parameters or None)


class CompareResult(OpenResult):
    """The outcomes of a comparison, read on demand.

    It keeps a copy of the catalog. Close it, use it in a `with` block, or drop it to remove the copy.
    """

    def __init__(self, opened: AbstractContextManager[Comparison]) -> None:
        stack = ExitStack()
        self._comparison = stack.enter_context(opened)
        super().__init__(stack)
        self.coverage = self._comparison.coverage()
        """What the comparison covers, and what it leaves out."""
        self.total = self._comparison.total()
        """How well the sides agree in all."""
        self.average_precision = self._comparison.average_precision
        """AP and AR of predictions against labels, for each kind of geometry that the predictions have."""
        self.notes = self._comparison.notes
        """Lines on what could not be evaluated."""

    def rows(self, part: Part = "labels") -> ResultRows:
        """Return the outcome of each label, worst images first; or counts by image, class and so on."""
        return self._comparison.rows(part)

    def as_json(self) -> dict[str, object]:
        """Return everything, the labels too, as one object that `json.dumps` takes."""
        parts: Sequence[Part] = ("classes", "documents", "confusion", "images", "labels")
        return {**self.summary(), **{part: plain(self._objects(part)) for part in parts}}

    def summary(self) -> dict[str, object]:
        """Return coverage, total and average precision as an object that `json.dumps` takes."""
        return {
            "coverage": plain(self.coverage),
            "total": plain(self.total),
            "average_precision": plain(self.average_precision),
            "notes": plain(self.notes),
        }

    def _objects(self, part: Part) -> list[dict[str, object]]:
        rows = self.rows(part)
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
