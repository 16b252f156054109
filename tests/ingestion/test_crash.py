"""Kill an ingest at any moment: the warehouse is as before or as after, and the next run needs no hand."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions

from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import rounds, slow

ROUNDS = rounds("KILLS", 2, 8, 200)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


def command(warehouse: Path, source: Path) -> list[str]:
    labelhouse = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse)]
    return [*labelhouse, "ingest", "--again", str(source)]


def shifts(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """For every document the one version that its labels belong to."""
    rows = connection.execute(
        "select document_id, min(bbox_x), max(bbox_x - annotation_id), count(*) from labels group by all"
    ).fetchall()
    assert all(low == high and count == 20 for _, low, high, count in rows), rows
    return {document: low for document, low, _, _ in rows}


def watch(warehouse: Path, stop: threading.Event, torn: list[set[float]]) -> None:
    """Read over and over: all documents must be of one load."""
    while not stop.is_set():
        with connect(warehouse) as connection:
            versions = set(shifts(connection).values())
        if len(versions) != 1:
            torn.append(versions)


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    warehouse = tmp_path / "warehouse"
    sources = []
    for version in range(2):
        sources.append(tmp_path / f"{version}.json")
        sources[-1].write_text(json.dumps([unit(f"d{n}", labels=20, shift=version) for n in range(5)]))
    list(ingest(warehouse, [str(sources[0])], IngestOptions(jobs=1)))
    stop = threading.Event()
    torn: list[set[float]] = []
    reader = threading.Thread(target=watch, args=(warehouse, stop, torn))
    reader.start()
    current, killed = 0, 0
    try:
        for _ in range(ROUNDS):
            following = 1 - current
            process = subprocess.Popen(
                command(warehouse, sources[following]),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(chance.uniform(0.2, 1.1))
            os.killpg(process.pid, signal.SIGKILL)
            acknowledged = b"committed" in process.communicate()[0]
            killed += process.returncode == -signal.SIGKILL
            with connect(warehouse) as connection:
                stored = set(shifts(connection).values())
            assert stored in ({float(current)}, {float(following)})
            assert not acknowledged or stored == {float(following)}
            current = int(stored.pop())
    finally:
        stop.set()
        reader.join()
    assert not torn
    assert killed, "every kill came too late"

    [report] = ingest(warehouse, [str(sources[1 - current])], IngestOptions(jobs=1, again=True))
    assert report.status == "committed"
    with connect(warehouse) as connection:
        assert set(shifts(connection).values()) == {float(1 - current)}
        ledger = connection.execute("select ingest_id, status, error_code from ingests").fetchall()
        live = {
            row[0]
            for table in ("documents", "annotations", "images", "attributes")
            for row in connection.execute(
                f"select parse_filename(data_file) from ducklake_list_files('lake', '{table}')"
            ).fetchall()
        }
    assert len({ingest_id for ingest_id, _, _ in ledger}) == len(ledger)
    assert {(s, e) for _, s, e in ledger} <= {
        ("committed", None),
        ("unchanged", None),
        ("rejected", "INTERRUPTED"),
    }
    committed = {ingest_id for ingest_id, status, _ in ledger if status == "committed"}
    ours = [p for p in (warehouse / "data").rglob("*.parquet") if not p.name.startswith("ducklake-")]
    assert live <= {path.name for path in (warehouse / "data").rglob("*.parquet")}
    assert {path.name.rsplit("-", 2)[0] for path in ours} <= committed, "files of a killed ingest are left"
    assert not [path for path in (warehouse / "staging").rglob("*") if path.is_file()]


@slow
def test_two_first_loads_at_once_never_load_twice(tmp_path: Path) -> None:
    source = tmp_path / "export.json"
    source.write_text(json.dumps([unit(f"d{n}", labels=20) for n in range(5)]))
    warehouse = tmp_path / "warehouse"
    both = [
        subprocess.Popen([*command(warehouse, source), "--json"], stdout=subprocess.PIPE) for _ in range(2)
    ]
    statuses = sorted(json.loads(process.communicate()[0])["status"] for process in both)
    assert statuses == ["committed", "unchanged"]
    with connect(warehouse) as connection:
        assert connection.execute(
            "select count(*), count(distinct document_key) from labels"
        ).fetchall() == [(100, 5)]
        numbers = connection.execute("select ingest_number from ingests order by all").fetchall()
    assert numbers == [(1,), (2,)]
