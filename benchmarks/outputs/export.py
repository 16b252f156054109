"""Measure the time and peak memory of exports, and that memory does not grow with the export.

    .venv/bin/python -m benchmarks.outputs.export [--times 10]
    .venv/bin/python -m benchmarks.outputs.export --documents 200000

Loads large/list.zip of the corpus, and the same as many times over, and exports both; each export runs in
a process of its own. With `--documents` it loads and exports a list of this many documents of one image and
one label instead, and exits 1 below 20 MB a CPU second.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import labelhouse

from benchmarks.inputs.grow import CACHE
from benchmarks.profiling.document_sizes import write

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def repeated_list(source: Path, times: int, folder: Path) -> Path:
    """Write a zip with the list of `source` as often; copies get document ids of their own by place."""
    with zipfile.ZipFile(source) as archive:
        text = archive.read(archive.namelist()[0]).strip()
    out = folder / f"{times}.zip"
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("list.json", "w", force_zip64=True) as member,
    ):
        for index in range(times):
            member.write(b"[" if index == 0 else b",")
            member.write(text[1:-1])
        member.write(b"]")
    return out


def measured(warehouse: Path, out: Path, *options: str) -> dict[str, float]:
    """Export in a process of its own; return seconds, CPU seconds, MB written and peak RSS."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.outputs.export",
        "--child",
        str(warehouse),
        str(out),
        *options,
    ]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def child(warehouse: str, out: str, *options: str) -> None:
    """Run one export and print what it took."""
    from labelhouse.cli.app import app

    started = time.monotonic()
    app(["--warehouse", warehouse, "export", out, *options], standalone_mode=False)
    seconds = time.monotonic() - started
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu": usage.ru_utime + usage.ru_stime,
                "mb": Path(out).stat().st_size / 1e6,
                "rss_mb": usage.ru_maxrss / 1024,
            }
        )
    )


def main() -> None:
    """Print one line an export."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--documents", type=int, help="export this many documents of one image instead")
    parser.add_argument("--least", type=float, default=20.0, help="MB a CPU second, with --documents")
    parser.add_argument("--child", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    if options.documents:
        _export_small(options.documents, options.least)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| export | MB | s | MB/s | CPU s | peak RSS, MB |\n|---|---|---|---|---|---|")
        for times in (1, options.times):
            warehouse = folder / f"w{times}"
            source = repeated_list(CORPUS / "large" / "list.zip", times, folder)
            [report] = labelhouse.ingest(warehouse, source, jobs=2).reports
            assert report.status == "committed", report.error
            source.unlink()
            for what in (
                ("o.json",),
                ("o.json", "--shape", "single"),
                ("o.json", "--where", "area > 100"),
                ("o.json.gz",),
            ):
                figures = measured(warehouse, folder / what[0], *what[1:])
                print(
                    f"| {times} x {' '.join(what)} | {figures['mb']:.0f} | {figures['seconds']:.1f} "
                    f"| {figures['mb'] / figures['seconds']:.0f} | {figures['cpu']:.1f} "
                    f"| {figures['rss_mb']:.0f} |",
                    flush=True,
                )
                (folder / what[0]).unlink()


def _export_small(documents: int, least: float) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        source = write("text", documents, 1, folder).rename(folder / "documents.json")
        [report] = labelhouse.ingest(folder / "warehouse", source).reports
        assert report.status == "committed", report.error
        figures = measured(folder / "warehouse", folder / "out.json")
    speed = figures["mb"] / figures["cpu"]
    print("| documents | MB | CPU s | MB/CPU s | s | peak RSS, MB |\n|--:|--:|--:|--:|--:|--:|")
    print(
        f"| {documents:,} | {figures['mb']:.0f} | {figures['cpu']:.1f} | {speed:.1f} "
        f"| {figures['seconds']:.1f} | {figures['rss_mb']:.0f} |"
    )
    print(f"\nat least {least:.0f} MB a CPU second: {'met' if speed >= least else 'missed'}")
    sys.exit(0 if speed >= least else 1)


if __name__ == "__main__":
    main()
