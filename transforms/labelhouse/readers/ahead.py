"""Read ahead in a thread: while one block is staged, the next is read."""

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import TypeAlias

from labelhouse.readers.events import Block, CompiledBlock, DocumentBlock, RowEvent

_BLOCKS = 2
"""At most this many blocks wait."""
_MANY = 64
"""With more events than this between two blocks, two threads would wait for Python's lock by turns."""

_Taken: TypeAlias = list[RowEvent] | BaseException | None


def read_ahead(events: Iterator[RowEvent]) -> Generator[RowEvent, None, None]:
    """Yield events that a thread reads; what it raises comes after the events before it.

    Compiled code holds no lock of Python's, so it runs beside other work of the process. Where many small
    documents come, the thread ends, and the rest is read without it. The thread ends before this iterator
    does, however that ends.
    """
    queue: Queue[_Taken] = Queue(_BLOCKS)
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
            with suppress(Empty):
                queue.get(timeout=0.01)
        thread.join()
    yield from events


def _read(events: Iterator[RowEvent], queue: "Queue[_Taken]", is_over: threading.Event) -> None:
    """Put events into the queue, block by block, until there are too many between two blocks."""
    waiting: list[RowEvent] = []
    last: BaseException | None = None
    try:
        for event in events:
            waiting.append(event)
            if isinstance(event, Block | CompiledBlock | DocumentBlock):
                queue.put(waiting)
                waiting = []
                if is_over.is_set():
                    return
            elif len(waiting) > _MANY:
                break
    except BaseException as error:  # noqa: BLE001  (it is raised where the events are taken)
        last = error
    queue.put(waiting)
    queue.put(last)
