"""Labelhouse: label exports (COCO JSON) become a warehouse that people query with SQL."""

from typing import TYPE_CHECKING, Any

from labelhouse.version import __version__

if TYPE_CHECKING:
    from labelhouse.errors import LabelhouseError
    from labelhouse.ingestion.run import IngestSession
    from labelhouse.verbs import (
        ask,
        changes,
        check,
        compare,
        connect,
        dataset,
        export,
        forget,
        ingest,
        maintain,
        migrate,
        night,
        publish,
        pull,
        query,
        refresh,
        report,
        share,
        status,
        verify,
    )

__all__ = [
    "IngestSession",
    "LabelhouseError",
    "__version__",
    "ask",
    "changes",
    "check",
    "compare",
    "connect",
    "dataset",
    "export",
    "forget",
    "ingest",
    "maintain",
    "migrate",
    "night",
    "publish",
    "pull",
    "query",
    "refresh",
    "report",
    "share",
    "status",
    "verify",
]

_HOMES = {"LabelhouseError": "labelhouse.errors", "IngestSession": "labelhouse.ingestion.run"}


def __getattr__(name: str) -> Any:
    # DuckDB is loaded when a warehouse is opened, not when the package is imported.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "labelhouse.verbs")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
