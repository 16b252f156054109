"""Ingest as the product does; what costs more than a small load is made once for the tests of a process."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import labelhouse
from labelhouse.ingestion import run
from labelhouse.ingestion.parse_pool import Worker
from labelhouse.ingestion.run import IngestOptions, IngestReport, IngestResult, IngestSession
from labelhouse.texts.names import refuse_unusable_project
from labelhouse.warehouse.opening import open_warehouse

_shared = Worker()


def ingest(folder: Path, sources: Sequence[str], options: IngestOptions) -> Iterator[IngestReport]:
    """Ingest into the warehouse at `folder`, made by copying an empty one if nothing is there.

    A load with one process uses the parsing process that all such loads share.
    """
    refuse_unusable_project(options.project)
    make_warehouse(folder)
    yield from run.ingest(folder, sources, options, workers=[_shared] if options.jobs == 1 else [])


class Sessions:
    """Warehouses that stay open for several loads, each with the shared parsing process."""

    def __init__(self) -> None:
        self._open: dict[Path, IngestSession] = {}

    def ingest(
        self, folder: Path, sources: Sequence[str], options: IngestOptions
    ) -> Iterator[IngestReport]:
        """Ingest as the function does, into a warehouse that stays open."""
        if folder not in self._open:
            self._open[folder] = IngestSession(make_warehouse(folder), workers=[_shared])
        yield from self._open[folder].ingest(sources, options)

    def close(self) -> None:
        """Close the warehouses; a load opens its own again."""
        for opened in self._open.values():
            opened.close()
        self._open.clear()


@contextmanager
def session(folder: Path) -> Iterator[IngestSession]:
    """Open the warehouse at `folder` for several loads, which share it and the parsing process."""
    with IngestSession(make_warehouse(folder), workers=[_shared]) as opened:
        yield opened


def ingest_verb(
    warehouse: Path, sources: Path | Sequence[Path | str] | str, **options: Any
) -> IngestResult:
    """Call the verb `labelhouse.ingest` with the shared parsing process, perhaps for a new warehouse."""
    with session(warehouse) as opened:
        return labelhouse.ingest(opened, sources, jobs=1, **options)


def make_warehouse(folder: Path) -> Path:
    """Copy an empty warehouse to `folder` if nothing is there; return the folder."""
    if not folder.exists():
        shutil.copytree(_empty_warehouse(), folder)
    return folder


@cache
def _empty_warehouse() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="empty-warehouse-")) / "warehouse"
    with open_warehouse(folder):
        pass
    return folder


def end_shared_process() -> None:
    """End the parsing process, and remove the empty warehouse."""
    _shared.close()
    if _empty_warehouse.cache_info().currsize:
        shutil.rmtree(_empty_warehouse().parent)
