"""Load sources into a warehouse: stage them in parallel, commit them one after the other."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Self

import duckdb

from labelhouse.commit.commit import (
    Rejection,
    SourcesDependError,
    StagedIngest,
    commit,
    reject,
)
from labelhouse.commit.predictions import commit_predictions
from labelhouse.commit.source_notes import begin_call, notes_of_commit
from labelhouse.compiled.library import is_installed
from labelhouse.defaults import PROJECT
from labelhouse.errors import (
    InputError,
    LabelhouseError,
    StaleDocumentsError,
    UsageError,
    WarehouseError,
)
from labelhouse.ingestion.batches import batch_sizes
from labelhouse.ingestion.parse_pool import Outcome, Worker, staged_in_order, started_workers
from labelhouse.lake.engine import release_early, start_threads
from labelhouse.lake.memory import COMMIT_BYTES, bound_memory
from labelhouse.limits import Limits
from labelhouse.manifest import MAX_BAD_SHARE, NATIVE, ParseTask, Staged
from labelhouse.places.finding import place_of
from labelhouse.processes.machine import available_cores
from labelhouse.reason_codes import ReasonCode
from labelhouse.results import plain
from labelhouse.sources.addresses import is_url
from labelhouse.sources.finding import Source, find_sources
from labelhouse.sources.naming import DocumentNames
from labelhouse.sources.source_file import is_large
from labelhouse.sql_library.statements import statement
from labelhouse.staging.known_documents import save_known
from labelhouse.staging.known_sources import are_likely_known, has_texts, remember_sources
from labelhouse.staging.parsed_bytes import LISTED_DOCUMENTS, forget_old
from labelhouse.staging.pending_ingests import BegunIngest
from labelhouse.texts.names import refuse_unusable_name, refuse_unusable_project
from labelhouse.texts.people import AUTHORS, KEEP, Authors
from labelhouse.warehouse.first_traces import FirstTraces
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.ledger import last_used_number
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.people_salt import forgotten_people, kept_salt, needed_salt, new_salt
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import PARSED

IngestProgress = Callable[[Source, int], None]
"""A callable that receives a source and the number of bytes of its file that have been read."""

_MAY_PASS = "the file was written minutes ago and may not be complete yet: load it again when it is"

MANY_LABELS = 500_000
"""A commit of more labels than this uses little memory; a smaller one is fast."""
FEW_RECORDS = 20_000
"""A commit of at most as many records runs on one thread: more threads cost more time than they save."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to load: the options of `labelhouse ingest`."""

    project: str = PROJECT
    full: bool = False
    jobs: int = field(default_factory=lambda: min(4, os.cpu_count() or 1))
    max_bad: float = MAX_BAD_SHARE
    dry_run: bool = False
    reader: str | None = None
    """native, bulk or ijson; None for the fastest that is installed."""
    limits: Limits = field(default_factory=Limits)
    again: bool = False
    documents: Sequence[str] = ()
    """What `--document` declares: patterns of file names, or the name of the only file."""
    commit_each: bool = False
    """Whether each source has a commit of its own, even a small one."""
    recalls: bool = True
    """Whether bytes and documents that were parsed before are recognised; the result is the same."""
    model: str | None = None
    """Whose predictions the sources are; None for labels."""
    of: str | None = None
    """The only document whose images the predictions are for."""
    ontology: str | None = None
    """File with the ontology of label rows, if it is not beside them."""
    shown_as: str | None = None
    """The name of the only source in the ledger, where its path says nothing."""
    gone: Sequence[str] = ()
    """Documents that the commit of the only source removes: they are gone where it comes from."""
    authors: Authors = KEEP
    """Whether people are stored as they come, as tokens, or not at all."""
    newest: bool = False
    """Load only the last by name of several files that a pattern makes one document."""


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
        """committed, unchanged, predictions or rejected."""
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
            **({"predictions": row["prediction_count"]} if "prediction_count" in row else {}),
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
    folder: Path,
    patterns: Sequence[str],
    options: IngestOptions,
    progress: IngestProgress = lambda _, __: None,
    *,
    workers: Sequence[Worker] = (),
    keeps_empty: bool = True,
) -> Iterator[IngestReport]:
    """Load files, folders and globs into the warehouse at `folder`; yield a report on each source.

    Each source is committed or rejected by itself, small ones in one transaction; with `full` all of them
    together. The parsing processes `workers` are used before others are started; they belong to the caller,
    who ends them. Unless `keeps_empty`, a warehouse that this load made goes again if nothing was
    committed. Raises WarehouseError if the warehouse cannot be opened, UsageError if the project's name
    cannot be stored.
    """
    traces = None if keeps_empty else FirstTraces.before(folder)
    reports = []
    with IngestSession(folder, workers=workers) as session:
        for report in session.ingest(patterns, options, progress):
            reports.append(report)
            yield report
    if traces is not None and (options.dry_run or all(r.status == "rejected" for r in reports)):
        traces.remove()


class IngestSession:
    """Several loads one after the other, which share an open warehouse and the parsing processes.

    The first load makes both, which takes about two seconds. A load that fails as a whole closes them,
    because their state is then unknown; the next load makes them again. Processes that the caller lends
    as `workers` stay the caller's.
    """

    def __init__(self, warehouse: str | os.PathLike[str], *, workers: Sequence[Worker] = ()) -> None:
        self._address = Path(warehouse)
        self._stack = ExitStack()
        self._lent = workers
        self._workers: list[Worker] = list(workers)
        self._warehouse: Warehouse | None = None
        self._run = self._address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the warehouse and end the processes."""
        self._warehouse = None
        self._workers = list(self._lent)
        self._stack.close()

    def ingest(
        self, patterns: Sequence[str], options: IngestOptions, progress: IngestProgress = lambda _, __: None
    ) -> Iterator[IngestReport]:
        """Load as the function ingest does."""
        refuse_unusable_project(options.project)
        _refuse_unusable(options)
        sources = find_sources(patterns, DocumentNames.of(options.documents, newest=options.newest))
        for source in sources:
            progress(source, 0)
        if options.shown_as is not None:
            sources = [replace(source, shown_as=options.shown_as) for source in sources]
        # Processes that have no source of their own help with one. The compiled library needs no help: a
        # process that it reads in is as fast as two that share a text.
        idle = max(0, options.jobs - len(sources)) if reader_of(options) == "bulk" else 0
        decoders = idle // max(1, len(sources))
        is_shared = decoders > 0 and any(is_large(s.path, listed_bytes=s.listed_bytes) for s in sources)
        try:
            parsed = place_of(self._address).workspace / PARSED
            are_known = are_likely_known(parsed, sources)
            # One process recognises documents; it starts others only if it finds none.
            shares_now = is_shared and not are_known and not has_texts(parsed, options.project)
            self._start(
                max(1, min(options.jobs, len(sources))),
                decoders if shares_now else 0,
                parses_later=are_known,
            )
            with guarded(self._address):
                warehouse = self._opened(options.dry_run)
                yield from self._reports(warehouse, sources, options, decoders, progress)
        except BaseException:
            self.close()
            raise

    def _start(self, count: int, decoders: int, *, parses_later: bool) -> None:
        """Start parsing processes until there are `count`; they start while the warehouse is opened."""
        if (missing := count - len(self._workers)) > 0:
            self._workers += self._stack.enter_context(
                started_workers(missing, decoders, parses_later=parses_later)
            )

    def _opened(self, dry_run: bool) -> Warehouse:
        if self._warehouse is None:
            warehouse = self._stack.enter_context(open_warehouse(self._address))
            self._run = self._stack.enter_context(warehouse.place.run_folder(warehouse.lock()))
            bound_memory(warehouse.connection, COMMIT_BYTES, self._run / "spill")
            start_threads(warehouse.connection, 1)
            forget_old(warehouse.place.workspace / PARSED)
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
        progress: IngestProgress,
    ) -> Iterator[IngestReport]:
        ingests = _begin(warehouse, self._run, sources, options.project)
        begin_call(warehouse.connection, [ingest.source for ingest in ingests])
        known = None if options.model else _save_known(warehouse, self._run, options.project)
        forgotten = forgotten_people(warehouse.connection)
        salt = _salt(warehouse, options, forgotten)
        tasks = [
            replace(
                _task(source, ingest, options),
                decoders=decoders,
                listed_bytes=source.listed_bytes,
                known=known,
                salt=salt,
                forgotten=forgotten,
                # What a server gives is not read twice.
                parsed=str(warehouse.place.workspace / PARSED)
                if options.recalls and not options.model and not is_url(source.path)
                else None,
            )
            for source, ingest in zip(sources, ingests, strict=True)
        ]
        workers = self._workers[: max(1, min(options.jobs, len(sources)))]
        with staged_in_order(
            tasks, workers, progress=lambda index, position: progress(sources[index], position)
        ) as outcomes:
            load = _load_together if options.full else _load_each
            reports = load(warehouse, sources, ingests, tasks, outcomes, options)
            known_sources = []
            for source, report in zip(sources, reports, strict=True):
                progress(source, source.bytes)
                if report.error is None:
                    known_sources.append(source)
                yield replace(report, notes=[*source.notes, *report.notes])
        remember_sources(warehouse.place.workspace / PARSED, known_sources)
        if options.dry_run:
            warehouse.place.end(ingests)


def _begin(warehouse: Warehouse, run: Path, sources: Sequence[Source], project: str) -> list[BegunIngest]:
    labels = [source.label for source in sources]
    return warehouse.place.begin(warehouse.lock, lambda: last_used_number(warehouse), run, project, labels)


def _salt(warehouse: Warehouse, options: IngestOptions, forgotten: Sequence[str]) -> str:
    """Return the salt for people, if a load needs it; a dry run makes none for the warehouse."""
    needs_salt = bool(forgotten) and options.authors != "drop"
    if not needs_salt and options.authors != "hash":
        return ""
    place = warehouse.place
    if needs_salt:
        return needed_salt(place)
    with warehouse.lock():
        return (place.salt() or new_salt()) if options.dry_run else kept_salt(place)


def _task(source: Source, ingest: BegunIngest, options: IngestOptions) -> ParseTask:
    return ParseTask(
        # A process of an earlier load may work in another folder.
        path=source.path if is_url(source.path) else str(Path(source.path).absolute()),
        source=ingest.source,
        name=source.name,
        project=ingest.project,
        ingest_id=ingest.ingest_id,
        ingest_number=ingest.ingest_number,
        folder=str(ingest.folder),
        max_bad=options.max_bad,
        reader=reader_of(options),
        limits=options.limits,
        documents=list(options.documents),
        is_results=options.model is not None,
        ontology=None if options.ontology is None else str(Path(options.ontology).absolute()),
        authors=options.authors,
    )


def _load_each(
    warehouse: Warehouse,
    sources: Sequence[Source],
    ingests: Sequence[BegunIngest],
    tasks: Sequence[ParseTask],
    outcomes: Iterator[Outcome],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    """Load each source for itself; small ones that follow each other share a commit."""
    names = {ingest.ingest_number: ingest.source for ingest in ingests}
    loaded = zip(_results(ingests, outcomes), tasks, strict=True)
    for size in batch_sizes(
        sources, is_off=options.commit_each or options.dry_run or options.model is not None
    ):
        batch = [_Loaded(ingest, outcome, task) for (ingest, outcome), task in islice(loaded, size)]
        yield from _load_batch(warehouse, batch, names, options)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A source that has been parsed, or could not be."""

    ingest: BegunIngest
    outcome: Outcome
    task: ParseTask

    @property
    def staged(self) -> StagedIngest | None:
        """The source for its commit; None if it could not be parsed."""
        result = self.outcome.result
        if not isinstance(result, Staged):
            return None
        return StagedIngest(self.ingest, result, self.outcome.seconds)

    @property
    def is_complete(self) -> bool:
        """Whether all of its staged files are there."""
        return self.staged is not None and all(Path(f.path).is_file() for f in self.staged.staged.files)


def _load_batch(
    warehouse: Warehouse, batch: Sequence[_Loaded], names: Mapping[int, str], options: IngestOptions
) -> Iterator[IngestReport]:
    """Commit the sources of a batch, reject those that could not be parsed, and report in their order."""
    work = _Work(warehouse)
    parsed = [loaded for loaded in batch if loaded.staged is not None]
    refused = [
        Rejection(loaded.ingest, loaded.outcome.result, loaded.outcome.seconds)
        for loaded in batch
        if isinstance(loaded.outcome.result, LabelhouseError)
    ]
    rejections = _rejected(warehouse, refused, options)
    reports = {one.ingest.ingest_number: report for one, report in zip(refused, rejections, strict=True)}
    reports |= _committed_batch(warehouse, parsed, names, options)
    seconds = work.seconds() / len(batch)
    for loaded in batch:
        report = reports[loaded.ingest.ingest_number]
        yield replace(report, seconds=loaded.outcome.seconds + seconds)


def _committed_batch(
    warehouse: Warehouse, batch: Sequence[_Loaded], names: Mapping[int, str], options: IngestOptions
) -> dict[int, IngestReport]:
    """Commit sources, each as if it had a commit of its own; return the reports by ingest number."""
    staged = [loaded.staged for loaded in batch if loaded.staged is not None]
    if not staged:
        return {}
    try:
        rows = _commit(warehouse, staged, [loaded.task for loaded in batch], options, apart=len(batch) > 1)
    except SourcesDependError:
        # What another process changed meanwhile may have taken staged files along.
        batch = [loaded if loaded.is_complete else _parsed_again(loaded) for loaded in batch]
    except LabelhouseError as error:
        if len(batch) == 1:
            ingest = batch[0].ingest
            rejection = Rejection(ingest, error, batch[0].outcome.seconds)
            return {ingest.ingest_number: _rejected(warehouse, [rejection], options)[0]}
        # One of them may be the cause: the others are parsed again, and committed without it.
        batch = [_parsed_again(loaded) for loaded in batch]
    else:
        if options.model:
            notes = {
                source.ingest.ingest_number: _notes_of_predictions(row)
                for source, row in zip(staged, rows, strict=True)
            }
        else:
            notes = notes_of_commit(warehouse.connection, names, options.project)
        return {
            source.ingest.ingest_number: IngestReport(
                source.ingest.source,
                row,
                [*source.staged.notes, *notes[source.ingest.ingest_number]],
            )
            for source, row in zip(staged, rows, strict=True)
        }
    reports: dict[int, IngestReport] = {}
    for loaded in batch:
        if isinstance(loaded.outcome.result, LabelhouseError):
            rejection = Rejection(loaded.ingest, loaded.outcome.result, loaded.outcome.seconds)
            [reports[loaded.ingest.ingest_number]] = _rejected(warehouse, [rejection], options)
        else:
            reports |= _committed_batch(warehouse, [loaded], names, options)
    return reports


def _parsed_again(loaded: _Loaded) -> _Loaded:
    with started_workers(1) as [worker]:
        assert loaded.staged is not None
        for file in loaded.staged.staged.files:
            Path(file.path).unlink(missing_ok=True)
        try:
            result: Staged | LabelhouseError = worker.stage(loaded.task, lambda _: None)
        except LabelhouseError as error:
            result = error
    return replace(loaded, outcome=replace(loaded.outcome, result=result))


def reader_of(options: IngestOptions) -> str:
    """Return the reader that is asked for, else the fastest that is installed."""
    return options.reader or (NATIVE if is_installed() else "bulk")


def _refuse_unusable(options: IngestOptions) -> None:
    """Raise UsageError for options that contradict each other, or for what is not there to use."""
    if options.reader == NATIVE and not is_installed():
        raise UsageError(
            ReasonCode.USAGE,
            "the native reader is not installed",
            remedy="install labelhouse-native, or leave --reader out",
        )
    if options.authors not in AUTHORS:
        raise UsageError(
            ReasonCode.USAGE, "authors is neither keep, hash nor drop", remedy="write one of them"
        )
    if options.model is None:
        if options.of is not None:
            raise UsageError(
                ReasonCode.USAGE,
                "only predictions are for a document",
                remedy="add the name of their model, or leave the document out",
            )
        return
    refuse_unusable_name(options.model, "the model's name")
    if options.full or options.again:
        raise UsageError(
            ReasonCode.USAGE,
            "predictions are never the whole project, nor older than others",
            remedy="leave out --full and --again",
        )


class _Work:
    """Measure the time that a process works, without its waits for the warehouse's lock."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._began = time.monotonic() - warehouse.waited_s

    def seconds(self) -> float:
        return time.monotonic() - self._warehouse.waited_s - self._began


def _results(
    ingests: Sequence[BegunIngest], outcomes: Iterator[Outcome]
) -> Iterator[tuple[BegunIngest, Outcome]]:
    """Pair each ingest with its outcome; the time of an ingest begins when its parsing begins."""
    for ingest, outcome in zip(ingests, outcomes, strict=True):
        yield replace(ingest, started_at=outcome.started_at), outcome


def _load_together(
    warehouse: Warehouse,
    sources: Sequence[Source],
    ingests: Sequence[BegunIngest],
    tasks: Sequence[ParseTask],
    outcomes: Iterator[Outcome],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    results = list(_results(ingests, outcomes))
    work = _Work(warehouse)
    reports = list(_committed_together(warehouse, results, tasks, options))
    seconds = [outcome.seconds for _, outcome in results]
    if seconds:
        # The sources have one commit; its time is added to the last one.
        seconds[-1] += work.seconds()
    for report, spent in zip(reports, seconds, strict=True):
        yield replace(report, seconds=spent)


def _committed_together(
    warehouse: Warehouse,
    results: Sequence[tuple[BegunIngest, Outcome]],
    tasks: Sequence[ParseTask],
    options: IngestOptions,
) -> Iterator[IngestReport]:
    staged = [
        StagedIngest(ingest, outcome.result, outcome.seconds)
        for ingest, outcome in results
        if isinstance(outcome.result, Staged)
    ]
    if len(staged) == len(results):
        try:
            rows = _commit(warehouse, staged, tasks, options)
        except LabelhouseError as error:
            for ingest, outcome in results:
                yield from _rejected(warehouse, [Rejection(ingest, error, outcome.seconds)], options)
        else:
            names = {ingest.ingest_number: ingest.source for ingest, _ in results}
            notes = notes_of_commit(warehouse.connection, names, options.project)
            for source, row in zip(staged, rows, strict=True):
                own = notes.get(source.ingest.ingest_number, [])
                yield IngestReport(source.ingest.source, row, [*source.staged.notes, *own])
        return
    for ingest, outcome in results:
        result = outcome.result
        reason = result if isinstance(result, LabelhouseError) else _not_committed(ingest)
        yield from _rejected(warehouse, [Rejection(ingest, reason, outcome.seconds)], options)


def _commit(
    warehouse: Warehouse,
    staged: Sequence[StagedIngest],
    tasks: Sequence[ParseTask],
    options: IngestOptions,
    *,
    apart: bool = False,
) -> list[dict[str, object]]:
    """Commit sources together; stage them again if the warehouse has changed meanwhile."""
    if sum(source.staged.rows.get("annotations", 0) for source in staged) > MANY_LABELS:
        release_early(warehouse.connection)
    are_few = sum(sum(source.staged.rows.values()) for source in staged) <= FEW_RECORDS
    start_threads(warehouse.connection, 1 if are_few else available_cores())
    if options.model is not None:
        return [_commit_predictions(warehouse, source, options) for source in staged]
    how = {
        "project": options.project,
        "full": options.full,
        "dry_run": options.dry_run,
        "again": options.again,
        "apart": apart,
        "gone": options.gone,
    }
    try:
        return commit(warehouse, staged, **how)  # type: ignore[arg-type]
    except StaleDocumentsError:
        pass
    listed = [any(file.table == LISTED_DOCUMENTS for file in source.staged.files) for source in staged]
    with started_workers(1) as [worker]:
        if any(listed):
            # The bytes are known, but the warehouse holds other documents: they have to be parsed.
            known = _save_known(warehouse, staged[0].ingest.folder, options.project)
            staged = [
                _staged_again(worker, source, replace(task, known=known)) if is_listed else source
                for source, task, is_listed in zip(staged, tasks, listed, strict=True)
            ]
            try:
                return commit(warehouse, staged, **how)  # type: ignore[arg-type]
            except StaleDocumentsError:
                pass
        staged = [
            _staged_again(worker, source, replace(task, known=None))
            for source, task in zip(staged, tasks, strict=True)
        ]
    return commit(warehouse, staged, **how)  # type: ignore[arg-type]


def _staged_again(worker: Worker, source: StagedIngest, task: ParseTask) -> StagedIngest:
    """Parse a source once more, whether or not its bytes are known."""
    for file in source.staged.files:
        Path(file.path).unlink()
    began = time.perf_counter()
    result = worker.stage(replace(task, parsed=None), lambda _: None)
    return StagedIngest(source.ingest, result, source.seconds + time.perf_counter() - began)


def _commit_predictions(
    warehouse: Warehouse, source: StagedIngest, options: IngestOptions
) -> dict[str, object]:
    assert options.model is not None
    return commit_predictions(
        warehouse,
        source,
        project=options.project,
        model=options.model,
        document=options.of,
        dry_run=options.dry_run,
    )


def _notes_of_predictions(row: Mapping[str, object]) -> list[str]:
    if not (count := row["unplaced_count"]):
        return []
    return [f"{count:,} predictions are left out of comparisons: the table prediction_issues says why"]


def _save_known(warehouse: Warehouse, run: Path, project: str) -> str | None:
    """Save the documents that the project holds, which parsing leaves out; None if it holds none."""
    path = run / "known"
    # Without the lock even one statement may see two states, if a commit runs.
    with warehouse.lock():
        result = warehouse.connection.execute(statement("ingestion/known_documents"), {"project": project})
        return str(path) if save_known(path, _rows(result)) else None


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    while rows := result.fetchmany(10_000):
        yield from rows


def _rejected(
    warehouse: Warehouse,
    rejections: Sequence[Rejection],
    options: IngestOptions,
) -> list[IngestReport]:
    rows = [rejection.row() for rejection in rejections]
    if rejections and not options.dry_run:
        # If it fails the reports have the reasons; the ingests' records stay, and the next start writes
        # their rows.
        with suppress(WarehouseError):
            rows = reject(warehouse, rejections)
    return [
        IngestReport(one.ingest.source, row, [_MAY_PASS] if one.error.may_pass else [], one.error)
        for one, row in zip(rejections, rows, strict=True)
    ]


def _not_committed(ingest: BegunIngest) -> InputError:
    return InputError(
        ReasonCode.NOT_COMMITTED,
        "another source of the full load was rejected, so none of them was loaded",
        where=ingest.source,
        remedy="mend that one and run again",
    )
