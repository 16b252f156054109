"""The salt of a warehouse in a folder: a file that only its owner reads, made once."""

import os
import re
from pathlib import Path

from labelhouse.errors import WarehouseError
from labelhouse.files.durable_files import fsync_folder, writing
from labelhouse.reason_codes import ReasonCode
from labelhouse.warehouse_layout import SALT

_FORM = re.compile(r"[0-9a-f]{64}\n?")


def read_salt(folder: Path) -> str | None:
    """Return the salt in a folder, None if there is none yet; raises WarehouseError for a damaged one."""
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


def write_salt(folder: Path, salt: str) -> None:
    """Write the salt of a folder, whole and durably; the caller has the warehouse's lock."""
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


def _unusable(path: Path, what: str) -> WarehouseError:
    return WarehouseError(
        ReasonCode.WAREHOUSE_DAMAGED,
        f"the salt for people {what}",
        where=str(path),
        remedy="put the file back from a copy of the warehouse; without it each person gets another token",
    )
