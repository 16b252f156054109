"""labelhouse export: documents come back as they came."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelhouse import connect
from labelhouse.cli.app import app
from labelhouse.errors import QueryError, UsageError, WarehouseError
from labelhouse.exporting.document_chunks import DocumentChunk
from labelhouse.exporting.run import ExportOptions, export
from labelhouse.exporting.sink import export_file
from labelhouse.ingestion.run import IngestOptions
from typer.testing import CliRunner, Result

from tests.reference.round_trip import difference, expected, exported, exported_bytes
from tests.support.aliases import Load, Record, Write
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest
from tests.support.sets import rounds, slow, some


def twice(write: Write, load: Load, warehouse: Path) -> tuple[list[Record], list[Record]]:
    """Load two nights; return what each loaded."""
    first = [unit("a"), unit("b", labels=2)]
    second = [unit("a"), unit("b", labels=2, shift=0.5), unit("c", labels=1)]
    load(write("night.json", first))
    load(write("night.json", second))
    return first, second


@slow
def test_a_list_comes_back_in_its_order_with_what_changed_in_its_place(
    write: Write, load: Load, warehouse: Path
) -> None:
    first, second = twice(write, load, warehouse)
    assert exported(warehouse) == second
    with connect(warehouse) as connection:
        [(snapshot,)] = connection.execute("select max(snapshot_id) - 1 from lake.snapshots()").fetchall()
    assert exported(warehouse, as_of=str(snapshot)) == first
    assert exported(warehouse, as_of="ingest:1") == first


ODDITIES = [
    {"id": 1, "image_id": 7, "category_id": 3, "bbox": None, "area": None, "segmentation": None},
    {"id": 2, "image_id": 7, "category_id": None, "bbox": [], "keypoints": [], "num_keypoints": None},
    {"image_id": 7, "segmentation": [], "iscrowd": True, "attributes": {}},
    {"id": "4", "image_id": "7", "category_id": "3", "bbox": ["1", 2, 3.5, 4], "attributes": None},
    {"id": 5, "image_id": 7, "segmentation": [1, 2, 3, 4, 5, 6], "keypoints": [[1, 2, 2], [3, 4]]},
    {"id": 6, "image_id": 7, "keypoints": [1, 2, None, 4.5, 5, 0]},
    {"id": 7, "image_id": 7, "segmentation": {"size": [2, 3], "counts": [1, 2, 3]}, "iscrowd": 1},
    {"id": 8, "image_id": 7, "segmentation": {"size": [2, 3], "counts": "[1,2]"}, "iscrowd": 1},
    {"id": 9, "image_id": 7, "segmentation": {"size": [2, 3], "counts": "06", "kind": {"a": None}}},
    {"id": 10, "image_id": 7, "segmentation": [[], [0.1, 2, 3.25, 4, 1e22, -0.0]]},
    {"id": 11, "image_id": 7, "track_id": 5, "score": 0.5, "attributes": {"track_id": 6}},
    {"id": 12, "image_id": 7, "track_id": 5},
    {"id": 13, "image_id": 7, "track_id": None, "attributes": {"track_id": None, "rotation": None}},
    {"id": 14, "image_id": 7, "track_id": "5", "attributes": {"track_id": "6", "rotation": "1.5"}},
    {"id": 15, "image_id": 7, "attributes": {"rotation": [1], "classifications": None}},
    {"id": 16, "image_id": 7, "attributes": [1, 2]},
    {"id": 17, "image_id": 7, "attributes": {"classifications": {}, "manual_annotation": None}},
    {"id": 18, "image_id": 7, "attributes": {"#relation": ["a"], "classifications": {"#relation": "b"}}},
    {"id": 19, "image_id": 7, "attributes": {"#relation": "a", "classifications": {"#relation": "a"}}},
    {"id": 20, "image_id": 7, "attributes": {"classifications": {"#relation": {"a": 1}, "q": ""}}},
    {
        "id": 21,
        "image_id": 7,
        "attributes": {
            "classifications": {"n": 1e300, "i": 123456789012345678901234567890, "t": "1", "f": False},
            "encord_track_uuid": "a/+b",
            "free": {"deep": [None, {}]},
        },
        "unknown": {"é😀\u2028\x7f": [1, 2.5, {"x": None}], "big": -(2**70)},
    },
    {"id": 22, "image_id": 7, "attributes": {"classifications": [1]}, "bbox": [1, 2, 3, 4], "area": 12},
]
IMAGES = [
    {"id": 7, "file_name": "a.jpg", "width": 3, "height": 2, "coco_url": "", "license": 1},
    {"id": 8},
    {"id": 9, "file_name": None, "width": None, "height": None, "coco_url": None, "image_title": None},
    {"id": 10, "file_name": "images/x.jpg", "image_title": "t"},
    {"id": 11, "file_name": "images/x.jpg", "video_title": "t"},
    {"id": 12, "file_name": "images/x.jpg", "image_title": "i", "video_title": "v"},
    {"id": 13, "file_name": "videos/x/1.jpg", "video_title": "v"},
    {"id": 14, "file_name": "videos/x/2.jpg", "image_title": "i"},
    {"id": 15, "file_name": "videos/x/3.jpg", "video_title": None, "image_title": "i"},
    {"id": 16, "file_name": "videos/x/4.jpg", "video_title": 5, "image_title": {"a": 1}},
    {"id": 17, "file_name": "images/x.jpg", "video_title": 5},
    {"id": 18, "file_name": 19, "width": "20", "extra": [{}]},
]
CATEGORIES = [
    {"id": 3, "name": "thing", "supercategory": None, "keypoints": ["a", "b"], "skeleton": [[1, 2]]},
    {"id": 4, "name": "point", "supercategory": "point", "keypoints": "keypoint", "skeleton": []},
    {"id": 5, "name": None, "keypoints": None, "skeleton": None},
    {"id": 6, "name": 7, "keypoints": [1], "skeleton": [[1.5]], "colour": "#fff"},
    {"id": 7, "keypoints": []},
]


@slow
def test_oddities_come_back_as_they_came(write: Write, load: Load, warehouse: Path) -> None:
    document: Record = {
        "licenses": [{"id": 1, "url": "https://host/l"}],
        "info": {"year": 2026, "description": None},
        "images": IMAGES,
        "categories": CATEGORIES,
        "annotations": ODDITIES,
        "zzz": None,
    }
    [report] = load(write("odd.json", [document, {**document, "annotations": ODDITIES[::-1]}]))
    assert report.row["quarantined"] == 0
    [one, two] = exported(warehouse)
    assert difference(document, one) is None
    assert difference(document["annotations"][::-1], two["annotations"]) is None
    assert list(one) == ["info", "licenses", "zzz", "categories", "images", "annotations"]


TWINS = [
    {"id": 1, "image_id": 7, "track_id": 5, "attributes": {"track_id": 5}},
    {"id": 2, "image_id": 7, "track_id": 5, "attributes": {"free": 1}},
]


@slow
def test_twin_keys_come_back_under_both(write: Write, load: Load, warehouse: Path) -> None:
    images = [
        {"id": 7, "file_name": "images/x.jpg", "image_title": "t", "video_title": "t"},
        {"id": 8, "file_name": "videos/x/1.jpg", "image_title": "t", "video_title": "t"},
    ]
    document = {"images": images, "categories": [], "annotations": TWINS}
    load(write("twins.json", [document]))
    assert exported(warehouse) == [document]


@pytest.mark.parametrize(
    "document",
    some(
        [
            {"categories": [], "info": {}},
            {"images": []},
            {"annotations": []},
            {"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1}]},
        ]
    ),
)
def test_sections_are_there_if_they_were(
    write: Write, load: Load, warehouse: Path, document: Record
) -> None:
    load(write("sections.json", document))
    assert exported(warehouse) == [document]


def test_secret_parts_of_urls_stay_out(write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a")
    document["images"][0]["coco_url"] = "https://user:pw@host/a.jpg?X-Amz-Signature=1#f"
    document["annotations"][0]["attributes"]["classifications"]["link"] = "see https://h/x?token=1 now"
    document["annotations"][0]["https://h/y?token=1"] = [{"u": "https://u:p@h/y?token=1"}]
    load(write("urls.json", [document]))
    text = exported_bytes(warehouse).decode()
    assert "token" not in text
    assert "Signature" not in text
    assert json.loads(text) == [expected(document)]


@slow
def test_records_in_quarantine_are_not_there(write: Write, load: Load, warehouse: Path) -> None:
    document = unit("a")
    document["annotations"][1]["bbox"] = [1]
    document["images"].insert(0, {"file_name": "no id"})
    document["images"] += [{"id": n, "file_name": f"{n}.jpg"} for n in range(5, 9)]
    load(write("bad.json", [document]))
    del document["annotations"][1], document["images"][0]
    assert exported(warehouse) == [document]
    single = exported(warehouse, shape="single")
    assert len({image["id"] for image in single["images"]}) == 5
    by_id = {image["id"]: image["file_name"] for image in single["images"]}
    assert [by_id[label["image_id"]] for label in single["annotations"]] == ["images/a.jpg"] * 2


@slow
@pytest.mark.parametrize("rows", some([3, 1, 2, 7]))
@pytest.mark.parametrize("shape", some(["list", "single"]))
def test_documents_are_the_same_in_chunks_of_any_size(
    write: Write, load: Load, warehouse: Path, rows: int, shape: str
) -> None:
    units = [unit(f"u{n}", labels=n) for n in (0, 1, 5, 2, 0, 3, 8)]
    for number, document in enumerate(units):
        document["annotations"] += [
            {"id": 90 + n, "image_id": 0, "category_id": 1, "keypoints": [n, 1.5, 2.0] * n}
            for n in range(1, number + 1)
        ]
    load(write("many.json", units))
    whole = exported(warehouse, shape=shape)
    assert exported(warehouse, shape=shape, chunk_rows=rows) == whole
    if shape == "list":
        assert whole == units


@slow
def test_single_numbers_images_labels_and_categories_anew(
    write: Write, load: Load, warehouse: Path
) -> None:
    a, b = unit("a", labels=2), unit("b", labels=1)
    b["categories"] = [
        {"supercategory": "polygon", "id": 1, "name": "Car"},
        {"supercategory": "bounding_box", "id": 2, "name": "Car"},
    ]
    b["annotations"][0]["category_id"] = 2
    b["annotations"].append({"id": 5, "image_id": 99, "category_id": 77, "bbox": ["1", 2, 3, 4]})
    load(write("two.json", [a, b]))
    single = exported(warehouse, shape="single")
    assert single["categories"] == [
        {"id": 1, "name": "Car", "supercategory": "bounding_box"},
        {"id": 2, "name": "Car", "supercategory": "polygon"},
    ]
    assert [(i["id"], i["file_name"]) for i in single["images"]] == [
        (1, "images/a.jpg"),
        (2, "images/b.jpg"),
    ]
    assert [(n["id"], n["image_id"], n["category_id"]) for n in single["annotations"]] == [
        (1, 1, 1),
        (2, 1, 1),
        (3, 2, 1),
        (4, None, None),
    ]
    assert single["annotations"][3]["bbox"] == [1, 2, 3, 4]
    assert single["annotations"][3]["iscrowd"] == 0
    assert "keypoints" not in single["annotations"][0]
    assert single["annotations"][0]["attributes"] == a["annotations"][0]["attributes"]


def test_single_of_one_document_keeps_what_it_holds_beside_its_records(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = {**plain(), "info": {"year": 1}, "licenses": [{"id": 1}], "note": "n"}
    load(write("one.json", document))
    single = exported(warehouse, shape="single")
    assert {k: single[k] for k in ("info", "licenses", "note")} == {
        "info": {"year": 1},
        "licenses": [{"id": 1}],
        "note": "n",
    }
    assert len(single["annotations"]) == 2


@slow
def test_object_is_the_only_document(write: Write, load: Load, warehouse: Path) -> None:
    load(write("one.json", plain()))
    assert exported(warehouse, shape="object") == plain()
    load(write("two.json", plain(3)))
    assert exported(warehouse, shape="object", documents=["two.json"]) == plain(3)
    with pytest.raises(UsageError, match="2 documents instead of one"):
        exported(warehouse, shape="object")


@slow
def test_documents_are_chosen_by_id_or_glob(write: Write, load: Load, warehouse: Path) -> None:
    units = [unit("a1"), unit("a2"), unit("b")]
    load(write("units.json", units))
    load(write("c[1].json", plain()))
    assert exported(warehouse, documents=["a*"]) == units[:2]
    assert exported(warehouse, documents=["b", "a1"]) == [units[0], units[2]]
    assert exported(warehouse, documents=["c[1].json"]) == [plain()]
    with pytest.raises(UsageError, match="no document_id or title matches x"):
        exported(warehouse, documents=["x*"])
    with pytest.raises(UsageError, match="no documents in the project"):
        exported(warehouse, project="other")


@slow
def test_projects_are_exported_by_themselves(write: Write, load: Load, warehouse: Path) -> None:
    load(write("a.json", [unit("a")]), project="one")
    load(write("a.json", [unit("a", shift=1)]), project="two")
    assert exported(warehouse, project="two") == [unit("a", shift=1)]


@slow
@pytest.mark.parametrize(
    ("condition", "kept"),
    some(
        [
            ("true", [0, 1, 2]),
            ("bbox_x >= 1", [1, 2]),
            ("category_name = 'Car' and label_id = 'uu1'", [1]),
            ("(bbox_x = 0) or (bbox_x = 2)", [0, 2]),
            ("bbox_x = 0) or (bbox_x = 2", [0, 2]),
            ("bbox_x = 1 -- the middle one", [1]),
            ("bbox_x /* ) */ = 1", [1]),
            ("file_name like '%a.jpg' and bbox_x in (select max(bbox_x) from annotations)", [2]),
            (
                "exists (from attributes t where t.annotation_position = labels.position "
                "and t.value = 'red')",
                [0, 1, 2],
            ),
            ("score > 0", []),
            ("null", []),
        ],
        3,
    ),
)
def test_where_filters_labels_and_leaves_documents_and_images(
    one_unit: Path, condition: str, kept: list[int]
) -> None:
    document = unit("a")
    document["annotations"] = [document["annotations"][n] for n in kept]
    assert exported(one_unit, where=condition) == [document]
    single = exported(one_unit, where=condition, shape="single")
    assert (len(single["images"]), len(single["annotations"])) == (1, len(kept))


def written() -> IO[bytes]:
    raise AssertionError("nothing is to be written")


@slow
@pytest.mark.parametrize(
    "condition",
    [
        "",
        "true)",
        "true; select 1",
        "true); drop table annotations; select (1",
        "true) union all select * from labels where (true",
        "true) union all select * from labels -- ",
        "true) order by (1",
        "true) limit (1",
        "true) group by all having (true",
        "true), (true",
        "true) qualify (true",
        "true) using sample (1",
        "no_such_column = 1",
        "count(*) > 1",
        "exists (select * from sqlite_scan('x.sqlite', 't'))",
        "exists (select * from read_csv('x.csv'))",
        "exists (from query('select 1'))",
        "'",
        '"',
        "/*",
        "{condition}",
        "$1",
        "?",
    ],
)
def test_where_takes_one_condition_and_nothing_else(one_unit: Path, tmp_path: Path, condition: str) -> None:
    (tmp_path / "x.csv").write_text("1\n")
    with pytest.raises(QueryError) as refusal:
        export(one_unit, written, ExportOptions(where=condition))
    assert "\n" not in str(refusal.value)


def test_a_condition_that_fails_on_some_label_leaves_no_file(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    load(write("a.json", [unit("a")]))
    ran = run(warehouse, tmp_path / "o.json", "--where", "category_name")
    assert isinstance(ran.exception, QueryError)
    assert not [path for path in tmp_path.iterdir() if "o.json" in path.name]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
SMALL = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
NAMES = st.sampled_from(["#relation", "q", "ü", "track_id", "instance_id", "classifications", "", "x.y"])
RECORDS = {
    "images": {
        "file_name": st.sampled_from(["images/h.jpg", "videos/h/3.jpg", "x/y.png", None]),
        "width": st.none() | st.integers(0, 5000),
        "coco_url": st.none() | st.just("") | st.just("https://h/p.jpg"),
        "image_title": st.none() | TEXT | st.integers(0, 9),
        "video_title": st.none() | TEXT,
        "other": VALUES,
    },
    "categories": {
        "name": st.none() | TEXT,
        "supercategory": st.none() | TEXT,
        "keypoints": st.none() | TEXT | st.lists(TEXT, max_size=3),
        "skeleton": st.none()
        | st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).map(list), max_size=3),
        "other": VALUES,
    },
    "annotations": {
        "category_id": st.none() | st.integers(0, 3),
        "bbox": st.none() | st.just([]) | st.lists(SMALL, min_size=4, max_size=4),
        "area": st.none() | SMALL,
        "iscrowd": st.none() | st.integers(0, 1) | st.booleans(),
        "segmentation": st.none()
        | st.lists(st.lists(SMALL, max_size=6), max_size=3)
        | st.fixed_dictionaries(
            {
                "size": st.just([2, 3]),
                "counts": st.lists(st.integers(0, 9), max_size=4) | st.sampled_from(["06", "[1]", "["]),
            },
            optional={"other": VALUES},
        ),
        "keypoints": st.none()
        | st.lists(st.tuples(SMALL, SMALL, SMALL), max_size=3).map(
            lambda points: [n for point in points for n in point]
        ),
        "num_keypoints": st.none() | st.integers(0, 17),
        "track_id": st.none() | st.integers(0, 3) | st.sampled_from(["", "1", "x", "-0"]),
        "instance_id": st.none() | st.integers(0, 3) | VALUES | st.sampled_from(["", "1", "x", "-0"]),
        "score": st.none() | SMALL,
        "attributes": st.none()
        | VALUES
        | st.fixed_dictionaries(
            {},
            optional={
                "track_id": st.none() | st.integers(0, 3) | VALUES | st.sampled_from(["", "1", "x", "-0"]),
                "instance_id": st.none() | st.integers(0, 3) | VALUES | st.sampled_from(["1", "x", "-0"]),
                "encord_track_uuid": st.none() | TEXT,
                "rotation": st.none() | SMALL,
                "manual_annotation": st.none() | st.booleans(),
                "classifications": st.none() | VALUES | st.dictionaries(NAMES, VALUES, max_size=3),
                "#relation": VALUES,
                "free": VALUES,
            },
        ),
        "other": VALUES,
    },
}


def records(section: str) -> st.SearchStrategy[list[Record]]:
    ids = {"id": st.integers(0, 3)}
    if section == "annotations":
        ids["image_id"] = st.integers(0, 3)
    return st.lists(st.fixed_dictionaries(ids, optional=RECORDS[section]), max_size=4)


DOCUMENTS = st.fixed_dictionaries(
    {"images": records("images")},
    optional={
        "categories": records("categories"),
        "annotations": records("annotations"),
        "info": VALUES,
        "licenses": VALUES,
        "other": VALUES,
    },
)


@slow
@settings(
    max_examples=rounds("EXPORTS", 4, 8, 300),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(documents=st.lists(DOCUMENTS, min_size=1, max_size=12), reader=st.sampled_from(["bulk", "ijson"]))
def test_generated_documents_come_back_as_they_came(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Record], reader: str
) -> None:
    folder = tmp_path_factory.mktemp("generated")
    source = folder / "d.json"
    source.write_text(json.dumps(documents))
    [report] = ingest(folder / "w", [str(source)], IngestOptions(jobs=1, max_bad=1, reader=reader))
    if report.status != "committed" or report.row["quarantined"]:
        return
    again = exported(folder / "w")
    assert difference([expected(document) for document in documents], again) is None
    single = exported(folder / "w", shape="single")
    for section in ("images", "annotations"):
        ids = [record["id"] for record in single[section]]
        assert ids == list(range(1, sum(len(d.get(section, [])) for d in documents) + 1))


def run(warehouse: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["--warehouse", str(warehouse), "export", *map(str, arguments)])


@slow
def test_the_suffix_says_how_to_pack(write: Write, load: Load, warehouse: Path, tmp_path: Path) -> None:
    document = unit("ü")
    load(write("a.json", [document]))
    names = ["o.json", "o.json.gz", "o.gz", "o.zip", "O.JSON.ZIP"]
    for name in names:
        assert run(warehouse, tmp_path / name).exit_code == 0
    assert json.loads((tmp_path / "o.json").read_bytes()) == [document]
    for name in names[1:3]:
        assert json.loads(gzip.decompress((tmp_path / name).read_bytes())) == [document]
    for name, member in ((names[3], "o.json"), (names[4], "O.JSON")):
        with zipfile.ZipFile(tmp_path / name) as archive:
            assert archive.namelist() == [member]
            assert archive.testzip() is None
            assert json.loads(archive.read(member)) == [document]
    assert run(warehouse, "-").stdout_bytes == (tmp_path / "o.json").read_bytes()
    first = (tmp_path / "o.json.gz").read_bytes()
    run(warehouse, tmp_path / "o.json.gz")
    assert (tmp_path / "o.json.gz").read_bytes() == first


def fail_halfway(out: Path) -> None:
    with export_file(str(out)) as stream:
        stream.write(b"half")
        assert out.read_text() == "before"
        raise RuntimeError


def test_the_file_is_there_whole_or_not_at_all(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    load(write("a.json", [unit("a")]))
    out = tmp_path / "out" / "o.json"
    out.parent.mkdir()
    out.write_text("before")
    with pytest.raises(RuntimeError):
        fail_halfway(out)
    assert [(path.name, path.read_text()) for path in out.parent.iterdir()] == [("o.json", "before")]
    with pytest.raises(UsageError, match="cannot be written"), export_file(str(tmp_path / "no" / "o.json")):
        pass
    with pytest.raises(UsageError, match="a folder"), export_file(str(out.parent)):
        pass
    with pytest.raises(WarehouseError, match="no warehouse here"):
        exported(tmp_path / "none")


def test_keys_of_documents_are_handed_over_as_one_text() -> None:
    # DuckDB takes a tenth of a millisecond for each element of a list.
    chunk = DocumentChunk(0, [3, 1])
    assert chunk.document_keys() == {"keys": "3,1", "low": 1, "high": 3}
