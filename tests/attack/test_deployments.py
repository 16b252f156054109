"""The deployments as shipped: what SQL in Superset can reach. Prefect's server: flows/test_flows.py."""

import hashlib
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml

DEPLOYMENT = Path(__file__).parents[2] / "deployments" / "superset"
CANARY = "CANARY-of-the-server"


@pytest.fixture(scope="module")
def connect_args() -> dict[str, Any]:
    """What the bundle gives to duckdb.connect, through Superset and SQLAlchemy."""
    database = yaml.safe_load((DEPLOYMENT / "bundle/databases/labelhouse.yaml").read_text(encoding="utf-8"))
    arguments: dict[str, Any] = database["extra"]["engine_params"]["connect_args"]
    return arguments


@pytest.fixture(scope="module")
def mutated(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """What superset_config.py does with SQL before it is run."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret_key").write_text("key")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SUPERSET_HOME", str(home))
        mutator: Callable[..., str] = runpy.run_path(str(DEPLOYMENT / "superset_config.py"))[
            "SQL_QUERY_MUTATOR"
        ]
        return mutator


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "labels.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table labels as select range as id from range(5)")
    (tmp_path / "secret_key").write_text(CANARY)
    (tmp_path / "labels.duckdb.tmp").mkdir()
    (tmp_path / "labels.duckdb.tmp" / "spilt").write_text(CANARY)
    return path


def state(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


FILES = {
    "read": "from read_text('{folder}/secret_key')",
    "csv": "from read_csv('{folder}/secret_key', header = false)",
    "glob": "from glob('{folder}/*')",
    "file as a table": "from '{folder}/secret_key'",
    "the folder of temporary files": "from read_text('{folder}/labels.duckdb.tmp/spilt')",
    "network": "from read_csv('http://127.0.0.1:1/x')",
    "extension": "load sqlite",
    "install": "install sqlite",
    "copy": "copy labels to '{folder}/out.csv'",
    "copy to the folder of temporary files": "copy labels to '{folder}/labels.duckdb.tmp/out.csv'",
    "explain": "explain analyze copy labels to '{folder}/out.csv'",
    "export": "export database '{folder}/out'",
    "attach": "attach '{folder}/other.duckdb'",
    "setting": "set enable_external_access = true",
    "temporary files": "set temp_directory = '{folder}/elsewhere'",
    "python": "set memory_limit = '1TB'",
    "create": "create table other as select 1",
    "delete": "delete from labels",
    "drop": "drop table labels",
}


@pytest.mark.parametrize("sql", FILES.values(), ids=FILES)
def test_sql_of_the_bundles_database_reaches_no_file_of_the_server(
    tmp_path: Path, published: Path, connect_args: dict[str, Any], sql: str
) -> None:
    before = state(tmp_path)
    with duckdb.connect(str(published), **connect_args) as connection:
        with pytest.raises(duckdb.Error) as caught:
            connection.execute(sql.format(folder=tmp_path)).fetchall()
        assert CANARY not in str(caught.value)
        assert connection.execute("select count(*) from labels").fetchone() == (5,)
    assert state(tmp_path) == before


WRITES = [
    "copy labels to '{file}' (format csv, use_tmp_file false)",
    "explain analyze copy labels to '{file}' (format csv, use_tmp_file false)",
    "EXPLAIN (ANALYZE) copy labels to '{file}' (format csv, use_tmp_file false)",
    "/* c */ explain analyze copy labels to '{file}.wal' (format csv, use_tmp_file false)",
    "select 1; copy labels to '{file}' (format csv, use_tmp_file false)",
    "with a as (select 1) from a; -- \n ; copy labels to '{file}' (format csv, use_tmp_file false)",
    "prepare p as copy labels to '{file}' (format csv, use_tmp_file false)",
    "execute p",
    "set schema = 'x'",
    "checkpoint",
    "call pragma_version()",
    "create temp table t as select 1",
    "insert into labels values (1)",
    "attach ':memory:' as m",
    "copy labels to",
    "selec 1",
]


@pytest.mark.parametrize("sql", WRITES)
def test_superset_runs_nothing_that_duckdb_takes_for_more_than_a_select(
    published: Path, mutated: Callable[..., str], sql: str
) -> None:
    with pytest.raises(ValueError, match=r"only SELECT is run here|DuckDB cannot read this SQL"):
        mutated(sql.format(file=published), database=SimpleNamespace(backend="duckdb"))


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from labels",
        "-- night\nwith a as (from labels) select * from a where id > 1\n;",
        "from labels",
        "describe labels",
        "summarize labels",
        "show tables",
        "values (1)",
        "select ';copy'",
        "",
    ],
)
def test_superset_runs_what_only_reads_as_it_is(
    published: Path, connect_args: dict[str, Any], mutated: Callable[..., str], sql: str
) -> None:
    assert mutated(sql, database=SimpleNamespace(backend="duckdb"), security_manager=None) == sql
    with duckdb.connect(str(published), **connect_args) as connection:
        connection.execute(sql)


def test_other_databases_of_the_same_superset_are_left_alone(mutated: Callable[..., str]) -> None:
    sql = "create table t (a int)"
    assert mutated(sql, database=SimpleNamespace(backend="postgresql")) == sql


def test_the_config_of_superset_keeps_cookies_and_keys_to_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret_key").write_text("a key\n")
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    config = runpy.run_path(str(DEPLOYMENT / "superset_config.py"))
    names = ("SECRET_KEY", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "WTF_CSRF_ENABLED")
    assert [config[name] for name in names] == ["a key", True, "Lax", True]


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_starting_superset_puts_the_password_into_no_command_line(tmp_path: Path, published: Path) -> None:
    """With stand-ins for what is installed that write down their arguments and what they find in files."""
    home, log = tmp_path / "home", tmp_path / "calls"
    bin_folder = home / "venv" / "bin"
    bin_folder.mkdir(parents=True)
    called = f'#!/bin/sh\necho "$0 $*" >> {log}\n'
    mode = f'stat -c %a "$SUPERSET_HOME" >> {log}\n'
    for name in ("superset", "gunicorn"):
        (bin_folder / name).write_text(called)
    (bin_folder / "python").write_text(
        f'{called}case "$1" in -c) exec {sys.executable} "$@";; esac\n{mode}'
    )
    for path in bin_folder.iterdir():
        path.chmod(0o755)
    (home / "installed").write_bytes((DEPLOYMENT / "requirements.txt").read_bytes())
    environment = {**os.environ, "SUPERSET_HOME": str(home)}
    done = subprocess.run(
        [DEPLOYMENT / "start.sh", published], env=environment, capture_output=True, text=True, timeout=60
    )
    assert "Superset is at http://127.0.0.1:8088, user admin" in done.stdout, done.stderr
    password = (home / "admin_password").read_text().strip()
    calls = log.read_text()
    assert f"{DEPLOYMENT}/create_admin.py\n700\n" in calls
    assert "--bind 127.0.0.1:8088" in calls
    assert len(password) > 40
    assert password not in calls + done.stdout + done.stderr
    paths = (home, home / "admin_password", home / "secret_key")
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in paths}
    assert modes == {"home": "0o700", "admin_password": "0o600", "secret_key": "0o600"}
