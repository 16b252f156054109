"""A warehouse with other tables, or with none yet, is refused in one line before it is touched."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import labelhouse
import pytest
from labelhouse import connect
from labelhouse.errors import WarehouseError
from labelhouse.exporting.run import ExportOptions, export
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.lake.engine import attach, connect_engine
from labelhouse.lake.warehouse_folder import NEW_CATALOG, require_place_for_warehouse
from labelhouse.maintenance.maintain import maintain
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.publishing.publish import publish
from labelhouse.querying.changes import changes
from labelhouse.querying.check import check
from labelhouse.querying.status import status
from labelhouse.schema.warehouse_tables import SCHEMA_VERSION
from labelhouse.warehouse.opening import open_warehouse

from tests.support.aliases import Write
from tests.support.exports import unit
from tests.support.sets import slow

REMEDY = "use the version of Labelhouse that made it, or load its exports into a new folder"
OTHERS = {
    "an older version": (
        "update fence set schema_version = 1",
        f"schema version 1, this Labelhouse {SCHEMA_VERSION}",
    ),
    "a newer version": (
        f"update fence set schema_version = {SCHEMA_VERSION + 1}",
        f"schema version {SCHEMA_VERSION + 1}, this Labelhouse {SCHEMA_VERSION}",
    ),
    "a column less": (
        "alter table ingests drop column documents_renumbered",
        "other columns in ingests than this Labelhouse",
    ),
    "a column more": (
        "alter table annotations add column colour varchar",
        "other columns in annotations than this Labelhouse",
    ),
    "a column of another type": (
        "drop table mart_state; create table mart_state (snapshot_id varchar, ingest_number bigint, "
        "refreshed_at timestamptz)",
        "other columns in mart_state than this Labelhouse",
    ),
    "no version": (
        "alter table fence drop column schema_version",
        "no schema version",
    ),
}


def commands(warehouse: Path, source: str) -> dict[str, Callable[[], object]]:
    def changed() -> None:
        with changes(warehouse):
            pass

    def written() -> IO[bytes]:
        raise AssertionError("nothing is to be written")

    return {
        "ingest": lambda: list(ingest(warehouse, [source], IngestOptions(jobs=1))),
        "dry run": lambda: list(ingest(warehouse, [source], IngestOptions(jobs=1, dry_run=True))),
        "status": lambda: status(warehouse),
        "connect": lambda: connect(warehouse),
        "as of": lambda: connect(warehouse, as_of="1"),
        "changes": changed,
        "check": lambda: check(warehouse),
        "export": lambda: export(warehouse, written, ExportOptions()),
        "verify": lambda: verify(warehouse),
        "refresh": lambda: refresh_marts(warehouse),
        "publish": lambda: publish(warehouse),
        "maintain": lambda: maintain(warehouse),
        "forget": lambda: labelhouse.forget(warehouse, "anna@example.com"),
    }


@slow
@pytest.mark.parametrize(("sql", "what"), OTHERS.values(), ids=OTHERS)
def test_every_command_says_the_same_of_other_tables(
    one_unit: Path, tmp_path: Path, write: Write, sql: str, what: str
) -> None:
    warehouse = shutil.copytree(one_unit, tmp_path / "warehouse")
    source = write("b.json", [unit("a", shift=1.0)])
    with connect_engine() as connection:
        attach(connection, warehouse)
        connection.execute(sql)
    # Every command for one of them, the two kinds for the others.
    run = commands(warehouse, source)
    chosen = run if sql.startswith("update") and "1" in sql[-2:] else {"ingest", "status"}
    for name in chosen:
        with pytest.raises(WarehouseError) as error:
            run[name]()
        assert (name, error.value.code, str(error.value)) == (
            name,
            "SCHEMA_VERSION",
            f"{warehouse}: the warehouse has {what}; {REMEDY}",
        )


READER = """
import sys
from labelhouse import connect
from labelhouse.errors import WarehouseError
print("started", flush=True)
said = set()
while "no" not in said:
    try:
        with connect(sys.argv[1]) as connection:
            said.add("no" if connection.execute("select count(*) from ingests").fetchone()[0] else "empty")
    except WarehouseError as error:
        said.add(error.code.value)
print(*sorted(said - {"no"}))
"""


@slow
def test_a_reader_beside_the_very_first_ingest_sees_nothing_or_a_whole_warehouse(
    tmp_path: Path, write: Write
) -> None:
    warehouse = tmp_path / "warehouse"
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(warehouse)], stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "started\n"
        [report] = ingest(warehouse, [write("a.json", [unit("a")])], IngestOptions(jobs=1))
        assert report.status == "committed"
        said = set(reader.stdout.read().split())
    assert reader.returncode == 0
    assert said <= {"WAREHOUSE_MISSING", "empty"}
    assert "WAREHOUSE_MISSING" in said


def test_a_catalog_that_a_killed_first_ingest_began_is_made_anew(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    names: list[str] = []
    codes: list[str] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        # The catalog is whole, but has no name yet.
        if event == "os.rename" and str(arguments[0]).endswith(NEW_CATALOG) and not names:
            names.extend(path.name for path in warehouse.iterdir())
            with pytest.raises(WarehouseError) as error:
                status(warehouse)
            codes.append(error.value.code.value)
            raise KeyboardInterrupt

    sys.addaudithook(hook)
    with pytest.raises(KeyboardInterrupt), open_warehouse(warehouse):
        pass
    assert NEW_CATALOG in names
    assert "catalog.sqlite" not in names
    assert codes == ["WAREHOUSE_MISSING"]
    (warehouse / NEW_CATALOG).write_bytes(b"cut")
    with open_warehouse(warehouse):
        pass
    assert status(warehouse).tables["ingests"] == 0
    assert not list(warehouse.glob(f"{NEW_CATALOG}*"))


def test_a_first_start_looks_into_the_folder_while_another_makes_and_names_its_catalog(
    tmp_path: Path,
) -> None:
    is_over = threading.Event()

    def make_and_remove() -> None:
        while not is_over.is_set():
            (tmp_path / NEW_CATALOG).write_bytes(b"begun")
            (tmp_path / NEW_CATALOG).unlink()

    other = threading.Thread(target=make_and_remove)
    other.start()
    try:
        for _ in range(3000):
            require_place_for_warehouse(tmp_path)
    finally:
        is_over.set()
        other.join()
