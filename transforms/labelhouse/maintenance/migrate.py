"""Bring a warehouse that an earlier build made to the tables of this build."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labelhouse.lake.definitions import define
from labelhouse.lake.schema_check import require_schema, schema_version
from labelhouse.places.finding import place_of
from labelhouse.results import Result
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingests import ledger_row, next_ingest
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import after_commit
from labelhouse.warehouse.ledger import add_ledger_rows, last_used_number
from labelhouse.warehouse.older_schema import add_columns
from labelhouse.warehouse.opening import open_warehouse, require_warehouse
from labelhouse.warehouse.warehouse import Warehouse
from labelhouse.warehouse_layout import STAGING


@dataclass(frozen=True)
class MigrateResult(Result):
    """The schema version before and after, and the row in the ledger; None if there was nothing to do."""

    version_before: int
    version: int
    ingest_id: str | None


def migrate(warehouse: str | os.PathLike[str]) -> MigrateResult:
    """Bring the tables, macros and views of a warehouse to those of this build, in one transaction.

    Documents, history, snapshots and marts stay. The ledger gets a row with the status `migrated`. Raises
    WarehouseError if the warehouse is of a later version, or of none that can be migrated.
    """
    folder = Path(warehouse)
    place_of(folder).require_folder("migrate")
    require_warehouse(folder)
    results: list[MigrateResult] = []
    with open_warehouse(folder, lambda opened: results.append(_migrated(opened))):
        [result] = results
    return result


def _migrated(warehouse: Warehouse) -> MigrateResult:
    connection = warehouse.connection
    version = schema_version(connection, warehouse.address)
    if version == SCHEMA_VERSION:
        return MigrateResult(version, version, None)
    started_at = datetime.now(UTC)
    ingest_id, number = next_ingest(warehouse.place.workspace / STAGING, last_used_number(warehouse))
    versions = {"version_before": version, "version": SCHEMA_VERSION}
    with change(warehouse, f"migrated to schema version {SCHEMA_VERSION}", versions):
        add_columns(connection, version)
        connection.execute(statement("maintenance/set_version"), {"schema_version": SCHEMA_VERSION})
        define(connection)
        row = {
            "ingest_id": ingest_id,
            "ingest_number": number,
            "started_at": started_at,
            "finished_at": datetime.now(UTC),
            "status": "migrated",
        }
        waiting = add_ledger_rows(warehouse, [ledger_row(row)])
    with after_commit("rows that waited are still there"):
        warehouse.place.clear_waiting(waiting)
    require_schema(connection, warehouse.address)
    return MigrateResult(version, SCHEMA_VERSION, ingest_id)
