"""Report which functions of Labelhouse take the main thread's time, without slowing them.

An interval timer interrupts the main thread; a signal is handled where the interpreter comes back from
whatever C function ran, still in the frame that called it, and the sample weighs the time since the
last one. A long call into C is therefore counted whole, and where it belongs.
"""

import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

_INTERVAL_S = 0.001
_PACKAGE = "labelhouse."


@dataclass(slots=True)
class Profile:
    """Seconds of the main thread by place, `module.function` of the innermost frame that is ours.

    Frames of `inner` modules are places of their own, even where ours called them. `threads_s` is the
    CPU time of all other threads, known if CPU time is sampled.
    """

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    total_s: float = 0.0
    threads_s: float = 0.0

    def dearest(self, count: int) -> list[tuple[str, float]]:
        """Return the places that took longest."""
        return sorted(self.seconds.items(), key=lambda item: -item[1])[:count]


@contextmanager
def sampled(
    clock: Callable[[], float] = time.thread_time, inner: frozenset[str] = frozenset()
) -> Iterator[Profile]:
    """Sample the block; `clock` is what weighs, CPU time of this thread or time.perf_counter."""
    profile = Profile()
    last = clock()

    def take(_: int, frame: FrameType | None) -> None:
        nonlocal last
        now = clock()
        profile.seconds[_place(frame, inner)] += now - last
        last = now

    start, process_start = last, time.process_time()
    previous = signal.signal(signal.SIGALRM, take)
    signal.setitimer(signal.ITIMER_REAL, _INTERVAL_S, _INTERVAL_S)
    try:
        yield profile
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
        profile.total_s = clock() - start
        profile.seconds["(rest)"] += clock() - last
        if clock is time.thread_time:
            profile.threads_s = time.process_time() - process_start - profile.total_s


def _place(frame: FrameType | None, inner: frozenset[str]) -> str:
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module in inner:
            return module
        if module.startswith(_PACKAGE):
            name = frame.f_code.co_qualname if sys.version_info >= (3, 11) else frame.f_code.co_name
            return f"{module.removeprefix(_PACKAGE)}.{name}"
        frame = frame.f_back
    return "(other)"
