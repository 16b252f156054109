"""Show that an ingest's memory stays flat while exports grow: one document, and a list of thousands.

    python -m benchmarks.memory.flat [--sizes 100 500 5000] [--variants encord encord-list] [--jobs 2]

The whole command is measured from outside: the peak of its largest process, and what all of them held
together. Exports are generated, in MB of JSON, and deleted once they have been loaded. Prints Markdown;
exits 1 if a process holds more than its target, or more for the largest export than for the smallest.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.measure import measure
from benchmarks.inputs.generated_exports import VARIANTS, generated
from benchmarks.inputs.grow import CACHE

MAX_PEAK_MB = 250
MAX_GROWTH = 0.15
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Load:
    """One export and what loading it took."""

    variant: str
    json_mb: float
    annotations: int
    seconds: float
    peak_mb: float
    tree_peak_mb: float | None


def load(variant: str, size_mb: int, jobs: int, reader: str, cache: Path, *, keep: bool) -> Load:
    """Make an export, load it into a warehouse of its own, delete both. Raises RuntimeError."""
    made_before = (cache / f"{variant}-{size_mb}.json").is_file()
    source = generated(f"{variant}-{size_mb}", cache)
    try:
        with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
            command = [sys.executable, "-m", "labelhouse", "--warehouse", folder, "ingest", str(source)]
            options = ["--jobs", str(jobs), "--reader", reader, "--json"]
            measured = measure([*command, *options])
        if measured.exit_code:
            raise RuntimeError(f"{source.name} was not loaded: {measured.errors.strip()}")
        return Load(
            variant,
            source.stat().st_size / _MB,
            int(json.loads(measured.output)["rows"]["annotations"]),
            measured.seconds,
            measured.peak_bytes / _MB,
            None if measured.tree_peak_bytes is None else measured.tree_peak_bytes / _MB,
        )
    finally:
        if not keep and not made_before:
            source.unlink()


def verdicts(loads: Sequence[Load]) -> Iterator[tuple[str, bool]]:
    """Hold the loads of one variant against the targets; the smallest export comes first."""
    peak = max(load.peak_mb for load in loads)
    yield f"{loads[0].variant}: peak {peak:.0f} MB, target {MAX_PEAK_MB} MB", peak < MAX_PEAK_MB
    growth = loads[-1].peak_mb / loads[0].peak_mb - 1
    yield f"{loads[0].variant}: growth {growth:+.0%}, target {MAX_GROWTH:.0%}", growth < MAX_GROWTH


def main() -> None:
    """Load exports of growing size and print Markdown; exit 1 if memory is not flat."""
    parser = argparse.ArgumentParser(description="Show that memory stays flat while exports grow.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 500, 5000], help="MB of JSON")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=["encord", "encord-list"])
    parser.add_argument("--jobs", type=int, default=2, help="parsing processes")
    parser.add_argument("--reader", default="bulk", help="bulk or ijson")
    parser.add_argument("--keep", action="store_true", help="keep the exports")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print("| export | MB of JSON | annotations | s | MB/s | peak MB | all processes MB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    targets: list[tuple[str, bool]] = []
    for variant in options.variants:
        loads = []
        for size_mb in sorted(options.sizes):
            one = load(variant, size_mb, options.jobs, options.reader, options.cache, keep=options.keep)
            loads.append(one)
            tree = "" if one.tree_peak_mb is None else f"{one.tree_peak_mb:.0f}"
            print(
                f"| {variant} | {one.json_mb:,.0f} | {one.annotations:,} | {one.seconds:.1f} "
                f"| {one.json_mb / one.seconds:.0f} | {one.peak_mb:.0f} | {tree} |",
                flush=True,
            )
        targets += verdicts(loads)
    print()
    for text, is_met in targets:
        print(f"- {text}: {'met' if is_met else 'missed'}")
    sys.exit(0 if all(is_met for _, is_met in targets) else 1)


if __name__ == "__main__":
    main()
