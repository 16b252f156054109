"""Report what the Parquet files of a contender hold, as JSON: rows of each table, and sums.

    python benchmarks/compare/contents.py FOLDER "{table}.parquet"

The second argument says where below the folder a table's files lie. The sums (of coordinates, of areas,
of text lengths) show whether contenders stored the same values.
"""

import json
import math
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TABLES = ("documents", "images", "categories", "annotations", "keypoints", "attributes")
_BATCH_ROWS = 16_384
# A table's columns whose values are added up; of texts it is the characters that count.
_SUMMED = {
    "images": ("width", "height", "file_name"),
    "annotations": ("bbox_x", "bbox_y", "bbox_w", "bbox_h", "area", "polygons", "image_id"),
    "keypoints": ("x", "y", "visibility"),
    "attributes": ("value",),
    "categories": ("name",),
}


def contents(folder: Path, pattern: str) -> dict[str, dict[str, float]]:
    """Return `rows` by table, `with_extra` (rows that keep unknown keys) by table, `sums` by column."""
    rows: dict[str, float] = {}
    with_extra: dict[str, float] = {}
    sums: dict[str, float] = {}
    for table in TABLES:
        rows[table] = 0
        for path in sorted(folder.glob(pattern.format(table=table))):
            file = pq.ParquetFile(path)
            rows[table] += file.metadata.num_rows
            summed = _SUMMED.get(table, ())
            extra = ("extra",) if "extra" in file.schema_arrow.names else ()
            for batch in file.iter_batches(_BATCH_ROWS, columns=[*summed, *extra]):
                for column in summed:
                    count, total = _added_up(batch[column])
                    name = f"{table}.{column}"
                    sums[name + " (values)"] = sums.get(name + " (values)", 0) + count
                    known = sums.get(name, 0)
                    are_exact = isinstance(known, int) and isinstance(total, int)
                    sums[name] = known + total if are_exact else math.fsum((known, total))
                if extra:
                    kept = batch.num_rows - batch["extra"].null_count
                    with_extra[table] = with_extra.get(table, 0) + kept
    return {"rows": rows, "with_extra": with_extra, "sums": sums}


def _added_up(column: pa.Array) -> tuple[int, float]:
    """Return how many values there are, and their sum: of integers, such as ids, exactly."""
    while pa.types.is_list(column.type):
        column = column.flatten()
    if pa.types.is_string(column.type):
        column = pc.utf8_length(column)
    count = len(column) - column.null_count
    if pa.types.is_integer(column.type):
        return count, int(pc.sum(column.cast(pa.decimal128(38))).as_py() or 0)
    return count, float(pc.sum(column).as_py() or 0)


if __name__ == "__main__":
    print(json.dumps(contents(Path(sys.argv[1]), sys.argv[2])))
