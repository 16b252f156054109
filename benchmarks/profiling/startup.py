"""Time `ingest` of a small export from start to exit, and say where that goes.

    python -m benchmarks.profiling.startup [--runs 7] [--documents 5]

Whole processes, warm, in turns: Python alone, `--version`, the ingest into a new warehouse and into one
that holds other exports. Then what the modules of both processes (the command and its parsing process)
cost to import, by package, and which functions of the command the rest goes to. Prints Markdown; exits
1 if the ingest into a warehouse that is there takes longer than its target.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import labelhouse

from benchmarks.harness.measure import Measured, measure
from benchmarks.harness.sampler import Profile, sampled
from benchmarks.inputs.grow import CACHE, unit

TARGET_S = 1.5
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)([\w.]+)")
_TOP_PACKAGES, _TOP_FUNCTIONS = 12, 15
_ENGINE = frozenset({"subprocess"})


@dataclass(frozen=True, slots=True)
class Imported:
    """One module's import: microseconds of its own, and with what it brought along."""

    module: str
    depth: int
    own_us: int
    all_us: int


def imports(arguments: Sequence[str]) -> list[Imported]:
    """Return what a Python process imports, in the order in which imports ended."""
    command = [sys.executable, "-X", "importtime", *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    return [
        Imported(match[4], len(match[3]) // 2, int(match[1]), int(match[2]))
        for match in map(_IMPORT.match, done.stderr.splitlines())
        if match
    ]


def own_ms_by_package(modules: Sequence[Imported]) -> Counter[str]:
    """Add up modules' own import time by top-level package."""
    packages: Counter[str] = Counter()
    for module in modules:
        packages[module.module.partition(".")[0]] += module.own_us
    return Counter({package: us // 1000 for package, us in packages.items()})


def brought_in(modules: Sequence[Imported], package: str) -> list[Imported]:
    """Return a package's own modules with what each costs all in all, the dearest first."""
    ours = [m for m in modules if m.module.startswith(package)]
    return sorted(ours, key=lambda m: -m.all_us)


def timed(small: Path, runs: int, cache: Path) -> Iterator[tuple[str, list[Measured]]]:
    """Measure the commands in turns; yield each with its runs."""
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as name:
        folder = Path(name)
        python = [sys.executable]
        labelhouse = [*python, "-m", "labelhouse"]
        used = folder / "used"
        measure([*labelhouse, "--warehouse", str(used), "ingest", str(small), "--json"])
        by_command: dict[str, list[Measured]] = {}
        for run in range(runs):
            other = folder / f"small-{run}.json"
            other.write_text(_export(2, first=100 + run), encoding="utf-8")
            commands = {
                "Python alone": [*python, "-c", "pass"],
                "labelhouse --version": [*labelhouse, "--version"],
                "labelhouse status": [*labelhouse, "--warehouse", str(used), "status"],
                "ingest into a new warehouse": [
                    *(*labelhouse, "--warehouse", str(folder / f"new-{run}")),
                    *("ingest", str(small), "--json"),
                ],
                "ingest into a warehouse that is there": [
                    *(*labelhouse, "--warehouse", str(used), "ingest", str(other), "--json")
                ],
                "the same export again": [
                    *(*labelhouse, "--warehouse", str(used), "ingest", str(small), "--json")
                ],
            }
            for what, command in commands.items():
                measured = measure(command)
                if measured.exit_code:
                    raise RuntimeError(f"{what}: {measured.errors}")
                by_command.setdefault(what, []).append(measured)
        yield from by_command.items()


def commanded(small: Path, cache: Path) -> tuple[Profile, float]:
    """Sample where wall time of an ingest goes in the command's own process, imports done."""
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as name:
        other = Path(name, "other.json")
        other.write_text(_export(2, first=100), encoding="utf-8")
        labelhouse.ingest(Path(name, "warehouse"), other, jobs=1)
        start = time.perf_counter()
        with sampled(time.perf_counter, _ENGINE) as profile:
            labelhouse.ingest(Path(name, "warehouse"), small, jobs=1)
        return profile, time.perf_counter() - start


def _export(documents: int, first: int = 0) -> str:
    return json.dumps([unit(number) for number in range(first, first + documents)])


def _import_lines(title: str, modules: Sequence[Imported]) -> Iterator[str]:
    total = sum(module.own_us for module in modules) / 1000
    yield from (f"### Imports of {title}: {total:,.0f} ms, {len(modules):,} modules", "")
    yield from ("| package | own ms | | module of ours | ms with what it brings |", "|---|--:|---|---|--:|")
    packages = own_ms_by_package(modules).most_common(_TOP_PACKAGES)
    ours = brought_in(modules, "labelhouse")[:_TOP_PACKAGES]
    for row in range(max(len(packages), len(ours))):
        left = f"{packages[row][0]} | {packages[row][1]:,}" if row < len(packages) else " | "
        right = f"{ours[row].module} | {ours[row].all_us / 1000:,.0f}" if row < len(ours) else " | "
        yield f"| {left} | | {right} |"
    yield ""


def main() -> None:
    """Measure and print Markdown; exit 1 if the target is missed."""
    parser = argparse.ArgumentParser(description="Time a small ingest from start to exit.")
    parser.add_argument("--runs", type=int, default=7, help="runs of each command, in turns")
    parser.add_argument("--documents", type=int, default=5, help="documents of the small export")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    small = options.cache / f"small-{options.documents}.json"
    small.write_text(_export(options.documents), encoding="utf-8")
    print("## Start to exit\n\n| command | s | CPU s | best s |\n|---|--:|--:|--:|")
    wanted = 0.0
    for what, runs in timed(small, options.runs, options.cache):
        wall = statistics.median(m.seconds for m in runs)
        cpu = statistics.median(m.cpu_seconds for m in runs)
        print(f"| {what} | {wall:.2f} | {cpu:.2f} | {min(m.seconds for m in runs):.2f} |")
        wanted = wall if what == "ingest into a warehouse that is there" else wanted
    print()
    with tempfile.TemporaryDirectory(dir=options.cache, prefix="run-") as folder:
        ingest = ["-m", "labelhouse", "--warehouse", folder, "ingest", str(small), "--json"]
        print("\n".join(_import_lines("the command", imports(ingest))))
    print(
        "\n".join(
            _import_lines("the parsing process", imports(["-m", "labelhouse.ingestion.parse_process"]))
        )
    )
    profile, seconds = commanded(small, options.cache)
    print(f"### The command itself, imports done: {seconds * 1000:,.0f} ms\n\n| function | ms |\n|---|--:|")
    for place, taken in profile.dearest(_TOP_FUNCTIONS):
        print(f"| `{place}` | {taken * 1000:,.0f} |")
    print(f"\nTarget {TARGET_S} s: {'met' if wanted <= TARGET_S else 'missed'} ({wanted:.2f} s)")
    sys.exit(0 if wanted <= TARGET_S else 1)


if __name__ == "__main__":
    main()
