"""Read the ranges of labels, classifications and answers; they are never taken apart into frames."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json

_UNITS = {
    "audio": "ms",
    "time_series": "ms",
    "text": "character",
    "pdf": "page",
}
"""What the numbers of ranges count, by media type; frames elsewhere."""
_MOST = 2**63


def unit_of(media_type: str | None) -> str:
    """Return what a range of data of a media type counts."""
    return _UNITS.get(media_type or "", "frame")


def range_rows(value: Json, unit: str, space: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a list of ranges; a range of HTML is a row of JSON without numbers."""
    for one in value if isinstance(value, list) else ():
        row: dict[str, Any] = {
            "range_start": None,
            "range_end": None,
            "unit": unit,
            "html": None,
            "space": space,
        }
        if pair := pair_of(one):
            row |= {"range_start": pair[0], "range_end": pair[1]}
        else:
            row |= {"unit": "html", "html": json_text(one)}
        yield row


def pair_of(value: Json) -> tuple[int, int] | None:
    """Return a range of numbers that columns can hold; None for another value.

    >>> pair_of([3, 5]), pair_of([{"xpath": "/p", "offset": 1}, None])
    ((3, 5), None)
    """
    if not isinstance(value, list) or len(value) != 2:
        return None
    start, end = value
    if type(start) is not int or type(end) is not int:
        return None
    return (start, end) if min(start, end) >= -_MOST and max(start, end) < _MOST else None


class FrameRanges:
    """Collect the frames that something is on, and join those that follow each other."""

    def __init__(self) -> None:
        self._frames = array("q")

    def add(self, frame: int) -> None:
        """Add a frame."""
        self._frames.append(frame)

    def ranges(self) -> list[Json]:
        """Return the ranges, in order.

        >>> frames = FrameRanges()
        >>> for frame in (4, 1, 2, 3, 9):
        ...     frames.add(frame)
        >>> frames.ranges()
        [[1, 4], [9, 9]]
        """
        frames = np.unique(np.frombuffer(self._frames, np.int64)) if self._frames else np.zeros(0, np.int64)
        gaps = np.flatnonzero(np.diff(frames) > 1)
        starts = frames[np.concatenate(([0], gaps + 1))] if frames.size else frames
        ends = frames[np.concatenate((gaps, [frames.size - 1]))] if frames.size else frames
        return [[start, end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


class Segments:
    """Which of several things with ranges hold on a frame: the answer changes at few frames only."""

    def __init__(self, ranges: Sequence[Json]) -> None:
        self._ranges = [
            [pair for one in value if (pair := pair_of(one))] if isinstance(value, list) else []
            for value in ranges
        ]
        bounds = {edge for each in self._ranges for start, end in each for edge in (start, end + 1)}
        self._bounds = sorted(bounds)

    def number(self, frame: int | None) -> int:
        """Return the number of the segment that a frame is in."""
        return 0 if frame is None else bisect_right(self._bounds, frame)

    def active(self, number: int) -> list[int]:
        """Return the indices of what holds in a segment."""
        if not number:
            return []
        frame = self._bounds[number - 1]
        return [
            index
            for index, each in enumerate(self._ranges)
            if any(start <= frame <= end for start, end in each)
        ]
