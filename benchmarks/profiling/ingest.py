"""Show where the time of an ingest goes, stage by stage, and how far that is from the limit.

    python -m benchmarks.profiling.ingest [encord-154] [instances] [FILE ...] [--reader bulk] [--runs 3]

Staging runs in this process and is sampled (harness/sampler.py); start-up and commit are what the whole
command takes for an export without records. The limit is what cannot be left out: reading and inflating the
bytes, one pass of simdjson over them, and writing the same Parquet. Prints Markdown. CPU seconds are
those to compare: they bear a busy machine better than wall time.
"""

import argparse
import re
import resource
import statistics
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import simdjson
from labelhouse.schema.warehouse_tables import STAGED_TABLES
from labelhouse.staging.parquet import TableWriter

from benchmarks.harness.measure import measure
from benchmarks.harness.sampler import Profile, sampled
from benchmarks.harness.stage_once import prepared, stage_once
from benchmarks.inputs.forms import FORMS, Input, inputs_of
from benchmarks.inputs.grow import CACHE

_CHUNK_BYTES = 1 << 20
_MB = 1e6
_TOP_FUNCTIONS = 15

STAGES: Sequence[tuple[str, str]] = (
    ("inflate", r"zipfile$|gzip$|_compression$|sources\.(containers|inflate)\."),
    ("read and hash bytes", r"sources\.source_file\."),
    ("hashes of content", r"hashing\."),
    ("numbers", r"readers\.json_numbers\."),
    ("decode", r"readers\.(bulk\.records|ijson_reader)\."),
    (
        "cut",
        r"readers\.(text_splitter|array_splitter|structural_index|envelope)\.|coco\.json_(errors|depth)\.",
    ),
    ("columns", r"readers\.|normalise\.|coco\.|texts\.|staging\.block_stager\."),
    ("documents", r"staging\.(document|known_documents)"),
    ("Parquet, waited for or done", r"staging\.|files\."),
)
"""Stages by where the innermost frame is; the first that matches counts. Others show by their module."""
_INNER = frozenset({"zipfile", "gzip", "_compression"})


@dataclass(frozen=True, slots=True)
class Cost:
    """What one part took."""

    name: str
    wall_s: float
    cpu_s: float


def stage_of(place: str) -> str:
    """Return the stage that a sampled place belongs to."""
    for name, pattern in STAGES:
        if re.match(pattern, place):
            return name
    return f"other: {place.partition('.')[0]}"


def by_stage(profile: Profile) -> dict[str, float]:
    """Add up a profile by stage, the dearest first."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for place, taken in profile.seconds.items():
        seconds[stage_of(place)] += taken
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def staged_profile(source: Path, reader: str, folder: Path) -> tuple[Profile, Cost, float]:
    """Stage a source into `folder`; return the profile, what it took, and CPU s of child processes."""
    children = _children_cpu_s()
    start, cpu = time.perf_counter(), time.process_time()
    with sampled(inner=_INNER) as profile:
        stage_once(source, folder, reader)
    whole = Cost("staging", time.perf_counter() - start, time.process_time() - cpu)
    return profile, whole, _children_cpu_s() - children


def limits(export: Input, staged: Path, runs: int) -> list[Cost]:
    """Measure what no reader can leave out, each by itself, the median of `runs`."""
    [source] = export.sources

    def read() -> None:
        with source.open("rb", buffering=0) as file:
            while file.read(_CHUNK_BYTES):
                pass

    def inflate() -> None:
        with zipfile.ZipFile(source) as archive, archive.open(archive.namelist()[0]) as member:
            while member.read(_CHUNK_BYTES):
                pass

    text = _text(source)

    def parse() -> None:
        simdjson.Parser().parse(text)

    costs = [_median("read the file", read, runs)]
    if export.form == "zip":
        costs.append(_median("inflate and check its CRC", inflate, runs))
    costs.append(_median("one pass of simdjson", parse, runs))
    return [*costs, *_writing(staged, runs)]


def _writing(staged: Path, runs: int) -> list[Cost]:
    """Write the tables of staged files again, from Arrow in memory."""
    tables = {
        table: [pq.read_table(path) for path in sorted(staged.glob(f"*-{table.name}-*.parquet"))]
        for table in STAGED_TABLES
    }

    def write() -> None:
        with tempfile.TemporaryDirectory(dir=staged) as name:
            for table, parts in tables.items():
                for number, part in enumerate(parts):
                    writer = TableWriter(table, Path(name, f"{table.name}-{number}.parquet"))
                    for batch in part.cast(table.arrow).to_batches():
                        writer.write(batch)
                    writer.close()

    return [_median("write the same Parquet", write, runs)]


def _median(name: str, action: Callable[[], None], runs: int) -> Cost:
    times = []
    for _ in range(runs):
        start, cpu = time.perf_counter(), time.process_time()
        action()
        times.append((time.perf_counter() - start, time.process_time() - cpu))
    return Cost(name, statistics.median(w for w, _ in times), statistics.median(c for _, c in times))


def _text(source: Path) -> bytes:
    if not zipfile.is_zipfile(source):
        return source.read_bytes()
    with zipfile.ZipFile(source) as archive:
        return archive.read(archive.namelist()[0])


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def start_and_commit(cache: Path, runs: int) -> Cost:
    """Measure the whole command on an export without records: start-up, catalog, worker, commit."""
    empty = cache / "no-records.json"
    empty.write_text('{"images": [], "annotations": [], "categories": []}', encoding="utf-8")
    measurements = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=cache, prefix="run-") as folder:
            command = [sys.executable, "-m", "labelhouse", "--warehouse", folder, "ingest", str(empty)]
            measurements.append(measure([*command, "--json"]))
    return Cost(
        "start-up and commit (an export without records, new warehouse)",
        statistics.median(m.seconds for m in measurements),
        statistics.median(m.cpu_seconds for m in measurements),
    )


def markdown(
    export: Input, profile: Profile, staging: Cost, children_s: float, fixed: Cost, floor: Sequence[Cost]
) -> str:
    """Return the profile of one input as Markdown."""
    json_mb = export.json_bytes / _MB
    lines = [
        f"## {export.key}: {json_mb:,.0f} MB of JSON",
        "",
        "| stage, in one process | CPU s | share | MB/s |",
        "|---|--:|--:|--:|",
    ]
    total = profile.total_s + profile.threads_s + children_s
    rows = [*by_stage(profile).items(), ("threads beside (Parquet)", profile.threads_s)]
    if children_s > 0.05:
        rows.append(("child processes", children_s))
    for name, seconds in rows:
        speed = f"{json_mb / seconds:,.0f}" if seconds > 0.001 else ""
        lines.append(f"| {name} | {seconds:.2f} | {seconds / total:.0%} | {speed} |")
    lines.append(
        f"| **all of staging** ({staging.wall_s:.2f} s wall) | {total:.2f} | | {json_mb / total:,.0f} |"
    )
    lines += ["", f"{fixed.name}: {fixed.wall_s:.2f} s wall, {fixed.cpu_s:.2f} s CPU.", ""]
    lines += ["| limit | wall s | CPU s | MB/s of CPU |", "|---|--:|--:|--:|"]
    for cost in floor:
        speed = f"{json_mb / max(cost.cpu_s, 1e-3):,.0f}"
        lines.append(f"| {cost.name} | {cost.wall_s:.2f} | {cost.cpu_s:.2f} | {speed} |")
    limit_s = sum(cost.cpu_s for cost in floor)
    lines.append(f"| **all of it** | | {limit_s:.2f} | {json_mb / max(limit_s, 1e-3):,.0f} |")
    lines += ["", f"Staging takes {total / max(limit_s, 1e-3):.1f} times the CPU time of the limit.", ""]
    lines += ["| function | CPU s |", "|---|--:|"]
    lines += [f"| `{place}` | {s:.2f} |" for place, s in profile.dearest(_TOP_FUNCTIONS)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Profile the inputs that are named and print Markdown."""
    parser = argparse.ArgumentParser(description="Show where the time of an ingest goes.")
    parser.add_argument("inputs", nargs="*", default=["encord-154"], help="as the comparison takes them")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=FORMS, help="plain, zipped, or both")
    parser.add_argument("--reader", default="bulk", help="bulk or ijson")
    parser.add_argument("--runs", type=int, default=3, help="runs without a profile; medians")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder for inputs and outputs")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    fixed = start_and_commit(options.cache, options.runs)
    prepared()
    for name in options.inputs:
        for export in inputs_of(name, options.forms, cache=options.cache):
            [source] = export.sources
            with tempfile.TemporaryDirectory(dir=options.cache, prefix="run-") as folder:
                # The second one counts: the first loads modules and files.
                with tempfile.TemporaryDirectory(dir=options.cache, prefix="run-") as warm_up:
                    staged_profile(source, options.reader, Path(warm_up))
                profile = staged_profile(source, options.reader, Path(folder))
                floor = limits(export, Path(folder), options.runs)
            print(markdown(export, *profile, fixed, floor))


if __name__ == "__main__":
    main()
