"""Run the checks of a warehouse and keep what they found."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.failures import is_interrupt
from labelhouse.lake.memory import CHECK_BYTES
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.querying.integrity import integrity_statements
from labelhouse.reason_codes import Code
from labelhouse.results import plain
from labelhouse.schema.warehouse_tables import CHECK_RESULTS
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.sql_library.headers import Severity
from labelhouse.sql_library.named_sql import SqlFile, kept_to_columns, sql_files
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.snapshots import open_snapshot
from labelhouse.warehouse.warehouse import Warehouse

SHOWN_ROWS = 5
_BATCH_ROWS = 10_000
_INTEGRITY = "the rows of tables contradict each other; labelhouse verify reads the files back as well."


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found."""

    name: str
    severity: Severity
    summary: str
    explanation: str
    where: str
    count: int
    columns: Sequence[str] = ()
    rows: Sequence[tuple[object, ...]] = ()
    """The first failing rows, at most as many as requested."""
    by_project: dict[str | None, int] = field(default_factory=dict)
    error: str | None = None
    """Why the check could not run."""

    @property
    def is_failing(self) -> bool:
        """Return whether there are failing rows, or the check could not run."""
        return self.count > 0 or self.error is not None

    def as_json(self) -> dict[str, object]:
        """Return the object that `labelhouse check --format json` prints for the check."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {
            "check": self.name,
            "severity": self.severity,
            "failing": self.count,
            "summary": self.summary,
            "explanation": self.explanation,
            "sql": self.where,
            "error": self.error,
            "rows": rows,
        }


def check(
    folder: Path,
    *,
    project: str | None = None,
    sql: Path | None = None,
    shown_rows: int = SHOWN_ROWS,
    memory_bytes: int = CHECK_BYTES,
    timeout_s: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
    unkept: Callable[[WarehouseError], None] | None = None,
) -> list[Checked]:
    """Run all checks on the warehouse's newest state, keep their counts in check_results, return them.

    With `project` only its rows count. `sql` is a folder with checks of the user's own. DuckDB holds
    `memory_bytes` and spills the rest. Rows are counted batch by batch, and only the first ones are kept.
    If the counts cannot be kept, `unkept` receives the reason, if it is given, and the findings are
    returned. Raises UsageError if a header breaks the contract or the project is missing, WarehouseError if
    the warehouse cannot be read or written.
    """
    files = sql_files("checks", sql)
    with (
        open_snapshot(
            folder,
            with_pending=False,
            in_order=False,
            memory_bytes=memory_bytes,
            timeout_s=timeout_s,
        ) as connection,
        guarded(folder),
    ):
        latest = dict(connection.execute(statement("querying/latest_ingests")).fetchall())
        if project is not None and project not in latest:
            raise UsageError(
                Code.USAGE,
                f"there is no project {project}",
                where=str(folder),
                remedy="'labelhouse status' lists them",
            )
        found = []
        for file in (*files, *_integrity()):
            progress(file.name)
            found.append(_run(connection, folder, file, project, shown_rows))
    try:
        _keep(folder, found, latest, project)
    except WarehouseError as error:
        if unkept is None:
            raise
        unkept(error)
    return found


def _integrity() -> Iterator[SqlFile]:
    """Yield what `labelhouse verify` checks in the tables, as checks."""
    for name, text, header in integrity_statements():
        told = dataclasses.replace(header, severity="error", explanation=_INTEGRITY)
        yield SqlFile(f"integrity_{name}", text, told, f"sql/internal/querying/{name}.sql")


def _run(
    connection: Connection, folder: Path, file: SqlFile, project: str | None, shown_rows: int
) -> Checked:
    told = file.header
    assert told.severity is not None
    base = Checked(file.name, told.severity, told.summary, told.explanation, file.where, 0)
    try:
        reading = reading_statement(connection, file.text)
        reader = connection.execute(reading.sql).to_arrow_reader(_BATCH_ROWS)
        kept_to_columns(file, reader.schema.names)
        return _counted(base, reader, project, shown_rows)
    except duckdb.Error as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        found = warehouse_failure(error, folder)
        if found is not None and found.code is not Code.NO_MEMORY:
            # The check is not the cause, and the next one would fail as well.
            raise found from None
        # The first line says what is wrong; the rest repeats the statement.
        line = str(found or error).splitlines()[0] if str(error) else type(error).__name__
        return dataclasses.replace(base, error=line)
    except LabelhouseError as error:
        return dataclasses.replace(base, error=str(error))


def _counted(base: Checked, reader: pa.RecordBatchReader, project: str | None, shown_rows: int) -> Checked:
    """Count the rows of a result by project, and keep the first."""
    by_project: Counter[str | None] = Counter()
    rows: list[tuple[object, ...]] = []
    for batch in reader:
        if "project" in batch.schema.names:
            if project is not None:
                mask = pc.fill_null(pc.equal(batch["project"], project), False)
                batch = batch.filter(mask)
            for item in pc.value_counts(batch["project"]).to_pylist():
                by_project[item["values"]] += item["counts"]
        else:
            by_project[None] += batch.num_rows
        if len(rows) < shown_rows:
            rows += map(tuple, (row.values() for row in batch.slice(0, shown_rows - len(rows)).to_pylist()))
    return dataclasses.replace(
        base,
        count=by_project.total(),
        columns=reader.schema.names,
        rows=rows,
        by_project=dict(by_project),
    )


def _keep(
    folder: Path, found: Sequence[Checked], latest: dict[str | None, str], project: str | None
) -> None:
    """Write the findings into check_results, in place of an earlier run for the same ingests."""
    rows = list(_result_rows(found, latest, project))
    if not rows:
        return
    with open_warehouse(folder) as warehouse, guarded(folder), warehouse.lock():
        _write(warehouse, pa.Table.from_pylist(rows, schema=CHECK_RESULTS.arrow))


def _write(warehouse: Warehouse, rows: pa.Table) -> None:
    with change(warehouse, "checked", {"checks": rows.num_rows}) as opened:
        opened.connection.register("given_results", rows)
        opened.connection.execute(statement("querying/remove_check_results"))
        opened.connection.execute(statement("querying/add_check_results"))
        opened.connection.unregister("given_results")


def _result_rows(
    found: Sequence[Checked], latest: dict[str | None, str], project: str | None
) -> Iterator[dict[str, object]]:
    now = datetime.now(UTC)
    projects = [project] if project is not None else [name for name in latest if name is not None]
    for checked in found:
        is_whole = "project" not in checked.columns and checked.error is None
        for name in [None] if is_whole else projects:
            if name in latest:
                yield {
                    "ingest_id": latest[name],
                    "project": name,
                    "check_name": checked.name,
                    "severity": checked.severity,
                    "failing_count": None if checked.error else checked.by_project.get(name, 0),
                    "error": checked.error,
                    "checked_at": now,
                }


def worst(found: Sequence[Checked], fail_on: Severity) -> list[Checked]:
    """Return the checks that fail with this severity or worse, and those that could not run."""
    return [c for c in found if c.error or (c.count and (fail_on == "warning" or c.severity == "error"))]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What all checks found, and why their counts could not be kept, if so."""

    checks: Sequence[Checked]
    unkept: WarehouseError | None = None

    def failing(self, fail_on: Severity = "warning") -> list[Checked]:
        """Return the checks that fail with this severity or worse, and those that could not run."""
        return worst(self.checks, fail_on)

    def as_json(self) -> dict[str, object]:
        """Return one object that `json.dumps` takes."""
        return {
            "checks": [plain(checked.as_json()) for checked in self.checks],
            "unkept": None if self.unkept is None else str(self.unkept),
        }
