"""Faults of the system, injected from outside: kills at each rename and fsync, full disk, I/O errors."""

import json
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify

from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import choose, slow, some

STRACE = shutil.which("strace") or ""
needs_strace = pytest.mark.skipif(not STRACE, reason="strace is not installed")
OLD, NEW = 0.0, 1.0
EVERY = choose(9, 5, 1)
"""Of so many calls one is the last, another one in each run; the long version takes them all."""


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A loaded warehouse, and the next night's export."""
    folder = tmp_path_factory.mktemp("faults")
    for number, shift in enumerate((OLD, NEW)):
        (folder / f"{number}.json").write_text(
            json.dumps([unit(f"d{n}", labels=10, shift=shift) for n in range(3)])
        )
    list(ingest(folder / "warehouse", [str(folder / "0.json")], IngestOptions(jobs=1)))
    return folder / "warehouse", folder / "1.json"


def command(warehouse: Path, source: Path) -> list[str]:
    return [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest", str(source)]


def state(warehouse: Path) -> float:
    """The one version that all documents are of."""
    with connect(warehouse) as connection:
        rows = connection.execute("select distinct bbox_x - annotation_id from labels").fetchall()
    assert len(rows) == 1, rows
    return float(rows[0][0])


def assert_next_run_is_clean(warehouse: Path, source: Path) -> None:
    [report] = ingest(warehouse, [str(source)], IngestOptions(jobs=1))
    assert report.status in ("committed", "unchanged")
    assert state(warehouse) == NEW
    assert verify(warehouse).findings == []
    assert not [path for path in (warehouse / "staging").glob("run-*") if path.is_dir()]
    with connect(warehouse) as connection:
        counts = connection.execute("select count(*), count(distinct document_key) from labels").fetchall()
    assert counts == [(30, 3)]


def injected(warehouse: Path, source: Path, *faults: str) -> subprocess.CompletedProcess[str]:
    options = [part for fault in faults for part in ("-e", f"inject={fault}")]
    calls = ",".join(fault.split(":")[0] for fault in faults)
    return subprocess.run(
        [
            STRACE,
            "-f",
            "-qq",
            "-o",
            os.devnull,
            "-e",
            f"trace={calls}",
            *options,
            *command(warehouse, source),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )


@slow
@needs_strace
@pytest.mark.parametrize("call", some(["fsync", "rename"]))
def test_a_kill_at_each_call_leaves_the_old_or_the_new_state(
    nights: tuple[Path, Path], tmp_path: Path, call: str
) -> None:
    pristine, source = nights
    for number in range(1 + random.randrange(EVERY), 200, EVERY):
        warehouse = shutil.copytree(pristine, tmp_path / f"{call}-{number}")
        done = injected(warehouse, source, f"{call}:signal=SIGKILL:when={number}")
        state_after = state(warehouse)
        assert state_after in (OLD, NEW), number
        if "committed" in done.stdout:
            assert state_after == NEW, number
        assert_next_run_is_clean(warehouse, source)
        shutil.rmtree(warehouse)
        if done.returncode == 0:
            break
    assert number > EVERY, f"no {call} was ever called"
    assert done.returncode == 0


@needs_strace
@pytest.mark.parametrize(
    "fault",
    some(
        [
            "fsync:error=EIO:when=4",
            "pwrite64:error=ENOSPC:when=3",
            "rename:error=EACCES:when=2",
            "fsync:error=EIO:when=1",
            "rename:error=EIO:when=6",
            "mkdir:error=ENOSPC:when=1",
            "pwrite64:error=ENOSPC:when=1",
        ]
    ),
)
def test_an_error_of_the_system_is_a_clean_failure(
    nights: tuple[Path, Path], tmp_path: Path, fault: str
) -> None:
    pristine, source = nights
    warehouse = shutil.copytree(pristine, tmp_path / "warehouse")
    done = injected(warehouse, source, fault)
    assert "Traceback" not in done.stderr
    state_after = state(warehouse)
    assert state_after in (OLD, NEW)
    if done.returncode:
        assert done.stderr.startswith("labelhouse: ")
    else:
        assert state_after == NEW
    assert_next_run_is_clean(warehouse, source)


@slow
@pytest.mark.skipif(os.name != "posix", reason="ulimit")
def test_a_file_that_may_not_grow_is_a_clean_failure(nights: tuple[Path, Path], tmp_path: Path) -> None:
    pristine, _ = nights
    warehouse = shutil.copytree(pristine, tmp_path / "warehouse")
    source = tmp_path / "big.json"
    document = unit("big", labels=20_000)
    for label in document["annotations"]:
        label["bbox"] = [random.random() for _ in range(4)]
    source.write_text(json.dumps([document]))
    shell = "ulimit -f 100; trap '' XFSZ; exec \"$@\""
    done = subprocess.run(
        ["bash", "-c", shell, "bash", *command(warehouse, source)], capture_output=True, text=True
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert state(warehouse) == OLD
    assert verify(warehouse).findings == []


@slow
def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "growing.json"
    text = json.dumps([unit("big", labels=30_000)])
    source.write_text(text)
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            with source.open("r+") as file:
                file.write(text[: len(text) // 2])
                file.flush()
                os.utime(source)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        [report] = ingest(tmp_path / "warehouse", [str(source)], IngestOptions(jobs=1))
    finally:
        stop.set()
        writer.join()
    assert report.error is not None
    assert report.error.code == "SOURCE_CHANGED"


@slow
def test_a_source_that_is_cut_or_replaced_while_it_is_read_is_refused(tmp_path: Path) -> None:
    for change in ("cut", "replaced"):
        source = tmp_path / f"{change}.json"
        source.write_text(json.dumps([unit("big", labels=30_000)]))
        started = threading.Event()

        def meddle(source: Path = source, change: str = change, started: threading.Event = started) -> None:
            started.wait()
            if change == "cut":
                os.truncate(source, 1000)
            else:
                other = source.with_suffix(".new")
                other.write_text(json.dumps([unit("other")]))
                os.replace(other, source)

        meddler = threading.Thread(target=meddle)
        meddler.start()

        def progress(
            position: int, started: threading.Event = started, meddler: threading.Thread = meddler
        ) -> None:
            if position and not started.is_set():
                started.set()
                meddler.join()

        from labelhouse.errors import InputError
        from labelhouse.ingestion.stage_source import stage_source
        from labelhouse.manifest import ParseTask

        folder = tmp_path / f"staging-{change}"
        folder.mkdir()
        task = ParseTask(str(source), str(source), "x", "p", "id", 1, str(folder), block_bytes=65536)
        with pytest.raises(InputError) as error:
            stage_source(task, progress)
        assert error.value.code in ("SOURCE_CHANGED", "TRUNCATED")
        assert not list(Path(folder).iterdir())


def test_no_permission_is_said_in_one_line(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    source = tmp_path / "secret.json"
    source.write_text("{}")
    source.chmod(0)
    [report] = ingest(tmp_path / "warehouse", [str(source)], IngestOptions(jobs=1))
    assert report.error is not None
    assert report.error.code == "SOURCE_UNREADABLE"
