"""The copies that a small commit works on are there for its block alone."""

from pathlib import Path

import pytest
from labelhouse.commit.copied_versions import MOST_RECORDS, copied_versions
from labelhouse.commit.partitions import VersionRange, commit_parts

from tests.support.aliases import Rows
from tests.support.exports import unit
from tests.support.loading import Loader

HIDDEN = ("annotations", "categories", "documents", "images")
COPIES = f"""
    select table_name from duckdb_tables()
    where database_name = 'temp' and table_name in {HIDDEN} order by all
"""


def rows(loader: Loader, sql: str) -> Rows:
    return loader.warehouse.connection.execute(sql).fetchall()


def test_copies_hold_the_rows_of_the_commit_alone_and_go_with_the_block(tmp_path: Path) -> None:
    with Loader(tmp_path / "w", tmp_path) as loader:
        loader.load([unit("a")])
        loader.load([unit("a", shift=1), unit("b")])
        # The tables that say what the last commit brought and replaced are still there.
        with loader.warehouse.lock(), loader.warehouse.transaction() as connection:
            parts = commit_parts(connection, 1000)
            with copied_versions(connection, parts):
                assert rows(loader, COPIES) == [(name,) for name in HIDDEN]
                for name in HIDDEN:
                    where = "" if name == "categories" else " where document_key >> 32 = 2"
                    assert rows(loader, f"from {name} order by all") == rows(
                        loader, f"from lake.main.{name}{where} order by all"
                    )
            assert rows(loader, COPIES) == []


def test_copies_go_with_a_transaction_that_fails(tmp_path: Path) -> None:
    with Loader(tmp_path / "w", tmp_path) as loader:
        loader.load([unit("a")])
        with (
            pytest.raises(ZeroDivisionError),
            loader.warehouse.lock(),
            loader.warehouse.transaction() as connection,
            copied_versions(connection, commit_parts(connection, 1000)),
        ):
            raise ZeroDivisionError
        assert rows(loader, COPIES) == []
        assert loader.load([unit("b")])["status"] == "committed"
        assert rows(loader, "select count(*) from annotations") == [(6,)]


def test_a_commit_of_many_rows_copies_nothing(tmp_path: Path) -> None:
    with Loader(tmp_path / "w", tmp_path) as loader:
        loader.load([unit("a")])
        with copied_versions(loader.warehouse.connection, [VersionRange(0, 9, MOST_RECORDS + 1, 1)]):
            assert rows(loader, COPIES) == []
        with copied_versions(loader.warehouse.connection, []):
            assert rows(loader, COPIES) == []
