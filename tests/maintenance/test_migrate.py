"""A warehouse of an earlier schema version becomes one of this version, and nothing of it is lost."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import labelhouse
import pytest
from labelhouse import connect
from labelhouse.errors import WarehouseError
from labelhouse.maintenance.migrate import MigrateResult, migrate
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION

from tests.attack.test_other_schemas import commands
from tests.support.aliases import Write
from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.ingesting import ingest_verb
from tests.support.old_warehouse import old_answers, unpack_old_warehouse
from tests.support.sets import rounds, slow

ROUNDS = rounds("KILLS", 1, 3, 100)
OLD = 2
EXPECTED = old_answers()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return unpack_old_warehouse(tmp_path)


def rows(warehouse: Path, sql: str, as_of: str | None = None) -> list[list[Any]]:
    with connect(warehouse, as_of=as_of) as connection:
        return rows_on(connection, sql)


def rows_on(connection: duckdb.DuckDBPyConnection, sql: str) -> list[list[Any]]:
    fetched = connection.execute(sql).fetchall()
    as_json: list[list[Any]] = json.loads(json.dumps(fetched, default=str))
    return as_json


def exported(warehouse: Path, project: str, as_of: str | None) -> Any:
    out = warehouse.parent / "out.json"
    labelhouse.export(warehouse, out, project=project, as_of=as_of)
    return json.loads(out.read_text(encoding="utf-8"))


def assert_answers_as_before(warehouse: Path) -> None:
    asked = {
        "label_changes": "select ingest_number, snapshot_id, project, document_id, image_key, label_id, "
        "category, change, fields, before, after from label_changes order by all",
        "check_results": "select project, check_name, severity, failing_count from check_results "
        "order by all",
    }
    with connect(warehouse) as connection:
        for name, sql in asked.items():
            assert rows_on(connection, sql) == EXPECTED[name], name
        for table, expected in EXPECTED["marts"].items():
            assert rows_on(connection, f"select * from {table} order by all") == expected, table
    labels = f"select {EXPECTED['columns']} from labels order by all"
    for number, expected in EXPECTED["as_of"].items():
        assert rows(warehouse, labels, f"ingest:{number}") == expected, number
    for name, expected in EXPECTED["exports"].items():
        project, number = name.split()
        assert exported(warehouse, project, None if number == "None" else f"ingest:{number}") == expected


def test_everything_is_there_as_before(old: Path) -> None:
    result = migrate(old)
    assert (result.version_before, result.version) == (OLD, SCHEMA_VERSION)
    assert_answers_as_before(old)
    ledger = rows(
        old,
        "select * exclude (started_at, finished_at, seconds, authors) from ingests order by ingest_number",
    )
    assert ledger[:-1] == EXPECTED["ingests"]
    assert rows(old, "select count(authors) from ingests") == [[0]]
    [row] = rows(
        old,
        "select ingest_id, ingest_number, status, project, source, snapshot_id from ingests "
        "where ingest_number > 8",
    )
    assert row == [result.ingest_id, 9, "migrated", None, None, None]
    assert labelhouse.verify(old).findings == []
    assert migrate(old) == MigrateResult(SCHEMA_VERSION, SCHEMA_VERSION, None)


@slow
def test_the_nights_go_on(old: Path, write: Write) -> None:
    migrate(old)
    # The bytes are new, the content is not: what is hashed is what was hashed before.
    exports = [write("roads.json", json.loads((old.parent / "exports" / "roads.json").read_text()))]
    report = ingest_verb(old, exports, project="roads").reports[0]
    assert (report.status, report.row["documents_unchanged"]) == ("unchanged", 3)
    changed = [unit("a", shift=1.0, labels=3), unit("new")]
    report = ingest_verb(old, write("roads.json", changed), project="roads").reports[0]
    assert report.status == "committed"
    assert rows(
        old,
        "select document_id, label_id, change from label_changes where ingest_number > 9 order by all",
    ) == [["a", "uu2", "added"], *(["new", f"uu{n}", "added"] for n in range(3))]
    labelhouse.refresh(old)
    labelhouse.check(old)
    labelhouse.publish(old)
    labelhouse.maintain(old, keep_days=0, grace_hours=0)
    assert labelhouse.verify(old).findings == []
    assert rows(old, "select distinct project from ingest_health order by all") == [["other"], ["roads"]]


@slow
def test_the_first_refresh_computes_the_marts_by_the_statements_of_this_version(old: Path) -> None:
    migrate(old)
    assert labelhouse.refresh(old).documents_added == len(rows(old, "from documents"))
    refreshed = marts(old)
    assert labelhouse.refresh(old).is_changed is False
    assert labelhouse.refresh(old, rebuild=True).is_changed is True
    assert marts(old) == refreshed
    tracks = "select category_name, sum(labels) from tracks group by all order by all"
    [counted] = rows(old, "select sum(label_count) from mart_tracks")
    assert counted == [sum(labels for _, labels in rows(old, tracks))]
    assert labelhouse.verify(old).findings == []


def marts(warehouse: Path) -> dict[str, list[list[Any]]]:
    names = "select table_name from duckdb_tables() where table_name like 'mart\\_%' escape '\\'"
    return {
        name: rows(warehouse, f"from {name} order by all")
        for [name] in rows(warehouse, names)
        if name != "mart_state"
    }


@slow
def test_states_of_before_have_the_views_and_columns_of_this_version(old: Path) -> None:
    migrate(old)
    question = "select count(*), count(annotation_id_text), count(track_id_text) from labels"
    assert rows(old, question, "ingest:1") == [[9, 0, 0]]
    with labelhouse.ask(old, "class_balance", as_of="ingest:1") as answer:
        assert [row[:3] for row in answer.fetchall()] == [("roads", "Car", 9)]
    with labelhouse.query(old, "select count(image_id_text) from images", as_of="ingest:3") as result:
        assert result.fetchall() == [(0,)]


def test_every_command_says_to_migrate_first(old: Path, write: Write) -> None:
    for name, command in commands(old, write("b.json", [unit("b")])).items():
        with pytest.raises(WarehouseError) as error:
            command()
        assert (name, error.value.code, str(error.value)) == (
            name,
            ReasonCode.SCHEMA_VERSION,
            f"{old}: the warehouse has schema version {OLD}, this Labelhouse {SCHEMA_VERSION}; "
            "run: labelhouse --warehouse DIR migrate",
        )


def test_the_command_says_what_it_did(old: Path) -> None:
    done = run("--warehouse", old, "migrate")
    assert (done.returncode, done.stdout) == (
        0,
        f"migrated from schema version {OLD} to {SCHEMA_VERSION}\n",
    )
    done = run("--warehouse", old, "migrate")
    assert (done.returncode, done.stdout) == (0, f"schema version {SCHEMA_VERSION}: nothing to do\n")
    done = run("--warehouse", old, "migrate", "--json")
    assert json.loads(done.stdout) == {
        "version_before": SCHEMA_VERSION,
        "version": SCHEMA_VERSION,
        "ingest_id": None,
    }


def test_where_there_is_no_warehouse_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError) as error:
        migrate(tmp_path / "warehouse")
    assert error.value.code is ReasonCode.WAREHOUSE_MISSING
    assert list(tmp_path.iterdir()) == []


@slow
def test_a_copy_of_before_that_is_put_back_is_migrated_again(old: Path) -> None:
    from labelhouse.maintenance.restore import listed, restore

    migrate(old)
    before = listed(old)[1]
    restore(old, generation=before.generation, force=True)
    assert migrate(old).version_before == OLD
    assert_answers_as_before(old)
    assert labelhouse.verify(old).findings == []


@slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_killed_migration_leaves_the_old_or_the_new_tables(old: Path, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    command = [sys.executable, "-m", "labelhouse", "--warehouse"]
    first = shutil.copytree(old, tmp_path / "first")
    start = time.monotonic()
    subprocess.run([*command, str(first), "migrate"], check=True, capture_output=True)
    seconds = time.monotonic() - start
    for number in range(ROUNDS):
        warehouse = shutil.copytree(old, tmp_path / str(number))
        process = subprocess.Popen([*command, str(warehouse), "migrate"], stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 1.0) * seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
        result = migrate(warehouse)
        assert result.version_before in (OLD, SCHEMA_VERSION)
        assert_answers_as_before(warehouse)
        assert rows(warehouse, "select count(*) from ingests where status = 'migrated'") == [[1]]
        assert labelhouse.verify(warehouse).findings == []
        shutil.rmtree(warehouse)


@slow
def test_two_migrations_at_once_are_one(old: Path) -> None:
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(old), "migrate"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(process.communicate()[0] for process in running)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert said == [
        f"migrated from schema version {OLD} to {SCHEMA_VERSION}\n",
        *[f"schema version {SCHEMA_VERSION}: nothing to do\n"] * 2,
    ]
    assert_answers_as_before(old)


@slow
def test_the_loading_verb_of_a_migrated_warehouse_reads_texts_as_ids(old: Path, write: Write) -> None:
    migrate(old)
    document = {
        "images": [{"id": "left", "file_name": "l.jpg", "width": 9, "height": 9}],
        "annotations": [{"id": "u-1", "image_id": "left", "category_id": "car", "bbox": [1, 2, 3, 4]}],
        "categories": [{"id": "car", "name": "Car"}],
    }
    ingest_verb(old, write("ids.json", document))
    assert rows(
        old,
        "select image_key, category_name, label_id, annotation_id_text, image_id_text, category_id_text "
        "from labels where project = 'default'",
    ) == [["l.jpg", "Car", "#u-1", "u-1", "left", "car"]]
    assert exported(old, "default", None) == [document]
