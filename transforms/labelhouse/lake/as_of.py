"""Find the snapshot that a number, a time or an ingest names."""

import re
from datetime import UTC, datetime

from labelhouse.errors import UsageError, WarehouseError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement

FORMS = "a snapshot number, a time such as 2026-01-31T02:00:00Z, an ingest_id, or ingest:NUMBER"
METAVAR = "SNAPSHOT|TIMESTAMP|INGEST"
LAST = "last"
_INGEST_ID = re.compile(r"\d{8}T\d{6}-\d{6,}-[0-9a-f]{6}", re.ASCII)
_INGEST_NUMBER = re.compile(r"ingest:(\d{1,18})", re.ASCII)
_SNAPSHOT = re.compile(r"\d{1,18}", re.ASCII)


def snapshot_of(connection: Connection, as_of: str) -> int:
    """Return the number of the snapshot that `as_of` names; the connection has the warehouse attached.

    FORMS lists the accepted forms; a time without a zone is UTC. An ingest that committed nothing stands
    for the snapshot that it found. The snapshot may have expired: its state can no longer be read, but the
    label changes since then are known. Raises UsageError if there never was such a state.
    """
    if _SNAPSHOT.fullmatch(as_of):
        return _known(int(as_of), newest_snapshot(connection))
    if _INGEST_ID.fullmatch(as_of):
        return _found(connection, as_of, "snapshot_of_ingest", ingest_id=as_of, ingest_number=None)
    if number := _INGEST_NUMBER.fullmatch(as_of):
        return _found(connection, as_of, "snapshot_of_ingest", ingest_id=None, ingest_number=int(number[1]))
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        raise UsageError(
            ReasonCode.USAGE, "neither a snapshot number, nor a time, nor an ingest", remedy=f"give {FORMS}"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _found(connection, as_of, "snapshot_at", moment=moment)


def snapshot_to_read(connection: Connection, as_of: str) -> int:
    """Return the number of the snapshot that `as_of` names, as snapshot_of does, if it can be read.

    Raises WarehouseError if it has expired, UsageError if it is the one before the tables were made.
    """
    number = snapshot_of(connection, as_of)
    row = connection.execute(statement("lake/readable_snapshots"), {"snapshot_id": number}).fetchone()
    assert row is not None
    is_there, first, moment = row
    since = f"states can be read from snapshot {first} ({moment:%Y-%m-%d %H:%M:%S} UTC) on"
    if number == 0:
        raise UsageError(ReasonCode.USAGE, "snapshot 0 is from before the tables were made", remedy=since)
    if not is_there:
        raise WarehouseError(ReasonCode.USAGE, f"snapshot {number} has expired", remedy=since)
    return number


def snapshot_before_last(connection: Connection, project: str | None, until_snapshot: int) -> int:
    """Return the snapshot before the newest commit of an ingest (of a project) up to some snapshot."""
    return _found(connection, LAST, "snapshot_before_last", project=project, until_snapshot=until_snapshot)


def newest_snapshot(connection: Connection) -> int:
    """Return the number of the newest snapshot."""
    [number] = connection.execute(statement("lake/newest_snapshot")).fetchone() or (0,)
    return int(number)


def _known(number: int, newest: int) -> int:
    if not 0 <= number <= newest:
        raise _missing(str(number))
    return number


def _found(connection: Connection, as_of: str, query: str, **parameters: object) -> int:
    row = connection.execute(statement(f"lake/{query}"), parameters).fetchone()
    if row is None or row[0] is None:
        raise _missing(as_of)
    return int(row[0])


def _missing(as_of: str) -> UsageError:
    return UsageError(
        ReasonCode.USAGE,
        f"there is no snapshot {as_of}",
        remedy='list them with: labelhouse query "from lake.snapshots()", or "from ingests"',
    )
