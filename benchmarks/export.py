"""Measure the time and peak memory of exports, and that memory does not grow with the export.

    .venv/bin/python benchmarks/export.py [--times 10]

Loads large/list.zip of the corpus, and the same as many times over, and exports both; each export runs in
a process of its own.
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

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


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
    command = [sys.executable, __file__, "--child", str(warehouse), str(out), *options]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


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
    parser.add_argument("--child", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| export | MB | s | MB/s | CPU s | peak RSS, MB |\n|---|---|---|---|---|---|")
        for times in (1, given.times):
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
                found = measured(warehouse, folder / what[0], *what[1:])
                print(
                    f"| {times} x {' '.join(what)} | {found['mb']:.0f} | {found['seconds']:.1f} "
                    f"| {found['mb'] / found['seconds']:.0f} | {found['cpu']:.1f} "
                    f"| {found['rss_mb']:.0f} |",
                    flush=True,
                )
                (folder / what[0]).unlink()


if __name__ == "__main__":
    main()
