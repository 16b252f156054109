"""Write the report of a warehouse: rows from the marts, plots and drawings, one page, one file."""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from labelhouse.files.output_file import output_file
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.engine import attach_published, connect_engine, use
from labelhouse.lake.memory import PUBLICATION_BYTES, bound_memory
from labelhouse.publishing.publish import PublishResult, publish
from labelhouse.querying.projects import require_project
from labelhouse.reporting import sections
from labelhouse.reporting.checks import checks, what_first
from labelhouse.reporting.page import page
from labelhouse.reporting.rows import read_report
from labelhouse.reporting.suspects import wall
from labelhouse.reporting.text import escaped, shown
from labelhouse.results import Result
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import require_warehouse
from labelhouse.warehouse.snapshots import SPILL, attach_newest
from labelhouse.warehouse_layout import PUBLISHED

FILE = "report.html"


@dataclass(frozen=True, slots=True)
class ReportResult(Result):
    """The written report, and the time that it took."""

    path: str
    bytes: int
    seconds: float


def write_report(
    warehouse: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    project: str | None = None,
) -> ReportResult:
    """Write the report of a project, or of all; the published file, which it reads, is brought up to date.

    The page is a file that loads nothing. Raises WarehouseError, and UsageError where the extra `report`
    is not installed.
    """
    started = time.perf_counter()
    folder = Path(warehouse).absolute()
    path = Path(to).absolute() if to else folder / FILE
    require_warehouse(folder)
    with output_file(path, folder, is_own=_is_own) as out:
        published = publish(folder)
        with guarded(folder), _connected(folder, published) as connection:
            require_project(connection, project, folder)
            text = report_page(connection, project).encode()
        out.write(text)
    return ReportResult(str(path), len(text), round(time.perf_counter() - started, 3))


def _is_own(warehouse: Path, path: Path) -> bool:
    return path == warehouse / FILE


def report_page(connection: duckdb.DuckDBPyConnection, project: str | None) -> str:
    """Return the page; the published file is the connection's current database."""
    data = read_report(connection, project)
    parts = [
        sections.overview(data),
        sections.classes(data),
        sections.shapes_and_sizes(data),
        sections.automation(data),
        sections.attributes(data),
        sections.keypoints(data),
        sections.tracks(data),
        sections.places(data),
        sections.churn(data),
        checks(data),
        what_first(data),
        wall(connection, project),
        sections.loads(data),
    ]
    title = "Label report" if project is None else f"Label report: {shown(project)}"
    written = f"Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return page(title, escaped(written), parts)


@contextmanager
def _connected(folder: Path, published: PublishResult) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to the published file, with the warehouse's state that it shows attached."""
    with private_folder() as private, closing(connect_engine()) as connection:
        bound_memory(connection, PUBLICATION_BYTES, private / SPILL)
        attach_newest(connection, folder, private, published.snapshot_id)
        attach_published(connection, Path(published.path), read_only=True)
        use(connection, PUBLISHED)
        yield connection
