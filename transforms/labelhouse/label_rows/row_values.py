"""The row of the table label_rows, and the document_id of a label row."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.label_rows.data_units import DataUnit
from labelhouse.label_rows.row_parts import RowObject
from labelhouse.label_rows.times import read_time
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.url_secrets import location, without_secrets

if TYPE_CHECKING:
    from labelhouse.label_rows.row import RowReader

ROW_TEXTS = {
    "label_hash": "label_hash",
    "branch_name": "branch_name",
    "data_hash": "data_hash",
    "data_type": "data_type",
    "dataset_hash": "dataset_hash",
    "dataset_title": "dataset_title",
    "label_status": "label_status",
    "task_status": "annotation_task_status",
    "task_uuid": "task_uuid",
    "assigned_to": "assigned_user_email",
    "last_actioned_by": "last_actioned_by_user_email",
}
"""Keys of a label row by the columns that hold their texts."""
_TIMES = {"created_at": "created_at", "last_edited_at": "last_edited_at"}
_INT64 = 2**63


def label_row(
    values: RowObject,
    units: Sequence[DataUnit],
    ontology: str | None,
    patches: Mapping[str, Mapping[str, RowObject]],
    reader: "RowReader",
) -> tuple[str, dict[str, Any]]:
    """Return the document_id of a row, and its row in label_rows.

    The id is that of Encord's COCO export: the hash of the first image of a group, else the data hash. A
    branch other than main is a document of its own.
    """
    # A section that is null stays a key of the row.
    rest = {key: value for key, value in values.items() if value is None or key not in _SECTIONS}
    row: dict[str, Any] = {name: text_of(values, key, rest) for name, key in ROW_TEXTS.items()}
    for name, key in _TIMES.items():
        text = values.get(key)
        time = read_time(text) if isinstance(text, str) else None
        row[name] = time.microseconds if time else None
        if text is not None and time is None:
            reader.add_issue(ReasonCode.BAD_VALUE, f"{key}: not a time; kept in extra", f"/{key}")
    node = values.get("workflow_graph_node")
    stage = node if isinstance(node, dict) else {}
    row |= {
        "workflow_stage": text_of(stage, "title"),
        "workflow_stage_uuid": text_of(stage, "uuid"),
        "priority": _number(values.get("priority")),
        "is_valid": values.get("is_valid") if isinstance(values.get("is_valid"), bool) else None,
        "number_of_frames": _integer(values.get("number_of_frames")),
        "ontology": ontology,
        "client_metadata": json_text(rest.pop("client_metadata"))
        if values.get("client_metadata")
        else None,
    }
    first = units[0].values if units and units[0].space is None else {}
    link = first.get("data_link")
    row |= {
        "file_type": text_of(first, "data_type"),
        "fps": _number(first.get("data_fps")),
        "duration": _number(first.get("data_duration")),
        "link_path": location(link) if isinstance(link, str) else None,
    }
    for parent in ("data_units", "spaces"):
        own = {unit.unit.key: unit.values for unit in units if unit.unit.parent == parent}
        if own:
            rest[parent] = own  # type: ignore[assignment]
    for section, changes in patches.items():
        if changes:
            rest[section] = dict(changes)
    row["extra"] = json_text(rest) if rest else None
    return _document_id(values, units, reader), row


_SECTIONS = ("data_units", "spaces", "object_answers", "object_actions", "classification_answers")


def _document_id(values: RowObject, units: Sequence[DataUnit], reader: "RowReader") -> str:
    data_hash = text_of(values, "data_hash")
    first = units[0].data_hash if units and units[0].space is None else None
    document_id = first or data_hash or text_of(values, "label_hash")
    if document_id is None:
        reader.add_issue(ReasonCode.MISSING_FIELD, "data_hash: missing", "")
        document_id = f"row {reader.document + 1}"
    branch = text_of(values, "branch_name")
    return document_id if branch in (None, "", "main") else f"{document_id}@{branch}"


def text_of(values: Mapping[str, Json], key: str, rest: RowObject | None = None) -> str | None:
    """Return a text, without secrets; it needs no place in `rest` then."""
    value = values.get(key)
    if not isinstance(value, str):
        return None
    if rest is not None:
        rest.pop(key, None)
    return without_secrets(value)


def _number(value: Json) -> float | None:
    if type(value) not in (int, float):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return None


def _integer(value: Json) -> int | None:
    return value if type(value) is int and -_INT64 <= value < _INT64 else None
