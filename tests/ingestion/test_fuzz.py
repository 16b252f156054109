"""Mutated files: no parser dies, nothing is lost, and what is accepted is what json.loads reads."""

import contextlib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from labelhouse.errors import InputError
from labelhouse.ingestion.parse_pool import Worker
from labelhouse.manifest import ParseTask, Staged

from tests.support.aliases import Record
from tests.support.corpus import corpus_file
from tests.support.exports import plain, unit
from tests.support.sets import rounds

MUTATIONS = rounds("MUTATIONS", 50, 200, 20_000)
SECTIONS = ("images", "annotations", "categories")
BLOW_UPS = [
    b"1e999",
    b"-0",
    b"9" * 30,
    b"9" * 4400,
    b"NaN",
    b"1.5",
    b"null",
    b'"1"',
    b"[]",
    b"{}",
    b"-1",
    b"true",
]


def seeds() -> Iterator[bytes]:
    yield json.dumps([unit("a"), unit("b")]).encode()
    yield json.dumps(plain()).encode()
    with contextlib.suppress(BaseException):
        for name in ("encord/encord_sdk_export_list.json", "bad/good_control/base.json"):
            yield corpus_file(name).read_bytes()


def mutated(text: bytes, chance: random.Random) -> bytes:
    """Flip bits, cut, splice, repeat, or blow up a number."""
    data = bytearray(text)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        match chance.choice(["flip", "cut", "drop", "splice", "repeat", "number", "swap"]):
            case "flip":
                data[at] ^= 1 << chance.randrange(8)
            case "cut":
                data = data[: max(1, at)]
            case "drop":
                del data[at : at + chance.randint(1, 40)]
            case "splice":
                other = chance.randrange(len(data))
                data[at:at] = data[other : other + chance.randint(1, 200)]
            case "repeat":
                data[at:at] = data[at : at + 1] * chance.randint(1, 2000)
            case "number":
                numbers = list(re.finditer(rb"-?\d+(\.\d+)?", data))
                if numbers:
                    number = chance.choice(numbers)
                    data[number.start() : number.end()] = chance.choice(BLOW_UPS)
            case "swap":
                data = data.replace(b":", chance.choice([b": ", b"\n:\t", b"::"]), 1)
        data = data or bytearray(b" ")
    return bytes(data)


def as_json(text: bytes) -> list[Any] | None:
    """Return the documents that Python reads, None if it refuses them."""
    try:
        value = json.loads(text.decode("utf-8-sig"), parse_int=_any_integer)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else [value]


def _any_integer(text: str) -> int:
    # Python refuses to convert more than 4,300 digits, which JSON allows.
    return int(text) if len(text) < 4000 else 10**4000


def rows(staged: Staged, table: str) -> list[Record]:
    files = [file.path for file in staged.files if file.table == table]
    return [row for path in files for row in pq.read_table(path).to_pylist()]


def outcome(worker: Worker, task: ParseTask) -> Staged | InputError:
    try:
        return worker.stage(task, lambda _: None)
    except InputError as error:
        return error


def test_mutations_are_read_as_python_reads_them_or_refused(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    originals = list(seeds())
    worker = Worker()
    accepted = 0
    try:
        for number in range(MUTATIONS):
            text = mutated(chance.choice(originals), chance)
            source = tmp_path / "mutated.json"
            source.write_bytes(text)
            folder = tmp_path / "staging"
            folder.mkdir(exist_ok=True)
            task = ParseTask(
                str(source),
                "mutated.json",
                "mutated.json",
                "p",
                f"i{number}",
                1,
                str(folder),
                max_bad=1.0,
                block_bytes=chance.choice([64, 1000, 1 << 20]),
            )
            (tmp_path / "last.json").write_bytes(text)
            documents = as_json(text)
            staged = outcome(worker, task)
            if isinstance(staged, InputError):
                # No file may take the parser down.
                assert staged.code not in ("PARSER_DIED", "LIMIT_MEMORY", "LIMIT_TIME")
                assert not list(folder.iterdir())
                continue
            accepted += 1
            assert documents is not None, ("accepted what Python refuses", number)
            stored = sum(staged.rows.get(table, 0) for table in ("images", "annotations"))
            bad = sum(1 for row in rows(staged, "quarantine") if row["section"] != "categories")
            assert stored + bad == sum(
                len(document.get(section, [])) for document in documents for section in SECTIONS[:2]
            )
            _compare(documents, rows(staged, "annotations"))
            for path in folder.iterdir():
                path.unlink()
    finally:
        worker.close()
    assert accepted > MUTATIONS // 50


def _compare(documents: list[Any], annotations: list[Record]) -> None:
    for row in annotations:
        document = documents[row["document_key"] & 0xFFFFFFFF]
        record = document["annotations"][row["position"]]
        original_id = record.get("id")
        assert row["annotation_id"] == (None if original_id is None else int(original_id))
        box = record.get("bbox")
        if box:
            stored_box = [row[f"bbox_{part}"] for part in "xywh"]
            assert stored_box == [float(number) for number in box]
        kept = json.loads(row["extra"] or "{}")
        known = {
            "id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "keypoints",
            "num_keypoints", "score", "attributes",
        }  # fmt: skip
        for key, value in record.items():
            if key not in known and "://" not in key + json.dumps(value):
                assert kept[key] == value
