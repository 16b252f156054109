"""Maintenance changes files, never what they say; killed anywhere, the next one goes on."""

import hashlib
import importlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from labelhouse import connect
from labelhouse.backups.generations import announce_change
from labelhouse.errors import WarehouseError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.checksums import RegisteredFile, read_checksums, registered_files
from labelhouse.lake.file_layout import OPTIONS
from labelhouse.maintenance.compaction import DataFile, files_to_write_anew
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.maintenance.verify import verify
from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.staging.pending_ingests import run_folder
from labelhouse.warehouse.opening import open_warehouse

from tests.support.aliases import ImportBenchmark, Record, Rows
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import IS_SHORT, choose, rounds, slow

KILLS = rounds("KILLS", 2, 5, 200)
NIGHTS = choose(3, 6, 6)


def night(number: int) -> list[Record]:
    """Every document in the first night, then two that moved and one that is new."""
    if not number:
        return [unit(f"d{n}", labels=8) for n in range(12)]
    moved = [unit(f"d{n}", labels=8, shift=number) for n in (number, number + 1)]
    return [*moved, unit(f"new{number}", labels=8)]


ORPHAN = "ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8.parquet"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after some nights without maintenance; tests work on copies."""
    folder = tmp_path_factory.mktemp("maintain")
    for number in range(NIGHTS):
        source = folder / f"{number}.json"
        source.write_text(json.dumps(night(number)))
        [report] = ingest(folder / "warehouse", [str(source)], IngestOptions(jobs=1))
        assert report.status == "committed"
    return folder / "warehouse"


@pytest.fixture
def copy(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "it's a [1] copy")


def content(warehouse: Path, as_of: str | None = None) -> dict[str, Rows]:
    """All rows of all tables, in an order of their own."""
    with closing(connect(warehouse, as_of=as_of, with_pending=False)) as connection:
        return {
            table.name: connection.execute(f"from {table.name} order by all").fetchall()
            for table in TABLES
            if table.name != "fence"
        }


def snapshots(warehouse: Path) -> list[int]:
    with closing(connect(warehouse)) as connection:
        rows = connection.execute("select snapshot_id from lake.snapshots() order by all").fetchall()
        return [number for (number,) in rows]


def live(warehouse: Path, table: str) -> list[RegisteredFile]:
    with closing(connect(warehouse)) as connection:
        return [file for file in registered_files(connection) if file.table == table and file.is_live]


def on_disk(warehouse: Path) -> dict[str, str]:
    """Every file of the warehouse but locks and SQLite's, with its content's hash."""
    return {
        path.relative_to(warehouse).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in warehouse.rglob("*")
        if path.is_file() and path.name.split(".")[0] not in ("lock", "catalog")
    }


def parquet_files(warehouse: Path) -> set[str]:
    data = warehouse / "data"
    return {path.relative_to(data).as_posix() for path in data.rglob("*.parquet")}


def assert_sound(warehouse: Path) -> None:
    """Nothing is wrong, and checksums are those of the registered files and of those yet to go."""
    assert verify(warehouse).findings == []
    with closing(connect(warehouse)) as connection:
        registered = {file.path for file in registered_files(connection)}
    assert registered <= set(read_checksums(warehouse)) <= parquet_files(warehouse)


def test_fewer_files_say_the_same_in_every_state(copy: Path) -> None:
    states = snapshots(copy)[2:]
    states = choose(states[:1], states, states)
    before = {state: content(copy, str(state)) for state in states}
    newest = content(copy)
    result = maintain(copy)
    assert content(copy) == newest
    assert {state: content(copy, str(state)) for state in states} == before
    assert (result.snapshots_expired, result.files_removed, result.orphans_removed) == (0, 0, 0)
    work = {table.table: table for table in result.tables}
    for name in ("documents", "images", "annotations", "attributes", "ingests"):
        assert work[name].files_before == NIGHTS
        assert work[name].files_after == 1
        assert len([f for f in live(copy, name) if not f.path.endswith("-delete.parquet")]) == 1
    assert_sound(copy)
    again = maintain(copy)
    assert again.tables == []
    assert snapshots(copy)[-1] == max(snapshots(copy))


def test_merged_files_are_sorted_dense_and_have_statistics(copy: Path) -> None:
    maintain(copy)
    [file] = (f for f in live(copy, "annotations") if not f.path.endswith("-delete.parquet"))
    path = copy / "data" / file.path
    keys = pq.read_table(path, columns=["document_key", "position"]).to_pylist()
    assert keys == sorted(keys, key=lambda row: (row["document_key"], row["position"]))
    group = pq.read_metadata(path).row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    # Version 1 of the data pages says PLAIN_DICTIONARY.
    assert columns["bbox_x"].encodings == ("RLE_DICTIONARY",)
    statistics = columns["document_key"].statistics
    assert (statistics.min, statistics.max) == (keys[0]["document_key"], keys[-1]["document_key"])
    with open_warehouse(copy) as warehouse:
        kept = dict(
            warehouse.connection.execute(
                "select key, value from __ducklake_metadata_lake.ducklake_metadata"
            ).fetchall()
        )
    assert {name: kept[name] for name in OPTIONS} == {name: value for name, (_, value) in OPTIONS.items()}


@slow
def test_states_older_than_the_setting_go_and_the_newest_and_the_changes_stay(copy: Path) -> None:
    newest = content(copy)
    result = maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert result.snapshots_expired == NIGHTS + 1
    assert content(copy) == newest
    # Every label of the first night and of the new documents, and those that were moved since.
    assert len(newest["label_changes"]) == 8 * (12 + (NIGHTS - 1) * (1 + 2))
    with pytest.raises(WarehouseError, match="snapshot 2 has expired; states can be read from snapshot"):
        connect(copy, as_of="2")
    # What the merging itself let go of is removed in the same run.
    assert len(parquet_files(copy)) == len(
        {file.path for t in TABLES for file in live(copy, t.name)}
    ) + sum(1 for _ in released(copy))
    maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert len(snapshots(copy)) == 1
    assert parquet_files(copy) == {file.path for table in TABLES for file in live(copy, table.name)}
    assert set(read_checksums(copy)) == parquet_files(copy)
    assert content(copy) == newest
    assert_sound(copy)


def scheduled(warehouse: Path) -> set[str]:
    """Files that no snapshot needs and that wait for their grace to end."""
    with closing(connect(warehouse)) as connection:
        rows = connection.execute(
            "select path from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion"
        ).fetchall()
    return {path for (path,) in rows}


def released(warehouse: Path) -> Rows:
    """Files that the newest snapshot does not need."""
    with closing(connect(warehouse)) as connection:
        return connection.execute(
            "select path from __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion "
            "union all select path from __ducklake_metadata_lake.ducklake_data_file "
            "where end_snapshot is not null "
            "union all select path from __ducklake_metadata_lake.ducklake_delete_file "
            "where end_snapshot is not null"
        ).fetchall()


def made_now(warehouse: Path) -> None:
    """Set the times of all states to this second."""
    announce_change(warehouse)
    with closing(sqlite3.connect(warehouse / "catalog.sqlite")) as catalog, catalog:
        now = datetime.now(UTC).isoformat(" ").removesuffix(":00")
        catalog.execute("update ducklake_snapshot set snapshot_time = ?", (now,))


def test_times_count_to_the_second_not_to_the_day(copy: Path) -> None:
    # DuckLake 1.5.5 would expire states of this very day, however few hours were asked for.
    made_now(copy)
    keep_days = timedelta(minutes=2) / timedelta(days=1)
    states = snapshots(copy)
    files = parquet_files(copy)
    result = maintain(copy, MaintainOptions(keep_days=keep_days, grace_hours=keep_days * 24))
    assert (result.snapshots_expired, result.files_removed) == (0, 0)
    assert snapshots(copy)[: len(states)] == states
    assert files <= parquet_files(copy)


@slow
def test_what_was_let_go_of_stays_for_its_grace(copy: Path, benchmark: ImportBenchmark) -> None:
    benchmark("nights.year").age(copy, 2)
    assert maintain(copy, MaintainOptions(keep_days=0)).snapshots_expired == NIGHTS + 1
    waiting = scheduled(copy)
    files = parquet_files(copy)
    assert waiting
    assert waiting <= files
    assert maintain(copy, MaintainOptions(keep_days=0)).files_removed == 0
    assert files <= parquet_files(copy)
    benchmark("nights.year").age(copy, 2)
    assert maintain(copy, MaintainOptions(keep_days=0)).files_removed == len(waiting)
    assert not waiting & parquet_files(copy)
    assert_sound(copy)


@slow
def test_the_state_as_of_any_kept_day_can_be_read(copy: Path, benchmark: ImportBenchmark) -> None:
    states = snapshots(copy)
    benchmark("nights.year").age(copy, 40)
    newest = content(copy)
    with open_warehouse(copy) as warehouse:
        warehouse.connection.execute("insert into issues (code) values ('X')")
    # The last of the old states was the newest one until now.
    assert maintain(copy).snapshots_expired == len(states) - 1
    thirty_days_ago = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    assert content(copy, thirty_days_ago) == newest
    assert len(content(copy)["issues"]) == len(newest["issues"]) + 1


@slow
def test_a_dry_run_tells_what_would_be_done_and_changes_nothing(copy: Path) -> None:
    (copy / "data" / "main" / "annotations" / ORPHAN).write_bytes(b"half a merge")
    os.utime(copy / "data" / "main" / "annotations" / ORPHAN, (0, 0))
    before, states = on_disk(copy), snapshots(copy)
    planned = maintain(copy, MaintainOptions(keep_days=0, grace_hours=0, dry_run=True))
    assert (on_disk(copy), snapshots(copy)) == (before, states)
    done = maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert planned.snapshots_expired == done.snapshots_expired == NIGHTS + 1
    assert planned.orphans_removed == done.orphans_removed == 1
    assert [(t.table, t.rewritten, t.files_before, t.bytes_before) for t in planned.tables] == [
        (t.table, t.rewritten, t.files_before, t.bytes_before) for t in done.tables
    ]
    assert all(t.files_after is None for t in planned.tables)


@slow
def test_a_reader_of_an_earlier_state_reads_on(copy: Path) -> None:
    with closing(connect(copy)) as reader:
        reader.begin()
        expected = reader.execute("select count(*), sum(bbox_x) from labels").fetchall()
        maintain(copy, MaintainOptions(keep_days=0))
        maintain(copy, MaintainOptions(keep_days=0))
        assert reader.execute("select count(*), sum(bbox_x) from labels").fetchall() == expected
        assert reader.execute("select count(*) from attributes").fetchall() == [((12 + NIGHTS - 1) * 8,)]


def test_what_a_living_load_staged_stays_and_what_a_dead_one_left_goes(copy: Path) -> None:
    with open_warehouse(copy) as warehouse, run_folder(copy / "staging", warehouse.lock()) as living:
        staged = living / "annotations.parquet"
        staged.write_bytes(b"staged")
        os.utime(staged, (0, 0))
        dead = copy / "staging" / "run-20260101T000000-00000000"
        dead.mkdir()
        (dead / "annotations.parquet").write_bytes(b"left")
        maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
        assert staged.read_bytes() == b"staged"
        assert not dead.exists()
    assert not list((copy / "staging").iterdir())


@slow
def test_loads_go_on_while_maintenance_runs(copy: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(copy)]
    before = content(copy)["annotations"]
    sources = []
    for number in range(4):
        sources.append(tmp_path / f"{number}.json")
        sources[-1].write_text(json.dumps([unit(f"more{number}", labels=8)]))
    with subprocess.Popen([*command, "ingest", *map(str, sources)], stdout=subprocess.PIPE) as loading:
        while loading.poll() is None:
            maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
        out = loading.communicate()[0].decode()
    assert loading.returncode == 0, out
    assert out.count("committed") == 4
    assert len(content(copy)["annotations"]) == len(before) + 4 * 8
    maintain(copy)
    assert_sound(copy)


@slow
def test_orphans_go_but_nothing_of_another_warehouse(pristine: Path, copy: Path) -> None:
    original = on_disk(pristine)
    # What the copy's name would match if it were taken for a glob.
    other = shutil.copytree(pristine, copy.with_name("it's a 1 copy"))
    orphan = copy / "data" / "main" / "annotations" / ORPHAN
    orphan.write_bytes(b"half a merge")
    assert maintain(copy).orphans_removed == 0
    assert orphan.exists()
    two_days_ago = time.time() - 2 * 86_400
    os.utime(orphan, (two_days_ago, two_days_ago))
    assert maintain(copy).orphans_removed == 1
    assert not orphan.exists()
    maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert on_disk(pristine) == on_disk(other) == original
    assert_sound(copy)


KILLED = """
import os, signal, sys
from pathlib import Path
from labelhouse.maintenance.maintain import MaintainOptions as Options, maintain

folder, last = Path(sys.argv[1]), int(sys.argv[2])
seen = 0

def count(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove", "os.rmdir", "os.scandir"):
        if str(folder) in str(arguments):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
maintain(folder, Options(keep_days=0, grace_hours=0))
print(seen)
"""


@slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_kill_at_any_file_touched_leaves_a_sound_warehouse(
    pristine: Path, copy: Path, tmp_path: Path
) -> None:
    newest = content(pristine)
    # What others leave in a shared one would be touched too.
    (tmp_path / "temporary").mkdir()

    def run(warehouse: Path, last: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", KILLED, warehouse, str(last)],
            env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
            capture_output=True,
            text=True,
            timeout=120,
        )

    done = run(shutil.copytree(pristine, tmp_path / "counted"), 0)
    assert done.returncode == 0, done.stderr
    total = int(done.stdout)
    assert total > 20
    kills = max(2, KILLS // 2)
    for last in [total // 2] if IS_SHORT else [1 + n * (total - 1) // (kills - 1) for n in range(kills)]:
        warehouse = shutil.copytree(pristine, tmp_path / f"killed-{last}")
        assert run(warehouse, last).returncode == -signal.SIGKILL
        assert verify(warehouse).findings == [], last
        assert content(warehouse) == newest, last
        maintain(warehouse, MaintainOptions(keep_days=0, grace_hours=0))
        maintain(warehouse, MaintainOptions(keep_days=0, grace_hours=0))
        assert content(warehouse) == newest, last
        assert_sound(warehouse)
        assert parquet_files(warehouse) == {f.path for t in TABLES for f in live(warehouse, t.name)}, last
        assert not list((warehouse / "staging").iterdir()), last


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@slow
def test_a_kill_at_any_moment_leaves_a_sound_warehouse(copy: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    newest = content(copy)
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(copy), "maintain"]
    for _ in range(KILLS // 3):
        process = subprocess.Popen(
            [*command, "--keep", "0", "--grace", "0"], stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(chance.uniform(0.3, 1.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert verify(copy).findings == []
        assert content(copy) == newest
        with open_warehouse(copy) as warehouse:
            # Something to do for the next round.
            warehouse.connection.execute("insert into issues (code) values ('X')")
            warehouse.connection.execute("delete from issues")
    for _ in range(2):
        maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert content(copy) == newest
    assert_sound(copy)
    assert parquet_files(copy) == {file.path for table in TABLES for file in live(copy, table.name)}


@pytest.fixture
def benchmark() -> ImportBenchmark:
    """Import a module of the benchmarks by its name."""
    return lambda name: importlib.import_module(f"benchmarks.{name}")


@slow
def test_nights_do_not_pile_up(tmp_path: Path, benchmark: ImportBenchmark) -> None:
    nights = benchmark("nights.year")
    export = nights.project(documents=20, labels=5)
    months = list(nights.nights(tmp_path, export, 21, 0.05, month=7, keep_days=7))
    assert [month.night for month in months] == [7, 14, 21]
    assert verify(tmp_path / "warehouse").findings == []
    # A file or two, where there would be twenty.
    tables = len(months[-1].files)
    assert all(month.files_after <= 2 * tables for month in months)
    assert months[-1].live_files <= months[0].live_files + tables
    assert months[-1].disk_files <= 4 * months[0].disk_files
    with closing(connect(tmp_path / "warehouse")) as connection:
        rows = connection.execute(
            "select document_id, list((bbox_x) order by annotation_id) from labels group by all"
        ).fetchall()
    # The last night's export was changed once more after it was loaded.
    loaded = json.loads((tmp_path / "export.json").read_text())
    assert dict(rows) == {
        document["images"][0]["file_name"][7:-4]: [label["bbox"][0] for label in document["annotations"]]
        for document in loaded
    }


MB = 1_000_000
CHOICES = {
    "none": ([], []),
    "one file": ([(1, 0)], []),
    "one large file": ([(500 * MB, 5)], []),
    "two small files": ([(1, 0), (1, 0)], [0, 1]),
    "a small file beside a large one": ([(1, 0), (500 * MB, 0)], []),
    "small files with few deletions": ([(1, 9), (1, 9)], [0, 1]),
    "a large file with few deletions": ([(500 * MB, 9), (1, 0)], []),
    "many deletions": ([(500 * MB, 10), (60 * MB, 0)], [0, 1]),
    "a file with many deletions alone": ([(1, 10)], [0]),
    "a file that is not much larger": ([(40, 0), (7, 0), (3, 0)], [2, 1, 0]),
    "a file that is much larger": ([(41, 0), (7, 0), (3, 0)], [2, 1]),
    "a file that is much larger than the smallest": ([(13, 0), (3, 0)], []),
    "more than is written at once": ([(600 * MB, 50), (600 * MB, 50), (1, 0)], [0]),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_files_to_write_anew_are_chosen_by_size_and_deletions(case: str) -> None:
    sizes, expected = CHOICES[case]
    files = [DataFile("t", f"{index}", size, 100, deleted) for index, (size, deleted) in enumerate(sizes)]
    assert [int(file.path) for file in files_to_write_anew(files)] == expected


@slow
def test_the_command_prints_lines_or_one_json_object(copy: Path) -> None:
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(copy), "maintain"]

    def output(*options: str) -> str:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    lines = output("--dry-run", "--keep", "0", "--grace", "0").splitlines()
    assert re.match(rf"annotations: {NIGHTS} files, [0-9.]+ kB \(", lines[0])
    assert lines[-1].startswith(f"would be done: {NIGHTS + 1} snapshots expired; ")
    printed = json.loads(output("--json"))
    assert (printed["dry_run"], printed["snapshots_expired"], printed["files_removed"]) == (False, 0, 0)
    assert {table["table"]: table["files_after"] for table in printed["tables"]}["annotations"] == 1


def test_a_folder_without_a_warehouse_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no warehouse here"):
        maintain(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
