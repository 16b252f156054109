"""Every block of code in the README and the docs is run by a test, or is listed with the reason why not."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import labelhouse
import pytest
from labelhouse.cli.sample import write_sample
from labelhouse.scheduling.configuration import read_configuration

from tests.label_rows.test_bad_label_rows import box, frame, video
from tests.support.exports import plain, unit
from tests.support.ingesting import ingest_verb
from tests.support.sets import slow

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"))
)
FENCE = re.compile(r"^(?:- )? *```([^\n]*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)

ELSEWHERE = {
    ("docs/python.md", "python"): "tests/verbs/test_verbs.py",
    ("docs/recipes.md", "python"): "tests/verbs/test_recipes.py",
    ("docs/compare.md", "python"): "tests/cli/test_compare_page.py",
    ("docs/compare.md", "bash"): "tests/cli/test_compare_page.py",
    ("docs/formats.md", "sql"): "tests/ingestion/test_dialects.py",
    ("docs/formats.md", "python"): "tests/ingestion/test_dialects.py",
    ("CONTRIBUTING.md", "sql"): "tests/sql/test_headers.py",
}
"""The tests that run all blocks of a page in a language."""

NOT_HERE = {
    ("native/README.md", "pip install ./native"): "make install does it; .ci/run builds the wheel too",
    ("README.md", "make demo"): "installs into .venv; .ci/run and tests/cli/test_demo.py run what it does",
    ("README.md", "$ labelhouse demo"): "tests/cli/test_demo.py compares it with what the demo prints",
    ("README.md", "labelhouse publish && deployments"): "installs Superset: make test-bi",
    ("docs/bi.md", "labelhouse publish && deployments"): "installs Superset: make test-bi",
    (
        "docs/bi.md",
        "labelhouse publish --to s3://",
    ): "needs an object store; tests/publishing/test_store_publication.py has a real one",
    (
        "docs/bi.md",
        "import json, duckdb, obstore",
    ): "needs an object store; tests/publishing/test_store_publication.py has a real one",
    ("benchmarks/README.md", "python -m benchmarks.compare.run"): "measures for hours",
    (
        "docs/backup.md",
        "labelhouse restore --list",
    ): "needs a lost catalog; tests/attack/test_catalog_loss.py",
    (
        "docs/maintenance.md",
        "labelhouse restore --list",
    ): "needs a lost catalog; tests/attack/test_catalog_loss.py",
    (
        "docs/team.md",
        "pip install",
    ): "needs a database and a store; tests/places/test_shared_warehouse.py has real ones",
    (
        "docs/team.md",
        "labelhouse --warehouse warehouse share",
    ): "needs a database and a store; tests/places/test_share.py has real ones",
    ("docs/team.md", "[warehouse]"): "tests/places/test_warehouse_file.py reads it",
    ("docs/team.md", "create user etl"): "tests/places/test_roles.py runs it",
    ("docs/architecture.md", "__main__"): "a drawing; docs/generate.py writes it from the tree",
    ("docs/architecture.md", "labelhouse ingest SOURCE…"): "a drawing",
    ("docs/architecture.md", "labelhouse publish  "): "a drawing",
    (
        "docs/formats.md",
        "  note: 1 of its documents",
    ): "a message; tests/ingestion/test_document_identity.py has it",
    (
        "docs/load.md",
        "labelhouse ingest s3://",
    ): "needs object stores; tests/ingestion/test_object_stores.py has a real one",
    (
        "docs/load.md",
        "pip install 'labelhouse[encord]'",
    ): "needs Encord's API; tests/pulling/test_warehouse_pull.py has a local one",
    ("docs/python.md", "labelhouse.VERB"): "a form, not code",
    ("docs/python.md", "from airflow.sdk"): "needs Airflow, whose pins exclude those of Prefect",
    (
        "docs/query.md",
        "$ labelhouse changes",
    ): "an output; the recordings in tests/cli/screens/ have its form",
    (
        "docs/recipes.md",
        "labelhouse publish\nlabelhouse attach",
    ): "needs DuckDB's command line; tests/verbs/test_recipes.py runs its statements",
    (
        "docs/upgrades.md",
        "labelhouse: SCHEMA_VERSION",
    ): "a message; tests/maintenance/test_migrate.py has it",
    (
        "docs/upgrades.md",
        "$ labelhouse --warehouse",
    ): "tests/maintenance/test_migrate.py migrates a warehouse of that version",
    ("deployments/README.md", "MAILTO="): "a crontab; tests/scheduling/test_run_night.py runs such nights",
    ("deployments/README.md", "from airflow.sdk"): "needs Airflow, whose pins exclude those of Prefect",
    ("deployments/README.md", "import dagster"): "needs Dagster",
    ("deployments/README.md", "make install"): "installs into .venv",
    ("deployments/README.md", "auth="): "settings of Prefect; tests/flows/ start a server with such",
    ("deployments/README.md", "prefect server start"): "does not end; tests/flows/ start a server",
    (
        "deployments/README.md",
        "prefect work-pool create",
    ): "does not end; tests/flows/ deploy and run the worker",
    ("deployments/README.md", "prefect flow-run ls"): "needs the server above",
    (
        "deployments/README.md",
        "sudo useradd",
    ): "needs root and systemd; tests/deployments/test_units.py reads the units",
    (
        "deployments/README.md",
        "cp deployments/prefect.env.example",
    ): "needs Docker; tests/deployments/test_units.py reads the compose file",
    (
        "deployments/README.md",
        "prefect deployment run nightly-ingest/nightly --watch\n",
    ): "needs the server above; tests/flows/ run it",
    (
        "deployments/README.md",
        "prefect artifact inspect",
    ): "needs the server above; tests/flows/ read the artifacts",
    ("deployments/README.md", "read -rs ALERT_URL"): "asks for a secret; tests/flows/ run create_alerts.py",
    ("deployments/README.md", "    actions:"): "a part of alerts.yaml",
    ("deployments/README.md", "prefect deployment schedule ls"): "needs the server above",
    (
        "deployments/README.md",
        "prefect deployment run weekly-maintenance",
    ): "needs the server above; tests/flows/ run it",
    ("deployments/README.md", "prefect flow-run retry"): "needs the server above",
    ("deployments/README.md", "prefect flow serve"): "does not end",
    ("deployments/README.md", "prefect config set PREFECT_SERVER_DATABASE"): "needs Postgres",
    (
        "deployments/README.md",
        "labelhouse --warehouse warehouse publish\ndeployments",
    ): "installs Superset: make test-bi",
    (
        "deployments/README.md",
        "python deployments/superset/import_bundle.py",
    ): "needs a Superset elsewhere: make test-bi has its own",
    (
        "deployments/README.md",
        "python -m venv dbt-venv",
    ): "installs dbt: make test-bi, tests/deployments/test_dbt.py",
}
"""Blocks that this test does not run, by their page and beginning, and why."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its page, its language and its text."""

    page: str
    language: str
    text: str

    @property
    def reason(self) -> str | None:
        """Why the block is not run here, or which test runs it."""
        for (page, beginning), reason in NOT_HERE.items():
            if page == self.page and self.text.startswith(beginning):
                return reason
        return ELSEWHERE.get((self.page, self.language.partition(" ")[0]))


def blocks() -> Iterator[Block]:
    """Yield all blocks of all pages."""
    for page in PAGES:
        for language, text in FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
            yield Block(page, language.strip(), text)


BLOCKS = list(blocks())
RUN = {page: [b for b in BLOCKS if b.page == page and b.reason is None] for page in PAGES}


def test_what_is_not_run_here_is_there_and_has_a_test_or_a_reason() -> None:
    assert len(BLOCKS) > 80
    unused = [
        (page, beginning)
        for page, beginning in NOT_HERE
        if not any(b.page == page and b.text.startswith(beginning) for b in BLOCKS)
    ]
    assert unused == []
    for (page, _), test in ELSEWHERE.items():
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8"), test
    for reason in NOT_HERE.values():
        for named in re.findall(r"tests/[\w/.]+", reason):
            assert (ROOT / named.rstrip(".")).exists(), named


def test_every_other_block_is_one_that_this_test_can_run() -> None:
    assert {b.language for page in PAGES for b in RUN[page]} <= {"bash", "python", "toml"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the pages speak of: exports, projects, predictions, checks, a waiver."""
    folder = tmp_path_factory.mktemp("world")
    write_sample(folder / "export.zip")
    harbour = unit("harbour_01", labels=3)
    for path, content in {
        "exports/labels_2026-11-26.json": [harbour],
        "exports/labels_2026-11-27.json": [harbour],
        "more/a/b.json": [unit("b", labels=2)],
        "more/c.json": plain(labels=2),
        "runs/run_17/labels.json": plain(labels=2),
        "tmp/tmp8f3a.json": plain(labels=2),
        "cars/valid/_annotations.json": plain(labels=2),
        "annotators/a.json": plain(labels=3),
        "annotators/b.json": plain(labels=3),
    }.items():
        write(folder / path, content)
    write(folder / "rows.json", [video(frame(box()))])
    write(folder / "ontology.json", {"objects": [], "classifications": []})
    subprocess.run(["gzip", "-k", folder / "more" / "c.json"], check=True)
    warehouse = folder / "warehouse"
    ingest_verb(warehouse, folder / "export.zip", project="harbour")
    ingest_verb(warehouse, folder / "exports" / "labels_2026-11-27.json", project="cars")
    for project in ("anna", "bert"):
        ingest_verb(warehouse, folder / "annotators" / "a.json", project=project)
    ingest_verb(warehouse, folder / "cars", project="cars")
    labelhouse.publish(warehouse)
    for shift in range(3):
        write(folder / "only.json", [unit("harbour_01", labels=3, shift=shift)])
        ingest_verb(folder / "only", folder / "only.json", project="harbour")
    check, question = (
        block.text for block in BLOCKS if (block.page, block.language) == ("CONTRIBUTING.md", "sql")
    )
    for name, sql in (("checks/tiny_boxes", check), ("queries/wide_labels", question)):
        (folder / "mine" / f"{name}.sql").parent.mkdir(parents=True, exist_ok=True)
        (folder / "mine" / f"{name}.sql").write_text(sql, encoding="utf-8")
    [waiver] = (
        block.text for block in BLOCKS if (block.page, block.language) == ("docs/checks.md", "toml")
    )
    (folder / "waivers.toml").write_text(waiver, encoding="utf-8")
    return folder


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@slow
@pytest.mark.parametrize("page", [page for page in PAGES if RUN[page]])
def test_the_blocks_of_a_page_run_in_their_order(page: str, world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    shutil.copytree(world, folder)
    for block in RUN[page]:
        if block.language == "python":
            script = block.text.replace(".df()", ".fetchall()")
            subprocess.run(
                [sys.executable, "-c", script], cwd=folder, check=True, stdout=subprocess.DEVNULL
            )
        elif block.language == "toml":
            if "[[source]]" in block.text:
                (folder / "sources.toml").write_text(
                    f'warehouse = "warehouse"\n{block.text}', encoding="utf-8"
                )
                assert read_configuration(folder / "sources.toml").sources
        else:
            # Of one project, no command has to name it.
            warehouse = "only" if page == "docs/export.md" else "warehouse"
            run_shell(localised(block.text, folder), folder, LABELHOUSE_WAREHOUSE=warehouse)


def localised(text: str, folder: Path) -> str:
    """Return a block with places, a time and a number of a copy that are here."""
    for place in ("/data/labels", "/srv/bi", "/runs/", "/tmp/tmp8f3a"):
        text = text.replace(place, f"{folder}{place}")
    text = text.replace("2026-01-31T02:00:00Z", datetime.now(UTC).isoformat())
    # A copy is never written over; the page lists two ways to make one.
    text = text.replace("--copy catalog.sqlite --offline", "--copy offline.sqlite --offline")
    if shutil.which("jq") is None:
        text = text.replace("| jq length", "| wc -c")
    return text


def run_shell(script: str, folder: Path, **variables: str) -> None:
    """Run a block as a person does, with labelhouse on the path; each of its commands has to succeed."""
    (folder / "srv" / "bi").mkdir(parents=True, exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    places = {"W": str(folder / "warehouse"), "COPY": str(folder / "copy"), "PATH": path}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | places | variables | {"COLUMNS": "120"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{script}\n{done.stderr[-2000:]}"
