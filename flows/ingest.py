"""The nightly run: load what a configuration names, one [[source]] table after the other."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import labelhouse
from labelhouse import IngestSession
from labelhouse.cli.progress import summary
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.ingestion.run import IngestReport
from labelhouse.querying.checks.result import CheckResult
from labelhouse.querying.checks.waivers import Waiver
from labelhouse.reason_codes import ReasonCode
from labelhouse.scheduling.configuration import Configuration, SourceTable, read_configuration
from labelhouse.scheduling.night import LISTED, JsonObject, Night, newest_of
from labelhouse.scheduling.night_log import log_failures_in_one_line
from labelhouse.sources.addresses import is_url
from labelhouse.sources.finding import empty_ones, find_sources
from labelhouse.warehouse.guarding import interruption
from labelhouse.warehouse_layout import CATALOG
from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Failed
from prefect.tasks import Task

RETRY_DELAYS_S = [60.0, 300.0, 900.0]
REJECTED = "Rejected"
PATIENCE = 10
"""Showing the progress of the night may take at most one part in this many of its time."""


def is_retryable(task: Task[..., Any], task_run: TaskRun, state: State) -> bool:
    """Return whether Prefect should try a failed task again: the same call may succeed a little later."""
    return isinstance(state.data, LabelhouseError) and state.data.retryable


_UNCACHED: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
"""Options of a task that runs whenever it is called."""
_RETRIED: dict[str, Any] = {
    **_UNCACHED,
    "retries": len(RETRY_DELAYS_S),
    "retry_delay_seconds": RETRY_DELAYS_S,
    "retry_condition_fn": is_retryable,
}
"""Options of a task that Prefect tries again."""


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let Prefect's exception on SIGTERM end the flow, even where DuckDB turns it into its own error."""
    try:
        yield
    except RuntimeError as error:
        raise interruption(error) or error from None


@task(
    name="load",
    task_run_name="load {source.project}",
    **_RETRIED,
)
def load(session: IngestSession, source: SourceTable, keep: Callable[[JsonObject], None]) -> State:
    """Load the sources of one table and give `keep` a record of each; end as Rejected if one was.

    A retry loads all of them again: sources that the first try committed are `unchanged` then.
    """
    errors: list[LabelhouseError] = []

    def take(report: IngestReport) -> None:
        _log_report(source.project, report)
        keep(report.as_json())
        if report.error:
            errors.append(report.error)

    patterns = source.patterns
    if source.may_be_empty and not source.full:
        empty = empty_ones(patterns)
        patterns = tuple(pattern for pattern in patterns if pattern not in empty)
    try:
        with _ended_by_signals():
            labelhouse.ingest(
                session,
                patterns,
                project=source.project,
                document=source.documents,
                newest=source.newest,
                full=source.full,
                on_report=take,
            )
    except LabelhouseError as error:
        get_run_logger().error("%s: %s: %s", source.project, error.code.value, error)
        errors.append(error)
    if not errors:
        return Completed()
    worst = max(errors, key=lambda error: (isinstance(error, WarehouseError), error.retryable))
    name = "Failed" if isinstance(worst, WarehouseError) else REJECTED
    return Failed(name=name, message=str(worst), data=worst)


def _log_report(project: str, report: IngestReport) -> None:
    """Log one line on a source, with the reason at its end."""
    log = get_run_logger()
    line = f"{project}: {summary(report)}"
    notes = "".join(f" ({note})" for note in report.notes)
    if report.error is None:
        log.info("%s%s", line, notes)
    else:
        log.error("%s%s: %s: %s", line, notes, report.error.code.value, report.error)


@task(
    name="refresh-marts",
    **_RETRIED,
)
def refresh(warehouse: Path) -> State:
    """Bring the marts up to date with the loads; a retry does the remaining work."""
    try:
        with _ended_by_signals():
            done = labelhouse.refresh(warehouse)
    except LabelhouseError as error:
        return _failed("marts", error)
    counts = f"{done.documents_added} document versions added, {done.documents_removed} removed"
    get_run_logger().info("marts: %s; %.1f s", counts, done.seconds)
    return Completed()


@task(name="report changes", **_UNCACHED)
def report_changes(warehouse: Path, since: int) -> State:
    """Show in an artifact how many labels have been added, removed and changed since a snapshot."""
    try:
        with _ended_by_signals(), labelhouse.changes(warehouse, since=str(since)) as result:
            rows = [asdict(counts) for counts in result.counts]
            fields = [f"{name} {count:,}" for name, count in result.fields.items()]
    except LabelhouseError as error:
        return _failed("changes", error)
    kinds = ("added", "removed", "changed")
    counted = ", ".join(f"{sum(row[kind] for row in rows):,} {kind}" for kind in kinds)
    description = f"Labels: {counted}" + f" ({', '.join(fields[:LISTED])})" * bool(fields)
    _keep_artifact(create_table_artifact, key="label-changes", table=rows, description=description)
    return Completed()


@task(
    name="publish",
    **_RETRIED,
)
def publish_labels(warehouse: Path) -> State:
    """Bring the published file, which BI tools read, up to date with the loads."""
    try:
        with _ended_by_signals():
            done = labelhouse.publish(warehouse)
    except LabelhouseError as error:
        return _failed("publish", error)
    get_run_logger().info("%s %s: %s labels in %s s", done.status, done.path, done.labels, done.seconds)
    return Completed()


@task(name="check", **_UNCACHED)
def run_checks(
    warehouse: Path,
    sql: str | None,
    since: datetime,
    waivers: Sequence[Waiver] | None,
    keep: Callable[[CheckResult], None],
) -> State:
    """Run all checks on the warehouse and give `keep` the result; what is new since `since` is new."""
    try:
        with _ended_by_signals():
            result = labelhouse.check(
                warehouse,
                sql=Path(sql) if sql else None,
                shown_rows=1,
                since=since.isoformat(),
                waivers=waivers,
            )
    except LabelhouseError as error:
        return _failed("checks", error)
    if result.unkept is not None:
        return _failed("checks", result.unkept)
    for note in result.waiver_notes:
        get_run_logger().warning("%s", note)
    keep(result)
    return Completed()


def _failed(what: str, error: LabelhouseError) -> State:
    get_run_logger().error("%s: %s: %s", what, error.code.value, error)
    return Failed(message=str(error), data=error)


@flow(name="nightly-ingest", persist_result=False)
def nightly_ingest(
    configuration: str = "sources.toml",
    allow_rejected: bool = False,
    fail_on: Literal["error", "warning"] | None = None,
    sql: str | None = None,
) -> State:
    """Load the sources that a configuration names; check, publish, and report the result.

    Args:
        configuration: Path of a TOML file with a [[source]] table per set of exports.
        allow_rejected: End as Completed though sources were rejected.
        fail_on: End as Failed if a check of this severity, or worse, finds anything. If a check cannot run
            the flow fails in any case.
        sql: Folder with checks of your own, in its subfolder checks.

    """
    log_failures_in_one_line()
    try:
        plan = read_configuration(configuration)
    except UsageError as error:
        return _failed_run(str(error))
    night = Night.begin(configuration, plan.warehouse, len(plan.sources))
    shown = _Shown(night)
    if night.unfinished:
        get_run_logger().warning(night.unfinished)
    before = _snapshot(plan.warehouse)
    with IngestSession(plan.warehouse) as session:
        for source in plan.sources:
            _load_table(session, source, night)
            shown.update()
    end = _finish(night, plan, allow_rejected, fail_on, sql)
    shown.end(end)
    if night.has("committed") and before is not None:
        report_changes(plan.warehouse, before, return_state=True)
    return end


def _load_table(session: IngestSession, source: SourceTable, night: Night) -> None:
    """Load a table and record its result."""
    night.tables_done += 1
    empty = empty_ones(source.patterns) if source.may_be_empty else []
    if len(empty) == len(source.patterns):
        get_run_logger().info("%s: nothing came: %s", source.project, ", ".join(source.patterns))
        night.add_empty(source)
        return
    records: dict[str, JsonObject] = {}
    state = load(session, source, partial(_keep, records), return_state=True)
    night.add(list(records.values()), newest_of(_files(source)))
    if state.name not in ("Completed", REJECTED):
        night.add_failed(", ".join(source.patterns), source.project, state.message)


def _files(source: SourceTable) -> list[str]:
    """Return the files of a table; a time of URLs is not known, and their prefixes are not listed again."""
    return [file.path for file in find_sources(p for p in source.patterns if not is_url(p))]


def _finish(
    night: Night,
    plan: Configuration,
    allow_rejected: bool,
    fail_on: Literal["error", "warning"] | None,
    sql: str | None,
) -> State:
    """Refresh the marts, check and publish what is there, even if nothing was loaded; return the end state.

    An earlier run may have loaded something and been killed before these steps.
    """
    warehouse = plan.warehouse
    if _snapshot(warehouse):
        refreshed = refresh(warehouse, return_state=True)
        if not refreshed.is_completed():
            night.add_failed("marts", "", refreshed.message)
        results: list[CheckResult] = []
        since = night.started_at
        checked = run_checks(warehouse, sql, since, plan.waivers, results.append, return_state=True)
        if not checked.is_completed():
            night.not_checked = checked.message or "it failed"
        for result in results:
            night.add_findings(result)
            failing = result.failing(fail_on) if fail_on else [one for one in result.checks if one.error]
            night.failed_checks = [one.name for one in failing]
        published = publish_labels(warehouse, return_state=True)
        if not published.is_completed():
            night.not_published = published.message or "it failed"
    is_failed = (
        night.has("failed")
        or (night.has("rejected") and not allow_rejected)
        or bool(night.not_checked or night.failed_checks or night.not_published)
    )
    night.is_allowed = not is_failed
    return _failed_run(night.verdict()) if is_failed else Completed(message=night.verdict())


def _failed_run(message: str) -> State:
    """Return the end of a failed run; log the reason now, while `--watch` still shows the log."""
    get_run_logger().error("the run fails: %s", message)
    return Failed(message=message)


class _Shown:
    """Shows the progress of the night: in its record in the warehouse, and in an artifact.

    No failure of either ends the night, and both take only a part of its time.
    """

    def __init__(self, night: Night) -> None:
        self._night = night
        self._artifact: UUID | None = None
        self._next_at = 0.0

    def update(self) -> None:
        """Show the rows so far, if it is time."""
        began = time.monotonic()
        if began < self._next_at:
            return
        self._write("Running")
        self._show_rows()
        took = time.monotonic() - began
        self._next_at = began + (1 + PATIENCE) * took

    def end(self, state: State) -> None:
        """Show everything."""
        night = self._night
        self._write(state.type.value.capitalize())
        self._show_rows()
        if night.causes:
            _keep_artifact(
                create_table_artifact,
                key="check-findings",
                table=night.causes,
                description=night.findings_in_words(),
            )
        if night.checks:
            _keep_artifact(create_table_artifact, key="check-report", table=night.checks)
        _keep_artifact(create_markdown_artifact, key="ingest-summary", markdown=night.markdown())

    def _write(self, state: str) -> None:
        if not (self._night.folder.parent / CATALOG).is_file():
            # Nothing was loaded, and the folder may belong to another program.
            return
        try:
            self._night.write(state)
        except OSError as error:
            get_run_logger().warning("the record of the night cannot be written (%s)", error.strerror)

    def _show_rows(self) -> None:
        rows, described = self._night.rows, self._night.summary
        if self._artifact is None:
            made = _keep_artifact(
                create_table_artifact, key="ingest-report", table=rows, description=described
            )
            self._artifact = made if isinstance(made, UUID) else None
        else:
            _keep_artifact(
                _update_artifact, key="ingest-report", artifact=self._artifact, table=rows, text=described
            )


def _update_artifact(key: str, artifact: UUID, table: Sequence[JsonObject], text: str) -> None:
    with get_client(sync_client=True) as client:
        client.update_artifact(artifact, ArtifactUpdate(data=json.dumps(table), description=text))


def _keep_artifact(create: Callable[..., object], *, key: str, **content: object) -> object:
    """Create an artifact and return its id; a failure only writes a line to the log."""
    try:
        return create(key=key, **content)
    except Exception as error:  # noqa: BLE001  (whatever becomes of the server, it ends no night)
        get_run_logger().warning("the artifact %s could not be kept (%s)", key, type(error).__name__)
        return None


def _snapshot(warehouse: Path) -> int | None:
    """Return the newest snapshot, 0 without a warehouse, None if it cannot be read: loading reports why."""
    try:
        return int(str(labelhouse.status(warehouse).snapshot["snapshot_id"]))
    except WarehouseError as error:
        return 0 if error.code is ReasonCode.WAREHOUSE_MISSING else None


def _keep(records: dict[str, JsonObject], record: JsonObject) -> None:
    """Keep the last record of a source, but not `unchanged` after this run has committed it."""
    known = records.setdefault(record["source"], record)
    if (known["status"], record["status"]) != ("committed", "unchanged"):
        records[record["source"]] = record


if __name__ == "__main__":
    print(
        f"{Path(__file__).name} is a Prefect flow and did nothing: run it with 'prefect deployment run "
        "nightly-ingest/nightly --watch', after the steps in deployments/README.md",
        file=sys.stderr,
    )
    sys.exit(2)
