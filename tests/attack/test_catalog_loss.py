"""A catalog that is deleted, emptied, cut, flipped or put back old is found, restored, healed by a load."""

import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import labelhouse
import pytest
from labelhouse import connect
from labelhouse.backups.generations import generations, is_whole
from labelhouse.backups.lost_catalog import catalog_problem
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.lake.checksums import read_checksums, registered_files
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.maintenance.restore import listed, restore
from labelhouse.maintenance.verify import accept_unhashed, verify
from labelhouse.maintenance.verify_catalog import catalog_state
from labelhouse.marts.refresh import refresh_marts
from labelhouse.publishing.publish import publish
from labelhouse.querying.status import status
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse.opening import open_warehouse

from tests.support.aliases import Record, Rows, Write
from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.loading import Loader
from tests.support.sets import rounds, slow, some

WEEKS = rounds("WEEKS", 1, 1, 10)
"""Weeks of nights with an accident in each night."""
NIGHTS = 3


def night(number: int) -> list[Record]:
    """Every document in the first night, then one that moved and one that is new."""
    if not number:
        return [unit(f"d{n}", labels=4) for n in range(4)]
    return [unit(f"d{number % 4}", labels=4, shift=number), unit(f"new{number}", labels=2)]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after some nights, with a copy of its catalog after each; tests work on copies."""
    folder = tmp_path_factory.mktemp("catalog")
    with Loader(folder / "warehouse", folder) as loader:
        for number in range(NIGHTS):
            loader.load(night(number))
            shutil.copy(generations(folder / "warehouse")[-1].path, folder / f"catalog-{number}")
    (folder / "warehouse" / "lock.holder").unlink()
    return folder / "warehouse"


@pytest.fixture
def copy(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "it's a [1] warehouse")


def content(warehouse: Path) -> dict[str, Rows]:
    """What the warehouse says of every label and document, whatever ingest loaded it."""
    with closing(connect(warehouse, with_pending=False)) as connection:
        labels = "project, document_id, image_key, label_id, category_name, bbox_x, bbox_y, bbox_w"
        return {
            "labels": connection.execute(f"select {labels} from labels order by all").fetchall(),
            "documents": connection.execute(
                "select project, document_id, title, image_count, annotation_count, fingerprint "
                "from documents order by all"
            ).fetchall(),
            "changes": connection.execute(
                "select project, document_id, image_key, label_id, change, before, after "
                "from label_changes order by all"
            ).fetchall(),
        }


def on_disk(warehouse: Path) -> dict[str, str]:
    """Every file but locks, with its content's hash."""
    return {
        path.relative_to(warehouse).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in warehouse.rglob("*")
        if path.is_file() and path.name.split(".")[0] != "lock" and not path.name.endswith(("-shm", "-wal"))
    }


def words_of_verify(warehouse: Path) -> str:
    """What verify says, as findings or as an error."""
    try:
        return "\n".join(finding.what for finding in verify(warehouse).findings)
    except WarehouseError as error:
        return str(error)


def remove_logs(warehouse: Path) -> None:
    for suffix in ("-wal", "-shm"):
        (warehouse / f"catalog.sqlite{suffix}").unlink(missing_ok=True)


class Accident(Protocol):
    """What happens to a catalog."""

    def __call__(self, warehouse: Path, chance: random.Random | None = None) -> None: ...


def delete(warehouse: Path, chance: random.Random | None = None) -> None:
    (warehouse / "catalog.sqlite").unlink()
    remove_logs(warehouse)


def empty(warehouse: Path, chance: random.Random | None = None) -> None:
    (warehouse / "catalog.sqlite").write_bytes(b"")
    remove_logs(warehouse)


def overwrite(warehouse: Path, chance: random.Random | None = None) -> None:
    (warehouse / "catalog.sqlite").write_bytes(b"a,b\n1,2\n" * 1000)
    remove_logs(warehouse)


def cut(warehouse: Path, chance: random.Random | None = None) -> None:
    path = warehouse / "catalog.sqlite"
    size = path.stat().st_size
    os.truncate(path, (chance or random.Random(1)).randrange(1, size))
    remove_logs(warehouse)


def flip(warehouse: Path, chance: random.Random | None = None) -> None:
    """Flip bits in the middle of pages that hold rows."""
    chance = chance or random.Random(3)
    path = warehouse / "catalog.sqlite"
    remove_logs(warehouse)
    sound, names = path.read_bytes(), live_names(path)
    name = chance.choice(names).encode()
    place = sound.find(name)
    while place >= 0:
        flipped = bytearray(sound)
        for offset in range(12, 15):
            flipped[place + offset] ^= 1
        path.write_bytes(flipped)
        # A text may also stand where a row once was: there nobody reads it.
        if live_names(path) != names:
            return
        place = sound.find(name, place + 1)
    raise AssertionError("the catalog has no such row")


def live_names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as catalog:
        rows = catalog.execute("select path from ducklake_data_file where end_snapshot is null")
        return [name for (name,) in rows]


LOST: dict[str, Accident] = {"delete": delete, "empty": empty, "overwrite": overwrite}

FUNCTIONS: dict[str, Callable[[Path, str], object]] = {
    "ingest": lambda w, s: list(ingest(w, [s], IngestOptions(jobs=1))),
    "dry run": lambda w, s: list(ingest(w, [s], IngestOptions(jobs=1, dry_run=True))),
    "connect": lambda w, s: connect(w),
    "connect as of": lambda w, s: connect(w, as_of="2"),
    "status": lambda w, s: status(w),
    "verify": lambda w, s: verify(w),
    "maintain": lambda w, s: maintain(w, MaintainOptions(keep_days=0, grace_hours=0)),
    "forget": lambda w, s: labelhouse.forget(w, "anna@example.com"),
    "refresh": lambda w, s: refresh_marts(w),
    "publish": lambda w, s: publish(w),
}


@slow
@pytest.mark.parametrize("accident", LOST)
def test_a_lost_catalog_is_refused_by_everything_and_nothing_changes(
    copy: Path, write: Write, accident: str
) -> None:
    source = write("a.json", night(NIGHTS))
    LOST[accident](copy)
    before = on_disk(copy)
    for name, function in FUNCTIONS.items():
        with pytest.raises(WarehouseError) as caught:
            function(copy, source)
        assert caught.value.code == ReasonCode.CATALOG_LOST, name
        assert "\n" not in str(caught.value), name
        assert str(caught.value).endswith("run: labelhouse restore"), name
        assert on_disk(copy) == before, name


@pytest.mark.parametrize("kept", some(["data", "backups", "checksums.jsonl"]))
def test_one_trace_of_a_warehouse_is_enough_to_refuse(copy: Path, write: Write, kept: str) -> None:
    for path in list(copy.iterdir()):
        if path.name != kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    before = on_disk(copy)
    with pytest.raises(WarehouseError) as caught:
        list(ingest(copy, [write("a.json", night(0))], IngestOptions(jobs=1)))
    assert caught.value.code == ReasonCode.CATALOG_LOST
    assert on_disk(copy) == before
    assert [path.name for path in copy.iterdir()] == [kept]


def test_the_command_line_says_it_in_one_line_and_restores(copy: Path, tmp_path: Path) -> None:
    expected = content(copy)
    delete(copy)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run("--warehouse", copy, *arguments)

    refused = call("query", "select 1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"labelhouse: CATALOG_LOST: {copy / 'catalog.sqlite'}: the catalog is missing, but the warehouse's "
        "data is there; nothing was changed; run: labelhouse restore\n"
    )
    shown = call("restore", "--list", "--json")
    copies = json.loads(shown.stdout)
    assert [(c["generation"], c["snapshot_id"], c["is_good"], c["missing_files"]) for c in copies] == [
        (number, number, True, 0) for number in range(NIGHTS - 1, NIGHTS + 2)
    ]
    restored = call("restore", "--json")
    assert restored.returncode == 0, restored.stderr
    said = json.loads(restored.stdout)
    assert said | {"generation": None} == {
        "generation": None,
        "snapshot_id": NIGHTS + 1,
        "moved_to": None,
        "lost_ingests": [],
        "lost_files": 0,
        "missing_files": [],
    }
    assert content(copy) == expected
    again = call("restore")
    assert again.returncode == 2
    assert "the catalog is good: there is nothing to restore" in again.stderr
    assert call("verify").returncode == 0


def copies(warehouse: Path) -> list[tuple[int, int]]:
    return [(copy.number, copy.snapshot_id) for copy in generations(warehouse)]


@slow
def test_each_commit_leaves_a_whole_copy_and_a_few_are_kept(copy: Path, write: Write) -> None:
    assert copies(copy) == [(number, number) for number in range(NIGHTS - 1, NIGHTS + 2)]
    list(
        ingest(
            copy, [write("a.json", night(NIGHTS)), write("b.json", {"no": "coco"})], IngestOptions(jobs=1)
        )
    )
    refresh_marts(copy)
    # A commit, a rejection, a refresh.
    assert copies(copy) == [(number, number) for number in range(NIGHTS + 2, NIGHTS + 5)]
    list(ingest(copy, [write("c.json", night(NIGHTS))], IngestOptions(jobs=1)))
    assert copies(copy) == [(number, number) for number in range(NIGHTS + 2, NIGHTS + 5)], "unchanged"
    assert all(is_whole(generation) for generation in generations(copy))
    assert verify(copy).findings == []
    maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    newest = generations(copy)[-1]
    with open_warehouse(copy):
        pass
    assert generations(copy)[-1] == newest
    result = verify(copy)
    assert (result.findings, result.notes) == ([], [])
    assert status(copy).backups == {
        "copies": 3,
        "snapshot_id": newest.snapshot_id,
        "made_at": newest.made_at,
        "problem": None,
    }


@slow
def test_a_copy_that_cannot_be_written_costs_no_ingest_and_is_told(
    copy: Path, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(copy / "backups")
    (copy / "backups").write_text("in the way")
    source = write("a.json", night(NIGHTS))
    caught = None
    try:
        [report] = ingest(copy, [source], IngestOptions(jobs=1))
    except WarehouseError as error:
        caught = error
    assert caught is None
    assert report.status == "committed"
    assert "could not be copied into backups/" in caplog.text
    assert (
        status(copy).backups["problem"]
        == "the newest state has no copy; the next command that writes makes one"
    )
    assert [f.check for f in verify(copy).findings] == ["backup"]
    (copy / "backups").unlink()
    with open_warehouse(copy):
        pass
    assert verify(copy).findings == []


def test_flipped_bits_of_the_catalog_are_found_refused_and_restored(copy: Path, write: Write) -> None:
    expected = content(copy)
    flip(copy)
    [finding] = [f for f in verify(copy).findings if f.check == "catalog"]
    assert "the rows of ducklake_data_file are not those that were written" in finding.what
    assert "labelhouse restore" in finding.what
    before = on_disk(copy)
    for change in (
        lambda: list(ingest(copy, [write("a.json", night(9))], IngestOptions(jobs=1))),
        lambda: maintain(copy, MaintainOptions(keep_days=0, grace_hours=0)),
    ):
        with pytest.raises(WarehouseError, match="labelhouse restore"):
            change()
        assert on_disk(copy) == before
    restore(copy)
    assert content(copy) == expected
    assert verify(copy).findings == []


@slow
def test_any_flipped_bit_that_changes_what_the_catalog_says_is_found(copy: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    path = copy / "catalog.sqlite"
    with closing(sqlite3.connect(path)) as catalog:
        catalog.execute("pragma journal_mode = delete")
    sound = path.read_bytes()

    def rows() -> dict[str, str] | None:
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as catalog:
                catalog.text_factory = bytes
                tables = [name.decode() for (name,) in catalog.execute("select name from sqlite_master")]
                return {
                    name: repr(catalog.execute(f'select * from "{name}"').fetchall())
                    for name in tables
                    if not name.startswith("sqlite_")
                }
        except (sqlite3.Error, UnicodeDecodeError):
            return None

    expected = rows()
    detected = missed = 0
    for _ in range(60 * WEEKS):
        flipped = bytearray(sound)
        bit = chance.randrange(8 * len(sound))
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        try:
            findings = catalog_state(copy, copy.parent).findings
        except LabelhouseError:
            detected += 1
            continue
        assert findings or rows() == expected, bit
        detected += bool(findings)
        missed += not findings
        remove_logs(copy)
    assert detected, "every bit was in a free place"


@slow
def test_any_flipped_bit_before_a_name_in_the_schema_is_damage_or_harmless(copy: Path) -> None:
    """The bytes before it say which type each value of the schema's row has."""
    path = copy / "catalog.sqlite"
    remove_logs(copy)
    sound = path.read_bytes()
    names = [match.start() for match in re.finditer(rb"(?<=table)ducklake_data_file(?=ducklake_)", sound)]
    for place in (before for name in names for before in range(name - 14, name - 4)):
        for bit in range(8):
            flipped = bytearray(sound)
            flipped[place] ^= 1 << bit
            path.write_bytes(flipped)
            # Any exception but a LabelhouseError fails.
            with suppress(LabelhouseError):
                catalog_state(copy, copy.parent)
            remove_logs(copy)
    assert names


def test_a_name_in_the_catalog_that_is_no_text_is_damage(copy: Path) -> None:
    """SQLite quotes it, and Python's module cannot read what it says."""
    path = copy / "catalog.sqlite"
    remove_logs(copy)
    sound = path.read_bytes()
    for place in (match.end() for match in re.finditer(rb"tabled(?=ucklake_)", sound)):
        path.write_bytes(sound[:place] + b"\xf5" + sound[place + 1 :])
        try:
            live_names(path)
        except UnicodeDecodeError:
            break
    assert "labelhouse restore" in words_of_verify(copy)
    for name in ("status", "ingest"):
        with pytest.raises(WarehouseError, match=r"the catalog is damaged.*run: labelhouse restore"):
            FUNCTIONS[name](copy, str(copy / "none.json"))
    assert restore(copy).lost_ingests == []
    assert verify(copy).findings == []


@slow
@pytest.mark.parametrize("accident", [cut, flip, overwrite])
def test_a_damaged_catalog_advises_to_restore(copy: Path, accident: Accident) -> None:
    accident(copy)
    assert "labelhouse restore" in words_of_verify(copy)
    before = on_disk(copy)
    if accident is cut:
        with pytest.raises(WarehouseError, match="run: labelhouse restore"):
            connect(copy)
    restore(copy)
    assert on_disk(copy).items() >= {k: v for k, v in before.items() if k != "catalog.sqlite"}.items()
    assert verify(copy).findings == []


@slow
def test_an_older_catalog_is_told_and_nothing_is_written_or_removed(
    pristine: Path, copy: Path, write: Write
) -> None:
    expected = content(copy)
    remove_logs(copy)
    shutil.copy(pristine.parent / "catalog-0", copy / "catalog.sqlite")
    before = on_disk(copy)
    for change in (
        lambda: list(ingest(copy, [write("a.json", night(9))], IngestOptions(jobs=1))),
        lambda: maintain(copy, MaintainOptions(keep_days=0, grace_hours=0)),
        lambda: refresh_marts(copy),
    ):
        with pytest.raises(WarehouseError, match="older than its copies") as caught:
            change()
        assert caught.value.code == ReasonCode.CATALOG_LOST
        assert on_disk(copy) == before
    findings = verify(copy).findings
    assert [f.what for f in findings if f.check == "catalog"] == [
        "the catalog is older than its copies (snapshot 2, they have 4); "
        "labelhouse restore puts a copy back"
    ]
    lacking = {f.where for f in findings if f.check == "unknown"}
    with closing(sqlite3.connect(copy / "catalog.sqlite")) as catalog:
        known = {name for (name,) in catalog.execute("select path from ducklake_data_file")}
        known |= {name for (name,) in catalog.execute("select path from ducklake_delete_file")}
    assert lacking == {path for path in read_checksums(copy) if path.rpartition("/")[2] not in known}
    assert (
        status(copy).backups["problem"]
        == "the catalog is older than its newest copy; run: labelhouse restore"
    )
    restore(copy)
    assert content(copy) == expected
    assert verify(copy).findings == []


@slow
def test_an_older_catalog_without_any_copy_is_known_by_the_data(
    pristine: Path, copy: Path, write: Write
) -> None:
    remove_logs(copy)
    shutil.copy(pristine.parent / "catalog-0", copy / "catalog.sqlite")
    shutil.rmtree(copy / "backups")
    before = on_disk(copy)
    source = write("a.json", night(9))
    with pytest.raises(WarehouseError, match="older than the data") as caught:
        list(ingest(copy, [source], IngestOptions(jobs=1)))
    assert caught.value.code == ReasonCode.CATALOG_LOST
    assert on_disk(copy) == before
    with pytest.raises(WarehouseError, match="no good copy"):
        restore(copy)
    accepted = restore(copy, accept=True)
    assert [Path(lost.source or "").name for lost in accepted.lost_ingests] == ["export-0.json"] * 2
    [report] = ingest(copy, [source], IngestOptions(jobs=1))
    assert report.status == "committed"
    # After those of the lost loads.
    assert report.row["ingest_number"] == NIGHTS + 1
    assert verify(copy).findings == []


@slow
def test_a_lost_night_is_healed_by_loading_it_again(pristine: Path, copy: Path, tmp_path: Path) -> None:
    """Killed loads left nothing: the catalog goes back two nights, and they come again."""
    expected = content(copy)
    files = {path for path in on_disk(copy) if path.startswith("data/")}
    oldest = generations(copy)[0]
    assert oldest.snapshot_id == 2
    restored = restore(copy, generation=oldest.number)
    assert [Path(lost.source or "").name for lost in restored.lost_ingests] == ["export-0.json"] * 2
    assert restored.lost_files > 0
    assert restored.moved_to is not None
    with Loader(copy, tmp_path) as loader:
        rows = [loader.load(night(number)) for number in range(1, NIGHTS)]
    assert [(row["status"], row["ingest_number"]) for row in rows] == [
        ("committed", NIGHTS + 1),
        ("committed", NIGHTS + 2),
    ]
    assert content(copy) == expected
    result = verify(copy)
    assert result.findings == []
    assert "of commits that were given up" in result.notes[0]
    maintain(copy)
    maintain(copy, MaintainOptions(keep_days=30, grace_hours=0))
    assert files <= {path for path in on_disk(copy) if path.startswith("data/")}, "kept for 30 days"
    # And back to what was left: its copy is kept.
    there = [item for item in listed(copy) if item.snapshot_id == NIGHTS + 1 and not item.missing_files]
    restore(copy, generation=there[0].generation)
    assert content(copy) == expected
    # The user says so.
    restore(copy, generation=generations(copy)[-2].number)
    maintain(copy, MaintainOptions(keep_days=0, grace_hours=0))
    assert content(copy) == expected
    assert not files & {path for path in on_disk(copy) if f"-00000{NIGHTS}-" in path}


@slow
def test_checksums_are_not_made_up_for_whatever_lies_there(copy: Path, write: Write) -> None:
    with closing(connect(copy)) as connection:
        registered = {file.path for file in registered_files(connection)}
    path = copy / "checksums.jsonl"
    sound = path.read_text()
    for text in ("", "garbage\n\0\x01{}\n[1]\n" + "[" * 100_000 + '\n{"path": 1}\n'):
        path.write_text(text)
        findings = verify(copy).findings
        assert {f.where for f in findings} == registered
        assert {f.check for f in findings} == {"checksum"}
    path.unlink()
    list(ingest(copy, [write("a.json", night(NIGHTS))], IngestOptions(jobs=1)))
    maintain(copy, MaintainOptions(dry_run=True))
    findings = verify(copy).findings
    with closing(connect(copy)) as connection:
        registered &= {file.path for file in registered_files(connection)}
    assert {f.where for f in findings} == registered
    # Those of the new commit have theirs.
    assert read_checksums(copy)
    assert not set(read_checksums(copy)) & registered
    with path.open("a") as file:
        file.write("\n".join(sound.splitlines()[: len(sound.splitlines()) // 2]) + '\n{"path": "cut')
    some = verify(copy)
    assert 0 < len(some.findings) < len(registered)
    accept_unhashed(copy, some)
    assert verify(copy).findings == []


def test_a_file_that_was_swapped_while_its_checksum_was_lost_is_not_accepted_unseen(
    copy: Path, write: Write
) -> None:
    (copy / "checksums.jsonl").unlink()
    with closing(connect(copy)) as connection:
        file = max(
            (f for f in registered_files(connection) if f.table == "annotations"), key=lambda f: f.bytes
        )
    (copy / "data" / file.path).write_bytes(b"x" * file.bytes)
    list(ingest(copy, [write("a.json", night(NIGHTS))], IngestOptions(jobs=1)))
    result = verify(copy)
    assert {f.check for f in result.findings if f.where == file.path} == {"checksum", "parquet"}
    assert file.path not in result.without_checksum
    assert file.path not in read_checksums(copy)


def test_a_warehouse_made_before_copies_were_kept_gets_one_and_no_made_up_checksums(copy: Path) -> None:
    shutil.rmtree(copy / "backups")
    assert {f.check for f in verify(copy).findings} == {"backup"}
    (copy / "checksums.jsonl").unlink()
    with open_warehouse(copy):
        pass
    assert {f.check for f in verify(copy).findings} == {"checksum"}
    assert copies(copy) == [(1, NIGHTS + 1)]


def test_a_damaged_copy_is_found_and_passed_over(copy: Path) -> None:
    *_, before, newest = generations(copy)
    content_of_it = bytearray(newest.path.read_bytes())
    content_of_it[5000] ^= 1
    newest.path.write_bytes(content_of_it)
    assert [(f.check, f.where) for f in verify(copy).findings] == [
        ("backup", f"backups/{newest.path.name}")
    ]
    delete(copy)
    with pytest.raises(UsageError, match=f"copy {newest.number} is damaged"):
        restore(copy, generation=newest.number)
    with pytest.raises(UsageError, match="there is no copy 99"):
        restore(copy, generation=99)
    assert restore(copy).snapshot_id == before.snapshot_id


KILLED = """
import os, signal, sys
from pathlib import Path
from labelhouse.maintenance.restore import restore

folder, last = Path(sys.argv[1]), int(sys.argv[2])
seen = 0

def count(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.scandir", "shutil.copyfile"):
        if str(folder) in str(arguments):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(count)
restore(folder)
print(seen)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
@slow
def test_a_restoration_killed_anywhere_is_done_by_the_next_one(pristine: Path, tmp_path: Path) -> None:
    expected = content(pristine)

    def lost(name: str) -> Path:
        warehouse = shutil.copytree(pristine, tmp_path / name)
        remove_logs(warehouse)
        (warehouse / "catalog.sqlite").write_bytes(b"no catalog at all" * 100)
        (warehouse / "catalog.sqlite-wal").write_bytes(b"an old log")
        return warehouse

    def killed(warehouse: Path, last: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(warehouse), str(last)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    done = killed(lost("counted"), 0)
    assert done.returncode == 0, done.stderr
    total = int(done.stdout)
    kills = 4 * WEEKS
    for last in sorted({1 + kill * (total - 1) // (kills - 1) for kill in range(kills)}):
        warehouse = lost(f"killed-{last}")
        killed(warehouse, last)
        if catalog_problem(warehouse):
            restore(warehouse)
        assert content(warehouse) == expected
        with open_warehouse(warehouse):
            pass
        assert verify(warehouse).findings == []
        shutil.rmtree(warehouse)


ACCIDENTS: tuple[Accident | str, ...] = (delete, empty, overwrite, cut, flip, "older")


@slow
@pytest.mark.parametrize("week", range(WEEKS))
def test_a_week_of_accidents_ends_as_one_without(tmp_path: Path, week: int) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    nights = [night(number) for number in range(7)]
    with Loader(tmp_path / "quiet", tmp_path) as loader:
        for documents in nights:
            loader.load(documents)
    warehouse = tmp_path / "warehouse"
    accidents = [*ACCIDENTS, chance.choice(ACCIDENTS)]
    chance.shuffle(accidents)
    known_files: set[str] = set()
    loaded = 0
    while loaded < 7:
        with Loader(warehouse, tmp_path) as loader:
            assert loader.load(nights[loaded])["status"] == "committed"
        loaded += 1
        if chance.random() < 0.3:
            refresh_marts(warehouse)
        elif chance.random() < 0.3:
            maintain(warehouse)
        known_files |= {path for path in on_disk(warehouse) if path.startswith("data/")}
        if not accidents:
            continue
        accident = accidents.pop()
        if isinstance(accident, str):
            older = chance.choice(generations(warehouse)[:-1])
            remove_logs(warehouse)
            shutil.copy(older.path, warehouse / "catalog.sqlite")
        else:
            accident(warehouse, chance)
        before = on_disk(warehouse)
        # It is found, and whoever would change the warehouse is refused.
        assert "labelhouse restore" in words_of_verify(warehouse), accident
        with pytest.raises(WarehouseError, match="labelhouse restore"), Loader(warehouse, tmp_path):
            pass
        assert on_disk(warehouse) == before, accident
        # The newest copy, or an older one after which nights are missing.
        good = [item for item in listed(warehouse) if item.is_good and not item.missing_files]
        chosen = chance.choice([None, *(item for item in good if item.snapshot_id >= 2)])
        restore(warehouse, generation=chosen.generation if chosen else None)
        assert verify(warehouse).findings == [], accident
        with closing(connect(warehouse)) as connection:
            [(loaded,)] = connection.execute(
                "select count(*) from ingests where status = 'committed'"
            ).fetchall()
        assert known_files <= set(on_disk(warehouse)), "something was removed"
    assert content(warehouse) == content(tmp_path / "quiet")
    assert verify(warehouse).findings == []
    with closing(connect(warehouse)) as connection:
        numbers = connection.execute("select ingest_number from ingests").fetchall()
    assert len(set(numbers)) == len(numbers)
