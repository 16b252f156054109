"""Run the checks of a warehouse, group what they find, and keep it."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from labelhouse.defaults import FAILING_ROWS
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.failures import is_interrupt
from labelhouse.lake.memory import CHECK_BYTES
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.querying.checks.findings import SCOPE, RunFindings, compared, keep, mended, since_state
from labelhouse.querying.checks.result import Checked as Checked
from labelhouse.querying.checks.result import CheckResult, causes_of
from labelhouse.querying.checks.result import worst as worst
from labelhouse.querying.checks.rows import CheckRows, check_rows, label_facts
from labelhouse.querying.checks.shared import share_views
from labelhouse.querying.checks.waivers import Waiver, unknown_checks, waiver_notes
from labelhouse.querying.integrity import integrity_statements
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import CHECK_RESULTS
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.sql_library.named_sql import SqlFile, kept_to_columns, named, sql_files
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.snapshots import open_snapshot

_BATCH_ROWS = 10_000
_INTEGRITY = "the rows of tables contradict each other; labelhouse verify reads the files back as well."


def check(
    folder: Path,
    *,
    project: str | None = None,
    only: Sequence[str] = (),
    sql: Path | None = None,
    shown_rows: int = FAILING_ROWS,
    memory_bytes: int = CHECK_BYTES,
    timeout_s: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
    unkept: Callable[[WarehouseError], None] | None = None,
) -> list[Checked]:
    """Run the checks as run_checks does, and return what each found.

    If it cannot be kept, `unkept` receives the reason; without it that raises WarehouseError.
    """
    result = run_checks(
        folder,
        project=project,
        only=only,
        sql=sql,
        shown_rows=shown_rows,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
        progress=progress,
    )
    if result.unkept is not None:
        if unkept is None:
            raise result.unkept
        unkept(result.unkept)
    return list(result.checks)


def run_checks(
    folder: Path,
    *,
    project: str | None = None,
    only: Sequence[str] = (),
    sql: Path | None = None,
    shown_rows: int = FAILING_ROWS,
    waivers: Sequence[Waiver] = (),
    has_waivers: bool = False,
    since: str | None = None,
    memory_bytes: int = CHECK_BYTES,
    timeout_s: float | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> CheckResult:
    """Run all checks on the warehouse's newest state, keep their counts and findings, return them.

    With `project` only its rows count. `only` names the checks to run; findings of others stay. `sql` is a
    folder with checks of the user's own. `since` says which findings are new (check_findings.since_state).
    Waived rows count, but do not fail; a run that `has_waivers` writes them to the findings, others leave
    those of before. DuckDB holds `memory_bytes` for the checks and spills the rest. If the run cannot be
    kept, the result says why. Raises UsageError if a header breaks the contract, or if a check or the
    project is missing, WarehouseError if the warehouse cannot be read.
    """
    every = (*sql_files("checks", sql), *_integrity())
    files = [named(every, name, "check") for name in dict.fromkeys(only)] or every
    with ExitStack() as stack:
        rows = stack.enter_context(check_rows())
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
            checked_at = datetime.now(UTC)
            latest = dict(connection.execute(statement("querying/latest_ingests")).fetchall())
            if project is not None and project not in latest:
                raise UsageError(
                    ReasonCode.USAGE,
                    f"there is no project {project}",
                    where=str(folder),
                    remedy="'labelhouse status' lists them",
                )
            recent = since_state(connection, since, project, list(latest.values()))
            labels = dict(connection.execute(statement("querying/project_labels")).fetchall())
            vanished = _vanished(connection) if project is None else []
            if not only:
                share_views(connection)
            results = []
            for file in files:
                progress(file.name)
                results.append(_run(connection, folder, file, project, shown_rows, rows))
            rows.name_categories(connection)
            rows.group(waivers)
            facts = label_facts(connection, rows.labels())
        result_rows = list(_result_rows(results, latest, project, checked_at))
        run = RunFindings(
            checked_at,
            pa.Table.from_pylist(result_rows, schema=CHECK_RESULTS.arrow),
            _scope(result_rows, vanished, latest.get(None)),
            rows.findings(),
            rows.members(),
            has_waivers or bool(waivers),
        )
        error: WarehouseError | None = None
        try:
            known = keep(folder, run) if result_rows else compared(folder, run)
        except WarehouseError as caught:
            error = caught
            known = compared(folder, run)
        rows.show(
            known.seen,
            run.members,
            checked_at=checked_at,
            since_at=recent.moment,
            ingests=recent.ingests,
        )
        with open_snapshot(folder, with_pending=False) as connection:
            gone = mended(connection, recent, project, list(only) or None)
        summaries = {file.name: file.header.question for file in every}
        complete = [checked.name for checked in results if checked.error is None]
        notes = unknown_checks(waivers, summaries) + waiver_notes(
            waivers, rows.used_waivers(), project=project, complete=complete
        )
        return CheckResult(
            checks=_with_severities(results, rows),
            unkept=error,
            causes=causes_of(rows.causes(only_new=False), summaries, labels),
            new_causes=causes_of(rows.causes(only_new=True), summaries, labels),
            waiver_notes=notes,
            added=known.added,
            gone=known.gone,
            finding_rows=rows.shown(facts, run.scope, checked_at),
            mended_rows=gone,
        )


def _with_severities(results: Sequence[Checked], rows: CheckRows) -> list[Checked]:
    """Return the checks with their rows by severity, without those that are waived."""
    counts: dict[str, list[tuple[str, int, int, int]]] = {}
    for name, severity, count, new, waived in rows.severities():
        counts.setdefault(name, []).append((severity, count, new, waived))
    return [
        dataclasses.replace(
            checked,
            unwaived={severity: count for severity, count, _, _ in counts.get(checked.name, []) if count},
            new={severity: new for severity, _, new, _ in counts.get(checked.name, []) if new},
            waived=sum(waived for *_, waived in counts.get(checked.name, [])),
        )
        for checked in results
    ]


def _vanished(connection: Connection) -> list[str]:
    """Return the projects with open findings that have no documents any more."""
    rows = connection.execute(statement("querying/vanished_projects")).fetchall()
    return [name for (name,) in rows]


def _scope(
    result_rows: Sequence[Mapping[str, object]], vanished: Sequence[str], last_ingest: str | None
) -> pa.Table:
    """Return the checks and projects about which the run says all; a vanished project has no rows."""
    whole = [row for row in result_rows if row["error"] is None]
    names = dict.fromkeys(row["check_name"] for row in whole)
    pairs = [
        *whole,
        *(
            {"check_name": name, "project": project, "ingest_id": last_ingest}
            for project in vanished
            for name in names
        ),
    ]
    return pa.Table.from_pylist([{key: row[key] for key in SCOPE.names} for row in pairs], schema=SCOPE)


def _integrity() -> Iterator[SqlFile]:
    """Yield what `labelhouse verify` checks in the tables, as checks."""
    for name, text, header in integrity_statements():
        as_check = dataclasses.replace(header, severity="error", explanation=_INTEGRITY)
        yield SqlFile(f"integrity_{name}", text, as_check, f"sql/internal/querying/{name}.sql")


def _run(
    connection: Connection,
    folder: Path,
    file: SqlFile,
    project: str | None,
    shown_rows: int,
    all_rows: CheckRows,
) -> Checked:
    header = file.header
    assert header.severity is not None
    base = Checked(file.name, header.severity, header.summary, header.explanation, file.where, 0)
    try:
        reading = reading_statement(connection, file.text)
        reader = connection.execute(reading.sql).to_arrow_reader(_BATCH_ROWS)
        kept_to_columns(file, reader.schema.names)
        return _counted(base, reader, project, shown_rows, all_rows)
    except duckdb.Error as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        known_failure = warehouse_failure(error, folder)
        if known_failure is not None and known_failure.code is not ReasonCode.NO_MEMORY:
            # The check is not the cause, and the next one would fail as well.
            raise known_failure from None
        # The first line says what is wrong; the rest repeats the statement.
        line = str(known_failure or error).splitlines()[0] if str(error) else type(error).__name__
        all_rows.drop(file.name)
        return dataclasses.replace(base, error=line)
    except LabelhouseError as error:
        all_rows.drop(file.name)
        return dataclasses.replace(base, error=str(error))


def _counted(
    base: Checked,
    reader: pa.RecordBatchReader,
    project: str | None,
    shown_rows: int,
    all_rows: CheckRows,
) -> Checked:
    """Count the rows of a result by project, keep the first, and add all to `all_rows`."""
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
        all_rows.add(base.name, base.severity, batch)
        if len(rows) < shown_rows:
            rows += map(tuple, (row.values() for row in batch.slice(0, shown_rows - len(rows)).to_pylist()))
    return dataclasses.replace(
        base,
        count=by_project.total(),
        columns=reader.schema.names,
        rows=rows,
        by_project=dict(by_project),
    )


def _result_rows(
    results: Sequence[Checked],
    latest: Mapping[str | None, str],
    project: str | None,
    checked_at: datetime,
) -> Iterator[dict[str, object]]:
    projects = [project] if project is not None else [name for name in latest if name is not None]
    for checked in results:
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
                    "checked_at": checked_at,
                }
