"""Read from the names of data files which ingest wrote them, and find files that no catalog knows."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import duckdb

from labelhouse.lake.checksums import CHECKSUMS, read_checksums
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse_layout import DATA

_INGEST_FILE = re.compile(r"(\d{8}T\d{6}-(\d{6,18})-[0-9a-f]{6})-.+\.parquet", re.ASCII)
_NUMBER = re.compile(rb'/\d{8}T\d{6}-(\d{6,18})-[0-9a-f]{6}-[^"/]+\.parquet"')


def registered_files(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of the files that the attached catalog knows, of any snapshot."""
    return {name for (name,) in connection.execute(statement("lake/registered_files")).fetchall()}


def data_files(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files in the folders of the tables."""
    for table in _entries(folder / DATA / "main"):
        if table.is_dir():
            yield from (Path(file.path) for file in _entries(table) if file.name.endswith(".parquet"))


def ingest_of(name: str) -> str | None:
    """Return the ingest that staged a file, from the file's name; None for another kind of file.

    >>> ingest_of("20260131T020000-000007-0a1b2c-labels-all.parquet")
    '20260131T020000-000007-0a1b2c'
    """
    match = _INGEST_FILE.fullmatch(name)
    return match[1] if match else None


def highest_ingest_number(folder: Path) -> int:
    """Return the highest number of an ingest whose files exist, or have a checksum."""
    numbers = [number for _, number in _numbered(folder)]
    try:
        numbers += map(int, _NUMBER.findall((folder / CHECKSUMS).read_bytes()))
    except OSError:
        pass
    return max(numbers, default=0)


def highest_committed_number(folder: Path, known: int) -> int:
    """Return the highest number, above a known one, of a file that exists and has a checksum; else 0."""
    if not (newer := [(name, number) for name, number in _numbered(folder) if number > known]):
        return 0
    hashed = {PurePosixPath(path).name for path in read_checksums(folder)}
    return max((number for name, number in newer if name in hashed), default=0)


def _numbered(folder: Path) -> Iterator[tuple[str, int]]:
    for file in data_files(folder):
        if match := _INGEST_FILE.fullmatch(file.name):
            yield file.name, int(match[2])


def _entries(place: os.PathLike[str] | str) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
