"""An object of many data units, as Encord's SDK writes a project, is a document for each of them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse import connect
from labelhouse.ingestion.stage_source import READERS

from tests.reference.round_trip import exported
from tests.support.aliases import Load, Record, Write
from tests.support.corpus import corpus_file
from tests.support.exports import plain, unit
from tests.support.sets import crossed, named, slow

OBJECT, LIST = "encord/encord_sdk_export.json", "encord/encord_sdk_export_list.json"
HASHES = [f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(5)]
ORDERS = {
    "labels last": ("info", "categories", "images", "annotations"),
    "labels first": ("annotations", "images", "info", "categories"),
    "categories last": ("images", "annotations", "categories", "info"),
}


def joined(*units: Record) -> Record:
    """One object of several data units, as the SDK joins them: ids count through."""
    whole: Record = {**units[0], "images": [], "annotations": []}
    for one in units:
        first, labels = len(whole["images"]), len(whole["annotations"])
        whole["images"] += [{**image, "id": first + image["id"]} for image in one["images"]]
        whole["annotations"] += [
            {**label, "id": labels + label["id"], "image_id": first + label["image_id"]}
            for label in one["annotations"]
        ]
    return whole


def video(name: str, frames: int, labels: int) -> Record:
    """One video with its title on each frame; its labels go round its frames."""
    one = unit(name, labels)
    one["images"] = [
        {**one["images"][0], "id": n, "file_name": f"videos/{name}/{n}.jpg", "video_title": "a film"}
        for n in range(frames)
    ]
    for number, label in enumerate(one["annotations"]):
        label["image_id"] = number % frames
    return one


def rows(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


UNITS = [unit(HASHES[0], 2), video(HASHES[1], 3, 5), unit(HASHES[2], 0), unit(HASHES[3], 1)]
DOCUMENTS = [
    # document_id, title, image_count, annotation_count
    (HASHES[0], None, 1, 2),
    (HASHES[1], "a film", 3, 5),
    (HASHES[2], None, 1, 0),
    (HASHES[3], None, 1, 1),
]
QUERY = "select document_id, title, image_count, annotation_count from documents order by position"


@pytest.mark.parametrize(("order", "reader"), crossed(named(ORDERS), named(READERS)))
def test_each_data_unit_is_a_document_in_any_order_of_keys(
    write: Write, load: Load, warehouse: Path, order: str, reader: str
) -> None:
    whole = joined(*UNITS)
    [report] = load(write("all.json", {key: whole[key] for key in ORDERS[order]}), reader=reader)
    assert report.status == "committed"
    assert rows(warehouse, QUERY) == DOCUMENTS
    labels = rows(warehouse, "select document_id, image_key, label_id, bbox_x from labels order by all")
    assert labels == sorted(
        (
            one["images"][0]["file_name"].split("/")[1].partition(".")[0],
            HASHES[1] + f"/{label['image_id']}" if index == 1 else HASHES[index],
            label["attributes"]["encord_track_uuid"],
            label["bbox"][0],
        )
        for index, one in enumerate(UNITS)
        for label in one["annotations"]
    )
    assert rows(warehouse, "select count(*) from issues") == [(0,)]


def test_the_nights_of_the_object_count_each_label_once(
    load: Load, warehouse: Path, tmp_path: Path
) -> None:
    whole = json.loads(corpus_file(OBJECT).read_text(encoding="utf-8"))
    path = tmp_path / "project.json"
    path.write_text(json.dumps(whole), encoding="utf-8")
    [first] = load(str(path))
    assert first.row["documents_added"] == 8
    # The second night has only what was edited: other units come first, and ids begin anew.
    kept = [image for image in whole["images"] if image["id"] >= 4]
    labels = [label for label in whole["annotations"] if label["image_id"] >= 4]
    numbers = {image["id"]: number for number, image in enumerate(kept)}
    labels = [
        {**label, "id": number, "image_id": numbers[label["image_id"]]}
        for number, label in enumerate(labels)
    ]
    labels[0]["bbox"] = [1, 2, 3, 4]
    edited = {
        **whole,
        "images": [{**image, "id": numbers[image["id"]]} for image in kept],
        "annotations": labels[:-1],
    }
    path.write_text(json.dumps(edited), encoding="utf-8")
    [second] = load(str(path))
    assert (second.row["documents_added"], second.row["documents_removed"]) == (0, 0)
    assert rows(
        warehouse, "select count(*), count(distinct (document_id, image_key, label_id)) from labels"
    ) == [(63, 63)]
    changes = rows(warehouse, "select ingest_number, change, count(*) from label_changes group by all")
    assert sorted(changes) == [(1, "added", 64), (2, "changed", 1), (2, "removed", 1)]


@slow
def test_the_labels_are_those_of_the_list(load: Load, warehouse: Path) -> None:
    load(str(corpus_file(LIST)), project="list")
    load(str(corpus_file(OBJECT)), project="object")
    of_project = (
        "select image_key, label_id, category_name, bbox_x, bbox_y, bbox_w, bbox_h, area, polygons, "
        "rle_counts from labels where project = '{}' order by all"
    )
    labels = rows(warehouse, of_project.format("object"))
    assert len(labels) == 64
    assert labels == rows(warehouse, of_project.format("list"))


@slow
def test_positions_and_pointers_are_those_of_the_object(write: Write, load: Load, warehouse: Path) -> None:
    whole = joined(*UNITS)
    whole["annotations"][6]["area"] = "12.5"
    whole["annotations"][5]["bbox"] = [1, 2, 3]
    whole["images"][4]["width"] = -1
    load(write("all.json", whole))
    assert rows(
        warehouse,
        "select document_id, pointer from issues join documents using (document_key) order by all",
    ) == [
        (HASHES[1], "/annotations/6/area"),
        (HASHES[2], "/images/4/width"),
    ]
    assert rows(
        warehouse, "select document_id, pointer from quarantine join documents using (document_key)"
    ) == [(HASHES[1], "/annotations/5")]


def test_a_label_that_refers_to_no_image_is_in_the_first(write: Write, load: Load, warehouse: Path) -> None:
    whole = joined(*UNITS)
    whole["annotations"][7]["image_id"] = 99
    load(write("all.json", whole))
    assert rows(warehouse, QUERY)[0] == (HASHES[0], None, 1, 3)
    assert rows(warehouse, "select code, pointer from issues") == [
        ("DANGLING_REF", "/annotations/7/image_id")
    ]


@slow
@pytest.mark.parametrize("chunk_rows", [None, 2])
def test_the_export_has_the_units_as_a_list(
    write: Write, load: Load, warehouse: Path, chunk_rows: int | None
) -> None:
    whole = joined(*UNITS)
    load(write("all.json", whole))
    documents = exported(warehouse, chunk_rows=chunk_rows)
    assert [record for one in documents for record in one["images"]] == whole["images"]
    assert [record for one in documents for record in one["annotations"]] == whole["annotations"]
    assert [one["categories"] for one in documents] == [whole["categories"]] * 4
    assert [one["info"]["description"] for one in documents] == [row[1] for row in DOCUMENTS]


def test_names_that_are_no_uuids_name_no_data_units(write: Write, load: Load, warehouse: Path) -> None:
    load(write("all.json", joined(unit("a", 1), unit("b", 2))))
    assert rows(warehouse, QUERY) == [("a", "a.jpg", 2, 3)]


def test_a_unit_whose_only_label_is_bad_does_not_reject_the_others(
    write: Write, load: Load, warehouse: Path
) -> None:
    whole = joined(*UNITS)
    whole["annotations"][7]["bbox"] = [1, 2, 3]
    [report] = load(write("all.json", whole))
    assert (report.status, report.row["quarantined"]) == ("committed", 1)
    assert rows(warehouse, QUERY)[3] == (HASHES[3], None, 1, 0)


@slow
@pytest.mark.parametrize("names", [["a", "b"], HASHES[:2]])
def test_an_object_of_another_tool_is_one_document_whatever_its_file_names(
    write: Write, load: Load, warehouse: Path, names: list[str]
) -> None:
    document = plain(2)
    document["images"] = [
        {"id": number, "file_name": f"images/{name}.jpg", "width": 9, "height": 9}
        for number, name in enumerate(names)
    ]
    for number, label in enumerate(document["annotations"]):
        label["image_id"] = number
    load(write("coco.json", document))
    assert rows(warehouse, QUERY) == [("coco.json", None, 2, 2)]
    assert rows(warehouse, "select count(*) from labels where image_key is not null") == [(2,)]


@slow
@pytest.mark.parametrize("in_list", [False, True])
def test_an_image_group_in_a_list_stays_one_document(
    write: Write, load: Load, warehouse: Path, in_list: bool
) -> None:
    group = joined(unit(HASHES[0], 1), unit(HASHES[1], 1))
    load(write("group.json", [group] if in_list else group))
    assert len(rows(warehouse, QUERY)) == (1 if in_list else 2)


@slow
@pytest.mark.parametrize("order", ORDERS)
def test_several_processes_give_the_same(write: Write, load: Load, warehouse: Path, order: str) -> None:
    units = [video(f"{n:08x}-0000-4000-8000-{n:012x}", 40, 120) for n in range(60)]
    whole = joined(*units)
    path = write("all.json", {key: whole[key] for key in ORDERS[order]})
    assert Path(path).stat().st_size > 2_000_000
    load(path, project="one", jobs=1)
    labelhouse.ingest(warehouse, path, project="several", jobs=3)
    compared = (
        "select document_id, image_key, label_id, position, content_hash from labels where project = '{}' "
        "order by all"
    )
    labels = rows(warehouse, compared.format("one"))
    assert Counter(row[0] for row in labels) == {one["info"]["description"][:-4]: 120 for one in units}
    assert labels == rows(warehouse, compared.format("several"))
    [fingerprints] = rows(
        warehouse,
        "select count(distinct fingerprint), count(distinct document_id), count(*) from documents",
    )
    assert fingerprints == (60, 60, 120)
