"""Start child processes that obey only this one and that end with it, however it ends.

The parent writes lines to a child's stdin. That pipe breaks when the parent dies, on every system. The
child therefore listens to it at all times, even while it waits for a file that never answers.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

_PIECE_BYTES = 1 << 16


def started_child(module: str, arguments: Sequence[str] = ()) -> "subprocess.Popen[str]":
    """Start a module of this package as a process with pipes for lines of text.

    An interrupt from the keyboard goes to every process of a terminal. The child ignores it from its first
    moment on, and its parent ends it.
    """
    with _interrupts_blocked():
        return subprocess.Popen(
            [sys.executable, "-m", f"labelhouse.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            # On Windows there are no masks, but groups that the keyboard does not reach.
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block interrupts while the block starts a child, which inherits that; they wait for this process."""
    if os.name != "posix":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def lines_of_parent() -> Iterator[str]:
    """Return the lines that the parent writes; end this process at once when the parent has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True, name="parent").start()
    return (lines.get().decode() for _ in count())


def _listen(lines: "queue.SimpleQueue[bytes]") -> None:
    # sys.stdin does not fit: a thread that waits there holds a lock that the interpreter needs to end.
    started = b""
    while piece := os.read(0, _PIECE_BYTES):
        *whole, started = (started + piece).split(b"\n")
        for line in whole:
            lines.put(line)
    os._exit(1)
