"""The published file has what label rows say of people and time, as the warehouse stores it."""

from pathlib import Path

import duckdb
from labelhouse import connect
from labelhouse.publishing.publish import publish

from tests.publishing.test_publish import contents, opened
from tests.support.aliases import Load, Rows, Write
from tests.support.label_row_nights import ANNA, BERT, NIGHTS, load_night
from tests.support.sets import IS_SHORT, slow

SHARED = (
    "document_key, kind, position, project, document_id, label_id, category_name, modality, created_by, "
    "last_edited_by, is_edited, hours_to_edit, confidence, rework"
)
"""Columns of label_work that the view and the published table have alike."""


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    return connection.execute(sql).fetchall()


@slow
def test_what_changed_is_published_as_a_file_made_anew_has_it(warehouse: Path, tmp_path: Path) -> None:
    for night in range(len(NIGHTS)):
        load_night(warehouse, tmp_path, night)
        if night != 1 or not IS_SHORT:
            publish(warehouse)
    path = warehouse / "published" / "labels.duckdb"
    assert publish(warehouse, tmp_path / "anew.duckdb").status == "written"
    assert contents(path) == contents(tmp_path / "anew.duckdb")
    with connect(warehouse) as lake, opened(path) as file:
        shared = f"select {SHARED} from label_work order by all"
        assert rows(file, shared) == rows(lake, shared)
        nights = "from row_stages_by_night order by all"
        assert rows(file, nights) == rows(lake, nights)
        assert rows(file, "select label_id, created_by, drawn_by, rework from label_work order by all") == [
            ("a1", ANNA, "manual", None),
            ("a2", ANNA, "manual", "edited"),
            ("a3", ANNA, "manual", "added"),
            ("b1", BERT, "automated", None),
        ]
        assert rows(file, "select created_day, edited_day from label_work where label_id = 'a2'") == rows(
            lake, "select date '2026-03-01', date '2026-03-03'"
        )


@slow
def test_people_are_published_as_tokens_or_not_at_all(warehouse: Path, tmp_path: Path) -> None:
    load_night(warehouse, tmp_path, 0, authors="hash")
    publish(warehouse)
    with opened(warehouse / "published" / "labels.duckdb") as file:
        [tokens] = rows(file, "select list(distinct created_by) from label_work")
        assert len(tokens[0]) == 2
        assert all(token.startswith("person-") for token in tokens[0])
    load_night(warehouse, tmp_path, 0, authors="drop")
    publish(warehouse)
    with opened(warehouse / "published" / "labels.duckdb") as file:
        assert rows(file, "select count(*), count(created_by), count(last_edited_by) from label_work") == [
            (4, 0, 0)
        ]


def test_of_coco_there_is_nothing_about_people(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [{"images": [], "annotations": [], "categories": []}]))
    publish(warehouse)
    with opened(warehouse / "published" / "labels.duckdb") as file:
        for table in ("label_work", "required_answers", "modality_answers", "row_stages_by_night"):
            assert rows(file, f"select count(*) from {table}") == [(0,)]
