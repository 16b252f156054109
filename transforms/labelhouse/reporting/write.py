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
from labelhouse.lake.engine import attach_published, use
from labelhouse.lake.memory import PUBLICATION_BYTES, bound_memory
from labelhouse.places.finding import place_of
from labelhouse.publishing.publish import FILE as PUBLISHED_FILE
from labelhouse.publishing.publish import FOLDER, PublishResult, publish
from labelhouse.querying.projects import require_project
from labelhouse.reporting import sections
from labelhouse.reporting.changed import changed
from labelhouse.reporting.checks import checks, what_first
from labelhouse.reporting.failing import failing
from labelhouse.reporting.page import page
from labelhouse.reporting.people import people_and_time
from labelhouse.reporting.rows import ReportData, read_report
from labelhouse.reporting.suspects import wall
from labelhouse.reporting.text import escaped, shown
from labelhouse.reporting.verdict import verdict
from labelhouse.results import Result
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import require_warehouse
from labelhouse.warehouse.snapshots import SPILL, attach_newest
from labelhouse.warehouse_layout import PUBLISHED

FILE = "report.html"
NAMED = 3
"""Projects that the title names; of more it says the number."""


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
    place = place_of(folder)
    path = Path(to).absolute() if to else place.workspace / FILE
    require_warehouse(folder)
    with output_file(path, place.workspace, is_own=_is_own) as out:
        published = publish(folder, place.workspace / FOLDER / PUBLISHED_FILE)
        with guarded(folder), _connected(folder, published) as connection:
            require_project(connection, project, folder)
            text = report_page(connection, project, folder.name).encode()
        out.write(text)
    return ReportResult(str(path), len(text), round(time.perf_counter() - started, 3))


def _is_own(warehouse: Path, path: Path) -> bool:
    return path == warehouse / FILE


def report_page(connection: duckdb.DuckDBPyConnection, project: str | None, warehouse: str) -> str:
    """Return the page; the published file is the connection's current database."""
    data = read_report(connection, project)
    parts = [
        verdict(data),
        failing(connection, data),
        # What looks odd by its numbers alone: only for want of checks, so that the page says one thing.
        *([] if data.checks else [wall(connection, project)]),
        changed(data),
        what_first(data),
        checks(data),
        sections.overview(data),
        sections.classes(data),
        sections.shapes_and_sizes(data),
        sections.automation(data),
        sections.attributes(data),
        sections.keypoints(data),
        sections.tracks(data),
        sections.places(data),
        people_and_time(data),
        sections.loads(data),
    ]
    [load] = data.last_load
    what = _projects(data, project)
    when = f"last load {load.loaded_at:%Y-%m-%d %H:%M} UTC" if load.loaded_at else "no load yet"
    return page(
        f"Labels of {what}",
        f"{what}: {when}, {shown(warehouse)}",
        f"Warehouse {escaped(warehouse)}, {when}. Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.",
        parts,
    )


def _projects(data: ReportData, project: str | None) -> str:
    """Return the names of the projects that the page is about, or their number."""
    if project is not None:
        return shown(project)
    names = sorted(shown(row.project) for row in data.holdings)
    match names:
        case []:
            return "no project"
        case [name]:
            return name
        case _ if len(names) <= NAMED:
            return f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{len(names)} projects"


@contextmanager
def _connected(folder: Path, published: PublishResult) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to the published file, with the warehouse's state that it shows attached."""
    with private_folder() as private, closing(place_of(folder).connect()) as connection:
        bound_memory(connection, PUBLICATION_BYTES, private / SPILL)
        attach_newest(connection, place_of(folder), private, published.snapshot_id)
        attach_published(connection, Path(published.path), read_only=True)
        use(connection, PUBLISHED)
        yield connection
