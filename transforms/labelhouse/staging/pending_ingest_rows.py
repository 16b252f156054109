"""Write and read the rows of ingests that are in no ledger yet: one JSON file each, below staging/.

Anything may lie there, left by a crash, a copy or a person. A file that is not one of our rows is skipped
with a warning. It stops no process, and it is not lost.
"""

import json
import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from labelhouse.files.durable_files import write_durably
from labelhouse.schema.warehouse_tables import DOUBLE, INGESTS, TIMESTAMP, VARCHAR

MAX_ROW_BYTES = 1 << 20
"""Valid rows take about a kilobyte: a path, a project's name, a reason and some counts."""

_FILE_NAME = re.compile(r"[1-9]\d{0,8}\.json", re.ASCII)
"""Numbers below 2^31: a document's key holds its ingest's number times 2^32."""
_INGEST_ID = re.compile(r"\d{8}T\d{6}-(\d{6,9})-[0-9a-f]{6}", re.ASCII)
_STATUSES = ("committed", "unchanged", "rejected")
_REQUIRED = ("ingest_id", "ingest_number", "project", "source", "started_at", "finished_at", "status")
_MOST_SECONDS = 1e12
_BIGINT = range(-(1 << 63), 1 << 63)
_LOGGER = logging.getLogger(__name__)


class UnreadableRowError(ValueError):
    """A file that holds no row of an ingest."""


def file_name(ingest_number: int) -> str:
    """Return the name of the file that holds the row of an ingest."""
    return f"{ingest_number}.json"


def row_files(folder: Path) -> list[Path]:
    """Return the paths in a folder that have the names of rows, by number."""
    try:
        paths = [path for path in folder.iterdir() if _FILE_NAME.fullmatch(path.name)]
    except OSError:
        # Another process has just removed the folder, or it is not a folder.
        return []
    return sorted(paths, key=number_of)


def number_of(path: Path) -> int:
    """Return the ingest number in a file's name."""
    return int(path.stem)


def write_row(path: Path, row: dict[str, object]) -> None:
    """Write a row durably."""
    write_durably(path, json.dumps(row, default=lambda value: value.isoformat()))


def read_row(path: Path) -> dict[str, object]:
    """Read a row, with the columns of the ledger in their order.

    Raises UnreadableRowError if the file holds something else, OSError if it cannot be read.
    """
    # To open a pipe or a device may take for ever.
    if os.path.lexists(path) and not path.is_file():
        raise UnreadableRowError
    with path.open("rb") as file:
        text = file.read(MAX_ROW_BYTES + 1)
    if len(text) > MAX_ROW_BYTES:
        raise UnreadableRowError
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableRowError from None
    if not isinstance(values, dict) or values.keys() - {column.name for column in INGESTS.columns}:
        raise UnreadableRowError
    row = {
        column.name: _value(values.get(column.name), column.sql_type, needed=column.name in _REQUIRED)
        for column in INGESTS.columns
    }
    named = _INGEST_ID.fullmatch(str(row["ingest_id"]))
    numbers = {row["ingest_number"], number_of(path), int(named[1]) if named else None}
    if len(numbers) > 1 or row["status"] not in _STATUSES:
        raise UnreadableRowError
    return row


def rows_in(folder: Path, *, set_aside: Path | None = None) -> list[dict[str, object]]:
    """Return the rows in a folder, by number; other files are skipped with a warning.

    They are moved to the folder `set_aside`, if one is given, so that the next reader need not warn again.
    """
    rows = []
    for path in row_files(folder):
        try:
            rows.append(read_row(path))
        except FileNotFoundError:
            # Another process has just moved the file.
            continue
        except UnreadableRowError:
            if set_aside is None:
                _LOGGER.warning("%s: passed over, it is not a ledger row", path)
            else:
                put_aside(path, set_aside)
        except OSError as error:
            _LOGGER.warning("%s: passed over, it cannot be read (%s)", path, error.strerror)
    return rows


def put_aside(path: Path, folder: Path) -> None:
    """Move a file that is not ours to a folder, under a clear name; if that fails it stays. Warns."""
    aside = folder / f"{path.name}.unreadable"
    number = 1
    while os.path.lexists(aside):
        number += 1
        aside = folder / f"{path.name}.unreadable-{number}"
    try:
        path.rename(aside)
    except OSError as error:
        _LOGGER.warning("%s: passed over, it is not ours (%s)", path, error.strerror)
    else:
        _LOGGER.warning("%s: it is not ours, set aside as %s", path, aside.name)


def _value(value: object, sql_type: str, *, needed: bool) -> object:
    """Return a value in the type of the ledger's column; raises UnreadableRowError if it has none."""
    if value is None and not needed:
        return None
    if sql_type == TIMESTAMP:
        return _moment(value)
    if sql_type == VARCHAR:
        if not isinstance(value, str) or not _is_storable(value):
            raise UnreadableRowError
    elif sql_type == DOUBLE:
        if not (isinstance(value, int | float) and 0 <= value < _MOST_SECONDS):
            raise UnreadableRowError
    elif type(value) is not int or value not in _BIGINT:
        raise UnreadableRowError
    return value


def _moment(value: object) -> datetime:
    try:
        if isinstance(value, str) and (moment := datetime.fromisoformat(value)).tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UnreadableRowError


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
