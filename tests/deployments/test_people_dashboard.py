"""The dashboard about people and time: its charts' queries on the published file, without a Superset.

`make test-bi` shows the same charts in the real one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.publishing.publish import publish

from tests.deployments.test_superset import plain
from tests.querying.test_questions_of_label_rows import ONTOLOGY, ROWS, rows_of_corpus
from tests.support.chart_sql import Document, chart_sql
from tests.support.dashboard_sql import PEOPLE_AND_TIME
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.label_row_nights import NIGHTS, load_label_row_nights
from tests.support.sets import slow

NAMES = sorted(PEOPLE_AND_TIME)
BUNDLE = Path(__file__).parents[2] / "deployments" / "superset" / "bundle"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published warehouse with label rows over nights, those of the corpus, tokens, and COCO."""
    folder = tmp_path_factory.mktemp("people")

    def load(project: str, value: Any, **options: Any) -> None:
        path = folder / f"{project}.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        list(ingest(folder / "warehouse", [str(path)], IngestOptions(project=project, jobs=1, **options)))

    load_label_row_nights(folder / "warehouse", folder)
    load("tokens", NIGHTS[0], authors="hash")
    if ROWS.exists():
        load("corpus", rows_of_corpus(), ontology=str(ONTOLOGY))
    load("coco", [unit()])
    publish(folder / "warehouse")
    return folder / "warehouse"


@pytest.fixture(scope="module")
def lake(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(warehouse) as connection:
        yield connection


@pytest.fixture(scope="module")
def charts() -> dict[str, tuple[Document, Document]]:
    """The dashboard's charts with their datasets, by name."""
    datasets = [yaml.safe_load(path.read_text()) for path in (BUNDLE / "datasets").rglob("*.yaml")]
    by_uuid = {dataset["uuid"]: dataset for dataset in datasets}
    documents = [
        yaml.safe_load(path.read_text()) for path in (BUNDLE / "charts").glob("people_and_time_*.yaml")
    ]
    return {chart["slice_name"]: (chart, by_uuid[chart["dataset_uuid"]]) for chart in documents}


def shown(warehouse: Path, sql: str) -> Any:
    with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
        return plain(file.execute(sql).fetchall())


@pytest.mark.parametrize("name", NAMES)
def test_each_chart_s_query_says_what_sql_on_the_warehouse_says(
    name: str,
    warehouse: Path,
    lake: duckdb.DuckDBPyConnection,
    charts: dict[str, tuple[Document, Document]],
) -> None:
    rows = shown(warehouse, chart_sql(*charts[name]))
    assert rows == plain(lake.execute(PEOPLE_AND_TIME[name]).fetchall())
    assert rows, "a chart without rows shows nothing"


@slow
def test_filters_of_the_dashboard_narrow_its_charts(
    warehouse: Path, charts: dict[str, tuple[Document, Document]]
) -> None:
    sql = chart_sql(
        *charts["Created and edited per person"],
        "project in ('nights')",
        "person in ('bert@example.com')",
        "night >= date '2026-03-02' and night < date '2026-03-04'",
    )
    assert shown(warehouse, sql) == [("bert@example.com", 0.0, 3.0)]


@slow
def test_each_column_of_a_dataset_is_in_its_sql(
    warehouse: Path, charts: dict[str, tuple[Document, Document]]
) -> None:
    for _, dataset in charts.values():
        table = f"({dataset['sql']})" if dataset["sql"] else dataset["table_name"]
        described = [
            (row["column_name"], row["type"]) for row in dataset["columns"] if not row["expression"]
        ]
        with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
            columns = file.execute(f"describe select * from {table}").fetchall()
        assert sorted(described) == sorted((name, kind) for name, kind, *_ in columns)


@slow
def test_a_warehouse_of_coco_alone_is_said_to_have_no_label_rows(
    tmp_path: Path, charts: dict[str, tuple[Document, Document]]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps([unit()]))
    list(ingest(tmp_path / "warehouse", [str(tmp_path / "a.json")], IngestOptions(project="p", jobs=1)))
    publish(tmp_path / "warehouse")
    rows = {name: shown(tmp_path / "warehouse", chart_sql(*chart)) for name, chart in charts.items()}
    assert rows.pop("Label rows") == [("p", "No label rows: COCO tells no people, times or stages", 0.0)]
    numbers = {"Persons", "Created", "Edited", "By hand", "Rework", "Open answers"}
    assert {name for name, values in rows.items() if values} == numbers
