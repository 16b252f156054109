"""What is named like an export is loaded or refused; else a full load would remove its documents."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import labelhouse
import pytest
from labelhouse.ingestion.run import IngestResult
from labelhouse.sources.finding import find_sources

from tests.support.exports import unit
from tests.support.ingesting import ingest_verb
from tests.support.sets import slow, some

DROPPED = "-dac_override,-dac_read_search"


def write(path: Path, name: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([unit(name)]), encoding="utf-8")
    return path


def documents(warehouse: Path) -> list[str]:
    rows = labelhouse.query(warehouse, "select document_id from documents order by all").fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "in" / "a" / "a.json", "a")
    write(tmp_path / "in" / "b" / "b.json", "b")
    write(tmp_path / "store.json", "linked")
    (tmp_path / "in" / "linked.json").symlink_to(tmp_path / "store.json")
    return tmp_path / "in"


def outcomes(result: IngestResult) -> dict[str, str | None]:
    return {
        report.source.rpartition("/")[2]: report.error.code.value if report.error else None
        for report in result.reports
    }


def is_closed_to_us(path: Path) -> bool:
    """Whether a mode keeps this user out: root passes by it."""
    path.chmod(0o000)
    try:
        list(path.iterdir())
    except PermissionError:
        return True
    return False


@slow
@pytest.mark.parametrize("pattern", some(["{}/**/*", "{}", "{}/*/*.json"]))
def test_a_full_load_beside_a_closed_folder_removes_nothing(
    folder: Path, tmp_path: Path, pattern: str
) -> None:
    warehouse = tmp_path / "w"
    assert not ingest_verb(warehouse, folder, full=True).rejected
    assert documents(warehouse) == ["a", "b", "linked"]
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse)]
    command += ["ingest", "--full", pattern.format(folder)]
    if not is_closed_to_us(folder / "b"):
        if os.geteuid() or shutil.which("setpriv") is None:
            pytest.skip("this user reads every folder, and cannot give that up")
        command = ["setpriv", "--bounding-set", DROPPED, "--inh-caps", DROPPED, *command]
    done = subprocess.run(command, capture_output=True, text=True)
    (folder / "b").chmod(0o755)
    assert f"SOURCE_UNREADABLE: {folder}/b: cannot be read (Permission denied)" in done.stderr
    assert (done.returncode, documents(warehouse)) == (1, ["a", "b", "linked"])


@slow
def test_a_full_load_without_the_target_of_a_link_removes_nothing(folder: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w"
    ingest_verb(warehouse, folder, full=True)
    (tmp_path / "store.json").unlink()
    result = ingest_verb(warehouse, folder, full=True)
    assert outcomes(result) == {
        "a.json": "NOT_COMMITTED",
        "b.json": "NOT_COMMITTED",
        "linked.json": "SOURCE_NOT_FOUND",
    }
    assert documents(warehouse) == ["a", "b", "linked"]


@pytest.mark.parametrize("pattern", some(["", "*", "**/*"]))
def test_what_is_no_file_is_refused_by_name_in_folders_and_globs(tmp_path: Path, pattern: str) -> None:
    place = tmp_path / "in"
    write(place / "good.json", "good")
    (place / "gone.json").symlink_to(tmp_path / "nothing.json")
    os.mkfifo(place / "pipe.json")
    result = ingest_verb(tmp_path / "w", place / pattern)
    assert outcomes(result) == {
        "good.json": None,
        "gone.json": "SOURCE_NOT_FOUND",
        "pipe.json": "SOURCE_UNREADABLE",
    }
    assert documents(tmp_path / "w") == ["good"]


NAMES_WITH_SECRETS = ["get?file=export.json", "y?token=SECRET.json", "export.json?sig=SECRET"]


@slow
@pytest.mark.parametrize("name", some(NAMES_WITH_SECRETS))
def test_a_name_that_is_an_export_in_either_form_is_one(tmp_path: Path, name: str) -> None:
    write(tmp_path / "in" / name, "a")
    assert [source.path for source in find_sources([str(tmp_path / "in")])] == [str(tmp_path / "in" / name)]
    with zipfile.ZipFile(tmp_path / "members.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), json.dumps([unit("b")]))
    result = ingest_verb(tmp_path / "w", [tmp_path / "in", tmp_path / "members.zip"])
    assert [report.status for report in result.reports] == ["committed", "committed"]
    assert documents(tmp_path / "w") == ["a", "b"]
    assert b"SECRET" not in b"".join(p.read_bytes() for p in (tmp_path / "w").rglob("*") if p.is_file())


def test_members_that_are_no_json_are_one_note(tmp_path: Path) -> None:
    path = tmp_path / "images.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("annotations.json", json.dumps([unit("a")]))
        for number in range(5000):
            archive.writestr(f"images/{number:05d}.jpg", b"")
    [report] = ingest_verb(tmp_path / "w", path).reports
    assert list(report.notes) == [
        "passed over images/00000.jpg, images/00001.jpg, images/00002.jpg and 4,997 more members"
    ]


def test_a_size_of_an_image_that_is_not_positive_is_an_issue(tmp_path: Path) -> None:
    document = unit("a")
    document["images"][0] |= {"width": 0, "height": -7}
    (tmp_path / "a.json").write_text(json.dumps([document]), encoding="utf-8")
    ingest_verb(tmp_path / "w", tmp_path / "a.json")
    rows = labelhouse.query(
        tmp_path / "w", "select code, pointer, message from issues order by all"
    ).fetchall()
    assert rows == [
        ("BAD_VALUE", "/0/images/0/height", "height: not positive"),
        ("BAD_VALUE", "/0/images/0/width", "width: not positive"),
    ]
    sizes = labelhouse.query(tmp_path / "w", "select width, height from images").fetchall()
    assert sizes == [(0, -7)]


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "zeros.json").write_bytes(bytes(100))
    (tmp_path / "twice.json.gz").write_bytes(gzip.compress(gzip.compress(b"[]")))
    result = ingest_verb(tmp_path / "w", [tmp_path / "twice.json.gz", tmp_path / "zeros.json"])
    errors = [report.error for report in result.reports if report.error]
    assert [(error.code.value, error.what) for error in errors] == [
        ("NOT_JSON", "gzip in gzip"),
        ("ENCODING", "zero bytes instead of a text"),
    ]


STATEMENTS = {
    "JSON of a text": "select json_extract(category_name, '$.a') from labels",
    "an arrow": "select category_name->>'a' from labels",
    "a path that cannot be cast": "select '{data}/malformed.parquet'::int",
    "a format": "select strptime('file is not a database', '%Y')",
    "an error": "select error('database disk image is malformed') from labels",
    "a pattern": "select regexp_matches(category_name, '(malformed') from labels",
}


@slow
@pytest.mark.parametrize("kind", some(STATEMENTS, 2))
def test_what_a_statement_says_is_no_damage(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "a.json", "a")
    ingest_verb(tmp_path / "w", tmp_path / "a.json")
    sql = STATEMENTS[kind].format(data=tmp_path / "w" / "data")
    with pytest.raises(labelhouse.LabelhouseError) as raised:
        labelhouse.query(tmp_path / "w", sql).fetchall()
    assert raised.value.code.value == "QUERY_FAILED"


@slow
def test_a_restoration_says_nothing_that_is_not_so(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "a")
    ingest_verb(tmp_path / "w", tmp_path / "a.json")
    (tmp_path / "w" / "catalog.sqlite").unlink()
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(tmp_path / "w"), "restore"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert labelhouse.verify(tmp_path / "w").findings == []
    assert labelhouse.status(tmp_path / "w").backups["problem"] is None


def test_an_interrupt_while_a_statement_is_bound_is_kept(tmp_path: Path) -> None:
    """DuckDB asks Python for variables of a table's name, and drops what is raised there."""
    write(tmp_path / "a.json", "a")
    ingest_verb(tmp_path / "w", tmp_path / "a.json")
    from labelhouse.lake.engine import connect_engine
    from labelhouse.warehouse.opening import open_warehouse

    query = "select current_setting('python_enable_replacements')"
    with connect_engine() as connection:
        assert connection.execute(query).fetchone() == (False,)
    with open_warehouse(tmp_path / "w") as warehouse:
        assert warehouse.connection.execute(query).fetchone() == (False,)
    # A person's own connection reads data frames.
    frame = labelhouse.query(tmp_path / "w", "select 7 as n").to_arrow_table()
    with labelhouse.connect(tmp_path / "w") as connection:
        assert connection.sql("select n from frame").fetchall() == [(frame["n"][0].as_py(),)]


@pytest.mark.parametrize("confined", some([True, False]))
def test_a_reader_tells_a_catalog_of_something_else(tmp_path: Path, confined: bool) -> None:
    write(tmp_path / "a.json", "a")
    ingest_verb(tmp_path / "w", tmp_path / "a.json")
    path = tmp_path / "w" / "catalog.sqlite"
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("create table mine (x)")
    with pytest.raises(labelhouse.LabelhouseError) as raised:
        labelhouse.connect(tmp_path / "w", confined=True) if confined else labelhouse.connect(
            tmp_path / "w"
        )
    assert raised.value.code.value == "CATALOG_LOST"
    assert "labelhouse restore" in str(raised.value)
