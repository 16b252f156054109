"""JSON values, and the value of a key that is not there."""

from enum import Enum
from typing import Final, TypeAlias

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


class Missing(Enum):
    """The value of a key that a record does not have, as opposed to null."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
