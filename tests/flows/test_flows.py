"""The flow under a real Prefect server and worker, on loopback, from a copy of flows/ and deployments/.

Prefect runs in processes of its own: nothing of it, its warnings included, gets into the tests'.
"""

import base64
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest
from filelock import FileLock
from labelhouse import connect

from tests.attack.test_secrets import FORMS
from tests.support.exports import unit
from tests.support.sets import slow

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.skipif(importlib.util.find_spec("prefect") is None, reason="needs the extra `flows`"),
]

ROOT = Path(__file__).parents[2]
PREFECT_FILE = "deployments/prefect.yaml"
DEADLINE_S = 180.0
SECRET = "CANARY0123"
AUTH = "admin:a password of the server"
BASIC = f"Basic {base64.b64encode(AUTH.encode()).decode()}"
ALERTS = ["crashed runs", "no night", "failed night"]
CLIENT = "8d3f4dd8-6f3c-4c9f-9a53-0e7ad3f2c6a1"

Json = Any
T = TypeVar("T")


@dataclass(frozen=True)
class Prefect:
    """A server and a worker, and the clone that was deployed."""

    clone: Path
    home: Path
    api: str
    environment: dict[str, str]

    def call(self, path: str, body: Json = None) -> Json:
        """Call the server's API: POST if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", "authorization": BASIC}
        if data is not None:
            token = self.call(f"/csrf-token?client={CLIENT}")["token"]
            headers |= {"prefect-csrf-client": CLIENT, "prefect-csrf-token": token}
        request = urllib.request.Request(self.api + path, data, headers)
        # Proxies are not for loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                with opener.open(request, timeout=30) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                # The server's SQLite is locked for a moment: Prefect's own client tries again too.
                if error.code != 503 or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run a command of Prefect's in the clone, which ends with this code; return what it printed."""
        return self.script("-m", "prefect", *arguments, code=code)

    def script(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run Python in the clone as command does."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.clone,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=DEADLINE_S,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def deployment(self) -> Json:
        return self.call("/deployments/name/nightly-ingest/nightly")

    def trigger(self, **parameters: object) -> str:
        """Start a run of the deployment and return its id."""
        path = f"/deployments/{self.deployment()['id']}/create_flow_run"
        run = self.call(path, {"parameters": parameters, "state": {"type": "SCHEDULED"}})
        return str(run["id"])

    def state(self, flow_run: str, *names: str) -> Json:
        """Wait until the run is in a state of one of these names; return the state."""

        def reached() -> Json:
            state = self.call(f"/flow_runs/{flow_run}")["state"]
            final = state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
            assert state["name"] in names or not final, state
            return state if state["name"] in names else None

        return until(reached, f"flow run in state {names}")

    def log(self, flow_run: str) -> list[str]:
        """Return the messages that the run has logged, when they have arrived."""
        wanted = {
            "logs": {"flow_run_id": {"any_": [flow_run]}},
            "sort": "TIMESTAMP_ASC",
            "limit": 200,
        }

        def arrived() -> list[str] | None:
            messages = [entry["message"] for entry in self.call("/logs/filter", wanted)]
            return messages if any("Finished in state" in line for line in messages[-3:]) else None

        return until(arrived, "log")

    def artifacts(self, flow_run: str) -> dict[str, str]:
        """Return the data of the run's artifacts by their keys."""
        artifacts = self.call("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run]}}})
        return {artifact["key"]: artifact["data"] for artifact in artifacts}

    def report(self, flow_run: str) -> list[dict[str, Any]]:
        """Return the rows of the run's table artifact, without their seconds."""
        rows: list[dict[str, Any]] = json.loads(self.artifacts(flow_run)["ingest-report"])
        assert all(row.pop("seconds") >= 0 for row in rows)
        return rows

    def configure(
        self, name: str, *sources: str, **documents: object
    ) -> Callable[[], list[tuple[str, int]]]:
        """Write NAME.toml, its exports and what reads back its labels a project."""
        folder = self.clone / name
        folder.mkdir()
        for stem, document in documents.items():
            text = document if isinstance(document, str) else json.dumps(document)
            (folder / f"{stem}.json").write_text(text, encoding="utf-8")
        tables = "\n".join(f"[[source]]\n{source}" for source in sources)
        (self.clone / f"{name}.toml").write_text(f'warehouse = "{name}/warehouse"\n{tables}\n')

        def labels() -> list[tuple[str, int]]:
            with connect(folder / "warehouse") as connection:
                query = "select project, count(*) from labels group by all order by all"
                return connection.execute(query).fetchall()

        return labels


def until(look: Callable[[], T | None], what: str) -> T:
    """Poll until something is found."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if value := look():
            return value
        time.sleep(0.2)
    pytest.fail(f"no {what} within {DEADLINE_S:.0f} s")


@contextmanager
def running(
    log: Path, *arguments: str, cwd: Path, env: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Prefect process with its output in a file; end it with all that it started."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "prefect", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            env=env,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                pass
            if os.name == "posix":
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """Do what deployments/README.md says: server, work pool, deployment, worker."""
    root = tmp_path_factory.mktemp("prefect")
    clone, home = root / "a clone", root / "home"
    for folder in ("flows", "deployments"):
        shutil.copytree(ROOT / folder, clone / folder, ignore=shutil.ignore_patterns("__pycache__"))
    home.mkdir()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = str(free.getsockname()[1])
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LABELHOUSE_"))}
    environment = {
        **inherited,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.2",
        "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "true",
        "PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED": "true",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_AUTH_STRING": AUTH,
        "PREFECT_API_AUTH_STRING": AUTH,
        "NO_PROXY": "127.0.0.1",
        "COLUMNS": "200",
    }
    prefect = Prefect(clone, home, environment["PREFECT_API_URL"], environment)
    address = ("--host", "127.0.0.1", "--port", port)
    with running(home / "server.log", "server", "start", *address, cwd=root, env=environment) as server:

        def healthy() -> bool:
            assert server.poll() is None, (home / "server.log").read_text()
            try:
                return bool(prefect.call("/health"))
            except OSError:
                return False

        until(healthy, "server")
        prefect.command("work-pool", "create", "local", "--type", "process")
        prefect.command("--no-prompt", "deploy", "--all", "--prefect-file", PREFECT_FILE)
        pool = ("worker", "start", "--pool", "local", "--type", "process")
        # From another folder: the deployment knows where the clone is.
        with running(home / "worker.log", *pool, cwd=root, env=environment):
            yield prefect


@pytest.fixture
def prefect(served: Prefect) -> Iterator[Prefect]:
    """The server; what it and the worker log during the test is shown if the test fails."""
    logs = [served.home / "server.log", served.home / "worker.log"]
    before = [log.stat().st_size if log.exists() else 0 for log in logs]
    yield served
    for log, size in zip(logs, before, strict=True):
        print(f"--- {log.name}", log.read_bytes()[size:].decode(errors="replace"), sep="\n")


def row(source: Path, project: str, status: str, **values: object) -> dict[str, object]:
    counts = ("added", "changed", "unchanged", "removed", "rows", "quarantined", "issues")
    names = {"source": str(source), "project": project, "status": status}
    return {**names, **dict.fromkeys(counts, 0), "error": None, **values}


def test_every_entrypoint_is_loaded_by_prefects_own_loader(tmp_path: Path) -> None:
    load = f"""
import json, yaml
from prefect.flows import load_flow_from_entrypoint
with open({PREFECT_FILE!r}) as file:
    deployments = yaml.safe_load(file)["deployments"]
print(json.dumps([load_flow_from_entrypoint(deployment["entrypoint"]).name for deployment in deployments]))
"""
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "DO_NOT_TRACK": "1"}
    command = [sys.executable, "-W", "error", "-c", load]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == ["nightly-ingest", "weekly-maintenance"]


def test_the_flow_runs_the_night_and_ends_as_it_ended_even_without_a_server(tmp_path: Path) -> None:
    run = """
from prefect.flows import load_flow_from_entrypoint
from prefect.logging import disable_run_logger
flow = load_flow_from_entrypoint("flows/ingest.py:nightly_ingest")
with disable_run_logger():
    for configuration in ("sources.toml", "nowhere.toml"):
        state = flow.fn(configuration)
        print(state.name, state.message)
"""
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT / "flows", clone / "flows", ignore=shutil.ignore_patterns("__pycache__"))
    (clone / "a.json").write_text(json.dumps([unit("a1"), unit("a2")]), encoding="utf-8")
    (clone / "sources.toml").write_text(
        'warehouse = "warehouse"\n[[source]]\npath = "*.json"\nproject = "street"\n'
    )
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LABELHOUSE_"))}
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environment = {
        **inherited,
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_CLIENT_MAX_RETRIES": "0",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "DO_NOT_TRACK": "1",
        "NO_PROXY": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", run], cwd=clone, env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    completed, failed = done.stdout.splitlines()
    assert completed == "Completed 1 committed"
    assert failed.startswith(f"Failed {clone / 'nowhere.toml'}: the configuration cannot be read")
    assert published_rows(clone) == (6, [("committed", 1)], True)


@dataclass(frozen=True)
class Triggered:
    """A run of the deployment that has loaded two exports, with the folder of its sources."""

    folder: Path
    flow_run: str
    labels: Callable[[], list[tuple[str, int]]]


@pytest.fixture(scope="module")
def triggered(served: Prefect) -> Triggered:
    labels = served.configure(
        "sources", 'path = "sources"\nproject = "street"', a=[unit("a1"), unit("a2")], b=unit("b", labels=5)
    )
    printed = served.command("deployment", "run", "nightly-ingest/nightly")
    [flow_run] = re.findall(r"UUID: (\S+)", printed)
    return Triggered(served.clone / "sources", flow_run, labels)


@slow
def test_a_triggered_run_loads_the_sources_and_reports_them(prefect: Prefect, triggered: Triggered) -> None:
    folder, flow_run, labels = triggered.folder, triggered.flow_run, triggered.labels
    assert prefect.state(flow_run, "Completed")["message"] == "2 committed"
    assert labels() == [("street", 11)]
    with connect(folder / "warehouse") as connection:
        # The marts were refreshed after the loads.
        assert connection.execute("select project, label_count from class_balance").fetchall() == labels()
    assert prefect.report(flow_run) == [
        row(folder / "a.json", "street", "committed", added=2, rows=17),
        row(folder / "b.json", "street", "committed", added=1, rows=13),
    ]
    assert prefect.artifacts(flow_run)["ingest-summary"].startswith("# 2 committed\n")
    [changed] = json.loads(prefect.artifacts(flow_run)["label-changes"])
    assert changed == {"project": "street", "category": "Car", "added": 11, "removed": 0, "changed": 0}
    assert published_rows(folder) == (11, [("committed", 2)], True)


@slow
def test_the_next_run_changes_nothing_and_publishes(prefect: Prefect, triggered: Triggered) -> None:
    prefect.state(triggered.flow_run, "Completed")
    again = prefect.trigger()
    assert prefect.state(again, "Completed")["message"] == "2 unchanged; nothing new"
    assert triggered.labels() == [("street", 11)]
    assert published_rows(triggered.folder) == (11, [("committed", 2), ("unchanged", 2)], True)


def published_rows(folder: Path) -> tuple[int, list[tuple[str, int]], bool]:
    """Return labels, ingests by status, and whether more than ten checks have results, as published."""
    published = folder / "warehouse" / "published" / "labels.duckdb"
    with duckdb.connect(str(published), read_only=True) as file:
        [(labels,)] = file.execute("select count(*) from labels").fetchall()
        ingests = file.execute("select status, count(*) from ingests group by all order by all").fetchall()
        [(many,)] = file.execute("select count(*) > 10 from check_results").fetchall()
    return labels, ingests, many


@slow
def test_the_weekly_run_maintains_the_warehouse_and_tells_what_it_did(prefect: Prefect) -> None:
    labels = prefect.configure("weekly", 'path = "weekly/*.json"', a=unit("a"), b=unit("b"), c=unit("c"))
    prefect.state(prefect.trigger(configuration="weekly.toml"), "Completed")
    weekly = ("weekly-maintenance/weekly", "-p", "configuration=weekly.toml", "-p", "keep_days=90")
    printed = prefect.command("deployment", "run", *weekly)
    [flow_run] = re.findall(r"UUID: (\S+)", printed)
    message = prefect.state(flow_run, "Completed")["message"]
    assert message.startswith("0 snapshots expired, 0 files and 0 orphans removed, 0 bytes, ")
    report = {row["table"]: row for row in json.loads(prefect.artifacts(flow_run)["maintenance-report"])}
    assert (report["annotations"]["files_before"], report["annotations"]["files_after"]) == (3, 1)
    assert labels() == [("default", 9)]


@slow
def test_the_checks_run_after_the_loads_and_fail_the_run_where_told_to(prefect: Prefect) -> None:
    outside = unit("c", labels=1)
    outside["annotations"][0]["bbox"] = [-5.0, 2.0, 3.0, 4.0]
    prefect.configure("checked", 'path = "checked/c.json"', c=outside)
    flow_run = prefect.trigger(configuration="checked.toml", fail_on="error")
    message = prefect.state(flow_run, "Failed")["message"]
    summary = "1 check of severity error fails with 1 row"
    assert message == f"1 committed; failed checks: boxes_outside_image; {summary}"
    artifacts = prefect.artifacts(flow_run)
    rows = json.loads(artifacts["check-report"])
    is_failing = [bool(entry["failing"] or entry["error"]) for entry in rows]
    assert is_failing == sorted(is_failing, reverse=True)
    assert "\n| boxes_outside_image | error | 1 | default c uu0: box " in artifacts["ingest-summary"]
    checks = {entry["check"]: entry for entry in rows}
    assert checks["boxes_outside_image"] == {
        "check": "boxes_outside_image",
        "severity": "error",
        "failing": 1,
        "first": "default c uu0: box -5.0, 2.0, 3.0, 4.0 reaches 5.0 px out of an image of 30 x 20",
        "sql": "sql/checks/boxes_outside_image.sql",
        "error": None,
    }
    assert checks["degenerate_boxes"]["failing"] == 0
    assert outside_causes(prefect, flow_run) == [("new", "error", "default", "c", 1, 1)]
    summary_text = prefect.artifacts(flow_run)["ingest-summary"]
    assert "## New findings\n\n    error: boxes_outside_image: default, c: " in summary_text
    again = prefect.trigger(configuration="checked.toml")
    assert prefect.state(again, "Completed")["message"] == f"1 unchanged; nothing new; {summary}"
    assert outside_causes(prefect, again) == [("open", "error", "default", "c", 1, 0)]
    # What the team leaves fails no run.
    configuration = prefect.clone / "checked.toml"
    waiver = '[[waive]]\ncheck = "boxes_outside_image"\nreason = "as agreed"\n'
    configuration.write_text(configuration.read_text() + waiver)
    waived = prefect.trigger(configuration="checked.toml", fail_on="error")
    assert prefect.state(waived, "Completed")["message"] == "1 unchanged; nothing new"
    assert outside_causes(prefect, waived) == [("waived", "error", "default", "c", 1, 0)]


def outside_causes(prefect: Prefect, flow_run: str) -> list[tuple[Any, ...]]:
    """The causes of boxes outside their image in the run's artifact of findings."""
    columns = ("status", "severity", "project", "document", "rows", "new")
    causes = json.loads(prefect.artifacts(flow_run)["check-findings"])
    return [
        tuple(cause[name] for name in columns)
        for cause in causes
        if cause["check"] == "boxes_outside_image"
    ]


@slow
def test_a_rejected_source_fails_the_run_after_the_others_were_loaded(prefect: Prefect) -> None:
    broken = f'[{{"images": [{{"coco_url": "https://user:{SECRET}@host/a.jpg?X-Amz-Signature={SECRET}"'
    whole = unit("good")
    whole["images"][0]["coco_url"] = f"https://user:{SECRET}@host/good.jpg?X-Amz-Signature={SECRET}"
    labels = prefect.configure(
        "rejected",
        'path = ["rejected/broken.json", "rejected/missing.zip"]',
        'path = "rejected/good.json"\nproject = "good"',
        broken=broken,
        good=whole,
    )
    folder = prefect.clone / "rejected"
    # Written hours ago: nobody is still at it.
    os.utime(folder / "broken.json", (time.time() - 7200,) * 2)
    flow_run = prefect.trigger(configuration="rejected.toml")
    error = f"{folder / 'broken.json'}: the document ends early at byte {len(broken)}"
    error += "; download or export it again"
    missing = f"{folder / 'missing.zip'}: no such file; check the path"
    message = prefect.state(flow_run, "Failed")["message"]
    assert message == f"1 committed, 2 rejected; first: {error}"
    assert labels() == [("good", 3)]
    assert prefect.report(flow_run) == [
        row(folder / "broken.json", "default", "rejected", error=error),
        row(folder / "missing.zip", "default", "rejected", error=missing),
        row(folder / "good.json", "good", "committed", added=1, rows=9),
    ]
    assert prefect.artifacts(flow_run)["ingest-summary"].endswith(f"\n    {error}\n    {missing}\n")
    # What is there was checked, published and told in the warehouse too.
    assert json.loads(prefect.artifacts(flow_run)["check-report"])
    published = folder / "warehouse" / "published"
    names = {path.name for path in published.iterdir()}
    assert names >= {"labels.duckdb", "night-rejected.json", "night-rejected.md"}
    night = json.loads((published / "night-rejected.json").read_text())
    assert (night["state"], night["message"], night["tables_done"]) == ("Failed", message, 2)
    # Each source has a line of the log, the reason last, and Prefect adds no traceback.
    log = prefect.log(flow_run)
    ends = (
        "Finished in state Rejected",
        "Finished in state Failed",
        "the run fails: ",
        "the run has failed: ",
    )
    lines = [line for line in log if "broken.json" in line and not line.startswith(ends)]
    assert lines == [f"default: rejected  {folder / 'broken.json'}: TRUNCATED: {error}"]
    assert "FailedRun" not in "\n".join(log)
    worker = prefect.home / "worker.log"
    failed = f"the run has failed: {message}\n"
    until(lambda: failed in worker.read_text(), "line on the failed run")
    assert "FailedRun" not in worker.read_text().partition(failed)[0].rpartition("Beginning flow run")[2]

    allowed = prefect.trigger(configuration="rejected.toml", allow_rejected=True)
    assert prefect.state(allowed, "Completed")["message"] == "2 rejected, 1 unchanged"

    kept = b"".join(path.read_bytes() for path in prefect.home.rglob("*") if path.is_file())
    assert b"broken.json" in kept
    assert SECRET.encode() not in kept


@slow
def test_a_folder_of_dated_nights_is_one_document_and_nothing_secret_is_logged(prefect: Prefect) -> None:
    nights = {f"labels_2026-11-{day}": street(labels) for day, labels in ((9, 7), (26, 2), (27, 3))}
    source = (
        'path = "dated"\nproject = "street"\ndocument = ["labels_*.json", "broken_*.json"]\nnewest = true'
    )
    labels = prefect.configure("dated", source, broken_1=json.dumps(street(1))[:-20], **nights)
    folder = prefect.clone / "dated"
    os.utime(folder / "broken_1.json", (time.time() - 7200,) * 2)
    documents = "select document_id, annotation_count from documents"
    older = ["labels_2026-11-9.json", "labels_2026-11-26.json"]
    for status, name, count in (("added", "labels_2026-11-27", 3), ("changed", "labels_2026-11-28", 4)):
        (folder / f"{name}.json").write_text(json.dumps(street(count)))
        flow_run = prefect.trigger(configuration="dated.toml", allow_rejected=True)
        message = prefect.state(flow_run, "Completed")["message"]
        assert message == "1 committed, 1 rejected; 1 check of severity error fails with 1 row"
        rows = {Path(row["source"]).name: row for row in prefect.report(flow_run)}
        assert rows.keys() == {"broken_1.json", f"{name}.json"}
        assert (rows[f"{name}.json"]["status"], rows[f"{name}.json"][status]) == ("committed", 1)
        assert labels() == [("street", count)]
        with connect(folder / "warehouse") as connection:
            assert connection.execute(documents).fetchall() == [("labels_*.json", count)]
        log = "\n".join(prefect.log(flow_run))
        assert f"(passed over {', '.join(sorted(older))}: older files of its document)" in log
        older.append(f"{name}.json")
        assert set(prefect.artifacts(flow_run)) >= {"ingest-report", "ingest-summary", "check-report"}
    # The server's database, logs, results and artifacts, and the warehouse with its record of the night.
    kept = [
        path for home in (prefect.home, folder / "warehouse") for path in home.rglob("*") if path.is_file()
    ]
    assert any(b"labels_2026-11-28.json" in path.read_bytes() for path in kept)
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []


def street(labels: int) -> Json:
    """A document with a secret in each form wherever a text may be; one label has to be refused."""
    texts = [form.replace("{}", SECRET) for form in FORMS.values()]
    own = dict(zip(("a", "b", "c"), texts, strict=False))
    return {
        "info": {"description": texts[0], "url": texts[1]},
        "licenses": [{"url": text} for text in texts],
        "images": [
            {
                "id": n,
                "file_name": f"https://u:{SECRET}@h.example.org/{n}.jpg?d={n}&X-Amz-Signature={SECRET}#{SECRET}",
                "coco_url": text,
                "width": -1,
                "height": 9,
                "x": text,
            }
            for n, text in enumerate(texts)
        ],
        "annotations": [
            {
                "id": texts[n],
                "image_id": n,
                "category_id": 1 if n else 99,
                "bbox": [1, 2, 30, 4],
                "caption": texts[n],
                "track_id": texts[n],
                "attributes": {text: text for text in texts},
                **own,
            }
            for n in range(labels)
        ]
        + [{"id": 5, "image_id": 0, "bbox": texts[2], "caption": texts[3]}],
        "categories": [{"id": 1, "name": texts[4], "supercategory": texts[5], "keypoints": texts}],
    }


@slow
def test_a_wrong_configuration_fails_the_run_in_one_line_and_sends_an_alert(prefect: Prefect) -> None:
    with listener() as (url, received):
        created = prefect.script("deployments/create_alerts.py", ALERT_URL=url)
        assert re.findall(r"^created: (.+?):", created, re.MULTILINE) == ALERTS
        # Again: nothing is there twice.
        prefect.script("deployments/create_alerts.py", ALERT_URL=url)
        held = [automation["name"] for automation in prefect.call("/automations/filter", {})]
        assert sorted(held) == sorted(ALERTS)
        message = wrong_configuration(prefect)
        text = until(lambda: received[0] if received else None, "alert")
    assert text.startswith(
        "Labelhouse: failed night\nA run of the nightly deployment has failed or crashed"
    )
    assert text.endswith(f": Failed. {message}")
    for name in ALERTS:
        prefect.command("--no-prompt", "automation", "delete", name)


def wrong_configuration(prefect: Prefect) -> str:
    """Watch a run without a configuration; return why it failed."""
    watched = prefect.command(
        *("deployment", "run", "nightly-ingest/nightly", "--watch", "-p", "configuration=nowhere.toml"),
        code=1,
    )
    [flow_run] = re.findall(r"UUID: (\S+)", watched)
    message = prefect.state(flow_run, "Failed")["message"]
    assert message.startswith(f"{prefect.clone / 'nowhere.toml'}: the configuration cannot be read")
    assert "\n" not in message
    # Who watches a run sees why it failed.
    assert message in " ".join(watched.split())
    return str(message)


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """Take messages of a webhook: give its address, and the texts that have come."""
    received: list[str] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"])))["text"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Webhook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", received
        server.shutdown()
        thread.join()


@slow
def test_a_warehouse_that_cannot_be_written_fails_the_run_whatever_is_allowed(prefect: Prefect) -> None:
    prefect.configure("readonly", 'path = "readonly/a.json"', a=unit())
    warehouse = prefect.clone / "readonly" / "warehouse"
    warehouse.write_text("a file, not a folder")
    flow_run = prefect.trigger(configuration="readonly.toml", allow_rejected=True)
    error = f"{warehouse}: the warehouse folder cannot be made"
    message = prefect.state(flow_run, "Failed")["message"]
    assert message.startswith(f"1 failed; first: {error}")
    [reported] = prefect.report(flow_run)
    source = warehouse.parent / "a.json"
    assert reported == row(source, "default", "failed", error=message.removeprefix("1 failed; first: "))


@slow
def test_a_second_run_at_the_same_time_is_cancelled(prefect: Prefect) -> None:
    labels = prefect.configure("overlap", 'path = "overlap/a.json"', a=unit())
    warehouse = prefect.clone / "overlap" / "warehouse"
    warehouse.mkdir()
    with FileLock(warehouse / "lock"):
        first = prefect.trigger(configuration="overlap.toml")
        prefect.state(first, "Running")
        second = prefect.trigger(configuration="overlap.toml")
        assert prefect.state(second, "Cancelled")["message"] == "Deployment concurrency limit reached."
        assert prefect.call(f"/flow_runs/{first}")["state"]["name"] == "Running"
    assert prefect.state(first, "Completed")["message"] == "1 committed"
    assert labels() == [("default", 3)]


@slow
def test_a_source_that_changes_while_it_is_read_is_tried_again(prefect: Prefect) -> None:
    labels = prefect.configure(
        "retry", 'path = ["retry/steady.json", "retry/busy.json"]', steady=unit("s"), busy=unit("b", 5_000)
    )
    script = """
from prefect.flows import load_flow_from_entrypoint
flow = load_flow_from_entrypoint("flows/ingest.py:nightly_ingest")
print(flow("retry.toml", return_state=True).message)
"""
    configuration = prefect.clone / "retry.toml"
    configuration.write_text(f"retry_minutes = [0.02, 0.02, 0.02]\n{configuration.read_text()}")
    busy = prefect.clone / "retry" / "busy.json"
    steady = threading.Event()

    def touch() -> None:
        time_ns = 0
        while not steady.is_set():
            time_ns += 1_000_000_000
            os.utime(busy, ns=(time_ns, time_ns))
            time.sleep(0.001)

    lines = []
    with subprocess.Popen(
        [sys.executable, "-u", "-c", script],
        cwd=prefect.clone,
        env=prefect.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        touching = threading.Thread(target=touch)
        touching.start()
        limit = threading.Timer(DEADLINE_S, process.kill)
        limit.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                if "Retry 1/3 will start" in line:
                    steady.set()
        finally:
            steady.set()
            limit.cancel()
            touching.join()
            limit.join()
    assert lines[-1:] == ["2 committed; 1 check of severity error fails with 4,971 rows\n"], "".join(lines)
    assert labels() == [("default", 5_003)]


@slow
def test_the_server_answers_nobody_without_the_password_and_no_page_of_another_origin(
    prefect: Prefect,
) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def asked(path: str, method: str = "GET", **headers: str) -> tuple[int, str | None]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(prefect.api + path, b"{}" * (method == "POST") or None, named)
        request.method = method
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers.get("access-control-allow-origin")
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("access-control-allow-origin")

    own = prefect.api.removesuffix("/api")
    foreign = "https://evil.example"
    kind = {"content_type": "application/json"}
    assert asked("/flow_runs/filter", "POST", **kind)[0] in (401, 403)
    assert asked("/admin/version")[0] == 401
    assert asked("/admin/version", authorization="Basic YWRtaW46d3Jvbmc=")[0] == 401
    assert asked("/admin/version", authorization=BASIC) == (200, None)
    assert asked("/admin/version", authorization=BASIC, origin=foreign) == (200, None)
    assert asked("/admin/version", authorization=BASIC, origin=own) == (200, own)
    asks = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    assert asked("/flow_runs/filter", "OPTIONS", origin=foreign, **asks)[1] is None
    # With the password, but without the token that only a page of its own can ask for.
    assert asked("/flow_runs/filter", "POST", authorization=BASIC, **kind)[0] == 403


@slow
def test_a_table_that_may_be_empty_is_empty_tonight(prefect: Prefect) -> None:
    prefect.configure(
        "quiet",
        'path = "quiet/*.zip"\nmay_be_empty = true',
        'path = ["quiet/a.json", "quiet/more/*"]\nmay_be_empty = true\nproject = "a"',
        'path = "quiet/*.gz"\nproject = "strict"',
        a=unit("a"),
    )
    folder = prefect.clone / "quiet"
    (folder / "more").mkdir()
    flow_run = prefect.trigger(configuration="quiet.toml", allow_rejected=True)
    message = prefect.state(flow_run, "Completed")["message"]
    assert message == "1 committed, 1 empty, 1 rejected"
    assert [(r["source"], r["project"], r["status"]) for r in prefect.report(flow_run)] == [
        (str(folder / "*.zip"), "default", "empty"),
        (str(folder / "a.json"), "a", "committed"),
        (str(folder / "*.gz"), "strict", "rejected"),
    ]


@slow
def test_a_run_that_is_killed_has_told_what_it_loaded_and_the_next_one_does_the_rest(
    prefect: Prefect,
) -> None:
    labels = prefect.configure(
        "killed",
        'path = "killed/a.json"',
        'path = "killed/b.json"\nproject = "late"',
        a=unit("a"),
        b=unit("b", 2),
    )
    warehouse = prefect.clone / "killed" / "warehouse"
    script = """
import os, signal, sys
from labelhouse.scheduling import run_night
from prefect.flows import load_flow_from_entrypoint
flow = load_flow_from_entrypoint("flows/ingest.py:nightly_ingest")

class Killed(run_night.IngestSession):
    def ingest(self, patterns, options, *others):
        if options.project == "late":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().ingest(patterns, options, *others)

run_night.IngestSession = Killed
flow.with_options(flow_run_name="killed one")("killed.toml")
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=prefect.clone, env=prefect.environment, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    [run] = prefect.call("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["killed one"]}}})
    [loaded] = prefect.report(run["id"])
    assert (loaded["status"], loaded["source"]) == ("committed", str(prefect.clone / "killed" / "a.json"))
    assert not (warehouse / "published" / "labels.duckdb").exists()
    assert json.loads((warehouse / "published" / "night-killed.json").read_text())["tables_done"] == 1

    flow_run = prefect.trigger(configuration="killed.toml")
    assert prefect.state(flow_run, "Completed")["message"] == "1 committed, 1 unchanged"
    assert labels() == [("default", 3), ("late", 2)]
    assert "had loaded 1 of 2 tables" in prefect.artifacts(flow_run)["ingest-summary"]
    with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
        assert file.execute("select count(*) from labels").fetchone() == (5,)


@slow
def test_the_scheduler_plans_every_night_at_two(prefect: Prefect) -> None:
    deployment = prefect.deployment()
    [schedule] = deployment["schedules"]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 2 * * *", "UTC")
    wanted = {
        "flow_runs": {
            "deployment_id": {"any_": [deployment["id"]]},
            "state": {"type": {"any_": ["SCHEDULED"]}},
        },
        "sort": "EXPECTED_START_TIME_ASC",
    }
    planned = until(lambda: prefect.call("/flow_runs/filter", wanted), "scheduled run")
    times = [datetime.fromisoformat(run["expected_start_time"]) for run in planned]
    now = datetime.now(UTC)
    night = now.replace(hour=2, minute=0, second=0, microsecond=0)
    first = night if night > now else night + timedelta(days=1)
    assert times == [first + timedelta(days=day) for day in range(len(times))]
    assert all(run["auto_scheduled"] for run in planned)
