"""Pipes, devices and files of the system as sources are refused at once; no process outlives its parent."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse.manifest import ParseTask
from labelhouse.processes.children import started_child

from tests.support.aliases import Load, Write
from tests.support.exports import unit
from tests.support.sets import slow

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes with names")
REMEDY = "write what it gives to a file and load that; zip and gzip are read as they are"


def command(warehouse: Path, *sources: object) -> list[str]:
    return [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", *map(str, sources)]


@pytest.fixture
def good(write: Write) -> str:
    return write("good.json", [unit("a")])


def test_what_is_no_file_is_refused_at_once_and_costs_only_itself(
    load: Load, good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.json")
    os.mkfifo("other")
    (tmp_path / "link.json").symlink_to("other")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("socket")
    odd = {
        "pipe.json": "a pipe",
        "link.json": "a pipe",
        "socket": "a socket",
        "/dev/zero": "a device",
        "/dev/null": "a device",
    }
    if Path("/proc/self/maps").exists():
        odd |= dict.fromkeys(
            ("/proc/self/maps", "/proc/kmsg", "/sys/kernel/notes"), "made up by the system"
        )
    with listener:
        *reports, last = load(*odd, good)
    assert [(report.source, str(report.error)) for report in reports] == [
        (source, f"{source}: {kind}, not a file; {REMEDY}") for source, kind in odd.items()
    ]
    assert {report.error.code for report in reports if report.error} == {"SOURCE_UNREADABLE"}
    assert last.status == "committed"


@slow
def test_what_the_shell_hands_over_is_a_file_or_is_refused(good: str, tmp_path: Path) -> None:
    with open(good, "rb") as file:
        read = subprocess.run(
            command(tmp_path / "w", "/dev/stdin"), stdin=file, capture_output=True, text=True
        )
    assert (read.returncode, read.stderr) == (0, "")
    assert read.stdout.startswith(f"{good}: committed") or "committed" in read.stdout
    line = " ".join(f"'{part}'" for part in command(tmp_path / "w"))
    piped = subprocess.run(
        ["bash", "-c", f"{line} <(cat '{good}')"], capture_output=True, text=True, timeout=60
    )
    assert piped.returncode == 1
    assert piped.stderr.startswith("labelhouse: SOURCE_UNREADABLE: /dev/fd/")
    assert piped.stderr.endswith(f": a pipe, not a file; {REMEDY}\n")


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that takes seconds to parse."""
    path = tmp_path_factory.mktemp("long") / "long.json"
    path.write_text(json.dumps([unit("long", labels=60_000)]))
    return path


def test_a_parsing_process_ends_with_its_parent_in_the_middle_of_a_source(
    long: Path, tmp_path: Path
) -> None:
    task = ParseTask(str(long), str(long), "x", "p", "id", 1, str(tmp_path), reader="ijson")
    worker = started_child("ingestion.parse_process", ["1"])
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(dataclasses.asdict(task)) + "\n")
    worker.stdin.flush()
    assert "progress" in json.loads(worker.stdout.readline())
    worker.stdin.close()
    assert worker.wait(timeout=60) == 1
    # Until its decoding process, which has this pipe too, has ended as well.
    assert "staged" not in worker.stdout.read()
    worker.stdout.close()


@slow
def test_a_killed_ingest_leaves_no_process(long: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*command(tmp_path / "w", long), "--reader", "ijson", "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    # The record of the ingest is there: the processes have been started.
    while not list((tmp_path / "w" / "staging").glob("run-*/1.json")):
        assert process.poll() is None
    process.kill()
    # It ends when the last process that has it ends.
    assert process.communicate(timeout=60)[1] == b""


def test_children_are_deaf_to_interrupts_from_their_first_moment_on(good: str, tmp_path: Path) -> None:
    workers = [started_child("ingestion.parse_process", ["1"]) for _ in range(3)]
    for worker in workers:
        os.kill(worker.pid, signal.SIGINT)
    for number, worker in enumerate(workers):
        folder = tmp_path / str(number)
        folder.mkdir()
        task = ParseTask(good, good, "x", "p", "id", 1, str(folder))
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(dataclasses.asdict(task)) + "\n")
        worker.stdin.flush()
        assert "staged" in json.loads(worker.stdout.readline())
        worker.stdin.close()
        worker.stdout.close()
        assert worker.wait(timeout=60) == 1
