"""Run a command and measure it from outside: wall and CPU seconds, peak memory."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_S = 0.02
_LAUNCHER = Path(__file__).absolute().with_name("measured_child.py")
_PAGE_BYTES = resource.getpagesize()
# ru_maxrss counts bytes on macOS and KiB elsewhere.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command took.

    `cpu_seconds` are those of the process and all its descendants. `peak_bytes` is the peak resident
    memory of the largest single process among them; `tree_peak_bytes` that of all of them together,
    sampled (pages that processes share count once each), None where there is no /proc.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    tree_peak_bytes: int | None
    exit_code: int
    output: str
    errors: str
    stopped: str | None = None
    """Why it was ended before its time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a command and its descendants may take before they are ended."""

    seconds: float = 600
    bytes: int = 8 << 30


def measure(
    command: Sequence[str],
    bounds: Bounds | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run a command to its end, or to its bounds, with nothing on its stdin.

    wait4 reports a child's own usage with that of every descendant that was waited for: CPU time as a
    sum, ru_maxrss as the largest. A child's ru_maxrss starts at the peak of the process that forks it,
    so a small process in between does that. The CPU time of a stopped command is not
    known (0), and its peak is what was sampled of all processes together.

    Commands keep the byte code of modules, as an installed program has it, even if the environment says
    otherwise: compiling them takes half a second.
    """
    environment = dict(os.environ if environment is None else environment)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as stdout,
        tempfile.TemporaryFile("w+", encoding="utf-8") as stderr,
        tempfile.TemporaryDirectory() as folder,
    ):
        result = Path(folder, "measured.json")
        launcher = [sys.executable, "-S", "-E", str(_LAUNCHER), str(result)]
        start = time.perf_counter()
        process = subprocess.Popen(
            [*launcher, *command],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            # A group of its own, so that its descendants can be ended with it.
            start_new_session=True,
        )
        sampler = _Sampler(process.pid, bounds)
        sampler.start()
        process.wait()
        sampler.stop()
        figures = {
            "seconds": time.perf_counter() - start,
            "cpu_seconds": 0.0,
            "maxrss": 0,
            "exit_code": process.returncode,
        }
        if not sampler.stopped:
            figures = json.loads(result.read_text(encoding="utf-8"))
        stdout.seek(0)
        stderr.seek(0)
        return Measured(
            seconds=figures["seconds"],
            cpu_seconds=figures["cpu_seconds"],
            peak_bytes=int(figures["maxrss"]) * _MAXRSS_BYTES or sampler.peak_bytes or 0,
            tree_peak_bytes=sampler.peak_bytes,
            exit_code=int(figures["exit_code"]),
            output=stdout.read(),
            errors=stderr.read(),
            stopped=sampler.stopped,
        )


class _Sampler(threading.Thread):
    """Add up the resident memory of a process and its descendants again and again; end what is too much."""

    def __init__(self, pid: int, bounds: Bounds | None) -> None:
        super().__init__(daemon=True)
        self.peak_bytes: int | None = None
        self.stopped: str | None = None
        self._pid = pid
        self._bounds = bounds
        self._ended = threading.Event()

    def run(self) -> None:
        start = time.perf_counter()
        while not self._ended.wait(_SAMPLE_S):
            tree_bytes = _descendants_bytes(self._pid)
            if tree_bytes is not None:
                self.peak_bytes = max(self.peak_bytes or 0, tree_bytes)
            if self._bounds is not None and self.stopped is None:
                self.stopped = _excess(self._bounds, time.perf_counter() - start, tree_bytes or 0)
                if self.stopped:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(self._pid, signal.SIGKILL)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _excess(bounds: Bounds, seconds: float, held: int) -> str | None:
    """Say which bound is exceeded, if any is."""
    if seconds > bounds.seconds:
        return f"stopped after {bounds.seconds:,.0f} s"
    if held > bounds.bytes:
        return f"stopped at {bounds.bytes / 2**30:.0f} GiB of memory"
    return None


def _descendants_bytes(pid: int) -> int | None:
    """Return the resident memory of all descendants of a process, None if it is not known."""
    try:
        children = [
            int(child)
            for task in Path("/proc", str(pid), "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, ValueError):
        # It has ended, or the system has no /proc.
        return None
    return sum(_resident_bytes(child) for child in children)


def _resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and its descendants; 0 if it has ended."""
    try:
        pages = int(Path("/proc", str(pid), "statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * _PAGE_BYTES + (_descendants_bytes(pid) or 0)
