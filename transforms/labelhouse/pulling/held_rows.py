"""The label rows that a warehouse holds of a project, to be compared with Encord's list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelhouse.encord_api.listed_row import ListedRow
from labelhouse.errors import WarehouseError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse.snapshots import open_snapshot

Key = tuple[str, str]
_LISTED = (
    "label_status",
    "annotation_task_status",
    "priority",
    "task_uuid",
    "assigned_user_email",
    "last_actioned_by_user_email",
    "is_valid",
)
"""Keys of the list, in the order of the statement's columns after the stage."""


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of the warehouse: its document, when it was edited, and what else the list says."""

    document_id: str
    edited: str
    listed: tuple[Any, ...]

    def is_as(self, row: ListedRow) -> bool:
        """Return whether Encord lists the row as the warehouse holds it."""
        stage = (row.values.get("workflow_graph_node") or {}).get("uuid")
        return self.edited == row.edited and self.listed == (stage, *map(row.values.get, _LISTED))


def held_rows(warehouse: Path, project: str) -> dict[Key, HeldRow]:
    """Return the label rows of a project by label_hash and branch; none without a warehouse."""
    try:
        with open_snapshot(warehouse) as connection:
            held = connection.execute(statement("pulling/held_rows"), {"project": project}).fetchall()
    except WarehouseError as error:
        if error.code is ReasonCode.WAREHOUSE_MISSING:
            return {}
        raise
    return {
        (label_hash, branch): HeldRow(document_id, edited or "0", tuple(listed))
        for label_hash, branch, document_id, edited, *listed in held
    }
