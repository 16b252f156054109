"""What every verb returns: plain values, and the same as one JSON object."""

import dataclasses
import weakref
from collections.abc import Mapping, Sequence, Set
from contextlib import ExitStack
from enum import Enum
from typing import Self


class Result:
    """The result of a verb, a frozen dataclass."""

    __slots__ = ()

    def as_json(self) -> dict[str, object]:
        """Return the fields as one object that `json.dumps` takes; times are texts."""
        assert dataclasses.is_dataclass(self)
        return {field.name: plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


class OpenResult:
    """A result that reads a warehouse until it is closed, at the latest when nothing refers to it."""

    def __init__(self, stack: ExitStack) -> None:
        self._close = weakref.finalize(self, stack.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the warehouse."""
        self._close()


def plain(value: object) -> object:
    """Return a value in the types of JSON: objects, arrays, texts, numbers, true, false and null.

    >>> from datetime import datetime
    >>> from pathlib import Path
    >>> plain({"at": datetime(2026, 1, 31), "tables": ("images",), "path": Path("a")})
    {'at': '2026-01-31 00:00:00', 'tables': ['images'], 'path': 'a'}
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Result):
        return value.as_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes):
        return [plain(member) for member in value]
    return str(value)
