"""What stands outside the rooms uses the verbs for what they do."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = {
    "labelhouse.ingestion.run": {"ingest"},
    "labelhouse.querying.query": {"query"},
    "labelhouse.querying.dataset": {"dataset"},
    "labelhouse.querying.ask": {"ask"},
    "labelhouse.querying.check": {"check"},
    "labelhouse.querying.changes": {"changes"},
    "labelhouse.querying.compare": {"compare"},
    "labelhouse.querying.status": {"status"},
    "labelhouse.exporting.run": {"export"},
    "labelhouse.marts.refresh": {"refresh_marts"},
    "labelhouse.publishing.publish": {"publish"},
    "labelhouse.scheduling.run_night": {"run_night"},
    "labelhouse.pulling.pull": {"pull_to_folder"},
    "labelhouse.pulling.warehouse_pull": {"pull_into_warehouse"},
    "labelhouse.reporting.write": {"write_report"},
    "labelhouse.maintenance.forget": {"forget"},
    "labelhouse.maintenance.maintain": {"maintain"},
    "labelhouse.maintenance.migrate": {"migrate"},
    "labelhouse.maintenance.share": {"share"},
    "labelhouse.maintenance.verify": {"verify"},
    "labelhouse.warehouse.snapshots": {"connect"},
}
OUTSIDE = [
    *(ROOT / "flows").glob("*.py"),
    *(ROOT / "transforms" / "labelhouse" / "cli").rglob("*.py"),
    *(ROOT / "benchmarks").rglob("*.py"),
    *(ROOT / "deployments").rglob("*.py"),
]
SPARED = {"benchmarks/checks/every_check.py"}
"""It times each check by itself, which the verb does not tell."""


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_verbs_are_the_only_way_in(path: Path) -> None:
    if str(path.relative_to(ROOT)) in SPARED:
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            taken = {alias.name for alias in node.names} & VERBS.get(node.module or "", set())
            assert not taken, f"{node.module}: {taken}"
