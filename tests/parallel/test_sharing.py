"""A text that several processes share becomes the same rows as one that a single process reads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from labelhouse.errors import InputError
from labelhouse.ingestion.stage_source import stage_source, stage_with
from labelhouse.manifest import ParseTask, Staged
from labelhouse.parallel.decode_jobs import DocumentsJob
from labelhouse.parallel.decode_pool import CannotShareError, DecodePool, decoding

from tests.support.corpus import FOLDER, each_file
from tests.support.exports import plain, unit
from tests.support.sets import choose, slow, some

MIN_BYTES = choose(8_000, 8_000, 0)
"""Files of fewer have no more than a few blocks."""


def task_of(path: Path, folder: Path, block_bytes: int = 2_000, known: str | None = None) -> ParseTask:
    folder.mkdir()
    return ParseTask(
        path=str(path),
        source="source",
        name="name",
        project="project",
        ingest_id="ingest",
        ingest_number=7,
        folder=str(folder),
        block_bytes=block_bytes,
        known=known,
        decoders=2,
    )


def shared(task: ParseTask) -> tuple[Staged | None, int]:
    """Stage with two more processes, all of them ready; None if the text cannot be shared."""
    try:
        with decoding(task) as pool:
            pool.wait_until_ready()
            return stage_with(task, pool), pool.job_count
    except CannotShareError:
        assert not list(Path(task.folder).iterdir())
        return None, 0


def rows_of(staged: Staged) -> dict[str, list[Any]]:
    tables: dict[str, list[Any]] = {}
    for file in staged.files:
        rows = pq.ParquetFile(file.path).read().to_pylist()
        assert len(rows) == file.rows
        keys = [row.get("document_key", 0) for row in rows]
        assert keys == sorted(keys), file.table
        tables.setdefault(file.table, []).extend(rows)
    # A category set that several processes met stands once for each; the commit stores one.
    return {table: sorted({repr(row) for row in rows}) for table, rows in tables.items()}


def assert_same(one: Staged, several: Staged) -> None:
    assert rows_of(one) == rows_of(several)
    assert (one.sha256, one.bytes, one.rows) == (several.sha256, several.bytes, several.rows)


def assert_shared(path: Path, folder: Path) -> None:
    """Check that several processes have read a text, and made of it what one does."""
    one = stage_with(task_of(path, folder / "one"), None)
    several, jobs = shared(task_of(path, folder / "several"))
    assert jobs > 3
    assert several is not None
    assert_same(one, several)


def write(path: Path, value: Any, **options: Any) -> Path:
    path.write_text(json.dumps(value, **options))
    return path


@slow
@pytest.mark.parametrize("indent", some([None, 1]))
@pytest.mark.parametrize("shape", some(["list", "object", "large documents in a list"], 2))
def test_a_text_is_shared_whatever_its_shape(shape: str, indent: int | None, tmp_path: Path) -> None:
    value: Any = {
        "object": plain(labels=400),
        "list": [unit(f"u{index}", labels=index % 5) for index in range(60)],
        "large documents in a list": [unit(f"u{index}", labels=60 * index) for index in range(6)],
    }[shape]
    path = write(tmp_path / "a.json", value, indent=indent)
    assert_shared(path, tmp_path)


@slow
def test_documents_longer_than_a_block_are_handed_over_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = []
    give = DecodePool.give

    def noted(self: DecodePool, process: Any, job: Any, origin: Any, text: bytes) -> None:
        jobs.append((job, len(text)))
        give(self, process, job, origin, text)

    monkeypatch.setattr(DecodePool, "give", noted)
    documents = [unit(f"u{index}", labels=12) for index in range(40)]
    # One that a decoder reads record by record, and one that is too long for it.
    documents[20]["annotations"][3]["bbox"] = [1]
    documents[30] = unit("u30", labels=80)
    path = write(tmp_path / "a.json", documents)
    sizes = [len(json.dumps(document)) for document in documents]
    assert 2_000 < min(sizes) < 6_000 < sizes[30]
    one = stage_with(task_of(path, tmp_path / "one"), None)
    several, _ = shared(task_of(path, tmp_path / "several"))
    assert one.rows["quarantine"] == 1
    assert several is not None
    assert_same(one, several)
    assert [size for job, size in jobs if isinstance(job, DocumentsJob) and size > 2_000]


@slow
def test_documents_with_a_label_each_do_not_tell_what_stands_between_labels(tmp_path: Path) -> None:
    documents = [unit(f"u{index}", labels=1 if index < 40 else 12) for index in range(60)]
    path = write(tmp_path / "a.json", documents)
    assert_shared(path, tmp_path)


@slow
def test_documents_that_begin_with_different_keys_are_shared(tmp_path: Path) -> None:
    documents = [unit(f"u{index}", labels=index % 5) for index in range(90)]
    # As after two other tools, one of which does not write its keys in a fixed order.
    for index in (*range(30, 90, 7), *range(33, 90, 7)):
        keys = list(documents[index])
        documents[index] = {key: documents[index][key] for key in (keys[index % len(keys)], *keys)}
    path = write(tmp_path / "a.json", documents)
    assert_shared(path, tmp_path)


@slow
def test_records_that_begin_with_different_keys_are_shared(tmp_path: Path) -> None:
    document = plain(labels=400)
    for index, annotation in enumerate(document["annotations"]):
        # What stands between two labels also stands in some: only the key behind it tells them apart.
        annotation["parts"] = [{"x": 1}, {"x": 2}, 3]
        if index > 50 and index % 7 == 0:
            document["annotations"][index] = dict(reversed(annotation.items()))
    path = write(tmp_path / "a.json", document)
    assert_shared(path, tmp_path)


@slow
def test_records_that_hold_lists_of_objects_are_shared(tmp_path: Path) -> None:
    document = plain(labels=400)
    for annotation in document["annotations"]:
        # As panoptic labels have them: what ends such a list looks like the end of all labels.
        annotation["segments_info"] = [{"iscrowd": 0, "area": 3}, {"iscrowd": 0, "area": 4}]
    path = write(tmp_path / "a.json", document)
    assert_shared(path, tmp_path)


@each_file("encord", "real", every=3)
def test_files_of_many_tools_become_the_same_rows(name: str, tmp_path: Path) -> None:
    path = FOLDER / name
    if not MIN_BYTES < path.stat().st_size < 3_000_000:
        # The benchmark's files, which are large, are shared by the test below.
        pytest.skip("too short to be shared, or too long for a test of many")
    block_bytes = max(2_000, path.stat().st_size // 40)
    task = task_of(path, tmp_path / "several", block_bytes)
    # One more process is enough here: its start takes longer than all the rest.
    task = replace(task, decoders=1)
    try:
        one = stage_with(task_of(path, tmp_path / "one", block_bytes), None)
    except InputError:
        with pytest.raises((InputError, CannotShareError)), decoding(task) as pool:
            stage_with(task, pool)
        return
    several, _ = shared(task)
    if several is not None:
        assert_same(one, several)


@slow
def test_the_large_files_are_shared(tmp_path: Path) -> None:
    for name in ("large/instances.zip", "large/list.zip"):
        if not (FOLDER / name).exists():
            pytest.skip(f"no {name}")
        folder = tmp_path / Path(name).stem
        folder.mkdir()
        one = stage_with(task_of(FOLDER / name, folder / "one", 1 << 20), None)
        several, jobs = shared(task_of(FOLDER / name, folder / "several", 1 << 20))
        assert several is not None, name
        assert jobs > 10
        assert (one.sha256, one.bytes, one.rows) == (several.sha256, several.bytes, several.rows)
        for table in ("documents", "issues"):
            files = [[f.path for f in staged.files if f.table == table] for staged in (one, several)]
            tables = [sorted(map(repr, pq.read_table(paths).to_pylist())) for paths in files if paths]
            assert tables[:1] == tables[1:], (name, table)


def test_records_that_look_like_the_end_of_others_are_read_by_one_process(tmp_path: Path) -> None:
    document = plain(labels=200)
    for annotation in document["annotations"]:
        annotation["parts"] = [{"id": 1}, {"id": 2}]
    path = write(tmp_path / "a.json", document)
    one = stage_with(task_of(path, tmp_path / "one"), None)
    staged = stage_source(replace(task_of(path, tmp_path / "several"), share_bytes=0))
    assert_same(one, staged)


def test_a_bad_record_far_behind_costs_only_itself(tmp_path: Path) -> None:
    document = plain(labels=400)
    document["annotations"][300]["id"] = 2**80
    document["annotations"][301]["bbox"] = [1]
    path = write(tmp_path / "a.json", document)
    one = stage_with(task_of(path, tmp_path / "one"), None)
    staged = stage_source(replace(task_of(path, tmp_path / "several"), share_bytes=0))
    assert one.rows["quarantine"] == 2
    assert_same(one, staged)


@slow
def test_a_document_that_comes_twice_is_told_apart_in_the_order_of_the_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [unit(f"u{index % 40}", labels=index % 9) for index in range(80)])
    assert shared(task_of(path, tmp_path / "several")) == (None, 0)
    one = stage_with(task_of(path, tmp_path / "one"), None)
    staged = stage_source(replace(task_of(path, tmp_path / "again"), share_bytes=0))
    assert_same(one, staged)


@pytest.mark.parametrize(("text", "code"), [("]", "TRUNCATED"), ('"x"]}', "JSON_SYNTAX")])
def test_what_is_wrong_with_a_text_is_said_as_by_one_process(text: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(plain(labels=300)).partition("]}")[0].replace(' "categories"', text, 1)[:-9])
    errors = []
    for folder, share_bytes in (("one", 1 << 40), ("several", 0)):
        with pytest.raises(InputError) as error:
            stage_source(replace(task_of(path, tmp_path / folder), share_bytes=share_bytes))
        errors.append((error.value.code, error.value.offset, error.value.pointer))
        assert not list((tmp_path / folder).iterdir())
    assert errors[0] == errors[1]
