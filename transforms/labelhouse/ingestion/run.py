"""Load sources into a warehouse: stage them in parallel, commit them one after the other."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import duckdb

from labelhouse.backups.restorations import accepted_ingest_number
from labelhouse.commit.commit import StagedAttempt, commit, reject
from labelhouse.commit.source_notes import begin_call, notes_of_commit
from labelhouse.errors import InputError, LabelhouseError, StaleDocumentsError, WarehouseError
from labelhouse.ingestion.parse_pool import Outcome, Worker, staged_in_order, started_workers
from labelhouse.lake.data_files import highest_ingest_number
from labelhouse.lake.engine import release_early
from labelhouse.lake.memory import COMMIT_BYTES, bound_memory
from labelhouse.limits import Limits
from labelhouse.manifest import DEFAULT_READER, MAX_BAD_SHARE, ParseTask, Staged
from labelhouse.reason_codes import Code
from labelhouse.results import plain
from labelhouse.sources.finding import Source, find_sources
from labelhouse.sources.source_file import is_large
from labelhouse.sql_library.statements import statement
from labelhouse.staging.known_documents import save_known
from labelhouse.staging.pending_ingests import Attempt, begin, run_folder
from labelhouse.texts.names import refuse_unusable_project
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.warehouse import Warehouse

Progress = Callable[[Source, int], None]
"""A callable that receives a source and the number of bytes of its file that have been read."""

_MAY_PASS = "the file was written minutes ago and may not be complete yet: load it again when it is"

MANY_LABELS = 500_000
"""A commit of more labels than this uses little memory; a smaller one is fast."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to load: the options of `labelhouse ingest`."""

    project: str = "default"
    full: bool = False
    jobs: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))
    max_bad: float = MAX_BAD_SHARE
    dry_run: bool = False
    reader: str = DEFAULT_READER
    limits: Limits = field(default_factory=Limits)
    again: bool = False


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The result of loading one source."""

    source: str
    row: dict[str, object]
    notes: Sequence[str] = ()
    error: LabelhouseError | None = None
    seconds: float = 0.0
    """Time for parsing and committing it, without waiting for other sources or processes."""

    @property
    def status(self) -> str:
        """committed, unchanged or rejected."""
        return str(self.row["status"])

    def as_json(self) -> dict[str, object]:
        """Return the object that `labelhouse ingest --json` prints for the source."""
        row = self.row
        kinds = ("added", "changed", "unchanged", "removed", "rejected")
        tables = ("image", "category", "annotation", "keypoint", "attribute")
        names = {"category": "categories"}
        documents = {kind: row[f"documents_{kind}"] or 0 for kind in kinds}
        return {
            "source": self.source,
            "project": row["project"],
            "status": self.status,
            "ingest_id": row["ingest_id"],
            "documents": documents,
            "rows": {
                "documents": row["document_count"] or 0,
                **{names.get(t, t + "s"): row[f"{t}_count"] or 0 for t in tables},
            },
            "quarantined": row["quarantined"] or 0,
            "issues": row["issues"] or 0,
            "bytes": row["bytes"] or 0,
            "seconds": round(self.seconds, 3),
            "error": self._error(),
        }

    def _error(self) -> dict[str, object] | None:
        if self.error is None:
            return None
        return {
            "code": self.error.code.value,
            "message": str(self.error),
            "member": self.error.member,
            "pointer": self.error.pointer,
            "offset": self.error.offset,
        }


@dataclass(frozen=True, slots=True)
class IngestResult:
    """The results of loading the sources of a call, in their order."""

    reports: Sequence[IngestReport]
    dry_run: bool = False

    @property
    def rejected(self) -> list[IngestReport]:
        """The sources that were rejected."""
        return [report for report in self.reports if report.status == "rejected"]

    def as_json(self) -> dict[str, object]:
        """Return one object that `json.dumps` takes."""
        return {"dry_run": self.dry_run, "sources": [plain(report.as_json()) for report in self.reports]}


def ingest(
    folder: Path, patterns: Sequence[str], options: IngestOptions, progress: Progress = lambda _, __: None
) -> Iterator[IngestReport]:
    """Load files, folders and globs into the warehouse at `folder`; yield a report on each source.

    Each source is committed or rejected by itself; with `full` all of them together. Raises
    WarehouseError if the warehouse cannot be opened, UsageError if the project's name cannot be stored.
    """
    with IngestSession(folder) as session:
        yield from session.ingest(patterns, options, progress)


class IngestSession:
    """Several loads one after the other, which share an open warehouse and the parsing processes.

    The first load makes both, which takes about two seconds. A load that fails as a whole closes them,
    because their state is then unknown; the next load makes them again.
    """

    def __init__(self, warehouse: str | os.PathLike[str]) -> None:
        self._folder = Path(warehouse)
        self._stack = ExitStack()
        self._workers: list[Worker] = []
        self._warehouse: Warehouse | None = None
        self._run = self._folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the warehouse and end the processes."""
        self._warehouse = None
        self._workers = []
        self._stack.close()

    def ingest(
        self, patterns: Sequence[str], options: IngestOptions, progress: Progress = lambda _, __: None
    ) -> Iterator[IngestReport]:
        """Load as the function ingest does."""
        refuse_unusable_project(options.project)
        sources = find_sources(patterns)
        # Processes that have no source of their own help with one.
        decoders = max(0, options.jobs - len(sources)) // max(1, len(sources))
        is_shared = decoders > 0 and options.reader == "bulk" and any(is_large(s.path) for s in sources)
        try:
            self._start(max(1, min(options.jobs, len(sources))), decoders if is_shared else 0)
            with guarded(self._folder):
                warehouse = self._opened(options.dry_run)
                yield from self._reports(warehouse, sources, options, decoders, progress)
        except BaseException:
            self.close()
            raise

    def _start(self, count: int, decoders: int) -> None:
        """Start parsing processes until there are `count`; they start while the warehouse is opened."""
        if (missing := count - len(self._workers)) > 0:
            self._workers += self._stack.enter_context(started_workers(missing, decoders))

    def _opened(self, dry_run: bool) -> Warehouse:
        if self._warehouse is None:
            warehouse = self._stack.enter_context(open_warehouse(self._folder))
            self._run = self._stack.enter_context(run_folder(warehouse.staging, warehouse.lock()))
            bound_memory(warehouse.connection, COMMIT_BYTES, self._run / "spill")
            if not dry_run:
                recover(warehouse)
            self._warehouse = warehouse
        return self._warehouse

    def _reports(
        self,
        warehouse: Warehouse,
        sources: Sequence[Source],
        options: IngestOptions,
        decoders: int,
        progress: Progress,
    ) -> Iterator[IngestReport]:
        begin_call(warehouse.connection)
        attempts = _begin(warehouse, self._run, sources, options.project)
        known = _save_known(warehouse, self._run, options.project)
        tasks = [
            replace(_task(source, attempt, options), decoders=decoders, known=known)
            for source, attempt in zip(sources, attempts, strict=True)
        ]
        workers = self._workers[: max(1, min(options.jobs, len(sources)))]
        with staged_in_order(
            tasks, workers, progress=lambda index, position: progress(sources[index], position)
        ) as outcomes:
            load = _load_together if options.full else _load_each
            reports = load(warehouse, attempts, tasks, outcomes, options)
            for source, report in zip(sources, reports, strict=True):
                progress(source, source.bytes)
                yield report
        if options.dry_run:
            for attempt in attempts:
                attempt.record.unlink()


def _begin(warehouse: Warehouse, run: Path, sources: Sequence[Source], project: str) -> list[Attempt]:
    with warehouse.lock():
        query = statement("ingestion/last_ingest_number")
        [last] = warehouse.connection.execute(query).fetchone() or (0,)
        # A lost catalog may have known higher numbers, and a number is never used again.
        used = highest_ingest_number(warehouse.folder)
        last = max(last, used, accepted_ingest_number(warehouse.folder))
        return [begin(warehouse.staging, run, project, source.label, last) for source in sources]


def _task(source: Source, attempt: Attempt, options: IngestOptions) -> ParseTask:
    return ParseTask(
        path=source.path,
        source=attempt.source,
        name=source.name,
        project=attempt.project,
        ingest_id=attempt.ingest_id,
        ingest_number=attempt.ingest_number,
        folder=str(attempt.folder),
        max_bad=options.max_bad,
        reader=options.reader,
        limits=options.limits,
    )


def _load_each(
    warehouse: Warehouse,
    attempts: Sequence[Attempt],
    tasks: Sequence[ParseTask],
    outcomes: Iterator[Outcome],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    names = {attempt.ingest_number: attempt.source for attempt in attempts}
    for (attempt, outcome), task in zip(_results(attempts, outcomes), tasks, strict=True):
        work = _Work(warehouse)
        result = outcome.result
        if isinstance(result, LabelhouseError):
            report = _rejected(warehouse, attempt, result, options)
        else:
            try:
                [row] = _commit(warehouse, [StagedAttempt(attempt, result)], [task], options)
            except LabelhouseError as error:
                report = _rejected(warehouse, attempt, error, options)
            else:
                notes = notes_of_commit(warehouse.connection, names)
                report = IngestReport(attempt.source, row, [*result.notes, *notes[attempt.ingest_number]])
        yield replace(report, seconds=outcome.seconds + work.seconds())


class _Work:
    """Measure the time that a process works, without its waits for the warehouse's lock."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._began = time.monotonic() - warehouse.waited_s

    def seconds(self) -> float:
        return time.monotonic() - self._warehouse.waited_s - self._began


def _results(attempts: Sequence[Attempt], outcomes: Iterator[Outcome]) -> Iterator[tuple[Attempt, Outcome]]:
    """Pair each ingest with its outcome; the time of an ingest begins when its parsing begins."""
    for attempt, outcome in zip(attempts, outcomes, strict=True):
        yield replace(attempt, started_at=outcome.started_at), outcome


def _load_together(
    warehouse: Warehouse,
    attempts: Sequence[Attempt],
    tasks: Sequence[ParseTask],
    outcomes: Iterator[Outcome],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    found = list(_results(attempts, outcomes))
    work = _Work(warehouse)
    reports = list(_committed_together(warehouse, found, tasks, options))
    seconds = [outcome.seconds for _, outcome in found]
    if seconds:
        # The sources have one commit; its time is added to the last one.
        seconds[-1] += work.seconds()
    for report, spent in zip(reports, seconds, strict=True):
        yield replace(report, seconds=spent)


def _committed_together(
    warehouse: Warehouse,
    found: Sequence[tuple[Attempt, Outcome]],
    tasks: Sequence[ParseTask],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    staged = [StagedAttempt(a, o.result) for a, o in found if isinstance(o.result, Staged)]
    if len(staged) == len(found):
        try:
            rows = _commit(warehouse, staged, tasks, options)
        except LabelhouseError as error:
            for attempt, _ in found:
                yield _rejected(warehouse, attempt, error, options)
        else:
            names = {attempt.ingest_number: attempt.source for attempt, _ in found}
            notes = notes_of_commit(warehouse.connection, names)
            for source, row in zip(staged, rows, strict=True):
                own = notes.get(source.attempt.ingest_number, [])
                yield IngestReport(source.attempt.source, row, [*source.staged.notes, *own])
        return
    for attempt, outcome in found:
        result = outcome.result
        reason = result if isinstance(result, LabelhouseError) else _not_committed(attempt)
        yield _rejected(warehouse, attempt, reason, options)


def _commit(
    warehouse: Warehouse,
    staged: Sequence[StagedAttempt],
    tasks: Sequence[ParseTask],
    options: IngestOptions,
) -> list[dict[str, object]]:
    """Commit sources together; stage them again if the warehouse has changed meanwhile."""
    if sum(source.staged.rows.get("annotations", 0) for source in staged) > MANY_LABELS:
        release_early(warehouse.connection)
    how = {
        "project": options.project,
        "full": options.full,
        "dry_run": options.dry_run,
        "again": options.again,
    }
    try:
        return commit(warehouse, staged, **how)  # type: ignore[arg-type]
    except StaleDocumentsError:
        with started_workers(1) as [worker]:
            again = []
            for source, task in zip(staged, tasks, strict=True):
                for file in source.staged.files:
                    Path(file.path).unlink()
                found = worker.stage(replace(task, known=None), lambda _: None)
                again.append(StagedAttempt(source.attempt, found))
        return commit(warehouse, again, **how)  # type: ignore[arg-type]


def _save_known(warehouse: Warehouse, run: Path, project: str) -> str | None:
    """Save the documents that the project holds, which parsing leaves out; None if it holds none."""
    path = run / "known"
    # Without the lock even one statement may see two states, if a commit runs.
    with warehouse.lock():
        found = warehouse.connection.execute(statement("ingestion/known_documents"), {"project": project})
        return str(path) if save_known(path, _rows(found)) else None


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    while rows := found.fetchmany(10_000):
        yield from rows


def _rejected(
    warehouse: Warehouse, attempt: Attempt, error: LabelhouseError, options: IngestOptions
) -> IngestReport:
    if options.dry_run:
        row = attempt.row("rejected", error_code=error.code.value, error=str(error))
    else:
        try:
            row = reject(warehouse, attempt, error)
        except WarehouseError:
            # The report has the reason; the ingest's record stays, and the next start writes its row.
            row = attempt.row("rejected", error_code=error.code.value, error=str(error))
    notes = [_MAY_PASS] if error.may_pass else []
    return IngestReport(attempt.source, row, notes, error)


def _not_committed(attempt: Attempt) -> InputError:
    return InputError(
        Code.NOT_COMMITTED,
        "another source of the full load was rejected, so none of them was loaded",
        where=attempt.source,
        remedy="mend that one and run again",
    )
