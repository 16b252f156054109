import csv
import io
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from labelhouse import connect
from labelhouse.cli.results import SHOWN_ROWS, WRITERS
from labelhouse.errors import QueryError, UsageError, WarehouseError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake import engine
from labelhouse.querying.query import query

from tests.support.aliases import Load, Write
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import slow


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after two loads; no test of this module can change it."""
    folder = tmp_path_factory.mktemp("query")
    warehouse = folder / "it's a [1] warehouse"
    for number, units in enumerate(([unit("a")], [unit("a", shift=0.25), unit("b", labels=1)])):
        source = folder / f"{number}.json"
        source.write_text(json.dumps(units))
        [report] = ingest(warehouse, [str(source)], IngestOptions(jobs=1))
        assert report.status == "committed"
    return warehouse


def files(*folders: Path) -> list[str]:
    """All files but those that SQLite keeps beside a database while it is open."""
    paths = (path for folder in folders for path in folder.rglob("*"))
    return sorted(str(path) for path in paths if not path.name.endswith(("-wal", "-shm")))


def written(warehouse: Path, sql: str, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    with query(warehouse, sql, **options) as result:
        WRITERS[kind](result, out)
    return out.getvalue()


@pytest.mark.parametrize(
    "sql",
    [
        "insert into annotations select * from annotations",
        "delete from annotations",
        "update fence set commits = 0",
        "create table t (i int)",
        "create temp table t (i int)",
        "create view v as select 1",
        "drop table annotations",
        "copy (select 1) to '{outside}/x.csv'",
        "copy (select 1) to '{warehouse}/data/x.parquet'",
        "copy annotations from '{outside}/secret.csv'",
        "export database '{outside}/db'",
        "attach '{outside}/x.db'",
        "detach lake",
        "use temp",
        "set threads = 1",
        "reset threads",
        "pragma enable_profiling",
        "install httpfs",
        "load httpfs",
        "call ducklake_expire_snapshots('lake', older_than => now())",
        "checkpoint",
        "begin",
        "vacuum",
        "select 1; select 2",
        "select 1; drop table annotations",
        "",
        "select * from '{outside}/secret.csv'",
        "select * from read_text('{outside}/secret.csv')",
        "select * from read_blob('{outside}/secret.csv')",
        "select * from read_csv('{outside}/secret.csv')",
        "select * from read_json('{outside}/secret.csv')",
        "select * from glob('{outside}/*')",
        "select * from sqlite_scan('{outside}/other.sqlite', 't')",
        "select * from SQLITE_SCAN('{outside}/other.sqlite', 't')",
        "select * from system.main.sqlite_scan('{outside}/other.sqlite', 't')",
        "with x as (select * from sqlite_scan('{outside}/other.sqlite', 't')) from x",
        "explain analyze select * from sqlite_scan('{outside}/other.sqlite', 't')",
        "explain select * from sqlite_scan('{outside}/other.sqlite', 't')",
        "describe select * from sqlite_scan('{outside}/other.sqlite', 't')",
        "summarize select * from sqlite_scan('{outside}/other.sqlite', 't')",
        "select * from query('select * from sqlite_scan(''{outside}/other.sqlite'', ''t'')')",
        "from query_table('{outside}/secret.csv')",
        "select * from ducklake_add_data_files('lake', 'annotations', '{outside}/x.parquet')",
        "pivot sqlite_scan('{outside}/other.sqlite', 't') on secret using count(*)",
        "(select * from sqlite_scan('{outside}/other.sqlite', 't'))",
    ],
)
def test_a_query_cannot_write_or_read_anything_else(filled: Path, tmp_path: Path, sql: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("secret\n12345\n")
    other = sqlite3.connect(outside / "other.sqlite")
    other.execute("create table t (secret int)")
    other.execute("insert into t values (12345)")
    other.commit()
    other.close()
    before = files(tmp_path, filled)
    quoted = str(filled).replace("'", "''")
    text = sql.format(outside=str(outside).replace("'", "''"), warehouse=quoted)
    with pytest.raises(QueryError) as refusal, query(filled, text) as result:
        print(result.fetchall())
    assert "12345" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert files(tmp_path, filled) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "from labels",
        "show tables",
        "describe labels",
        "summarize annotations",
        "explain select * from labels",
        "explain analyze select count(*) from labels",
        "values (1)",
        "with x as (select 1) from x",
        "from lake.snapshots()",
        "from lake.table_changes('annotations', 1, 2)",
        "select list_transform([1], lambda x: x + 1), json_extract('{}', '$.a')",
        "pivot labels on category_name in ('Car') using count(*)",
    ],
)
def test_a_query_reads_whatever_the_warehouse_has(filled: Path, sql: str) -> None:
    with query(filled, sql) as result:
        assert result.fetchall()


def test_a_connection_for_its_owner_reads_other_data_and_leaves_the_tables_alone(
    filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("1")
    rows = pa.table({"category_name": ["Car"]})
    with connect(filled) as connection:
        assert connection.execute("select count(*) from labels").fetchall() == [(4,)]
        assert connection.sql(f"from read_csv('{tmp_path}/x.csv', header = false)").fetchall() == [(1,)]
        assert connection.sql("select count(*) from labels join rows using (category_name)").fetchall()
        assert rows.num_rows == 1
        for name in ("annotations", "lake.annotations"):
            with pytest.raises(duckdb.InvalidInputException, match="read-only"):
                connection.execute(f"delete from {name}")
        with pytest.raises(duckdb.BinderException, match="only delete from base table"):
            connection.cursor().execute("delete from annotations")


def test_a_connection_for_others_reads_the_warehouse_and_nothing_else(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1")
    rows = pa.table({"category_name": ["Car"]})
    with connect(filled, confined=True) as connection:
        assert connection.execute("select count(*) from labels").fetchall() == [(4,)]
        counted = connection.sql("select count(*) as n from labels where bbox_x >= $x", {"x": 0})
        assert counted.to_arrow_table().to_pylist() == [{"n": 4}]
        assert connection.description[0][0] == "n"
        assert (
            sum(batch.num_rows for batch in connection.sql("from range(5000)").to_arrow_reader(100)) == 5000
        )
        for sql in (
            "delete from annotations",
            f"from read_csv('{tmp_path}/x.csv')",
            "set enable_external_access = true",
            f"attach '{tmp_path}/x.db'",
            "from rows",
        ):
            with pytest.raises((duckdb.Error, QueryError)):
                connection.execute(sql)
        assert connection.execute("select 1").fetchone() == (1,)
    assert rows.num_rows == 1


def test_a_query_that_takes_too_long_is_stopped(filled: Path) -> None:
    endless = "select count(*) from range(1000000000) a, range(1000000000) b"
    start = time.monotonic()
    with (
        pytest.raises(QueryError, match=r"not done after 0.5 s; ask for less"),
        query(filled, endless, timeout_s=0.5),
    ):
        pass
    assert time.monotonic() - start < 60


def test_as_of_gives_an_earlier_state_by_snapshot_and_by_time(filled: Path) -> None:
    sql = "select document_id, min(bbox_x) as x from labels group by all order by all"
    snapshots = json.loads(written(filled, "from lake.snapshots() order by snapshot_id", "json"))
    assert len(snapshots) == 4
    earlier, now = (
        [{"document_id": "a", "x": 0.0}],
        [{"document_id": "a", "x": 0.25}, {"document_id": "b", "x": 0.0}],
    )
    assert json.loads(written(filled, sql, "json")) == now
    assert json.loads(written(filled, sql, "json", as_of="2")) == earlier
    assert json.loads(written(filled, sql, "json", as_of="3")) == now
    assert json.loads(written(filled, sql, "json", as_of=snapshots[2]["snapshot_time"])) == earlier
    assert json.loads(written(filled, sql, "json", as_of="2999-01-01")) == now


def test_as_of_gives_the_state_after_an_ingest_by_id_and_by_number(filled: Path, tmp_path: Path) -> None:
    sql = "select ingest_id, ingest_number, snapshot_id, status from ingests order by ingest_number"
    first, second = json.loads(written(filled, sql, "json"))
    assert (first["snapshot_id"], second["snapshot_id"]) == (2, 3)
    count = "select count(*) as n from labels"
    for as_of, labels in ((first, 3), (second, 4)):
        for form in (as_of["ingest_id"], f"ingest:{as_of['ingest_number']}"):
            assert json.loads(written(filled, count, "json", as_of=form)) == [{"n": labels}]


@slow
def test_as_of_an_ingest_that_changed_nothing_is_the_state_it_found(
    write: Write, load: Load, warehouse: Path
) -> None:
    one, two = write("1.json", [unit("a")]), write("2.json", [unit("a", labels=1)])
    ids = [load(source)[0].row["ingest_id"] for source in (write("0.json", {"no": "coco"}), one, one, two)]
    for ingest_id, labels in zip(ids, (0, 3, 3, 1), strict=True):
        answer = written(warehouse, "select count(*) as n from labels", "json", as_of=ingest_id)
        assert json.loads(answer) == [{"n": labels}]
    load(two)
    waiting = json.loads(written(warehouse, "from ingests order by ingest_number desc limit 1", "json"))[0]
    assert (waiting["status"], waiting["snapshot_id"]) == ("unchanged", None)
    answer = written(warehouse, "select count(*) as n from labels", "json", as_of=waiting["ingest_id"])
    assert json.loads(answer) == [{"n": 1}]


@pytest.mark.parametrize(
    ("as_of", "what"),
    [
        ("99", "no snapshot 99"),
        ("1999-01-01", "no snapshot 1999"),
        ("ingest:99", "no snapshot ingest:99"),
        ("20260131T020000-000099-abcdef", "no snapshot 20260131T020000-000099-abcdef"),
        ("yesterday", "neither"),
        ("1' or", "neither"),
    ],
)
def test_a_state_that_never_was_is_said_to_be_none(filled: Path, as_of: str, what: str) -> None:
    with pytest.raises((UsageError, WarehouseError), match=what), query(filled, "select 1", as_of=as_of):
        pass


def test_a_folder_without_a_warehouse_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no warehouse here; load an export first"):
        connect(tmp_path)
    assert not list(tmp_path.iterdir())


ODD = """
    select * from (values
        (1, 'a,"b"' || chr(10) || 'c', 0.1::double, true, [1, 2], {'k': 'v'}, null,
            timestamptz '2026-01-02 03:04:05+00'),
        (9007199254740993, '', -0.0::double, false, [], {'k': null}, 'x',
            timestamptz '2026-01-02 03:04:05.5+00')
    ) t(i, s, d, b, l, o, n, t)
"""


def test_csv_is_exact(filled: Path) -> None:
    text = written(filled, ODD, "csv").decode()
    assert list(csv.reader(io.StringIO(text))) == [
        ["i", "s", "d", "b", "l", "o", "n", "t"],
        ["1", 'a,"b"\nc', "0.1", "true", "[1, 2]", '{"k": "v"}', "", "2026-01-02T03:04:05+00:00"],
        [
            "9007199254740993",
            "",
            "-0.0",
            "false",
            "[]",
            '{"k": null}',
            "x",
            "2026-01-02T03:04:05.500000+00:00",
        ],
    ]


def test_json_is_exact(filled: Path) -> None:
    first, second = json.loads(written(filled, ODD, "json"))
    assert first == {
        "i": 1,
        "s": 'a,"b"\nc',
        "d": 0.1,
        "b": True,
        "l": [1, 2],
        "o": {"k": "v"},
        "n": None,
        "t": "2026-01-02T03:04:05+00:00",
    }
    assert second["i"] == 9007199254740993
    assert json.loads(written(filled, "from labels where false", "json")) == []


def test_parquet_keeps_types_and_rows(filled: Path) -> None:
    table = pq.read_table(io.BytesIO(written(filled, "from annotations order by all", "parquet")))
    with connect(filled) as connection:
        rows = connection.execute("from annotations order by all").fetchall()
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    assert str(table.schema.field("polygons").type).startswith("list<")


def test_a_table_in_a_file_has_every_row_and_value(filled: Path) -> None:
    lines = written(filled, f"from range({SHOWN_ROWS + 1})", "table").decode().split("\n")
    assert [line.strip() for line in lines] == ["range", *map(str, range(SHOWN_ROWS + 1)), ""]
    long = "x" * 5000
    text = written(filled, f"select '{long}' as a, 0.1234567890123::double as b", "table").decode()
    assert text.split() == ["a", "b", long, "0.1234567890123"]


def test_a_name_cannot_steer_the_terminal(filled: Path) -> None:
    text = written(filled, "select '[red]' || chr(27) || '[31m' || chr(10) as name", "table").decode()
    assert "[red]\\x1b[31m\\n" in text


def test_an_extension_that_nobody_signed_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "another.duckdb_extension"
    text = bytearray(engine.extension_file("ducklake").read_bytes())
    # The last 256 bytes are the signature.
    text[-100] ^= 1
    path.write_bytes(text)
    with engine.connect_engine() as connection:
        with pytest.raises(duckdb.IOException, match="signature"):
            connection.execute(f"load '{path}'")
        with pytest.raises(duckdb.InvalidInputException, match="while database is running"):
            connection.execute("set allow_unsigned_extensions = true")
