"""Bytes of an earlier night: they bring nothing back but what was removed, unless they are asked to."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.maintenance.verify import verify

from tests.support.aliases import Load, LoadDocuments, Record, Rows, Write
from tests.support.exports import plain, unit
from tests.support.loading import Loader
from tests.support.sets import slow, some

LABELS = "select document_id, count(*), min(bbox_x) from labels group by all order by all"
CHANGES = "select snapshot_id, document_id, change, count(*) from label_changes group by all order by all"


def rows(warehouse: Path, query: str) -> Rows:
    with connect(warehouse) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def night(warehouse: Path, tmp_path: Path) -> Iterator[LoadDocuments]:
    """Load lists of documents, a file each, and return the ledger row of the last."""
    with Loader(warehouse, tmp_path) as loader:
        yield loader.load


FIRST = [unit("a"), unit("b")]
SECOND = [unit("a", shift=5), unit("b", labels=1)]
NEWER = [("a", 3, 5.0), ("b", 1, 0.0)]


def counts(row: Record) -> tuple[Any, ...]:
    kinds = ("added", "changed", "unchanged", "removed")
    return (row["status"], *(row[f"documents_{kind}"] for kind in kinds))


@slow
def test_a_folder_of_dated_exports_loaded_each_night_changes_what_is_new_and_no_more(
    write: Write, load: Load, warehouse: Path
) -> None:
    folder = write("exports/2026-11-01.json", FIRST).rpartition("/")[0]
    assert [r.status for r in load(folder)] == ["committed"]
    write("exports/2026-11-02.json", SECOND)
    reports = load(folder)
    assert [r.status for r in reports] == ["unchanged", "committed"]
    changes = rows(warehouse, CHANGES)
    reports = load(folder)
    assert [r.status for r in reports] == ["unchanged", "unchanged"]
    assert [list(r.notes) for r in reports] == [
        [
            "these bytes were loaded before and 2 of their documents have newer versions since, which "
            "stay; --again loads the old ones"
        ],
        [],
    ]
    write("exports/2026-11-03.json", [unit("a", shift=7)])
    assert [r.status for r in load(folder)] == ["unchanged", "unchanged", "committed"]
    assert rows(warehouse, LABELS) == [("a", 3, 7.0), ("b", 1, 0.0)]
    assert rows(warehouse, CHANGES)[: len(changes)] == changes
    assert rows(warehouse, "select count(*) from ingests where status = 'committed'") == [(3,)]
    assert verify(warehouse).findings == []


def test_old_bytes_come_back_when_asked_for(night: LoadDocuments, warehouse: Path) -> None:
    night(FIRST)
    night(SECOND)
    assert counts(night(FIRST)) == ("unchanged", 0, 0, 2, 0)
    assert rows(warehouse, LABELS) == NEWER
    assert counts(night(FIRST, again=True)) == ("committed", 0, 2, 0, 0)
    assert rows(warehouse, LABELS) == [("a", 3, 0.0), ("b", 3, 0.0)]
    # And the newer ones are the old bytes now.
    assert counts(night(SECOND)) == ("unchanged", 0, 0, 2, 0)


@slow
def test_a_full_load_of_old_bytes_is_what_the_project_is(night: LoadDocuments, warehouse: Path) -> None:
    night(FIRST, full=True)
    night([*SECOND, unit("c")], full=True)
    assert counts(night(FIRST, full=True)) == ("committed", 0, 2, 0, 1)
    assert rows(warehouse, LABELS) == [("a", 3, 0.0), ("b", 3, 0.0)]
    assert counts(night(FIRST, full=True)) == ("unchanged", 0, 0, 2, 0)


@slow
def test_documents_that_were_removed_come_back_with_their_bytes_and_newer_ones_stay(
    night: LoadDocuments, warehouse: Path
) -> None:
    night(FIRST)
    night([unit("a", shift=5)], full=True)
    assert rows(warehouse, LABELS) == [("a", 3, 5.0)]
    assert counts(night(FIRST)) == ("committed", 1, 0, 1, 0)
    assert rows(warehouse, LABELS) == [("a", 3, 5.0), ("b", 3, 0.0)]
    assert counts(night(FIRST)) == ("unchanged", 0, 0, 2, 0)
    assert rows(
        warehouse,
        "select document_id, change, count(*) from label_changes where ingest_number = 3 group by all",
    ) == [("b", "added", 3)]
    assert verify(warehouse).findings == []


@slow
def test_bytes_that_changed_nothing_when_they_came_are_old_bytes_too(
    night: LoadDocuments, warehouse: Path
) -> None:
    night(FIRST)
    assert counts(night([*FIRST, unit("b") | {"info": unit("b")["info"]}][:2])) == ("unchanged", 0, 0, 2, 0)
    other = json.loads(json.dumps(FIRST), parse_float=float)
    other[0] = dict(reversed(other[0].items()))
    assert counts(night(other)) == ("unchanged", 0, 0, 2, 0), "the same documents, written otherwise"
    night(SECOND)
    assert counts(night(other)) == ("unchanged", 0, 0, 2, 0)
    assert rows(warehouse, LABELS) == NEWER


@slow
def test_the_same_bytes_of_a_document_without_a_name_are_one_document_under_any_file_name(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("night-1.json", plain()), write("other.json", [unit("a")]))
    load(write("night-2.json", plain()), write("other.json", [unit("a", shift=1)]))
    documents = "select document_id from documents order by all"
    assert rows(warehouse, documents) == [("a",), ("night-1.json",)]
    # Removed with all else, it comes under the name that it has now.
    load(write("z.json", [unit("z")]), full=True)
    [report] = load(write("night-3.json", plain()))
    assert report.status == "committed"
    assert rows(warehouse, documents) == [("night-3.json",), ("z",)]
    assert [r.status for r in load(write("night-4.json", plain()))] == ["unchanged"]


@slow
def test_projects_have_their_own_bytes(night: LoadDocuments, warehouse: Path) -> None:
    night(FIRST)
    night(SECOND)
    assert counts(night(FIRST, project="other")) == ("committed", 2, 0, 0, 0)


@slow
def test_a_full_load_of_two_versions_of_a_document_is_unchanged_the_next_night(
    night: LoadDocuments, warehouse: Path
) -> None:
    assert counts(night(FIRST, SECOND, full=True)) == ("committed", 2, 0, 0, 0)
    assert rows(warehouse, LABELS) == NEWER
    before = rows(warehouse, "select max(snapshot_id) from lake.snapshots()")
    assert counts(night(FIRST, SECOND, full=True)) == ("unchanged", 0, 0, 2, 0)
    assert rows(warehouse, "select max(snapshot_id) from lake.snapshots()") == before
    # In the other order the other ones count.
    assert counts(night(SECOND, FIRST, full=True)) == ("committed", 0, 2, 0, 0)
    assert rows(warehouse, LABELS) == [("a", 3, 0.0), ("b", 3, 0.0)]


@pytest.mark.parametrize("full", some([False, True]))
def test_a_note_says_which_of_two_sources_of_a_call_wins(
    write: Write, load: Load, warehouse: Path, full: bool
) -> None:
    first, second = write("1.json", [*FIRST, unit("c")]), write("2.json", [unit("c"), *SECOND])
    reports = load(first, second, full=full)
    assert [list(r.notes) for r in reports] == [
        [],
        [f"2 of its documents are in {first} too; the later source of a call wins, here this one"],
    ]
    assert rows(warehouse, LABELS) == [*NEWER, ("c", 3, 0.0)]


@slow
def test_the_command_asks_for_old_bytes_with_an_option(
    write: Write, warehouse: Path, cli_in_process: Callable[..., tuple[str | int | None, str]]
) -> None:
    source, newer = write("a.json", FIRST), write("b.json", SECOND)
    assert [cli_in_process("ingest", path)[0] for path in (source, newer)] == [0, 0]
    code, out = cli_in_process("ingest", source)
    assert (code, out.startswith("unchanged"), "--again loads the old ones" in out) == (0, True, True)
    code, out = cli_in_process("ingest", source, "--again")
    assert (code, out.startswith("committed"), "2 changed" in out) == (0, True, True)


@pytest.fixture
def cli_in_process(
    warehouse: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str | int | None, str]]:
    """Run a command of the command line in this process; return its exit code and what it printed."""
    from labelhouse.cli.app import app

    def run(*arguments: str) -> tuple[str | int | None, str]:
        try:
            app(["--warehouse", str(warehouse), *arguments, "--jobs", "1"])
        except SystemExit as ended:
            return ended.code, capsys.readouterr().out
        return 0, capsys.readouterr().out

    return run
