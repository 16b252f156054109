"""Labels of other modalities than boxes on images are no errors, and classified frames are labelled."""

import json
from pathlib import Path

from labelhouse.querying.check import check

from tests.label_rows.test_bad_label_rows import Row, box, frame, video
from tests.support.aliases import Load

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
