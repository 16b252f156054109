"""Measure publishing and the report: first, after a night that changed 1 % of the documents, and unchanged.

    python -m benchmarks.outputs.publish --labels 10 [--base encord-list-154] [--keep]

Loads a generated export into a warehouse below the cache folder, then repeats its rows, under new
document keys and in projects of their own, until the warehouse holds this many million labels. Prints time,
size and peak memory of each step, each a process of its own. Exits 1 if a target is missed: the report
within 10 s and 5 MB.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
from labelhouse.sql_quoting import quote_identifier
from labelhouse.warehouse.opening import open_warehouse

from benchmarks.harness.measure import Measured, measure
from benchmarks.inputs.generated_exports import generated
from benchmarks.inputs.grow import CACHE

KEY_STEP = 1 << 50
"""Added to the document keys of each repetition; keys of real ingests stay far below."""
REPORT_S, REPORT_BYTES = 10.0, 5_000_000
COLUMNS = {
    "documents": "project || '-' || {n} as project, document_id || '#' || {n} as document_id",
    "images": "image_key || '#' || {n} as image_key",
    "annotations": "encord_track_uuid || '#' || {n} as encord_track_uuid",
    "keypoints": "annotation_id",
    "attributes": "annotation_id",
}


def main() -> int:
    """Make the warehouse, run the steps, print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--labels", type=float, default=1.0, help="millions of labels")
    parser.add_argument("--base", default="encord-list-154", help="generated export that is repeated")
    parser.add_argument("--keep", action="store_true", help="use the warehouse of the last run")
    options = parser.parse_args()
    folder = CACHE / "publish-warehouse"
    if not options.keep or not folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _load(folder, options.base)
        _repeat(folder, int(options.labels * 1e6))
    print(f"{_count(folder):,} labels; {_size(folder / 'data') / 1e6:,.0f} MB of Parquet")
    shutil.rmtree(folder / "published", ignore_errors=True)
    _step("first refresh of the marts", folder, "refresh")
    _step("first publish", folder, "publish")
    _step("publish, nothing new", folder, "publish")
    _change(folder)
    _step("refresh of the marts, 1 % changed", folder, "refresh")
    _step("publish, 1 % changed", folder, "publish")
    _step("publish as Parquet", folder, "publish", "--format", "parquet")
    page = folder / "report.html"
    report = _step("report", folder, "report", "--to", str(page))
    print(f"published file {_size(folder / 'published' / 'labels.duckdb') / 1e6:,.0f} MB")
    print(f"published Parquet {_size(folder / 'published' / 'parquet') / 1e6:,.0f} MB")
    print(f"report {page.stat().st_size / 1e6:.2f} MB")
    missed = report.seconds > REPORT_S or page.stat().st_size > REPORT_BYTES
    print("the report misses its target" if missed else "the report keeps its targets: 10 s, 5 MB")
    return int(missed)


def _step(name: str, folder: Path, *command: str) -> Measured:
    done = measure([sys.executable, "-m", "labelhouse", "--warehouse", str(folder), *command])
    if done.exit_code:
        sys.exit(f"{name} failed: {done.errors}")
    print(
        f"{name:36} {done.seconds:7.1f} s {done.cpu_seconds:7.1f} CPU s "
        f"{done.peak_bytes / 1e6:7,.0f} MB peak",
        flush=True,
    )
    return done


def _load(folder: Path, base: str) -> None:
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(folder), "ingest", "--project", "p"]
    subprocess.run([*command, str(generated(base))], check=True)


def _repeat(folder: Path, labels: int) -> None:
    """Copy the rows of all documents until there are this many labels."""
    with open_warehouse(folder) as warehouse:
        lake = warehouse.connection
        base = _labels(lake)
        for n in range(1, max(1, round(labels / base))):
            with warehouse.lock(), warehouse.transaction():
                for table, changed in COLUMNS.items():
                    _copy(lake, table, changed.format(n=n), f"document_key < {KEY_STEP}", n * KEY_STEP)


def _change(folder: Path) -> None:
    """Replace 1 % of the documents by versions of a new ingest, as a night does."""
    wanted = "hash(document_id) % 100 = 7"
    with open_warehouse(folder) as warehouse, warehouse.lock():
        lake = warehouse.connection
        [last] = lake.execute("select max(ingest_number) from ingests").fetchone() or [0]
        lake.execute(
            f"create temp table old as select document_key from lake.main.documents where {wanted}"
        )
        with warehouse.transaction():
            number = int(last) + 1
            lake.execute(
                "insert into ingests by name select * replace (? as ingest_number, ? as ingest_id, "
                "started_at + interval 1 day as started_at, finished_at + interval 1 day as finished_at) "
                "from lake.main.ingests where ingest_number = ?",
                [number, f"night-{number}", last],
            )
            for table in COLUMNS:
                old = "document_key in (from temp.main.old)"
                changed = f"'night-{number}' as ingest_id" if table == "documents" else "document_key"
                _copy(lake, table, changed, old, number << 32)
                lake.execute(f"delete from lake.main.{quote_identifier(table)} where {old}")


def _copy(lake: duckdb.DuckDBPyConnection, table: str, changed: str, where: str, step: int) -> None:
    replaced = f"document_key + {step} as document_key"
    if " as " in changed:
        replaced += f", {changed}"
    lake.execute(
        f"insert into lake.main.{quote_identifier(table)} by name select * replace ({replaced}) "
        f"from lake.main.{quote_identifier(table)} where {where} order by document_key"
    )


def _count(folder: Path) -> int:
    with open_warehouse(folder) as warehouse:
        return _labels(warehouse.connection)


def _labels(lake: duckdb.DuckDBPyConnection) -> int:
    [count] = lake.execute("select count(*) from annotations").fetchone() or [0]
    return int(count)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
