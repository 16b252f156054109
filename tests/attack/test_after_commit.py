"""What fails after COMMIT undoes nothing: the source is reported as committed, the next start tidies up."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify

from tests.support.aliases import Rows
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import slow

FAILING: list[str] = []
"""Files whose removal fails, by the end of their path."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "os.remove" and FAILING and os.fspath(arguments[0]).endswith(tuple(FAILING)):
        raise OSError(errno.EIO, "Input/output error")


@pytest.fixture(scope="module", autouse=True)
def _hooked() -> Iterator[None]:
    sys.addaudithook(_hook)
    yield
    FAILING.clear()


def load(warehouse: Path, *sources: Path) -> list[tuple[str, str | None]]:
    reports = list(ingest(warehouse, [str(source) for source in sources], IngestOptions(jobs=1)))
    return [(report.status, report.error.code.value if report.error else None) for report in reports]


def ledger(warehouse: Path) -> Rows:
    with connect(warehouse) as connection:
        sql = "select ingest_number, status, error_code from ingests order by ingest_number"
        return connection.execute(sql).fetchall()


@slow
def test_a_file_that_cannot_be_removed_after_the_commit_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse = tmp_path / "warehouse"
    for name, documents in (("a", [unit("a")]), ("b", [unit("b")]), ("bad", {})):
        (tmp_path / f"{name}.json").write_text(json.dumps(documents))
    a, b, bad = (tmp_path / f"{name}.json" for name in ("a", "b", "bad"))
    assert load(warehouse, a) == [("committed", None)]
    # It waits for the next commit.
    assert load(warehouse, a) == [("unchanged", None)]
    FAILING.extend(["/pending/2.json", "/3.json", "/4.json"])
    caplog.clear()
    assert load(warehouse, b, bad) == [("committed", None), ("rejected", "NOT_AN_EXPORT")]
    assert caplog.messages == [
        "committed, but the record of the ingest is still there (Input/output error)",
        "committed, but rows that waited are still there (Input/output error)",
        "committed, but the record of the ingest is still there (Input/output error)",
        "committed, but rows that waited are still there (Input/output error)",
    ]
    FAILING.clear()
    assert load(warehouse, b) == [("unchanged", None)]
    assert ledger(warehouse) == [
        (1, "committed", None),
        (2, "unchanged", None),
        (3, "committed", None),
        (4, "rejected", "NOT_AN_EXPORT"),
        (5, "unchanged", None),
    ]
    assert not list((warehouse / "staging").glob("run-*"))
    assert verify(warehouse).findings == []
