"""What a night is told to be; signals, waiting and failures do not spoil it. Flow: flows/test_flows.py."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import labelhouse
import pytest
from filelock import FileLock
from labelhouse.errors import WarehouseError
from labelhouse.ingestion.run import IngestOptions, IngestSession
from labelhouse.querying.check import Checked
from labelhouse.scheduling.configuration import SourceTable
from labelhouse.scheduling.night import COUNTS, Night, newest_of
from labelhouse.sources.finding import empty_ones, find_sources
from labelhouse.sql_library.headers import Severity

from tests.support.aliases import Load, Record, Write
from tests.support.exports import unit
from tests.support.sets import slow

NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)
STREET = SourceTable("street", ("/exports/*.zip",), full=False, may_be_empty=True)


def night(warehouse: Path, day: int = 0, tables: int = 1) -> Night:
    """Return the night of a day."""
    tonight = Night.begin("sources.toml", warehouse, tables)
    tonight.started_at = NOW + timedelta(days=day)
    return tonight


def record(status: str = "committed", error: str | None = None, **documents: int) -> Record:
    kinds = dict.fromkeys(("added", "changed", "unchanged", "removed"), 0)
    return {
        "source": f"{status}.json",
        "project": "street",
        "status": status,
        "documents": kinds | documents,
        "rows": {"documents": 1, "annotations": 4},
        "quarantined": 2,
        "issues": 3,
        "seconds": 0.5,
        "error": error and {"message": error},
    }


def checked(name: str, count: int, severity: Severity = "error", error: str | None = None) -> Checked:
    return Checked(name, severity, "s", "e", f"sql/checks/{name}.sql", count, error=error)


@pytest.fixture
def there(tmp_path: Path) -> Path:
    (tmp_path / "w").mkdir()
    return tmp_path / "w"


def test_a_clean_night_is_told_in_counts_alone(there: Path) -> None:
    tonight = night(there)
    tonight.add([record(added=1), record("unchanged", unchanged=1)], NOW - timedelta(hours=23))
    tonight.add_checks([checked("a", 0), checked("b", 9, "warning")])
    assert tonight.verdict() == "1 committed, 1 unchanged"


def test_the_verdict_names_checks_ages_and_the_first_reason_last(there: Path) -> None:
    tonight = night(there)
    tonight.add([record("rejected", "a.json: cut"), record("unchanged")], NOW - timedelta(days=12, hours=3))
    tonight.add_checks(
        [checked("a", 25_000), checked("b", 9, "warning"), checked("c", 834), checked("d", 0)]
    )
    assert tonight.verdict() == (
        "1 rejected, 1 unchanged; 2 checks of severity error fail with 25,834 rows; "
        "newest export 12 days old; first: a.json: cut"
    )
    tonight.failed_checks = ["a", "c"]
    tonight.not_published = "disk full"
    assert tonight.verdict() == (
        "1 rejected, 1 unchanged; failed checks: a, c; 2 checks of severity error fail with 25,834 rows; "
        "not published: disk full; newest export 12 days old; first: a.json: cut"
    )
    assert tonight.markdown().splitlines() == [
        "# 1 rejected, 1 unchanged",
        "",
        "- failed checks: a, c; 2 checks of severity error fail with 25,834 rows",
        "- not published: disk full",
        "- newest export 12 days old",
        "",
        f"| project | sources | {' | '.join(COUNTS)} |",
        "|---|---|---|---|---|---|---|---|---|---|",
        "| street | 2 | 0 | 0 | 0 | 0 | 10 | 4 | 6 | 1.0 |",
        "",
        "## Likely wrong",
        "",
        "| check | severity | rows | the first |",
        "|---|---|--:|---|",
        "| a | error | 25,000 |  |",
        "| c | error | 834 |  |",
        "| b | warning | 9 |  |",
        "",
        "## Not loaded",
        "",
        "    a.json: cut",
    ]


def test_one_failing_row_is_told_as_one(there: Path) -> None:
    tonight = night(there)
    tonight.add([record()], NOW)
    tonight.add_checks([checked("a", 1)])
    assert tonight.verdict() == "1 committed; 1 check of severity error fails with 1 row"


def test_nights_on_which_nothing_came_are_counted_by_days_not_by_runs(there: Path) -> None:
    said = []
    for day in (0, 0, 1, 2, 3, 4):
        tonight = night(there, day)
        if day == 3:
            tonight.add([record()], tonight.started_at)
        else:
            tonight.add_empty(STREET)
        said.append(tonight.verdict())
        tonight.write("Completed")
    last = "nothing came for {} nights: street (/exports/*.zip)"
    assert said == [
        "1 empty",
        "1 empty",
        f"1 empty; {last.format(2)}",
        f"1 empty; {last.format(3)}",
        "1 committed",
        "1 empty",
    ]


def test_days_without_a_run_are_told_by_the_next(there: Path) -> None:
    night(there).write("Completed")
    tonight = night(there, 1)
    tonight.add([record()], tonight.started_at)
    assert tonight.verdict() == "1 committed"
    tonight = night(there, 3)
    tonight.add([record()], tonight.started_at)
    assert tonight.verdict() == "1 committed; no run for 3 days before this one"


def test_a_night_that_was_killed_is_told_by_the_next(there: Path) -> None:
    killed = night(there, tables=12)
    killed.tables_done = 10
    killed.add([record()], NOW)
    killed.write()
    tonight = night(there, 1)
    assert tonight.unfinished == (
        "the run before, of 2026-11-28T02:00:00+00:00, has not ended: it had loaded 10 of 12 tables"
    )
    assert f"- {tonight.unfinished}\n" in tonight.markdown()
    tonight.write("Completed")
    assert night(there, 2).unfinished == ""


def test_the_record_is_a_file_and_replaces_the_one_before(there: Path) -> None:
    tonight = night(there)
    tonight.tables_done = 1
    tonight.add([record("rejected", "a.json: cut")], NOW)
    tonight.add_checks([checked("a", 1)])
    tonight.write("Failed")
    assert sorted(path.name for path in there.rglob("*")) == [
        "night-sources.json",
        "night-sources.md",
        "published",
    ]
    written = json.loads((there / "published" / "night-sources.json").read_text())
    assert datetime.fromisoformat(written.pop("finished_at")).tzinfo
    assert written == {
        "configuration": str(Path("sources.toml").absolute()),
        "state": "Failed",
        "message": "1 rejected; 1 check of severity error fails with 1 row; first: a.json: cut",
        "started_at": "2026-11-28T02:00:00+00:00",
        "tables": 1,
        "tables_done": 1,
        "newest_export": "2026-11-28T02:00:00+00:00",
        "empty_since": {},
        "news_at": {},
        "sources": tonight.rows,
        "checks": [
            {
                "check": "a",
                "severity": "error",
                "failing": 1,
                "first": None,
                "sql": "sql/checks/a.sql",
                "error": None,
            }
        ],
    }
    assert (there / "published" / "night-sources.md").read_text() == tonight.markdown()


SINCE_3 = b'{"empty_since": {"street (/exports/*.zip)": 3}, "started_at": 1}'
GARBAGE = [
    SINCE_3,
    b"",
    b"{",
    b"[]",
    b"\xff",
    b"[" * 100_000,
    b'{"state": "Running"}',
    b'{"empty_since": [1]}',
]


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_in_the_record_of_the_night_before_stops_no_night(there: Path, content: bytes) -> None:
    (there / "published").mkdir()
    (there / "published" / "night-sources.json").write_bytes(content)
    tonight = night(there)
    tonight.add_empty(STREET)
    assert tonight.verdict() == "1 empty"
    tonight.write("Completed")


def test_which_folders_and_globs_are_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "read.me").write_text("no export")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.zip").write_text("")
    cases = {
        "empty": True,
        "others": True,
        "full": False,
        "full/*.zip": False,
        "full/*.json": True,
        "empty/**/*": True,
        "nowhere": False,
        "nowhere/*.zip": False,
        "full/a.zip": False,
        "full/b.zip": False,
    }
    patterns = {str(tmp_path / name): is_empty for name, is_empty in cases.items()}
    assert empty_ones(patterns) == [pattern for pattern, is_empty in patterns.items() if is_empty]


def test_the_newest_of_files_counts(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text("")
    newest = newest_of([str(p) for p in paths])
    assert newest is not None
    assert newest.timestamp() == pytest.approx(paths[1].stat().st_mtime)
    assert newest_of([str(tmp_path / "none"), "\0"]) is None


INTERRUPTED = """
import signal, sys, duckdb
from pathlib import Path
from labelhouse.warehouse.guarding import guarded

class Told(BaseException):
    pass

def on_signal(*_):
    raise Told

signal.signal(signal.SIGTERM, on_signal)
connection = duckdb.connect()
try:
    with guarded(Path(".")):
        print("begun", flush=True)
        connection.execute("select sum(a.range * b.range) from range(10000000) a, range(10000000) b")
except BaseException as error:
    print(type(error).__name__, flush=True)
"""


@pytest.mark.parametrize(
    ("sent", "raised"), [(signal.SIGTERM, "Told"), (signal.SIGINT, "KeyboardInterrupt")]
)
def test_what_a_signal_raises_inside_duckdb_stays_what_it_is(sent: signal.Signals, raised: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(sent)
        assert process.stdout.readline() == f"{raised}\n"
        process.kill()


def parser_of(session: IngestSession) -> int:
    """Return the id of the parsing process of a session."""
    process = session._workers[0]._process
    assert process is not None
    return process.pid


@slow
def test_loads_of_a_session_share_the_warehouse_and_the_parsing_processes(
    warehouse: Path, write: Write
) -> None:
    with IngestSession(warehouse) as session:
        options = IngestOptions(jobs=1)
        [first] = session.ingest([write("a.json", [unit("a")])], options)
        opened, process = session._warehouse, parser_of(session)
        [bad] = session.ingest([write("bad.json", [{"no": "coco"}])], options)
        [other] = session.ingest(
            [write("a.json", [unit("a", shift=1)])], IngestOptions(jobs=1, project="other")
        )
        [again] = session.ingest([write("b.json", [unit("a", shift=1)])], options)
        assert (session._warehouse, parser_of(session)) == (opened, process)
        # A consumer that stops half way leaves nothing behind for the next.
        both = [write("c.json", [unit("c")]), write("d.json", [unit("d")])]
        alone = IngestOptions(jobs=1, commit_each=True)
        left = session.ingest(both, alone)
        assert isinstance(left, Generator)
        next(left)
        left.close()
        assert session._warehouse is None
        reports = list(
            session.ingest([write("c.json", [unit("c")]), write("d.json", [unit("d")])], options)
        )
    assert [r.status for r in (first, bad, other, again)] == [
        "committed",
        "rejected",
        "committed",
        "committed",
    ]
    assert [r.status for r in reports] == ["unchanged", "committed"]
    assert not list((warehouse / "staging").glob("run-*"))


@slow
def test_a_session_that_could_not_open_the_warehouse_tries_again(warehouse: Path, write: Write) -> None:
    warehouse.write_text("a file")
    source = write("a.json", [unit("a")])
    with IngestSession(warehouse) as session:
        with pytest.raises(WarehouseError):
            list(session.ingest([source], IngestOptions(jobs=1)))
        warehouse.unlink()
        [report] = session.ingest([source], IngestOptions(jobs=1))
    assert report.status == "committed"


@slow
def test_waiting_for_the_lock_is_not_counted_as_work(warehouse: Path, write: Write, load: Load) -> None:
    load(write("a.json", [unit("a")]))
    lock = FileLock(warehouse / "lock", thread_local=False)
    with IngestSession(warehouse) as session:
        list(session.ingest([write("b.json", [unit("b")])], IngestOptions(jobs=1)))
        lock.acquire()
        held = threading.Timer(2.0, lock.release)
        held.start()
        began = time.monotonic()
        [report] = session.ingest([write("c.json", [unit("c")])], IngestOptions(jobs=1))
        whole = time.monotonic() - began
        held.join()
    seconds = report.as_json()["seconds"]
    assert isinstance(seconds, float)
    assert 0 < seconds <= whole - 1.5


def test_a_warehouse_below_a_folder_of_sources_is_no_source(
    tmp_path: Path, write: Write, load: Load, warehouse: Path
) -> None:
    source = write("in/a.json", [unit("a")])
    (warehouse / "published").mkdir(parents=True)
    (warehouse / "published" / "night-sources.json").write_text("{}")
    (warehouse / "catalog.sqlite").write_text("")
    inside = tmp_path / "in" / "kept" / "warehouse"
    inside.parent.mkdir()
    warehouse.rename(inside)
    assert [s.path for s in find_sources([str(tmp_path / "in")])] == [source]
    assert [s.path for s in find_sources([str(tmp_path / "in" / "**" / "*.json")])] == [source]
    named = str(inside / "published" / "night-sources.json")
    assert [s.path for s in find_sources([named])] == [named]


def test_a_session_loads_relative_paths_of_the_folder_that_it_is_called_in(
    tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IngestSession(warehouse) as session:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "export.json").write_text(json.dumps([unit(name)]))
            monkeypatch.chdir(tmp_path / name)
            [report] = session.ingest(["export.json"], IngestOptions(jobs=1))
            assert (report.status, report.source) == ("committed", "export.json")
    with labelhouse.connect(warehouse) as connection:
        rows = connection.execute("select document_id from documents order by all").fetchall()
    assert rows == [("one",), ("two",)]
