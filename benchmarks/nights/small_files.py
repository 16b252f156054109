"""Load many small files in one call, in shared commits and each in its own, and see what a file costs.

    python -m benchmarks.nights.small_files [--files 1000] [--alone 50] [--most 0.12]

Each file is a list of five data units with one image and four labels, some 11 kB. Prints CPU seconds of
whole commands, and exits 1 if a file of the one call takes more CPU seconds than given.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.inputs.grow import CACHE, unit
from benchmarks.nights.known_bytes import load

UNITS = 5


def write_files(folder: Path, count: int) -> int:
    """Write `count` small exports to a new folder; return their bytes."""
    folder.mkdir()
    total = 0
    for number in range(count):
        units = [unit(number * UNITS + index) for index in range(UNITS)]
        total += (folder / f"{number:05d}.json").write_text(json.dumps(units), encoding="utf-8")
    return total


def main() -> None:
    """Load the files in one call, then again, and some of them with a commit each."""
    parser = argparse.ArgumentParser(description="Show what many small files cost.")
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--alone", type=int, default=50, help="files that get a commit each, to compare")
    parser.add_argument("--most", type=float, default=0.12, help="CPU seconds a file")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.cache, prefix="small-") as place:
        folder = Path(place)
        kilobytes = write_files(folder / "many", options.files) / options.files / 1e3
        write_files(folder / "few", options.alone)
        calls = {
            "one call": (folder / "shared", "many", options.files),
            "the same again": (folder / "shared", "many", options.files),
            "a commit each": (folder / "each", "few", options.alone),
        }
        print(
            f"files of {kilobytes:.1f} kB\n\n| | files | CPU s | CPU s a file | s |\n|---|--:|--:|--:|--:|"
        )
        for name, (warehouse, files, count) in calls.items():
            how = ["--commit-each"] if name == "a commit each" else []
            loaded = load(warehouse, str(folder / files), *how)
            share = loaded.cpu_seconds / count
            print(
                f"| {name} | {count:,} | {loaded.cpu_seconds:.1f} | {share:.3f} | {loaded.seconds:.1f} |",
                flush=True,
            )
            if name == "one call":
                is_met = share <= options.most
    print(f"\na file takes at most {options.most} CPU s: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
