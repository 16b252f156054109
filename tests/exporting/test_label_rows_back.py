"""Label rows come back as they came, load again as what they were, and give the COCO of Encord's SDK."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, cast

import duckdb
import labelhouse
import pytest
from labelhouse.errors import UsageError
from labelhouse.exporting.documents import ChosenDocument, label_row_places
from labelhouse.ingestion.run import IngestOptions
from labelhouse.texts.people import Authors

from tests.reference import label_rows as reference
from tests.reference.round_trip import difference, exported
from tests.support.aliases import Load, Record, Write
from tests.support.command_line import run
from tests.support.corpus import FOLDER, NOT_FOUND, corpus_file, needs_corpus
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import choose, slow, some

PATHS = sorted((FOLDER / "label_rows").glob("*row.json"))[:: choose(4, 1, 1)]
MISSING = pytest.param(Path(), marks=pytest.mark.skip(reason=NOT_FOUND), id="corpus")
each_row = pytest.mark.parametrize("path", PATHS or [MISSING], ids=lambda path: path.name)
URL = re.compile(r"(https?://[^?#]*)[?#].*")
PERSON = {"createdBy", "lastEditedBy", "user_email", "user_id", "reviewed_by", "assigned_user_email"}


def without_queries(value: Any) -> Any:
    """Return a value without what follows the path of its URLs."""
    if isinstance(value, str):
        return URL.sub(r"\1", value)
    if isinstance(value, list):
        return [without_queries(one) for one in value]
    if isinstance(value, dict):
        return {key: without_queries(one) for key, one in value.items()}
    return value


def without_people(value: Any) -> Any:
    """Return a value with null for each person."""
    if isinstance(value, list):
        return [without_people(one) for one in value]
    if isinstance(value, dict):
        return {
            key: None if key in PERSON and one is not None else without_people(one)
            for key, one in value.items()
        }
    return value


def with_hashes_of_its_own(row: Record, number: int) -> Record:
    """Return a row whose data hashes no other row of the corpus has."""
    text = json.dumps(row)
    for data_hash in {row["data_hash"], *row["data_units"]}:
        text = text.replace(json.dumps(data_hash), json.dumps(f"{data_hash}-{number}"))
    changed: Record = json.loads(text)
    return changed


@pytest.fixture(scope="module", params=["keep", pytest.param("drop", marks=slow)])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, Authors]:
    """A warehouse of the corpus' label rows, the folder that they came from, and what became of people."""
    if not PATHS:
        pytest.skip(NOT_FOUND)
    folder = tmp_path_factory.mktemp("rows")
    for number, path in enumerate(PATHS):
        row = with_hashes_of_its_own(reference.load(path), number)
        (folder / path.name).write_text(json.dumps(row), encoding="utf-8")
        ontology = path.with_name(path.name.split(".")[0] + ".ontology.json")
        shutil.copy(ontology, folder / path.name.replace(".json", ".ontology.json"))
    warehouse = tmp_path_factory.mktemp("warehouse") / "w"
    options = IngestOptions(jobs=1, authors=request.param)
    reports = list(ingest(warehouse, [str(folder)], options))
    assert {report.status for report in reports} == {"committed"}
    return warehouse, folder, request.param


def rows_of(warehouse: Path, **options: Any) -> dict[str, Record]:
    """Return the rows that an export gives, by their data hash."""
    rows = exported(warehouse, shape="rows", **options)
    by_hash = {row["data_hash"]: row for row in rows}
    assert len(by_hash) == len(rows)
    return by_hash


def test_each_row_of_the_corpus_comes_back_whole(loaded: tuple[Path, Path, Authors]) -> None:
    warehouse, folder, authors = loaded
    rows = rows_of(warehouse)
    assert len(rows) == len(PATHS)
    for path in PATHS:
        row = without_queries(json.loads((folder / path.name).read_text(encoding="utf-8")))
        wanted = without_people(row) if authors == "drop" else row
        assert difference(wanted, rows[row["data_hash"]]) is None, path.name


def test_rows_that_came_back_load_as_what_they_were(
    loaded: tuple[Path, Path, Authors], tmp_path: Path
) -> None:
    warehouse, folder, authors = loaded
    copy = tmp_path / "w"
    shutil.copytree(warehouse, copy)
    rows = rows_of(copy)
    again = tmp_path / folder.name
    shutil.copytree(folder, again)
    for path in PATHS:
        data_hash = json.loads((folder / path.name).read_text(encoding="utf-8"))["data_hash"]
        (again / path.name).write_text(json.dumps(rows[data_hash]), encoding="utf-8")
    reports = list(ingest(copy, [str(again)], IngestOptions(jobs=1, authors=authors)))
    assert {Path(report.source).name: report.status for report in reports} == {
        path.name: "unchanged" for path in PATHS
    }


@needs_corpus
def test_rows_come_back_without_an_ontology(tmp_path: Path) -> None:
    row = reference.load(corpus_file("label_rows/audio_labels__audio_labels.row.json"))
    (tmp_path / "row.json").write_text(json.dumps(row), encoding="utf-8")
    warehouse = tmp_path / "w"
    list(ingest(warehouse, [str(tmp_path / "row.json")], IngestOptions(jobs=1)))
    assert exported(warehouse, shape="rows") == [without_queries(row)]


@needs_corpus
def test_objects_of_each_shape_come_back(write: Write, load: Load, warehouse: Path) -> None:
    shapes = reference.load(corpus_file("encord_api/shapes.json"))
    objects, answers = [], {}
    for name, one in shapes["from fixtures"].items():
        if "object_answers" in name:
            answers[one["object"]["objectHash"]] = one["object"]
        else:
            objects.append(one["object"])
    for name, geometry in shapes["from Coordinates.to_dict"].items():
        shape = name.split()[0]
        key = reference.GEOMETRY.get(shape, shape)
        label = without(
            box(f"shape{len(objects):03}", shape=shape.replace("polygons", "polygon")), "boundingBox"
        )
        objects.append({**without(label, "boundingBox"), key: geometry})
    frames = {str(frame): {"objects": [one], "classifications": []} for frame, one in enumerate(objects)}
    row = video(object_answers=answers, object_actions={}, classification_answers={})
    row["data_units"]["unit1"]["labels"] = frames
    [report] = load(write("rows.json", [row]))
    assert report.row["quarantined"] == 0
    assert difference([without_queries(row)], exported(warehouse, shape="rows")) is None


# Rows of any form


def box(object_hash: str, **others: Any) -> Record:
    return {
        "objectHash": object_hash,
        "featureHash": "car00001",
        "name": "Car",
        "value": "car",
        "color": "#00ff00",
        "shape": "bounding_box",
        "createdAt": "Fri, 01 Dec 2023 11:03:24 GMT",
        "createdBy": "anna@example.com",
        "confidence": 1,
        "manualAnnotation": True,
        "boundingBox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.123456789012345},
        **others,
    }


def without(record: Record, *keys: str) -> Record:
    return {key: value for key, value in record.items() if key not in keys}


def video(**others: Any) -> Record:
    """A label row of a video in which nearly every part has an odd form."""
    seen = {"classificationHash": "weather1", "featureHash": "sky00001", "name": "Sky", "value": "sky"}
    frames = {
        "0": {"objects": [box("first001"), box("second01", objectNumber=7)], "classifications": []},
        "007": {
            "objects": [box("first001", createdAt="2023-03-21T10:25:48.821571")],
            "classifications": [seen],
        },
        "3": {
            "classifications": [{**seen, "createdBy": "bert@example.com"}, seen],
            "metadata": {"a": [1.5, 10**25]},
        },
        "9": {"objects": None, "classifications": None},
        "12": {},
        "5": {"objects": [without(box("third001"), "color", "confidence", "createdBy")]},
        "4": {
            "objects": [
                box("first001", manual_annotation=False),
                box(
                    "first001", shape="polygon", polygons=[[[0.1, 0.1, 0.4, 0.1, 0.4, 0.4]]], createdBy=None
                ),
                box(
                    "fourth01",
                    shape="circle",
                    circle={"x": 0.5, "y": 0.5, "r": 0.1, "stretch": 1, "theta": 0},
                ),
                without(box("fifth001", manual_annotation=True, name="Other"), "manualAnnotation", "value"),
            ],
            "classifications": [],
        },
    }
    data_unit = {
        "data_hash": "unit1",
        "data_title": "a.mp4",
        "data_type": "video/mp4",
        "data_link": "https://storage.example.com/a.mp4?X-Amz-Signature=1",
        "width": 640,
        "height": 480,
        "data_fps": 25,
        "labels": frames,
    }
    choice = {"name": "red", "value": "red", "featureHash": "red00001"}
    colour = {"name": "Colour", "value": "colour", "featureHash": "colour01", "answers": [choice, choice]}
    speed = {"name": "Speed", "value": "speed", "featureHash": "speed001", "answers": 12, "dynamic": True}
    return {
        "label_hash": "row1",
        "branch_name": "main",
        "data_hash": "unit1",
        "data_type": "video",
        "data_title": "a.mp4",
        "created_at": "2023-03-21T10:25:48.821571",
        "last_edited_at": None,
        "client_metadata": {},
        "workflow_graph_node": {"title": "Review", "uuid": "u"},
        "priority": 0.5,
        "new": {"b": [1, None, {"c": 10**25}]},
        "data_units": {"unit1": data_unit, "unit0": {"data_type": "video/mp4", "labels": {}}, "x": {}},
        "object_answers": {
            "second01": {"objectHash": "second01", "classifications": [
                colour,
                {"name": "Colour", "answers": [choice, "text"], "manualAnnotation": None},
                {"answers": []},
                {"name": "Note", "value": "note", "featureHash": "note0001", "answers": "is", "range": []},
            ]},
            "nothing1": {},
            "first001": {"objectHash": "first001", "classifications": [], "extra": 1},
            "speech01": {
                "classifications": [],
                "name": "Speech", "shape": "audio", "featureHash": "speech01",
                "spaces": {"b": {"range": [[1, 2]]}, "a": {"range": [[3, 4]], "type": "frame"}},
                "range": [],
            },
        },
        "object_actions": {
            "first001": {"objectHash": "first001", "actions": [
                {**speed, "range": [[0, 3], [5, 5]], "trackHash": "t", "shouldPropagate": False},
                {**speed, "answers": None},
            ]},
            "second01": {"objectHash": "other001", "actions": None},
        },
        "classification_answers": {
            "weather1": {"classificationHash": "weather1", "classifications": []},
            "whole001": {"classificationHash": "whole001", "featureHash": "sky00001", "range": [],
                         "spaces": {}, "classifications": [
                             {"name": "Sky", "value": "sky", "featureHash": "sky00002", "answers": 3.5}],
                         "createdAt": "yesterday", "createdBy": "anna@example.com"},
        },
        **others,
    }  # fmt: skip


def audio() -> Record:
    """A label row of audio, whose objects are on no frame."""
    speech = {**without(box("speech01", shape="audio"), "boundingBox"), "classifications": []}
    return video(
        data_hash="sound1",
        data_type="audio",
        data_units={"sound1": {"data_type": "audio/mpeg", "labels": {}}},
        object_answers={
            "speech01": {**speech, "range": [[0, 10], [20, 30]]},
            "speech02": {**speech, "objectHash": "speech02", "range": [], "spaces": {}},
        },
        object_actions={},
    )


@pytest.mark.parametrize("authors", some(["hash", "keep", "drop"]))
def test_odd_rows_come_back_as_they_came(write: Write, warehouse: Path, authors: Any) -> None:
    rows = [
        video(),
        video(data_hash="unit2", data_units=None, spaces={}, classification_answers=None),
        without(video(data_hash="unit3"), "data_units", "object_actions", "label_hash"),
        audio(),
    ]
    source = write("rows.json", rows)
    options = IngestOptions(jobs=1, authors=authors)
    [report] = ingest(warehouse, [source], options)
    assert report.status == "committed"
    got = exported(warehouse, shape="rows")
    if authors == "keep":
        assert difference(without_queries(rows), got) is None
    elif authors == "drop":
        assert difference(without_people(without_queries(rows)), got) is None
    else:
        text = json.dumps(got)
        assert "@" not in text
        assert difference(without_people(without_queries(rows)), without_people(got)) is None
    write("rows.json", got)
    [again] = ingest(warehouse, [source], options)
    assert again.status == "unchanged"


ODD: list[Any] = [
    None,
    1,
    0.5,
    True,
    "odd",
    "",
    [],
    {},
    [1],
    [[1, 2]],
    {"a": [None]},
    "2023-03-21T10:25:48.8",
]
ODD += [{"x": {"range": [[1, 1]]}}, "Fri, 01 Dec 2023 11:03:24 GMT", [{"name": "n"}], "polyline"]
KEYS = ["name", "value", "range", "spaces", "confidence", "objectHash", "manual_annotation", "featureHash"]
KEYS += ["classificationHash", "answers", "createdAt", "lastEditedBy", "dynamic", "range_html", "new"]


def with_odd_parts(row: Record, random: Random) -> Record:
    """Return a row of which some labels, answers and classifications lack keys, or have odd ones."""
    [data_unit] = row["data_units"].values()
    frames = data_unit["labels"].values()
    labels = [label for frame in frames for label in frame.get("objects") or ()]
    seen = [one for frame in frames for one in frame.get("classifications") or ()]
    answers = [*row["object_answers"].values(), *row["object_actions"].values()]
    answers += row["classification_answers"].values()
    entries = [entry for one in answers for entry in one.get("classifications") or one.get("actions") or ()]
    for _ in range(random.randint(1, 4)):
        kinds = (labels, seen, answers, entries)
        part = random.choice(random.choice(kinds))
        # A label needs its geometry, and a classification its hash.
        kept = {"shape", "boundingBox", "polygon", "polygons", "circle", "classificationHash", "actions"}
        keys = [key for key in part if key not in kept]
        if keys and random.random() < 0.4:
            del part[random.choice(keys)]
        else:
            key = random.choice([key for key in [*keys, *KEYS] if part not in seen or key not in kept])
            part[key] = deepcopy(random.choice(ODD))
    return row


@pytest.mark.parametrize("authors", some(["keep", "drop"]))
def test_rows_with_odd_parts_come_back_as_they_came(
    write: Write, warehouse: Path, authors: Authors
) -> None:
    random = Random(1)
    rows = []
    for number in range(choose(60, 400, 4_000)):
        row = video(data_hash=f"unit{number}")
        row["data_units"] = {f"unit{number}": row["data_units"]["unit1"]}
        rows.append(with_odd_parts(deepcopy(row), random))
    source = write("rows.json", rows)
    [report] = ingest(warehouse, [source], IngestOptions(jobs=1, authors=authors))
    assert (report.status, report.row["quarantined"]) == ("committed", 0)
    got = exported(warehouse, shape="rows")
    if authors == "keep":
        assert difference(without_queries(rows), got) is None
    else:
        assert "@" not in json.dumps(got)
    write("rows.json", got)
    [again] = ingest(warehouse, [source], IngestOptions(jobs=1, authors=authors))
    assert again.status == "unchanged"


@slow
def test_rows_are_the_same_in_chunks_of_any_size(write: Write, load: Load, warehouse: Path) -> None:
    rows = [video(), *(video(data_hash=f"other{number}", data_units={}) for number in range(3)), audio()]
    load(write("rows.json", rows))
    for chunk_rows in (1, 3):
        assert exported(warehouse, shape="rows", chunk_rows=chunk_rows) == without_queries(rows)


def test_what_is_in_quarantine_is_not_there(write: Write, load: Load, warehouse: Path) -> None:
    row = video()
    frame = row["data_units"]["unit1"]["labels"]["0"]
    frame["objects"].insert(1, {**box("broken01"), "boundingBox": {"x": "left"}})
    [report] = load(write("rows.json", [row]))
    assert report.row["quarantined"] == 1
    assert exported(warehouse, shape="rows") == without_queries([video()])


# Options


def test_documents_choose_rows(write: Write, load: Load, warehouse: Path) -> None:
    rows = [video(), video(data_hash="unit2", data_units={})]
    load(write("rows.json", rows))
    assert exported(warehouse, shape="rows", documents=["unit2"]) == without_queries(rows[1:])


def test_documents_that_came_as_coco_are_refused(write: Write, load: Load, warehouse: Path) -> None:
    load(write("coco.json", [unit("a")]))
    with pytest.raises(UsageError, match="came as COCO, which has no label row to give back"):
        exported(warehouse, shape="rows")
    load(write("rows.json", [video()]))
    with pytest.raises(UsageError, match="1 of 2 documents came as COCO"):
        exported(warehouse, shape="rows")
    assert exported(warehouse, shape="rows", documents=["unit1"]) == without_queries([video()])
    assert len(exported(warehouse)) == 2


def test_a_condition_is_refused(write: Write, load: Load, warehouse: Path) -> None:
    load(write("rows.json", [video()]))
    with pytest.raises(UsageError, match="label rows come back whole"):
        exported(warehouse, shape="rows", where="true")


def test_rows_that_an_earlier_build_stored_are_refused() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table label_rows as select 1::bigint as document_key, null as layout")
        for table in ("classifications", "answers", "ranges"):
            connection.execute(f"create table {table} (document_key bigint, position bigint)")
        with pytest.raises(UsageError, match="earlier build has stored do not come back whole"):
            label_row_places(cast("Any", connection), [ChosenDocument(1, "a", "", 0, 0)], "default")


def test_the_command_and_the_verb_write_the_same_file(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    load(write("rows.json", [video()]))
    done = run("--warehouse", warehouse, "export", tmp_path / "a.json", "--shape", "rows")
    assert done.returncode == 0, done.stderr
    result = labelhouse.export(warehouse, tmp_path / "b.json", shape="rows")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert (result.documents, result.bytes) == (1, (tmp_path / "b.json").stat().st_size)
    options = ("--shape", "rows", "--where", "true")
    refused = run("--warehouse", warehouse, "export", tmp_path / "c.json", *options)
    assert refused.returncode != 0
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "c.json").exists()


# COCO of label rows


@needs_corpus
def test_coco_of_rows_is_that_of_the_sdk_but_for_its_wrong_answers(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    for number in (0, 1, 2, 3, 5):
        shutil.copy(corpus_file(f"label_rows/coco_exporter_{number}.row.json"), folder / f"{number}.json")
    ontology = corpus_file("label_rows/coco_exporter_0.ontology.json")
    warehouse = tmp_path / "w"
    list(ingest(warehouse, [str(folder)], IngestOptions(jobs=1, ontology=str(ontology))))
    known = reference.Ontology(reference.load(ontology))
    wanted = {
        document["info"]["description"]: document
        for document in reference.load(corpus_file("encord/encord_sdk_export_list.json"))
    }
    names = {one["name"]: one for one in known.attributes.values()}
    differing = 0
    for document in exported(warehouse):
        sdk = without_queries(wanted[document["info"]["description"]])
        for theirs, ours in zip(sdk["annotations"], document["annotations"], strict=True):
            answers = theirs["attributes"]["classifications"]
            for name, value in ours["attributes"]["classifications"].items():
                if answers[name] != value:
                    # The SDK gives a radio its own name, and no option of a checklist is chosen.
                    differing += 1
                    assert answers[name] == (name if name in names else False)
                    assert value in known.options.values() if name in names else value is True
                    answers[name] = value
        assert difference(sdk, document) is None
    assert differing == 26


def test_coco_leaves_out_labels_that_it_cannot_hold(write: Write, load: Load, warehouse: Path) -> None:
    load(write("rows.json", [video()]))
    [document] = exported(warehouse)
    [row] = without_queries([video()])
    labels = [
        label
        for frame in row["data_units"]["unit1"]["labels"].values()
        for label in frame.get("objects") or ()
        if label["shape"] != "circle"
    ]
    assert [one["attributes"]["encord_track_uuid"] for one in document["annotations"]] == [
        label["objectHash"] for label in labels
    ]
    assert all(len(one["bbox"]) == 4 for one in document["annotations"])
    single = exported(warehouse, shape="single")
    assert len(single["annotations"]) == len(labels)
    with labelhouse.connect(warehouse) as connection:
        assert connection.execute("select count(*) from annotations").fetchone() == (len(labels) + 3,)


# Memory


def long_row(frames: int) -> Iterator[bytes]:
    """Yield the text of a row of a long video, three boxes a frame."""
    row = video(object_actions={}, classification_answers={}, object_answers={})
    unit = row.pop("data_units")["unit1"]
    labels = json.dumps([box(name) for name in ("first001", "second01", "third001")])
    yield json.dumps(row)[:-1].encode() + b', "data_units": {"unit1": '
    yield json.dumps(without(unit, "labels"))[:-1].encode() + b', "labels": {'
    for frame in range(frames):
        separator = ", " if frame else ""
        yield f'{separator}"{frame}": {{"objects": {labels}, "classifications": []}}'.encode()
    yield b"}}}}"


EXPORTING = """
import sys, labelhouse
def peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
labelhouse.export(sys.argv[1], sys.argv[2], shape="rows")
print(peak())
"""


@slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak memory of a process from /proc")
def test_a_row_of_many_frames_comes_back_in_bounded_memory(tmp_path: Path) -> None:
    source, warehouse, out = tmp_path / "row.json", tmp_path / "w", tmp_path / "out.json"
    with source.open("wb") as file:
        file.writelines(long_row(20_000))
    [report] = ingest(warehouse, [str(source)], IngestOptions(jobs=1))
    assert report.status == "committed"
    done = subprocess.run(
        [sys.executable, "-c", EXPORTING, warehouse, out], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) < 300
    [row] = json.loads(out.read_bytes())
    assert len(row["data_units"]["unit1"]["labels"]) == 20_000
    assert row == without_queries(json.loads(source.read_bytes()))
