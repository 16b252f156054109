"""A reader sees one state from its first statement to its last, whatever happens beside it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import labelhouse
import pytest
from labelhouse.exporting.run import ExportOptions, exported_texts
from labelhouse.files.private_folder import private_folder
from labelhouse.lake.catalog_copy import copy_catalog, using_live_catalog
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.sql_gate.confined_connection import ConfinedConnection
from labelhouse.warehouse.snapshots import open_snapshot

from tests.support.exports import unit
from tests.support.loading import Loader
from tests.support.sets import slow, some

DOCUMENTS = 6
LABELS = 3
COUNTS = """
    select
        count(distinct documents.document_id), count(distinct documents.document_key), count(*),
        min(annotations.bbox_x), max(annotations.bbox_x)
    from annotations join documents using (document_key)
"""


def night(number: int) -> list[dict[str, object]]:
    """An export in which all boxes have moved by the same as in every other document."""
    return [unit(f"d{index:02d}", labels=LABELS, shift=float(number)) for index in range(DOCUMENTS)]


def state(number: int) -> list[tuple[object, ...]]:
    return [(DOCUMENTS, DOCUMENTS, DOCUMENTS * LABELS, float(number), float(number + LABELS - 1))]


@pytest.fixture
def nights(tmp_path: Path, warehouse: Path) -> Iterator[Loader]:
    with Loader(warehouse, tmp_path) as loader:
        for number in range(3):
            loader.load(night(number))
        yield loader


@contextmanager
def reader(kind: str, folder: Path) -> Iterator[Connection | ConfinedConnection]:
    if kind == "of others":
        with labelhouse.connect(folder, confined=True) as connection:
            yield connection
    elif kind == "of a command":
        with open_snapshot(folder) as connection:
            yield connection
    else:
        with closing(labelhouse.connect(folder)) as connection:
            if kind == "transaction":
                connection.begin()
            yield connection


@pytest.mark.parametrize("kind", some(["transaction", "of others", "of a command", "single statements"]))
def test_what_is_loaded_and_maintained_beside_a_reader_does_not_show(
    nights: Loader, warehouse: Path, kind: str
) -> None:
    with reader(kind, warehouse) as connection:
        for number in range(3, 5):
            nights.load(night(number))
            assert connection.execute(COUNTS).fetchall() == state(2)
        maintain(warehouse, MaintainOptions(keep_days=0))
        assert connection.execute(COUNTS).fetchall() == state(2)
    with reader(kind, warehouse) as connection:
        assert connection.execute(COUNTS).fetchall() == state(4)


@slow
@pytest.mark.parametrize("kind", some(["transaction", "single statements"]))
def test_an_earlier_state_stays_what_it_was(nights: Loader, warehouse: Path, kind: str) -> None:
    with closing(labelhouse.connect(warehouse, as_of="ingest:2")) as connection:
        if kind == "transaction":
            connection.begin()
        for number in range(3, 5):
            nights.load(night(number))
            assert connection.execute(COUNTS).fetchall() == state(1)
    for number in range(1, 5):
        with closing(labelhouse.connect(warehouse, as_of=f"ingest:{number}")) as connection:
            assert connection.execute(COUNTS).fetchall() == state(number - 1)


@slow
def test_an_export_is_of_one_night(nights: Loader, warehouse: Path) -> None:
    with open_snapshot(warehouse) as connection:
        documents, texts = exported_texts(connection, ExportOptions())
        parts = [next(texts)]
        for number in range(3, 6):
            nights.load(night(number))
        exported = json.loads(b"".join([*parts, *texts]))
    assert documents == DOCUMENTS
    assert exported == night(2)


@slow
def test_files_that_maintenance_takes_away_are_an_error_and_no_empty_table(
    nights: Loader, warehouse: Path
) -> None:
    at_once = MaintainOptions(keep_days=0, grace_hours=0)
    with open_snapshot(warehouse) as connection:
        assert connection.execute(COUNTS).fetchall() == state(2)
        nights.load(night(3), full=True)
        maintain(warehouse, at_once)
        with pytest.raises(duckdb.IOException, match="Cannot open file"):
            connection.execute(COUNTS).fetchall()


@slow
def test_a_reader_leaves_nothing_behind(
    nights: Loader, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    before = sorted(warehouse.rglob("*"))
    with open_snapshot(warehouse) as connection:
        assert len(list(place.iterdir())) == 2
        [folder] = (path for path in place.iterdir() if path.is_dir())
        if os.name == "posix":
            assert folder.stat().st_mode & 0o777 == 0o700
        connection.execute(COUNTS).fetchall()
    assert not list(place.iterdir())
    with pytest.raises(labelhouse.errors.LabelhouseError), open_snapshot(warehouse, as_of="99"):
        pass
    assert not list(place.iterdir())
    assert sorted(warehouse.rglob("*")) == before


KILLED = """
import os, signal, sys
from labelhouse.warehouse.snapshots import open_snapshot
with open_snapshot(sys.argv[1]) as connection:
    connection.execute("create temp table spilled as from range(10)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_what_a_killed_reader_left_is_removed_by_the_next(
    nights: Loader, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    (place / "labelhouse-of somebody").mkdir()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(warehouse)], env={**os.environ, "TMPDIR": str(place)}
    )
    assert killed.returncode == -9
    assert len(list(place.iterdir())) == 3
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with private_folder() as folder, private_folder() as other:
        assert sorted(path.name for path in place.iterdir() if path.is_dir()) == sorted(
            ["labelhouse-of somebody", folder.name, other.name]
        )
    assert [path.name for path in place.iterdir()] == ["labelhouse-of somebody"]


@slow
def test_a_connection_that_has_gone_leaves_its_relations_readable(nights: Loader, warehouse: Path) -> None:
    assert labelhouse.connect(warehouse).sql(COUNTS).fetchall() == state(2)
    cursor = labelhouse.connect(warehouse).cursor()
    nights.load(night(3))
    for _ in range(5):
        labelhouse.connect(warehouse).close()
    # A cursor has no current database.
    assert cursor.execute(f"use lake; {COUNTS}").fetchall() == state(2)


@slow
def test_a_catalog_that_a_thread_uses_is_copied_by_another_process(
    nights: Loader, warehouse: Path, tmp_path: Path
) -> None:
    """Python's SQLite would drop the locks of DuckDB's in the same process."""
    copied = []

    def copy() -> None:
        copy_catalog(warehouse / "catalog.sqlite", tmp_path / "copy.sqlite")
        copied.append((tmp_path / "copy.sqlite").stat().st_size)

    with using_live_catalog(), nights.warehouse.transaction() as connection:
        connection.execute("select count(*) from documents").fetchall()
        thread = threading.Thread(target=copy)
        thread.start()
        thread.join()
    assert copied == [(warehouse / "catalog.sqlite").stat().st_size]


@slow
def test_a_copy_that_is_made_while_a_commit_is_in_the_log_has_all_of_it_or_nothing(
    nights: Loader, warehouse: Path
) -> None:
    with nights.warehouse.transaction() as connection:
        connection.execute("delete from annotations")
        with open_snapshot(warehouse) as before:
            assert before.execute(COUNTS).fetchall() == state(2)
    with open_snapshot(warehouse) as after:
        assert after.execute("select count(*) from annotations").fetchall() == [(0,)]


@slow
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="needs to become another user")
@pytest.mark.parametrize("has_log", some([True, False]))
def test_a_warehouse_is_read_by_who_may_not_write_to_it(
    nights: Loader, warehouse: Path, tmp_path: Path, has_log: bool
) -> None:
    copy = tmp_path / "copy"
    # A log stays when the last process that has the catalog open is killed.
    with closing(_opened(warehouse)) if has_log else private_folder():
        shutil.copytree(warehouse, copy)
    assert (copy / "catalog.sqlite-wal").exists() is has_log
    place = tmp_path / "temporary"
    place.mkdir()
    place.chmod(0o777)
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.getuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(copy.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", ANOTHER_USER, str(warehouse), str(copy), COUNTS],
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.stderr) == (f"False {state(2)}", "")
    left = [path for path in place.iterdir() if path.stat().st_uid == 65534]
    assert (sorted(copy.rglob("*")), left) == (before, [])


# The modules are loaded before: another user may not be allowed to read them.
ANOTHER_USER = """
import os, sys, labelhouse
warehouse, copy, sql = sys.argv[1:]
with labelhouse.connect(warehouse) as connection:
    connection.execute(sql).fetchall()
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
with labelhouse.connect(copy) as connection:
    print(os.access(copy, os.W_OK), connection.execute(sql).fetchall())
"""


def _opened(warehouse: Path) -> sqlite3.Connection:
    """Hold the catalog open, as a writer does, with a commit that is in its log only."""
    import sqlite3

    catalog = sqlite3.connect(warehouse / "catalog.sqlite")
    catalog.execute("pragma journal_mode = wal")
    catalog.execute("create table unrelated (x)")
    catalog.commit()
    return catalog
