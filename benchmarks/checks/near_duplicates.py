"""Time the check for near duplicates as labels per image grow: it must not compare all pairs.

Images with 125, 250, ... labels of one class each, as many as make 16,000 labels in all, so that only the
labels per image differ. One label in twenty is a near duplicate. Beside it, the same question with all
pairs. CPU seconds of all threads, because the machine may be busy: the least of three runs. Exit code 1 if
eight times as many labels an image take more than `--factor` times as long.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import labelhouse
import pyarrow as pa
from labelhouse.schema.warehouse_tables import DOCUMENTS, IMAGES
from labelhouse.sql_library.statements import public_statement
from labelhouse.warehouse.opening import open_warehouse

SIZES = (125, 250, 500, 1000)
LABELS = 16_000
RUNS = 3

# Boxes of all sizes on an image of 4,000 pixels; every twentieth is the one before, moved by a hundredth.
_BOXES = """
    insert into annotations by name
    with random_boxes as (
        select
            label,
            label // $size as image,
            (hash(label, 1) % 100000) / 100000 * 3800 as x,
            (hash(label, 2) % 100000) / 100000 * 3800 as y,
            10 + (hash(label, 3) % 1000) / 1000 * 190 as w,
            10 + (hash(label, 4) % 1000) / 1000 * 190 as h
        from range($labels) as labels(label)
    ),
    moved as (
        select
            random_boxes.*,
            label % 20 = 19 as is_copy,
            lag(x) over track as x_before,
            lag(y) over track as y_before,
            lag(w) over track as w_before,
            lag(h) over track as h_before
        from random_boxes
        window track as (order by label)
    )
    select
        1::bigint as document_key,
        label as position,
        label as annotation_id,
        image as image_id,
        1::bigint as category_id,
        if(is_copy, x_before + w_before * 0.01, x) as bbox_x,
        if(is_copy, y_before, y) as bbox_y,
        if(is_copy, w_before, w) as bbox_w,
        if(is_copy, h_before, h) as bbox_h,
        {rotation} as rotation,
        'none' as segmentation_kind
    from moved
"""
_ALL_PAIRS = """
    select count(*)
    from annotations as later
    inner join annotations as earlier
        on earlier.document_key = later.document_key
        and earlier.image_id = later.image_id
        and earlier.category_id = later.category_id
        and earlier.position < later.position
    where bbox_iou(
        later.bbox_x, later.bbox_y, later.bbox_w, later.bbox_h,
        earlier.bbox_x, earlier.bbox_y, earlier.bbox_w, earlier.bbox_h
    ) > 0.9
"""


def main() -> int:
    """Print a line per size, and return 1 if the time grows too fast."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--factor", type=float, default=2.0)
    factor: float = parser.parse_args().factor
    print("labels/image  images  found  check s  rotated s  all pairs s  (CPU)")
    times = []
    for size in SIZES:
        duplicates, plain = _measured(size, "null::double")
        _, turned = _measured(size, "30.0")
        pairs = _all_pairs(size)
        times.append(plain)
        images = LABELS // size
        print(
            f"{size:12,}  {images:6,}  {duplicates:5,}  {plain:7.2f}  {turned:9.2f}  {pairs:11.2f}",
            flush=True,
        )
    print(
        f"{SIZES[-1] // SIZES[0]} times as many labels an image: {times[-1] / times[0]:.2f} times as long"
    )
    return int(times[-1] / times[0] > factor)


def _measured(size: int, rotation: str) -> tuple[int, float]:
    """Return how many duplicates the check finds, and the CPU seconds that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), size, rotation)
        connection = labelhouse.connect(folder)
        sql = public_statement("checks/near_duplicate_labels")
        seconds, duplicates = _least(connection, sql)
        connection.close()
    return duplicates, seconds


def _all_pairs(size: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), size, "null::double")
        connection = labelhouse.connect(folder)
        seconds, _ = _least(connection, _ALL_PAIRS)
        connection.close()
    return seconds


def _least(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, int]:
    times = []
    row_count = 0
    for _ in range(RUNS):
        start = time.process_time()
        row_count = len(connection.execute(sql).fetchall())
        times.append(time.process_time() - start)
    return min(times), row_count


def _fill(folder: Path, size: int, rotation: str) -> None:
    """Make a warehouse of one document with this many labels on each of its images."""
    document = {"document_key": 1, "project": "p", "document_id": "d", "category_set": "c"}
    images = [
        {
            "document_key": 1,
            "position": n,
            "image_id": n,
            "image_key": str(n),
            "width": 4000,
            "height": 4000,
        }
        for n in range(LABELS // size)
    ]
    with open_warehouse(folder) as warehouse, warehouse.lock(), warehouse.transaction() as connection:
        for table, rows in ((DOCUMENTS, [document]), (IMAGES, images)):
            connection.register("new_rows", pa.Table.from_pylist(rows, schema=table.arrow))
            connection.execute(f"insert into {table.name} by name select * from new_rows")
            connection.unregister("new_rows")
        sql = _BOXES.replace("{rotation}", rotation)
        connection.execute(sql, {"size": size, "labels": LABELS})


if __name__ == "__main__":
    sys.exit(main())
