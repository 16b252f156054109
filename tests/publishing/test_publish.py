"""The published file holds what the warehouse holds, whole, while others write and read."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from labelhouse import connect
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.publishing.publish import publish
from labelhouse.publishing.published_tables import PUBLISHED_TABLES

from tests.support.aliases import Load, Write
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest
from tests.support.sets import rounds, slow

CHANGING = {"published"}


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True)


def contents(path: Path) -> dict[str, list[str]]:
    """Every table of a published file as sorted rows, but for when it was written."""
    with opened(path) as file:
        return {
            table.name: sorted(map(repr, file.execute(f'from "{table.name}"').fetchall()))
            for table in PUBLISHED_TABLES
            if table.name not in CHANGING
        }


@pytest.fixture
def published(warehouse: Path) -> Path:
    return warehouse / "published" / "labels.duckdb"


@slow
def test_labels_are_the_warehouse_s_with_class_shape_size_and_night(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    document = unit("a", labels=2)
    document["annotations"][0] |= {"bbox": [0.0, 5.0, 30.0, 10.0], "area": 299.0}
    document["annotations"][1]["attributes"]["manual_annotation"] = False
    other = plain(labels=1)
    other["annotations"][0] |= {"bbox": [0, 0, 200, 100], "segmentation": [[0, 0, 9, 0, 9, 9]]}
    load(write("1.json", [document]), project="cars")
    load(write("2.json", other), project="<b>")
    done = publish(warehouse)
    assert (done.path, done.status, done.labels, done.ingest_number) == (str(published), "written", 3, 2)
    with connect(warehouse) as lake, opened(published) as file:
        nights = dict(lake.execute("select project, started_at::date from ingests").fetchall())
        rows = file.execute(
            "select project, document_id, document_title, category_name, shape, bbox_area, size_class, "
            "centre_x, centre_y, drawn_by, image_key, image_width, label_id, ingest_number, night "
            "from labels order by ingest_number, position"
        ).fetchall()
        projects = file.execute(
            "select project, document_count, image_count, label_count from projects"
        ).fetchall()
        answers = file.execute(
            "select project, category_name, name, value, annotation_position from answers order by all"
        ).fetchall()
    night = nights["cars"]
    box, other_night = "bounding_box", nights["<b>"]
    assert rows == [
        ("cars", "a", "a.jpg", "Car", box, 300.0, "small", 0.5, 0.5, "manual", "a", 30, "uu0", 1, night),
        (
            "cars",
            "a",
            "a.jpg",
            "Car",
            box,
            12.0,
            "small",
            2.5 / 30,
            0.2,
            "automated",
            "a",
            30,
            "uu1",
            1,
            night,
        ),
        (
            # Its stated area is small.
            *("<b>", "2.json", None, "thing", "polygon", 20000.0, "small", 100 / 30, 2.5),
            *("unknown", "a/b.jpg", 30, "#0", 2, other_night),
        ),
    ]
    assert projects == [("<b>", 1, 1, 1), ("cars", 1, 1, 2)]
    assert answers == [("cars", "Car", "Colour", "red", 0), ("cars", "Car", "Colour", "red", 1)]


@slow
def test_every_table_and_column_is_described_and_none_is_a_view(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    load(write("1.json", [unit("a")]))
    publish(warehouse)
    with opened(published) as file:
        tables = file.execute("select table_name, comment from duckdb_tables()").fetchall()
        columns = file.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = 'main' "
            "and database_name = 'labels'"
        ).fetchall()
        views = file.execute("select count(*) from duckdb_views() where not internal").fetchall()
    assert {name for name, _ in tables} == {table.name for table in PUBLISHED_TABLES}
    assert [row for row in (*tables, *columns) if not row[-1]] == []
    assert views == [(0,)]


@slow
def test_the_file_is_in_the_old_format_read_only_and_alone(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    load(write("1.json", [unit("a")]))
    publish(warehouse)
    with opened(published) as file:
        [[tags]] = file.execute(
            "select tags from duckdb_databases() where database_name = 'labels'"
        ).fetchall()
    assert tags["storage_version"] == "v1.0.0+"
    assert published.stat().st_mode & 0o222 == 0
    assert [path.name for path in published.parent.iterdir() if not path.name.endswith(".lock")] == [
        "labels.duckdb"
    ]


def test_a_second_publish_writes_what_changed_and_equals_a_file_made_anew(
    write: Write, load: Load, warehouse: Path, published: Path, tmp_path: Path
) -> None:
    load(write("1.json", [unit(name) for name in "abcdefgh"]), project="one")
    load(write("2.json", [unit(name) for name in "xy"]), project="two")
    assert publish(warehouse).status == "written"
    assert publish(warehouse).status == "unchanged"
    load(write("3.json", [unit("b", labels=5, shift=1.0), unit("new")]), project="one")
    load(write("4.json", [unit("y")]), project="two", full=True)
    assert publish(warehouse).status == "changed"
    assert publish(warehouse, tmp_path / "anew.duckdb").status == "written"
    assert contents(published) == contents(tmp_path / "anew.duckdb")
    with opened(published) as file:
        counts = file.execute("select project, count(*) from labels group by all order by all").fetchall()
    assert counts == [("one", 7 * 3 + 5 + 3), ("two", 3)]


@slow
def test_a_file_that_is_mostly_old_rows_is_made_anew(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit("a")]))
    assert publish(warehouse).status == "written"
    load(write("2.json", [unit("a", shift=1.0)]))
    assert publish(warehouse).status == "changed"
    load(write("3.json", [unit("a", shift=2.0)]))
    assert publish(warehouse).status == "written"


@slow
def test_ingests_that_changed_nothing_show(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    source = write("1.json", [unit("a")])
    load(source)
    publish(warehouse)
    load(source)
    assert publish(warehouse).status == "changed"
    with opened(published) as file:
        assert file.execute("select status from ingests order by ingest_number").fetchall() == [
            ("committed",),
            ("unchanged",),
        ]
        assert file.execute("select ingest_number, label_count from published").fetchall() == [(2, 3)]


@slow
def test_an_open_reader_keeps_its_file_and_a_new_one_sees_the_new(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    count = f"import duckdb; print(duckdb.connect({str(published)!r}, read_only=True)"
    count += ".execute('select count(*) from labels').fetchone()[0])"
    load(write("1.json", [unit("a")]))
    publish(warehouse)
    with opened(published) as old:
        load(write("2.json", [unit("b")]))
        publish(warehouse)
        assert old.execute("select count(*) from labels").fetchone() == (3,)
        new = subprocess.run([sys.executable, "-c", count], capture_output=True, text=True)
        assert (new.stdout, new.stderr) == ("6\n", "")
        assert old.execute("select sum(bbox_h) from labels").fetchone() == (12.0,)


@slow
def test_what_a_killed_publish_left_is_swept_and_its_target_stays(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    load(write("1.json", [unit("a")]))
    publish(warehouse)
    load(write("2.json", [unit("b", labels=50)]))
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "publish"]
    for kill_after_s in (0.3, 0.6, 0.9, 1.2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=kill_after_s)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        with opened(published) as file:
            assert file.execute("select count(*) from labels").fetchone() in ((3,), (53,))
    (published.parent / ".labels.duckdb.0123456789ab.new").write_text("left by a killed process")
    (published.parent / "labels.duckdb.wal").write_text("left by a reader that wrote")
    load(write("3.json", [unit("c")]))
    publish(warehouse)
    with opened(published) as file:
        assert file.execute("select count(*) from labels").fetchone() == (56,)
    assert {path.name for path in published.parent.iterdir()} == {"labels.duckdb", ".labels.duckdb.lock"}


@slow
def test_a_damaged_published_file_is_made_anew_but_a_stranger_s_file_is_not_touched(
    write: Write, load: Load, warehouse: Path, published: Path, tmp_path: Path
) -> None:
    load(write("1.json", [unit("a")]))
    published.parent.mkdir()
    published.write_text("damaged")
    assert publish(warehouse).status == "written"
    stranger = tmp_path / "mine.duckdb"
    with duckdb.connect(str(stranger)) as mine:
        mine.execute("create table precious as select 1 as one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="no `labelhouse publish` wrote it"):
        publish(warehouse, stranger)
    with pytest.raises(UsageError, match="no `labelhouse publish` wrote it"):
        publish(warehouse, tmp_path / "folder", file_format="parquet")
    with opened(stranger) as mine:
        assert mine.execute("from precious").fetchall() == [(1,)]


@slow
def test_a_file_of_another_warehouse_is_made_anew(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    load(write("1.json", [unit("a")]))
    publish(warehouse, tmp_path / "shared.duckdb")
    list(ingest(tmp_path / "other", [write("2.json", [unit("b", labels=7)])], IngestOptions(jobs=1)))
    assert publish(tmp_path / "other", tmp_path / "shared.duckdb").status == "written"
    with opened(tmp_path / "shared.duckdb") as file:
        assert file.execute("select document_id, count(*) from labels group by all").fetchall() == [
            ("b", 7)
        ]


@slow
def test_an_empty_warehouse_and_one_with_a_rejected_source_only_publish_too(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    with pytest.raises(WarehouseError, match="no warehouse here"):
        publish(warehouse)
    [report] = load(write("1.json", {"no": "export"}))
    assert report.status == "rejected"
    assert publish(warehouse).labels == 0
    with opened(published) as file:
        assert file.execute("select project, document_count from projects").fetchall() == [("default", 0)]
        assert file.execute("select status from ingests").fetchall() == [("rejected",)]


def test_parquet_is_a_folder_that_swaps_as_a_whole_and_holds_the_same(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    load(write("1.json", [unit("a"), plain()]))
    folder = warehouse / "published" / "parquet"
    assert publish(warehouse, file_format="parquet").path == str(folder)
    with (folder / "labels.parquet").open("rb") as old:
        load(write("2.json", [unit("b")]))
        publish(warehouse, file_format="parquet")
        assert pq.read_table(old).num_rows == 5
    names = {table.name for table in PUBLISHED_TABLES}
    assert {path.name for path in folder.iterdir()} == {f"{name}.parquet" for name in (*names, "columns")}
    with opened(published) as file:
        for name in names:
            rows = sorted(map(repr, file.execute(f'from "{name}"').fetchall()))
            with duckdb.connect() as anew:
                anew.execute("set file_search_path = ?", [str(folder)])
                table = pq.read_table(folder / f"{name}.parquet")
                assert sorted(map(repr, anew.from_arrow(table).fetchall())) == rows
    described = pq.read_table(folder / "columns.parquet").to_pylist()
    assert all(row["comment"] and row["table_comment"] for row in described)
    assert {path.name for path in folder.parent.iterdir() if not path.name.endswith(".lock")} == {
        "labels.duckdb",
        "parquet",
    }


READS = rounds("READS", 300, 300, 1_000)
READER = """
import json, sys, time
import duckdb

path, wanted = sys.argv[1], int(sys.argv[2])
sql = '''
select (select ingest_number from published), (select label_count from published),
    (select count(*) from labels), (select min(bbox_x) from labels), (select max(bbox_x) from labels),
    (select count(*) from answers), (select sum(label_count) from projects),
    (select max(ingest_number) from ingests), (select sum(annotation_count) from documents)
'''
queries = 0
while queries < wanted:
    started = time.time()
    with duckdb.connect(path, read_only=True, config={'threads': 1}) as file:
        row = file.execute(sql).fetchone()
    queries += 1
    print(json.dumps([started, *row]), flush=True)
"""


@slow
def test_a_reader_never_sees_an_error_or_a_mixed_state_and_sees_each_publish(
    write: Write, load: Load, warehouse: Path, published: Path
) -> None:
    """State n has n labels in each of 4 documents, all of them shifted to x = n."""

    def state(number: int) -> None:
        documents = [unit(name, labels=number) for name in "abcd"]
        for document in documents:
            for label in document["annotations"]:
                label["bbox"][0] = float(number)
        load(write("export.json", documents))
        publish(warehouse)

    state(1)
    command = [sys.executable, "-c", READER, str(published), str(READS)]
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines, errors = reader.stdout, reader.stderr
    assert lines is not None
    assert errors is not None
    seen: list[tuple[float, ...]] = []
    listener = threading.Thread(target=lambda: seen.extend(map(json.loads, lines)))
    listener.start()
    done = [(time.time(), 1)]
    while listener.is_alive():
        state(done[-1][1] + 1)
        done.append((time.time(), done[-1][1] + 1))
    listener.join()
    with reader:
        assert (reader.wait(), errors.read()) == (0, "")
    assert len(seen) == READS
    for started, number, stamped, labels, least, most, answers, in_projects, last, in_documents in seen:
        assert least == most
        assert (labels, stamped, answers, in_projects, in_documents) == (4 * least,) * 5
        assert number == last == least
        newest = max(number for moment, number in done if moment <= started)
        assert newest <= least <= newest + 1
    states = [row[4] for row in seen]
    assert states == sorted(states)
    assert len(set(states)) >= 3
