"""The one way to change a warehouse: one snapshot or nothing, whatever fails and when."""

import json
import logging
from pathlib import Path
from typing import cast

import duckdb
import pytest
from labelhouse import connect
from labelhouse.errors import WarehouseError
from labelhouse.maintenance.verify import verify
from labelhouse.manifest import StagedFile
from labelhouse.warehouse.change import change
from labelhouse.warehouse.guarding import guarded
from labelhouse.warehouse.opening import open_warehouse

from tests.support.aliases import Load, Write
from tests.support.sets import some


class CommitsThenFails:
    """A connection that reports a commit as failed after, or instead of, doing it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, does_commit: bool) -> None:
        self._connection = connection
        self._does_commit = does_commit

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def commit(self) -> None:
        if self._does_commit:
            self._connection.commit()
        raise duckdb.IOException("IO Error: the connection to the catalog was lost")


def failing(connection: duckdb.DuckDBPyConnection, *, does_commit: bool) -> duckdb.DuckDBPyConnection:
    return cast(duckdb.DuckDBPyConnection, CommitsThenFails(connection, does_commit=does_commit))


def snapshots(warehouse: Path) -> list[tuple[str, dict[str, object]]]:
    with connect(warehouse) as connection:
        rows = connection.execute(
            "select commit_message, commit_extra_info from lake.snapshots() "
            "where commit_message is not null order by snapshot_id"
        ).fetchall()
    return [(message, {**json.loads(extra), "change_id": None}) for message, extra in rows]


def fence(warehouse: Path) -> int:
    with connect(warehouse) as connection:
        [[commits]] = connection.execute("select commits from lake.fence").fetchall()
    return int(commits)


def staged_copy(folder: Path, staging: Path) -> StagedFile:
    """A staged file of the ledger: a copy of one that is there, under a name of its own."""
    [source] = (folder / "data" / "main" / "ingests").glob("*.parquet")
    path = staging / f"staged-{source.name}"
    path.write_bytes(source.read_bytes())
    return StagedFile("ingests", str(path), 1, path.stat().st_size, "0" * 64)


def data_names(warehouse: Path) -> set[str]:
    return {path.name for path in (warehouse / "data").rglob("*.parquet")}


def test_a_change_is_one_snapshot_with_its_message(load: Load, write: Write, warehouse: Path) -> None:
    load(write("a.json", []))
    before, commits = snapshots(warehouse), fence(warehouse)
    with open_warehouse(warehouse) as opened, change(opened, "said", {"what": 7}):
        pass
    assert snapshots(warehouse) == [*before, ("said", {"what": 7, "change_id": None})]
    assert fence(warehouse) == commits + 1


@pytest.mark.parametrize(
    "error", some([KeyboardInterrupt, duckdb.IOException, OSError, ZeroDivisionError], 2)
)
def test_a_block_that_fails_changes_nothing_and_leaves_no_file(
    load: Load, write: Write, warehouse: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    load(write("a.json", []))
    before, names = snapshots(warehouse), data_names(warehouse)

    def fail() -> None:
        with open_warehouse(warehouse) as opened, change(opened, "said", {}) as changing:
            changing.register([staged := staged_copy(warehouse, tmp_path)])
            assert Path(staged.path).name in data_names(warehouse)
            raise error("so it goes")

    with pytest.raises(error):
        fail()
    assert (snapshots(warehouse), data_names(warehouse)) == (before, names)
    assert verify(warehouse).findings == []


def test_a_commit_that_fails_leaves_no_file(
    load: Load, write: Write, warehouse: Path, tmp_path: Path
) -> None:
    load(write("a.json", []))
    before, names = snapshots(warehouse), data_names(warehouse)
    with open_warehouse(warehouse) as opened, pytest.raises(WarehouseError), guarded(warehouse):  # noqa: PT012
        opened.connection = failing(opened.connection, does_commit=False)
        with change(opened, "said", {}) as changing:
            changing.register([staged_copy(warehouse, tmp_path)])
    assert (snapshots(warehouse), data_names(warehouse)) == (before, names)
    assert verify(warehouse).findings == []


def test_a_commit_that_is_reported_as_failed_but_came_counts_as_done(
    load: Load, write: Write, warehouse: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load(write("a.json", []))
    before, names = snapshots(warehouse), data_names(warehouse)
    with open_warehouse(warehouse) as opened, caplog.at_level(logging.WARNING):
        opened.connection = failing(opened.connection, does_commit=True)
        with change(opened, "said", {}) as changing:
            changing.register([staged := staged_copy(warehouse, tmp_path)])
    assert "committed, although the engine says that it failed" in caplog.text
    assert snapshots(warehouse) == [*before, ("said", {"change_id": None})]
    assert data_names(warehouse) >= names | {Path(staged.path).name}


def test_a_dry_run_changes_nothing(load: Load, write: Write, warehouse: Path) -> None:
    load(write("a.json", []))
    before, commits = snapshots(warehouse), fence(warehouse)
    with open_warehouse(warehouse) as opened, change(opened, "said", {}, dry_run=True):
        pass
    assert (snapshots(warehouse), fence(warehouse)) == (before, commits)


def test_of_two_changes_without_a_common_lock_one_fails(load: Load, write: Write, warehouse: Path) -> None:
    load(write("a.json", []))
    commits = fence(warehouse)
    with open_warehouse(warehouse) as one, open_warehouse(warehouse) as other:
        one.connection.begin()
        one.connection.execute("update fence set commits = commits + 1")
        with change(other, "other", {}):
            pass
        with pytest.raises(duckdb.Error):
            one.connection.commit()
    assert fence(warehouse) == commits + 1
