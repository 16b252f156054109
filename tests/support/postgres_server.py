"""A real PostgreSQL for tests: a cluster in a folder of its own, which ends with the block."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import psycopg

PASSWORD = "CANARY-PG-PASSWORD"
_USER = "etl"
_HOME = "/usr/lib/postgresql/*/bin"
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server; its user needs a password, which libpq finds in the environment."""

    port: int
    folder: Path
    program: str

    def url(self, database: str) -> str:
        """Return the address of a database, without its password."""
        return f"postgres://{_USER}@127.0.0.1:{self.port}/{database}"

    def use(self, environment: pytest.MonkeyPatch) -> None:
        """Set what libpq reads from the environment."""
        environment.setenv("PGPASSWORD", PASSWORD)

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """Return a session of the test's own."""
        import psycopg

        return psycopg.connect(self.url(database), password=PASSWORD, autocommit=True)

    def new_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"lake_{time.monotonic_ns()}"
        with self.connect() as session:
            session.execute(f"create database {name}")
        return name

    def terminate(self, database: str) -> int:
        """End all sessions on a database; return how many."""
        sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        with self.connect() as session:
            return len(session.execute(sql, (database,)).fetchall())

    def terminate_holder(self, database: str) -> int:
        """End the session that holds an advisory lock of a database; return how many there were."""
        sql = (
            "select pg_terminate_backend(pid) from pg_locks"
            " where locktype = 'advisory' and granted and database ="
            " (select oid from pg_database where datname = %s)"
        )
        with self.connect() as session:
            return len(session.execute(sql, (database,)).fetchall())


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server; skips the test where PostgreSQL is not installed."""
    programs = [path for home in sorted(glob.glob(_HOME)) if shutil.which(path := f"{home}/postgres")]
    if not programs:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    home = Path(programs[-1]).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    data = folder / "data"
    # PostgreSQL refuses to run as root.
    owner: dict[str, Any] = {"user": "postgres"} if os.name == "posix" and os.getuid() == 0 else {}
    if owner:
        shutil.chown(folder, user="postgres")
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    options = ["-U", _USER, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
    subprocess.run(
        [str(home / "initdb"), "-D", str(data), *options, "-E", "UTF8", "--locale=C"],
        check=True,
        capture_output=True,
        cwd=folder,
        **owner,
    )
    port = _free_port()
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [home / "postgres", "-D", data, f"--port={port}", *settings],
            stdout=log,
            stderr=log,
            cwd=folder,
            **owner,
        )
    try:
        server = PostgresServer(port, folder, str(home / "postgres"))
        _wait(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: PostgresServer) -> None:
    import psycopg

    for _ in range(300):
        try:
            server.connect().close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("PostgreSQL did not start")
