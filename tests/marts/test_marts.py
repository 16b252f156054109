"""The marts: exact rows for tiny exports, and a refresh that equals a rebuild whatever came before it."""

import math
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from labelhouse import connect
from labelhouse.errors import WarehouseError
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.marts.rows import MartRows
from labelhouse.schema.mart_tables import DOCUMENT_MARTS, MART_STATE, MART_TABLES
from labelhouse.schema.table import Table
from labelhouse.sql_library.statements import public_names
from labelhouse.warehouse.opening import open_warehouse

from tests.cases.mart_cases import CASES, FIRST_NIGHT, Case, classes, document
from tests.support.aliases import Load, LoadDocuments, Record, Rows, Write
from tests.support.exports import unit
from tests.support.loading import Loader
from tests.support.sets import choose, slow

CHURN = [
    # ingest number, days after the first night, document, category, change, labels
    (1, 0, "a", "Car", "added", 3),
    (1, 0, "b", "Dog", "added", 1),
    (2, 0, "a", "Car", "removed", 1),
    (2, 1, "a", "Car", "changed", 2),
    (2, 1, "b", "Dog", "changed", 1),
]


def near(actual: Rows, expected: Rows) -> None:
    """Compare rows in any order, floating-point numbers with a tolerance of 1e-9."""

    def key(row: tuple[Any, ...]) -> tuple[list[tuple[bool, str]], str]:
        return [(value is None, str(value)) for value in row if not isinstance(value, float)], str(row)

    assert len(actual) == len(expected), actual
    for one, other in zip(sorted(actual, key=key), sorted(expected, key=key), strict=True):
        assert len(one) == len(other), (one, other)
        for value, wanted in zip(one, other, strict=True):
            if isinstance(wanted, float) and isinstance(value, (int, float)):
                assert math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9), (one, other)
            else:
                assert value == wanted, (one, other)


def rows(warehouse: Path, sql: str, as_of: str | None = None) -> Rows:
    with connect(warehouse, as_of=as_of) as connection:
        return connection.execute(sql).fetchall()


SHOWN = choose(list({case.view: case for case in reversed(CASES)}.values()), CASES, CASES)
"""The short set has a case a view."""


def marts(warehouse: Path, as_of: str | None = None) -> dict[str, Rows]:
    """Return the rows of every mart but its state, sums rounded: they depend on the order of adding."""
    by_mart = {}
    with connect(warehouse, as_of=as_of) as connection:
        for table in MART_TABLES:
            if table is not MART_STATE:
                names = [f"round({c.name}, 6)" if c.sql_type == "DOUBLE" else c.name for c in table.columns]
                sql = f"select {', '.join(names)} from {table.name} order by all"
                by_mart[table.name] = connection.execute(sql).fetchall()
    return by_mart


@pytest.fixture
def loads(tmp_path: Path, warehouse: Path) -> LoadDocuments:
    """Load documents into the warehouse, as ingest does, and return the last ledger row."""

    def _load(*sources: list[Record], **options: Any) -> Record:
        with Loader(warehouse, tmp_path) as loader:
            return loader.load(*sources, **options)

    return _load


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One warehouse with a project for each case, every night on a day of its own, refreshed at the end."""
    folder = tmp_path_factory.mktemp("marts")
    warehouse = folder / "warehouse"
    with Loader(warehouse, folder) as loader, loader.warehouse.lock():
        for case in SHOWN:
            for documents in case.nights:
                loader.load(documents, project=case.name)
        connection = loader.warehouse.connection
        connection.execute(
            "update ingests set started_at = days.started_at from ("
            "select ingest_id, $first::timestamptz + to_days((row_number() over "
            "(partition by project order by ingest_number) - 1)::integer) as started_at from ingests"
            ") as days where days.ingest_id = ingests.ingest_id",
            {"first": f"{FIRST_NIGHT}T02:00:00Z"},
        )
        connection.execute("delete from label_changes")
        for number, days, of, name, change, count in CHURN:
            connection.execute(
                "insert into label_changes (ingest_id, ingest_number, changed_at, project, document_id, "
                "category, change) select 'i', $1, $2::timestamptz, 'churn', $3, $4, $5 from range($6)",
                [number, f"{FIRST_NIGHT + timedelta(days=days)}T23:59:00Z", of, name, change, count],
            )
    refresh_marts(warehouse)
    return warehouse


@pytest.fixture(scope="module")
def connection(filled: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(filled) as opened:
        yield opened


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: f"{case.view} {case.name}")
def test_a_mart(case: Case, connection: duckdb.DuckDBPyConnection) -> None:
    sql = f"select {case.columns} from {case.view} where project = $1"
    near(connection.execute(sql, [case.name]).fetchall(), case.expected)


def test_label_churn_counts_changes_of_a_night_by_class(filled: Path) -> None:
    actual = rows(filled, "select * exclude (project) from label_churn where project = 'churn'")
    first, second = FIRST_NIGHT, FIRST_NIGHT + timedelta(days=1)
    near(
        actual,
        [
            (first, "Car", 3, 1, 0),
            (first, "Dog", 1, 0, 0),
            (second, "Car", 0, 0, 2),
            (second, "Dog", 0, 0, 1),
        ],
    )


def test_label_churn_by_document_counts_changes_of_a_night_by_document(filled: Path) -> None:
    actual = rows(filled, "select * exclude (project) from label_churn_by_document where project = 'churn'")
    first, second = FIRST_NIGHT, FIRST_NIGHT + timedelta(days=1)
    near(
        actual,
        [(first, "a", 3, 1, 0), (first, "b", 1, 0, 0), (second, "a", 0, 0, 2), (second, "b", 0, 0, 1)],
    )


def test_every_mart_and_view_has_a_case(filled: Path) -> None:
    tested = {case.view for case in CASES} | {"label_churn", "label_churn_by_document"}
    names = {name.partition("/")[2] for name in public_names("views")}
    with connect(filled) as connection:
        of_marts = {
            name
            for name, sql in connection.execute(
                "select view_name, sql from duckdb_views() where database_name = 'lake'"
            ).fetchall()
            if "mart_" in sql or name in ("class_drift", "ingest_health")
        }
    assert tested == of_marts <= names
    assert {f"marts/{table.name.removeprefix('mart_')}" for table in MART_TABLES} - {"marts/state"} == set(
        public_names("marts")
    )


@slow
def test_the_marts_add_up_to_the_labels(filled: Path) -> None:
    [(labels,)] = rows(filled, "select count(*) from labels")
    for name in ("class_balance", "shapes_per_class", "size_classes", "automation_rate", "heat_map"):
        assert rows(filled, f"select sum(label_count) from {name}") == [(labels,)], name
    assert rows(filled, "select sum(image_count) from labels_per_image") == rows(
        filled, "select count(*) from images"
    )
    assert rows(filled, "select sum(answer_count) from attribute_values") == rows(
        filled, "select count(*) from attributes"
    )
    assert rows(filled, "select sum(keypoint_count) from keypoint_visibility") == rows(
        filled, "select count(*) from keypoints"
    )


def test_counts_are_bigints(filled: Path) -> None:
    with connect(filled) as connection:
        other_types = connection.execute(
            "select distinct column_name, data_type from duckdb_columns() where database_name = 'lake' "
            "and column_name like '%\\_count' escape '\\' and data_type <> 'BIGINT'"
        ).fetchall()
    assert other_types == []


@slow
def test_refreshing_twice_changes_nothing(loads: LoadDocuments, warehouse: Path) -> None:
    loads([unit("a"), unit("b")])
    assert refresh_marts(warehouse).documents_added == 2
    before = rows(warehouse, "select max(snapshot_id) from lake.snapshots()")
    files = sorted((warehouse / "data").rglob("*"))
    done = refresh_marts(warehouse)
    assert not done.is_changed
    assert (done.documents_added, done.documents_removed, done.commits) == (0, 0, 0)
    assert rows(warehouse, "select max(snapshot_id) from lake.snapshots()") == before
    assert sorted((warehouse / "data").rglob("*")) == files
    loads([unit("a"), unit("b")])
    assert not refresh_marts(warehouse).is_changed


@slow
def test_only_documents_that_came_or_went_are_computed(loads: LoadDocuments, warehouse: Path) -> None:
    loads([unit(f"d{n}") for n in range(5)])
    refresh_marts(warehouse)
    loads([unit("d3", shift=1)])
    done = refresh_marts(warehouse)
    assert (done.documents_added, done.documents_removed, done.commits) == (1, 1, 1)
    assert rows(warehouse, "select document_key from mart_image_coverage order by all") == rows(
        warehouse, "select document_key from documents order by all"
    )


@slow
def test_marts_are_seen_as_of_any_snapshot(loads: LoadDocuments, warehouse: Path) -> None:
    seen = {}
    for labels in (1, 2, 3):
        loads([unit("a", labels=labels)])
        refresh_marts(warehouse)
        [(snapshot,)] = rows(warehouse, "select max(snapshot_id) from lake.snapshots()")
        seen[snapshot] = labels
    for snapshot, labels in seen.items():
        actual = rows(warehouse, "select label_count from class_balance", as_of=str(snapshot))
        assert actual == [(labels,)]


def random_documents(chance: random.Random, count: int) -> list[Record]:
    """Return documents of a random choice of names with random labels."""
    names = chance.sample("abcdefgh", count)
    return [
        classes(
            name,
            *(chance.choice((1, 2, 3, 99)) for _ in range(chance.randrange(5))),
            manual_annotation=chance.choice((True, False, None)),
            classifications={"Colour": chance.choice(("red", "blue", None))},
        )
        if chance.random() < 0.9
        else document(name, [], [])
        for name in names
    ]


@slow
def test_refreshes_after_any_loads_equal_a_rebuild_and_the_states_that_were(
    loads: LoadDocuments, tmp_path: Path, warehouse: Path
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    history = {}
    for number in range(choose(2, 2, 12)):
        for _ in range(chance.randint(1, 3)):
            documents = random_documents(chance, chance.randint(1, 6))
            full = chance.random() < 0.3
            project = chance.choice("pq")
            report = loads(documents, project=project, full=full)
            if report["status"] == "committed":
                sql = (
                    "select category_name, count(distinct document_key), "
                    "count(distinct (document_key, image_key)), count(*), "
                    "count(*) filter (manual_annotation), count(*) filter (not manual_annotation)"
                    f" from labels where project = '{project}' group by all order by all"
                )
                history[report["ingest_number"]] = rows(warehouse, sql)
        refresh_marts(warehouse, chunk_records=chance.choice((1, 3, 1000)))
        assert verify(warehouse).findings == []
        copy = shutil.copytree(warehouse, tmp_path / f"copy-{number}")
        refresh_marts(copy, rebuild=True)
        assert marts(copy) == marts(warehouse)
        shutil.rmtree(copy)
    actual = rows(
        warehouse,
        "select ingest_number, category_name, document_count, image_count, label_count, manual_count, "
        "automated_count from mart_class_history order by all",
    )
    assert actual == [(number, *row) for number, state in sorted(history.items()) for row in state]


@slow
def test_what_came_and_went_between_two_refreshes_stands_in_the_history(
    loads: LoadDocuments, warehouse: Path
) -> None:
    for labels in (1, 2, 5):
        loads([unit("a", labels=labels)])
    loads([unit("b", labels=4)], full=True)
    done = refresh_marts(warehouse)
    assert (done.documents_added, done.documents_removed, done.commits) == (1, 0, 4)
    assert rows(warehouse, "select ingest_number, label_count from mart_class_history order by all") == [
        (1, 1), (2, 2), (3, 5), (4, 4),
    ]  # fmt: skip
    assert rows(warehouse, "select label_count from class_balance") == [(4,)]


def test_commits_that_removed_nothing_are_counted_at_once(
    loads: LoadDocuments, tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads([unit("a", labels=2)])
    refresh_marts(warehouse)
    other = {**unit("c", labels=1), "categories": [{"id": 1, "name": "Boat"}, {"id": 2, "name": "Kite"}]}
    for documents in ([unit("b", labels=4)], [other], [unit("d", labels=1), unit("e")]):
        loads(documents)
    each = shutil.copytree(warehouse, tmp_path / "each")
    marts_added: list[str] = []
    add = MartRows._add

    def noted(self: MartRows, stage: object, mart: Table, *values: object, **options: object) -> None:
        marts_added.append(mart.name)
        add(self, stage, mart, *values, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(MartRows, "_add", noted)
    refresh_marts(warehouse)
    assert marts_added.count("mart_class_history") == 1
    # The same, commit by commit.
    monkeypatch.setattr(MartRows, "_has_gone", lambda _: True)
    refresh_marts(each)
    assert marts_added.count("mart_class_history") == 1 + 3
    sql = "select * from mart_class_history order by all"
    assert len(rows(warehouse, sql)) > 4
    assert rows(warehouse, sql) == rows(each, sql)


@slow
def test_sources_of_one_full_load_are_one_state(loads: LoadDocuments, warehouse: Path) -> None:
    loads([unit("a")], [unit("b")], full=True)
    refresh_marts(warehouse)
    assert rows(warehouse, "select ingest_number, label_count from mart_class_history") == [(2, 6)]


@slow
def test_a_rebuild_keeps_the_history_of_expired_snapshots(loads: LoadDocuments, warehouse: Path) -> None:
    for labels in (1, 2, 3):
        loads([unit("a", labels=labels)])
        refresh_marts(warehouse)
    before = marts(warehouse)
    with open_warehouse(warehouse) as opened, opened.lock():
        [(first,)] = opened.connection.execute(
            "select min(snapshot_id) from lake.snapshots() where commit_message like 'ingest%'"
        ).fetchall()
        opened.connection.execute(f"call ducklake_expire_snapshots('lake', versions => [{first}])")
    refresh_marts(warehouse, rebuild=True)
    assert marts(warehouse) == before


@slow
def test_a_failed_refresh_leaves_the_marts_as_they_were(
    loads: LoadDocuments, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads([unit("a")])
    refresh_marts(warehouse)
    before = marts(warehouse)
    loads([unit("a", labels=7)])

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("labelhouse.warehouse.change.set_commit_message", fail)
        with pytest.raises(WarehouseError):
            refresh_marts(warehouse)
    assert marts(warehouse) == before
    assert verify(warehouse).findings == []
    assert refresh_marts(warehouse).is_changed
    assert rows(warehouse, "select label_count from class_balance") == [(7,)]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something done, once, after a refresh has computed its rows and before it commits them."""

    def _meanwhile(action: Callable[[], object]) -> None:
        compute, actions = MartRows.compute, [action]

        def compute_and_act(*args: Any, **options: Any) -> object:
            computed = compute(*args, **options)
            if actions:
                actions.pop()()
            return computed

        monkeypatch.setattr(MartRows, "compute", compute_and_act)

    return _meanwhile


@slow
def test_a_load_need_not_wait_for_a_refresh_whose_marts_are_those_of_its_snapshot(
    loads: LoadDocuments, warehouse: Path, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    loads([unit("a"), unit("b")])
    meanwhile(lambda: loads([unit("a", labels=7), unit("c")]))
    assert refresh_marts(warehouse).documents_added == 2
    counts = "select sum(label_count) from mart_class_balance"
    assert rows(warehouse, counts) == [(6,)]
    assert rows(warehouse, "select ingest_number, label_count from mart_class_history") == [(1, 6)]
    done = refresh_marts(warehouse)
    assert (done.documents_added, done.documents_removed, done.commits) == (2, 1, 1)
    assert rows(warehouse, counts) == [(13,)]
    assert verify(warehouse).findings == []


@pytest.mark.parametrize("rebuild", [False, True])
@slow
def test_two_refreshes_at_once_count_nothing_twice(
    loads: LoadDocuments,
    tmp_path: Path,
    warehouse: Path,
    meanwhile: Callable[[Callable[[], object]], None],
    rebuild: bool,
) -> None:
    loads([unit("a"), unit("b")])
    refresh_marts(warehouse)
    loads([unit("a", labels=7)])
    meanwhile(lambda: refresh_marts(warehouse, rebuild=rebuild))
    refresh_marts(warehouse)
    copy = shutil.copytree(warehouse, tmp_path / "copy")
    refresh_marts(copy, rebuild=True)
    assert marts(copy) == marts(warehouse)
    assert verify(warehouse).findings == []


def test_no_warehouse_is_made_by_a_refresh(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="no warehouse"):
        refresh_marts(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


@slow
def test_little_memory_is_enough(loads: LoadDocuments, tmp_path: Path, warehouse: Path) -> None:
    documents = [unit(f"d{n}", labels=400) for n in range(20)]
    loads(documents)
    refresh_marts(warehouse, memory_bytes=100_000_000, chunk_records=1000)
    copy = shutil.copytree(warehouse, tmp_path / "copy")
    refresh_marts(copy, rebuild=True)
    assert marts(copy) == marts(warehouse)
    assert len(marts(warehouse)["mart_image_coverage"]) == 20
    assert not list((warehouse / "staging").glob("run-*"))


@slow
def test_a_refresh_adds_a_file_a_mart_however_many_documents_changed(
    loads: LoadDocuments, warehouse: Path
) -> None:
    loads([unit(f"d{n}") for n in range(40)])
    refresh_marts(warehouse, chunk_records=10)
    for table in DOCUMENT_MARTS:
        files = rows(warehouse, f"from ducklake_list_files('lake', '{table.name}')")
        assert len(files) <= 1, table.name


@slow
def test_marts_that_differ_from_their_documents_are_found(loads: LoadDocuments, warehouse: Path) -> None:
    loads([unit("a"), unit("b")])
    refresh_marts(warehouse)
    assert verify(warehouse).findings == []
    with open_warehouse(warehouse) as opened, opened.lock():
        opened.connection.execute(
            "update mart_class_balance set label_count = 5 where document_key % 2 = 1"
        )
    [finding] = verify(warehouse).findings
    assert finding.check == "mart_counts"
    assert finding.what.endswith("in the marts 1 time, with 1 of 1 images, 3 and 5 of 3 annotations")


@slow
def test_label_churn_counts_what_real_loads_changed(loads: LoadDocuments, warehouse: Path) -> None:
    loads([unit("a", labels=3), unit("b", labels=2)])
    refresh_marts(warehouse)
    if rows(warehouse, "select count(*) from label_changes") == [(0,)]:
        pytest.skip("this build writes no label_changes")
    loads([unit("a", labels=4, shift=1.0)])
    loads([unit("b", labels=1)])
    refresh_marts(warehouse)
    assert rows(
        warehouse,
        "select ingest_number, document_id, category_name, change, label_count from mart_label_churn "
        "order by all",
    ) == [
        (1, "a", "Car", "added", 3),
        (1, "b", "Car", "added", 2),
        (2, "a", "Car", "added", 1),
        (2, "a", "Car", "changed", 3),
        (3, "b", "Car", "removed", 1),
    ]
    [(project, *counts)] = rows(
        warehouse,
        "select project, sum(added_count), sum(removed_count), sum(changed_count) from label_churn "
        "group by project",
    )
    assert (project, counts) == ("default", [6, 1, 3])
    copy = warehouse.with_name("copy")
    shutil.copytree(warehouse, copy)
    refresh_marts(copy, rebuild=True)
    assert marts(copy) == marts(warehouse)


@slow
def test_a_rejected_source_is_no_night_of_the_history(
    loads: LoadDocuments, write: Write, load: Load, warehouse: Path
) -> None:
    """Only commits of labels name their ingests; what a chart holds over time would repeat otherwise."""
    loads([unit("a")])
    [rejected] = load(write("bad.json", {"no": "coco"}))
    assert rejected.status == "rejected"
    loads([unit("a", labels=5)])
    refresh_marts(warehouse)
    numbers = rows(warehouse, "select distinct ingest_number from mart_class_history order by all")
    assert numbers == [(1,), (3,)]
