"""A column of annotations is exported, hashed and compared, or is said here not to be."""

import re

from labelhouse.cli.commands.ingest import ReaderName
from labelhouse.exporting.annotations import EXPORTED
from labelhouse.ingestion.stage_source import READERS
from labelhouse.normalise.annotations import CONTENT
from labelhouse.schema.label_row_tables import LABEL_COLUMNS
from labelhouse.schema.warehouse_tables import ANNOTATIONS
from labelhouse.sql_library.statements import statement

COLUMNS = {column.name for column in ANNOTATIONS.columns}
PLACE = {"document_key", "position"}
NAMES = {
    *("annotation_id", "image_id", "category_id", "track_id", "encord_track_uuid"),
    *("annotation_id_text", "image_id_text", "category_id_text", "track_id_text"),
}
"""What names a label, or what it belongs to: a change of them alone is no change of the label."""
DERIVED = {"segmentation_kind", "blanks", "content_hash", "row_extra"}
"""What follows from other columns, or says how they were written."""


def test_each_column_is_content_or_said_not_to_be() -> None:
    assert set(CONTENT) == COLUMNS - PLACE - NAMES - DERIVED


def test_each_column_is_exported() -> None:
    # Polygons come back as arrays, and the hash is ours.
    # COCO has no keys for what only label rows say.
    of_rows = {column.name for column in LABEL_COLUMNS}
    assert set(EXPORTED) == COLUMNS - PLACE - {"polygons", "content_hash"} - of_rows


def test_each_content_is_compared_between_versions() -> None:
    compared = statement("commit/compared_labels")
    assert [name for name in CONTENT if f"annotations.{name}" not in compared] == []


def test_each_field_of_a_change_is_listed_wherever_changes_are_put_together() -> None:
    fields = re.findall(r"'field': '(\w+)'", statement("commit/compared_labels"))
    for name in ("commit/add_changed_labels", "querying/net_changes"):
        [listed] = re.findall(r"\[\s*('category',[^\]]*)\]", statement(name))
        assert re.findall(r"'(\w+)'", listed) == fields, name
    assert f"range({len(fields)})" in statement("querying/net_changes")


def test_the_command_line_knows_each_reader() -> None:
    assert {reader.value for reader in ReaderName} == set(READERS)
