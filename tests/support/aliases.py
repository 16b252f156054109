"""Types that many tests name: what fixtures give, rows, records."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Protocol, TypedDict, Unpack

from labelhouse.ingestion.run import IngestReport
from labelhouse.limits import Limits

Record = dict[str, Any]
"""A JSON object: a document, image, label, or a row of the ledger."""

Rows = list[tuple[Any, ...]]
"""The rows of a query, as DuckDB returns them."""

ImportBenchmark = Callable[[str], ModuleType]
"""Import a module of the benchmarks by its name."""


class LoadOptions(TypedDict, total=False):
    """The options of an ingest, for those that a test gives."""

    project: str
    full: bool
    jobs: int
    max_bad: float
    dry_run: bool
    reader: str
    limits: Limits
    again: bool
    documents: Sequence[str]
    gone: Sequence[str]


class Load(Protocol):
    """Load sources into the warehouse of a test."""

    def __call__(self, *sources: str, **options: Unpack[LoadOptions]) -> list[IngestReport]: ...


class Write(Protocol):
    """Write a value as a JSON file and return its path."""

    def __call__(self, name: str, value: object) -> str: ...


class LoadDocuments(Protocol):
    """Load lists of documents in one commit and return the last ledger row."""

    def __call__(
        self, *sources: list[Any], project: str = "default", full: bool = False, again: bool = False
    ) -> Record: ...
