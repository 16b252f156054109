"""`publish` and `export` into a real S3 server: whole or not at all, the pointer last."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import labelhouse
import obstore
import pytest
from labelhouse.errors import LabelhouseError, UsageError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.publishing import store_publication
from labelhouse.stores import output_object

from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.s3_server import SECRET, S3Server, s3_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def writer(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    server.use(monkeypatch, "writer")
    return server


def load(warehouse: Path, labels: int) -> None:
    export = warehouse.with_name("export.json")
    export.write_text(json.dumps([unit("a", labels)]))
    list(ingest(warehouse, [str(export)], IngestOptions(jobs=1)))


def keys(server: S3Server, prefix: str) -> list[str]:
    return sorted(meta["path"] for chunk in obstore.list(server.store(), prefix) for meta in chunk)


def got(server: S3Server, key: str) -> bytes:
    return bytes(obstore.get(server.store(), key).bytes())


def pointer(server: S3Server, key: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(got(server, key))
    return value


def labels_in(server: S3Server, prefix: str, folder: Path) -> int:
    """Follow the pointer as a reader does; return how many labels the file has that it names."""
    shown = pointer(server, f"{prefix}/labels.json")
    data = got(server, f"{prefix}/{shown['file']}")
    [file] = shown["files"]
    assert file == {
        "name": shown["file"],
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    (folder / "copy.duckdb").write_bytes(data)
    with duckdb.connect(str(folder / "copy.duckdb"), read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from labels").fetchall()
    assert count == shown["labels"]
    return int(count)


def test_a_file_gets_a_new_name_and_the_pointer_comes_last(writer: S3Server, tmp_path: Path) -> None:
    warehouse, url = tmp_path / "w", "s3://exports/published/nightly/"
    seen = []
    for labels in (3, 4, 5, 6):
        load(warehouse, labels)
        done = labelhouse.publish(warehouse, url)
        assert (done.status, done.labels) == ("written", labels)
        assert done.path == "s3://exports/published/nightly/labels.json"
        assert labels_in(writer, "published/nightly", tmp_path) == labels
        seen.append(f"published/nightly/{pointer(writer, 'published/nightly/labels.json')['file']}")
    # Readers of the two pointers before find their files.
    assert keys(writer, "published/nightly") == sorted([*seen[1:], "published/nightly/labels.json"])
    again = labelhouse.publish(warehouse, url)
    assert (again.status, again.bytes) == ("unchanged", len(got(writer, seen[-1])))
    # A file that has gone is written again.
    obstore.delete(writer.store(), seen[-1])
    assert labelhouse.publish(warehouse, url).status == "written"
    assert labels_in(writer, "published/nightly", tmp_path) == 6


def test_a_folder_of_parquet_has_a_pointer_too(writer: S3Server, tmp_path: Path) -> None:
    load(tmp_path / "w", 5)
    done = labelhouse.publish(tmp_path / "w", "s3://exports/p", file_format="parquet")
    shown = pointer(writer, "p/parquet.json")
    assert done.path == "s3://exports/p/parquet.json"
    names = [file["name"] for file in shown["files"]]
    assert keys(writer, "p") == sorted(["p/parquet.json", *(f"p/{name}" for name in names)])
    (tmp_path / "labels.parquet").write_bytes(got(writer, f"p/{shown['folder']}/labels.parquet"))
    rows = duckdb.sql(f"select count(*) from '{tmp_path / 'labels.parquet'}'").fetchall()
    assert rows == [(5,)]


def test_what_the_store_does_not_take_leaves_the_old_one(
    writer: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "w"
    load(warehouse, 3)
    labelhouse.publish(warehouse, "s3://exports/denied/")
    load(warehouse, 4)
    before = keys(writer, "denied")
    for key, secret in (("reader", SECRET), ("writer", "CANARY-EXPIRED")):
        writer.use(monkeypatch, key, secret)
        for url in ("s3://exports/denied/", "s3://exports/other/"):
            with pytest.raises(LabelhouseError) as raised:
                labelhouse.publish(warehouse, url)
            assert raised.value.code == "STORE_DENIED"
            assert "CANARY" not in str(raised.value)
        with pytest.raises(LabelhouseError) as raised:
            labelhouse.export(warehouse, "s3://exports/denied/back.zip")
        assert raised.value.code == "STORE_DENIED"
    assert keys(writer, "denied") == before
    assert keys(writer, "other") == []
    assert labels_in(writer, "denied", tmp_path) == 3


def test_a_publisher_that_is_killed_leaves_the_old_one(writer: S3Server, tmp_path: Path) -> None:
    warehouse = tmp_path / "w"
    load(warehouse, 3)
    labelhouse.publish(warehouse, "s3://exports/killed/")
    load(warehouse, 4)
    script = """
import os, signal, sys
import labelhouse
from labelhouse.publishing import store_publication
store_publication.put_json = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
labelhouse.publish(sys.argv[1], "s3://exports/killed/")
"""
    done = subprocess.run([sys.executable, "-c", script, warehouse], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert labels_in(writer, "killed", tmp_path) == 3
    assert labelhouse.publish(warehouse, "s3://exports/killed/").status == "written"
    assert labels_in(writer, "killed", tmp_path) == 4


def test_of_two_publishers_one_is_told(
    writer: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = tmp_path / "ours" / "w", tmp_path / "theirs" / "w"
    for warehouse, labels in ((ours, 3), (theirs, 7)):
        warehouse.parent.mkdir()
        load(warehouse, labels)
    put = output_object.put

    def overtaken(*arguments: Any) -> None:
        put(*arguments)
        monkeypatch.setattr(store_publication, "put", put)
        labelhouse.publish(theirs, "s3://exports/both/")

    monkeypatch.setattr(store_publication, "put", overtaken)
    with pytest.raises(LabelhouseError, match="another process has published there meanwhile") as raised:
        labelhouse.publish(ours, "s3://exports/both/")
    assert raised.value.retryable
    assert labels_in(writer, "both", tmp_path) == 7


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.org/published/", "is on a web server, which takes no outputs"),
        ("ftp://example.org/published/", "ftp: addresses are not read"),
        ("s3://exports/published/?X-Amz-Signature=CANARY", "is an address with a query or a password"),
        ("s3://key:CANARY@exports/published/", "is an address with a query or a password"),
    ],
)
def test_other_addresses_are_refused(one_unit: Path, url: str, message: str) -> None:
    for call in (labelhouse.publish, labelhouse.export):
        with pytest.raises(UsageError, match=message) as raised:
            call(one_unit, url)
        assert "CANARY" not in str(raised.value)


def test_what_others_wrote_stays(writer: S3Server, one_unit: Path) -> None:
    for text in (b"{}", b'{"labelhouse": 1, "format": "duckdb", "files": [], "previous": [3]}', b"\xff"):
        obstore.put(writer.store(), "others/labels.json", text)
        with pytest.raises(UsageError, match="no `labelhouse publish` wrote it"):
            labelhouse.publish(one_unit, "s3://exports/others/")
        assert keys(writer, "others") == ["others/labels.json"]


def test_an_export_is_one_object_or_none(writer: S3Server, one_unit: Path, tmp_path: Path) -> None:
    labelhouse.export(one_unit, "s3://exports/back/a.zip")
    (tmp_path / "a.zip").write_bytes(got(writer, "back/a.zip"))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["a.json"]
        [document] = json.loads(archive.read("a.json"))
    assert len(document["annotations"]) == 3
    with pytest.raises(LabelhouseError, match="no document"):
        labelhouse.export(one_unit, "s3://exports/back/b.zip", documents=["none"])
    with pytest.raises(UsageError, match="names no object"):
        labelhouse.export(one_unit, "s3://exports/back/")
    assert keys(writer, "back") == ["back/a.zip"]
