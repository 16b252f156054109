"""Find files where the data lies that belong to nothing: killed processes wrote and did not register them.

DuckLake's own sweep treats the data folder as a glob: in `labels[1]` it would remove the files of
`labels1`.
"""

from datetime import datetime
from pathlib import PurePosixPath

import duckdb

from labelhouse.lake.data_files import registered_files
from labelhouse.lake.warehouse_folder import is_ignorable
from labelhouse.places.place import PlacedFile, WarehousePlace
from labelhouse.schema.data_file_names import TABLE_NAMES, is_data_file

_MAIN = "main"


def orphans_of(
    connection: duckdb.DuckDBPyConnection,
    place: WarehousePlace,
    older_than: datetime,
    *,
    restored_before: datetime,
) -> list[PlacedFile]:
    """Return files of our own that were written before `older_than` and that the catalog does not know.

    Our own files lie in the folder of a table, and their names have the forms that Labelhouse gives. Files
    of commits that the catalog lacks are kept until a restoration gives them up. After that they are kept
    until the restoration is older than `restored_before`. So are the files of processes at work. The caller
    holds the lock, because a commit moves its files there before it registers them.
    """
    known = registered_files(connection)
    orphans = [
        file
        for file in sorted(place.files(), key=lambda file: file.key)
        if _is_ours(file) and _name(file) not in known and file.written_at < older_than
    ]
    if not orphans:
        return []
    is_kept = place.kept_strangers(known, restored_before)
    return [file for file in orphans if not is_kept(_name(file))]


def foreign_files(connection: duckdb.DuckDBPyConnection, place: WarehousePlace) -> list[str]:
    """Return the keys of files that the catalog lacks and whose names are not our own: they stay."""
    known = registered_files(connection)
    return [
        file.key
        for file in place.files()
        if not _is_ours(file) and _name(file) not in known and not is_ignorable(_name(file))
    ]


def _is_ours(file: PlacedFile) -> bool:
    folder, _, table = str(PurePosixPath(file.key).parent).rpartition("/")
    return folder == _MAIN and table in TABLE_NAMES and is_data_file(table, _name(file))


def _name(file: PlacedFile) -> str:
    return PurePosixPath(file.key).name
