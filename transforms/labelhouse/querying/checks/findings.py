"""Bring the findings that a warehouse remembers up to date with a run of its checks, in one change.

A finding that was open and is there stays. One that is there for the first time is added. One that is gone
is marked as mended. What the run says nothing about stays as it was: checks that did not run to their end,
other projects, checks that a run which began later has updated.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from labelhouse.lake.as_of import LAST, newest_snapshot, snapshot_before_last, snapshot_of
from labelhouse.lake.engine import connect_engine
from labelhouse.lake.snapshot_connection import Connection, SnapshotConnection
from labelhouse.schema.warehouse_tables import CHECK_RESULTS, FINDING_LOG
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.snapshots import open_snapshot
from labelhouse.warehouse.trying_again import trying_again
from labelhouse.warehouse.warehouse import Warehouse

YESTERDAY = "yesterday"
SCOPE = pa.schema([("check_name", pa.string()), ("project", pa.string()), ("ingest_id", pa.string())])


@dataclass(frozen=True, slots=True)
class RunFindings:
    """What a run found, to be compared with what the warehouse remembers."""

    checked_at: datetime
    """When the state was chosen that the run read."""
    results: pa.Table
    """Rows of check_results."""
    scope: pa.Table
    """Checks and projects about which the run says everything."""
    findings: pa.Table
    members: pa.Table
    has_waivers: bool


@dataclass(frozen=True, slots=True)
class KnownFindings:
    """The findings that are open after a run, and how many it added and saw gone."""

    seen: pa.Table
    added: int
    gone: int


@dataclass(frozen=True, slots=True)
class Since:
    """Which findings are new: those first seen in the state of one of some ingests, or after a time."""

    ingests: tuple[str, ...]
    moment: datetime | None = None


def since_state(
    connection: Connection, since: str | None, project: str | None, latest: Sequence[str]
) -> Since:
    """Return what `since` names: a snapshot, a time, a day, `yesterday`, an ingest or `last`.

    Without it a finding is new that was first seen in the present state of its project: that after one of
    the ingests `latest`. Raises UsageError if there never was such a state.
    """
    if since is None:
        return Since(tuple(latest))
    if (moment := _moment(since)) is not None:
        return Since((), moment)
    if since == LAST:
        snapshot = snapshot_before_last(connection, project, newest_snapshot(connection))
    else:
        snapshot = snapshot_of(connection, since)
    rows = connection.execute(statement("querying/ingests_since"), {"snapshot_id": snapshot}).fetchall()
    return Since(tuple(ingest_id for (ingest_id,) in rows))


def _moment(text: str) -> datetime | None:
    """Return the time that a text names, None if it names none; a day begins at midnight, UTC."""
    if text == YESTERDAY:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=1)
    if text.isdigit():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def keep(folder: Path, run: RunFindings) -> KnownFindings:
    """Write counts and findings of a run into the warehouse, in one change; return what is open then."""
    with open_warehouse(folder) as warehouse, guarded(folder):
        return trying_again(warehouse, lambda: _kept(warehouse, run))


def compared(folder: Path, run: RunFindings) -> KnownFindings:
    """Compare a run with what the warehouse remembers, without writing to it."""
    with open_snapshot(folder, with_pending=False) as snapshot, closing(connect_engine()) as connection:
        for table in (FINDING_LOG, CHECK_RESULTS):
            connection.register(table.name, snapshot.call(partial(_whole_table, table.name)))
        return _compare(connection, run)


def _whole_table(name: str, connection: duckdb.DuckDBPyConnection) -> pa.Table:
    return connection.table(name).to_arrow_table()


def _kept(warehouse: Warehouse, run: RunFindings) -> KnownFindings:
    connection = warehouse.connection
    with warehouse.lock():
        known = _compare(connection, run)
        _write(warehouse, run, known)
    return known


def _write(warehouse: Warehouse, run: RunFindings, known: KnownFindings) -> None:
    connection = warehouse.connection
    with change(warehouse, "checked", {"checks": run.results.num_rows, "findings": known.seen.num_rows}):
        connection.register("given_results", run.results)
        connection.execute(statement("querying/remove_check_results"))
        connection.execute(statement("querying/add_check_results"))
        connection.unregister("given_results")
        if _row(connection, "finding_change_counts")[2]:
            connection.execute(statement("querying/remove_findings"))
            connection.execute(statement("querying/add_findings"))


def _compare(connection: duckdb.DuckDBPyConnection, run: RunFindings) -> KnownFindings:
    """Compare a run with the open findings; leave the differences in temporary tables."""
    tables = {"check_scope": run.scope, "run_findings": run.findings, "group_members": run.members}
    for name, rows in tables.items():
        connection.register(name, rows)
    moment = {"checked_at": run.checked_at}
    connection.execute(statement("querying/finding_scope"), moment)
    connection.execute(statement("querying/open_findings"))
    connection.execute(
        statement("querying/seen_findings"), {**moment, "keeps_waivers": not run.has_waivers}
    )
    connection.execute(statement("querying/finding_changes"), moment)
    for name in tables:
        connection.unregister(name)
    added, gone, _ = _row(connection, "finding_change_counts")
    seen = connection.execute("from temp.main.seen_findings").to_arrow_table()
    return KnownFindings(seen, added, gone)


def mended(
    snapshot: SnapshotConnection, since: Since, project: str | None, checks: Sequence[str] | None
) -> pa.Table:
    """Return the findings of a project, and of checks, that have been mended since a state; None is all."""
    parameters = {
        "project": project,
        "checks": checks,
        "ingests": list(since.ingests),
        "since_at": since.moment,
    }
    return snapshot.execute(statement("querying/mended_findings"), parameters).to_arrow_table()


def _row(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[int, ...]:
    row = connection.execute(statement(f"querying/{name}")).fetchone()
    assert row is not None
    return row
