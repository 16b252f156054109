"""What each schema version added to the tables, so that an older warehouse can be migrated and read.

Every change so far adds tables, or columns at the end of tables. A change of another kind adds its own rule
here.
"""

from collections.abc import Mapping

from labelhouse.schema.table import Column, Table
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION, TABLES

OLDEST_VERSION = 2
"""The first version that a build has released."""
_ADDED: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    3: {
        "images": ("image_id_text", "video_id", "row_extra"),
        "categories": ("category_id_text",),
        "ingests": ("seconds", "authors"),
        "annotations": (
            *("annotation_id_text", "image_id_text", "category_id_text", "track_id_text"),
            *("created_at", "created_by", "last_edited_at", "last_edited_by", "confidence"),
            *("feature_hash", "space", "object_number", "geometry", "polygon_rings", "row_extra"),
        ),
        "keypoints": ("name", "feature_hash"),
        "attributes": ("feature_hash", "option_hash", "parent_feature_hash", "dynamic"),
        "mart_state": ("statements_hash",),
    },
}
"""Columns that a version added, by table."""
_NEW_TABLES: Mapping[int, tuple[str, ...]] = {
    3: (
        *("finding_log", "prediction_sets", "predictions", "prediction_keypoints", "prediction_issues"),
        *("ontology", "label_rows", "classifications", "answers", "ranges"),
        *("mart_stage_history", "mart_row_stages"),
    ),
}
"""Tables that a version added. Defining what is missing makes them."""


def is_older(version: int) -> bool:
    """Return whether a warehouse of this version can be migrated to that of this build."""
    return OLDEST_VERSION <= version < SCHEMA_VERSION


def added_since(version: int) -> dict[Table, list[Column]]:
    """Return the columns that this build has beside those of an older version, by table."""
    names: dict[str, set[str]] = {}
    for later, tables in _ADDED.items():
        for table, columns in tables.items() if later > version else ():
            names.setdefault(table, set()).update(columns)
    return {
        table: [column for column in table.columns if column.name in names[table.name]]
        for table in TABLES
        if table.name in names
    }


def new_tables_since(version: int) -> list[Table]:
    """Return the tables that this build has beside those of an older version."""
    names = {name for later, tables in _NEW_TABLES.items() if later > version for name in tables}
    return [table for table in TABLES if table.name in names]


def columns_of(table: Table, version: int) -> list[Column]:
    """Return the columns that a table has in a version; none if the version has no such table."""
    if table in new_tables_since(version):
        return []
    later = added_since(version).get(table, [])
    return [column for column in table.columns if column not in later]
