"""Make an export of Encord's label rows with its ontology: people, times, stages, and open answers."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labelhouse.cli.sample_nights import write_text

Row = dict[str, Any]

FOLDER, MARKET = "label-rows", "market.json"
_ONTOLOGY = "market.ontology.json"
_WRITTEN = datetime(2026, 1, 8, 1, 30, tzinfo=UTC).timestamp()
"""When the files were written, by their dates."""
_ANA, _BEN = "ana@market.example", "ben@market.example"
_CRATE, _PRODUCE, _NOTE, _LIGHT = "Cr4te001", "Pr0duce1", "N0te0001", "L1ght001"
_OPTIONS = {"apples": "0ptAppl1", "pears": "0ptPear1", "plums": "0ptPlum1"}
_HASHES = {
    "stall-1.jpg": "57a11001-6b1f-4c0e-9d52-3f0b6e2a7c01",
    "stall-2.jpg": "57a11002-0d4e-4f7a-8c33-9a1e5b7d2f02",
    "till.mp4": "7111f003-2c9b-4a58-b6e4-1d8f0c3a9e03",
}
_FRAMES = 6


def write_label_rows(folder: Path) -> None:
    """Write the export and its ontology; raises UsageError if something else has one of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in ((MARKET, _rows()), (_ONTOLOGY, _ontology())):
        write_text(folder / name, json.dumps(value))
        os.utime(folder / name, (_WRITTEN, _WRITTEN))


def _rows() -> list[Row]:
    """Return two images and a video: one row is complete, one in review, one still being labelled."""
    done = [_crate(n, _ANA, day=5, edited_day=6 if n == 1 else None) for n in range(4)]
    review = [_crate(n, _BEN, day=6) for n in range(4, 7)]
    followed = [_crate(7, _ANA, day=7), _crate(8, "model", day=7, manual=False)]
    frames = {str(frame): _frame(*followed) for frame in range(_FRAMES)}
    return [
        _row("stall-1.jpg", "image", "Complete", _frame(*done), {0: "apples", 1: "pears", 2: "plums"}),
        _row("stall-2.jpg", "image", "Review", _frame(*review), {4: "plums", 5: "apples"}),
        _row("till.mp4", "video", "Annotate", frames, {7: "pears"}),
    ]


def _row(title: str, data_type: str, stage: str, labels: Row, answers: dict[int, str]) -> Row:
    """Return the row of a data unit, with the produce of those of its crates that say it."""
    data_hash = _HASHES[title]
    unit = {
        "data_hash": data_hash,
        "data_title": title,
        "data_type": "video/mp4" if data_type == "video" else "image/jpeg",
        "data_sequence": 0,
        "width": 640,
        "height": 480,
        "labels": labels,
    }
    classification = f"light-{title}"
    return {
        "label_hash": f"row-{data_hash}",
        "dataset_hash": "market",
        "dataset_title": "Market",
        "data_hash": data_hash,
        "data_title": title,
        "data_type": data_type,
        "created_at": "2026-01-05 08:00:00",
        "last_edited_at": "2026-01-07 17:00:00",
        "label_status": "LABEL_IN_PROGRESS" if stage == "Annotate" else "LABELLED",
        "workflow_graph_node": {"uuid": stage.lower(), "title": stage},
        "data_units": {data_hash: unit},
        "object_answers": {_object(number): _answered(number, name) for number, name in answers.items()},
        "object_actions": {},
        "classification_answers": {classification: _light(classification, data_type)},
    }


def _frame(*objects: Row) -> Row:
    return {"objects": list(objects), "classifications": []}


def _crate(
    number: int, person: str, *, day: int, edited_day: int | None = None, manual: bool = True
) -> Row:
    """Return a box; it was drawn on a day of January, a minute after the crate before it."""
    edit = {} if edited_day is None else {"lastEditedBy": _BEN, "lastEditedAt": _time(edited_day, number)}
    return {
        "objectHash": _object(number),
        "featureHash": _CRATE,
        "name": "Crate",
        "value": "crate",
        "color": "#d33115",
        "shape": "bounding_box",
        "createdBy": person,
        "createdAt": _time(day, number),
        **edit,
        "confidence": 1 if manual else 0.62,
        "manualAnnotation": manual,
        "boundingBox": {"x": 0.05 + 0.1 * number, "y": 0.4, "w": 0.08, "h": 0.125},
    }


def _object(number: int) -> str:
    return f"crate{number:03d}"


def _time(day: int, minute: int) -> str:
    return f"{('Mon', 'Tue', 'Wed')[day - 5]}, {day:02d} Jan 2026 09:{minute:02d}:00 GMT"


def _answered(number: int, produce: str) -> Row:
    choice = {"name": produce, "value": produce, "featureHash": _OPTIONS[produce]}
    answer = {"name": "Produce", "value": "produce", "answers": [choice], "featureHash": _PRODUCE}
    return {"objectHash": _object(number), "classifications": [answer | {"manualAnnotation": True}]}


def _light(classification: str, data_type: str) -> Row:
    """Return the light of an image, or of the first frames of a video."""
    choice = {"name": "daylight", "value": "daylight", "featureHash": "0ptDayl1"}
    answer = {"name": "Light", "value": "light", "answers": [choice], "featureHash": "L1ghtAtt"}
    return {
        "classificationHash": classification,
        "featureHash": _LIGHT,
        "range": [[0, 3 if data_type == "video" else 0]],
        "createdBy": _ANA,
        "createdAt": _time(5, 30),
        "confidence": 1,
        "manualAnnotation": True,
        "classifications": [answer | {"manualAnnotation": True}],
    }


def _ontology() -> Row:
    options = [_option(feature, name) for name, feature in _OPTIONS.items()]
    produce = _question(_PRODUCE, "Produce", "radio", required=True, options=options)
    crate = {
        "id": "1",
        "name": "Crate",
        "color": "#d33115",
        "shape": "bounding_box",
        "featureNodeHash": _CRATE,
        "attributes": [produce, _question(_NOTE, "Note", "text", required=False)],
    }
    light = _question(
        "L1ghtAtt", "Light", "radio", required=True, options=[_option("0ptDayl1", "daylight")]
    )
    classification = {"id": "2", "featureNodeHash": _LIGHT, "attributes": [light]}
    return {"objects": [crate], "classifications": [classification]}


def _question(
    feature: str, name: str, kind: str, *, required: bool, options: list[Row] | None = None
) -> Row:
    question = {"id": feature, "featureNodeHash": feature, "name": name, "type": kind, "required": required}
    return question | {"dynamic": False} | ({"options": options} if options else {})


def _option(feature: str, label: str) -> Row:
    return {"id": feature, "featureNodeHash": feature, "label": label, "value": label}
