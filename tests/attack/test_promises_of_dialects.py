"""The promises of docs/reliability.md, held with documents of other tools than Encord.

ingestion/test_dialects.py shows the rest of these kinds: each value against an independent reader (P4) and
secrets in names of images (P10).
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.warehouse.opening import open_warehouse

from tests.cases.dialects import CAR, IMAGE, VARIANTS, document, label
from tests.support.aliases import Record, Rows
from tests.support.ingesting import ingest
from tests.support.sets import slow

pytestmark = slow
OPTIONS = IngestOptions(jobs=1)
SECTIONS = ("images", "categories", "annotations")


def load(warehouse: Path, *sources: Path) -> list[tuple[str, str | None]]:
    reports = ingest(warehouse, [str(source) for source in sources], OPTIONS)
    return [(report.status, report.error.code.value if report.error else None) for report in reports]


def rows(warehouse: Path, sql: str, **parameters: Any) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(sql, parameters).fetchall()


def written(folder: Path) -> Path:
    """Write each kind as a file of a folder."""
    folder.mkdir(parents=True)
    for name, value in VARIANTS.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A warehouse with each kind, and the folder of the files."""
    place = tmp_path_factory.mktemp("promises")
    folder, warehouse = written(place / "nights"), place / "warehouse"
    assert set(load(warehouse, folder)) == {("committed", None)}
    return warehouse, folder


def test_p1_p5_a_reader_sees_one_version_of_all_tables_while_documents_are_replaced(tmp_path: Path) -> None:
    warehouse, path = tmp_path / "w", tmp_path / "train.json"

    def version(side: int) -> Record:
        ids = [f"{side}/{n}" for n in range(40)]
        return {
            "images": [{**IMAGE, "id": one, "file_name": f"{one}.jpg"} for one in ids],
            "annotations": [
                {
                    "id": f"label {one}",
                    "image_id": one,
                    "category_id": "car",
                    "bbox": [side, side, 4, 4, 0],
                    "attributes": [{"name": "side", "value": side}],
                    "track_id": f"{side}",
                }
                for one in ids
            ],
            "categories": [{**CAR, "id": "car"}],
        }

    path.write_text(json.dumps(version(0)))
    assert load(warehouse, path) == [("committed", None)]
    stop, seen = threading.Event(), set()

    def watch() -> None:
        sql = """
            select
                (select count(*) from images), (select count(distinct image_id_text) from images),
                (select list(distinct track_id) from labels), (select list(distinct value) from attributes),
                (select count(*) from labels where starts_with(image_key, track_id || '/'))
        """
        while not stop.is_set():
            seen.add(str(rows(warehouse, sql)))

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        for side in range(1, 9):
            path.write_text(json.dumps(version(side)))
            assert load(warehouse, path) == [("committed", None)]
    finally:
        stop.set()
        reader.join()
    assert len(seen) > 2
    assert seen <= {str([(40, 40, [side], [str(side)], 40)]) for side in range(9)}


def test_p1_p8_p11_p16_a_killed_ingest_leaves_all_or_nothing_and_a_row(tmp_path: Path) -> None:
    folder, warehouse = written(tmp_path / "nights"), tmp_path / "w"
    (tmp_path / "first.json").write_text(json.dumps(document()))
    load(warehouse, tmp_path / "first.json")
    seed = random.randrange(2**32)
    print("seed", seed)
    chance, killed = random.Random(seed), 0
    expected = [(name,) for name in sorted(VARIANTS)]
    command = [
        sys.executable,
        "-m",
        "labelhouse",
        "--warehouse",
        str(warehouse),
        "ingest",
        "--full",
        str(folder),
    ]
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.4, 1.5))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        sources = rows(warehouse, "select distinct parse_filename(source) from documents order by all")
        stored = [(name,) for (name,) in sources if name != "first.json"]
        # Small sources share commits, so that some of the kinds may be there, each whole.
        assert set(stored) <= set(expected)
        assert rows(warehouse, "select count(*) from ingests where status is null") == [(0,)]
        assert verify(warehouse).findings == []
    assert killed, "every kill came too late"
    again = ingest(warehouse, [str(folder)], OPTIONS)
    assert {report.status for report in again} <= {"committed", "unchanged"}
    counts = "select count(*) from (from documents where parse_filename(source) <> 'first.json')"
    whole = sum(len(value) if isinstance(value, list) else 1 for value in VARIANTS.values())
    assert rows(warehouse, counts) == [(whole,)]
    assert not list((warehouse / "staging").iterdir())
    assert rows(warehouse, "select count(*) from ingests where status = 'started'") == [(0,)]


def test_p2_the_same_content_changes_nothing_however_it_is_packed(
    nights: tuple[Path, Path], tmp_path: Path
) -> None:
    warehouse, folder = nights
    before = rows(warehouse, "select max(document_key), count(*) from documents")
    for place in ("plain", "gzip", "zip"):
        (tmp_path / place).mkdir()
    for path in folder.iterdir():
        text = path.read_bytes()
        (tmp_path / "plain" / path.name).write_bytes(text)
        (tmp_path / "gzip" / f"{path.name}.gz").write_bytes(gzip.compress(text))
        with zipfile.ZipFile(tmp_path / "zip" / f"{path.name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(path.name, text)
    for place in ("plain", "gzip", "zip"):
        reports = load(warehouse, tmp_path / place)
        assert (set(reports), len(reports)) == ({("unchanged", None)}, len(VARIANTS)), place
    assert rows(warehouse, "select max(document_key), count(*) from documents") == before


@pytest.mark.parametrize("name", VARIANTS)
def test_p3_each_record_is_stored_or_in_quarantine(nights: tuple[Path, Path], name: str) -> None:
    warehouse, folder = nights
    value = json.loads((folder / name).read_text())
    documents = value if isinstance(value, list) else [value]
    for section in SECTIONS:
        key = "category_set" if section == "categories" else "document_key"
        sql = f"""
            select
                (select count(*) from {section} inner join documents using ({key})
                 where parse_filename(documents.source) = $name),
                (select count(*) from quarantine inner join documents using (document_key)
                 where parse_filename(documents.source) = $name and quarantine.section = '{section}')
        """
        [(stored, held)] = rows(warehouse, sql, name=name)
        assert stored + held == sum(len(one.get(section) or []) for one in documents), section


def test_p6_bad_input_beside_them_costs_itself_alone(tmp_path: Path) -> None:
    folder, warehouse = written(tmp_path / "nights"), tmp_path / "w"
    bad = {
        "cut.json": json.dumps(VARIANTS["turned.json"])[:-9],
        "scalar.json": "7",
        "youtube_vis.json": json.dumps(
            {"annotations": [{"id": 1, "video_id": 1, "bboxes": [[1, 2, 3, 4]]}]}
        ),
        "twice.json": json.dumps(VARIANTS["lists.json"]) * 2,
    }
    for name, text in bad.items():
        (folder / name).write_text(text)
    reports = list(ingest(warehouse, [str(folder)], OPTIONS))
    assert {Path(report.source).name for report in reports if report.error} == set(bad)
    assert sum(report.status == "committed" for report in reports) == len(VARIANTS)
    assert all("\n" not in str(report.error) for report in reports)


@pytest.mark.parametrize("kind", ["text ids", "lists of attributes"])
def test_p7_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    peaks = []
    for count in (4_000, 80_000):
        path = tmp_path / f"{count}.json"
        path.write_text(json.dumps(many(kind, count)))
        command = [sys.executable, "-m", "labelhouse", "--warehouse", str(tmp_path / f"w{count}"), "ingest"]
        process = subprocess.Popen([*command, "--jobs", "1", str(path)], stdout=subprocess.DEVNULL)
        # It counts the processes that parse, which the command waits for.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(used.ru_maxrss / 1024)
    small, large = peaks
    # Twenty times the labels: what grows is a block of each kind of process, not the file.
    assert large < small + 150, peaks


def many(kind: str, count: int) -> Record:
    """A document of so many labels of a kind."""
    kinds: dict[str, Record] = {
        "text ids": {},
        "lists of attributes": {"attributes": [{"name": "colour", "value": "red"}, "wet"]},
    }
    one = kinds[kind]
    made = document(
        *(label(bbox=[1, 2, 3, 4], area=12.0, iscrowd=0, segmentation=[]) | one for _ in range(count))
    )
    if kind == "text ids":
        for record in made["annotations"]:
            record["id"] = f"label-{record['id']:08}"
            record["image_id"] = "front/camera 1"
        made["images"] = [{**IMAGE, "id": "front/camera 1"}]
    return made


def test_p9_a_flipped_bit_of_any_table_is_found(nights: tuple[Path, Path]) -> None:
    warehouse, _ = nights
    chance = random.Random(9)
    paths = [path for path in sorted((warehouse / "data").rglob("*.parquet")) if path.stat().st_size]
    for path in chance.sample(paths, 12):
        sound = path.read_bytes()
        bit = chance.randrange(8 * len(sound))
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        findings = verify(warehouse).findings
        path.write_bytes(sound)
        assert path.relative_to(warehouse / "data").as_posix() in {finding.where for finding in findings}
    assert verify(warehouse).findings == []


def test_p13_a_reader_that_stays_does_not_hold_up_a_writer(
    nights: tuple[Path, Path], tmp_path: Path
) -> None:
    warehouse, _ = nights
    path = tmp_path / "more.json"
    with connect(warehouse) as connection:
        before = connection.execute("select count(*) from labels").fetchall()
        path.write_text(json.dumps(document(label(bbox=[1, 2, 3, 4, 5]))))
        assert load(warehouse, path) == [("committed", None)]
        assert connection.execute("select count(*) from labels").fetchall() == before
    with open_warehouse(warehouse) as opened, opened.lock(timeout_s=0.1):
        pass


HOSTILE = (
    "'; drop table annotations; --",
    "../../../../tmp/escaped",
    "a\x00b",
    "*.parquet",
    'x" union select 1 as "y',
    "${HOME}/`id`",
    "\u202egpj.exe",
)


def test_p14_texts_of_a_document_name_nothing_outside_it(tmp_path: Path) -> None:
    warehouse, place = tmp_path / "w", tmp_path / "in"
    place.mkdir()
    hostile: Record = {
        "images": [{**IMAGE, "id": text, "file_name": text} for text in HOSTILE],
        "annotations": [
            {
                "id": text,
                "image_id": text,
                "category_id": text,
                "bbox": [1, 2, 3, 4],
                "track_id": text,
                "attributes": [{"name": text, "value": text}],
                text: text,
            }
            for text in HOSTILE
        ],
        "categories": [{"id": text, "name": text, "keypoints": [text]} for text in HOSTILE],
    }
    (place / "hostile.json").write_text(json.dumps(hostile))
    assert load(warehouse, place) == [("committed", None)]
    refresh_marts(warehouse)
    stored = "select count(*), count(distinct category_name), count(distinct track_id) from labels"
    assert rows(warehouse, stored) == [(len(HOSTILE),) * 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "w"]
    names = {path.name for path in warehouse.rglob("*")}
    assert not [name for name in names if any(part in name for part in ("escaped", "drop", "union", "id`"))]


def test_p15_keys_of_a_document_never_change_the_columns(nights: tuple[Path, Path], tmp_path: Path) -> None:
    warehouse, _ = nights
    path = tmp_path / "keys.json"
    keys = {f"key {n}": n for n in range(1_000)}
    value = document(
        label(bbox=[1, 2, 3, 4], **keys),
        label(attributes=[{"name": k, "value": v} for k, v in keys.items()]),
    )
    path.write_text(json.dumps(deepcopy(value) | {f"section {n}": [] for n in range(100)}))
    names = [table.name for table in TABLES]
    before = {name: columns(warehouse, name) for name in names}
    assert load(warehouse, path) == [("committed", None)]
    assert {name: columns(warehouse, name) for name in names} == before
    answers = (
        "select count(*) from attributes inner join documents using (document_key) where source = $path"
    )
    assert rows(warehouse, answers, path=str(path)) == [(1_000,)]


def columns(warehouse: Path, table: str) -> Rows:
    return [(name, type_) for name, type_, *_ in rows(warehouse, f"describe {table}")]
