"""With `drop` and `hash` no file of a warehouse holds a person, and changing the setting is noticed."""

import json
import re
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import duckdb
import labelhouse
import pyarrow.parquet as pq
import pytest
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.ingestion.stage_source import stage_with
from labelhouse.maintenance.restore import restore
from labelhouse.texts.people import Authors, People

from tests.label_rows.test_bad_label_rows import box, frame, video
from tests.parallel.test_sharing import assert_same, shared, task_of
from tests.support import command_line
from tests.support.aliases import Write
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest_verb
from tests.support.sets import choose, slow, some

NUMBER = 990017733
"""A user id that is a number."""
FOUND = re.compile(rb"canary|persons\.example|990017733", re.IGNORECASE)


def who(place: str) -> str:
    return f"Canary.{place}@persons.example"


def row(version: int = 0) -> dict[str, Any]:
    """A label row that names a person wherever a row may."""
    review = {
        "user_id": NUMBER,
        "user_email": who("review"),
        "createdBy": "canary without address",
        "comment": f"as {who('comment')} said",
        "votes": {who("key"): 1},
        "metadata": {"reviews": [{"user_email": who("nested")}]},
    }
    label = box(createdBy=who("maker"), lastEditedBy=who("editor"), reviews=[review], objectNumber=version)
    odd = box(
        "bbbbbbb2", createdBy=[who("list")], lastEditedBy={"email": who("object")}, annotator="canary"
    )
    refused = {key: value for key, value in box("ccccccc3").items() if key != "boundingBox"}
    value = video(
        frame(
            label, odd, {**refused, "createdBy": who("quarantine"), "reviews": [review]}, box("ddddddd4")
        ),
        assigned_user_email=who("assigned"),
        last_actioned_by_user_email=who("actioned"),
        export_history=[{"export_hash": "e", "exported_at": "now", "user_email": who("export")}],
        object_answers={
            "aaaaaaa1": {
                "objectHash": "aaaaaaa1",
                "createdBy": who("answers"),
                "classifications": [
                    {"name": "Colour", "answers": "red", "featureHash": "q", "lastEditedBy": who("answer")}
                ],
            }
        },
        classification_answers={
            "hhhhhhh1": {
                "classificationHash": "hhhhhhh1",
                "featureHash": "c1",
                "classifications": [],
                "createdBy": who("classifier"),
                "lastEditedBy": who("reclassifier"),
                "reviews": [review],
                "range": [[0, 0]],
            }
        },
        creator_email=who("creator"),
    )
    cast("dict[str, Any]", value["data_units"])["u1"]["uploaded_by"] = who("uploader")
    return value


def coco(version: int = 0) -> dict[str, Any]:
    """A COCO object that names a person wherever one may."""
    value = plain(4)
    value["info"] = {"contributor": "Canary Smith", "description": "boxes", "mail": who("info")}
    value["licenses"] = [{"id": 1, "name": f"by {who('license')}"}]
    value["images"][0]["uploaded_by"] = who("image")
    value["categories"][0]["created_by"] = who("category")
    first, second, third, refused = value["annotations"]
    first |= {"created_by": NUMBER, "annotator": who("maker"), "area": 6 + version}
    second["attributes"] = {"annotator": who("attribute"), "reviewer_id": NUMBER, "colour": "red"}
    third["attributes"] = {"reviewed_by": [who("list")], "history": {"by": 1}}
    third["history"] = [{"user": {"name": "Canary", "id": NUMBER}}]
    refused |= {"bbox": [1, 2], "annotator": who("quarantine")}
    return value


def people_in(folder: Path) -> dict[str, list[str]]:
    """Return what names a person in each file below a folder, in its bytes or in what they decode to."""
    people: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes() + path.name.encode()
        if path.suffix == ".parquet":
            file = pq.ParquetFile(path)
            content += repr(file.read().to_pylist()).encode()
            content += repr(file.metadata.to_dict()).encode()
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall():
                    content += repr(connection.execute(f'from "{name}"').fetchall()).encode()
        elif content.startswith(b"SQLite format 3"):
            with sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True) as catalog:
                content += "\n".join(catalog.iterdump()).encode()
        if hits := sorted({match[0].decode() for match in FOUND.finditer(content)}):
            people[str(path.relative_to(folder))] = hits
    return people


def nights(folder: Path, write: Write, authors: Authors) -> str:
    """Load two nights of both kinds and a source that is rejected; return what the commands print."""
    said = ""
    for night in range(2):
        rows = write(f"{night}/rows.json", [row(night)])
        objects = write(f"{night}/objects.json", coco(night))
        bad = write(f"{night}/bad.json", [{**row(night), "data_units": {who("pointer"): 7}}])
        for source, project in ((rows, "rows"), (objects, "coco"), (objects, "coco"), (bad, "bad")):
            done = command_line.run(
                *("ingest", source, "--project", project, "--authors", authors, "--jobs", "1"),
                *(("--json",) if night else ()),
                *("--max-bad", "0.5", "--warehouse", str(folder)),
            )
            assert done.returncode == (source == bad), done.stderr
            said += done.stdout + done.stderr
    for command in (("check",), ("publish",), ("publish", "--format", "parquet"), ("report",), ("verify",)):
        done = command_line.run(*command, "--warehouse", str(folder))
        said += done.stdout + done.stderr
    return said


@pytest.mark.parametrize("authors", some(["hash", "drop"]))
def test_no_file_and_no_line_names_a_person(warehouse: Path, write: Write, authors: Authors) -> None:
    said = nights(warehouse, write, authors)
    assert FOUND.findall(said.encode()) == []
    assert people_in(warehouse) == {}
    with labelhouse.connect(warehouse) as connection:
        counts = connection.execute(
            "select (select count(*) from quarantine), (select count(*) from label_changes where change = "
            "'changed'), (select count(*) from ingests where status = 'rejected')"
        ).fetchone()
        assert counts == (2, 2, 2)
        made = connection.execute(
            "select distinct created_by from annotations where encord_track_uuid = 'aaaaaaa1'"
        ).fetchall()
    salt = (warehouse / "people.salt").read_text().strip() if authors == "hash" else ""
    assert made == [(People(authors, salt).person(who("maker")),)]
    assert (warehouse / "people.salt").exists() == (authors == "hash")


@slow
def test_the_search_for_people_finds_them_where_they_are_kept(warehouse: Path, write: Write) -> None:
    nights(warehouse, write, "keep")
    people = people_in(warehouse)
    assert "catalog.sqlite" in people
    folders = {Path(name).parts[2] for name in people if name.startswith("data/")}
    assert folders >= {
        *(
            "annotations",
            "attributes",
            "categories",
            "classifications",
            "documents",
            "images",
            "label_rows",
        ),
        *("answers", "quarantine", "ingests"),
    }


def status(warehouse: Path, source: str, authors: Authors, **options: Any) -> str:
    return ingest_verb(warehouse, source, authors=authors, **options).reports[0].status


def test_changing_the_setting_stores_the_documents_once_more(warehouse: Path, write: Write) -> None:
    source = write("rows.json", [row()])
    turns: list[Authors] = ["keep", "drop", "keep", "hash", "drop", "hash"]
    for authors in turns[: choose(4, 6, 6)]:
        assert status(warehouse, source, authors) == "committed"
        assert status(warehouse, source, authors) == "unchanged"
        assert list((warehouse / "parsed").glob("*.parquet")), "the second load recalls the bytes"
        with labelhouse.connect(warehouse) as connection:
            [(made,)] = connection.execute(
                "select created_by from annotations where encord_track_uuid = 'aaaaaaa1'"
            ).fetchall()
        salt = labelhouse_salt(warehouse) if authors == "hash" else ""
        assert made == People(authors, salt).person(who("maker"))
    assert labelhouse.verify(warehouse).as_json()["findings"] == []


def labelhouse_salt(warehouse: Path) -> str:
    return (warehouse / "people.salt").read_text().strip()


def test_a_source_without_people_is_unchanged_under_another_setting(warehouse: Path, write: Write) -> None:
    source = write("a.json", [unit("a")])
    assert status(warehouse, source, "keep") == "committed"
    assert status(warehouse, source, "drop") == "unchanged"
    assert status(warehouse, source, "hash") == "unchanged"


@slow
@pytest.mark.parametrize("authors", ["drop", "hash"])
def test_a_change_of_the_setting_writes_no_person_of_before(
    warehouse: Path, write: Write, authors: Authors
) -> None:
    turns: list[Authors] = ["keep", authors]
    for version, setting in enumerate(turns):
        status(warehouse, write(f"{version}/rows.json", [row(version)]), setting)
        status(warehouse, write(f"{version}/a.json", coco(version)), setting, project="c")
    status(warehouse, write("2/a.json", coco(2)), "keep", project="c")
    status(warehouse, write("3/a.json", plain(1)), authors, project="c")
    with labelhouse.connect(warehouse) as connection:
        changes = connection.execute(
            "select change, fields, before, after from label_changes join ingests using (ingest_id) "
            "where authors is not null order by all"
        ).fetchall()
    assert {change for change, *_ in changes} == {"changed", "removed"}
    assert any("area" in (fields or ()) for _, fields, *_ in changes)
    assert FOUND.findall(repr(changes).encode()) == []


@slow
def test_tokens_of_before_stay_in_the_history(warehouse: Path, write: Write) -> None:
    for maker in ("one", "two"):
        value = row()
        value["data_units"]["u1"]["labels"]["0"]["objects"][0]["createdBy"] = who(maker)
        assert status(warehouse, write("rows.json", [value]), "hash") == "committed"
    people = People("hash", labelhouse_salt(warehouse))
    with labelhouse.connect(warehouse) as connection:
        changes = connection.execute(
            "select fields, before, after from label_changes where change = 'changed'"
        ).fetchall()
    [(fields, before, after)] = changes
    assert fields == ["created_by"]
    assert json.loads(before) == {"created_by": people.person(who("one"))}
    assert json.loads(after) == {"created_by": people.person(who("two"))}


def test_the_salt_is_private_made_once_and_stays_through_a_restoration(
    warehouse: Path, write: Write
) -> None:
    source, other = write("rows.json", [row()]), write("a.json", coco())
    [tried] = labelhouse.ingest(warehouse, source, authors="hash", jobs=1, dry_run=True).reports
    assert tried.status == "committed"
    assert not warehouse.exists()
    status(warehouse, source, "hash", project="a")
    salt = (warehouse / "people.salt").read_bytes()
    assert stat.S_IMODE((warehouse / "people.salt").stat().st_mode) == 0o600
    status(warehouse, other, "hash", project="b")
    with labelhouse.connect(warehouse) as connection:
        tokens = connection.execute(
            "select created_by from annotations where encord_track_uuid = 'aaaaaaa1' union all "
            "select json_extract_string(extra, 'annotator') from annotations where annotation_id = 0 "
            "and extra like '%annotator%'"
        ).fetchall()
    assert len(tokens) == 2
    assert len(set(tokens)) == 1, "one person in two projects and formats"
    restore(warehouse, force=True)
    assert (warehouse / "people.salt").read_bytes() == salt
    assert status(warehouse, source, "hash", project="a") == "unchanged"


@slow
def test_a_lost_salt_makes_other_tokens_and_is_noticed(warehouse: Path, write: Write) -> None:
    source = write("rows.json", [row()])
    status(warehouse, source, "hash")
    (warehouse / "people.salt").unlink()
    assert status(warehouse, source, "hash") == "committed"
    with labelhouse.connect(warehouse) as connection:
        [(marks,)] = connection.execute("select count(distinct authors) from ingests").fetchall()
    assert marks == 2


@pytest.mark.parametrize("content", some([b"0" * 63, b"", b"ab\n", b"\xff" * 64, b"0" * 66]))
def test_a_damaged_salt_stops_the_load(warehouse: Path, write: Write, content: bytes) -> None:
    source = write("rows.json", [row()])
    status(warehouse, source, "hash")
    (warehouse / "people.salt").write_bytes(content)
    with pytest.raises(WarehouseError, match=r"people\.salt: the salt for people holds no salt; put"):
        status(warehouse, write("other.json", [row(1)]), "hash")
    assert status(warehouse, write("other.json", [row(1)]), "drop") == "committed"


def test_a_first_load_without_success_leaves_no_salt(tmp_path: Path, write: Write) -> None:
    folder = tmp_path / "fresh"
    [rejected] = labelhouse.ingest(folder, write("bad.json", {"x": 1}), authors="hash", jobs=1).reports
    assert rejected.status == "rejected"
    assert not folder.exists()


def test_another_setting_is_refused(warehouse: Path, write: Write) -> None:
    with pytest.raises(UsageError, match="authors is neither keep, hash nor drop"):
        status(warehouse, write("rows.json", [row()]), cast("Authors", "forget"))


def test_processes_that_share_a_text_name_no_person_either(tmp_path: Path) -> None:
    value = [
        {**coco(version), "images": [{"id": 7, "file_name": f"{version}.jpg"}]} for version in range(60)
    ]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(value))
    settings: dict[str, Any] = {"authors": "drop", "max_bad": 0.9}
    one = stage_with(replace(task_of(path, tmp_path / "one"), **settings), None)
    several, jobs = shared(replace(task_of(path, tmp_path / "several"), **settings))
    assert several is not None
    assert jobs > 3
    assert_same(one, several)
    assert people_in(tmp_path / "several") == {}


def test_predictions_name_no_person(warehouse: Path, write: Write) -> None:
    ingest_verb(warehouse, write("a.json", plain()))
    result = {
        "image_id": 7,
        "category_id": 3,
        "bbox": [0, 1, 2, 3],
        "score": 0.5,
        "annotator": who("model"),
    }
    source = write("results.json", [result])
    assert status(warehouse, source, "drop", model="m") == "predictions"
    assert people_in(warehouse) == {}


def test_known_texts_of_documents_are_not_known_under_another_setting(
    warehouse: Path, write: Write
) -> None:
    value = [{**coco(), "images": [{"id": 7, "file_name": f"{index}.jpg"}]} for index in range(250)]
    for document in value:
        # The texts of documents with records in quarantine are not remembered.
        document["annotations"].pop()
    assert status(warehouse, write("list.json", value), "keep", max_bad=0.9) == "committed"
    assert list((warehouse / "parsed").glob("texts-*/*.arrow"))
    value[3]["annotations"][0]["area"] = 99
    assert status(warehouse, write("list.json", value), "drop", max_bad=0.9) == "committed"
    with labelhouse.connect(warehouse) as connection:
        rows = connection.execute("select extra from annotations").fetchall()
        rows += connection.execute("select extra from documents").fetchall()
        rows += connection.execute("select value from attributes").fetchall()
    assert len(rows) > 600
    assert FOUND.findall(repr(rows).encode()) == []
