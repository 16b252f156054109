"""Read the rows that the report shows, from the published file."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import duckdb

from labelhouse.sql_library.statements import public_statement

NIGHTS = 60
"""Nights that the report covers."""
_LIMITED = ("nights", "automation", "churn", "finding_nights", "work_days")
_STATEMENTS = (
    "holdings",
    "coverage",
    "nights",
    "classes",
    "shapes",
    "sizes",
    "automation",
    "attributes",
    "keypoints",
    "tracks",
    "heat_map",
    "churn",
    "checks",
    "causes",
    "finding_nights",
    "open_findings",
    "class_changes",
    "rejections",
    "last_load",
    "failing_rows",
    "people",
    "work_days",
    "edits",
    "stages",
    "required",
    "modalities",
)
EACH = 6
"""Failing rows of each check that the report shows."""
FIRST = 6
"""Images, documents and classes that the report names as those to look at first."""

ReportRows = Sequence[SimpleNamespace]


@dataclass(frozen=True, slots=True)
class ReportData:
    """Rows of the report; a row's columns are attributes, with the names in the headers of sql/report/."""

    holdings: ReportRows
    coverage: ReportRows
    nights: ReportRows
    classes: ReportRows
    shapes: ReportRows
    sizes: ReportRows
    automation: ReportRows
    attributes: ReportRows
    keypoints: ReportRows
    tracks: ReportRows
    heat_map: ReportRows
    churn: ReportRows
    checks: ReportRows
    causes: ReportRows
    finding_nights: ReportRows
    open_findings: ReportRows
    class_changes: ReportRows
    rejections: ReportRows
    last_load: ReportRows
    failing_rows: ReportRows
    people: ReportRows
    work_days: ReportRows
    edits: ReportRows
    stages: ReportRows
    required: ReportRows
    modalities: ReportRows
    first: ReportRows


def read_report(connection: duckdb.DuckDBPyConnection, project: str | None) -> ReportData:
    """Read all rows, of one project or of all; the published file is the current database."""
    data: dict[str, ReportRows] = {}
    for name in _STATEMENTS:
        parameters: dict[str, object] = {"project": project}
        if name in _LIMITED:
            parameters["nights"] = NIGHTS
        if name == "failing_rows":
            parameters["each"] = EACH
        data[name] = rows(connection, f"report/{name}", parameters)
    first: dict[str, object] = {"project": project, "kind": None, "rows": FIRST}
    return ReportData(**data, first=_titled(connection, rows(connection, "queries/what_first", first)))


def _titled(connection: duckdb.DuckDBPyConnection, things: ReportRows) -> ReportRows:
    """Return rows about documents with the documents' titles."""
    wanted: dict[str, object] = {
        "projects": [row.project for row in things],
        "document_ids": [row.document_id for row in things],
    }
    known = rows(connection, "report/titles", wanted)
    titles = {(row.project, row.document_id): row.document_title for row in known}
    return [
        SimpleNamespace(**vars(row), document_title=titles.get((row.project, row.document_id)))
        for row in things
    ]


def rows(connection: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, object]) -> ReportRows:
    """Return the rows of a statement, their columns as attributes."""
    result = connection.execute(public_statement(name), parameters)
    names = [column[0] for column in result.description or []]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in result.fetchall()]
