"""Load a thousand small files, in one call and one by one, and see that the last cost what the first did.

    python -m benchmarks.nights.many_loads [--files 1000] [--maintain-every 50]

In one call small files share commits, so its first and last 250 are compared: the CPU seconds of the
process that commits. With `--commit-each` each file has a commit there, and none is maintained. One by one,
the first and the last 50 are whole commands, and `maintain` runs as once a week; the loads between share a
session. Then the marts are refreshed in both warehouses, and in one that got the same
files in one commit. Exits 1 past 1.3 times the first loads, or past twice the refresh of one commit.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import labelhouse
from labelhouse.ingestion.batches import MOST_SOURCES
from labelhouse.ingestion.run import IngestOptions, IngestSession

from benchmarks.harness.measure import measure
from benchmarks.inputs.grow import CACHE
from benchmarks.nights.known_bytes import load
from benchmarks.nights.small_files import write_files

COMPARED = 50
"""Loads at the start and at the end that are compared."""


def in_one_call(warehouse: Path, files: Path, *, commit_each: bool) -> Iterator[float]:
    """Load a folder; yield the CPU seconds of this process for each file."""
    with IngestSession(warehouse) as session:
        began = time.process_time()
        for report in session.ingest([str(files)], IngestOptions(commit_each=commit_each)):
            if report.error is not None:
                raise RuntimeError(str(report.error))
            yield time.process_time() - began
            began = time.process_time()


def one_by_one(
    warehouse: Path, files: Sequence[Path], maintain_every: int
) -> tuple[list[float], list[float]]:
    """Load one file after the other; return CPU seconds of commands at both ends, and of maintenance."""
    compared, upkeep = [], []
    for place in range(0, len(files), maintain_every):
        some = files[place : place + maintain_every]
        if place < COMPARED or place >= len(files) - COMPARED:
            compared += [load(warehouse, str(file)).cpu_seconds for file in some]
        else:
            with IngestSession(warehouse) as session:
                for file in some:
                    labelhouse.ingest(session, file)
        upkeep.append(measured_command(warehouse, "maintain"))
    return compared, upkeep


def measured_command(warehouse: Path, *arguments: str) -> float:
    """Return the CPU seconds of a command; raises RuntimeError if it fails."""
    done = measure([sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), *arguments])
    if done.exit_code:
        raise RuntimeError(done.errors)
    return done.cpu_seconds


def main() -> None:
    """Load, refresh, print what they cost, and hold it against the targets."""
    parser = argparse.ArgumentParser(description="Show that the thousandth load costs what the first did.")
    parser.add_argument("--files", type=int, default=1_000, help="a multiple of 50")
    parser.add_argument("--maintain-every", type=int, default=COMPARED, help="loads between maintenance")
    parser.add_argument("--most", type=float, default=1.3, help="times the CPU seconds of the first loads")
    parser.add_argument("--most-refresh", type=float, default=2.0, help="times the refresh of one commit")
    parser.add_argument("--commit-each", action="store_true", help="a commit a file in the one call, too")
    parser.add_argument("--skip-single", action="store_true", help="leave out the loads one by one")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    growths, refreshes = [], {}
    with tempfile.TemporaryDirectory(dir=options.cache, prefix="many-") as place:
        folder = Path(place)
        write_files(folder / "files", options.files)
        print(
            "| loads | compared | first, CPU s a file | last | times |\n|---|--:|--:|--:|--:|", flush=True
        )
        seconds = {
            "one call": list(
                in_one_call(folder / "call", folder / "files", commit_each=options.commit_each)
            )
        }
        if not options.skip_single:
            files = sorted((folder / "files").iterdir())
            seconds["one by one"], upkeep = one_by_one(folder / "single", files, options.maintain_every)
        for name, loads in seconds.items():
            shares_commits = name == "one call" and not options.commit_each
            count = min(MOST_SOURCES if shares_commits else COMPARED, len(loads) // 2)
            first, last = sum(loads[:count]) / count, sum(loads[-count:]) / count
            growths.append(last / first)
            print(f"| {name} | {count} | {first:.3f} | {last:.3f} | {growths[-1]:.2f} |", flush=True)
        if not options.skip_single:
            print(f"\nmaintenance: first {upkeep[0]:.2f}, last {upkeep[-1]:.2f} CPU s")
        load(folder / "together", "--full", str(folder / "files"))
        print("\n| refresh after | CPU s | nothing new |\n|---|--:|--:|")
        for name in ("together", "call", *(() if options.skip_single else ("single",))):
            refreshes[name] = measured_command(folder / name, "refresh")
            again = measured_command(folder / name, "refresh")
            print(f"| {name} | {refreshes[name]:.2f} | {again:.2f} |", flush=True)
    slowest = max(refreshes.values()) / refreshes["together"]
    is_met = max(growths) <= options.most and slowest <= options.most_refresh
    print(f"\nat most {options.most} and {options.most_refresh}: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
