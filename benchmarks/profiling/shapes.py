"""Show what labels of other shapes cost beside plain ones: CPU time a megabyte, and a label.

    python -m benchmarks.profiling.shapes [--labels 30000] [--runs 5] [--readers native bulk]

Each shape is the plain export with one thing changed in every label. Runs take turns. A run reads and
stages one file; the start of its process does not count.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from labelhouse.processes.process_setup import prepare_process

from benchmarks.harness.stage_once import stage_once
from benchmarks.inputs.generated_exports import compress_runs, document
from benchmarks.inputs.grow import CACHE

Label = dict[str, Any]
_BASE = "plain"


def _answers(label: Label) -> Label:
    return label["attributes"]["classifications"]  # type: ignore[no-any-return]


def _flat(label: Label) -> None:
    label["attributes"] |= label["attributes"].pop("classifications")


def _relation(label: Label) -> None:
    other = {"objectHash": str(uuid.UUID(int=label["id"])), "name": "belongs to"}
    label["attributes"]["classifications"]["#relation"] = [other]


def _mask(label: Label) -> None:
    if label["id"] % 2:
        runs = [label["id"] % 97 + 1, *range(3, 40)]
        counts = compress_runs([*runs, 512 * 512 - sum(runs)])
        label["segmentation"] = {"size": [512, 512], "counts": counts}


def _null_point(label: Label) -> None:
    if label["keypoints"] and label["id"] % 10 == 0:
        label["keypoints"][0] = None


def _integers(label: Label) -> None:
    label["bbox"] = [int(number) for number in label["bbox"]]
    label["segmentation"], label["keypoints"] = [], None


def _plain_coco(label: Label) -> None:
    del label["attributes"]


SHAPES: Mapping[str, Callable[[Label], object]] = {
    _BASE: lambda label: None,
    "a number of its own in the answers": lambda label: _answers(label).update(speed=label["area"] / 7),
    "a text of its own of eight words": lambda label: _answers(label).update(
        note=" ".join(f"word{label['id'] * place % 9_973}" for place in range(1, 9))
    ),
    "a relation with a uuid of its own": _relation,
    "12 questions": lambda label: _answers(label).update(
        {f"question {place}": f"answer {(label['id'] + place) % 5}" for place in range(12)}
    ),
    "flat attributes": _flat,
    "an unknown attribute": lambda label: label["attributes"].update(created_by=f"tool {label['id'] % 3}"),
    "an unknown key": lambda label: label.update(source=f"tool {label['id'] % 3}"),
    "ids as texts": lambda label: label.update(id=f"label-{label['id']:09}"),
    "track_id beside the attributes": lambda label: label.update(
        track_id=label["attributes"].pop("track_id")
    ),
    "a null among the keypoints of a tenth": _null_point,
    "run lengths for half of the labels": _mask,
    "flags as booleans": lambda label: label.update(iscrowd=bool(label["iscrowd"])),
    "boxes of integers alone": _integers,
    "no attributes": _plain_coco,
}
"""What each shape changes in a label."""


def write(shape: str, labels: int, folder: Path) -> Path:
    """Write the export of a shape; makes it if it is not there."""
    path = folder / f"shape-{labels}-{list(SHAPES).index(shape)}.json"
    if not path.is_file():
        export = json.loads("".join(document(0, labels)))
        for label in export["annotations"]:
            SHAPES[shape](label)
        path.write_text(json.dumps(export))
    return path


def cpu_seconds(path: Path, reader: str) -> float:
    """Return the CPU time of staging a file in a process of its own, without its start."""
    command = [sys.executable, "-m", "benchmarks.profiling.shapes", "--one", str(path), "--readers", reader]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _one(path: Path, reader: str) -> float:
    prepare_process()
    with tempfile.TemporaryDirectory() as name:
        warm = Path(name) / "warm.json"
        warm.write_text("".join(document(0, 100)))
        for turn, source in enumerate((warm, path)):
            folder = Path(name) / str(turn)
            folder.mkdir()
            before = resource.getrusage(resource.RUSAGE_SELF)
            stage_once(source, folder, reader)
        after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(labels: int, runs: int, readers: Sequence[str], cache: Path) -> str:
    """Return the table of all shapes and readers as Markdown."""
    paths = {shape: write(shape, labels, cache) for shape in SHAPES}
    measured: dict[tuple[str, str], list[float]] = {}
    for _ in range(runs):
        for shape, path in paths.items():
            for reader in readers:
                measured.setdefault((shape, reader), []).append(cpu_seconds(path, reader))
    heads = [f"{reader}, {what}" for reader in readers for what in ("MB/CPU s", "a MB", "a label")]
    lines = [f"| shape | MB | {' | '.join(heads)} |", "|---|--:|" + "--:|" * len(heads)]
    for shape, path in paths.items():
        cells = [f"{path.stat().st_size / 1e6:.1f}"]
        for reader in readers:
            seconds, base = (statistics.median(measured[which, reader]) for which in (shape, _BASE))
            share = path.stat().st_size / paths[_BASE].stat().st_size
            cells += [f"{path.stat().st_size / 1e6 / seconds:.0f}"]
            cells += [f"{seconds / base / share:.2f}", f"{seconds / base:.2f}"]
        lines.append(f"| {shape} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Compare labels of several shapes.")
    parser.add_argument("--labels", type=int, default=30_000, help="labels of each export")
    parser.add_argument("--runs", type=int, default=5, help="runs of each")
    parser.add_argument("--readers", nargs="+", default=["native", "bulk"], help="native, bulk or ijson")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(_one(options.one, options.readers[0]))
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    print(compare(options.labels, options.runs, options.readers, CACHE))


if __name__ == "__main__":
    main()
