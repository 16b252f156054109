"""Load a project every night for a year, with maintenance once a week, and see that nothing grows.

    python -m benchmarks.nights.year [--nights 365] [--documents 200] [--labels 10] [--share 0.015]

Every night exports the whole project again, and about `--share` of its labels have changed, half of the
labels of some documents. A night takes a second, so the past is moved: after each night the catalog's
times of snapshots and of released files are set back by a day. Prints a row every 28 nights, taken just
before that night's maintenance, when there are the most files. Exits 1 if files or query times grow, or
if `verify` finds something.
"""

import argparse
import json
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import labelhouse
from labelhouse.backups.generations import announce_change
from labelhouse.defaults import KEEP_DAYS
from labelhouse.warehouse_layout import CATALOG

from benchmarks.inputs.grow import CACHE

WEEK = 7
MONTH = 28
RUNS = 7
"""Times that each question is asked; the median counts."""
SETTLED = 3
"""Months after which nothing may grow: snapshots of 30 days are kept, and go with the week after."""
MAX_GROWTH = 0.25
MAX_QUERY_GROWTH = 0.5
QUESTIONS = {
    "labels a class": "select category_name, count(*) from labels group by all",
    "answers": "select name, value, count(*) from attributes group by all",
    "one document": "select count(*), avg(bbox_w) from labels where document_key = "
    "(select max(document_key) from documents)",
}
_FILES = Path(__file__).with_name("files.sql").read_text(encoding="utf-8")
_CLASSES = ("Car", "Person", "Bicycle", "Dog", "Light")


@dataclass(frozen=True, slots=True)
class Month:
    """What there was at the end of a month, before its maintenance."""

    night: int
    files: dict[str, int]
    live_bytes: int
    disk_files: int
    disk_bytes: int
    catalog_bytes: int
    query_s: dict[str, float]
    ingest_s: float
    maintain_s: float
    files_after: int

    @property
    def live_files(self) -> int:
        """Files that a query of the newest state may read."""
        return sum(self.files.values())


def project(documents: int, labels: int) -> list[dict[str, Any]]:
    """Make the export of the first night, in Encord's form."""
    chance = random.Random(1)
    return [_document(number, labels, chance) for number in range(documents)]


def change(export: list[dict[str, Any]], share: float, night: int) -> int:
    """Move some labels of a few documents, `share` of all; return how many."""
    chance = random.Random(night)
    left = total = max(1, round(share * sum(len(document["annotations"]) for document in export)))
    while left > 0:
        labels = chance.choice(export)["annotations"]
        for label in chance.sample(labels, min(left, -(-len(labels) // 2))):
            label["bbox"][0] = round(chance.uniform(0, 1800), 3)
            label["attributes"]["classifications"]["occluded"] = chance.random() < 0.5
            left -= 1
    return total


def age(folder: Path, days: int = 1) -> None:
    """Set the times in the catalog back, as if this many days had passed."""
    announce_change(folder)
    with closing(sqlite3.connect(folder / CATALOG)) as catalog, catalog:
        for table, column in (
            ("ducklake_snapshot", "snapshot_time"),
            ("ducklake_files_scheduled_for_deletion", "schedule_start"),
        ):
            times = catalog.execute(f"select distinct {column} from {table}").fetchall()
            for (text,) in times:
                # The catalog's own form; Python 3.11 reads +00 as well.
                moved = (datetime.fromisoformat(text) - timedelta(days=days)).isoformat(" ")
                moved = moved.removesuffix(":00")
                catalog.execute(f"update {table} set {column} = ? where {column} = ?", (moved, text))


def nights(
    folder: Path,
    export: list[dict[str, Any]],
    count: int,
    share: float,
    *,
    month: int = MONTH,
    keep_days: float = KEEP_DAYS,
) -> Iterator[Month]:
    """Load night after night, maintain every seventh; yield a record at the end of each month."""
    warehouse = folder / "warehouse"
    source = folder / "export.json"
    seconds: list[float] = []
    for night in range(1, count + 1):
        source.write_text(json.dumps(export), encoding="utf-8")
        seconds.append(_timed(lambda: _load(warehouse, source)))
        state = _state(warehouse) if night % month == 0 else None
        maintain_s = 0.0
        if night % WEEK == 0:
            maintain_s = _timed(lambda: labelhouse.maintain(warehouse, keep_days=keep_days))
        if state:
            ingest_s, seconds = statistics.median(seconds), []
            files_after = sum(files for _, files, _ in _files(warehouse))
            yield Month(night, *state, ingest_s, maintain_s, files_after)
        change(export, share, night)
        age(warehouse)


def growth(
    months: list[Month],
    of: Callable[[Month], float],
    typical: Callable[[Iterable[float]], float] = max,
) -> float:
    """Return how far the most (or what is `typical`) of the last months is above the first settled ones."""
    settled = months[SETTLED:]
    half = len(settled) // 2
    return typical(map(of, settled[half:])) / typical(map(of, settled[:half])) - 1


def _load(warehouse: Path, source: Path) -> None:
    for report in labelhouse.ingest(warehouse, source, jobs=1).reports:
        if report.status != "committed":
            raise RuntimeError(f"the night was {report.status}: {report.error}")


def _state(warehouse: Path) -> tuple[dict[str, int], int, int, int, int, dict[str, float]]:
    files = _files(warehouse)
    sizes = [path.stat().st_size for path in (warehouse / "data").rglob("*.parquet")]
    with closing(labelhouse.connect(warehouse)) as connection:
        query_s = {name: _asked(connection, sql) for name, sql in QUESTIONS.items()}
    return (
        {table: number for table, number, _ in files},
        sum(size for _, _, size in files),
        len(sizes),
        sum(sizes),
        (warehouse / CATALOG).stat().st_size,
        query_s,
    )


def _files(warehouse: Path) -> list[tuple[str, int, int]]:
    with closing(labelhouse.connect(warehouse)) as connection:
        return connection.execute(_FILES).fetchall()


def _asked(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    return statistics.median(_timed(lambda: connection.execute(sql).fetchall()) for _ in range(RUNS))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _document(number: int, labels: int, chance: random.Random) -> dict[str, Any]:
    info = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
    return {
        "info": {"description": f"unit-{number}.jpg", **info},
        "categories": [
            {"supercategory": "bounding_box", "id": index, "name": name}
            for index, name in enumerate(_CLASSES, 1)
        ],
        "images": [
            {
                "coco_url": "",
                "id": 0,
                "file_name": f"images/{number:08x}.jpg",
                "width": 1920,
                "height": 1080,
            }
        ],
        "annotations": [
            {
                "id": index,
                "image_id": 0,
                "category_id": chance.randint(1, len(_CLASSES)),
                "bbox": [round(chance.uniform(0, 1800), 3), index * 50.0, 60.5, 40.25],
                "area": 60.5 * 40.25,
                "iscrowd": 0,
                "segmentation": [],
                "keypoints": None,
                "num_keypoints": None,
                "attributes": {
                    "track_id": index,
                    "encord_track_uuid": f"{number:05x}{index:03x}",
                    "classifications": {"occluded": False, "colour": chance.choice(["red", "blue"])},
                    "manual_annotation": True,
                },
            }
            for index in range(labels)
        ],
    }


def _row(month: Month) -> str:
    tables = ("documents", "images", "annotations", "attributes", "label_changes", "ingests")
    cells = [
        f"{month.night}",
        *(f"{month.files.get(table, 0)}" for table in tables),
        f"{month.live_files}",
        f"{month.files_after}",
        f"{month.live_bytes / 1e6:.2f}",
        f"{month.disk_files}",
        f"{month.disk_bytes / 1e6:.2f}",
        f"{month.catalog_bytes / 1e6:.2f}",
        *(f"{month.query_s[name] * 1000:.1f}" for name in QUESTIONS),
        f"{month.ingest_s:.2f}",
        f"{month.maintain_s:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _head() -> str:
    names = (
        "night",
        *("documents", "images", "annotations", "attributes", "label_changes", "ingests"),
        *("files", "after", "MB", "files on disk", "MB on disk", "catalog MB"),
        *(f"{name}, ms" for name in QUESTIONS),
        *("night, s", "maintain, s"),
    )
    return f"| {' | '.join(names)} |\n|{'--:|' * len(names)}"


def main() -> None:
    """Run the nights, print the table, hold it against the targets."""
    parser = argparse.ArgumentParser(description="Load every night, maintain every week.")
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--labels", type=int, default=10, help="labels of a document")
    parser.add_argument("--share", type=float, default=0.015, help="labels that change a night")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder to work in")
    options = parser.parse_args()
    if options.nights // MONTH < SETTLED + 2:
        parser.error(f"give at least {(SETTLED + 2) * MONTH} nights: what grows shows only after months")
    options.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=options.cache, prefix="nights-"))
    months = []
    try:
        export = project(options.documents, options.labels)
        print(_head(), flush=True)
        for month in nights(folder, export, options.nights, options.share):
            print(_row(month), flush=True)
            months.append(month)
        verified = labelhouse.verify(folder / "warehouse")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if _targets_are_met(months, [str(f) for f in verified.findings]) else 1)


def _targets_are_met(months: list[Month], findings: list[str]) -> bool:
    checks = [
        ("growth of files of the newest state", growth(months, lambda m: m.live_files), MAX_GROWTH),
        ("growth of files on disk", growth(months, lambda m: m.disk_files), MAX_GROWTH),
        ("growth of the catalog", growth(months, lambda m: m.catalog_bytes), MAX_GROWTH),
        *(
            (f"growth of time: {name}", growth(months, _query_s(name), statistics.median), MAX_QUERY_GROWTH)
            for name in QUESTIONS
        ),
    ]
    print("\n| target | found | |\n|---|--:|---|")
    for what, grown, most in checks:
        print(f"| {what} < {most:.0%} | {grown:+.0%} | {'met' if grown < most else 'missed'} |")
    print(f"| verify is clean | {len(findings)} findings | {'missed' if findings else 'met'} |")
    for finding in findings[:10]:
        print(finding, file=sys.stderr)
    return not findings and all(grown < most for _, grown, most in checks)


def _query_s(name: str) -> Callable[[Month], float]:
    return lambda month: month.query_s[name]


if __name__ == "__main__":
    main()
