"""Write the report of a warehouse: rows from the marts, plots and drawings, one page, one file."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from labelhouse.engine import LAKE, PUBLISHED, attach_published, use
from labelhouse.newest import newest
from labelhouse.publish import FILE as PUBLISHED_FILE
from labelhouse.publish import FOLDER as PUBLISHED_FOLDER
from labelhouse.publish import MEMORY_LIMIT
from labelhouse.published_file import stamp
from labelhouse.published_tables import layout
from labelhouse.report import sections
from labelhouse.report.data import read_report
from labelhouse.report.page import Section, page
from labelhouse.report.text import escaped
from labelhouse.swap import replacing
from labelhouse.warehouse import guarded, require_warehouse

FILE = "report.html"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and how long it took."""

    path: str
    bytes: int
    seconds: float


def write_report(
    warehouse: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    project: str | None = None,
) -> Written:
    """Write the report of a project, or of all, and return where; the marts are refreshed first.

    The page is a file that loads nothing. Raises WarehouseError, and UsageError where the extra `report`
    is not installed.
    """
    started = time.perf_counter()
    folder = Path(warehouse).absolute()
    require_warehouse(folder)
    path = Path(to).absolute() if to else folder / FILE
    with guarded(folder), _connected(folder) as connection:
        text = report_page(connection, project)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, read_only=False) as fresh:
            fresh.write_text(text, encoding="utf-8")
    return Written(str(path), path.stat().st_size, round(time.perf_counter() - started, 3))


def report_page(connection: duckdb.DuckDBPyConnection, project: str | None) -> str:
    """Return the page; the connection has the warehouse attached, its marts or published ones current."""
    data = read_report(connection, project)
    parts: list[Section] = [
        sections.overview(data, None),
        sections.classes(data),
        sections.shapes_and_sizes(data),
        sections.automation(data),
        sections.attributes(data),
        sections.keypoints(data),
        sections.places(data),
        sections.churn(data),
        sections.loads(data),
    ]
    title = "Label report" if project is None else f"Label report: {project}"
    written = f"Written {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    return page(title, escaped(written), parts)


@contextmanager
def _connected(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to the newest state.

    Where the published file shows that state too, its tables are current: they are the marts' views, added
    up already. Else the views are.
    """
    with (
        tempfile.TemporaryDirectory() as spill,
        newest(folder, Path(spill), MEMORY_LIMIT) as (connection, snapshot_id),
    ):
        file = folder / PUBLISHED_FOLDER / PUBLISHED_FILE
        shown = stamp(connection, file)
        use(connection, LAKE)
        if shown and shown.layout == layout() and shown.snapshot_id == snapshot_id:
            attach_published(connection, file, read_only=True)
            use(connection, PUBLISHED)
        yield connection
