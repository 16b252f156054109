"""Label rows of three nights: people, edits, a review, stages, and answers that their ontology requires."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from labelhouse.ingestion.run import IngestOptions

from tests.label_rows.test_bad_label_rows import box, frame, video
from tests.support.dashboard_nights import FIRST_NIGHT, clock
from tests.support.ingesting import ingest

Fact = dict[str, Any]

ONE = "2026-03-01 09:00:00"
"""When each label of the nights is made: the day before the first night."""
ANNA, BERT = "anna@example.com", "bert@example.com"


def at(day: int, hour: int = 9) -> str:
    return f"2026-03-{day:02} {hour:02}:00:00"


def night_row(data_hash: str, stage: str | None, *objects: Fact, **keys: Any) -> Fact:
    row = video(frame(*objects), data_hash=data_hash, data_title=f"{data_hash}.mp4", **keys)
    [one] = row["data_units"].values()
    return {
        **row,
        "label_hash": f"l-{data_hash}",
        "data_units": {data_hash: {**one, "data_hash": data_hash}},
        "workflow_graph_node": None if stage is None else {"uuid": stage, "title": stage},
    }


def made(object_hash: str, by: str, created: str, edited: str | None = None, **keys: Any) -> Fact:
    return box(
        object_hash,
        createdAt=created,
        createdBy=by,
        **({} if edited is None else {"lastEditedAt": edited, "lastEditedBy": BERT}),
        **keys,
    )


COLOUR = {"name": "red", "value": "red", "featureHash": "o1"}
ANSWERS = {
    "a1": {
        "objectHash": "a1",
        "classifications": [
            {"name": "Colour", "value": "colour", "answers": [COLOUR], "featureHash": "q1"},
        ],
    }
}
"""The car a1 is red: then its shade is required too, and nothing says it."""


def question(feature: str, name: str, kind: str, *options: Fact, required: bool = True) -> Fact:
    return {
        "id": feature,
        "featureNodeHash": feature,
        "name": name,
        "type": kind,
        "required": required,
        "dynamic": False,
        "options": list(options),
    }


NIGHT_ONTOLOGY = {
    "objects": [
        {
            "id": "1",
            "name": "car",
            "color": "#ff0000",
            "shape": "bounding_box",
            "featureNodeHash": "f1",
            "attributes": [
                question(
                    "q1",
                    "Colour",
                    "radio",
                    {
                        "id": "o1",
                        "label": "red",
                        "value": "red",
                        "featureNodeHash": "o1",
                        "options": [question("q2", "Shade", "text")],
                    },
                ),
                question("q3", "Note", "text", required=False),
                question("q4", "Old", "text") | {"archived": True},
            ],
        }
    ],
    "classifications": [],
}
NIGHTS: list[list[Fact]] = [
    # The loads begin at 02:00 on March 2, 3 and 4.
    [
        night_row("v1", "Annotate", made("a1", ANNA, ONE), made("a2", ANNA, ONE, confidence=0.25)),
        night_row("v2", "Annotate", made("b1", BERT, ONE, manualAnnotation=False)),
        night_row("v3", "Annotate", made("c1", ANNA, ONE)),
    ],
    [
        # Edited before the load that saw it in review: nothing says that it was after the review began.
        night_row("v1", "Review", made("a1", ANNA, ONE, at(2)), made("a2", ANNA, ONE, confidence=0.25)),
        night_row("v2", "Annotate", made("b1", BERT, ONE, manualAnnotation=False)),
        night_row("v3", None, made("c1", ANNA, ONE), label_status="REVIEWED"),
    ],
    [
        night_row(
            "v1",
            "Annotate",
            made("a1", ANNA, ONE, at(2)),
            made("a2", ANNA, ONE, at(3), confidence=0.75),
            made("a3", ANNA, at(3, 12)),
            object_answers=ANSWERS,
        ),
        night_row("v2", "Annotate", made("b1", BERT, ONE, at(3), manualAnnotation=False)),
    ],
]


def load_night(warehouse: Path, folder: Path, night: int, project: str = "nights", **options: Any) -> None:
    """Load the label rows of a night as if they had come at 02:00."""
    path, ontology = folder / "rows.json", folder / "ontology.json"
    path.write_text(json.dumps(NIGHTS[night]), encoding="utf-8")
    ontology.write_text(json.dumps(NIGHT_ONTOLOGY), encoding="utf-8")
    chosen = IngestOptions(project=project, jobs=1, full=True, ontology=str(ontology), **options)
    with clock(FIRST_NIGHT + timedelta(days=night)):
        [report] = ingest(warehouse, [str(path)], chosen)
    assert report.status == "committed"


def load_label_row_nights(warehouse: Path, folder: Path) -> None:
    """Load the label rows of all nights."""
    for night in range(len(NIGHTS)):
        load_night(warehouse, folder, night)
