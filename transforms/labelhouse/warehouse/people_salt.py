"""The salt of a warehouse, which ties tokens to people, and the people whom the warehouse has forgotten."""

import os
import re
import secrets
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.files.durable_files import fsync_folder, writing
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.warehouse_layout import SALT

_BYTES = 32
_FORM = re.compile(r"[0-9a-f]{64}\n?")


def salt_of(folder: Path) -> str | None:
    """Return the salt of a warehouse, None if it has none yet; raises WarehouseError for a damaged one."""
    path = folder / SALT
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, f"cannot be read ({error.strerror or 'I/O error'})") from None
    if not _FORM.fullmatch(text):
        raise _unusable(path, "holds no salt")
    return text.strip()


def kept_salt(folder: Path) -> str:
    """Return the salt of a warehouse, which is made once; the caller has the warehouse's lock."""
    known = salt_of(folder)
    if known is not None:
        return known
    salt = new_salt()
    path = folder / SALT
    partial = path.with_name(path.name + ".tmp")
    with writing("the salt of the warehouse"):
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(salt + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
        fsync_folder(folder)
    return salt


def needed_salt(folder: Path) -> str:
    """Return the salt of a warehouse that has forgotten people; raises WarehouseError without it."""
    salt = salt_of(folder)
    if salt is None:
        raise WarehouseError(
            ReasonCode.WAREHOUSE_DAMAGED,
            "the salt is not there, so no one can know who was forgotten",
            where=str(folder / SALT),
            remedy="put the file back from a copy of the warehouse, or load with --authors drop",
        )
    return salt


def forgotten_people(connection: Connection) -> list[str]:
    """Return the tokens of the people that the warehouse has forgotten, in order."""
    rows = connection.execute(statement("warehouse/forgotten_people")).fetchall()
    return [token for (token,) in rows]


def new_salt() -> str:
    """Return a salt that no warehouse has."""
    return secrets.token_hex(_BYTES)


def _unusable(path: Path, what: str) -> WarehouseError:
    return WarehouseError(
        ReasonCode.WAREHOUSE_DAMAGED,
        f"the salt for people {what}",
        where=str(path),
        remedy="put the file back from a copy of the warehouse; without it each person gets another token",
    )
