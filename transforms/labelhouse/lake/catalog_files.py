"""Read from a copy of a catalog the names of the data files that it knows."""

from pathlib import Path, PurePosixPath

from labelhouse.lake.catalog_copy import copied, open_copy
from labelhouse.sql_library.statements import statement


def known_names(catalog: Path) -> set[str]:
    """Return the names of all files that a copy of a catalog knows; raises sqlite3.DatabaseError."""
    return _names(catalog, "lake/catalog_known_files")


def registered_names(catalog: Path) -> set[str]:
    """Return the names of the files that some snapshot in a copy of a catalog needs."""
    return _names(catalog, "lake/catalog_registered_files")


def live_names(catalog: Path) -> set[str]:
    """Return the names of the files of the newest snapshot in a copy of a catalog."""
    return _names(catalog, "lake/catalog_live_files")


def is_registered(folder: Path, name: str) -> bool:
    """Return whether a snapshot in the current catalog needs a file: maintenance may have removed it."""
    with copied(folder) as copy:
        return name in registered_names(copy)


def _names(catalog: Path, name: str) -> set[str]:
    with open_copy(catalog) as opened:
        return {PurePosixPath(path).name for (path,) in opened.execute(statement(name))}
