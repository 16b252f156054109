"""Labels of other modalities than boxes on images are no errors, and classified frames are labelled."""

import json
from pathlib import Path

from labelhouse.ingestion.run import IngestOptions
from labelhouse.querying.check import check

from tests.label_rows.test_bad_label_rows import Row, box, frame, video
from tests.support.aliases import Load
from tests.support.ingesting import ingest
from tests.support.label_row_nights import NIGHTS, load_night

META = {
    "createdAt": "Fri, 01 Dec 2023 11:03:24 GMT",
    "createdBy": "someone@example.com",
    "lastEditedAt": "Fri, 01 Dec 2023 11:03:25 GMT",
    "lastEditedBy": "someone@example.com",
    "confidence": 1,
    "manualAnnotation": True,
}


def audio() -> Row:
    """Return the row of a sound with one object on its first second."""
    speaker = {
        "objectHash": "sound001",
        "featureHash": "f2",
        "name": "speaker",
        "value": "speaker",
        "color": "#00ff00",
        "shape": "audio",
        "classifications": [],
        "range": [[0, 1000]],
        **META,
    }
    unit = {
        "data_hash": "u2",
        "data_title": "a.mp3",
        "data_type": "audio/mpeg",
        "data_sequence": 0,
        "labels": {},
        "data_duration": 4.0,
    }
    row = video(data_hash="u2", data_title="a.mp3", data_type="audio", label_hash="l2")
    return {**row, "data_units": {"u2": unit}, "object_answers": {"sound001": speaker}}


def classified_video() -> Row:
    """Return the row of four frames: a cuboid, a box, a classification of frame 2, and nothing."""
    cuboid = {key: value for key, value in box("cuboid01").items() if key != "boundingBox"}
    shape = {"position": [0, 0, 0], "orientation": [0, 0, 0], "size": [1, 2, 3]}
    weather = {
        "classificationHash": "weather1",
        "featureHash": "f3",
        "classifications": [],
        "range": [[2, 2]],
    }
    return video(
        frame({**cuboid, "shape": "cuboid", "cuboid": shape}),
        frame(box()),
        frame(),
        frame(),
        classification_answers={"weather1": {**weather, **META}},
    )


def test_checks_know_labels_without_image_or_box_and_classified_frames(
    warehouse: Path, load: Load, tmp_path: Path
) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([classified_video(), audio()]), encoding="utf-8")
    [report] = load(str(path))
    assert (report.status, report.as_json()["issues"]) == ("committed", 0)
    checks = {checked.name: [row[3:7] for row in checked.rows] for checked in check(warehouse)}
    assert checks["degenerate_boxes"] == []
    assert checks["orphan_labels"] == []
    assert checks["images_without_labels"] == [("u1/3", None, None, "no label")]


def test_the_ontology_decides_which_questions_are_open(warehouse: Path, tmp_path: Path) -> None:
    """A row in progress has notes; one that is labelled has warnings."""
    load_night(warehouse, tmp_path, 2)
    [checked] = check(warehouse, only=["open_required_answers"])
    assert checked.severities == {"warning": 4}
    assert [(row[1], *row[3:]) for row in checked.rows] == [
        ("v1", "v1/0", 0, "a1", "no answer to Shade", "car", "Shade", "warning", 1),
        ("v1", "v1/0", 1, "a2", "no answer to Colour", "car", "Colour", "warning", 1),
        ("v1", "v1/0", 2, "a3", "no answer to Colour", "car", "Colour", "warning", 1),
        ("v2", "v2/0", 0, "b1", "no answer to Colour", "car", "Colour", "warning", 1),
    ]
    path = tmp_path / "rows.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps([{**row, "label_status": "LABEL_IN_PROGRESS"} for row in rows]))
    options = IngestOptions(project="nights", jobs=1, ontology=str(tmp_path / "ontology.json"))
    list(ingest(warehouse, [str(path)], options))
    [checked] = check(warehouse, only=["open_required_answers"])
    assert checked.severities == {"info": 4}
    assert check(warehouse, only=["unanswered_attributes"])[0].count == 0


def test_without_an_ontology_no_answer_is_required(warehouse: Path, load: Load, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(NIGHTS[2]), encoding="utf-8")
    load(str(path))
    [checked] = check(warehouse, only=["open_required_answers"])
    assert checked.rows == []
