"""A process that changes the warehouse again and again lets others in between."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse.errors import WarehouseBusyError
from labelhouse.files.fair_lock import FairLock
from labelhouse.warehouse.opening import open_warehouse

GREEDY = """
import sys
from pathlib import Path
from filelock import FileLock, Timeout
from labelhouse.files.fair_lock import FairLock

folder = Path(sys.argv[1])
lock = FairLock(folder / "lock")
for number in range(12):
    assert lock.acquired(60)
    with (folder / "log").open("a") as log:
        log.write("A")
    if number == 3:
        print("held", flush=True)
        while True:
            try:
                FileLock(folder / "lock.turn").acquire(timeout=0).lock.release()
            except Timeout:
                break
    lock.release()
"""


def test_a_process_that_waits_comes_before_the_one_that_has_had_the_lock(tmp_path: Path) -> None:
    lock = FairLock(tmp_path / "lock")
    with subprocess.Popen([sys.executable, "-c", GREEDY, tmp_path], stdout=subprocess.PIPE) as greedy:
        assert greedy.stdout is not None
        assert greedy.stdout.readline() == b"held\n"
        assert lock.acquired(60)
        with (tmp_path / "log").open("a") as log:
            log.write("B")
        lock.release()
    assert greedy.returncode == 0
    assert (tmp_path / "log").read_text() == "AAAAB" + 8 * "A"
    assert lock.waited_s > 0


def test_a_process_that_dies_while_it_waits_or_holds_stops_nobody(tmp_path: Path) -> None:
    held = FairLock(tmp_path / "lock")
    assert held.acquired(0)
    wait = "import sys; from labelhouse.files.fair_lock import *; FairLock(Path(sys.argv[1])).acquired(600)"
    with subprocess.Popen([sys.executable, "-c", wait, tmp_path / "lock"]) as waiting:
        turn = FairLock(tmp_path / "lock.turn")
        while turn.acquired(0):
            turn.release()
            assert waiting.poll() is None
        waiting.kill()
    held.release()
    assert held.acquired(10)
    held.release()
    hold = wait.replace("600)", "600); import os; os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", hold, tmp_path / "lock"])
    assert held.acquired(10)


def test_the_lock_is_taken_twice_by_the_process_that_holds_it(tmp_path: Path) -> None:
    lock, other = FairLock(tmp_path / "lock"), FairLock(tmp_path / "lock")
    assert lock.acquired(0)
    assert lock.acquired(0)
    lock.release()
    assert (lock.count, other.acquired(0)) == (1, False)
    lock.release()
    assert (lock.count, other.acquired(0)) == (0, True)


def test_who_waits_too_long_is_told_for_whom(warehouse: Path) -> None:
    with open_warehouse(warehouse) as first, open_warehouse(warehouse) as second, first.lock():
        with pytest.raises(WarehouseBusyError) as caught, second.lock(timeout_s=0.2):
            pass
        assert f"process {os.getpid()} on " in str(caught.value)
        assert caught.value.retryable
        assert second.waited_s > 0.1
