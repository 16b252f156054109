"""Garbage in staging/ and beside the catalog stops no command, and what is not ours is not lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.checksums import read_checksums, registered_files
from labelhouse.maintenance.maintain import maintain
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.publishing.publish import publish
from labelhouse.querying.check import check
from labelhouse.querying.status import status
from labelhouse.schema.warehouse_tables import INGESTS
from labelhouse.staging.pending_ingest_rows import rows_in
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.recovery import recover

from tests.support.aliases import Rows
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import slow

DEAD = "run-20260101T000000-00000000"
HONEST = {
    "ingest_id": "20260101T000000-000009-abcdef",
    "ingest_number": 9,
    "project": "default",
    "source": "x.json",
    "started_at": "2026-01-01T00:00:00+00:00",
    "finished_at": "2026-01-01T00:00:01+00:00",
    "status": "unchanged",
}


def row(**values: object) -> bytes:
    return json.dumps({**HONEST, **values}).encode()


GARBAGE = {
    "no JSON": b"{",
    "nothing": b"",
    "no UTF-8": b'{"ingest_id": "\xff\xfe"}',
    "NUL": b"\0" * 100,
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no keys": b"{}",
    "deep": b"[" * 100_000,
    "an integer of 5,000 digits": b'{"bytes": ' + b"9" * 5000 + b"}",
    "other keys": row(colour="red"),
    "a status that is none": row(status="eaten"),
    "a number that is text": row(bytes="7"),
    "a number that is true": row(bytes=True),
    "a number that is none": row(bytes=float("nan")),
    "a number past int64": row(bytes=1 << 63),
    "a text that is a list": row(project=["a", {"b": 1}]),
    "a text with half a pair": row(source="\ud800"),
    "a time that is none": row(started_at="yesterday"),
    "a time without zone": row(started_at="2026-01-01T00:00:00"),
    "a time before time": row(started_at="0001-01-01T00:00:00+23:59"),
    "an id that is a glob": row(ingest_id="*"),
    "a number that is not the file's": row(ingest_number=8),
    "too long": row(source="x" * (2 << 20)),
}


def load(warehouse: Path, *sources: Path) -> list[str]:
    return [report.status for report in ingest(warehouse, list(map(str, sources)), IngestOptions(jobs=1))]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A warehouse with one document, and the next night's export."""
    folder = tmp_path_factory.mktemp("garbage")
    for name, shift in (("a", 0.0), ("b", 1.0)):
        (folder / f"{name}.json").write_text(json.dumps([unit("a", shift=shift)]))
    assert load(folder / "warehouse", folder / "a.json") == ["committed"]
    return folder / "warehouse", folder / "a.json", folder / "b.json"


@pytest.fixture
def warehouse_and_exports(pristine: tuple[Path, Path, Path], tmp_path: Path) -> tuple[Path, Path, Path]:
    """A copy of the warehouse, and the sources."""
    return shutil.copytree(pristine[0], tmp_path / "warehouse"), *pristine[1:]


def ledger(warehouse: Path) -> Rows:
    with connect(warehouse) as connection:
        sql = "select ingest_number, status, error_code from ingests order by ingest_number"
        return connection.execute(sql).fetchall()


def run_everything(warehouse: Path, same: Path, other: Path) -> None:
    """Run each command once."""
    assert status(warehouse).tables["annotations"] == 3
    assert load(warehouse, same) == ["unchanged"]
    assert check(warehouse)
    refresh_marts(warehouse)
    publish(warehouse)
    assert load(warehouse, other) == ["committed"]
    maintain(warehouse)
    with connect(warehouse) as connection:
        assert connection.execute("select count(*), min(bbox_x) from labels").fetchall() == [(3, 1.0)]


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
def test_a_row_that_cannot_be_read_is_set_aside(
    tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "9.json").write_bytes(text)
    assert rows_in(tmp_path) == []
    assert caplog.messages == [f"{tmp_path / '9.json'}: passed over, it is not a ledger row"]
    caplog.clear()
    assert rows_in(tmp_path, set_aside=tmp_path) == []
    assert caplog.messages == [f"{tmp_path / '9.json'}: it is not ours, set aside as 9.json.unreadable"]
    assert [path.name for path in tmp_path.iterdir()] == ["9.json.unreadable"]
    assert (tmp_path / "9.json.unreadable").read_bytes() == text


@slow
def test_no_garbage_in_staging_stops_a_command(
    warehouse_and_exports: tuple[Path, Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    warehouse, same, other = warehouse_and_exports
    staging = warehouse / "staging"
    pending = staging / "pending"
    for name in ("zz", "run-", "run-x", DEAD, DEAD.replace("0000", "0001"), "pending"):
        (staging / name).mkdir()
        for number, text in enumerate(GARBAGE.values(), start=1):
            (staging / name / f"{number}.json").write_bytes(text)
        for odd in ("0x.json", "٣.json", "-1.json", "9999999999999999.json", "1.json.tmp", "a\nb.json"):
            (staging / name / odd).write_bytes(b"{}")
        (staging / name / "99.json").mkdir()
        (staging / name / "98.json").symlink_to("nowhere")
        (staging / name / "97.json").symlink_to("/dev/zero")
        os.mkfifo(staging / name / "96.json")
    (staging / DEAD / "alive.lock").mkdir()
    (staging / "run-20260101T000000-11111111").write_bytes(b"a file")
    (staging / "run-20260101T000000-22222222").symlink_to("/")
    (warehouse / "lock.holder").write_bytes(b"\xff\0\x1b[31m" * 1000)
    run_everything(warehouse, same, other)
    assert "set aside as 99.json.unreadable" in caplog.text
    # What does not look like ours is left alone, what does is swept.
    left = {path.name for path in staging.iterdir() if path.is_dir() and not path.is_symlink()}
    assert left >= {"zz", "run-", "run-x", "pending"}
    assert len(list((staging / "zz").iterdir())) == len(GARBAGE) + 10
    assert not [path for path in pending.glob("[1-9]*.json") if len(path.name) < 10]
    assert verify(warehouse).findings == []


@slow
def test_a_dead_run_with_a_glob_for_an_id_removes_nothing(
    warehouse_and_exports: tuple[Path, Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    warehouse, _, other = warehouse_and_exports
    (warehouse / "staging" / DEAD).mkdir()
    (warehouse / "staging" / DEAD / "9.json").write_bytes(row(ingest_id="*", status="rejected"))
    before = sorted((warehouse / "data").rglob("*.parquet"))
    with open_warehouse(warehouse) as opened:
        assert recover(opened) == 0
    assert sorted((warehouse / "data").rglob("*.parquet")) == before
    assert (warehouse / "staging" / "9.json.unreadable").is_file()
    assert load(warehouse, other) == ["committed"]


@slow
def test_files_instead_of_folders_and_folders_instead_of_files_stop_nothing(
    warehouse_and_exports: tuple[Path, Path, Path],
) -> None:
    warehouse, same, other = warehouse_and_exports
    for name in ("lock.holder", "checksums.jsonl"):
        (warehouse / name).unlink()
        (warehouse / name).mkdir()
    (warehouse / "staging" / "pending").write_bytes(b"a file")
    assert [*load(warehouse, same), *load(warehouse, other)] == ["unchanged", "committed"]
    assert (warehouse / "staging" / "pending.unreadable").read_bytes() == b"a file"
    assert (warehouse / "checksums.jsonl.unreadable").is_dir()
    assert (warehouse / "checksums.jsonl").is_file()


CHECKSUMS = {
    "no UTF-8": b"\xff\xfe\n",
    "NUL": b"\0\0\0",
    "no keys": b"{}\n[]\n7\nnull\n",
    "wrong types": b'{"path": 1, "bytes": "x", "sha256": null}\n{"path": "p", "bytes": 1, "sha256": "x"}\n',
    "deep": b"[" * 60_000 + b"\n",
    "no end": b"x" * 5_000_000,
}


def test_garbage_among_the_checksums_costs_only_itself(
    warehouse_and_exports: tuple[Path, Path, Path],
) -> None:
    warehouse, _, other = warehouse_and_exports
    path = warehouse / "checksums.jsonl"
    known = read_checksums(warehouse)
    text = b"\n".join(CHECKSUMS.values())
    path.write_bytes(text + b"\n" + path.read_bytes() + b"\n" + text)
    assert read_checksums(warehouse) == known
    assert load(warehouse, other) == ["committed"]
    with connect(warehouse) as connection:
        registered = {file.path for file in registered_files(connection)}
    assert set(read_checksums(warehouse)) >= registered
    assert verify(warehouse).findings == []


SWEEPER = """
import sys
from pathlib import Path
from labelhouse.warehouse.recovery import recover
from labelhouse.warehouse.opening import open_warehouse
with open_warehouse(Path(sys.argv[1])) as warehouse:
    recover(warehouse)
"""


def test_a_run_folder_is_never_swept_before_its_lock_is_held(
    warehouse_and_exports: tuple[Path, Path, Path],
) -> None:
    """Between the folder and its lock another process begins to sweep: it has to wait."""
    warehouse, _, _ = warehouse_and_exports
    sweepers: list[subprocess.Popen[bytes]] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]).endswith("alive.lock") and not sweepers:
            sweepers.append(subprocess.Popen([sys.executable, "-c", SWEEPER, str(warehouse)]))

    with open_warehouse(warehouse) as opened:
        sys.addaudithook(hook)
        with opened.place.run_folder(opened.lock()) as folder:
            assert sweepers[0].wait() == 0
            assert folder.is_dir()
            assert (folder / "alive.lock").is_file()
        assert not folder.exists()


def test_a_row_is_read_with_every_text_and_its_columns_in_order(
    warehouse_and_exports: tuple[Path, Path, Path],
) -> None:
    warehouse, _, _ = warehouse_and_exports
    (warehouse / "staging" / "pending").mkdir()
    texts = {"project": "p\0\x1b[31m\n☃", "source": "x" * 100_000}
    (warehouse / "staging" / "pending" / "9.json").write_bytes(row(**texts))
    with connect(warehouse) as connection:
        cursor = connection.execute("from ingests where ingest_number = 9")
        names = [column[0] for column in cursor.description]
        [values] = cursor.fetchall()
    assert names == [column.name for column in INGESTS.columns]
    stored = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    assert stored.keys() == HONEST.keys()
    assert {name: stored[name] for name in texts} == texts


def test_a_refresh_sweeps_what_a_killed_process_left(
    warehouse_and_exports: tuple[Path, Path, Path],
) -> None:
    warehouse, *_ = warehouse_and_exports
    (warehouse / "staging" / DEAD).mkdir()
    (warehouse / "staging" / DEAD / "duckdb_temp_storage.tmp").write_bytes(b"spilled")
    (warehouse / "data" / "main" / "gone.parquet").symlink_to("nowhere")
    refresh_marts(warehouse)
    assert not list((warehouse / "staging").glob("run-*"))
    assert status(warehouse).tables["annotations"] == 3
