"""The contenders of the comparison load the same rows, and grown exports keep their ids apart."""

import importlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.exports import unit

FOLDER = Path(__file__).parents[1] / "benchmarks"


def sample(labels):
    document = unit("a", labels=labels)
    document["annotations"][0]["segmentation"] = [[1.5, 2, 3, 4, 5, 6]]
    document["annotations"][1]["keypoints"] = [1.5, 2.5, 2, 3, 4, 1]
    return document


@pytest.fixture
def benchmark(monkeypatch):
    """Import a module of the benchmarks by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.parametrize("shape", ["object", "list"])
def test_contenders_load_the_same_rows(tmp_path, shape, benchmark):
    compare = benchmark("compare")
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
        for table in ("documents", "images", "categories", "annotations", "keypoints", "attributes")
    }


def test_a_contender_that_fails_is_told_by_its_error(tmp_path):
    document = sample(2)
    document["images"].append({"id": "not a number"})
    source = tmp_path / "export.json"
    source.write_text(json.dumps(document))
    command = [sys.executable, FOLDER / "compare.py", source, "--runs", "1"]
    command += ["--cache", tmp_path / "cache", "--json", tmp_path / "found.json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "fails after" in done.stdout
    found = json.loads((tmp_path / "found.json").read_text())["results"]
    assert {result["contender"]: result["rows"].get("images") for result in found} == {
        "Labelhouse, JSON": 1,
        "Labelhouse, zip": 1,
        "json.load + pyarrow": None,
        "DuckDB, typed": None,
        "DuckDB, cast": None,
    }
    errors = [result["error"] for result in found]
    assert errors[:2] == [None, None]
    assert errors[2].startswith("ValueError: ")
    assert all(error.startswith("duckdb.") for error in errors[3:])
    assert not any(str(tmp_path) in str(error) for error in errors)


@pytest.mark.parametrize("container", ["json", "zip"])
def test_a_grown_object_keeps_ids_unique_and_references_whole(tmp_path, container, benchmark):
    grow = benchmark("grow")
    document = {
        "info": {"description": "é"},
        "licenses": [],
        "images": [{"id": 0, "width": 1.5}, {"id": 7}],
        "annotations": [{"id": 3, "image_id": 7, "area": 1.25}, {"id": 4, "image_id": 0}, {"id": "a"}],
        "categories": [{"id": 1, "name": "car"}],
    }
    source = tmp_path / f"export.{container}"
    if container == "zip":
        with zipfile.ZipFile(source, "w") as archive:
            archive.writestr("export.json", json.dumps(document))
    else:
        source.write_text(json.dumps(document))
    found = json.loads(grow.grown(source, 3, tmp_path / "cache").read_text(encoding="utf-8"))
    assert {key: found[key] for key in ("info", "licenses", "categories")} == {
        key: document[key] for key in ("info", "licenses", "categories")
    }
    assert [image["id"] for image in found["images"]] == [0, 7, 8, 15, 16, 23]
    assert [(label["id"], label.get("image_id")) for label in found["annotations"]] == [
        (3, 7), (4, 0), ("a", None), (8, 15), (9, 8), ("a", None), (13, 23), (14, 16), ("a", None),
    ]  # fmt: skip
    assert [image.get("width") for image in found["images"]] == [1.5, None] * 3


def test_a_grown_list_repeats_its_documents(tmp_path, benchmark):
    grow = benchmark("grow")
    source = tmp_path / "export.json"
    source.write_text(" [" + json.dumps(sample(2)) + "," + json.dumps(sample(3)) + "]\n\n")
    found = json.loads(grow.grown(source, 3, tmp_path / "cache").read_text())
    assert found == [sample(2), sample(3)] * 3


def test_growing_once_is_the_text_itself_and_is_kept(tmp_path, benchmark):
    grow = benchmark("grow")
    source = tmp_path / "export.json"
    source.write_text("[ ]")
    first = grow.grown(source, 1, tmp_path / "cache")
    assert first.read_text() == "[ ]"
    made = first.stat().st_mtime_ns
    assert grow.grown(source, 1, tmp_path / "cache").stat().st_mtime_ns == made
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["export-1x.json"]


def test_memory_growth_past_its_target_is_missed(benchmark):
    memory = benchmark("memory")
    small, grown = memory.Figures(10, 200, 0.04), memory.Figures(100, 240, 0.06)
    assert [(check.is_met, check.binding) for check in memory.checks(small, grown)] == [
        (True, True),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize("name", ["encord-1", "encord-list-1", "mixed-1", "mixed-list-1"])
def test_generated_exports_are_the_same_each_time_and_load_whole(tmp_path, name, benchmark):
    generate = benchmark("generate")
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (generate.generated(name, folder) for folder in folders)
    assert first.read_bytes() == second.read_bytes()
    documents = json.loads(first.read_bytes())
    documents = documents if isinstance(documents, list) else [documents]
    wanted = sum(len(document["annotations"]) for document in documents)
    command = [sys.executable, "-m", "labelhouse", "ingest", str(first), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (report["status"], report["quarantined"]) == ("committed", 0)
    assert report["rows"]["annotations"] == wanted > 500


def test_a_load_after_a_small_change_adds_a_number_of_files_that_does_not_grow(tmp_path, benchmark):
    changed_share = benchmark("changed_share")
    found = []
    for documents in (40, 400):
        folder = tmp_path / f"{documents}"
        folder.mkdir()
        found.append(changed_share.load_twice(folder, documents, 0.01))
    assert [loads.second.documents for loads in found] == [
        {"added": 0, "changed": changed, "unchanged": documents - changed, "removed": 0, "rejected": 0}
        for documents, changed in ((40, 1), (400, 4))
    ]
    assert found[0].second.files == found[1].second.files
    # 400 documents are few: most of the second load are the footers of its files.
    assert found[1].bytes_share < found[0].bytes_share
    assert found[1].second.bytes < 2 * found[0].second.bytes
