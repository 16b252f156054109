"""The dbt project reads the published file, and its sources are the tables that the file has."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import labelhouse
import pytest
from labelhouse.cli.sample import write_sample

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "deployments" / "dbt"
HOME = ROOT / ".bench" / "dbt"

sys.path.insert(0, str(PROJECT))
import build_sources  # noqa: E402  (lies beside the project)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    write_sample(folder / "export.zip")
    labelhouse.ingest(folder / "warehouse", folder / "export.zip", jobs=1)
    return Path(labelhouse.publish(folder / "warehouse").path)


def test_the_sources_are_the_tables_of_the_published_file(published: Path) -> None:
    assert build_sources.FILE.read_text(encoding="utf-8") == build_sources.sources(published)


@pytest.mark.bi
def test_dbt_builds_the_example_on_the_published_file(published: Path, tmp_path: Path) -> None:
    dbt = HOME / "bin" / "dbt"
    if not dbt.exists():
        subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        packages = ("install", "--quiet", "--disable-pip-version-check", "-r", PROJECT / "requirements.txt")
        subprocess.run([HOME / "bin" / "python", "-m", "pip", *packages], check=True)
    before = published.read_bytes()
    settings = {
        "LABELHOUSE_PUBLISHED": str(published),
        "DBT_DATABASE": str(tmp_path / "dbt.duckdb"),
        "DO_NOT_TRACK": "1",
    }
    folders = ("--project-dir", PROJECT, "--profiles-dir", PROJECT)
    places = ("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs")
    done = subprocess.run(
        [dbt, "build", *folders, *places], env=os.environ | settings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / "target" / "run_results.json").read_text())["results"]
    assert sorted(result["status"] for result in results) == ["pass", "success"]
    with duckdb.connect(settings["DBT_DATABASE"]) as database:
        database.execute(f"attach '{published}' as published (read_only)")
        shares = database.execute("select category_name, label_count, share from class_share").fetchall()
        labels = database.execute(
            "select category_name, count(*) from published.labels group by category_name"
        ).fetchall()
    total = sum(count for _, count in labels)
    assert {(name, count, round(share, 9)) for name, count, share in shares} == {
        (name, count, round(count / total, 9)) for name, count in labels
    }
    assert published.read_bytes() == before
