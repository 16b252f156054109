"""What the tests share: tiny exports, and a warehouse of their own."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

import pytest
from labelhouse.ingestion.run import IngestOptions, IngestReport

from tests.support.aliases import Load, LoadOptions, Write
from tests.support.command_line import end_server
from tests.support.exports import unit
from tests.support.ingesting import end_shared_process, ingest
from tests.support.sets import COVERS, IS_SHORT, SET


def pytest_configure(config: pytest.Config) -> None:
    """Let interrupts through to what the tests start: a shell's background jobs pass on to ignore them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _keep_compiled_modules(config)
    if IS_SHORT:
        _take_one_core(os.environ.get("PYTEST_XDIST_WORKER"))


def _keep_compiled_modules(config: pytest.Config) -> None:
    """Compile a module once, where the environment forbids to keep it: tests, and what they start."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(config.rootpath / ".pytest_cache" / "modules"))
        # Workers of pytest get it from here: to compile all tests takes each of them ten seconds.
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"]
        sys.dont_write_bytecode = False


def _take_one_core(worker: str | None) -> None:
    """Keep each of several testing processes to a core: threads of small loads would wait for each other.

    All tests, in their other set, run on all cores.
    """
    if worker is not None and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_report_header() -> list[str]:
    """Say what the set of tests covers."""
    return [f"set: {SET}", *COVERS[SET]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out of the short set."""
    if IS_SHORT:
        left_out = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A folder for a warehouse; its name would trip whoever takes a path for a glob or SQL."""
    return tmp_path / "it's a [1] warehouse"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a JSON file and return its path."""

    def _write(name: str, value: object) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)

    return _write


@pytest.fixture(scope="session", autouse=True)
def _ends_shared_processes() -> Iterator[None]:
    yield
    end_shared_process()
    end_server()


@pytest.fixture
def load(warehouse: Path) -> Load:
    """Load sources into the warehouse and return the reports."""

    def _load(*sources: str, **options: Unpack[LoadOptions]) -> list[IngestReport]:
        load_options: LoadOptions = {"jobs": 1, **options}
        return list(ingest(warehouse, sources, IngestOptions(**load_options)))

    return _load


@pytest.fixture(scope="session")
def one_unit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with unit("a"), to be read only: the tests of a session share it."""
    folder = tmp_path_factory.mktemp("one unit")
    source = folder / "a.json"
    source.write_text(json.dumps([unit("a")]), encoding="utf-8")
    list(ingest(folder / "warehouse", [str(source)], IngestOptions(jobs=1)))
    return folder / "warehouse"
