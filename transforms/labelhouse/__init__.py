"""Labelhouse: label exports (COCO JSON) become a warehouse that people query with SQL."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelhouse.warehouse.snapshots import connect

__all__ = ["__version__", "connect"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # DuckDB is loaded when a warehouse is opened, not when the package is imported.
    if name == "connect":
        from labelhouse.warehouse.snapshots import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
