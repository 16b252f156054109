"""Small sources share a commit, and each is as if it had one of its own."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.commit import commit as committing
from labelhouse.ingestion.batches import BATCH_BYTES, MOST_SOURCES, SMALL_BYTES, batch_sizes
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify
from labelhouse.sources.finding import Source
from labelhouse.sql_library.statements import statement

from tests.reference.nights import Project
from tests.support.aliases import Load, Record, Rows, Write
from tests.support.exports import plain, unit
from tests.support.ingesting import Sessions, ingest
from tests.support.sets import IS_SHORT, rounds, slow

KILLS = rounds("KILLS", 1, 4, 200)
NIGHTS = rounds("NIGHTS", 2, 6, 30)
LEDGER = """
    select * exclude (ingest_id, started_at, finished_at, seconds, snapshot_id), snapshot_id is null
    from ingests order by ingest_number
"""
TABLES = {
    "documents": "* exclude (ingest_id)",
    "annotations": "*",
    "label_ids": "*",
    "label_changes": "* exclude (ingest_id, changed_at, snapshot_id)",
    "issues": "* exclude (ingest_id)",
    "quarantine": "* exclude (ingest_id)",
    "categories": "*",
}


def contents(warehouse: Path) -> dict[str, Rows]:
    """Return all that does not tell when, and with which other sources, it was committed."""
    with connect(warehouse) as connection:
        rows = {"ledger": connection.execute(LEDGER).fetchall()}
        for table, columns in TABLES.items():
            rows[table] = connection.execute(f"select {columns} from {table} order by all").fetchall()
    return rows


class Twins:
    """Two warehouses that get the same loads; one commits each source for itself."""

    def __init__(self, folder: Path) -> None:
        self.batched, self.each = folder / "batched", folder / "each"
        self.sessions = Sessions()

    def load(self, *paths: Path | str, **options: Any) -> list[str]:
        """Load into both, compare the reports and rows, and return the statuses."""
        outcomes = []
        for warehouse, commit_each in ((self.batched, False), (self.each, True)):
            how = IngestOptions(jobs=1, commit_each=commit_each, **options)
            outcomes.append(
                [
                    (r.notes, str(r.error), {**r.as_json(), "seconds": 0, "ingest_id": 0})
                    for r in self.sessions.ingest(warehouse, [str(path) for path in paths], how)
                ]
            )
        assert outcomes[0] == outcomes[1]
        if not IS_SHORT:
            self.compare()
        return [str(values["status"]) for *_, values in outcomes[0]]

    def compare(self) -> None:
        """Compare all rows: the short set does so once, at the end."""
        assert contents(self.batched) == contents(self.each)

    def snapshots(self) -> list[int]:
        """Return how many snapshots each has that loads made."""
        counts = []
        for warehouse in (self.batched, self.each):
            with connect(warehouse) as connection:
                sql = "select count(distinct snapshot_id) from ingests"
                [row] = connection.execute(sql).fetchall()
                counts.append(row[0])
        return counts


def doubtful(document: Record) -> Record:
    """Return a document with a record that cannot be stored, and a doubtful one."""
    first, second, *rest = json.loads(json.dumps(document["annotations"]))
    return {**document, "annotations": [{**first, "bbox": "no"}, {**second, "image_id": 77}, *rest]}


def test_each_source_is_as_if_it_were_alone(tmp_path: Path, write: Write) -> None:
    twins = Twins(tmp_path)
    first = [
        write("in/a.json", [unit("a"), unit("b")]),
        write("in/b.json", [doubtful(unit("c", labels=5))]),
        write("in/c.json", {"bad": 1}),
        write("in/d.json", plain()),
        write("in/e.json", [unit("d"), unit("d", labels=1)]),
    ]
    assert twins.load(*first, max_bad=0.9) == ["committed"] * 2 + ["rejected"] + ["committed"] * 2
    assert twins.snapshots() == [1, 4]
    write("in/b.json", [unit("c", labels=4)])
    write("in/d.json", plain(labels=3))
    assert twins.load(*first) == ["unchanged", "committed", "rejected", "committed", "unchanged"]
    assert twins.snapshots() == [2, 6]
    assert twins.load(*first) == ["unchanged", "unchanged", "rejected", "unchanged", "unchanged"]
    assert twins.snapshots() == [2, 6]
    twins.compare()
    twins.sessions.close()
    for warehouse in (twins.batched, twins.each):
        assert verify(warehouse).findings == []


@slow
def test_sources_that_depend_on_each_other_are_committed_one_by_one(tmp_path: Path, write: Write) -> None:
    twins = Twins(tmp_path)
    same = [write("a.json", [unit("a")]), write("b.json", [unit("a", shift=3), unit("b")])]
    assert twins.load(*same) == ["committed", "committed"]
    assert twins.snapshots() == [2, 2]
    # Versions that the project had before change nothing, in any order.
    newer = write("c.json", [unit("a", shift=5)])
    assert twins.load(*same, newer) == ["unchanged", "unchanged", "committed"]
    assert twins.load(newer, *same) == ["unchanged"] * 3
    # The same bytes under two names are two documents of a call, and one of several calls.
    assert twins.load(write("p.json", plain()), write("q.json", plain())) == ["committed", "committed"]
    assert twins.load(write("s.json", plain())) == ["unchanged"]
    assert twins.load(write("r/p.json", [unit("z")]), write("r/q.json", [unit("z")])) == [
        "committed",
        "unchanged",
    ]
    twins.compare()


def test_sources_that_share_a_commit_share_its_statements(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []

    def noted(name: str) -> str:
        names.append(name)
        return statement(name)

    monkeypatch.setattr(committing, "statement", noted)

    def statements(count: int, edition: int) -> int:
        paths = [write(f"in/{n}.json", [unit(f"{n}", labels=edition)]) for n in range(count)]
        for path in paths:
            os.utime(path, (edition, edition))
        names.clear()
        reports = ingest(tmp_path / f"warehouse-{count}", list(map(str, paths)), IngestOptions(jobs=1))
        assert len(list(reports)) == count
        return len(names)

    for edition in (1, 1, 2):
        assert statements(2, edition) == statements(9, edition)


@slow
def test_nights_of_many_small_sources_are_those_of_single_commits(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    project = Project(random.Random(seed), with_uuids=True)
    twins = Twins(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    for night in range(NIGHTS):
        is_full = project.live_through(night)
        for document in project.export():
            name = str(document["info"]["description"]).replace("/", "_")
            (folder / f"{name}.json").write_text(json.dumps(document))
        if chance.random() < 0.3:
            (folder / "all.json").write_text(json.dumps(project.export()))
        twins.load(folder, full=is_full and chance.random() < 0.5)
    twins.compare()
    twins.sessions.close()
    for warehouse in (twins.batched, twins.each):
        assert verify(warehouse).findings == []


def test_batches_depend_on_sizes_alone(tmp_path: Path) -> None:
    def paths(*sizes: int, ending: str = ".json") -> list[Source]:
        made = []
        for index, size in enumerate(sizes):
            path = tmp_path / f"{index}{ending}"
            with path.open("wb") as file:
                file.truncate(size)
            made.append(Source(str(path), path.name))
        return made

    assert list(batch_sizes([])) == []
    assert list(batch_sizes(paths(1, 1, 1))) == [3]
    assert list(batch_sizes(paths(1, 1, 1), is_off=True)) == [1, 1, 1]
    assert list(batch_sizes(paths(1, SMALL_BYTES + 1, 1, 1))) == [1, 1, 2]
    assert list(batch_sizes(paths(*[SMALL_BYTES] * 9))) == [4, 4, 1]
    assert list(batch_sizes(paths(*[SMALL_BYTES // 6 + 1] * 2, ending=".zip"))) == [1, 1]
    assert list(batch_sizes([Source("absent", "absent")] * (MOST_SOURCES + 1))) == [MOST_SOURCES, 1]
    assert BATCH_BYTES == 4 * SMALL_BYTES


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_kill_leaves_all_of_a_batch_or_nothing(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    warehouse, folder = tmp_path / "warehouse", tmp_path / "in"
    folder.mkdir()

    def write(version: int) -> None:
        for n in range(5):
            (folder / f"{n}.json").write_text(json.dumps([unit(f"d{n}", shift=version)]))
        (folder / "bad.json").write_text("[{]")

    def state() -> set[float]:
        with connect(warehouse) as connection:
            sql = "select document_id, min(bbox_x - annotation_id), count(*) from labels group by all"
            rows = connection.execute(sql).fetchall()
        assert sorted((name, count) for name, _, count in rows) == [(f"d{n}", 3) for n in range(5)]
        return {version for _, version, _ in rows}

    write(0)
    list(ingest(warehouse, [str(folder)], IngestOptions(jobs=1)))
    current = 0
    for version in range(1, KILLS + 1):
        write(version)
        command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", str(folder)]
        process = subprocess.Popen(
            [*command, "--jobs", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(0.4, 2.5))
        os.killpg(process.pid, signal.SIGKILL)
        acknowledged = b"committed" in process.communicate()[0]
        stored = state()
        assert stored in ({float(current)}, {float(version)}), "a batch is torn"
        assert not acknowledged or stored == {float(version)}
        current = int(stored.pop())
    write(KILLS + 1)
    reports = ingest(warehouse, [str(folder)], IngestOptions(jobs=1))
    assert [r.status for r in reports] == ["committed"] * 5 + ["rejected"]
    assert state() == {float(KILLS + 1)}
    assert verify(warehouse).findings == []
    with connect(warehouse) as connection:
        rows = connection.execute(
            "select source, status, error_code, count(*), count(distinct ingest_id) from ingests "
            "group by all"
        ).fetchall()
    assert all(count == distinct for *_, count, distinct in rows)
    assert {(status, code) for _, status, code, *_ in rows} <= {
        ("committed", None),
        ("rejected", "INTERRUPTED"),
        ("rejected", "JSON_SYNTAX"),
    }


@slow
def test_a_commit_that_fails_costs_the_sources_nothing_but_time(
    tmp_path: Path, write: Write, load: Load, warehouse: Path
) -> None:
    paths = [write(f"in/{name}.json", [unit(name)]) for name in "abc"]
    assert [r.status for r in load(*paths)] == ["committed"] * 3
    # A folder in place of the table's files: nothing can be moved there.
    annotations = warehouse / "data" / "main" / "annotations"
    kept = annotations.rename(annotations.with_name("kept"))
    annotations.write_text("no folder")
    for name in "abc":
        write(f"in/{name}.json", [unit(name, shift=1)])
    outcomes = [(r.status, r.error and r.error.code.value) for r in load(*paths)]
    assert outcomes == [("rejected", "WRITE_FAILED")] * 3
    annotations.unlink()
    kept.rename(annotations)
    assert [r.status for r in load(*paths)] == ["committed"] * 3
    assert verify(warehouse).findings == []


def test_seconds_are_work_and_no_waiting(tmp_path: Path, write: Write, load: Load, warehouse: Path) -> None:
    load(write("first.json", [unit("first")]))
    held = (
        "import sys, time; from pathlib import Path; from labelhouse.files.fair_lock import FairLock\n"
        "lock = FairLock(Path(sys.argv[1])); lock.acquired(60); print('held', flush=True); time.sleep(4)"
    )
    command = [sys.executable, "-c", held, str(warehouse / "lock")]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    paths = [write(f"in/{name}.json", [unit(name)]) for name in "abc"]
    began = time.monotonic()
    reports = load(*paths, write("in/bad.json", "no export"))
    took = time.monotonic() - began
    holder.communicate()
    assert took > 3.5
    with connect(warehouse) as connection:
        rows = connection.execute("select ingest_number, seconds from ingests order by 1").fetchall()
        [health] = connection.execute("select seconds from ingest_health").fetchall()
        published = connection.execute("select sum(seconds) from ingests").fetchall()
    assert all(seconds > 0 for _, seconds in rows)
    assert sum(seconds for _, seconds in rows[1:]) < took - 3.5
    assert sum(report.seconds for report in reports) < took - 3.5
    assert round(health[0], 6) == round(published[0][0], 6)
