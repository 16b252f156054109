"""A person who is forgotten is in no file of the warehouse, and later loads leave the person out."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import labelhouse
import pytest
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.maintenance.forget import ForgetResult
from labelhouse.texts.people import Authors

from tests.attack.test_people import NUMBER, coco, nights, people_in, row, who
from tests.support import command_line
from tests.support.aliases import Rows, Write
from tests.support.ingesting import ingest_verb
from tests.support.sets import slow

ANNA, BEN = "Anna@example.com", "ben@example.com"
PEOPLE = [
    *(
        who(place)
        for place in (
            *("review", "comment", "key", "nested", "maker", "editor", "list", "object", "quarantine"),
            *(
                "assigned",
                "actioned",
                "export",
                "answers",
                "answer",
                "classifier",
                "reclassifier",
                "creator",
            ),
            *("uploader", "info", "license", "image", "category", "attribute", "pointer"),
        )
    ),
    *(str(NUMBER), "canary without address", "Canary Smith", "canary", "Canary"),
]
"""All that the nights of another test name."""


def made(by: str, edited: str = BEN, version: int = 0) -> list[object]:
    """Return an export of one label row whose labels two people made."""
    value = row(version)
    text = json.dumps(value).replace(who("maker"), by).replace(who("editor"), edited)
    return [json.loads(text)]


def rows(warehouse: Path, sql: str) -> Rows:
    with labelhouse.connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


def findings(warehouse: Path) -> list[str]:
    return [finding.check for finding in labelhouse.verify(warehouse).findings]


@slow
def test_no_file_names_people_who_were_forgotten_and_later_loads_leave_them_out(
    warehouse: Path, write: Write
) -> None:
    nights(warehouse, write, "keep")
    labels = "select count(*), count(distinct label_id) from labels"
    changes = "select change, count(*) from label_changes group by all order by all"
    before = rows(warehouse, labels), rows(warehouse, changes)
    assert people_in(warehouse)
    labelhouse.forget(warehouse, *(person.upper() if "@" in person else person for person in PEOPLE))
    for command in (("check",), ("publish",), ("publish", "--format", "parquet"), ("report",)):
        assert command_line.run(*command, "--warehouse", str(warehouse)).returncode == 0
    assert people_in(warehouse) == {}
    assert findings(warehouse) == []
    answers = "select * exclude (document_key) from attributes order by all"
    after = rows(warehouse, answers)
    assert (rows(warehouse, labels), rows(warehouse, changes)) == before
    # Newer exports that name them again.
    ingest_verb(warehouse, write("1/rows.json", [row(2)]), project="rows", max_bad=0.5)
    ingest_verb(warehouse, write("1/objects.json", coco(2)), project="coco", max_bad=0.5)
    assert people_in(warehouse) == {}
    # Nothing of the labels changes when they are read without the people.
    assert rows(warehouse, labels) == before[0]
    assert rows(warehouse, answers) == after
    assert findings(warehouse) == []


def test_the_others_stay_and_the_result_says_where_the_person_was(warehouse: Path, write: Write) -> None:
    ingest_verb(warehouse, write("rows.json", made(ANNA)))
    ingest_verb(warehouse, write("again.json", made(ANNA, version=1)))
    people = (
        "select distinct created_by, last_edited_by from annotations where encord_track_uuid = 'aaaaaaa1'"
    )
    assert rows(warehouse, people) == [(ANNA, BEN)]
    snapshots = "select count(*) from ducklake_snapshots('lake')"
    states = rows(warehouse, snapshots)
    planned = labelhouse.forget(warehouse, "anna@EXAMPLE.com", dry_run=True)
    assert (rows(warehouse, people), rows(warehouse, snapshots)) == ([(ANNA, BEN)], states)
    done = labelhouse.forget(warehouse, "anna@EXAMPLE.com")
    assert planned.columns == done.columns
    assert ("annotations", "created_by", 1) in {(c.table, c.column, c.rows) for c in done.columns}
    assert rows(warehouse, people) == [(None, BEN)]
    assert rows(warehouse, snapshots) == [(1,)]
    [(status, token, count)] = rows(
        warehouse, "select status, authors, count(*) from ingests where source is null group by all"
    )
    assert (status, count, token.startswith("person-")) == ("forgot", 1, True)
    again = labelhouse.forget(warehouse, token)
    assert again.columns == []
    assert rows(warehouse, "select count(*) from ingests where status = 'forgot'") == [(1,)]
    assert findings(warehouse) == []


@slow
def test_a_token_is_forgotten_with_the_person(warehouse: Path, write: Write) -> None:
    source = write("rows.json", made(ANNA))
    ingest_verb(warehouse, source, authors="hash")
    people = (
        "select distinct created_by, last_edited_by from annotations where encord_track_uuid = 'aaaaaaa1'"
    )
    [(anna, ben)] = rows(warehouse, people)
    labelhouse.forget(warehouse, ANNA)
    assert rows(warehouse, people) == [(None, ben)]
    settings: list[tuple[Authors, str | None]] = [("hash", ben), ("keep", BEN), ("drop", None)]
    for authors, other in settings:
        [report] = ingest_verb(warehouse, source, authors=authors).reports
        assert report.status == "committed"
        assert rows(warehouse, people) == [(None, other)]
        assert ingest_verb(warehouse, source, authors=authors).reports[0].status == "unchanged"
    assert rows(warehouse, f"select count(*) from label_changes where after like '%{anna}%'") == [(0,)]


@slow
def test_what_is_a_label_or_a_name_stays_and_is_listed(warehouse: Path, write: Write) -> None:
    export = coco()
    export["images"][0]["file_name"] = f"portraits of {ANNA}.jpg"
    export["annotations"][1]["attributes"] = {"mail on the envelope": ANNA, "annotator": ANNA}
    ingest_verb(warehouse, write("objects.json", export), max_bad=0.5)
    done: ForgetResult = labelhouse.forget(warehouse, ANNA)
    elsewhere = {(column.table, column.column): column.rows for column in done.elsewhere}
    assert elsewhere[("images", "file_name")] == 1
    answers = "select name, value from attributes where name in ('mail on the envelope', 'annotator')"
    assert rows(warehouse, f"{answers} order by all") == [
        ("annotator", None),
        ("mail on the envelope", ANNA),
    ]


@slow
def test_without_the_salt_nobody_is_taken_for_another(warehouse: Path, write: Write) -> None:
    source = write("rows.json", made(ANNA))
    ingest_verb(warehouse, source)
    labelhouse.forget(warehouse, ANNA)
    (warehouse / "people.salt").unlink()
    with pytest.raises(WarehouseError, match="so no one can know who was forgotten"):
        ingest_verb(warehouse, source)
    with pytest.raises(WarehouseError, match="so no one can know who was forgotten"):
        labelhouse.verify(warehouse)
    assert ingest_verb(warehouse, source, authors="drop").reports[0].status == "committed"


@slow
def test_verify_finds_a_person_who_came_back_by_another_way(warehouse: Path, write: Write) -> None:
    ingest_verb(warehouse, write("rows.json", made(ANNA)))
    copies = list((warehouse / "backups").glob("catalog-*"))
    kept = [(copy, copy.read_bytes()) for copy in copies]
    labelhouse.forget(warehouse, ANNA)
    assert findings(warehouse) == []
    for copy, content in kept:
        copy.write_bytes(content)
        os.utime(copy)
    from labelhouse.warehouse.opening import open_warehouse

    with open_warehouse(warehouse) as opened, opened.lock():
        opened.announce_change()
        opened.connection.execute(f"update annotations set created_by = '{ANNA}'")
    assert set(findings(warehouse)) == {"forgotten"}
    labelhouse.forget(warehouse, ANNA)
    assert findings(warehouse) == []


@pytest.mark.parametrize("person", ["", " ", "a", "a\nb", "\x1b[2J"])
def test_what_is_no_person_is_refused(warehouse: Path, person: str) -> None:
    with pytest.raises(UsageError, match="a name of a person is"):
        labelhouse.forget(warehouse, person)


@slow
def test_the_command_asks_for_yes_and_never_repeats_the_person(warehouse: Path, write: Write) -> None:
    ingest_verb(warehouse, write("rows.json", made(ANNA)))
    place = ("--warehouse", str(warehouse))
    asked = command_line.run("forget", ANNA, *place)
    assert (asked.returncode, asked.stdout.splitlines()[-1]) == (0, "nothing was changed; add --yes")
    done = command_line.run("forget", ANNA, "--yes", *place)
    assert done.returncode == 0
    assert "took people out of 1 rows of annotations.created_by" in done.stdout
    again = json.loads(command_line.run("forget", ANNA, "--yes", "--json", *place).stdout)
    assert (again["dry_run"], again["columns"]) == (False, [])
    missing = command_line.run("forget", ANNA, "--warehouse", str(warehouse / "none"))
    assert missing.returncode == 2
    for output in (asked, done, missing):
        assert ANNA.lower() not in (output.stdout + output.stderr).lower()


@slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_killed_run_goes_on_where_it_stopped(warehouse: Path, write: Write) -> None:
    for night in range(3):
        ingest_verb(warehouse, write(f"{night}.json", made(ANNA, version=night)))
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    labels = "select count(*), count(last_edited_by) from annotations"
    before = rows(warehouse, labels)
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "forget", ANNA, "--yes"]
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.4, 2.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert rows(warehouse, labels) == before
        assert set(findings(warehouse)) <= {"forgotten"}
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert rows(warehouse, labels) == before
    assert findings(warehouse) == []
    assert not [name for name, hits in people_in(warehouse).items() if ANNA in hits]
    assert rows(warehouse, "select count(*) from annotations where created_by is not null") == rows(
        warehouse,
        f"select count(*) from annotations where created_by is not null and created_by <> '{ANNA}'",
    )
