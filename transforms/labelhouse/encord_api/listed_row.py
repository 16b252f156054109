"""A label row as Encord lists it: its identity, when it was edited, where it is in the workflow."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

MAIN = "main"
_MERGED = (
    "workflow_graph_node",
    "label_status",
    "annotation_task_status",
    "priority",
    "task_uuid",
    "assigned_user_email",
    "last_actioned_by_user_email",
    "client_metadata",
    "number_of_frames",
    "is_valid",
    "dataset_hash",
    "dataset_title",
    "data_title",
    "group_hash",
    "backing_item_uuid",
)
"""What the list says and a fetched row lacks, or may lack."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows of a project to pull; an empty filter takes all."""

    stages: Sequence[str] = ()
    statuses: Sequence[str] = ()
    datasets: Sequence[str] = ()
    """Titles or ids."""
    titles: Sequence[str] = ()
    """Globs."""
    branch: str | None = MAIN
    """None takes all branches."""


@dataclass(frozen=True, slots=True)
class ListedRow:
    """A label row that has been opened; `values` are what the list says of it."""

    label_hash: str
    branch: str
    edited: str
    """When it was last edited: microseconds of UTC as digits, 0 if Encord does not say."""
    values: dict[str, Any]

    @property
    def state(self) -> str:
        """A hash of what may change without an edit: stage, status, assignee and the like."""
        text = json.dumps(self.values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def merged(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a fetched row with what the list says of it."""
        edited = {"last_edited_at": _text_of(self.edited)} if self.edited != "0" else {}
        return {**row, "branch_name": row.get("branch_name") or self.branch, **edited, **self.values}

    def matches(self, filters: Filters) -> bool:
        """Return whether the filters take the row."""
        values = self.values
        stage = (values.get("workflow_graph_node") or {}).get("title")
        statuses = {values.get("annotation_task_status"), values.get("label_status")}
        datasets = {values.get("dataset_hash"), values.get("dataset_title")}
        title = str(values.get("data_title") or "")
        return (
            (not filters.stages or stage in filters.stages)
            and (not filters.statuses or not statuses.isdisjoint(filters.statuses))
            and (not filters.datasets or not datasets.isdisjoint(filters.datasets))
            and (not filters.titles or any(fnmatchcase(title, glob) for glob in filters.titles))
        )


def listed_row(metadata: Any) -> ListedRow | None:
    """Return what the SDK lists as a row; None for one that no annotator has opened: it has no labels."""
    if metadata.label_hash is None:
        return None
    node = metadata.workflow_graph_node
    values = {name: _plain(getattr(metadata, name, None)) for name in _MERGED}
    values["workflow_graph_node"] = None if node is None else {"uuid": node.uuid, "title": node.title}
    return ListedRow(
        str(metadata.label_hash),
        metadata.branch_name or MAIN,
        _edited(metadata.last_edited_at),
        {name: value for name, value in values.items() if value is not None},
    )


def _edited(moment: datetime | None) -> str:
    if moment is None:
        return "0"
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.strftime("%Y%m%dT%H%M%S%f")


def _text_of(edited: str) -> str:
    """Return a time as Encord writes it in rows, to the microsecond as it is listed.

    >>> _text_of("20261120T115119785354")
    '2026-11-20 11:51:19.785354+00:00'
    """
    moment = datetime.strptime(edited, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return moment.isoformat(sep=" ", timespec="microseconds")


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool | dict | list):
        return value
    return str(getattr(value, "value", value))
