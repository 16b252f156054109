"""Run a command and measure it from outside: wall and CPU seconds, peak memory."""

import contextlib
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
    *,
    wants_peak: bool = True,
) -> Measured:
    """Run a command to its end, or to its bounds, with nothing on its stdin.

    wait4 reports a child's own usage with that of every descendant that was waited for: CPU time as a
    sum, ru_maxrss as the largest. A child's ru_maxrss starts at the peak of the process that forks it,
    so this one has to stay small: raises RuntimeError if that would have hidden the child's own peak,
    where that is wanted.
    """
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as stdout,
        tempfile.TemporaryFile("w+", encoding="utf-8") as stderr,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=environment,
            # A group of its own, so that its descendants can be ended with it.
            start_new_session=True,
        )
        sampler = _Sampler(process.pid, bounds)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
        peak_bytes = usage.ru_maxrss * _MAXRSS_BYTES
        # A command that failed at once has no peak worth telling.
        if wants_peak and not process.returncode and peak_bytes <= _own_peak_bytes():
            raise RuntimeError("the measuring process is larger than the one it measures")
        stdout.seek(0)
        stderr.seek(0)
        return Measured(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_bytes=peak_bytes,
            tree_peak_bytes=sampler.peak_bytes,
            exit_code=process.returncode,
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
            found = _resident_bytes(self._pid)
            if found is not None:
                self.peak_bytes = max(self.peak_bytes or 0, found)
            if self._bounds is not None and self.stopped is None:
                self.stopped = _excess(self._bounds, time.perf_counter() - start, found or 0)
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


def _own_peak_bytes() -> int:
    """Return the peak resident memory of this program, without what it inherited from its parent."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES


def _resident_bytes(pid: int) -> int | None:
    """Return the resident memory of a process and its descendants, None if it cannot be told."""
    folder = Path("/proc", str(pid))
    try:
        pages = int((folder / "statm").read_text().split()[1])
        children = [
            int(child)
            for task in (folder / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (OSError, ValueError, IndexError):
        # It has ended, or the system has no /proc.
        return None
    return pages * _PAGE_BYTES + sum(_resident_bytes(child) or 0 for child in children)
