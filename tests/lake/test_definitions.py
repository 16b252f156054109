"""A warehouse made by an earlier build gets the views and macros of this one."""

from pathlib import Path

from labelhouse import connect
from labelhouse.lake import definitions
from labelhouse.warehouse.opening import open_warehouse

from tests.support.aliases import Load, Write
from tests.support.exports import unit

SNAPSHOTS = "select count(*) from lake.snapshots()"
OLD = "create or replace view labels as select 1 as old"


def _break(warehouse: Path) -> None:
    """Leave the warehouse as an earlier build would: another view, one more, a macro and a table less."""
    with open_warehouse(warehouse) as opened, opened.lock(), opened.transaction() as connection:
        connection.execute(OLD)
        connection.execute("create view gone as select 1 as old")
        connection.execute("drop macro bbox_iou")
        connection.execute("drop table label_changes")
        connection.execute("update definitions set statement_hash = 'old' where name = 'labels'")
        connection.execute("delete from definitions where name in ('bbox_iou', 'label_changes')")
        connection.execute("insert into definitions values ('view', 'gone', null, 'Gone.', 'old')")


def test_what_an_earlier_build_defined_otherwise_is_defined_anew_once(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit()]))
    _break(warehouse)
    with open_warehouse(warehouse) as opened:
        [[snapshots]] = opened.connection.execute(SNAPSHOTS).fetchall()
    with connect(warehouse) as connection:
        assert connection.execute("select count(*) from labels").fetchall() == [(3,)]
        assert connection.execute("select bbox_iou(0, 0, 2, 1, 1, 0, 2, 1)").fetchall() == [(1 / 3,)]
        assert connection.execute("select count(*) from label_changes").fetchall() == [(0,)]
        views = connection.execute("select view_name from duckdb_views() where database_name = 'lake'")
        assert ("gone",) not in views.fetchall()
        assert definitions.are_current(connection)
    with open_warehouse(warehouse) as opened:
        assert opened.connection.execute(SNAPSHOTS).fetchall() == [(snapshots,)]


def test_a_warehouse_without_definitions_gets_them(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit()]))
    with open_warehouse(warehouse) as opened, opened.lock(), opened.transaction() as connection:
        connection.execute("drop table definitions")
    with connect(warehouse) as connection:
        assert not definitions.are_current(connection)
    load(write("2.json", [unit("b")]))
    with connect(warehouse) as connection:
        assert definitions.are_current(connection)
        assert connection.execute("select count(*) from labels").fetchall() == [(6,)]


def test_reading_never_defines_anything(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit()]))
    _break(warehouse)
    with connect(warehouse) as connection:
        assert connection.execute("from labels").fetchall() == [(1,)]


def test_macros_and_views_stand_after_those_that_they_use() -> None:
    order = [(d.kind, d.name) for d in definitions.definitions()]
    kinds = [kind for kind, _ in order]
    assert kinds == sorted(kinds, key=["table", "macro", "view"].index)
    assert len(set(order)) == len(order)
