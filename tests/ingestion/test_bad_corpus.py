"""All broken files in one run: each ends as the corpus says, and costs nobody else anything."""

import json
import sys
from pathlib import Path

import pytest
from labelhouse import connect

from benchmarks.harness.measure import Bounds, Measured, measure
from tests.cases.bad_policy import CODES, OUTCOMES
from tests.support.aliases import Load, Record
from tests.support.corpus import corpus_file
from tests.support.reports import error_of
from tests.support.sets import IS_SHORT, SET, choose, slow

Run = tuple[Path, list[Record], list[Record], Measured]
"""Warehouse, expectations, reports by file, and the output."""

CANARY = b"LEAKCANARY7f3a"
SECTIONS = {"images": "image_count", "annotations": "annotation_count"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Load every file in one call; return warehouse, expectations, reports by file, and the output.

    The short set has a file for each reason, and none that takes seconds to unpack. The full set has one
    for each kind of damage that the corpus names, outcome and reason; the long versions have all.
    """
    folder = corpus_file("bad")
    expectations = json.loads((folder / "index.json").read_text())["files"]
    if IS_SHORT:
        quick = [entry for entry in reversed(expectations) if "100mb" not in entry["file"]]
        of_reason = {entry["reason_code"]: entry for entry in quick}
        expectations = list(of_reason.values())
    elif SET == "all":
        of_kind = {
            (entry["file"].partition("/")[0], entry["expected"], entry["reason_code"]): entry
            for entry in expectations
        }
        expectations = list(of_kind.values())
    warehouse = tmp_path_factory.mktemp("bad") / "warehouse"
    sources = [str(folder / entry["file"]) for entry in expectations]
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", "--json"]
    done = measure([*command, *sources], Bounds(seconds=600))
    assert (done.exit_code, done.stopped) == (1, None)
    reports = {r["source"]: r for r in map(json.loads, done.output.splitlines())}
    assert list(reports) == sources
    return warehouse, expectations, [reports[source] for source in sources], done


def problems(warehouse: Path, table: str) -> dict[str, list[tuple[str, str | None]]]:
    with connect(warehouse) as connection:
        rows = connection.execute(
            f"select ingest_id, code, pointer from {table} at (version => "
            "(select max(snapshot_id) from lake.snapshots()))"
        ).fetchall()
    by_ingest: dict[str, list[tuple[str, str | None]]] = {}
    for ingest_id, code, pointer in rows:
        by_ingest.setdefault(ingest_id, []).append((code, pointer))
    return by_ingest


def outcome(report: Record) -> str:
    if report["status"] == "rejected":
        return "reject"
    return "quarantine" if report["quarantined"] else "ok_warn" if report["issues"] else "ok"


def test_every_file_ends_as_the_corpus_says(run: Run) -> None:
    _, expectations, reports, _ = run
    wrong = []
    for entry, report in zip(expectations, reports, strict=True):
        actual = outcome(report)
        expected = OUTCOMES.get(entry["file"], entry["expected"])
        if actual != expected and actual not in entry["also_acceptable"]:
            wrong.append((entry["file"], expected, actual))
        if actual == "reject" and expected == "reject":
            code = CODES.get(entry["file"], entry["reason_code"])
            if report["error"]["code"] != code:
                wrong.append((entry["file"], code, report["error"]["code"]))
    assert wrong == []


def test_rows_are_those_that_the_corpus_counts(run: Run) -> None:
    _, expectations, reports, _ = run
    for entry, report in zip(expectations, reports, strict=True):
        rows = entry["expected_rows"]
        if not rows or outcome(report) != entry["expected"] or report["status"] != "committed":
            continue
        counts = {
            table: report["rows"][table] for table in ("images", "categories", "annotations", "keypoints")
        }
        # A category set is stored once: one that an earlier file brought is counted all the same.
        assert counts == {table: rows[table] for table in counts}, entry["file"]
        assert report["quarantined"] == rows["quarantined"], entry["file"]


def test_bad_records_are_found_by_their_pointer(run: Run) -> None:
    warehouse, expectations, reports, _ = run
    # Documents of these files replace each other: each state is read as of its own commit.
    with connect(warehouse) as connection:
        snapshots = connection.execute(
            "select snapshot_id, commit_extra_info from lake.snapshots() "
            "where commit_message like 'ingest%'"
        ).fetchall()
        of_ingest = {i: s for s, info in snapshots for i in json.loads(info)["ingest_ids"]}
        for entry, report in zip(expectations, reports, strict=True):
            expected = outcome(report)
            if report["status"] != "committed" or expected not in ("quarantine", "ok_warn"):
                continue
            table = "quarantine" if expected == "quarantine" else "issues"
            rows = connection.execute(
                f"select code, pointer, {'raw' if table == 'quarantine' else 'null'} "
                f"from {table} at (version => {of_ingest[report['ingest_id']]}) where ingest_id = ?",
                [report["ingest_id"]],
            ).fetchall()
            assert len(rows) == report["quarantined" if table == "quarantine" else "issues"]
            if entry["pointer"] and expected == entry["expected"]:
                assert any(pointer.startswith(entry["pointer"]) for _, pointer, _ in rows), entry["file"]
                code = CODES.get(entry["file"], entry["reason_code"])
                assert code in {stored_code for stored_code, _, _ in rows}, entry["file"]
            for _, _, raw in rows:
                if table == "quarantine" and "surrogate" not in entry["file"]:
                    assert raw is not None


def test_nothing_is_lost_section_by_section(run: Run) -> None:
    _, expectations, reports, _ = run
    folder = corpus_file("bad")
    checked = 0
    for entry, report in zip(expectations, reports, strict=True):
        if report["status"] != "committed" or not entry["file"].endswith(".json"):
            continue
        if entry["file"].startswith("encord_rows/"):
            # They have no sections: tests/label_rows/ compares all that they hold.
            continue
        try:
            document = json.loads((folder / entry["file"]).read_bytes())
        except ValueError:
            continue
        records = sum(
            len(document.get(section) or []) for section in ("images", "annotations", "categories")
        )
        stored = sum(report["rows"][table] for table in ("images", "annotations", "categories"))
        assert stored + report["quarantined"] == records, entry["file"]
        checked += 1
    assert checked > choose(12, 30, 60)


def test_every_error_is_one_line_with_a_reason(run: Run) -> None:
    _, _, reports, done = run
    lines = done.errors.splitlines()
    rejected = [report for report in reports if report["status"] == "rejected"]
    # Not a line more: no traceback, and a newline in a file's name forges none.
    assert len(lines) == len(rejected)
    for line, report in zip(lines, rejected, strict=True):
        assert line.startswith(f"labelhouse: {report['error']['code']}: ")


def test_the_canary_is_nowhere(run: Run) -> None:
    warehouse, _, _, done = run
    assert CANARY not in done.output.encode()
    assert CANARY not in done.errors.encode()
    for path in warehouse.rglob("*"):
        if path.is_file():
            assert CANARY not in path.read_bytes(), path
    # Parquet pages are compressed: what they hold is read as well.
    with connect(warehouse) as connection:
        snapshots = connection.execute("select max(snapshot_id) from lake.snapshots()").fetchall()[0][0]
        for table in (
            "documents",
            "images",
            "annotations",
            "attributes",
            "quarantine",
            "issues",
            "ingests",
        ):
            for version in range(2, snapshots + 1, 5):
                counted = connection.execute(
                    f"select count(*) from (from lake.main.{table} at (version => {version})) as t "
                    "where contains(t::varchar, 'LEAKCANARY7f3a')"
                ).fetchall()
                assert counted == [(0,)], table


def test_the_ledger_has_a_row_an_ingest(run: Run) -> None:
    warehouse, expectations, reports, _ = run
    with connect(warehouse) as connection:
        ledger = connection.execute("select ingest_id, status, error_code from ingests").fetchall()
    assert sorted(ledger) == sorted(
        (r["ingest_id"], r["status"], r["error"] and r["error"]["code"]) for r in reports
    )
    assert len(ledger) == len(expectations)


def test_memory_stays_bounded(run: Run) -> None:
    _, _, _, done = run
    assert done.peak_bytes < 1 << 30


REAL_BAD = {
    "concatenated_documents.coco.json": "TRAILING_DATA",
    "control_character.json": "JSON_SYNTAX",
    "git_lfs_pointer_instances_val2014.json": "NOT_JSON",
    "images_is_object_soda.json": "WRONG_TYPE",
    "truncated_instances_val2017.json": "TRUNCATED",
}


@slow
def test_real_broken_files_are_refused_for_the_right_reason(load: Load) -> None:
    folder = corpus_file("real_bad")
    reports = load(str(folder))
    assert {report.source.rpartition("/")[2]: error_of(report).code for report in reports} == REAL_BAD
