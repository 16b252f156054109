"""labelhouse changes, the views on the history, and exports that differ in nothing that means something."""

import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.errors import UsageError
from labelhouse.maintenance.verify import verify
from labelhouse.querying.changes import changes

from tests.support.aliases import Load, Record, Rows, Write
from tests.support.exports import plain, unit
from tests.support.reports import counted
from tests.support.sets import slow, some


def renumbered(units: list[Record], chance: random.Random) -> list[Record]:
    """The same export as another run would write it: other ids, order and URL signatures."""
    units = copy.deepcopy(units)
    chance.shuffle(units)
    for document in units:
        for section in ("categories", "images", "annotations"):
            chance.shuffle(document[section])
        images = {image["id"]: 50 + n for n, image in enumerate(document["images"])}
        categories = {category["id"]: 70 + n for n, category in enumerate(document["categories"])}
        for image in document["images"]:
            image["id"] = images[image["id"]]
            image["coco_url"] = f"https://bucket.example/a.jpg?X-Signature={chance.random()}"
        for category in document["categories"]:
            category["id"] = categories[category["id"]]
        for number, label in enumerate(document["annotations"]):
            label |= {
                "id": 900 + number,
                "image_id": images[label["image_id"]],
                "category_id": categories[label["category_id"]],
            }
            if "attributes" in label:
                label["attributes"]["track_id"] = chance.randrange(10**6)
    return units


def rows(warehouse: Path, sql: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


@slow
@pytest.mark.parametrize("with_uuids", some([True, False]))
def test_a_renumbered_export_changes_nothing(
    write: Write, load: Load, warehouse: Path, with_uuids: bool
) -> None:
    units = [unit("a", labels=5), unit("b", labels=1), unit("c", labels=0)]
    for document in units:
        document["categories"].append({"supercategory": "polygon", "id": 2, "name": "Boat"})
        document["images"][0]["coco_url"] = "https://bucket.example/a.jpg?X-Signature=1"
        for label in document["annotations"]:
            if not with_uuids:
                del label["attributes"]["encord_track_uuid"]
    if not with_uuids:
        for name, document in zip("abc", units, strict=True):
            document["info"] = dict.fromkeys(document["info"]) | {"description": f"{name}.jpg"}
    load(write("1.json", units))
    identities = rows(warehouse, "select document_id, bbox_x, label_id from labels order by all")
    [report] = load(write("2.json", renumbered(units, random.Random(5))))
    assert report.status == "committed"
    assert report.as_json()["documents"] == {
        "added": 0,
        "changed": 0,
        "unchanged": 3,
        "removed": 0,
        "rejected": 0,
    }
    assert report.row["documents_renumbered"] == 3
    assert rows(warehouse, "select change, count(*) from label_changes group by all") == [("added", 6)]
    assert rows(warehouse, "select document_id, bbox_x, label_id from labels order by all") == identities
    assert rows(warehouse, "select min(annotation_id) from labels") == [(900,)]
    # The ids are those of the second export now: the first one differs from what is there.
    [report] = load(write("1.json", units), again=True)
    assert (report.status, report.row["documents_renumbered"]) == ("committed", 3)
    assert verify(warehouse).findings == []


@slow
def test_a_class_that_is_inserted_before_others_changes_the_document_but_no_label(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit("a")
    load(write("1.json", [document]))
    document["categories"] = [{"id": 1, "name": "Boat"}, document["categories"][0] | {"id": 2}]
    for label in document["annotations"]:
        label["category_id"] = 2
    [report] = load(write("2.json", [document]))
    assert counted(report, "documents")["changed"] == 1
    assert rows(warehouse, "select distinct change from label_changes") == [("added",)]


@slow
def test_null_missing_and_another_notation_are_no_changes(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit("a", labels=1)
    label = document["annotations"][0]
    label["attributes"]["classifications"] = {"Speed": 2}
    load(write("1.json", [document]))
    del label["keypoints"], label["num_keypoints"]
    label["attributes"]["classifications"] = {"Speed": 2.0}
    load(write("2.json", [document]))
    assert rows(warehouse, "select change from label_changes") == [("added",)]
    label["attributes"]["classifications"] = {}
    load(write("3.json", [document]))
    assert rows(warehouse, "select fields, before, after from label_changes where change = 'changed'") == [
        (["attributes.Speed"], '{"attributes.Speed":2}', "{}")
    ]


@slow
def test_what_comes_to_nothing_is_no_difference(write: Write, load: Load, warehouse: Path) -> None:
    moved = unit("a", shift=0.5)
    more = unit("a", labels=4)
    for number, units in enumerate(([unit("a")], [moved], [more], [unit("a")])):
        load(write(f"{number}.json", units), again=True)
    load(write("x.json", [unit("b")]), full=True)
    load(write("y.json", [unit("a")]))

    def net(since: str, as_of: str) -> Rows:
        with changes(warehouse, since=since, as_of=as_of) as difference:
            return [(row[3], row[5], row[6]) for row in difference.rows().fetchall()]

    assert net("2", "3") == [(f"uu{n}", "changed", ["bbox"]) for n in range(3)]
    assert net("2", "4") == [("uu3", "added", None)]
    assert net("2", "5") == []
    assert net("2", "6") == [(f"uu{n}", "removed", None) for n in range(3)] + [
        (f"uu{n}", "added", None) for n in range(3)
    ]
    # The document that went has come back as it was.
    assert net("2", "7") == [(f"uu{n}", "added", None) for n in range(3)]
    with pytest.raises(UsageError, match="comes after"), changes(warehouse, since="4", as_of="3"):
        pass


def test_the_views_tell_states_churn_and_late_changes(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit("a", labels=2)]))
    load(write("2.json", [unit("a", labels=1, shift=1)]))
    with connect(warehouse) as connection:
        times = dict(connection.execute("select snapshot_id, started_at from ingests").fetchall())
    assert rows(
        warehouse,
        "select label_id, change, valid_from, valid_to, ended_by from label_history order by all",
    ) == [
        ("uu0", "added", times[2], times[3], "changed"),
        ("uu0", "changed", times[3], None, None),
        ("uu1", "added", times[2], times[3], "removed"),
    ]
    assert rows(
        warehouse,
        "select snapshot_id, document_id, category, added, removed, changed from ingest_churn order by all",
    ) == [(2, "a", "Car", 2, 0, 0), (3, "a", "Car", 0, 1, 1)]
    assert rows(
        warehouse,
        "select label_id, change, added_at, nights, ingests from late_label_changes order by all",
    ) == [
        ("uu0", "changed", times[2], (times[3].date() - times[2].date()).days, 1),
        ("uu1", "removed", times[2], (times[3].date() - times[2].date()).days, 1),
    ]


@slow
def test_the_command_shows_a_summary_rows_and_json(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit("a")]))
    load(write("2.json", [unit("a", labels=2, shift=1)]))
    load(write("3.json", plain()), project="other")

    def shown(*options: str) -> str:
        command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "changes", *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    of_project = shown("--project", "default", "--since", "2")
    assert "snapshot 2 to 4: 0 labels added, 1 removed, 2 changed" in of_project
    assert "snapshot 3 to 4: 2 labels added, 0 removed, 0 changed" in shown()
    printed = json.loads(shown("--since", "2", "--as-of", "ingest:2", "--format", "json"))
    assert (printed["since"], printed["as_of"], printed["fields"]) == (2, 3, {"bbox": 2})
    assert printed["counts"] == [
        {"project": "default", "category": "Car", "added": 0, "removed": 1, "changed": 2}
    ]
    assert [(row["label_id"], row["change"], row["before"]) for row in printed["changes"][:2]] == [
        (f"uu{n}", "changed", f'{{"bbox":[{n}.0,2.0,3.0,4.0]}}') for n in range(2)
    ]
    assert len(shown("--since", "2", "--format", "csv").splitlines()) == 1 + 5
