"""Check that memory stays bounded: a parsing process on each large file, as it is and grown.

    python -m benchmarks.memory.parsing [instances] [list] [units] [FILE ...] [--times 10] [--runs 3]

Measured from outside: peak resident memory of a process that stages one source as a parsing process
does, and its seconds per MB of decoded JSON, without those it needs to start. Exits 1 if a target on
memory is missed; time depends on what else the machine does and is only shown.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness.measure import Measured, measure
from benchmarks.inputs.grow import CACHE, NAMES, grown, source_of

MAX_PEAK_MB = 350
MAX_PEAK_GROWTH = 0.15
MAX_TIME_GROWTH = 0.25
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians of the runs on one file."""

    json_mb: float
    peak_mb: float
    seconds_per_mb: float


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against its target; `binding` ones decide the exit code."""

    what: str
    measured: str
    is_met: bool
    binding: bool = True


def parse(source: Path, cache: Path) -> Measured:
    """Stage one source in a process of its own; what it writes is thrown away."""
    script = str(Path(__file__).absolute().parents[1] / "harness" / "stage_once.py")
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
        measured = measure([sys.executable, script, str(source), folder])
    if measured.exit_code:
        raise RuntimeError(f"{source.name} was not staged: {measured.errors}")
    return measured


def figures_of(source: Path, measured: Sequence[Measured], start_s: float) -> Figures:
    """Return the medians of some runs; `start_s` is what an empty document takes."""
    json_mb = source.stat().st_size / _MB
    seconds = statistics.median(m.seconds for m in measured) - start_s
    return Figures(json_mb, statistics.median(m.peak_bytes for m in measured) / _MB, seconds / json_mb)


def checks(small: Figures, large: Figures) -> list[Check]:
    """Hold the figures of a file and of its grown version against the targets."""
    peak_growth = large.peak_mb / small.peak_mb - 1
    time_growth = large.seconds_per_mb / small.seconds_per_mb - 1
    peak_mb = max(small.peak_mb, large.peak_mb)
    return [
        Check(f"peak < {MAX_PEAK_MB} MB", f"{peak_mb:.0f} MB", peak_mb < MAX_PEAK_MB),
        Check(
            f"growth of peak < {MAX_PEAK_GROWTH:.0%}",
            f"{peak_growth:+.1%}",
            peak_growth < MAX_PEAK_GROWTH,
        ),
        Check(
            f"growth of time per MB < {MAX_TIME_GROWTH:.0%}",
            f"{time_growth:+.1%}",
            time_growth < MAX_TIME_GROWTH,
            binding=False,
        ),
    ]


def check_file(name: str, times: int, runs: int, cache: Path) -> bool:
    """Measure one input as it is and `times` as large, in turns; returns whether memory is bounded."""
    source = source_of(name, cache)
    empty = cache / "empty.json"
    empty.write_text('{"images": []}', encoding="utf-8")
    paths = {factor: grown(source, factor, cache).absolute() for factor in (1, times)}
    measured: dict[int, list[Measured]] = {factor: [] for factor in paths}
    starts = []
    for run in range(runs):
        print(f"{name}: run {run + 1}", file=sys.stderr)
        starts.append(parse(empty, cache).seconds)
        for factor, path in paths.items():
            measured[factor].append(parse(path, cache))
    figures = {
        factor: figures_of(path, measured[factor], statistics.median(starts))
        for factor, path in paths.items()
    }
    print(f"\n## {source.stem}\n\n| input | MB of JSON | peak MB | ms per MB |\n|---|--:|--:|--:|")
    for factor, f in figures.items():
        print(f"| {factor}x | {f.json_mb:,.0f} | {f.peak_mb:.0f} | {f.seconds_per_mb * 1000:.1f} |")
    print("\n| target | found | |\n|---|--:|---|")
    results = checks(figures[1], figures[times])
    for check in results:
        verdict = "met" if check.is_met else "missed" if check.binding else "missed (not binding)"
        print(f"| {check.what} | {check.measured} | {verdict} |")
    return all(check.is_met for check in results if check.binding)


def main() -> None:
    """Check the files that were named; exit 1 if a target on memory is missed."""
    parser = argparse.ArgumentParser(description="Check that memory stays bounded.")
    parser.add_argument("inputs", nargs="*", default=NAMES, help="instances, list, units, or files")
    parser.add_argument("--times", type=int, default=10, help="how many times as large to grow them")
    parser.add_argument("--runs", type=int, default=3, help="runs on each file, taken in turns")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    if options.times < 2:
        parser.error("--times has to be 2 or more")
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        bounded = [check_file(name, options.times, options.runs, options.cache) for name in options.inputs]
    except FileNotFoundError as error:
        sys.exit(str(error))
    sys.exit(0 if all(bounded) else 1)


if __name__ == "__main__":
    main()
