"""SQL of others only reads: each statement that wrote, destroyed or read other files is refused."""

import contextlib
import hashlib
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import IO

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse import connect
from labelhouse.cli.results import WRITERS
from labelhouse.errors import QueryError
from labelhouse.exporting.condition import labels_where
from labelhouse.exporting.run import ExportOptions, export
from labelhouse.lake.engine import connect_engine
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.querying.ask import ask
from labelhouse.querying.ask import question as question_of
from labelhouse.querying.check import check
from labelhouse.querying.query import query
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_gate.confined_connection import ConfinedConnection
from labelhouse.sql_gate.functions import allowed_functions, allowed_table_functions
from labelhouse.sql_gate.gate import reading_statement
from labelhouse.sql_library.named_sql import sql_files
from labelhouse.sql_library.statements import internal_list, public_names, public_statement

from tests.cases.gate_cases import BEFORE, CALLS, CONDITIONS, PLACES, READING, ROWS, SOURCES, WRITES
from tests.support.exports import unit
from tests.support.loading import Loader
from tests.support.sets import rounds, slow
from tests.support.spelling import QUIET, spelled

CANARY = "canary-4711"
ROOT = Path(__file__).parents[2]


class Place:
    """A warehouse, and files beside it that nobody may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = folder / "warehouse"
        self.outside = folder / "outside"
        self.outside.mkdir()
        with Loader(self.warehouse, folder) as loader:
            loader.load([unit("a"), unit("b", labels=1)])
        (self.outside / "secret.csv").write_text(f"secret\n{CANARY}\n")
        (self.outside / "secret.json").write_text(f'{{"secret": "{CANARY}"}}')
        with closing(sqlite3.connect(self.outside / "other.sqlite")) as other:
            other.execute("create table t (secret text)")
            other.execute("insert into t values (?)", (CANARY,))
            other.commit()
        with duckdb.connect() as writer:
            writer.execute(f"copy (select '{CANARY}' as secret) to '{self.outside}/secret.parquet'")
            writer.execute(f"attach '{self.outside}/secret.duckdb' as d")
            writer.execute(f"create table d.t as select '{CANARY}' as secret")

    def filled(self, sql: str) -> str:
        """Put the place's paths into SQL."""
        data = next((self.warehouse / "data").rglob("*.parquet"))
        for name, path in {
            "outside": self.outside,
            "warehouse": self.warehouse,
            "data": data,
        }.items():
            sql = sql.replace(f"<{name}>", str(path))
        return sql

    def contents(self) -> dict[str, str]:
        """The checksum of each file, but of those that SQLite keeps beside a database while it is open."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.name.endswith(("-wal", "-shm"))
        }


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def confined(place: Place) -> Iterator[ConfinedConnection]:
    with connect(place.warehouse, confined=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def connection(place: Place) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(place.warehouse) as opened:
        yield opened


EVERY = [sql for rows in ROWS.values() for sql in rows]
QUESTION = "-- What?\n-- grain: x\n-- columns: x (one)\n"


def asked(place: Place, tmp_path: Path, sql: str) -> AbstractContextManager[Connection]:
    queries = tmp_path / "mine" / "queries"
    queries.mkdir(parents=True, exist_ok=True)
    (queries / "mine.sql").write_text(QUESTION + sql)
    return ask(place.warehouse, question_of("mine", tmp_path / "mine"), {})


@pytest.mark.parametrize("row", ROWS)
def test_a_query_that_does_more_than_read_is_refused(place: Place, row: str) -> None:
    before = place.contents()
    # The others: test_the_confined_connection_refuses_it.
    for sql in ROWS[row][:4]:
        with pytest.raises(QueryError) as refusal, query(place.warehouse, place.filled(sql)) as result:
            result.fetchall()
        assert refusal.value.code is ReasonCode.QUERY_REFUSED, sql
        assert CANARY not in str(refusal.value)
        assert "\n" not in str(refusal.value)
    assert place.contents() == before


@pytest.mark.parametrize("row", ROWS)
def test_a_question_that_does_more_than_read_is_refused(place: Place, tmp_path: Path, row: str) -> None:
    before = place.contents()
    sql = place.filled(ROWS[row][0])
    with pytest.raises(QueryError) as refusal, asked(place, tmp_path, sql) as result:
        result.fetchall()
    assert refusal.value.code is ReasonCode.QUERY_REFUSED
    assert place.contents() == before


@slow
def test_a_check_that_does_more_than_read_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "mine" / "checks").mkdir(parents=True)
    header = QUESTION + "-- severity: warning\n-- explanation: none\n"
    for number, sql in enumerate(EVERY):
        (tmp_path / "mine" / "checks" / f"mine_{number}.sql").write_text(header + place.filled(sql))
    before = place.contents()
    errors = {one.name: one.error for one in check(place.warehouse, sql=tmp_path / "mine")}
    for number, sql in enumerate(EVERY):
        error = errors[f"mine_{number}"]
        assert error is not None, sql
        assert CANARY not in error
    # The command itself keeps what it found: a new file of check_results, in the catalog.
    after = place.contents()
    changed = {path for path in before if before[path] != after.get(path)}
    assert {path for path in changed if "/data/" in path or path.startswith("outside")} == set()
    added = {path for path in after.keys() - before.keys() if "/data/" in path}
    assert {path.split("/")[3] for path in added} == {"check_results", "fence"}
    with query(place.warehouse, "select count(*) from labels") as result:
        assert result.fetchall() == [(4,)]


def test_a_condition_that_does_more_than_read_is_refused(
    place: Place, connection: duckdb.DuckDBPyConnection
) -> None:
    before = place.contents()
    for condition in CONDITIONS:
        with pytest.raises(QueryError) as refusal:
            labels_where(connection, place.filled(condition))
        assert refusal.value.code is ReasonCode.QUERY_REFUSED, condition

    def written() -> IO[bytes]:
        raise AssertionError("nothing is to be written")

    with pytest.raises(QueryError):
        export(place.warehouse, written, ExportOptions(where=place.filled(CONDITIONS[0])))
    assert place.contents() == before


@pytest.mark.parametrize("sql", EVERY)
def test_the_confined_connection_refuses_it(place: Place, confined: ConfinedConnection, sql: str) -> None:
    with pytest.raises(QueryError) as refusal:
        confined.execute(place.filled(sql)).fetchall()
    assert refusal.value.code is ReasonCode.QUERY_REFUSED
    assert confined.execute("select count(*) from labels").fetchall() == [(4,)]


# What is run, and stays so.


@pytest.mark.parametrize("sql", READING)
def test_an_ordinary_question_is_answered(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    allowed = reading_statement(connection, sql)
    assert allowed.is_explain == ("explain" in sql.lower())
    try:
        connection.execute(allowed.sql).fetchall()
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        pytest.fail(f"{sql}: {error}")


def test_what_is_nested_deeply_is_read(connection: duckdb.DuckDBPyConnection) -> None:
    for sql in (
        "select 1" + " + 1" * 700,
        "select * from labels where bbox_x = 0" + " or bbox_x = 1" * 3000,
    ):
        assert reading_statement(connection, sql).sql == sql


def test_parameters_are_bound(connection: duckdb.DuckDBPyConnection) -> None:
    for sql, values in (
        ("select $a + $b", {"a": 1, "b": 2}),
        ("select ? + ?", [1, 2]),
        ("select $1 + 2", [1]),
    ):
        allowed = reading_statement(connection, sql)
        assert connection.execute(allowed.sql, values).fetchall() == [(3,)]


def test_all_sql_of_the_project_is_allowed(connection: duckdb.DuckDBPyConnection) -> None:
    texts = {
        name: public_statement(name)
        for kind in ("queries", "checks", "marts")
        for name in public_names(kind)
    }
    for name in public_names("views"):
        texts[name] = public_statement(name).partition("\ncreate or replace view ")[2].partition(" as\n")[2]
    assert len(texts) > 100
    for name, text in texts.items():
        assert reading_statement(connection, text).sql == text, name
    assert len(sql_files("queries")) + len(sql_files("checks")) <= len(texts)


def test_all_queries_of_the_docs_are_allowed(connection: duckdb.DuckDBPyConnection) -> None:
    queries = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        queries += re.findall(r'labelhouse (?:--warehouse \S+ )?query "([^"]+)"', text)
        queries += [
            sql
            for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
            for sql in block.split(";")
            if re.match(r"\s*(select|from|with|describe|summarize|pivot)\b", sql, re.IGNORECASE)
        ]
    assert queries
    for sql in queries:
        if "ATTACH" not in sql.upper():
            reading_statement(connection, sql)


def test_a_pivot_that_finds_its_values_gives_what_one_with_a_list_gives(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with_list = "pivot labels on document_id in ('a', 'b') using count(*) group by category_name"
    without = "pivot labels on document_id using count(*) group by category_name"
    expected = [("Car", 3, 1)]
    assert connection.execute(reading_statement(connection, with_list).sql).fetchall() == expected
    assert connection.execute(reading_statement(connection, without).sql).fetchall() == expected


def test_a_plan_is_shown_as_it_is_drawn(place: Place) -> None:
    out = io.BytesIO()
    with query(place.warehouse, "explain select count(*) from labels") as result:
        WRITERS["table"](result, out)
    lines = out.getvalue().decode().splitlines()
    assert lines[0].startswith("┌──")
    assert lines[-1].endswith("──┘")
    assert "explain_value" not in out.getvalue().decode()
    out = io.BytesIO()
    with query(place.warehouse, "explain (format json) select 1") as result:
        WRITERS["table"](result, out)
    assert json.loads(out.getvalue())[0]["name"] == "PROJECTION"


# How it is said.


@pytest.mark.parametrize(
    ("sql", "code", "says"),
    [
        ("delete from labels", ReasonCode.QUERY_REFUSED, "a DELETE statement; only SELECT, FROM, DESCRIBE"),
        ("insert into labels from labels", ReasonCode.QUERY_REFUSED, "an INSERT statement;"),
        (
            "with x as (select 1) insert into labels from x",
            ReasonCode.QUERY_REFUSED,
            "an INSERT statement;",
        ),
        ("explain analyze copy labels to 'x'", ReasonCode.QUERY_REFUSED, "a COPY statement;"),
        (
            "select 1; drop table labels",
            ReasonCode.QUERY_REFUSED,
            "2 statements; give exactly one statement",
        ),
        ("select 1; select 2;", ReasonCode.QUERY_REFUSED, "2 statements; give exactly one statement"),
        ("", ReasonCode.QUERY_REFUSED, "0 statements; give exactly one statement"),
        (" -- nothing\n ;", ReasonCode.QUERY_REFUSED, "0 statements; give exactly one statement"),
        ("selec 1", ReasonCode.QUERY_FAILED, 'Parser Error: syntax error at or near "selec"; '),
        ("explain selec 1", ReasonCode.QUERY_FAILED, 'Parser Error: syntax error at or near "selec"; '),
        (
            "select * from read_csv('x')",
            ReasonCode.QUERY_REFUSED,
            "the function read_csv reaches beyond the warehouse;",
        ),
        ("select lenght('x')", ReasonCode.QUERY_REFUSED, "queries may not call the function lenght; "),
        ("select lenght('x')", ReasonCode.QUERY_REFUSED, "do you mean length?"),
        ("from 'x.parquet'", ReasonCode.QUERY_REFUSED, "x.parquet names a file;"),
        ("from x.parquet", ReasonCode.QUERY_REFUSED, "x.parquet is not a table of the warehouse;"),
        (
            "explain pivot labels on category_name",
            ReasonCode.QUERY_REFUSED,
            "EXPLAIN of a PIVOT without a list of values;",
        ),
        (
            "explain (format json, analyze false) select 1",
            ReasonCode.QUERY_REFUSED,
            "EXPLAIN with other options than ANALYZE and FORMAT;",
        ),
        (
            "select 1\0; drop table labels",
            ReasonCode.QUERY_REFUSED,
            "a text with characters that SQL cannot hold;",
        ),
        ("select '\ud800'", ReasonCode.QUERY_REFUSED, "a text with characters that SQL cannot hold;"),
        (
            'select "a\x1b[31m\nb"()',
            ReasonCode.QUERY_REFUSED,
            "queries may not call the function a\\x1b[31m\\nb",
        ),
    ],
)
def test_a_refusal_says_what_is_refused(
    connection: duckdb.DuckDBPyConnection, sql: str, code: ReasonCode, says: str
) -> None:
    with pytest.raises(QueryError) as refusal:
        reading_statement(connection, sql)
    assert refusal.value.code is code
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


# What the gate knows is all that the engine has.


def test_each_function_of_the_engine_was_judged() -> None:
    with connect_engine() as engine:
        functions = engine.execute("select function_name, function_type from duckdb_functions()").fetchall()
    refused = internal_list("sql_gate/refused_functions")
    called = {name.lower() for name, kind in functions if kind in ("scalar", "aggregate", "macro")}
    tables = {name.lower() for name, kind in functions if kind in ("table", "table_macro")}
    pragmas = {name.lower() for name, kind in functions if kind == "pragma"}
    project = {name.rpartition("/")[2] for name in public_names("macros")}
    own = {
        *("current_snapshot", "last_committed_snapshot", "options", "settings", "snapshots"),
        *("table_changes", "table_deletions", "table_info", "table_insertions"),
    }
    """Macros of the lake itself, which DuckDB does not list."""
    # None is new, and none is on two lists. A PRAGMA is no function that a SELECT may call.
    assert called - allowed_functions() - refused == set()
    assert tables - allowed_table_functions() - refused == set()
    assert pragmas - allowed_functions() - allowed_table_functions() - refused == set()
    # An aggregate, and a macro that reads the table of a name, which may be a file.
    assert called & allowed_functions() & refused == {"histogram"}
    assert tables & allowed_table_functions() & refused == set()
    # None is gone.
    assert allowed_functions() - called - project == {"unnest"}
    assert allowed_table_functions() - tables == own
    assert project & (called | tables) == set()


def test_each_view_of_the_engine_was_judged() -> None:
    with connect_engine() as engine:
        views = engine.execute(
            "select schema_name, view_name from duckdb_views() where internal and schema_name = 'main'"
        ).fetchall()
    assert sorted(name for _, name in views) == [
        *("duckdb_columns", "duckdb_constraints", "duckdb_databases", "duckdb_indexes", "duckdb_logs"),
        *("duckdb_schemas", "duckdb_tables", "duckdb_types", "duckdb_views", "pragma_database_list"),
        *("sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"),
    ]


@pytest.mark.parametrize("name", ["allowed_functions", "allowed_table_functions", "refused_functions"])
def test_the_lists_are_sorted(name: str) -> None:
    path = ROOT / "sql" / "internal" / "sql_gate" / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if not line.startswith("# ")]
    assert names == sorted(set(names))


# Whatever is written, in whatever spelling.


def written(places: st.SearchStrategy[str], sources: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Strategy: a template, with a source in its place."""
    return st.builds(lambda place, source: place.format(s=source), places, sources)


READS = written(
    st.sampled_from(PLACES),
    st.sampled_from(SOURCES) | st.sampled_from(CALLS).map(lambda call: f"(select {call} as x)"),
)
EXAMPLES = rounds("STATEMENTS", 25, 100, 20_000)
EXPLAINED = st.sampled_from([text for text in BEFORE if "explain" in text])
OTHERS = st.builds(
    lambda before, what: before.format(w=what), st.sampled_from(BEFORE), st.sampled_from(WRITES)
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_no_source_beside_the_warehouse_is_read_wherever_it_stands(
    place: Place, connection: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    sql = data.draw(READS)
    if data.draw(st.booleans()):
        sql = data.draw(EXPLAINED).format(w=sql)
    with pytest.raises(QueryError):
        reading_statement(connection, data.draw(spelled(place.filled(sql))))


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_no_statement_that_duckdb_parses_changes_a_byte(
    place: Place, connection: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    sql = data.draw(spelled(place.filled(data.draw(OTHERS))))
    before = place.contents()
    # `describe rollback` asks for a table of that name: what is allowed is run.
    with contextlib.suppress(QueryError, duckdb.Error):
        allowed = reading_statement(connection, sql)
        assert CANARY not in str(connection.execute(allowed.sql).fetchall())
    assert place.contents() == before


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_an_ordinary_question_is_answered_in_any_spelling(
    connection: duckdb.DuckDBPyConnection, data: st.DataObject
) -> None:
    short = [sql for sql in READING if len(sql) < 1_000 and "\ufeff" not in sql]
    reading_statement(connection, data.draw(spelled(data.draw(st.sampled_from(short)), QUIET)))
