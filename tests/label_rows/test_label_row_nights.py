"""A project that goes from COCO to label rows, or back, has no night of false changes."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import labelhouse
import pytest

from tests.reference import label_rows as reference
from tests.support.aliases import Load
from tests.support.corpus import corpus_file, needs_corpus
from tests.support.sets import slow

EXPORT_LIST = "encord/encord_sdk_export_list.json"
#: The corpus has five of the six rows that the list was made of.
ROWS = [f"label_rows/coco_exporter_{number}" for number in (0, 1, 2, 3, 5)]
#: What COCO lacks.
OWN_FIELDS = {"created_at", "created_by", "last_edited_at", "last_edited_by", "confidence", "feature_hash"}


@pytest.fixture
def rows(tmp_path: Path) -> str:
    """A folder with a list of label rows and its ontology."""
    folder = tmp_path / "rows"
    folder.mkdir()
    values = [reference.load(corpus_file(f"{name}.row.json")) for name in ROWS]
    (folder / "rows.json").write_text(json.dumps(values), encoding="utf-8")
    ontology = corpus_file(f"{ROWS[0]}.ontology.json").read_bytes()
    (folder / "ontology.json").write_bytes(ontology)
    return str(folder)


def sql(warehouse: Path, text: str) -> list[tuple[Any, ...]]:
    with labelhouse.connect(warehouse) as connection:
        return connection.execute(text).fetchall()


@needs_corpus
def test_label_rows_change_only_what_coco_lacks_or_has_wrong(
    warehouse: Path, load: Load, rows: str
) -> None:
    load(str(corpus_file(EXPORT_LIST)))
    [report] = load(rows)
    assert report.status == "committed"
    assert report.as_json()["documents"] == {
        "added": 0,
        "changed": 5,
        "unchanged": 0,
        "removed": 0,
        "rejected": 0,
    }
    changes = sql(
        warehouse,
        "select change, list_sort(fields), before, after from label_changes where ingest_number = 2",
    )
    assert {change for change, *_ in changes} == {"changed"}
    assert len(changes) == 57
    ontology = reference.Ontology(reference.load(corpus_file(f"{ROWS[0]}.ontology.json")))
    names = {attribute["name"] for attribute in ontology.attributes.values()} | set(
        ontology.options.values()
    )
    for _, fields, before, after in changes:
        others = set(fields) - OWN_FIELDS
        # The SDK's exporter names an option by its attribute; then a radio has its own name as value, and
        # no option of a checklist is chosen.
        assert all(field.removeprefix("attributes.") in names for field in others)
        old, new = json.loads(before), json.loads(after)
        for field in others:
            name = field.removeprefix("attributes.")
            assert old[field] in (name, False)
            assert new[field] is True or new[field] in ontology.options.values()


@needs_corpus
def test_the_same_rows_again_change_nothing(warehouse: Path, load: Load, rows: str) -> None:
    load(rows)
    [again] = load(rows)
    assert again.status == "unchanged"
    # The same content as other bytes: parsed, and found equal.
    path = Path(rows) / "rows.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=1), encoding="utf-8")
    [spelled] = load(rows)
    assert spelled.status == "unchanged"
    assert labelhouse.verify(warehouse).as_json()["findings"] == []


@slow
@needs_corpus
def test_going_back_to_coco_changes_no_label_but_in_those_fields(
    warehouse: Path, load: Load, rows: str
) -> None:
    load(rows)
    load(str(corpus_file(EXPORT_LIST)))
    changes = sql(
        warehouse,
        "select change, count(*) from label_changes where ingest_number = 2 and document_id in "
        "(select document_id from label_changes where ingest_number = 1) group by change",
    )
    assert changes == [("changed", 57)]
    # COCO's versions have no rows in the tables of label rows.
    assert sql(warehouse, "select count(*) from label_rows") == [(0,)]
    assert sql(warehouse, "select count(*) from answers") == [(0,)]
    assert labelhouse.verify(warehouse).as_json()["findings"] == []


@needs_corpus
def test_an_archive_holds_rows_and_their_ontology(
    warehouse: Path, load: Load, rows: str, tmp_path: Path
) -> None:
    archive = tmp_path / "rows.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name in ROWS:
            opened.write(corpus_file(f"{name}.row.json"), f"labels/{Path(name).name}.json")
        opened.write(corpus_file(f"{ROWS[0]}.ontology.json"), "ontology.json")
    [report] = load(str(archive))
    assert report.notes == []
    from_archive = sql(warehouse, "select * exclude (document_key) from annotations order by all")
    load(rows, project="list")
    from_list = sql(
        warehouse,
        "select annotations.* exclude (document_key) from annotations semi join documents "
        "on documents.document_key = annotations.document_key and documents.project = 'list' order by all",
    )
    assert from_archive == from_list
    ontology = reference.Ontology(reference.load(corpus_file(f"{ROWS[0]}.ontology.json")))
    kept = "select count(distinct ontology), count(*) from ontology where kind <> 'ontology'"
    assert sql(warehouse, kept) == [(1, ontology.count)]


@needs_corpus
def test_another_ontology_for_the_same_bytes_is_another_source(
    warehouse: Path, load: Load, rows: str
) -> None:
    load(rows)
    path = Path(rows) / "ontology.json"
    ontology = json.loads(path.read_text(encoding="utf-8"))
    ontology["objects"][0]["name"] = "renamed box"
    path.write_text(json.dumps(ontology), encoding="utf-8")
    [report] = load(rows)
    assert report.status == "committed"
    assert sql(
        warehouse,
        "select distinct before, after from label_changes "
        "where ingest_number = 2 and fields = ['category']",
    ) == [('{"category":"box"}', '{"category":"renamed box"}')]


@needs_corpus
def test_branches_are_documents_of_their_own(warehouse: Path, load: Load, tmp_path: Path) -> None:
    row = reference.load(corpus_file(f"{ROWS[2]}.row.json"))
    (tmp_path / "rows.json").write_text(
        json.dumps([row, {**row, "branch_name": "model-1"}]), encoding="utf-8"
    )
    load(str(tmp_path / "rows.json"))
    documents = sql(warehouse, "select document_id from documents order by position")
    assert documents == [(row["data_hash"],), (f"{row['data_hash']}@model-1",)]
    branches = sql(warehouse, "select branch_name from label_rows order by document_key")
    assert branches == [
        (row.get("branch_name"),),
        ("model-1",),
    ]


@slow
@needs_corpus
def test_an_archive_may_hold_coco_and_rows(warehouse: Path, load: Load, tmp_path: Path) -> None:
    coco = reference.load(corpus_file(EXPORT_LIST))[:1]
    archive = tmp_path / "both.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("coco.json", json.dumps(coco))
        opened.write(corpus_file(f"{ROWS[1]}.row.json"), "row.json")
    [report] = load(str(archive))
    assert report.status == "committed"
    created = sql(
        warehouse,
        "select documents.member, count(*), count(annotations.created_at) from annotations "
        "join documents using (document_key) group by documents.member order by documents.member",
    )
    assert created == [("coco.json", 7, 0), ("row.json", 14, 14)]
    assert labelhouse.verify(warehouse).as_json()["findings"] == []


@needs_corpus
def test_a_review_that_only_a_frame_states_of_a_classification_counts(warehouse: Path, load: Load) -> None:
    load(str(corpus_file("label_rows/image_group_with_reviews__labels.row.json")))
    reviewed = sql(warehouse, "select reviewed_at from label_work where kind = 'classification'")
    assert reviewed == [(datetime(2023, 2, 10, 11, 9, 4, tzinfo=UTC),)]
