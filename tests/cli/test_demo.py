"""The demo tells what its exports say, in 80 columns, and the README shows it."""

import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from labelhouse.cli.sample_nights import HARBOUR, NIGHTS, ROADS, write_nights
from labelhouse.cli.sample_rows import FOLDER, MARKET, write_label_rows

from tests.support.command_line import run
from tests.support.sets import slow

ROOT = Path(__file__).parents[2]
Unit = dict[str, Any]
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def output(place: Path) -> str:
    return demo(place)


def test_it_fits_80_columns_and_a_screen_a_night(output: str) -> None:
    assert max(map(len, output.splitlines())) <= 80
    nights = re.split(r"^NIGHT \d", output, flags=re.MULTILINE)[1:]
    assert len(nights) == 3
    assert max(night.partition("\nLabels of")[0].count("\n") for night in nights) <= 25


def test_its_numbers_are_those_of_the_exports(place: Path, output: str) -> None:
    first, second, third = (harbour(place / "demo" / night) for night in NIGHTS)
    assert sum(count for count in classes(first).values()) == 387
    for before, after in ((first, second), (second, third)):
        counts = {
            "added": len(after.keys() - before.keys()),
            "removed": len(before.keys() - after.keys()),
            "changed": sum(before[key] != after[key] for key in before.keys() & after.keys()),
        }
        assert ", ".join(f"{count} {kind}" for kind, count in counts.items()) in output
    rows = re.search(r"^  class +night 1 +now\n((?:  \S+ +\d+ +\d+\n)+)", output, re.MULTILINE)
    assert rows is not None
    then, now = classes(first), classes(third)
    assert {tuple(row.split()) for row in rows[1].splitlines()} == {
        (name, str(then[name]), str(now[name])) for name in {*then, *now} if then[name] != now[name]
    }


def test_each_mistake_is_found_and_the_broken_file_costs_only_itself(output: str) -> None:
    second, third = re.split(r"^NIGHT \d", output, flags=re.MULTILINE)[2:]
    assert re.findall(r"^  (committed|rejected) +(\S+)", second, re.MULTILINE) == [
        ("committed", HARBOUR),
        ("rejected", ROADS[0]),
        ("committed", ROADS[1]),
    ]
    assert "TRUNCATED: the document ends early at byte" in second
    failing = re.findall(r"^  (?:error|warning) +(\w+) +(\d+)  (\S+):", third, re.MULTILINE)
    assert set(failing) >= {
        ("sudden_drops", "1", "pier-3"),
        ("class_switches", "1", "tug.mp4"),
        ("near_duplicate_labels", "5", "pier-4"),
    }


def test_its_label_rows_say_who_worked_and_what_is_open(place: Path, output: str) -> None:
    rows = json.loads((place / "demo" / FOLDER / MARKET).read_text(encoding="utf-8"))
    units = [unit for row in rows for unit in row["data_units"].values()]
    frames = [
        frame
        for unit in units
        for frame in ([unit["labels"]] if "objects" in unit["labels"] else unit["labels"].values())
    ]
    boxes = [label for frame in frames for label in frame["objects"]]
    said = output.partition("\nLABEL ROWS")[2].partition("\nReport")[0]
    assert said.count("\n") <= 25
    assert f"documents: {len(rows)} added" in said
    assert f"labels: {len(boxes)} added" in said
    created = Counter((label["createdAt"][5:7], label["createdBy"]) for label in boxes)
    edited = Counter(
        (label["lastEditedAt"][5:7], label["lastEditedBy"]) for label in boxes if "lastEditedBy" in label
    )
    days = re.findall(r"^  2026-01-(\d\d)  (\S+) +(\d+) +(\d+)$", said, re.MULTILINE)
    assert {(day, person): (int(made), int(changed)) for day, person, made, changed in days} == {
        key: (created[key], edited[key]) for key in {*created, *edited}
    }
    crates = {label["objectHash"] for label in boxes}
    answered = {key for row in rows for key in row["object_answers"]}
    assert f"  Crate  Produce {len(crates):>7}  {len(crates - answered):>4}\n" in said
    assert re.search(rf"^  Light  Light +{len(rows)} +0$", said, re.MULTILINE)


def test_what_it_says_to_try_next_works(place: Path, output: str) -> None:
    tried = [
        shlex.split(line)[1:]
        for line in output.partition("Try next:\n")[2].splitlines()
        if "YOUR-EXPORT" not in line
    ]
    assert len(tried) == 3
    for command in tried:
        assert run(*command, cwd=place, COLUMNS="80").returncode == 0, command
    assert (place / "demo" / "warehouse" / "report.html").is_file()
    assert [path.name for path in place.iterdir()] == ["demo"]


def test_the_readme_shows_what_it_prints(output: str) -> None:
    [block] = re.findall(r"^\$ labelhouse demo\n(.*?)^```", readme(), re.MULTILINE | re.DOTALL)
    parts = [part.strip("\n") for part in re.split(r"^\.\.\.$", block, flags=re.MULTILINE)]
    assert all(part in output for part in parts)
    assert sum(map(len, parts)) > 800


def test_the_picture_of_the_terminal_is_what_it_prints(output: str) -> None:
    drawing = module("docs/draw_terminal.py")
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.drawn(output.splitlines())
    assert "](docs/pictures/demo.svg)" in readme()


def test_the_exports_are_the_same_bytes_every_time(place: Path, output: str, tmp_path: Path) -> None:
    write_nights(tmp_path)
    write_label_rows(tmp_path / FOLDER)
    names = [Path(night, name) for night in NIGHTS for name in (HARBOUR, *ROADS)]
    for name in [*names, Path(FOLDER, MARKET), Path(FOLDER, "market.ontology.json")]:
        assert (tmp_path / name).read_bytes() == (place / "demo" / name).read_bytes()


@slow
def test_a_second_run_changes_nothing_and_says_so(place: Path, output: str) -> None:
    again = demo(place)
    assert "nothing changes" in again.replace("\n", " ")
    assert Counter(re.findall(r"^  (unchanged|committed|rejected) ", again, re.MULTILINE)) == {
        "unchanged": 9,
        "rejected": 1,
    }


@slow
@pytest.mark.prefect
@pytest.mark.skipif(importlib.util.find_spec("prefect") is None, reason="needs the extra `flows`")
def test_the_nightly_flow_tells_the_same_story(output: str, tmp_path: Path) -> None:
    server, _, story = demo(tmp_path, str(ROOT / "flows" / "demo.py"), TMPDIR=str(tmp_path)).partition("\n")
    assert server.startswith("Prefect runs the nightly flow, on a server of its own at http://127.0.0.1:")
    assert without_commands(story) == without_commands(output)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def demo(folder: Path, *command: str, **environment: str) -> str:
    """Run the demo in a folder, with the command on the path, and return what it prints."""
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        [sys.executable, *(command or ("-m", "labelhouse", "demo"))],
        cwd=folder,
        env=os.environ | {"PATH": programs} | environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def without_commands(text: str) -> str:
    return text.partition("Try next:")[0]


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def harbour(night: Path) -> dict[Key, tuple[str, Any, Any]]:
    """Return class, box and answers of each label by its data unit, image and object."""
    with zipfile.ZipFile(night / HARBOUR) as archive:
        units: list[Unit] = json.loads(archive.read(archive.namelist()[0]))
    return {key: content for unit in units for key, content in labels(unit)}


def labels(unit: Unit) -> Iterator[tuple[Key, tuple[str, Any, Any]]]:
    names = {category["id"]: category["name"] for category in unit["categories"]}
    files = {image["id"]: image["file_name"] for image in unit["images"]}
    for label in unit["annotations"]:
        attributes = label["attributes"]
        key = (unit["info"]["description"], files[label["image_id"]], attributes["encord_track_uuid"])
        yield key, (names[label["category_id"]], label["bbox"], attributes["classifications"])


def classes(held: dict[Key, tuple[str, Any, Any]]) -> Counter[str]:
    return Counter(name for name, *_ in held.values())
