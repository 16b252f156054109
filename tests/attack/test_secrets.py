"""Plant secrets in every form in every place, run every command, and look for them in all that it wrote."""

import io
import json
import re
import sqlite3
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from labelhouse.cli import app

from tests.readers.test_readers_agree import tables_of
from tests.support.exports import unit
from tests.support.sets import slow

SECRET = "Canary"
PATH = "h.example.com/dir/a.json"
USERS = {
    "password": "u:{}",
    "user alone": "{}",
    "@ in a password": "u:p@{}",
    "/ in a password": "u:p/{}",
    "/ after the secret": "u:{}/p",
    "space in a password": "u:p {}",
    "tab in a password": "u:p\t{}",
    "line feed in a password": "u:p\n{}",
    "quote in a password": 'u:p"{}',
    "apostrophe in a password": "u:p'{}",
    "< in a password": "u:p<{}",
    "backslash in a password": "u:p\\{}",
    "? in a password": "u:p?{}",
    "# in a password": "u:p#{}",
}
QUERIES = {
    "AWS": "?X-Amz-Credential={}&X-Amz-Signature={}&X-Amz-Security-Token={}",
    "Google": "?X-Goog-Credential=a&X-Goog-Signature={}",
    "Azure": "?sv=2022&se=2030&sr=b&sp=r&sig={}",
    "CloudFront": "?Policy=a&Signature={}&Key-Pair-Id={}",
    "old AWS": "?AWSAccessKeyId=a&Expires=1&Signature={}",
    "token": "?token={}",
    "access token": "?access_token={}",
    "any parameter": "?download={}",
    "space in a query": "?sig=a {}",
    "tab in a query": "?sig=a\t{}",
    "line feed in a query": "?sig=a\n{}",
    "quote in a query": '?sig=a"{}',
    "apostrophe in a query": "?sig=a'{}",
    "< in a query": "?sig=a<{}",
    "backslash in a query": "?sig=a\\{}",
    "@ in a query": "?mail=a@b.c&x={}",
}
FORMS = {
    **{name: f"https://{user}@{PATH}" for name, user in USERS.items()},
    **{name: f"https://{PATH}{query}" for name, query in QUERIES.items()},
    **{f"no scheme, {name}": f"{PATH}{query}" for name, query in QUERIES.items()},
    "other scheme": f"s3://u:{{}}@{PATH}?versionId={{}}",
    "fragment": f"https://{PATH}#access_token={{}}",
    "network path": f"//u:{{}}@{PATH}?sig={{}}",
    "user without a scheme": f"u:{{}}@{PATH}",
    "escaped slashes": "https:\\/\\/u:{}@h\\/a.json?sig={}",
    "escaped mark": f"https://{PATH}\\u003fX-Amz-Signature={{}}\\u0026a={{}}",
    "percent-encoded": "https%3A%2F%2Fu%3A{}%40h%2Fa.json%3FX-Amz-Signature%3D{}",
    "percent-encoded twice": "https%253A%252F%252Fh%252Fa.json%253FX-Amz-Signature%253D{}",
    "percent-encoded in a path": "https://proxy/https%3A%2F%2Fh%2Fa.json%3FX-Amz-Signature%3D{}",
    "entities": "https&#58;&#47;&#47;h&#x2F;a.json&#63;sig={}",
    "JSON in a text": '{{"u": "https:\\/\\/h\\/a.json?sig={}", "v": "//u:{}@h/a.json"}}',
    "in a sentence": f"see https://u:{{}}@{PATH}?sig={{}} and <https://{PATH}?sig={{}} x>, 'https://h/?a={{}}'.",
    "markup": f'<a href="https://{PATH}?a={{}} b">is it?</a>',
}
"""A form has the secret once or several times."""
NOT_PROMISED = {
    "bearer": "Bearer {}",
    "connection string": "AccountName=a;AccountKey={};EndpointSuffix=core.windows.net",
    "path": "https://h.example.com/{}/a.json",
    "session in a path": "https://h.example.com/a.json;jsessionid={}",
    "mail": "{}@example.com",
    "host": "https://{}.example.com/a.json",
}
ALL_FORMS = {**FORMS, **NOT_PROMISED}
FIELDS = (
    *("coco_url", "file_name", "image_title", "video_title", "flickr_url", "note", "list", "object", "key"),
    *("name", "supercategory", "keypoints", "category note", "answer", "answer object", "question"),
    *("attribute", "attribute name", "uuid", "rotation", "label note", "counts", "track", "bad image"),
    *("bad label", "bad category", "info", "info url", "description", "licence", "relation"),
)


def secret_of(name: str, field: str) -> str:
    """Return a text that stands for the secret of one form in one place, and in nothing else."""
    number = list(ALL_FORMS).index(name)
    return f"{SECRET}{number:03d}x{FIELDS.index(field):03d}z"


def planted(name: str) -> dict[str, Any]:
    """Return a document with one form in each place."""
    form = ALL_FORMS[name]

    def at(field: str) -> str:
        secret = secret_of(name, field)
        return form.format(*[secret] * form.count("{}"))

    image = {
        "id": 1,
        "coco_url": at("coco_url"),
        "file_name": at("file_name"),
        "flickr_url": at("flickr_url"),
    }
    image |= {
        "image_title": at("image_title"),
        "note": at("note"),
        "list": [at("list"), {"a": [at("object")]}],
    }
    image[at("key")] = 1
    attributes = {
        "classifications": {
            "Colour": at("answer"),
            "Parts": {"a": [at("answer object")]},
            at("question"): "red",
            "#relation": {"to": at("relation")},
        },
        "free": at("attribute"),
        at("attribute name"): True,
        "encord_track_uuid": at("uuid"),
        "rotation": at("rotation"),
    }
    label = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "attributes": attributes}
    category = {
        "id": 1,
        "name": at("name"),
        "supercategory": at("supercategory"),
        "note": at("category note"),
    }
    return {
        "info": {"description": at("description"), "url": at("info url"), "note": at("info")},
        "licenses": [{"url": at("licence")}],
        "images": [
            image,
            {"id": 2, "video_title": at("video_title")},
            {"id": "x", "note": at("bad image")},
        ],
        "categories": [
            {**category, "keypoints": [at("keypoints")]},
            {"id": None, "note": at("bad category")},
        ],
        "annotations": [
            {**label, "note": at("label note")},
            {**label, "id": 5, "track_id": at("track")},
            {**label, "id": 2, "segmentation": {"size": [2, 2], "counts": at("counts")}},
            {**label, "id": 3, "bbox": at("bad label")},
            {**label, "id": 4, "attributes": {}},
        ],
    }


def escaped(value: object) -> str:
    """Return JSON text as other programs spell it: slashes and ampersands escaped."""
    return json.dumps(value).replace("/", "\\/").replace("?", "\\u003f").replace("@", "\\u0040")


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command in this process; return all that it said."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["labelhouse", *map(str, arguments)])
        try:
            app.main()
        except SystemExit:
            pass
    said = capfd.readouterr()
    assert "unexpected" not in said.err, (arguments, said.err)
    return said.out + said.err


def texts_of(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give all that the files of a folder hold: rows of Parquet, SQLite and DuckDB, else their bytes."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield path, path.name
        yield path, path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            for name, column in zip(
                pq.ParquetFile(path).schema_arrow.names,
                pq.read_table(path, partitioning=None).columns,
                strict=True,
            ):
                yield path / name, repr(column.to_pylist())
            yield path, repr(pq.ParquetFile(path).schema_arrow.metadata)
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as published:
                for (table,) in published.execute("select table_name from duckdb_tables()").fetchall():
                    yield path / table, repr(published.table(table).fetchall())
        if path.suffix == ".sqlite":
            yield path, "\n".join(sqlite3.connect(path).iterdump())


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with exports that hold every form in every place, and in their names."""
    folder = tmp_path_factory.mktemp("exports")
    documents = [planted(name) for name in ALL_FORMS]
    half = len(documents) // 2
    (folder / "list.json").write_text(json.dumps(documents[:half]), encoding="utf-8")
    (folder / "escaped.json").write_text(escaped(documents[half:]), encoding="utf-8")
    (folder / f"wget.json?X-Amz-Signature={SECRET}Source&a=b").write_text(json.dumps([unit("w")]))
    (folder / f"bad.json?token={SECRET}Source").write_text("{")
    (folder / f"bad.zip?sig={SECRET}Source").write_bytes(b"PK\3\4")
    names = [form.format(*[f"{SECRET}Member"] * form.count("{}")) for form in FORMS.values()]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name), json.dumps(planted("AWS") | {"number": number}))
            # What is no JSON by its name is passed over, in a note.
            archive.writestr(zipfile.ZipInfo(f"{name}.txt"), json.dumps(planted("AWS")))
    (folder / "members.zip").write_bytes(packed.getvalue())
    for number, name in enumerate(names[:3]):
        with zipfile.ZipFile(folder / f"broken{number}.zip", "w") as archive:
            archive.writestr(
                zipfile.ZipInfo(name if name.endswith(".json") else f"{name}.json"), '{"images": ['
            )
    return folder


@slow
def test_readers_agree_on_what_is_cut(export: Path, tmp_path: Path) -> None:
    for name in ("list.json", "escaped.json"):
        tables = [tables_of(export / name, tmp_path / f"{name}-{r}", r, 1 << 20) for r in ("bulk", "ijson")]
        assert tables[0] == tables[1]
        assert isinstance(tables[0], str)


@slow
def test_no_secret_is_stored_or_shown(
    export: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    warehouse = tmp_path / "warehouse"
    at = ("--warehouse", warehouse)
    argument = f"https://u:{SECRET}Argument@h/a.json?sig={SECRET}Argument"
    said = [run(capfd, *at, "ingest", export, argument, f"{export}/*Source", "--jobs", 1)]
    lines = said[0].splitlines()
    hints = [line for line in lines if ": see them with labelhouse" in line]
    assert [line.split()[1] for line in hints] == ["quarantined:", "issues:"]
    counts = Counter(line.split()[0] for line in lines if line not in hints)
    assert counts.pop("note:") == 6
    assert counts == {"committed": 4, "rejected": 6, "labelhouse:": 6}
    changed = tmp_path / "list.json"
    documents = json.loads((export / "list.json").read_text(encoding="utf-8"))
    for document in documents:
        document["annotations"][0]["bbox"] = [5, 6, 7, 8]
    changed.write_text(json.dumps(documents), encoding="utf-8")
    said.append(run(capfd, *at, "ingest", changed, f"{export}/bad*", "--jobs", 1, "--json"))
    for table in ("documents", "images", "categories", "annotations", "attributes", "labels"):
        said.append(run(capfd, *at, "query", f"from {table}", "--format", "json"))
    for table in ("quarantine", "issues", "ingests", "label_changes", "label_history"):
        said.append(run(capfd, *at, "query", f"from {table}", "--format", "csv"))
    for command in (
        ("query", "select id from nothing"),
        ("changes", "--format", "json"),
        ("check", "--format", "json", "--rows", 1000),
        ("export", "-"),
        ("export", tmp_path / "out.json", "--shape", "single"),
        ("refresh",),
        ("publish",),
        ("publish", "--format", "parquet"),
        ("report",),
        ("ask", "labels_per_class"),
        ("verify",),
        ("status", "--json"),
    ):
        said.append(run(capfd, *at, *command))
    said.append((tmp_path / "out.json").read_text(encoding="utf-8"))
    places = [*texts_of(warehouse), *((Path("said"), text) for text in said)]
    leaks = {
        (list(ALL_FORMS)[int(form)], FIELDS[int(field)])
        for _, text in places
        for form, field in re.findall(SECRET + "([0-9]{3})x([0-9]{3})z", text)
    }
    # What is not promised is stored as it came: nothing else is cut.
    assert leaks == {(name, field) for name in NOT_PROMISED for field in FIELDS}
    in_names = [f"{SECRET}{of}" for of in ("Source", "Member", "Argument")]
    assert [str(place) for place, text in places if any(secret in text for secret in in_names)] == []
