"""What the tests share: tiny exports, and a warehouse of their own."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from labelhouse.ingestion import run as ingesting
from labelhouse.ingestion.parse_pool import Worker
from labelhouse.ingestion.run import IngestOptions, IngestReport, ingest

from tests.support.exports import unit

LONGEST = (
    "export_corpus",
    "flows",
    "maintain",
    "corpus_tables",
    "label_history",
    "publish",
    "faults",
    "marts",
    "numbers",
    "export",
)
"""Test modules that take minutes; begun last, one of them would keep a single process busy at the end."""


def pytest_configure() -> None:
    """Let interrupts through to what the tests start: a shell's background jobs pass on to ignore them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest modules; within each, and among the others, the order stays."""
    names = {f"test_{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: names.get(item.path.name, len(names)))


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A folder for a warehouse; its name would trip whoever takes a path for a glob or SQL."""
    return tmp_path / "it's a [1] warehouse"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, object], str]:
    """Write a JSON file and return its path."""

    def _write(name: str, value: object) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)

    return _write


class KeptWorker(Worker):
    """A parsing process that one load leaves to the next, as one source does."""

    def close(self) -> None:
        """End the process only if it has died."""
        if self._process is not None and self._process.poll() is not None:
            super().close()

    def end(self) -> None:
        """End the process."""
        super().close()


@pytest.fixture(scope="session")
def kept_worker() -> Iterator[KeptWorker | None]:
    """A parsing process that the loads of a session share: its start costs more than they do.

    A module whose tests are about processes has none.
    """
    worker = KeptWorker()
    yield worker
    worker.end()


@pytest.fixture
def load(
    warehouse: Path, kept_worker: KeptWorker | None, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[IngestReport]]:
    """Load sources into the warehouse and return the reports.

    Loads in one process without limits of their own share a parsing process.
    """

    def _load(*sources: str, **options: object) -> list[IngestReport]:
        given = {"jobs": 1, **options}
        with monkeypatch.context() as patched:
            if kept_worker is not None and given["jobs"] == 1 and "limits" not in given:
                patched.setattr(ingesting, "started_workers", lambda *_: nullcontext([kept_worker]))
            return list(ingest(warehouse, sources, IngestOptions(**given)))  # type: ignore[arg-type]

    return _load


@pytest.fixture(scope="session")
def one_unit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with unit("a"), to be read only: the tests of a session share it."""
    folder = tmp_path_factory.mktemp("one unit")
    source = folder / "a.json"
    source.write_text(json.dumps([unit("a")]), encoding="utf-8")
    list(ingest(folder / "warehouse", [str(source)], IngestOptions(jobs=1)))
    return folder / "warehouse"
