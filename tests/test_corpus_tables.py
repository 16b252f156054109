"""Every value of every corpus file is in the tables, as an independent reader says it must be."""

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import labelhouse
import pytest
from duckdb import DuckDBPyConnection
from labelhouse.ingest import Options, Report, ingest
from labelhouse.schema import STAGED_TABLES

from tests.corpus import FOLDER, corpus_file, corpus_names, each_file, needs_corpus
from tests.independent import (
    TABLES,
    QuarantinedError,
    Tables,
    UndecidedError,
    canonical,
    documents_of,
    refusal_of,
    tables_of,
)

EXPORT = "encord/encord_sdk_export.json"
#: Files with one oddity each, of which many are stored whole.
MADE_UP = [f"bad/{folder}" for folder in ("good_control", "image_category", "record", "structure")]
EXPORT_LIST = "encord/encord_sdk_export_list.json"
#: Columns that the input alone does not decide; a test of their own says what they must be.
OWN_COLUMNS = {
    "documents": {"project", "source", "position", "category_set", "fingerprint", "ingest_id"},
    "categories": {"category_set"},
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
    reports: dict[str, Report] = field(repr=False)
    rows: dict[str, Tables] = field(repr=False)


def load(warehouse: Path, *calls: tuple[Path, str], below: Path = FOLDER) -> Loaded:
    """Ingest each path into its project; read all tables back. Names of sources are paths below `below`."""
    reports = {
        Path(report.source).relative_to(below).as_posix(): report
        for path, project in calls
        for report in ingest(warehouse, [str(path)], Options(project=project))
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
    found = connection.execute("select document_key, source, position from documents").fetchall()
    places = {
        key: (Path(source).relative_to(below).as_posix(), position) for key, source, position in found
    }
    assert len(places) == len(found)
    return places


def stored_rows(connection: DuckDBPyConnection, table: str) -> Iterator[tuple]:
    """Yield a table's rows in the independent reader's columns, with document_key for `document`."""
    columns = ", ".join(["document_key", *(f"{table}.{name}" for name in TABLES[table][1:])])
    source = "categories join documents using (category_set)" if table == "categories" else table
    order = {
        "documents": "document_key",
        "keypoints": "document_key, annotation_position, keypoint_index",
        "attributes": "document_key, annotation_position, name, origin, value",
    }.get(table, f"document_key, {table}.position")
    found = connection.execute(f"select {columns} from {source} order by {order}")
    has_extra = TABLES[table][-1] == "extra"
    while rows := found.fetchmany(10_000):
        for row in rows:
            if has_extra and row[-1] is not None:
                yield (*row[:-1], canonical(json.loads(row[-1])))
            else:
                yield row


def assert_same(expected: Tables, stored: Tables) -> None:
    """Compare all rows of all tables, exactly: by repr, so that 1, 1.0, True and -0.0 stay apart."""
    for table, columns in TABLES.items():
        wanted, found = expected[table], stored[table]
        if table == "attributes":  # the order of an annotation's answers means nothing
            wanted, found = sorted(wanted, key=repr), sorted(found, key=repr)
        assert len(wanted) == len(found), table
        for row, (want, have) in enumerate(zip(wanted, found, strict=True)):
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
    return load(tmp_path_factory.mktemp("real") / "w", (corpus_file("real"), "default"))


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


@each_file("encord")
def test_encord_files_are_stored_whole(name: str, encord: Loaded) -> None:
    assert_loaded(encord, name, "encord")


def storable(path: Path) -> bool:
    """Tell whether the rules say that, and how, all records of a file are stored."""
    try:
        return refusal_of(path) is None and bool(tables_of(path))
    except (QuarantinedError, UndecidedError):
        return False


@needs_corpus
def test_made_up_oddities_are_stored_whole(tmp_path: Path) -> None:
    # They are variants of one data unit: in one archive each gets a document of its own.
    names = [name for name in corpus_names(*MADE_UP) if storable(FOLDER / name)]
    assert len(names) > 50
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
@pytest.mark.parametrize("folder", ["real", "encord"])
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
        assert key == row["ingest_number"] * 2**32 + position
        assert (project, ingest_id) == (row["project"], row["ingest_id"])
        assert fingerprint
        assert category_set


@needs_corpus
@pytest.mark.parametrize("folder", ["real", "encord"])
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


def test_every_column_is_compared() -> None:
    compared = {
        table: set(columns) - {"document"} | OWN_COLUMNS.get(table, set()) | {"document_key"}
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
    assert counts(encord, EXPORT) == (1, 10, 64)


def test_the_same_export_as_zip_or_gzip_changes_nothing(tmp_path: Path) -> None:
    export = corpus_file(EXPORT_LIST)
    warehouse = tmp_path / "w"
    zipped, gzipped = tmp_path / "export.zip", tmp_path / "export.json.gz"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(export, "coco.json")
    gzipped.write_bytes(gzip.compress(export.read_bytes()))

    def load_one(path: Path) -> str:
        [report] = ingest(warehouse, [str(path)], Options())
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
