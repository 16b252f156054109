"""The contenders of the comparison load the same rows, and grown exports keep their ids apart."""

import importlib
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
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
    contenders = benchmark("contenders")
    source = tmp_path / "export.json"
    source.write_text(json.dumps(sample(5) if shape == "object" else [sample(5), sample(3)]))
    counts = {}
    for contender in contenders.CONTENDERS:
        if contender.files is None or contender.name == "orjson":
            # Those of other packages: test_peers_that_are_installed_run.
            continue
        folder = tmp_path / contender.name
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, *contender.command([source], folder)[1:]],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=contenders.environment(),
        )
        assert done.returncode == 0, done.stderr
        counts[contender.name] = rows(folder, contender.files)
    assert len({json.dumps(count, sort_keys=True) for count in counts.values()}) == 1, counts
    assert counts["json"]["annotations"] == (5 if shape == "object" else 8)


def rows(folder, pattern):
    import pyarrow.parquet as pq

    return {
        table: sum(
            pq.ParquetFile(path).metadata.num_rows for path in folder.glob(pattern.format(table=table))
        )
        for table in ("documents", "images", "categories", "annotations", "keypoints", "attributes")
    }


OWN = ["labelhouse-1", "labelhouse-ijson-2", "json", "duckdb-typed", "duckdb-cast"]


def compared(tmp_path, *arguments):
    command = [sys.executable, FOLDER / "compare.py", *arguments]
    command += ["--cache", tmp_path / "cache", "--out", tmp_path / "found"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "LABELHOUSE_BENCH_DIR": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr
    return done, json.loads((tmp_path / "found.json").read_text())


def test_a_contender_that_fails_is_told_by_its_error(tmp_path):
    document = sample(2)
    document["images"].append({"id": "not a number"})
    source = tmp_path / "export.json"
    source.write_text(json.dumps(document))
    done, found = compared(tmp_path, source, "--runs", "2", "--forms", "json", "--only", *OWN)
    assert "fails after" in done.stdout
    assert (tmp_path / "found.md").read_text() == done.stdout.removesuffix("\n")
    assert {stored["contender"]: stored["rows"]["images"] for stored in found["contents"]} == {
        "labelhouse-1": 1,
        "labelhouse-ijson-2": 1,
    }
    errors = {run["contender"]: run["error"] for run in found["runs"]}
    assert errors["labelhouse-1"] is errors["labelhouse-ijson-2"] is None
    assert errors["json"].startswith("ValueError: ")
    assert errors["duckdb-typed"].startswith("duckdb.")
    assert not any(str(tmp_path) in str(error) for error in errors.values())
    runs = Counter(run["contender"] for run in found["runs"])
    assert runs == {name: 2 if name.startswith("labelhouse") else 1 for name in OWN}, (
        "what fails is not run again"
    )


def test_a_comparison_is_taken_up_where_it_was_stopped(tmp_path):
    source = tmp_path / "export.json"
    source.write_text(json.dumps(sample(2)))
    _, first = compared(tmp_path, source, "--runs", "1", "--only", "json", "duckdb-typed")
    done, second = compared(tmp_path, source, "--runs", "2", "--only", "json", "duckdb-typed")
    assert second["runs"][: len(first["runs"])] == first["runs"]
    assert sorted((run["contender"], run["input"], run["number"]) for run in second["runs"]) == [
        ("duckdb-typed", "export (json)", 0),
        ("duckdb-typed", "export (json)", 1),
        ("json", "export (json)", 0),
        ("json", "export (json)", 1),
        ("json", "export (zip)", 0),
        ("json", "export (zip)", 1),
    ]
    assert (first["sittings"], second["sittings"]) == (1, 2)
    assert "taken up again 1 times" in done.stdout


def test_a_contender_past_its_bounds_is_stopped(benchmark):
    measure = benchmark("measure")
    sleep = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    slow = measure.measure([sys.executable, "-c", sleep], measure.Bounds(seconds=0.5))
    assert slow.stopped == "stopped after 0 s"
    assert slow.seconds < 30
    large = [sys.executable, "-c", "x = bytearray(300 << 20); import time; time.sleep(60)"]
    assert measure.measure(large, measure.Bounds(bytes=200 << 20)).stopped == "stopped at 0 GiB of memory"


def test_several_files_are_one_input_of_different_documents(tmp_path, benchmark):
    inputs = benchmark("inputs")
    [plain, zipped] = inputs.inputs_of("several-4", cache=tmp_path)
    assert (plain.form, zipped.form, len(plain.sources)) == ("json", "zip", 4)
    assert plain.json_bytes == sum(path.stat().st_size for path in plain.sources)
    names = [
        image["file_name"] for path in plain.sources for image in json.loads(path.read_text())["images"]
    ]
    assert len(set(names)) == len(names) > 4


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
