"""Load files, load the same bytes again, and see that the second load costs a hash and a start.

    python -m benchmarks.nights.known_bytes FILE ... [--rounds 5] [--most 0.15]

Whole commands in turns, in CPU seconds: a first load into a new warehouse, and the same file again. Prints
medians, and exits 1 if a second load takes more than the given share of the first.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.measure import Measured, measure
from benchmarks.inputs.grow import CACHE


@dataclass(frozen=True, slots=True)
class Repeated:
    """The loads of one file: for each round the first one, and the one of the same bytes."""

    path: Path
    first: Sequence[Measured]
    again: Sequence[Measured]

    @property
    def share(self) -> float:
        """CPU seconds of the second load over those of the first."""
        return cpu_seconds(self.again) / cpu_seconds(self.first)


def cpu_seconds(loads: Sequence[Measured]) -> float:
    """Return the median of the CPU seconds."""
    return statistics.median(load.cpu_seconds for load in loads)


def load(warehouse: Path, *arguments: str) -> Measured:
    """Measure one `labelhouse ingest`; raises RuntimeError if it fails."""
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", *arguments]
    loaded = measure(command)
    if loaded.exit_code:
        raise RuntimeError(loaded.errors)
    return loaded


def load_twice(path: Path, folder: Path, rounds: int) -> Repeated:
    """Load a file `rounds` times into a new warehouse, each time twice."""
    first, again = [], []
    for number in range(rounds):
        warehouse = folder / f"{path.stem}-{number}"
        first.append(load(warehouse, str(path)))
        again.append(load(warehouse, str(path)))
        if "unchanged" not in again[-1].output:
            raise RuntimeError(again[-1].output)
    return Repeated(path, first, again)


def main() -> None:
    """Measure each file and print a row on it."""
    parser = argparse.ArgumentParser(description="Show that the same bytes again cost little.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=float, default=0.15, help="share of the first load's CPU seconds")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print("| file | MB | first, CPU s | again, CPU s | share | first, s | again, s |")
    print("|---|--:|--:|--:|--:|--:|--:|", flush=True)
    shares = []
    for path in options.files:
        with tempfile.TemporaryDirectory(dir=options.cache, prefix="known-") as folder:
            loads = load_twice(path, Path(folder), options.rounds)
        seconds = [statistics.median(each.seconds for each in part) for part in (loads.first, loads.again)]
        print(
            f"| {path.name} | {path.stat().st_size / 1e6:.1f} | {cpu_seconds(loads.first):.2f} "
            f"| {cpu_seconds(loads.again):.2f} | {loads.share:.1%} | {seconds[0]:.1f} | {seconds[1]:.1f} |",
            flush=True,
        )
        shares.append(loads.share)
    is_met = max(shares) <= options.most
    print(f"\nthe same bytes take at most {options.most:.0%}: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
