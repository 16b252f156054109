"""Explain why the services of a shared warehouse failed: its catalog's database, and its object store.

This module scans the texts of errors and never shows them: they quote addresses, and may quote passwords.
"""

import re
from pathlib import Path

from labelhouse.errors import WarehouseBusyError, WarehouseError
from labelhouse.reason_codes import ReasonCode

_STATEMENT = re.compile(r'(?:query|COPY) ".*": ?', re.DOTALL)
_OVERTAKEN = ("exceeded the maximum retry count", "could not serialize access")
_CATALOG_DENIED = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "permission denied for",
    "authentication failed",
)
_CATALOG_LOST = (
    "terminating connection",
    "server closed the connection",
    "connection to server",
    "could not connect to",
    "no connection to the server",
    "unable to connect to postgres",
    "connection has been closed",
    "connection already closed",
    "the connection is closed",
    "the connection is lost",
    "the database system is",
    "could not receive data from server",
    "could not send data to server",
    "ssl connection has been closed",
    'failed to execute query "begin',
)
_STORE_DENIED = ("http 403", "(403)", "http 401", "forbidden", "accessdenied", "invalidaccesskeyid")
_STORE_LOST = (
    "http 404",
    "(404)",
    "http 5",
    "could not establish connection",
    "failed to connect to",
    "httpexception",
    "http error",
    "could not connect to server error for http",
    "connection error for http",
    "timeout was reached error",
)


def service_failure(error: BaseException, address: Path | None) -> WarehouseError | None:
    """Return the error for a database or a store that refuses or does not answer; None for anything else.

    The errors of a folder never have these texts.
    """
    # The text of a statement holds values of documents.
    text = _STATEMENT.sub("", str(error)).lower()
    where = "" if address is None else str(address)
    if any(phrase in text for phrase in _OVERTAKEN):
        return WarehouseBusyError(
            ReasonCode.WAREHOUSE_BUSY,
            "another process changed the warehouse at the same time",
            where=where,
            remedy="run again",
        )
    if any(phrase in text for phrase in _CATALOG_DENIED):
        return catalog_denied(where)
    if any(phrase in text for phrase in _STORE_DENIED):
        return WarehouseError(
            ReasonCode.STORE_DENIED,
            "the store of the warehouse refuses these credentials",
            where=where,
            remedy="check the credentials, whether they have expired, and what they may do",
        )
    if any(phrase in text for phrase in _STORE_LOST) or type(error).__name__ == "HTTPException":
        return WarehouseError(
            ReasonCode.STORE_UNREACHABLE,
            "the store of the warehouse gives no answer that can be used",
            where=where,
            remedy="check its address, region and endpoint, or run again later",
        )
    # An error of HTTP has some of the same words.
    return catalog_unreachable(where) if any(phrase in text for phrase in _CATALOG_LOST) else None


def catalog_unreachable(where: str) -> WarehouseError:
    """Return the error for a catalog's database that does not answer."""
    return WarehouseError(
        ReasonCode.CATALOG_UNREACHABLE,
        "the database of the catalog does not answer, or closed the connection",
        where=where,
        remedy="check its address and that it runs, or run again later",
    )


def catalog_denied(where: str) -> WarehouseError:
    """Return the error for a catalog's database that refuses the user."""
    return WarehouseError(
        ReasonCode.CATALOG_DENIED,
        "the database of the catalog refuses this user",
        where=where,
        remedy="check the user, and the password in PGPASSWORD, PGPASSFILE or PGSERVICE",
    )
