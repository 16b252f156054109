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
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock
from labelhouse import connect

from tests.support.exports import unit

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
CLIENT = "8d3f4dd8-6f3c-4c9f-9a53-0e7ad3f2c6a1"

Json = Any


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

    def command(self, *arguments: str) -> str:
        """Run a command of Prefect's in the clone and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            cwd=self.clone,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=DEADLINE_S,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def deployment(self) -> Json:
        return self.call("/deployments/name/nightly-ingest/nightly")

    def trigger(self, **parameters: object) -> str:
        """Start a run of the deployment and return its id."""
        path = f"/deployments/{self.deployment()['id']}/create_flow_run"
        return self.call(path, {"parameters": parameters, "state": {"type": "SCHEDULED"}})["id"]

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

        def arrived() -> Json:
            messages = [entry["message"] for entry in self.call("/logs/filter", wanted)]
            return messages if any("Finished in state" in line for line in messages[-3:]) else None

        return until(arrived, "log")

    def artifacts(self, flow_run: str) -> dict[str, str]:
        """Return the data of the run's artifacts by their keys."""
        found = self.call("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [flow_run]}}})
        return {artifact["key"]: artifact["data"] for artifact in found}

    def report(self, flow_run: str) -> list[dict[str, object]]:
        """Return the rows of the run's table artifact, without their seconds."""
        rows = json.loads(self.artifacts(flow_run)["ingest-report"])
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


def until(found: Callable[[], Json], what: str) -> Json:
    """Poll until something is found."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if value := found():
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


def test_every_entrypoint_is_loaded_by_prefects_own_loader(tmp_path):
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


def test_a_triggered_run_loads_the_sources_and_reports_them(prefect):
    labels = prefect.configure(
        "sources", 'path = "sources"\nproject = "street"', a=[unit("a1"), unit("a2")], b=unit("b", labels=5)
    )
    printed = prefect.command("deployment", "run", "nightly-ingest/nightly")
    flow_run = re.search(r"UUID: (\S+)", printed)[1]
    assert prefect.state(flow_run, "Completed")["message"] == "2 committed"
    assert labels() == [("street", 11)]
    folder = prefect.clone / "sources"
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

    again = prefect.trigger()
    assert prefect.state(again, "Completed")["message"] == "2 unchanged"
    assert labels() == [("street", 11)]
    published = prefect.clone / "sources" / "warehouse" / "published" / "labels.duckdb"
    with duckdb.connect(str(published), read_only=True) as file:
        assert file.execute("select count(*) from labels").fetchone() == (11,)
        assert file.execute(
            "select status, count(*) from ingests group by all order by all"
        ).fetchall() == [
            ("committed", 2),
            ("unchanged", 2),
        ]
        assert file.execute("select count(*) from check_results").fetchone() > (10,)


def test_the_weekly_run_maintains_the_warehouse_and_tells_what_it_did(prefect):
    labels = prefect.configure("weekly", 'path = "weekly/*.json"', a=unit("a"), b=unit("b"), c=unit("c"))
    prefect.state(prefect.trigger(configuration="weekly.toml"), "Completed")
    weekly = ("weekly-maintenance/weekly", "-p", "configuration=weekly.toml", "-p", "keep_days=90")
    printed = prefect.command("deployment", "run", *weekly)
    flow_run = re.search(r"UUID: (\S+)", printed)[1]
    message = prefect.state(flow_run, "Completed")["message"]
    assert message.startswith("0 snapshots expired, 0 files and 0 orphans removed, 0 bytes, ")
    report = {row["table"]: row for row in json.loads(prefect.artifacts(flow_run)["maintenance-report"])}
    assert (report["annotations"]["files_before"], report["annotations"]["files_after"]) == (3, 1)
    assert labels() == [("default", 9)]


def test_the_checks_run_after_the_loads_and_fail_the_run_where_told_to(prefect):
    outside = unit("c", labels=1)
    outside["annotations"][0]["bbox"] = [-5.0, 2.0, 3.0, 4.0]
    prefect.configure("checked", 'path = "checked/c.json"', c=outside)
    flow_run = prefect.trigger(configuration="checked.toml", fail_on="error")
    message = prefect.state(flow_run, "Failed")["message"]
    told = "1 check of severity error fails with 1 row"
    assert message == f"1 committed; failed checks: boxes_outside_image; {told}"
    found = {entry["check"]: entry for entry in json.loads(prefect.artifacts(flow_run)["check-report"])}
    assert found["boxes_outside_image"] == {
        "check": "boxes_outside_image",
        "severity": "error",
        "failing": 1,
        "first": "default c uu0: box -5.0, 2.0, 3.0, 4.0 on an image of 30 x 20",
        "sql": "sql/checks/boxes_outside_image.sql",
        "error": None,
    }
    assert found["degenerate_boxes"]["failing"] == 0
    again = prefect.trigger(configuration="checked.toml")
    assert prefect.state(again, "Completed")["message"] == f"1 unchanged; {told}"


def test_a_rejected_source_fails_the_run_after_the_others_were_loaded(prefect):
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
    ends = ("Finished in state Rejected", "Finished in state Failed", "the run has failed: ")
    told = [line for line in log if "broken.json" in line and not line.startswith(ends)]
    assert told == [f"default: rejected  {folder / 'broken.json'}: TRUNCATED: {error}"]
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


def test_a_wrong_configuration_fails_the_run_in_one_line(prefect):
    flow_run = prefect.trigger(configuration="nowhere.toml")
    message = prefect.state(flow_run, "Failed")["message"]
    assert message.startswith(f"{prefect.clone / 'nowhere.toml'}: the configuration cannot be read")
    assert "\n" not in message


def test_a_warehouse_that_cannot_be_written_fails_the_run_whatever_is_allowed(prefect):
    prefect.configure("readonly", 'path = "readonly/a.json"', a=unit())
    warehouse = prefect.clone / "readonly" / "warehouse"
    warehouse.write_text("a file, not a folder")
    flow_run = prefect.trigger(configuration="readonly.toml", allow_rejected=True)
    error = f"{warehouse}: the warehouse folder cannot be made"
    message = prefect.state(flow_run, "Failed")["message"]
    assert message.startswith(f"1 failed; first: {error}")
    [found] = prefect.report(flow_run)
    source = warehouse.parent / "a.json"
    assert found == row(source, "default", "failed", error=message.removeprefix("1 failed; first: "))


def test_a_second_run_at_the_same_time_is_cancelled(prefect):
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


def test_a_source_that_changes_while_it_is_read_is_tried_again(prefect):
    labels = prefect.configure(
        "retry", 'path = ["retry/steady.json", "retry/busy.json"]', steady=unit("s"), busy=unit("b", 5_000)
    )
    script = """
from prefect.flows import load_flow_from_entrypoint
flow = load_flow_from_entrypoint("flows/ingest.py:nightly_ingest")
flow.fn.__globals__["load"] = flow.fn.__globals__["load"].with_options(retry_delay_seconds=1)
print(flow("retry.toml", return_state=True).message)
"""
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


def test_the_server_answers_nobody_without_the_password_and_no_page_of_another_origin(prefect):
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


def test_a_table_that_may_be_empty_is_empty_tonight(prefect):
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


def test_a_run_that_is_killed_has_told_what_it_loaded_and_the_next_one_does_the_rest(prefect):
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
from prefect.flows import load_flow_from_entrypoint
flow = load_flow_from_entrypoint("flows/ingest.py:nightly_ingest")
given = flow.fn.__globals__
session = given["IngestSession"]

class Killed(session):
    def ingest(self, patterns, options, *others):
        if options.project == "late":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().ingest(patterns, options, *others)

given["IngestSession"] = Killed
flow.with_options(flow_run_name="killed one")("killed.toml")
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=prefect.clone, env=prefect.environment, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    [found] = prefect.call("/flow_runs/filter", {"flow_runs": {"name": {"any_": ["killed one"]}}})
    [loaded] = prefect.report(found["id"])
    assert (loaded["status"], loaded["source"]) == ("committed", str(prefect.clone / "killed" / "a.json"))
    assert not (warehouse / "published" / "labels.duckdb").exists()
    assert json.loads((warehouse / "published" / "night-killed.json").read_text())["tables_done"] == 1

    flow_run = prefect.trigger(configuration="killed.toml")
    assert prefect.state(flow_run, "Completed")["message"] == "1 committed, 1 unchanged"
    assert labels() == [("default", 3), ("late", 2)]
    assert "had loaded 1 of 2 tables" in prefect.artifacts(flow_run)["ingest-summary"]
    with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
        assert file.execute("select count(*) from labels").fetchone() == (5,)


def test_the_scheduler_plans_every_night_at_two(prefect):
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
