"""Kill a refresh at any moment: the marts are as before or as after, and the next refresh needs no hand."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.recovery import recover

from tests.marts.test_marts import marts
from tests.support.exports import unit
from tests.support.loading import Loader
from tests.support.sets import rounds, slow

ROUNDS = rounds("KILLS", 2, 8, 200) // 2
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


@slow
def test_a_killed_refresh_leaves_the_old_or_the_new_marts(tmp_path: Path, warehouse: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    with Loader(warehouse, tmp_path) as loader:
        loader.load([unit(f"d{n}", labels=20) for n in range(5)])
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "refresh"]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    refresh_s = time.monotonic() - start
    states = {0: marts(warehouse)}
    killed = 0
    for number in range(1, ROUNDS + 1):
        with Loader(warehouse, tmp_path) as loader:
            loader.load([unit(f"d{n}", labels=20 + number) for n in range(5)])
        before = states[number - 1]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        # One kill in each part of the time that a refresh takes.
        time.sleep(chance.uniform(number - 1, number) / ROUNDS * refresh_s)
        os.killpg(process.pid, signal.SIGKILL)
        acknowledged = b"refreshed" in process.communicate()[0]
        killed += process.returncode == -signal.SIGKILL
        marts_after = marts(warehouse)
        refresh_marts(warehouse)
        states[number] = marts(warehouse)
        assert marts_after in (before, states[number])
        assert not acknowledged or marts_after == states[number]
        with connect(warehouse) as connection:
            assert connection.execute("select label_count from class_balance").fetchall() == [
                (5 * (20 + number),)
            ]
    assert killed, "every kill came too late"
    with open_warehouse(warehouse) as opened:
        recover(opened)
    assert not [path for path in (warehouse / "staging").rglob("*") if path.is_file()]
    assert verify(warehouse).findings == []


KILLED_BEFORE_ITS_COMMIT = """
import os, signal, sys
import labelhouse.marts.refresh
import labelhouse.warehouse.change
labelhouse.warehouse.change.set_commit_message = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
labelhouse.marts.refresh.refresh_marts(sys.argv[1])
"""


@slow
def test_files_of_a_refresh_that_was_killed_before_its_commit_are_swept(
    tmp_path: Path, warehouse: Path
) -> None:
    def files() -> set[Path]:
        return set((warehouse / "data").rglob("run-*.parquet"))

    with Loader(warehouse, tmp_path) as loader:
        loader.load([unit("a")])
    refresh_marts(warehouse)
    registered = files()
    with Loader(warehouse, tmp_path) as loader:
        loader.load([unit("a", shift=1), unit("b")])
    before = marts(warehouse)
    done = subprocess.run([sys.executable, "-c", KILLED_BEFORE_ITS_COMMIT, str(warehouse)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert files() > registered
    assert marts(warehouse) == before
    with open_warehouse(warehouse) as opened:
        recover(opened)
    assert files() == registered
    assert refresh_marts(warehouse).documents_added == 2
    assert verify(warehouse).findings == []
