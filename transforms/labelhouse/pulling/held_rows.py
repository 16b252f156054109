"""The label rows that a warehouse holds of a project, to be compared with Encord's list."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelhouse.encord_api.listed_row import ListedRow
from labelhouse.errors import WarehouseError
from labelhouse.places.finding import place_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.texts.people import Authors, People
from labelhouse.warehouse.people_salt import forgotten_people, needed_salt
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
_PEOPLE = ("assigned_user_email", "last_actioned_by_user_email")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row of the warehouse: its document, when it was edited, and what else the list says."""

    document_id: str
    edited: str
    listed: tuple[Any, ...]

    def is_as(self, row: ListedRow, people: People) -> bool:
        """Return whether Encord lists the row as the warehouse holds it, with what it does with people."""
        stage = (row.values.get("workflow_graph_node") or {}).get("uuid")
        listed = tuple(
            people.person(value) if key in _PEOPLE and isinstance(value, str) else value
            for key, value in zip(_LISTED, map(row.values.get, _LISTED), strict=True)
        )
        return self.edited == row.edited and self.listed == (stage, *listed)


@dataclass(frozen=True, slots=True)
class HeldProject:
    """What a warehouse holds of a project, and what is to become of people in it."""

    rows: dict[Key, HeldRow]
    people: People
    is_of_other_people: bool = False
    """Whether the last pull did something else with people, so that each row is to be stored once more."""


def held_project(warehouse: Path, project: str, source: str, authors: Authors) -> HeldProject:
    """Return the label rows of a project by label_hash and branch; none without a warehouse.

    Raises WarehouseError.
    """
    try:
        with open_snapshot(warehouse) as connection:
            parameters = {"project": project}
            held = connection.execute(statement("pulling/held_rows"), parameters).fetchall()
            parameters["source"] = source
            last = connection.execute(statement("pulling/last_authors"), parameters).fetchone()
            forgotten = forgotten_people(connection)
    except WarehouseError as error:
        if error.code is ReasonCode.WAREHOUSE_MISSING:
            return HeldProject({}, People(authors))
        raise
    place = place_of(warehouse)
    needs_salt = authors != "drop" and forgotten
    salt = needed_salt(place) if needs_salt else place.salt() or ""
    people = People(authors, salt, frozenset(forgotten))
    rows = {
        (label_hash, branch): HeldRow(document_id, edited or "0", tuple(listed))
        for label_hash, branch, document_id, edited, *listed in held
    }
    return HeldProject(rows, people, last is not None and last[0] != people.mark)
