"""Errors say what happened, the path concerned and what to do; nothing is called damaged that is whole."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelhouse import connect
from labelhouse.failures import failure, is_interrupt
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.warehouse_failures import warehouse_failure
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.maintenance.verify import verify
from labelhouse.querying.query import query
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.csv_lines import csv_line

from tests.attack.test_printable import harmful
from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import slow, some

Completed = subprocess.CompletedProcess[str]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts of Linux")


def labelhouse(
    *arguments: object,
    cwd: Path | None = None,
    before: Callable[[], None] | None = None,
    **environment: str,
) -> Completed:
    if before is None:
        return run(*arguments, cwd=cwd, stdin=b"", **environment)
    return subprocess.run(
        [sys.executable, "-m", "labelhouse", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        timeout=120,
        preexec_fn=before,
        encoding="utf-8",
    )


def assert_fails(done: Completed, code: str, *parts: str, exit_code: int = 2) -> None:
    """One line with the code and these parts, and nothing else."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("<jemalloc>")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"labelhouse: {code}: "), lines[0]
    for part in parts:
        assert part in lines[0]
    assert done.returncode == exit_code


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", *options, str(folder)], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def limited(name: str, value: int) -> Callable[[], None]:
    import resource

    def before() -> None:
        _, hard = resource.getrlimit(getattr(resource, name))
        resource.setrlimit(getattr(resource, name), (value, hard))

    return before


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "a.json"
    path.write_text(json.dumps([unit("a", shift=1.0)]))
    return path


@pytest.fixture
def copied(one_unit: Path, tmp_path: Path) -> Path:
    return shutil.copytree(one_unit, tmp_path / "w")


@LINUX
@pytest.mark.parametrize("command", some([["ingest", "SOURCE"], ["refresh"], ["publish"], ["maintain"]]))
def test_a_full_disk_is_no_damage(one_unit: Path, tmp_path: Path, source: Path, command: list[str]) -> None:
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=2M", "tmpfs") as disk:
        warehouse = shutil.copytree(one_unit, disk / "w")
        free = os.statvfs(disk)
        (disk / "fill").write_bytes(bytes(free.f_bavail * free.f_frsize))
        done = labelhouse("--warehouse", warehouse, *(str(source) if c == "SOURCE" else c for c in command))
        assert "NO_SPACE" in done.stderr, done.stderr
        assert str(disk) in done.stderr
        assert "free space there" in done.stderr
        assert done.returncode in (1, 2)
        (disk / "fill").unlink()
        assert verify(warehouse).findings == []


@LINUX
def test_a_full_folder_for_temporary_files_is_named(one_unit: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "tmp", "-t", "tmpfs", "-o", "size=128k", "tmpfs") as folder:
        (folder / "fill").write_bytes(bytes(112 << 10))
        done = labelhouse("--warehouse", one_unit, "query", "select 1", TMPDIR=str(folder))
        assert_fails(done, "NO_SPACE", str(folder), "TMPDIR")


@LINUX
def test_too_few_handles_are_no_damage(copied: Path, source: Path) -> None:
    done = labelhouse("--warehouse", copied, "ingest", source, before=limited("RLIMIT_NOFILE", 9))
    assert "NO_HANDLES" in done.stderr, done.stderr
    assert "DAMAGED" not in done.stderr
    assert "Traceback" not in done.stderr


@LINUX
def test_too_little_memory_is_no_damage(one_unit: Path) -> None:
    sql = "select list(i::varchar || repeat('x', 100)) from range(30000000) t(i)"
    done = labelhouse("--warehouse", one_unit, "query", sql, "--format", "csv", "--memory-limit", "100MB")
    assert done.stderr.startswith(("labelhouse: NO_MEMORY: ", "labelhouse: NO_SPACE: ")), done.stderr
    assert done.returncode == 2


@slow
@LINUX
def test_a_working_folder_that_is_gone_is_said(tmp_path: Path, one_unit: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = 'cd "$1" && rmdir "$1" && exec "$2" -c "from labelhouse.cli.app import main; main()" "${@:3}"'
    for arguments in (["status"], ["ingest", "x.json"], ["query", "select 1"]):
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", "-c", script, "bash", folder, sys.executable, *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert_fails(done, "FOLDER_MISSING", "no longer exists")


@slow
@LINUX
def test_a_read_only_file_system_is_read_and_said(copied: Path, tmp_path: Path, source: Path) -> None:
    with mounted(tmp_path / "ro", "--bind", str(copied)) as folder:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        for command in (["status"], ["query", "select 1"], ["verify"], ["changes"], ["export", "-"]):
            done = labelhouse("--warehouse", folder, *command)
            assert (done.returncode, done.stderr) == (0, ""), command
        for command in (["ingest", str(source)], ["refresh"], ["maintain"], ["publish"]):
            done = labelhouse("--warehouse", folder, *command)
            assert_fails(done, "NO_PERMISSION", str(folder), "the file system is read-only")
        checked = labelhouse("--warehouse", folder, "check")
        assert_fails(checked, "NO_PERMISSION", "the counts are not kept")
        assert " checks: " in checked.stdout


def test_damage_is_said_of_damage_alone(copied: Path) -> None:
    sql = "select * from annotations"
    [path] = (copied / "data" / "main" / "annotations").glob("*.parquet")
    whole = path.read_bytes()
    for content in (b"", whole[:100], whole[:60] + b"X" * 90 + whole[150:], whole[:-40] + b"X" * 40):
        path.write_bytes(content)
        done = labelhouse("--warehouse", copied, "query", sql)
        assert_fails(done, "WAREHOUSE_DAMAGED", "a data file is damaged", "labelhouse verify")
    path.unlink()
    done = labelhouse("--warehouse", copied, "query", sql)
    assert_fails(done, "WAREHOUSE_DAMAGED", str(path), "a data file is missing", "labelhouse verify")


@slow
def test_what_maintenance_takes_from_a_reader_is_no_damage(copied: Path, source: Path) -> None:
    with query(copied, "select count(*) from annotations") as reader:
        list(ingest(copied, [str(source)], IngestOptions(jobs=1)))
        maintain(copied, MaintainOptions(keep_days=0, grace_hours=0))
        for path in (copied / "data" / "main" / "annotations").glob("2*.parquet"):
            path.unlink(missing_ok=True)
        with pytest.raises(duckdb.Error) as error:
            reader.execute("select sum(bbox_x) from annotations").fetchall()
    known_failure = warehouse_failure(error.value, copied)
    assert known_failure is not None
    assert (known_failure.code, known_failure.retryable) == (ReasonCode.FILE_MISSING, True)


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (OSError(28, "No space left on device", "/a/b"), "NO_SPACE", False),
        (OSError("Error writing bytes. Detail: [errno 28] No space left on device"), "NO_SPACE", False),
        (OSError(122, "Disk quota exceeded", "/a/b"), "NO_SPACE", False),
        (
            duckdb.IOException('IO Error: Could not write file "/a": No space left on device'),
            "NO_SPACE",
            False,
        ),
        (duckdb.Error('Failed to execute query "COMMIT": database or disk is full'), "NO_SPACE", False),
        (MemoryError(), "NO_MEMORY", False),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate data"), "NO_MEMORY", False),
        (
            duckdb.OutOfMemoryException("failed to offload data block (max_temp_directory_size)"),
            "NO_SPACE",
            False,
        ),
        (RuntimeError("can't start new thread"), "NO_MEMORY", False),
        (ImportError("x.so: failed to map segment from shared object"), "NO_MEMORY", False),
        (OSError(24, "Too many open files"), "NO_HANDLES", False),
        (PermissionError(13, "Permission denied", "/a/b"), "NO_PERMISSION", False),
        (OSError(30, "Read-only file system", "/a/b"), "NO_PERMISSION", False),
        (OSError(5, "Input/output error", "/a/b"), "IO_FAILED", False),
        (duckdb.Error("database is locked"), "WAREHOUSE_BUSY", True),
        (duckdb.TransactionException("Transaction conflict"), "WAREHOUSE_BUSY", True),
        (ValueError("embedded null byte"), "USAGE", False),
    ],
)
def test_each_failure_has_its_code(error: BaseException, code: str, retryable: bool) -> None:
    known_failure = failure(error)
    assert known_failure is not None
    assert (known_failure.code, known_failure.retryable) == (code, retryable)
    assert "\n" not in str(known_failure)


def test_what_a_statement_or_a_folder_says_is_no_failure(tmp_path: Path) -> None:
    for text in ("No space left on device", "database is locked", "Permission denied"):
        assert (
            warehouse_failure(duckdb.InvalidInputException(f"Invalid Input Error: {text}"), tmp_path)
            is None
        )
        folder = tmp_path / text
        assert warehouse_failure(duckdb.Error(f'Something of "{folder}/x" went wrong'), folder) is None
    assert failure(KeyError("x")) is None


def test_an_interrupt_is_known_by_each_of_its_names() -> None:
    assert is_interrupt(KeyboardInterrupt())
    assert is_interrupt(RuntimeError("Query interrupted"))
    assert is_interrupt(duckdb.InterruptException("INTERRUPT Error: Interrupted!"))
    assert not is_interrupt(RuntimeError("something else"))


def test_a_dry_run_says_what_would_happen(copied: Path, source: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "same.json").write_text(json.dumps([unit("a")]))
    paths = [source, tmp_path / "same.json", tmp_path / "bad.json"]
    done = labelhouse("--warehouse", copied, "ingest", *paths, "--dry-run", "--jobs", "1")
    words = [line.partition("  ")[0] for line in done.stdout.splitlines() if line[0] != " "]
    assert words == ["would commit", "would change nothing", "would reject"]
    done = labelhouse("--warehouse", copied, "ingest", source, "--dry-run", "--jobs", "1", "--json")
    report = json.loads(done.stdout)
    assert (report["status"], report["dry_run"]) == ("committed", True)
    done = labelhouse("--warehouse", copied, "ingest", source, "--jobs", "1", "--json")
    assert "dry_run" not in json.loads(done.stdout)


@slow
def test_a_state_that_cannot_be_read_says_why(copied: Path, source: Path) -> None:
    list(ingest(copied, [str(source)], IngestOptions(jobs=1)))
    for command in (["query", "from labels"], ["export", "-"], ["ask", "labels_per_class"]):
        done = labelhouse("--warehouse", copied, *command, "--as-of", "0")
        assert_fails(done, "USAGE", "snapshot 0 is from before the tables were made", "from snapshot 1 (")
    maintain(copied, MaintainOptions(keep_days=0, grace_hours=0))
    with connect(copied) as connection:
        [(first,)] = connection.execute("select min(snapshot_id) from lake.snapshots()").fetchall()
    done = labelhouse("--warehouse", copied, "query", "from labels", "--as-of", "2")
    assert_fails(done, "USAGE", "snapshot 2 has expired", f"states can be read from snapshot {first} (")


def test_an_empty_folder_says_so(copied: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = labelhouse("--warehouse", copied, "ingest", tmp_path / "empty")
    assert_fails(
        done, "SOURCE_NOT_FOUND", "empty: no .json, .zip or .gz file is in this folder", exit_code=1
    )


TEXTS = st.lists(
    st.lists(
        st.none()
        | st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0")
            | st.sampled_from('\r\n",#;\' \t')
        ),
        min_size=2,
        max_size=2,
    ),
    min_size=1,
    max_size=20,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(TEXTS)
def test_csv_is_read_back_as_it_was(tmp_path: Path, rows: list[list[str | None]]) -> None:
    text = csv_line(["a", "b"]) + "".join(map(csv_line, rows))
    given_texts = [["" if value is None else value for value in row] for row in rows]
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == given_texts
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    options = (
        "header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', auto_detect = false, "
        "allow_quoted_nulls = false, columns = {a: varchar, b: varchar}"
    )
    read_back = duckdb.sql(f"from read_csv('{path}', {options})").fetchall()
    assert read_back == [tuple(row) for row in rows]


def test_a_null_alone_is_a_row_of_csv() -> None:
    assert list(csv.reader(io.StringIO(csv_line(["a"]) + csv_line([None]) + csv_line([""])))) == [
        ["a"],
        [""],
        [""],
    ]


NAMES = [
    "a&b", "it's", "a;b", "a=b", "{a}", "100%20", "trailing ", "ünï—日本", "sqlite:x", "postgres:y",
    "file:z", "x?mode=ro", "x#y", "-lead", 'a"b', "~", "$HOME", "tab\tnl\n", "x" * 200,
]  # fmt: skip


@slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows refuses")
@pytest.mark.parametrize("name", some(NAMES, 2))
def test_a_warehouse_may_have_any_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Relative, as it is given on the command line.
    monkeypatch.chdir(tmp_path)
    for shift in (0.0, 1.0):
        (tmp_path / "a.json").write_text(json.dumps([unit("a", shift=shift)]))
        [report] = ingest(Path(name), ["a.json"], IngestOptions(jobs=1))
        assert report.status == "committed"
    maintain(Path(name), MaintainOptions(keep_days=0, grace_hours=0))
    with query(name, "select count(*) from labels") as result:
        assert result.fetchall() == [(3,)]
    assert verify(name).findings == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.json", name])


@pytest.mark.skipif(sys.platform == "win32", reason="there it parts folders")
def test_a_backslash_is_refused_before_anything_is_made(tmp_path: Path, source: Path) -> None:
    done = labelhouse("--warehouse", "a\\b", "ingest", source, cwd=tmp_path)
    assert_fails(done, "USAGE", "holds a backslash")
    assert list(tmp_path.iterdir()) == []


HOSTILE = "x\x1b[31m\u202ey\u200b\u2028z"


@slow
@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows refuses")
def test_no_command_prints_what_steers_a_terminal(tmp_path: Path) -> None:
    document = unit("a")
    document["categories"][0]["name"] = f"Car{HOSTILE}"
    document["info"]["description"] = f"{HOSTILE}.jpg"
    for label in document["annotations"]:
        label["attributes"]["classifications"] = {f"Q{HOSTILE}": f"A{HOSTILE}"}
        label["bbox"] = [1.0, 2.0, 300.0, 4.0]
    source, warehouse = tmp_path / f"{HOSTILE}.json", tmp_path / f"w{HOSTILE}"
    source.write_text(json.dumps([document]))
    project = f"p{HOSTILE}"
    commands: list[list[str | Path]] = [
        ["ingest", source, "--project", project],
        ["ingest", tmp_path / f"absent{HOSTILE}.json"],
        ["status"],
        ["query", f"select * from labels, attributes where 'a{HOSTILE}' <> ''"],
        ["query", f'select 1 as "{HOSTILE}"'],
        ["query", f'select "{HOSTILE}"'],
        ["ask", "labels_per_class"],
        ["ask", f"nothing{HOSTILE}"],
        ["ask", "labels_per_class", "--param", f"a{HOSTILE}=b"],
        ["check"],
        ["check", "--project", f"no{HOSTILE}"],
        ["changes"],
        ["export", tmp_path / f"out{HOSTILE}.json", "--project", project],
        ["export", "-", "--project", f"no{HOSTILE}"],
        ["report"],
        ["publish"],
        ["verify"],
        ["maintain"],
        ["status", "--as-json", f"--no{HOSTILE}"],
        [f"no{HOSTILE}"],
        ["query", "select 1", f"more{HOSTILE}"],
        ["query", "select 1", "--output", tmp_path / f"no{HOSTILE}" / "x"],
    ]
    for command in commands:
        done = labelhouse("--warehouse", warehouse, *command)
        assert harmful((done.stdout + done.stderr).replace("\n", "")) == [], command
        assert "Traceback" not in done.stderr
