"""The contenders of the comparison load the same rows, and grown exports keep their ids apart."""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import labelhouse
import pytest

from tests.support.aliases import ImportBenchmark, Record
from tests.support.exports import unit
from tests.support.sets import slow

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "benchmarks" / "compare" / "peers"


def sample(labels: int) -> Record:
    document = unit("a", labels=labels)
    document["annotations"][0]["segmentation"] = [[1.5, 2, 3, 4, 5, 6]]
    document["annotations"][1]["keypoints"] = [1.5, 2.5, 2, 3, 4, 1]
    return document


def imported(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.{name}")


def command_of(name: str, *arguments: str | Path) -> list[str | Path]:
    """Return the command line of a benchmark, which is to run in the root of the checkout."""
    return [sys.executable, "-m", f"benchmarks.{name}", *arguments]


@pytest.fixture
def benchmark() -> ImportBenchmark:
    """Import a module of the benchmarks by its name."""
    return imported


@pytest.mark.parametrize("shape", ["object", "list"])
@slow
def test_contenders_load_the_same_rows(tmp_path: Path, shape: str, benchmark: ImportBenchmark) -> None:
    contenders = benchmark("compare.contenders")
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


def rows(folder: Path, pattern: str) -> dict[str, int]:
    import pyarrow.parquet as pq

    return {
        table: sum(
            pq.ParquetFile(path).metadata.num_rows for path in folder.glob(pattern.format(table=table))
        )
        for table in ("documents", "images", "categories", "annotations", "keypoints", "attributes")
    }


OWN = ["labelhouse-1", "labelhouse-ijson-2", "json", "duckdb-typed", "duckdb-cast"]


def compared(tmp_path: Path, *arguments: str | Path) -> tuple[subprocess.CompletedProcess[str], Any]:
    command = command_of(
        "compare.run", *arguments, "--cache", tmp_path / "cache", "--out", tmp_path / "results"
    )
    environment = {**os.environ, "LABELHOUSE_BENCH_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done, json.loads((tmp_path / "results.json").read_text())


@slow
def test_a_contender_that_fails_is_told_by_its_error(tmp_path: Path) -> None:
    document = sample(2)
    document["images"].append({"id": "not a number"})
    source = tmp_path / "export.json"
    source.write_text(json.dumps(document))
    done, results = compared(tmp_path, source, "--runs", "2", "--forms", "json", "--only", *OWN)
    assert "fails after" in done.stdout
    assert (tmp_path / "results.md").read_text() == done.stdout.removesuffix("\n")
    assert {stored["contender"]: stored["rows"]["images"] for stored in results["contents"]} == {
        "labelhouse-1": 2,
        "labelhouse-ijson-2": 2,
    }
    errors = {run["contender"]: run["error"] for run in results["runs"]}
    assert errors["labelhouse-1"] is errors["labelhouse-ijson-2"] is None
    assert errors["json"].startswith("ValueError: ")
    assert errors["duckdb-typed"].startswith("duckdb.")
    assert not any(str(tmp_path) in str(error) for error in errors.values())
    runs = Counter(run["contender"] for run in results["runs"])
    assert runs == {name: 2 if name.startswith("labelhouse") else 1 for name in OWN}, (
        "what fails is not run again"
    )


@slow
def test_a_comparison_is_taken_up_where_it_was_stopped(tmp_path: Path) -> None:
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
    assert "resumed 1 times" in done.stdout


def test_a_contender_past_its_bounds_is_stopped(benchmark: ImportBenchmark) -> None:
    measure = benchmark("harness.measure")
    sleep = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    slow = measure.measure([sys.executable, "-c", sleep], measure.Bounds(seconds=0.5))
    assert slow.stopped == "stopped after 0 s"
    assert slow.seconds < 30
    large = [sys.executable, "-c", "x = bytearray(300 << 20); import time; time.sleep(60)"]
    assert measure.measure(large, measure.Bounds(bytes=200 << 20)).stopped == "stopped at 0 GiB of memory"


def test_several_files_are_one_input_of_different_documents(
    tmp_path: Path, benchmark: ImportBenchmark
) -> None:
    inputs = benchmark("inputs.forms")
    [plain, zipped] = inputs.inputs_of("several-4", cache=tmp_path)
    assert (plain.form, zipped.form, len(plain.sources)) == ("json", "zip", 4)
    assert plain.json_bytes == sum(path.stat().st_size for path in plain.sources)
    names = [
        image["file_name"] for path in plain.sources for image in json.loads(path.read_text())["images"]
    ]
    assert len(set(names)) == len(names) > 4


@pytest.mark.parametrize("container", ["json", "zip"])
def test_a_grown_object_keeps_ids_unique_and_references_whole(
    tmp_path: Path, container: str, benchmark: ImportBenchmark
) -> None:
    grow = benchmark("inputs.grow")
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
    grown = json.loads(grow.grown(source, 3, tmp_path / "cache").read_text(encoding="utf-8"))
    assert {key: grown[key] for key in ("info", "licenses", "categories")} == {
        key: document[key] for key in ("info", "licenses", "categories")
    }
    assert [image["id"] for image in grown["images"]] == [0, 7, 8, 15, 16, 23]
    assert [(label["id"], label.get("image_id")) for label in grown["annotations"]] == [
        (3, 7), (4, 0), ("a", None), (8, 15), (9, 8), ("a", None), (13, 23), (14, 16), ("a", None),
    ]  # fmt: skip
    assert [image.get("width") for image in grown["images"]] == [1.5, None] * 3


def test_a_grown_list_repeats_its_documents(tmp_path: Path, benchmark: ImportBenchmark) -> None:
    grow = benchmark("inputs.grow")
    source = tmp_path / "export.json"
    source.write_text(" [" + json.dumps(sample(2)) + "," + json.dumps(sample(3)) + "]\n\n")
    grown = json.loads(grow.grown(source, 3, tmp_path / "cache").read_text())
    assert grown == [sample(2), sample(3)] * 3


def test_growing_once_is_the_text_itself_and_is_kept(tmp_path: Path, benchmark: ImportBenchmark) -> None:
    grow = benchmark("inputs.grow")
    source = tmp_path / "export.json"
    source.write_text("[ ]")
    first = grow.grown(source, 1, tmp_path / "cache")
    assert first.read_text() == "[ ]"
    made = first.stat().st_mtime_ns
    assert grow.grown(source, 1, tmp_path / "cache").stat().st_mtime_ns == made
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["export-1x.json"]


def test_memory_growth_past_its_target_is_missed(benchmark: ImportBenchmark) -> None:
    memory = benchmark("memory.parsing")
    small, grown = memory.Figures(10, 200, 0.04), memory.Figures(100, 240, 0.06)
    assert [(check.is_met, check.binding) for check in memory.checks(small, grown)] == [
        (True, True),
        (False, True),
        (False, False),
    ]


@pytest.mark.parametrize("name", ["encord-1", "encord-list-1", "mixed-1", "mixed-list-1"])
@slow
def test_generated_exports_are_the_same_each_time_and_load_whole(
    tmp_path: Path, name: str, benchmark: ImportBenchmark
) -> None:
    generate = benchmark("inputs.generated_exports")
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


@slow
def test_a_load_after_a_small_change_adds_a_number_of_files_that_does_not_grow(
    tmp_path: Path, benchmark: ImportBenchmark
) -> None:
    changed_share = benchmark("nights.changed_share")
    measured = []
    for documents in (40, 400):
        folder = tmp_path / f"{documents}"
        folder.mkdir()
        measured.append(changed_share.load_twice(folder, documents, 0.01))
    assert [loads.second.documents for loads in measured] == [
        {"added": 0, "changed": changed, "unchanged": documents - changed, "removed": 0, "rejected": 0}
        for documents, changed in ((40, 1), (400, 4))
    ]
    assert measured[0].second.files == measured[1].second.files
    # 400 documents are few: most of the second load are the footers of its files.
    assert measured[1].bytes_share < measured[0].bytes_share
    assert measured[1].second.bytes < 2 * measured[0].second.bytes


@pytest.fixture(scope="module")
def small_nights(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two nights of a list of documents of every form, loaded."""
    folder = tmp_path_factory.mktemp("nights")
    document = sample(4)
    document["images"].append({**document["images"][0], "id": 99, "file_name": "images/unlabelled.jpg"})
    document["annotations"].append({**document["annotations"][0], "id": 99})
    attributes = {"track_id": 5, "classifications": {"occluded": True}}
    document["annotations"][2]["attributes"] = attributes
    generated = imported("inputs.generated_exports").generated("encord-1", folder)
    documents = [document, json.loads(generated.read_text())]
    source = folder / "night.json"
    source.write_text(json.dumps(documents))
    wanted = sum(len(document["annotations"]) for document in documents)
    return imported("inputs.repeated_nights").nights([str(source)], 2 * wanted, folder)


@slow
def test_nights_hold_the_same_labels_under_other_names(small_nights: Any) -> None:
    assert (small_nights.nights, small_nights.annotations) == (2, 2 * (5 + 1000))
    connection = labelhouse.connect(small_nights.warehouse)
    cursor = connection.execute(
        "select count(*), count(distinct document_id), count(distinct ingest_id) from documents"
    )
    assert cursor.fetchone() == (4, 4, 2)
    keys = connection.execute("select count(distinct image_key) = count(*) from images").fetchone()
    assert keys == (True,)
    assert [path.name for path in small_nights.json_files] == ["night-0.json"]


@slow
def test_every_question_has_one_answer_in_warehouse_parquet_and_json(
    tmp_path: Path, small_nights: Any, benchmark: ImportBenchmark
) -> None:
    queries, stores = benchmark("queries.run"), benchmark("queries.stores")
    nights = benchmark("inputs.repeated_nights")
    files = stores.plain_parquet(small_nights.warehouse, tmp_path / "plain", "1GB")
    both = tmp_path / "both.json"
    # The JSON of all nights, in the order in which they were loaded.
    source = small_nights.warehouse.parents[1] / "night.json"
    parts = []
    for night in range(2):
        nights.write_night([(source, 1)], night, both)
        parts += json.loads(both.read_text())
    both.write_text(json.dumps(parts))
    timings = queries.ask(
        {
            "warehouse": (stores.warehouse_connection(small_nights.warehouse, "1GB"), 2),
            "Parquet": (stores.parquet_connection(files, "1GB"), 2),
            "JSON": (stores.json_connection([both], "1GB"), 1),
        },
        queries.questions(),
    )
    assert len(timings) == 20
    assert all(timing.error is None for by_store in timings.values() for timing in by_store.values())
    # What a warehouse knows of nights and keys, files do not.
    only_warehouse = {"02", "03", "06", "13", "14", "17", "19"}
    for name, by_store in timings.items():
        assert by_store["warehouse"].answer, name
        assert queries.same(by_store["warehouse"].answer, by_store["Parquet"].answer), name
        if name[:2] not in only_warehouse:
            assert queries.same(by_store["warehouse"].answer, by_store["JSON"].answer), name
    sizes = {"warehouse": "x", "Parquet": "y", "JSON": "z"}
    report = queries.markdown(small_nights, sizes, timings)
    assert report.count("| same |") == 20


@slow
def test_every_layout_keeps_every_row(
    tmp_path: Path, small_nights: Any, benchmark: ImportBenchmark
) -> None:
    queries, stores = benchmark("queries.run"), benchmark("queries.stores")
    layouts = benchmark("parquet.layouts")
    files = layouts.registered(small_nights.warehouse)
    connections, shapes = {}, {}
    for layout in layouts.LAYOUTS:
        layout = dataclasses.replace(layout, group_rows=layout.group_rows // 1000)
        written = layouts.laid_out(layout, files, tmp_path / layout.name)
        connections[layout.name] = (stores.parquet_connection(written, "1GB"), 1)
        shapes[layout.name] = layouts.shape(written)
    timings = queries.ask(connections, queries.questions(["01", "08", "10", "15"]))
    for by_layout in timings.values():
        for timing in by_layout.values():
            assert timing.error is None
            assert queries.same(timing.answer, by_layout["staged"].answer)
    assert shapes["files-joined"][1] == 4
    assert shapes["staged"][1] == 8
    assert shapes["files-quarter"][1] > 8
    assert shapes["rows-61440"][2] > shapes["rows-245760-only"][2]
    report = layouts.markdown(layouts.LAYOUTS, {name: (*s, 0.1) for name, s in shapes.items()}, timings)
    assert report.count("\n") == 2 + len(layouts.LAYOUTS)


def test_the_profile_gives_all_time_to_stages_and_names_the_limit(
    tmp_path: Path, benchmark: ImportBenchmark
) -> None:
    profile = benchmark("profiling.ingest")
    for export in benchmark("inputs.forms").inputs_of("encord-1", cache=tmp_path):
        folder = tmp_path / export.form
        folder.mkdir()
        profiles = profile.staged_profile(export.sources[0], "bulk", folder)
        stages = profile.by_stage(profiles[0])
        assert sum(stages.values()) == pytest.approx(profiles[0].total_s, rel=0.1)
        assert {"columns"} < set(stages)
        floor = profile.limits(export, folder, 1)
        assert [cost.name for cost in floor] == [
            "read the file",
            *(["inflate and check its CRC"] if export.form == "zip" else []),
            "one pass of simdjson",
            "write the same Parquet",
        ]
        report = profile.markdown(export, *profiles, profile.Cost("start-up and commit", 1, 1), floor)
        assert "times the CPU time of the limit" in report


def test_inflating_is_checked_and_missing_packages_are_named(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(json.dumps([sample(30)]))
    command = command_of("profiling.inflate", tmp_path / "export.json", "--runs", "1", "--cache", tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "| zlib |" in done.stdout
    for package in ("isal", "zlib-ng"):
        assert f"| {package} |" in done.stdout or f"{package}" in done.stdout.rpartition("Not installed")[2]


def test_startup_adds_up_imports_by_package(benchmark: ImportBenchmark) -> None:
    startup = benchmark("profiling.startup")
    modules = startup.imports(["-m", "labelhouse", "--version"])
    assert {"labelhouse.cli.app", "typer"} <= {module.module for module in modules}
    packages = startup.own_ms_by_package(modules)
    assert packages["labelhouse"] > 0
    assert "pyarrow" not in packages, "--version needs no Arrow"
    [cli] = (module for module in modules if module.module == "labelhouse.cli.app")
    assert startup.brought_in(modules, "labelhouse")[0].all_us >= cli.all_us > cli.own_us


@slow
def test_startup_runs_every_command(tmp_path: Path, benchmark: ImportBenchmark) -> None:
    startup = benchmark("profiling.startup")
    small = tmp_path / "small.json"
    small.write_text(json.dumps([sample(2)]))
    timings = dict(startup.timed(small, 1, tmp_path))
    assert len(timings) == 6
    profile, seconds = startup.commanded(small, tmp_path)
    assert sum(profile.seconds.values()) == pytest.approx(seconds, rel=0.2)


@slow
def test_memory_is_measured_by_size_and_exports_are_deleted(
    tmp_path: Path, benchmark: ImportBenchmark
) -> None:
    command = command_of(
        "memory.flat", "--sizes", "1", "2", "--cache", tmp_path, "--variants", "encord-list"
    )
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    lines = [line for line in done.stdout.splitlines() if line.startswith("| encord-list")]
    assert len(lines) == 2, done.stderr
    assert list(tmp_path.iterdir()) == []
    memory = benchmark("memory.flat")
    small = memory.Load("encord", 1, 1, 1, 200, None)
    large = memory.Load("encord", 9, 9, 9, 260, None)
    assert [is_met for _, is_met in memory.verdicts([small, large])] == [False, False]


@pytest.mark.parametrize("script", sorted(PEERS.glob("*.py")), ids=lambda path: path.stem)
def test_peers_that_are_installed_run(tmp_path: Path, script: Path, benchmark: ImportBenchmark) -> None:
    contenders = benchmark("compare.contenders")
    of_script = [c for c in contenders.CONTENDERS if script.name in c.arguments[0]]
    if not contenders.PEERS_VENV.is_dir() or not of_script:
        pytest.skip("make bench-peers installs the peers")
    source = benchmark("inputs.generated_exports").generated("encord-1", tmp_path)
    for contender in of_script:
        folder = tmp_path / contender.name
        folder.mkdir()
        done = subprocess.run(
            contender.command([source], folder),
            capture_output=True,
            text=True,
            env=contenders.environment(),
        )
        assert done.returncode == 0, done.stderr
        assert "only" in contender.does or list(folder.iterdir())
