"""Measure the marts: a first refresh, one with nothing new, and one after a night that changed 1 %.

    python -m benchmarks.outputs.refresh [--labels 10000000] [--memory-limit 500MB]

The warehouse is made by a real load of a generated list of data units (120,000 labels, thousands of small
units and four large ones), whose rows are then copied into further projects until there are as many labels
as asked for. The night is a real load: an export in which 1 % of all labels have moved. Each refresh is a
process of its own, measured from outside. Exits 1 if one takes more memory than allowed, or if the marts
after the night are not those that a rebuild makes.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness.measure import Measured, measure
from benchmarks.inputs.generated_exports import generated
from benchmarks.inputs.grow import CACHE

BASE = "encord-list-154"
CHANGED_SHARE = 0.01
_WAREHOUSE = Path(__file__).with_name("marts_warehouse.py")
OVERHEAD_MB = 450
"""What a process takes beside DuckDB's memory limit: Python, Arrow, Parquet writers' buffers."""


def run(arguments: Sequence[object]) -> Measured:
    """Run Python with arguments; raises RuntimeError if it fails."""
    measured = measure([sys.executable, *map(str, arguments)])
    if measured.exit_code:
        raise RuntimeError(f"{arguments[0]} failed: {measured.errors}")
    return measured


def refresh(folder: Path, *options: str) -> tuple[Measured, dict[str, Any]]:
    """Run `labelhouse refresh` in a process of its own; return what it took and what it says."""
    measured = run(["-m", "labelhouse", "--warehouse", folder, "refresh", "--json", *options])
    return measured, json.loads(measured.output)


def table(runs: dict[str, tuple[Measured, dict[str, Any]]]) -> str:
    """Return what the refreshes took as a table in Markdown, one column a refresh."""
    lines = ["| | " + " | ".join(runs) + " |", "|---" + "|--:" * len(runs) + "|"]
    rows: dict[str, list[str]] = {
        "whole command, s": [f"{measured.seconds:.1f}" for measured, _ in runs.values()],
        "peak memory, MB": [f"{measured.peak_bytes / 1e6:,.0f}" for measured, _ in runs.values()],
        "document versions added": [f"{said['documents_added']:,}" for _, said in runs.values()],
        "document versions removed": [f"{said['documents_removed']:,}" for _, said in runs.values()],
    }
    for name in next(iter(runs.values()))[1]["mart_seconds"]:
        rows[f"{name}, s"] = [f"{said['mart_seconds'].get(name, 0):.1f}" for _, said in runs.values()]
    lines += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()]
    return "\n".join(lines)


def megabytes(size: str) -> float:
    """Return a memory limit such as 1GB or 500MB in MB."""
    units = {"GB": 1000.0, "GIB": 1073.741824, "MB": 1.0, "MIB": 1.048576}
    number = size.rstrip("GMiIbB")
    return float(number) * units[size[len(number) :].strip().upper()]


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Report on stderr what takes time."""
    start = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - start:.1f} s", file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print a table in Markdown, exit 1 if something is not as it has to be."""
    parser = argparse.ArgumentParser(description="Measure the refresh of the marts.")
    parser.add_argument("--labels", type=int, default=10_000_000, help="labels in the warehouse")
    parser.add_argument("--memory-limit", default="500MB", help="what DuckDB may take")
    parser.add_argument("--base", default=BASE, help="generated export that is copied")
    parser.add_argument("--no-rebuild", action="store_true", help="do not compare with a rebuild")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and the warehouse")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    folder = options.cache / "marts-warehouse"
    base = generated(options.base, options.cache)
    with timed("making the warehouse"):
        made = run([_WAREHOUSE, "make", base, folder, options.labels])
    copies, labels = (int(number) for number in made.output.split())
    print(f"{labels:,} labels in {copies} projects; DuckDB may take {options.memory_limit}\n")
    limit = ("--memory-limit", options.memory_limit)
    runs = {}
    with timed("first refresh"):
        runs["first"] = refresh(folder, *limit)
    with timed("nothing new"):
        runs["nothing new"] = refresh(folder, *limit)
    night = options.cache / "marts-night.json"
    run([_WAREHOUSE, "night", base, night, max(1, int(labels * CHANGED_SHARE))])
    with timed("loading the night"):
        run(["-m", "labelhouse", "--warehouse", folder, "ingest", night, "--project", "copy-0"])
    with timed("refresh after the night"):
        runs["after the night"] = refresh(folder, *limit)
    same = True
    if not options.no_rebuild:
        hashes = run([_WAREHOUSE, "hashes", folder]).output
        with timed("rebuild"):
            runs["rebuild"] = refresh(folder, "--rebuild", *limit)
        same = hashes == run([_WAREHOUSE, "hashes", folder]).output
    print(table(runs))
    peak_mb = max(measured.peak_bytes for measured, _ in runs.values()) / 1e6
    allowed_mb = megabytes(options.memory_limit) + OVERHEAD_MB
    is_bounded = peak_mb < allowed_mb
    print(f"\npeak {peak_mb:,.0f} MB, allowed {allowed_mb:,.0f} MB: {'met' if is_bounded else 'missed'}")
    if not options.no_rebuild:
        print(f"marts after the night equal those of a rebuild: {'yes' if same else 'no'}")
    sys.exit(0 if is_bounded and same else 1)


if __name__ == "__main__":
    main()
