"""Read COCO's compressed run lengths."""

import numpy as np


def mask_pixels(counts: str) -> int | None:
    """Return the sum of the run lengths, None if the text is no such list.

    The text is a list of integers in groups of five bits, low bits first, each in a character from
    `0` on; bit six says that the integer goes on, and the sign is that of its last group. From the
    fourth run on each integer is the difference to the run before the last (rleToString of
    pycocotools).
    """
    if not counts.isascii():
        return None
    codes = np.frombuffer(counts.encode(), dtype=np.uint8).astype(np.int64) - 48
    if codes.size == 0:
        return 0
    ends = np.flatnonzero((codes & 0x20) == 0)
    if codes.min() < 0 or codes.max() > 63 or ends.size == 0 or ends[-1] != codes.size - 1:
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    places = np.arange(codes.size) - np.repeat(starts, ends - starts + 1)
    if places.max() > 11:
        return None
    values = np.add.reduceat((codes & 0x1F) << (5 * places), starts)
    negative = (codes[ends] & 0x10) != 0
    values -= np.where(negative, np.int64(1) << (5 * (places[ends] + 1)), 0)
    # Runs 1, 3, 5, ... and 2, 4, 6, ... are sums of differences; run 0 stands by itself.
    return int(values[0] + np.cumsum(values[1::2]).sum() + np.cumsum(values[2::2]).sum())
