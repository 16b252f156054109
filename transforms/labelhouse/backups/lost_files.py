"""Find committed data files that the catalog does not know because it lacks their commits."""

from pathlib import Path, PurePosixPath

from labelhouse.backups.restorations import accepted_files
from labelhouse.lake.checksums import read_checksums
from labelhouse.lake.data_files import data_files
from labelhouse.staging.pending_ingests import files_in_flight


def unknown_files(folder: Path, known: set[str]) -> list[Path]:
    """Return files that have a checksum, as committed files have, but are not among the known ones.

    This leaves out files of running processes, and of killed processes that wait to be swept. It also
    leaves out files that were given up when a catalog was restored. Without the lock a commit may have come
    between: call again with the files that the catalog knows then.
    """
    unknown = [file for file in data_files(folder) if file.name not in known]
    if not unknown:
        return []
    hashed = {PurePosixPath(path).name for path in read_checksums(folder)}
    given_up = accepted_files(folder)
    in_flight = files_in_flight(folder / "staging")
    return sorted(
        file
        for file in unknown
        if file.name in hashed and file.name not in given_up and not in_flight(file.name)
    )
