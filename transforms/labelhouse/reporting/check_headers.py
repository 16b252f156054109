"""What the project's own checks say of themselves; a check of the user's own has its name only."""

from labelhouse.errors import LabelhouseError
from labelhouse.sql_library.headers import Header, header
from labelhouse.sql_library.statements import public_statement


def check_header(name: str) -> Header | None:
    """Return the header of the project's check of this name; None for a check of the user's own."""
    try:
        return header(_path(name))
    except (LabelhouseError, OSError):
        return None


def check_sql(name: str) -> str:
    """Return the SQL of a check, or where to find it."""
    if check_header(name) is None:
        return "-- a check of your own: see the folder given by --sql"
    return public_statement(_path(name))


def anchor_of(name: str) -> str:
    """Return the anchor of a check on the page."""
    return "check-" + "".join(c if c.isalnum() and c.isascii() else "-" for c in name)


def _path(name: str) -> str:
    return f"checks/{name}"
