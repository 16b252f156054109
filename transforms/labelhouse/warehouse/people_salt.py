"""The salt of a warehouse, which ties tokens to people, and the people whom the warehouse has forgotten."""

import secrets

from labelhouse.errors import WarehouseError
from labelhouse.lake.snapshot_connection import Connection
from labelhouse.places.place import WarehousePlace
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.statements import statement

_BYTES = 32


def kept_salt(place: WarehousePlace) -> str:
    """Return the salt of a warehouse, which is made once; the caller has the warehouse's lock."""
    return place.keep_salt(new_salt())


def needed_salt(place: WarehousePlace) -> str:
    """Return the salt of a warehouse that has forgotten people; raises WarehouseError without it."""
    salt = place.salt()
    if salt is None:
        raise WarehouseError(
            ReasonCode.WAREHOUSE_DAMAGED,
            "the salt is not there, so no one can know who was forgotten",
            where=place.salt_lies_in,
            remedy="put it back from a copy of the warehouse, or load with --authors drop",
        )
    return salt


def forgotten_people(connection: Connection) -> list[str]:
    """Return the tokens of the people that the warehouse has forgotten, in order."""
    rows = connection.execute(statement("warehouse/forgotten_people")).fetchall()
    return [token for (token,) in rows]


def new_salt() -> str:
    """Return a salt that no warehouse has."""
    return secrets.token_hex(_BYTES)
