"""Ctrl-C ends a statement, whatever it does, with exit code 130 and one line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse.errors import QueryError
from labelhouse.processes.confined_thread import ConfinedThread

from tests.support.sets import choose, slow, some

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads a process's time from /proc")
ENDLESS = "select count(*) from range(1000000000) a, range(1000000000) b"
STATEMENTS = {
    "joins": ENDLESS,
    "sorts": "select i, repeat('x', 50) from range(80000000) t(i) order by hash(i)",
    "is one call of a function": "select regexp_replace(repeat('a', 300000000), '(a|b)*c', 'x', 'g')",
    "is fetched row by row": "from range(100000000000)",
}


def after_working(process: subprocess.Popen[str], seconds: float) -> None:
    """Return when a process has used so much time of the processor."""
    ticks = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / ticks >= seconds:
            return
    raise AssertionError("it ended too early")


@pytest.mark.parametrize("kind", some(STATEMENTS))
def test_an_interrupt_ends_a_query(one_unit: Path, tmp_path: Path, kind: str) -> None:
    command = ["query", STATEMENTS[kind], "--format", "csv", "--output", str(tmp_path / "out.csv")]
    process = subprocess.Popen(
        [sys.executable, "-m", "labelhouse", "--warehouse", str(one_unit), *command],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    after_working(process, choose(2.0, 3.0, 3.0))
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == (
        "labelhouse: INTERRUPTED: interrupted; what had been reported is done, the rest is not\n"
    )
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_in_the_first_moment_prints_one_line(one_unit: Path) -> None:
    """While the command line is loaded; before that it is Python that starts."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "labelhouse", "--warehouse", str(one_unit), "status"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith("labelhouse.errors"):
            process.send_signal(signal.SIGINT)
            break
    said = [line for line in process.communicate()[1].splitlines() if not line.startswith("import time:")]
    assert (process.returncode, said) == (130, ["labelhouse: INTERRUPTED: nothing was done"])


@slow
def test_a_time_limit_ends_a_query_with_one_line(one_unit: Path, tmp_path: Path) -> None:
    command = ["query", STATEMENTS["is one call of a function"], "--timeout", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "labelhouse", "--warehouse", str(one_unit), *command],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "labelhouse: QUERY_TIMEOUT: not done after 1 s; ask for less, or raise --timeout\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_comes_after_the_time_is_up_is_not_begun() -> None:
    thread = ConfinedThread(timeout_s=0.0)
    begun = []
    with pytest.raises(QueryError, match="not done after 0 s"):
        thread.run(lambda: begun.append(1))
    thread.close()
    assert not thread.is_stuck
