"""A whole night: load what a configuration names, refresh, check, publish, and say how it went."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

from labelhouse.errors import LabelhouseError, WarehouseError
from labelhouse.ingestion.run import IngestOptions, IngestReport, IngestSession
from labelhouse.ingestion.summary import summary
from labelhouse.lake.memory import CHECK_BYTES, REFRESH_BYTES
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.marts.refresh import refresh_marts
from labelhouse.places.finding import place_of
from labelhouse.places.place import WarehousePlace
from labelhouse.publishing.publish import publish
from labelhouse.pulling.warehouse_pull import pull_into_warehouse, unchanged_record
from labelhouse.querying.changes import ChangesResult, changes
from labelhouse.querying.check import run_checks
from labelhouse.querying.checks.result import CheckResult
from labelhouse.querying.status import status
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import Result
from labelhouse.scheduling.configuration import Configuration, SourceTable, read_configuration
from labelhouse.scheduling.night import LISTED, JsonObject, Night, newest_of
from labelhouse.scheduling.runner import Runner, Step, StepEnd, StepKind
from labelhouse.sources.addresses import is_url
from labelhouse.sources.finding import empty_ones, find_sources
from labelhouse.warehouse.guarding import interruption

PATIENCE = 10
"""Showing the progress of the night may take at most one part in this many of its time."""
FailingSeverity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class NightResult(Result):
    """How a night went: its verdict in one line, and the rows behind it."""

    configuration: str
    warehouse: str
    state: Literal["completed", "failed"]
    message: str
    exit_code: int
    """0; 1 if sources were rejected, or checks failed of `fail_on`; 2 if a step failed as a whole."""
    started_at: datetime
    seconds: float
    sources: tuple[JsonObject, ...]
    """A row per source: project, status, documents added, changed, unchanged and removed, error."""
    label_changes: tuple[JsonObject, ...]
    """Labels that the night added, removed and changed, by project and class."""
    checks: tuple[JsonObject, ...]
    findings: dict[str, int]
    """How many findings of the checks are new, mended, open and waived."""


def run_night(
    configuration: str | os.PathLike[str],
    *,
    warehouse: Path | None = None,
    allow_rejected: bool = False,
    fail_on: FailingSeverity | None = None,
    sql: Path | None = None,
    runner: Runner | None = None,
) -> NightResult:
    """Run a night: each table of the configuration is a step, then come marts, checks and publishing.

    The later steps run whatever the loads did: an earlier night may have been killed before them. Raises
    UsageError for a wrong configuration; every other failure is part of the result.
    """
    plan = read_configuration(configuration)
    if warehouse is not None:
        plan = replace(plan, warehouse=warehouse.absolute())
    return _Run(plan, configuration, runner or Runner()).night(allow_rejected, fail_on, sql)


class _Run:
    """The run of one night."""

    def __init__(self, plan: Configuration, configuration: str | os.PathLike[str], runner: Runner) -> None:
        self._plan, self._runner = plan, runner
        self._warehouse = plan.warehouse
        self._night = Night.begin(configuration, plan.warehouse, len(plan.sources))
        self._shown = _Shown(self._night, runner, place_of(plan.warehouse))

    def night(self, allow_rejected: bool, fail_on: FailingSeverity | None, sql: Path | None) -> NightResult:
        night, began = self._night, time.monotonic()
        if night.unfinished:
            self._runner.log(logging.WARNING, night.unfinished)
        before = _snapshot(self._warehouse)
        with IngestSession(self._warehouse) as session:
            for table in self._plan.sources:
                self._load_table(session, table)
                self._shown.update()
        if _snapshot(self._warehouse):
            self._finish(fail_on, sql)
        if night.has("committed") and before is not None:
            self._step("report changes", "report changes", partial(self._count_changes, before))
        exit_code = _exit_code(night, allow_rejected)
        night.is_allowed = exit_code == 0
        state: Literal["completed", "failed"] = "failed" if exit_code else "completed"
        self._shown.end(state.capitalize())
        return NightResult(
            configuration=night.configuration,
            warehouse=str(self._warehouse),
            state=state,
            message=night.verdict(),
            exit_code=exit_code,
            started_at=night.started_at,
            seconds=round(time.monotonic() - began, 3),
            sources=tuple(night.rows),
            label_changes=tuple(night.label_changes),
            checks=tuple(night.checks),
            findings=night.findings,
        )

    def _step(
        self, kind: StepKind, title: str, run: Callable[[], StepEnd], *, is_retried: bool = False
    ) -> StepEnd:
        """Run a step; an error that is ours becomes its end, and a line of the log."""

        def guarded() -> StepEnd:
            try:
                with _ended_by_signals():
                    return run()
            except LabelhouseError as error:
                self._runner.log(logging.ERROR, f"{title}: {error.code.value}: {error}")
                return StepEnd(error)
            except Exception as error:
                if os.environ.get("LABELHOUSE_TRACEBACK"):
                    raise
                # Whatever it is, the other steps run. Its text may quote a document.
                failure = warehouse_failure(error, self._warehouse) or _unexpected(error)
                self._runner.log(logging.ERROR, f"{title}: {failure.code.value}: {failure}")
                return StepEnd(failure)

        return self._runner.run(Step(kind, title, is_retried, guarded), self._plan.retry_minutes)

    def _load_table(self, session: IngestSession, table: SourceTable) -> None:
        """Load a table and record its result."""
        night = self._night
        night.tables_done += 1
        empty = empty_ones(table.patterns) if table.may_be_empty else []
        if empty and len(empty) == len(table.patterns):
            nothing = f"{table.project}: nothing came: {', '.join(table.patterns)}"
            self._runner.log(logging.INFO, nothing)
            night.add_empty(table)
            return
        records: dict[str, JsonObject] = {}
        load = partial(self._load if table.encord is None else self._pull, session, table, records)
        end = self._step("load", f"load {table.project}", load, is_retried=True)
        night.add(list(records.values()), newest_of(_files(table)), table)
        if end.error is not None and not (end.is_rejected and any(r["error"] for r in records.values())):
            # No source says why.
            status = "rejected" if end.is_rejected else "failed"
            night.add_failed(", ".join(table.names), table.project, end.message, status)

    def _load(self, session: IngestSession, table: SourceTable, records: dict[str, JsonObject]) -> StepEnd:
        """Load the sources of a table, and keep a record of each.

        A retry loads all of them again: sources that the first try committed are `unchanged` then.
        """
        errors: list[LabelhouseError] = []
        patterns = table.patterns
        if table.may_be_empty and not table.full:
            empty = empty_ones(patterns)
            patterns = tuple(pattern for pattern in patterns if pattern not in empty)
        options = IngestOptions(
            project=table.project,
            documents=table.documents,
            newest=table.newest,
            full=table.full,
            authors=table.authors,
        )
        try:
            for report in session.ingest(patterns, options):
                self._log_report(table.project, report)
                _keep(records, report.as_json())
                if report.error:
                    errors.append(report.error)
        except LabelhouseError as error:
            self._runner.log(logging.ERROR, f"{table.project}: {error.code.value}: {error}")
            errors.append(error)
        return _end_of(errors)

    def _pull(self, session: IngestSession, table: SourceTable, records: dict[str, JsonObject]) -> StepEnd:
        """Pull the label rows of an Encord project, and keep a record of it.

        A retry fetches what the first try has not committed.
        """
        assert table.encord is not None
        errors: list[LabelhouseError] = []

        def take(report: IngestReport) -> None:
            self._log_report(table.project, report)
            if report.error:
                errors.append(report.error)

        try:
            done = pull_into_warehouse(
                table.encord.project,
                self._warehouse,
                project=table.project,
                filters=table.encord.filters,
                domain=table.encord.domain,
                authors=table.authors,
                session=session,
                on_report=take,
            )
        except LabelhouseError as error:
            self._runner.log(logging.ERROR, f"{table.project}: {error.code.value}: {error}")
            return _end_of([error])
        rows = f"{done.listed} label rows listed, {done.fetched} fetched, {done.removed} removed"
        self._runner.log(logging.INFO, f"{table.project}: {done.title}: {rows}")
        _keep(records, done.ingest or unchanged_record(done))
        return _end_of(errors)

    def _log_report(self, project: str, report: IngestReport) -> None:
        """Log one line on a source, with the reason at its end."""
        line = f"{project}: {summary(report)}" + "".join(f" ({note})" for note in report.notes)
        if report.error is None:
            self._runner.log(logging.INFO, line)
        else:
            self._runner.log(logging.ERROR, f"{line}: {report.error.code.value}: {report.error}")

    def _finish(self, fail_on: FailingSeverity | None, sql: Path | None) -> None:
        """Refresh the marts, check and publish what is there."""
        night = self._night
        refreshed = self._step("refresh-marts", "marts", self._refresh, is_retried=True)
        if refreshed.error is not None:
            night.add_failed("marts", "", refreshed.message)
        results: list[CheckResult] = []
        checked = self._step("check", "checks", partial(self._check, sql, results))
        if checked.error is not None:
            night.not_checked = checked.message
        for result in results:
            night.add_findings(result)
            failing = result.failing(fail_on) if fail_on else [one for one in result.checks if one.error]
            night.failed_checks = [one.name for one in failing]
        for place in (None, *self._plan.publish_to):
            publishing = partial(self._publish, place)
            published = self._step("publish", "publish", publishing, is_retried=True)
            if published.error is not None:
                night.not_published = night.not_published or published.message

    def _refresh(self) -> StepEnd:
        """Bring the marts up to date with the loads; a retry does the remaining work."""
        done = refresh_marts(self._warehouse, rebuild=False, memory_bytes=REFRESH_BYTES)
        counts = f"{done.documents_added} document versions added, {done.documents_removed} removed"
        self._runner.log(logging.INFO, f"marts: {counts}; {done.seconds:.1f} s")
        return StepEnd()

    def _check(self, sql: Path | None, results: list[CheckResult]) -> StepEnd:
        """Run all checks and keep the result; what is new since the night began is new."""
        result = run_checks(
            self._warehouse,
            project=None,
            sql=sql,
            shown_rows=1,
            waivers=self._plan.waivers or (),
            has_waivers=self._plan.waivers is not None,
            since=self._night.started_at.isoformat(),
            timeout_s=None,
            memory_bytes=CHECK_BYTES,
        )
        if result.unkept is not None:
            raise result.unkept
        for note in result.waiver_notes:
            self._runner.log(logging.WARNING, note)
        results.append(result)
        return StepEnd()

    def _publish(self, place: str | None) -> StepEnd:
        """Bring the published file, or its copy in another place, up to date with the loads."""
        done = publish(self._warehouse, place)
        line = f"{done.status} {done.path}: {done.labels} labels in {done.seconds} s"
        self._runner.log(logging.INFO, line)
        return StepEnd()

    def _count_changes(self, before: int) -> StepEnd:
        """Count the labels that the night added, removed and changed."""
        night = self._night
        with ChangesResult(changes(self._warehouse, project=None, since=str(before), as_of=None)) as result:
            rows = [asdict(counts) for counts in result.counts]
            fields = [f"{name} {count:,}" for name, count in result.fields.items()]
        kinds = ("added", "removed", "changed")
        counted = ", ".join(f"{sum(row[kind] for row in rows):,} {kind}" for kind in kinds)
        night.label_changes = rows
        night.changes_in_words = f"Labels: {counted}" + f" ({', '.join(fields[:LISTED])})" * bool(fields)
        return StepEnd()


def _end_of(errors: Sequence[LabelhouseError]) -> StepEnd:
    """Return the end of a step with these errors: the worst decides whether it is tried again."""
    if not errors:
        return StepEnd()
    worst = max(errors, key=lambda error: (isinstance(error, WarehouseError), error.retryable))
    return StepEnd(worst, is_rejected=not isinstance(worst, WarehouseError))


def _files(table: SourceTable) -> list[str]:
    """Return the files of a table; a time of URLs is not known, and their prefixes are not listed again."""
    return [file.path for file in find_sources(p for p in table.patterns if not is_url(p))]


def _unexpected(error: Exception) -> WarehouseError:
    return WarehouseError(
        ReasonCode.ENGINE_FAILED,
        f"unexpected {type(error).__name__}",
        remedy="LABELHOUSE_TRACEBACK=1 shows where, please report it",
    )


def _exit_code(night: Night, allow_rejected: bool) -> int:
    if night.has("failed") or night.not_checked or night.not_published:
        return 2
    return int((night.has("rejected") and not allow_rejected) or bool(night.failed_checks))


class _Shown:
    """Shows the progress of the night: in its record in the warehouse, and as the runner does.

    No failure of the record ends the night, and showing takes only a part of its time.
    """

    def __init__(self, night: Night, runner: Runner, place: WarehousePlace) -> None:
        self._night, self._runner, self._place = night, runner, place
        self._next_at = 0.0

    def update(self) -> None:
        """Show the rows so far, if it is time."""
        began = time.monotonic()
        if began < self._next_at:
            return
        self._write("Running")
        self._runner.show(self._night)
        took = time.monotonic() - began
        self._next_at = began + (1 + PATIENCE) * took

    def end(self, state: str) -> None:
        """Show everything."""
        self._write(state)
        self._runner.show(self._night, state)

    def _write(self, state: str) -> None:
        if not self._place.is_made():
            # Nothing was loaded, and the folder may belong to another program.
            return
        try:
            self._night.write(state)
        except OSError as error:
            line = f"the record of the night cannot be written ({error.strerror})"
            self._runner.log(logging.WARNING, line)


def _snapshot(warehouse: Path) -> int | None:
    """Return the newest snapshot, 0 without a warehouse, None if it cannot be read: loading reports why."""
    try:
        return int(str(status(warehouse).snapshot["snapshot_id"]))
    except WarehouseError as error:
        return 0 if error.code is ReasonCode.WAREHOUSE_MISSING else None


def _keep(records: dict[str, JsonObject], record: JsonObject) -> None:
    """Keep the last record of a source, but not `unchanged` after this run has committed it."""
    known = records.setdefault(record["source"], record)
    if (known["status"], record["status"]) != ("committed", "unchanged"):
        records[record["source"]] = record


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let a scheduler's exception on SIGTERM end the night, even where DuckDB turns it into its error."""
    try:
        yield
    except RuntimeError as error:
        raise interruption(error) or error from None
