"""Several loaders of one shared warehouse at the same time, each a process with a workspace of its own."""

from pathlib import Path
from typing import Any

import labelhouse
import pytest

from tests.support.exports import unit
from tests.support.sets import choose, slow, some
from tests.support.team import Team, finished

SOURCES = choose(2, 5, 5)
"""How many sources each loader loads."""


def sources_of(team: Team, loader: int, *, same_documents: bool) -> list[Path]:
    """Write the sources of a loader; with `same_documents` all loaders change the same ones."""
    return [
        team.write(
            f"{loader}-{number}.json",
            [
                unit(
                    f"u{number}" if same_documents else f"u{loader}-{number}",
                    labels=2 + number,
                    shift=loader + number / 10,
                )
            ],
        )
        for number in range(SOURCES)
    ]


def load_at_once(team: Team, count: int, *, is_one_project: bool) -> list[dict[str, Any]]:
    started = [
        team.loader(
            f"m{loader}",
            "all" if is_one_project else f"p{loader}",
            sources_of(team, loader, same_documents=is_one_project),
        )
        for loader in range(count)
    ]
    return [report for loader in started for report in finished(loader)]


def require_unique_numbers_and_keys(team: Team, count: int) -> None:
    assert team.rows("select count(*), count(distinct ingest_number), max(ingest_number) from ingests") == [
        (count, count, count)
    ]
    for table in ("documents", "annotations", "images"):
        key = "document_key" if table == "documents" else "document_key, position"
        assert team.rows(f"select count(*) - count(distinct ({key})) from {table}") == [(0,)], table
    unplaced = (
        "select count(*) from annotations where document_key not in (select document_key from documents)"
    )
    assert team.rows(unplaced) == [(0,)]


@pytest.mark.parametrize("count", some([2, 4, 8]), ids="{} loaders".format)
def test_loaders_of_different_projects_commit_all_that_one_after_the_other_would(
    team: Team, count: int
) -> None:
    # The first load makes the tables.
    labelhouse.ingest(team.machine("first"), team.write("first.json", [unit("first")]), jobs=1)
    reports = load_at_once(team, count, is_one_project=False)
    assert [report["status"] for report in reports] == ["committed"] * count * SOURCES
    require_unique_numbers_and_keys(team, count * SOURCES + 1)
    labels = sum(2 + number for number in range(SOURCES))
    by_project = "select project, count(*) from labels where project <> 'default' group by all order by all"
    assert team.rows(by_project) == [(f"p{loader}", labels) for loader in range(count)]
    assert team.rows("select count(*) from label_changes") == [(count * labels + 3,)]
    assert labelhouse.verify(team.machine("reader")).findings == []


@slow
@pytest.mark.parametrize("count", [2, 4], ids="{} loaders".format)
def test_loaders_of_the_same_documents_leave_the_state_of_some_order(team: Team, count: int) -> None:
    labelhouse.ingest(team.machine("first"), team.write("first.json", [unit("first")]), jobs=1)
    reports = load_at_once(team, count, is_one_project=True)
    assert [report["status"] for report in reports] == ["committed"] * count * SOURCES
    require_unique_numbers_and_keys(team, count * SOURCES + 1)
    # The newest commit of each document has won, and the history says which came before.
    newest = team.rows(
        """
        select documents.document_id, documents.document_key >> 32 = max(ingests.ingest_number)
        from documents
        inner join ingests on ingests.source like '%-' || documents.document_id[2:] || '.json'
        where documents.project = 'all'
        group by documents.document_id, documents.document_key
        """
    )
    labels = sum(2 + number for number in range(SOURCES))
    assert team.rows("select count(*) from labels where project = 'all'") == [(labels,)]
    assert len(newest) == SOURCES
    assert team.rows("select count(*) from label_changes where change = 'added'") == [(labels + 3,)]
    changed = "select count(*) from label_changes where change = 'changed'"
    assert team.rows(changed) == [(labels * (count - 1),)]
    assert labelhouse.verify(team.machine("reader")).findings == []


@slow
def test_the_first_loaders_make_one_warehouse(team: Team) -> None:
    started = [
        team.loader(f"m{number}", f"p{number}", [team.write(f"{number}.json", [unit(f"u{number}")])])
        for number in range(3)
    ]
    reports = [report for loader in started for report in finished(loader)]
    assert [report["status"] for report in reports] == ["committed"] * 3
    require_unique_numbers_and_keys(team, 3)
    assert team.rows("select count(*) from fence") == [(1,)]
    assert labelhouse.verify(team.machine("reader")).findings == []


@slow
def test_numbers_go_on_above_those_of_a_catalog_without_side_tables(team: Team) -> None:
    shared = team.machine()
    for name in ("a", "b", "c"):
        labelhouse.ingest(shared, team.write(f"{name}.json", [unit(name)]), jobs=1)
    team.side("drop schema labelhouse cascade")
    labelhouse.ingest(shared, team.write("d.json", [unit("d")]), jobs=1)
    assert team.rows("select max(ingest_number), count(distinct ingest_number) from ingests") == [(4, 4)]


def test_a_loader_waits_for_the_lock_and_says_for_whom(team: Team) -> None:
    from labelhouse.errors import WarehouseBusyError
    from labelhouse.warehouse.opening import open_warehouse

    labelhouse.ingest(team.machine("one"), team.write("a.json", [unit("a")]), jobs=1)
    with open_warehouse(team.machine("one")) as one, open_warehouse(team.machine("two")) as two:
        with one.lock(), pytest.raises(WarehouseBusyError) as caught, two.lock(timeout_s=0.3):
            pass
        assert "process " in str(caught.value)
        assert " has been changing the warehouse for 0 s" in str(caught.value)
        with two.lock(timeout_s=5):
            assert two.waited_s > 0.2
