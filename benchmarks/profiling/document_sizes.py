"""Show what a small document costs in lists of many lengths: as one text, in a zip, and as files.

    python -m benchmarks.profiling.document_sizes [--documents 300 1000 2000 20000 200000] [--runs 3]

Documents have one image and no, one or five labels. Each list is read and staged in a process of its own;
the start of the process does not count. Exits 1 if a document of some list costs more than 1.5 times the
cheapest of its form and number of labels, or if a process takes more than 250 MB.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from labelhouse.limits import Limits
from labelhouse.processes.process_setup import prepare_process

from benchmarks.harness.stage_once import stage_once
from benchmarks.inputs.generated_exports import document
from benchmarks.inputs.grow import CACHE, replacing

FORMS = ("text", "zip", "files")
LABELS = (0, 1, 5)
MOST_FILES = 2_000
"""Longer lists are not written as files."""
_LIMITS = Limits(members=1_000_000)


def write(form: str, documents: int, labels: int, folder: Path) -> Path:
    """Write a list, or a folder of files, if it is not there; return its path."""
    path = folder / f"sizes-{documents}-{labels}.{form}"
    if path.exists():
        return path
    texts = ("".join(document(number, labels)) for number in range(documents))
    if form == "text":
        with replacing(path) as out:
            for number, text in enumerate(texts):
                out.write((b", " if number else b"[") + text.encode())
            out.write(b"]")
    elif form == "zip":
        with replacing(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, text in enumerate(texts):
                archive.writestr(f"{number:06}.json", text)
    else:
        path.mkdir()
        for number, text in enumerate(texts):
            (path / f"{number:06}.json").write_text(text)
    return path


def sources_of(path: Path) -> Iterator[Path]:
    """Yield the files to stage."""
    yield from sorted(path.iterdir()) if path.is_dir() else [path]


def measured(path: Path, reader: str) -> tuple[float, float]:
    """Return CPU seconds and peak MB of staging in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.profiling.document_sizes", "--one", str(path)]
    done = subprocess.run([*command, "--reader", reader], check=True, capture_output=True, text=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def _one(path: Path, reader: str) -> tuple[float, float]:
    prepare_process()
    with tempfile.TemporaryDirectory() as name:
        warm = Path(name, "warm.json")
        warm.write_text("".join(document(0, 100)))
        seconds = 0.0
        for turn, source in enumerate([warm, *sources_of(path)]):
            folder = Path(name, str(turn))
            folder.mkdir()
            before = _cpu_seconds()
            stage_once(source, folder, reader, limits=_LIMITS)
            seconds += _cpu_seconds() - before if turn else 0
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measure every list, print a row on each, and hold them against the targets."""
    parser = argparse.ArgumentParser(description="Show what a small document costs.")
    parser.add_argument("--documents", type=int, nargs="+", default=[300, 1_000, 2_000, 20_000, 200_000])
    parser.add_argument("--forms", nargs="+", default=FORMS, choices=FORMS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--reader", default="native")
    parser.add_argument("--most", type=float, default=1.5, help="times the cheapest list")
    parser.add_argument("--most-mb", type=float, default=250)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_one(options.one, options.reader)))
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    print("| form | labels | documents | CPU ms a document | times the cheapest | peak MB |")
    print("|---|--:|--:|--:|--:|--:|", flush=True)
    is_met = True
    for form in options.forms:
        for labels in LABELS:
            rows = []
            for documents in options.documents:
                if form == "files" and documents > MOST_FILES:
                    continue
                path = write(form, documents, labels, CACHE)
                runs = [measured(path, options.reader) for _ in range(options.runs)]
                cost = statistics.median(seconds for seconds, _ in runs) / documents * 1e3
                rows.append((documents, cost, max(peak for _, peak in runs)))
            cheapest = min(cost for _, cost, _ in rows)
            for documents, cost, peak in rows:
                times = cost / cheapest
                is_met &= times <= options.most and peak <= options.most_mb
                print(
                    f"| {form} | {labels} | {documents:,} | {cost:.3f} | {times:.2f} | {peak:.0f} |",
                    flush=True,
                )
    print(f"\nat most {options.most} times and {options.most_mb:.0f} MB: {'met' if is_met else 'missed'}")
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
