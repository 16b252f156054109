"""No output harms a warehouse or what somebody else has: whole or not at all, and only where it may go."""

import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from labelhouse.cli import app
from labelhouse.errors import LabelhouseError, UsageError
from labelhouse.exporting.sink import export_file
from labelhouse.files.output_file import output_file
from labelhouse.files.output_stream import OutputError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.engine import attach, connect_engine
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.publishing.publish import publish
from labelhouse.querying.query import query
from labelhouse.warehouse.opening import open_warehouse

from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import crossed, named, slow, some

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, devices and permissions of POSIX")

Done = tuple[int | str, bytes, str]
"""Exit code, stdout and stderr."""

WRITING = {
    "query": ("query", "select 1 as n", "--format", "csv", "--output"),
    "ask": ("ask", "box_sizes", "--format", "csv", "--output"),
    "export": ("export",),
    "report": ("report", "--to"),
    "publish": ("publish", "--to"),
    "publish parquet": ("publish", "--format", "parquet", "--to"),
}
"""Commands that write where they are told, with all but the place."""
STREAMING = ("query", "ask", "export", "report")
"""Those that write from the first byte to the last; the others have DuckDB write."""


def labelhouse(*arguments: object) -> Done:
    """Run the command line in this process; return exit code, stdout and stderr."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    before, sys.argv = sys.argv, ["labelhouse", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:  # noqa: PT012
            app.main()
            sys.exit()
    finally:
        sys.argv = before
    for stream in (out, err):
        stream.flush()
    return ended.value.code or 0, out.buffer.getvalue(), err.buffer.getvalue().decode()


def tree(*folders: Path) -> dict[str, object]:
    """Everything in folders: SHA-256 and permissions of files, goals of links, kinds of the rest."""
    entries: dict[str, object] = {}
    for folder in folders:
        for path in (folder, *sorted(folder.rglob("*"))):
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                entries[str(path)] = str(path.readlink())
            elif stat.S_ISREG(mode):
                entries[str(path)] = (hashlib.sha256(path.read_bytes()).hexdigest(), stat.S_IMODE(mode))
            else:
                entries[str(path)] = stat.S_IFMT(mode)
    return entries


def is_refused(done: Done, says: str = "", code: str = "USAGE") -> bool:
    exit_code, out, err = done
    assert (exit_code, out, err.count("\n")) == (2, b"", 1), (exit_code, out, err)
    assert err.startswith(f"labelhouse: {code}: "), err
    assert says in err, err
    return True


@pytest.fixture(scope="module")
def place(one_unit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a warehouse, published and reported, links to it, and room beside it."""
    folder = tmp_path_factory.mktemp("place")
    warehouse = folder / "it's a [1] warehouse"
    shutil.copytree(one_unit, warehouse)
    publish(warehouse)
    (warehouse / "report.html").write_text("the good report")
    (warehouse / "catalog.sqlite-wal").touch()
    (warehouse / "catalog.sqlite-shm").touch()
    (warehouse / "staging" / "run-20260101T000000-0a1b2c3d").mkdir()
    (warehouse / "backups").mkdir(exist_ok=True)
    shutil.copytree(warehouse, folder / "other")
    (folder / "linked").symlink_to(warehouse)
    (folder / "beside").mkdir()
    return folder


@pytest.fixture
def warehouse(place: Path) -> Path:
    return place / "it's a [1] warehouse"


@pytest.fixture
def beside(place: Path) -> Iterator[Path]:
    """An empty folder beside the warehouse."""
    folder = place / "beside"
    yield folder
    shutil.rmtree(folder)
    folder.mkdir()


def data_file(warehouse: Path) -> Path:
    return next((warehouse / "data" / "main" / "annotations").glob("*.parquet"))


def linked(goal: Path, link: Path) -> Path:
    link.symlink_to(goal)
    return link


def hard_linked(goal: Path, link: Path) -> Path:
    link.hardlink_to(goal)
    return link


FORBIDDEN: dict[str, Callable[[Path, Path], Path]] = {
    "catalog": lambda w, b: w / "catalog.sqlite",
    "its log": lambda w, b: w / "catalog.sqlite-wal",
    "its shared memory": lambda w, b: w / "catalog.sqlite-shm",
    "checksums": lambda w, b: w / "checksums.jsonl",
    "lock": lambda w, b: w / "lock",
    "a data file": lambda w, b: data_file(w),
    "a new file in data": lambda w, b: w / "data" / "main" / "annotations" / "new.parquet",
    "a new file in staging": lambda w, b: w / "staging" / "run-20260101T000000-0a1b2c3d" / "1.json",
    "a new file in a copy's folder": lambda w, b: w / "backups" / "new.sqlite",
    "a new file": lambda w, b: w / "new.csv",
    "a file in a new folder": lambda w, b: w / "new" / "new.csv",
    "the folder itself": lambda w, b: w,
    "data": lambda w, b: w / "data",
    "dots": lambda w, b: b / ".." / w.name / "catalog.sqlite",
    "a linked folder": lambda w, b: b.parent / "linked" / "catalog.sqlite",
    "a new file in a linked folder": lambda w, b: linked(w / "data", b / "d") / "new.csv",
    "a link": lambda w, b: linked(w / "catalog.sqlite", b / "innocent.csv"),
    "a link to a link": lambda w, b: linked(linked(data_file(w), b / "one"), b / "two"),
    "a link to nothing yet": lambda w, b: linked(w / "data" / "new.csv", b / "innocent.csv"),
    "a hard link": lambda w, b: hard_linked(w / "catalog.sqlite", b / "innocent.csv"),
    "a hard link to data": lambda w, b: hard_linked(data_file(w), b / "innocent.csv"),
    "by the process": lambda w, b: Path(f"/proc/self/root{w / 'catalog.sqlite'}"),
    "another warehouse": lambda w, b: b.parent / "other" / "catalog.sqlite",
    "a new file in another": lambda w, b: b.parent / "other" / "data" / "new.csv",
}


@slow
@pytest.mark.parametrize(("target", "command"), crossed(named(FORBIDDEN), named(WRITING)))
def test_nothing_is_written_into_a_warehouse(
    place: Path, warehouse: Path, beside: Path, command: str, target: str
) -> None:
    path = FORBIDDEN[target](warehouse, beside)
    before = tree(place)
    assert is_refused(labelhouse("--warehouse", warehouse, *WRITING[command], path))
    if command != "publish parquet":
        assert is_refused(labelhouse("--warehouse", place / "linked", *WRITING[command], path))
    assert tree(place) == before


@pytest.mark.parametrize(
    ("command", "target"),
    crossed(
        named(name for name in WRITING if not name.startswith("publish")),
        named(["published/new.csv", "published/labels.duckdb", "report.html"]),
    ),
)
def test_places_of_one_command_are_not_those_of_another(
    place: Path, warehouse: Path, command: str, target: str
) -> None:
    if (command, target) == ("report", "report.html"):
        return
    before = tree(place)
    assert is_refused(
        labelhouse("--warehouse", warehouse, *WRITING[command], warehouse / target),
        "is inside the warehouse",
    )
    assert tree(place) == before


def test_a_mount_of_the_warehouse_elsewhere_is_the_warehouse(warehouse: Path, beside: Path) -> None:
    for goal in (warehouse / "data", warehouse / "catalog.sqlite"):
        there = beside / "mounted"
        there.mkdir() if goal.is_dir() else there.touch()
        if subprocess.run(["mount", "--bind", goal, there], capture_output=True).returncode:
            pytest.skip("may not mount")
        try:
            before = tree(warehouse)
            path = there / "new.csv" if goal.is_dir() else there
            assert is_refused(
                labelhouse("--warehouse", warehouse, *WRITING["query"], path), "the warehouse"
            )
            assert tree(warehouse) == before
        finally:
            subprocess.run(["umount", there], check=True)
            there.rmdir() if goal.is_dir() else there.unlink()


@pytest.mark.parametrize("command", some(WRITING, 2))
def test_what_cannot_be_an_output_is_said_in_one_line(warehouse: Path, beside: Path, command: str) -> None:
    (beside / "folder").mkdir()
    (beside / "folder" / "precious.txt").write_text("precious")
    (beside / "file").write_text("old")
    (beside / "read-only").write_text("old")
    (beside / "read-only").chmod(0o444)
    (beside / "round").symlink_to("about")
    (beside / "about").symlink_to("round")
    before = tree(beside)
    for name, says in {
        "folder": "",
        "none/new": "its folder is not there",
        "file/new": "",
        "read-only": "",
        "round": "its links lead in a circle",
        "x" * 300: "File name too long",
    }.items():
        done = labelhouse("--warehouse", warehouse, *WRITING[command], beside / name)
        assert is_refused(done, says)
        assert str(beside / name) in done[2]
    assert tree(beside) == before


@contextmanager
def nobody() -> Iterator[None]:
    """Be nobody, if we are root; then every folder above has to let others pass."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


def test_without_permission_it_is_said_in_one_line() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "old.csv"
        file.write_text("old")
        file.chmod(0o600 if os.geteuid() == 0 else 0o400)
        if os.geteuid() != 0:
            folder.chmod(0o555)
        with nobody():
            for path in (file, folder / "new.csv"):
                with pytest.raises(UsageError, match=r"cannot be written \("), output_file(path):
                    pass
        folder.chmod(0o755)
        assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("old.csv", "old")]


CSV = b"n\n1\n"


@pytest.mark.parametrize("command", some(STREAMING))
def test_what_is_no_file_is_written_through(warehouse: Path, beside: Path, command: str) -> None:
    def run(path: str | Path) -> Done:
        return labelhouse("--warehouse", warehouse, *WRITING[command], path)

    assert run("/dev/null")[0] == 0
    assert Path("/dev/null").is_char_device()
    assert run(linked(Path("/dev/null"), beside / "null"))[0] == 0
    assert (beside / "null").is_symlink()
    assert is_refused(run("/dev/full"), "/dev/full: cannot be written (No space left", "NO_SPACE")
    assert Path("/dev/full").is_char_device()
    run(beside / "as a file")
    pipe = beside / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run(pipe)[0] == 0
    reader.join()
    assert pipe.is_fifo()
    descriptor = os.open(beside / "opened", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"before\n")
    assert run(f"/proc/self/fd/{descriptor}")[0] == 0
    os.close(descriptor)
    if command != "report":
        # The report says when it was written.
        assert read == [(beside / "as a file").read_bytes()]
        assert (beside / "opened").read_bytes() == b"before\n" + read[0]
    assert sorted(path.name for path in beside.iterdir()) == ["as a file", "null", "opened", "pipe"]


@pytest.mark.parametrize("command", ["publish", "publish parquet"])
def test_what_is_no_file_cannot_be_published_to(warehouse: Path, beside: Path, command: str) -> None:
    os.mkfifo(beside / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(os.path.relpath(beside / "socket"))
    for path in ("/dev/null", "/dev/full", beside / "pipe", beside / "socket", "/proc/self/fd/0"):
        assert is_refused(labelhouse("--warehouse", warehouse, *WRITING[command], path))
    assert sorted(path.name for path in beside.iterdir()) == ["pipe", "socket"]


@pytest.mark.parametrize("command", some(WRITING, 2))
def test_a_link_stays_and_what_it_leads_to_is_replaced(warehouse: Path, beside: Path, command: str) -> None:
    (beside / "there").mkdir()
    there, link = beside / "there" / "out", linked(Path("there") / "out", beside / "link")
    for _ in range(2):
        # First it leads to nothing.
        assert labelhouse("--warehouse", warehouse, *WRITING[command], link)[0] == 0
        assert link.is_symlink()
        assert there.is_dir() == (command == "publish parquet")
        assert there.is_file() == (command != "publish parquet")
    left = {path.name for path in (*beside.iterdir(), *there.parent.iterdir())}
    assert left - {".out.lock"} == {"link", "there", "out"}


@pytest.mark.parametrize("command", some(WRITING, 2))
def test_permissions_are_kept_and_those_of_a_new_file_obey_the_umask(
    warehouse: Path, beside: Path, command: str
) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    out = beside / "out"
    # Nobody is to write into a published file.
    lacking = 0o222 if command == "publish" else 0
    execute = 0o111 if command == "publish parquet" else 0
    before = os.umask(0o027)
    try:
        labelhouse("--warehouse", warehouse, *WRITING[command], out)
        assert mode(out) == (0o640 | execute & 0o750) & ~lacking
        out.chmod(0o600 | execute & 0o700)
        labelhouse("--warehouse", warehouse, *WRITING[command], out)
        if command.startswith("publish"):
            (warehouse / "published" / "labels.duckdb").unlink()
            labelhouse("--warehouse", warehouse, *WRITING[command], out)
    finally:
        os.umask(before)
    assert mode(out) == (0o600 | execute & 0o700) & ~lacking or command == "publish"
    assert mode(out) & 0o077 == 0
    if command == "publish parquet":
        assert {mode(path) for path in out.iterdir()} == {0o640}


def test_an_output_that_fails_half_way_leaves_the_old_one(warehouse: Path, beside: Path) -> None:
    out = beside / "old.csv"
    out.write_text("old")
    failing = "select case when range < 500000 then range else error('half') end as n from range(1000000)"
    code, _, err = labelhouse(
        "--warehouse", warehouse, "query", failing, "--format", "csv", "--output", out
    )
    assert (code, err.count("\n")) == (1, 1)
    assert is_refused(labelhouse("--warehouse", warehouse, "ask", "no_such", "--output", out))
    wrong = labelhouse("--warehouse", warehouse, "export", out, "--where", "error('half')::boolean")
    assert (wrong[0], wrong[2].count("\n")) == (1, 1)
    assert [(path.name, path.read_text()) for path in beside.iterdir()] == [("old.csv", "old")]


def fill(out: Path) -> None:
    with export_file(str(out)) as stream:
        for _ in range(100):
            stream.write(os.urandom(10_000))


@pytest.mark.parametrize("name", ["old.csv", "old.json.gz", "old.zip"])
def test_a_full_disk_leaves_the_old_one(beside: Path, name: str) -> None:
    out = beside / name
    out.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OutputError, match=r"cannot be written \(File too large\)"):
            fill(out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handled)
    assert [(path.name, path.read_text()) for path in beside.iterdir()] == [(name, "old")]


ENDED = """
import os, signal, sys
# Under nohup it is ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
if sys.argv[2] == "named":
    del os.O_TMPFILE
from labelhouse.files.output_file import output_file

with output_file(sys.argv[1]) as file:
    file.write(b"new" * 100_000)
    print("half", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("way", ["nameless", "named"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_leaves_the_old_one_and_nothing_else(
    beside: Path, way: str, number: signal.Signals
) -> None:
    if (way, number) == ("named", signal.SIGKILL):
        # Where the system has no nameless files, only this leaves one behind.
        return
    out = beside / "old.csv"
    out.write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", ENDED, str(out), way],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(number)
        assert process.wait() == -number
    assert [(path.name, path.read_text()) for path in beside.iterdir()] == [("old.csv", "old")]


@slow
def test_a_standard_output_that_takes_nothing_is_said_and_one_that_is_gone_is_not(warehouse: Path) -> None:
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "query"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*command, "select 1"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("labelhouse: NO_SPACE: standard output: cannot be written (No space")
    reading, writing = os.pipe()
    os.close(reading)
    many = [*command, "from range(100000)", "--format", "csv"]
    done = subprocess.run(many, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
    closed = f'exec "{sys.executable}" -m labelhouse --warehouse "$0" query "select 1" >&-'
    done = subprocess.run(["sh", "-c", closed, str(warehouse)], capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard output: cannot be written (Bad file descriptor)" in done.stderr


@slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("report",),
        ("report", "--to", "OUT"),
        ("export", "OUT"),
        ("ask", "box_sizes"),
        ("ask", "box_sizes", "--output", "OUT"),
        ("changes",),
        ("changes", "--since", "1"),
        ("check",),
    ],
)
def test_a_project_that_is_not_there_is_an_error_and_writes_nothing(
    warehouse: Path, beside: Path, arguments: tuple[str, ...]
) -> None:
    out = beside / "out"
    out.write_text("old")
    command = [str(out) if argument == "OUT" else argument for argument in arguments]
    done = labelhouse("--warehouse", warehouse, *command, "--project", "nosuch")
    assert is_refused(done)
    assert "project" in done[2]
    assert (warehouse / "report.html").read_text() == "the good report"
    assert [(path.name, path.read_text()) for path in beside.iterdir()] == [("out", "old")]


def planted(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("mine")


def foreign_sqlite(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for sql in statements:
            file.execute(sql)
        file.commit()


def foreign_lake(folder: Path) -> None:
    with closing(connect_engine()) as lake:
        attach(lake, folder)
        lake.execute("create table mine as select 42 as answer")


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a note": lambda f: (f / "notes.txt").write_text("mine"),
    "a hidden file": lambda f: (f / ".git").mkdir(),
    "data of a team": lambda f: planted(f / "data" / "sales.parquet"),
    "data in folders": lambda f: (f / "data" / "2026").mkdir(parents=True),
    "data in main": lambda f: (f / "data" / "main" / "sales").mkdir(parents=True),
    "a file in a table's folder": lambda f: planted(f / "data" / "main" / "fence" / "mine.parquet"),
    "a file named data": lambda f: (f / "data").write_text("mine"),
    "staging of a web server": lambda f: planted(f / "staging" / "index.html"),
    "a lock with text": lambda f: (f / "lock").write_text("mine"),
    "published files": lambda f: (f / "published").mkdir(),
    "a link": lambda f: (f / "elsewhere").symlink_to("/"),
}
FOREIGN_CATALOGS: dict[str, Callable[[Path], object]] = {
    "text": lambda f: (f / "catalog.sqlite").write_text("mine"),
    "SQLite": lambda f: foreign_sqlite(f / "catalog.sqlite", "create table books (title)"),
    "SQLite in WAL mode": lambda f: foreign_sqlite(
        f / "catalog.sqlite", "pragma journal_mode = wal", "create table books (title)"
    ),
    "another lake": foreign_lake,
    "a folder": lambda f: (f / "catalog.sqlite").mkdir(),
    "a link to nothing": lambda f: (f / "catalog.sqlite").symlink_to("nothing"),
}
READING = (
    ("query", "select 1"),
    ("ask", "box_sizes"),
    ("changes",),
    ("check",),
    ("export", "-"),
    ("status",),
    ("verify",),
    ("refresh",),
    ("publish",),
    ("report",),
    ("maintain",),
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([unit("a")]))
    return path


@pytest.mark.parametrize("kind", [*FOREIGN, *FOREIGN_CATALOGS])
def test_a_folder_of_somebody_else_becomes_no_warehouse(tmp_path: Path, export: Path, kind: str) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (FOREIGN | FOREIGN_CATALOGS)[kind](folder)
    before = tree(folder)
    assert is_refused(labelhouse("--warehouse", folder, "ingest", export, "--jobs", "1"), str(folder))
    assert tree(folder) == before


@pytest.mark.parametrize("kind", FOREIGN_CATALOGS)
def test_every_command_refuses_a_catalog_of_somebody_else(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    FOREIGN_CATALOGS[kind](folder)
    before = tree(folder)
    for arguments in READING:
        done = labelhouse("--warehouse", folder, *arguments)
        assert is_refused(done, "catalog.sqlite in the folder is not that of a warehouse"), arguments
    assert tree(folder) == before


def test_commands_that_read_make_no_warehouse(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    for arguments in READING:
        for place in (folder, tmp_path / "none"):
            assert is_refused(labelhouse("--warehouse", place, *arguments), code="WAREHOUSE_MISSING")
    assert [path.name for path in tmp_path.rglob("*")] == ["theirs", "notes.txt"]


def test_a_warehouse_is_made_inside_no_other(warehouse: Path, export: Path) -> None:
    before = tree(warehouse)
    for place in (warehouse / "data", warehouse / "new", warehouse / "published" / "new" / "new"):
        assert is_refused(labelhouse("--warehouse", place, "ingest", export, "--jobs", "1"))
    assert is_refused(labelhouse("demo", "--to", warehouse / "new"), "is inside the warehouse")
    assert tree(warehouse) == before


MADE = """
import os, signal, sys
from pathlib import Path
from labelhouse.warehouse.opening import open_warehouse

event_name, path, last, seen = sys.argv[2], sys.argv[3], int(sys.argv[4]), 0

def count(event, arguments):
    global seen
    if event == event_name and path in str(arguments):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
with open_warehouse(Path(sys.argv[1])):
    pass
"""


@slow
@pytest.mark.parametrize(
    ("event", "path", "last"),
    some(
        [
            ("open", "catalog.sqlite.new", 1),
            ("os.mkdir", "staging", 1),
            ("open", "lock.holder", 1),
            ("os.rename", "catalog.sqlite", 1),
        ]
    ),
)
def test_what_a_first_start_that_was_killed_left_counts_for_nothing(
    tmp_path: Path, event: str, path: str, last: int
) -> None:
    folder = tmp_path / "warehouse"
    folder.mkdir()
    (folder / ".DS_Store").write_text("of a Mac")
    (folder / "lost+found").mkdir()
    killed = subprocess.run([sys.executable, "-c", MADE, str(folder), event, path, str(last)], timeout=600)
    assert killed.returncode == -signal.SIGKILL
    assert is_refused(labelhouse("--warehouse", folder, "status"), code="WAREHOUSE_MISSING")
    with open_warehouse(folder) as opened:
        [(count,)] = opened.connection.execute("select count(*) from documents").fetchall()
    assert count == 0
    assert (folder / ".DS_Store").read_text() == "of a Mac"
    assert not list(folder.glob("catalog.sqlite.new*"))


@slow
def test_readers_beside_the_very_first_ingest_find_none_or_all_of_it(tmp_path: Path, export: Path) -> None:
    folder = tmp_path / "warehouse"
    command = [sys.executable, "-m", "labelhouse", "--warehouse", str(folder), "ingest", str(export)]
    seen: list[int] = []
    errors = set()
    with subprocess.Popen([*command, "--jobs", "1"], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None or not seen:
            try:
                with query(folder, "select count(*) from labels") as result:
                    seen.extend(number for (number,) in result.fetchall())
            except LabelhouseError as error:
                errors.add((error.code.value, error.what))
    assert errors <= {("WAREHOUSE_MISSING", "no warehouse here")}
    assert set(seen) <= {0, 3}
    assert process.returncode == 0


STRANGERS = (
    "sales.parquet",
    "main/sales.parquet",
    "main/sales/ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8.parquet",
    "main/images/sales.parquet",
    "main/images/ducklake-sales.parquet",
    "main/images/20260131T020000-000007-0a1b2c-annotations-all.parquet",
    "main/images/20260131T020000-000007-0a1b2c-images-all.parquet.bak",
    "main/images/deep/ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8.parquet",
)
ORPHANS = (
    "main/images/ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8.parquet",
    "main/images/ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8-delete.parquet",
    "main/images/20260131T020000-000007-0a1b2c-images-all.parquet",
    "main/images/20260131T020000-000007-0a1b2c-part0-images-0001.parquet",
    "main/mart_shapes/run-20260131T020000-0a1b2c3d-mart_shapes-all.parquet",
)


def test_only_orphans_of_our_names_and_places_are_removed(one_unit: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse"
    shutil.copytree(one_unit, warehouse)
    data = warehouse / "data"
    old = time.time() - 10 * 86_400
    for name in (*STRANGERS, *ORPHANS):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("precious")
        os.utime(data / name, (old, old))
    planned = maintain(warehouse, MaintainOptions(dry_run=True))
    assert (planned.orphans_removed, planned.foreign_files) == (len(ORPHANS), sorted(STRANGERS))
    code, out, _ = labelhouse("--warehouse", warehouse, "maintain")
    assert code == 0
    first = min(STRANGERS)
    assert (
        f"note: {len(STRANGERS)} files below data/ are not the warehouse's and stay, the first: {first}"
        in (out.decode())
    )
    assert [name for name in (*STRANGERS, *ORPHANS) if (data / name).exists()] == list(STRANGERS)


@slow
def test_publishing_removes_nothing_of_somebody_else(warehouse: Path, beside: Path) -> None:
    out = beside / "out"
    assert labelhouse("--warehouse", warehouse, *WRITING["publish parquet"], out)[0] == 0
    (out / ".DS_Store").write_text("of a Mac")
    assert labelhouse("--warehouse", warehouse, *WRITING["publish parquet"], out)[0] == 0
    (out / "mine.parquet").write_text("precious")
    assert is_refused(
        labelhouse("--warehouse", warehouse, *WRITING["publish parquet"], out), "no `labelhouse"
    )
    assert (out / "mine.parquet").read_text() == "precious"
    names = (".new.duckdb.mine.new", ".new.duckdb.0123456789ab.newer", ".new.duckdb.0123.new")
    for name in names:
        (beside / name).write_text("precious")
    (beside / ".new.duckdb.0123456789ab.new").write_text("left by a killed process")
    assert labelhouse("--warehouse", warehouse, *WRITING["publish"], beside / "new.duckdb")[0] == 0
    assert {path.name for path in beside.iterdir()} - {".new.duckdb.lock", ".out.lock"} == {
        *names,
        "out",
        "new.duckdb",
    }
    (beside / "log.duckdb.wal").write_text("precious")
    assert is_refused(labelhouse("--warehouse", warehouse, *WRITING["publish"], beside / "log.duckdb"))
    (beside / ".locked.duckdb.lock").write_text("precious")
    assert is_refused(labelhouse("--warehouse", warehouse, *WRITING["publish"], beside / "locked.duckdb"))
    assert (beside / "log.duckdb.wal").read_text() == "precious"
    assert (beside / ".locked.duckdb.lock").read_text() == "precious"


@slow
def test_the_warehouse_s_own_places_are_free(warehouse: Path) -> None:
    published = warehouse / "published"
    assert labelhouse("--warehouse", warehouse, "publish", "--to", published / "more.duckdb")[0] == 0
    (published / "mine.duckdb").write_text("precious")
    assert is_refused(
        labelhouse("--warehouse", warehouse, "publish", "--to", published / "mine.duckdb"), "no `labelhouse"
    )
    assert (published / "mine.duckdb").read_text() == "precious"
    (warehouse / "report.html").unlink()
    assert labelhouse("--warehouse", warehouse, "report")[0] == 0
    assert labelhouse("--warehouse", warehouse, "report", "--to", warehouse / "report.html")[0] == 0
    assert (warehouse / "report.html").read_text().startswith("<!DOCTYPE html>")
    (warehouse / "report.html").write_text("the good report")
    left = {"labels.duckdb", ".labels.duckdb.lock", "more.duckdb", ".more.duckdb.lock", "mine.duckdb"}
    assert {path.name for path in published.iterdir()} == left


def test_the_demo_replaces_no_export_of_somebody_else(tmp_path: Path) -> None:
    theirs = tmp_path / "night-1"
    theirs.mkdir()
    for name in ("harbour.zip", "roads-east.json"):
        (theirs / name).write_text("precious")
        assert is_refused(labelhouse("demo", "--to", tmp_path), "is not a sample export"), name
        assert (theirs / name).read_text() == "precious"
        (theirs / name).unlink()
    (tmp_path / "file").write_text("precious")
    assert is_refused(labelhouse("demo", "--to", tmp_path / "file"), code="WRITE_FAILED")
    assert (tmp_path / "file").read_text() == "precious"


@slow
def test_files_are_whole(warehouse: Path, beside: Path) -> None:
    assert labelhouse("--warehouse", warehouse, *WRITING["query"], beside / "n.csv")[0] == 0
    assert (beside / "n.csv").read_bytes() == CSV
    parquet = ("query", "select 1 as n", "--format", "parquet", "--output", beside / "n.parquet")
    assert labelhouse("--warehouse", warehouse, *parquet)[0] == 0
    assert pq.read_table(beside / "n.parquet").to_pylist() == [{"n": 1}]
    assert labelhouse("--warehouse", warehouse, "export", beside / "a.json.gz")[0] == 0
    assert json.loads(gzip.decompress((beside / "a.json.gz").read_bytes())) == [unit("a")]
    list(ingest(beside / "again", [str(beside / "a.json.gz")], IngestOptions(jobs=1)))
