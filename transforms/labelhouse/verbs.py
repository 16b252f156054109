"""The public face: thirteen verbs of one form, and what they return.

    verb(warehouse, ..., *, options) -> VerbResult

`warehouse` is the folder. Every result has `as_json()`; it is a frozen dataclass or reads its rows on
demand. A failure is a LabelhouseError: it says what failed, where, and what to do. Importing this module
loads neither DuckDB nor Arrow; a verb loads what it needs when it is called.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from labelhouse.limits import DEFAULT_LIMITS, Limits
from labelhouse.manifest import DEFAULT_READER, MAX_BAD_SHARE

if TYPE_CHECKING:
    from labelhouse.exporting.run import ExportResult
    from labelhouse.ingestion.run import IngestReport, IngestResult, IngestSession
    from labelhouse.maintenance.maintain import MaintainResult
    from labelhouse.maintenance.verify import VerifyResult
    from labelhouse.marts.refresh import RefreshResult
    from labelhouse.publishing.publish import PublishResult
    from labelhouse.querying.changes import ChangesResult
    from labelhouse.querying.check import CheckResult
    from labelhouse.querying.query import QueryResult
    from labelhouse.querying.status import StatusResult
    from labelhouse.reporting.write import ReportResult
    from labelhouse.sources.finding import Source
    from labelhouse.warehouse.snapshots import connect as connect

PathLike = str | os.PathLike[str]

VERBS = (
    "ask",
    "changes",
    "check",
    "connect",
    "export",
    "ingest",
    "maintain",
    "publish",
    "query",
    "refresh",
    "report",
    "status",
    "verify",
)


def ingest(
    warehouse: "PathLike | IngestSession",
    sources: PathLike | Sequence[PathLike],
    *,
    project: str = "default",
    full: bool = False,
    again: bool = False,
    jobs: int | None = None,
    max_bad: float = MAX_BAD_SHARE,
    dry_run: bool = False,
    reader: str = DEFAULT_READER,
    limits: Limits = DEFAULT_LIMITS,
    on_report: "Callable[[IngestReport], None]" = lambda _: None,
    progress: "Callable[[Source, int], None]" = lambda _, __: None,
) -> "IngestResult":
    """Load exports (files, folders, globs) into a project; call `on_report` for each when it is done.

    Each source is committed or rejected by itself. With `full` all sources together are the whole project,
    and the load removes documents that they lack. Bytes that the project had before bring no old version
    back unless `again`. Several calls share an open warehouse and its processes if `warehouse` is an
    IngestSession. `progress` receives a source and the number of bytes of its file that have been read. The
    result includes rejected sources. Raises UsageError for input that cannot be loaded at all,
    WarehouseError if the warehouse cannot be written.
    """
    from labelhouse.ingestion.run import IngestOptions, IngestResult, IngestSession
    from labelhouse.ingestion.run import ingest as load

    options = IngestOptions(
        project=project,
        full=full,
        again=again,
        max_bad=max_bad,
        dry_run=dry_run,
        reader=reader,
        limits=limits,
        **({} if jobs is None else {"jobs": jobs}),
    )
    paths = [sources] if isinstance(sources, str | os.PathLike) else sources
    patterns = [os.fspath(path) for path in paths]
    reports = []
    if isinstance(warehouse, IngestSession):
        loading = warehouse.ingest(patterns, options, progress)
    else:
        loading = load(Path(warehouse), patterns, options, progress)
    for found in loading:
        on_report(found)
        reports.append(found)
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
    given = bound(parameters, texts, f"ask {question}")
    opened = run(
        warehouse, asked, given, as_of=as_of, memory_bytes=memory_bytes, timeout_s=timeout_s, note=note
    )
    return QueryResult(opened, warehouse)


def check(
    warehouse: PathLike,
    *,
    project: str | None = None,
    sql: Path | None = None,
    shown_rows: int = 5,
    timeout_s: float | None = None,
    memory_bytes: int | None = None,
) -> "CheckResult":
    """Look for labels that are likely mistakes, and keep the counts in the table check_results.

    `sql` is a folder with the user's own checks. The result holds `shown_rows` rows of each check. Raises
    UsageError if there is no such project, WarehouseError if the warehouse cannot be read.
    """
    from labelhouse.errors import WarehouseError
    from labelhouse.lake.memory import CHECK_BYTES
    from labelhouse.querying.check import CheckResult
    from labelhouse.querying.check import check as run

    unkept: list[WarehouseError] = []
    found = run(
        Path(warehouse),
        project=project,
        sql=sql,
        shown_rows=shown_rows,
        timeout_s=timeout_s,
        memory_bytes=CHECK_BYTES if memory_bytes is None else memory_bytes,
        unkept=unkept.append,
    )
    return CheckResult(tuple(found), unkept[0] if unkept else None)


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


def export(
    warehouse: PathLike,
    out: PathLike,
    *,
    project: str = "default",
    documents: Sequence[str] = (),
    where: str | None = None,
    shape: Literal["list", "object", "single"] = "list",
    as_of: str | None = None,
    timeout_s: float | None = None,
) -> "ExportResult":
    """Write documents of a project as COCO JSON to the file `out`, packed as its name says (.zip, .gz).

    `-` is the standard output. `where` is a condition on the view labels. The file appears whole or not at
    all. Raises UsageError, QueryError for the condition, OutputError if `out` cannot be written.
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

    Readers that have the old one open keep seeing it. Raises UsageError if no output may go to `to`.
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
    from labelhouse.reason_codes import Code

    try:
        from labelhouse.reporting.write import write_report
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "matplotlib":
            raise
        raise UsageError(
            Code.USAGE, "the report needs matplotlib", remedy="pip install 'labelhouse[report]'"
        ) from None
    return write_report(warehouse, to, project=project)


def maintain(
    warehouse: PathLike,
    *,
    keep_days: float = 30.0,
    grace_hours: float = 24.0,
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

    found = run(warehouse, progress)
    return accept_unhashed(warehouse, found) if accept and found.without_checksum else found


def status(warehouse: PathLike) -> "StatusResult":
    """Return what the warehouse holds; raises WarehouseError if the folder holds none."""
    from labelhouse.querying.status import status as run

    return run(warehouse)


def __getattr__(name: str) -> object:
    # connect opens DuckDB; its own module describes how.
    if name == "connect":
        from labelhouse.warehouse.snapshots import connect as found

        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
