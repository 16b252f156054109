"""Contender: the shortest DuckDB script that makes the five tables of plain JSON files.

    python -m benchmarks.compare.peers.duckdb_lean FOLDER SOURCE...

Types are given, so that nothing is inferred; answers stay JSON.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

_CATEGORY = "STRUCT(id BIGINT, name VARCHAR, supercategory VARCHAR, keypoints JSON, skeleton JSON)[]"
_IMAGE = (
    "STRUCT(id BIGINT, file_name VARCHAR, coco_url VARCHAR, width INT, height INT, image_title VARCHAR, "
    "video_title VARCHAR)[]"
)
_ATTRIBUTES = (
    "STRUCT(track_id BIGINT, encord_track_uuid VARCHAR, rotation DOUBLE, manual_annotation BOOLEAN, "
    "classifications JSON)"
)
_ANNOTATION = (
    "STRUCT(id BIGINT, image_id BIGINT, category_id BIGINT, area DOUBLE, bbox DOUBLE[], iscrowd INT, "
    f"segmentation DOUBLE[][], keypoints DOUBLE[], num_keypoints INT, attributes {_ATTRIBUTES})[]"
)
_READ = f"""
create temp table document as
select row_number() over () as document, *
from read_json(
    $sources,
    maximum_object_size = $object_bytes,
    columns = {{
        info: 'STRUCT(description VARCHAR)',
        categories: '{_CATEGORY}',
        images: '{_IMAGE}',
        annotations: '{_ANNOTATION}'
    }}
)
"""
_LABELS = "create temp table label as select document, unnest(annotations, max_depth := 2) from document"
_TABLES = {
    "categories": "select document, unnest(categories, max_depth := 2) from document",
    "images": "select document, unnest(images, max_depth := 2) from document",
    "annotations": """
        select * exclude (keypoints, attributes), attributes.track_id, attributes.encord_track_uuid,
            attributes.rotation, attributes.manual_annotation
        from label
    """,
    "keypoints": """
        select document, id, i, keypoints[3 * i - 2] as x, keypoints[3 * i - 1] as y, keypoints[3 * i] as v
        from (
            select document, id, keypoints, unnest(range(1, len(keypoints) // 3 + 1)) as i
            from label
            where keypoints is not null
        )
    """,
    "attributes": """
        select document, id, name, json_extract(answers, '$."' || name || '"') as value
        from (
            select document, id, attributes.classifications as answers,
                unnest(json_keys(attributes.classifications)) as name
            from label
        )
    """,
}


def load(sources: Sequence[Path], folder: Path) -> None:
    """Write the tables of the sources into `folder`."""
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    object_bytes = max(1 << 24, *(source.stat().st_size + 1 for source in sources))
    names = [str(source.absolute()) for source in sources]
    connection.execute(_READ, {"sources": names, "object_bytes": object_bytes})
    connection.execute(_LABELS)
    os.chdir(folder)
    for table, query in _TABLES.items():
        connection.execute(f"copy ({query}) to '{table}.parquet' (format parquet, compression zstd)")


if __name__ == "__main__":
    load([Path(argument) for argument in sys.argv[2:]], Path(sys.argv[1]))
