"""A warehouse in a folder moves to a team with all that it holds, whole or not at all."""

import json
import os
import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import labelhouse
import pytest
from labelhouse.errors import LabelhouseError, UsageError, WarehouseError
from labelhouse.places.finding import place_of
from labelhouse.schema.warehouse_tables import TABLES

from tests.support.aliases import Rows
from tests.support.command_line import run
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest_verb
from tests.support.sets import choose, slow
from tests.support.team import Team

PERSON = "Canary.Ann@persons.example"
NIGHTS = 3


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse after some nights: changes of all kinds, tokens, marts, an ingest that waits."""
    folder = tmp_path_factory.mktemp("share")
    for night in range(NIGHTS):
        documents = [
            unit(f"d{number}", labels=4, shift=night if number == night else 0) for number in range(4)
        ]
        if night == 2:
            documents = documents[1:]
        documents[0]["annotations"][0]["created_by"] = PERSON
        source = folder / f"{night}.json"
        source.write_text(json.dumps(documents))
        ingest_verb(folder / "warehouse", source, full=True, authors="hash")
    (folder / "plain.json").write_text(json.dumps(plain(5)))
    ingest_verb(folder / "warehouse", folder / "plain.json", project="plain")
    labelhouse.refresh(folder / "warehouse")
    labelhouse.maintain(folder / "warehouse")
    ingest_verb(folder / "warehouse", folder / "plain.json", project="plain", again=True)
    ingest_verb(folder / "warehouse", folder / "2.json", full=True, authors="hash")
    return folder / "warehouse"


@pytest.fixture
def copy(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "it's a [1] warehouse")


def content(warehouse: Path, as_of: str | None = None) -> dict[str, Rows]:
    """All rows of all tables and views that hold what was loaded."""
    with labelhouse.connect(warehouse, as_of=as_of) as connection:
        return {
            name: connection.execute(f"from {name} order by all").fetchall()
            for name in (*(table.name for table in TABLES if table.name != "fence"), "labels")
        }


def states(warehouse: Path) -> Rows:
    with labelhouse.connect(warehouse) as connection:
        sql = "select snapshot_id, snapshot_time from lake.snapshots() order by 1"
        return connection.execute(sql).fetchall()


@slow
def test_everything_is_there_as_in_the_folder(copy: Path, team: Team) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*.parquet")}
    result = labelhouse.share(copy, team.machine())
    shared = team.machine("another")
    names = {key.rpartition("/")[2] for key in team.objects()}
    sizes = [len(data) for path, data in before.items() if path.name in names]
    assert result.as_json() == {
        "files": len(names),
        "bytes": sum(sizes),
        "last_ingest_number": NIGHTS + 3,
    }
    assert content(shared) == content(copy)
    assert states(shared) == states(copy)
    for number in range(1, NIGHTS + 1):
        assert content(shared, f"ingest:{number}") == content(copy, f"ingest:{number}")
    assert labelhouse.verify(shared).findings == []
    # It goes on: what is there is unchanged, and numbers rise.
    source = team.write("plain.json", plain(5))
    statuses = [
        labelhouse.ingest(shared, source, project=project, jobs=1).reports[0].status
        for project in ("plain", "next")
    ]
    assert statuses == ["unchanged", "committed"]
    numbers = "select max(ingest_number), count(distinct ingest_number) from ingests"
    assert team.rows(numbers) == [(NIGHTS + 5, NIGHTS + 5)]
    assert team.side("select salt from labelhouse_people.salt") == [
        ((copy / "people.salt").read_text().strip(),)
    ]
    assert {path: path.read_bytes() for path in copy.rglob("*.parquet")} == before


@slow
def test_a_second_warehouse_is_refused_and_so_is_a_folder(copy: Path, team: Team, tmp_path: Path) -> None:
    labelhouse.ingest(team.machine(), team.write("a.json", [unit("a")]), jobs=1)
    before = content(team.machine())
    with pytest.raises(UsageError, match="the database holds a warehouse already; name an empty database"):
        labelhouse.share(copy, team.machine())
    assert content(team.machine()) == before
    with pytest.raises(UsageError, match="this describes no shared warehouse"):
        labelhouse.share(copy, tmp_path / "other")
    with pytest.raises(WarehouseError, match="no warehouse here"):
        labelhouse.share(tmp_path / "none", team.machine("third"))
    with pytest.raises(WarehouseError) as caught:
        labelhouse.share(team.machine(), team.machine("third"))
    assert caught.value.code.value == "NOT_SHARED"


@slow
def test_a_file_that_is_missing_is_named_and_nothing_is_shared(copy: Path, team: Team) -> None:
    victim = max(copy.glob("data/main/annotations/*.parquet"))
    victim.unlink()
    with pytest.raises(WarehouseError, match=f"{victim.name} is missing or damaged; run: "):
        labelhouse.share(copy, team.machine())
    with pytest.raises(WarehouseError, match="no warehouse here"):
        labelhouse.query(team.machine(), "select 1")


_SHARE = "import labelhouse, sys; labelhouse.share(sys.argv[1], sys.argv[2])"


@slow
@pytest.mark.parametrize("count", [choose(3, 4, 40)])
def test_a_copy_that_is_killed_at_any_moment_is_there_or_not_and_goes_on(
    copy: Path, team: Team, count: int
) -> None:
    expected = content(copy)
    began = time.monotonic()
    target = str(team.machine())
    # How long it takes is measured on a copy of its own.
    other = Team(team.database, team.store, team.folder, team.database.new_database())
    timed = other.run(_SHARE, str(copy), str(other.machine("timed")))
    _, errors = timed.communicate(timeout=120)
    assert timed.returncode == 0, errors
    length = time.monotonic() - began
    for number in range(count):
        process = team.run(_SHARE, str(copy), target)
        time.sleep(length * (number + 1) / (count + 1))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        try:
            held = content(Path(target))
        except LabelhouseError:
            continue
        assert held == expected
        break
    else:
        labelhouse.share(copy, target)
    assert content(Path(target)) == expected
    assert labelhouse.verify(Path(target)).findings == []
    assert content(copy) == expected


def test_the_command_says_what_to_do_next(copy: Path, team: Team) -> None:
    target = str(team.machine())
    done = run("--warehouse", copy, "share", target)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("copied ")
    assert lines[1] == f"from now on load with: labelhouse --warehouse {target} ingest SOURCE"


@slow
def test_a_catalog_that_a_killed_copy_left_empty_is_no_warehouse(team: Team) -> None:
    target = team.machine()
    shared = place_of(target)
    shared.make_ready()
    with closing(shared.connect(for_changes=True)) as connection:
        shared.attach(connection)
    for verb in (
        lambda: labelhouse.query(target, "select 1"),
        lambda: labelhouse.status(target),
        lambda: labelhouse.connect(target),
    ):
        with pytest.raises(WarehouseError, match="no warehouse here"):
            verb()
    [report] = labelhouse.ingest(target, team.write("a.json", [unit("a")]), jobs=1).reports
    assert report.status == "committed"
    assert team.rows("select count(*) from labels") == [(3,)]
