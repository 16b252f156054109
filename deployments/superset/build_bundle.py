"""Build the bundle that Superset imports, from a published file and the files in source/.

    python deployments/superset/build_bundle.py [PUBLISHED_FILE]

Without a file it publishes one of a small sample. Columns, types and descriptions are those of the file,
so the bundle does not drift from the schema; a test holds what is committed to what this writes.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import duckdb
import yaml
from bundle_charts import chart_params, query_context
from bundle_dashboards import dashboard

HERE = Path(__file__).parent
SOURCE = HERE / "source"
BUNDLE = HERE / "bundle"
DATABASE = "Labelhouse"
EXAMPLE_FILE = "/data/labels/published/labels.duckdb"
CONNECT_ARGS = {
    "read_only": True,
    "config": {
        "access_mode": "read_only",
        # SQL reaches no file of the server, not even in the folder for data that does not fit into memory.
        "enable_external_access": "false",
        "temp_directory": "",
        "lock_configuration": "true",
    },
}
COLUMNS = """
select tables.table_name, tables.comment, columns.column_name, columns.data_type, columns.comment
from duckdb_tables() as tables
inner join duckdb_columns() as columns using (database_oid, schema_oid, table_oid)
order by tables.table_name, columns.column_index
"""
Document = dict[str, Any]


def bundle(published: Path) -> dict[str, Document]:
    """Return the bundle's documents by their paths."""
    datasets = dict(_datasets(published, _read(SOURCE / "datasets.yaml")))
    files: dict[str, Document] = {
        "metadata.yaml": {
            "version": "1.0.0",
            "type": "Dashboard",
            "timestamp": "2026-01-01T00:00:00+00:00",
        },
        "databases/labelhouse.yaml": _database(),
    }
    files |= {f"datasets/labelhouse/{name}.yaml": dataset for name, dataset in datasets.items()}
    for path in sorted(SOURCE.glob("*.yaml")):
        if path.name == "datasets.yaml":
            continue
        source = _read(path)
        for chart in (chart for row in source["rows"] for chart in row):
            name = f"{path.stem}_{file_name(chart['name'])}"
            files[f"charts/{name}.yaml"] = _chart(name, chart, datasets[chart["dataset"]])
            chart["uuid"] = files[f"charts/{name}.yaml"]["uuid"]
        uuids = {name: dataset["uuid"] for name, dataset in datasets.items()}
        files[f"dashboards/{path.stem}.yaml"] = dashboard(identity("dashboard", path.stem), source, uuids)
    return files


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML ships no types.
    """Writes texts of several lines as they are, between bars."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def write(files: Mapping[str, Document], folder: Path) -> None:
    """Write the documents into a folder, which holds nothing else afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, document in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=108)
        (folder / name).write_text(text, encoding="utf-8")


def identity(kind: str, name: str) -> str:
    """Return the UUID that a thing of the bundle keeps for good: importing again updates it."""
    return str(uuid5(NAMESPACE_URL, f"labelhouse/superset/{kind}/{name}"))


def file_name(title: str) -> str:
    """Return a title as a file name: `Labels per class` as `labels_per_class`."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def published_sample(folder: Path) -> Path:
    """Publish a small sample and return the file."""
    import labelhouse
    from labelhouse.cli.sample import write_sample

    write_sample(folder / "export.zip")
    labelhouse.ingest(folder / "warehouse", folder / "export.zip", jobs=1)
    return Path(labelhouse.publish(folder / "warehouse").path)


def _read(path: Path) -> Document:
    document: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def _database() -> Document:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": f"duckdb:///{EXAMPLE_FILE}",
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "engine_params": {"connect_args": CONNECT_ARGS},
            "allows_virtual_table_explore": True,
        },
        "uuid": identity("database", DATABASE),
        "version": "1.0.0",
    }


def _datasets(published: Path, sources: Document) -> Iterator[tuple[str, Document]]:
    tables: dict[str, tuple[str, list[Document]]] = {}
    with duckdb.connect(str(published), read_only=True) as connection:
        for table, comment, column, kind, description in connection.execute(COLUMNS).fetchall():
            tables.setdefault(table, (comment, []))[1].append(_column(column, kind, description))
    for name, (comment, columns) in tables.items():
        yield name, _dataset(name, comment, columns, sources.get(name) or {})
    for name, source in sources.items():
        if "sql" in source:
            columns = [_column(column, *about) for column, about in source["types"].items()]
            yield name, _dataset(name, source["description"], columns, source)


def _dataset(name: str, description: str, columns: list[Document], source: Document) -> Document:
    computed = [
        _column(column, about["type"], about["description"], about["sql"])
        for column, about in (source.get("columns") or {}).items()
    ]
    metrics = [
        {
            "metric_name": metric,
            "verbose_name": about["title"],
            "metric_type": None,
            "expression": about["sql"],
            "description": about.get("description"),
            "d3format": about.get("format"),
        }
        for metric, about in (
            source.get("metrics") or {"count": {"title": "Rows", "sql": "count(*)"}}
        ).items()
    ]
    return {
        "table_name": name,
        "main_dttm_col": _night(columns),
        "description": description,
        "schema": "main",
        "sql": source.get("sql"),
        "filter_select_enabled": True,
        "always_filter_main_dttm": False,
        "normalize_columns": False,
        "uuid": identity("dataset", name),
        "metrics": metrics,
        "columns": [*columns, *computed],
        "version": "1.0.0",
        "database_uuid": identity("database", DATABASE),
    }


def _night(columns: list[Document]) -> str | None:
    return next((column["column_name"] for column in columns if column["column_name"] == "night"), None)


def _column(name: str, kind: str, description: str, expression: str | None = None) -> Document:
    return {
        "column_name": name,
        "verbose_name": name.replace("_", " "),
        "type": kind,
        "is_dttm": kind.startswith(("TIMESTAMP", "DATE")),
        "is_active": True,
        "groupby": True,
        "filterable": True,
        "expression": expression,
        "description": description,
    }


def _chart(name: str, chart: Document, dataset: Document) -> Document:
    return {
        "slice_name": chart["name"],
        "description": chart.get("description"),
        "viz_type": chart_params(chart, dataset)["viz_type"],
        "params": chart_params(chart, dataset),
        "query_context": query_context(chart, dataset),
        "cache_timeout": None,
        "uuid": identity("chart", name),
        "version": "1.0.0",
        "dataset_uuid": dataset["uuid"],
    }


def main() -> None:
    """Write the bundle of the file that is given, or of a sample's."""
    with tempfile.TemporaryDirectory() as folder:
        published = Path(sys.argv[1]) if len(sys.argv) > 1 else published_sample(Path(folder))
        write(bundle(published), BUNDLE)


if __name__ == "__main__":
    main()
