"""Load the same exports with Labelhouse and with what one would use instead, side by side.

    python -m benchmarks.compare.run [encord-617 list ...] [--only labelhouse-2 duckdb-typed ...] [--runs 5]
        [--forms json zip] [--out .bench/comparison]

Every contender is a whole process, measured from outside, and they take turns, so that what disturbs
the machine disturbs all of them. What they wrote is read back and compared. After each run everything
that is known is saved to OUT.json and OUT.md; the same command resumes what was stopped.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.compare.contenders import CONTENDERS, HERE, Contender, chosen, environment, pinned_versions
from benchmarks.compare.report import markdown
from benchmarks.compare.results import Contents, Results, Run, results_from
from benchmarks.harness.measure import Bounds, Measured, measure
from benchmarks.inputs.forms import FORMS, STANDARD, Input, inputs_of
from benchmarks.inputs.grow import CACHE, ROOT

PACKAGES = ("ijson", "msgspec", "pysimdjson", "pyarrow", "duckdb", "numpy")
_MB = 1e6
_MAX_ERROR = 200


def run_once(
    contender: Contender, export: Input, number: int, bounds: Bounds, results: Results, cache: Path
) -> None:
    """Run a contender once on an input and add what came of it to the results."""
    with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as name:
        folder = Path(name)
        measured = measure(contender.command(export.sources, folder), bounds, environment())
        files = [path for path in folder.rglob("*") if path.is_file()]
        run = Run(
            contender=contender.name,
            input=export.key,
            number=number,
            seconds=measured.seconds,
            cpu_seconds=measured.cpu_seconds,
            peak_mb=measured.peak_bytes / _MB,
            tree_peak_mb=None if measured.tree_peak_bytes is None else measured.tree_peak_bytes / _MB,
            written_mb=sum(path.stat().st_size for path in files) / _MB,
            error=_error(measured, export),
        )
        results.runs.append(run)
        if contender.files and not run.error and not results.contents_of(contender.name, export.key):
            results.contents.append(_contents(contender, export, folder))


def compare(
    inputs: Sequence[Input],
    contenders: Sequence[Contender],
    results: Results,
    out: Path,
    *,
    runs: int,
    slow_s: float,
    bounds: Bounds,
    cache: Path,
) -> None:
    """Measure every contender on every input in rounds; one that fails, or is slow, runs once."""
    for number in range(runs):
        # No contender always runs behind the same other one.
        turn = number % len(contenders)
        for export in inputs:
            results.add_input(export)
            for contender in (*contenders[turn:], *contenders[:turn]):
                done = results.of(contender.name, export.key)
                if len(done) > number or (export.form == "zip" and not contender.takes_zip):
                    continue
                if any(run.error or run.seconds > slow_s for run in done):
                    continue
                print(f"round {number + 1}: {export.key}, {contender.name}", file=sys.stderr, end=" ")
                run_once(contender, export, number, bounds, results, cache)
                print(f"{results.runs[-1].seconds:.1f} s", results.runs[-1].error or "", file=sys.stderr)
                _save(results, out)


def _save(results: Results, out: Path) -> None:
    results.save(out.with_suffix(".json"))
    out.with_suffix(".md").write_text(markdown(results, CONTENDERS), encoding="utf-8")


def _contents(contender: Contender, export: Input, folder: Path) -> Contents:
    measured = measure([sys.executable, str(HERE / "contents.py"), str(folder), str(contender.files)])
    if measured.exit_code:
        raise RuntimeError(measured.errors)
    return Contents(contender.name, export.key, **json.loads(measured.output))


def _error(measured: Measured, export: Input) -> str | None:
    """Return why a run failed: its class and first line of error, without the path of its input."""
    if measured.stopped or not measured.exit_code:
        return measured.stopped
    lines = measured.errors.splitlines() or measured.output.splitlines()
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Panic)\b", line)]
    text = (named or lines or [f"exit code {measured.exit_code}"])[0].removeprefix("_")
    for source in export.sources:
        text = text.replace(str(source), source.name)
    return text[:_MAX_ERROR]


def about_this_run(bounds: Bounds) -> dict[str, str]:
    """Return machine, code and versions: what all runs of a comparison have in common."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    describe = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    code = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return {
        "machine": f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"{memory / 2**30:.0f} GiB memory",
        "code": f"labelhouse {version('labelhouse')}, commit {code or 'unknown'}",
        "versions": f"Python {platform.python_version()}, {versions}",
        "peers": pinned_versions(),
        "bounds": f"stopped at {bounds.seconds:,.0f} s or {bounds.bytes / 2**30:.0f} GiB",
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare ways to load an export.")
    parser.add_argument("inputs", nargs="*", default=STANDARD, help=f"{', '.join(STANDARD)}, or files")
    names = ", ".join(contender.name for contender in CONTENDERS)
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help=f"of {names}")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS, help="plain, zipped, or both")
    parser.add_argument("--runs", type=int, default=5, help="runs of each contender")
    parser.add_argument("--slow", type=float, default=120, help="what takes more seconds runs once")
    parser.add_argument("--seconds", type=float, default=600, help="stop a run after this many")
    parser.add_argument("--gib", type=float, default=8, help="stop a run at this much memory")
    parser.add_argument(
        "--times", type=int, default=1, help="make files and corpus inputs N times as large"
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    parser.add_argument("--out", type=Path, help="writes OUT.json and OUT.md [.bench/comparison]")
    parser.add_argument("--fresh", action="store_true", help="do not resume what OUT.json holds")
    return parser.parse_args()


def main() -> None:
    """Compare and print the report."""
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    out = (options.out or options.cache / "comparison").with_suffix(".json")
    bounds = Bounds(options.seconds, int(options.gib * 2**30))
    if options.fresh:
        out.unlink(missing_ok=True)
    try:
        contenders = chosen(options.only)
        results = results_from(out, about_this_run(bounds))
        inputs = [
            export
            for name in options.inputs
            for export in inputs_of(name, options.forms, options.times, options.cache)
        ]
    except (FileNotFoundError, ValueError) as error:
        sys.exit(str(error))
    compare(
        inputs,
        contenders,
        results,
        out,
        runs=options.runs,
        slow_s=options.slow,
        bounds=bounds,
        cache=options.cache,
    )
    _save(results, out)
    print(markdown(results, CONTENDERS))


if __name__ == "__main__":
    main()
