"""Shared warehouses for tests: machines are workspaces, loaders are processes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import labelhouse

from tests.support.aliases import Rows
from tests.support.postgres_server import PostgresServer
from tests.support.s3_server import BUCKET, S3Server

ROOT = Path(__file__).parents[2]
_LOADER = """
import json, logging, sys
import labelhouse

logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
warehouse, project, *sources = sys.argv[1:]
for source in sources:
    result = labelhouse.ingest(warehouse, source, project=project, jobs=1)
    [report] = result.as_json()["sources"]
    print(json.dumps(report), flush=True)
"""


@dataclass(frozen=True)
class Team:
    """A database and a prefix of a bucket, and as many machines as a test names."""

    database: PostgresServer
    store: S3Server
    folder: Path
    name: str

    @property
    def data(self) -> str:
        """The prefix of the data in the bucket."""
        return f"s3://{BUCKET}/{self.name}/"

    def machine(self, name: str = "one", **more: str) -> Path:
        """Write the file by which a machine names the warehouse; each has a workspace of its own."""
        values = {
            "catalog": self.database.url(self.name),
            "data": self.data,
            "workspace": f"space-{name}",
            **more,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(["[warehouse]", *lines, ""]), encoding="utf-8")
        return path

    def write(self, name: str, value: object) -> Path:
        """Write a JSON file and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(value), encoding="utf-8")
        return path

    def loader(self, machine: str, project: str, sources: Sequence[Path]) -> "subprocess.Popen[str]":
        """Start a process that loads sources one after the other; it prints a report a line."""
        return self.run(_LOADER, str(self.machine(machine)), project, *map(str, sources))

    def run(self, script: str, *arguments: str) -> "subprocess.Popen[str]":
        """Start a process that runs a script."""
        return subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "transforms"), str(ROOT)])},
        )

    def rows(self, sql: str, as_of: str | None = None) -> Rows:
        """Return the rows of a query."""
        with labelhouse.query(self.machine("reader"), sql, as_of=as_of) as result:
            rows: Any = result.as_json()["rows"]
        return [tuple(row) for row in rows]

    def side(self, sql: str) -> Rows:
        """Return the rows of a query of the tables beside the catalog, or of the catalog itself."""
        with self.database.connect(self.name) as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def objects(self) -> set[str]:
        """Return the keys of all objects below the prefix."""
        import obstore

        prefix = f"{self.name}/"
        chunks = obstore.list(self.store.store(), prefix)
        return {meta["path"].removeprefix(prefix) for chunk in chunks for meta in chunk}


def finished(loader: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Wait for a loader and return its reports; what it logged is shown if it failed."""
    out, log = loader.communicate(timeout=300)
    assert loader.returncode == 0, log
    return [json.loads(line) for line in out.splitlines()]
