"""What other tools than Encord write: each kind as the corpus has it and varied, by both readers."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.querying.check import check
from labelhouse.reason_codes import ReasonCode

from tests.cases.dialects import CAR, VARIANTS, document, images, label
from tests.ingestion.test_corpus_tables import assert_same, stored_rows
from tests.reference.independent import TABLES, tables_of
from tests.reference.round_trip import difference, exported
from tests.support.aliases import Load, Rows, Write
from tests.support.corpus import FOLDER, ROOT, corpus_file
from tests.support.ingesting import ingest
from tests.support.reports import error_of
from tests.support.sets import choose, slow, some
from tests.texts.test_url_secrets import IN_QUERIES, SECRET_PARAMETERS

READERS = ("bulk", "ijson")
FILES = (
    "02b_category_text_vs_int.json",
    "03_image_ids_are_file_stems.json",
    "04_camera_traps_string_and_uuid_ids.json",
    "04b_only_annotation_ids_are_uuids.json",
    "08_flat_ring_undefined_category.json",
    "09_segmentation_empty_ring.json",
    "13_cvat_box_tracks.json",
    "16_tao.json",
    "18_panoptic.json",
    "19_captions_and_boxes.json",
    "20_lvis_no_file_name.json",
    "22_rotated_bbox_five_numbers.json",
    "24_normalised_bbox.json",
    "26_windows_paths.json",
    "27_label_studio_url_file_names.json",
    "27b_file_name_query_without_scheme.json",
    "28_iscrowd_forms.json",
    "30_attributes_as_lists.json",
    "31_top_level_attributes.json",
    "32_keypoints_pairs_flat.json",
    "33_wholebody.json",
    "33b_float_visibility.json",
    "38_null_sections.json",
)


@dataclass(frozen=True)
class Loaded:
    """A warehouse a reader, with all files; a document has the name of its file."""

    connections: Mapping[str, duckdb.DuckDBPyConnection]
    warehouses: Mapping[str, Path]
    folder: Path

    def rows(self, name: str, sql: str) -> Rows:
        """Return the rows of a query for a file's document, which are the same from both readers."""
        if not (self.folder / name).exists():
            corpus_file("dialects")
        both = [self.connections[reader].execute(sql, {"name": name}).fetchall() for reader in READERS]
        assert both[0] == both[1]
        return both[0]

    def column(self, name: str, columns: str, table: str = "labels") -> Rows:
        """Return columns of a file's records, in their order."""
        return self.rows(name, f"select {columns} from {table} where document_id = $name order by position")

    def issues(self, name: str) -> Rows:
        """Return pointer and code of each issue of a file."""
        return self.rows(
            name,
            "select pointer, code from issues join documents using (document_key) "
            "where document_id = $name order by all",
        )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("dialects")
    for name in FILES if FOLDER.is_dir() else ():
        (folder / name).write_bytes(corpus_file(f"dialects/{name}").read_bytes())
    for name, value in VARIANTS.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    warehouses = {reader: tmp_path_factory.mktemp("w") / reader for reader in READERS}
    for reader, warehouse in warehouses.items():
        reports = list(ingest(warehouse, [str(folder)], IngestOptions(jobs=1, full=True, reader=reader)))
        assert [str(report.error) for report in reports if report.error] == []
        assert {(report.status, report.row["quarantined"]) for report in reports} == {("committed", 0)}
        refresh_marts(warehouse)
    connections = {reader: connect(warehouse) for reader, warehouse in warehouses.items()}
    yield Loaded(connections, warehouses, folder)
    for connection in connections.values():
        connection.close()


@slow
def test_both_readers_store_the_same(loaded: Loaded) -> None:
    one, other = (loaded.connections[reader] for reader in READERS)
    for table in ("documents", "images", "categories", "annotations", "keypoints", "attributes", "issues"):
        sql = f"select * from {table} order by all"
        hidden = {"ingest_id": None}
        columns = [c for (c, *_) in one.execute(f"describe {table}").fetchall() if c not in hidden]
        sql = f"select {', '.join(columns)} from {table} order by all"
        assert one.execute(sql).fetchall() == other.execute(sql).fetchall(), table


@pytest.mark.parametrize("reader", some(READERS))
def test_the_tables_are_those_of_the_independent_reader(loaded: Loaded, reader: str) -> None:
    connection = loaded.connections[reader]
    documents = "select document_key, source, position from documents"
    places = {key: (Path(source).name, n) for key, source, n in connection.execute(documents).fetchall()}
    stored: dict[str, dict[str, Rows]] = {}
    for table in TABLES:
        for key, *values in stored_rows(connection, table):
            name, position = places[key]
            of_file = stored.setdefault(name, {table: [] for table in TABLES})
            of_file[table].append((position, *values))
    # It has no rule for texts among the numbers of a ring; other tests say what becomes of them.
    skipped = {"rings.json", "rings_of_points.json", "rings_of_points_alone.json"}
    compared = 0
    for name in {name for name, _ in places.values()} - skipped:
        assert_same(tables_of(loaded.folder / name), stored[name])
        compared += 1
    assert compared >= len(VARIANTS) - len(skipped)


@pytest.mark.parametrize("name", [*FILES, *VARIANTS])
def test_an_export_gives_the_document_back(loaded: Loaded, name: str) -> None:
    if name in FILES:
        corpus_file("dialects")
    value = json.loads((loaded.folder / name).read_text())
    documents = deepcopy(value if isinstance(value, list) else [value])
    if name == "24_normalised_bbox.json":
        documents[0]["images"][0]["absolute_url"] = "https://acct.blob.example.net/c/a.jpg"
    if name == "urls.json":
        documents[0]["images"][0]["coco_url"] = "https://h.example.org/a/1.jpg"
    if name == "names.json":
        for image, cut in zip(
            documents[0]["images"],
            ("https://h/?d=1.jpg", "https://h/?d=2.jpg", "images/5f3a.jpg"),
            strict=False,
        ):
            image["file_name"] = cut
    ids = [name] if isinstance(value, dict) else [f"{name}#{n + 1}" for n in range(len(documents))]
    for reader in READERS[: choose(1, 2, 2)]:
        assert difference(documents, exported(loaded.warehouses[reader], documents=ids)) is None


def test_an_image_without_a_name_has_the_path_of_its_url_as_key(loaded: Loaded) -> None:
    columns = "image_key, file_name, coco_url, data_hash"
    assert loaded.rows(
        "20_lvis_no_file_name.json",
        f"select {columns} from images join documents using (document_key) where document_id = $name "
        "order by images.position",
    ) == [
        (
            f"train2017/00000000000{n}.jpg",
            None,
            f"http://images.example.org/train2017/00000000000{n}.jpg",
            None,
        )
        for n in (1, 2, 3)
    ]
    assert loaded.column("20_lvis_no_file_name.json", "image_key, label_id, category_name") == [
        ("train2017/000000000001.jpg", "#1", "car"),
        ("train2017/000000000002.jpg", "#2", "aerosol_can"),
        ("train2017/000000000003.jpg", "#3", "car"),
    ]


IMAGES = (
    "select image_key, images.file_name from images join documents using (document_key) "
    "where document_id = $name order by images.position"
)


def test_images_without_a_name_keep_apart_by_their_path(loaded: Loaded) -> None:
    assert loaded.rows("urls.json", IMAGES) == [
        ("a/1.jpg", None),
        ("b/1.jpg", None),
        ("bucket/c/1.jpg", ""),
        ("own.jpg", "own.jpg"),
        (None, None),
    ]


def test_a_query_that_names_the_file_is_part_of_name_and_key(loaded: Loaded) -> None:
    for name, head in (
        ("27_label_studio_url_file_names.json", "http://localhost:8080"),
        ("27b_file_name_query_without_scheme.json", ""),
    ):
        wanted = [f"{head}/data/local-files/?d=set1/000{n}.jpg" for n in range(3)]
        assert loaded.rows(name, IMAGES) == [(one, one) for one in wanted]
        assert loaded.column(name, "image_key, label_id") == [
            (one, f"#{n}") for n, one in enumerate(wanted)
        ]
        assert loaded.issues(name) == []


def test_what_is_cut_from_a_name_is_an_issue_of_its_image(loaded: Loaded) -> None:
    assert loaded.rows("names.json", IMAGES) == [
        ("https://h/?d=1.jpg", "https://h/?d=1.jpg"),
        ("https://h/?d=2.jpg", "https://h/?d=2.jpg"),
        ("5f3a", "images/5f3a.jpg"),
        ("https://h/view.php?id=3", "https://h/view.php?id=3"),
        ("https://h/view.php?id=4", "https://h/view.php?id=4"),
        ("7", "7"),
    ]
    assert loaded.issues("names.json") == [
        ("/images/0/file_name", "SECRET_CUT"),
        ("/images/1/file_name", "SECRET_CUT"),
        ("/images/2/file_name", "SECRET_CUT"),
        ("/images/5/file_name", "COERCED"),
    ]


def test_no_known_secret_parameter_of_a_name_is_written_anywhere(
    write: Write, load: Load, warehouse: Path
) -> None:
    names = [
        f"https://h.example.org/{number}/" + query.format(parameter)
        for number, parameter in enumerate(SECRET_PARAMETERS)
        for query in IN_QUERIES
    ]
    value = images(
        *({"file_name": name, "id": name} for name in names),
        *({"file_name": name, "id": None} for name in names),
    )
    value["annotations"] = [
        {"id": name, "image_id": name, "category_id": name, "track_id": name, "video_id": name}
        for name in names
    ]
    # The second half has no id: these records go to quarantine, with their text.
    for reader in READERS:
        [report] = load(write(f"{reader}.json", value), reader=reader, max_bad=1.0, again=True)
        assert (report.row["image_count"], report.row["quarantined"]) == (len(names), len(names))
    files = [path for path in warehouse.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if b"LEAKCANARY" in path.read_bytes()] == []
    with connect(warehouse) as connection:
        # Of each image its name and its id, of each label its id.
        cut = (
            "select ingest_number, count(*) from issues join ingests using (ingest_id) "
            "where code = 'SECRET_CUT' group by all order by all"
        )
        assert connection.execute(cut).fetchall() == [(number, 3 * len(names)) for number in (1, 2)]
        for table in ("images", "annotations", "quarantine", "issues", "documents", "label_changes"):
            assert "LEAKCANARY" not in str(connection.execute(f"from {table}").fetchall())


def test_null_sections_are_empty(loaded: Loaded) -> None:
    counts = "select image_count, annotation_count, sections from documents where document_id = $name"
    assert loaded.rows("38_null_sections.json", counts) == [(1, 0, "images")]
    assert loaded.rows("38_null_sections.json", IMAGES) == [("a_1.jpg", "a_1.jpg")]
    assert loaded.issues("38_null_sections.json") == [("", "MISSING_SECTION")] * 2
    assert loaded.rows("no_annotations.json", counts) == [(0, 0, "")]
    assert loaded.issues("no_annotations.json") == [("", "MISSING_SECTION")] * 3
    assert loaded.rows("null_images.json", counts.replace("= $name", "= concat($name, '#1')")) == [
        (0, 0, "categories,annotations")
    ]


BOX = "bbox_x, bbox_y, bbox_w, bbox_h, rotation"


def test_five_numbers_are_centre_size_and_angle(loaded: Loaded) -> None:
    name = "22_rotated_bbox_five_numbers.json"
    assert loaded.column(name, f"{BOX}, area") == [(80.5, 80.2, 40.0, 20.0, -35.0, 800.0)] * 3
    assert loaded.issues(name) == [(f"/annotations/{n}/bbox", "COERCED") for n in range(3)]


def test_an_angle_fills_the_rotation_that_a_label_lacks(loaded: Loaded) -> None:
    assert loaded.column("turned.json", BOX) == [
        (8.0, 19.0, 4.0, 2.0, 90.0),
        (9.0, 20.0, 3.0, 1.0, 7.0),
        (1.0, 2.0, 3.0, 4.0, 30.0),
        (1.0, 2.0, 3.0, 4.0, -30.5),
        (1.0, 2.0, 3.0, 4.0, 45.0),
        (1.0, 2.0, 3.0, 4.0, 5.0),
        (1.0, 2.0, 3.0, 4.0, 5.5),
        (1.0, 2.0, 3.0, 4.0, 8.0),
        (8.0, 21.0, 4.0, -2.0, 0.0),
        (1.0, 2.0, 3.0, 4.0, 3.0),
    ]
    assert loaded.issues("turned.json") == [
        ("/annotations/0/bbox", "COERCED"),
        ("/annotations/1/bbox", "COERCED"),
        ("/annotations/7/attributes/rotation", "COERCED"),
        ("/annotations/8/bbox", "BAD_VALUE"),
        ("/annotations/8/bbox", "COERCED"),
        ("/annotations/8/bbox", "COERCED"),
    ]


@slow
def test_a_turned_label_changes_with_its_angle(write: Write, load: Load, warehouse: Path) -> None:
    for angle in (10, 20):
        load(
            write("a.json", document(label(bbox=[10, 20, 4, 2, angle]), label(bbox=[1, 2, 3, 4], angle=5)))
        )
    with connect(warehouse) as connection:
        sql = "select label_id, change, fields from label_changes where change = 'changed'"
        assert connection.execute(sql).fetchall() == [("#0", "changed", ["rotation", "extra"])]


@slow
@pytest.mark.parametrize("reader", READERS)
def test_encord_writes_no_five_numbers(write: Write, load: Load, warehouse: Path, reader: str) -> None:
    attributes = {"encord_track_uuid": "u1", "track_id": 1}
    value = document(label(bbox=[1, 2, 3, 4, 5], attributes=attributes), label(bbox=[1, 2, 3, 4]))
    [report] = load(write("a.json", value), reader=reader)
    assert (report.row["annotation_count"], report.row["quarantined"]) == (1, 1)


def test_odd_flags_visibilities_and_sizes_are_stored_with_an_issue(loaded: Loaded) -> None:
    assert loaded.column("28_iscrowd_forms.json", "iscrowd") == [
        (1,),
        (0,),
        (0,),
        (None,),
        (0,),
        (None,),
        (2,),
    ]
    assert ("/annotations/6/iscrowd", "BAD_VALUE") in loaded.issues("28_iscrowd_forms.json")
    assert loaded.column("flags.json", "iscrowd") == [(-1,), (0,), (1,), (2,), (None,), (1,)]
    assert loaded.issues("flags.json") == [
        ("/annotations/0/iscrowd", "BAD_VALUE"),
        ("/annotations/3/iscrowd", "BAD_VALUE"),
        ("/images/0/height", "BAD_VALUE"),
        ("/images/0/width", "BAD_VALUE"),
    ]
    name = "33b_float_visibility.json"
    assert loaded.issues(name) == [("/annotations/0/keypoints", "BAD_VALUE")]
    points = (
        "select x, y, visibility from keypoints join documents using (document_key) "
        "where document_id = $name order by keypoint_index"
    )
    assert loaded.rows(name, points) == [
        (10.0, 20.0, 0.104),
        (30.0, 40.0, 0.9),
        (5.0, 5.0, 2.0),
        (7.0, 7.0, 1.0),
        (0.0, 0.0, 0.0),
        (9.0, 9.0, -1.0),
    ]
    counts = (
        "select keypoint_name, keypoint_count, unlabelled_count, hidden_count, visible_count "
        "from mart_keypoint_visibility join documents using (document_key) "
        "where document_id = $name order by keypoint_index"
    )
    assert loaded.rows(name, counts) == [
        ("a", 1, 0, 1, 0),
        ("b", 1, 0, 1, 0),
        ("c", 1, 0, 0, 1),
        ("d", 1, 0, 1, 0),
        ("e", 1, 1, 0, 0),
        ("f", 1, 1, 0, 0),
    ]


def test_a_ring_without_points_is_no_polygon(loaded: Loaded) -> None:
    shape = "segmentation_kind, polygons"
    square = [1.0, 1.0, 6.0, 1.0, 6.0, 6.0]
    name = "09_segmentation_empty_ring.json"
    assert loaded.column(name, shape) == [("none", []), ("polygon", [square])]
    assert loaded.issues(name) == [(f"/annotations/{n}/segmentation", "BAD_ARITY") for n in (0, 1)]
    assert loaded.column("rings.json", shape) == [
        ("none", []),
        ("none", []),
        ("polygon", [square, [2.0, 2.0, 3.0, 2.0, 3.0, 3.0]]),
        ("none", []),
        ("none", None),
        ("none", None),
        ("polygon", [square]),
        ("polygon", [square]),
        ("rle", None),
    ]
    assert loaded.issues("rings.json") == [
        ("/annotations/0/segmentation", "BAD_ARITY"),
        ("/annotations/1/segmentation", "BAD_ARITY"),
        ("/annotations/2/segmentation", "BAD_ARITY"),
        ("/annotations/6/segmentation", "BAD_ARITY"),
        ("/annotations/6/segmentation", "COERCED"),
    ]


def test_points_in_lists_of_their_own_are_one_ring(loaded: Loaded) -> None:
    square = [1.0, 1.0, 6.0, 1.0, 6.0, 6.0]
    name = "rings_of_points.json"
    assert loaded.column(name, "polygons") == [
        ([square],),
        ([square, [2.0, 2.0, 3.0, 2.0, 3.5, 3.0]],),
        ([[1.0, 1.0]],),
        ([[1.0, 1.0], [6.0, 1.0, 6.0, 6.0, 1.0, 6.0]],),
        ([[1.0, 1.0, 6.0, 1.0]],),
        ([square, [2.0, 2.0, 3.0, 2.0, 3.0, 3.0]],),
    ]
    assert loaded.issues(name) == [(f"/annotations/{n}/segmentation", "COERCED") for n in (0, 1, 4, 5)]
    name = "rings_of_points_alone.json"
    assert loaded.column(name, "polygons") == [([[1.5, 1.0, 6.0, 1.0, 6.0, 6.0]],), ([square],)]
    assert loaded.issues(name) == [
        ("/annotations/0/segmentation", "BAD_ARITY"),
        ("/annotations/0/segmentation", "COERCED"),
    ]


ANSWERS = (
    "select annotation_position, name, origin, value, value_type from attributes "
    "join documents using (document_key) where document_id = $name order by all"
)


def test_lists_of_attributes_are_attributes(loaded: Loaded) -> None:
    assert loaded.rows("30_attributes_as_lists.json", ANSWERS) == [
        (0, "attributes", "attribute", "parked", "string"),
        (0, "attributes", "attribute", "red", "string"),
        (1, "colour", "attribute", "red", "string"),
        (1, "state", "attribute", "parked", "string"),
        (3, "colour", "attribute", "red", "string"),
        (3, "count", "attribute", "3", "string"),
        (3, "tags", "attribute", '["a","b"]', "json"),
    ]
    assert loaded.issues("30_attributes_as_lists.json") == [
        (f"/annotations/{n}/attributes", "WRONG_TYPE") for n in (0, 1)
    ]
    assert loaded.rows("lists.json", ANSWERS) == [
        (0, "a", "attribute", "1", "number"),
        (0, "attributes", "attribute", "3", "number"),
        (0, "attributes", "attribute", "red", "string"),
        (0, "attributes", "attribute", "true", "boolean"),
        (0, "attributes", "attribute", None, "null"),
        (0, "b", "attribute", "[2]", "json"),
        (0, "k", "attribute", "v", "string"),
        (1, "n", "attribute", "2", "number"),
        (1, "n", "attribute", None, "null"),
        (3, "attributes", "attribute", '["nested"]', "json"),
        (4, "plain", "attribute", "x", "string"),
    ]


EXTRA = (
    "select section, position, image_key, label_id, category_name, key, value, value_type, value_number "
    "from extra_values where document_id = $name order by section, position, key"
)


def test_every_key_without_a_column_is_a_row(loaded: Loaded) -> None:
    at = ("annotations", 0, "a_1.jpg", "#1", "car")
    assert loaded.rows("31_top_level_attributes.json", EXTRA) == [
        (*at, "confidence", "0.7", "number", 0.7),
        (*at, "occluded", "true", "boolean", None),
        (*at, "reviewer", "x", "string", None),
        (*at, "tags", '["a"]', "json", None),
        (*at, "truncated", "0", "number", 0.0),
        (*at, "visibility", "2", "number", 2.0),
    ]
    nulls = loaded.rows("38_null_sections.json", EXTRA)
    assert [(row[0], *row[5:]) for row in nulls] == [
        ("documents", key, None, "null", None) for key in ("annotations", "categories", "info", "licenses")
    ]
    sections = {row[0] for row in loaded.rows("20_lvis_no_file_name.json", EXTRA)}
    assert sections == {"documents", "images", "categories"}


def test_the_examples_of_the_page_run(loaded: Loaded) -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    confidence, feet = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    corpus_file("dialects")
    for reader in READERS:
        connection = loaded.connections[reader]
        assert connection.execute(confidence).fetchall() == [("31_top_level_attributes.json", "#1", 0.7)]
        assert connection.execute(feet).fetchall() == [("33_wholebody.json", "#1", 6)]


POINTS = (
    "select annotation_position, x, y, visibility from keypoints join documents using (document_key) "
    "where document_id = $name order by annotation_position, keypoint_index"
)


def test_pairs_are_points_of_unknown_visibility(loaded: Loaded) -> None:
    name = "32_keypoints_pairs_flat.json"
    assert loaded.rows(name, POINTS) == [(0, 20.0 * n + 10, 20.0 * n + 20, None) for n in range(6)]
    assert loaded.issues(name) == [("/annotations/0/keypoints", "COERCED")]
    assert loaded.rows("points.json", POINTS) == [
        *((0, 1.0, 2.0, None), (0, 3.0, 4.0, None)),
        *((1, 1.0, 2.0, None), (1, 3.0, 4.0, None), (1, 5.0, 6.0, None), (1, 7.0, 8.0, None)),
        *((2, 1.0, 2.0, 2.0), (2, 3.0, 4.0, 1.0), (2, 5.0, 6.0, 0.0), (2, 7.0, 8.0, 2.0)),
        *((3, 1.0, 2.0, 3.0), (3, 4.0, 5.0, 6.0)),
        *((4, 1.0, 2.0, 0.5), (4, 3.0, 4.0, 7.0), (4, 5.0, 6.0, -1.0), (4, 7.0, 8.0, 2.0)),
        *((7, 1.0, 2.0, None), (7, 3.0, 4.0, None)),
    ]


def test_a_label_has_as_many_keypoints_as_its_category_joints(loaded: Loaded) -> None:
    assert loaded.issues("points.json") == [
        ("/annotations/0/keypoints", "BAD_ARITY"),
        ("/annotations/0/keypoints", "COERCED"),
        ("/annotations/1/keypoints", "COERCED"),
        ("/annotations/3/keypoints", "BAD_ARITY"),
        ("/annotations/3/keypoints", "BAD_VALUE"),
        ("/annotations/4/keypoints", "BAD_VALUE"),
        ("/annotations/7/keypoints", "BAD_ARITY"),
        ("/annotations/7/keypoints", "COERCED"),
        ("/annotations/7/keypoints", "WRONG_TYPE"),
    ]
    messages = (
        "select message from issues join documents using (document_key) "
        "where document_id = $name and code = 'BAD_ARITY' order by issues.position"
    )
    assert loaded.rows("pairs_of_three.json", messages) == [
        ("keypoints: 2, but the category has 3 joints; perhaps x, y pairs, which are read as triplets",)
    ]
    assert loaded.rows("points.json", messages)[0] == ("keypoints: 2, but the category has 4 joints",)


def test_segments_count_by_class(loaded: Loaded) -> None:
    name = "18_panoptic.json"
    segments = (
        "select image_key, annotation_position, segment_index, segment_id, category_name, supercategory, "
        "bbox_x, bbox_y, bbox_w, bbox_h, area, iscrowd from segments where document_id = $name order by all"
    )
    first = ("000000000139.jpg", 0)
    assert loaded.rows(name, segments) == [
        (*first, 0, 3226956, "person", "person", 413.0, 158.0, 53.0, 138.0, 2840.0, 0),
        (*first, 1, 6979964, "tree-merged", "plant", 0.0, 100.0, 640.0, 200.0, 101000.0, 0),
        ("000000000285.jpg", 1, 0, 9, "person", "person", 1.0, 2.0, 3.0, 4.0, 12.0, 1),
    ]
    classes = (
        "select category_name, label_count, mart_class_balance.image_count from mart_class_balance "
        "join documents using (document_key) where document_id = $name order by all"
    )
    assert loaded.rows(name, classes) == [("person", 2, 2), ("tree-merged", 1, 1)]
    assert loaded.rows("segments.json", classes) == [("car", 2, 1), (None, 1, 1)]
    assert [row[2:5] for row in loaded.rows("segments.json", segments)] == [
        (0, None, "car"),
        (1, None, None),
    ]


def test_captions_are_texts_and_no_labels(loaded: Loaded) -> None:
    name = "19_captions_and_boxes.json"
    assert loaded.column(name, "caption, category_name, bbox_w") == [
        ("A car on a street.", None, None),
        (None, "car", 30.0),
    ]
    coverage = (
        "select mart.image_count, labelled_image_count, label_count from mart_image_coverage as mart "
        "join documents using (document_key) where document_id = $name"
    )
    assert loaded.rows(name, coverage) == [(1, 1, 1)]
    assert loaded.rows("captions.json", coverage) == [(1, 0, 0)]
    assert loaded.column("captions.json", "caption") == [("a",), ("b",)]


@slow
def test_checks_name_shares_and_expect_no_box_of_captions_and_segments(loaded: Loaded) -> None:
    corpus_file("dialects")
    for reader in READERS:
        failing: dict[str, set[str]] = {}
        for one in check(loaded.warehouses[reader]):
            assert one.error is None
            for row in one.rows:
                failing.setdefault(one.name, set()).add(str(row[1]))
        assert failing["normalised_boxes"] == {"24_normalised_bbox.json"}
        texts = {"18_panoptic.json", "19_captions_and_boxes.json", "captions.json", "segments.json"}
        for name in ("degenerate_boxes", "undefined_categories"):
            assert failing.get(name, set()).isdisjoint(texts), name
        assert not any(name.startswith("integrity") for name in failing)


def test_only_labels_lack_an_id_or_a_category(loaded: Loaded) -> None:
    def missing(name: str) -> Rows:
        return [(pointer,) for pointer, code in loaded.issues(name) if code == "MISSING_FIELD"]

    assert missing("captions.json") == missing("segments_of_texts.json") == []
    assert missing("18_panoptic.json") == missing("19_captions_and_boxes.json") == []
    assert missing("captions_beside_labels.json") == [
        (f"/annotations/{n}/category_id",) for n in (1, 2, 3, 4, 5)
    ]


def test_segments_have_classes_whose_ids_are_texts(loaded: Loaded) -> None:
    segments = (
        "select annotation_position, segment_index, segment_id, category_name, area from segments "
        "where document_id = $name order by all"
    )
    name = "segments_of_texts.json"
    names = [(0, 0, 1, "Sky", 2.0), (0, 1, None, "Bond", None)]
    others = [(1, index, None, name, None) for index, name in enumerate(["Seven"] * 2 + [None] * 4)]
    assert loaded.rows(name, segments) == names + others
    classes = (
        "select category_name, label_count from mart_class_balance "
        "join documents using (document_key) where document_id = $name order by all"
    )
    assert loaded.rows(name, classes) == [("Bond", 1), ("Seven", 2), ("Sky", 1), (None, 4)]


def test_a_track_id_of_another_type_names_no_track(loaded: Loaded) -> None:
    name = "odd_tracks.json"
    texts = [(None, None)] * 4 + [(2, None), (3, None)] + [(None, None)] * 2
    tracks = loaded.column(name, "if(track_id_text is null, track_id, null), track_id_text")
    assert tracks == [*texts, (None, "t"), (4, None), (6, None)]
    assert loaded.issues(name) == [
        ("/annotations/0/track_id", "WRONG_TYPE"),
        ("/annotations/1/track_id", "WRONG_TYPE"),
        ("/annotations/10/track_id", "WRONG_TYPE"),
        ("/annotations/2/track_id", "WRONG_TYPE"),
        ("/annotations/3/track_id", "WRONG_TYPE"),
        ("/annotations/4/track_id", "COERCED"),
        ("/annotations/5/track_id", "COERCED"),
        ("/annotations/9/track_id", "WRONG_TYPE"),
    ]


def test_ids_that_are_addresses_keep_what_tells_them_apart(loaded: Loaded) -> None:
    name = "ids_of_urls.json"
    assert loaded.column(name, "file_name, image_id_text, label_id, category_name") == [
        ("2.jpg", "http://h/?d=set/2.jpg", "#https://h/0?d=0", "car"),
        ("1.jpg", "http://h/?d=set/1.jpg", "#https://h/1?d=1", "car"),
        ("3.jpg", "see https://h/3.jpg", "#https://h/2?d=2", "car"),
        ("4.jpg", "", "#https://h/3?d=3", "car"),
    ]
    assert loaded.issues(name) == []


def test_windows_paths_flat_rings_and_numeric_texts_stay_as_they_are(loaded: Loaded) -> None:
    names = ["train\\cats\\a.jpg", "D:\\data\\b.jpg"]
    assert loaded.rows("26_windows_paths.json", IMAGES) == [(name, name) for name in names]
    assert loaded.issues("26_windows_paths.json") == []
    name = "08_flat_ring_undefined_category.json"
    ring = [154.0, 107.0, 1048.0, 107.0, 1048.0, 539.0, 154.0, 539.0]
    assert loaded.column(name, "polygons, category_id, category_name") == [([ring], 1, None)]
    assert loaded.issues(name) == [
        ("/annotations/0/category_id", "DANGLING_REF"),
        ("/annotations/0/segmentation", "COERCED"),
    ]
    name = "02b_category_text_vs_int.json"
    assert loaded.column(name, "category_id, category_name, iscrowd") == [(0, "plate", 0)]
    assert loaded.issues(name) == [
        ("/annotations/0/category_id", "COERCED"),
        ("/annotations/0/iscrowd", "COERCED"),
    ]


@pytest.mark.parametrize("reader", READERS)
def test_an_index_of_pycocotools_is_refused(load: Load, reader: str) -> None:
    [report] = load(str(corpus_file("dialects/40_sections_keyed_by_id.json")), reader=reader)
    assert error_of(report).code is ReasonCode.NOT_AN_EXPORT


LABEL_STUDIO = {"id": 7, "data": {"image": "/a.jpg"}, "predictions": []}
OTHER_TOOLS: Mapping[str, tuple[Any, str]] = {
    "Label Studio": (
        [LABEL_STUDIO | {"annotations": [{"id": 1, "result": []}]}],
        "Label Studio's own JSON, not COCO at /0; export as COCO JSON",
    ),
    "Label Studio without labels": (
        [LABEL_STUDIO | {"annotations": []}],
        "Label Studio's own JSON, not COCO at /0; export as COCO JSON",
    ),
    "V7": (
        {"version": "2.0", "item": {"name": "a.jpg"}, "annotations": [{"id": "c", "name": "car"}]},
        "V7's Darwin JSON, not COCO; export as COCO JSON",
    ),
    "CreateML": (
        [{"image": "a.jpg", "annotations": [{"label": "car", "coordinates": {"x": 1}}]}],
        "CreateML JSON, not COCO at /0; export as COCO JSON",
    ),
    "Detectron2": (
        [
            {"file_name": "a.jpg", "image_id": 1, "height": 4, "width": 4, "annotations": annotations}
            for annotations in ([], [{"bbox": [1, 2, 3, 4], "bbox_mode": 0, "category_id": 0}])
        ],
        "dataset dicts of Detectron2, not COCO at /0; load the COCO file that it was made of",
    ),
    "LabelMe": (
        {"version": "5.4", "flags": {}, "shapes": [], "imagePath": "a.jpg"},
        "a file of LabelMe, not COCO; convert the files to one COCO file",
    ),
    "VIA": (
        {"a.jpg123": {"filename": "a.jpg", "size": 123, "regions": []}},
        "VIA's own JSON, not COCO; export as COCO JSON",
    ),
    "a list of others behind COCO": (
        [{"images": [], "annotations": [], "categories": []}, {"shapes": [], "imagePath": "a.jpg"}],
        "a file of LabelMe, not COCO at /1; convert the files to one COCO file",
    ),
    "another tool": (
        {"frames": [], "annotations": [{"label": "car"}]},
        "1 of 1 annotations cannot be stored, the first for image_id: missing at /annotations/0; "
        "mend the export",
    ),
}


@pytest.mark.parametrize("reader", some(READERS))
@pytest.mark.parametrize("case", some(OTHER_TOOLS, 3))
def test_the_json_of_another_tool_is_named_with_what_to_do(
    case: str, write: Write, load: Load, reader: str
) -> None:
    value, message = OTHER_TOOLS[case]
    [report] = load(write("a.json", value), reader=reader)
    assert str(error_of(report)).partition("a.json: ")[2] == message


def test_what_has_images_is_coco_whatever_else_it_has(write: Write, load: Load) -> None:
    [report] = load(write("a.json", {"images": [], **LABEL_STUDIO, "annotations": []}))
    assert report.status == "committed"


VIDEO = {"id": 1, "width": 4, "height": 4, "length": 2, "file_names": ["v/0.jpg", "v/1.jpg"]}
OBJECT = {"id": 1, "video_id": 1, "category_id": 1, "bboxes": [[1, 2, 3, 4], None]}


@pytest.mark.parametrize("reader", some(READERS))
@pytest.mark.parametrize(
    "value",
    some(
        [
            {"videos": [VIDEO], "annotations": [OBJECT], "categories": [CAR]},
            {"annotations": [OBJECT], "categories": [CAR]},
            {"videos": [VIDEO], "annotations": None, "categories": [CAR]},
            {"videos": [VIDEO], "categories": [CAR]},
            {
                "images": [],
                "videos": [VIDEO],
                "annotations": [OBJECT | {"image_id": None}],
                "categories": [CAR],
            },
            [{"videos": [VIDEO], "annotations": [OBJECT], "categories": [CAR]}],
        ],
        2,
    ),
)
def test_youtube_vis_is_named(write: Write, load: Load, value: Any, reader: str) -> None:
    [report] = load(write("a.json", value), reader=reader)
    error = error_of(report)
    assert error.code is ReasonCode.YOUTUBE_VIS
    assert "YouTube-VIS" in str(error)
    assert str(error).endswith(
        "convert it to an image a frame and an annotation a box; docs/formats.md has a script"
    )


@slow
def test_the_script_of_the_page_converts_youtube_vis(load: Load, warehouse: Path, tmp_path: Path) -> None:
    source = corpus_file("dialects/15_youtube_vis.json")
    for reader in READERS:
        assert error_of(load(str(source), reader=reader)[0]).code is ReasonCode.YOUTUBE_VIS
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    [script] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    done = tmp_path / "coco.json"
    subprocess.run([sys.executable, "-c", script, str(source), str(done)], check=True)
    [report] = load(str(done))
    row = report.row
    assert (row["image_count"], row["annotation_count"], row["quarantined"]) == (3, 6, 0)
    with connect(warehouse) as connection:
        sql = (
            "select image_key, track_id, category_name, bbox_x, segmentation_kind from labels order by all"
        )
        assert connection.execute(sql).fetchall() == [
            (f"v1/{frame}.jpg", track, name, x, "rle")
            for frame, x in (("00000", 1.0), ("00010", 2.0))
            for track, name in ((1, "person"), (2, "dog"), (3, "person"))
        ]
