"""Run work in a thread that can open only some files, and that a signal or a time limit can stop."""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from labelhouse.errors import QueryError
from labelhouse.processes.landlock import restrict_this_thread
from labelhouse.reason_codes import ReasonCode

Returned = TypeVar("Returned")

STOP_S = 0.8
"""How long stopped work may go on before the thread is abandoned."""
_stuck: "set[ConfinedThread]" = set()
_POLL_S = 0.25
_STOP_AGAIN_S = 0.02


class ConfinedThread:
    """A thread that does one thing at a time, until `close` or the end of the process.

    All of its work together may take `timeout_s`.
    """

    def __init__(self, timeout_s: float | None = None) -> None:
        self._timeout_s = timeout_s
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._todo: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.is_stuck = False
        """Whether work goes on after it was stopped."""
        self._thread = threading.Thread(target=self._work, name="labelhouse-reader", daemon=True)
        self._thread.start()

    def confine(
        self, *, reading: Sequence[Path], writing: Sequence[Path], ports: Sequence[int] = ()
    ) -> bool:
        """Let the thread, and those that it starts from now on, open nothing else; see landlock.py."""
        return self.run(lambda: restrict_this_thread(reading=reading, writing=writing, ports=ports))

    def run(self, work: Callable[[], Returned], stop: Callable[[], object] = lambda: None) -> Returned:
        """Do some work in the thread and return its result, or raise what it raises.

        When a signal's exception comes, or the time is up, this thread calls `stop`, which has to make the
        work end soon. Raises QueryError when the time is up.
        """
        self._check_time()
        future: Future[Returned] = Future()
        self._todo.put(lambda: _settle(future, work))
        try:
            while not future.done():
                self._check_time()
                # Windows delivers no signal to a thread that waits for ever.
                wait([future], _POLL_S if self._deadline is None else self._wait_s())
        except BaseException:
            self._stop(future, stop)
            raise
        return future.result()

    def close(self, last: Callable[[], object] = lambda: None) -> None:
        """Do one last thing, however late, and end the thread; a stuck thread is left alone."""
        future: Future[object] = Future()
        self._todo.put(lambda: _settle(future, last))
        self._todo.put(None)
        if not self.is_stuck:
            self._thread.join()
            future.result()

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise QueryError(
                ReasonCode.QUERY_TIMEOUT,
                f"not done after {self._timeout_s:g} s",
                remedy="ask for less, or raise --timeout",
            )

    def _wait_s(self) -> float:
        assert self._deadline is not None
        return max(0.0, min(_POLL_S, self._deadline - time.monotonic()))

    def _stop(self, future: "Future[Returned]", stop: Callable[[], object]) -> None:
        # Repeated, because work that is stopped before it has begun still begins.
        end = time.monotonic() + STOP_S
        while not future.done() and time.monotonic() < end:
            stop()
            wait([future], _STOP_AGAIN_S)
        self.is_stuck = not future.done()
        if self.is_stuck:
            _stuck.add(self)

    def _work(self) -> None:
        while work := self._todo.get():
            work()


def leave_if_stuck(code: int) -> None:
    """End the process at once if stopped work still goes on: Python's own end would wait for it."""
    if _stuck:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _settle(future: "Future[Returned]", work: Callable[[], Returned]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 (raised again in the thread that waits)
        future.set_exception(error)
