"""Read the rows that the report shows, from the published file."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import duckdb

from labelhouse.sql_library.statements import public_statement

NIGHTS = 60
"""Nights that the report covers."""
_LIMITED = ("nights", "automation", "churn")
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
    "heat_map",
    "churn",
    "checks",
)

Rows = Sequence[SimpleNamespace]


@dataclass(frozen=True, slots=True)
class ReportData:
    """Rows of the report; a row's columns are attributes, with the names in the headers of sql/report/."""

    holdings: Rows
    coverage: Rows
    nights: Rows
    classes: Rows
    shapes: Rows
    sizes: Rows
    automation: Rows
    attributes: Rows
    keypoints: Rows
    heat_map: Rows
    churn: Rows
    checks: Rows


def read_report(connection: duckdb.DuckDBPyConnection, project: str | None) -> ReportData:
    """Read all rows, of one project or of all; the published file is the current database."""
    found: dict[str, Rows] = {}
    for name in _STATEMENTS:
        given: dict[str, object] = {"project": project}
        if name in _LIMITED:
            given["nights"] = NIGHTS
        found[name] = rows(connection, f"report/{name}", given)
    return ReportData(**found)


def rows(connection: duckdb.DuckDBPyConnection, name: str, given: dict[str, object]) -> Rows:
    """Return the rows of a statement, their columns as attributes."""
    result = connection.execute(public_statement(name), given)
    names = [column[0] for column in result.description or []]
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in result.fetchall()]
