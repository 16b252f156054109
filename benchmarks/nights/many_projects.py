"""Load a hundred projects into a warehouse, and documents that share very many categories.

    python -m benchmarks.nights.many_projects [--projects 100] [--documents 100] [--categories 5000]

Each project is a list of documents of one image with four labels; its load is a whole command. Then a
thousand such documents with 5 categories, and with `--categories`, shared by all. Exits 1 if the last ten
projects cost more than 1.3 times the first ten.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.inputs.grow import CACHE, unit
from benchmarks.nights.known_bytes import load

COMPARED = 10
SHARING = 1_000
"""Documents that share a set of categories."""


def write_documents(path: Path, first: int, count: int, categories: int = 5) -> None:
    """Write a list of documents that share a set of categories."""
    units = [unit(number) for number in range(first, first + count)]
    shared = units[0]["categories"]
    for number in range(len(shared), categories):
        shared.append({"id": number + 1, "name": f"class {number + 1}", "supercategory": "polygon"})
    for one in units:
        one["categories"] = shared
    path.write_text(json.dumps(units), encoding="utf-8")


def main() -> None:
    """Load, print what the loads cost, and hold them against the target."""
    parser = argparse.ArgumentParser(
        description="Show that the hundredth project costs what the first did."
    )
    parser.add_argument("--projects", type=int, default=100)
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--categories", type=int, default=5_000)
    parser.add_argument("--most", type=float, default=1.3, help="times the first ten projects")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.cache, prefix="projects-") as place:
        folder = Path(place)
        path = folder / "export.json"
        seconds = []
        for number in range(options.projects):
            write_documents(path, number * options.documents, options.documents)
            how = ["--project", f"project-{number}"]
            seconds.append(load(folder / "warehouse", str(path), *how).cpu_seconds)
        # The first load makes the warehouse.
        first, last = statistics.median(seconds[1 : 1 + COMPARED]), statistics.median(seconds[-COMPARED:])
        print("| projects | first, CPU s | last, CPU s | times |\n|--:|--:|--:|--:|")
        print(f"| {options.projects} | {first:.2f} | {last:.2f} | {last / first:.2f} |\n", flush=True)
        print("| documents | categories | MB | first load, CPU s | one document changed | peak MB |")
        print("|--:|--:|--:|--:|--:|--:|")
        for categories in (5, options.categories):
            write_documents(path, 0, SHARING, categories)
            warehouse = folder / f"categories-{categories}"
            whole = load(warehouse, str(path))
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace('"iscrowd": 0', '"iscrowd": 1', 1), encoding="utf-8")
            again = load(warehouse, str(path))
            print(
                f"| {SHARING:,} | {categories:,} | {len(text) / 1e6:.1f} | {whole.cpu_seconds:.2f} "
                f"| {again.cpu_seconds:.2f} | {whole.peak_bytes / 1e6:.0f} |",
                flush=True,
            )
    is_met = last <= options.most * first
    print(f"\nat most {options.most} times: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
