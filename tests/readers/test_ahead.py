"""Reading ahead gives the same events, in the same order, and leaves no thread behind."""

import threading
from collections.abc import Generator, Iterator

import pytest
from labelhouse.coco.sections import Section
from labelhouse.errors import InputError
from labelhouse.readers.ahead import read_ahead
from labelhouse.readers.events import Block, DocumentEnd, DocumentStart, RawRecords, RowEvent
from labelhouse.reason_codes import ReasonCode


def reading() -> int:
    """Return how many threads read."""
    return sum("_read" in thread.name for thread in threading.enumerate())


def block(document: int) -> Block:
    return Block(Section.IMAGES, [], [document], {}, [], RawRecords(b""))


def events(documents: int, blocks: int) -> list[RowEvent]:
    """Return the events of documents, in groups with a block each."""
    listed: list[RowEvent] = []
    for group in range(blocks):
        numbers = range(group * documents, (group + 1) * documents)
        listed += [DocumentStart(number, in_list=True) for number in numbers]
        listed.append(block(group))
        listed += [DocumentEnd(number, frozenset(), {}) for number in numbers]
    return listed


@pytest.mark.parametrize("documents", [0, 1, 20, 500])
@pytest.mark.parametrize("blocks", [0, 1, 7])
def test_the_events_are_the_same(documents: int, blocks: int) -> None:
    listed = events(documents, blocks)
    read = list(read_ahead(iter(listed)))
    assert len(read) == len(listed)
    assert all(one is other for one, other in zip(read, listed, strict=True))
    assert reading() == 0


@pytest.mark.parametrize("documents", [1, 500])
def test_an_error_comes_after_the_events_before_it(documents: int) -> None:
    listed = events(documents, 3)

    def failing() -> Iterator[RowEvent]:
        yield from listed
        raise InputError(ReasonCode.TRUNCATED, "the document ends early")

    read: list[RowEvent] = []
    with pytest.raises(InputError, match="ends early"):
        read.extend(read_ahead(failing()))
    assert len(read) == len(listed)
    assert reading() == 0


@pytest.mark.parametrize("documents", [1, 500])
def test_whoever_stops_early_leaves_no_thread(documents: int) -> None:
    closed = []

    def endless() -> Generator[RowEvent, None, None]:
        try:
            while True:
                yield from events(documents, 2)
        finally:
            closed.append(True)

    source = endless()
    ahead = read_ahead(source)
    for _ in range(3):
        next(ahead)
    ahead.close()
    assert reading() == 0
    source.close()
    assert closed == [True]
