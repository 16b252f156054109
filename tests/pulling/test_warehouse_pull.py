"""`pull encord` into a warehouse: two nights against a local API, kills at any request, and the night."""

import json
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
from labelhouse.errors import InputError, UsageError
from labelhouse.texts.people import Authors, People

from tests.attack.test_people import people_in
from tests.support.aliases import Rows
from tests.support.encord_server import ANNOTATE, PROJECT, EncordServer, encord_server, hash_of, new_key
from tests.support.exports import unit
from tests.support.sets import rounds, slow

pytest.importorskip("encord", reason="needs the extra `encord`")

NIGHT_2 = "2026-11-21T09:00:00.000001"


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


def pull(server: EncordServer, warehouse: Path, **options: Any) -> Any:
    return labelhouse.pull(warehouse, PROJECT, domain=server.domain, **options)


def rows(warehouse: Path, sql: str) -> Rows:
    with labelhouse.query(warehouse, sql) as result:
        return list(result.fetchall())


LABELS = "select document_id, label_id from labels order by all"
STATES = (
    "select label_hash, workflow_stage, strftime(last_edited_at, '%Y-%m-%dT%H:%M:%S.%f') from label_rows "
    "order by all"
)


def expected(server: EncordServer) -> tuple[Rows, Rows]:
    """Return the labels and the states of all rows that have been opened, as the server has them."""
    opened = [line for line in server.metadata if line["label_hash"]]
    labels = [
        (line["data_hash"], label["objectHash"])
        for line in opened
        for data in server.rows[line["label_hash"]]["data_units"].values()
        for label in data["labels"]["objects"]
    ]
    states = [
        (line["label_hash"], line["workflow_graph_node"]["title"], line["last_edited_at"])
        for line in opened
    ]
    return sorted(labels), sorted(states)


def held(warehouse: Path) -> tuple[Rows, Rows]:
    return sorted(rows(warehouse, LABELS)), rows(warehouse, STATES)


def test_two_nights(server: EncordServer, tmp_path: Path) -> None:
    warehouse = tmp_path / "w"
    first = pull(server, warehouse)
    assert (first.fetched, first.unchanged, first.removed, first.never_opened) == (6, 0, 0, 1)
    assert first.ingest["status"] == "committed"
    assert held(warehouse) == expected(server)
    [source] = rows(warehouse, "select source from ingests")
    assert source == (f"encord:{PROJECT}",)
    # A document of another source stays.
    other = tmp_path / "other.json"
    other.write_text(json.dumps([unit("other")]))
    labelhouse.ingest(warehouse, other)

    server.requests.clear()
    again = pull(server, warehouse)
    assert (again.fetched, again.unchanged, again.ingest, server.asked("rows")) == (0, 6, None, [])

    server.edit(1, labels=5, edited=NIGHT_2)
    server.delete(2)
    server.line(3)["workflow_graph_node"] = ANNOTATE
    server.add(7, last_edited_at=NIGHT_2)
    would = pull(server, warehouse, dry_run=True)
    assert (would.fetched, would.removed, would.ingest, server.asked("rows")) == (3, 1, None, [])
    second = pull(server, warehouse)
    assert (second.fetched, second.unchanged, second.removed) == (3, 3, 1)
    assert server.asked("rows") == [3]
    labels, states = expected(server)
    assert held(warehouse) == (sorted([*labels, *[("other", f"uu{n}") for n in range(3)]]), states)
    # One commit, whose changes are those of the labels alone.
    assert rows(
        warehouse,
        "select change, count(*) from label_changes "
        "where ingest_number = (select max(ingest_number) from ingests) group by all order by all",
    ) == [("added", 5), ("removed", 3)]
    assert rows(warehouse, "select distinct label_id from label_changes where change = 'removed'") != []

    server.delete(0)
    assert (pull(server, warehouse).removed, pull(server, warehouse).removed) == (1, 0)
    assert hash_of(0, 0) not in {label for _, label in rows(warehouse, LABELS)}
    with pytest.raises(InputError, match="Encord lists no opened rows, and the project holds 5"):
        pull(server, warehouse, stages=["Compleet"])


@slow
def test_a_pull_that_is_killed_leaves_the_warehouse_as_before(server: EncordServer, tmp_path: Path) -> None:
    warehouse = tmp_path / "w"
    for number in range(10, 40):
        server.add(number)
    pull(server, warehouse)
    chance = random.Random(5)
    script = "import sys, labelhouse; labelhouse.pull(sys.argv[1], sys.argv[2], domain=sys.argv[3])"
    for night in range(rounds("PULL_KILLS", 1, 3, 40)):
        before = held(warehouse)
        for number in chance.sample(range(10, 40), 25):
            server.edit(
                number, chance.randrange(1, 9), f"2026-11-{22 + night % 7:02}T09:00:00.00000{night}"
            )
        count, wanted = len(server.requests), 1 + night % 4
        with subprocess.Popen([sys.executable, "-c", script, warehouse, PROJECT, server.domain]) as process:
            deadline = time.monotonic() + 60
            while len(server.requests) < count + wanted and time.monotonic() < deadline:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        assert held(warehouse) == before
        pull(server, warehouse)
        assert held(warehouse) == expected(server)


@slow
def test_a_night_pulls(server: EncordServer, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    table = f'[[source]]\nproject = "harbour"\nencord = "{PROJECT}"\ndomain = "{server.domain}"\n'
    file.write_text(f'retry_minutes = [0.0001]\n{table}stage = "Complete"\n')
    server.faults.extend([{"body": '{"status":429,"response":["RATE_LIMIT_ERROR"]}', "path": "rows"}])
    result = labelhouse.night(file)
    assert (result.exit_code, result.message) == (0, "1 committed")
    [source] = result.sources
    assert (source["source"], source["project"], source["added"]) == (f"encord:{PROJECT}", "harbour", 6)
    again = labelhouse.night(file)
    assert (again.message, again.sources[0]["unchanged"]) == ("1 unchanged; nothing new", 6)
    # A key that is refused is not tried again, and the night says it.
    server.keys.clear()
    denied = labelhouse.night(file)
    assert (denied.exit_code, denied.sources[0]["status"]) == (1, "rejected")
    assert denied.message.startswith("1 rejected; first: Encord refuses to give the project")


@slow
def test_people_are_stored_as_the_setting_says(server: EncordServer, tmp_path: Path) -> None:
    warehouse = tmp_path / "w"
    server.metadata[1]["assigned_user_email"] = "Canary@persons.example"
    server.metadata[2]["last_actioned_by_user_email"] = "canary@persons.example"
    people = (
        "select assigned_to, last_actioned_by from label_rows "
        "where coalesce(assigned_to, last_actioned_by) is not null order by all"
    )
    fetched = {}
    settings: list[Authors] = ["hash", "drop", "keep"]
    for authors in settings:
        fetched[authors] = [pull(server, warehouse, authors=authors).fetched for _ in range(2)]
        kept = rows(warehouse, people)
        if authors == "hash":
            salt = (warehouse / "people.salt").read_text().strip()
            token = People("hash", salt).person("canary@persons.example")
            assert kept == [(token, None), (None, token)]
            assert people_in(warehouse) == {}
        elif authors == "drop":
            assert kept == []
        else:
            assert kept == [("Canary@persons.example", None), (None, "canary@persons.example")]
    # The setting is noticed, and then nothing is fetched twice.
    assert fetched == {authors: [6, 0] for authors in settings}
    labelhouse.forget(warehouse, "canary@persons.example")
    assert [pull(server, warehouse).fetched for _ in range(2)] == [6, 0]
    assert rows(warehouse, people) == []
    assert people_in(warehouse) == {}
    with pytest.raises(UsageError, match="a folder keeps what Encord says"):
        pull(server, warehouse, authors="hash", to=tmp_path / "folder")
