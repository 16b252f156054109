"""Read ahead in a thread: while one block is staged, the next is read."""

import threading
from collections.abc import Iterator
from queue import Empty, Queue
from typing import TypeVar

from labelhouse.readers.events import Block, CompiledBlock, RowEvent

_BLOCKS = 2
"""At most this many blocks wait."""
_EVENTS = 256
"""Events without a block are handed over in portions of this size."""

Read = TypeVar("Read")


def read_ahead(events: Iterator[RowEvent]) -> Iterator[RowEvent]:
    """Yield events that a thread reads; what it raises comes after the events before it.

    The thread ends before this iterator does, however that ends. Decoding in compiled code runs beside
    other work of the process, because it holds no lock of Python's.
    """
    queue: Queue[list[RowEvent] | BaseException | None] = Queue(_BLOCKS)
    is_over = threading.Event()
    thread = threading.Thread(target=_read, args=(events, queue, is_over), daemon=True)
    thread.start()
    try:
        while (taken := queue.get()) is not None:
            if isinstance(taken, BaseException):
                raise taken
            yield from taken
    finally:
        is_over.set()
        while thread.is_alive():
            try:
                queue.get(timeout=0.01)
            except Empty:
                continue
        thread.join()


def _read(
    events: Iterator[RowEvent],
    queue: "Queue[list[RowEvent] | BaseException | None]",
    is_over: threading.Event,
) -> None:
    last: BaseException | None = None
    try:
        waiting: list[RowEvent] = []
        for event in events:
            waiting.append(event)
            if isinstance(event, Block | CompiledBlock) or len(waiting) >= _EVENTS:
                queue.put(waiting)
                waiting = []
                if is_over.is_set():
                    return
        queue.put(waiting)
    except BaseException as error:  # noqa: BLE001  (it is raised where the events are taken)
        if waiting:
            queue.put(waiting)
        last = error
    queue.put(last)
