"""An owner's connection serves other tools and threads, and nothing done through it harms the warehouse."""

import hashlib
import threading
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import labelhouse
import pyarrow as pa
import pytest

from tests.support.exports import unit
from tests.support.loading import Loader

HARMFUL = (
    "call ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "call ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "call ducklake_merge_adjacent_files('lake')",
    "call ducklake_rewrite_data_files('lake', delete_threshold => 0)",
    "call ducklake_expire_snapshots('lake', older_than => now())",
    "call ducklake_flush_inlined_data('lake')",
    "call lake.set_option('target_file_size', '1MB')",
    "call lake.set_commit_message('a', 'b')",
    "checkpoint lake",
    "comment on table lake.documents is 'x'",
    "truncate lake.documents",
    "delete from lake.documents",
    "insert into lake.documents by name select * from lake.documents",
    "update lake.documents set title = 'x'",
    "create schema lake.x",
    "create or replace view lake.labels as select 1",
    "drop view lake.labels",
    "drop table lake.documents",
    "alter table lake.documents add column x int",
    "detach lake",
    "drop view labels",
    "create or replace table documents as select 1 as one",
    "delete from documents",
)


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def nights(tmp_path: Path, warehouse: Path) -> Path:
    with Loader(warehouse, tmp_path) as loader:
        for number in range(3):
            loader.load([unit("a", labels=3, shift=float(number)), unit("b", labels=2)])
    return warehouse


def test_nothing_done_to_the_attached_catalog_changes_a_file_of_the_warehouse(
    nights: Path, tmp_path: Path
) -> None:
    with closing(labelhouse.connect(nights)) as connection:
        # What is loaded now is an orphan to the connection's copy of the catalog.
        with Loader(nights, tmp_path) as loader:
            loader.load([unit("c", labels=4)])
        before = _files(nights)
        for sql in HARMFUL:
            with suppress(duckdb.Error):
                connection.execute(sql).fetchall()
            after = _files(nights)
            assert {name for name, text in before.items() if after.get(name) != text} == set(), sql
            # These fail after they have written files that nothing knows, which `maintain` removes.
            assert after.keys() == before.keys() or any(
                word in sql for word in ("_files(", "checkpoint")
            ), sql
            before = after
    with closing(labelhouse.connect(nights)) as connection:
        assert connection.execute("select count(*) from labels").fetchone() == (9,)
    assert labelhouse.verify(nights).findings == []


def test_cursors_threads_and_data_frames_see_the_state_of_the_connection(
    nights: Path, tmp_path: Path
) -> None:
    classes = pa.table({"category_name": ["Car"], "price": [2]})
    with closing(labelhouse.connect(nights, as_of=3)) as connection:
        with Loader(nights, tmp_path) as loader:
            loader.load([unit("c", labels=4)])
        counts: list[object] = []

        def count() -> None:
            with connection.cursor() as cursor:
                sql = "select count(*), current_setting('TimeZone'), polygon_area([[0, 0, 1, 0, 1, 1]])"
                sql += " from labels"
                counts.append(cursor.execute(sql).fetchone())

        threads = [threading.Thread(target=count) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counts == [(5, "UTC", 0.5)] * 3
        cursor = connection.cursor()
        assert cursor.execute("select sum(price) from labels join classes using (category_name)").fetchone()
        assert classes.num_rows == 1
        cursor.execute("create table kept as from labels limit 2")
        assert connection.execute("select count(*) from kept").fetchone() == (2,)
        connection.execute(f"copy (from labels) to '{tmp_path / 'labels.parquet'}'")
        assert cursor.execute(f"select count(*) from '{tmp_path / 'labels.parquet'}'").fetchone() == (5,)
        assert connection.execute("select max(ingest_number) from ingests").fetchone() == (2,)
