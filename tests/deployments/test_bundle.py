"""The bundle for Superset is what its sources and the published file's schema give."""

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.dashboard_sql import ANNOTATION_OPERATIONS, LABEL_HEALTH, PEOPLE_AND_TIME
from tests.support.sets import slow

DEPLOYMENT = Path(__file__).parents[2] / "deployments" / "superset"
sys.path.insert(0, str(DEPLOYMENT))
import build_bundle  # noqa: E402  (lies beside the bundle)
from import_bundle import bundle_zip  # noqa: E402

OF_THE_FILE = "Published (UTC)"


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    """The documents of the bundle by their paths."""
    return {
        path.relative_to(build_bundle.BUNDLE).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in build_bundle.BUNDLE.rglob("*.yaml")
    }


@slow
def test_the_bundle_is_what_the_published_file_and_the_sources_give(
    tmp_path: Path, committed: dict[str, Any]
) -> None:
    built = build_bundle.bundle(build_bundle.published_sample(tmp_path))
    assert committed == built, "run: make bundle"


def test_each_column_of_each_dataset_is_described(committed: dict[str, Any]) -> None:
    columns = [
        (name, column["column_name"], bool(column["description"]))
        for name, dataset in committed.items()
        if name.startswith("datasets/")
        for column in dataset["columns"]
    ]
    assert [column for column in columns if not column[2]] == []
    assert len(columns) > 100


def test_each_chart_is_held_to_sql(committed: dict[str, Any]) -> None:
    charts = [document["slice_name"] for name, document in committed.items() if name.startswith("charts/")]
    assert sorted(charts) == sorted([*LABEL_HEALTH, *ANNOTATION_OPERATIONS, *PEOPLE_AND_TIME, OF_THE_FILE])


def test_each_dashboard_filters_by_project_class_and_night(committed: dict[str, Any]) -> None:
    filters = {
        document["slug"]: [wanted["name"] for wanted in document["metadata"]["native_filter_configuration"]]
        for name, document in committed.items()
        if name.startswith("dashboards/")
    }
    assert filters == {
        "annotation-operations": ["Project", "Class", "Night"],
        "label-health": ["Project", "Class", "Night"],
        "people-and-time": ["Project", "Class", "Person", "Night"],
    }


def test_an_import_names_the_file_that_is_given() -> None:
    with zipfile.ZipFile(io.BytesIO(bundle_zip("/srv/it's here/labels.duckdb"))) as archive:
        database = yaml.safe_load(archive.read("bundle/databases/labelhouse.yaml"))
        metadata = yaml.safe_load(archive.read("bundle/metadata.yaml"))
    assert database["sqlalchemy_uri"] == "duckdb:////srv/it's here/labels.duckdb"
    assert database["extra"]["engine_params"] == {"connect_args": build_bundle.CONNECT_ARGS}
    assert metadata["type"] == "assets"
