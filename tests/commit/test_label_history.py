"""Thirty nights of a project: label_changes, earlier states and differences equal the script's own list."""

import json
import os
import random
from contextlib import closing

import pytest
from labelhouse import connect
from labelhouse.exporting.run import ExportOptions, exported_texts
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.maintenance.verify import verify
from labelhouse.querying.changes import changes

from tests.reference.nights import Project, difference
from tests.support.corpus import SOAK

NIGHTS = int(os.environ.get("LABELHOUSE_NIGHTS", "30"))
STATE = """
    select document_id, image_key, label_id, category_name, bbox_x, bbox_y, bbox_w, bbox_h, rotation,
        manual_annotation, polygons
    from labels
"""


def told(rows):
    """Rows of label_changes or of a difference by label, with JSON as objects."""
    found = {
        tuple(row[:3]): (
            row[3],
            row[4],
            set(row[5] or ()),
            row[6] and json.loads(row[6]),
            row[7] and json.loads(row[7]),
        )
        for row in rows
    }
    assert len(found) == len(rows), "a label is told twice"
    return found


def expected(before, after, untold):
    """What the script says of the same: category, change, fields, before and after."""
    return {
        key: (
            (new or old)["category"] if change != "changed" else after[key]["category"],
            change,
            fields,
            old,
            None if change == "added" and key in untold else new,
        )
        for key, (change, fields, old, new) in difference(before, after).items()
    }


def untold(project):
    return {
        (name, image.key, label.identity)
        for name, images in project.documents.items()
        for image in images
        for label in image.labels
        if not label.after_is_told
    }


def as_state(says):
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


def without_signatures(documents):
    """Documents by the file names of their images, with URLs as the warehouse keeps them."""
    for document in documents:
        for image in document["images"]:
            image["coco_url"] = image["coco_url"].partition("?")[0]
    found = {min(image["file_name"] for image in d["images"]): d for d in documents}
    assert len(found) == len(documents)
    return found


def exported(connection):
    _, texts = exported_texts(connection, ExportOptions())
    return without_signatures(json.loads(b"".join(texts)))


@pytest.mark.parametrize(("with_uuids", "nights"), [(True, NIGHTS), (False, NIGHTS // (2 if SOAK else 3))])
def test_nights_are_told_exactly_and_can_be_read_again(tmp_path, with_uuids, nights):
    seed = random.randrange(2**32)
    print("seed", seed)
    project = Project(random.Random(seed), with_uuids)
    warehouse = tmp_path / "warehouse"
    states, ingests, secrets, exports = [{}], [], [set()], []
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
        ingests.append(report.row["ingest_id"])
        with closing(connect(warehouse)) as connection:
            rows = connection.execute(
                "select document_id, image_key, label_id, category, change, fields, before, after "
                "from label_changes where ingest_id = ?",
                [ingests[-1]],
            ).fetchall()
        assert told(rows) == expected(*states[-2:], secrets[-1]), f"night {night}"
    assert verify(warehouse).findings == []
    for ingest_id, state, export in zip(ingests, states[1:], exports, strict=True):
        with closing(connect(warehouse, as_of=ingest_id)) as connection:
            found = connection.execute(STATE).fetchall()
            assert exported(connection) == export
        assert {row[:3]: (*row[3:-1], row[-1] or []) for row in found} == as_state(state)
    for _ in range(nights):
        first, second = sorted(project.chance.sample(range(nights), 2))
        with changes(warehouse, since=ingests[first], as_of=ingests[second]) as found:
            rows = [(r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]) for r in found.rows().fetchall()]
        wanted = expected(states[first + 1], states[second + 1], set())
        # Of labels that came with their documents the history does not repeat what they say.
        found = {
            key: (*row[:4], wanted[key][4] if row[1] == "added" and key in secrets[second + 1] else row[4])
            for key, row in told(rows).items()
        }
        assert found == wanted, f"nights {first} to {second}"
