"""Report how much memory and how many cores this process can use."""

import os
from pathlib import Path

_UNKNOWN_BYTES = 8 << 30
_CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def half_of_memory() -> int:
    """Return half of the bytes that the system has, or that this container may use."""
    try:
        there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        there = _UNKNOWN_BYTES
    for path in _CONTAINER_LIMITS:
        try:
            there = min(there, int(Path(path).read_text(encoding="ascii")))
        except (OSError, ValueError):
            continue
    return there // 2


def available_cores() -> int:
    """Return how many cores the process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
