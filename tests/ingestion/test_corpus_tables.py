"""Every value of every corpus file is in the tables, as an independent reader says it must be."""

import gzip
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from duckdb import DuckDBPyConnection
from labelhouse.ingestion.run import IngestOptions, IngestReport
from labelhouse.schema.label_row_tables import ATTRIBUTE_COLUMNS, KEYPOINT_COLUMNS, LABEL_COLUMNS
from labelhouse.schema.warehouse_tables import STAGED_TABLES

from tests.reference.independent import (
    TABLES,
    QuarantinedError,
    Tables,
    UndecidedError,
    canonical,
    documents_of,
    refusal_of,
    tables_of,
)
from tests.support.corpus import FOLDER, corpus_file, corpus_names, each_file, loadable_copy, needs_corpus
from tests.support.ingesting import ingest
from tests.support.sets import choose, slow, some

EXPORT = "encord/encord_sdk_export.json"
#: Files with one oddity each, of which many are stored whole.
MADE_UP = [f"bad/{folder}" for folder in ("good_control", "image_category", "record", "structure")]
EXPORT_LIST = "encord/encord_sdk_export_list.json"
#: Columns that the input alone does not decide; a test of their own says what they must be.
OWN_COLUMNS = {
    "documents": {"project", "source", "position", "category_set", "fingerprint", "ingest_id", "sections"},
    "images": {"blanks"},
    "categories": {"category_set", "blanks"},
    "annotations": {"blanks", "content_hash"},
}
#: Columns that only label rows fill.
OF_LABEL_ROWS = {
    "images": {"row_extra"},
    "annotations": {column.name for column in LABEL_COLUMNS},
    "keypoints": {column.name for column in KEYPOINT_COLUMNS},
    "attributes": {column.name for column in ATTRIBUTE_COLUMNS},
}
#: Ledger column of each table; a category set that another source has stored is not counted again.
COUNTS = {
    "images": "image_count",
    "annotations": "annotation_count",
    "keypoints": "keypoint_count",
    "attributes": "attribute_count",
}


@dataclass(frozen=True)
class Loaded:
    """A warehouse, and by source its report and its rows as the independent reader gives them."""

    warehouse: Path
    reports: dict[str, IngestReport] = field(repr=False)
    rows: dict[str, Tables] = field(repr=False)


def load(warehouse: Path, *calls: tuple[Path, str], below: Path = FOLDER, at_once: bool = False) -> Loaded:
    """Ingest each path into its project; read all tables back. Names of sources are paths below `below`.

    Sources of a path are committed each by itself, or all `at_once`.
    """
    reports = {
        Path(report.source).relative_to(below).as_posix(): report
        for path, project in calls
        for report in ingest(warehouse, [str(path)], IngestOptions(project=project, full=at_once))
    }
    rows: dict[str, Tables] = {name: {table: [] for table in TABLES} for name in reports}
    with labelhouse.connect(warehouse) as connection:
        places = document_places(connection, below)
        for table in TABLES:
            for key, *values in stored_rows(connection, table):
                name, position = places[key]
                rows[name][table].append((position, *values))
    return Loaded(warehouse, reports, rows)


def document_places(connection: DuckDBPyConnection, below: Path) -> dict[int, tuple[str, int]]:
    """Return source and position of each document, by its key."""
    rows = connection.execute("select document_key, source, position from documents").fetchall()
    places = {key: (Path(source).relative_to(below).as_posix(), position) for key, source, position in rows}
    assert len(places) == len(rows)
    return places


def stored_rows(connection: DuckDBPyConnection, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield a table's rows in the independent reader's columns, with document_key for `document`."""
    columns = ", ".join(["document_key", *(f"{table}.{name}" for name in TABLES[table][1:])])
    source = "categories join documents using (category_set)" if table == "categories" else table
    order = {
        "documents": "document_key",
        "keypoints": "document_key, annotation_position, keypoint_index",
        "attributes": "document_key, annotation_position, name, origin, value",
    }.get(table, f"document_key, {table}.position")
    cursor = connection.execute(f"select {columns} from {source} order by {order}")
    has_extra = TABLES[table][-1] == "extra"
    texts = {
        number: number + 1 + TABLES[table][number + 1 :].index(f"{name}_text")
        for number, name in enumerate(TABLES[table])
        if f"{name}_text" in TABLES[table]
    }
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            for number, text in texts.items():
                if row[text] is not None:
                    # The number that stands for a text is a hash of it, below 0.
                    assert row[number] < 0
                    row = (*row[:number], row[text], *row[number + 1 :])
            if has_extra and row[-1] is not None:
                yield (*row[:-1], canonical(json.loads(row[-1])))
            else:
                yield row


def assert_same(expected: Tables, stored: Tables) -> None:
    """Compare all rows of all tables, exactly: by repr, so that 1, 1.0, True and -0.0 stay apart."""
    for table, columns in TABLES.items():
        wanted, actual = expected[table], stored[table]
        if table == "attributes":  # the order of an annotation's answers means nothing
            wanted, actual = sorted(wanted, key=repr), sorted(actual, key=repr)
        assert len(wanted) == len(actual), table
        for row, (want, have) in enumerate(zip(wanted, actual, strict=True)):
            assert len(want) == len(have) == len(columns)
            if repr(want) != repr(have):
                cells = zip(columns, want, have, strict=True)
                differing = [cell for cell in cells if repr(cell[1]) != repr(cell[2])]
                pytest.fail(f"{table} row {row} {want[:3]}: column, expected, stored: {differing}")


def assert_loaded(loaded: Loaded, name: str, below: str) -> None:
    """Check one source: its rows, and what the report and the columns of our own say of it."""
    report, stored = loaded.reports[name], loaded.rows[name]
    assert report.error is None
    assert report.status == "committed"
    assert report.row["quarantined"] == 0
    assert_same(tables_of(FOLDER / name, Path(name).relative_to(below).as_posix()), stored)
    assert {c: report.row[c] for c in COUNTS.values()} == {
        c: len(stored[table]) for table, c in COUNTS.items()
    }


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    # Hundreds of commits would take minutes: what can be stored is committed at once, after the others.
    folder = tmp_path_factory.mktemp("real")
    taken, refused = folder / "taken", folder / "refused"
    loadable_copy("real", taken / "real")
    for name in corpus_names("real"):
        if not (taken / name).exists():
            (refused / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(FOLDER / name, refused / name)
    first = load(folder / "w", (refused / "real", "default"), below=refused)
    second = load(folder / "w", (taken / "real", "default"), below=taken, at_once=True)
    return Loaded(folder / "w", first.reports | second.reports, first.rows | second.rows)


@pytest.fixture(scope="session")
def encord(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    # Two of the files are versions of one data unit: each file gets a project of its own.
    calls = [(FOLDER / name, name) for name in corpus_names("encord")]
    return load(tmp_path_factory.mktemp("encord") / "w", *calls)


@each_file("real")
def test_real_files_are_stored_whole_or_refused_for_what_they_are(name: str, real: Loaded) -> None:
    assert name in real.reports, "not a source of the folder that it lies in"
    code = refusal_of(FOLDER / name)
    if code is None:
        assert_loaded(real, name, "real")
        return
    report = real.reports[name]
    assert report.status == "rejected"
    assert report.error is not None
    assert report.error.code == code
    assert not any(real.rows[name].values())
    if code == "RESULTS_LIST":
        first = next(documents_of(FOLDER / name)).value
        message = str(report.error).removeprefix(report.source)
        assert "results list" in message
        assert ("caption" if "caption" in first else "detection") in message


@slow
@each_file("encord")
def test_encord_files_are_stored_whole(name: str, encord: Loaded) -> None:
    assert_loaded(encord, name, "encord")


def storable(path: Path) -> bool:
    """Tell whether the rules say that, and how, all records of a file are stored."""
    try:
        return refusal_of(path) is None and bool(tables_of(path))
    except (QuarantinedError, UndecidedError):
        return False


@slow
@needs_corpus
def test_made_up_oddities_are_stored_whole(tmp_path: Path) -> None:
    # They are variants of one data unit: in one archive each gets a document of its own.
    names = [name for name in corpus_names(*MADE_UP) if storable(FOLDER / name)]
    assert len(names) > choose(10, 50, 50)
    archive = tmp_path / "made_up.zip"
    with zipfile.ZipFile(archive, "w") as members:
        for name in names:
            members.write(FOLDER / name, name)
    loaded = load(tmp_path / "w", (archive, "default"), below=tmp_path)
    expected = tables_of(archive)
    assert [row[4] for row in expected["documents"]] == names
    assert loaded.reports[archive.name].row["quarantined"] == 0
    assert_same(expected, loaded.rows[archive.name])


@needs_corpus
@pytest.mark.parametrize("folder", some(["real", "encord"]))
def test_columns_of_our_own(folder: str, request: pytest.FixtureRequest) -> None:
    loaded: Loaded = request.getfixturevalue(folder)
    reports = {report.source: report.row for report in loaded.reports.values()}
    with labelhouse.connect(loaded.warehouse) as connection:
        documents = connection.execute(
            "select document_key, source, position, project, ingest_id, fingerprint, category_set "
            "from documents"
        ).fetchall()
    for key, source, position, project, ingest_id, fingerprint, category_set in documents:
        row = reports[source]
        number = row["ingest_number"]
        assert isinstance(number, int)
        assert key == number * 2**32 + position
        assert (project, ingest_id) == (row["project"], row["ingest_id"])
        assert fingerprint
        assert category_set


@needs_corpus
@pytest.mark.parametrize("folder", some(["real", "encord"]))
def test_a_category_list_is_stored_once(folder: str, request: pytest.FixtureRequest) -> None:
    loaded: Loaded = request.getfixturevalue(folder)
    # Two lists are the same one if their JSON is; what they say is compared with the other tables.
    lists = {
        canonical(document.value.get("categories") or [])
        for name in loaded.reports
        if refusal_of(FOLDER / name) is None
        for document in documents_of(FOLDER / name)
    }
    with labelhouse.connect(loaded.warehouse) as connection:
        sets = connection.execute("select count(distinct category_set) from documents").fetchone()
        rows = connection.execute(
            "select count(*), count(distinct (category_set, position)) from categories"
        ).fetchone()
    assert sets == (len(lists),)
    assert rows is not None
    assert rows[0] == rows[1] == sum(len(json.loads(text)) for text in lists)


@needs_corpus
@pytest.mark.parametrize("folder", some(["real", "encord"]))
def test_coco_leaves_the_columns_of_label_rows_empty(folder: str, request: pytest.FixtureRequest) -> None:
    loaded: Loaded = request.getfixturevalue(folder)
    with labelhouse.connect(loaded.warehouse) as connection:
        for table, columns in OF_LABEL_ROWS.items():
            filled = " + ".join(f"count({column})" for column in sorted(columns))
            assert connection.execute(f"select {filled} from {table}").fetchone() == (0,), table


def test_every_column_is_compared() -> None:
    compared = {
        table: set(columns) - {"document"}
        | OWN_COLUMNS.get(table, set())
        | OF_LABEL_ROWS.get(table, set())
        | {"document_key"}
        for table, columns in TABLES.items()
    }
    compared["categories"] -= {"document_key"}
    kept = {table.name: table for table in STAGED_TABLES if table.name in TABLES}
    assert compared == {name: {c.name for c in table.columns} for name, table in kept.items()}


def counts(loaded: Loaded, name: str) -> tuple[int, int, int]:
    """Return the number of documents, images and annotations."""
    rows = loaded.rows[name]
    return len(rows["documents"]), len(rows["images"]), len(rows["annotations"])


@needs_corpus
def test_the_encord_exports_have_all_their_labels(encord: Loaded) -> None:
    assert counts(encord, EXPORT_LIST) == (6, 10, 64)
    # One object of all data units: an image of a group is a data unit of its own there.
    assert counts(encord, EXPORT) == (8, 10, 64)


@slow
def test_the_same_export_as_zip_or_gzip_changes_nothing(tmp_path: Path) -> None:
    export = corpus_file(EXPORT_LIST)
    warehouse = tmp_path / "w"
    zipped, gzipped = tmp_path / "export.zip", tmp_path / "export.json.gz"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(export, "coco.json")
    gzipped.write_bytes(gzip.compress(export.read_bytes()))

    def load_one(path: Path) -> str:
        [report] = ingest(warehouse, [str(path)], IngestOptions())
        return report.status

    assert load_one(export) == "committed"
    before = state(warehouse)
    assert [load_one(path) for path in (zipped, gzipped, export)] == ["unchanged"] * 3
    assert state(warehouse) == before


def state(warehouse: Path) -> tuple[object, set[Path]]:
    """Return the snapshots and the data files of a warehouse."""
    with sqlite3.connect(warehouse / "catalog.sqlite") as catalog:
        snapshots = catalog.execute(
            "select snapshot_id, schema_version, next_file_id from ducklake_snapshot"
        ).fetchall()
    catalog.close()
    assert snapshots
    return snapshots, {path for path in (warehouse / "data").rglob("*") if path.is_file()}


@slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("large/instances.zip", (1, 89_229, 157_127)),
        ("large/list.zip", (217, 91_419, 318_969)),
    ],
)
def test_large_zips_are_stored_whole(name: str, expected: tuple[int, int, int], tmp_path: Path) -> None:
    loaded = load(tmp_path / "w", (corpus_file(name), "default"))
    assert counts(loaded, name) == expected
    assert_loaded(loaded, name, "large")


# --- rules of which the corpus has no example

URL = "https://user:LEAKCANARY7f3a@host.example/p/a.jpg?sig=LEAKCANARY7f3a#LEAKCANARY7f3a"
CASES: dict[str, list[dict[str, Any]]] = {
    "images": [
        {"file_name": "images/aa.bb.png", "image_title": "T", "video_title": "V"},
        {"file_name": "images/aa.png", "width": "640", "height": 480.0},
        {"file_name": "videos/h/12.jpg", "image_title": "T", "video_title": "V", "coco_url": URL},
        {"file_name": "videos/h/x1.jpg", "image_title": "T", "coco_url": "bucket/a.jpg?sig=1#f"},
        {"file_name": "videos/h/\u0663.jpg", "coco_url": "bucket/a.jpg#f?x"},
        {"file_name": "videos/h/1.png"},
        {"file_name": "videos/h/a/1.jpg"},
        {"file_name": "videos/h"},
        {"file_name": "dicom/h/1.2.3/7", "video_title": "V", "coco_url": None},
        {"file_name": "dicom/h/1.2.3", "coco_url": ""},
        {"file_name": "dicom/h"},
        {"file_name": "dicom//7"},
        {"file_name": "nifti/h/0012", "coco_url": 5},
        {"file_name": "pdfs/h/123456789012345678", "coco_url": ["x"]},
        {"file_name": "pdfs/h/1234567890123456789"},
        {"file_name": "images/x/y.png"},
        {"file_name": "images/name"},
        {"file_name": "IMAGES/a.png"},
        {"file_name": 12},
        {"file_name": 1.50, "width": None},
        {"file_name": ["a"]},
        {"file_name": URL, "image_title": f"see {URL} there", URL: {"a": [URL, {URL: 1}]}},
        {"file_name": "a.jpg", "image_title": 5, "title": "another key"},
        {"file_name": "a.jpg", "numbers": [1, 1.0, -0.0, 10**30, 1e22, 0.1, True, None]},
    ],
    "categories": [
        {"name": 5, "supercategory": None, "keypoints": "keypoint", "skeleton": []},
        {"name": 1.0, "supercategory": 3, "keypoints": ["a", 1], "skeleton": [[1, 2], [2, "3"]]},
        {"name": ["x"], "keypoints": {"a": 1}, "skeleton": "s"},
        {"name": f"n {URL}", "keypoints": [f"k {URL}"], "skeleton": [[1, 2], []], "x": {"a": 1}},
        {"name": True, "keypoints": [None], "skeleton": [[1, 2.0]]},
        {"keypoints": [], "skeleton": [[1, True]]},
        {"keypoints": 5, "skeleton": [1, 2]},
    ],
    "annotations": [
        {"category_id": "1", "bbox": ["1", "2.5", 3, "-4e1"], "iscrowd": "true", "num_keypoints": "3"},
        {"category_id": 1.0, "bbox": [], "iscrowd": False, "segmentation": [1, 2.5, 3, 4, 5, 6]},
        {"bbox": None, "iscrowd": "false"},
        {"segmentation": {"size": [2, 3], "counts": [1, 2, 3], "x": [URL]}},
        {"segmentation": {"size": [2, 3], "counts": "ab?c"}, "iscrowd": True},
        {"keypoints": [1, 2, 2.0, None, None, None, 3, 4, 0], "num_keypoints": 2.0},
        {"segmentation": [], "keypoints": [[1, 2], [3, 4, 2]], "iscrowd": 1.0},
        {"segmentation": [[], [1, 2, 3]], "keypoints": [[1, 2], [3, 4]], "iscrowd": "1"},
        {"segmentation": None, "keypoints": [], "bbox": [0, -0.0, 5e-324, 9007199254740992]},
        {"area": "12.50"},
        {"score": "0.5"},
        {"attributes": {"rotation": "12.5"}},
        {"attributes": {"track_id": 6}, "track_id": 5},
        {"attributes": {"track_id": 3.0}, "track_id": 3.0},
        {"attributes": {"track_id": "11"}},
        {"attributes": {"track_id": None}, "track_id": 4},
        {"attributes": {}, "track_id": "8"},
        {"track_id": None},
        {"instance_id": 7, "attributes": {"track_id": 6}},
        {"instance_id": 7, "attributes": {"track_id": None, "instance_id": 8}},
        {"track_id": 5, "attributes": {"instance_id": 8}},
        {"instance_id": [7], "attributes": {"instance_id": 8, "q": 1}},
        {"attributes": {"encord_track_uuid": "a/b+", "rotation": 1e2, "manual_annotation": True}},
        {"attributes": {"encord_track_uuid": 5, "manual_annotation": "yes"}},
        {"attributes": {"encord_track_uuid": None, "rotation": None, "manual_annotation": 1}},
        {"attributes": {"classifications": {"#relation": ["x", {"y": URL}]}, "#relation": "obj"}},
        {"attributes": {"#relation": None, "#relation ": {"a": "b"}, URL: f"see {URL}"}},
        {"attributes": {"classifications": {f"q {URL}": URL, "i": 1, "f": 1.50, "g": 1e16, "n": -0.0}}},
        {"attributes": {"classifications": {"b": True, "z": None, "": "", "o": {"a": [1, 2], "ü": "é"}}}},
        {"attributes": {"classifications": {"big": 10**20, "t": "1"}, "b": False, "l": []}},
        {"attributes": {"classifications": ["x", URL], "k": False}},
        {"attributes": {"classifications": None}},
        {"attributes": [1, URL]},
        {"attributes": f"text {URL}"},
        {"attributes": None, "x": URL},
    ],
}  # fmt: skip


def case_export() -> dict[str, Any]:
    """Return an export of all cases, each with the ids that it needs; ids are positions."""
    ids = {"images": {}, "categories": {}, "annotations": {"image_id": 0, "category_id": 0}}
    sections = {
        section: [{"id": index, **ids[section], **case} for index, case in enumerate(cases)]
        for section, cases in CASES.items()
    }
    top = {"info": {"description": f"of {URL}", "url": URL}, "x": 10**18, URL: [None, {"a": URL}]}
    return {**top, **sections}


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tables, Tables]:
    folder = tmp_path_factory.mktemp("cases")
    path = folder / "cases.json"
    path.write_text(json.dumps(case_export()), encoding="utf-8")
    loaded = load(folder / "w", (path, "default"), below=folder)
    return tables_of(path), loaded.rows[path.name]


@pytest.mark.parametrize(
    ("section", "index"),
    [
        pytest.param(section, index, id=ascii(json.dumps(case)))
        for section, records in CASES.items()
        for index, case in enumerate(records)
    ],
)
def test_a_record_becomes_the_rows_that_the_rules_say(
    section: str, index: int, cases: tuple[Tables, Tables]
) -> None:
    tables = [section, *(["keypoints", "attributes"] if section == "annotations" else [])]

    def rows_of(of_all_cases: Tables) -> Tables:
        return {t: [row for row in of_all_cases[t] if t in tables and row[1] == index] for t in TABLES}

    expected, stored = map(rows_of, cases)
    assert expected[section]
    assert_same(expected, stored)


def test_no_part_of_a_secret_is_stored(cases: tuple[Tables, Tables]) -> None:
    expected, stored = cases
    assert "LEAKCANARY" not in repr(stored)
    assert "host.example/p/a.jpg" in repr(stored)
    # annotation_count is that of the stored ones
    assert [row[:5] + row[7:] for row in stored["documents"]] == [
        row[:5] + row[7:] for row in expected["documents"]
    ]
