"""Load the same exports with Labelhouse and with what one would write instead, side by side.

    python benchmarks/compare.py [instances] [list] [units] [FILE ...] [--runs 5] [--times 1] [--json FILE]

Every contender is a whole process, measured from outside, and they take turns, so that what disturbs
the machine disturbs all of them. Then what they wrote is read back and compared.
"""

import argparse
import dataclasses
import json
import math
import os
import platform
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from grow import CACHE, NAMES, grown, source_of, zipped
from measure import Measured, measure

HERE = Path(__file__).absolute().parent
TABLES = ("documents", "images", "categories", "annotations", "keypoints", "attributes")
PACKAGES = ("labelhouse", "ijson", "pyarrow", "duckdb", "numpy")
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to load an export: a command that takes {source} and a {folder} to fill.

    `files` says where a table's Parquet files lie in the folder; `remark` what one should know of it.
    """

    name: str
    arguments: tuple[str, ...]
    remark: str
    files: str = "{table}.parquet"
    takes_zip: bool = False

    def command(self, source: Path, folder: Path) -> list[str]:
        """Return the command line of one run."""
        places = {"source": source, "folder": folder, "here": HERE}
        return [sys.executable, *(part.format(**places) for part in self.arguments)]


_INGEST = ("-m", "labelhouse", "--warehouse", "{folder}", "ingest", "{source}", "--json")

CONTENDERS = (
    Contender(
        "Labelhouse, JSON",
        _INGEST,
        "the whole command: parsing process, fingerprints, issue rows, page checksums, fsync, commit "
        "into the catalog. Unknown keys, and the original of every value that was taken for another, "
        "are in `extra`; URLs are stored without their secret parts",
        files="data/main/{table}/*.parquet",
    ),
    Contender(
        "Labelhouse, zip",
        _INGEST,
        "the same from the zip archive, as exports come",
        files="data/main/{table}/*.parquet",
        takes_zip=True,
    ),
    Contender(
        "json.load + pyarrow",
        ("{here}/json_pyarrow.py", "{source}", "{folder}"),
        "holds the whole export. Coerces what it was written for in silence, fails on anything else; "
        "secret parts of URLs stay in `extra`; no checks, no fingerprints, no commit",
    ),
    Contender(
        "DuckDB, typed",
        ("{here}/duckdb_read_json.py", "duckdb_typed", "{source}", "{folder}"),
        "reads no zip: given the unzipped file. Drops every key that has no column, and one value of "
        "another type fails the file",
    ),
    Contender(
        "DuckDB, cast",
        ("{here}/duckdb_read_json.py", "duckdb_json", "{source}", "{folder}"),
        "what is left where the typed reader fails: records as JSON, cast column by column. Reads no "
        "zip: given the unzipped file. Holds the whole export; coerces in silence; secret parts of URLs "
        "stay in `extra`; category lists that differ only in the order of keys count as two; no checks, "
        "no fingerprints, no commit",
    ),
)


@dataclass(frozen=True, slots=True)
class Input:
    """An export in both forms; `json_bytes` is its decoded size."""

    name: str
    plain: Path
    archive: Path

    @property
    def json_bytes(self) -> int:
        """Size of the JSON text."""
        return self.plain.stat().st_size


@dataclass(frozen=True, slots=True)
class Result:
    """A contender's figures for one input: medians of its runs, or how it failed."""

    contender: str
    input: str
    runs: int
    seconds: float
    mb_per_s: float
    cpu_seconds: float
    peak_mb: float
    tree_peak_mb: float | None
    parquet_mb: float
    error: str | None
    rows: dict[str, int]
    with_extra: dict[str, int]
    sums: dict[str, float]


def compare(inputs: Sequence[Input], runs: int, cache: Path) -> Iterator[Result]:
    """Measure every contender on every input, `runs` times in turns; one that fails runs once."""
    for export in inputs:
        measured: dict[Contender, list[Measured]] = {c: [] for c in CONTENDERS}
        written: dict[Contender, _Written] = {}
        for run in range(runs):
            turn = run % len(CONTENDERS)
            for contender in (*CONTENDERS[turn:], *CONTENDERS[:turn]):
                if any(m.exit_code for m in measured[contender]):
                    continue
                print(f"{export.name}: run {run + 1}, {contender.name}", file=sys.stderr)
                with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as name:
                    folder = Path(name)
                    source = export.archive if contender.takes_zip else export.plain
                    figures = measure(contender.command(source, folder))
                    measured[contender].append(figures)
                    if contender not in written and not figures.exit_code:
                        written[contender] = _Written.of(folder, contender.files)
        for contender in CONTENDERS:
            yield _result(contender, export, measured[contender], written.get(contender))


@dataclass(frozen=True, slots=True)
class _Written:
    """What a contender left behind."""

    parquet_bytes: int
    rows: dict[str, int]
    with_extra: dict[str, int]
    sums: dict[str, float]

    @classmethod
    def of(cls, folder: Path, files: str) -> "_Written":
        # In a process of its own, since this one has to stay small: see measure().
        found = measure([sys.executable, str(HERE / "contents.py"), str(folder), files])
        if found.exit_code:
            raise RuntimeError(found.errors)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        return cls(size, **json.loads(found.output))


def _result(
    contender: Contender, export: Input, measured: Sequence[Measured], written: _Written | None
) -> Result:
    seconds = statistics.median(m.seconds for m in measured)
    trees = [m.tree_peak_bytes for m in measured if m.tree_peak_bytes is not None]
    failed = [m for m in measured if m.exit_code]
    return Result(
        contender=contender.name,
        input=export.name,
        runs=len(measured),
        seconds=seconds,
        mb_per_s=export.json_bytes / _MB / seconds,
        cpu_seconds=statistics.median(m.cpu_seconds for m in measured),
        peak_mb=statistics.median(m.peak_bytes for m in measured) / _MB,
        tree_peak_mb=statistics.median(trees) / _MB if trees else None,
        parquet_mb=written.parquet_bytes / _MB if written else 0.0,
        error=_first_line(failed[0], export) if failed else None,
        rows=written.rows if written else {},
        with_extra=written.with_extra if written else {},
        sums=written.sums if written else {},
    )


def _first_line(failed: Measured, export: Input) -> str:
    """Return class and first line of the error that ended a process, without the path of its input."""
    lines = failed.errors.splitlines() or failed.output.splitlines()
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    text = (named or lines or [f"exit code {failed.exit_code}"])[0].removeprefix("_")
    return text.replace(str(export.plain), export.plain.name)


def markdown(inputs: Sequence[Input], results: Sequence[Result], about: Mapping[str, str]) -> str:
    """Return the report."""
    lines = [
        "# Comparison",
        "",
        *(f"- {key}: {value}" for key, value in about.items()),
        "",
        "Figures are medians over the runs, taken in turns on one machine. Absolute figures say as much "
        "of the machine as of the contenders: quote the ratios. `peak` is the largest single process of "
        "a contender, `all processes` what they held together; ratios are to Labelhouse on JSON.",
    ]
    for export in inputs:
        of_input = [result for result in results if result.input == export.name]
        lines += ["", f"## {export.name}: {export.json_bytes / _MB:,.0f} MB of JSON", ""]
        lines += [*_figures(of_input), "", *_rows(of_input)]
    lines += ["", "## Remarks", ""]
    lines += [f"- **{contender.name}**: {contender.remark}." for contender in CONTENDERS]
    return "\n".join(lines) + "\n"


def _figures(results: Sequence[Result]) -> Iterator[str]:
    yield (
        "| contender | wall s | ratio | MB/s | CPU s | peak MB | ratio | all processes MB "
        "| Parquet MB | runs |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    base = results[0]
    for r in results:
        tree = "" if r.tree_peak_mb is None else f"{r.tree_peak_mb:,.0f}"
        if r.error is not None:
            yield (
                f"| {r.contender} | fails after {r.seconds:.1f} | | | {r.cpu_seconds:.1f} "
                f"| {r.peak_mb:,.0f} | {r.peak_mb / base.peak_mb:.1f} | {tree} | | {r.runs} |"
            )
            continue
        yield (
            f"| {r.contender} | {r.seconds:.1f} | {r.seconds / base.seconds:.2f} "
            f"| {r.mb_per_s:.1f} | {r.cpu_seconds:.1f} | {r.peak_mb:,.0f} "
            f"| {r.peak_mb / base.peak_mb:.1f} | {tree} | {r.parquet_mb:.1f} | {r.runs} |"
        )
    yield ""
    yield from (f"{r.contender} fails: `{r.error}`" for r in results if r.error is not None)


def _rows(results: Sequence[Result]) -> Iterator[str]:
    yield f"| rows | {' | '.join(TABLES)} | keep unknown keys |"
    yield "|---|" + "--:|" * (len(TABLES) + 1)
    for r in results:
        if r.error is None:
            counts = " | ".join(f"{r.rows[table]:,}" for table in TABLES)
            yield f"| {r.contender} | {counts} | {sum(r.with_extra.values()):,} |"
    yield ""
    yield from differences(results)


def differences(results: Sequence[Result]) -> Iterator[str]:
    """Say for each contender where what it stored differs from the first one's, in a line each."""
    done = [r for r in results if r.error is None]
    for r in done[1:]:
        first = done[0]
        rows = [f"rows of {t}" for t in TABLES if r.rows[t] != first.rows[t]]
        sums = [
            f"sum of {name}"
            for name, value in first.sums.items()
            if not math.isclose(value, r.sums.get(name, math.nan), rel_tol=1e-9)
        ]
        extra = [
            f"{first.with_extra[t] - kept:,} rows of {t} lack the `extra` that {first.contender} has"
            for t, kept in r.with_extra.items()
            if kept != first.with_extra[t]
        ]
        found = "; ".join([*rows, *sums, *extra])
        same = f"{len(first.sums)} sums over columns and all row counts are equal"
        yield f"- {r.contender} against {first.contender}: {found or same}"


def about_this_machine(runs: int) -> dict[str, str]:
    """Return versions and machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "machine": f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"{memory / 2**30:.0f} GiB memory",
        "load before (1, 5, 15 minutes)": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{p} {version(p)}" for p in PACKAGES)]
        ),
        "runs": str(runs),
    }


def _input(name: str, times: int, cache: Path) -> Input:
    source = source_of(name, cache)
    is_plain = source.suffix == ".json" and times == 1
    plain = source if is_plain else grown(source, times, cache)
    is_zip = source.suffix == ".zip" and times == 1
    label = name if name in NAMES else source.stem
    return Input(
        label if times == 1 else f"{label} x {times}",
        plain.absolute(),
        (source if is_zip else zipped(plain, cache)).absolute(),
    )


def main() -> None:
    """Compare and print the report."""
    parser = argparse.ArgumentParser(description="Compare ways to load an export.")
    parser.add_argument("inputs", nargs="*", default=NAMES, help="instances, list, units, or files")
    parser.add_argument("--runs", type=int, default=5, help="runs of each contender")
    parser.add_argument("--times", type=int, default=1, help="make the inputs so many times as large")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    parser.add_argument("--json", type=Path, help="write every figure to this file")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    try:
        inputs = [_input(name, options.times, options.cache) for name in options.inputs]
    except FileNotFoundError as error:
        sys.exit(str(error))
    about = about_this_machine(options.runs)
    results = list(compare(inputs, options.runs, options.cache))
    print(markdown(inputs, results, about))
    if options.json:
        found = {"about": about, "results": [dataclasses.asdict(r) for r in results]}
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
