"""A shared warehouse when sessions, processes and answers are lost: no row twice, none missing."""

import random
import signal
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import labelhouse
import pytest
from labelhouse.ingestion.run import IngestResult
from labelhouse.manifest import StagedFile
from labelhouse.places.shared_place import SharedPlace
from labelhouse.warehouse.change import Change
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.recovery import recover

from tests.support.exports import unit
from tests.support.sets import choose, rounds, slow
from tests.support.team import Team, finished

AGE = "update labelhouse.runs set seen_at = seen_at - interval '10 minutes'"
"""Let the server see ten minutes pass."""
KILLED_BEFORE_COMMIT = """
import time
import labelhouse
from labelhouse.warehouse.change import Change

register = Change.register

def registered(change, files):
    register(change, files)
    print("registered", flush=True)
    time.sleep(600)

Change.register = registered
"""


def require_one_of_each(team: Team) -> None:
    """Check that no ingest, document or label is there twice, and that all files are what was written."""
    for table, key in (
        ("ingests", "ingest_id"),
        ("ingests", "ingest_number"),
        ("documents", "project, document_id"),
        ("annotations", "document_key, position"),
    ):
        assert team.rows(f"select count(*) - count(distinct ({key})) from {table}") == [(0,)], table
    assert labelhouse.verify(team.machine("reader")).findings == []


@slow
@pytest.mark.parametrize("times", choose([1], [1], [1, 5]), ids="{} times".format)
def test_loaders_whose_lock_s_session_is_ended_lose_nothing(team: Team, times: int) -> None:
    """Two loaders believe to hold the lock at once: the fence lets one commit; the other tries again."""
    labelhouse.ingest(team.machine("first"), team.write("first.json", [unit("first")]), jobs=1)
    sources = {
        name: [team.write(f"{name}{n}.json", [unit(f"{name}{n}")]) for n in range(3 * times)]
        for name in "ab"
    }
    loaders = [team.loader(name, name, sources[name]) for name in "ab"]
    ended = 0
    while any(loader.poll() is None for loader in loaders):
        ended += team.database.terminate_holder(team.name)
        time.sleep(0.15)
    reports = [report for loader in loaders for report in finished(loader)]
    assert ended > 2
    assert [report["status"] for report in reports] == ["committed"] * 6 * times
    assert team.rows("select count(*) from ingests where status = 'committed'") == [(6 * times + 1,)]
    require_one_of_each(team)


@slow
def test_sessions_that_end_around_commit_are_told_as_they_are(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome that is reported is the one in the ledger, wherever the sessions end."""
    shared = team.machine()
    chance = random.Random(7)
    labelhouse.ingest(shared, team.write("first.json", [unit("first")]), jobs=1)
    endings: list[int] = []
    register = Change.register

    def registered(change: Change, files: object) -> None:
        register(change, files)  # type: ignore[arg-type]
        if len(endings) < 1:
            delay = chance.uniform(0, 0.25)
            endings.append(1)
            threading.Timer(delay, lambda: team.database.terminate(team.name)).start()

    monkeypatch.setattr(Change, "register", registered)
    outcomes: dict[str, str] = {}
    count = rounds("SESSION_ENDS", 5, 10, 200)
    for number in range(count):
        endings.clear()
        name = f"u{number}"
        source = team.write(f"{name}.json", [unit(name)])
        try:
            [report] = labelhouse.ingest(shared, source, jobs=1).reports
            outcomes[name] = report.status
        except labelhouse.LabelhouseError as error:
            outcomes[name] = error.code.value
        time.sleep(0.3)
    monkeypatch.setattr(Change, "register", register)
    # What was left open is recorded by the next load.
    labelhouse.ingest(shared, team.write("last.json", [unit("last")]), jobs=1)
    held = {name for (name,) in team.rows("select document_id from documents")}
    assert {name for name, status in outcomes.items() if status == "committed"} == held - {"first", "last"}
    assert list(outcomes.values()).count("committed") > count / 2, outcomes
    require_one_of_each(team)


@slow
def test_what_a_killed_loader_left_is_recorded_by_another_machine(team: Team) -> None:
    """The dead one's workspace is not there any more, as after the loss of a machine."""
    first, other = team.machine("first"), team.machine("other")
    labelhouse.ingest(first, team.write("a.json", [unit("a")]), jobs=1)
    source = team.write("b.json", [unit("b")])
    script = (
        KILLED_BEFORE_COMMIT + f"labelhouse.ingest({str(team.machine('lost'))!r}, {str(source)!r}, jobs=1)"
    )
    loader = team.run(script)
    assert loader.stdout is not None
    assert loader.stdout.readline() == "registered\n"
    loader.send_signal(signal.SIGKILL)
    loader.communicate()
    [(ingest_id,)] = team.side("select ingest_id from labelhouse.attempts where ended_at is null")
    assert [key for key in team.objects() if ingest_id in key]
    # A process that may live is left alone.
    labelhouse.ingest(other, team.write("c.json", [unit("c")]), jobs=1)
    assert team.rows(f"select count(*) from ingests where ingest_id = '{ingest_id}'") == [(0,)]
    team.side(AGE)
    labelhouse.ingest(other, team.write("d.json", [unit("d")]), jobs=1)
    recorded = f"select status, error_code from ingests where ingest_id = '{ingest_id}'"
    assert team.rows(recorded) == [("rejected", "INTERRUPTED")]
    assert [key for key in team.objects() if ingest_id in key] == []
    assert team.side("select count(*) from labelhouse.attempts where ended_at is null") == [(0,)]
    assert team.side("select count(*) from labelhouse.runs") == [(0,)]
    labelhouse.ingest(other, source, project="lost", jobs=1)
    require_one_of_each(team)


@slow
def test_loaders_that_are_killed_at_any_moment_are_recovered_elsewhere(team: Team) -> None:
    chance = random.Random(3)
    labelhouse.ingest(team.machine("first"), team.write("first.json", [unit("first")]), jobs=1)
    for number in range(rounds("SHARED_KILLS", 3, 5, 40)):
        sources = [team.write(f"{number}-{n}.json", [unit(f"u{number}-{n}")]) for n in range(3)]
        loader = team.loader(f"m{number}", "killed", sources)
        time.sleep(chance.uniform(1.0, 5.0))
        loader.send_signal(signal.SIGKILL)
        loader.communicate()
        team.side(AGE)
        labelhouse.ingest(
            team.machine("other"), team.write(f"o{number}.json", [unit(f"o{number}")]), jobs=1
        )
        labelhouse.ingest(team.machine("other"), sources, project="killed", jobs=1)
        require_one_of_each(team)
    assert team.side("select count(*) from labelhouse.attempts where ended_at is null") == [(0,)]
    labelhouse.maintain(team.machine("other"), grace_hours=0)
    known = {path for (path,) in team.side("select path from labelhouse.checksums")}
    assert {key for key in team.objects() if key.endswith(".parquet")} <= known


def test_a_process_that_others_took_for_dead_does_not_commit(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelhouse.ingest(team.machine("other"), team.write("a.json", [unit("a")]), jobs=1)
    sent, may_go_on = threading.Event(), threading.Event()
    send_ahead = SharedPlace.send_ahead

    def sent_ahead(place: SharedPlace, files: Sequence[StagedFile]) -> None:
        send_ahead(place, files)
        sent.set()
        assert may_go_on.wait(60)

    monkeypatch.setattr(SharedPlace, "send_ahead", sent_ahead)
    source = team.write("c.json", [unit("c")])
    results: list[IngestResult] = []
    loading = threading.Thread(
        target=lambda: results.append(labelhouse.ingest(team.machine("slow"), source, jobs=1))
    )
    loading.start()
    assert sent.wait(60)
    team.side(AGE)
    with open_warehouse(team.machine("other")) as other:
        assert recover(other) == 1
    may_go_on.set()
    loading.join()
    [report] = results[0].reports
    assert report.status == "rejected"
    assert report.error is not None
    assert report.error.code.value == "INTERRUPTED"
    assert "gave no sign for 60 s" in str(report.error)
    assert team.rows("select count(*) from documents where document_id = 'c'") == [(0,)]
    assert [key for key in team.objects() if "-000002-" in key and "ingests" not in key] == []
    require_one_of_each(team)


@slow
def test_two_changes_without_any_lock_never_both_commit(
    team: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The fence alone decides, as it does when the lock has been given to two processes."""
    from labelhouse.places.advisory_lock import AdvisoryLock

    def granted(lock: AdvisoryLock, timeout_s: float) -> bool:
        lock.count += 1
        return True

    def released(lock: AdvisoryLock) -> None:
        lock.count -= 1

    labelhouse.ingest(team.machine("first"), team.write("first.json", [unit("first")]), jobs=1)
    monkeypatch.setattr(AdvisoryLock, "acquired", granted)
    monkeypatch.setattr(AdvisoryLock, "release", released)
    results: dict[str, str] = {}

    def load(name: str) -> None:
        source = team.write(f"{name}.json", [unit(name)])
        [report] = labelhouse.ingest(team.machine(name), source, jobs=1).reports
        results[name] = report.status

    threads = [threading.Thread(target=load, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys("abc", "committed")
    assert team.rows(
        "select snapshot_id is not null, count(distinct snapshot_id) from ingests group by 1"
    ) == [(True, 4)]
    require_one_of_each(team)
