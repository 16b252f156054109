"""The contenders of the comparison load the same rows, and grown exports keep their ids apart."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exports import unit

FOLDER = Path(__file__).parents[1] / "benchmarks"


def sample(labels):
    document = unit("a", labels=labels)
    document["annotations"][0]["segmentation"] = [[1.5, 2, 3, 4, 5, 6]]
    document["annotations"][1]["keypoints"] = [1.5, 2.5, 2, 3, 4, 1]
    return document


@pytest.mark.parametrize("shape", ["object", "list"])
def test_contenders_load_the_same_rows(tmp_path, shape):
    sys.path.insert(0, str(FOLDER))
    try:
        import compare
    finally:
        sys.path.remove(str(FOLDER))
    source = tmp_path / "export.json"
    source.write_text(json.dumps(sample(5) if shape == "object" else [sample(5), sample(3)]))
    counts = {}
    for contender in compare.CONTENDERS:
        folder = tmp_path / contender.name
        folder.mkdir()
        done = subprocess.run(
            contender.command(source, folder), capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        counts[contender.name] = rows(folder, contender.files)
    assert len({json.dumps(count, sort_keys=True) for count in counts.values()}) == 1, counts
    assert counts["json.load + pyarrow"]["annotations"] == (5 if shape == "object" else 8)


def rows(folder, pattern):
    import pyarrow.parquet as pq

    return {
        table: sum(
            pq.ParquetFile(path).metadata.num_rows for path in folder.glob(pattern.format(table=table))
        )
        for table in ("documents", "images", "annotations", "keypoints", "attributes")
    }
