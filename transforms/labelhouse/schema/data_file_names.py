"""Know the data files of a warehouse by their names: nothing else below data/ is ever removed."""

import re

from labelhouse.schema.mart_tables import MART_TABLES
from labelhouse.schema.warehouse_tables import TABLES

_INGEST = r"\d{8}T\d{6}-\d{6,18}-[0-9a-f]{6}"
_RUN = r"run-\d{8}T\d{6}-[0-9a-f]{8}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_STAGED = re.compile(
    rf"(?:{_INGEST}(?:-part\d{{1,4}})?|{_RUN})-(?P<table>\w+)-(?:all|\d{{4,9}})\.parquet", re.ASCII
)
_WRITTEN_BY_DUCKLAKE = re.compile(rf"ducklake-{_UUID}(?:-delete)?\.parquet", re.ASCII)
TABLE_NAMES = frozenset(table.name for table in (*TABLES, *MART_TABLES))


def is_data_file(table: str, name: str) -> bool:
    """Return whether a file in the folder of a table is, by its name, data of Labelhouse or DuckLake.

    >>> is_data_file("images", "20260131T020000-000007-0a1b2c-images-all.parquet")
    True
    >>> is_data_file("images", "ducklake-01a2229e-33cd-7387-b23d-c067fc81d3c8-delete.parquet")
    True
    >>> is_data_file("images", "images.parquet")
    False
    """
    if table not in TABLE_NAMES:
        return False
    staged = _STAGED.fullmatch(name)
    return staged["table"] == table if staged else _WRITTEN_BY_DUCKLAKE.fullmatch(name) is not None
