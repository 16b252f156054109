"""Exports in a real S3 server load as from a disk: by key, prefix and glob, with the rights of a key."""

import json
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from labelhouse import connect
from labelhouse.errors import InputError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources import object_file
from labelhouse.sources.finding import find_sources
from labelhouse.sources.source_file import opened

from tests.support.aliases import Rows
from tests.support.corpus import FOLDER, needs_corpus
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.s3_server import SECRET, S3Server, s3_server
from tests.support.sets import rounds

pytestmark = pytest.mark.slow

TABLES = ("documents", "images", "categories", "annotations", "keypoints", "attributes", "issues")
OWN = ("ingest_id", "source")
"""Columns that differ between two warehouses."""


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def reader(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    server.use(monkeypatch)
    return server


def put(server: S3Server, key: str, value: object) -> None:
    obstore.put(server.store(), key, value if isinstance(value, bytes) else json.dumps(value).encode())


def rows(warehouse: Path) -> dict[str, Rows]:
    with connect(warehouse) as connection:
        return {
            table: connection.execute(
                f"select columns(name -> name not in {OWN}) from {table} order by all"
            ).fetchall()
            for table in TABLES
        }


@needs_corpus
@pytest.mark.parametrize("folder", ["encord", "dialects", "large"])
def test_a_prefix_gives_the_tables_of_the_folder(reader: S3Server, tmp_path: Path, folder: str) -> None:
    # Each file is a commit, twice: some of many say it, and the long set has all.
    every = {"encord": 1, "dialects": 8, "large": 4}[folder]
    files = [
        path
        for path in sorted((FOLDER / folder).rglob("*"))
        if path.is_file() and path.suffix in (".json", ".zip", ".gz")
    ][:: rounds("STORE_FILES", every, every, 1)]
    copies = tmp_path / folder
    for path in files:
        copy = copies / path.relative_to(FOLDER / folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for path in files:
        put(reader, f"corpus/{path.relative_to(FOLDER).as_posix()}", path.read_bytes())
    # The environment of the shared parsing process is that of its start.
    options = IngestOptions(jobs=2)
    local, remote = tmp_path / "local", tmp_path / "remote"
    from_disk = list(ingest(local, [str(copies)], options))
    from_store = list(ingest(remote, [f"s3://exports/corpus/{folder}/"], options))
    assert [report.status for report in from_store] == [report.status for report in from_disk]
    assert [report.source for report in from_store] == [
        f"s3://exports/corpus/{folder}/{Path(report.source).relative_to(copies).as_posix()}"
        for report in from_disk
    ]
    assert rows(remote) == rows(local)
    again = ingest(remote, [f"s3://exports/corpus/{folder}/"], options)
    assert {report.status for report in again} <= {"unchanged", "rejected"}


def test_keys_prefixes_and_globs(reader: S3Server) -> None:
    for key in (
        "n/1/a.json",
        "n/1/b c.zip",
        "n/2/a.json",
        "n/2/.x/a.json",
        "n/2/._a.json",
        "n/2/a.txt",
        "n/a.json.gz",
    ):
        put(reader, key, b"{}")

    def names(*urls: str) -> list[tuple[str, str]]:
        return [(source.path.removeprefix("s3://exports/"), source.name) for source in find_sources(urls)]

    assert names("s3://exports/n/1/a.json") == [("n/1/a.json", "a.json")]
    below = [("n/1/a.json", "1/a.json"), ("n/1/b c.zip", "1/b c.zip"), ("n/2/a.json", "2/a.json")]
    assert names("s3://exports/n/") == names("s3://exports/n") == [*below, ("n/a.json.gz", "a.json.gz")]
    assert names("s3://exports/n/*/a.json") == [below[0], below[2]]
    assert names("s3://exports/n/**/*.zip") == [below[1]]
    assert names("s3://exports/n/2/*") == [("n/2/a.json", "a.json"), ("n/2/a.txt", "a.txt")]
    assert names("s3://exports/n/1/a.json", "s3://exports/n/2/a.json") == [below[0], below[2]]
    assert names("s3://exports/none/") == [("none/", "none")]
    assert [source.bytes for source in find_sources(["s3://exports/n/1"])] == [2, 2]


@pytest.mark.parametrize(
    ("key", "secret", "url", "code"),
    [
        ("reader", SECRET, "s3://exports/absent.json", "SOURCE_NOT_FOUND"),
        ("reader", SECRET, "s3://no-such-bucket/a.json", "SOURCE_NOT_FOUND"),
        ("reader", SECRET, "s3://no-such-bucket/", "SOURCE_NOT_FOUND"),
        ("stranger", SECRET, "s3://exports/here.json", "STORE_DENIED"),
        ("stranger", SECRET, "s3://exports/folder/", "STORE_DENIED"),
        ("reader", "CANARY-WRONG", "s3://exports/here.json", "STORE_DENIED"),
        ("CANARY-NOBODY", SECRET, "s3://exports/here.json", "STORE_DENIED"),
    ],
)
def test_what_a_key_may_not_do_is_said(
    server: S3Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    secret: str,
    url: str,
    code: str,
) -> None:
    server.use(monkeypatch, key, secret)
    put(server, "here.json", unit("a"))
    [report] = ingest(tmp_path / "w", [url], IngestOptions(jobs=2))
    assert report.error is not None
    assert report.error.code.value == code
    assert "CANARY" not in json.dumps(report.as_json())


def test_an_object_that_is_replaced_meanwhile_is_not_loaded(
    reader: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_file, "FIRST_BYTES", 1_000)
    monkeypatch.setattr(object_file, "PIECE_BYTES", 1_000)
    put(reader, "big.json", b"[" + b" " * 50_000 + b"]")

    def read() -> None:
        with opened("s3://exports/big.json") as file:
            file.read(10)
            put(reader, "big.json", b"[" + b" " * 50_001 + b"]")
            file.read()

    with pytest.raises(InputError) as raised:
        read()
    assert raised.value.code is ReasonCode.SOURCE_CHANGED
