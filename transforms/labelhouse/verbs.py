"""The public face: verbs of one form, and what they return.

    verb(warehouse, ..., *, options) -> VerbResult

`warehouse` is the folder, or the file that describes a shared one; `night` takes a configuration instead,
which names it. Every result has `as_json()`; it is a frozen dataclass or reads its rows on demand. A
failure is a LabelhouseError: it says what failed, where, and what to do. Importing this module loads
neither DuckDB nor Arrow; a verb loads what it needs when it is called.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labelhouse.defaults import (
    FAILING_ROWS,
    GOOD_IOU,
    GRACE_HOURS,
    KEEP_DAYS,
    MIN_IOU,
    MIN_SCORE,
    PROJECT,
)
from labelhouse.errors import UsageError
from labelhouse.limits import DEFAULT_LIMITS, Limits
from labelhouse.manifest import MAX_BAD_SHARE
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.people import KEEP, Authors

if TYPE_CHECKING:
    from labelhouse.exporting.run import ExportResult
    from labelhouse.ingestion.run import IngestReport, IngestResult, IngestSession
    from labelhouse.maintenance.forget import ForgetResult
    from labelhouse.maintenance.maintain import MaintainResult
    from labelhouse.maintenance.migrate import MigrateResult
    from labelhouse.maintenance.share import ShareResult
    from labelhouse.maintenance.verify import VerifyResult
    from labelhouse.marts.refresh import RefreshResult
    from labelhouse.publishing.publish import PublishResult
    from labelhouse.pulling.pull import PullResult
    from labelhouse.querying.changes import ChangesResult
    from labelhouse.querying.checks.result import CheckResult
    from labelhouse.querying.checks.waivers import Waiver
    from labelhouse.querying.compare import CompareResult
    from labelhouse.querying.dataset import dataset as dataset
    from labelhouse.querying.query import QueryResult
    from labelhouse.querying.status import StatusResult
    from labelhouse.reporting.write import ReportResult
    from labelhouse.scheduling.run_night import NightResult
    from labelhouse.scheduling.runner import Runner
    from labelhouse.sources.finding import Source
    from labelhouse.warehouse.snapshots import connect as connect

PathLike = str | os.PathLike[str]

VERBS = (
    "ask",
    "changes",
    "check",
    "compare",
    "connect",
    "dataset",
    "export",
    "forget",
    "ingest",
    "maintain",
    "migrate",
    "night",
    "publish",
    "pull",
    "query",
    "refresh",
    "report",
    "share",
    "status",
    "verify",
)


def ingest(
    warehouse: "PathLike | IngestSession",
    sources: PathLike | Sequence[PathLike],
    *,
    project: str = PROJECT,
    document: str | Sequence[str] = (),
    newest: bool = False,
    full: bool = False,
    again: bool = False,
    jobs: int | None = None,
    max_bad: float = MAX_BAD_SHARE,
    commit_each: bool = False,
    parse_all: bool = False,
    dry_run: bool = False,
    reader: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    model: str | None = None,
    of: str | None = None,
    ontology: PathLike | None = None,
    authors: Authors = KEEP,
    on_report: "Callable[[IngestReport], None]" = lambda _: None,
    progress: "Callable[[Source, int], None]" = lambda _, __: None,
) -> "IngestResult":
    """Load exports (files, folders, globs) into a project; call `on_report` for each when it is done.

    Each source is committed or rejected by itself, small ones in one transaction unless `commit_each`. With
    `full` all sources together are the whole project, and the load removes documents that they lack. Bytes
    that the project had before bring no old version back unless `again`. `document` says which document a
    file is whose name changes from night to night: a pattern with `*` for what changes, several of them, or
    the name of the only file. With `newest`, of several files that a pattern makes one document the one
    whose name comes last is loaded. With `model` the sources are COCO results lists, which are stored as
    that model's predictions for the images of the project, or of its document `of`; they replace the lists
    of the same names. `ontology` is the file of the ontology of Encord's label rows, unless it lies beside
    them as ontology.json or in their archive. `authors` is whether people who label (their e-mail addresses
    and user ids) are stored as they come, as tokens (`hash`) or not at all (`drop`). With `parse_all` no
    file and no document is recognised as the one that was loaded before; the result is the same. `reader`
    is native, bulk or ijson, by default the fastest that is installed; the result is the same. Several
    calls share an open warehouse and its processes if `warehouse` is an IngestSession. `progress` receives
    a source and the number of bytes of its file that have been read, first 0 of each source. The result
    includes rejected sources; a first load
    in which all sources are rejected makes no warehouse. Raises UsageError for input that cannot be loaded
    at all, WarehouseError if the warehouse cannot be written.
    """
    from labelhouse.ingestion.run import IngestOptions, IngestResult, IngestSession
    from labelhouse.ingestion.run import ingest as load

    options = IngestOptions(
        project=project,
        documents=[document] if isinstance(document, str) else list(document),
        newest=newest,
        full=full,
        again=again,
        max_bad=max_bad,
        commit_each=commit_each,
        recalls=not parse_all,
        dry_run=dry_run,
        reader=reader,
        limits=limits,
        model=model,
        of=of,
        ontology=None if ontology is None else os.fspath(ontology),
        authors=authors,
    )
    if jobs is not None:
        options = replace(options, jobs=jobs)
    paths = [sources] if isinstance(sources, str | os.PathLike) else sources
    patterns = [os.fspath(path) for path in paths]
    reports = []
    if isinstance(warehouse, IngestSession):
        loading = warehouse.ingest(patterns, options, progress)
    else:
        loading = load(Path(warehouse), patterns, options, progress, keeps_empty=False)
    for report in loading:
        on_report(report)
        reports.append(report)
    return IngestResult(tuple(reports), dry_run)


def query(
    warehouse: PathLike,
    sql: str,
    *,
    as_of: str | None = None,
    values: Mapping[str, object] | None = None,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> "QueryResult":
    """Run one reading statement, which can read only the warehouse.

    `as_of` is a snapshot, a time or `ingest:N`. `values` are bound to the statement's parameters. DuckDB
    takes `memory_bytes` (by default half of the system's) and spills the rest. The result holds one state
    of the warehouse until it is closed. Raises QueryError for SQL that is wrong, refused or takes too long.
    """
    from labelhouse.querying.query import QueryResult
    from labelhouse.querying.query import query as run

    opened = run(warehouse, sql, as_of=as_of, values=values, memory_bytes=memory_bytes, timeout_s=timeout_s)
    return QueryResult(opened, warehouse)


def ask(
    warehouse: PathLike,
    question: str,
    *,
    sql: Path | None = None,
    as_of: str | None = None,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
    note: Callable[[str], None] = lambda _: None,
    values: Mapping[str, object] | Sequence[str] = (),
) -> "QueryResult":
    """Answer a named question of sql/queries/, or of a user's folder `sql`.

    `values` sets its parameters, such as {"project": "cars"} or ["project=cars"]; the others keep their
    defaults. `note` receives one line if the answer lacks sources loaded since the last refresh. Raises
    UsageError for a question, a parameter or a project that does not exist.
    """
    from labelhouse.querying.ask import ask as run
    from labelhouse.querying.ask import question as named
    from labelhouse.querying.query import QueryResult
    from labelhouse.sql_library.parameters import as_text, bound, parameters_of

    asked = named(question, sql)
    parameters = parameters_of(asked.header.parameters, asked.text, asked.where)
    texts = [as_text(*pair) for pair in values.items()] if isinstance(values, Mapping) else values
    bound_values = bound(parameters, texts, f"ask {question}")
    opened = run(
        warehouse,
        asked,
        bound_values,
        as_of=as_of,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
        note=note,
    )
    return QueryResult(opened, warehouse)


def check(
    warehouse: PathLike,
    *,
    project: str | None = None,
    only: Sequence[str] = (),
    sql: Path | None = None,
    shown_rows: int = FAILING_ROWS,
    since: str | None = None,
    waivers: "PathLike | Sequence[Waiver] | None" = None,
    timeout_s: float | None = None,
    memory_bytes: int | None = None,
) -> "CheckResult":
    """Look for labels that are likely mistakes; keep the counts in check_results, the findings in findings.

    `only` names the checks to run; findings of the others stay as they are. `sql` is a folder with the
    user's own checks. The result holds `shown_rows` rows of each check, the causes, and the
    findings. A finding is new if it was first seen after the newest load of its project, or after the state
    `since`: a day, `yesterday`, a time, a snapshot or an ingest. `waivers` is a TOML file with the findings
    to leave, or what check_waivers reads from one. Raises UsageError if there is no such check, project or
    state, or for a wrong file, WarehouseError if the warehouse cannot be read.
    """
    from labelhouse.lake.memory import CHECK_BYTES
    from labelhouse.querying.check import run_checks
    from labelhouse.querying.checks.waivers import read_waivers

    return run_checks(
        Path(warehouse),
        project=project,
        only=only,
        sql=sql,
        shown_rows=shown_rows,
        waivers=read_waivers(Path(waivers)) if isinstance(waivers, str | os.PathLike) else waivers or (),
        has_waivers=waivers is not None,
        since=since,
        timeout_s=timeout_s,
        memory_bytes=CHECK_BYTES if memory_bytes is None else memory_bytes,
    )


def changes(
    warehouse: PathLike,
    *,
    project: str | None = None,
    since: str = "last",
    as_of: str | None = None,
) -> "ChangesResult":
    """Compare two states of the warehouse, label by label.

    A state is a snapshot, a time or `ingest:N`; `last` is the state before the newest commit. The result
    leaves out labels that were added and removed again in between. It reads rows until it is closed. Raises
    UsageError for states that never existed, or in the wrong order.
    """
    from labelhouse.querying.changes import ChangesResult
    from labelhouse.querying.changes import changes as run

    return ChangesResult(run(warehouse, project=project, since=since, as_of=as_of))


def compare(
    warehouse: PathLike,
    *,
    project: str = PROJECT,
    document: str | None = None,
    as_of: str | None = None,
    model: str | None = None,
    with_project: str | None = None,
    with_document: str | None = None,
    with_as_of: str | None = None,
    with_model: str | None = None,
    min_iou: float = MIN_IOU,
    good_iou: float = GOOD_IOU,
    min_score: float = MIN_SCORE,
    memory_bytes: int | None = None,
    timeout_s: float | None = None,
) -> "CompareResult":
    """Match the labels of two sides on the images that both have, one to one, by class and overlap.

    The first side is the reference: labels of a project, of its `document` or of an earlier state; or with
    `model` its predictions. The options `with_...` name the other side where it differs. Labels that
    overlap by `min_iou` match; below `good_iou` they are loose. Predictions below `min_score` are not
    matched, but AP counts them. The result reads rows until it is closed. Raises UsageError for a side that
    does not exist, or for two equal sides.
    """
    from labelhouse.querying.compare import CompareResult, sides
    from labelhouse.querying.compare import compare as run

    reference, other = sides(
        {"project": project, "document": document, "as_of": as_of, "model": model},
        {
            "project": with_project,
            "document": with_document,
            "as_of": with_as_of,
            "model": with_model,
        },
    )
    opened = run(
        warehouse,
        reference,
        other,
        min_iou=min_iou,
        good_iou=good_iou,
        min_score=min_score,
        memory_bytes=memory_bytes,
        timeout_s=timeout_s,
    )
    return CompareResult(opened)


def export(
    warehouse: PathLike,
    out: PathLike,
    *,
    project: str | None = None,
    documents: Sequence[str] = (),
    where: str | None = None,
    shape: Literal["list", "object", "single", "rows"] = "list",
    as_of: str | None = None,
    timeout_s: float | None = None,
) -> "ExportResult":
    """Write documents of a project to the file `out`, packed as its name says (.zip, .gz).

    They are COCO JSON, or with the shape `rows` the label rows that they came as. `out` may be an address
    of an object store; `-` is the standard output. Without `project` it is the only one, or `default` of
    several. `documents` are names or globs of document_ids or titles. `where` is a condition on the view
    labels, for COCO. The file appears whole or not at all. Raises UsageError, QueryError for the condition,
    OutputError if `out` cannot be written.
    """
    from labelhouse.exporting.run import ExportOptions
    from labelhouse.exporting.run import export as run
    from labelhouse.exporting.sink import export_file

    options = ExportOptions(project, documents, where, shape, as_of, timeout_s)
    with export_file(os.fspath(out), Path(warehouse)) as stream:
        return run(warehouse, lambda: stream, options)


def refresh(
    warehouse: PathLike, *, rebuild: bool = False, memory_bytes: int | None = None
) -> "RefreshResult":
    """Bring the marts up to date with the newest loads; with `rebuild` compute everything again.

    Raises WarehouseError; then the marts are as they were.
    """
    from labelhouse.lake.memory import REFRESH_BYTES
    from labelhouse.marts.refresh import refresh_marts

    return refresh_marts(
        warehouse, rebuild=rebuild, memory_bytes=REFRESH_BYTES if memory_bytes is None else memory_bytes
    )


def publish(
    warehouse: PathLike,
    to: PathLike | None = None,
    *,
    file_format: Literal["duckdb", "parquet"] = "duckdb",
) -> "PublishResult":
    """Bring the published file, or the folder of Parquet files, to the newest state of the warehouse.

    Readers that have the old one open keep seeing it. `to` may be a prefix of a bucket, such as
    `s3://labels/published/`: then new objects come first, and last a pointer to them, `labels.json` or
    `parquet.json`. Raises UsageError if no output may go to `to`, OutputError if it cannot be written.
    """
    from labelhouse.publishing.publish import publish as run

    return run(warehouse, to, file_format=file_format)


def report(
    warehouse: PathLike, to: PathLike | None = None, *, project: str | None = None
) -> "ReportResult":
    """Write one HTML page on a project, or on all. Needs the extra: pip install 'labelhouse[report]'.

    Raises UsageError where the extra is not installed, WarehouseError, OutputError.
    """
    from labelhouse.errors import UsageError
    from labelhouse.reason_codes import ReasonCode

    try:
        from labelhouse.reporting.write import write_report
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        raise UsageError(
            ReasonCode.USAGE, "the report needs matplotlib", remedy="pip install 'labelhouse[report]'"
        ) from None
    return write_report(warehouse, to, project=project)


def maintain(
    warehouse: PathLike,
    *,
    keep_days: float = KEEP_DAYS,
    grace_hours: float = GRACE_HOURS,
    dry_run: bool = False,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> "MaintainResult":
    """Merge small files, forget states older than `keep_days`, remove files that nothing needs.

    Readers that began less than `grace_hours` ago keep their state. `progress` receives the step that
    begins, the number of steps done, and the number of steps. Raises WarehouseError; the steps done before
    it stay done.
    """
    from labelhouse.maintenance.maintain import MaintainOptions
    from labelhouse.maintenance.maintain import maintain as run

    return run(Path(warehouse), MaintainOptions(keep_days, grace_hours, dry_run), progress)


def forget(warehouse: PathLike, *persons: str, dry_run: bool = False) -> "ForgetResult":
    """Take persons out of a warehouse, out of earlier states and copies of the catalog as well.

    Each is an e-mail address in any spelling, a user id, or a token that stands for one. Later loads leave
    them out as well. Earlier states cannot be read afterwards. Raises UsageError for what names no person,
    WarehouseError if the warehouse cannot be changed; the same call then goes on.
    """
    from labelhouse.maintenance.forget import forget as run
    from labelhouse.marts.refresh import refresh_marts

    return run(
        Path(warehouse), persons, lambda folder: refresh_marts(folder, rebuild=True), dry_run=dry_run
    )


def migrate(warehouse: PathLike) -> "MigrateResult":
    """Bring a warehouse of an earlier build to this build's tables, in one transaction.

    Documents, history, snapshots and marts stay. Raises WarehouseError for a warehouse that cannot be
    migrated; then it is as it was.
    """
    from labelhouse.maintenance.migrate import migrate as run

    return run(warehouse)


def night(
    configuration: PathLike,
    *,
    warehouse: PathLike | None = None,
    allow_rejected: bool = False,
    fail_on: Literal["error", "warning"] | None = None,
    sql: PathLike | None = None,
    on_line: Callable[[int, str], None] = lambda _, __: None,
    runner: "Runner | None" = None,
) -> "NightResult":
    """Run a night: load what a TOML file lists, refresh the marts, check, publish, and say how it went.

    The file names the warehouse, unless `warehouse` does. Each [[source]] table, the marts, the checks and
    publishing are steps: one that fails with an error that may pass is tried again, and the others run in
    any case. `on_line` receives a level of `logging` and a line as the night goes. `runner` makes the
    steps the tasks of a scheduler. The result has a verdict in one line and an exit code: 1 if sources were
    rejected (unless `allow_rejected`) or a check failed of the severity `fail_on`, 2 if a step failed as a
    whole. Raises UsageError if the configuration is wrong; then nothing was done.
    """
    from labelhouse.scheduling.run_night import run_night
    from labelhouse.scheduling.runner import Runner

    return run_night(
        configuration,
        warehouse=None if warehouse is None else Path(warehouse),
        allow_rejected=allow_rejected,
        fail_on=fail_on,
        sql=None if sql is None else Path(sql),
        runner=runner or Runner(on_line),
    )


def pull(
    warehouse: PathLike,
    encord: str,
    *,
    to: PathLike | None = None,
    project: str = PROJECT,
    stages: Sequence[str] = (),
    statuses: Sequence[str] = (),
    datasets: Sequence[str] = (),
    titles: Sequence[str] = (),
    branch: str | None = "main",
    domain: str | None = None,
    authors: Authors = KEEP,
    dry_run: bool = False,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> "PullResult":
    """Bring a project to the state of an Encord project, whose UUID is `encord`, in one commit.

    It lists all label rows, fetches those that differ from what the warehouse holds, and removes those that
    are gone. It only reads Encord, and leaves rows alone that have no labels yet. With `to` it brings a
    folder to that state instead: a JSON file per row, and the ontology. The filters take rows by titles of
    workflow stages, statuses, titles or ids of datasets, globs of data titles, and branch (None: all).
    `authors` is what becomes of people in the warehouse; a folder keeps what Encord says. The key is in
    ENCORD_SSH_KEY_FILE or ENCORD_SSH_KEY. `progress` receives the rows fetched and the rows to fetch. Needs
    the extra: pip install 'labelhouse[encord]'. Raises UsageError, InputError where Encord refuses or does
    not answer, WarehouseError.
    """
    from labelhouse.encord_api.listed_row import Filters
    from labelhouse.pulling.pull import pull_to_folder

    filters = Filters(stages, statuses, datasets, titles, branch)
    if to is not None:
        if authors != KEEP:
            raise UsageError(
                ReasonCode.USAGE,
                "a folder keeps what Encord says, people as well",
                remedy="leave authors out, and give it to the load of the folder",
            )
        return pull_to_folder(
            encord, Path(to), filters=filters, domain=domain, dry_run=dry_run, progress=progress
        )
    from labelhouse.pulling.warehouse_pull import pull_into_warehouse

    return pull_into_warehouse(
        encord,
        Path(warehouse),
        project=project,
        filters=filters,
        domain=domain,
        authors=authors,
        dry_run=dry_run,
        progress=progress,
    )


def verify(
    warehouse: PathLike,
    *,
    accept: bool = False,
    progress: Callable[[int, int], None] = lambda _, __: None,
) -> "VerifyResult":
    """Read the whole warehouse back: catalog, files, checksums, the tables against each other.

    With `accept` sound files that have no checksum get one. `progress` receives the bytes read and the
    bytes in all. Raises WarehouseError if the catalog cannot be opened.
    """
    from labelhouse.maintenance.verify import accept_unhashed
    from labelhouse.maintenance.verify import verify as run

    result = run(warehouse, progress)
    return accept_unhashed(warehouse, result) if accept and result.without_checksum else result


def share(warehouse: PathLike, target: PathLike) -> "ShareResult":
    """Copy a warehouse in a folder, with its history, to the database and the bucket that a file describes.

    Documents, history, snapshots, the ledger and the salt are the same there, and ingest numbers go on. The
    folder stays as it is. Raises UsageError if the database holds a warehouse already, WarehouseError if a
    file is missing or one of the places cannot be reached; then the same call goes on where it stopped.
    """
    from labelhouse.maintenance.share import share as run

    return run(warehouse, target)


def status(warehouse: PathLike) -> "StatusResult":
    """Return what the warehouse holds; raises WarehouseError if the folder holds none."""
    from labelhouse.querying.status import status as run

    return run(warehouse)


def __getattr__(name: str) -> object:
    # These open DuckDB; their own modules describe how.
    if name == "connect":
        from labelhouse.warehouse.snapshots import connect

        return connect
    if name == "dataset":
        from labelhouse.querying.dataset import dataset

        return dataset
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
