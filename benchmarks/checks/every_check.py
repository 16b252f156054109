"""Measure time and memory of every check on this many labels.

    python -m benchmarks.checks.every_check 10000000

A generated document a million labels: polygons of ten classes, 20 on each frame, tracks of 50 frames that
move by a pixel or two a frame, one answer each, and three keypoints for each tenth label. Prints the
seconds and failing rows of each check, the CPU seconds of all, and the peak memory of the process, in which
DuckDB is held to `--memory-mb`; that of making the labels counts too.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

from labelhouse.lake.memory import CHECK_BYTES
from labelhouse.querying.check import check
from labelhouse.sql_quoting import quote_identifier
from labelhouse.warehouse.opening import open_warehouse

MILLION = 1_000_000

_DOCUMENTS = """
    select $key as document_key, 'p' as project, 'd' || $key as document_id, 'c' as category_set,
        $labels // 20 as image_count, $labels as annotation_count, 'i' as ingest_id
"""
_CATEGORIES = """
    select 'c' as category_set, n as position, n as category_id, 'class ' || n as name,
        'polygon' as supercategory
    from range(10) as numbers(n)
"""
_IMAGES = """
    select $key as document_key, n as position, n as image_id, $key || '/' || n as image_key,
        4000 as width, 3000 as height, $key || '' as data_hash, n as frame
    from range($labels // 20) as numbers(n)
"""
_ANNOTATIONS = """
    select $key as document_key, n as position, n as annotation_id, n // 20 as image_id,
        n % 10 as category_id,
        (hash(n // 1000, n % 20, 1) % 100000) / 100000 * 3700 + n // 20 % 50 * 1.25 as bbox_x,
        (hash(n // 1000, n % 20, 2) % 100000) / 100000 * 2700 + n // 20 % 50 * 1.75 as bbox_y,
        10 + (hash(n // 1000, n % 20, 3) % 1000) / 10 as bbox_w,
        10 + (hash(n // 1000, n % 20, 4) % 1000) / 10 as bbox_h,
        bbox_w * bbox_h as area, 0 as iscrowd, 'polygon' as segmentation_kind,
        [[bbox_x, bbox_y, bbox_x + bbox_w, bbox_y, bbox_x + bbox_w, bbox_y + bbox_h, bbox_x,
            bbox_y + bbox_h]] as polygons,
        if(n % 10 = 0, 3, null) as num_keypoints, n // 1000 || '-' || n % 20 as encord_track_uuid
    from range($labels) as numbers(n)
"""
_KEYPOINTS = """
    select $key as document_key, n * 10 as annotation_position, n * 10 as annotation_id,
        k as keypoint_index, k * 1.0 as x, k * 1.0 as y, 2.0 as visibility
    from range($labels // 10) as numbers(n), range(3) as keypoints(k)
"""
_ATTRIBUTES = """
    select $key as document_key, n as annotation_position, n as annotation_id, 'Colour' as name,
        'classification' as origin, if(n % 997 = 0, null, 'red') as value,
        if(n % 997 = 0, 'null', 'string') as value_type
    from range($labels) as numbers(n)
"""
_TABLES = {
    "documents": _DOCUMENTS,
    "images": _IMAGES,
    "annotations": _ANNOTATIONS,
    "keypoints": _KEYPOINTS,
    "attributes": _ATTRIBUTES,
}


def main() -> None:
    """Make the warehouse, run the checks, print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("labels", type=int, nargs="?", default=MILLION)
    parser.add_argument("--memory-mb", type=int, default=CHECK_BYTES // 1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), options.labels)
        names: list[str] = []
        starts: list[float] = []

        def note(name: str) -> None:
            names.append(name)
            starts.append(time.perf_counter())

        before, cpu = _peak_mb(), time.process_time()
        results = check(Path(folder), memory_bytes=options.memory_mb * 1_000_000, progress=note)
        starts.append(time.perf_counter())
        cpu = time.process_time() - cpu
    for checked, begin, end in zip(results, starts, starts[1:], strict=False):
        print(f"{checked.name:36} {end - begin:8.1f} s  {checked.count:10,} rows  {checked.error or ''}")
    seconds = starts[-1] - starts[0]
    took = f"{seconds:.1f} s, {cpu:.1f} CPU s; peak {_peak_mb():,.0f} MB, {before:,.0f} MB before"
    print(f"{options.labels:,} labels: {took}")


def _fill(folder: Path, labels: int) -> None:
    with open_warehouse(folder) as warehouse, warehouse.lock(), warehouse.transaction() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"insert into categories by name {_CATEGORIES}")
        for key in range(1, -(-labels // MILLION) + 1):
            count = min(MILLION, labels - (key - 1) * MILLION)
            for table, sql in _TABLES.items():
                parameters = {"key": key << 32} | ({} if "$labels" not in sql else {"labels": count})
                connection.execute(f"insert into {quote_identifier(table)} by name {sql}", parameters)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
