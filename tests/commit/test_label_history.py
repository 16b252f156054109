"""Thirty nights of a project: label_changes, earlier states and differences equal the script's own list."""

import json
import random
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from labelhouse import connect
from labelhouse.exporting.run import ExportOptions, exported_texts
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify
from labelhouse.querying.changes import changes

from tests.reference.nights import LabelKey, Project, State, difference
from tests.support.aliases import Record, Rows
from tests.support.ingesting import ingest
from tests.support.sets import choose, rounds, slow

NIGHTS = rounds("NIGHTS", 4, 12, 30)
STATE = """
    select document_id, image_key, label_id, category_name, bbox_x, bbox_y, bbox_w, bbox_h, rotation,
        manual_annotation, polygons
    from labels
"""


def changes_by_label(rows: Rows) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Rows of label_changes or of a difference by label, with JSON as objects."""
    by_label = {
        tuple(row[:3]): (
            row[3],
            row[4],
            set(row[5] or ()),
            row[6] and json.loads(row[6]),
            row[7] and json.loads(row[7]),
        )
        for row in rows
    }
    assert len(by_label) == len(rows), "a label is told twice"
    return by_label


def expected(before: State, after: State, untold: set[LabelKey]) -> dict[LabelKey, tuple[Any, ...]]:
    """What the script says of the same: category, change, fields, before and after."""
    return {
        key: (
            (after.get(key) or before[key])["category"],
            change,
            fields,
            old,
            None if change == "added" and key in untold else new,
        )
        for key, (change, fields, old, new) in difference(before, after).items()
    }


def untold(project: Project) -> set[LabelKey]:
    return {
        (name, image.key, label.identity)
        for name, images in project.documents.items()
        for image in images
        for label in image.labels
        if not label.after_is_told
    }


def as_state(says: State) -> dict[LabelKey, tuple[Any, ...]]:
    return {
        key: (
            label["category"],
            *label["bbox"],
            label.get("rotation"),
            label["manual_annotation"],
            label.get("segmentation", []),
        )
        for key, label in says.items()
    }


def without_signatures(documents: list[Record]) -> dict[str, Record]:
    """Documents by the file names of their images, with URLs as the warehouse keeps them."""
    for document in documents:
        for image in document["images"]:
            image["coco_url"] = image["coco_url"].partition("?")[0]
    by_image = {min(image["file_name"] for image in d["images"]): d for d in documents}
    assert len(by_image) == len(documents)
    return by_image


def exported(connection: duckdb.DuckDBPyConnection) -> dict[str, Record]:
    _, texts = exported_texts(connection, ExportOptions())
    return without_signatures(json.loads(b"".join(texts)))


@pytest.mark.parametrize(
    ("with_uuids", "nights"), [(True, NIGHTS), pytest.param(False, NIGHTS // choose(2, 3, 2), marks=slow)]
)
def test_nights_are_told_exactly_and_can_be_read_again(
    tmp_path: Path, with_uuids: bool, nights: int
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    project = Project(random.Random(seed), with_uuids)
    warehouse = tmp_path / "warehouse"
    states: list[State] = [{}]
    secrets: list[set[LabelKey]] = [set()]
    ingests: list[str] = []
    exports: list[dict[str, Record]] = []
    for night in range(nights):
        is_full = project.live_through(night)
        source = tmp_path / "export.json"
        documents = project.export()
        source.write_text(json.dumps(documents))
        exports.append(without_signatures(documents))
        [report] = ingest(warehouse, [str(source)], IngestOptions(jobs=1, full=is_full))
        assert report.status == "committed", report.error
        states.append(project.state())
        secrets.append(untold(project))
        ingests.append(str(report.row["ingest_id"]))
        with closing(connect(warehouse)) as connection:
            rows = connection.execute(
                "select document_id, image_key, label_id, category, change, fields, before, after "
                "from label_changes where ingest_id = ?",
                [ingests[-1]],
            ).fetchall()
        assert changes_by_label(rows) == expected(states[-2], states[-1], secrets[-1]), f"night {night}"
    assert verify(warehouse).findings == []
    for ingest_id, state, export in zip(ingests, states[1:], exports, strict=True):
        with closing(connect(warehouse, as_of=ingest_id)) as connection:
            stored = connection.execute(STATE).fetchall()
            assert exported(connection) == export
        assert {row[:3]: (*row[3:-1], row[-1] or []) for row in stored} == as_state(state)
    for _ in range(nights):
        first, second = sorted(project.chance.sample(range(nights), 2))
        with changes(warehouse, since=ingests[first], as_of=ingests[second]) as changed:
            rows = [(r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]) for r in changed.rows().fetchall()]
        wanted = expected(states[first + 1], states[second + 1], set())
        # Of labels that came with their documents the history does not repeat what they say.
        difference = {
            key: (*row[:4], wanted[key][4] if row[1] == "added" and key in secrets[second + 1] else row[4])
            for key, row in changes_by_label(rows).items()
        }
        assert difference == wanted, f"nights {first} to {second}"
