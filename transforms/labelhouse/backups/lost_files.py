"""Find data files that were committed and that the catalog does not know: of commits that it lacks."""

from pathlib import Path, PurePosixPath

from labelhouse.backups.generations import copied
from labelhouse.backups.restorations import accepted_files
from labelhouse.lake.catalog_copy import open_copy
from labelhouse.lake.checksums import read_checksums
from labelhouse.lake.data_files import data_files
from labelhouse.sql_library.statements import statement
from labelhouse.staging.pending_ingests import files_in_flight


def known_names(catalog: Path) -> set[str]:
    """Return the names of all files that a copy of a catalog knows; raises sqlite3.DatabaseError."""
    return _names(catalog, "catalog/known_files")


def registered_names(catalog: Path) -> set[str]:
    """Return the names of the files that some snapshot in a copy of a catalog needs."""
    return _names(catalog, "catalog/registered_files")


def live_names(catalog: Path) -> set[str]:
    """Return the names of the files of the newest snapshot in a copy of a catalog."""
    return _names(catalog, "catalog/live_files")


def is_registered(folder: Path, name: str) -> bool:
    """Ask the catalog as it is now whether a snapshot needs a file: maintenance may have removed it."""
    with copied(folder) as copy:
        return name in registered_names(copy)


def unknown_files(folder: Path, known: set[str]) -> list[Path]:
    """Return files that have a checksum, as what is committed has, but are none of the known ones.

    Not those of processes that are at work, or were killed and wait to be swept, nor those that were given
    up when a catalog was restored. Without the lock a commit may have come between: ask again with what the
    catalog knows then.
    """
    found = [file for file in data_files(folder) if file.name not in known]
    if not found:
        return []
    hashed = {PurePosixPath(path).name for path in read_checksums(folder)}
    given_up = accepted_files(folder)
    in_flight = files_in_flight(folder / "staging")
    return sorted(
        file
        for file in found
        if file.name in hashed and file.name not in given_up and not in_flight(file.name)
    )


def _names(catalog: Path, name: str) -> set[str]:
    with open_copy(catalog) as opened:
        return {PurePosixPath(path).name for (path,) in opened.execute(statement(name))}
