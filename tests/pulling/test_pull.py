"""`pull encord` against a local API and with Encord's own SDK: two nights, faults, kills, and no write."""

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.errors import InputError, LabelhouseError, UsageError

from tests.support.encord_server import ANNOTATE, ONTOLOGY, PROJECT, EncordServer, encord_server, new_key
from tests.support.sets import rounds

pytest.importorskip("encord", reason="needs the extra `encord`")

from labelhouse.encord_api import bundles
from labelhouse.encord_api.faults import Patience
from labelhouse.encord_api.listed_row import Filters
from labelhouse.pulling.pull import PullResult, pull_to_folder

NIGHT_2 = "2026-11-21T09:00:00.000001"
QUICK = (0.01,) * 6


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EncordServer]:
    key, public = new_key()
    monkeypatch.setenv("ENCORD_SSH_KEY", key)
    monkeypatch.delenv("ENCORD_SSH_KEY_FILE", raising=False)
    with encord_server() as running:
        running.keys.add(public)
        for number in range(6):
            running.add(number)
        running.add(6, label_hash=None, last_edited_at=None, created_at=None, workflow_graph_node=ANNOTATE)
        yield running
    assert running.writes == []


def pull(server: EncordServer, folder: Path, **options: Any) -> PullResult:
    filters = Filters(**{name: options.pop(name) for name in list(options) if name in FILTERS})
    return pull_to_folder(
        PROJECT, folder, filters=filters, domain=server.domain, patience=Patience(QUICK), **options
    )


FILTERS = ("stages", "statuses", "datasets", "titles", "branch")
COUNTS = ("listed", "never_opened", "fetched", "moved", "unchanged", "removed")


def counts(result: PullResult) -> dict[str, int]:
    return {name: value for name in COUNTS if (value := getattr(result, name))}


def held(folder: Path) -> dict[str, Any]:
    """Return the rows of a folder by label_hash and branch."""
    rows = [json.loads(path.read_text()) for path in folder.glob("*.row.json")]
    by_key = {f"{row['label_hash']}@{row['branch_name']}": row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def expected(server: EncordServer) -> dict[str, Any]:
    """Return what a folder is to hold: each row as it is, with what the list says of it."""
    return {
        f"{line['label_hash']}@{line['branch_name']}": {
            **server.rows[line["label_hash"]],
            "last_edited_at": f"{line['last_edited_at'].replace('T', ' ')}+00:00",
            **{
                name: line[name]
                for name in (
                    "workflow_graph_node",
                    "label_status",
                    "annotation_task_status",
                    "priority",
                    "task_uuid",
                    "number_of_frames",
                    "is_valid",
                    "dataset_hash",
                    "dataset_title",
                    "data_title",
                )
            },
        }
        for line in server.metadata
        if line["label_hash"]
    }


def test_two_nights(server: EncordServer, tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    first = pull(server, folder)
    assert counts(first) == {"listed": 6, "never_opened": 1, "fetched": 6}
    assert (first.title, first.retries, first.dry_run) == ("harbour", 0, False)
    assert held(folder) == expected(server)
    assert json.loads((folder / "ontology.json").read_text()) == ONTOLOGY
    assert [kind for kind, _, _ in server.requests] == ["project", "metadata", "rows"]

    server.requests.clear()
    assert counts(pull(server, folder)) == {"listed": 6, "never_opened": 1, "unchanged": 6}
    assert server.asked("rows") == []

    server.requests.clear()
    server.edit(1, labels=5, edited=NIGHT_2)
    server.delete(2)
    server.line(3)["workflow_graph_node"] = ANNOTATE
    server.add(7, last_edited_at=NIGHT_2)
    night = {"listed": 6, "never_opened": 1, "fetched": 2, "moved": 1, "unchanged": 3, "removed": 1}
    before = sorted(folder.iterdir())
    would = pull(server, folder, dry_run=True)
    assert (counts(would), would.dry_run, server.asked("rows")) == (night, True, [])
    assert sorted(folder.iterdir()) == before
    assert counts(pull(server, folder)) == night
    assert server.asked("rows") == [2]
    assert held(folder) == expected(server)
    assert held(folder)[f"{server.line(3)['label_hash']}@main"]["workflow_graph_node"] == ANNOTATE


def test_filters(server: EncordServer, tmp_path: Path) -> None:
    server.line(1)["workflow_graph_node"] = ANNOTATE
    server.line(2)["annotation_task_status"] = "IN_REVIEW"
    server.line(3)["dataset_title"] = "river"
    other = server.add(8, branch_name="pre-labels/v1")
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 6),
        ({"stages": ["Complete"]}, 5),
        ({"stages": ["Complete", "Annotate"]}, 6),
        ({"statuses": ["IN_REVIEW"]}, 1),
        ({"statuses": ["LABELLED"]}, 6),
        ({"datasets": ["river"]}, 1),
        ({"datasets": ["river", "harbour"], "stages": ["Annotate"]}, 1),
        ({"titles": ["image [0-2].*"]}, 3),
        ({"branch": None}, 7),
        ({"branch": "pre-labels/v1"}, 1),
    ]
    for number, (filters, count) in enumerate(cases):
        assert pull(server, tmp_path / str(number), **filters).fetched == count, filters
    row = held(tmp_path / "9")[f"{other['label_hash']}@pre-labels/v1"]
    assert row["branch_name"] == "pre-labels/v1"
    # A row that leaves the filter leaves the folder.
    server.line(0)["workflow_graph_node"] = ANNOTATE
    assert counts(pull(server, tmp_path / "1", stages=["Complete"]))["removed"] == 1


HTML = "<html>CANARY-ANSWER"
PASSING: dict[str, dict[str, Any]] = {
    "429": {"status": 429, "headers": {"Retry-After": "0"}},
    "413": {"status": 413},
    "500": {"status": 500, "body": HTML},
    "502": {"status": 502, "body": HTML},
    "503": {"status": 503, "body": HTML},
    "504": {"status": 504, "body": HTML},
    "cut off": {"body": '{"status":200,"response":[', "cut": True},
    "hung up": {"hang_up": True},
    "no JSON": {"body": HTML},
    "envelope 429": {"body": '{"status":429,"response":["RATE_LIMIT_ERROR"]}'},
    "envelope unknown": {"body": '{"status":500,"response":["UNKNOWN_ERROR"]}'},
    "envelope of another name": {"body": '{"status":500,"response":["CANARY_ERROR"]}'},
    "envelope limit": {
        "body": '{"status":400,"response":["MULTI_LABEL_LIMIT_ERROR"],'
        '"payload":{"maximum_labels_allowed":2}}'
    },
}


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("kind", ["metadata", "rows"])
def test_what_passes_is_tried_again(server: EncordServer, tmp_path: Path, name: str, kind: str) -> None:
    server.faults.extend([{**PASSING[name], "path": kind}] * 2)
    result = pull(server, tmp_path / "rows")
    assert (result.fetched, result.retries) == (6, 2)
    assert held(tmp_path / "rows") == expected(server)


@pytest.mark.parametrize("name", ["504", "cut off", "413", "envelope limit"])
def test_what_is_too_much_is_asked_for_in_parts(server: EncordServer, tmp_path: Path, name: str) -> None:
    server.faults.append({**PASSING[name], "path": "rows"})
    pull(server, tmp_path / "rows")
    first, second, *_ = server.asked("rows")
    assert (first, second) == (6, 2 if name == "envelope limit" else 3)


def test_bundles_adapt_to_what_a_gateway_lets_through(server: EncordServer, tmp_path: Path) -> None:
    for number in range(10, 60):
        server.add(number, labels=8)
    server.most_bytes = 30_000
    assert pull(server, tmp_path / "rows", titles=["image ?.jpg", "image ??.jpg"]).fetched == 56
    assert held(tmp_path / "rows") == expected(server)


def test_bundles_grow_to_the_server_s_limit_and_stay_small_in_memory(
    server: EncordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10, 310):
        server.add(number, labels=1)
    server.limit = 100
    pull(server, tmp_path / "a")
    sizes = server.asked("rows")
    assert sizes[:3] == [20, 40, 80]
    assert max(size for size in sizes if size <= 100) == 100
    server.requests.clear()
    # Each row has about 1.5 kB.
    monkeypatch.setattr(bundles, "BUNDLE_BYTES", 60_000)
    pull(server, tmp_path / "b")
    assert 25 < max(server.asked("rows")) < 60


@pytest.mark.parametrize(
    ("name", "code", "is_retried"),
    [
        ("504", "ENCORD_UNREACHABLE", True),
        ("envelope 429", "ENCORD_UNREACHABLE", True),
        ("envelope unknown", "ENCORD_UNREACHABLE", True),
        ("denied", "ENCORD_DENIED", False),
        ("another shape", "ENCORD_ANSWER", False),
        ("no list", "ENCORD_ANSWER", False),
    ],
)
def test_what_does_not_pass_is_said_in_one_line(
    server: EncordServer, tmp_path: Path, name: str, code: str, is_retried: bool
) -> None:
    others = {
        "denied": {"body": '{"status":403,"response":["AUTHORISATION_ERROR"]}'},
        "another shape": {"body": '{"status":200,"response":[{"CANARY": "CANARY"}]}'},
        "no list": {"body": '{"status":200,"response":"CANARY"}'},
    }
    server.faults.extend([{**PASSING.get(name, others.get(name, {})), "path": "metadata"}] * 50)
    with pytest.raises(InputError) as raised:
        pull(server, tmp_path / "rows")
    assert raised.value.code == code
    assert raised.value.retryable is is_retried
    assert "CANARY" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert len(server.asked("metadata")) == (1 if not is_retried else 3 if "unknown" in name else 7)
    assert not (tmp_path / "rows").exists()


def test_an_answer_that_comes_too_late_is_asked_for_again(
    server: EncordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labelhouse.encord_api import project

    monkeypatch.setattr(project, "_READ_S", 0.5)
    server.faults.append({"wait": 1.5, "body": "{}", "path": "rows"})
    result = pull(server, tmp_path / "rows")
    assert (result.fetched, result.retries, server.asked("rows")) == (6, 1, [6, 3, 3])


def test_a_server_that_asks_for_patience_gets_it(server: EncordServer, tmp_path: Path) -> None:
    slept: list[float] = []
    server.faults.append({"status": 429, "headers": {"Retry-After": "17"}, "path": "metadata"})
    server.faults.append({"status": 429, "headers": {"Retry-After": "99999"}, "path": "rows"})
    pull_to_folder(
        PROJECT,
        tmp_path / "rows",
        filters=Filters(),
        domain=server.domain,
        patience=Patience(QUICK, slept.append),
    )
    assert slept == [17.0, 300.0]


def test_a_row_that_is_deleted_meanwhile_is_listed_again(server: EncordServer, tmp_path: Path) -> None:
    pull(server, tmp_path / "rows")
    for number in (0, 1, 2):
        server.edit(number, labels=1, edited=NIGHT_2)
    # It is still listed, and gone when it is asked for.
    lines = list(server.metadata)
    server.delete(2)
    server.metadata, after = lines, server.metadata
    answer = server.answer

    def deleted(query: str, method: str, uid: Any, payload: dict[str, Any]) -> Any:
        answered = answer(query, method, uid, payload)
        if query == "labelrow":
            server.metadata = after
        return answered

    server.answer = deleted  # type: ignore[method-assign]
    pull(server, tmp_path / "rows")
    assert held(tmp_path / "rows") == expected(server)
    assert len(server.asked("metadata")) == 3


def test_keys(server: EncordServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = os.environ["ENCORD_SSH_KEY"]
    other, _ = new_key()
    (tmp_path / "key").write_text(key)

    def fails(code: str, message: str) -> None:
        with pytest.raises(LabelhouseError, match=message) as raised:
            pull(server, tmp_path / "rows")
        assert raised.value.code == code
        for secret in ("CANARY", *key.split(), *other.split()):
            assert len(secret) < 20 or secret not in str(raised.value)

    monkeypatch.setenv("ENCORD_SSH_KEY", other)
    fails("ENCORD_DENIED", "Encord refuses to give the project")
    for wrong in ("CANARY", key.replace("OPENSSH", "RSA"), key[:-80], "é"):
        monkeypatch.setenv("ENCORD_SSH_KEY", wrong)
        fails("USAGE", "the key cannot be used; give the private Ed25519 key")
    monkeypatch.delenv("ENCORD_SSH_KEY")
    fails("USAGE", "there is no key for Encord; set ENCORD_SSH_KEY_FILE")
    monkeypatch.setenv("ENCORD_SSH_KEY_FILE", str(tmp_path / "CANARY"))
    fails("USAGE", "the key's file cannot be read")
    monkeypatch.setenv("ENCORD_SSH_KEY_FILE", str(tmp_path / "key"))
    assert pull(server, tmp_path / "rows").fetched == 6


def test_projects_and_folders_that_cannot_be_used(server: EncordServer, tmp_path: Path) -> None:
    def message(encord: str, folder: Path) -> str:
        with pytest.raises(LabelhouseError) as raised:
            pull_to_folder(
                encord, folder, filters=Filters(), domain=server.domain, patience=Patience(QUICK)
            )
        return str(raised.value)

    unknown = PROJECT.replace("1", "2")
    assert message(unknown, tmp_path / "a").startswith("Encord cannot give the project: it is not there")
    assert message("harbour", tmp_path / "a").startswith("harbour: it is not the id of an Encord project")
    (tmp_path / "file").write_text("")
    assert "is not a folder" in message(PROJECT, tmp_path / "file")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.json").write_text("{}")
    assert "holds mine.json, which no pull wrote" in message(PROJECT, tmp_path / "b")
    pull(server, tmp_path / "c")
    with pytest.raises(InputError, match="Encord lists no opened rows, and 6 are there; check the filters"):
        pull(server, tmp_path / "c", stages=["Compleet"])
    assert len(held(tmp_path / "c")) == 6


def test_a_pull_that_is_killed_leaves_whole_rows_and_the_next_does_the_rest(
    server: EncordServer, tmp_path: Path
) -> None:
    folder = tmp_path / "rows"
    for number in range(10, 40):
        server.add(number)
    pull(server, folder)
    chance = random.Random(5)
    for night in range(rounds("PULL_KILLS", 2, 6, 40)):
        edited = f"2026-11-{22 + night % 7:02}T0{night % 10}:00:00.000001"
        for number in chance.sample(range(10, 40), 20):
            server.edit(number, labels=chance.randrange(1, 9), edited=edited)
        moved = chance.randrange(10, 40)
        server.line(moved)["priority"] = chance.random()
        before = held(folder)
        call = "labelhouse.pull('none', sys.argv[1], to=sys.argv[2], domain=sys.argv[3])"
        script = f"import sys, labelhouse; {call}"
        with subprocess.Popen(
            [sys.executable, "-c", script, PROJECT, folder, server.domain], stderr=subprocess.DEVNULL
        ) as process:
            count = len(server.requests)
            wanted = chance.randrange(1, 5)
            deadline = time.monotonic() + 60
            while len(server.requests) < count + wanted and time.monotonic() < deadline:
                if process.poll() is not None:
                    break
                time.sleep(0.002)
            time.sleep(chance.random() * 0.05)
            process.send_signal(signal.SIGKILL)
        # Each row is as it was, or as it is to be; of a row that was being replaced both may be there.
        after = expected(server)
        for path in folder.glob("*.row.json"):
            row = json.loads(path.read_text())
            key = f"{row['label_hash']}@{row['branch_name']}"
            assert row in (before[key], after[key])
        pull(server, folder)
        assert held(folder) == after


def test_nothing_secret_is_kept_or_said(
    server: EncordServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="labelhouse")
    server.faults.extend([{**fault, "path": "rows"} for fault in list(PASSING.values())[:5]])
    pull(server, tmp_path / "rows")
    said = "".join(capfd.readouterr()) + caplog.text
    # The list and the rows have no signed addresses: none is asked for.
    assert "CANARY-ANSWER" not in said
    assert os.environ["ENCORD_SSH_KEY"].split()[6] not in said


def test_the_command(server: EncordServer, tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "labelhouse", "pull", "encord", PROJECT, "--domain", server.domain]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=tmp_path)

    done = run("--to", "rows", "--dry-run")
    assert done.stdout.startswith("harbour: 6 would be fetched, 0 unchanged, 1 never opened; ")
    assert not (tmp_path / "rows").exists()
    done = run("--to", "rows", "--json", "--stage", "Complete")
    result = json.loads(done.stdout)
    assert (result["encord"], result["fetched"], result["to"]) == (PROJECT, 6, "rows")
    done = run("--to", "rows")
    assert done.stdout.startswith("harbour: 0 fetched, 6 unchanged, 1 never opened; ")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_verb_says_how_to_get_the_sdk(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['encord'] = None\n"
        "import labelhouse\n"
        "try:\n    labelhouse.pull('none', sys.argv[1], to='rows')\n"
        "except labelhouse.LabelhouseError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script, PROJECT], capture_output=True, text=True)
    assert done.stdout == "Encord's SDK is not installed; pip install 'labelhouse[encord]'\n"
    with pytest.raises(UsageError):
        labelhouse.pull("none", "no uuid", to=tmp_path / "rows")
