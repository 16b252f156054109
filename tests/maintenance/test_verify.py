import json
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.checksums import RegisteredFile, registered_files
from labelhouse.maintenance.verify import verify
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.snapshots import connect

from tests.support.exports import plain, unit
from tests.support.ingesting import ingest
from tests.support.sets import rounds, slow, some

FLIPS = rounds("FLIPS", 10, 40, 500)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with replaced, removed and rejected documents; tests work on copies."""
    folder = tmp_path_factory.mktemp("verify")
    warehouse = folder / "warehouse"
    person = unit("d", labels=5)
    person["annotations"][0]["keypoints"] = [1.0, 2.0, 2.0]
    person["annotations"][1]["bbox"] = [1]
    person["annotations"][2]["image_id"] = 5
    nights = [[unit("a"), unit("b"), person], [unit("b", shift=1), person], {"no": "coco"}, plain()]
    for number, night in enumerate(nights):
        (folder / f"{number}.json").write_text(json.dumps(night))
        list(ingest(warehouse, [str(folder / f"{number}.json")], IngestOptions(jobs=1)))
    list(ingest(warehouse, [str(folder / "1.json")], IngestOptions(full=True, jobs=1)))
    assert verify(warehouse).findings == []
    return warehouse


@pytest.fixture
def copy(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "copy")


def files(warehouse: Path) -> list[RegisteredFile]:
    with connect(warehouse) as connection:
        return registered_files(connection)


@slow
def test_a_sound_warehouse_has_no_findings_also_after_it_was_moved(copy: Path) -> None:
    result = verify(copy)
    assert result.findings == []
    assert result.files == len(files(copy)) > 20
    assert result.bytes == sum((copy / "data" / file.path).stat().st_size for file in files(copy))


def test_every_flipped_bit_is_found(copy: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    every = files(copy)
    for _ in range(FLIPS):
        file = chance.choice(every)
        path = copy / "data" / file.path
        sound = path.read_bytes()
        bit = chance.randrange(8 * len(sound))
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        assert ("sha256", file.path) in {(f.check, f.where) for f in verify(copy).findings}
        path.write_bytes(sound)
    assert verify(copy).findings == []


def test_a_damaged_version_of_the_tables_is_a_finding(copy: Path) -> None:
    [file] = [f for f in files(copy) if f.table == "fence" and f.is_live][:1]
    path = copy / "data" / file.path
    path.write_bytes(path.read_bytes()[:-20] + bytes(20))
    assert ("sha256", file.path) in {(f.check, f.where) for f in verify(copy).findings}


def largest(warehouse: Path, table: str) -> RegisteredFile:
    return max((f for f in files(warehouse) if f.table == table and f.is_live), key=lambda f: f.bytes)


def test_a_missing_a_cut_and_a_swapped_file_are_found(copy: Path) -> None:
    file = largest(copy, "annotations")
    path = copy / "data" / file.path
    sound = path.read_bytes()
    path.unlink()
    assert [(f.check, f.where) for f in verify(copy).findings] == [("presence", file.path)]
    path.write_bytes(sound[:-10])
    assert {f.check for f in verify(copy).findings} == {"size", "sha256", "parquet"}
    other = next(f for f in files(copy) if f.table == "annotations" and f.path != file.path)
    path.write_bytes((copy / "data" / other.path).read_bytes())
    assert "sha256" in {f.check for f in verify(copy).findings}


def test_a_row_too_many_is_found_even_if_the_checksums_agree(copy: Path) -> None:
    file = largest(copy, "annotations")
    path = copy / "data" / file.path
    table = pq.read_table(path)
    pq.write_table(table.take([*range(table.num_rows), 0]), path)
    (copy / "checksums.jsonl").unlink()
    assert "rows" in {f.check for f in verify(copy).findings}


def test_a_damaged_catalog_is_found(copy: Path) -> None:
    path = copy / "catalog.sqlite"
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 3 + 200] = bytes(200)
    path.write_bytes(content)
    from labelhouse.errors import WarehouseError

    try:
        findings = verify(copy).findings
    except WarehouseError:
        return
    assert any(finding.check == "catalog" for finding in findings)


BROKEN = {
    "documents_twice": "insert into documents select * replace (0 as document_key) from documents",
    "document_counts": "delete from annotations where position = 0",
    "rows_without_document": "delete from documents where document_id = 'd'",
    "rows_without_annotation": "delete from annotations where position = 0",
    "rows_twice": "insert into annotations select * from annotations limit 1",
    "documents_without_ingest": "delete from ingests where status = 'committed'",
    "ledger_counts": "update ingests set annotation_count = annotation_count + 1",
    "categories_missing": "delete from categories",
    "identities_twice": "insert into annotations select * replace (position + 1000 as position) "
    "from annotations where encord_track_uuid is not null limit 1",
}


@pytest.mark.parametrize("check", some(BROKEN, 4))
def test_each_check_of_the_tables_finds_what_it_is_for(copy: Path, check: str) -> None:
    with open_warehouse(copy) as warehouse:
        warehouse.connection.execute(BROKEN[check])
    assert check in {finding.check for finding in verify(copy).findings}


BROKEN_PREDICTIONS = {
    "prediction_rows_twice": (
        "insert into predictions select * from predictions where position = 0",
        ["predictions: 1 key occurs twice"],
    ),
    "predictions_without_set": (
        "delete from predictions where position = 1",
        ["prediction_keypoints: 2 rows of predictions that are not there"],
    ),
    "prediction_set_rows": (
        "delete from predictions where position = 0",
        ["project default, model m, list results.json: 1 of 2 predictions"],
    ),
}


@pytest.mark.parametrize("check", some(BROKEN_PREDICTIONS))
def test_each_check_of_predictions_finds_what_it_is_for(check: str, tmp_path: Path) -> None:
    results: list[dict[str, object]] = [
        {"image_id": 7, "category_id": 3, "score": 0.5, "bbox": [1, 1, 2, 3]},
        {
            "image_id": 7,
            "category_id": 3,
            "score": 0.4,
            "bbox": [2, 1, 2, 3],
            "keypoints": [1, 1, 2, 2, 2, 2],
        },
    ]
    results[1]["keypoints"] = [1, 1, 2, 2, 2, 2]
    warehouse = tmp_path / "warehouse"
    for name, content, model in (("labels", plain(), None), ("results", results, "m")):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
        [report] = ingest(warehouse, [str(tmp_path / f"{name}.json")], IngestOptions(jobs=1, model=model))
        assert report.error is None
    assert verify(warehouse).findings == []
    damage, expected = BROKEN_PREDICTIONS[check]
    with open_warehouse(warehouse) as opened:
        opened.connection.execute(damage)
    texts = [finding.what for finding in verify(warehouse).findings if finding.check == check]
    assert texts == expected


def test_identities_that_stand_twice_are_counted_by_document_whatever_their_image_and_version(
    copy: Path,
) -> None:
    with open_warehouse(copy) as warehouse:
        # The next version of a document, and labels that refer to no image.
        warehouse.connection.execute(
            "insert into documents select * replace (document_key + 1 as document_key) from documents "
            "where document_id = 'd'"
        )
        warehouse.connection.execute(
            "insert into images select * replace (document_key + 1 as document_key) from images "
            "where document_key = (select min(document_key) from documents where document_id = 'd')"
        )
        warehouse.connection.execute(
            "insert into annotations select * replace (document_key + 1 as document_key) from annotations "
            "where document_key = (select min(document_key) from documents where document_id = 'd')"
        )
        warehouse.connection.execute(
            "insert into annotations select * replace (position + 1000 as position, null as image_id) "
            "from annotations where document_key = (select max(document_key) from documents)"
        )
        [(expected,)] = warehouse.connection.execute(
            "select count(*) from (select 1 from labels group by project, document_id, image_key, label_id "
            "having count(*) > 1)"
        ).fetchall()
    [finding] = [f for f in verify(copy).findings if f.check == "identities_twice"]
    assert finding.what == f"project default, document d: {expected} identities occur twice"
