"""Load documents, change 1 % of them, load again, and see that the second load costs what changed.

    python -m benchmarks.nights.changed_share [--documents 1000 10000] [--share 0.01]

Each document is a data unit with one image and four labels, polygons of twelve points whose coordinates
have 17 digits. Shown are bytes and files that either load
added to the warehouse, and its seconds. Exits 1 if the second one wrote 3 % of the first one's bytes or
more, or if the number of files it added grows with the number of documents.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import labelhouse

from benchmarks.inputs.grow import CACHE, unit

MAX_BYTES_SHARE = 0.03
POINTS = 12


@dataclass(frozen=True, slots=True)
class Load:
    """What one load added to the warehouse."""

    files: int
    bytes: int
    seconds: float
    documents: dict[str, int]


@dataclass(frozen=True, slots=True)
class Loads:
    """The first load of some documents and the one after a share of them has changed."""

    documents: int
    changed: int
    first: Load
    second: Load

    @property
    def bytes_share(self) -> float:
        """Bytes of the second load over those of the first."""
        return self.second.bytes / self.first.bytes


def load_twice(folder: Path, documents: int, share: float) -> Loads:
    """Load `documents` documents into a new warehouse in `folder`, then again with some changed."""
    export = [_document(number) for number in range(documents)]
    first = _load(folder, export)
    changed = max(1, round(documents * share))
    for number in range(0, documents, documents // changed):
        _change(export[number])
    changed = len(range(0, documents, documents // changed))
    return Loads(documents, changed, first, _load(folder, export))


def _document(number: int) -> dict[str, Any]:
    document = unit(number)
    chance = random.Random(number)
    for label in document["annotations"]:
        label["segmentation"] = [[chance.uniform(0, 1_800) for _ in range(2 * POINTS)]]
        label["attributes"]["encord_track_uuid"] = f"{chance.getrandbits(32):08x}"
    return document


def _change(document: dict[str, Any]) -> None:
    document["annotations"][0]["bbox"][0] += 1.5


def _load(folder: Path, export: list[dict[str, Any]]) -> Load:
    source = folder / "export.json"
    source.write_text(json.dumps(export), encoding="utf-8")
    before = _sizes(folder / "warehouse")
    started = time.perf_counter()
    [report] = labelhouse.ingest(folder / "warehouse", source, jobs=1).reports
    seconds = time.perf_counter() - started
    if report.status != "committed":
        raise RuntimeError(f"the load was {report.status}: {report.error}")
    added = {path: size for path, size in _sizes(folder / "warehouse").items() if path not in before}
    counts = report.as_json()["documents"]
    assert isinstance(counts, dict)
    return Load(len(added), sum(added.values()), seconds, counts)


def _sizes(warehouse: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in (warehouse / "data").rglob("*.parquet")}


def _row(loads: Loads) -> str:
    first, second = loads.first, loads.second
    return (
        f"| {loads.documents:,} | {loads.changed:,} | {first.bytes / 1e6:.2f} | {second.bytes / 1e6:.3f} "
        f"| {loads.bytes_share:.1%} | {first.files} | {second.files} | {first.seconds:.1f} "
        f"| {second.seconds:.1f} | {second.seconds / first.seconds:.0%} |"
    )


def main() -> None:
    """Load each number of documents twice, print a row of each, hold them against the targets."""
    parser = argparse.ArgumentParser(description="Show that a load costs what changed.")
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--share", type=float, default=0.01, help="share of the documents that changes")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    print("| documents | changed | MB | MB again | share | files | files again | s | s again | share |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    loads = []
    for documents in sorted(options.documents):
        folder = Path(tempfile.mkdtemp(dir=options.cache, prefix="changed-"))
        try:
            loads.append(load_twice(folder, documents, options.share))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print(_row(loads[-1]), flush=True)
    # The files of few documents weigh by their footers, so the largest load counts.
    is_small = loads[-1].bytes_share < MAX_BYTES_SHARE
    is_flat = loads[-1].second.files <= loads[0].second.files
    print(f"\nbytes of the second load < {MAX_BYTES_SHARE:.0%}: {'met' if is_small else 'missed'}")
    print(f"as many files for more documents: {'met' if is_flat else 'missed'}")
    sys.exit(0 if is_small and is_flat else 1)


if __name__ == "__main__":
    main()
