"""Check the arguments of a command before the command runs."""

import functools
from collections.abc import Callable
from typing import Any

from labelhouse.texts.names import refuse_unstorable, refuse_unusable_project

_PATHS = frozenset({"sources", "out"})
"""Texts that name files: the system opens names of any bytes."""


def with_storable_texts(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command refuse texts that no database accepts: names, SQL, conditions, values.

    The command itself checks paths: those of type Path, and _PATHS.
    """

    @functools.wraps(command)
    def checked(**values: Any) -> None:
        for name, value in values.items():
            if name not in _PATHS:
                for text in value if isinstance(value, list) else [value]:
                    _check(name, text)
        command(**values)

    return checked


def _check(name: str, text: object) -> None:
    if not isinstance(text, str):
        return
    if name == "project":
        refuse_unusable_project(text)
    else:
        refuse_unstorable(text, f"the value of {name.replace('_', '-')}")
