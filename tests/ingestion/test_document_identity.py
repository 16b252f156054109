"""No document of a call replaces another, and each is the same document on every night."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.errors import UsageError

from tests.support.aliases import Load, Write
from tests.support.corpus import corpus_file
from tests.support.exports import plain, unit
from tests.support.sets import slow, some

DOCUMENTS = "select document_id, image_count, annotation_count from documents order by all"
SPLITS = ["dialects/42_train/_annotations.coco.json", "dialects/42_valid/_annotations.coco.json"]


def rows(warehouse: Path, sql: str = DOCUMENTS) -> list[tuple[Any, ...]]:
    return labelhouse.query(warehouse, sql).fetchall()


def other(labels: int = 1) -> dict[str, Any]:
    """A plain document with other images than those of plain()."""
    return {**plain(labels), "images": [{"id": 7, "file_name": "c/d.jpg", "width": 30, "height": 20}]}


def zipped(path: Path, members: Mapping[str, object]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(name, json.dumps(value))
    return str(path)


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
@pytest.mark.parametrize("full", some([False, True]))
def test_split_files_of_one_name_are_documents_of_their_own(
    load: Load, warehouse: Path, full: bool, reader: str
) -> None:
    paths = [str(corpus_file(name)) for name in SPLITS]
    wanted = [("42_train/_annotations.coco.json", 2, 2), ("42_valid/_annotations.coco.json", 1, 1)]
    reports = load(*paths, full=full, reader=reader)
    assert [(r.status, list(r.notes)) for r in reports] == [("committed", [])] * 2
    assert rows(warehouse) == wanted
    reports = load(*reversed(paths), full=full, reader=reader)
    assert [(r.status, list(r.notes)) for r in reports] == [("unchanged", [])] * 2
    assert rows(warehouse) == wanted


FORMS = {
    "files": ["{}/t/x.json", "{}/v/x.json"],
    "folders": ["{}/t", "{}/v"],
    "globs": ["{}/t/*.json", "{}/v/*"],
    "a folder and a file": ["{}/t", "{}/v/x.json"],
    "one glob": ["{}/*/x.json"],
    "one folder": ["{}"],
}


@slow
@pytest.mark.parametrize("form", some(FORMS, 2))
def test_files_of_one_name_are_told_apart_however_they_are_named(
    form: str, write: Write, load: Load, warehouse: Path, tmp_path: Path
) -> None:
    write("in/t/x.json", [plain(1), plain(2)])
    write("in/v/x.json", other(3))
    load(*[path.format(tmp_path / "in") for path in FORMS[form]])
    assert rows(warehouse) == [("t/x.json#1", 1, 1), ("t/x.json#2", 1, 2), ("v/x.json", 1, 3)]


@slow
def test_archives_of_one_name_with_members_of_one_name_are_told_apart(
    load: Load, warehouse: Path, tmp_path: Path
) -> None:
    several = zipped(tmp_path / "a" / "e.zip", {"train.json": plain(1), "valid.json": [plain(2)]})
    also_several = zipped(tmp_path / "b" / "e.zip", {"train.json": other(3), "valid.json": other(4)})
    single = zipped(tmp_path / "c" / "e.zip", {"train.json": labelled(5)})
    for order in ([several, also_several, single], [single, also_several, several]):
        reports = load(*order)
        assert [list(r.notes) for r in reports] == [[]] * 3
        assert rows(warehouse) == [
            ("a/e.zip/train.json", 1, 1),
            ("a/e.zip/valid.json#1", 1, 2),
            ("b/e.zip/train.json", 1, 3),
            ("b/e.zip/valid.json", 1, 4),
            ("c/e.zip", 5, 5),
        ]


@slow
def test_the_later_source_wins_for_documents_with_an_identity_of_their_own(
    write: Write, load: Load, warehouse: Path
) -> None:
    first, second = write("1/x.json", [unit("a")]), write("2/x.json", [unit("a", labels=2)])
    reports = load(first, second)
    assert [list(r.notes) for r in reports] == [
        [],
        [f"1 of its documents are in {first} too; the later source of a call wins, here this one"],
    ]
    assert rows(warehouse) == [("a", 1, 2)]


NIGHTS = [plain(2), plain(3)]


@pytest.mark.parametrize(
    ("names", "document", "document_id"),
    some(
        [
            (["labels_2026-11-26.json", "labels_2026-11-27.json"], "labels_*.json", "labels_*.json"),
            (["run_1/x.json", "run_2/x.json"], "run_*/x.json", "run_*/x.json"),
            (["labels_1.json", "other.json"], "labels", "labels"),
        ]
    ),
)
def test_a_declared_document_is_the_same_on_every_night(
    names: Sequence[str], document: str, document_id: str, write: Write, load: Load, warehouse: Path
) -> None:
    for name, value in zip(names, NIGHTS, strict=True):
        [report] = load(write(name, value), documents=[document])
        assert report.status == "committed"
    assert rows(warehouse) == [(document_id, 1, 3)]
    assert (report.row["documents_added"], report.row["documents_changed"]) == (0, 1)
    changes = "select change, count(*) from label_changes group by all order by all"
    assert rows(warehouse, changes) == [("added", 3)]


@slow
def test_declared_members_of_archives_are_the_same_on_every_night(
    load: Load, warehouse: Path, tmp_path: Path
) -> None:
    for night, labels in ((26, 2), (27, 3)):
        members = {f"train_{night}.json": [plain(labels)], f"valid_{night}.json": other(labels)}
        path = zipped(tmp_path / f"night-{night}.zip", members)
        [report] = load(path, documents=["night-*.zip", "train_*.json", "valid_*.json"])
        assert report.status == "committed"
    assert rows(warehouse) == [("night-*.zip/train_*.json#1", 1, 3), ("night-*.zip/valid_*.json", 1, 3)]
    path = zipped(tmp_path / "night-28.zip", {"train_1.json": plain(), "train_2.json": other()})
    [report] = load(path, documents=["night-*.zip", "train_*.json"])
    assert str(report.error) == (
        f"{path}: --document makes two members one document: train_1.json and train_2.json; write a "
        "pattern that one of them matches"
    )


@slow
def test_two_files_of_a_declared_document_are_refused_and_nothing_is_loaded(
    write: Write, load: Load, warehouse: Path
) -> None:
    paths = [write("labels_1.json", plain(2)), write("labels_2.json", plain(3))]
    with pytest.raises(UsageError, match="--document makes 2 files of the call one document"):
        load(*paths, documents=["labels_*.json"])
    assert rows(warehouse) == []


@slow
def test_ids_of_documents_that_a_source_makes_alike_are_told_apart(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("x.json", [unit("a"), unit("a"), unit("a~2"), unit("a")]))
    assert [name for name, *_ in rows(warehouse)] == ["a", "a~2", "a~2~2", "a~3"]


SAME = (
    "{} of its documents hold images and labels that are loaded already, as {}; if they are the same, load "
    "them under one name (--document), and once with --full to remove the other"
)


def labelled(count: int, moved: int = 0, first_id: int = 0, name: str = "i") -> dict[str, Any]:
    """A plain document of images with a label each; the first `moved` labels are elsewhere."""
    return {
        "images": [
            {"id": first_id + n, "file_name": f"{name}{n}.jpg", "width": 30, "height": 20}
            for n in range(count)
        ],
        "annotations": [
            {
                "id": first_id + n,
                "image_id": first_id + n,
                "category_id": 3,
                "bbox": [n % 7, 1 + (n < moved), 2, 3],
                "area": 6,
            }
            for n in range(count)
        ],
        "categories": [{"id": 3, "name": "thing"}],
    }


SECOND_NAMES = {
    "other bytes of one content": ([labelled(5)], True),
    "a few labels changed": ([labelled(10, moved=4)], True),
    "most labels changed": ([labelled(10, moved=6)], False),
    "other ids": ([labelled(10, first_id=40)], True),
    "other images": ([labelled(10, name="j")], False),
    "far more images": ([labelled(25)], False),
}


@slow
@pytest.mark.parametrize("case", some(SECOND_NAMES, 3))
def test_a_document_that_comes_under_a_second_name_is_noticed(
    case: str, write: Write, load: Load, warehouse: Path
) -> None:
    documents, is_noticed = SECOND_NAMES[case]
    count = 5 if documents == [labelled(5)] else 10
    load(write("night-1.json", labelled(count)), write("other.json", labelled(3, name="k")))
    wanted = [SAME.format(1, "night-1.json")] if is_noticed else []
    [report] = load(write("night-2.json", documents))
    assert list(report.notes) == wanted
    # It is said once: nothing is new the next time.
    [report] = load(write("night-2.json", documents))
    assert list(report.notes) == []


@slow
@pytest.mark.parametrize("full", [False, True])
def test_a_file_that_was_alone_is_noticed_when_a_folder_tells_it_apart(
    full: bool, write: Write, load: Load, warehouse: Path
) -> None:
    train, valid = write("train/x.json", labelled(5)), write("valid/x.json", labelled(4, name="v"))
    load(train)
    write("train/x.json", labelled(5, moved=1))
    reports = load(train, valid, full=full)
    assert [name for name, *_ in rows(warehouse)] == [
        "train/x.json",
        "valid/x.json",
        *([] if full else ["x.json"]),
    ]
    # A full load has removed the document of the shorter name.
    assert [list(report.notes) for report in reports] == [[] if full else [SAME.format(1, "x.json")], []]


@slow
def test_a_project_that_is_loaded_under_a_second_name_is_noticed(
    write: Write, load: Load, warehouse: Path
) -> None:
    path = write("x.json", [unit("a"), unit("b"), {**unit("c"), "images": [], "annotations": []}])
    load(path)
    [report] = load(path, project="other", dry_run=True)
    note = (
        "2 of its documents hold images and labels that are loaded already, into project default, as a; "
        "keep one of them, if it is one project"
    )
    assert list(report.notes) == [note]
    [report] = load(path, project="other")
    assert list(report.notes) == [note]


@pytest.mark.parametrize("reader", some(["bulk", "ijson"]))
@pytest.mark.parametrize("full", some([False, True]))
def test_files_of_a_call_with_the_same_bytes_are_documents_of_their_own(
    full: bool, reader: str, write: Write, load: Load, warehouse: Path
) -> None:
    def night(train: int, valid: int) -> list[str]:
        files = [write("train/x.json", other(train)), write("valid/x.json", other(valid))]
        return [report.status for report in load(*files, full=full, reader=reader)]

    def stored() -> list[tuple[Any, ...]]:
        return rows(warehouse, "select document_id, annotation_count from documents order by all")

    assert night(1, 1) == ["committed", "committed"]
    assert stored() == [("train/x.json", 1), ("valid/x.json", 1)]
    assert night(1, 1) == ["unchanged", "unchanged"]
    # What one of them was stays what the other one is.
    night(2, 1)
    assert stored() == [("train/x.json", 2), ("valid/x.json", 1)]
    # Files may also change places.
    night(1, 2)
    assert ("valid/x.json", 2) in stored()
