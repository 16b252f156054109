"""Names of any bytes: sources, members and projects are stored in UTF-8, or refused in one line."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse import connect
from labelhouse.cli import app
from labelhouse.errors import UsageError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.sources.finding import find_sources
from labelhouse.staging.pending_ingests import pending_rows
from labelhouse.texts.names import is_storable, storable, stored_name

from tests.support.aliases import Load
from tests.support.exports import plain
from tests.support.ingesting import ingest
from tests.support.reports import error_of
from tests.support.sets import slow

LATIN = os.fsdecode(b"caf\xe9.json")
NAMES = {
    LATIN: r"caf\xe9.json",
    r"caf\xe9.json": r"caf\\xe9.json",
    "bidi\u202egnp.json": "bidi\u202egnp.json",
    "two\nlines\t\x1b[31m.json": "two\nlines\t\x1b[31m.json",
    os.fsdecode(b"\x80\xff\xed\xa0\x80.json"): r"\x80\xff\xed\xa0\x80.json",
    os.fsdecode(b"a\\\xe9.json"): r"a\\\xe9.json",
    "a\\b.json": "a\\b.json",
    "export.json?X-Amz-Signature=1": "export.json",
    "export.json?X-Amz-Signature=2": "export.json~2",
    "what?.json": "what?.json",
}
"""Names as the system gives them, and as they are stored."""


def written(folder: Path, *names: str) -> Path:
    """Write exports of different contents under the names given."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_text(json.dumps({**plain(), "number": number}), encoding="utf-8")
    return folder


def run(
    *arguments: object, cwd: Path, env: dict[str, str] | None = None, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a shell does: arguments are bytes."""
    command: list[str | bytes] = [
        sys.executable,
        "-m",
        "labelhouse",
        *map(os.fsencode, map(str, arguments)),
    ]
    return subprocess.run(command, cwd=cwd, env=env, input=stdin, capture_output=True, timeout=120)


@slow
def test_sources_of_any_name_load_and_stay_the_same_from_night_to_night(
    tmp_path: Path, warehouse: Path, load: Load
) -> None:
    folder = written(tmp_path / "in", *NAMES)
    wanted = sorted(NAMES.values())
    for status in ("committed", "unchanged"):
        reports = load(str(folder))
        assert [report.status for report in reports] == [status] * len(NAMES)
        assert json.loads(json.dumps([report.as_json()["source"] for report in reports]).encode())
        with connect(warehouse) as connection:
            rows = connection.execute("select document_id from documents order by 1").fetchall()
            sources = connection.execute("select source from documents").fetchall()
        assert sorted(name for (name,) in rows) == wanted
        assert all(source.startswith(str(folder)) and is_storable(source) for (source,) in sources)
    # What changed nothing waits for the next commit, in a form that the ledger takes.
    assert len(pending_rows(warehouse / "staging")) == len(NAMES)
    [last] = load(str(written(tmp_path / "more", "last.json") / "last.json"), project="other")
    assert last.status == "committed"
    assert pending_rows(warehouse / "staging") == []


def test_folders_and_globs_may_have_any_name(tmp_path: Path) -> None:
    folder = written(tmp_path / os.fsdecode(b"d\xe9"), LATIN, "b.json")
    names = ["b.json", r"caf\xe9.json"]
    assert sorted(source.name for source in find_sources([str(folder)])) == names
    assert sorted(source.name for source in find_sources([f"{folder}/*"])) == names
    assert sorted(source.name for source in find_sources([f"{tmp_path}/*/*.json"])) == [
        rf"d\xe9/{name}" for name in names
    ]
    assert [source.label for source in find_sources([str(folder / "b.json")])] == [
        rf"{tmp_path}/d\xe9/b.json"
    ]


def test_a_source_that_cannot_be_is_rejected_and_the_others_load(
    tmp_path: Path, warehouse: Path, load: Load
) -> None:
    good = written(tmp_path / "in", "a.json")
    absent = os.fsdecode(b"absent\xe9.json")
    reports = load(
        f"{tmp_path}/nul\0.json", f"{tmp_path}/*\0", absent, f"{tmp_path}/{'n' * 300}.json", str(good)
    )
    assert [report.status for report in reports] == ["rejected"] * 4 + ["committed"]
    assert [error_of(report).code for report in reports[:3]] == ["SOURCE_NOT_FOUND"] * 3
    assert [report.source for report in reports[1:3]] == [rf"{tmp_path}/*\x00", r"absent\xe9.json"]
    with connect(warehouse) as connection:
        assert connection.execute("select count(*) from ingests").fetchall() == [(5,)]


@slow
def test_members_of_any_name_load(tmp_path: Path, warehouse: Path, load: Load) -> None:
    names = [
        "https://u:pw@h/a.json",
        "b.json?sig=1&X-Amz-Date=2",
        "c\u202e.json",
        "d\n.json",
        "e\\f.json",
        "é.json",
    ]
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name), json.dumps({**plain(), "number": number}))
    # The same archive with a name in Latin-1, as old programs write them.
    old = tmp_path / "old.zip"
    old.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9j"))
    assert [report.status for report in load(str(path))] == ["committed"]
    with connect(warehouse) as connection:
        rows = connection.execute("select member, document_id from documents order by position").fetchall()
    stored = ["https://h/a.json", "b.json", *names[2:]]
    assert rows == [(name, f"export.zip/{name}") for name in stored]
    [report] = load(str(old))
    assert (report.status, str(report.error)) == (
        "rejected",
        f"{old}: the zip archive is damaged; download or export it again",
    )


@pytest.mark.parametrize(
    "project", ["\udce9", "a\0b", "https://u:pw@h/", "b.s3.amazonaws.com/k?X-Amz-Signature=1"]
)
def test_a_project_that_cannot_be_stored_is_refused(project: str, tmp_path: Path, warehouse: Path) -> None:
    source = written(tmp_path / "in", "a.json") / "a.json"
    with pytest.raises(UsageError) as caught:
        list(ingest(warehouse, [str(source)], IngestOptions(project=project, jobs=1)))
    assert "\n" not in str(caught.value)
    assert project not in str(caught.value)
    assert not warehouse.exists()


def test_texts_that_are_no_utf8_are_refused_in_one_line(
    one_unit: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = os.fsdecode(b"\xe9")
    at = ("--warehouse", one_unit)
    for arguments in (
        ("query", f"select '{bad}'"),
        ("query", "select 1", "--as-of", bad),
        ("ask", bad),
        ("ask", "labels_per_class", "--param", f"project={bad}"),
        ("export", "-", "--documents", bad),
        ("export", "-", "--where", f"category = '{bad}'"),
        ("export", "-", "--project", bad),
        ("changes", "--since", bad),
        ("check", "--project", bad),
        ("report", "--project", bad),
        ("ingest", tmp_path / "a.json", "--project", bad),
        ("ingest", tmp_path / "a.json", "--limit", f"depth={bad}"),
    ):
        # As the system hands them over; a process for each would take half a minute.
        monkeypatch.setattr(sys, "argv", ["labelhouse", *map(str, (*at, *arguments))])
        with pytest.raises(SystemExit) as ended:
            app.main()
        out, error = capfd.readouterr()
        assert (ended.value.code, out, error.count("\n")) == (2, "", 1), arguments
        assert error.startswith("labelhouse: USAGE: "), arguments


@slow
def test_sql_on_stdin_and_folders_that_are_no_utf8_are_refused_in_one_line(
    one_unit: Path, tmp_path: Path
) -> None:
    assert_refused(run("--warehouse", one_unit, "query", f"select '{LATIN}'", cwd=tmp_path))
    assert_refused(run("--warehouse", one_unit, "query", "-", cwd=tmp_path, stdin=b"select '\xe9'"))
    folder = written(tmp_path / os.fsdecode(b"d\xe9"), "a.json")
    assert_refused(run("--warehouse", folder / "w", "ingest", folder / "a.json", cwd=tmp_path))
    assert_refused(run("ingest", "a.json", cwd=folder))
    environment = {**os.environ, "LABELHOUSE_WAREHOUSE": str(folder / "w")}
    assert_refused(run("status", cwd=tmp_path, env=environment))
    assert [path.name for path in folder.iterdir()] == ["a.json"]
    # The working folder is of no account where the warehouse's path is whole.
    done = run("--warehouse", one_unit, "query", "select 1 as a", "--format", "csv", cwd=folder)
    assert (done.returncode, done.stdout) == (0, b"a\n1\n")


def assert_refused(done: subprocess.CompletedProcess[bytes]) -> None:
    """Check that a command said in one line of UTF-8 why it did nothing."""
    said = done.stderr.decode()
    assert done.returncode in (1, 2)
    assert said.startswith("labelhouse: ")
    assert said.count("\n") == 1
    assert "unexpected" not in said
    assert done.stdout == b""


NAME = st.text(st.characters() | st.sampled_from("\\xeud9\udce9\ud800\0"), max_size=8)


@given(NAME, NAME)
def test_names_stay_different_and_can_be_stored(one: str, other: str) -> None:
    assert is_storable(storable(one))
    assert (storable(one) == storable(other)) == (one == other)
    assert stored_name(one)
