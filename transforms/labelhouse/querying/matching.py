"""Match the labels of two sides one to one, the greater overlap first."""

from collections.abc import Iterator

import pyarrow as pa

from labelhouse.schema.arrow_types import BIGINT, DOUBLE

_BATCH_ROWS = 100_000
_SCHEMA = pa.schema([("number", BIGINT), ("other_number", BIGINT), ("iou", DOUBLE)])


def matches(pairs: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Yield the pairs that belong together, of pairs that are sorted by image and by preference.

    A pair is taken if neither of its labels has been. The columns are image, number, other_number, iou. It
    holds the labels of one image.
    """
    image = None
    taken: set[int] = set()
    others: set[int] = set()
    rows: list[tuple[int, int, float]] = []
    for batch in pairs:
        columns = (batch[name].to_pylist() for name in ("image", "number", "other_number", "iou"))
        for its_image, number, other, iou in zip(*columns, strict=True):
            if its_image != image:
                image = its_image
                taken.clear()
                others.clear()
            if number not in taken and other not in others:
                taken.add(number)
                others.add(other)
                rows.append((number, other, iou))
        if len(rows) >= _BATCH_ROWS:
            yield _table(rows)
            rows = []
    if rows:
        yield _table(rows)


def _table(rows: list[tuple[int, int, float]]) -> pa.Table:
    numbers, others, ious = zip(*rows, strict=True)
    return pa.table([pa.array(numbers), pa.array(others), pa.array(ious)], schema=_SCHEMA)
