"""All objects, classifications, answers, ranges, people and times of the corpus are in the tables."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.manifest import ParseTask

from tests.reference import label_rows as reference
from tests.support.corpus import FOLDER, NOT_FOUND
from tests.support.sets import choose

NAMES = [path.name for path in sorted((FOLDER / "label_rows").glob("*row.json"))]
MISSING = pytest.param("", marks=pytest.mark.skip(reason=NOT_FOUND), id="corpus")
each_row = pytest.mark.parametrize("name", NAMES or [MISSING])
Tables = dict[str, list[dict[str, Any]]]


def staged(path: Path, folder: Path, ontology: Path | None = None, **options: Any) -> Tables:
    """Stage a source and return the rows of its tables."""
    folder.mkdir(exist_ok=True)
    task = ParseTask(
        str(path),
        str(path),
        path.name,
        "p",
        "i",
        1,
        str(folder),
        ontology=None if ontology is None else str(ontology),
        **options,
    )
    tables: Tables = {}
    for file in stage_source(task).files:
        tables.setdefault(file.table, []).extend(pq.read_table(file.path).to_pylist())
    return tables


@cache
def row_and_tables(name: str) -> tuple[Any, reference.Ontology, Tables]:
    """Return a row, its ontology and its tables, which the tests of a process share."""
    path = FOLDER / "label_rows" / name
    with TemporaryDirectory() as folder:
        tables = staged(path, Path(folder), ontology_of(name))
    return reference.load(path), reference.Ontology(reference.load(ontology_of(name))), tables


def ontology_of(name: str) -> Path:
    return FOLDER / "label_rows" / (name.split(".")[0] + ".ontology.json")


@each_row
def test_each_label_is_there_with_all_its_keys(name: str) -> None:
    row, ontology, tables = row_and_tables(name)
    images = {image["image_id"]: image for image in tables.get("images", [])}
    categories = {category["category_id"]: category for category in tables["categories"]}
    stored = tables.get("annotations", [])
    assert len(stored) == len(reference.labels_of(row))
    for (space, unit, frame, label), columns in zip(reference.labels_of(row), stored, strict=True):
        category = categories[columns["category_id"]]
        one = ontology.objects.get(label["featureHash"])
        if unit:
            image = images[columns["image_id"]]
            assert image["data_hash"] == unit
            if frame and image["media_type"] != "dicom":
                assert image["frame"] == int(frame)
        else:
            assert columns["image_id"] is None
        assert columns["space"] == space
        assert columns["encord_track_uuid"] == label["objectHash"]
        assert columns["feature_hash"] == label["featureHash"]
        assert category["name"] == (one["name"] if one else label["name"])
        assert category["supercategory"] == (one["shape"] if one else label["shape"])
        assert columns["created_by"] == label.get("createdBy")
        assert columns["last_edited_by"] == label.get("lastEditedBy")
        assert columns["created_at"] == reference.time_of(label.get("createdAt"))
        assert columns["last_edited_at"] == reference.time_of(label.get("lastEditedAt"))
        assert columns["confidence"] == label.get("confidence")
        assert columns["manual_annotation"] == label.get("manualAnnotation", label.get("manual_annotation"))
        rest = json.loads(columns["row_extra"] or "{}")
        if columns["geometry"] is not None:
            shape = str(label["shape"])
            key = reference.GEOMETRY.get(shape, shape)
            assert json.loads(columns["geometry"]) == label[key]
            rest[key] = label[key]
        in_columns = {
            "objectHash",
            "featureHash",
            "createdBy",
            "lastEditedBy",
            "confidence",
            "manualAnnotation",
        }
        for key, value in label.items():
            if key in rest:
                assert rest[key] == value
            elif key not in in_columns:
                assert key in ("name", "shape", "color", "value", "createdAt", "lastEditedAt")


@each_row
def test_each_answer_is_there_once(name: str) -> None:
    row, ontology, tables = row_and_tables(name)
    ranges: dict[int, list[tuple[int, int]]] = {}
    for one in tables.get("ranges", []):
        if one["owner"] == "answer":
            ranges.setdefault(one["owner_position"], []).append((one["range_start"], one["range_end"]))
    first = {
        (answer["owner"], answer["owner_hash"], answer["entry"]): answer["position"]
        for answer in reversed(tables.get("answers", []))
    }
    stored = [
        (
            answer["owner"],
            answer["owner_hash"],
            answer["entry"],
            answer["name"],
            answer["value"],
            answer["option_hash"],
            tuple(ranges.get(first[answer["owner"], answer["owner_hash"], answer["entry"]], [])),
        )
        for answer in tables.get("answers", [])
    ]
    expected = [
        answer if answer[0] == "action" else (*answer[:-1], ())
        for answer in reference.answers_of(row, ontology)
    ]
    assert Counter(map(str, stored)) == Counter(map(str, expected))


@each_row
def test_each_classification_is_there_with_its_ranges(name: str) -> None:
    row, ontology, tables = row_and_tables(name)
    expected = reference.classifications_of(row)
    stored = {one["classification_hash"]: one for one in tables.get("classifications", [])}
    assert list(stored) == list(expected)
    for key, (values, ranges) in expected.items():
        one = stored[key]
        own = [
            (each["space"], each["range_start"], each["range_end"])
            for each in tables.get("ranges", [])
            if (each["owner"], each["owner_position"]) == ("classification", one["position"])
        ]
        assert sorted(map(str, own)) == sorted(map(str, ranges))
        assert one["feature_hash"] == values.get("featureHash")
        known = ontology.classifications.get(values.get("featureHash", ""))
        if known:
            assert one["name"] == known["attributes"][0]["name"]
        assert one["created_by"] == values.get("createdBy")
        assert one["created_at"] == reference.time_of(values.get("createdAt"))
        assert one["last_edited_by"] == values.get("lastEditedBy")
        assert one["last_edited_at"] == reference.time_of(values.get("lastEditedAt"))
        assert one["confidence"] == values.get("confidence")
        assert one["manual_annotation"] == values.get("manualAnnotation")


@each_row
def test_ranges_of_labels_are_those_of_their_objects(name: str) -> None:
    row, _, tables = row_and_tables(name)
    labels = [label["encord_track_uuid"] for label in tables.get("annotations", [])]
    stored = [
        (labels[one["owner_position"]], one["space"], one["range_start"], one["range_end"], one["html"])
        for one in tables.get("ranges", [])
        if one["owner"] == "annotation"
    ]
    expected = []
    without_frames = {label["objectHash"] for _, unit, _, label in reference.labels_of(row) if not unit}
    for key in without_frames:
        answer = row["object_answers"][key]
        places = answer.get("spaces") or {None: answer}
        for space, place in places.items():
            ranges = [*(place.get("range") or []), *(place.get("range_html") or [])]
            for one in ranges:
                if isinstance(one, list) and isinstance(one[0], int):
                    expected.append((key, space, *one, None))
                else:
                    expected.append(
                        (key, space, None, None, json.dumps(one, separators=(",", ":"), sort_keys=True))
                    )
            if not ranges:
                expected.append((key, space, None, None, None))
    assert sorted(map(str, stored)) == sorted(map(str, expected))


@each_row
def test_the_row_itself_and_its_ontology_are_there(name: str) -> None:
    row, ontology, tables = row_and_tables(name)
    [stored] = tables["label_rows"]
    for column, key in {
        **{key: key for key in ("label_hash", "data_hash", "data_type", "dataset_hash", "dataset_title")},
        "branch_name": "branch_name",
        "label_status": "label_status",
        "task_status": "annotation_task_status",
        "is_valid": "is_valid",
    }.items():
        assert stored[column] == row.get(key)
    assert stored["created_at"] == reference.time_of(row["created_at"])
    assert stored["last_edited_at"] == reference.time_of(row["last_edited_at"])
    units = json.loads(stored["extra"])["data_units"]
    assert list(units) == sorted(row["data_units"])
    assert {one["ontology"] for one in tables["ontology"]} == {stored["ontology"]}
    kinds = Counter(one["kind"] for one in tables["ontology"])
    assert kinds.total() - kinds["ontology"] == ontology.count
    [document] = tables["documents"]
    data_hashes = [unit["data_hash"] for unit in row["data_units"].values()]
    assert document["document_id"] == data_hashes[0]
    assert document["title"] == row["data_title"]


@each_row
def test_no_signature_is_stored(name: str, tmp_path: Path) -> None:
    staged(FOLDER / "label_rows" / name, tmp_path, ontology_of(name))
    for path in tmp_path.iterdir():
        assert b"CANARY-SECRET" not in path.read_bytes()
        assert "CANARY-SECRET" not in str(pq.read_table(path).to_pylist())


@each_row
def test_blocks_of_any_size_give_the_same_rows(name: str, tmp_path: Path) -> None:
    path = FOLDER / "label_rows" / name
    whole = staged(path, tmp_path / "whole")
    for size in (64, 333, 4_096)[: choose(2, 3, 3)]:
        assert staged(path, tmp_path / str(size), block_bytes=size) == whole


@each_row
def test_the_order_of_keys_does_not_matter(name: str, tmp_path: Path) -> None:
    row = reference.load(FOLDER / "label_rows" / name)

    def turned(value: Any) -> Any:
        """Return the row with its sections, and the keys of units, in the other order."""
        units = {key: dict(reversed(unit.items())) for key, unit in value["data_units"].items()}
        return dict(reversed({**value, "data_units": units}.items()))

    path = tmp_path / "turned.json"
    path.write_text(json.dumps(turned(row)), encoding="utf-8")
    usual = tmp_path / "usual.json"
    usual.write_text(json.dumps(row), encoding="utf-8")
    expected, stored_tables = staged(usual, tmp_path / "a"), staged(path, tmp_path / "b", block_bytes=200)
    for tables in (expected, stored_tables):
        for table in ("documents", "document_pointers"):
            for one in tables[table]:
                one.pop("source", None)
    assert stored_tables == expected
