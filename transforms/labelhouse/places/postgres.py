"""Sessions with the database that holds a shared catalog, and what its errors mean."""

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelhouse.errors import WarehouseError
from labelhouse.lake.engine import missing_extra
from labelhouse.places.warehouse_file import CatalogAddress
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement
from labelhouse.stores.service_failures import catalog_denied, catalog_unreachable

if TYPE_CHECKING:
    import psycopg

_CONNECT_S = 10
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A lost network ends a session after half a minute, on both sides."""
_OPTIONS = "-c timezone=UTC -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5"
_LONGEST_NAME = 63
_PARAMETER = re.compile(r"\$([a-z_0-9]+)")


def open_session(address: CatalogAddress, where: Path, purpose: str) -> "psycopg.Connection[Any]":
    """Open a session in which each statement is a transaction of its own; its password comes from libpq.

    The application's name says which process of which machine it is, and for what. Raises WarehouseError
    naming `where`, UsageError without the extra.
    """
    parameters: dict[str, Any] = {**_KEEPALIVES, **address.parameters()}
    with catalog_errors(where):
        import psycopg

        return psycopg.connect(
            autocommit=True,
            connect_timeout=_CONNECT_S,
            application_name=process_name(purpose),
            options=_OPTIONS,
            **parameters,
        )


def postgres_statement(name: str) -> str:
    """Return a statement of this room with its parameters in psycopg's form."""
    return _PARAMETER.sub(r"%(\1)s", statement(f"places/{name}"))


def process_name(purpose: str) -> str:
    """Return how a session is named: what it is for, and the process and the machine it belongs to."""
    return f"labelhouse {purpose}: process {os.getpid()} on {platform.node()}"[:_LONGEST_NAME]


def _no_database(where: Path) -> WarehouseError:
    return WarehouseError(
        ReasonCode.WAREHOUSE_MISSING,
        "there is no such database",
        where=str(where),
        remedy="make it, or check the name in catalog",
    )


@contextmanager
def catalog_errors(where: Path) -> Iterator[None]:
    """Raise errors of the database as WarehouseError, without their texts: these quote addresses."""
    try:
        import psycopg
        from psycopg import errors
    except ImportError:
        raise missing_extra() from None
    try:
        yield
    except (errors.InsufficientPrivilege, errors.InvalidAuthorizationSpecification):
        raise catalog_denied(str(where)) from None
    except errors.InvalidCatalogName:
        raise _no_database(where) from None
    except psycopg.OperationalError as error:
        # A refused login has no code of its own.
        denied = ("authentication failed", "no password supplied", "no pg_hba.conf entry")
        if any(phrase in str(error) for phrase in denied):
            raise catalog_denied(str(where)) from None
        if "does not exist" in str(error) and "database" in str(error):
            raise _no_database(where) from None
        raise catalog_unreachable(str(where)) from None
    except psycopg.Error as error:
        raise WarehouseError(
            ReasonCode.ENGINE_FAILED,
            f"the database of the catalog refuses a statement ({type(error).__name__})",
            where=str(where),
            remedy="run it again; if it fails again, please report it",
        ) from None
