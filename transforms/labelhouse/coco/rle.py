"""Read COCO's compressed run lengths."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

RUN_LENGTH_LIST = re.compile(r"\[[0-9,]*\]")
"""Run lengths as a JSON list; a compressed text has no comma, and rarely looks like a list."""
_GROUPS = bytes(range(48, 112))
_MAX_GROUPS = 12
PORTION_BYTES = 64 << 10
"""Bytes of text that are decoded at a time; decoding takes some hundred bytes of memory for each."""


def is_run_lengths(text: str) -> bool:
    """Return whether a text holds run lengths, compressed or as a list.

    >>> is_run_lengths("0@1o"), is_run_lengths("[0,12,3]"), is_run_lengths("a text")
    (True, True, False)
    """
    return text.isascii() and (
        not text.encode().translate(None, _GROUPS) or RUN_LENGTH_LIST.fullmatch(text) is not None
    )


def mask_pixels(masks: Sequence[str]) -> list[int | None]:
    """Return the sum of the run lengths in each text; None for a text that is not such a list.

    A text is a list of integers in groups of five bits, low bits first, each in a character from `0` on.
    Bit six says that the integer goes on; its last group gives the sign. From the fourth run on each
    integer is the difference to the run before the last (rleToString of pycocotools).

    `52203` has the runs 5, 2, 2, and then 2 + 0 and 2 + 3.

    >>> mask_pixels(["52203", "", "o", "a text"])
    [16, 0, None, None]
    """
    texts = [mask.encode("utf-8", "surrogatepass") for mask in masks]
    sound = [_is_sound(text) for text in texts]
    readable = [text for text, good in zip(texts, sound, strict=True) if good and text]
    sums = chain.from_iterable(map(_sums, _portions(readable)))
    return [(next(sums) if text else 0) if good else None for text, good in zip(texts, sound, strict=True)]


def mask_box(counts: str, height: int) -> tuple[float, float, float, float] | None:
    """Return the box around a mask: left, top, width and height; None for an empty or unreadable one.

    Runs go down the columns of an image of `height` pixels, and every second run is the mask.

    >>> mask_box("[5,2,2,1]", 4)
    (1.0, 1.0, 2.0, 2.0)
    >>> mask_box("5221", 4) == mask_box("[5,2,2,3]", 4), mask_box("[16]", 4)
    (True, None)
    """
    runs = run_lengths(counts)
    if runs is None or height <= 0:
        return None
    bounds = np.cumsum(runs)
    starts, ends = bounds[0:-1:2], bounds[1::2]
    is_there = ends > starts
    starts, lasts = starts[is_there], ends[is_there] - 1
    if not starts.size:
        return None
    left, right = starts.min() // height, lasts.max() // height
    if (starts // height != lasts // height).any():
        top, bottom = 0, height - 1
    else:
        top, bottom = (starts % height).min(), (lasts % height).max()
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)


def run_lengths(counts: str) -> list[int] | None:
    """Return the run lengths of a text; None if it is not such a list."""
    if RUN_LENGTH_LIST.fullmatch(counts):
        return [int(run) for run in counts[1:-1].split(",") if run]
    text = counts.encode("utf-8", "surrogatepass")
    if not text or not _is_sound(text):
        return None
    runs: list[int] = []
    value, shift = 0, 0
    for code in text:
        group = code - 48
        value |= (group & 0x1F) << shift
        shift += 5
        if not group & 0x20:
            value -= (1 << shift) if group & 0x10 else 0
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value, shift = 0, 0
    return runs


def run_text(runs: Sequence[int]) -> str:
    """Return run lengths as COCO's compressed text.

    >>> run_text([5, 2, 2, 2, 5]), run_lengths(run_text([0, 100_000, 3, 1]))
    ('52203', [0, 100000, 3, 1])
    """
    groups = bytearray()
    for place, run in enumerate(runs):
        value = run - (runs[place - 2] if place > 2 else 0)
        while True:
            group = value & 0x1F
            value >>= 5
            goes_on = value != (-1 if group & 0x10 else 0)
            groups.append(48 + (group | 0x20 if goes_on else group))
            if not goes_on:
                break
    return groups.decode("ascii")


def _is_sound(text: bytes) -> bool:
    """Return whether all characters of a text are groups, and the last one ends an integer."""
    return not text.translate(None, _GROUPS) and (not text or (text[-1] - 48) & 0x20 == 0)


def _portions(texts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield consecutive texts in portions of about PORTION_BYTES."""
    start, size = 0, 0
    for index, text in enumerate(texts):
        size += len(text)
        if size >= PORTION_BYTES:
            yield texts[start : index + 1]
            start, size = index + 1, 0
    if start < len(texts):
        yield texts[start:]


def _sums(texts: Sequence[bytes]) -> list[int | None]:
    """Return the sums of sound texts that are not empty, all decoded at once."""
    joined, lengths = b"".join(texts), list(map(len, texts))
    codes = np.frombuffer(joined, dtype=np.uint8).astype(np.int64) - 48
    ends = np.flatnonzero((codes & 0x20) == 0)
    starts = np.concatenate(([0], ends[:-1] + 1))
    groups = ends - starts + 1
    places = np.arange(codes.size) - np.repeat(starts, groups)
    values = np.add.reduceat((codes & 0x1F) << (5 * np.minimum(places, _MAX_GROUPS)), starts)
    values -= np.where((codes[ends] & 0x10) != 0, np.int64(1) << (5 * np.minimum(groups, _MAX_GROUPS)), 0)
    # Runs of each text: its integers, numbered from 0.
    bounds = np.searchsorted(ends, np.cumsum(lengths))
    firsts = np.concatenate(([0], bounds[:-1]))
    counts = bounds - firsts
    numbers = np.arange(values.size) - np.repeat(firsts, counts)
    # Run 0 stands by itself; a difference counts in its own run and in every second one after it.
    weights = np.where(numbers == 0, 1, (np.repeat(counts, counts) - 1 - numbers) // 2 + 1)
    totals = np.add.reduceat(values * weights, firsts)
    endless = np.maximum.reduceat(groups, firsts) > _MAX_GROUPS
    return [None if bad else total for total, bad in zip(totals.tolist(), endless.tolist(), strict=True)]


def column_major(counts: str, height: int, width: int) -> tuple[str, int, tuple[float, ...]] | None:
    """Return the run lengths, area and box of a mask whose runs go along the rows, as Encord's do.

    Returns None if the text does not hold a mask of that size.

    >>> column_major(run_text([1, 3]), 2, 2) == (run_text([1, 3]), 3, (0.0, 0.0, 2.0, 2.0))
    True
    """
    # An image without pixels has no runs.
    runs = run_lengths(counts) if counts else []
    if runs is None or height < 0 or width < 0:
        return None
    lengths = np.array(runs, np.int64)
    if (lengths < 0).any() or int(lengths.sum()) > height * width:
        return None
    is_mask = np.arange(len(lengths)) % 2 == 1
    # Runs of a text may end early: the rest is background, as it is for pycocotools.
    flat = np.repeat(is_mask, lengths)
    mask = np.zeros(height * width, np.bool_)
    mask[: flat.size] = flat
    return _encoded(mask.reshape(height, width))


def _encoded(mask: npt.NDArray[np.bool_]) -> tuple[str, int, tuple[float, ...]]:
    height = mask.shape[0]
    flat = mask.T.reshape(-1)
    changes = np.flatnonzero(np.diff(flat)) + 1 if flat.size else np.zeros(0, np.int64)
    bounds = np.concatenate(([0], changes, [flat.size]))
    runs = np.diff(bounds)
    if flat.size and flat[0]:
        runs = np.concatenate(([0], runs))
    area = int(flat.sum())
    if not area:
        return run_text(runs.tolist()), 0, (0.0, 0.0, 0.0, 0.0)
    columns = np.flatnonzero(mask.any(axis=0))
    rows = np.flatnonzero(mask.any(axis=1))
    # A run that goes on in the next column takes the whole height, as pycocotools says of it.
    left, right, top, bottom = columns[0], columns[-1], rows[0], rows[-1]
    starts = np.cumsum(runs)[:-1:2]
    ends = starts + runs[1::2]
    if ((ends - 1) // height != starts // height).any():
        top, bottom = 0, height - 1
    box = (float(left), float(top), float(right - left + 1), float(bottom - top + 1))
    return run_text(runs.tolist()), area, box
