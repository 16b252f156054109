import gzip
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.limits import Limits
from labelhouse.maintenance.verify import verify
from labelhouse.manifest import ParseTask
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema import warehouse_tables
from labelhouse.staging.parquet import SMALL_BATCHES, TableWriter

from tests.support.aliases import Load, Rows, Write
from tests.support.exports import plain, unit
from tests.support.reports import counted, error_of
from tests.support.sets import slow, some


def rows(warehouse: Path, sql: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(sql).fetchall()


def state(warehouse: Path) -> tuple[Rows, list[str]]:
    """Snapshots and data files: what must not change when nothing changes."""
    snapshots = rows(warehouse, "select max(snapshot_id) from lake.snapshots()")
    return snapshots, sorted(str(path) for path in (warehouse / "data").rglob("*.parquet"))


LABELS = "select document_id, annotation_id, bbox_x from labels order by all"


@slow
def test_a_list_becomes_a_document_a_unit(write: Write, load: Load, warehouse: Path) -> None:
    [report] = load(write("export.json", [unit("a"), unit("b", labels=1)]), project="cars")
    report_json = report.as_json()
    assert report_json["status"] == "committed"
    assert report_json["project"] == "cars"
    assert report_json["documents"] == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "rejected": 0,
    }
    assert report_json["rows"] == {
        "documents": 2,
        "images": 2,
        "categories": 1,
        "annotations": 4,
        "keypoints": 0,
        "attributes": 4,
    }
    assert (report_json["quarantined"], report_json["issues"], report_json["error"]) == (0, 0, None)
    assert rows(warehouse, LABELS) == [("a", 0, 0.0), ("a", 1, 1.0), ("a", 2, 2.0), ("b", 0, 0.0)]


def test_the_same_bytes_change_nothing_whatever_their_wrapping(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    source = write("export.json", plain())
    load(source)
    before = state(warehouse)
    with gzip.open(tmp_path / "other.gz", "wb") as file:
        file.write(Path(source).read_bytes())
    with zipfile.ZipFile(tmp_path / "zipped", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(source, "folder/another name.json")
    shutil.copy(source, tmp_path / "copy.json")
    for name in ("export.json", "other.gz", "zipped", "copy.json"):
        [report] = load(str(tmp_path / name))
        assert (report.status, report.row["documents_unchanged"]) == ("unchanged", 1), name
    assert state(warehouse) == before
    assert rows(warehouse, "select status, count(*) from ingests group by all order by all") == [
        ("committed", 1),
        ("unchanged", 4),
    ]


@slow
def test_ingests_that_changed_nothing_join_the_ledger_with_the_next_commit(
    write: Write, load: Load, warehouse: Path
) -> None:
    source = write("a.json", [unit("a")])
    load(source)
    load(source)
    load(write("b.json", [unit("b")]))
    statuses = "select ingest_number, status from {} order by all"
    expected = [(1, "committed"), (2, "unchanged"), (3, "committed")]
    assert rows(warehouse, statuses.format("ingests")) == expected
    assert rows(warehouse, statuses.format("lake.main.ingests")) == expected
    assert not list((warehouse / "staging").rglob("*.json"))


def test_a_document_that_comes_again_replaces_its_earlier_version(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit("a"), unit("b")]))
    [report] = load(write("2.json", [unit("b", labels=1, shift=0.5), unit("c", labels=1)]))
    assert report.as_json()["documents"] == {
        "added": 1,
        "changed": 1,
        "unchanged": 0,
        "removed": 0,
        "rejected": 0,
    }
    assert rows(warehouse, LABELS) == [
        ("a", 0, 0.0),
        ("a", 1, 1.0),
        ("a", 2, 2.0),
        ("b", 0, 0.5),
        ("c", 0, 0.0),
    ]
    for table in ("documents", "images", "annotations", "attributes"):
        keys = f"select count(distinct document_key) from {table}"
        assert rows(warehouse, keys) == [(3,)], table
    assert rows(warehouse, "select count(*) from categories") == [(1,)]


@slow
def test_an_earlier_state_comes_back_when_it_is_asked_for(
    write: Write, load: Load, warehouse: Path
) -> None:
    first, second = write("1.json", [unit("a")]), write("2.json", [unit("a", shift=1)])
    assert [load(s)[0].status for s in (first, second, first)] == ["committed", "committed", "unchanged"]
    assert rows(warehouse, "select min(bbox_x) from annotations") == [(1.0,)]
    assert load(first, again=True)[0].status == "committed"
    assert rows(warehouse, "select min(bbox_x) from annotations") == [(0.0,)]


@slow
def test_projects_do_not_touch_each_other(write: Write, load: Load, warehouse: Path) -> None:
    source = write("1.json", [unit("a")])
    assert load(source, project="one")[0].status == "committed"
    assert load(source, project="two")[0].status == "committed"
    assert rows(warehouse, "select project, document_id from documents order by all") == [
        ("one", "a"),
        ("two", "a"),
    ]


def test_full_removes_what_its_sources_lack(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit("a"), unit("b")]), write("p.json", plain()))
    load(write("other.json", [unit("z")]), project="other")
    sources = [write("2.json", [unit("b")]), write("3.json", [unit("c")])]
    reports = load(*sources, full=True)
    assert [r.status for r in reports] == ["committed", "committed"]
    assert sum(counted(report, "documents")["removed"] for report in reports) == 2
    assert rows(warehouse, "select project, document_id from documents order by all") == [
        ("default", "b"),
        ("default", "c"),
        ("other", "z"),
    ]
    assert rows(warehouse, "select count(distinct document_key) from annotations") == [(3,)]
    before = state(warehouse)
    assert [r.status for r in load(*sources, full=True)] == ["unchanged", "unchanged"]
    assert state(warehouse) == before


def test_documents_that_are_gone_are_removed_and_others_stay(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit("a"), unit("b"), unit("c")]))
    load(write("other.json", [unit("a")]), project="other")
    [report] = load(write("2.json", [unit("b", 4)]), gone=["a", "b", "never there"])
    # A document that the source holds is there.
    assert counted(report, "documents") == {
        "added": 0,
        "changed": 1,
        "unchanged": 0,
        "removed": 1,
        "rejected": 0,
    }
    assert rows(warehouse, "select project, document_id from documents order by all") == [
        ("default", "b"),
        ("default", "c"),
        ("other", "a"),
    ]
    removed = "select document_id, count(*) from label_changes where change = 'removed' group by all"
    assert rows(warehouse, removed) == [("a", 3)]
    [report] = load(write("3.json", [unit("b", 4)]), gone=["c"])
    assert (report.status, counted(report, "documents")["removed"]) == ("committed", 1)


def test_a_full_load_is_one_commit_and_nothing_if_a_source_is_bad(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit("a")]))
    before = rows(warehouse, LABELS)
    good, bad = write("2.json", [unit("b")]), write("3.json", [{"no": "coco"}])
    reports = load(good, bad, full=True)
    assert [(report.status, error_of(report).code) for report in reports] == [
        ("rejected", ReasonCode.NOT_COMMITTED),
        ("rejected", ReasonCode.NOT_AN_EXPORT),
    ]
    assert rows(warehouse, LABELS) == before


@slow
def test_of_a_document_that_two_sources_of_a_full_load_hold_the_last_counts(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit("a")]), write("2.json", [unit("a", shift=9, labels=1)]), full=True)
    assert rows(warehouse, LABELS) == [("a", 0, 9.0)]


def test_a_bad_source_costs_only_itself_and_leaves_a_ledger_row(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    (tmp_path / "cut.json").write_text(json.dumps([unit("a"), unit("b")])[:-20])
    reports = load(
        str(tmp_path / "cut.json"),
        str(tmp_path / "absent.json"),
        write("results.json", [{"image_id": 1, "category_id": 2, "bbox": [1, 2, 3, 4], "score": 0.5}]),
        write("good.json", [unit("c")]),
    )
    assert [(r.status, r.error.code if r.error else None) for r in reports] == [
        ("rejected", ReasonCode.TRUNCATED),
        ("rejected", ReasonCode.SOURCE_NOT_FOUND),
        ("rejected", ReasonCode.RESULTS_LIST),
        ("committed", None),
    ]
    assert "results list" in str(reports[2].error)
    assert all("\n" not in str(report.error) for report in reports)
    ledger = "select ingest_number, status, error_code from ingests order by all"
    assert rows(warehouse, ledger) == [
        (1, "rejected", "TRUNCATED"),
        (2, "rejected", "SOURCE_NOT_FOUND"),
        (3, "rejected", "RESULTS_LIST"),
        (4, "committed", None),
    ]
    assert rows(warehouse, "select distinct document_id from labels") == [("c",)]
    assert not [path for path in (warehouse / "staging").rglob("*") if path.is_file()]


@slow
def test_a_dry_run_says_what_would_happen_and_commits_nothing(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit("a")]))
    before = state(warehouse)
    [good, bad] = load(write("2.json", [unit("a", shift=1)]), write("3.json", {}), dry_run=True)
    assert (good.status, good.row["documents_changed"]) == ("committed", 1)
    assert bad.status == "rejected"
    assert state(warehouse) == before
    assert rows(warehouse, "select count(*) from ingests") == [(1,)]


@slow
def test_folders_and_globs_name_their_documents_by_the_path_below_them(
    write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    write("in/train/x.json", plain())
    write("in/val/x.json", [plain(1), plain(3)])
    write("in/.hidden/x.json", plain())
    write("in/notes.txt", "no export")
    load(str(tmp_path / "in"), jobs=2)
    expected = [("train/x.json", 2), ("val/x.json#1", 1), ("val/x.json#2", 3)]
    documents = "select document_id, annotation_count from documents order by all"
    assert rows(warehouse, documents) == expected
    shutil.rmtree(warehouse)
    load(str(tmp_path / "in" / "*" / "*.json"))
    assert rows(warehouse, documents) == expected


def test_members_of_a_zip_are_documents_of_one_source(load: Load, warehouse: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/val.json", json.dumps(plain(1)))
        archive.writestr("__MACOSX/b/._val.json", b"\0\5\26\7")
        archive.writestr("readme.txt", "hello")
        archive.writestr("a/train.json", json.dumps(plain(2)))
    [report] = load(str(tmp_path / "two.zip"))
    assert report.status == "committed"
    assert list(report.notes) == ["passed over __MACOSX/b/._val.json, readme.txt"]
    assert rows(warehouse, "select document_id, member, position from documents order by position") == [
        ("two.zip/b/val.json", "b/val.json", 0),
        ("two.zip/a/train.json", "a/train.json", 1),
    ]


@slow
def test_equal_document_ids_in_one_source_are_told_apart(write: Write, load: Load, warehouse: Path) -> None:
    [report] = load(write("1.json", [unit("a"), unit("a", labels=1)]))
    assert report.row["issues"] == 1
    assert rows(warehouse, "select document_id from documents order by all") == [("a",), ("a~2",)]
    assert rows(warehouse, "select code, pointer from issues") == [("DUPLICATE_DOCUMENT", "/1")]


def test_a_source_that_is_given_twice_is_one(write: Write, load: Load) -> None:
    source = write("1.json", plain())
    assert len(load(source, str(Path(source).parent / "." / "1.json"))) == 1


def test_a_record_that_cannot_be_stored_is_kept_with_its_reason(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit("a", labels=300)
    document["annotations"][7]["bbox"] = [1, 2, 3]
    document["annotations"][7]["attributes"]["link"] = "https://me:pw@host/x.jpg?sig=s3cret#f"
    [report] = load(write("1.json", [document]))
    assert (report.status, report.row["quarantined"], report.row["annotation_count"]) == (
        "committed",
        1,
        299,
    )
    [(pointer, code, message, raw)] = rows(warehouse, "select pointer, code, message, raw from quarantine")
    assert (pointer, code) == ("/0/annotations/7", "BAD_ARITY")
    assert message == "bbox: 3 numbers instead of 4"
    kept = json.loads(raw)
    assert kept["attributes"].pop("link") == "https://host/x.jpg"
    document["annotations"][7]["attributes"].pop("link")
    assert kept == document["annotations"][7]
    assert rows(warehouse, "select count(*) from attributes where annotation_position = 7") == [(0,)]


def test_too_many_bad_records_reject_the_source(write: Write, load: Load) -> None:
    document = unit("a", labels=1000)
    for label in document["annotations"][:150]:
        label["bbox"] = [1]
    source = write("1.json", [document])
    [report] = load(source)
    assert report.error is not None
    assert report.error.code is ReasonCode.LIMIT_BAD_RECORDS
    assert "150 of 1,000 annotations" in str(report.error)
    [report] = load(source, max_bad=0.2)
    assert (report.status, report.row["quarantined"]) == ("committed", 150)


@slow
def test_a_dead_parsing_process_costs_one_source(
    write: Write, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A memory limit far below what the interpreter needs kills it as the kernel would.
    bad, good = write("1.json", [unit("a")]), write("2.json", [unit("b")])
    calls: list[list[str]] = []

    class Killed(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **options: Any) -> None:
            calls.append(command)
            if len(calls) == 1:
                command = [command[0], "-c", "import os; input(); os.kill(os.getpid(), 9)"]
            super().__init__(command, **options)

    monkeypatch.setattr(subprocess, "Popen", Killed)
    reports = list(ingest(warehouse, [bad, good], IngestOptions(jobs=1)))
    assert [(r.status, r.error.code if r.error else None) for r in reports] == [
        ("rejected", ReasonCode.PARSER_DIED),
        ("committed", None),
    ]
    assert "SIGKILL" in str(reports[0].error)
    assert rows(warehouse, "select document_id from documents") == [("b",)]


def test_a_large_document_spills_to_files_of_its_own(
    write: Write, load: Load, warehouse: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from labelhouse.staging import staging_area

    monkeypatch.setattr(staging_area, "SPILL_BYTES", 1000)
    source = write("1.json", [unit("a"), unit("b", labels=500), unit("c")])
    task = ParseTask(source, source, "1.json", "p", "id", 1, str(tmp_path), block_bytes=1000)
    staged = stage_source(task)
    assert staged.rows["annotations"] == 506
    files = [file for file in staged.files if file.table == "annotations"]
    assert len(files) > 1
    assert sum(file.rows for file in files) == 506


def test_a_warehouse_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    from labelhouse.errors import WarehouseError

    with pytest.raises(WarehouseError, match="cannot be made"):
        list(ingest(tmp_path / "file" / "warehouse", ["x"], IngestOptions()))


@slow
def test_another_bad_record_is_another_content(write: Write, load: Load, warehouse: Path) -> None:
    first, second = unit("a", labels=5), unit("a", labels=5)
    first["annotations"][0]["bbox"] = [1]
    second["annotations"][0]["bbox"] = [1, 2]
    assert load(write("1.json", [first]))[0].status == "committed"
    assert load(write("2.json", [second]))[0].status == "committed"
    assert rows(warehouse, "select message from quarantine") == [("bbox: 2 numbers instead of 4",)]


@slow
def test_who_waits_for_the_warehouse_is_told_for_whom_and_not_for_ever(
    write: Write, load: Load, warehouse: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from labelhouse.errors import WarehouseBusyError
    from labelhouse.warehouse.opening import open_warehouse

    load(write("1.json", [unit("a")]))
    with (
        open_warehouse(warehouse) as first,
        open_warehouse(warehouse) as second,
        first.lock(),
        pytest.raises(WarehouseBusyError) as error,
        second.lock(timeout_s=0.1),
    ):
        pass
    holder = f"process {os.getpid()} on "
    assert holder in str(error.value)
    assert f"waiting for {holder}" in caplog.text


@slow
@pytest.mark.parametrize("jobs", some([2, 1]))
def test_a_source_that_takes_too_long_is_given_up(load: Load, write: Write, jobs: int) -> None:
    # A tenth of what the reader that looks at each value needs on a fast machine.
    path = write("long.json", [unit("long", labels=40_000)])
    [report] = load(path, jobs=jobs, reader="ijson", limits=Limits(seconds=0.1))
    assert report.error is not None
    assert report.error.code is ReasonCode.LIMIT_TIME


@slow
def test_a_source_that_needs_too_much_memory_is_refused(write: Write, load: Load, warehouse: Path) -> None:
    pytest.importorskip("resource")
    document = plain(1)
    document["annotations"][0]["segmentation"] = "OUTLINE"
    # 54 MB of text are 18 million lists, of 64 bytes each at the least; threads take some of the limit.
    text = json.dumps(document).replace('"OUTLINE"', "[" + "[]," * 18_000_000 + "[]]")
    bad, good = write("1.json", None), write("2.json", [unit("a")])
    Path(bad).write_text(text)
    reports = load(bad, good, limits=Limits(memory_bytes=1 << 30))
    assert [(r.status, r.error.code if r.error else None) for r in reports][1] == ("committed", None)
    assert reports[0].error is not None
    assert reports[0].error.code in (ReasonCode.LIMIT_MEMORY, ReasonCode.PARSER_DIED)


@slow
@pytest.mark.parametrize(
    ("limits", "code"),
    some(
        [
            (Limits(depth=4), ReasonCode.LIMIT_DEPTH),
            (Limits(record_bytes=1000), ReasonCode.LIMIT_RECORD),
            (Limits(document_bytes=1_000_000), ReasonCode.LIMIT_DOCUMENT),
            (Limits(decoded_bytes=1000), ReasonCode.LIMIT_BYTES),
            (Limits(attributes=1), ReasonCode.LIMIT_ATTRIBUTES),
        ],
        2,
    ),
)
def test_each_limit_is_kept(write: Write, load: Load, limits: Limits, code: ReasonCode) -> None:
    document = unit("a", labels=3)
    document["info"]["description"] = "x" * 3_000_000
    for label in document["annotations"]:
        label["attributes"]["long"] = (
            "x" * 1_500_000 if code is ReasonCode.LIMIT_RECORD else {"a": {"b": 1}}
        )
    [report] = load(write("1.json", [document]), limits=limits)
    assert report.error is not None
    assert report.error.code is code
    assert load(write("1.json", [document]))[0].status == "committed"


def test_a_block_without_one_good_category_costs_only_itself(write: Write, tmp_path: Path) -> None:
    document = unit("a", labels=1)
    # The first category fills a block of its own.
    document["categories"] = [{"name": "x" * 200}, *document["categories"]]
    source = write("1.json", document)
    task = ParseTask(source, source, "1.json", "p", "id", 1, str(tmp_path), block_bytes=64)
    staged = stage_source(task)
    assert (staged.rows["categories"], staged.rows["quarantine"]) == (1, 1)


def test_a_fingerprint_does_not_depend_on_the_blocks(write: Write, tmp_path: Path) -> None:
    document = unit("a", labels=30)
    for index, label in enumerate(document["annotations"]):
        label["segmentation"] = [[float(index)] * 6] if index % 3 else {"size": [2, 3], "counts": [6]}
        label["keypoints"] = [1, 2, 2] * (index % 4)
        label["attributes"]["rotation"] = None if index % 2 else 1.5
        label["é\n"] = index
    source = write("1.json", [document])
    fingerprints = set()
    for number, block_bytes in enumerate((64, 777, 1 << 20)):
        task = ParseTask(
            source, source, "1.json", "p", f"i{number}", 1, str(tmp_path), block_bytes=block_bytes
        )
        [path] = [f.path for f in stage_source(task).files if f.table == "documents"]
        fingerprints.add(pq.read_table(path)["fingerprint"][0].as_py())
    assert len(fingerprints) == 1


def test_many_small_batches_are_joined_before_they_are_written(tmp_path: Path) -> None:
    writer = TableWriter(warehouse_tables.FENCE, tmp_path / "x.parquet")
    for number in range(3 * SMALL_BATCHES + 7):
        writer.write(pa.record_batch([[number], [1]], schema=warehouse_tables.FENCE.arrow))
    assert len(writer._batches) == 3 + 7
    file = writer.close()
    assert file is not None
    assert pq.read_table(file.path)["commits"].to_pylist() == list(range(3 * SMALL_BATCHES + 7))


def test_documents_that_did_not_change_are_not_written_again(
    write: Write, load: Load, warehouse: Path
) -> None:
    documents = [unit(f"u{index}", labels=3) for index in range(20)]
    load(write("1.json", documents))
    documents[7]["annotations"][1]["bbox"] = [9.0, 9.0, 9.0, 9.0]
    [report] = load(write("1.json", documents))
    kinds, tables = counted(report, "documents"), counted(report, "rows")
    assert kinds == {"added": 0, "changed": 1, "unchanged": 19, "removed": 0, "rejected": 0}
    assert (tables["documents"], tables["annotations"]) == (1, 3)
    with connect(warehouse) as connection:
        versions = connection.execute("select ingest_id, count(*) from documents group by all order by 2")
        assert [count for _, count in versions.fetchall()] == [1, 19]
        assert connection.execute("select count(*) from labels").fetchone() == (60,)
    assert verify(warehouse).findings == []


@slow
def test_a_full_load_of_fewer_documents_writes_none_of_those_that_stay(
    write: Write, load: Load, warehouse: Path
) -> None:
    documents = [unit(f"u{index}") for index in range(5)]
    load(write("1.json", documents), full=True)
    [report] = load(write("1.json", documents[1:]), full=True)
    assert report.status == "committed"
    kinds = counted(report, "documents")
    assert kinds == {"added": 0, "changed": 0, "unchanged": 4, "removed": 1, "rejected": 0}
    assert counted(report, "rows")["documents"] == 0
    with connect(warehouse) as connection:
        assert connection.execute(
            "select count(*), count(distinct ingest_id) from documents"
        ).fetchone() == (
            4,
            1,
        )
    assert verify(warehouse).findings == []


@slow
def test_a_large_document_that_did_not_change_leaves_no_file(
    write: Write, load: Load, warehouse: Path
) -> None:
    large = unit("large", labels=60_000)
    load(write("1.json", [large, unit("small")]))
    files = set((warehouse / "data").rglob("*.parquet"))
    [report] = load(write("1.json", [large, unit("small", shift=1.0)]))
    assert counted(report, "documents")["unchanged"] == 1
    new = {path.parent.name for path in set((warehouse / "data").rglob("*.parquet")) - files}
    assert counted(report, "rows")["annotations"] == 3
    assert "annotations" in new
    assert not list((warehouse / "staging").rglob("*.parquet"))
    assert verify(warehouse).findings == []


@slow
def test_what_changed_since_a_call_began_is_staged_again(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit("a"), unit("b")]))
    sources = [write("2.json", [unit("c")]), write("3.json", [unit("a"), unit("b", shift=2.0)])]
    # The call compares all of its sources with what the warehouse holds when it begins.
    reports = ingest(warehouse, sources, IngestOptions(jobs=1, commit_each=True))
    assert next(reports).status == "committed"
    load(write("4.json", [unit("a", shift=1.0), unit("b")]))
    [report] = reports
    assert report.status == "committed"
    with connect(warehouse) as connection:
        boxes = connection.execute(
            "select document_id, min(bbox_x) from labels group by all order by all"
        ).fetchall()
    assert boxes == [("a", 0.0), ("b", 2.0), ("c", 0.0)]
    assert verify(warehouse).findings == []
