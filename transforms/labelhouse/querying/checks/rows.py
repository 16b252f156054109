"""The failing rows of a run of the checks, grouped into findings and causes, in a DuckDB of their own.

DuckDB holds up to MEMORY_BYTES of them and spills the rest.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.errors import UsageError
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.engine import connect_engine
from labelhouse.lake.memory import bound_memory
from labelhouse.lake.snapshot_connection import SnapshotConnection
from labelhouse.querying.checks.result import FINDING_COLUMNS
from labelhouse.querying.checks.waivers import Waiver, waiver_table
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.headers import SEVERITIES
from labelhouse.sql_library.statements import statement

MEMORY_BYTES = 500_000_000
DOCUMENT_LIMIT = 1_000
"""Rows of a cause in a document that have findings of their own; of more, one stands for all."""
PROJECT_LIMIT = 10_000
"""Findings of a cause in a project; of more, one stands for all."""
SEPARATE_DOCUMENTS = 3
"""A cause in at most this number of documents has a line for each."""
EXAMPLES = 10
"""Examples of a cause."""

_TEXTS = ("cause", "severity", "project", "document_id", "image_key", "label_id", "category_name", "what")
_NUMBERS = ("document_key", "annotation_position")
_SUBJECTS = ("name", "other_label_id", "keypoint_name", "joint", "target")
"""Columns of a check that tell several findings of one label apart."""
_SUBJECTS_WITHOUT_LABEL = ("category_name", "supercategory", "section", "track", "video", "other_image_key")
"""Columns that tell findings apart which are about no label."""
_ROWS = pa.schema(
    [
        ("row_number", pa.int64()),
        ("check_name", pa.string()),
        *((name, pa.string()) for name in _TEXTS),
        *((name, pa.int64()) for name in _NUMBERS),
        ("subject", pa.string()),
        ("label_count", pa.int64()),
    ]
)


class CheckRows:
    """The failing rows, and what is derived from them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._next_row = 0
        connection.execute(statement("querying/check_rows"))

    def add(self, check: str, severity: str, batch: pa.RecordBatch) -> None:
        """Add failing rows of a check; raises UsageError for an unknown severity."""
        if batch.num_rows:
            self._execute("add_check_rows", new_check_rows=self._common(check, severity, batch))

    def drop(self, check: str) -> None:
        """Drop the rows of a check that could not run to its end."""
        self._execute("remove_check_rows", {"check_name": check})

    def name_categories(self, snapshot: SnapshotConnection) -> None:
        """Look up the categories of labels where the checks do not say them."""
        labels = self._table("unnamed_labels")
        if labels.num_rows:
            self._execute("name_categories", named_labels=label_facts(snapshot, labels))

    def group(self, waivers: Sequence[Waiver]) -> None:
        """Group the rows into findings; `waivers` hold for some of them."""
        self._connection.register("waivers", waiver_table(waivers))
        limits = {"document_limit": DOCUMENT_LIMIT, "project_limit": PROJECT_LIMIT}
        self._execute("keyed_rows", {"document_limit": DOCUMENT_LIMIT})
        self._execute("row_findings", limits)
        self._execute("run_findings", {"example_count": EXAMPLES})

    def used_waivers(self) -> list[int]:
        """Return the numbers of the waivers that hold for rows."""
        return [number for number, _ in self._execute("waiver_uses").fetchall()]

    def findings(self) -> pa.Table:
        """Return the findings of the run."""
        return self._connection.execute("from run_findings").to_arrow_table()

    def members(self) -> pa.Table:
        """Return which findings the rows would be that a group stands for."""
        return self._table("group_members")

    def show(
        self,
        seen: pa.Table,
        members: pa.Table,
        *,
        checked_at: datetime,
        since_at: datetime | None,
        ingests: Sequence[str],
    ) -> None:
        """Compare the findings with those that are open in the warehouse, `seen`."""
        parameters = {"checked_at": checked_at, "since_at": since_at, "ingests": list(ingests)}
        self._execute("shown_findings", parameters, seen=seen, group_members=members)

    def causes(self, *, only_new: bool) -> list[dict[str, Any]]:
        """Return the causes of the findings."""
        parameters = {
            "only_new": only_new,
            "separate_documents": SEPARATE_DOCUMENTS,
            "example_count": EXAMPLES,
        }
        causes: list[dict[str, Any]] = self._table("run_causes", parameters).to_pylist()
        return causes

    def severities(self) -> Iterator[tuple[str, str, int, int, int]]:
        """Yield the rows, new rows and waived rows of each check and severity."""
        yield from self._execute("severity_counts").fetchall()

    def labels(self) -> pa.Table:
        """Return the labels of findings."""
        return self._table("finding_labels")

    def shown(self, facts: pa.Table, scope: pa.Table, checked_at: datetime) -> pa.Table:
        """Return the findings for people; `facts` are those of their labels."""
        shown = self._table(
            "finding_rows", {"checked_at": checked_at}, label_facts=facts, check_scope=scope
        )
        return shown.select(FINDING_COLUMNS)

    def _table(self, name: str, parameters: object = None, **tables: pa.Table) -> pa.Table:
        return self._execute(name, parameters, **tables).to_arrow_table()

    def _execute(
        self, name: str, parameters: object = None, **tables: pa.Table
    ) -> duckdb.DuckDBPyConnection:
        for table, rows in tables.items():
            self._connection.register(table, rows)
        return self._connection.execute(statement(f"querying/{name}"), parameters)

    def _common(self, check: str, severity: str, batch: pa.RecordBatch) -> pa.Table:
        """Return rows of a check with the columns that all have."""
        count = batch.num_rows
        columns: dict[str, pa.Array] = {name: _column(batch, name, pa.string()) for name in _TEXTS}
        columns |= {name: _column(batch, name, pa.int64()) for name in _NUMBERS}
        columns["row_number"] = pa.array(range(self._next_row, self._next_row + count), pa.int64())
        columns["check_name"] = pa.repeat(check, count)
        columns["severity"] = _severities(columns["severity"], severity)
        columns["subject"] = _subjects(batch, columns["label_id"])
        is_label = pc.or_(
            pc.is_valid(columns["label_id"]), pc.is_valid(columns["annotation_position"])
        ).cast(pa.int64())
        columns["label_count"] = pc.coalesce(_column(batch, "labels", pa.int64()), is_label)
        if "what" not in batch.schema.names:
            columns["what"] = pa.array(_in_words(batch), pa.string())
        self._next_row += count
        return pa.table([columns[name] for name in _ROWS.names], schema=_ROWS)


@contextmanager
def check_rows() -> Iterator[CheckRows]:
    """Give a place for the failing rows of a run, which goes with the block."""
    with private_folder() as private, closing(connect_engine()) as connection:
        bound_memory(connection, MEMORY_BYTES, private)
        yield CheckRows(connection)


def label_facts(snapshot: SnapshotConnection, labels: pa.Table) -> pa.Table:
    """Return category, id and image file of labels (document_key, position)."""

    def looked_up(connection: duckdb.DuckDBPyConnection) -> pa.Table:
        connection.register("wanted_labels", labels)
        try:
            return connection.execute(statement("querying/label_facts")).to_arrow_table()
        finally:
            connection.unregister("wanted_labels")

    facts: pa.Table = snapshot.call(looked_up)
    return facts


def _column(batch: pa.RecordBatch, name: str, arrow_type: pa.DataType) -> pa.Array:
    """Return a column of the batch in a type, nulls where there is none."""
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, arrow_type)
    column = batch[name]
    if arrow_type == pa.string() and pa.types.is_nested(column.type):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], arrow_type)
    return column.cast(arrow_type, safe=False)


def _severities(own: pa.Array, default: str) -> pa.Array:
    """Return the severity of each row; raises UsageError for an unknown one."""
    severities = pc.fill_null(own, default)
    for severity in pc.unique(severities).to_pylist():
        if severity not in SEVERITIES:
            raise UsageError(
                ReasonCode.USAGE,
                "a row has a severity other than error, warning and info",
                remedy="let the check return one of these words, or null",
            )
    return severities


def _subjects(batch: pa.RecordBatch, label_id: pa.Array) -> pa.Array:
    """Return what tells a row from others of its place: names that stay the same in every export."""
    always = _joined(batch, _SUBJECTS)
    without_label = _joined(batch, (*_SUBJECTS, *_SUBJECTS_WITHOUT_LABEL))
    return pc.if_else(pc.is_valid(label_id), always, without_label)


def _joined(batch: pa.RecordBatch, names: Sequence[str]) -> pa.Array:
    columns = [_column(batch, name, pa.string()) for name in names if name in batch.schema.names]
    if not columns:
        return pa.nulls(batch.num_rows, pa.string())
    # An export may renumber its track ids, which begin with # here.
    texts = [pc.fill_null(column, "") for column in columns]
    stable = [pc.if_else(pc.starts_with(text, "#"), "", text) for text in texts]
    return pc.binary_join_element_wise(*stable, "\x1f")


def _in_words(batch: pa.RecordBatch) -> list[str]:
    """Return the rows of a check that says nothing in words, as names and values."""
    places = {*_TEXTS, *_NUMBERS, "labels"}
    return [", ".join(f"{k}={v}" for k, v in row.items() if k not in places) for row in batch.to_pylist()]
