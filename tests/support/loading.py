"""Load many tiny exports quickly: what ingest does, with no process of its own for parsing."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from labelhouse.commit.commit import StagedIngest, commit
from labelhouse.commit.partitions import PART_RECORDS
from labelhouse.ingestion import run as ingesting
from labelhouse.ingestion.run import IngestOptions
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.sources.finding import find_sources
from labelhouse.warehouse.opening import open_warehouse

from tests.support.ingesting import make_warehouse


class Loader:
    """Holds a warehouse open; every load is staged here and committed as ingest does it."""

    def __init__(self, folder: Path, inputs: Path) -> None:
        self._inputs = inputs
        self._stack = ExitStack()
        self.warehouse = self._stack.enter_context(open_warehouse(make_warehouse(folder)))
        self._run = self._stack.enter_context(self.warehouse.place.run_folder(self.warehouse.lock()))

    def __enter__(self) -> "Loader":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def load(
        self,
        *documents_of_sources: list[Any],
        project: str = "default",
        full: bool = False,
        again: bool = False,
        part_records: int = PART_RECORDS,
    ) -> dict[str, Any]:
        """Load sources in one commit; return the last ledger row."""
        paths = []
        for number, documents in enumerate(documents_of_sources):
            paths.append(self._inputs / f"export-{number}.json")
            paths[-1].write_text(json.dumps(documents), encoding="utf-8")
        sources = find_sources([str(path) for path in paths])
        ingests = ingesting._begin(self.warehouse, self._run, sources, project)
        options = IngestOptions(project=project, full=full)
        staged = [
            StagedIngest(ingest, stage_source(ingesting._task(source, ingest, options)))
            for source, ingest in zip(sources, ingests, strict=True)
        ]
        rows = commit(
            self.warehouse, staged, project=project, full=full, again=again, part_records=part_records
        )
        return rows[-1]
