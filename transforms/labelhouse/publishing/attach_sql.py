"""SQL that attaches a warehouse, or its published file, in a DuckDB without this package."""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from labelhouse.errors import UsageError
from labelhouse.lake.catalog_copy import copy_catalog
from labelhouse.lake.engine import extension_file
from labelhouse.places.finding import place_of
from labelhouse.publishing.publish import FILE, FOLDER
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import is_url
from labelhouse.sql_quoting import quote_literal
from labelhouse.warehouse.opening import require_warehouse
from labelhouse.warehouse_layout import DATA

_EXTENSIONS = {"ducklake": "ducklake", "sqlite": "sqlite_scanner"}


def published_sql(warehouse: Path) -> str:
    """Return the SQL for the published file; raises UsageError if there is none."""
    place = place_of(warehouse)
    place.require_warehouse()
    path = place.workspace / FOLDER / FILE
    if place.published is not None and not is_url(place.published):
        path = Path(place.published)
    if not path.is_file():
        raise UsageError(
            ReasonCode.USAGE,
            "nothing is published",
            where=str(path),
            remedy="run 'labelhouse publish', or attach a copy of the catalog: --copy FILE",
        )
    return (
        "-- The published file: any DuckDB from 1.0 on, without extensions or network.\n"
        f"ATTACH {quote_literal(str(path))} AS labels (READ_ONLY);\n"
        "USE labels;\n"
    )


def copied_sql(warehouse: Path, copy: Path, *, is_offline: bool = False) -> str:
    """Copy the catalog to a new file and return the SQL that attaches it with DuckLake.

    The copy shows one state, which loads do not change. With `is_offline` the extensions are those of the
    installed Python packages, else DuckDB downloads them. Raises UsageError if the file exists.
    """
    folder, path = place_of(warehouse).require_folder("attach --copy"), copy.absolute()
    require_warehouse(folder)
    if path.exists() or not path.parent.is_dir() or folder in path.parents:
        raise UsageError(
            ReasonCode.USAGE,
            "cannot hold the copy",
            where=str(path),
            remedy="give a new file in a folder that exists, outside the warehouse",
        )
    copy_catalog(folder / "catalog.sqlite", path)
    lines = [f"-- A copy of the catalog, for DuckDB {duckdb.__version__} with DuckLake: one state, whole."]
    for name, module in _EXTENSIONS.items():
        if is_offline and find_spec(f"duckdb_extension_{module}"):
            lines.append(f"LOAD {quote_literal(str(extension_file(module)))};")
        else:
            lines += [f"INSTALL {name};", f"LOAD {name};"]
    options = f"READ_ONLY, DATA_PATH {quote_literal(f'{folder / DATA}/')}, OVERRIDE_DATA_PATH true"
    lines += [f"ATTACH {quote_literal(f'ducklake:sqlite:{path}')} AS lake ({options});", "USE lake;", ""]
    return "\n".join(lines)
