"""The dashboards in the real Superset, over its API and in a real browser: `make test-bi`."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import labelhouse
import pytest
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.publishing.publish import publish

from tests.support.browser import Page, open_page
from tests.support.dashboard_nights import FIRST_NIGHT, clock, load_many_classes, load_nights
from tests.support.dashboard_sql import ANNOTATION_OPERATIONS, LABEL_HEALTH, PEOPLE_AND_TIME
from tests.support.label_row_nights import load_label_row_nights

pytestmark = pytest.mark.bi

ROOT = Path(__file__).parents[2]
DEPLOYMENT = ROOT / "deployments" / "superset"
HOME = Path(os.environ.get("SUPERSET_HOME") or ROOT / ".bench" / "superset")
SCREENSHOTS = ROOT / ".bench" / "screenshots"
DASHBOARDS = {
    "label-health": LABEL_HEALTH,
    "annotation-operations": ANNOTATION_OPERATIONS,
    "people-and-time": PEOPLE_AND_TIME,
}
#: What the published file says of itself is not in the warehouse.
OF_THE_FILE = {"Published (UTC)": "select max(published_at) from published"}

FIRST_SCREEN = {
    "label-health": ["Errors", "Warnings", "New", "What is wrong", "Causes"],
    "annotation-operations": ["Rejected", "Added", "Removed", "Changed", "What the last night changed"],
    "people-and-time": ["Persons", "Created", "Edited", "Created and edited per day", "Label rows"],
}
"""What is wrong and what changed: charts that begin on the first screen."""
CHART_TOPS = """Object.fromEntries([...document.querySelectorAll('.dashboard-component-chart-holder')].map(
    chart => [chart.querySelector('.header-title').innerText.trim(), chart.getBoundingClientRect().top]
))"""
CUT_TITLES = """[...document.querySelectorAll('.dashboard-component-chart-holder .header-title *')].filter(
    title => !title.children.length && title.scrollWidth > title.clientWidth + 1 && title.clientWidth
).map(title => title.innerText)"""

sys.path.insert(0, str(DEPLOYMENT))
from superset_session import SupersetSession  # noqa: E402  (lies beside the bundle, for people without the package)

COLUMNS = "select table_name, column_name, comment from duckdb_columns() where not internal"
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with nights of two projects, published."""
    folder = tmp_path_factory.mktemp("nights")
    statuses = [report.status for report in load_nights(folder / "warehouse", folder)]
    assert sorted(set(statuses)) == ["committed", "rejected"]
    load_many_classes(folder / "warehouse", folder)
    load_label_row_nights(folder / "warehouse", folder)
    publish(folder / "warehouse")
    return folder / "warehouse"


@pytest.fixture(scope="module")
def superset(warehouse: Path) -> Iterator[SupersetSession]:
    """A Superset that start.sh installed, set up and gave the bundle, and its admin's session."""
    HOME.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(DEPLOYMENT / "start.sh"), str(warehouse / "published" / "labels.duckdb")]
    environment = os.environ | {
        "SUPERSET_HOME": str(HOME),
        "SUPERSET_PORT": str(port),
        "PYTHON": sys.executable,
    }
    log = HOME / "start.log"
    with log.open("w") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + 1200
        while "Superset is at" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.5)
        password = (HOME / "admin_password").read_text().strip()
        yield SupersetSession(f"http://127.0.0.1:{port}", "admin", password)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=60)


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_each_chart_shows_what_sql_on_the_warehouse_says(
    superset: SupersetSession, warehouse: Path, dashboard: str
) -> None:
    charts = charts_of(superset, dashboard)
    expected = {name: rows_of(warehouse, sql) for name, sql in DASHBOARDS[dashboard].items()}
    if dashboard == "annotation-operations":
        with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
            expected |= {name: plain(file.execute(sql).fetchall()) for name, sql in OF_THE_FILE.items()}
    shown = {name: data_of(superset, chart) for name, chart in charts.items()}
    assert shown == expected
    assert all(shown.values()), "a chart without rows shows nothing"


def test_many_classes_and_a_large_first_load_hide_nothing(superset: SupersetSession) -> None:
    """Beside a project of 60 classes, loaded once and long after, classes and nights stay legible."""
    charts = charts_of(superset, "label-health") | charts_of(superset, "annotation-operations")
    for name in ("Labels per class", "Box sizes per class"):
        groups = [row[0] for row in data_of(superset, charts[name])]
        assert len(groups) == 21
        assert "other classes" in groups
    only = {"col": "project", "op": "IN", "val": ["catalogue"]}
    groups = [row[0] for row in data_of(superset, charts["Labels per class"], only)]
    assert sorted(groups) == ["other classes", *(f"product {index:02d}" for index in range(20))]
    small = {"col": "project", "op": "IN", "val": ["harbour"]}
    groups = [row[0] for row in data_of(superset, charts["Labels per class"], small)]
    assert len(groups) == 7
    assert "other classes" not in groups
    nights = data_of(superset, charts["Label changes per night"])
    assert max(sum(counts) for _, *counts in nights) < 500
    [(project, _, count)] = data_of(superset, charts["First loads"], only)
    assert (project, count) == ("catalogue", 3780)
    titles = [row[0] for row in data_of(superset, charts["Documents that change most"])]
    assert any(title.endswith(".mp4") for title in titles)
    assert not any("catalogue" in title for title in titles)


def test_the_filters_of_project_class_and_night_narrow_the_charts(
    superset: SupersetSession, warehouse: Path
) -> None:
    first, last = ((FIRST_NIGHT + timedelta(days=days)).date() for days in (1, 4))
    chart = charts_of(superset, "annotation-operations")["Label changes per class"]
    shown = data_of(
        superset,
        chart,
        {"col": "project", "op": "IN", "val": ["harbour"]},
        {"col": "category_name", "op": "IN", "val": ["Car", "Boat"]},
        {"col": "night", "op": "TEMPORAL_RANGE", "val": f"{first} : {last}"},
    )
    sql = f"""
        select
            category,
            count(*) filter (where change = 'added'),
            count(*) filter (where change = 'changed'),
            count(*) filter (where change = 'removed')
        from label_changes
        where
            project = 'harbour' and category in ('Car', 'Boat')
            and changed_at >= timestamp '{first}' and changed_at < timestamp '{last}'
        group by category
    """
    assert shown == rows_of(warehouse, sql)
    assert shown


def test_each_table_of_the_published_file_is_a_dataset_with_described_columns(
    superset: SupersetSession, warehouse: Path
) -> None:
    with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as file:
        columns = file.execute(COLUMNS).fetchall()
    shown = set()
    for row in superset.get("/api/v1/dataset/?q=(page_size:100)")["result"]:
        dataset = superset.get(f"/api/v1/dataset/{row['id']}")["result"]
        assert dataset["description"]
        shown |= {(dataset["table_name"], c["column_name"], c["description"]) for c in dataset["columns"]}
    assert set(columns) - shown == set()


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_each_dashboard_opens_in_a_browser_without_an_error(
    superset: SupersetSession, dashboard: str
) -> None:
    charts = charts_of(superset, dashboard)
    with open_page(1440, 4400) as page:
        open_dashboard(page, superset, dashboard, len(charts))
        page.screenshot(SCREENSHOTS / f"{dashboard}.png")
        assert page.errors() == []
        assert failed_charts(page) == []
        tops = page.evaluate(CHART_TOPS)
        assert [name for name in FIRST_SCREEN[dashboard] if tops[name] > 450] == []
        assert page.evaluate(CUT_TITLES) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hosts = {urllib.parse.urlsplit(r["request"]["url"]).netloc for r in page.requests()} - {""}
        assert hosts == {urllib.parse.urlsplit(superset.url).netloc}
        asked = {chart_id: numbers(rows) for chart_id, rows in answers(page).items()}
    assert asked == {chart: numbers(data_of(superset, chart, named=True)) for chart in charts.values()}


def test_a_filter_chosen_on_a_dashboard_holds_for_its_charts(
    superset: SupersetSession, warehouse: Path
) -> None:
    chosen = (
        "(NATIVE_FILTER-label-health-1:(id:NATIVE_FILTER-label-health-1,ownState:(),"
        "extraFormData:(filters:!((col:project,op:IN,val:!(harbour)))),"
        "filterState:(label:harbour,value:!(harbour))))"
    )
    charts = charts_of(superset, "label-health")
    with open_page(1440, 4400) as page:
        open_dashboard(page, superset, "label-health", len(charts), native_filters=chosen)
        page.screenshot(SCREENSHOTS / "label-health-harbour.png")
        assert page.errors() == []
        assert failed_charts(page) == []
        shown = answers(page)
    for name, sql in (
        ("Labels", "select count(*) from labels where project = 'harbour'"),
        (
            "Images",
            "select count(*) from images join documents using (document_key) where project = 'harbour'",
        ),
    ):
        assert [tuple(row.values()) for row in shown[charts[name]]] == rows_of(warehouse, sql)


def test_a_dashboard_shows_the_file_that_was_published_last(
    superset: SupersetSession, warehouse: Path
) -> None:
    chart = charts_of(superset, "label-health")["Documents"]
    before = data_of(superset, chart)
    newest = sorted(warehouse.parent.glob("harbour-*.json"))[-1]
    documents = json.loads(newest.read_text())
    newest.write_text(json.dumps(documents[:-1]))
    with clock(FIRST_NIGHT + timedelta(days=30)):
        list(ingest(warehouse, [str(newest)], IngestOptions(project="harbour", jobs=1, full=True)))
    assert data_of(superset, chart) == before, "not published yet"
    publish(warehouse)
    [[count]] = before
    assert (
        data_of(superset, chart) == [(count - 1,)] == rows_of(warehouse, "select count(*) from documents")
    )


def test_sql_lab_reads_the_published_file_and_neither_reads_nor_writes_anything_else(
    superset: SupersetSession, warehouse: Path
) -> None:
    [database] = superset.get("/api/v1/database/")["result"]
    file = warehouse / "published" / "labels.duckdb"
    before = sorted((path, path.read_bytes()) for path in file.parent.iterdir())

    def run(sql: str) -> Any:
        payload = {"database_id": database["id"], "sql": sql, "schema": "main", "runAsync": False}
        return superset.post_json("/api/v1/sqllab/execute/", payload)["data"]

    assert run("select count(*) as labels from labels") == [
        {"labels": count} for (count,) in rows_of(warehouse, "select count(*) from labels")
    ]
    key = (HOME / "secret_key").read_text().strip()
    for sql in (
        f"select * from read_text('{HOME}/secret_key')",
        f"select * from glob('{HOME}/*')",
        f"copy (select 1) to '{file}' (format csv, use_tmp_file false)",
        f"explain analyze copy (select 1) to '{file}' (format csv, use_tmp_file false)",
        f"/* c */ explain (analyze) copy (select 1) to '{file}' (format csv, use_tmp_file false)",
        f"select 1; copy (select 1) to '{file.parent}/new.csv'",
        "set enable_external_access = true",
        "create table labels_too as from labels",
        "delete from labels",
        "attach ':memory:' as other",
    ):
        with pytest.raises(RuntimeError) as caught:
            run(sql)
        assert key not in str(caught.value)
    assert sorted((path, path.read_bytes()) for path in file.parent.iterdir()) == before


def test_the_password_of_the_admin_is_in_no_command_line_and_its_files_are_its_own() -> None:
    password = (HOME / "admin_password").read_text().strip()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert password.encode() not in path.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
    assert [oct((HOME / name).stat().st_mode & 0o777) for name in ("", "secret_key", "admin_password")] == [
        "0o700",
        "0o600",
        "0o600",
    ]


def charts_of(superset: SupersetSession, dashboard: str) -> dict[str, int]:
    """Return the ids of a dashboard's charts by their names."""
    charts = superset.get(f"/api/v1/dashboard/{dashboard}/charts")["result"]
    return {chart["slice_name"]: chart["id"] for chart in charts}


def data_of(superset: SupersetSession, chart: int, *filters: dict[str, Any], named: bool = False) -> Any:
    """Return the rows of a chart's own query, narrowed by filters as a dashboard would."""
    about = superset.get(f"/api/v1/chart/{chart}")["result"]
    context = json.loads(about["query_context"])
    [query] = context["queries"]
    columns = {wanted["col"] for wanted in filters}
    query["filters"] = [own for own in query["filters"] if own["col"] not in columns] + list(filters)
    [result] = superset.post_json("/api/v1/chart/data", context)["result"]
    assert result["error"] is None, about["slice_name"]
    assert result["rejected_filters"] == [], about["slice_name"]
    return result["data"] if named else plain(tuple(row.values()) for row in result["data"])


def rows_of(warehouse: Path, sql: str) -> Rows:
    """Return what SQL on the warehouse says."""
    with labelhouse.connect(warehouse) as connection:
        return plain(connection.execute(sql).fetchall())


def plain(rows: Any) -> Rows:
    """Return rows in one order, with values as Superset's JSON has them: times in milliseconds, UTC."""
    return sorted((tuple(map(_plain, row)) for row in rows), key=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.replace(tzinfo=UTC).timestamp() * 1000, 2)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = float(value)
        return round(number, 9 if abs(number) < 1e9 else 2)
    return value


def numbers(rows: list[dict[str, Any]]) -> list[float]:
    """Return the numbers of rows but nights and zeros: the same however a chart pivots.

    `rank` is no number of a chart: the page of each heat map asks for ranks too, in case that colours go by
    them, which they do not here; the chart's own query asks for none.
    """
    values = [
        value
        for row in rows
        for name, value in row.items()
        if name not in ("night", "rank") and isinstance(value, int | float)
    ]
    return sorted(round(float(value), 9) for value in values if value)


def open_dashboard(
    page: Page, superset: SupersetSession, dashboard: str, chart_count: int, **parameters: str
) -> None:
    """Open a dashboard as the admin and return when every chart has been drawn to its end."""
    [session] = [cookie for cookie in superset.cookies if cookie.name == "session"]
    page.send("Network.setCookie", name="session", value=session.value, url=superset.url)
    query = urllib.parse.urlencode(parameters)
    page.send("Page.navigate", url=f"{superset.url}/superset/dashboard/{dashboard}/?{query}")
    drawn = "document.querySelectorAll('.dashboard-component-chart-holder .slice_container').length"
    page.wait_until(f"{drawn} === {chart_count}", 300)
    page.wait_until(
        "document.querySelectorAll('.loading, [data-test=loading-indicator]').length === 0", 300
    )
    page.wait_until_quiet(300)
    page.wait_until_still(300)


def failed_charts(page: Page) -> list[str]:
    """Return the texts of the charts that show an error, or that there is nothing to show."""
    script = """
        [...document.querySelectorAll('.dashboard-component-chart-holder')]
            .filter(chart => chart.querySelector('[role=alert], .ant-alert, .ant-empty')
                || /No results|Unexpected error|Data error/.test(chart.innerText)
                || !chart.querySelector('canvas, svg, table, .header-line'))
            .map(chart => chart.innerText)
    """
    texts: list[str] = page.evaluate(script)
    return texts


def answers(page: Page) -> dict[int, list[dict[str, Any]]]:
    """Return the rows that the page was given for each chart, by the chart's id."""
    rows_by_chart = {}
    for request in page.answered():
        url = urllib.parse.urlsplit(request["request"]["url"])
        if url.path == "/api/v1/chart/data":
            form = json.loads(urllib.parse.parse_qs(url.query).get("form_data", ["{}"])[0])
            if "slice_id" in form:
                body = json.loads(page.body(request["requestId"]))
                assert [result["error"] for result in body["result"]] == [None] * len(body["result"])
                rows_by_chart[form["slice_id"]] = body["result"][0]["data"]
    return rows_by_chart
